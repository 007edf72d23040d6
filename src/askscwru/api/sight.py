"""What the first page says of the posts, made once for each generation of the index."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from askscwru.api.live import Live
from askscwru.api.problems import Problem
from askscwru.assistant import Assistant
from askscwru.errors import AskscwruError
from askscwru.show.first_sight import Overview, first_questions, overview
from askscwru.web.limits import Choices, choices

log = logging.getLogger("askscwru.sight")

_PATIENCE = 0.4
"""Seconds that a page waits for the questions to begin with; the next one has them."""
_STOP_SECONDS = 5.0


@dataclass(slots=True)
class Sight:
    """The posts as a newcomer sees them."""

    generation: str
    overview: Overview
    choices: Sequence[Choices]
    examples: Sequence[str] = ()
    """Questions to begin with; none until they have been found."""
    looked: threading.Event = field(default_factory=threading.Event)


class Sights:
    """Keeps the newest one; safe to use from many threads."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._lock = threading.Lock()
        self._now: Sight | None = None
        self._looking: threading.Thread | None = None
        self._stopped = threading.Event()

    def of(self, assistant: Assistant, *, examples: bool = False) -> Sight:
        """What is to be seen of the posts that this assistant answers from.

        Args:
            assistant: in use by the caller.
            examples: wait a moment for the questions to begin with. They are looked for in a thread
                of their own, as each of them is asked beforehand.
        """
        with self._lock:
            now = self._now
            if now is None or now.generation != assistant.generation:
                posts = assistant.posts()
                now = Sight(assistant.generation, overview(posts), choices(posts))
                self._now = now
            if examples and not now.looked.is_set() and self._looking is None:
                self._looking = threading.Thread(
                    target=self._look, args=(now,), name="askscwru-sight", daemon=True
                )
                self._looking.start()
        if examples:
            now.looked.wait(_PATIENCE)
        return now

    def stop(self) -> None:
        """Ends the looking."""
        self._stopped.set()
        if self._looking is not None:
            self._looking.join(timeout=_STOP_SECONDS)

    def _look(self, sight: Sight) -> None:
        try:
            with self._live.assistant() as assistant:
                if assistant.generation == sight.generation:
                    sight.examples = first_questions(assistant, self._wanted)
        except (AskscwruError, Problem) as error:
            log.warning("no questions to begin with", extra={"fault": str(error)})
        finally:
            self._looking = None
            sight.looked.set()

    def _wanted(self) -> bool:
        return not self._stopped.is_set()
