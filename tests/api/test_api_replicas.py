"""Two ``askscwru serve`` processes behind a proxy, over one database that comes and goes."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from askscwru.addresses import DatabaseAddress
from askscwru.api.config import Serving
from askscwru.api.database_rates import DatabaseRate, rate_of
from askscwru.api.database_tokens import DatabaseTokens, tokens_of
from askscwru.api.limits import RateLimit
from askscwru.api.problems import Problem
from askscwru.api.tokens import Tokens
from askscwru.errors import NotFoundError, StorageError, UsageError
from askscwru.settings import Settings
from databases import PostgresServer, free_port
from fakes import SRC
from serving import FACT, client_of, problem, until

QUESTIONS = [FACT, "who wrote that?", "What is Shared Lives?", "and who wrote about it?"]
PATIENT = "-c%20lock_timeout%3D60000%20-c%20statement_timeout%3D60000"


class Replica:
    """A service in a process of its own, as it is started where it is meant to run."""

    def __init__(self, settings: Settings, address: DatabaseAddress, log: Path) -> None:
        self.log = log
        self._said = log.open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "askscwru", "serve", "--port", "0"],
            stderr=self._said,
            env={
                **{name: os.environ[name] for name in ("PATH",) if name in os.environ},
                "PYTHONPATH": str(SRC),
                "HF_HUB_OFFLINE": "1",
                "ASKSCWRU_SEEDS": str(settings.seeds),
                "ASKSCWRU_EMBEDDINGS": str(settings.embeddings),
                "ASKSCWRU_MODEL": settings.model,
                "ASKSCWRU_THREADS": "1",
                "ASKSCWRU_WATCH": "0.1",
                "ASKSCWRU_RATE": "1000",
                "ASKSCWRU_BURST": "10000",
                "ASKSCWRU_PROXIES": '["127.0.0.1"]',
                "ASKSCWRU_CONVERSATIONS": address.whole,
            },
        )
        until(self._is_up, 60)

    @property
    def url(self) -> str:
        for line in self.log.read_text().splitlines():
            found = json.loads(line).get("url") if line.startswith("{") else None
            if found:
                return str(found)
        return ""

    def _is_up(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        if not self.url:
            return False
        try:
            return httpx.get(f"{self.url}/health/ready", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(40)
        self._said.close()


PROXY = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    upstream replicas {{ {servers} }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://replicas;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $remote_addr;
            add_header X-Replica $upstream_addr always;
        }}
    }}
}}
"""


@dataclass
class Cluster:
    """Two replicas, the proxy before them, and the database behind."""

    replicas: tuple[Replica, Replica]
    proxy: str
    address: DatabaseAddress
    headers: dict[str, str]
    settings: Settings

    def client(self, url: str = "") -> httpx.Client:
        return client_of(url or self.proxy, headers=self.headers, timeout=60)


@pytest.fixture(scope="module")
def cluster(
    postgres: PostgresServer,
    small_built: Path,
    fake_model: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cluster]:
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed: apt-get install nginx-light")
    folder = tmp_path_factory.mktemp("cluster")
    shutil.copytree(small_built, folder / "small")
    settings = Settings(
        seeds=folder / "small" / "seeds",
        embeddings=folder / "small" / "embeddings",
        model=str(fake_model),
        threads=1,
    )
    empty = postgres.create()
    address = postgres.address(empty.name, options=PATIENT)
    tokens = DatabaseTokens(address)
    headers = {"authorization": f"Bearer {tokens.add('reader')}"}
    tokens.close()
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda n: Replica(settings, address, folder / f"{n}.log"), "ab")
    servers = " ".join(
        f"server {each.url.removeprefix('http://')} max_fails=0;" for each in (one, two)
    )
    port = free_port()
    (folder / "nginx.conf").write_text(PROXY.format(folder=folder, servers=servers, port=port))
    command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    proxy = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    cluster = Cluster((one, two), f"http://127.0.0.1:{port}", address, headers, settings)
    try:
        with cluster.client() as client:
            until(lambda: _answers(client))
        yield cluster
    finally:
        proxy.terminate()
        proxy.wait(20)
        one.stop()
        two.stop()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def ask(client: httpx.Client, question: str, known: str | None = None) -> httpx.Response:
    return client.post("/ask", json={"question": question, "conversation_id": known})


def numbers(client: httpx.Client, known: str) -> list[int]:
    return [turn["turn"] for turn in client.get(f"/conversations/{known}").json()["turns"]]


def test_a_conversation_alternates_between_the_replicas(cluster: Cluster) -> None:
    known, replicas, searched = None, set(), []
    with cluster.client() as client:
        for number, question in enumerate(QUESTIONS * 2, 1):
            answered = ask(client, question, known)
            assert answered.status_code == 200, answered.text
            told = answered.json()
            assert (told["turn"], told["notes"]) == (number, [])
            known = told["conversation_id"]
            replicas.add(answered.headers["x-replica"])
            searched.append(told["searched_for"])
        assert numbers(client, str(known)) == list(range(1, 9))
    assert len(replicas) == 2
    assert searched[1] not in QUESTIONS  # it was resolved against the other one's turn


def test_questions_that_come_at_once_are_numbered_once(cluster: Cluster) -> None:
    with cluster.client() as client:
        known = ask(client, FACT).json()["conversation_id"]
        with ThreadPoolExecutor(6) as pool:
            told = list(pool.map(lambda _: ask(client, FACT, known).json(), range(12)))
        assert sorted(one["turn"] for one in told) == list(range(2, 14))
        assert numbers(client, known) == list(range(1, 14))


def test_what_one_replica_deletes_the_other_does_not_know_any_more(cluster: Cluster) -> None:
    one, two = (cluster.client(replica.url) for replica in cluster.replicas)
    with one, two:
        known = ask(one, FACT).json()["conversation_id"]
        assert ask(two, FACT, known).json()["turn"] == 2
        assert one.delete(f"/conversations/{known}").status_code in (200, 204)
        for client in (one, two):
            assert ask(client, FACT, known).status_code == 404
            assert client.get(f"/conversations/{known}").status_code == 404


def test_a_replica_that_is_killed_in_the_middle_of_a_turn_loses_nothing(
    cluster: Cluster, postgres: PostgresServer, tmp_path: Path
) -> None:
    import psycopg

    third = Replica(cluster.settings, cluster.address, tmp_path / "third.log")
    failed: list[Exception] = []
    with cluster.client() as client, cluster.client(third.url) as doomed:
        known = ask(client, FACT).json()["conversation_id"]
        assert ask(doomed, FACT, known).json()["turn"] == 2

        def in_vain() -> None:
            try:
                ask(doomed, "What is Shared Lives?", known)
            except httpx.TransportError as error:
                failed.append(error)

        with psycopg.connect(cluster.address.whole) as holder:
            holder.execute("SELECT * FROM askscwru.conversations WHERE id = %s FOR UPDATE", [known])
            asking = threading.Thread(target=in_vain)
            asking.start()
            waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            until(lambda: bool(postgres.execute(waiting)))
            third.kill()
            asking.join(20)
            assert failed
        again = ask(client, "What is Shared Lives?", known)
        assert (again.status_code, again.json()["turn"]) == (200, 3)
        assert numbers(client, known) == [1, 2, 3]
    third.stop()


def test_connections_that_are_lost_are_replaced_unnoticed(
    cluster: Cluster, postgres: PostgresServer
) -> None:
    with cluster.client() as client:
        known = ask(client, FACT).json()["conversation_id"]
        for number in range(2, 6):
            postgres.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                values=(cluster.address.name,),
            )
            told = ask(client, FACT, known)
            assert (told.status_code, told.json()["turn"]) == (200, number)
            assert told.json()["notes"] == []


def test_a_database_that_is_away_is_said_plainly_and_taken_up_again(
    cluster: Cluster, postgres: PostgresServer
) -> None:
    with cluster.client() as client:
        known = ask(client, FACT).json()["conversation_id"]
        postgres.stop()
        try:
            for refused in (
                ask(client, FACT, known),
                client.get(f"/conversations/{known}"),
                client.delete(f"/conversations/{known}"),
            ):
                assert refused.status_code == 503
                assert "retry-after" in refused.headers
                assert problem(refused)["code"] == "storage"
                assert "conversations" in problem(refused)["message"]
                _holds_no_address(cluster, refused)
            fresh = ask(client, FACT)  # it leans on nothing that is away
            assert fresh.status_code == 200
            assert "could not be kept" in fresh.json()["notes"][0]
            _holds_no_address(cluster, fresh)
        finally:
            postgres.start()
        until(lambda: ask(client, FACT, known).status_code == 200)
        many = len(numbers(client, known))
        assert numbers(client, known) == list(range(1, many + 1))
        new = fresh.json()["conversation_id"]
        until(lambda: client.get(f"/conversations/{new}").status_code == 200)
        assert numbers(client, new) == [1]
        assert ask(client, FACT, new).json()["notes"] == []


def _holds_no_address(cluster: Cluster, response: httpx.Response) -> None:
    for part in ("geheim", "asker", str(cluster.address.hosts[0][1]), cluster.address.name):
        assert part not in response.text


def test_a_token_counts_on_every_replica_until_it_is_removed(cluster: Cluster) -> None:
    tokens = DatabaseTokens(cluster.address)
    headers = {"authorization": f"Bearer {tokens.add('passing')}"}
    with pytest.raises(UsageError, match="already"):
        tokens.add("passing")
    for removed, wanted in ((False, 200), (True, 401)):
        if removed:
            tokens.remove("passing")
        for replica in cluster.replicas:
            with client_of(replica.url, headers=headers) as client:
                until(lambda c=client, w=wanted: c.get("/posts").status_code == w)  # type: ignore[misc]
    with pytest.raises(NotFoundError):
        tokens.remove("passing")
    tokens.close()


def test_no_log_holds_the_password(cluster: Cluster) -> None:
    for replica in cluster.replicas:
        assert replica.url
        assert "geheim" not in replica.log.read_text()


# -- tokens and rates by themselves ----------------------------------------------------------------


def test_nobody_is_let_in_before_the_tokens_have_been_read(
    database: DatabaseAddress, postgres: PostgresServer
) -> None:
    writing = DatabaseTokens(database)
    token = writing.add("reader")
    assert [known.name for known in writing.all()] == ["reader"]
    writing.close()
    postgres.stop()
    tokens = DatabaseTokens(database, interval=0.02)
    try:
        assert tokens.refresh()  # a service that cannot know is closed
        with pytest.raises(Problem) as refused:
            tokens.name_of(token)
        assert refused.value.status == 503
        with pytest.raises(StorageError, match="The tokens in"):
            tokens.all()
    finally:
        postgres.start()
    until(lambda: tokens._known is not None)
    assert tokens.name_of(token) == "reader"
    assert tokens.name_of("askscwru_other") is None
    postgres.stop()
    try:
        until(lambda: bool(tokens._fault))
        assert tokens.name_of(token) == "reader"  # what was known goes on counting
    finally:
        postgres.start()
    tokens.close()


def test_a_file_of_tokens_that_is_named_wins_over_the_database(
    database: DatabaseAddress, tmp_path: Path
) -> None:
    settings = Settings(conversations=database, embeddings=tmp_path)
    assert isinstance(tokens_of(settings, Serving()), DatabaseTokens)
    assert isinstance(tokens_of(settings, Serving(tokens=tmp_path / "t.json")), Tokens)
    assert isinstance(rate_of(settings, Serving(rate=0)), RateLimit)


def test_all_replicas_count_the_requests_of_a_client_together(database: DatabaseAddress) -> None:
    # So slow that none comes back while the test runs.
    one, two = (DatabaseRate(database, 0.000001, 4) for _ in range(2))

    async def both(client: str) -> list[float]:
        return [await each.asked(client) for each in (one, two, one, two, one, two)]

    waits = asyncio.run(both("token reader"))
    assert [wait == 0 for wait in waits] == [True] * 4 + [False] * 2
    assert all(0 < wait <= 1_000_000 for wait in waits[4:])
    assert asyncio.run(both("address 10.0.0.1"))[:4] == [0] * 4
    one.close()
    two.close()


def test_a_client_may_ask_again_when_its_time_has_come(
    database: DatabaseAddress, postgres: PostgresServer
) -> None:
    rate = DatabaseRate(database, 0.001, 2)

    async def thrice() -> list[bool]:
        return [await rate.asked("reader") == 0 for _ in range(3)]

    assert asyncio.run(thrice()) == [True, True, False]
    earlier = "UPDATE askscwru.rates SET since = since - make_interval(secs => 1000)"
    postgres.execute(earlier, database.name)
    assert asyncio.run(thrice()) == [True, False, False]
    rate.close()


def test_each_process_counts_for_itself_while_the_database_is_away(
    database: DatabaseAddress, postgres: PostgresServer
) -> None:
    rate = DatabaseRate(database, 0.000001, 2)

    async def thrice() -> list[Any]:
        return [await rate.asked("reader") == 0 for _ in range(3)]

    postgres.stop()
    try:
        assert asyncio.run(thrice()) == [True, True, False]
    finally:
        postgres.start()
    rate.close()
