"""Pieces of a build that processes on Ray work on, in this machine or in many.

Ray is imported, and started or joined, when the first piece is there: where nothing has changed it
is not needed. Work is a function that every machine has by its name, so that askscwru must be
installed on each, and be the same: a worker that is another refuses. A piece whose worker dies is
given to another one, twice, and then done here, as without Ray.

On this machine alone (``local``) Ray listens on the loopback interface and lets nobody in without
a token that this process keeps to itself; its dashboard and its statistics are off.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from askscwru.errors import AskscwruError, ClusterError
from askscwru.extras import require
from askscwru.settings import LOCAL, RUNNING, Settings

_INSTALL = (
    "Install the same askscwru with the same libraries on every machine of the cluster, and"
    " start it anew."
)
_START = "Look whether it runs (`ray status` on its first machine), and run the command again."
_AGAIN = "What was read and encoded is kept: run `askscwru index` again to go on."
_TRIES = 3
"""How often a piece is begun whose worker dies."""
_WAITING = 3
"""Pieces for each worker, done or not, that may wait for one that stands before them."""
_KNOCKING = 10.0
"""Seconds in which somebody must open at the address of a cluster."""
_STORE = 256 * 1024**2
"""Bytes of memory in which processes of this machine hand pieces to one another."""
_TOKEN = secrets.token_hex(32)

_NO_MODULE = re.compile(r"failed to import|No module named|Can't get attribute")
_kept_to_itself = threading.Event()
"""Whether ray was imported, in this process, to be used on this machine alone."""

Kept = TypeVar("Kept")
Given = TypeVar("Given")
Done = TypeVar("Done")
Program = Callable[[], Mapping[str, str]]
"""Tells what decides what a piece gives: a hash of the code, versions of libraries."""


@dataclass(slots=True)
class _Piece:
    """One piece that is being worked on, or waits for one before it."""

    kept: Any
    given: Any
    result: Any = None
    """Ray's reference to what will come of it; None where there is nothing to do."""


class Cluster:
    """Processes on Ray, of this machine or of several."""

    def __init__(self, address: str, workers: int | None, program: Program) -> None:
        """Starts nothing yet.

        Args:
            address: ``local``, ``auto`` or a cluster's address, as the setting ``ray`` has it.
            workers: how many pieces are worked on at a time; None for one on each core.
            program: a function of a module, run here and on every worker.

        Raises:
            UsageError: the extra ``ray`` is not installed.
        """
        require("ray", "ray", f"The index is to be built with Ray ({address})", "ray")
        self.address = address
        self.workers = workers or 0
        """How many pieces are worked on at a time; 0 until that is known."""
        self._program = program
        self._ray: Any = None
        self._run: Any = None
        self._expected: Any = None
        self._ours = False
        self._folder: Path | None = None
        self._environment = ExitStack()

    def map(
        self, work: Callable[[Given], Done], pieces: Iterable[tuple[Kept, Given | None]]
    ) -> Iterator[tuple[Kept, Done | None]]:
        """What comes of each piece, in the order of the pieces.

        Args:
            work: a function of a module; with the same piece it must always do the same.
            pieces: what is given out with the result, and what ``work`` takes; None there where
                nothing is to be done. A few are taken ahead.

        Raises:
            ClusterError: the cluster cannot be reached, is lost, or has another askscwru.
            Exception: whatever ``work`` raised.
        """
        waiting: deque[_Piece] = deque()
        # Where this ends early nothing is taken back: cancelling a task that is just done has been
        # seen to end the whole process (Ray 2.60). What is under way ends with the cluster.
        for kept, given in pieces:
            waiting.append(_Piece(kept, given))
            if given is not None:
                waiting[-1].result = self._sent(work, given)
            while waiting and self._is_next(waiting):
                yield self._taken(work, waiting)
        while waiting:
            yield self._taken(work, waiting)

    def start(self) -> None:
        """Starts Ray here, or joins the cluster; nothing where that is done.

        Raises:
            ClusterError: it cannot be reached.
        """
        if self._run is not None:
            return
        self._environment.callback(_set_environment(self.address))
        before = "ray" in sys.modules
        import ray

        if self.address == LOCAL and not before:
            _kept_to_itself.set()
        self._ray = ray
        if self.address not in (LOCAL, RUNNING) or not ray.is_initialized():
            self._check_import()
            self._join()
        with _lost(self.address):
            if not self.workers:
                self.workers = max(1, int(ray.cluster_resources().get("CPU", 1)))
            self._expected = ray.put(dict(self._program()))
            self._run = ray.remote(num_cpus=1, max_retries=_TRIES - 1)(_worked).options(
                scheduling_strategy="SPREAD"
            )

    def close(self) -> None:
        """Ends what was started, or leaves the cluster."""
        if self._ours:
            with suppress(Exception):
                self._ray.shutdown()
        self._ours = False
        self._ray = self._run = self._expected = None
        self._environment.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    # -- starting --------------------------------------------------------------------------------

    def _check_import(self) -> None:
        """Ray settles who is let in, and where it listens, when it is imported."""
        if self.address == LOCAL and not _kept_to_itself.is_set():
            raise ClusterError(
                "This program imported ray before, and so Ray cannot be kept to this machine.",
                remedy="Leave importing ray to askscwru, or call ray.init() before.",
            )

    def _join(self) -> None:
        given: dict[str, Any] = {"address": self.address}
        if self.address == LOCAL:
            self.workers = self.workers or _cores()
            # The paths of its sockets must be short.
            place = "/tmp" if os.name == "posix" else None  # noqa: S108 (mkdtemp makes it ours)
            self._folder = Path(tempfile.mkdtemp(prefix="askscwru-ray-", dir=place))
            given |= {
                "num_cpus": self.workers,
                "include_dashboard": False,
                "object_store_memory": _STORE,
                "_temp_dir": str(self._folder),
                "_system_config": {"task_oom_retries": _TRIES - 1},
            }
        main = threading.current_thread() is threading.main_thread()
        stop = signal.getsignal(signal.SIGTERM) if main else None
        try:
            with _lost(self.address):
                _knock(self.address)
                self._ray.init(**given, log_to_driver=False, logging_level="ERROR")
                self._ours = True
        except ClusterError:
            self.close()
            raise
        finally:
            if main:  # Ray puts a handler of its own there
                signal.signal(signal.SIGTERM, stop)

    # -- pieces ----------------------------------------------------------------------------------

    def _sent(self, work: Callable[[Given], Done], given: Given) -> Any:
        self.start()
        with _lost(self.address):
            return self._run.remote(self._program, self._expected, work, given)

    def _is_next(self, waiting: deque[_Piece]) -> bool:
        """Whether the first is to be given out: it is done, or there is no room for another."""
        results = [piece.result for piece in waiting if piece.result is not None]
        if waiting[0].result is None:
            return True
        while True:
            with _lost(self.address):
                _, running = self._ray.wait(
                    results, num_returns=len(results), timeout=0, fetch_local=False
                )
            if waiting[0].result not in running:
                return True
            if len(running) < self.workers and len(waiting) < _WAITING * self.workers:
                return False
            with _lost(self.address):
                self._ray.wait(running, num_returns=1, fetch_local=False)

    def _taken(
        self, work: Callable[[Given], Done], waiting: deque[_Piece]
    ) -> tuple[Any, Done | None]:
        piece = waiting.popleft()
        done = None if piece.result is None else self._result(work, piece)
        return piece.kept, done

    def _result(self, work: Callable[[Given], Done], piece: _Piece) -> Done:
        errors = self._ray.exceptions
        died = (errors.WorkerCrashedError, errors.NodeDiedError, errors.OutOfMemoryError)
        try:
            with _lost(self.address, but=(*died, errors.ObjectLostError)):
                found: Done = self._ray.get(piece.result)
                return found
        except (*died, errors.ObjectLostError):
            return work(piece.given)


def _worked(
    program: Program,
    expected: Mapping[str, str],
    work: Callable[[Given], Done],
    given: Given,
) -> Done:
    """Runs on a worker."""
    found = _of_here(program)
    for name, wanted in expected.items():
        if found.get(name) != wanted:
            raise ClusterError(
                f"The worker on {socket.gethostname()} has another {name}.", remedy=_INSTALL
            )
    return work(given)


@lru_cache(maxsize=1)
def _of_here(program: Program) -> Mapping[str, str]:
    """Looked up once in each process."""
    return program()


@contextmanager
def _lost(address: str, but: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turns what Ray raises into what ``map`` says."""
    from ray.exceptions import RayError, RayTaskError

    try:
        yield
    except but:
        raise
    except RayTaskError as error:
        cause = error.cause
        if isinstance(cause, AskscwruError):
            raise cause from None
        if isinstance(cause, ImportError) or _NO_MODULE.search(str(cause)):
            raise _another(address) from error
        raise (cause if isinstance(cause, Exception) else error) from error
    except (RayError, OSError, RuntimeError, ValueError) as error:
        told = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
        if _NO_MODULE.search(told):
            raise _another(address) from error
        said = told.splitlines()
        remedy = _AGAIN if address == LOCAL else f"{_START} {_AGAIN}"
        raise ClusterError(
            f"The Ray cluster {address} cannot be used: {said[0].rstrip('.')}.", remedy=remedy
        ) from error


def _another(address: str) -> ClusterError:
    return ClusterError(
        f"A worker of the Ray cluster {address} has no askscwru, or another one.", remedy=_INSTALL
    )


def _set_environment(address: str) -> Callable[[], None]:
    """Sets what Ray reads from the environment; gives what puts it back."""
    told = {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
        "RAY_IGNORE_UNHANDLED_ERRORS": "1",
    }
    if address == LOCAL:
        told |= {
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": _TOKEN,
            # Ray takes the loopback interface only where it thinks that there is no cluster.
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        }
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)

    def put_back() -> None:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    return put_back


def _knock(address: str) -> None:
    """Raises ``OSError`` where nobody listens at the address, which Ray tries for ten minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCKING):
            pass


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def joined(settings: Settings, program: Program) -> Iterator[Cluster | None]:
    """The cluster that is set, ended or left afterwards; None where none is.

    Raises:
        UsageError: the extra ``ray`` is not installed.
    """
    if settings.ray is None:
        yield None
        return
    cluster = Cluster(settings.ray, settings.ray_workers, program)
    try:
        yield cluster
    finally:
        cluster.close()
