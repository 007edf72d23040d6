"""The real command in a real terminal: under tmux, resized while an answer arrives."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from askscwru.settings import Settings
from fakes import SRC

TMUX = shutil.which("tmux")
pytestmark = pytest.mark.skipif(TMUX is None, reason="tmux is not installed")
PATIENCE = 40
"""Seconds until a screen that never comes fails the test; nothing is measured."""


class Terminal:
    """One tmux server of our own, with one window."""

    def __init__(self, folder: Path, command: str, environment: dict[str, str]) -> None:
        self.socket = str(folder / "tmux")
        own = {"TERM": "xterm-256color", "XDG_CONFIG_HOME": str(folder / "config")}
        self.environment = {**os.environ, **environment, **own}
        for name in ("TMUX", "COLUMNS", "LINES"):  # those of whoever runs the tests
            self.environment.pop(name, None)
        self("new-session", "-d", "-x", "80", "-y", "24", command)
        self("set-option", "-g", "remain-on-exit", "on")

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            [TMUX or "tmux", "-S", self.socket, "-f", os.devnull, *arguments],
            capture_output=True,
            text=True,
            check=True,
            env=self.environment,
        )
        return done.stdout

    def screen(self) -> str:
        return self("capture-pane", "-p")

    def type(self, *keys: str) -> None:
        self("send-keys", *keys)

    def until(self, words: str, *, gone: bool = False) -> str:
        """The screen once it shows something, or shows it no longer."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            screen = self.screen()
            if (words in screen) != gone:
                return screen
            time.sleep(0.05)
        raise AssertionError(f"{words!r}: waited for in vain; the screen shows:\n{self.screen()}")

    def ended(self) -> None:
        """Waits until the program has ended; the window stays."""
        ends = time.monotonic() + PATIENCE
        while self("list-panes", "-F", "#{pane_dead}").strip() != "1":
            assert time.monotonic() < ends, f"it goes on:\n{self.screen()}"
            time.sleep(0.05)


@pytest.fixture
def terminal(settings: Settings, tmp_path: Path) -> Iterator[Terminal]:
    command = [sys.executable, "-m", "askscwru"]
    places = ["--seeds", str(settings.seeds), "--embeddings", str(settings.embeddings)]
    opened = Terminal(
        tmp_path,
        shlex.join([*command, *places]),
        {
            "PYTHONPATH": str(SRC),
            "ASKSCWRU_CONVERSATIONS": str(tmp_path / "kept.sqlite3"),
            "ASKSCWRU_TERMINAL": str(tmp_path / "terminal.toml"),
        },
    )
    yield opened
    opened("kill-server")


def test_the_real_screen_answers_while_it_is_resized_and_leaves_the_terminal_clean(
    terminal: Terminal,
) -> None:
    terminal.until("Ask the posts")
    terminal.type("-l", "How many people use Shared Lives?")
    terminal.until("│ How many people use Shared Lives?")
    terminal.type("Enter")
    for size in ((160, 48), (50, 15), (120, 40)):
        terminal("resize-window", "-x", str(size[0]), "-y", str(size[1]))
    terminal.until("citation 1 of 1")
    for words in ("“There is already at least one nationally", "In short: 14,000", "[1] Shared"):
        terminal.until(words)
    terminal("resize-window", "-x", "80", "-y", "24")
    terminal.until("citation 1 of 1", gone=True)  # one column: the post is behind the answer
    terminal.until("❯ How many people use Shared Lives?")
    terminal.type("Tab", "1")
    for words in ("citation 1 of 1", "There is already at least one", "characters 3,652–3,795"):
        terminal.until(words)
    terminal.type("Escape")
    terminal.until("❯ How many people use Shared Lives?")  # only then: Esc and a key are one key
    terminal.type("C-q")
    terminal.ended()
    assert "Traceback" not in terminal.screen()
