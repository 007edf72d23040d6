"""The seeds folder to the corpus: sources, their texts, and each post once with all its copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from askscwru.ingest.files import (
    Skipped,
    SourceFile,
    list_sources,
    read_source,
    require_folder,
    require_sources,
    walk,
)
from askscwru.ingest.manifest import SINGLE_POST, Manifest, manifest_sha256, read_manifest
from askscwru.ingest.merge import Copy, copy_of, merge
from askscwru.ingest.pages import read_page
from askscwru.settings import Settings
from askscwru.types import Post, Progress, Source

__all__ = [
    "Corpus",
    "Skipped",
    "SourceFile",
    "list_sources",
    "manifest_sha256",
    "read_corpus",
    "read_source",
]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that the seeds folder holds."""

    sources: tuple[Source, ...]
    """In the order of their names; also those on which no post was found."""
    texts: Mapping[str, str]
    """The text of each source, by its name, newlines untouched."""
    posts: tuple[Post, ...]
    """Each post once, in the order in which the pages show them."""
    skipped: tuple[Skipped, ...]
    """What was left out and why; also sources on which no post was found."""


def read_corpus(settings: Settings, progress: Progress) -> Corpus:
    """Read every page of the seeds folder and make one post of its copies.

    Args:
        settings: says where the seeds are and how large a source may be.
        progress: told of each page that is read, as stage ``read``.

    Raises:
        SeedsError: the folder cannot be read, or there is no post in it.
        ManifestError: its manifest is malformed.
    """
    require_folder(settings)
    manifest = read_manifest(settings)
    files: list[SourceFile] = []
    texts: dict[str, str] = {}
    skipped: list[Skipped] = []
    for found in walk(settings):
        if isinstance(found, Skipped):
            skipped.append(found)
        else:
            files.append(found[0])
            texts[found[0].name] = found[1]
    names = [*texts, *(skip.name for skip in skipped)]
    skipped += [
        Skipped(name, "named in manifest.toml, but there is no such file")
        for name in manifest.unmatched(names)
    ]
    sources = tuple(_source(file, texts[file.name], manifest) for file in files)
    copies: list[Copy] = []
    for done, source in enumerate(sources):
        progress("read", done, len(sources))
        found_here = _copies(source, texts[source.name], len(copies))
        if not found_here:
            skipped.append(Skipped(source.name, "no post was found on it"))
        copies += found_here
    progress("read", len(sources), len(sources))
    require_sources(settings, files if copies else [], skipped)
    return Corpus(sources, texts, merge(copies, texts), tuple(skipped))


def _source(file: SourceFile, text: str, manifest: Manifest) -> Source:
    return Source(
        name=file.name,
        sha256=file.sha256,
        characters=len(text),
        blog=manifest.blog(file.name),
        kind=manifest.kind(file.name),
    )


def _copies(source: Source, text: str, order: int) -> list[Copy]:
    page = read_page(text, single=source.kind == SINGLE_POST)
    return [copy_of(source, text, parts, order + n) for n, parts in enumerate(page.posts)]
