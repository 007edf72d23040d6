"""The list of sources to the corpus: their texts, and each post once with all its copies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from askscwru.errors import AskscwruError, SeedsError
from askscwru.ingest.absent import out_of_reach
from askscwru.ingest.document_cache import DocumentCache
from askscwru.ingest.files import list_sources, read_source, require_sources, walk
from askscwru.ingest.found import TEXT, Document, Earlier, Skipped, SourceFile, reason_of
from askscwru.ingest.manifest import SeedsManifest, manifest_sha256, read_manifest
from askscwru.ingest.merge import Copy, copy_of, merge
from askscwru.ingest.roots import read_list
from askscwru.ingest.site import settle
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
    "Corpus",
    "DocumentCache",
    "Earlier",
    "ReadAhead",
    "Skipped",
    "SourceFile",
    "Unread",
    "list_sources",
    "manifest_sha256",
    "read_corpus",
    "read_list",
    "read_source",
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
    ahead: ReadAhead | None = None,
) -> Corpus:
    """Read every file of the list of sources and make one post of its copies.

    Args:
        settings: says where the sources are and how large one may be.
        progress: told of each file that is read, as stage ``read``.
        cache: files that were read before; nothing is kept without one.
        earlier: what an index was made from; what is out of reach now is taken from the cache.
        ahead: has files read by others and puts that into the cache.

    Raises:
        SeedsError: the folder cannot be read, or there is no post in it; or something is out of
            reach, and what was read of it is not in the cache.
        ManifestError: its manifest is malformed.
    """
    manifest = read_manifest(settings)
    skipped: list[Skipped] = []
    files: list[Unread] = []
    for found in walk(settings):
        if isinstance(found, Skipped):
            skipped.append(found)
        else:
            files.append(found)
    kept: list[SourceFile] = []
    if earlier is not None:
        kept, skipped = out_of_reach(settings, [file for file, _ in files], skipped, earlier)
        files += [(file, None) for file in kept]
    inputs = {file.name: file.sha256 for file, _ in files}
    documents = _sound(
        _read(settings, manifest, files, skipped, progress, cache, ahead), settle, skipped
    )
    if read_list(settings).seeds:
        skipped += _unmatched(manifest, [*inputs, *(skip.name for skip in skipped)])
    skipped += _left_out(documents)
    absent = {file.name for file in kept}
    sources = tuple(_source(document, manifest, absent) for document in documents)
    texts = {document.name: document.text for document in documents}
    copies: list[Copy] = []
    for source, document in zip(sources, documents, strict=True):
        copies += _copies(source, document, len(copies), skipped)
    require_sources(settings, [file for file, _ in files] if copies else [], skipped)
    posts = _sound(copies, lambda some: merge(some, texts, progress), skipped)
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
            if cache is not None:
                cache.put(file, kind, read)
        for one in read:
            if isinstance(one, Skipped):
                skipped.append(one)
            else:
                documents.append(one)
    progress("read", len(files), len(files))
    return documents


def _not_kept(file: SourceFile) -> SeedsError:
    return SeedsError(
        f"{file.path} cannot be read, and what was read of it before is of another version or"
        " kind; the index is left as it was.",
        remedy="Make it readable again, or run `askscwru index --forget-missing` to let its posts"
        " go.",
    )


def _source(document: Document, manifest: SeedsManifest, absent: Container[str]) -> Source:
    # The text of a file that is out of reach is kept in the index, as that of other formats is.
    own = document.format == TEXT and document.name not in absent
    digest = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
    return Source(
        name=document.name,
        sha256=document.sha256,
        characters=len(document.text),
        blog=manifest.blog(document.name) or document.blog,
        kind=manifest.kind(document.name),
        format=document.format,
        text_sha256=None if own else digest,
    )


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
