"""What a command writes, where it cannot be written as it is, and what is left of a fault of ours.

Output that goes to a file or a pipe may be of an encoding that lacks our characters (Windows' own
code pages, a Latin-1 or C locale), and may end in a full disk or a reader that has gone. None of
that may end in a traceback, and neither may a fault of ours: its trace goes to a log.
"""

from __future__ import annotations

import codecs
import errno
import os
import sys
import traceback
import unicodedata
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from askscwru import __version__

PLAIN = "askscwru.plain"
"""The name under which the error handler for characters that cannot be written is known."""
_LIKE = {
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‘’‚‛‹›′", "'"),
    **dict.fromkeys("–—‐‑‒−―", "-"),
    **dict.fromkeys("•·▪●", "*"),
    "…": "...",
    "→": "->",
    "█": "#",
    "░": ".",
    "€": "EUR",
    "£": "GBP",
    "\u00a0": " ",
}
_STREAM_FAILURES = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EPIPE, errno.EBADF}
)
_LARGEST_LOG = 256 * 1024


def _alike(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that the output lacks: one like it, or ``?``."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = error.object[error.start : error.end]
    return "".join(_like(character) for character in found), error.end


def _like(character: str) -> str:
    if character in _LIKE:
        return _LIKE[character]
    if unicodedata.combining(character):
        return ""
    if not character.isalpha():  # ½ is not 12, and 10² is not 102
        return "?"
    return unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode() or "?"


codecs.register_error(PLAIN, _alike)


def accept_any_text() -> None:
    """Lets standard output and standard error take every text, whatever their encoding."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=PLAIN)


def flush() -> OSError | None:
    """Writes what is still to be written; returns why it cannot be.

    What cannot be written is then thrown away, so that Python does not complain of it at its end.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except OSError as error:
            _throw_away(stream)
            return error
    return None


def refusal(error: Exception) -> OSError | None:
    """The output's own failure, where that is what an error is; what cannot be written is dropped.

    A file that cannot be written is named by its error, or by ``files.writing``; a stream is not.
    """
    if not isinstance(error, OSError):
        return None
    refused = flush()
    unnamed = error.filename is None and error.errno in _STREAM_FAILURES
    return refused or (error if unnamed else None)


def _throw_away(stream: object) -> None:
    """Points a stream nowhere, with what it still holds."""
    if isinstance(stream, TextIOWrapper):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def log_file() -> Path:
    """Where the traces of our own faults go."""
    import platformdirs

    return platformdirs.user_log_path("askscwru", appauthor=False) / "faults.log"


def log_fault(error: BaseException) -> str:
    """Adds the trace of a fault of ours to the log, and returns one line that says so.

    The log is its owner's alone: a trace may hold what was asked.
    """
    kind = type(error).__name__
    told = " ".join(str(error).split())[:200]
    said = f"This is a fault of askscwru: {kind}{': ' if told else ''}{told}."
    try:
        path = log_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not path.exists() or path.stat().st_size > _LARGEST_LOG
        mode = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if fresh else os.O_APPEND)
        with os.fdopen(os.open(path, mode, 0o600), "w", encoding="utf-8", errors=PLAIN) as log:
            log.write(f"{datetime.now(UTC).isoformat()} askscwru {__version__}\n")
            log.writelines(traceback.format_exception(error))
            log.write("\n")
    except OSError as refused:
        return f"{said} Its trace could not be kept ({refused.strerror}). Please report it."
    return f"{said} Please report it to the project, with its trace: {path}"
