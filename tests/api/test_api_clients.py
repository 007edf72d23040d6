"""The clients that people have: OpenAI's and MCP's own; one answer through every door."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mcp
import pytest
from mcp.client.stdio import StdioServerParameters
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from askscwru.api import models, responses
from askscwru.api.chat import chat_text, source_frames, url_citations
from askscwru.api.collection import described
from askscwru.api.openai import UNASKED, UNREAD
from askscwru.api.tasks import task_reply
from askscwru.assistant import Assistant
from askscwru.cli import main
from askscwru.conversation.store import Store
from askscwru.settings import Settings
from askscwru.show.markdown import escaped
from askscwru.show.references import referenced
from askscwru.tui.command import make_app
from fakes import SRC
from serving import FACT, Site, call, openai_of, over_http, serve_real, with_mcp
from tui_canned import ask, ready

if TYPE_CHECKING:
    import openai

Json = dict[str, Any]
Messages = list[Json]


@pytest.fixture
def chat(site: Site) -> Iterator[openai.OpenAI]:
    with openai_of(site) as client:
        yield client


def said(role: str, text: Any) -> Json:
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
        ({"model": "askscwru", "messages": [said("user", "x" * 2001)]}, 422, "bad_question"),
        ({"model": "askscwru", "messages": [said("king", "x1")]}, 422, "bad_value"),
        ({"model": "askscwru", "messages": [said("user", "x1")], "n": 2}, 422, "bad_value"),
        ({"messages": [said("user", "x1")]}, 422, "missing_field"),
    ],
)
def test_a_chat_that_cannot_be_answered_is_refused_as_openai_does(
    chat: openai.OpenAI, site: Site, body: Json, status: int, code: str
) -> None:
    import openai

    with site.client() as client:
        response = client.post("/v1/chat/completions", json=body)
    assert response.status_code == status
    assert models.ProblemOut.model_validate(response.json()).error.code == code
    with pytest.raises(openai.APIStatusError) as raised:
        chat.post("/chat/completions", body=body, cast_to=object)
    assert raised.value.status_code == status
    assert raised.value.body["code"] == code  # type: ignore[index]


@pytest.mark.parametrize(
    "messages", [[said("assistant", "x1")], [said("user", "?!")], [said("user", "")]]
)
def test_where_nothing_is_asked_the_chat_is_told_so(
    chat: openai.OpenAI, messages: Messages
) -> None:
    completion = complete(chat, messages)
    assert "no question in the last message" in completion.choices[0].message.content
    assert chat.responses.create(model="askscwru", input="?!").output_text == UNASKED


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
            assert stretch == f"{escaped(citation.quote.text)} [{citation.index}]"
            assert about["url"] == url
    assert len(source_frames(answer, "http://x")) == len(answer.citations)


# -- what chat programs send besides questions -----------------------------------------------------

PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}
FILE = {"type": "file", "file": {"file_id": "x"}}
REFUSED = {"type": "refusal", "refusal": "no"}


def part(text: str) -> Json:
    return {"type": "text", "text": text}


@pytest.mark.parametrize(
    ("before", "last", "noted"),
    [
        ([], [part(FACT), PICTURE], True),
        ([], [part(FACT), FILE], True),
        ([said("user", [part("What is this?"), PICTURE]), said("assistant", "A dog.")], FACT, True),
        ([said("user", FACT), said("assistant", [REFUSED])], FACT, False),
    ],
)
def test_what_is_no_text_is_left_out_and_said(
    chat: openai.OpenAI, before: Messages, last: Any, noted: bool
) -> None:
    completion = complete(chat, [*before, said("user", last)])
    text = completion.choices[0].message.content
    assert "14,000" in text
    assert ("were not read" in text) is noted
    assert bool(completion.askscwru["notes"]) is noted
    alone = [said("user", [PICTURE])]
    assert complete(chat, alone).choices[0].message.content == f"{UNASKED} {UNREAD}"


def test_a_model_can_be_looked_up(chat: openai.OpenAI) -> None:
    import openai

    assert chat.models.retrieve("askscwru").id == "askscwru"
    with pytest.raises(openai.NotFoundError, match="no model of that name"):
        chat.models.retrieve("gpt-4")


def prompt(task: str, form: str, asked: str = FACT) -> str:
    """A prompt as chat programs write them; longer than any question."""
    rules = "- Answer in the chat's own language.\n" * 80
    history = f"<chat_history>\nUSER: {asked}\nASSISTANT: There is already at least …\n"
    return (
        f"### Task:\n{task}\n### Guidelines:\n{rules}### Output:\n{form}\n{history}</chat_history>"
    )


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        (prompt("Sum it up in a title.", 'JSON format: { "title": "A title" }'), {"title": FACT}),
        (prompt("Tag it.", 'JSON format: { "tags": ["tag1", "tag2"] }'), {"tags": []}),
        (prompt("What next?", 'Strictly JSON:\n{\n  "follow_ups": ["1"]\n}'), {"follow_ups": []}),
        (prompt("Paint it.", '{ "prompt": "A description." }'), {"prompt": ""}),
        (prompt("Show a face.", "One emoji."), ""),
        (f"Write a short title for this conversation.\nUser: {FACT}\nAI: 14,000", FACT),
    ],
)
def test_a_prompt_for_a_language_model_has_a_fitting_reply_and_never_a_quote(
    chat: openai.OpenAI, text: str, reply: Any
) -> None:
    completion = complete(chat, [said("user", text)])
    found = completion.choices[0].message.content
    assert (json.loads(found) if isinstance(reply, dict) else found) == reply
    assert completion.choices[0].message.annotations == []
    streamed = complete(chat, [said("user", text)], stream=True)
    assert "".join(c.choices[0].delta.content or "" for c in streamed) == found


def test_a_question_about_titles_is_a_question() -> None:
    for question in (
        "What is the title of the post about Shared Lives?",
        "Task: what is that?",
        "Who would write a title for a conversation?",
    ):
        assert task_reply(question) is None
    assert len(task_reply(prompt("A title.", '{"title": ""}', "long words " * 30)) or "") < 90


def test_responses_answer_as_completions_do(chat: openai.OpenAI) -> None:
    import openai

    whole = complete(chat, [said("user", FACT)]).choices[0].message.content
    response = chat.responses.create(model="askscwru", input=FACT)
    assert response.output_text == whole
    assert response.status == "completed"
    assert response.usage is not None
    assert response.usage.total_tokens > 0
    then = chat.responses.create(
        model="askscwru", input="Who wrote that?", previous_response_id=response.id
    )
    assert "Alex Fox" in then.output_text
    items: Any = [
        {"role": "user", "content": [{"type": "input_text", "text": FACT}]},
        {"role": "assistant", "content": [{"type": "output_text", "text": whole}]},
        {"type": "reasoning", "summary": []},
        {"role": "user", "content": "Who wrote that?"},
    ]
    assert chat.responses.create(model="askscwru", input=items).output_text == then.output_text
    for wrong, match in (({"previous_response_id": "x"}, "not remembered"), ({"model": "x"}, "no")):
        with pytest.raises(openai.NotFoundError, match=match):
            chat.responses.create(**{"model": "askscwru", "input": FACT, **wrong})  # type: ignore[call-overload]


def test_a_chat_may_have_any_number_of_messages(site: Site) -> None:
    long = [said("user", "Hello"), *[said("assistant", "Hm.")] * 20_000, said("user", FACT)]
    with site.client() as client:  # OpenAI's own takes some seconds to look through that many
        for door, given in (("chat/completions", "messages"), ("responses", "input")):
            response = client.post(f"/v1/{door}", json={"model": "askscwru", given: long})
            assert response.status_code == 200
            assert "14,000" in response.text


def test_what_is_remembered_of_long_chats_has_a_bound(
    site: Site, chat: openai.OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses, "_CHARACTERS", 1_000_000)
    long = [said("user", "y" * 400_000), said("assistant", "z" * 400_000), said("user", FACT)]
    for _ in range(3):
        response = chat.responses.create(model="askscwru", input=long)  # type: ignore[arg-type]
        assert responses._MEMORY.characters <= 1_000_000
    then = chat.responses.create(
        model="askscwru", input="and where?", previous_response_id=response.id
    )
    assert then.status == "completed"
    foreign = [said("user", FIRST), said("assistant", "w" * 800_000), said("user", THEN)]
    complete(chat, foreign)
    assert max(len(turn.text) for turn in site.service._replay._known.values()) < 10_000


def test_a_response_is_streamed_in_its_events(chat: openai.OpenAI) -> None:
    with chat.responses.stream(model="askscwru", input=FACT) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert kinds[0] == "response.created"
    assert kinds.count("response.output_text.delta") > 3
    assert kinds[-1] == "response.completed"
    assert "14,000" in final.output_text


def test_text_of_posts_is_escaped_in_a_message(assistant: Assistant) -> None:
    from dataclasses import replace

    answer = assistant.ask(FACT)
    quote = "Use *stars*, snake_case, <b>tags</b> and [a link](http://x.example) &lt; 5 [1]."
    cited = answer.citations[0]
    odd = replace(
        cited,
        quote=replace(cited.quote, text=quote),
        post=replace(cited.post, title="[T](x) _now_", url="https://x.example/"),
    )
    answer = replace(answer, citations=(odd,), text=f"{quote} [1]")
    text = chat_text(answer, "http://x")
    shown = r"Use \*stars\*, snake_case, \<b>tags\</b> and \[a link](http://x.example) \&lt; 5 [1]."
    assert text.startswith(f"{shown} [1]\n\n[1] \\[T](x) \\_now\\_, ")
    (note,) = url_citations(answer)
    about = note["url_citation"]
    assert text[about["start_index"] : about["end_index"]] == f"{shown} [1]"


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


def test_mcp_tells_what_is_indexed_and_settles_on_a_version(site: Site) -> None:
    async def work(client: mcp.Client) -> str:
        return client.instructions or ""

    told = with_mcp(over_http(site), work)
    assert "19 blog posts of “Social Care Workforce Research Unit blog”" in told
    message = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2031-01-01",
            "capabilities": {},
            "clientInfo": {"name": "x", "version": "1"},
        },
    }
    accept = {"accept": "application/json, text/event-stream"}
    with site.client(headers=accept) as client:
        for version in ("2031-01-01", "2026-07-28", "2025-06-18", ""):
            headers = {"mcp-protocol-version": version} if version else {}
            found = client.post("/mcp", json=message, headers=headers)
            assert found.status_code == 200, found.text
            result = found.json()["result"]
            assert result["protocolVersion"] in HANDSHAKE_PROTOCOL_VERSIONS
            assert result["instructions"] == told
        other = {**message, "method": "tools/list", "params": {}}
        refused = client.post("/mcp", json=other, headers={"mcp-protocol-version": "2031-01-01"})
        assert refused.status_code == 400
        listening = client.get("/mcp")
        assert (listening.status_code, listening.headers["allow"]) == (405, "POST")


def test_a_collection_is_described_by_what_is_in_it(assistant: Assistant) -> None:
    from dataclasses import replace

    post = assistant.posts()[0]
    many = [
        replace(post, blog=f"Blog \x1b{n}", title="T" * 200, published=None, categories=(), tags=())
        for n in range(7)
    ]
    told = described([replace(many[0], published="2011-05-01"), *many])
    assert told.startswith("8 blog posts of “Blog \\u001b0”, “Blog \\u001b1”")
    assert "and 2 more, published 2011, such as “TTT" in told
    assert len(told) < 400
    tagged = described([replace(many[0], blog=None, tags=("boilers",))])
    assert tagged == "1 blog post, filed under “boilers”"


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
        answers.append(referenced(alone.ask(question, conversation_id=known).to_dict()))
    return answers


def by_command(site: Site, settings: Settings) -> list[Json]:
    answers: list[Json] = []
    at = ["--seeds", str(settings.seeds), "--embeddings", str(settings.embeddings)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASKSCWRU_CONVERSATIONS", str(settings.conversations_file))
        for question in CONVERSATION:
            known = ["--conversation", answers[-1]["conversation_id"]] if answers else ["--keep"]
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
    with openai_of(site) as client:
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
def usual_site(
    usual_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with serve_real(usual_settings, tmp_path_factory.mktemp("usual")) as site:
        yield site


@pytest.fixture(scope="module")
def expected(usual_site: Site, usual_settings: Settings) -> list[Json]:
    found = [_comparable(answer) for answer in by_library(usual_site, usual_settings)]
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


@pytest.mark.second_look
@pytest.mark.parametrize("door", DOORS)
def test_every_door_gives_the_answers_of_the_library(
    door: str, usual_site: Site, usual_settings: Settings, expected: list[Json], tmp_path: Any
) -> None:
    own = usual_settings.model_copy(update={"conversations": tmp_path / "conversations.sqlite3"})
    found = [_comparable(answer) for answer in DOORS[door](usual_site, own)]
    assert [turn["searched_for"] for turn in found] == [t["searched_for"] for t in expected]
    assert found == expected


@pytest.mark.second_look
def test_the_terminal_ui_gives_the_answers_of_the_library(
    usual_settings: Settings, expected: list[Json], tmp_path: Path
) -> None:
    own = usual_settings.model_copy(update={"conversations": tmp_path / "conversations.sqlite3"})
    app = make_app(lambda: own)

    async def typed() -> None:
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            for question in CONVERSATION:
                await ask(pilot, question)

    asyncio.run(typed())
    store = Store(own.conversations_file)
    found = [referenced(turn.to_dict()) for turn in store.conversation(store.last()).turns]
    store.close()
    shared = found[0].keys() & expected[0].keys()
    assert shared >= {"question", "searched_for", "answered", "confidence", "answer", "citations"}
    assert shared >= {"kind", "short", "total", "posts", "nearest", "advice", "limits"}
    assert [{name: turn[name] for name in shared} for turn in found] == [
        {name: answer[name] for name in shared} for answer in expected
    ]
