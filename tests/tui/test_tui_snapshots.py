"""Each screen as people see it, at two sizes and in both themes.

``pytest tests/tui/test_tui_snapshots.py --snapshot-update`` draws them anew after a change that is
meant; look at the pictures before they are committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension
from rich.segment import Segment
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from askscwru.tui.themes import DARK, LIGHT
from tui_canned import Canned, ask, at_ease, ready, settled

Steps = Callable[[Pilot[None]], Awaitable[None]]


async def welcome(pilot: Pilot[None]) -> None:
    await ready(pilot)


async def answer(pilot: Pilot[None]) -> None:
    await ask(pilot, "How many people used both gardens and tea?")


async def corrected(pilot: Pilot[None]) -> None:
    await ask(pilot, "Who uses the gardn?")
    await ask(pilot, "and who counted it?")


async def no_answer(pilot: Pilot[None]) -> None:
    await ask(pilot, "What is the boiling point of nitrogen?")


async def listed(pilot: Pilot[None]) -> None:
    await ask(pilot, "List all posts")


async def views(pilot: Pilot[None]) -> None:
    await ask(pilot, "Which views are there?")


async def reply(pilot: Pilot[None]) -> None:
    await ask(pilot, "hello")


async def near(pilot: Pilot[None]) -> None:
    await ask(pilot, "What is nearly said?")


async def error(pilot: Pilot[None]) -> None:
    await ask(pilot, "Why is it a ruin?")


async def evidence(pilot: Pilot[None]) -> None:
    await ask(pilot, "How many people used the garden?")
    await pilot.press("tab", "1")
    await settled(pilot)


async def untitled(pilot: Pilot[None]) -> None:
    await ask(pilot, "When is tea served?")
    await pilot.press("tab", "1", "alt+w")
    await settled(pilot)


async def hostile(pilot: Pilot[None]) -> None:
    await ask(pilot, "[bold]Who[/] was \x1b[31mseen\u202e by [@click=app.quit]7[/]?")
    await pilot.press("tab", "1")
    await settled(pilot)


async def posts(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("f3")
    await settled(pilot)


async def conversations(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("f2")
    await settled(pilot)


async def keys(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("f1")


SCREENS = (
    welcome, answer, corrected, no_answer, listed, views, reply, near, error, evidence, untitled,
    hostile, posts, conversations, keys,
)  # fmt: skip


async def _pictures(steps: Steps, size: tuple[int, int], folder: Path) -> dict[str, str]:
    """The screen after some steps, in each theme."""
    app = Canned(folder).app()
    pictures = {}
    async with app.run_test(size=size, notifications=False) as pilot:
        await ready(pilot)
        await steps(pilot)
        await settled(pilot)
        app.clear_notifications()
        for theme in (DARK, LIGHT):
            app.theme = theme
            pictures[theme] = await _at_rest(pilot)
    return pictures


async def _at_rest(pilot: Pilot[None]) -> str:
    """The picture of the screen once it does not change any more.

    Twice the same may be two looks with no painting between them, on a busy machine.
    """
    last: list[list[Segment]] = []
    same = 0
    await settled(pilot)
    for _ in range(200):
        await pilot.pause()
        drawn = [list(strip) for strip in pilot.app.screen._compositor.render_strips()]
        same = same + 1 if drawn == last and at_ease(pilot) else 0
        if same == 2:
            return pilot.app.export_screenshot(simplify=True)
        last = drawn
    raise AssertionError("the screen never came to rest")


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
@pytest.mark.parametrize("steps", SCREENS, ids=lambda steps: steps.__name__)
def test_the_screen_looks_as_it_did(
    steps: Steps,
    size: tuple[int, int],
    tmp_path: Path,
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    pictures = asyncio.run(_pictures(steps, size, tmp_path))
    for theme, picture in pictures.items():
        name = theme.removeprefix("askscwru-")
        assert picture == snapshot(name=name, extension_class=SVGImageExtension)
