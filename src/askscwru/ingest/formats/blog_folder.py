"""Who the ids stand for that the front matter of a blog's posts names as authors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from askscwru.ingest.found import SourceFile
from askscwru.ingest.text.front_matter import front_matter_of, mapping_of, name_in

_FORMS = {".yml": "yaml", ".yaml": "yaml", ".json": "json", ".toml": "toml"}
_LARGEST = 2_000_000
_NOBODY: Mapping[str, str] = {}


def people_beside(file: SourceFile) -> Mapping[str, str]:
    """The names of authors by their ids, from the blog that a file is in; empty without any."""
    folders = list(file.path.parents)[: file.name.count("/") + 1]
    for folder in folders:
        if found := _people(folder, _stamp(folder)):
            return found
    return _NOBODY


def stamp_of(folders: Iterable[Path]) -> str:
    """Tells whether what folders say of authors has changed; empty where they say nothing."""
    stamps = [stamp for folder in folders if (stamp := _stamp(folder))]
    return hashlib.sha256(repr(stamps).encode()).hexdigest() if stamps else ""


def _sources(folder: Path) -> list[Path]:
    """The files of a folder that tell of authors."""
    try:
        told = [folder / f"{name}{end}" for name in (".authors", "authors") for end in _FORMS]
        for data in ("_data", "data"):
            told += [folder / data / f"authors{end}" for end in _FORMS]
            told += sorted((folder / data / "authors").glob("*.*"))
        told += sorted((folder / "_authors").glob("*.md"))
        told += sorted((folder / "content" / "authors").glob("**/*.md"))
        return [path for path in told if path.is_file() and path.stat().st_size <= _LARGEST]
    except OSError:
        return []


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Tells whether any of them has changed."""
    facts = ((path, path.stat()) for path in _sources(folder))
    return tuple((str(path), fact.st_size, fact.st_mtime_ns) for path, fact in facts)


@lru_cache(maxsize=256)
def _people(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> Mapping[str, str]:
    people: dict[str, str] = {}
    for path in (Path(name) for name, _, _ in stamp):
        text = path.read_text(encoding="utf-8", errors="replace")
        # One author in a file of their own has its name, or that of its folder, for an id.
        own = path.parent.name if path.stem in ("_index", "index") else path.stem
        if path.suffix == ".md":
            if title := front_matter_of(text).title:
                people[own.lower()] = title
            continue
        read = mapping_of(text, _FORMS.get(path.suffix, "yaml"))
        if path.parent.name == "authors":
            read = {own: read}
        elif isinstance(read.get("authors"), dict):
            read = read["authors"]
        for key, record in read.items():
            if name := name_in(record):
                people[str(key).lower()] = name
    return people
