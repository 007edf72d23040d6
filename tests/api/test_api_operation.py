"""Running it: start, re-index, faults of disk and index, shutdown: nothing finished is lost."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from askscwru.api.config import Serving
from askscwru.api.logs import JsonLines
from askscwru.api.metrics import Metrics
from askscwru.api.models import AnswerOut, HealthOut
from askscwru.api.observe import Observe
from askscwru.api.serve import _config
from askscwru.api.service import HIDDEN
from askscwru.api.shared_metrics import FOLDER
from askscwru.assistant import Assistant, no_progress
from askscwru.conversation.store import Store
from askscwru.errors import ModelError
from askscwru.index.build import build
from askscwru.index.generation import MANIFEST, generations_folder
from askscwru.settings import Settings
from conftest import SEEDS
from fakes import SRC
from serving import FACT, Site, client_of, problem, ready, serve, until

Json = dict[str, Any]
QUESTION = {"question": "What is personalisation?"}
NEW_PAGE = """A page of its own

Posted by Ada Byron

The zebra crossing in Nether Wallop was painted green in 1973 by the parish council. Nobody has
said why it was green, and the council keeps no record of the paint.
"""


# -- start -----------------------------------------------------------------------------------------


def test_it_is_live_at_once_and_ready_when_the_models_are_loaded(site: Site) -> None:
    may_load = threading.Event()
    loaded: Any = site.service.live._load

    def load() -> Assistant:
        assert may_load.wait(20)
        return loaded  # type: ignore[no-any-return]

    settings = site.service.settings
    with serve(load, site.service.store, settings) as starting, starting.client() as client:
        assert client.get("/health/live").status_code == 200
        for path in ("/health", "/health/ready"):
            health = client.get(path)
            assert health.status_code == 503
            assert health.headers["retry-after"] == "2"
            told = HealthOut.model_validate(health.json())
            assert (told.live, told.ready) == (True, False)
        refused = client.post("/ask", json=QUESTION)
        assert refused.status_code == 503
        assert problem(refused)["code"] == "not_ready"
        assert "retry-after" in refused.headers
        may_load.set()
        ready(starting)
        assert client.get("/health").json()["ready"] is True
        assert client.post("/ask", json=QUESTION).status_code == 200
        starting.service.live._held = None  # the assistant is another server's to close


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            ModelError("/srv/secret/model.onnx is missing.", remedy="Look in /srv/secret."),
            "A model cannot be used",
        ),
        (AttributeError("/srv/secret has no start"), "Loading failed with AttributeError"),
    ],
)
def test_why_it_cannot_load_is_said_without_a_path(site: Site, error: Exception, said: str) -> None:
    def load() -> Assistant:
        raise error

    settings = site.service.settings
    with serve(load, site.service.store, settings) as broken, broken.client() as client:
        until(lambda: broken.service.live.state.fault is not None)
        for response in (client.get("/health"), client.post("/ask", json=QUESTION)):
            assert response.status_code == 503
            assert said in response.text
            assert "secret" not in response.text


# -- the index changes under way -------------------------------------------------------------------


def posts(client: httpx.Client) -> int:
    return len(client.get("/posts").json()["posts"])


def test_a_new_index_is_taken_up_without_a_failed_request(small: Settings) -> None:
    store = Store.in_memory()
    with serve(lambda: Assistant.load(small, store=store), store, small) as site:
        ready(site)
        before = site.service.live.state.generation
        stop = threading.Event()
        statuses: list[int] = []

        def ask(number: int) -> None:
            with site.client() as client:
                while not stop.is_set():
                    statuses.append(client.post("/ask", json=QUESTION).status_code)

        with ThreadPoolExecutor(3) as pool:
            workers = [pool.submit(ask, number) for number in range(3)]
            until(lambda: len(statuses) > 3)
            (small.seeds / "new.txt").write_text(NEW_PAGE)
            build(small, no_progress)
            until(lambda: site.service.live.state.generation != before)
            (small.seeds / "002_bf75fab2a6df78ff.txt").unlink()
            seen = len(statuses)
            until(lambda: len(statuses) > seen + 3)
            stop.set()
            for worker in workers:
                worker.result()
        assert set(statuses) <= {200, 409}  # 409: a source was taken away before the next build
        with site.client() as client:
            found = client.post("/ask", json={"question": "Who painted the zebra crossing green?"})
            page = client.get("/metrics").text
        assert any(p["source"] == "new.txt" for p in found.json()["passages"])
        current = site.service.live.state.generation
        assert f'askscwru_index_info{{generation="{current}"' in page


def damage(settings: Settings, name: str) -> None:
    live = json.loads((settings.embeddings / MANIFEST).read_text())["generation"]
    path = generations_folder(settings.embeddings) / live / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def test_a_damaged_index_is_refused_and_the_old_one_serves_on(small: Settings) -> None:
    store = Store.in_memory()
    with (
        serve(lambda: Assistant.load(small, store=store), store, small, watch=60) as site,
        site.client() as client,
    ):
        ready(site)
        live = site.service.live
        old = live.state.generation
        build(small, no_progress, force=True)
        damage(small, "parts/000000/passages.faiss")
        assert not live.refresh()
        health = client.get("/health")
        assert health.status_code == 200
        assert "damaged" in health.json()["index"]["fault"]
        assert str(small.embeddings) not in health.text
        assert client.post("/ask", json=QUESTION).status_code == 200
        assert live.state.generation == old
        assert "askscwru_index_refused 1.0" in client.get("/metrics").text
        (small.embeddings / MANIFEST).write_text("{")
        assert not live.refresh()
        assert client.post("/ask", json=QUESTION).status_code == 200
        build(small, no_progress)
        assert live.refresh()
        assert client.get("/health").json()["index"]["fault"] is None
        assert client.post("/ask", json=QUESTION).status_code == 200


def test_an_index_that_is_removed_goes_on_serving(small: Settings) -> None:
    store = Store.in_memory()
    with (
        serve(lambda: Assistant.load(small, store=store), store, small, watch=60) as site,
        site.client() as client,
    ):
        ready(site)
        before = client.post("/ask", json=QUESTION).json()
        shutil.rmtree(small.embeddings)
        assert not site.service.live.refresh()
        after = client.post("/ask", json=QUESTION)
        assert after.status_code == 200
        assert after.json()["answer"] == before["answer"]
        assert "no index" in client.get("/health").json()["index"]["fault"]


def test_a_conversation_goes_on_over_a_new_index(small: Settings) -> None:
    store = Store(small.conversations_file)
    with (
        serve(lambda: Assistant.load(small, store=store), store, small, watch=60) as site,
        site.client() as client,
    ):
        ready(site)
        first = client.post("/ask", json=QUESTION).json()
        build(small, no_progress, force=True)
        assert site.service.live.refresh()
        known = {"conversation_id": first["conversation_id"]}
        assert client.post("/ask", json={**QUESTION, **known}).json()["turn"] == 2
    store.close()


def test_a_source_that_has_changed_is_not_quoted(small: Settings, small_site: Site) -> None:
    with small_site.client() as client:
        (post, *_) = client.get("/posts").json()["posts"]
        path = small.seeds / post["source"]
        path.write_text("Changed. " + path.read_text())
        for refused in (
            client.get(f"/posts/{post['post_id']}"),
            client.get(f"/sources/{post['source']}"),
        ):
            assert refused.status_code == 409
            assert problem(refused)["code"] == "index_stale"
        build(small, no_progress)
        assert client.get(f"/sources/{post['source']}").status_code == 200  # at once: no waiting


# -- the store fails -------------------------------------------------------------------------------


def test_an_answer_goes_out_when_its_turn_cannot_be_kept(small: Settings, small_site: Site) -> None:
    with small_site.client() as client:
        known = client.post("/ask", json=QUESTION).json()["conversation_id"]
        other = sqlite3.connect(small.conversations_file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            response = client.post("/ask", json={**QUESTION, "conversation_id": known})
        finally:
            other.execute("ROLLBACK")
            other.close()
        said_so(response, small)
        assert "locked" in response.json()["notes"][0]
        assert response.json()["turn"] == 2
        assert "askscwru_unkept_turns_total 1.0" in client.get("/metrics").text


def test_a_full_disk_keeps_no_answer_back(small: Settings, small_site: Site) -> None:
    with small_site.client() as client:
        client.post("/ask", json=QUESTION)
        connection = small_site.service.store._connection
        assert connection is not None
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own "disk is full"
        filled = [client.post("/ask", json=QUESTION) for _ in range(12)]
        full = [response for response in filled if response.json()["notes"]]
        assert full, "the file never filled up"
        said_so(full[0], small)
        assert "Free some space" in full[0].json()["notes"][0]


def said_so(response: httpx.Response, settings: Settings) -> None:
    """An answer, the loss of its turn, and no path of the machine."""
    assert response.status_code == 200
    AnswerOut.model_validate_json(response.content)
    (note,) = response.json()["notes"]
    assert "could not be kept" in note
    assert HIDDEN in note
    assert str(settings.embeddings.parent) not in response.text


def test_conversations_that_cannot_be_read_are_a_503_without_a_path(
    small: Settings, small_site: Site
) -> None:
    small.conversations_file.parent.mkdir(parents=True, exist_ok=True)
    small.conversations_file.write_bytes(b"this is no database" * 100)
    with small_site.client() as client:
        refused = client.get("/conversations/any")
        assert refused.status_code == 503
        assert problem(refused)["code"] == "storage"
        assert str(small.conversations_file) not in refused.text
        assert client.post("/ask", json=QUESTION).status_code == 200


# -- what is seen ----------------------------------------------------------------------------------


def test_a_fault_of_ours_is_a_500_in_the_one_shape_and_in_the_log(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    loaded: Any = site.service.live._load

    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("in /srv/secret/file.py")

    monkeypatch.setattr(loaded._retriever, "retrieve", broken)
    with site.client() as client:
        response = client.post("/ask", json=QUESTION)
    assert response.status_code == 500
    assert problem(response)["code"] == "internal"
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    failed = [record for record in caplog.records if record.message == "failed"]
    assert "ZeroDivisionError" in JsonLines().format(failed[0])


def test_metrics_count_requests_stages_and_abstentions(site: Site) -> None:
    loaded = site.service.live._load
    with serve(loaded, site.service.store, site.service.settings) as own, own.client() as client:
        client.post("/ask", json={"question": FACT})
        client.post("/ask", json={"question": "What is the boiling point of nitrogen?"})
        client.post("/ask", json={"question": 5})
        client.get("/posts/abc")
        response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    page = response.text
    for line in (
        'askscwru_http_requests_total{method="POST",route="/ask",status="200"} 2.0',
        'askscwru_http_requests_total{method="POST",route="/ask",status="422"} 1.0',
        'askscwru_http_requests_total{method="GET",route="/posts/{post_id}",status="404"} 1.0',
        'askscwru_answers_total{answered="true"} 1.0',
        'askscwru_answers_total{answered="false"} 1.0',
        'askscwru_stage_seconds_count{stage="retrieve"} 2.0',
        'askscwru_stage_seconds_count{stage="total"} 2.0',
        "askscwru_ready 1.0",
    ):
        assert line in page
    assert site.service.live.state.generation in page  # type: ignore[operator]
    assert "abc" not in page


def test_a_line_of_the_log_is_one_object(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(caplog.handler, "formatter", JsonLines())
    with site.client() as client:
        client.get("/posts/a%0a%7b%22event%22:1%7d", headers={"x-request-id": "mine"})
    until(lambda: '"mine"' in caplog.text)  # it is written when the answer has left
    (line,) = (line for line in caplog.text.splitlines() if '"mine"' in line)
    assert "\n" not in line
    told = json.loads(line)
    assert told["route"] == "/posts/{post_id}"
    assert (told["method"], told["status"], told["client"]) == ("GET", 404, "127.0.0.1")
    assert set(told) >= {"time", "level", "logger", "event", "ms", "token"}


# -- a real process --------------------------------------------------------------------------------


class Process:
    """``askscwru serve`` as a service manager starts it."""

    def __init__(self, settings: Settings, *options: str) -> None:
        environment = {
            "PYTHONPATH": str(SRC),
            "PATH": os.environ["PATH"],
            "ASKSCWRU_SEEDS": str(settings.seeds),
            "ASKSCWRU_EMBEDDINGS": str(settings.embeddings),
            "ASKSCWRU_MODEL": settings.model,
            "ASKSCWRU_THREADS": "1",
            "ASKSCWRU_SECOND_LOOK": "false",  # how good an answer is is not asked here
            "ASKSCWRU_RATE": "0",
            "ASKSCWRU_WATCH": "0.1",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "askscwru", "serve", "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.lines: list[Json] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:  # on a busy machine a start takes its time
            until(lambda: any(line["event"] == "serving" for line in self.lines), 100)
        except AssertionError:
            self.kill()
            raise
        self.url = next(line["url"] for line in self.lines if line["event"] == "serving")

    def _read(self) -> None:
        assert self._process.stderr is not None
        self.lines += (json.loads(line) for line in self._process.stderr)

    def client(self) -> httpx.Client:
        return client_of(self.url, timeout=100)  # on a busy machine no answer is lost either

    def ready(self) -> None:
        with self.client() as client:
            until(lambda: _answers(client))

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def wait(self) -> None:
        """Waits for its end; it may have written nothing to standard output."""
        out, _ = self._process.communicate(timeout=30)
        self._reader.join(timeout=10)
        assert out == ""

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(timeout=30)
        self._reader.join(timeout=10)
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def process(settings: Settings, *options: str) -> Iterator[Process]:
    started = Process(settings, *options)
    try:
        started.ready()
        yield started
    finally:
        started.kill()


def test_a_killed_service_loses_no_finished_turn_and_a_stopped_one_no_accepted_request(
    small: Settings,
) -> None:
    small = small.model_copy(update={"conversations": None})
    with process(small) as first, first.client() as client:
        known = {"conversation_id": client.post("/ask", json=QUESTION).json()["conversation_id"]}
        for turn in (2, 3):
            assert client.post("/ask", json={**QUESTION, **known}).json()["turn"] == turn
        first.signal(signal.SIGKILL)
        first.wait()
    with process(small, "--workers", "2") as second:
        with second.client() as client:
            kept = client.get(f"/conversations/{known['conversation_id']}").json()["turns"]
            assert [turn["turn"] for turn in kept] == [1, 2, 3]
            assert client.post("/ask", json={**QUESTION, **known}).json()["turn"] == 4
        outcomes: dict[str, str] = {}
        with ThreadPoolExecutor(6) as pool:
            workers = [pool.submit(_until_stopped, second, outcomes, n) for n in range(6)]
            until(lambda: len(outcomes) >= 12)
            second.signal(signal.SIGTERM)
            for worker in workers:
                worker.result()
        second.wait()
    began = {line.get("request_id"): line["status"] for line in second.lines if "status" in line}
    assert sum(became == "answered" for became in outcomes.values()) >= 12
    for request, became in outcomes.items():
        # A connection that the system had taken, but the service had not, is cut off unread.
        assert (became == "answered") == (request in began), (request, became)
        assert began.get(request, 200) == 200


def _until_stopped(server: Process, outcomes: dict[str, str], number: int) -> None:
    """Asks over new connections until there is nobody to connect to."""
    for at in range(2_000):
        request = f"r{number}-{at}"
        try:
            with server.client() as client:
                headers = {"x-request-id": request}
                response = client.post("/ask", json=QUESTION, headers=headers)
        except httpx.TransportError as error:
            outcomes[request] = f"not accepted: {error!r}"
            return
        AnswerOut.model_validate_json(response.content)
        outcomes[request] = "answered"


def test_numbers_of_all_processes_are_added_up_and_their_loss_kills_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path / "numbers"))
    found = []
    for process in (os.getpid(), os.getppid(), 4_194_399):  # the last one does not live
        with monkeypatch.context() as patch:
            patch.setattr("askscwru.api.shared_metrics.os.getpid", lambda p=process: p)
            metrics = Metrics()
        metrics.requests.labels("/ask", "POST", "200").inc(2)
        metrics.duration.labels("/ask").observe(0.01)
        found.append(metrics)

    def pages() -> str:
        return [one.page(lambda: (True, "g", 0, 3)).decode() for one in found][-3]

    pages()
    page = pages()
    assert 'http_requests_total{method="POST",route="/ask",status="200"} 6.0' in page
    assert 'http_request_seconds_count{route="/ask"} 3.0' in page
    assert "askscwru_requests_in_hand 6.0" in page, "of those that live"
    assert "askscwru_ready 1.0" in page
    for path in (tmp_path / "numbers").iterdir():
        path.write_bytes(path.read_bytes()[:57])  # a disk that has lost them
    assert 'status="200"} 2.0' in found[0].page(lambda: (True, "g", 0, 3)).decode()
    for process in range(40):
        (tmp_path / "numbers" / f"{4_194_400 + process}.prom").write_text("")
    pages()
    assert len(list((tmp_path / "numbers").iterdir())) <= 3 + 17
    shutil.rmtree(tmp_path / "numbers")
    assert 'status="200"} 6.0' in [pages(), pages()][-1]


WORKER = """
import multiprocessing, os, time
from askscwru.api.serve import end_with_parent

def work():
    end_with_parent(1.0)
    print(os.getpid(), flush=True)
    time.sleep(60)

multiprocessing.get_context("fork").Process(target=work).start()
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the test starts its worker by a fork")
def test_a_worker_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", WORKER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"PYTHONPATH": str(SRC), "PATH": os.environ["PATH"]},
    )
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    assert parent.stdout.read() == "", "its end of the pipe is closed when it has ended"
    parent.stdout.close()
    parent.wait()
    until(lambda: not Path(f"/proc/{worker}/cmdline").exists() or not _running(worker))


def _running(process: int) -> bool:
    return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


UNIT = Path(__file__).parents[2] / "deploy" / "askscwru.service"


def test_the_unit_sets_the_service_up_as_systemd_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from askscwru.api.config import Serving, refuse_open_door

    for line in UNIT.read_text().splitlines():
        if line.startswith("Environment="):
            # systemd takes words apart as a shell does, quotation marks and all
            for word in shlex.split(line.partition("=")[2]):
                name, _, value = word.partition("=")
                monkeypatch.setenv(name, value)
    serving, settings = Serving(), Settings()
    assert serving.proxies == ("127.0.0.1",)
    assert settings.embeddings == Path("/var/lib/askscwru")
    refuse_open_door(serving, has_token=True)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "askscwru.service"
    text = UNIT.read_text().replace("ExecStart=/opt/askscwru/bin/askscwru", "ExecStart=/bin/true")
    unit.write_text(text)
    told = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout + told.stderr) == (0, "")


def test_the_files_of_a_deployment_name_what_there_is() -> None:
    folder = Path(__file__).parents[2] / "deploy"
    text = "".join(path.read_text() for path in folder.iterdir())
    named = set(re.findall(r"ASKSCWRU_([A-Z_]+)", text))
    known = {name.upper() for kind in (Serving, Settings) for name in kind.model_fields}
    assert named <= known
    assert named
    assert SEEDS.is_dir()


def test_what_is_cut_off_by_a_stop_is_a_503_without_a_trace(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[Any] = []

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    async def main() -> None:
        scope = {"type": "http", "method": "GET", "path": "/ask", "headers": []}
        app = Observe(endless, site.service.metrics)
        task = asyncio.create_task(app(scope, send, send))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        task.cancel()
        await task

    asyncio.run(main())
    assert sent[0]["status"] == 503
    assert json.loads(sent[1]["body"])["error"]["code"] == "stopping"
    assert not any(record.exc_info for record in caplog.records)


def test_a_worker_has_time_to_begin_on_a_busy_machine() -> None:
    assert _config(Serving(workers=2)).timeout_worker_healthcheck >= 60
