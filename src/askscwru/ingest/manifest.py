"""The seeds manifest: what a person knows of the pages and the pages do not say.

::

    [[source]]
    file = "2014/*.txt"          # a source's name, or a pattern for several
    blog = "Policy Press blog"   # optional: which blog the page is from
    kind = "tag archive"         # optional: "post" for a page that holds one post

Of several entries that match a source the later one counts, key by key.
"""

from __future__ import annotations

import fnmatch
import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from askscwru.errors import ManifestError
from askscwru.ingest.files import MANIFEST_NAME
from askscwru.settings import Settings

SINGLE_POST = "post"
"""The kind of a page that holds one post, so that nothing in it starts another."""

_KEYS = ("file", "blog", "kind")
_REMEDY = (
    'Write entries as: [[source]] file = "page.txt", and if you like blog = "…" and kind = "…";'
    " see seeds/README.md."
)


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """What one ``[[source]]`` of the manifest says."""

    file: str
    """The name of a source, or a pattern with ``*``, ``?`` and ``[…]``."""
    blog: str | None = None
    kind: str | None = None

    def matches(self, name: str) -> bool:
        """Whether the entry is about the source of this name."""
        return self.file == name or fnmatch.fnmatchcase(name, self.file)


@dataclass(frozen=True, slots=True)
class SeedsManifest:
    """The entries in the order of the file; none where there is no manifest."""

    entries: tuple[ManifestEntry, ...] = ()

    def blog(self, name: str) -> str | None:
        """The blog that the source is from, or None where no entry says so."""
        return _last(entry.blog for entry in self.entries if entry.matches(name))

    def kind(self, name: str) -> str | None:
        """The kind of page that the source is, or None where no entry says so."""
        return _last(entry.kind for entry in self.entries if entry.matches(name))

    def unmatched(self, names: Iterable[str]) -> list[str]:
        """The ``file`` of each entry that matches none of the names."""
        known = list(names)
        return [
            entry.file for entry in self.entries if not any(entry.matches(name) for name in known)
        ]


def read_manifest(settings: Settings) -> SeedsManifest:
    """The manifest of the seeds folder; an empty one where there is none.

    Raises:
        ManifestError: it cannot be read, is no TOML, or holds a key or a value that is not known.
    """
    data = _bytes(settings)
    if data is None:
        return SeedsManifest()
    where = settings.seeds / MANIFEST_NAME
    try:
        # A BOM is no part of TOML, but some editors write one.
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(f"{where} is not valid TOML: {error}.", remedy=_REMEDY) from error
    for key in table:
        if key != "source":
            raise ManifestError(f"{where}: {key!r} is not a known key.", remedy=_REMEDY)
    sources = table.get("source", [])
    if not isinstance(sources, list):
        raise ManifestError(f"{where}: 'source' must be written [[source]].", remedy=_REMEDY)
    entries = (_entry(f"{where}, entry {n}", raw) for n, raw in enumerate(sources, 1))
    return SeedsManifest(tuple(entries))


def manifest_sha256(settings: Settings) -> str:
    """The hash of the manifest's bytes, empty where there is none: tells whether it changed."""
    data = _bytes(settings)
    return "" if data is None else hashlib.sha256(data).hexdigest()


def _bytes(settings: Settings) -> bytes | None:
    path = settings.seeds / MANIFEST_NAME
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ManifestError(
            f"{path} cannot be read: {error.strerror}.", remedy="Mend or remove it."
        ) from error


def _entry(where: str, raw: object) -> ManifestEntry:
    if not isinstance(raw, dict):
        raise ManifestError(f"{where} is not a table.", remedy=_REMEDY)
    for key, value in raw.items():
        if key not in _KEYS:
            raise ManifestError(f"{where}: {key!r} is not a known key.", remedy=_REMEDY)
        if not isinstance(value, str) or not value.strip():
            raise ManifestError(f"{where}: {key!r} must be a text in quotes.", remedy=_REMEDY)
    if "file" not in raw:
        raise ManifestError(f"{where}: 'file' is missing.", remedy=_REMEDY)
    return ManifestEntry(**{key: value.strip() for key, value in raw.items()})


def _last(values: Iterable[str | None]) -> str | None:
    known = [value for value in values if value is not None]
    return known[-1] if known else None
