"""The stages of a build that others can do: reading files, cutting posts, encoding passages.

Each runs ahead of the one who builds and writes. What was read and encoded goes into the same
caches as always, and a worker does what is done here without one: so the index is the same.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from askscwru.errors import AskscwruError, ClusterError
from askscwru.index.cache import VectorCache
from askscwru.index.cluster import Cluster
from askscwru.index.encoder import Encoder, Vectors
from askscwru.ingest import DocumentCache, SourceFile, Unread, as_found
from askscwru.ingest.document_cache import packed
from askscwru.ingest.formats.substack import table_beside
from askscwru.settings import PACKAGED_WEIGHTS

if TYPE_CHECKING:  # the formats are loaded where files are read, not for every question
    from askscwru.ingest.readers import Readers

_FILES, _BYTES = 64, 4_000_000
"""The most files of a piece that is read, and their bytes; a larger file is one by itself."""

_SHARED = (
    "Put the folder --embeddings where every machine of the cluster finds it under the same path,"
    " or build with the packaged model."
)

Stretch = tuple[int, int, int | None]
Item = TypeVar("Item")


# -- reading ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that a worker reads."""

    file: SourceFile
    data: bytes
    """Empty of an archive, which is read from the disk."""
    kept_as: str
    """What else decides what it is read as."""
    beside_table: bool
    """Whether a table lies beside it that may tell of it."""


@dataclass(frozen=True, slots=True)
class Pile:
    """Files that are read together."""

    readers: Readers
    files: tuple[SentFile, ...]


def read_pile(pile: Pile) -> list[bytes | None]:
    """What each file was read as, as the cache keeps it.

    None for what cannot be kept, and for what stands on the disk where this process does not find
    it as it was found: an archive, or what lies beside a file and is read with it.
    """
    found = []
    for sent in pile.files:
        read = pile.readers.read(sent.file, sent.data) if _is_found(pile.readers, sent) else None
        same = read is not None and as_found(sent.file, sent.data)
        found.append(packed(read) if read is not None and same else None)
    return found


def _is_found(readers: Readers, sent: SentFile) -> bool:
    try:
        same = as_found(sent.file, sent.data)
        return same and _sent(readers, sent.file, sent.data) == sent
    except OSError:
        return False


def _sent(readers: Readers, file: SourceFile, data: bytes) -> SentFile:
    return SentFile(file, data, readers.kept_as(file), table_beside(file.path) is not None)


def read_by(
    cluster: Cluster, readers: Readers, files: Sequence[Unread], cache: DocumentCache
) -> Iterator[Unread]:
    """The files, in their order, each once what it was read as is in the cache.

    What is not there then is to be read here.
    """

    def piles() -> Iterator[tuple[tuple[Sequence[Unread], Sequence[SentFile]], Pile | None]]:
        for some in batched(files, _FILES, _BYTES, lambda unread: len(unread[1] or b"")):
            new = [_sent(readers, file, data) for file, data in some if data is not None]
            new = [sent for sent in new if not cache.has(sent.file, sent.kept_as)]
            yield (some, new), Pile(readers, tuple(new)) if new else None

    for (some, new), read in cluster.map(read_pile, piles()):
        for sent, found in zip(new, read or (), strict=True):
            if found is not None:
                cache.put_packed(sent.file, sent.kept_as, found)
        yield from some


# -- cutting and encoding --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EncoderPlace:
    """Where a worker finds the encoder that a build is made with."""

    folder: Path | None
    """None for the packaged one, wherever it is installed."""
    kept_as: str

    @classmethod
    def of(cls, encoder: Encoder) -> EncoderPlace:
        """The place of an encoder that is open here."""
        packaged = encoder.folder == PACKAGED_WEIGHTS
        return cls(None if packaged else encoder.folder.resolve(), encoder.kept_as)


@lru_cache(maxsize=1)
def encoder_at(place: EncoderPlace) -> Encoder:
    """The encoder, opened once in each process, for one core.

    Raises:
        ClusterError: this machine does not have it.
    """
    folder = PACKAGED_WEIGHTS if place.folder is None else place.folder
    try:
        encoder = Encoder.for_building(folder, threads=1)
    except AskscwruError as error:
        raise ClusterError(
            f"The worker on {socket.gethostname()} cannot use the model in {folder}:"
            f" {error.message}",
            remedy=_SHARED,
        ) from error
    if encoder.kept_as != place.kept_as:
        raise ClusterError(
            f"The worker on {socket.gethostname()} has another model in {folder}.", remedy=_SHARED
        )
    return encoder


@dataclass(frozen=True, slots=True)
class Unencoded:
    """Texts that a worker encodes in one go, as they are encoded without one."""

    encoder: EncoderPlace
    texts: tuple[str, ...]


def encode_texts(given: Unencoded) -> Vectors:
    """Their vectors: float32 of shape (texts, dimension)."""
    return encoder_at(given.encoder).encode(given.texts)


def encoded_by(
    cluster: Cluster,
    encoder: Encoder,
    stretches: Iterable[Stretch],
    texts_of: Callable[[Stretch], Sequence[str]],
    cache: VectorCache,
) -> Iterator[Stretch]:
    """The stretches, in their order, each once the vectors of its texts are in the cache.

    Args:
        cluster: whose workers encode.
        encoder: what they encode with.
        stretches: of the list of passages.
        texts_of: what of a stretch is to be encoded.
        cache: where vectors are looked for, and kept.
    """
    place = EncoderPlace.of(encoder)
    coming: set[bytes] = set()

    def pieces() -> Iterator[tuple[tuple[Stretch, list[bytes]], Unencoded | None]]:
        for stretch in stretches:
            # Texts on which another worker is at work are there when this stretch has its turn, as
            # they are when stretches are encoded one after the other.
            missing = {
                key: text
                for key, text in cache.missing(texts_of(stretch)).items()
                if key not in coming
            }
            coming.update(missing)
            given = Unencoded(place, tuple(missing.values())) if missing else None
            yield (stretch, list(missing)), given

    for (stretch, keys), vectors in cluster.map(encode_texts, pieces()):
        if vectors is not None:
            cache.put(dict(zip(keys, vectors, strict=True)))
            coming.difference_update(keys)
        yield stretch


def batched(
    items: Iterable[Item], most: int, heaviest: int, weight: Callable[[Item], int]
) -> Iterator[list[Item]]:
    """The items in batches: so many at most, and so heavy together unless one alone is heavier."""
    batch: list[Item] = []
    load = 0
    for item in items:
        heavy = weight(item)
        if batch and (len(batch) == most or load + heavy > heaviest):
            yield batch
            batch, load = [], 0
        batch.append(item)
        load += heavy
    if batch:
        yield batch
