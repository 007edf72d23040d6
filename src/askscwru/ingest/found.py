"""What a reader hands on: documents with their posts, and the reason for everything left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from askscwru.ingest.text.parts import PostParts

TEXT = "text"
"""The format of a source whose file is its text; the text of any other is extracted and kept."""
_SHOWN_NAMES = 5


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something among the sources that was left out, and why."""

    name: str
    reason: str
    out_of_reach: bool = False
    """Whether it may be there again as it was: a disk that is not mounted, a folder that may not be
    read. Nothing is wrong with what was read of it before."""
    kept: int = 0
    """How many files of it stand in the index as they were read before."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an index was made from: of what is out of reach now, that is kept."""

    inputs: Mapping[str, str]
    """SHA-256 of each file that was read, by its name."""
    places: Sequence[str]
    """The names of the list of sources as it was; empty for the seeds folder."""


def reason_of(error: Exception) -> str:
    """Why something cannot be read, by what a library raised: its class, and what it says."""
    said = " ".join(str(error).split())
    return f"cannot be read: {type(error).__name__}{': ' if said else ''}{said}"[:200]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that can be read: a source by itself, or a container of several."""

    name: str
    """Path under its root, with ``/`` between folders; behind the root's name where it has one."""
    at: Path | str
    """Its path; of a hundred thousand files the few that are read are made a ``Path`` of."""
    sha256: str
    """Of the file's bytes, in hexadecimal."""

    @property
    def path(self) -> Path:
        """Where it is."""
        return Path(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One source as it was read."""

    name: str
    sha256: str
    """Of the bytes that it was read from, in hexadecimal."""
    format: str
    """See ``Source.format``."""
    text: str
    posts: tuple[PostParts, ...]
    blog: str | None = None
    skipped: tuple[str, ...] = ()
    """Why items of it are no posts, one reason each (``3 drafts``)."""
    links: tuple[str, ...] = ()
    """For each post, where it says that it stands, as written: made a URL by ``site``."""
    url: str | None = None
    """Where the page says that it was saved from."""
    doubtful: str | None = None
    """Why somebody should look at what was read; None where nothing speaks against it."""


@dataclass(slots=True)
class Tally:
    """The items of one file that are no posts, counted by the reason."""

    counts: Counter[str] = field(default_factory=Counter)
    names: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, name: str = "") -> None:
        """One more item left out for this reason; its name is shown where it has one.

        A reason that is a noun is given for one and for many: ``draft|drafts``.
        """
        self.counts[reason] += 1
        if name:
            self.names.setdefault(reason, []).append(name)

    def reasons(self) -> tuple[str, ...]:
        """One line for each reason, in the order in which they were met."""
        told = []
        for reason, count in self.counts.items():
            names = self.names.get(reason, [])
            shown = ", ".join(f"“{name}”" for name in names[:_SHOWN_NAMES])
            more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
            one, _, many = reason.partition("|")
            told.append(
                f"{count} {many if many and count > 1 else one}"
                + (f" ({shown}{more})" if shown else "")
            )
        return tuple(told)
