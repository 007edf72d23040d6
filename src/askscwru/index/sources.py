"""What ``askscwru index`` and ``askscwru sources`` do: the list of sources, and keeping up with it.

Nothing here prints: the commands show what these functions return.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from askscwru.errors import AskscwruError, SeedsError
from askscwru.files import leaving_nothing
from askscwru.index.build import (
    READ,
    UNMISSED,
    BuildReport,
    PostChanges,
    build,
    document_cache,
    earlier_of,
    post_changes,
    posts_of,
    source_changes,
)
from askscwru.index.generation import MANIFEST, read_made_from, read_manifest
from askscwru.ingest import Earlier, Skipped, read_corpus
from askscwru.ingest.roots import SOURCES, SourceList, added, read_list, removed, write_list
from askscwru.settings import Settings
from askscwru.types import Progress

_POLL = 1.0
"""Seconds between two looks at a watched folder."""
_SETTLED = 1
"""Looks that must find nothing new before a change is taken for finished."""

Signature = frozenset[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Listed:
    """One place of the list of sources, with what the index has of it."""

    name: str
    path: Path
    there: bool
    """Whether the file or folder exists."""
    sources: int
    posts: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a build would do."""

    new: tuple[str, ...]
    updated: tuple[str, ...]
    gone: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]
    posts: int
    changes: PostChanges
    skipped: tuple[Skipped, ...]
    doubtful: tuple[Skipped, ...] = ()
    """Pages on which it was hard to tell what is the post, and why."""


def add_paths(settings: Settings, paths: Sequence[Path]) -> SourceList:
    """Puts places on the list; one that is there already stays as it is.

    Raises:
        UsageError: there is nothing at a path, or it cannot be a source. None is added then.
    """
    listed = _with(settings, paths)
    write_list(settings, listed)
    return listed


def _with(settings: Settings, paths: Sequence[Path]) -> SourceList:
    listed = read_list(settings)
    for path in paths:
        listed, _ = added(listed, path, settings)
    return listed


def remove_names(settings: Settings, names: Sequence[str]) -> SourceList:
    """Takes places off the list, by name or path; raises ``NotFoundError``."""
    listed = read_list(settings)
    for name in names:
        listed, _ = removed(listed, name, settings)
    write_list(settings, listed)
    return listed


def show(settings: Settings) -> list[Listed]:
    """Every place of the list, in the order in which it is read."""
    places = read_list(settings).all(settings)
    try:
        live = read_manifest(settings.embeddings / MANIFEST)
        names = list(read_made_from(settings.embeddings, live).sources)
    except AskscwruError:
        names = []
    posts = posts_of(settings)
    others = tuple(place.name for place in places if place.name)

    def belongs(source: str, name: str) -> bool:
        if name:
            return source == name or source.startswith(f"{name}/")
        return not any(belongs(source, other) for other in others)

    return [
        Listed(
            name=place.shown,
            path=place.path,
            there=place.path.exists(),
            sources=sum(belongs(source, place.name) for source in names),
            posts=sum(belongs(post.source, place.name) for post in posts),
        )
        for place in places
    ]


def index_paths(
    settings: Settings,
    paths: Sequence[Path],
    progress: Progress,
    *,
    force: bool = False,
    forget_missing: bool = False,
) -> BuildReport:
    """Adds places to the list and brings the index up to date with it; the rest as ``build``.

    Raises:
        SeedsError: there is nothing to index; the list is then as it was before.
        AskscwruError: as ``build`` raises it.
    """
    before = read_list(settings)
    with leaving_nothing(settings.embeddings, SOURCES, *UNMISSED):
        if paths:
            add_paths(settings, paths)
        try:
            return build(settings, progress, force=force, forget_missing=forget_missing)
        except SeedsError:
            if paths:
                write_list(settings, before)
            raise


def forecast(
    settings: Settings,
    paths: Sequence[Path],
    progress: Progress,
    *,
    forget_missing: bool = False,
) -> Forecast:
    """What ``index_paths`` would do; nothing is written under ``embeddings``."""
    listed = _with(settings, paths)
    earlier: Earlier | None = None
    before: dict[str, str] = {}
    with suppress(AskscwruError):
        live = read_manifest(settings.embeddings / MANIFEST)
        made_from = read_made_from(settings.embeddings, live)
        earlier = None if forget_missing else earlier_of(live, made_from)
        before = made_from.sources
    posts = posts_of(settings)
    with tempfile.TemporaryDirectory() as folder:
        # The list is read from the index's folder: this one has the list and no index.
        tried = settings.model_copy(update={"embeddings": Path(folder)})
        write_list(tried, listed)
        copied = Path(folder) / Path(READ).name
        with suppress(OSError):
            shutil.copyfile(settings.embeddings / READ, copied)
        cache = document_cache(settings, copied)
        try:
            corpus = read_corpus(tried, progress, cache, earlier)
        finally:
            cache.close()
    now = {source.name: source.sha256 for source in corpus.sources}
    told = source_changes(before, now)
    return Forecast(
        new=told["new"],
        updated=told["updated"],
        gone=told["gone"],
        moved=told["moved"],
        posts=len(corpus.posts),
        changes=post_changes(posts, corpus.posts),
        skipped=corpus.skipped,
        doubtful=corpus.doubtful,
    )


def watch(
    settings: Settings,
    progress: Progress,
    *,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[BuildReport | AskscwruError]:
    """Brings the index up to date whenever a file of the list changes, for as long as it is asked.

    The files are looked at once a second, which works on every system and on network drives. A
    build that fails is handed on as its error, and the next change is waited for.
    """
    known = _signature(settings)
    while True:
        now = _signature(settings)
        if now != known:
            quiet = 0
            while quiet < _SETTLED:
                wait(_POLL)
                later = _signature(settings)
                quiet = quiet + 1 if later == now else 0
                now = later
            known = now
            try:
                yield build(settings, progress)
            except AskscwruError as error:
                yield error
        wait(_POLL)


def _signature(settings: Settings) -> Signature:
    """Name, size and time of every file of the list, and the list itself."""
    found: set[tuple[str, int, int]] = set()
    listed = read_list(settings)
    index = settings.embeddings.resolve()
    found.add((listed.sha256(), 0, 0))
    for place in listed.all(settings):
        folder = place.path.is_dir()
        for path in place.path.rglob("*") if folder else (place.path,):
            if path.resolve().is_relative_to(index):
                continue
            try:
                fact = path.stat()
            except OSError:
                continue
            if not folder or path.is_file():
                found.add((str(path), fact.st_size, fact.st_mtime_ns))
    return frozenset(found)
