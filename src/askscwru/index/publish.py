"""Puts the live generation of the files into a Milvus server, and has the alias name it.

The files are whole before that begins, so it can be done again at any time: what a killed run left
in the server is removed by the next one, and readers have the generation before until then.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from askscwru.errors import IndexBusy, IndexMismatch
from askscwru.files import write_whole, writing
from askscwru.index.generation import Index
from askscwru.index.served import vector_bytes
from askscwru.index.vectors import is_large, kept_type
from askscwru.milvus.expressions import name_number
from askscwru.milvus.generations import (
    MOST_NAMES,
    Served,
    ServedPassage,
    go_live,
    live,
    parts_of,
    remove_all_but,
    write,
)
from askscwru.milvus.server import MilvusServer
from askscwru.settings import Settings
from askscwru.types import Progress

LOCK = ".publish.lock"
PUBLISHED = "published"
"""Names the generation that the server serves: its files are kept until it serves another one."""
_AT_ONCE = 512  # passages


def publish(settings: Settings, progress: Progress) -> bool:
    """Makes the server hold the live generation of the files, and name it to readers.

    Args:
        settings: name the server and the folder of the files.
        progress: told of the stage ``publish``.

    Returns:
        Whether there was anything to do.

    Raises:
        UsageError: the extra ``milvus`` is not installed.
        IndexAway: the server is away, or refuses; readers have what they had.
        IndexBusy: another process is at it.
        IndexError_: the files cannot be read, or the server has not kept what it was given.
    """
    assert settings.index is not None  # noqa: S101 - who calls has looked
    server = MilvusServer(settings.index)
    lock = FileLock(settings.embeddings / LOCK)
    with writing(settings.embeddings):
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise IndexBusy(
                f"Another process is putting the index of {settings.embeddings} into "
                f"{settings.index}.",
                remedy="Wait until it is done.",
            ) from error
    try:
        files = settings.model_copy(update={"index": None})
        index = Index.open(settings.embeddings, files)
        try:
            return _published(server, index, progress)
        finally:
            index.close()
    finally:
        server.close()
        lock.release()


def _published(server: MilvusServer, index: Index, progress: Progress) -> bool:
    served, before = _served_as(index), live(server)
    if served == before:
        _note(index.embeddings, served.generation)
        return False
    if before is not None and before.generation == served.generation:
        raise IndexMismatch(
            f"{server.address} holds this generation in another form, and is asked from it.",
            remedy="Build another one: `askscwru index --force`.",
        )
    kept = [] if before is None else [before.generation]
    remove_all_but(server, kept)
    write(server, served, index.dimension, _passages_of(index, served, progress))
    go_live(server, served.generation)
    _note(index.embeddings, served.generation)
    remove_all_but(server, [served.generation, *kept])
    return True


def published(embeddings: Path) -> str | None:
    """The generation that was last given to a server from here; None where there is none."""
    try:
        return (embeddings / PUBLISHED).read_text("ascii").strip()
    except (OSError, ValueError):
        return None


def _note(embeddings: Path, generation: str) -> None:
    if published(embeddings) != generation:
        with writing(embeddings):
            write_whole(embeddings / PUBLISHED, generation.encode("ascii"))


def _served_as(index: Index) -> Served:
    """What the generation is in a server."""
    size = _vector_bytes(index)
    counts = index.records.sentence_counts()
    return Served(
        generation=index.manifest.generation,
        passages=len(index),
        parts=sum(many * parts_of(count * size) for count, many in counts.items()),
        names=index.records.most_names() <= MOST_NAMES,
    )


def _vector_bytes(index: Index) -> int:
    return vector_bytes(index.dimension, kept_type(index.dimension, large=is_large(len(index))))


def _passages_of(index: Index, served: Served, progress: Progress) -> Iterator[list[ServedPassage]]:
    """All passages, some at a time, read from the files."""
    some: list[tuple[int, str, tuple[int, ...]]] = []
    done = 0
    for rows, published, names in index.records.by_post():
        told = tuple(name_number(*name) for name in names) if served.names else ()
        some += [(row, published or "", told) for row in rows]
        while len(some) >= _AT_ONCE:
            progress("publish", done, len(index))
            yield _read(index, some[:_AT_ONCE])
            done, some = done + _AT_ONCE, some[_AT_ONCE:]
    if some:
        yield _read(index, some)
    progress("publish", len(index), len(index))


def _read(index: Index, some: list[tuple[int, str, tuple[int, ...]]]) -> list[ServedPassage]:
    rows = [row for row, *_ in some]
    vectors = index.vectors(rows)
    packed = index.packed_sentences(rows)
    return [
        ServedPassage(row, vector, packed[row], published, names)
        for (row, published, names), vector in zip(some, vectors, strict=True)
    ]
