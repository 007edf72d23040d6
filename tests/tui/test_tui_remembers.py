"""What is there again the next time: theme, layout, and whatever was typed and not asked."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from askscwru.settings import Settings
from askscwru.tui.command import make_app
from askscwru.tui.preferences import VARIABLE
from askscwru.tui.remembered import Remembered, file_beside, read_remembered, write_remembered
from askscwru.tui.themes import DARK, LIGHT
from askscwru.tui.widgets.question import QuestionBox
from askscwru.tui.widgets.welcome import Welcome
from tui_canned import Canned, ask, begun, main_of, ready, settled, until

Steps = Callable[[Pilot[None]], Awaitable[None]]


def run(canned: Canned, steps: Steps, size: tuple[int, int] = (120, 40)) -> None:
    async def go() -> None:
        async with canned.app().run_test(size=size, notifications=True) as pilot:
            await begun(pilot)
            await steps(pilot)

    asyncio.run(go())


@pytest.fixture
def canned(tmp_path: Path) -> Canned:
    return Canned(tmp_path)


def box_of(pilot: Pilot[None]) -> QuestionBox:
    return main_of(pilot).query_one(QuestionBox)


def shown(pilot: Pilot[None]) -> str:
    """Everything on the screen, its line breaks as spaces."""
    strips = pilot.app.screen._compositor.render_strips()
    return " ".join(" ".join(strip.text.split()) for strip in strips)


# -- a question that was typed ---------------------------------------------------------------------


def test_what_was_typed_is_there_again_after_leaving(canned: Canned) -> None:
    async def leave(pilot: Pilot[None]) -> None:
        await ready(pilot)
        box_of(pilot).insert("Who uses the\ngarden")
        await pilot.press("ctrl+q")

    async def come_back(pilot: Pilot[None]) -> None:
        assert box_of(pilot).text == "Who uses the\ngarden"
        await ready(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("ctrl+q")

    async def come_again(pilot: Pilot[None]) -> None:
        assert box_of(pilot).text == ""

    for steps in (leave, come_back, come_again):
        run(canned, steps)


def test_what_is_being_typed_is_kept_while_the_program_runs(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        box_of(pilot).insert("Who uses")
        await until(pilot, lambda: read_remembered(file).draft == "Who uses")

    file = file_beside(canned.folder / "terminal.toml")
    run(canned, steps)
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_question_on_its_way_when_the_program_is_left_is_there_again(canned: Canned) -> None:
    async def leave(pilot: Pilot[None]) -> None:
        await ready(pilot)
        canned.assistant.hold = lambda: True
        box_of(pilot).insert("Who uses the garden?")
        await pilot.press("enter", "ctrl+q")
        canned.assistant.hold = lambda: False

    async def come_back(pilot: Pilot[None]) -> None:
        assert box_of(pilot).text == "Who uses the garden?"

    run(canned, leave)
    run(canned, come_back)


def test_an_answered_question_is_not_there_again_though_the_program_is_killed(
    canned: Canned,
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        canned.assistant.hold = lambda: True
        box_of(pilot).insert("Who uses the garden?")
        await pilot.press("enter")
        await until(pilot, lambda: read_remembered(file).draft == "Who uses the garden?")
        canned.assistant.hold = lambda: False
        await settled(pilot)
        assert read_remembered(file).draft == ""

    file = file_beside(canned.folder / "terminal.toml")
    run(canned, steps)


WAYS = (
    ["f1", "escape"],
    ["f2", "escape"],
    ["f3", *"tea", "escape"],
    ["f4", "escape"],
    ["ctrl+t"],
    ["ctrl+p", "escape"],
    ["f7", *"author: Bo Field", "enter"],
    ["f8"],
    ["tab", "1", "alt+w"],
    ["ctrl+n"],
)
"""Keys that lead away from what is being typed; the last one leaves the conversation."""


def test_no_key_loses_what_was_typed(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await ask(pilot, "Who used the garden?")
        box_of(pilot).insert("and when")
        for keys in WAYS:
            for key in keys:
                await pilot.press("space" if key == " " else key)
            await settled(pilot)
            await pilot.resize_terminal(50, 15)
            await pilot.resize_terminal(160, 48)
            assert box_of(pilot).text == "and when", keys
        assert not main_of(pilot).query("TurnView")

    run(canned, steps)


def test_what_made_way_for_another_question_comes_back_with_up(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await ask(pilot, "Who used the garden?")
        box_of(pilot).insert("a draft")
        await pilot.press("ctrl+r", "enter")  # edits what was searched for, and asks it
        await settled(pilot)
        await pilot.press("up")
        assert box_of(pilot).text == "a draft"
        await pilot.press("down")
        box_of(pilot).insert("another one")
        await pilot.press("up", "up", "enter")  # asks an earlier question
        await settled(pilot)
        await pilot.press("up")
        assert box_of(pilot).text == "another one"
        await pilot.press("up")
        assert box_of(pilot).text == "a draft"
        assert main_of(pilot).unasked == "another one", "what was typed last"

    run(canned, steps)


# -- theme and layout ------------------------------------------------------------------------------


def test_the_theme_and_the_layout_are_as_they_were_left(canned: Canned) -> None:
    async def leave(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await ask(pilot, "Who used the garden?")
        for key in ("f4", "f4", "ctrl+t"):
            await pilot.press(key)
            await settled(pilot)
        assert not main_of(pilot).evidence_is_shown
        await pilot.press("ctrl+q")

    async def come_back(pilot: Pilot[None]) -> None:
        assert pilot.app.theme == LIGHT
        assert not main_of(pilot).evidence_is_shown

    run(canned, leave)
    run(canned, come_back)


def test_a_theme_in_the_preferences_goes_before_the_last_one(canned: Canned) -> None:
    write_remembered(file_beside(canned.folder / "terminal.toml"), Remembered(theme=LIGHT))
    (canned.folder / "terminal.toml").write_text('theme = "dark"\n')

    async def steps(pilot: Pilot[None]) -> None:
        assert pilot.app.theme == DARK
        await pilot.press("ctrl+t")
        assert any("To keep it" in notice.message for notice in pilot.app._notifications)

    run(canned, steps)


@pytest.mark.parametrize(
    "told", [b"", b"{", b"[]", b"null", b'{"theme": 3}', b"\xff", b"[" * 100_000]
)
def test_whatever_stands_in_the_file_the_program_starts(tmp_path: Path, told: bytes) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(told)
    assert read_remembered(file) == Remembered()
    assert read_remembered(tmp_path) == Remembered()
    write_remembered(tmp_path / "x.json" / "below", Remembered(draft="x"))  # there is no such place


# -- what a newcomer sees --------------------------------------------------------------------------


def test_the_start_says_what_the_posts_are_and_enter_asks_one_of_four_questions(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "terminal.toml"))
    own = settings.model_copy(update={"conversations": tmp_path / "kept.sqlite3"})

    async def go() -> None:
        async with make_app(lambda: own).run_test(size=(80, 40)) as pilot:
            await ready(pilot)
            await settled(pilot)
            assert "19 posts, none of them dated." in shown(pilot)
            assert "Martin Stevens (10)" in shown(pilot)
            items = main_of(pilot).query_one(Welcome).items()
            assert len(items) == 4
            await pilot.press("tab", "enter")
            await settled(pilot)
            assert not main_of(pilot).query(Welcome)
            (turn,) = main_of(pilot).query_one("#talk").answered  # type: ignore[attr-defined]
            assert turn.exchange.turn.question == items[0].asks.question  # type: ignore[union-attr]
            assert turn.exchange.turn.answered
            await pilot.press("ctrl+n")
            await settled(pilot)
            assert len(main_of(pilot).query_one(Welcome).items()) == 4

    asyncio.run(go())


def test_posts_are_found_by_words_of_their_text_with_the_sentence(canned: Canned) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await pilot.press("f3", *"counted")
        await settled(pilot)
        assert "1 of 3 posts" in shown(pilot)
        assert "Nobody had counted them before." in shown(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "Risk, safeguarding" in shown(pilot)

    run(canned, steps)
