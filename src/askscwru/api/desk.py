"""Where requests wait for the assistant: a bounded number of them, in order, each with a deadline.

The assistant is synchronous, so it works in threads. ``answering`` of them work at once and
``waiting`` more may wait; the next one is refused rather than put at the end of a queue that only
grows. Clients take turns, and none may fill more than three quarters of the queue. Turns of one
conversation wait for each other, first come first served, so that each is resolved against the one
before it. What has begun is finished even when its client has gone: its turn is kept. What has not
begun by then never does.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from askscwru.api import problems
from askscwru.api.config import Serving
from askscwru.api.limits import CALLER, Caller, Slots
from askscwru.api.live import Live
from askscwru.assistant import Assistant
from askscwru.errors import IndexError_, QuoteError

Done = TypeVar("Done")
Job = Callable[[Assistant], Done]
OURSELVES = "the program itself"
"""The client of what no request asked for."""


def _share(waiting: int) -> int:
    """How much of the queue one client may fill: three quarters, so that others find a place."""
    return waiting - waiting // 4


@dataclass(slots=True)
class _Line:
    """Those who wait for one conversation."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0


class JobRunner:
    """Runs jobs on the assistant for one event loop."""

    def __init__(self, live: Live, serving: Serving, *, patient: bool = False) -> None:
        """Begins nothing yet.

        Args:
            live: holds the assistant.
            serving: the limits.
            patient: wait for the models, up to the deadline, instead of refusing until they are
                there: for a front that is started with the program that asks.
        """
        self.live = live
        self._patient = patient
        self._serving = serving
        self._pool = ThreadPoolExecutor(serving.answering, thread_name_prefix="askscwru-answer")
        self._slots = Slots(serving.answering)
        self._held: Counter[str] = Counter()
        self._lines: dict[str, _Line] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def busy(self) -> int:
        """How many requests are being worked on or wait."""
        return len(self._tasks)

    async def run(self, job: Job[Done], conversation_id: str | None = None) -> Done:
        """What ``job`` returns, made in a thread.

        Args:
            job: takes the assistant.
            conversation_id: jobs of one conversation run one after the other.

        Raises:
            Problem: it is not ready, too busy, or the deadline has passed.
            AskscwruError: what the job raises.
        """
        serving = self._serving
        if not self.live.state.ready and not self._patient:
            with self.live.assistant():  # raises, with the reason
                pass
        caller = CALLER.get() or Caller(OURSELVES)
        if len(self._tasks) >= serving.answering + serving.waiting:
            raise problems.overloaded()
        if self._held[caller.name] >= serving.answering + _share(serving.waiting):
            raise problems.overloaded()
        begun = asyncio.Event()
        task = asyncio.create_task(self._work(job, conversation_id, begun, caller))
        self._tasks.add(task)
        self._held[caller.name] += 1
        task.add_done_callback(partial(self._finished, caller.name))
        gone = asyncio.create_task(caller.gone.wait())
        try:
            await asyncio.wait(
                {task, gone}, timeout=serving.deadline, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            gone.cancel()
        if task.done():
            return task.result()
        if not begun.is_set():
            task.cancel()
        if caller.gone.is_set():
            raise problems.gone()
        caller.gone.set()  # nobody waits for it any more, though the connection is there
        raise problems.too_late(serving.deadline)

    async def close(self) -> None:
        """Waits for what was begun, then lets go of the threads."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=self._serving.grace)
        self._pool.shutdown(wait=True, cancel_futures=True)

    # -- rungs -----------------------------------------------------------------------------------

    async def _work(
        self, job: Job[Done], conversation_id: str | None, begun: asyncio.Event, caller: Caller
    ) -> Done:
        if not self.live.state.ready:
            await asyncio.to_thread(self.live.wait, self._serving.deadline)
        line = nullcontext() if conversation_id is None else self._in_line(conversation_id)
        async with line, self._slots.taken(caller.name):
            begun.set()
            # In the request's own context, so that a long job can see whether anybody waits.
            working = partial(copy_context().run, self._do, job)
            return await asyncio.get_running_loop().run_in_executor(self._pool, working)

    def _do(self, job: Job[Done]) -> Done:
        used = ""
        try:
            with self.live.assistant() as assistant:
                used = assistant.generation
                return job(assistant)
        except (IndexError_, QuoteError):
            # The seeds and the index may just have changed under it: try the newest once.
            self.live.refresh()
            if self.live.state.generation == used:
                raise
        with self.live.assistant() as assistant:
            return job(assistant)

    @asynccontextmanager
    async def _in_line(self, conversation_id: str) -> AsyncIterator[None]:
        line = self._lines.setdefault(conversation_id, _Line())
        line.length += 1
        try:
            async with line.lock:
                yield
        finally:
            line.length -= 1
            if not line.length:
                del self._lines[conversation_id]

    def _finished(self, client: str, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._held[client] -= 1
        if not self._held[client]:
            del self._held[client]
        if not task.cancelled():
            task.exception()  # it may be that nobody waits for it any more
