"""Where the work is done: threads that load, ask and read, so that the screen never waits.

Lanes, each a daemon thread with a queue, do one thing at a time: ``ask`` loads the assistant and
answers, ``read`` fetches posts, ``shelf`` keeps conversations, ``look`` does what may take long and
nobody waits for. Results come back as calls that
the screen makes. Daemon threads, not an executor's: leaving the program waits for none of them.
"""

from __future__ import annotations

import inspect
import queue
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from askscwru.errors import AskscwruError

if TYPE_CHECKING:
    from askscwru.assistant import Assistant
    from askscwru.conversation.keeping import ConversationStore
    from askscwru.types import Progress

Result = TypeVar("Result")
Call = Callable[[], object]
"""What it gives is awaited where it can be."""
Deliver = Callable[[Call], None]
"""Takes a call from any thread and makes it where the screens live."""
Otherwise = Callable[[AskscwruError], object]
Load = Callable[["ConversationStore", "Progress"], "Assistant"]
"""Opens the index and the models around a store, telling how far it is."""
_SECONDS_BETWEEN = 0.1  # of two reports of progress


class Lane:
    """A thread that does what it is given, one thing after the other."""

    def __init__(self, name: str) -> None:
        self._work: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._name = name
        self._begun = False

    def add(self, work: Call) -> None:
        """Does ``work`` when all before it is done."""
        self._work.put(work)
        if not self._begun:
            self._begun = True
            threading.Thread(target=self._run, name=f"askscwru-{self._name}", daemon=True).start()

    def _run(self) -> None:
        while True:
            self._work.get()()


class Desk:
    """The assistant and the store behind their lanes."""

    def __init__(
        self, load: Load, open_store: Callable[[], ConversationStore], deliver: Deliver
    ) -> None:
        self._load = load
        self._open_store = open_store
        self._deliver = deliver
        self._asking, self._reading, self._keeping = Lane("ask"), Lane("read"), Lane("shelf")
        self._looking = Lane("look")
        self._opened = threading.Event()
        self._assistant: Assistant | None = None
        self._failure: AskscwruError | None = None
        self._store: ConversationStore | None = None
        self._store_lock = threading.Lock()
        self._busy = 0

    def open(
        self,
        progress: Progress,
        then: Callable[[Assistant], object],
        otherwise: Otherwise,
    ) -> None:
        """Loads the assistant; can be tried again after a failure."""
        self._opened.clear()

        def work() -> Assistant:
            self._failure = None
            try:
                self._assistant = self._load(self._kept(), self._told(progress))
            except Exception as error:
                self._failure = as_failure(error)
                raise
            finally:
                self._opened.set()
            return self._assistant

        self._take(self._asking, work, then, otherwise)

    @property
    def idle(self) -> bool:
        """Whether all that was asked for has come back, and is shown."""
        return not self._busy

    @property
    def opened(self) -> bool:
        """Whether the assistant is there to be asked."""
        return self._assistant is not None

    @property
    def failed(self) -> bool:
        """Whether the last try to open it failed."""
        return self._failure is not None

    def ask(
        self,
        work: Callable[[Assistant], Result],
        then: Callable[[Result], object],
        otherwise: Otherwise,
    ) -> None:
        """Has the assistant answer, after all that was asked before."""
        self._take(self._asking, lambda: work(self._ready()), then, otherwise)

    def read(
        self,
        work: Callable[[Assistant], Result],
        then: Callable[[Result], object],
        otherwise: Otherwise,
    ) -> None:
        """Has the assistant fetch something, beside what is asked."""
        self._take(self._reading, lambda: work(self._ready()), then, otherwise)

    def look(
        self,
        work: Callable[[Assistant], Result],
        then: Callable[[Result], object],
        otherwise: Otherwise,
    ) -> None:
        """Has the assistant do what may take long, beside all else."""
        self._take(self._looking, lambda: work(self._ready()), then, otherwise)

    def keep(
        self,
        work: Callable[[ConversationStore], Result],
        then: Callable[[Result], object],
        otherwise: Otherwise,
    ) -> None:
        """Reads or changes the kept conversations; needs no index."""
        self._take(self._keeping, lambda: work(self._kept()), then, otherwise)

    def do(
        self, work: Callable[[], Result], then: Callable[[Result], object], otherwise: Otherwise
    ) -> None:
        """Does what needs neither, such as running another program."""
        self._take(self._keeping, work, then, otherwise)

    def _take(
        self,
        lane: Lane,
        work: Callable[[], Result],
        then: Callable[[Result], object],
        otherwise: Otherwise,
    ) -> None:
        self._busy += 1
        lane.add(lambda: self._do(work, then, otherwise))

    def _back(self, call: Call) -> None:
        async def shown(result: Awaitable[object]) -> None:
            try:
                await result
            finally:
                self._busy -= 1

        def made() -> object:
            try:
                result = call()
            except BaseException:
                self._busy -= 1
                raise
            if inspect.isawaitable(result):
                return shown(result)
            self._busy -= 1
            return result

        self._deliver(made)

    def _do(
        self, work: Callable[[], Result], then: Callable[[Result], object], otherwise: Otherwise
    ) -> None:
        try:
            result = work()
        except Exception as error:  # whatever it is, the screen must be told
            failure = as_failure(error)
            self._back(lambda: otherwise(failure))
        else:
            self._back(lambda: then(result))

    def _ready(self) -> Assistant:
        self._opened.wait()
        if self._assistant is None:
            raise self._failure or AskscwruError("The index is not open.")
        return self._assistant

    def _kept(self) -> ConversationStore:
        with self._store_lock:
            if self._store is None:
                self._store = self._open_store()
            return self._store

    def _told(self, progress: Progress) -> Progress:
        """Passes progress on, but not more often than anybody can read it."""
        last = ("", 0.0)

        def tell(stage: str, done: int, total: int) -> None:
            nonlocal last
            now = time.monotonic()
            if stage == last[0] and done < total and now - last[1] < _SECONDS_BETWEEN:
                return
            last = (stage, now)
            self._deliver(lambda: progress(stage, done, total))

        return tell


def as_failure(error: Exception) -> AskscwruError:
    """Any failure as one that can be shown; the mapping of this front, in one place."""
    if isinstance(error, AskscwruError):
        return error
    return AskscwruError(
        f"Something went wrong inside askscwru: {type(error).__name__}: {error}",
        remedy="`askscwru doctor` looks for faults.",
    )
