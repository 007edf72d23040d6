"""An index whose vectors a Milvus server holds: what it gives is what the files give."""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askscwru import extras
from askscwru.addresses import MilvusAddress
from askscwru.answering.filters import posts_within
from askscwru.answering.retrieve import Retriever
from askscwru.assistant import Assistant, open_index
from askscwru.errors import IndexAway, IndexBusy, IndexDamaged, IndexMismatch, UsageError
from askscwru.index import part_writer
from askscwru.index import publish as publish_module
from askscwru.index import vectors as vectors_module
from askscwru.index.build import build
from askscwru.index.encoder import Encoder
from askscwru.index.generation import VECTOR_FILES, Index, LiveMark, generations_folder
from askscwru.milvus import expressions, generations
from askscwru.milvus.expressions import of_conditions, of_rows
from askscwru.milvus.generations import Served, ServedGeneration, ServedPassage, go_live, write
from askscwru.milvus.server import MilvusServer
from askscwru.settings import Settings
from askscwru.types import Filters
from conftest import ROOT
from fakes import quiet, run_python
from milvuses import LiteProcess

pytestmark = pytest.mark.skipif(
    find_spec("pymilvus") is None,
    reason="pymilvus is not installed: pip install 'askscwru[milvus]' milvus-lite",
)
POST = """---
title: {title}
author: {author}
date: {date}
tags: [{tag}]
categories: [{category}]
---
The {title} stands by the water. It was built of oak, and it turned for ninety years.

Two people of {author} work there now. They grind rye on Mondays.
"""
NEAR = 2e-6
"""Two servers add up a cosine in another order."""


def on(settings: Settings, address: MilvusAddress) -> Settings:
    return settings.model_copy(update={"index": address})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, fake_model: Path) -> Settings:
    """Forty posts by four authors in turn, of several years, tags and categories, and their index.

    No server holds it.
    """
    folder = tmp_path_factory.mktemp("built")
    (folder / "seeds").mkdir()
    settings = blog_in(folder, fake_model)
    authors = ("Ida Marsh", "Oscar Bell", 'Eve "or 1==1" Quill', "José Ångström")
    for number in range(40):
        text = POST.format(
            title=f"Tide mill {number}",
            author=authors[number % 4].replace('"', "'"),
            date=f"20{10 + number % 5}-0{1 + number % 9}-11",
            tag=f"tag {number % 3}",
            category=f"kind {number % 2}",
        )
        (settings.seeds / f"{number:02}.md").write_text(text, encoding="utf-8")
    build(settings, quiet)
    return settings


def blog_in(folder: Path, model: Path) -> Settings:
    return Settings(
        seeds=folder / "seeds", embeddings=folder / "embeddings", model=str(model), threads=1
    )


@pytest.fixture
def blog(built: Settings, fake_model: Path, tmp_path: Path) -> Settings:
    """A copy of these that a test may change."""
    shutil.copytree(built.seeds.parent, tmp_path / "blog")
    return blog_in(tmp_path / "blog", fake_model)


@pytest.fixture
def opened() -> Iterator[Callable[[Settings], Index]]:
    """Opens indexes, and closes them."""
    indexes: list[Index] = []

    def open_one(settings: Settings) -> Index:
        indexes.append(Index.open(settings.embeddings, settings))
        return indexes[-1]

    yield open_one
    for index in indexes:
        index.close()


Opening = Callable[[Settings], Index]


def same(ours: Sequence[tuple[int, float]], files: Sequence[tuple[int, float]]) -> None:
    """The same rows in the same order, but that equal scores may change places."""
    assert len(ours) == len(files)
    np.testing.assert_allclose([s for _, s in ours], [s for _, s in files], atol=NEAR)
    last = files[-1][1] if files else 0.0
    scores = dict(files)
    for row, score in ours:
        # A row that the other has not can only be one of those that tie with the last.
        assert scores.get(row, last) == pytest.approx(score, abs=2 * NEAR)


def questions() -> list[str]:
    lines = (ROOT / "eval" / "seeds.jsonl").read_text("utf-8").splitlines()
    return [one["question"] for one in map(json.loads, lines) if "question" in one][:60]


# -- the same as the files -------------------------------------------------------------------------


def test_every_vector_is_the_one_in_the_files(
    settings: Settings, place: MilvusAddress, opened: Opening
) -> None:
    build(on(settings, place), quiet)
    ours, files = opened(on(settings, place)), opened(settings)
    rows = range(len(files))
    assert np.array_equal(ours.vectors(rows), files.vectors(rows))
    kept = files.sentences_of(rows)
    for row, vectors in ours.sentences_of(rows).items():
        assert np.array_equal(vectors, kept[row])
    assert ours.verify() == []


def test_questions_find_what_they_find_in_the_files(
    settings: Settings, place: MilvusAddress, opened: Opening
) -> None:
    build(on(settings, place), quiet)
    ours, files = opened(on(settings, place)), opened(settings)
    encoder = Encoder.load(files.model_folder, threads=1)
    filters = (Filters(), Filters(author="Alex Fox"))
    for question in questions():
        for limits in filters:
            one = Retriever(ours, encoder, settings).retrieve(question, 20, limits)
            other = Retriever(files, encoder, settings).retrieve(question, 20, limits)
            assert one.searched_for == other.searched_for
            same(
                [(hit.row, hit.score) for hit in one.hits],
                [(hit.row, hit.score) for hit in other.hits],
            )


def test_answers_are_those_that_the_files_give(
    settings: Settings, lite_place: MilvusAddress, assistant: Assistant
) -> None:
    build(on(settings, lite_place), quiet)
    served = Assistant.load(on(settings, lite_place))
    try:
        for question in questions()[:8]:
            ours, known = served.ask(question), assistant.ask(question)
            assert (ours.text, ours.answered) == (known.text, known.answered)
            assert ours.confidence == pytest.approx(known.confidence, abs=1e-5)
    finally:
        served.close()


LIMITS: tuple[dict[str, str], ...] = (
    {"author": "Ida Marsh"},
    {"author": "ångström"},
    {"author": "Eve 'or 1==1' Quill"},
    {"source": "07.md"},
    {"tag": "tag 1", "category": "kind 0"},
    {"after": "2011", "before": "2013-03"},
    {"before": "2012-01-01", "author": "Oscar Bell", "tag": "tag 2"},
)


def test_a_filter_leaves_what_it_leaves_in_the_files(
    blog: Settings, place: MilvusAddress, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(on(blog, place), quiet)
    said = _filters_sent(monkeypatch)
    ours, files = opened(on(blog, place)), opened(blog)
    question = files.vectors([3])[0]
    for few in (expressions.FEW_RUNS, 0):  # by stretches of rows; by what the filters say
        monkeypatch.setattr(expressions, "FEW_RUNS", few)
        for limits in LIMITS:
            allowed = posts_within(files.records, Filters(**limits))
            rows = files.rows_for(allowed)
            found = ours.dense_search(question, 200, rows, allowed)
            assert 0 < len(found) == len(rows) < len(files)
            same(found, files.dense_search(question, 200, rows, allowed))
            assert ("row" in said[-1]) == (few > 0)
        some = np.arange(1, len(files), 2)  # of no filter: row by row
        same(ours.dense_search(question, 30, some), files.dense_search(question, 30, some))


def _filters_sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    call = MilvusServer.call

    def noted(self: MilvusServer, method: str, *given: Any, **named: Any) -> Any:
        if method == "search":
            said.append(named["filter"])
        return call(self, method, *given, **named)

    monkeypatch.setattr(MilvusServer, "call", noted)
    return said


def test_many_passages_are_all_compared_and_their_sentences_packed_by_the_byte(
    blog: Settings, place: MilvusAddress, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors_module, "EXACT_UP_TO", 1)
    build(on(blog, place), quiet, force=True)
    ours, files = opened(on(blog, place)), opened(blog)
    assert list(files.folder.rglob(vectors_module.VECTORS))
    rows = range(len(files))
    kept = files.sentences_of(rows)
    for row, vectors in ours.sentences_of(rows).items():
        assert np.array_equal(vectors, kept[row])
    for row in rows:
        question = files.vectors([row])[0]
        same(ours.dense_search(question, 10), files.dense_search(question, 10))
    few = np.array([1, 5, 17])
    assert [row for row, _ in sorted(ours.dense_search(question, 3, few))] == few.tolist()


def test_sentences_too_long_for_a_row_take_several(
    blog: Settings, lite_place: MilvusAddress, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "_PACKED", 100)
    build(on(blog, lite_place), quiet)
    ours, files = opened(on(blog, lite_place)), opened(blog)
    kept = files.sentences_of(range(9))
    found = ours.sentences_of(range(9))
    assert all(np.array_equal(found[row], kept[row]) for row in range(9))
    assert ours.verify() == []


def test_equal_scores_come_by_row_however_many_there_are(place: MilvusAddress) -> None:
    server = MilvusServer(place)
    same_vector = np.array([0.6, 0.8, 0.0, 0.0], dtype=np.float32)
    other = np.array([0.0, 0.0, 1.0, 0.0], dtype=np.float32)
    passages = [
        ServedPassage(row, same_vector if row % 2 else other, b"\0\0" * 4, "", ())
        for row in range(400)
    ]
    served = Served("20260101T000000Z-aaaaaa", 400, 400, names=True)
    write(server, served, 4, [passages[:256], passages[256:]])
    go_live(server, served.generation)
    found = ServedGeneration(server, served).search(same_vector, 5, "")
    assert [row for row, _ in found] == [1, 3, 5, 7, 9]
    server.close()


@given(st.sets(st.integers(0, 300), min_size=1))
def test_an_expression_names_exactly_the_rows_that_are_meant(rows: set[int]) -> None:
    written = of_rows(np.array(sorted(rows), dtype=np.int64))
    # What Milvus reads is Python, too.
    assert {row for row in range(301) if eval(written, {"row": row})} == rows


def test_what_a_user_wrote_is_no_part_of_an_expression() -> None:
    hostile = '"] or row >= 0 or names in ["'
    written = of_conditions((("named", "author", hostile), ("published", "2011-01-01", "")))
    assert "row" not in written
    assert set(written) <= set('()[]=!<>", -0123456789') | set(
        "array_contains_anynamespublishedand"
    )
    with pytest.raises(ValueError, match="no day"):
        of_conditions((("published", '" or row >= 0', ""),))


# -- generations -----------------------------------------------------------------------------------


def collections(address: MilvusAddress) -> set[str]:
    server = MilvusServer(address)
    found = set(server.call("list_collections"))
    server.close()
    return found


def more(blog: Settings, number: int) -> None:
    text = POST.format(
        title=f"Salt {number}", author="Al", date="2001-01-01", tag="s", category="s"
    )
    (blog.seeds / f"salt{number}.md").write_text(text)


def test_the_alias_moves_when_a_generation_is_whole_and_a_reader_keeps_its_own(
    blog: Settings, place: MilvusAddress, opened: Opening
) -> None:
    served = on(blog, place)
    build(served, quiet)
    first = opened(served)
    mark = LiveMark(served)
    seen = mark.now()
    more(blog, 1)
    build(served, quiet)
    second = opened(served)
    assert len(second) > len(first)
    assert mark.now() != seen
    assert first.vectors(range(len(first))).shape[0] == len(first)
    assert first.verify() == []
    more(blog, 2)
    build(served, quiet)  # of three generations the two last are kept
    assert len(collections(place)) == 4
    with pytest.raises(IndexAway, match="not there any more"):
        first.dense_search(np.eye(1, first.dimension, dtype=np.float32), 3)
    mark.close()


def test_rows_are_those_of_the_files_after_builds_of_some_parts(
    blog: Settings, lite_place: MilvusAddress, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_writer, "PART", 8)
    served = on(blog, lite_place)
    build(served, quiet, force=True)
    assert len(opened(blog).records.parts) > 3
    for name in ("!", "19b", "zz"):  # before all posts, between two, and after all
        text = POST.format(
            title=f"Salt {name}", author="Ida Marsh", date="2011-05-05", tag="tag 1", category="s"
        )
        (blog.seeds / f"{name}.md").write_text(text)
        build(served, quiet)
        changed = (blog.seeds / "07.md").read_text("utf-8").replace("ninety", f"{name} hundred")
        (blog.seeds / "07.md").write_text(changed, encoding="utf-8")
        build(served, quiet)
        ours, files = opened(served), opened(blog)
        linked = [path.stat().st_nlink > 1 for path in files.folder.rglob("passages.faiss")]
        assert sorted(set(linked)) == [False, True]
        assert [row for rows, *_ in files.records.by_post() for row in rows] == [*range(len(files))]
        at = {"!": 0, "zz": -1}.get(name)
        assert at is None or files.posts()[at].source == f"{name}.md"
        assert np.array_equal(ours.vectors(range(len(files))), files.vectors(range(len(files))))
        kept = files.sentences_of(range(len(files)))
        found = ours.sentences_of(range(len(files)))
        assert all(np.array_equal(found[row], kept[row]) for row in kept)
        question = files.vectors([3])[0]
        for few in (expressions.FEW_RUNS, 0):
            with monkeypatch.context() as patched:
                patched.setattr(expressions, "FEW_RUNS", few)
                for limits in LIMITS:
                    among = posts_within(files.records, Filters(**limits))
                    rows = files.rows_for(among)
                    same(
                        ours.dense_search(question, 200, rows, among),
                        files.dense_search(question, 200, rows, among),
                    )


def test_a_build_that_is_cut_off_leaves_readers_what_they_had(
    blog: Settings,
    lite_place: MilvusAddress,
    opened: Opening,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served = on(blog, lite_place)
    build(served, quiet)
    before = opened(served)
    more(blog, 1)
    with monkeypatch.context() as patched:
        read = publish_module._read
        patched.setattr(publish_module, "_AT_ONCE", 16)
        calls = iter(range(100))

        def failing(*given: Any) -> Any:
            if next(calls) == 2:
                raise KeyboardInterrupt
            return read(*given)

        patched.setattr(publish_module, "_read", failing)
        with pytest.raises(KeyboardInterrupt):
            build(served, quiet)
    assert len(collections(lite_place)) == 4  # half a generation stands there
    again = opened(served)
    assert again.manifest.generation == before.manifest.generation
    assert again.verify() == []
    assert build(served, quiet).changed is False  # the files were whole; only the server lacked it
    after = opened(served)
    assert after.manifest.generation == opened(blog).manifest.generation
    assert len(after) > len(before)
    assert after.verify() == []


def test_what_the_server_serves_stays_openable_however_many_builds_it_misses(
    blog: Settings, lite: LiteProcess, lite_place: MilvusAddress, opened: Opening
) -> None:
    served = on(blog, lite_place)
    build(served, quiet)
    before = opened(served).manifest.generation
    lite.kill()
    try:
        for number in (1, 2, 3):
            more(blog, number)
            with pytest.raises(IndexAway):
                build(served, quiet)
    finally:
        lite.start()
    assert opened(served).manifest.generation == before
    build(served, quiet)
    assert opened(served).manifest.generation == opened(blog).manifest.generation
    more(blog, 4)
    build(served, quiet)
    assert not (generations_folder(blog.embeddings) / before).exists()


def test_a_server_that_lost_rows_is_found_out(
    blog: Settings, lite_place: MilvusAddress, opened: Opening
) -> None:
    served = on(blog, lite_place)
    build(served, quiet)
    index = opened(served)
    server = MilvusServer(lite_place)
    (name,) = (one for one in collections(lite_place) if one.endswith("_sentences"))
    server.call("delete", collection_name=name, filter="part in [0]")
    server.close()
    (fault,) = index.verify()
    assert isinstance(fault, IndexDamaged)
    assert "index --force" in fault.remedy
    with pytest.raises(IndexAway, match="lacks 1 of the rows"):
        index.sentence_vectors(0)
    build(served, quiet, force=True)
    assert opened(served).verify() == []


def test_only_one_process_at_a_time_gives_an_index_away(
    blog: Settings, lite_place: MilvusAddress
) -> None:
    from filelock import FileLock

    with FileLock(blog.embeddings / publish_module.LOCK), pytest.raises(IndexBusy):
        build(on(blog, lite_place), quiet)


# -- what is there and what is not -----------------------------------------------------------------


def test_without_a_generation_in_the_server_the_first_question_puts_it_there(
    blog: Settings, lite_place: MilvusAddress
) -> None:
    index = open_index(on(blog, lite_place), quiet)
    assert index.verify() == []
    index.close()


def test_a_machine_needs_all_files_but_the_vectors(
    blog: Settings, lite_place: MilvusAddress, opened: Opening, tmp_path: Path
) -> None:
    build(on(blog, lite_place), quiet)
    known = opened(blog)
    copied = generations_folder(tmp_path / "copy") / known.manifest.generation
    shutil.copytree(known.folder, copied, ignore=shutil.ignore_patterns(*VECTOR_FILES))
    assert not (copied / "passages.faiss").exists()
    replica = on(blog, lite_place).model_copy(update={"embeddings": tmp_path / "copy"})
    index = opened(replica)
    question = known.vectors([5])[0]
    same(index.dense_search(question, 10), known.dense_search(question, 10))
    # A corrupt file of those that it does need is as bad as ever.
    (copied / "corpus.db").write_bytes(b"no")
    with pytest.raises(IndexDamaged, match=r"corpus\.db"):
        opened(replica)


def test_a_machine_that_has_not_the_generation_names_it_and_does_not_build(
    blog: Settings, lite_place: MilvusAddress, tmp_path: Path
) -> None:
    served = on(blog, lite_place)
    build(served, quiet)
    elsewhere = served.model_copy(update={"embeddings": tmp_path / "none"})
    with pytest.raises(IndexMismatch, match="which is not in") as raised:
        open_index(elsewhere, quiet)
    assert "Copy" in raised.value.remedy
    assert not (tmp_path / "none").exists()
    assert LiveMark(elsewhere).now() != LiveMark(served).now()  # so its arrival is noticed


def test_an_alias_of_somebody_elses_is_left_alone(
    blog: Settings, lite_place: MilvusAddress
) -> None:
    server = MilvusServer(lite_place)
    server.call("create_collection", collection_name="theirs", dimension=4)
    server.call("create_alias", collection_name="theirs", alias=generations.ALIAS)
    with pytest.raises(IndexDamaged, match="'theirs', which is none of ours"):
        build(on(blog, lite_place), quiet)
    assert collections(lite_place) == {"theirs"}
    server.close()


def test_without_the_extra_the_setting_names_it(
    blog: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(UsageError) as raised:
        Index.open(blog.embeddings, on(blog, MilvusAddress("http://127.0.0.1:9")))
    assert raised.value.remedy == "pip install 'askscwru[milvus]'"


# -- failures --------------------------------------------------------------------------------------


def test_a_server_that_is_lost_is_told_of_and_found_again(
    blog: Settings, lite: LiteProcess, lite_place: MilvusAddress, opened: Opening
) -> None:
    build(on(blog, lite_place), quiet)
    index = opened(on(blog, lite_place))
    question = np.ascontiguousarray(index.vectors([3])[0])
    known = index.dense_search(question, 5)
    lite.kill()
    try:
        for _ in range(2):
            with pytest.raises(IndexAway, match="no connection to its server") as raised:
                index.dense_search(question, 5)
            assert "doctor" in raised.value.remedy
        with pytest.raises(IndexAway):
            opened(on(blog, lite_place))
    finally:
        lite.start()
    assert _patiently(lambda: index.dense_search(question, 5)) == known


def _patiently(work: Callable[[], Any]) -> Any:
    for _ in range(600):
        try:
            return work()
        except IndexAway:
            time.sleep(0.1)
    return work()


def test_every_failure_of_the_client_is_ours(caplog: pytest.LogCaptureFixture) -> None:
    import grpc
    from pymilvus import exceptions

    address = MilvusAddress("http://ada:s3cret@127.0.0.1:9/posts")
    server = MilvusServer(address)
    kinds = [
        kind
        for kind in vars(exceptions).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    ]
    assert len(kinds) > 20

    class Lost(grpc.RpcError):  # type: ignore[misc]
        def code(self) -> Any:
            return grpc.StatusCode.UNAVAILABLE

    failures: list[Exception] = [kind(message="with s3cret in it") for kind in kinds]
    failures += [exceptions.MilvusException(code, "s3cret") for code in (1, 2, 100, 101, 800, 1100)]
    failures += [exceptions.MilvusException(grpc.StatusCode.UNAUTHENTICATED, "s3cret")]
    failures += [Lost(), grpc.FutureTimeoutError(), ValueError("closed channel"), TypeError()]
    caplog.set_level(logging.INFO)
    told = [server._told(error) for error in failures]
    assert {type(one) for one in told} == {IndexAway}
    assert all(one.message and one.remedy for one in told)
    assert "s3cret" not in "".join(map(str, told)) + caplog.text + str(vars(caplog.records[0]))
    assert "no database 'posts'" in "".join(map(str, told))


def test_a_database_that_is_not_there_is_named_with_what_makes_it(
    blog: Settings, milvus: Any
) -> None:
    address = MilvusAddress(f"{milvus.address}/nowhere")
    with pytest.raises(IndexAway) as raised:
        build(on(blog, address), quiet)
    assert "nowhere" in raised.value.message
    assert "create_database('nowhere')" in raised.value.remedy


def test_neither_a_proxy_nor_a_file_of_settings_is_heeded(
    lite: LiteProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "grpc_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = MilvusServer(lite.address)
    assert isinstance(server.call("list_collections"), list)
    server.close()
    (tmp_path / ".env").write_text("ASKSCWRU_READER=evil\n")
    code = (
        "import os, sys; os.chdir(sys.argv[1]); from askscwru.milvus.server import library;"
        "library(); print(os.environ.get('ASKSCWRU_READER'), os.environ.get('GRPC_VERBOSITY'))"
    )
    assert run_python(code, tmp_path).stdout.split() == ["None", "None"]


def test_the_default_does_not_load_the_client(settings: Settings) -> None:
    code = (
        "import sys; from pathlib import Path; from askscwru.index.generation import Index;"
        "from askscwru.settings import Settings; s = Settings(embeddings=Path(sys.argv[1]));"
        "Index.open(s.embeddings, s);"
        "print([m for m in ('pymilvus', 'grpc', 'pandas') if m in sys.modules])"
    )
    assert run_python(code, settings.embeddings).stdout.strip() == "[]"


def test_what_a_generation_is_survives_being_kept() -> None:
    served = Served("g", 1, 2, names=False)
    assert replace(served) == Served(**json.loads(json.dumps(generations.asdict(served))))
