"""The clients that people have: OpenAI's and MCP's own; one answer through every door."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mcp
import openai
import pytest
from mcp.client.stdio import StdioServerParameters

from askscwru.api import models
from askscwru.api.chat import chat_text, source_frames, url_citations
from askscwru.assistant import Assistant
from askscwru.cli import main
from askscwru.conversation.store import Store
from askscwru.settings import Settings
from askscwru.tui.command import make_app
from fakes import SRC
from serving import FACT, Site, call, over_http, with_mcp
from tui_canned import ask, ready

Json = dict[str, Any]
Messages = list[Json]


@pytest.fixture
def chat(site: Site) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{site.url}/v1", api_key="none", max_retries=0) as client:
        yield client


def said(role: str, text: str) -> Json:
    return {"role": role, "content": text}


def complete(chat: openai.OpenAI, messages: Messages, **more: Any) -> Any:
    return chat.chat.completions.create(model="askscwru", messages=messages, **more)  # type: ignore[arg-type]


# -- OpenAI ----------------------------------------------------------------------------------------


def test_the_models_are_listed(chat: openai.OpenAI) -> None:
    assert [model.id for model in chat.models.list()] == ["askscwru", "askscwru-sources"]


def test_a_completion_quotes_numbers_and_links(chat: openai.OpenAI, site: Site) -> None:
    completion = complete(chat, [said("user", FACT)])
    choice = completion.choices[0]
    ours = completion.askscwru
    assert choice.finish_reason == "stop"
    assert choice.message.content.startswith(ours["answer"])
    cited = ours["citations"][0]
    link = f"{site.url}/posts/{cited['post_id']}?start={cited['start']}&end={cited['end']}#quote"
    assert f"[1] {cited['title']}, Alex Fox, Policy Press blog: {link}" in choice.message.content
    assert completion.usage.total_tokens > 0


def test_a_stream_is_the_completion_in_pieces(chat: openai.OpenAI, site: Site) -> None:
    whole = complete(chat, [said("user", FACT)])
    chunks = list(
        complete(chat, [said("user", FACT)], stream=True, stream_options={"include_usage": True})
    )
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert len(pieces) > 3
    assert "".join(pieces) == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-2].askscwru["citations"] == whole.askscwru["citations"]
    assert chunks[-1].usage == whole.usage
    body = {"model": "askscwru", "messages": [said("user", FACT)], "stream": True}
    with site.client() as client:
        raw = client.post("/v1/chat/completions", json=body)
    assert raw.headers["content-type"].startswith("text/event-stream")
    assert raw.text.endswith("data: [DONE]\n\n")


def test_source_events_come_only_when_asked_for(chat: openai.OpenAI, site: Site) -> None:
    frames: dict[str, list[Json]] = {}
    for model in ("askscwru", "askscwru-sources"):
        body = {"model": model, "messages": [said("user", FACT)], "stream": True}
        with site.client() as client:
            lines = client.post("/v1/chat/completions", json=body).text.split("\n\n")
        events = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
        frames[model] = [event["event"] for event in events if "event" in event]
        chunks = list(
            chat.chat.completions.create(model=model, messages=[said("user", FACT)], stream=True)  # type: ignore[call-overload]
        )
        assert chunks[0].choices[0].delta.role == "assistant"
    assert frames["askscwru"] == []
    (event,) = frames["askscwru-sources"]
    assert event["type"] == "source"
    assert "14,000" in event["data"]["document"][0]
    assert event["data"]["source"]["url"].startswith(site.url)


FIRST, THEN = "Who does Edward live with?", "and how did Stephen know him?"
MEANT = "How did Stephen know Edward?"


@pytest.mark.parametrize("asked_here", [True, False], ids=["same process", "another process"])
def test_a_follow_up_is_understood_from_the_messages(
    chat: openai.OpenAI, site: Site, asked_here: bool
) -> None:
    first = complete(chat, [said("user", FIRST)]).choices[0].message.content
    if not asked_here:  # another worker, or a restart: nothing is remembered
        site.service._replay._known.clear()
    messages = [said("system", "Be brief."), said("user", FIRST), said("assistant", first)]
    then = complete(
        chat, [*messages, {"role": "user", "content": [{"type": "text", "text": THEN}]}]
    )
    assert then.askscwru["searched_for"] == MEANT
    assert then.askscwru["turn"] == 2
    assert "[2]" not in then.askscwru["answer"]


def test_an_answer_that_is_not_ours_still_gives_a_follow_up_its_meaning(
    chat: openai.OpenAI,
) -> None:
    foreign = "I believe that he lives with his Shared Lives carers, Stephen and Christina."
    messages = [said("user", FIRST), said("assistant", foreign), said("user", THEN)]
    then = complete(chat, messages)
    assert then.askscwru["searched_for"] == MEANT
    assert all(foreign not in citation["quote"] for citation in then.askscwru["citations"])


def test_odd_histories_are_taken_as_far_as_they_go(chat: openai.OpenAI) -> None:
    histories: list[Messages] = [
        [said("assistant", "Hello!"), said("user", FACT)],
        [said("user", "?"), said("assistant", "What?"), said("user", FACT)],
        [said("user", "x" * 5000), said("assistant", ""), said("user", FACT)],
        [said("user", "Hello there"), said("user", FACT)],
        [said("user", FACT), {"role": "assistant", "content": None}, said("user", FACT)],
        [said("user", FACT) if at % 2 == 0 else said("assistant", "Hm.") for at in range(41)],
    ]
    for messages in histories:
        assert "14,000" in complete(chat, messages).choices[0].message.content


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"model": "gpt-4", "messages": [said("user", "x1")]}, 404, "model_not_found"),
        ({"model": "askscwru", "messages": []}, 422, "bad_value"),
        ({"model": "askscwru", "messages": [said("assistant", "x1")]}, 422, "bad_question"),
        ({"model": "askscwru", "messages": [said("user", "?")]}, 422, "bad_question"),
        ({"model": "askscwru", "messages": [said("user", "x" * 2001)]}, 422, "bad_question"),
        ({"model": "askscwru", "messages": [said("king", "x1")]}, 422, "bad_value"),
        ({"model": "askscwru", "messages": [said("user", "x1")], "n": 2}, 422, "bad_value"),
        ({"messages": [said("user", "x1")]}, 422, "missing_field"),
    ],
)
def test_a_chat_that_cannot_be_answered_is_refused_as_openai_does(
    chat: openai.OpenAI, site: Site, body: Json, status: int, code: str
) -> None:
    with site.client() as client:
        response = client.post("/v1/chat/completions", json=body)
    assert response.status_code == status
    assert models.ProblemOut.model_validate(response.json()).error.code == code
    with pytest.raises(openai.APIStatusError) as raised:
        chat.post("/chat/completions", body=body, cast_to=object)
    assert raised.value.status_code == status
    assert raised.value.body["code"] == code  # type: ignore[index]


def test_what_steers_a_language_model_is_taken_and_does_nothing(chat: openai.OpenAI) -> None:
    steered = complete(
        chat, [said("user", FACT)], temperature=2, max_tokens=1, stop=["the"], user="me", seed=1
    )
    assert "14,000" in steered.choices[0].message.content


def test_filters_can_be_given_in_the_extension(chat: openai.OpenAI) -> None:
    more = {"askscwru": {"filters": {"author": "John Woolham"}, "top_k": 2}}
    found = complete(chat, [said("user", "What is personalisation?")], extra_body=more)
    assert len(found.askscwru["passages"]) == 2


def test_a_post_with_an_address_is_annotated(assistant: Assistant) -> None:
    from dataclasses import replace

    answer = assistant.ask("Summarise Personal budgets in Finland")
    assert len(answer.citations) > 1
    for url, counted in (("https://example.org/a?b=1", len(answer.citations)), ("javascript:1", 0)):
        cited = [replace(c, post=replace(c.post, url=url)) for c in answer.citations]
        with_url = replace(answer, citations=tuple(cited))
        found = url_citations(with_url)
        assert len(found) == counted
        text = chat_text(with_url, "http://x")
        for citation, note in zip(cited, found, strict=False):
            about = note["url_citation"]
            stretch = text[about["start_index"] : about["end_index"]]
            assert stretch == f"{citation.quote.text} [{citation.index}]"
            assert about["url"] == url
    assert len(source_frames(answer, "http://x")) == len(answer.citations)


# -- MCP -------------------------------------------------------------------------------------------


def test_mcp_tools_give_structured_results(site: Site, answer: Json) -> None:
    async def work(client: mcp.Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"ask", "search", "get_post", "list_posts"}
        assert all(tool.output_schema and tool.description for tool in tools.values())
        posts = await call(client, "list_posts")
        assert len(posts["posts"]) == 19
        cited = answer["citations"][0]["post_id"]
        post = await call(client, "get_post", post_id=cited)
        assert post["blocks"]
        found = await call(client, "search", question=FACT)
        assert found["passages"] == answer["passages"]
        first = await call(client, "ask", question=FIRST)
        then = await call(client, "ask", question=THEN, conversation_id=first["conversation_id"])
        assert then["searched_for"] == MEANT

    with_mcp(over_http(site), work)


def test_mcp_resources_are_the_posts(site: Site) -> None:
    async def work(client: mcp.Client) -> None:
        listed = (await client.list_resources()).resources
        assert len(listed) == 19
        (content,) = (await client.read_resource(listed[0].uri)).contents
        assert listed[0].title in content.text  # type: ignore[union-attr, operator]
        with pytest.raises(mcp.MCPError, match="There is no post"):
            await client.read_resource("askscwru://posts/nope")

    with_mcp(over_http(site), work)


def test_mcp_says_what_is_wrong_and_no_more(site: Site) -> None:
    async def work(client: mcp.Client) -> None:
        for arguments, reason in (
            ({"question": "?!"}, "no letter and no digit"),
            ({"question": FACT, "conversation_id": "nope"}, "There is no conversation"),
            ({"question": FACT, "filters": {"author": "Nobody"}}, "No post is by"),
        ):
            result = await client.call_tool("ask", arguments)
            assert result.is_error
            assert reason in result.content[0].text  # type: ignore[union-attr]

    with_mcp(over_http(site), work)


def stdio(settings: Settings) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable,
        args=["-W", "ignore", "-m", "askscwru", "mcp"],
        env={
            "PYTHONPATH": str(SRC),
            "ASKSCWRU_SEEDS": str(settings.seeds),
            "ASKSCWRU_EMBEDDINGS": str(settings.embeddings),
            "ASKSCWRU_CONVERSATIONS": str(settings.conversations_file),
        },
    )


# -- one core, one answer --------------------------------------------------------------------------

CONVERSATION = [
    "Who does Edward live with?",
    "and how did Stephen know him?",
    "who wrote that?",
    "What is the boiling point of nitrogen?",
    "What is personalistion?",
    "Thanks!",
    "Which posts did John Woolham write?",
    "only those about Finland",
    "How many posts mention Finland?",
    "Who wrote Personal budgets in Sweden?",
    "What do the posts say about safeguarding?",
]
UNLIKE = ("conversation_id", "timings_ms")
Door = Callable[[Site, Settings], list[Json]]


def by_library(site: Site, settings: Settings) -> list[Json]:
    loaded: Any = site.service.live._load
    store = Store.in_memory()
    alone = Assistant(settings, loaded._index, loaded._encoder, loaded._reader, store)
    answers: list[Json] = []
    for question in CONVERSATION:
        known = answers[-1]["conversation_id"] if answers else None
        answers.append(alone.ask(question, conversation_id=known).to_dict())
    return answers


def by_command(site: Site, settings: Settings) -> list[Json]:
    answers: list[Json] = []
    at = ["--seeds", str(settings.seeds), "--embeddings", str(settings.embeddings)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASKSCWRU_CONVERSATIONS", str(settings.conversations_file))
        for question in CONVERSATION:
            known = ["--conversation", answers[-1]["conversation_id"]] if answers else []
            with contextlib.redirect_stdout(io.StringIO()) as shown:
                assert main(["ask", "--json", *at, *known, question]) in (0, 3)
            answers.append(json.loads(shown.getvalue()))
    return answers


def by_ask(site: Site, settings: Settings) -> list[Json]:
    answers: list[Json] = []
    with site.client() as client:
        for question in CONVERSATION:
            known = answers[-1]["conversation_id"] if answers else None
            body = {"question": question, "conversation_id": known}
            answers.append(client.post("/ask", json=body).json())
    return answers


def by_chat(site: Site, settings: Settings) -> list[Json]:
    messages: Messages = []
    answers: list[Json] = []
    with openai.OpenAI(base_url=f"{site.url}/v1", api_key="none", max_retries=0) as client:
        for question in CONVERSATION:
            messages.append(said("user", question))
            completion = complete(client, messages)
            messages.append(said("assistant", completion.choices[0].message.content))
            answers.append(completion.askscwru)
    return answers


def _by_mcp(server: Any) -> list[Json]:
    async def work(client: mcp.Client) -> list[Json]:
        answers: list[Json] = []
        for question in CONVERSATION:
            known = {"conversation_id": answers[-1]["conversation_id"]} if answers else {}
            answers.append(await call(client, "ask", question=question, **known))
        return answers

    found: list[Json] = with_mcp(server, work)
    return found


def by_mcp(site: Site, settings: Settings) -> list[Json]:
    return _by_mcp(over_http(site))


def by_mcp_stdio(site: Site, settings: Settings) -> list[Json]:
    return _by_mcp(stdio(settings))


DOORS: dict[str, Door] = {
    "command": by_command,
    "ask": by_ask,
    "chat completions": by_chat,
    "MCP": by_mcp,
    "MCP over stdio": by_mcp_stdio,
}
"""Every way to ask that gives the whole answer; the terminal UI has a test of its own below."""


@pytest.fixture(scope="module")
def expected(site: Site, settings: Settings) -> list[Json]:
    found = [_comparable(answer) for answer in by_library(site, settings)]
    assert {answer["kind"] for answer in found} == {
        "answer",
        "list",
        "views",
        "reply",
        "abstention",
    }
    return found


def _comparable(answer: Json) -> Json:
    return {name: value for name, value in answer.items() if name not in UNLIKE}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_gives_the_answers_of_the_library(
    door: str, site: Site, settings: Settings, expected: list[Json], tmp_path: Any
) -> None:
    own = settings.model_copy(update={"conversations": tmp_path / "conversations.sqlite3"})
    found = [_comparable(answer) for answer in DOORS[door](site, own)]
    assert [turn["searched_for"] for turn in found] == [t["searched_for"] for t in expected]
    assert found == expected


def test_the_terminal_ui_gives_the_answers_of_the_library(
    settings: Settings, expected: list[Json], tmp_path: Path
) -> None:
    own = settings.model_copy(update={"conversations": tmp_path / "conversations.sqlite3"})
    app = make_app(lambda: own)

    async def typed() -> None:
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            for question in CONVERSATION:
                await ask(pilot, question)

    asyncio.run(typed())
    store = Store(own.conversations_file)
    found = [turn.to_dict() for turn in store.conversation(store.last()).turns]
    store.close()
    shared = found[0].keys() & expected[0].keys()
    assert shared >= {"question", "searched_for", "answered", "confidence", "answer", "citations"}
    assert shared >= {"kind", "short", "total", "posts", "nearest", "advice", "limits"}
    assert [{name: turn[name] for name in shared} for turn in found] == [
        {name: answer[name] for name in shared} for answer in expected
    ]
