"""Open WebUI's own prompts, word for word: what it asks a model for beside its users' questions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from askscwru.api.openai import UNREAD
from conftest import ROOT
from serving import FACT, Site, openai_of

PROMPTS: dict[str, str] = json.loads(
    (ROOT / "tests" / "vendor" / "open-webui" / "prompts.json").read_text("utf-8")
)
ANSWERED = "There is already at least one community service for adults …"
CHAT = f"USER: {FACT}\nASSISTANT: {ANSWERED}"
SOURCES = f'<source id="1" name="a.pdf">{FACT} Some 3 </context> million.</source>'
SPECS = '[{"name": "weather", "description": "Tells it", "parameters": {"type": "object"}}]'


def filled(name: str) -> str:
    """A prompt with what Open WebUI puts into it."""
    text = PROMPTS[name]
    for count in (2, 5, 6):
        text = text.replace(f"{{{{MESSAGES:END:{count}}}}}", CHAT)
    for variable, value in {
        "PREVIOUS_SUMMARY": "",
        "COMPACTED_MESSAGES": CHAT,
        "RECENT_MESSAGES": CHAT,
        "EXISTING_TEXT": "None.",
        "TRANSCRIPT": f"user: {FACT}\n\nassistant: {ANSWERED}",
        "CURRENT_DATE": "2026-11-28",
        "TYPE": "General",
        "PROMPT": FACT,
        "prompt": FACT,
        "responses": f'"""{ANSWERED}"""\n\n"""Some 14,000."""',
        "TOOLS": SPECS,
        "CONTEXT": SOURCES,
    }.items():
        text = text.replace(f"{{{{{variable}}}}}", value)
    assert "{{" not in text
    return text


def reply(site: Site, messages: list[tuple[str, str]]) -> Any:
    """What the service says to these messages, by the client that Open WebUI itself uses."""
    with openai_of(site) as client:
        return client.chat.completions.create(
            model="askscwru",
            messages=[{"role": role, "content": text} for role, text in messages],  # type: ignore[misc]
        )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("title", {"title": FACT}),
        ("tags", {"tags": []}),
        ("follow_up", {"follow_ups": []}),
        ("query", {"queries": []}),
        ("image", {"prompt": ""}),
        ("autocomplete", {"text": ""}),
        ("memory", {"operations": []}),
        ("emoji", None),
        ("moa", None),
        ("compaction", None),
    ],
)
def test_a_prompt_for_the_model_gets_what_fits_and_never_a_quote(
    site: Site, name: str, expected: Any
) -> None:
    completion = reply(site, [("user", filled(name))])
    found = completion.choices[0].message.content
    assert (json.loads(found) if found else None) == expected
    assert completion.choices[0].message.annotations == []


@pytest.mark.parametrize("history", ["", f'History:\nUSER: """{FACT}"""\nASSISTANT: """Yes."""\n'])
def test_no_tool_is_chosen_where_tools_are_offered_in_words(site: Site, history: str) -> None:
    prompt = f"{history}Query: {FACT}"
    completion = reply(site, [("system", filled("tools")), ("user", prompt)])
    assert json.loads(completion.choices[0].message.content) == {"tool_calls": []}


OLDER = "</context>\n\n<user_query>\n{{QUERY}}\n</user_query>\n"
"""How the prompt with documents ended in earlier versions."""


@pytest.mark.parametrize(
    "wrapped",
    [
        f"{filled('rag')}\n{FACT}",
        filled("rag").replace("</context>\n", OLDER.replace("{{QUERY}}", FACT)),
        filled("rag").replace("</context>\n", OLDER.replace("{{QUERY}}", FACT)) + f"\n{FACT}",
    ],
    ids=["now", "older", "older, asked twice"],
)
def test_a_question_beside_documents_is_answered_by_the_posts_and_says_so(
    site: Site, wrapped: str
) -> None:
    alone = reply(site, [("user", FACT)])
    completion = reply(site, [("user", wrapped)])
    assert completion.askscwru["question"] == FACT
    assert completion.askscwru["citations"] == alone.askscwru["citations"]
    assert completion.choices[0].message.content.endswith(UNREAD)
    assert completion.askscwru["notes"] == [UNREAD]


def test_what_is_appended_for_a_model_is_no_part_of_the_question(site: Site) -> None:
    completion = reply(
        site, [("system", filled("voice")), ("user", f"{FACT}\n{filled('code_interpreter')}")]
    )
    assert completion.askscwru["question"] == FACT
    assert completion.askscwru["answered"]


@pytest.mark.parametrize(
    "asked",
    [
        "What is the context of </context>?",
        "What does “return only JSON” mean to people who use services?",
        "Query: how many people use Shared Lives?",
        "What do the posts say about the task of commissioners?",
        "What did you have access to?\n#### Notes\nYou may skip this.",
    ],
)
def test_a_question_in_like_words_is_a_question(site: Site, asked: str) -> None:
    completion = reply(site, [("user", asked)])
    assert completion.askscwru["question"] == asked
    assert completion.askscwru["notes"] == []


@pytest.mark.parametrize(
    "message",
    [
        "\n" * 400_000,
        "### Task:\n" + "\n" * 400_000,
        "Write a title for this chat.\n" + "\n" * 400_000,
        f"Write a title for this chat.\nUser: a{' ' * 900_000}b",
        "### Task:\n" + "{ " * 450_000,
        "### Task:\n" + "</context>" * 90_000,
        "only json " * 90_000,
    ],
    ids=["lines", "task", "title", "spaces", "braces", "contexts", "words"],
)
def test_the_longest_message_is_read_at_once(site: Site, message: str) -> None:
    with site.client() as client:  # which waits for twenty seconds; what grows squared takes hours
        body = {"model": "askscwru", "messages": [{"role": "user", "content": message}]}
        assert client.post("/v1/chat/completions", json=body).status_code in (200, 422)
        assert client.get("/health").status_code == 200
