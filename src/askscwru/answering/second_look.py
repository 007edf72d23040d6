"""The second look: a larger reader, asked where the first one is unsure.

It reads the few passages in which the first one's best sentences stand. What both say is weighed
together (``scoring.AGAIN``). Its weights are opened when they are first needed, since most
questions do without them.
"""

from __future__ import annotations

import json
import threading
from functools import lru_cache
from pathlib import Path

from askscwru.answering.scoring import AGAIN, Scoring
from askscwru.answering.span import DESCRIPTION, SCORING, WEIGHTS, SpanModel
from askscwru.errors import ModelError

FOLDER = "second"
"""Where it lies in the folder of the first reader's weights."""


_OPENING = threading.Lock()


@lru_cache(maxsize=2)
def _opened(folder: Path, threads: int) -> SpanModel:
    """The model, once in a process however many assistants it has."""
    return SpanModel.load(folder, threads=threads)


class SecondLook:
    """A larger reader with the bounds of its use; safe to use from many threads."""

    def __init__(
        self,
        folder: Path,
        scoring: Scoring,
        between: tuple[float, float],
        passages: int,
        threads: int,
    ) -> None:
        self.scoring = scoring
        self.passages = passages
        """How many passages it reads."""
        self._folder = folder
        self._between = between
        self._threads = threads

    @classmethod
    def load(cls, folder: Path = WEIGHTS, *, threads: int) -> SecondLook | None:
        """The second reader that lies beside a first one; None where none does.

        Raises:
            ModelError: its numbers are damaged.
        """
        own = folder / FOLDER
        if not (own / DESCRIPTION).exists():
            return None
        path = own / SCORING
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            low, high = (float(bound) for bound in stored["between"])
            passages = int(stored["passages"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path} cannot be used: {error}.",
                remedy="Install askscwru anew: pip install --force-reinstall askscwru",
            ) from error
        return cls(own, Scoring.load(own, AGAIN), (low, high), passages, threads)

    def is_wanted(self, confidence: float) -> bool:
        """Whether the first reader is neither sure nor sure that nothing answers.

        Args:
            confidence: of its best sentence.
        """
        low, high = self._between
        return low <= confidence < high

    @property
    def model(self) -> SpanModel:
        """The reader itself.

        Raises:
            ModelError: naming the file that is missing, altered or unusable.
        """
        with _OPENING:
            return _opened(self._folder, self._threads)
