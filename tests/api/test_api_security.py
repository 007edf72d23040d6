"""Who may come in, how much of it, and what never goes out."""

from __future__ import annotations

import base64
import json
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from askscwru.api.config import Serving, refuse_open_door
from askscwru.api.guard import HostCheck
from askscwru.api.limits import RateLimit
from askscwru.api.logs import JsonLines
from askscwru.api.tokens import PREFIX, Tokens
from askscwru.assistant import Assistant
from askscwru.cli import WRONG_USE, main
from askscwru.errors import NotFoundError, StorageError, UsageError
from askscwru.settings import Settings
from serving import FACT, Gate, Site, call, exchange, over_http, problem, serve, with_mcp

HEAD = b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@contextmanager
def another(site: Site, **choices: Any) -> Iterator[Site]:
    """Another server over the same assistant."""
    loaded = site.service.live._load
    with serve(loaded, site.service.store, site.service.settings, **choices) as other:
        yield other


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "deep" / "tokens.json")


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def basic(token: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"me:{token}".encode()).decode()}


# -- tokens ----------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_kept_as_a_hash(tokens: Tokens) -> None:
    one, other = tokens.add("open-webui"), tokens.add("library")
    assert one.startswith(PREFIX)
    assert one != other
    kept = tokens.path.read_text()
    assert one not in kept
    assert one.removeprefix(PREFIX) not in kept
    assert tokens.path.stat().st_mode & 0o077 == 0
    assert [token.name for token in tokens.all()] == ["library", "open-webui"]
    assert tokens.name_of(one) == "open-webui"
    for wrong in ("", one[:-1], one + "x", one.lower(), "\ud800"):
        assert tokens.name_of(wrong) is None
    tokens.remove("open-webui")
    assert tokens.name_of(one) is None
    assert tokens.name_of(other) == "library"


def test_tokens_cannot_be_named_twice_or_oddly(tokens: Tokens) -> None:
    tokens.add("a")
    for name in ("a", "", "../b", "two words", "x" * 65, "\x1b[31m"):
        with pytest.raises(UsageError):
            tokens.add(name)
    with pytest.raises(NotFoundError):
        tokens.remove("b")


def test_a_file_of_tokens_that_cannot_be_read_lets_the_known_ones_count(tokens: Tokens) -> None:
    token = tokens.add("a")
    assert tokens.name_of(token) == "a"
    tokens.path.write_text("{")
    with pytest.raises(StorageError, match="cannot be read"):
        tokens.all()
    assert tokens.name_of(token) == "a"


def test_with_tokens_every_route_but_health_needs_one(site: Site, tokens: Tokens) -> None:
    token = tokens.add("a")
    with another(site, tokens=tokens.path) as closed, closed.client() as client:
        for method, path in (
            ("POST", "/ask"),
            ("GET", "/posts"),
            ("GET", "/docs"),
            ("GET", "/openapi.json"),
            ("GET", "/metrics"),
            ("POST", "/mcp"),
            ("GET", "/v1/models"),
            ("GET", "/nowhere"),
            ("DELETE", "/conversations/x"),
        ):
            refused = client.request(method, path)
            assert refused.status_code == 401, path
            assert problem(refused)["type"] == "authentication_error"
            assert refused.headers["www-authenticate"].startswith("Bearer")
        assert client.get("/health").status_code == 200
        assert client.get("/health/live").status_code == 200
        for wrong in (bearer("x"), bearer("_"), {"authorization": token}, bearer(token[:-1])):
            assert client.get("/posts", headers=wrong).status_code == 401
        assert client.get("/posts", headers=bearer(token)).status_code == 200
        added = tokens.add("b")  # counts without a restart
        assert client.get("/posts", headers=bearer(added)).status_code == 200
        tokens.remove("a")
        assert client.get("/posts", headers=bearer(token)).status_code == 401
        tokens.path.unlink()
        assert client.get("/posts").status_code == 401, "closed stays closed"


def test_a_browser_is_asked_for_the_token_and_may_only_read(site: Site, tokens: Tokens) -> None:
    token = tokens.add("a")
    with another(site, tokens=tokens.path) as closed, closed.client() as client:
        asked = client.get("/posts", headers={"accept": "text/html"})
        assert asked.status_code == 401
        assert 'action="/sign-in"' in asked.text
        assert client.get("/posts", headers=basic(token)).status_code == 200
        assert client.get("/posts", headers=basic("x")).status_code == 401
        assert client.get("/posts", headers={"authorization": "Basic ?"}).status_code == 401
        refused = client.post("/ask", json={"question": FACT}, headers=basic(token))
        assert refused.status_code == 401


def test_a_token_is_in_no_log_no_error_and_no_metric(
    site: Site, tokens: Tokens, caplog: pytest.LogCaptureFixture
) -> None:
    token = tokens.add("named")
    wrong = "askscwru_wrong_but_somebodys_password"
    caplog.set_level(logging.DEBUG)
    said = ""
    with another(site, tokens=tokens.path) as closed, closed.client() as client:
        for headers in (bearer(token), bearer(wrong), basic(wrong)):
            for response in (
                client.get(f"/posts?token={token}&other={wrong}", headers=headers),
                client.get(f"/{token}/{wrong}", headers=headers),
                client.post("/ask", json={"question": 5, token: wrong}, headers=bearer(wrong)),
            ):
                said += str(response.headers) + response.text
        said += client.get("/metrics", headers=bearer(token)).text
    for record in caplog.records:
        if record.name.startswith(("askscwru", "uvicorn")):
            said += JsonLines().format(record)
    assert '"token": "named"' in said
    assert token not in said
    assert wrong not in said


def test_questions_are_logged_only_when_asked_for(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = {"model": "askscwru", "messages": [{"role": "user", "content": FACT}]}
    for wanted in (False, True):
        caplog.clear()
        with another(site, log_questions=wanted) as other, other.client() as client:
            client.post("/ask", json={"question": FACT})
            client.post("/search", json={"question": FACT})
            client.post("/v1/chat/completions", json=body)
            with_mcp(over_http(other), lambda tools: call(tools, "ask", question=FACT))
        lines = [JsonLines().format(r) for r in caplog.records if r.name.startswith("askscwru")]
        assert sum("Shared Lives" in line for line in lines) == (4 if wanted else 0)


# -- the door --------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "ask.example.org"])
def test_beyond_this_machine_it_serves_only_with_a_token(host: str) -> None:
    with pytest.raises(UsageError, match=r"no token.*askscwru token add"):
        refuse_open_door(Serving(host=host), has_token=False)
    refuse_open_door(Serving(host=host), has_token=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.9.1"])
def test_on_this_machine_it_serves_without(host: str) -> None:
    assert Serving(host=host).local
    refuse_open_door(Serving(host=host), has_token=False)


def test_the_command_refuses_an_open_door(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--embeddings", str(tmp_path)]
    assert main(["serve", "--host", "0.0.0.0", *at]) == WRONG_USE
    assert "askscwru token add NAME" in capsys.readouterr().err


def test_the_command_manages_tokens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--embeddings", str(tmp_path)]
    assert main(["token", "add", "library", *at]) == 0
    token = capsys.readouterr().out.strip()
    assert Tokens(tmp_path / "tokens.json").name_of(token) == "library"
    assert main(["token", "list", *at]) == 0
    listed = capsys.readouterr().out
    assert listed.startswith("library\t")
    assert token not in listed
    assert main(["token", "add", *at]) == WRONG_USE
    assert main(["token", "remove", "library", *at]) == 0
    assert main(["token", "remove", "library", *at]) == WRONG_USE


@pytest.mark.parametrize(
    ("serving", "host", "known"),
    [
        (Serving(), "localhost:8000", True),
        (Serving(), "127.0.0.1", True),
        (Serving(), "[::1]:8000", True),
        (Serving(), "evil.example", False),
        (Serving(), "localhost.evil.example", False),
        (Serving(), "", False),
        (Serving(), "localhost:80<b>", False),
        (Serving(), "localhost:1:2", False),
        (Serving(), "192.0.2.7", False),
        (Serving(hosts=("ask.example.org",)), "ASK.example.org:80", True),
        (Serving(hosts=("ask.example.org",)), "x.ask.example.org", False),
        (Serving(hosts=("*.example.org",)), "ask.example.org", True),
        (Serving(hosts=("*.example.org",)), "evilexample.org", False),
        (Serving(host="0.0.0.0"), "192.0.2.7:8000", True),
        (Serving(host="0.0.0.0"), "evil.example", False),
    ],
)
def test_only_our_own_host_names_are_served(serving: Serving, host: str, known: bool) -> None:
    assert HostCheck(lambda *_: None, serving)._known(host) is known  # type: ignore[arg-type, return-value]


def test_a_foreign_host_name_is_refused(client: httpx.Client) -> None:
    refused = client.post("/ask", json={"question": FACT}, headers={"host": "evil.example"})
    assert refused.status_code == 400
    assert problem(refused)["code"] == "unknown_host"


def test_pages_of_other_origins_may_call_only_when_configured(site: Site) -> None:
    origin = {"origin": "https://chat.example.org"}
    asks = {**origin, "access-control-request-method": "POST"}
    with site.client() as client:
        assert "access-control-allow-origin" not in client.get("/posts", headers=origin).headers
        assert client.options("/ask", headers=asks).status_code == 405
    with another(site, cors=("https://chat.example.org",)) as other, other.client() as client:
        assert client.options("/ask", headers=asks).status_code == 200
        allowed = client.get("/posts", headers=origin).headers
        assert allowed["access-control-allow-origin"] == "https://chat.example.org"
        assert "access-control-allow-credentials" not in allowed
        foreign = client.get("/posts", headers={"origin": "https://evil.example"}).headers
        assert "access-control-allow-origin" not in foreign


# -- limits ----------------------------------------------------------------------------------------


def test_a_body_that_says_it_is_too_large_is_refused(site: Site) -> None:
    said = exchange(site, HEAD + b"Content-Length: 2000000000\r\nConnection: close\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 413")


def test_a_hundred_megabytes_are_refused_and_never_held(site: Site) -> None:
    sent = 0

    def parts() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1_000_000
            yield b"x" * 1_000_000

    before = _resident()
    headers = {"content-type": "application/json"}
    with site.client() as client:
        chunked = client.post("/ask", content=parts(), headers=headers)
        assert chunked.status_code == 413
        stated = client.post("/ask", content=b" " * 100_000_000, headers=headers)
    assert stated.status_code == 413
    assert problem(stated)["code"] == "body_too_large"
    assert sent == 100_000_000
    assert _resident() - before < 250_000_000  # the client's own 100 MB are in it


def _resident() -> int:
    """Bytes of memory that this process has in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_a_long_address_and_long_headers_are_refused(site: Site) -> None:
    with site.client() as client:
        long = client.get("/posts/" + "a" * 15_000)
        assert long.status_code == 414
        problem(long)
        many = client.get("/posts", headers={f"x-{n}": "a" * 100 for n in range(160)})
        assert many.status_code in (400, 431)
        problem(many)
    endless = exchange(site, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000)
    assert endless.startswith(b"HTTP/1.1 400")
    assert json.loads(endless.partition(b"\r\n\r\n")[2])["error"]["code"] == "bad_request"


@pytest.mark.parametrize(
    "data", [b"GARBAGE\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"\x00"]
)
def test_what_is_not_http_is_refused_in_the_one_shape(site: Site, data: bytes) -> None:
    with another(site, slow=0.3) as other:
        said = exchange(other, data)
    assert json.loads(said.partition(b"\r\n\r\n")[2])["error"]["type"] == "invalid_request_error"


def test_headers_that_trickle_in_are_cut_off(site: Site) -> None:
    with (
        another(site, slow=0.4) as other,
        socket.create_connection(("127.0.0.1", other.port), timeout=10) as connection,
    ):
        connection.sendall(b"GET /health HTTP/1.1\r\n")
        said = b""
        connection.settimeout(0.1)
        for _ in range(100):  # a byte now and then does not move the deadline
            try:
                connection.sendall(b"x")
                part = connection.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                break
            if not part:
                break
            said += part
        else:
            raise AssertionError("the connection was kept")
    assert b"408" in said.split(b"\r\n")[0]
    assert b'"too_slow"' in said


def test_a_silent_connection_and_a_trickling_body_are_cut_off(site: Site) -> None:
    with another(site, slow=0.3) as other:
        assert b"408" in exchange(other, b"").split(b"\r\n")[0]
        assert b"200" not in exchange(other, HEAD + b"Content-Length: 50\r\n\r\n{")
        with other.client() as client:
            assert client.get("/health").status_code == 200


def test_connections_beyond_the_limit_are_refused(site: Site) -> None:
    with another(site) as other:
        other.protocol.max_connections = 3
        other.protocol.trusted = frozenset({"127.0.0.1"})  # no share of one address's own
        held = [socket.create_connection(("127.0.0.1", other.port)) for _ in range(3)]
        try:
            said = exchange(other, b"")
        finally:
            for connection in held:
                connection.close()
    assert b"503" in said.split(b"\r\n")[0]
    assert b"retry-after" in said.lower()


def test_a_client_that_asks_too_often_is_told_when_to_come_again(
    site: Site, tokens: Tokens
) -> None:
    token, other = tokens.add("a"), tokens.add("b")
    choices: dict[str, Any] = {"rate": 0.01, "burst": 3, "tokens": tokens.path}
    with another(site, **choices) as limited, limited.client() as client:
        statuses = [client.get("/posts", headers=bearer(token)).status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        refused = client.get("/posts", headers=bearer(token))
        assert 1 <= int(refused.headers["retry-after"]) <= 100
        assert problem(refused)["type"] == "rate_limit_error"
        assert client.get("/posts", headers=bearer(other)).status_code == 200
        guesses = [client.get("/posts", headers=bearer("x")).status_code for _ in range(5)]
        assert guesses == [401, 401, 401, 429, 429], "guessing is slowed down"
        assert client.get("/health").status_code == 200


def test_the_rate_is_that_of_a_bucket_that_fills_up() -> None:
    now = 0.0
    limit = RateLimit(2.0, 3, lambda: now)
    assert [limit.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert limit.wait("b") == 0
    now = 0.5
    assert [limit.wait("a"), limit.wait("a")] == [0, 0.5]
    now = 100.0
    assert [limit.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert RateLimit(0, 1).wait("a") == 0
    for number in range(20_000):
        limit.wait(str(number))
    assert len(limit._left) <= 10_000


@pytest.fixture
def gate(site: Site, monkeypatch: pytest.MonkeyPatch) -> Gate:
    loaded = site.service.live._load
    assert isinstance(loaded, Assistant)
    return Gate(loaded, monkeypatch)


def test_more_questions_than_may_wait_are_refused_at_once(site: Site, gate: Gate) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def ask(client: httpx.Client) -> httpx.Response:
        return client.post("/ask", json={"question": FACT})

    with (
        another(site, answering=1, waiting=2) as busy,
        busy.client() as client,
        ThreadPoolExecutor(3) as pool,
    ):
        waiting = [pool.submit(ask, client) for _ in range(3)]
        assert gate.arrived.acquire(timeout=10)
        while busy.service.desk.busy < 3:
            pass
        refused = ask(client)
        assert refused.status_code == 503
        assert problem(refused)["code"] == "overloaded"
        assert int(refused.headers["retry-after"]) >= 1
        assert client.get("/health").status_code == 200, "the service stays responsive"
        gate.open.set()
        assert [one.result().status_code for one in waiting] == [200, 200, 200]
        assert ask(client).status_code == 200


def test_what_is_not_answered_in_time_is_given_up_but_kept(site: Site, gate: Gate) -> None:
    with another(site, deadline=0.3) as hurried, hurried.client() as client:
        known = site.service.store.create()
        late = client.post("/ask", json={"question": FACT, "conversation_id": known})
        assert late.status_code == 503
        assert problem(late)["code"] == "deadline"
        assert "retry-after" in late.headers
        gate.open.set()
    assert [turn.question for turn in site.service.store.recent(known, 9)] == [FACT]


def test_a_client_that_goes_away_loses_no_turn_and_blocks_nobody(site: Site, gate: Gate) -> None:
    known = site.service.store.create()
    body = json.dumps({"question": FACT, "conversation_id": known}).encode()
    with another(site, answering=1) as other, other.client() as client:
        with socket.create_connection(("127.0.0.1", other.port)) as connection:
            connection.sendall(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            assert gate.arrived.acquire(timeout=10)
        gate.open.set()
        then = client.post("/ask", json={"question": "Who wrote that?", "conversation_id": known})
        assert then.json()["turn"] == 2
    assert len(site.service.store.recent(known, 9)) == 2
