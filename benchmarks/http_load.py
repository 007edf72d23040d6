"""The HTTP service under load, beside ``Assistant.ask`` in-process and a bare FastAPI route.

Usage::

    python -m benchmarks.http_load [--seconds 5] [--rounds 3] [--workers 1]
    python -m benchmarks.http_load --memory 20000

The server is ``askscwru serve`` in a process of its own; the load comes from this one, over plain
sockets, since a client library takes longer than what is measured. A round goes through every line
of the table, so that whatever else the machine does meets all of them. The overhead of HTTP is what
each request took less what its own ``timings_ms.total`` says that the answer took.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
CLIENTS = (1, 8, 64)
_PAGE = os.sysconf("SC_PAGE_SIZE")


def questions() -> list[str]:
    """Questions of the evaluation set, so that no answer is asked for twice in a row."""
    lines = (ROOT / "eval" / "seeds.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines[::3]]


@dataclass
class Line:
    """What one line of the table measured."""

    took: list[float] = field(default_factory=list)
    """Milliseconds of each request."""
    overhead: list[float] = field(default_factory=list)
    """Milliseconds that were not the answer's own, where the response says how long that took."""
    statuses: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    seconds: float = 0.0

    def quantile(self, share: float) -> float:
        """The milliseconds within which so many of the requests were answered."""
        return sorted(self.took)[min(len(self.took) - 1, int(share * len(self.took)))]

    def row(self, name: str) -> str:
        """The line as Markdown."""
        at = [self.quantile(share) for share in (0.5, 0.95, 0.99)]
        rate = len(self.took) / self.seconds
        over = f"{statistics.median(self.overhead):.2f}" if self.overhead else ""
        said = ", ".join(f"{status}: {count:,}" for status, count in sorted(self.statuses.items()))
        numbers = " | ".join(f"{value:.1f}" for value in at)
        return f"| {name} | {rate:,.0f} | {numbers} | {over} | {said} |"


# -- servers ---------------------------------------------------------------------------------------


@contextmanager
def served(workers: int, **environment: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """``askscwru serve`` on a free port, ready; yields the port and the process."""
    with tempfile.TemporaryDirectory() as folder:
        conversations = str(Path(folder) / "conversations.sqlite3")
        given = {"ASKSCWRU_RATE": "0", "ASKSCWRU_CONVERSATIONS": conversations, **environment}
        command = ["-m", "askscwru", "serve", "--port", "0", "--workers", str(workers)]
        with _started(command, given) as (port, process):
            asyncio.run(_until_ready(port))
            yield port, process


@contextmanager
def bare() -> Iterator[int]:
    """A FastAPI route that returns a small object, under the same server; yields its port."""
    with _started(["-m", "benchmarks.http_load", "--bare"], {}) as (port, _):
        asyncio.run(_until_ready(port))
        yield port


@contextmanager
def _started(
    command: list[str], environment: dict[str, str]
) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", *command],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    assert process.stderr is not None
    try:
        url = next(line["url"] for line in map(json.loads, process.stderr) if "url" in line)
        with Path(os.devnull).open("w") as nowhere:
            drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=nowhere)
            yield int(url.rpartition(":")[2]), process
    finally:
        process.terminate()
        process.wait(timeout=60)
        drain.wait(timeout=60)
        process.stderr.close()


def serve_bare() -> None:
    """What ``--bare`` runs."""
    import uvicorn
    from fastapi import FastAPI

    app = FastAPI()

    @app.post("/ask")
    async def answer(body: dict[str, Any]) -> dict[str, Any]:
        return {"answer": "no"}

    @app.get("/health")
    async def health() -> dict[str, Any]:
        return {"ready": True}

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}"}), file=sys.stderr)
    uvicorn.run(app, port=port, http="h11", log_config=None, access_log=False)


async def _until_ready(port: int) -> None:
    while True:
        client = Client(port)
        try:
            status, _ = await client.request("GET", "/health", b"", keep=False)
        except OSError:
            status = 0
        if status == 200:
            return
        await asyncio.sleep(0.2)


# -- the load --------------------------------------------------------------------------------------


class Client:
    """One connection at a time, as little HTTP as is needed."""

    def __init__(self, port: int, address: str | None = None) -> None:
        self._port = port
        self._local = None if address is None else (address, 0)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(
        self, method: str, path: str, body: bytes, *, keep: bool
    ) -> tuple[int, bytes]:
        """Status and body of one request, over the connection that is open or a new one."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(
                "127.0.0.1", self._port, local_addr=self._local
            )
        reader, writer = self._streams
        last = "" if keep else "Connection: close\r\n"
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{last}\r\n"
        )
        writer.write(head.encode() + body)
        top = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(top.partition("content-length: ")[2].partition("\r\n")[0])
        content = await reader.readexactly(length)
        if not keep or "connection: close" in top:
            self.close()
        return int(top.split()[1]), content

    def close(self) -> None:
        """Closes the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def load(
    port: int,
    clients: int,
    seconds: float,
    line: Line,
    *,
    keep: bool,
    asked: list[str] | None = None,
    apart: bool = False,
) -> None:
    """Asks with so many clients at once for a while, each as soon as it has its answer.

    Args:
        port: of the service.
        clients: how many.
        seconds: for how long.
        line: takes what is measured.
        keep: connections are kept alive.
        asked: the questions; those of ``questions`` if not given.
        apart: each client has an address of its own.
    """
    asked = asked or questions()
    end = time.perf_counter() + seconds

    async def one(number: int) -> None:
        client = Client(port, f"127.0.1.{number + 1}" if apart else None)
        at = number
        while time.perf_counter() < end:
            body = json.dumps({"question": asked[at % len(asked)]}).encode()
            at += clients
            began = time.perf_counter()
            status, content = await client.request("POST", "/ask", body, keep=keep)
            took = (time.perf_counter() - began) * 1000
            line.took.append(took)
            line.statuses[status] += 1
            own = json.loads(content).get("timings_ms")
            if own:
                line.overhead.append(took - own["total"])
        client.close()

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(clients)))
    line.seconds += time.perf_counter() - began


def in_process(assistant: Any, seconds: float, line: Line) -> None:
    """``Assistant.ask`` one after the other, without HTTP."""
    asked = questions()
    began = time.perf_counter()
    at = 0
    while time.perf_counter() - began < seconds:
        before = time.perf_counter()
        assistant.ask(asked[at % len(asked)])
        line.took.append((time.perf_counter() - before) * 1000)
        at += 1
    line.seconds += time.perf_counter() - began


def table(seconds: float, rounds: int, workers: int) -> None:
    """Prints the table."""
    from askscwru import Assistant

    assistant = Assistant.load()
    lines: dict[str, Line] = defaultdict(Line)
    with served(workers) as (port, _), bare() as bare_port:
        for _ in range(rounds):
            in_process(assistant, seconds, lines["`Assistant.ask`, in-process, 1 caller"])
            for keep in (True, False):
                kept = "kept alive" if keep else "a connection each"
                for clients in CLIENTS:
                    for name, where in (("bare route", bare_port), ("`/ask`", port)):
                        line = lines[f"{name}, {clients} clients, {kept}"]
                        asyncio.run(load(where, clients, seconds, line, keep=keep))
    print("| | requests/s | p50 ms | p95 ms | p99 ms | overhead ms (p50) | statuses |")
    print("|---|---:|---:|---:|---:|---:|---|")
    for name, line in lines.items():
        print(line.row(name))


def quick_questions() -> list[str]:
    """Nine questions about posts, which are answered quickly, to each one that has to be read."""
    from askscwru import Assistant

    titles = [post.title for post in Assistant.load().posts() if post.title]
    about = [f"{verb} “{title}”?" for title in titles for verb in ("Who wrote", "How long is")]
    read = questions()
    return [
        read[at // 10 % len(read)] if at % 10 == 0 else about[at % len(about)]
        for at in range(10 * len(about))
    ]


def memory(requests: int, workers: int) -> None:
    """Prints how much memory the server has in use after so many requests, in steps."""
    line, asked = Line(), quick_questions()
    with served(workers) as (port, process):
        print("| requests | server's resident memory, MB |")
        print("|---:|---:|")
        shown = 0
        while len(line.took) < requests:
            asyncio.run(load(port, 8, 2.0, line, keep=True, asked=asked))
            if len(line.took) >= shown:
                pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
                print(f"| {len(line.took):,} | {pages * _PAGE / 1e6:.1f} |", flush=True)
                shown += max(1, requests // 20)
    print(f"\nstatuses: {dict(line.statuses)}")


def main() -> None:
    """Reads the options and measures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=5.0, help="for each line, in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--memory", type=int, metavar="N", help="N requests, and the memory")
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        serve_bare()
    elif options.memory:
        memory(options.memory, options.workers)
    else:
        table(options.seconds, options.rounds, options.workers)


if __name__ == "__main__":
    main()
