"""A PostgreSQL server of the tests' own, on a port of its own, that they may stop and start."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from askscwru.addresses import DatabaseAddress

PASSWORD = "geheim%2F%40w0rt"  # percent-encoded, as a URL has it
_NAMES = count(1)


def _programs() -> Path | None:
    """The folder of the newest server that is installed, where Debian or the PATH has it."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    on_path = shutil.which("initdb")
    found = [*([Path(on_path).parent] if on_path else []), *folders]
    return next((folder for folder in reversed(found) if (folder / "initdb").exists()), None)


class PostgresServer:
    """A server; ``address`` makes an empty database in it."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._data = folder / "data"
        self.port = free_port()
        # A server refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else ""
        if self._user:
            shutil.chown(folder, self._user)
        secret = folder / "password"
        secret.write_text("geheim/@w0rt\n")
        secret.chmod(0o644)
        given = ["-E", "UTF8", "--locale", "C", "-U", "asker", "-A", "scram-sha-256", "-N"]
        self._run("initdb", "-D", str(self._data), *given, f"--pwfile={secret}")
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-l", log, "-w", "-o", options, "start")

    def stop(self, how: str = "immediate") -> None:
        """Ends it: ``immediate`` is a crash, ``fast`` sends everybody away first."""
        self._run("pg_ctl", "-D", str(self._data), "-m", how, "-w", "stop")

    def address(self, name: str, **options: str) -> DatabaseAddress:
        query = "&".join(f"{key}={value}" for key, value in options.items())
        url = f"postgresql://asker:{PASSWORD}@127.0.0.1:{self.port}/{name}"
        return DatabaseAddress(f"{url}?{query}" if query else url)

    def create(self) -> DatabaseAddress:
        """A new database with nothing in it."""
        name = f"kept_{next(_NAMES)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.address(name)

    def execute(self, statement: str, name: str = "postgres", values: Sequence[Any] = ()) -> Any:
        """What a statement gives, done beside everybody else."""
        import psycopg

        with psycopg.connect(self.address(name).whole, autocommit=True) as connection:
            done = connection.execute(statement, values or None)
            return done.fetchall() if done.description else None

    def _run(self, program: str, *given: str) -> None:
        command = [str(self._programs / program), *given]
        if self._user:
            user = (f"--reuid={self._user}", f"--regid={self._user}", "--clear-groups")
            command = ["setpriv", *user, *command]
        with (self._folder / "said").open("w") as said:
            done = subprocess.run(command, stdout=said, stderr=said, cwd="/", check=False)
        assert done.returncode == 0, (self._folder / "said").read_text()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


_WANTED = bool(os.environ.get("ASKSCWRU_TEST_DATABASE"))
"""Read at once: a test sees none of the settings of whoever runs it."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running server; skips where there is none, or no driver."""
    if find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed: pip install 'askscwru[postgres]'")
    programs = _programs()
    if not _WANTED:
        pytest.skip("replicas are tested with ASKSCWRU_TEST_DATABASE=1, as .ci/run does")
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with tempfile.TemporaryDirectory(prefix="askscwru-pg-") as folder:
        Path(folder).chmod(0o755)
        server = PostgresServer(programs, Path(folder))
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def database(postgres: PostgresServer) -> DatabaseAddress:
    """An empty database of a test's own."""
    return postgres.create()
