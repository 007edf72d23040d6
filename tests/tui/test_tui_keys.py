"""Keys and preferences: said once, shown truly, changed by the user; and what loads when."""

from __future__ import annotations

import ast
import asyncio
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from askscwru.tui import preferences
from askscwru.tui.keys import PLACES, all_keys, display, displayed
from askscwru.tui.preferences import read_preferences, usual_file
from askscwru.tui.screens.help import HelpScreen
from askscwru.tui.themes import DARK, LIGHT
from conftest import ROOT
from fakes import run_python
from tui_canned import Canned, ask, main_of, ready, settled

PACKAGE = ROOT / "src" / "askscwru" / "tui"
PAGE = ROOT / "docs" / "terminal.md"


@pytest.mark.parametrize(
    ("key", "seen"),
    [
        ("ctrl+n", "Ctrl+N"),
        ("f1", "F1"),
        ("alt+right", "Alt+→"),
        ("shift+enter", "Shift+Enter"),
        ("shift+tab", "Shift+Tab"),
        ("slash", "/"),
        ("G", "G"),
        ("g", "g"),
        ("space", "Space"),
    ],
)
def test_keys_are_written_as_people_write_them(key: str, seen: str) -> None:
    assert display(key) == seen


def test_every_key_has_a_name_of_its_own_and_says_what_it_does() -> None:
    keys = all_keys()
    assert len({key.id for key in keys}) == len(keys)
    assert all(key.meaning.endswith(".") for key in keys)


def test_the_documented_keys_are_the_keys() -> None:
    rows = re.findall(
        r"^\| (.+?) \| (.+?) \| `(.+?)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    documented = {name: (keys, meaning) for keys, meaning, name in rows}
    assert documented == {key.id: (displayed(key.keys), key.meaning) for key in all_keys()}


def test_every_binding_leads_to_an_action_that_there_is(tmp_path: Path) -> None:
    async def go() -> None:
        async with Canned(tmp_path).app().run_test(size=(160, 48)) as pilot:
            await ready(pilot)
            await ask(pilot, "Who used the garden?")
            for press in ([], ["tab"], ["tab"], ["f1"], ["escape", "f2"], ["escape", "f3"]):
                await pilot.press(*press)
                await settled(pilot)
                for node, bindings in pilot.app.screen._binding_chain:
                    for _, binding in bindings:
                        name = binding.action.split("(")[0]
                        owner = {"app": pilot.app, "screen": pilot.app.screen}.get(
                            name.split(".")[0], node
                        )
                        bare = name.split(".")[-1]
                        found = [f"action_{bare}", f"_action_{bare}"]
                        assert any(hasattr(owner, one) for one in found), binding

    asyncio.run(go())


def test_the_help_shows_every_key_and_the_keys_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "terminal.toml").write_text('[keys]\nposts = "f6"\n')

    async def go() -> None:
        async with Canned(tmp_path).app().run_test(size=(120, 400)) as pilot:
            await ready(pilot)
            await pilot.press("f1")
            await pilot.pause()
            assert isinstance(pilot.app.screen, HelpScreen)
            drawn = "".join(
                segment.text
                for strip in pilot.app.screen._compositor.render_strips()
                for segment in strip
            )
            for place in PLACES:
                assert place.name in drawn
            for key in all_keys():
                assert key.id in drawn
            assert "F6" in drawn
            assert "F3" not in drawn

    asyncio.run(go())


def words_drawn(pilot: Pilot[None]) -> list[str]:
    """The words on the screen, line by line; one that was cut in two is two of them."""
    strips = pilot.app.screen._compositor.render_strips()
    return [word for strip in strips for word in strip.text.replace("│", " ").split()]


def test_the_help_cuts_no_key_and_no_name_in_two(tmp_path: Path) -> None:
    async def go() -> None:
        async with Canned(tmp_path).app().run_test(size=(160, 500)) as pilot:
            await ready(pilot)
            for width in (160, 50, 80):
                await pilot.resize_terminal(width, 500)
                await pilot.press("f1")
                await pilot.pause()
                drawn = set(words_drawn(pilot))
                for key in all_keys():
                    assert key.id in drawn, width
                    assert {display(one) for one in key.keys.split(",")} <= drawn, width
                await pilot.press("escape")

    asyncio.run(go())


def test_the_foot_always_says_how_to_leave_and_where_to_find_the_rest(tmp_path: Path) -> None:
    async def go() -> None:
        async with Canned(tmp_path).app().run_test(size=(120, 24)) as pilot:
            await ready(pilot)
            for width, keys in product((120, 50, 80), ([], ["f2"], ["escape", "f3"], ["escape"])):
                await pilot.resize_terminal(width, 24)
                await pilot.press(*keys)
                await settled(pilot)
                foot = pilot.app.screen._compositor.render_strips()[-1].text
                assert "Ctrl+Q Quit" in foot
                assert "Ctrl+P Commands" in foot

    asyncio.run(go())


def test_a_changed_key_does_its_new_work_and_not_its_old(tmp_path: Path) -> None:
    (tmp_path / "terminal.toml").write_text('theme = "light"\n[keys]\nposts = "f6,ctrl+y"\n')

    async def go() -> None:
        async with Canned(tmp_path).app().run_test() as pilot:
            await ready(pilot)
            assert pilot.app.theme == LIGHT
            await pilot.press("f3")
            assert pilot.app.screen is main_of(pilot)
            await pilot.press("f6")
            await settled(pilot)
            assert "Posts" in str(pilot.app.screen.query_one("#finder-head", Static).content)
            await pilot.press("escape", "ctrl+t")
            assert pilot.app.theme == DARK

    asyncio.run(go())


def test_the_palette_knows_every_command_of_the_screen(tmp_path: Path) -> None:
    async def go() -> None:
        async with Canned(tmp_path).app().run_test() as pilot:
            await ready(pilot)
            commands = {c.title: c for c in pilot.app.get_system_commands(main_of(pilot))}
            assert "Copy the citation as BibTeX" in commands
            assert "Save the conversation as Markdown" in commands
            commands["Find and read posts"].callback()
            await settled(pilot)
            assert pilot.app.screen is not main_of(pilot)

    asyncio.run(go())


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ('theme = "pink"', "theme is 'pink'"),
        ("theme = 3", "theme is 3"),
        ("colour = 1", "there is no 'colour'"),
        ('[keys]\nfly = "f6"', "no key does 'fly'"),
        ('[keys]\nposts = ""', "posts is ''"),
        ("[keys]\nposts = 6", "posts is 6"),
        ('keys = "f6"', "keys is not a table"),
        ("[keys", "is not TOML"),
        ("\xff", "is not TOML"),
    ],
)
def test_a_fault_in_the_preferences_is_said_and_the_rest_holds(
    tmp_path: Path, told: str, fault: str
) -> None:
    file = tmp_path / "terminal.toml"
    file.write_bytes(told.encode("latin-1"))
    read = read_preferences(file)
    assert fault in read.faults[0]
    assert str(file) in read.faults[0]
    assert read.theme is None

    async def go(pilot: Pilot[None]) -> None:
        await ready(pilot)
        assert any(fault in notice.message for notice in pilot.app._notifications)

    async def run() -> None:
        async with Canned(tmp_path).app().run_test(notifications=True) as pilot:
            await go(pilot)

    if fault.startswith("theme is 'pink'"):
        asyncio.run(run())


def test_the_preferences_are_where_the_environment_says(tmp_path: Path) -> None:
    assert usual_file({preferences.VARIABLE: "/x/y.toml"}) == Path("/x/y.toml")
    assert usual_file({"XDG_CONFIG_HOME": "/c"}) == Path("/c/askscwru/terminal.toml")
    assert read_preferences(tmp_path / "none.toml").faults == ()
    assert "cannot be read" in read_preferences(tmp_path).faults[0]


def test_the_first_frame_loads_no_model_no_index_and_no_settings() -> None:
    code = """
import asyncio, sys, threading
from askscwru.tui.app import create_app
hold = threading.Event()
def load(store, progress):
    hold.wait(5)
    raise SystemExit
async def go():
    app = create_app(load, lambda: None)
    async with app.run_test() as pilot:
        await pilot.pause()
        heavy = ("numpy", "onnxruntime", "faiss", "pydantic", "tantivy", "torch", "sqlite3")
        print([name for name in heavy if name in sys.modules])
asyncio.run(go())
"""
    done = run_python(code)
    assert done.stdout.strip() == "[]", done.stderr


def test_no_widget_reaches_for_an_assistant_a_store_or_a_thread() -> None:
    forbidden = {"assistant", "store", "index", "retrieve", "desk", "sqlite3", "threading"}
    for path in (PACKAGE / "widgets").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom | ast.Import):
                names = {node.module or ""} if isinstance(node, ast.ImportFrom) else set()
                names |= {alias.name for alias in node.names}
                assert not {part for name in names for part in name.split(".")} & forbidden, path


def test_in_a_pipe_the_bare_command_is_a_line_prompt() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "askscwru", "--seeds", "/nowhere", "--embeddings", "/nowhere"],
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 1
    assert "\x1b[?1049h" not in shown.stdout
    assert shown.stderr.startswith("askscwru: ")
