"""Milvus servers of the tests' own, each a process that they may kill and start again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest

from askscwru.addresses import MilvusAddress
from databases import free_port

_LITE = "import sys; from milvus_lite.cmdline import main; sys.exit(main(sys.argv[1:]))"
_RELAY = Path(__file__).with_name("milvus_relay.py")
_SECONDS = 120
_NAMES = count(1)
_WANTED = bool(os.environ.get("ASKSCWRU_TEST_MILVUS"))
"""Read at once: a test sees none of the settings of whoever runs it."""


class MilvusProcess:
    """A server at an address of its own; ``kill`` is a crash, ``start`` brings it back."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.start()

    @property
    def address(self) -> MilvusAddress:
        return MilvusAddress(f"http://127.0.0.1:{self.port}")

    @property
    def runs(self) -> bool:
        return bool(self._processes)

    def start(self) -> None:
        self._processes = [self._run(command) for command in self.commands()]
        self._wait()

    def kill(self) -> None:
        for process in reversed(self._processes):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._processes = []

    def create(self) -> MilvusAddress:
        """A new database with nothing in it."""
        made = MilvusAddress(f"{self.address}/posts_{next(_NAMES)}")
        self._ask("create_database", made.database)
        return made

    def remove(self, address: MilvusAddress) -> None:
        """Frees the memory that its collections take up."""
        from askscwru.milvus.server import MilvusServer

        server = MilvusServer(address)
        if server.call("has_collection", collection_name="askscwru"):
            server.call("drop_alias", alias="askscwru")
        for name in server.call("list_collections"):
            server.call("drop_collection", collection_name=name)
        server.close()

    def _ask(self, method: str, *given: object) -> None:
        from askscwru.milvus.server import MilvusServer

        server = MilvusServer(self.address)
        server.call(method, *given)
        server.close()

    def commands(self) -> list[list[str]]:
        """What it consists of."""
        raise NotImplementedError

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "said").open("ab") as said:
            return subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)

    def _wait(self) -> None:
        """Until it answers: a port alone says nothing."""
        from askscwru.errors import IndexAway
        from askscwru.milvus.server import MilvusServer

        server = MilvusServer(self.address)
        end = time.monotonic() + _SECONDS
        while True:
            try:
                server.call("list_collections")
                break
            except IndexAway:
                if time.monotonic() > end:
                    self.kill()
                    raise
                time.sleep(0.1)
        server.close()


class LiteProcess(MilvusProcess):
    """Milvus Lite: the protocol, in Python."""

    def commands(self) -> list[list[str]]:
        given = ["--data-dir", str(self.folder / "data"), "--host", "127.0.0.1"]
        return [[sys.executable, "-c", _LITE, "server", *given, "--port", str(self.port)]]


class RealProcess(MilvusProcess):
    """The server of the wheel ``milvus``; ``milvus_relay.py`` says how it runs."""

    def commands(self) -> list[list[str]]:
        relay, door = [sys.executable, str(_RELAY)], str(self.folder / "door")
        inside = ["unshare", "--map-root-user", "--net", *relay, "serve", str(self.folder), door]
        return [inside, [*relay, "lead", str(self.port), door]]


def _without() -> str:
    """What keeps the real server from being started; empty where nothing does."""
    if not _WANTED:
        return "a Milvus server is tested with ASKSCWRU_TEST_MILVUS=1, as .ci/run does"
    if find_spec("milvus") is None:
        return "the server is not installed: pip install --no-deps milvus"
    unshare = shutil.which("unshare")
    command = [unshare or "unshare", "--map-root-user", "--net", "true"]
    if unshare is None or subprocess.run(command, capture_output=True, check=False).returncode:
        return "a network of the server's own cannot be made: unshare --net is not allowed"
    return ""


@pytest.fixture(scope="session")
def lite() -> Iterator[LiteProcess]:
    """Milvus Lite, running; skips where it is not installed."""
    if find_spec("pymilvus") is None or find_spec("milvus_lite") is None:
        pytest.skip("Milvus Lite is not installed: pip install 'askscwru[milvus]' milvus-lite")
    with tempfile.TemporaryDirectory(prefix="askscwru-lite-") as folder:
        server = LiteProcess(Path(folder))
        yield server
        server.kill()


@pytest.fixture(scope="session")
def real_milvus() -> Iterator[RealProcess]:
    """The server itself, running; skips where it is not wanted or cannot be had."""
    if find_spec("pymilvus") is None or (reason := _without()):
        pytest.skip("pymilvus is not installed" if find_spec("pymilvus") is None else reason)
    with tempfile.TemporaryDirectory(prefix="askscwru-milvus-") as folder:
        server = RealProcess(Path(folder))
        yield server
        server.kill()


@pytest.fixture(params=["lite", "real_milvus"])
def milvus(request: pytest.FixtureRequest) -> MilvusProcess:
    """Either server, running."""
    process: MilvusProcess = request.getfixturevalue(request.param)
    return process


@pytest.fixture
def place(milvus: MilvusProcess) -> Iterator[MilvusAddress]:
    """An empty database of a test's own, in either server."""
    address = milvus.create()
    yield address
    milvus.remove(address)


@pytest.fixture
def lite_place(lite: LiteProcess) -> Iterator[MilvusAddress]:
    """An empty database of a test's own in Milvus Lite."""
    address = lite.create()
    yield address
    lite.remove(address)
