"""Writes the parts of a generation: records, vectors and the lexical index of some posts each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from askscwru.files import TEMPORARY, remove, writing
from askscwru.index.ahead import Stretch, encoded_by
from askscwru.index.cache import VectorCache
from askscwru.index.carried import Carried
from askscwru.index.cluster import Cluster
from askscwru.index.encoder import Encoder, Vectors
from askscwru.index.generation import LEXICAL, OWN_LEXICAL
from askscwru.index.lexical import LexicalIndex, numbered, segments_of
from askscwru.index.merging import merge_parts
from askscwru.index.passage_list import PassageList
from askscwru.index.records import IndexPart, Placed, part_folder, write_part
from askscwru.index.vectors import SENTENCES, SentenceWriter, write_passages
from askscwru.types import Passage, Post, Progress

PART = 16_000
"""Passages of a part: so many are written anew where one post has changed."""
_AT_ONCE = 64  # passages encoded between two commits: what a kill loses at most
_ENGINE = f"{TEMPORARY}lexical"


def parts_of(sizes: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
    """Posts in parts of about the size of one.

    Args:
        sizes: how many passages each post has.

    Yields:
        The first post of a part and one past its last; its first passage and one past its last.
    """
    first = start = stop = 0
    for at, size in enumerate(sizes):
        if at > first and stop + size - start > PART:
            yield first, at, start, stop
            first, start = at, stop
        stop += size
    yield first, len(sizes), start, stop


def embedded_text(passage: Passage) -> str:
    """What is embedded for a passage: what it is about, then its text."""
    return f"{passage.context}\n{passage.text}" if passage.context else passage.text


def sentence_texts(passage: Passage) -> list[str]:
    """The text of each sentence of a passage."""
    return [passage.slice(sentence.start, sentence.end) for sentence in passage.sentences]


class PartWriter:
    """Writes parts of one generation."""

    def __init__(
        self,
        generation: Path,
        passages: PassageList,
        encoder: Encoder,
        cache: VectorCache,
        carried: Carried | None,
        cluster: Cluster | None,
        large: bool,
    ) -> None:
        """Writes nothing yet.

        Args:
            generation: its folder.
            passages: of all posts that are written.
            encoder: makes the vectors that are not known.
            cache: has those that are.
            carried: the generation from which passages with a row are taken over; None where no
                vectors are.
            cluster: whose workers encode what is new; None for this process.
            large: whether vectors are quantised.
        """
        self._generation, self._passages, self._large = generation, passages, large
        self._encoder, self._cache, self._carried = encoder, cache, carried
        self._cluster = cluster

    def write(
        self,
        key: int,
        posts: Sequence[Post],
        stretch: tuple[int, int],
        texts: Iterable[tuple[str, str]],
        progress: Progress,
    ) -> tuple[IndexPart, dict[str, Placed]]:
        """Writes one part.

        Args:
            key: of the part.
            posts: in their order.
            stretch: the places of their passages: the first, and one past the last.
            texts: name and text of each source whose text stands in the part.
            progress: told of each passage that is encoded, as stage ``encode``.

        Returns:
            The part, and where the passages of each post stand in it.

        Raises:
            StorageError: it cannot be written, or the disk is full.
        """
        folder = part_folder(self._generation, key)
        passages = self._passages[slice(*stretch)]
        part, placed = write_part(folder, key, posts, passages, texts)
        vectors = self._vectors(folder, part, stretch, passages, progress)
        write_passages(folder, vectors, large=self._large)
        engine = self._generation / _ENGINE / str(key)
        documents = (
            (numbered(key, at), passage.context, passage.text)
            for at, passage in enumerate(passages)
        )
        LexicalIndex.build(engine, documents)
        return replace(part, segments=segments_of(engine)), placed

    def join(
        self, parts: Sequence[IndexPart], kept: Sequence[IndexPart], before: Path | None
    ) -> None:
        """Makes one lexical index of those of all parts.

        Args:
            parts: all of them, in their order.
            kept: those that are not written anew.
            before: the generation that these are of.

        Raises:
            StorageError: it cannot be written, or the disk is full.
        """
        join_parts(self._generation, self._generation / _ENGINE, parts, kept, before)

    def _vectors(
        self,
        folder: Path,
        part: IndexPart,
        stretch: tuple[int, int],
        passages: Sequence[Passage],
        progress: Progress,
    ) -> Vectors:
        """Writes the sentences' vectors as they come; returns the passages'."""
        dimension, total = self._encoder.dimension, len(self._passages)
        vectors: Vectors = np.empty((part.passages, dimension), dtype=np.float32)
        writer = SentenceWriter(folder / SENTENCES, part.sentences, dimension, large=self._large)
        with writing(folder), closing(writer) as sentences:
            for start, end, row in self._stretches(stretch):
                progress("encode", start, total)
                own = slice(start - stretch[0], end - stretch[0])
                some = passages[own]
                texts = _texts(some)
                if self._carried is not None and row is not None:
                    self._cache.keep(texts)
                    vectors[own] = self._carried.vectors(row, row + len(some))
                    for kept in self._carried.sentences(row, row + len(some)):
                        sentences.copy(kept)
                else:
                    found = self._cache.vectors(texts, self._encoder.encode)
                    vectors[own] = found[: len(some)]
                    sentences.add(found[len(some) :])
        return vectors

    def _stretches(self, stretch: tuple[int, int]) -> Iterator[Stretch]:
        """Passages in stretches; vectors are in the cache where others make them."""
        stretches = self._passages.stretches(_AT_ONCE, *stretch)
        if self._cluster is None:
            return stretches

        def texts_of(one: Stretch) -> list[str]:
            start, end, row = one
            taken_over = self._carried is not None and row is not None
            return [] if taken_over else _texts(self._passages[start:end])

        return encoded_by(self._cluster, self._encoder, stretches, texts_of, self._cache)


def join_parts(
    generation: Path,
    engines: Path,
    parts: Sequence[IndexPart],
    kept: Sequence[IndexPart] = (),
    before: Path | None = None,
) -> None:
    """Makes one lexical index of those of all parts, and merges it.

    Args:
        generation: its folder.
        engines: where the index of each part lies that was written, by its key; is removed.
        parts: all of them, in their order.
        kept: those that were not written, but are linked.
        before: the generation that these are of.

    Raises:
        StorageError: it cannot be written, or the disk is full.
    """
    standing = {} if before is None else {part.key: before / OWN_LEXICAL for part in kept}
    folders = [(standing.get(p.key, engines / str(p.key)), p.segments) for p in parts]
    own = generation / OWN_LEXICAL
    LexicalIndex.join(own, folders)
    with writing(generation):
        remove(engines)
    merge_parts(
        generation / LEXICAL,
        own,
        [(part.key, part.segments) for part in parts],
        None if before is None else before / LEXICAL,
    )


def _texts(passages: Sequence[Passage]) -> list[str]:
    """All that is embedded of some passages: each whole, then the sentences of each."""
    texts = [embedded_text(passage) for passage in passages]
    for passage in passages:
        texts += sentence_texts(passage)
    return texts
