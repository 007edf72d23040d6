"""How quick the terminal UI is, beside what it cannot be quicker than.

``python benchmarks/terminal.py`` measures, in one run and in a real pseudo-terminal:

* first frame: from starting ``askscwru`` until its first frame is on the terminal, in turn with
  ``python -c "import textual"``, as the median of the ratios;
* bare frame: the same for a Textual application that holds one line of text, for comparison;
* answer: from Enter until the first quote of the answer is painted with its number, less the
  milliseconds that ``Assistant.ask`` takes for the same question in this process, asked in turn.

``--json FILE`` keeps the figures.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from askscwru import Assistant

PEER = [sys.executable, "-c", "import textual"]
OURS = [sys.executable, "-m", "askscwru"]
BARE = [
    sys.executable,
    "-c",
    "from textual.app import App\n"
    "from textual.widgets import Static\n"
    "class A(App):\n"
    "    def compose(self): yield Static('the first frame')\n"
    "A().run()",
]
FRAME = {"ours": b"Ask the posts, and get their own", "bare": b"the first frame"}
PATIENCE = 60.0


class Terminal:
    """A program in a pseudo-terminal, and all that it has written."""

    def __init__(self, command: list[str], columns: int, rows: int) -> None:
        self.began = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(command[0], command)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.seen = b""

    def until(self, words: bytes) -> float:
        """Reads on until some words are painted; the moment at which they were."""
        ends = time.perf_counter() + PATIENCE
        while words not in self.seen and time.perf_counter() < ends:
            if select.select([self.fd], [], [], 0.2)[0]:
                self.seen += os.read(self.fd, 1 << 16)
        if words not in self.seen:
            raise TimeoutError(f"{words!r} was never painted: {self.seen[-400:]!r}")
        return time.perf_counter()

    def rest(self, seconds: float) -> None:
        """Reads on until nothing has come for a while."""
        while select.select([self.fd], [], [], seconds)[0]:
            self.seen += os.read(self.fd, 1 << 16)

    def close(self) -> None:
        """Ends the program."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def first_frame(command: list[str], words: bytes) -> float:
    """Seconds from the start of a program to some words on its screen."""
    terminal = Terminal(command, 80, 24)
    try:
        return terminal.until(words) - terminal.began
    finally:
        terminal.close()


def seconds(command: list[str]) -> float:
    """Wall-clock seconds of one run of a command."""
    began = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - began


def frames(runs: int) -> dict[str, float]:
    """Median seconds and ratios, each round measuring all three in turn, after one warm-up."""
    rounds = []
    for number in range(runs + 1):
        taken = (
            first_frame(OURS, FRAME["ours"]),
            first_frame(BARE, FRAME["bare"]),
            seconds(PEER),
        )
        if number:
            rounds.append(taken)
    ours, bare, peer = (statistics.median(column) for column in zip(*rounds, strict=True))
    return {
        "first_frame_s": ours,
        "bare_frame_s": bare,
        "import_textual_s": peer,
        "ratio": statistics.median(a / c for a, _, c in rounds),
        "bare_ratio": statistics.median(b / c for _, b, c in rounds),
    }


def answers(questions: list[str], columns: int, rows: int) -> dict[str, float]:
    """From Enter to the painted quote, and the same question asked of an assistant directly."""
    assistant = Assistant.load()
    assistant.ask(questions[0])
    terminal = Terminal(OURS, columns, rows)
    over, painted_ms, asked_ms = [], [], []
    try:
        terminal.until(b"sk the %d posts" % len(assistant.posts()))
        for number, question in enumerate([questions[0], *questions]):
            os.write(terminal.fd, b"\x0e")  # Ctrl+N: a new conversation
            terminal.rest(0.3)
            answer = assistant.ask(question)
            os.write(terminal.fd, question.encode())
            terminal.rest(0.3)
            terminal.seen = b""
            began = time.perf_counter()
            os.write(terminal.fd, b"\r")
            painted = terminal.until(b"[1]") - began  # after the first quote
            took = answer.timings_ms["total"]
            if not number:
                continue  # neither is warm yet
            painted_ms.append(1000 * painted)
            asked_ms.append(took)
            over.append(1000 * painted - took)
    finally:
        terminal.close()
        assistant.close()
    return {
        "painted_ms": statistics.median(painted_ms),
        "ask_ms": statistics.median(asked_ms),
        "over_ms": statistics.median(over),
        "over_p95_ms": statistics.quantiles(over, n=20)[-1],
        "questions": len(over),
    }


def answered(items: list[str], most: int) -> list[str]:
    """Questions of a set that are answered, evenly spread over it."""
    assistant = Assistant.load()
    questions = [json.loads(line)["question"] for line in items]
    plain = [q for q in questions if re.fullmatch(r"[\x20-\x7e]+", q)]
    step = max(1, len(plain) // (2 * most))
    found = [q for q in plain[::step] if assistant.ask(q).answered]
    assistant.close()
    return found[:most]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--set", type=Path, default=Path("eval/seeds.jsonl"), dest="items")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    os.environ["TERM"] = "xterm-256color"
    os.environ["ASKSCWRU_TERMINAL"] = os.devnull
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ASKSCWRU_CONVERSATIONS"] = str(Path(folder) / "kept.sqlite3")
        figures: dict[str, dict[str, float]] = {"frames": frames(args.runs)}
        questions = answered(args.items.read_text(encoding="utf-8").splitlines(), args.questions)
        for columns, rows in ((80, 24), (160, 48)):
            figures[f"answers {columns}x{rows}"] = answers(questions, columns, rows)
    table = Table(title="the terminal UI")
    for column in ("what", "figure"):
        table.add_column(column)
    for name, part in figures.items():
        for what, value in part.items():
            table.add_row(f"{name}: {what}", f"{value:.3f}")
    Console().print(table)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
