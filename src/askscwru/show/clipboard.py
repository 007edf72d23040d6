"""To the clipboard by the surest way that there is, and the name of that way.

In order: the system's own program; tmux, which hands on to the terminal outside it; the terminal
itself (OSC 52), which never says whether it obeyed; a file.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from askscwru.errors import StorageError
from askscwru.files import write_new

PATIENCE = 2.0
"""Seconds that a program may take to accept the text."""
MOST_BY_TERMINAL = 74_994
"""Bytes: what xterm and others take in one OSC 52 sequence (100,000 characters of base64)."""
_DEAF = frozenset({"dumb", "linux", "vt100", "vt220", "cons25"})
"""Terminals that have no clipboard."""


@dataclass(frozen=True, slots=True)
class Copied:
    """Where a text went."""

    way: str
    """For people: ``wl-copy``, ``the terminal (OSC 52)``, ``the file …``."""
    sure: bool
    """Whether whoever took it said so."""


def native_programs(
    environment: Mapping[str, str], system: str, found: Callable[[str], str | None] = shutil.which
) -> list[list[str]]:
    """The commands that take the clipboard's new text on their standard input, best first.

    Over SSH the far machine's own clipboard is of no use, unless its windows are shown here.
    """
    far = bool(environment.get("SSH_TTY") or environment.get("SSH_CONNECTION"))
    commands: list[list[str]] = []
    if system == "Darwin" and not far:
        commands.append(["pbcopy"])
    if environment.get("WAYLAND_DISPLAY"):
        commands.append(["wl-copy"])
    if environment.get("DISPLAY"):
        commands += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    if (system == "Windows" or environment.get("WSL_DISTRO_NAME")) and not far:
        commands.append(["clip.exe"])
    if environment.get("TMUX"):
        commands.append(["tmux", "load-buffer", "-w", "-"])
    return [command for command in commands if found(command[0])]


def copy(
    text: str,
    to_terminal: Callable[[str], None],
    *,
    environment: Mapping[str, str] | None = None,
    system: str | None = None,
    folder: Path | None = None,
) -> Copied:
    """Puts ``text`` on the clipboard and says how.

    Args:
        text: what to copy.
        to_terminal: writes an OSC 52 sequence with the text to the terminal.
        environment: of this process, unless another is given.
        system: as ``platform.system`` names it.
        folder: for the file, where nothing else will do; the system's temporary one by default.

    Raises:
        StorageError: not even a file could be written.
    """
    environment = os.environ if environment is None else environment
    for command in native_programs(environment, system or platform.system()):
        if _run(command, text):
            return Copied(command[0], sure=True)
    data = text.encode("utf-8", "replace")
    if environment.get("TERM", "dumb") not in _DEAF and len(data) <= MOST_BY_TERMINAL:
        to_terminal(data.decode("utf-8"))
        return Copied("the terminal (OSC 52)", sure=False)
    return Copied(f"the file {_to_file(data, folder)}", sure=True)


def _run(command: Sequence[str], text: str) -> bool:
    encoding = "utf-16" if command[0] == "clip.exe" else "utf-8"
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; the text goes to its input
            command,
            input=text.encode(encoding, "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _to_file(data: bytes, folder: Path | None) -> Path:
    try:
        private = folder or Path(tempfile.mkdtemp(prefix="askscwru-"))
        path = private / "copied.txt"
        number = 1
        while path.exists():
            number += 1
            path = private / f"copied-{number}.txt"
        write_new(path, data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"There is no clipboard, and no file either: {reason}.") from error
    return path
