"""What a run leaves behind: one record an item. Tables, comparisons and pages are views of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from askscwru.errors import SetError, StorageError

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What happened to one item."""

    id: str
    group: str
    """Items of one group are resampled together: the turns of a conversation."""
    kind: str
    split: str
    question: str
    values: dict[str, float] = field(default_factory=dict)
    """The item's own figures, by name; a figure that the item says nothing of is left out."""
    timings_ms: dict[str, float] = field(default_factory=dict)
    """Milliseconds by stage."""
    detail: dict[str, Any] = field(default_factory=dict)
    """What was expected, answered and retrieved, for people to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRun:
    """One set, run once against one program."""

    name: str
    type: str
    """``posts``, ``conversations``, ``given``, ``ranking``, ``chunking``: which figures it has."""
    control: str | None
    """The control that was run in place of the program; None for the program itself."""
    split: str
    """``tune``, ``report`` or ``all``."""
    sha256: str
    """Of the set."""
    planned: int
    """How many items were to be run."""
    of: int
    """How many the set holds in that split; more than ``planned`` where a limit was given."""
    records: tuple[Record, ...]

    @property
    def key(self) -> str:
        """Tells the set runs of one run apart."""
        return self.name if self.control is None else f"{self.name} [{self.control}]"

    @property
    def partial(self) -> bool:
        """Whether it was stopped before it was through."""
        return len(self.records) < self.planned

    @property
    def whole(self) -> bool:
        """Whether every item of every split was run."""
        return self.split == "all" and len(self.records) == self.of


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All that one call of ``askscwru eval`` measured."""

    format: int
    version: str
    """Of askscwru."""
    settings: dict[str, Any]
    """What the program was set to, without paths."""
    models: dict[str, str]
    """Fingerprints of what was measured: index, encoder, reader, weights."""
    sets: tuple[SetRun, ...]
    stopped: bool = False
    """Whether Ctrl-C ended it: some sets may not have been begun."""

    @property
    def partial(self) -> bool:
        """Whether it was stopped before it was through."""
        return self.stopped or any(one.partial for one in self.sets)


_RUNS = TypeAdapter(Run)


def save_run(run: Run, path: Path) -> None:
    """Writes a run as JSON, one record a line; gzipped where the name ends in ``.gz``.

    Raises:
        StorageError: it cannot be written.
    """
    content = asdict(run)
    for one in content["sets"]:
        one["records"] = [f"\0{_json(record)}" for record in one["records"]]
    text = json.dumps(content, ensure_ascii=False, indent=1)
    text = "\n".join(_unquoted(line) for line in text.split("\n")) + "\n"
    data = text.encode("utf-8", "surrogatepass")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    except OSError as error:
        raise StorageError(f"Cannot write {path}: {error.strerror}.") from error


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _unquoted(line: str) -> str:
    bare = line.strip()
    if not bare.startswith('"\\u0000'):
        return line
    comma = "," if bare.endswith(",") else ""
    return "  " + str(json.loads(bare.removesuffix(",")))[1:] + comma


def read_run(path: Path) -> Run:
    """Reads a saved run.

    Raises:
        SetError: it is not there, or is not a run of this format.
    """
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        content = json.loads(data.decode("utf-8", "surrogatepass"))
    except FileNotFoundError as error:
        raise SetError(f"There is no saved run {path}.") from error
    except (OSError, ValueError, EOFError) as error:
        raise SetError(f"{path} is not a saved run: {error}.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise SetError(
            f"{path} is not a saved run of format {FORMAT}.",
            remedy="Make one with `askscwru eval --json FILE`.",
        )
    try:
        return _RUNS.validate_python(content)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        raise SetError(f"{path} is not a saved run: {where}: {fault['msg']}.") from error
