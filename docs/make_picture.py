"""Draw ``docs/images``: real answers of the index in ``embeddings/`` as the terminal shows them.

``python docs/make_picture.py`` draws ``ask.svg``, the answers of the command; ``terminal.svg``, the
terminal UI with a question of ``eval/seeds.jsonl`` and the post behind its answer; ``page.png``,
the web page with the same question, in Chromium (``apt-get install chromium``). A name draws that
one alone: ``python docs/make_picture.py page``.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
import shutil
import sys
import tempfile
import threading
from pathlib import Path

import uvicorn
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

from askscwru import Assistant
from askscwru.api.app import create_app as create_service
from askscwru.api.config import Serving
from askscwru.conversation.store import Store
from askscwru.settings import Settings
from askscwru.show.screen import answer_view
from askscwru.tui.app import AskscwruApp, create_app
from askscwru.tui.screens.main import MainScreen

QUESTIONS = (
    "How many people use Shared Lives?",
    "Why is it hard to recruit trained care staff?",
    "How much does Shared Lives save the NHS?",
)
TARGET = Path(__file__).parent / "images" / "ask.svg"
SEEDS = Path(__file__).parent.parent / "eval" / "seeds.jsonl"
ASKED_OF_THE_SCREEN = ("sl-099", "Who wrote that?")
"""An item of the seeds' questions, and a follow-up."""
SCREEN = Path(__file__).parent / "images" / "terminal.svg"
COLUMNS, ROWS = 120, 36
PAGE = Path(__file__).parent / "images" / "page.png"
PAGE_SIZE = {"width": 1180, "height": 700}

# Rich's own template names fonts on a server; this one takes what the reader's machine has.
_FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" \
aria-label="askscwru answering three questions in a terminal">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; \
font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


def main() -> None:
    """Ask, record, draw."""
    TARGET.parent.mkdir(exist_ok=True)
    drawing = {
        "ask": draw_answers,
        "terminal": lambda: asyncio.run(draw_screen()),
        "page": draw_page,
    }
    for name in sys.argv[1:] or drawing:
        drawing[name]()


def draw_answers() -> None:
    """The answers of the command."""
    out = Console(record=True, width=88, file=io.StringIO(), markup=False, highlight=False)
    assistant = Assistant.load()
    for question in QUESTIONS:
        out.print(Text.assemble(("$ askscwru ask ", "bold green"), f'"{question}"'))
        out.print(answer_view(assistant.ask(question)))
        out.print()
    drawn = out.export_svg(title="askscwru", code_format=_FORMAT, unique_id="ask")
    TARGET.write_text(drawn, encoding="utf-8")


def asked() -> tuple[str, str]:
    """The question of the screens, and its follow-up."""
    item, follow_up = ASKED_OF_THE_SCREEN
    items = map(json.loads, SEEDS.read_text(encoding="utf-8").splitlines())
    return next(found["question"] for found in items if found["id"] == item), follow_up


def draw_page() -> None:
    """The web page, driven by its keys."""
    settings, store = Settings(), Store.in_memory()
    assistant = Assistant.load(settings, store=store)
    app = create_service(assistant, store, settings, Serving(rate=0))
    config = uvicorn.Config(app, port=0, log_config=None)
    server, sock = uvicorn.Server(config), config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=PAGE_SIZE, reduced_motion="reduce")
        page.goto(f"http://127.0.0.1:{sock.getsockname()[1]}/")
        for number, question in enumerate(asked(), start=1):
            page.fill("#question", question)
            page.press("#question", "Enter")
            page.wait_for_selector(f"#turn-{number}")
        page.click("#turn-1 .ref")
        page.wait_for_selector(".ref.chosen")
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        PAGE.write_bytes(page.screenshot())
        browser.close()
    server.should_exit = True
    thread.join()
    assistant.close()


async def draw_screen() -> None:
    """The terminal UI, driven by its keys."""
    question, follow_up = asked()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            lambda store, progress: Assistant.load(Settings(), store=store, progress=progress),
            lambda: Store(Path(folder) / "kept.sqlite3"),
            preferences_file=Path(folder) / "terminal.toml",
        )
        async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
            for words in (question, follow_up):
                await _rest(app)
                await pilot.press(*("space" if c == " " else c for c in words), "enter")
            await _rest(app)
            await pilot.press("tab", "up", "1")
            await _rest(app)
            await pilot.pause()
            drawn = app.export_screenshot(title="askscwru")
    SCREEN.write_text(_lean(drawn), encoding="utf-8")


async def _rest(app: AskscwruApp) -> None:
    """Waits until everything that was asked for is on the screen."""
    while not (isinstance(app.screen, MainScreen) and app.desk.opened and app.desk.idle):
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)


def _lean(drawn: str) -> str:
    """A picture that names no font on a server, always with the same ids."""
    drawn = re.sub(r"@font-face \{[^}]*\}\s*", "", drawn)
    drawn = drawn.replace(
        "Fira Code, monospace", "ui-monospace, Menlo, DejaVu Sans Mono, monospace"
    )
    return re.sub(r"terminal-\d+-", "terminal-", drawn)


if __name__ == "__main__":
    main()
