"""The passages of a build: on the disk until they are written, so that few are held at a time."""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self, overload

from askscwru.files import writing
from askscwru.types import BlockKind, Passage, Sentence

_NEW = -1
_NAMES = tuple(f.name for f in fields(Passage) if f.name not in ("sentences", "kind"))
_KINDS = {kind.value: kind for kind in BlockKind}


class PassageList(Sequence[Passage]):
    """A list of passages in a file that has no name, and so is gone with the process."""

    def __init__(self, folder: Path) -> None:
        """An empty list.

        Args:
            folder: on the disk that the file may fill.

        Raises:
            StorageError: it cannot be written.
        """
        self.sentences = 0
        """How many sentences they have."""
        self._folder = folder
        self._starts = array("Q")
        self._rows = array("q")
        with writing(folder):
            self._file = TemporaryFile(dir=folder)  # noqa: SIM115 (closed by __exit__)
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def extend(self, passages: Iterable[Passage], row: int | None = None) -> None:
        """Adds passages at the end.

        Args:
            passages: of one post.
            row: where the first of them stood in the generation before; None where they are new.

        Raises:
            StorageError: they cannot be written.
        """
        with writing(self._folder):
            self._file.seek(self._end)
            for at, passage in enumerate(passages):
                self._starts.append(self._end)
                self._rows.append(_NEW if row is None else row + at)
                self._end += self._file.write(_packed(passage))
                self.sentences += len(passage.sentences)

    def stretches(
        self, most: int, start: int = 0, stop: int | None = None
    ) -> Iterator[tuple[int, int, int | None]]:
        """The list in stretches that are all new, or stood side by side in the generation before.

        Args:
            most: how long one may be.
            start: the place with which to begin.
            stop: the place before which to end; None for the end of the list.

        Yields:
            First place, one past the last, and the row of the first where it is not new.
        """
        stop = len(self) if stop is None else stop
        while start < stop:
            row, end = self._rows[start], start + 1
            while (
                end < min(stop, start + most)
                and self._rows[end] == (_NEW if row == _NEW else row + end - start)
            ):  # fmt: skip
                end += 1
            yield start, end, None if row == _NEW else row
            start = end

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, at: int) -> Passage: ...
    @overload
    def __getitem__(self, at: slice) -> list[Passage]: ...
    def __getitem__(self, at: int | slice) -> Passage | list[Passage]:
        if isinstance(at, slice):
            return [self._read(place) for place in range(len(self))[at]]
        return self._read(range(len(self))[at])

    def _read(self, place: int) -> Passage:
        self._file.seek(self._starts[place])
        return _unpacked(pickle.load(self._file))  # noqa: S301 (nobody else can write the file)


def _packed(passage: Passage) -> bytes:
    """A passage as bytes: of plain tuples, which takes a tenth of the time that it takes itself."""
    told = tuple(getattr(passage, name) for name in _NAMES)
    sentences = [(one.start, one.end, one.kind.value) for one in passage.sentences]
    return pickle.dumps((told, sentences, passage.kind.value), pickle.HIGHEST_PROTOCOL)


def _unpacked(packed: tuple[tuple[Any, ...], list[tuple[int, int, str]], str]) -> Passage:
    told, sentences, kind = packed
    return Passage(
        **dict(zip(_NAMES, told, strict=True)),
        sentences=tuple(Sentence(start, end, _KINDS[name]) for start, end, name in sentences),
        kind=_KINDS[kind],
    )
