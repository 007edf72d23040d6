"""What the terminal UI remembers by itself: theme, layout, and the question that was not asked.

It stands beside the preferences, in a file of its own, so that nobody's own file is rewritten.
Whatever is wrong with it, the program starts as if there were none.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

_SUFFIX = ".remembered.json"
_LONGEST = 20_000
"""Characters of a question that are kept; ten times what can be asked."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """As it was when the program was last left."""

    theme: str | None = None
    """Its name; None where it was never changed."""
    evidence: bool = True
    """Whether the evidence stood beside the conversation."""
    draft: str = ""
    """What was typed and neither asked nor removed."""


def file_beside(preferences: Path) -> Path:
    """Where it is kept."""
    return preferences.with_name(preferences.stem + _SUFFIX)


def read_remembered(path: Path) -> Remembered:
    """What is remembered; nothing where that cannot be read."""
    try:
        told = json.loads(path.read_bytes())
        return Remembered(
            theme=told["theme"] if isinstance(told["theme"], str) else None,
            evidence=told["evidence"] is not False,
            draft=str(told["draft"])[:_LONGEST],
        )
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return Remembered()


def write_remembered(path: Path, remembered: Remembered) -> None:
    """Keeps it for the owner alone; where that fails it is forgotten, and nothing else happens."""
    told = {**asdict(remembered), "draft": remembered.draft[:_LONGEST]}
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            aside.touch(mode=0o600)
            aside.write_text(json.dumps(told), encoding="ascii")
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
