"""``askscwru serve``: the application under uvicorn, in one process or several."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from askscwru.api import logs
from askscwru.api.app import create_app
from askscwru.api.config import Serving, refuse_open_door
from askscwru.api.database_tokens import tokens_of
from askscwru.api.protocol import Deadlines
from askscwru.api.shared_metrics import FOLDER
from askscwru.assistant import Assistant
from askscwru.conversation.opening import open_store
from askscwru.errors import AskscwruError
from askscwru.settings import Settings

log = logging.getLogger("askscwru.serve")

_BUSY_SECONDS = 1.0
_LAST_SECONDS = 5.0


def application() -> FastAPI:
    """The application as the environment sets it up; each worker process makes its own."""
    logs.set_up()
    settings, serving = Settings(), Serving()
    end_with_parent(serving.grace)
    Deadlines.configure(serving)
    # A file that another process holds must not keep answers waiting: what is lost is said.
    store = open_store(settings, busy_seconds=_BUSY_SECONDS)

    def load() -> Assistant:
        return Assistant.load(settings, store=store, progress=_Stages())

    return create_app(load, store, settings, serving)


def end_with_parent(grace: float) -> None:
    """Ends this worker process when the one that started it has died, however that came.

    A worker that is left alone would hold the port and answer from an index that nobody renews. It
    finishes what it has accepted, for ``grace`` seconds at most. Does nothing in a process that no
    other one of ours started.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()  # a pipe of its own, which the system closes
        log.error("the parent process has died; this one ends")
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(grace + _LAST_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="askscwru-parent", daemon=True).start()


class _Stages:
    """Says once of each stage of a build that it has begun: the first start may take minutes."""

    def __init__(self) -> None:
        self._named: set[str] = set()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """What a build tells of its progress."""
        if stage not in self._named:
            self._named.add(stage)
            log.info("building the index", extra={"stage": stage, "total": total})


def serve(settings: Settings, serving: Serving) -> None:
    """Serves until it is told to stop, and then finishes what it has accepted.

    Raises:
        UsageError: strangers could reach it and there is no token.
        AskscwruError: the port is taken, or the tokens cannot be read.
    """
    tokens = tokens_of(settings, serving)
    try:
        refuse_open_door(serving, bool(tokens.all()))
    finally:
        tokens.close()
    logs.set_up()
    with _environment(settings, serving):
        config = _config(serving)
        try:
            sock = config.bind_socket()
        except SystemExit as error:  # uvicorn has logged why
            raise AskscwruError(
                f"Cannot listen on {serving.host}:{serving.port}.",
                remedy="Choose another --port, or stop what listens there.",
            ) from error
        _announce(serving, sock)
        _run(config, sock)


def _announce(serving: Serving, sock: socket.socket) -> None:
    """Says where it serves: a line for a person at a terminal, a line of the log for the rest."""
    host = f"[{serving.host}]" if ":" in serving.host else serving.host
    url = f"http://{host}:{sock.getsockname()[1]}"
    if sys.stderr.isatty():
        print(f"Serving at {url} (manual: {url}/docs). Ctrl-C ends.", file=sys.stderr)
    log.info("serving", extra={"url": url, "workers": serving.workers})


_PATIENCE = 120
"""Seconds within which a worker process must have begun, and must answer its parent."""


def _run(config: uvicorn.Config, sock: socket.socket) -> None:
    if config.workers > 1:
        from uvicorn.supervisors import Multiprocess

        Multiprocess(config, sockets=[sock]).run()
    else:
        uvicorn.Server(config).run(sockets=[sock])


def _config(serving: Serving) -> uvicorn.Config:
    return uvicorn.Config(
        "askscwru.api.serve:application",
        factory=True,
        host=serving.host,
        port=serving.port,
        workers=serving.workers,
        http=Deadlines,
        ws="none",
        h11_max_incomplete_event_size=serving.max_headers,
        timeout_keep_alive=int(max(1, serving.keep_alive)),
        # Else a worker that takes more than five seconds to import is killed, again and again.
        timeout_worker_healthcheck=_PATIENCE,
        timeout_graceful_shutdown=int(max(1, serving.grace)),
        proxy_headers=False,  # ``Forwarded`` has to know who the proxy was
        server_header=False,
        access_log=False,
        log_config=None,
    )


@contextmanager
def _environment(settings: Settings, serving: Serving) -> Iterator[None]:
    """Hands the settings to the worker processes, and gives their numbers a folder to meet in."""
    given = settings.model_dump(mode="json") | serving.model_dump(mode="json")
    if settings.database is not None:
        given["conversations"] = settings.database.whole  # dumped, it has no password
    for name, value in given.items():
        if value is not None:
            text = value if isinstance(value, str) else json.dumps(value)
            os.environ[f"ASKSCWRU_{name.upper()}"] = text
    if serving.workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="askscwru-metrics-") as folder:
        os.environ[FOLDER] = folder
        yield
