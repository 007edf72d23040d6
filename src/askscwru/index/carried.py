"""What a build takes over from the live generation: passages of posts that are still the same.

A post is the same where its record is, and the sources that it is read from have the texts that
they had. The same program makes the same passages of it, and the encoder the same vectors; so both
are copied, to the byte, and nothing of it is cut, counted or looked up again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from askscwru.index.encoder import Vectors
from askscwru.index.generation import Index
from askscwru.index.vectors import is_large
from askscwru.types import Passage, Post, Source


class Carried:
    """A generation that was made by this program, with these settings and this encoder."""

    def __init__(self, index: Index) -> None:
        """Reads nothing yet.

        Args:
            index: sound in every byte, for what is copied is described as sound again.
        """
        self._index = index

    @cached_property
    def posts(self) -> tuple[Post, ...]:
        """Every post of it."""
        return self._index.posts()

    @cached_property
    def _by_id(self) -> dict[str, Post]:
        return {post.id: post for post in self.posts}

    @cached_property
    def _sources(self) -> dict[str, Source]:
        return {source.name: source for source in self._index.sources()}

    @cached_property
    def _cut(self) -> dict[str, int]:
        return self._index.made_from().cut

    def passages(
        self, post: Post, sources: Mapping[str, Source]
    ) -> tuple[int, list[Passage]] | None:
        """The row of a post's first passage, and its passages, which stand in a row.

        Args:
            post: as it is read now.
            sources: as they are read now, by name.

        Returns:
            None where the post is new or another, has no passage, or stands in a source of which a
            sentence was cut: a report names those sources, and so they are cut again.
        """
        if self._by_id.get(post.id) != post or post.source in self._cut:
            return None
        places = [place.source for place in post.bylines]
        places += [] if post.title_at is None else [post.title_at.source]
        for name in {post.source, *places}:
            if name not in sources or self._sources.get(name) != sources[name]:
                return None
        rows = self._index.rows_for([post.id])
        return (int(rows[0]), self._index.passages(rows)) if len(rows) else None

    def has_vectors_for(self, passages: int) -> bool:
        """Whether its vectors are kept as those of so many passages are."""
        return is_large(len(self._index)) == is_large(passages)

    def vectors(self, first: int, end: int) -> Vectors:
        """The vectors of passages that stand in a row, from one row up to another."""
        return self._index.vectors(range(first, end))

    def sentences(self, first: int, end: int) -> Iterator[NDArray[Any]]:
        """The vectors of all their sentences, as they are kept."""
        layout = self._index.records.layout
        while first < end:
            part, _ = layout.part_of(first)
            stop = min(end, int(layout.ends[part]))
            yield self._index.kept_sentences(first, stop)
            first = stop
