"""The list of sources to the corpus: their texts, and each post once with all its copies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from askscwru.errors import AskscwruError, SeedsError
from askscwru.files import sha256_of
from askscwru.ingest.absent import out_of_reach
from askscwru.ingest.delta import Changes, Delta, unchanged_around
from askscwru.ingest.document_cache import DocumentCache
from askscwru.ingest.files import CONTAINERS, Look, list_sources, read_source, require_sources, walk
from askscwru.ingest.formats.blog_folder import stamp_of
from askscwru.ingest.found import Document, Earlier, Skipped, SourceFile, reason_of
from askscwru.ingest.kinds import kind_of
from askscwru.ingest.manifest import SeedsManifest, manifest_sha256
from askscwru.ingest.manifest import read_manifest as read_seeds_manifest
from askscwru.ingest.merge import Copy, Merged, copy_of, merged
from askscwru.ingest.remembered import CopyStore, Order, TooMuchChangedError
from askscwru.ingest.roots import read_list
from askscwru.ingest.site import settle
from askscwru.ingest.sources_of import source_of
from askscwru.settings import Settings
from askscwru.types import Post, Progress, Source

if TYPE_CHECKING:
    from askscwru.ingest.readers import Readers

HTML = "html"
_Item = TypeVar("_Item", Document, Copy)
_T = TypeVar("_T")
_NAMED = 3
"""More pages of one site without a post than this are named together: every archive is one."""

Unread = tuple[SourceFile, bytes | None]
"""A file with its bytes; None where it is out of reach."""
ReadAhead = Callable[["Readers", Sequence[Unread], DocumentCache], Iterable[Unread]]
"""Has files read elsewhere, and gives each out, in order, when what it was read as is in the cache.
What is not there then is read here."""

__all__ = [
    "Changes",
    "CopyStore",
    "Corpus",
    "Delta",
    "DocumentCache",
    "Earlier",
    "Look",
    "ReadAhead",
    "Skipped",
    "SourceFile",
    "TooMuchChangedError",
    "Unread",
    "as_found",
    "list_sources",
    "manifest_sha256",
    "read_corpus",
    "read_list",
    "read_seeds_manifest",
    "read_source",
    "reading",
    "same_unmatched",
    "unchanged_around",
]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that the sources hold."""

    sources: tuple[Source, ...]
    """In the order of their names; also those on which no post was found."""
    texts: Mapping[str, str]
    """The text of each source, by its name, newlines untouched."""
    posts: tuple[Post, ...]
    """Each post once, in the order in which the pages show them."""
    skipped: tuple[Skipped, ...]
    """What was left out and why; also sources on which no post was found."""
    inputs: Mapping[str, str]
    """SHA-256 of each file that was read, by its name."""
    doubtful: tuple[Skipped, ...] = ()
    """Pages that were read, and on which it was hard to tell what is the post; and why."""


def read_corpus(
    settings: Settings,
    progress: Progress,
    cache: DocumentCache | None = None,
    earlier: Earlier | None = None,
    copies_in: CopyStore | None = None,
    ahead: ReadAhead | None = None,
) -> Corpus:
    """Read every file of the list of sources and make one post of its copies.

    Args:
        settings: says where the sources are and how large one may be.
        progress: told of each file that is read, as stage ``read``.
        cache: files that were read before; nothing is kept without one.
        earlier: what an index was made from; what is out of reach now is taken from the cache.
        copies_in: keeps how posts were made of copies, for a build that looks at changes alone.
        ahead: has files read by others and puts that into the cache.

    Raises:
        SeedsError: the folder cannot be read, or there is no post in it; or something is out of
            reach, and what was read of it is not in the cache.
        ManifestError: its manifest is malformed.
    """
    manifest = read_seeds_manifest(settings)
    skipped: list[Skipped] = []
    files: list[Unread] = []
    look = Look()
    for found in walk(settings, look):
        if isinstance(found, Skipped):
            skipped.append(found)
        else:
            files.append(found)
    seen_skips = [(skip.name, skip.reason) for skip in skipped]
    kept: list[SourceFile] = []
    if earlier is not None:
        kept, skipped = out_of_reach(settings, [file for file, _ in files], skipped, earlier)
        files += [(file, None) for file in kept]
    inputs = {file.name: file.sha256 for file, _ in files}
    origins = Origins()
    read = _read(settings, manifest, files, skipped, progress, cache, origins, ahead)
    for name in origins.unsteady:
        del inputs[name]
    documents = _sound(read, settle, skipped)
    if read_list(settings).seeds:
        skipped += _unmatched(manifest, [*inputs, *(skip.name for skip in skipped)])
    skipped += _left_out(documents)
    absent = {file.name for file in kept}
    sources = tuple(source_of(document, manifest, absent) for document in documents)
    texts = {document.name: document.text for document in documents}
    copies: list[Copy] = []
    whole = len(documents) == len(read) and not kept and not origins.unsteady
    for source, document in zip(sources, documents, strict=True):
        found_copies = _copies(source, document, len(copies), skipped)
        whole = whole and len(found_copies) == len(document.posts)
        copies += found_copies
    require_sources(settings, [file for file, _ in files] if copies else [], skipped)
    attempts: list[Merged] = []

    def merge(some: Sequence[Copy]) -> tuple[Post, ...]:
        attempts.append(merged(some, texts, progress))
        return tuple(attempts[-1].posts.values())

    posts = _sound(copies, merge, skipped)
    if copies_in is not None:
        copies_in.forget()
        if whole and len(attempts) == 1:
            with suppress(TooMuchChangedError):  # without it, the next build reads everything
                origins.keep(copies_in, attempts[0], documents, look, seen_skips)
    doubtful = tuple(Skipped(d.name, d.doubtful) for d in documents if d.doubtful and d.posts)
    return Corpus(sources, texts, tuple(posts), tuple(skipped), inputs, doubtful)


def _copies(source: Source, document: Document, before: int, skipped: list[Skipped]) -> list[Copy]:
    """The posts of a document; one that cannot be compared with others is left out, and named."""
    copies: list[Copy] = []
    for parts in document.posts:
        try:
            copies.append(copy_of(source, document.text, parts, before + len(copies)))
        except Exception as error:
            skipped.append(Skipped(document.name, reason_of(error)))
    return copies


def _sound(
    items: Sequence[_Item], work: Callable[[Sequence[_Item]], Sequence[_T]], skipped: list[Skipped]
) -> Sequence[_T]:
    """What ``work`` makes of all; where it fails, of those that it can take by themselves."""
    try:
        return work(items)
    except AskscwruError:
        raise
    except Exception:
        sound: list[_Item] = []
        for item in items:
            try:
                work([item])
            except Exception as error:
                name = item.name if isinstance(item, Document) else item.source.name
                skipped.append(Skipped(name, reason_of(error)))
            else:
                sound.append(item)
        return work(sound)


def _read(
    settings: Settings,
    manifest: SeedsManifest,
    files: Sequence[Unread],
    skipped: list[Skipped],
    progress: Progress,
    cache: DocumentCache | None,
    origins: Origins,
    ahead: ReadAhead | None,
) -> list[Document]:
    # Answering a question needs no reader, and no lxml.
    from askscwru.ingest.readers import Readers

    readers = Readers(manifest, unpublished=settings.unpublished)
    documents: list[Document] = []
    ready = files if ahead is None or cache is None else ahead(readers, files, cache)
    for done, (file, data) in enumerate(ready):
        progress("read", done, len(files))
        kind = readers.kept_as(file)
        read = None if cache is None else cache.get(file, kind)
        if read is None:
            if data is None:
                raise _not_kept(file)
            read = readers.read(file, data)
            if not as_found(file, data):
                read = [Skipped(file.name, "it was written to while it was read")]
                origins.unsteady.add(file.name)
            elif cache is not None:
                cache.put(file, kind, read)
        if cache is not None:
            origins.keys[file.name] = cache.key(file, kind)
        for at, one in enumerate(read):
            if isinstance(one, Skipped):
                skipped.append(one)
            else:
                origins.documents[one.name] = file.name, at
                documents.append(one)
    progress("read", len(files), len(files))
    return documents


def same_unmatched(
    settings: Settings,
    manifest: SeedsManifest,
    before: Iterable[str],
    now: Iterable[str],
    skipped: Sequence[Skipped],
) -> bool:
    """Whether the manifest names as much that is not there as it did.

    Args:
        settings: say whether the manifest is about anything that is read.
        manifest: what it says.
        before: names of the files as they were.
        now: as they are.
        skipped: what is left out, then as now.
    """
    if not read_list(settings).seeds:
        return True
    names = [skip.name for skip in skipped]
    return manifest.unmatched([*before, *names]) == manifest.unmatched([*now, *names])


def reading(
    manifest: SeedsManifest, settings: Settings, cache: DocumentCache
) -> Callable[[SourceFile], tuple[bytes, list[Document | Skipped]]]:
    """What reads one file, and gives with what it read the key of that in the cache."""
    # Answering a question needs no reader, and no lxml.
    from askscwru.ingest.readers import Readers

    readers = Readers(manifest, unpublished=settings.unpublished)

    def read(file: SourceFile) -> tuple[bytes, list[Document | Skipped]]:
        kind = readers.kept_as(file)
        found = cache.get(file, kind)
        if found is None:
            try:
                data = b"" if kind_of(file.path.name) in CONTAINERS else file.path.read_bytes()
            except OSError as error:
                raise TooMuchChangedError from error
            if data and hashlib.sha256(data).hexdigest() != file.sha256:
                raise TooMuchChangedError  # it was written to since it was looked at
            found = readers.read(file, data)
            if not as_found(file, data):
                raise TooMuchChangedError
            cache.put(file, kind, found)
        return cache.key(file, kind), found

    return read


def as_found(file: SourceFile, data: bytes) -> bool:
    """Whether a file that was read from the disk is still the one whose hash was taken."""
    try:
        return bool(data) or sha256_of(file.path) == file.sha256
    except OSError:
        return False


def _not_kept(file: SourceFile) -> SeedsError:
    return SeedsError(
        f"{file.path} cannot be read, and what was read of it before is of another version or"
        " kind; the index is left as it was.",
        remedy="Make it readable again, or run `askscwru index --forget-missing` to let its posts"
        " go.",
    )


@dataclass(frozen=True, slots=True)
class Origins:
    """From which file each document is."""

    documents: dict[str, tuple[str, int]] = field(default_factory=dict)
    """File, and place among what it was read as, of each document by its name."""
    keys: dict[str, bytes] = field(default_factory=dict)
    """The key of each file in the cache of documents."""
    unsteady: set[str] = field(default_factory=set)
    """Files that were written to while they were read: the next build reads them again."""

    def keep(
        self,
        store: CopyStore,
        made: Merged,
        documents: Sequence[Document],
        look: Look,
        skips: Sequence[tuple[str, str]],
    ) -> None:
        """Keeps everything that a build must know which looks at changes alone."""
        orders: dict[int, Order] = {}
        for document in documents:
            file, number = self.documents[document.name]
            for at in range(len(document.posts)):
                orders[len(orders)] = look.places[file], file, number, at
        store.keep(self.documents, {document.name: document.format for document in documents})
        store.keep_files(look.seen, look.places, self.keys)
        store.keep_merged(made, orders)
        store.set_facts({"skips": json.dumps(skips), "authors": stamp_of(look.folders)})


def _unmatched(manifest: SeedsManifest, names: list[str]) -> list[Skipped]:
    return [
        Skipped(name, "named in manifest.toml, but there is no such file")
        for name in manifest.unmatched(names)
    ]


def _left_out(documents: Sequence[Document]) -> list[Skipped]:
    """One line for each source of which something, or all, is no post."""
    told = [
        Skipped(document.name, "; ".join(document.skipped))
        for document in documents
        if document.skipped
    ]
    bare = [document for document in documents if not document.posts and not document.skipped]
    pages: dict[str, list[str]] = {}
    for document in bare:
        folder = document.name.split("/")[0] if document.format == HTML else document.name
        pages.setdefault(folder, []).append(document.name)
    for folder, names in pages.items():
        if len(names) <= _NAMED:
            told += [Skipped(name, "no post was found on it") for name in names]
        else:
            shown = ", ".join(names[:_NAMED])
            told.append(Skipped(folder, f"{len(names):,} pages without a post: {shown}, …"))
    return told
