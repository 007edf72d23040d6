"""Honest clients beside a hostile one: how much longer they wait.

Usage::

    python -m benchmarks.hostile [--seconds 15] [--rounds 2] [--clients 8,64] [--kinds …]

The service has its default limits. Every honest client has an address of its own (127.0.1.x) and
asks as soon as it has its answer; the hostile one has one address (127.0.0.9) and is a process of
its own, with the lowest priority, since on another machine it would take no processor here:

* ``streams``: hundreds of ``GET /mcp`` at once, as a client that listens for what is never sent;
* ``chats``: long chats that nobody has seen before, eight at once;
* ``abandoned``: questions that it does not wait for;
* ``readers``: the longest response there is, over and over, and not a byte of it read;
* ``connections``: as many connections as it can get, and nothing said.

Every round measures the honest clients alone and then beside each of them; what is told is the
95th percentile of all rounds, and how many times that of the clients alone it is.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from benchmarks.http_load import ROOT, Line, load, questions, served

ADDRESS = "127.0.0.9"
_AT_ONCE = 8
_STREAMS = 600
_CONNECTIONS = 2_000
_READERS = 200
_READY = "attacking"


# -- the hostile client ----------------------------------------------------------------------------


async def _open(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(ADDRESS, 0))


def _request(method: str, path: str, body: bytes = b"", accept: str = "*/*") -> bytes:
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _stream(port: int) -> None:
    reader, writer = await _open(port)
    try:
        writer.write(_request("GET", "/mcp", accept="text/event-stream"))
        while await reader.read(1 << 16):
            pass
    finally:
        writer.close()


async def _chat(port: int) -> None:
    words = [word for question in questions() for word in question.split()]
    messages = []
    for _ in range(12):
        asked = " ".join(random.choices(words, k=400))[:1_900]
        messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": "Yes."}]
    messages.append({"role": "user", "content": " ".join(random.choices(words, k=8))})
    body = json.dumps({"model": "askscwru", "messages": messages}).encode()
    reader, writer = await _open(port)
    try:
        writer.write(_request("POST", "/v1/chat/completions", body))
        await reader.readuntil(b"\r\n\r\n")
    finally:
        writer.close()


async def _abandoned(port: int) -> None:
    body = json.dumps({"question": f"{random.choice(questions())} {random.random()}"}).encode()
    _, writer = await _open(port)
    try:
        writer.write(_request("POST", "/ask", body))
        await writer.drain()
        await asyncio.sleep(0.01)
    finally:
        writer.close()


async def _reader(port: int) -> None:
    loop = asyncio.get_running_loop()
    sock = socket.socket()
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        sock.setblocking(False)
        sock.bind((ADDRESS, 0))
        await loop.sock_connect(sock, ("127.0.0.1", port))
        for _ in range(60):  # which the limit allows to come at once
            await loop.sock_sendall(sock, _request("GET", "/openapi.json"))
        await asyncio.sleep(30)
    finally:
        sock.close()


async def _silent(port: int) -> None:
    reader, writer = await _open(port)
    try:
        await reader.read(1 << 16)  # until it is cut off
    finally:
        writer.close()


KINDS: dict[str, tuple[Callable[[int], Awaitable[None]], int]] = {
    "streams": (_stream, _STREAMS),
    "chats": (_chat, _AT_ONCE),
    "abandoned": (_abandoned, _AT_ONCE),
    "readers": (_reader, _READERS),
    "connections": (_silent, _CONNECTIONS),
}
"""What each does, and how many at once; who is refused tries again after a tenth of a second."""


async def attack(port: int, kind: str, seconds: float) -> None:
    """Is the hostile client for a while."""
    act, many = KINDS[kind]
    ends = asyncio.get_running_loop().time() + seconds

    async def one() -> None:
        while asyncio.get_running_loop().time() < ends:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                await asyncio.wait_for(act(port), ends - asyncio.get_running_loop().time())
            await asyncio.sleep(0.1)

    print(_READY, flush=True)
    await asyncio.gather(*(one() for _ in range(many)))


@contextmanager
def hostile(port: int, kind: str | None, seconds: float) -> Iterator[None]:
    """The hostile client beside whatever is done meanwhile; none where there is no kind of it."""
    if kind is None:
        yield
        return
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.hostile", "--attack", kind]
    command += ["--port", str(port), "--seconds", str(seconds)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.nice(19)
    )
    try:
        assert process.stdout is not None
        assert _READY in process.stdout.readline()
        yield
    finally:
        process.kill()
        process.wait(timeout=60)
        if process.stdout is not None:
            process.stdout.close()


# -- the honest ones -------------------------------------------------------------------------------


def table(seconds: float, rounds: int, counts: list[int], kinds: list[str]) -> None:
    """Prints the table."""
    lines: dict[tuple[int, str | None], Line] = defaultdict(Line)
    # The service's own limits, not those that the other measurements switch off.
    with served(1, ASKSCWRU_RATE="10") as (port, _):
        for _ in range(rounds):
            for clients in counts:
                for kind in (None, *kinds):
                    with hostile(port, kind, seconds + 120):
                        line = lines[clients, kind]
                        asyncio.run(load(port, clients, seconds, line, keep=True, apart=True))
    print("| honest clients | beside | answers | p50 ms | p95 ms | p95, times alone | statuses |")
    print("|---:|---|---:|---:|---:|---:|---|")
    for (clients, kind), line in lines.items():
        alone = lines[clients, None].quantile(0.95)
        said = ", ".join(f"{status}: {many:,}" for status, many in sorted(line.statuses.items()))
        p50, p95 = line.quantile(0.5), line.quantile(0.95)
        print(
            f"| {clients} | {kind or 'nobody'} | {len(line.took):,} | {p50:,.0f} | {p95:,.0f} "
            f"| {p95 / alone:.2f} | {said} |"
        )


def main() -> None:
    """Reads the options and measures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=15.0, help="for each line, in each round")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--clients", default="8,64")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--attack", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.attack:
        asyncio.run(attack(given.port, given.attack, given.seconds))
        return
    counts = [int(count) for count in given.clients.split(",")]
    table(given.seconds, given.rounds, counts, given.kinds.split(","))


if __name__ == "__main__":
    main()
