"""The assistant that answers now: loaded in the background, and moved to a new index under way.

Serving starts at once; who asks before the models are loaded is told to come again. A build makes a
new generation of the index live by replacing one small file, or by moving the alias of a server:
that is watched, the generation is opened and checked byte by byte beside the old one, and one
assignment makes it the one that answers. What is damaged is refused, and the old one, which stays
open, serves on.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from askscwru.api import problems
from askscwru.assistant import Assistant
from askscwru.errors import AskscwruError, IndexMissing, InternalError
from askscwru.index.generation import LiveMark
from askscwru.settings import Settings

log = logging.getLogger("askscwru.index")

Load = Callable[[], Assistant]
_LONGEST_PAUSE = 15.0
_STOP_SECONDS = 5.0


@dataclass(slots=True)
class _Held:
    """An assistant, and by how many requests it is being used."""

    assistant: Assistant
    users: int = 0
    retired: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What can be said of the service's readiness."""

    ready: bool
    generation: str | None
    fault: AskscwruError | None
    """Why it is not ready, or why the newest index was refused."""


class Live:
    """Holds the assistant; safe to use from many threads."""

    def __init__(self, load: Load | Assistant, settings: Settings, *, interval: float) -> None:
        """Loads nothing yet.

        Args:
            load: makes the assistant; or the assistant itself.
            settings: say where the index is that is watched.
            interval: seconds between two looks at it.
        """
        self._load = load
        self._mark = LiveMark(settings)
        self._interval = interval
        self._held: _Held | None = None
        self._fault: AskscwruError | None = None
        self._seen: Hashable = None
        self._counting = threading.Lock()
        self._renewing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._settled = threading.Event()
        self.refused = 0
        """How many new generations were not taken up because they were unsound."""

    def start(self) -> None:
        """Begins to load, and then to watch, in a thread of its own."""
        if isinstance(self._load, Assistant):
            self._seen = self._mark.now()
            self._held = _Held(self._load)
            self._settled.set()
        self._thread = threading.Thread(target=self._run, name="askscwru-index", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the watching; closes the assistant if it was loaded here."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=_STOP_SECONDS)  # a build under way may be left: it is safe
        if self._held is not None and not isinstance(self._load, Assistant):
            self._held.assistant.close()
            self._held = None
        self._mark.close()

    def wait(self, seconds: float) -> bool:
        """Waits until it is ready, or known not to be; returns whether it is ready."""
        self._settled.wait(seconds)
        return self._held is not None

    @property
    def state(self) -> State:
        """Whether it is ready, and what is amiss."""
        held = self._held
        generation = None if held is None else held.assistant.generation
        return State(held is not None, generation, self._fault)

    @contextmanager
    def assistant(self) -> Iterator[Assistant]:
        """The assistant, which stays open until it is let go of.

        Raises:
            Problem: it is not loaded yet.
        """
        with self._counting:
            held = self._held
            if held is not None:
                held.users += 1
        if held is None:
            raise self._not_ready()
        try:
            yield held.assistant
        finally:
            with self._counting:
                held.users -= 1
                done = held.retired and not held.users
            if done:
                held.assistant.close_index()

    def refresh(self) -> bool:
        """Takes up the index that is live now; returns whether it is another one than before."""
        with self._renewing:
            signature = self._mark.now()
            if self._held is None or signature == self._seen:
                return False
            self._seen = signature
            old = self._held.assistant
            try:
                new = old.renewed()
            except Exception as error:  # the old index serves on, whatever the new one holds
                self._refuse(error)
                return False
            self._fault = None
            if new.generation == old.generation:
                new.close_index()
                return False
            self._swap(new)
            log.info("index taken up", extra={"generation": new.generation})
            return True

    # -- rungs -----------------------------------------------------------------------------------

    def _run(self) -> None:
        pause = self._interval
        while self._held is None and not self._stop.is_set():
            try:
                self._first()
            except Exception as error:  # whatever it is, those who wait are told of it
                self._fault = _named(error, "Loading")
                self._settled.set()
                told = {"fault": str(self._fault), "code": self._fault.code}
                log.error("not ready", extra=told, exc_info=_trace(error))
                self._stop.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        while not self._stop.wait(self._interval):
            try:
                self.refresh()
            except Exception:  # whatever it is, the old index serves on and is watched further
                log.exception("new index not taken up")
            self._catch_up()

    def _first(self) -> None:
        assert not isinstance(self._load, Assistant)  # noqa: S101 - it is held from the start
        signature = self._mark.now()
        assistant = self._load()
        self._seen = signature if signature is not None else self._mark.now()
        self._fault = None
        self._held = _Held(assistant)
        self._settled.set()
        log.info("ready", extra={"generation": assistant.generation})

    def _catch_up(self) -> None:
        """Lets the conversations write what they could not: they may be back."""
        with suppress(problems.Problem), self.assistant() as assistant:
            try:
                assistant.catch_up()
            except Exception:  # the next look tries again
                log.exception("turns not written")

    def _swap(self, new: Assistant) -> None:
        with self._counting:
            old = self._held
            self._held = _Held(new)
            idle = old is not None and not old.users
            if old is not None:
                old.retired = True
        if old is not None and idle:
            old.assistant.close_index()

    def _refuse(self, error: Exception) -> None:
        self.refused += 1
        self._fault = _named(error, "Taking up the new index")
        said = "index removed" if isinstance(error, IndexMissing) else "new index refused"
        told = {"fault": str(self._fault), "code": self._fault.code}
        log.error(f"{said}; the old one serves on", extra=told, exc_info=_trace(error))

    def _not_ready(self) -> problems.Problem:
        if self._fault is None:
            return problems.not_ready("the models are being loaded.")
        return problems.not_ready(problems.of_error(self._fault).message)


def _named(error: Exception, doing: str) -> AskscwruError:
    return error if isinstance(error, AskscwruError) else InternalError.of(error, doing)


def _trace(error: Exception) -> Exception | None:
    """What is logged with its trace: what none of us foresaw."""
    return None if isinstance(error, AskscwruError) else error
