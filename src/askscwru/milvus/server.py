"""Calls to a Milvus server that may go away, and what its failures mean.

Every call ends within a time, and who asks just after the server was found away is told at once.
The channel connects again by itself; what a server that was started anew has not loaded yet, it is
told to load.

Nothing here prints or logs a password, and nothing speaks to any host but the one that is named:
proxies of the environment are left aside, and so is what the client would read from ``.env`` files.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import suppress
from typing import Any

from askscwru.addresses import MilvusAddress
from askscwru.errors import IndexAway
from askscwru.extras import require

log = logging.getLogger("askscwru.milvus")

Client = Any
"""pymilvus's; the extra is not there when types are checked."""

READ_SECONDS = 4.0
"""How long a question waits for one reply."""
WRITE_SECONDS = 600.0
"""How long a build waits for one step: an index that is made, a collection that is loaded."""
_LOAD_SECONDS = 1.0
"""How long a question waits for a collection that is being loaded; the server goes on with it."""
_PAUSE = 1.0
"""For so long after a failed call nobody waits again: who asks is told at once."""
_CHANNEL = {
    "grpc.enable_http_proxy": 0,
    # A server that is back is found within a second, however long it was away.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.min_reconnect_backoff_ms": 500,
    "grpc.max_reconnect_backoff_ms": 1000,
}
_AWAY = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "CONNECT_FAILED"})
_CONNECT_FAILED = 2  # of the client itself
_LET_IN = frozenset({"UNAUTHENTICATED", "PERMISSION_DENIED"})
_SILENT = {"PYTHON_DOTENV_DISABLED": "1", "GRPC_VERBOSITY": "NONE"}
_NO_COLLECTION, _NOT_LOADED, _NO_DATABASE, _NOT_READY = 100, 101, 800, 1
_LATER = "Try again later; `askscwru doctor` says why."
_importing = threading.Lock()


def library() -> Any:
    """pymilvus, as quiet as a library should be and without the settings of ``.env`` files."""
    with _importing:
        before = {name: os.environ.get(name) for name in _SILENT}
        os.environ.update(_SILENT)
        try:
            import pymilvus
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
    # It prints the trace of every failed call, addresses and all; we say what failed ourselves.
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL + 1)
    return pymilvus


class MilvusServer:
    """A server, called by name of the client's methods; safe to use from many threads."""

    def __init__(self, address: MilvusAddress) -> None:
        """Connects to nothing yet.

        Raises:
            UsageError: the extra ``milvus`` is not installed.
        """
        require("pymilvus", "milvus", f"The index is to be held by {address}", "index")
        self.address = address
        self._client: Client | None = None
        self._lock = threading.Lock()
        self._away: tuple[float, IndexAway] | None = None
        self._said_last = ""

    def call(self, method: str, *given: Any, seconds: float = READ_SECONDS, **named: Any) -> Any:
        """What a method of the client returns.

        A collection that the server has not loaded is loaded first: it may have been started anew.

        Raises:
            IndexAway: the server is away, or refuses.
        """
        self._told_already()
        try:
            client = self._connected()
            try:
                return getattr(client, method)(*given, timeout=seconds, **named)
            except Exception as error:
                if _code(error) != _NOT_LOADED:
                    raise
                client.load_collection(named["collection_name"], timeout=_LOAD_SECONDS)
                return getattr(client, method)(*given, timeout=seconds, **named)
        except Exception as error:
            raise self._told(error) from None  # its own words may hold more than may be shown

    def why_not(self) -> tuple[str, str] | None:
        """What the server, or the way to it, says against its use, and what mends that, or None.

        For whoever runs it, not for strangers: it may name hosts and users, but no password.
        """
        try:
            self.call("list_collections")
        except IndexAway as error:
            if error.remedy != _LATER:
                return error.message, error.remedy
            return f"{error.message} ({self._said_last})", (
                "docker compose -f deploy/compose.yaml up --detach milvus, or whatever runs the "
                f"server at {self.address.host}:{self.address.port}"
            )
        return None

    def close(self) -> None:
        """Lets go of the connection; a later call connects again."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):  # what is gone is closed
                client.close()

    # -- rungs -----------------------------------------------------------------------------------

    def _told_already(self) -> None:
        away = self._away
        if away is not None and time.monotonic() < away[0]:
            raise type(away[1])(away[1].message, remedy=away[1].remedy)

    def _connected(self) -> Client:
        with self._lock:
            if self._client is None:
                self._told_already()  # while this thread waited for another one
                address = self.address
                # A token is user:password, or a key alone.
                token = f"{address.user}:{address.password}" if address.user else address.password
                self._client = library().MilvusClient(
                    uri=address.server,
                    token=token,
                    db_name=address.database,
                    timeout=READ_SECONDS,
                    dedicated=True,
                    grpc_options=_CHANNEL,
                )
            return self._client

    def _told(self, error: Exception) -> IndexAway:
        """A failure in our words; the client's own go to the log, without the password."""
        if isinstance(error, IndexAway):
            return error
        code = _code(error)
        said = self.address.scrubbed(str(getattr(error, "message", "") or error).strip())
        self._said_last = said
        log.info("refused", extra={"fault": said, "code": str(code)})
        if code in _AWAY:
            told = IndexAway(self._said("there is no connection to its server"), remedy=_LATER)
            self._away = (time.monotonic() + _PAUSE, told)
            return told
        if code in _LET_IN:
            reason, remedy = "it does not let this user in", "Put user:password into the address."
        elif code == _NO_COLLECTION:
            reason, remedy = "what is asked for is not there any more", "Run `askscwru index`."
        elif code == _NO_DATABASE or ("database" in said and "not exist" in said):
            reason = f"it has no database {self.address.database!r}"
            remedy = f"Make it: {self.making_database()}"
        elif code == _NOT_READY:
            reason, remedy = "its server is not ready", _LATER
        else:
            lines = said.splitlines() or [type(error).__name__]
            reason, remedy = f"it says “{lines[0][:200]}”", "`askscwru doctor` says what is amiss."
        return IndexAway(self._said(reason), remedy=remedy)

    def making_database(self) -> str:
        """The command that makes the database of the address."""
        made = f"MilvusClient('{self.address.server}').create_database('{self.address.database}')"
        return f'python -c "from pymilvus import MilvusClient; {made}"'

    def _said(self, reason: str) -> str:
        return f"The index in {self.address} cannot be used: {reason}."


def _code(error: Exception) -> Any:
    """A number of Milvus's, or the name of one of gRPC's."""
    code = getattr(error, "code", None)
    code = code() if callable(code) else code
    name = getattr(code, "name", None)
    if isinstance(name, str):
        return code if isinstance(code, int) and name not in _AWAY else name
    if code == _CONNECT_FAILED:
        return "CONNECT_FAILED"
    return code
