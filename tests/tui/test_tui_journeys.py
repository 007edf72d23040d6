"""Whole journeys through the terminal UI, by keyboard alone, the app made by its factory."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Static

from askscwru.assistant import Assistant
from askscwru.conversation.store import Store
from askscwru.days import long_date
from askscwru.errors import FilterError, SeedsError
from askscwru.settings import Settings
from askscwru.tui.app import create_app
from askscwru.tui.model import Asked, ShownTurn
from askscwru.tui.screens.limiting import read_limits
from askscwru.tui.screens.main import MainScreen
from askscwru.tui.screens.prompt import PromptScreen
from askscwru.tui.widgets.evidence import EvidencePane, rows_above
from askscwru.tui.widgets.question import QuestionBox
from askscwru.tui.widgets.turn import Item, TurnView
from askscwru.types import Filters, Query
from tui_canned import POSTS, Canned, ask, begun, main_of, ready, settled, until

Steps = Callable[[Pilot[None]], Awaitable[None]]
WIDE, NARROW = (120, 40), (80, 24)


def run(canned: Canned, steps: Steps, size: tuple[int, int] = NARROW) -> None:
    async def go() -> None:
        async with canned.app().run_test(size=size, notifications=True) as pilot:
            await begun(pilot)
            await steps(pilot)

    asyncio.run(go())


def question(pilot: Pilot[None]) -> QuestionBox:
    return main_of(pilot).query_one(QuestionBox)


def evidence(pilot: Pilot[None]) -> EvidencePane:
    return main_of(pilot).query_one(EvidencePane)


def shown(pilot: Pilot[None]) -> str:
    """All text on the screen, a line for each row."""
    size = pilot.app.size
    return "\n".join(
        "".join(segment.text for segment in strip)
        for strip in pilot.app.screen._compositor.render_strips()
    )[: size.width * size.height * 4]


def said(pilot: Pilot[None]) -> list[str]:
    return [notice.message for notice in pilot.app._notifications]


async def type_(pilot: Pilot[None], words: str) -> None:
    """Types quicker than ``pilot.press``, which lets the screen settle after each key."""
    for character in words:
        pilot.app.post_message(Key(_character_to_key(character), character))
    await pilot.pause()


def page(pilot: Pilot[None]) -> str:
    """The text of the post in the evidence."""
    return "\n".join(str(line.content) for line in evidence(pilot).page.query(Static))


@pytest.fixture
def canned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Canned:
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "SSH_TTY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return Canned(tmp_path)


@pytest.fixture
def clipboard(tmp_path: Path, canned: Canned, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file into which a clipboard program of our own writes what it is given."""
    program, copied = tmp_path / "bin" / "wl-copy", tmp_path / "copied"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ncat > '{copied}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    return copied


# -- the real assistant ----------------------------------------------------------------------------


def test_the_whole_way_from_a_question_to_a_resumed_conversation(
    settings: Settings, tmp_path: Path, clipboard: Path
) -> None:
    kept = tmp_path / "kept.sqlite3"

    async def first(pilot: Pilot[None]) -> None:
        await type_(pilot, "How many people use Shared Lives?")
        await pilot.press("enter")
        await settled(pilot)
        assert "now used by 14,000" in shown(pilot)
        await type_(pilot, "Who wrote that?")
        await pilot.press("enter")
        await settled(pilot)
        assert "Searched for: Who wrote “Shared Lives" in shown(pilot)
        await pilot.press("tab", "1")  # two keys from the question to the evidence
        await settled(pilot)
        assert evidence(pilot).page.has_focus
        assert "Alex Fox is the author" in shown(pilot)
        await pilot.press("alt+q")
        await settled(pilot)
        assert clipboard.read_text().startswith("“Alex Fox is the author of A new health")
        await pilot.press("f3")
        await settled(pilot)
        await type_(pilot, "finland")
        await pilot.press("down", "w")
        await settled(pilot)
        assert "Asking only the post “Personal budgets in Finland" in shown(pilot)
        await type_(pilot, "Who may choose a budget?")
        await pilot.press("enter")
        await settled(pilot)
        titles = {step.title for step in main_of(pilot).steps}
        assert {str(title)[:16] for title in titles} == {"Personal budgets"}
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, PromptScreen))
        await pilot.press("enter")
        await settled(pilot)
        saved = (tmp_path / "how-many-people-use-shared-lives.md").read_text(encoding="utf-8")
        assert "now used by **14,000** people" in saved

    async def second(pilot: Pilot[None]) -> None:
        await pilot.press("f2")
        await settled(pilot)
        await type_(pilot, "nesta")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert len(main_of(pilot).query("TurnView")) == 3
        await type_(pilot, "and how many people use it?")
        await pilot.press("enter")
        await settled(pilot)

    async def both() -> None:
        for steps in (first, second):
            app = create_app(
                lambda store, progress: Assistant.load(settings, store=store, progress=progress),
                lambda: Store(kept),
                preferences_file=tmp_path / "terminal.toml",
            )
            async with app.run_test(size=(90, 30)) as pilot:
                await begun(pilot)
                await steps(pilot)

    asyncio.run(both())
    (conversation,) = Store(kept).conversations()
    assert conversation.count == 4


def test_what_is_typed_into_the_first_frame_is_not_lost(canned: Canned) -> None:
    async def go() -> None:
        async with canned.app().run_test() as pilot:
            for character in "Who used the garden?":
                pilot.app.post_message(Key(_character_to_key(character), character))
            pilot.app.post_message(Key("enter", "\r"))
            await begun(pilot)
            await settled(pilot)
            assert canned.assistant.asked == [("Who used the garden?", Filters())]

    asyncio.run(go())


# -- asking ----------------------------------------------------------------------------------------


def test_a_question_asked_while_the_index_opens_is_answered_when_it_is_open(tmp_path: Path) -> None:
    opened: list[bool] = []
    canned = Canned(tmp_path, ready=lambda: bool(opened))

    async def steps(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "Embedding the passages" in shown(pilot))
        assert " 40 %" in shown(pilot)
        await type_(pilot, "Who used the garden?")
        await pilot.press("enter")
        await type_(pilot, "When is tea?")  # typing goes on while nothing can be answered
        assert question(pilot).text == "When is tea?"
        assert "Waiting for the index" in shown(pilot)
        await pilot.press("enter")
        opened.append(True)
        await settled(pilot)
        assert [asked for asked, _ in canned.assistant.asked] == [
            "Who used the garden?",
            "When is tea?",
        ]

    run(canned, steps)
    (conversation,) = canned.store.conversations()
    assert conversation.count == 2


def test_escape_takes_a_question_back_and_nothing_is_kept_of_it(canned: Canned) -> None:
    held = [True]
    canned.assistant.hold = lambda: bool(held)

    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await type_(pilot, "Who used the garden?")
        await pilot.press("enter")
        await until(pilot, lambda: "Searching" in shown(pilot))
        await pilot.press("escape")
        assert question(pilot).text == "Who used the garden?"
        held.clear()
        await settled(pilot)
        assert "412" not in shown(pilot)

    run(canned, steps)
    assert canned.store.conversations() == ()


def test_taking_back_drops_the_question_asked_last_and_keeps_what_was_typed_since(
    canned: Canned,
) -> None:
    held = [True]
    canned.assistant.hold = lambda: bool(held)

    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        for words in ("Who used the garden?", "When is tea?"):
            await type_(pilot, words)
            await pilot.press("enter")
        await type_(pilot, "draft")
        await pilot.press("escape")
        assert question(pilot).text == "draft"
        held.clear()
        await settled(pilot)
        assert [asked for asked, _ in canned.assistant.asked] == ["Who used the garden?"]
        await pilot.press("up")
        assert question(pilot).text == "When is tea?"
        await pilot.press("down")
        assert question(pilot).text == "draft"

    run(canned, steps)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("Why is it a ruin?", "page.txt cannot be read: it is gone. Put it back."),
        ("Is the server away?", "There is no connection to its server. Try again later."),
        ("Does it crash?", "ZeroDivisionError"),
        ("?!", "no letter and no digit"),
        ("a" * 2_001, "at most 2,000"),
    ],
)
def test_a_question_that_fails_comes_back_with_the_reason(
    canned: Canned, asked: str, reason: str
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await ask(pilot, asked)
        assert question(pilot).text == asked
        assert reason in " ".join(shown(pilot).split())
        assert not main_of(pilot).query("TurnView")

    run(canned, steps, WIDE)


def test_an_answer_that_is_ready_before_its_question_is_drawn_is_shown_once(
    canned: Canned,
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        asked = Query("Who used the garden?")
        answer = canned.assistant.ask(asked)
        turn = TurnView(Asked(asked))
        drawn = main_of(pilot).query_one("#talk").mount(turn)
        await turn.answer(ShownTurn.of_answer(answer))
        await drawn
        assert len(turn.query(".question")) == len(turn.query(".answer")) == 1
        assert not turn.query(".waiting")

    run(canned, steps, WIDE)


def test_a_failure_to_load_is_shown_and_the_next_question_tries_again(canned: Canned) -> None:
    canned.failures.append(SeedsError("There is no folder seeds.", remedy="Make one."))

    async def steps(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "There is no folder seeds. Make one." in shown(pilot))
        await ask(pilot, "Who used the garden?")
        assert "412" in shown(pilot)

    run(canned, steps)


def test_a_new_line_is_typed_with_ctrl_j_and_nothing_is_sent_of_blanks(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await pilot.press("space", "enter")
        assert not canned.assistant.asked
        await type_(pilot, "Who used")
        await pilot.press("ctrl+j")
        await type_(pilot, "the garden?")
        assert question(pilot).text == " Who used\nthe garden?"
        await pilot.press("enter")
        await settled(pilot)
        assert canned.assistant.asked[0][0] == "Who used the garden?"

    run(canned, steps)


def test_what_was_searched_for_is_shown_and_one_key_edits_it(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Who uses the gardn?")
        assert "Spelling corrected: gardn → garden" in shown(pilot)
        assert "Searched for: Who uses the garden?  (Ctrl+R edits it)" in shown(pilot)
        await pilot.press("ctrl+r")
        assert question(pilot).text == "Who uses the garden?"
        assert question(pilot).has_focus

    run(canned, steps)


def test_another_reading_can_be_chosen_and_is_asked(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Both of them?")
        assert "Or did you mean: How many gardens are there?" in shown(pilot)
        await pilot.press("tab", "enter")
        await settled(pilot)
        assert canned.assistant.asked[-1][0] == "How many gardens are there?"

    run(canned, steps, WIDE)


# -- evidence --------------------------------------------------------------------------------------


def test_beside_the_conversation_the_evidence_opens_by_itself_and_follows_the_cursor(
    canned: Canned,
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Both of them?")
        assert "citation 1 of 2" in shown(pilot)
        head = str(evidence(pilot).query_one("#sheet-head", Static).content)
        assert "Anna Gardener, Bo Field, The Garden Blog, 2018-03-01" in head
        assert "page.txt, characters 233–301" in head
        assert "also in copy.txt" in head
        assert "only the opening of this post is known (110 of 455 words)" in head
        await pilot.press("tab", "down", "down")
        await settled(pilot)
        assert "citation 2 of 2" in shown(pilot)
        assert "tea is served at four" in page(pilot)
        await pilot.press("left")
        await settled(pilot)
        assert "citation 1 of 2" in shown(pilot)

    run(canned, steps, WIDE)


def test_in_one_column_a_number_opens_the_evidence_and_escape_goes_back(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Both of them?")
        await pilot.press("tab", "2")
        await settled(pilot)
        assert "tea is served at four" in shown(pilot)
        assert not question(pilot).region.width
        await pilot.press("alt+p")
        await settled(pilot)
        assert "citation 1 of 2" in shown(pilot)
        await pilot.press("7")
        assert "There is no number 7 here." in said(pilot)
        await pilot.press("escape")
        assert question(pilot).has_focus
        assert "❯ Both of them?" in shown(pilot)

    run(canned, steps)


def test_an_abstention_names_the_nearest_posts_and_opens_them(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "What is the boiling point of nitrogen?")
        assert "The posts do not say" in shown(pilot)
        await pilot.press("tab", "2")
        await settled(pilot)
        assert "near passage 2 of 2" in shown(pilot)
        assert "tea is served at four" in shown(pilot)

    run(canned, steps)


def test_a_post_that_is_gone_or_changed_says_so_and_shows_what_was_quoted(
    canned: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Who used the garden?")
        monkeypatch.setattr(canned.assistant, "source_text", lambda name: "another text")
        await pilot.press("tab", "1")
        await settled(pilot)
        assert "page.txt has changed since this was quoted." in shown(pilot)
        assert "used by 412 people" in shown(pilot)
        monkeypatch.setitem(POSTS, "gardens", POSTS["untitled"])
        await pilot.press("1")
        await settled(pilot)
        assert "no longer among the indexed ones" in shown(pilot)

    run(canned, steps)


def test_the_whole_post_can_be_read_to_its_end_and_back(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Who used the garden?")
        await pilot.press("tab", "1", "end")
        await pilot.pause()
        assert "Paragraph 29 of the garden" in shown(pilot)
        await pilot.press("home")
        await pilot.pause()
        assert "Gardens are good" in shown(pilot)
        await pilot.press("end", "alt+m")
        await pilot.pause()
        assert "used by 412 people" in shown(pilot)

    run(canned, steps)


# -- limits ----------------------------------------------------------------------------------------


def test_a_limit_is_seen_is_used_and_goes_by_one_key(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Who used the garden?")
        await pilot.press("tab", "1", "alt+a")
        await settled(pilot)
        assert "Asking only posts by Anna Gardener  F8 removes this" in shown(pilot)
        await ask(pilot, "When is tea?")
        await pilot.press("f8")
        await pilot.pause()
        assert "Asking only" not in shown(pilot)
        await pilot.press("f3")
        await settled(pilot)
        await pilot.press("down", "w")
        await settled(pilot)
        assert "Asking only the post “Risk" in shown(pilot)
        await ask(pilot, "When is tea then?")
        await pilot.press("backspace")
        await pilot.pause()
        assert "Asking only" not in shown(pilot)

    run(canned, steps)
    assert [filters for _, filters in canned.assistant.asked] == [
        Filters(),
        Filters(author="Anna Gardener"),
        Filters(post=POSTS["gardens"].id),
    ]


def test_a_conversation_that_is_resumed_takes_its_limit_up_again(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Who used the garden?")
        await pilot.press("tab", "1", "alt+a")
        await ask(pilot, "When is tea?")
        assert "Asked of posts by Anna Gardener" in shown(pilot)
        known = pilot.app.screen.asking.session.id  # type: ignore[attr-defined]
        await pilot.press("f8")
        await pilot.pause()
        assert "Asking only" not in shown(pilot)
        pilot.app.screen.resume(known)  # type: ignore[attr-defined]
        await settled(pilot)
        assert "Asking only posts by Anna Gardener" in shown(pilot)
        await ask(pilot, "When is tea then?")

    run(canned, steps)
    assert [filters.author for _, filters in canned.assistant.asked] == [
        None,
        "Anna Gardener",
        "Anna Gardener",
    ]


def test_a_limit_can_be_typed_and_what_no_post_keeps_is_asked_again(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await pilot.press("f7")
        await type_(pilot, "tag: gardns; after: 2014-01-01")
        await pilot.press("enter")
        await settled(pilot)
        assert "No post has the tag “gardns”" in shown(pilot)
        await pilot.press(*["left"] * 21, "e", "enter")
        await settled(pilot)
        assert "with the tag “gardens”, published on 2014-01-01 or later" in shown(pilot)
        await ask(pilot, "When is tea?")

    run(canned, steps)
    assert canned.assistant.asked[0][1] == Filters(tag="gardens", after="2014-01-01")


@pytest.mark.parametrize("typed", ["tag", "tag:", "colour: red", "tag: a; tag: b", " ; "])
def test_a_limit_that_is_not_understood_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(FilterError) as caught:
        read_limits(typed)
    assert "author: NAME; after: 2014" in caught.value.remedy


def test_the_example_of_a_limit_works_and_so_do_years_and_months() -> None:
    with pytest.raises(FilterError) as caught:
        read_limits("tag")
    (example,) = re.findall(r"author: NAME; after: \d+", caught.value.remedy or "")
    assert read_limits(example).filters == Filters(author="NAME", after="2014")
    months = read_limits("after: 2014-05; before: 2015").filters
    assert (months.after, months.before) == ("2014-05", "2015")


def test_posts_are_found_by_misspelt_words_and_read(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await pilot.press("f3")
        await settled(pilot)
        await type_(pilot, "gardner")
        await settled(pilot)
        assert "1 of 3 posts" in shown(pilot)
        await type_(pilot, "zzz")
        await settled(pilot)
        assert "No post is like that" in shown(pilot)
        await pilot.press("enter", *["backspace"] * 10)
        await type_(pilot, "page")
        await settled(pilot)
        assert "3 of 3 posts" in shown(pilot)
        await pilot.press("down", "down", "a")
        assert "names no author" in shown(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "tea is served at four" in shown(pilot)
        assert evidence(pilot).page.has_focus

    run(canned, steps)


# -- conversations ---------------------------------------------------------------------------------


def test_conversations_are_found_renamed_deleted_brought_back_and_resumed(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Who used the garden?")
        await pilot.press("ctrl+n")
        await settled(pilot)
        assert not main_of(pilot).query("TurnView")
        await ask(pilot, "When is tea served?")
        await pilot.press("f2")
        await settled(pilot)
        assert "2 conversations" in shown(pilot)
        await type_(pilot, "garden")
        await settled(pilot)
        assert "1 conversation" in shown(pilot)
        await pilot.press("down", "r")
        await until(pilot, lambda: isinstance(pilot.app.screen, PromptScreen))
        await pilot.press("ctrl+u")
        await type_(pilot, "Of garden use")
        await pilot.press("enter")
        await settled(pilot)
        assert "Of garden use" in shown(pilot)
        await pilot.press("d")
        await settled(pilot)
        assert "None holds those words." in shown(pilot)
        await pilot.press("u")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "❯ Who used the garden?" in shown(pilot)
        await ask(pilot, "When is tea?")

    run(canned, steps)
    newest, other = canned.store.conversations()
    assert (newest.title, newest.count, other.count) == ("Of garden use", 2, 1)


def test_deleting_the_conversation_that_is_open_begins_a_new_one(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Who used the garden?")
        await pilot.press("f2")
        await settled(pilot)
        await pilot.press("down", "d")
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        await ask(pilot, "When is tea served?")

    run(canned, steps)
    (left,) = canned.store.conversations()
    assert left.title == "When is tea served?"


def test_saving_never_overwrites_and_says_what_is_free(canned: Canned, tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("mine")

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+s")
        assert "There is nothing to save yet: ask something first." in said(pilot)
        await ask(pilot, "Who used the garden?")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, PromptScreen))
        await pilot.press("ctrl+u")
        await type_(pilot, "mine.md")
        await pilot.press("enter")
        await until(pilot, lambda: "is there already" in shown(pilot))
        await pilot.press("ctrl+u")
        await type_(pilot, "mine-2.md")
        await pilot.press("enter")
        await settled(pilot)

    run(canned, steps)
    assert (tmp_path / "mine.md").read_text() == "mine"
    assert "used by **412** people" in (tmp_path / "mine-2.md").read_text(encoding="utf-8")


# -- copying ---------------------------------------------------------------------------------------


def test_answers_quotes_and_bibtex_are_copied_and_the_way_is_said(
    canned: Canned, clipboard: Path
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Who used the garden?")
        await pilot.press("f5")
        await settled(pilot)
        assert clipboard.read_text().startswith("In 2017 a garden of this kind was used by 412")
        assert "Copied the answer to wl-copy." in said(pilot)
        await pilot.press("f9")
        await settled(pilot)
        today = long_date(datetime.now(UTC).astimezone().date())
        assert f"characters 233–301, retrieved {today})" in clipboard.read_text()
        await pilot.press("tab", "alt+b")
        await settled(pilot)
        assert clipboard.read_text().startswith("@misc{gardener-risk-garden,")

    run(canned, steps)


def test_without_a_clipboard_program_the_terminal_is_asked_and_it_is_said(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Who used the garden?")
        await pilot.press("f5")
        await settled(pilot)
        assert pilot.app.clipboard.startswith("In 2017 a garden")
        assert said(pilot) == ["Copied the answer to the terminal (OSC 52), if it allows that."]

    run(canned, steps)


# -- sizes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(160, 48), (100, 30), (60, 20), (40, 12), (20, 6)])
def test_at_every_size_a_question_is_answered_and_survives_resizing(
    canned: Canned, size: tuple[int, int]
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Who used the garden?")
        await type_(pilot, "draft")
        for width, height in (size, (200, 60), (30, 10), size):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
        assert question(pilot).text == "draft"
        await pilot.press("tab", "1")
        await settled(pilot)
        assert isinstance(pilot.app.screen, MainScreen)

    run(canned, steps, size)


def test_the_passage_stays_in_view_when_the_text_flows_otherwise(canned: Canned) -> None:
    def is_in_view(pane: EvidencePane) -> bool:
        chunk = pane.page.query_one(".has-quote", Static)
        assert pane.sheet is not None
        row = chunk.virtual_region.y + rows_above(pane.sheet, chunk.content_size.width)
        return pane.page.scroll_y <= row < pane.page.scroll_y + pane.page.size.height

    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "How many people used the garden?")
        await pilot.press("tab", "1")
        await settled(pilot)
        pane = evidence(pilot)
        for width in (100, 40, 28, 120):
            await pilot.resize_terminal(width, 14)
            await settled(pilot)
            assert is_in_view(pane), width
        pane.page.scroll_end(animate=False, immediate=True)
        await pilot.resize_terminal(60, 14)
        await settled(pilot)
        assert pane.page.scroll_y > 0
        pane.page.scroll_home(animate=False, immediate=True)
        await pilot.resize_terminal(40, 14)
        await settled(pilot)
        assert pane.page.scroll_y == 0  # who has scrolled on stays there

    run(canned, steps, (100, 14))


def test_whatever_is_typed_goes_into_the_question_and_none_is_lost(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "How many people used the garden?")
        await pilot.press("tab")
        await pilot.press(*"wabq")  # on the citations: letters, not commands
        box = question(pilot)
        assert (box.text, box.has_focus) == ("wabq", True)
        assert not main_of(pilot).asking.limits
        await pilot.press("tab", "alt+1")
        await settled(pilot)
        await pilot.press("y", "question_mark")  # in the evidence
        assert box.text == "wabqy?"
        await pilot.press("ctrl+r")  # puts another question there
        await settled(pilot)
        assert box.text == "How many people used the garden?"
        await pilot.press("up")
        assert box.text == "wabqy?"
        await pilot.press("x", "up", "down")  # what was changed on the way stays changed
        assert box.text == "wabqy?x"

    run(canned, steps)


def test_limiting_acts_on_the_citation_under_the_cursor(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "How many people used both gardens and tea?")
        await pilot.press("tab", "down")
        item = main_of(pilot).focused
        assert isinstance(item, Item)
        assert item.step is not None
        await pilot.press("alt+w")
        await settled(pilot)
        limits = main_of(pilot).asking.limits
        assert limits
        assert limits.filters.post == item.step.post_id

    run(canned, steps)
