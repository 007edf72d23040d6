"""One client cannot lock out the others: turns, places in the queue, connections, readers."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from askscwru.api.chat import REPLAYED, REPLAYED_CHARACTERS, Replay, exchanged
from askscwru.api.config import Serving
from askscwru.api.guard import Pace
from askscwru.api.limits import CALLER, Caller, Slots
from askscwru.api.protocol import FILES_APART, Deadlines
from askscwru.assistant import Assistant
from askscwru.errors import Cancelled
from askscwru.types import Query
from serving import FACT, Gate, Site, exchange, problem, serve, until

QUESTION = {"question": FACT}
BODY = json.dumps(QUESTION).encode()
REQUEST = (
    b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    + f"Content-Length: {len(BODY)}\r\n\r\n".encode()
    + BODY
)


def another(site: Site, **choices: Any) -> Any:
    return serve(site.service.live._load, site.service.store, site.service.settings, **choices)


@pytest.fixture
def gate(site: Site, monkeypatch: pytest.MonkeyPatch) -> Gate:
    loaded = site.service.live._load
    assert isinstance(loaded, Assistant)
    return Gate(loaded, monkeypatch)


def test_clients_take_turns_however_much_one_of_them_asks() -> None:
    order: list[str] = []

    async def ask(slots: Slots, client: str) -> None:
        async with slots.taken(client):
            order.append(client)
            await asyncio.sleep(0)

    async def main() -> None:
        slots = Slots(1)
        greedy = [asyncio.create_task(ask(slots, "greedy")) for _ in range(6)]
        await asyncio.sleep(0)
        others = [asyncio.create_task(ask(slots, name)) for name in ("one", "two", "one")]
        await asyncio.sleep(0)
        greedy[2].cancel()  # one that waits gives up
        await asyncio.gather(*greedy, *others, return_exceptions=True)
        async with asyncio.timeout(5):
            await ask(slots, "after")  # every slot came back

    asyncio.run(main())
    assert order[-1] == "after"
    assert order.count("greedy") == 5
    assert order.index("two") <= 4
    assert [name for name in order[:6] if name == "one"] == ["one", "one"]


def test_who_asks_for_much_work_has_no_more_time_than_others() -> None:
    now = 0.0
    order: list[str] = []

    async def ask(slots: Slots, client: str, seconds: float) -> None:
        nonlocal now
        async with slots.taken(client):
            order.append(client)
            await asyncio.sleep(0)
            now += seconds

    async def main() -> None:
        slots = Slots(1, clock=lambda: now)
        asked = [ask(slots, "long", 4.0) for _ in range(3)] + [
            ask(slots, "short", 1.0) for _ in range(9)
        ]
        await asyncio.gather(*asked)

    asyncio.run(main())
    assert order[:2] == ["long", "short"]
    assert order[2:5] == ["short"] * 3, "it has had four seconds"
    assert order.index("long", 1) < order.index("short", 6), "and then its turn comes again"


def test_one_client_cannot_fill_the_queue(site: Site, gate: Gate) -> None:
    with (
        another(site, answering=1, waiting=4) as busy,
        busy.client() as client,
        ThreadPoolExecutor(5) as pool,
    ):
        held = [socket.create_connection(("127.0.0.1", busy.port)) for _ in range(4)]
        for connection in held:  # one is worked on, and three of the four places are taken
            connection.sendall(REQUEST)
        until(lambda: busy.service.desk.busy == 4)
        assert problem(client.post("/ask", json=QUESTION))["code"] == "overloaded"
        with busy.client(transport=httpx.HTTPTransport(local_address="127.0.0.2")) as other:
            answer = pool.submit(other.post, "/ask", json=QUESTION)
            until(lambda: busy.service.desk.busy == 5)
            gate.open.set()
            assert answer.result().status_code == 200
        for connection in held:
            connection.close()


def test_what_nobody_waits_for_any_more_is_not_begun(site: Site, gate: Gate) -> None:
    with another(site, answering=1) as own, own.client() as client:
        first = socket.create_connection(("127.0.0.1", own.port))
        first.sendall(REQUEST)
        assert gate.arrived.acquire(timeout=10)
        waiting = [socket.create_connection(("127.0.0.1", own.port)) for _ in range(5)]
        for connection in waiting:
            connection.sendall(REQUEST)
        until(lambda: own.service.desk.busy == 6)
        for connection in waiting:
            connection.close()
        until(lambda: own.service.desk.busy == 1)
        gate.open.set()
        assert client.post("/ask", json=QUESTION).status_code == 200
        first.close()
    begun = 0
    while gate.arrived.acquire(blocking=False):
        begun += 1
    assert begun <= 2, "only the last question was begun besides the first"


def test_a_long_chat_is_gone_through_at_bounded_cost(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = [("user", "x" * 1_900), ("assistant", "Yes.")] * 12
    earlier, _ = exchanged([*long, ("user", FACT)])
    assert 1 <= len(earlier) <= REPLAYED_CHARACTERS / 1_900
    assert len(exchanged([("user", "y" * 90_000), ("user", FACT)])[0]) == 1
    short = [("user", "Who does Edward live with?"), ("assistant", "Yes.")] * 20
    assert len(exchanged([*short, ("user", FACT)])[0]) == REPLAYED
    gone = Caller("x")
    gone.gone.set()
    token = CALLER.set(gone)
    try:
        with pytest.raises(Cancelled):
            Replay().ask(assistant, earlier, Query(FACT))
    finally:
        CALLER.reset(token)


@pytest.mark.parametrize(
    ("path", "host"), [("/posts", "localhost"), ("/health", "localhost"), ("/posts", "elsewhere")]
)
def test_an_address_is_not_refused_any_number_of_times_at_once(
    site: Site, monkeypatch: pytest.MonkeyPatch, path: str, host: str
) -> None:
    monkeypatch.setattr(Pace, "held", 5.0)
    monkeypatch.setattr(Pace, "at_once", 5)
    headers = {"host": host}
    with another(site, rate=0.001, burst=1) as own, own.client(headers=headers) as client:
        client.get("/posts", headers={"host": "localhost"})  # the one that it may ask
        for _ in range(4):
            assert client.get(path).status_code in (200, 400, 429)
        client.get(path)
        with pytest.raises(httpx.ReadTimeout):
            client.get(path, timeout=0.5)
        with own.client(transport=httpx.HTTPTransport(local_address="127.0.0.2")) as other:
            assert other.get("/health").status_code == 200


class Pipe:
    """A transport to somebody who does not read."""

    def __init__(self) -> None:
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


def test_who_does_not_read_is_cut_off() -> None:
    async def main() -> list[bool]:
        found = []
        for reads in (False, True):
            protocol: Any = object.__new__(type("Own", (Deadlines,), {"slow": 0.02}))
            protocol.loop, protocol.transport = asyncio.get_running_loop(), Pipe()
            protocol._await_reader()
            if reads:
                protocol._read()
            await asyncio.sleep(0.05)
            found.append(protocol.transport.aborted)
        return found

    assert asyncio.run(main()) == [True, False]


def test_one_address_has_half_of_the_connections_and_proxies_have_all(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with another(site) as own:
        own.protocol.max_connections, own.protocol.held = 8, 0.05
        held = [socket.create_connection(("127.0.0.1", own.port)) for _ in range(4)]
        Deadlines._refused_said = -1.0
        said = [exchange(own, b"") for _ in range(5)]
        assert all(b"503" in one.split(b"\r\n")[0] for one in said)
        lines = [r for r in caplog.records if r.message == "connections refused"]
        assert len(lines) <= 2, "one line a second"
        assert lines
        own.protocol.trusted = frozenset({"127.0.0.1"})
        with own.client() as client:
            assert client.get("/health").status_code == 200
        for connection in held:
            connection.close()


def test_an_address_beyond_its_share_waits_for_the_refusal_and_too_many_are_cut_off(
    site: Site,
) -> None:
    with another(site) as own:
        own.protocol.max_connections, own.protocol.held = 4, 0.3
        own.protocol.most_held = 2
        kept = [socket.create_connection(("127.0.0.1", own.port)) for _ in range(2)]
        until(lambda: own.protocol._of["127.0.0.1"] == 2)
        waiting = [socket.create_connection(("127.0.0.1", own.port)) for _ in range(2)]
        until(lambda: own.protocol._waiting == 2)
        assert exchange(own, b"") == b"", "a third is cut off without a word"
        with own.client(transport=httpx.HTTPTransport(local_address="127.0.0.2")) as other:
            assert other.get("/health").status_code == 200, "those that wait take nobody's place"
        assert b"503" in waiting[0].recv(100).split(b"\r\n")[0]
        for connection in (*kept, *waiting):
            connection.close()
        until(lambda: not own.protocol._of and not own.protocol._waiting)


def test_there_are_never_more_connections_than_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, hard), hard))
        protocol = type("Own", (Deadlines,), {})
        protocol.configure(Serving(max_connections=10**8))
        now, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert now >= 512
        if hard != resource.RLIM_INFINITY:
            assert protocol.max_connections == now - FILES_APART
        protocol.configure(Serving(max_connections=100))
        assert protocol.max_connections == 100
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, soft)
