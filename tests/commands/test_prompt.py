"""The line prompt: questions, and the few words that are none."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from askscwru import cli
from askscwru.assistant import Assistant
from askscwru.commands.limits import example_of, read_filters
from askscwru.commands.prompt import LinePrompt
from askscwru.errors import FilterError, UsageError
from askscwru.show.screen import console


@pytest.fixture
def prompt(assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LinePrompt:
    monkeypatch.chdir(tmp_path)
    return LinePrompt(assistant)


def said(prompt: LinePrompt, line: str) -> str:
    out = console()
    out.width = 10_000
    with out.capture() as captured:
        out.print(prompt.respond(line))
    return captured.get()


def test_a_question_its_evidence_and_the_conversation_as_a_file(
    prompt: LinePrompt, tmp_path: Path
) -> None:
    for line in (":evidence", ":save"):
        with pytest.raises(UsageError, match="Ask first"):
            prompt.respond(line)
    assert "14,000" in said(prompt, "How many people use Shared Lives?")
    evidence = said(prompt, ":evidence 1")
    [marked] = [line for line in evidence.splitlines() if "»" in line]
    assert marked.startswith("»There is already at least one nationally scaled support model")
    assert marked.rstrip().endswith("in almost every UK area.«")
    assert "Edward is 66 years old" in evidence  # the whole post, not the quote alone
    with pytest.raises(UsageError, match="no citation “9”"):
        prompt.respond(":evidence 9")
    assert "Searched for: Who wrote" in said(prompt, "who wrote that?")
    assert str(tmp_path / "mine.md") in said(prompt, ":save mine.md")
    assert "14,000" in (tmp_path / "mine.md").read_text(encoding="utf-8")


def test_limits_hold_until_they_are_lifted_and_the_help_has_an_example_that_works(
    prompt: LinePrompt, assistant: Assistant
) -> None:
    example = example_of(assistant.posts())
    assert f":limits {example}" in said(prompt, ":help")
    assert "Martin Stevens" in said(prompt, f":limits {example}")
    assert "posts by Martin Stevens" in said(prompt, "How many people use Shared Lives?")
    assert "all posts" in said(prompt, ":limits none")
    assert "14,000" in said(prompt, "How many people use Shared Lives?")
    with pytest.raises(FilterError, match="not understood"):
        prompt.respond(":limits colour: red")
    with pytest.raises(UsageError, match="There is no :foo"):
        prompt.respond(":foo")
    assert "Another" in said(prompt, ":new")
    assert said(prompt, ":quit").strip() == ""
    assert prompt.ended


def test_an_example_fits_whatever_the_posts_say_of_themselves() -> None:
    assert read_filters(example_of(()))  # the form alone where there is no post


def test_a_pipe_sees_no_prompt(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("?!\n:quit\nnever asked\n"))
    settings = assistant.settings
    at = ["--seeds", str(settings.seeds), "--embeddings", str(settings.embeddings)]
    assert cli.main([*at, "--plain"]) == cli.ANSWERED
    shown = capsys.readouterr()
    assert "? " not in shown.out
    assert shown.err.count("\n") == 1  # what was wrong with the first line, and no greeting
