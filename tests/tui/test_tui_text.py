"""What is drawn: no text is obeyed, nothing is told by colour alone, every colour can be read."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem, ColorType
from rich.segment import Segment
from textual.pilot import Pilot

from askscwru.tui.app import AskscwruApp
from askscwru.tui.themes import DARK, LIGHT, THEMES
from askscwru.tui.widgets.question import QuestionBox
from tui_canned import HOSTILE, Canned, ask, main_of, ready, settled

AA = 4.5
"""The least contrast of text in WCAG 2.2, success criterion 1.4.3."""
ASKED = "[bold]Who[/bold] was \x1b[31mseen\x1b[0m \u202eback\u202c by [@click=app.quit]7[/]?"


def run(app: AskscwruApp, steps: Callable[[Pilot[None]], Awaitable[None]]) -> None:
    async def go() -> None:
        async with app.run_test(size=(120, 40)) as pilot:
            await ready(pilot)
            await steps(pilot)

    asyncio.run(go())


def segments(pilot: Pilot[None]) -> Iterator[Segment]:
    """Everything on the screen as it goes to the terminal."""
    for strip in pilot.app.screen._compositor.render_strips():
        yield from strip.apply_filter(pilot.app._filters[0], pilot.app.screen.styles.background)


async def everywhere(pilot: Pilot[None]) -> list[list[Segment]]:
    """The segments of each screen, one after the other."""
    screens = []

    async def keep() -> None:
        await settled(pilot)
        screens.append(list(segments(pilot)))

    await keep()
    await ask(pilot, ASKED)
    await keep()
    await pilot.press("tab")
    await keep()
    await ask(pilot, "Both of the gardn?")
    await pilot.press("tab", "1", "w")
    await keep()
    await ask(pilot, "Why is it a ruin?")
    await keep()
    await pilot.press("ctrl+u", *"[b]", "ctrl+s")
    await keep()
    await pilot.press("escape")
    for key in ("f1", "f2", "f3"):
        await pilot.press(key)
        await keep()
        await pilot.press("down")
        await keep()
        await pilot.press("escape")
    return screens


def luminance(triplet: tuple[int, int, int]) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [value / 255 for value in triplet]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(segment: Segment, colours: ColorSystem = ColorSystem.TRUECOLOR) -> float | None:
    """The contrast of a segment's text; None where nothing in it has to be read."""
    style = segment.style
    if style is None or style.color is None or style.bgcolor is None:
        return None
    if not any(character.isalnum() for character in segment.text):
        return None
    assert style.color.type is ColorType.TRUECOLOR
    assert style.bgcolor.type is ColorType.TRUECOLOR
    shown = [one.downgrade(colours).get_truecolor() for one in (style.color, style.bgcolor)]
    pair = sorted(map(luminance, shown))
    return (pair[1] + 0.05) / (pair[0] + 0.05)


@pytest.fixture(scope="module", params=[DARK, LIGHT])
def screens(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[list[Segment]]:
    """The segments of each screen, in one of the themes."""
    app = Canned(tmp_path_factory.mktemp("everywhere")).app()
    app.theme = request.param
    drawn: list[list[Segment]] = []

    async def steps(pilot: Pilot[None]) -> None:
        drawn.extend(await everywhere(pilot))

    run(app, steps)
    return drawn


def test_all_text_holds_the_contrast_of_wcag_aa(screens: list[list[Segment]]) -> None:
    poor = {
        (segment.text.strip(), str(segment.style), colours, round(ratio, 2))
        for screen in screens
        for segment in screen
        for colours in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT)
        if (ratio := contrast(segment, colours)) is not None and ratio < AA
    }
    assert not poor


@pytest.mark.parametrize("ground", ["paper", "raised", "line"])
def test_with_256_colours_a_ground_of_the_light_theme_has_no_tint(ground: str) -> None:
    light = next(theme for theme in THEMES if theme.name == LIGHT)
    shown = Color.parse(light.variables[ground]).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
    assert max(shown) - min(shown) == 0


def test_nothing_that_a_terminal_obeys_is_drawn_and_markup_stays_text(
    screens: list[list[Segment]],
) -> None:
    drawn = ""
    for screen in screens:
        for segment in screen:
            assert not segment.control
            odd = [c for c in segment.text if unicodedata.category(c) in ("Cc", "Cs")]
            assert not odd
            assert not set(segment.text) & set("\u202a\u202b\u202c\u202d\u202e\u200f\u061c")
            drawn += segment.text
    assert "[bold]Who[/bold] was" in drawn
    assert "\\u001b[31mred" in drawn
    assert "[bold]not bold[/bold]" in drawn


def test_markup_in_posts_and_questions_styles_nothing_and_can_do_nothing(tmp_path: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, ASKED)
        for segment in segments(pilot):
            assert segment.style is None or not segment.style.meta.get("@click")
            if "not bold" in segment.text and "people" in segment.text:
                assert not (segment.style and segment.style.bold)

    run(Canned(tmp_path).app(), steps)


def test_what_answers_is_bold_and_underlined_without_any_colour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Canned(tmp_path).app()

    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Who used the garden?")
        assert pilot.app.no_color
        marked = [s for s in segments(pilot) if s.text.strip() == "412" and s.style]
        in_answer_and_evidence = [s for s in marked if s.style.bold and s.style.underline]  # type: ignore[union-attr]
        assert len(in_answer_and_evidence) == 2
        for segment in segments(pilot):
            if segment.style and segment.style.color and segment.style.color.triplet:
                assert len(set(segment.style.color.triplet)) == 1  # grey

    run(app, steps)


def test_a_line_of_ten_thousand_characters_is_wrapped_and_can_be_scrolled(tmp_path: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ask(pilot, "Who was seen?")
        await pilot.press("f4", "end")
        await settled(pilot)
        page = main_of(pilot).query_one("#page")
        assert page.virtual_size.height > 10_000 / page.size.width
        assert not page.max_scroll_x
        assert "end of the long line." in "".join(s.text for s in segments(pilot))

    run(Canned(tmp_path).app(), steps)


def test_what_is_pasted_loses_what_a_terminal_obeys_but_keeps_its_lines(tmp_path: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        from textual.events import Paste

        box = main_of(pilot).query_one(QuestionBox)
        box.post_message(Paste(f"one\r\ntwo\x1b[31m {HOSTILE}\x07"))
        await pilot.pause()
        assert box.text.startswith("one\ntwo [31m [bold]not bold")
        assert all(c.isprintable() or c == "\n" for c in box.text)

    run(Canned(tmp_path).app(), steps)
