"""The service over an index that a Milvus server holds, which comes and goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from askscwru.addresses import MilvusAddress
from askscwru.assistant import Assistant, no_progress
from askscwru.conversation.store import Store
from askscwru.index.build import build
from askscwru.milvus.generations import ServedGeneration
from askscwru.settings import Settings
from milvuses import LiteProcess, MilvusProcess
from serving import problem, ready, serve, until

QUESTION = {"question": "What is personalisation?"}
COUNT = {"question": "How many posts are there?"}
NEW_PAGE = """A page of its own

Posted by Ada Byron

The zebra crossing in Nether Wallop was painted green in 1973 by the parish council. Nobody has
said why it was green, and the council keeps no record of the paint.
"""
SECONDS = 120.0
"""A server that was killed may take half a minute to load what it had."""


@pytest.fixture
def served(small: Settings, place: MilvusAddress) -> Settings:
    settings = small.model_copy(update={"index": place})
    build(settings, no_progress)
    return settings


def away(response: httpx.Response, process: MilvusProcess) -> None:
    """What a client is told of a server that is away."""
    assert response.status_code == 503
    assert "Retry-After" in response.headers
    assert problem(response)["code"] == "index_away"
    assert "The server that holds the index is away" in problem(response)["message"]
    assert str(process.port) not in response.text


def test_a_server_lost_in_mid_question_is_a_503_until_it_is_back(
    served: Settings, milvus: MilvusProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = ServedGeneration.sentences
    lost = False

    def lost_then(self: ServedGeneration, sizes: Mapping[int, int]) -> dict[int, bytes]:
        nonlocal lost
        if not lost:
            milvus.kill()  # the passages have been found; their sentences will not be
            lost = True
        return read(self, sizes)

    store = Store(served.conversations_file)
    with (
        serve(lambda: Assistant.load(served, store=store), store, served) as site,
        site.client() as client,
    ):
        ready(site)
        # A list needs no vectors, so nothing of them is in memory yet.
        begun = client.post("/ask", json=COUNT).json()
        assert begun["turn"] == 1
        monkeypatch.setattr(ServedGeneration, "sentences", lost_then)
        asked = QUESTION | {"conversation_id": begun["conversation_id"]}
        try:
            away(client.post("/ask", json=asked), milvus)
            assert lost
            away(client.post("/search", json=QUESTION), milvus)
            # What needs no vectors goes on: the records and the words are in files.
            assert client.get("/posts").status_code == 200
            assert client.post("/ask", json=COUNT).is_success
            assert client.get("/health").json()["ready"] is True
        finally:
            milvus.start()
        until(lambda: client.post("/search", json=QUESTION).is_success, SECONDS)
        answer = client.post("/ask", json=asked)
        assert answer.status_code == 200
        assert answer.json()["turn"] == 2  # of the lost one nothing was kept


def test_a_new_generation_is_taken_up_when_the_alias_moves(served: Settings) -> None:
    store = Store.in_memory()
    with (
        serve(lambda: Assistant.load(served, store=store), store, served) as site,
        site.client() as client,
    ):
        ready(site)
        before = site.service.live.state.generation
        (served.seeds / "new.txt").write_text(NEW_PAGE)
        build(served.model_copy(update={"index": None}), no_progress)
        assert client.post("/ask", json=QUESTION).json()
        assert site.service.live.state.generation == before  # nothing has been published
        build(served, no_progress)
        until(lambda: site.service.live.state.generation != before, SECONDS)
        found: Any = client.post("/search", json={"question": "Who painted the zebra crossing?"})
        assert "zebra crossing" in found.json()["passages"][0]["text"]


def test_it_starts_without_the_server_and_is_ready_when_that_is_there(
    small: Settings, lite: LiteProcess, lite_place: MilvusAddress
) -> None:
    settings = small.model_copy(update={"index": lite_place})
    build(settings, no_progress)
    store = Store.in_memory()
    lite.kill()
    try:
        with (
            serve(lambda: Assistant.load(settings, store=store), store, settings) as site,
            site.client() as client,
        ):
            until(lambda: site.service.live.state.fault is not None)
            refused = client.post("/ask", json=QUESTION)
            assert refused.status_code == 503
            assert problem(refused)["code"] == "not_ready"
            assert "The server that holds the index is away" in problem(refused)["message"]
            lite.start()
            until(lambda: site.service.live.state.ready, SECONDS)
            assert client.post("/ask", json=QUESTION).status_code == 200
    finally:
        if not lite.runs:
            lite.start()
