"""One real server for the tests of the service, and what it takes to start another."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import mcp
import pytest
import uvicorn

from askscwru.api.app import create_app
from askscwru.api.config import Serving
from askscwru.api.models import ProblemOut
from askscwru.api.protocol import Deadlines
from askscwru.api.service import Service
from askscwru.assistant import Assistant, no_progress
from askscwru.conversation.store import Store
from askscwru.index.build import build
from askscwru.settings import Settings
from fakes import SEEDS

if TYPE_CHECKING:
    import openai

FACT = "How many people use Shared Lives?"


class Site:
    """A served application, and how to reach it."""

    def __init__(self, app: Any, port: int, protocol: Any) -> None:
        self.protocol = protocol
        self.service: Service = app.state.service
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def client(self, **options: Any) -> httpx.Client:
        return client_of(self.url, **options)


def client_of(url: str, **options: Any) -> httpx.Client:
    """A client of a service here; reading certificates would take longer than many requests."""
    return httpx.Client(base_url=url, trust_env=False, verify=False, **{"timeout": 20, **options})


@contextmanager
def serve(
    assistant: Assistant | Callable[[], Assistant],
    store: Store,
    settings: Settings,
    *,
    slow: float = 10.0,
    **choices: Any,
) -> Iterator[Site]:
    """A real uvicorn server in a thread, on a port of its own."""
    serving = Serving(**{"rate": 0, "watch": 0.05, "slow": slow, **choices})
    app = create_app(assistant, store, settings, serving)
    protocol = type("OwnDeadlines", (Deadlines,), {"slow": slow})
    config = uvicorn.Config(
        app,
        port=0,
        http=protocol,
        log_config=None,
        access_log=False,
        ws="none",
        proxy_headers=False,
        h11_max_incomplete_event_size=serving.max_headers,
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    sock = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        threading.Event().wait(0.01)
    try:
        yield Site(app, sock.getsockname()[1], protocol)
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        sock.close()


@contextmanager
def serve_real(settings: Settings, folder: Path) -> Iterator[Site]:
    """The service over the real index and the real models, its conversations in a folder."""
    store = Store(folder / "conversations.sqlite3")
    assistant = Assistant.load(settings, store=store)
    with serve(assistant, store, settings) as site:
        yield site
    assistant.close()


@pytest.fixture(scope="session")
def site(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The service over the real index and the real models, its conversations in a file."""
    with serve_real(settings, tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    with site.client() as client:
        yield client


@pytest.fixture(scope="session")
def answer(site: Site) -> dict[str, Any]:
    """An answer with a citation, as ``/ask`` gives it."""
    with site.client() as client:
        found: dict[str, Any] = client.post("/ask", json={"question": FACT}).json()
        return found


@pytest.fixture(scope="session")
def small_built(tmp_path_factory: pytest.TempPathFactory, fake_model: Path) -> Path:
    """Two of the seeds in ``seeds`` and their index, made with the fake encoder, beside it."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "seeds").mkdir()
    for name in ("002_bf75fab2a6df78ff.txt", "004_b4ef3a980542e53b.txt"):
        shutil.copyfile(SEEDS / name, folder / "seeds" / name)
    build(_small(folder, fake_model), no_progress)
    return folder


def _small(folder: Path, model: Path) -> Settings:
    return Settings(
        seeds=folder / "seeds",
        embeddings=folder / "embeddings",
        conversations=folder / "deep" / "conversations.sqlite3",
        model=str(model),
        threads=1,
    )


@pytest.fixture
def small(small_built: Path, fake_model: Path, tmp_path: Path) -> Settings:
    """A small index of its own, made with the fake encoder, that a test may damage."""
    shutil.copytree(small_built, tmp_path / "small")
    return _small(tmp_path / "small", fake_model)


@pytest.fixture
def small_site(small: Settings) -> Iterator[Site]:
    """The service over the small index, loading it by itself."""
    store = Store(small.conversations_file, busy_seconds=0.2)
    with serve(lambda: Assistant.load(small, store=store), store, small) as site:
        ready(site)
        yield site


def ready(site: Site) -> None:
    """Waits until it can answer."""
    assert site.service.live.wait(20)


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Waits until something holds; fails when it never does."""
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it never came to pass")


class Gate:
    """Holds every question back until it is opened, so that a test can act meanwhile."""

    def __init__(self, assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
        self.arrived = threading.Semaphore(0)
        self.open = threading.Event()
        retriever: Any = assistant._retriever
        retrieve = retriever.retrieve

        def held(*given: Any, **named: Any) -> Any:
            self.arrived.release()
            assert self.open.wait(20)
            return retrieve(*given, **named)

        monkeypatch.setattr(retriever, "retrieve", held)


def exchange(site: Site, data: bytes, *, wait: float = 10.0) -> bytes:
    """Sends bytes as they are, and returns all that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=wait) as connection:
        connection.sendall(data)
        return rest(connection)


def rest(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    found = b""
    while part := connection.recv(65536):
        found += part
    return found


def problem(response: httpx.Response) -> dict[str, Any]:
    """The error of a response, which must be of the one shape."""
    found: dict[str, Any] = ProblemOut.model_validate_json(response.content).error.model_dump()
    return found


def with_mcp(server: Any, work: Callable[[mcp.Client], Any]) -> Any:
    """What ``work`` returns of a client that is connected to a server."""

    async def main() -> Any:
        async with mcp.Client(server) as client:
            return await work(client)

    return anyio.run(main)


@contextmanager
def openai_of(site: Site) -> Iterator[openai.OpenAI]:
    """OpenAI's own client of a service here."""
    from openai import OpenAI  # a second, which the other processes do without

    with OpenAI(base_url=f"{site.url}/v1", api_key="none", max_retries=0) as client:
        yield client


def over_http(site: Site) -> str:
    return f"{site.url}/mcp"


async def call(client: mcp.Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result
    content: dict[str, Any] = result.structured_content or {}
    return content
