"""The passages of a build: on the disk until they are written, so that few are held at a time."""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self, overload

from askscwru.files import writing
from askscwru.types import Passage


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

    def extend(self, passages: Iterable[Passage]) -> None:
        """Adds passages at the end; raises ``StorageError``."""
        with writing(self._folder):
            self._file.seek(self._end)
            for passage in passages:
                self._starts.append(self._end)
                self._end += self._file.write(pickle.dumps(passage, pickle.HIGHEST_PROTOCOL))
                self.sentences += len(passage.sentences)

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
        passage: Passage = pickle.load(self._file)  # noqa: S301 (nobody else can write the file)
        return passage
