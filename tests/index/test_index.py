"""The index: search, records, and what is said of every file that is not what it should be."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from askscwru.answering.retrieve import Retriever
from askscwru.errors import (
    AskscwruError,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    NotFoundError,
)
from askscwru.index import generation as index_module
from askscwru.index import vectors as vectors_module
from askscwru.index.build import build
from askscwru.index.encoder import Encoder, Vectors
from askscwru.index.generation import MADE_FROM, MANIFEST, Index
from askscwru.index.layout import Layout
from askscwru.index.part_writer import embedded_text, sentence_texts
from askscwru.index.records import PART_RECORDS, RECORDS
from askscwru.index.vectors import (
    PASSAGES,
    SENTENCES,
    VECTORS,
    PassageVectors,
    SentenceVectors,
    SentenceWriter,
    write_passages,
)
from askscwru.settings import Settings
from askscwru.types import Hit
from fakes import quiet, run_python, write_fake_model

PART = "parts/000000"
FILES = [
    *(f"{PART}/{name}" for name in (PASSAGES, SENTENCES, PART_RECORDS)),
    *(RECORDS, MADE_FROM, "lexical/meta.json", "lexical/.managed.json"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, fake_model: Path) -> Settings:
    """The index of all seeds, with the fake encoder."""
    folder = tmp_path_factory.mktemp("index")
    settings = Settings(
        seeds=Path(__file__).resolve().parents[2] / "seeds",
        embeddings=folder / "embeddings",
        model=str(fake_model),
        threads=1,
    )
    build(settings, quiet)
    return settings


@pytest.fixture(scope="module")
def index(built: Settings) -> Iterator[Index]:
    opened = Index.open(built.embeddings, built)
    yield opened
    opened.close()


@pytest.fixture
def copy(built: Settings, tmp_path: Path) -> Settings:
    """An index of one's own, to be harmed."""
    shutil.copytree(built.embeddings, tmp_path / "embeddings")
    return built.model_copy(update={"embeddings": tmp_path / "embeddings"})


def generation(settings: Settings) -> Path:
    manifest = json.loads((settings.embeddings / MANIFEST).read_text())
    return settings.embeddings / "generations" / manifest["generation"]


def test_what_was_built_comes_back(index: Index, built: Settings, fake_encoder: Encoder) -> None:
    rows = list(range(len(index)))
    passages = index.passages(rows)
    posts = {post.id: post for post in index.posts()}
    assert len(index) == len({passage.id for passage in passages}) > 50
    assert {passage.post_id for passage in passages} == posts.keys()
    for source in index.sources():
        text = (built.seeds / source.name).read_bytes().decode()
        assert source.characters == len(text)
        assert index.source(source.name) == source
        for passage in passages:
            if passage.source == source.name:
                assert text[passage.start : passage.end] == passage.text
    texts = [embedded_text(passage) for passage in passages]
    np.testing.assert_allclose(index.vectors(rows), fake_encoder.encode(texts), atol=1e-6)
    for row in (0, len(index) // 2, len(index) - 1):
        sentences = fake_encoder.encode(sentence_texts(passages[row]))
        np.testing.assert_allclose(index.sentence_vectors(row), sentences, atol=1e-3)
        assert index.post(passages[row].post_id) == posts[passages[row].post_id]
    some = list(posts)[:2]
    assert index.rows_for(some).tolist() == [r for r in rows if passages[r].post_id in some]
    assert len(index.rows_for([])) == len(index.rows_for(["nothing"])) == 0
    assert index.passages([5, 2, 5]) == [passages[5], passages[2], passages[5]]


def test_what_is_not_there_is_said(index: Index) -> None:
    with pytest.raises(NotFoundError, match="no post 'x'"):
        index.post("x")
    with pytest.raises(NotFoundError, match="no source"):
        index.source("../x")
    with pytest.raises(ValueError, match="rows outside"):
        index.vectors([len(index)])


def test_dense_search_gives_the_nearest(index: Index, fake_encoder: Encoder) -> None:
    vector = fake_encoder.encode(["personal budgets in Finland"])[0]
    cosines = index.vectors(range(len(index))) @ vector
    expected = np.lexsort((np.arange(len(index)), -cosines))
    found = index.dense_search(vector, 10)
    assert [row for row, _ in found] == expected[:10].tolist()
    np.testing.assert_allclose([score for _, score in found], cosines[expected[:10]], atol=1e-6)
    among = expected[3:9].tolist()
    assert [row for row, _ in index.dense_search(vector, 4, set(among))] == among[:4]
    assert index.dense_search(vector, 0) == index.dense_search(vector, 5, []) == []
    assert len(index.dense_search(vector, 10**6)) == len(index)


def test_a_filter_by_selector_finds_the_same_as_one_by_hand(
    index: Index, fake_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    vector = fake_encoder.encode(["carers and recording"])[0]
    rows = range(0, len(index), 3)
    by_hand = index.dense_search(vector, 7, rows)
    monkeypatch.setattr(vectors_module, "DIRECT_UP_TO", 0)
    by_selector = index.dense_search(vector, 7, rows)
    assert [row for row, _ in by_hand] == [row for row, _ in by_selector]


def unit(vectors: NDArray[np.float64]) -> Vectors:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_a_large_index_is_quantised_and_finds_nearly_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(3)
    centres = random.normal(size=(60, 64))
    points = centres[random.integers(0, 60, 6000)] + 0.3 * random.normal(size=(6000, 64))
    vectors = unit(points)
    sizes = (1999, 1, 4000)
    for name, some in zip("abc", np.split(vectors, np.cumsum(sizes)[:-1]), strict=True):
        (tmp_path / name).mkdir()
        write_passages(tmp_path / name, some, large=True)
    large = PassageVectors([tmp_path / name for name in "abc"], Layout(sizes), 64, large=True)
    np.testing.assert_allclose(large[np.array([5, 17, 4])], vectors[[5, 17, 4]], atol=1e-3)
    found = hits = 0
    for query in vectors[::100]:
        best = set(np.argsort(-(vectors @ query))[:20].tolist())
        hits += len(best & {row for row, _ in large.search(query[None], 20, None)})
        found += 20
        monkeypatch.setattr(vectors_module, "DIRECT_UP_TO", 0)
        assert all(row % 2 == 0 for row, _ in large.search(query[None], 20, range(0, 6000, 2)))
    assert hits / found > 0.98


@pytest.mark.parametrize("threads", [2, 3, 16])
def test_how_many_threads_scan_changes_nothing_that_is_found(
    threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors_module, "DIRECT_UP_TO", 0)
    vectors = unit(np.random.default_rng(4).normal(size=(3000, 64)))
    sizes = (7, 1600, 33, 1, 1000, 359)
    folders = [tmp_path / str(part) for part in range(len(sizes))]
    for folder, some in zip(folders, np.split(vectors, np.cumsum(sizes)[:-1]), strict=True):
        folder.mkdir()
        write_passages(folder, some, large=True)
    alone = PassageVectors(folders, Layout(sizes), 64, large=True)
    many = PassageVectors(folders, Layout(sizes), 64, large=True, threads=threads)
    for query in vectors[::200]:
        for rows in (None, range(0, 3000, 7)):
            assert many.search(query[None], 20, rows) == alone.search(query[None], 20, rows)


@pytest.mark.parametrize("large", [False, True])
def test_vectors_of_sentences_come_back_nearly_as_they_were(tmp_path: Path, large: bool) -> None:
    vectors = unit(np.random.default_rng(5).normal(size=(300, 64)))
    paths = [tmp_path / "s.npy", tmp_path / "t.npy"]
    for path, some in zip(paths, (vectors[:200], vectors[200:]), strict=True):
        with closing(SentenceWriter(path, len(some), 64, large=large)) as writer:
            writer.add(some[:50])
            writer.add(some[50:])
    kept = SentenceVectors(paths, Layout([200, 100]), 64, large=large)
    assert (kept[10:200] @ vectors[10]).argmax() == 0
    np.testing.assert_allclose(kept[0:200] @ vectors[3], vectors[:200] @ vectors[3], atol=5e-3)
    np.testing.assert_allclose(kept[250:300] @ vectors[3], vectors[250:] @ vectors[3], atol=5e-3)
    with pytest.raises(ValueError, match="not"):
        SentenceVectors(paths, Layout([200, 101]), 64, large=large)


def test_a_large_index_is_built_opened_and_asked(
    built: Settings, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {hit.passage.id: hit.score for hit in hits_of(index, built, "personal budgets")}
    monkeypatch.setattr(vectors_module, "EXACT_UP_TO", 20)
    settings = built.model_copy(update={"embeddings": tmp_path / "embeddings"})
    build(settings, quiet)
    large = Index.open(settings.embeddings, settings)
    assert f"{PART}/{VECTORS}" in large.manifest.files
    # Half-precise vectors may turn round two passages whose scores are nearer than that.
    found = {hit.passage.id: hit.score for hit in hits_of(large, settings, "personal budgets")}
    assert found == pytest.approx(small, abs=0.002)
    assert large.verify() == []
    large.close()


def hits_of(index: Index, settings: Settings, question: str) -> tuple[Hit, ...]:
    encoder = Encoder.load(index.model_folder, threads=1)
    return Retriever(index, encoder, settings).retrieve(question, 5).hits


def test_many_threads_read_the_same(index: Index, fake_encoder: Encoder) -> None:
    def look(row: int) -> object:
        passage = index.passages([row])[0]
        vector = fake_encoder.encode([passage.text])[0]
        words = index.vocabulary.knows("care"), index.lexical.search(passage.text, 3)
        return passage, index.dense_search(vector, 3), index.sentence_vectors(row).sum(), words

    rows = list(range(40)) * 3
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(look, rows)) == [look(row) for row in rows]


def test_the_vocabulary_is_that_of_the_posts(index: Index) -> None:
    assert index.vocabulary.knows("personalisation")
    assert index.vocabulary.knows("O’Rourke")
    assert not index.vocabulary.knows("bloggers")  # furniture only
    assert index.vocabulary.words()["personalisation"] > 5


def test_the_manifest_tells_what_the_index_is(index: Index, built: Settings) -> None:
    manifest = index.manifest
    assert manifest.format == 5
    assert manifest.model.name == built.model
    assert manifest.model.dimension == index.dimension == 64
    assert index.made_from().sources.keys() == {path.name for path in built.seeds.glob("*.txt")}
    assert manifest.counts["posts"] == len(index.posts())
    assert {"askscwru", "faiss-cpu", "tantivy"} <= manifest.versions.keys()
    assert set(FILES) <= manifest.files.keys()


def test_opening_imports_no_torch(built: Settings) -> None:
    code = """
import sys
from pathlib import Path
from askscwru.index.generation import Index
from askscwru.settings import Settings
settings = Settings(embeddings=Path(sys.argv[1]), model=sys.argv[2])
Index.open(settings.embeddings, settings)
print(sorted({"torch", "transformers", "sentence_transformers"} & set(sys.modules)))
"""
    child = run_python(code, built.embeddings, built.model)
    assert (child.stdout.strip(), child.stderr) == ("[]", "")


def test_no_index_is_said(tmp_path: Path, built: Settings) -> None:
    for folder in (tmp_path, tmp_path / "nowhere", built.seeds / "003_2a3649b0bea1ad83.txt"):
        with pytest.raises(IndexMissing, match="askscwru index"):
            Index.open(folder, built)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, fake_model: Path) -> Settings:
    """The index of one seed, quick to build anew."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "seeds").mkdir()
    name = "004_b4ef3a980542e53b.txt"
    shutil.copyfile(Path(__file__).resolve().parents[2] / "seeds" / name, folder / "seeds" / name)
    settings = Settings(
        seeds=folder / "seeds",
        embeddings=folder / "embeddings",
        model=str(fake_model),
        threads=1,
    )
    build(settings, quiet)
    return settings


@pytest.mark.parametrize("harm", ["missing", "cut", "empty", "foreign", "flipped", "folder"])
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_named_and_built_anew(
    small: Settings, tmp_path: Path, name: str, harm: str
) -> None:
    shutil.copytree(small.embeddings, tmp_path / "embeddings")
    copy = small.model_copy(update={"embeddings": tmp_path / "embeddings"})
    path = generation(copy) / name
    data = bytearray(path.read_bytes())
    path.unlink()
    if harm == "folder":
        path.mkdir()
    elif harm != "missing":
        middle = len(data) // 2
        data[middle] ^= 0x40
        path.write_bytes(
            {
                "cut": bytes(data[:middle]),
                "empty": b"",
                "foreign": b"\x89PNG" * (len(data) // 4) + b"\0" * (len(data) % 4),
                "flipped": bytes(data),
            }[harm]
        )
    with pytest.raises(IndexDamaged) as caught:
        Index.open(copy.embeddings, copy)
    assert str(path) in caught.value.message
    assert "askscwru index" in caught.value.remedy
    assert "\n" not in str(caught.value)
    assert build(copy, quiet).changed
    assert Index.open(copy.embeddings, copy).verify() == []


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", ["foreign", "flipped"])
def test_large_files_are_not_hashed_but_nothing_is_a_traceback(
    copy: Settings, name: str, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "_HASHED_UP_TO", 0)
    path = generation(copy) / name
    data = bytearray(path.read_bytes())
    if harm == "flipped":
        data[len(data) // 2] ^= 0x40
    else:
        data[:] = b"\x89PNG" * (len(data) // 4) + b"\0" * (len(data) % 4)
    path.write_bytes(bytes(data))
    try:
        opened = Index.open(copy.embeddings, copy)
        faults = opened.verify()
        opened.posts()
        opened.passages(range(len(opened)))
        opened.lexical.search("care and carers", 5)
    except AskscwruError as error:
        faults = [error]
    assert any(path.name in str(fault) or "lexical" in str(fault) for fault in faults)
    assert all(fault.remedy for fault in faults)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", IndexDamaged),
        ("{", IndexDamaged),
        ("[]", IndexDamaged),
        ('{"name": "another program\'s"}', IndexDamaged),
        ('{"format": 5}', IndexDamaged),
        ('{"format": 99}', IndexMismatch),
        ("\x00\ud83d", IndexDamaged),
    ],
)
def test_a_manifest_that_is_not_ours_is_named(
    copy: Settings, text: str, kind: type[AskscwruError]
) -> None:
    path = copy.embeddings / MANIFEST
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(kind, match="askscwru index") as caught:
        Index.open(copy.embeddings, copy)
    assert str(path) in caught.value.message
    assert build(copy, quiet).changed


def test_an_index_of_another_model_is_refused(
    copy: Settings, tmp_path: Path, fake_encoder: Encoder
) -> None:
    other = write_fake_model(tmp_path / "other", dimension=32)
    settings = copy.model_copy(update={"model": str(other)})
    with pytest.raises(IndexMismatch, match="askscwru index") as caught:
        Index.open(copy.embeddings, settings)
    assert copy.model in caught.value.message
    assert str(other) in caught.value.message
    opened = Index.open(copy.embeddings, copy)
    opened.check_encoder(fake_encoder)
    encoder = Encoder.load(other, threads=1)
    with pytest.raises(IndexMismatch, match="vectors of 64 numbers"):
        opened.check_encoder(encoder)
    with pytest.raises(IndexMismatch, match="vector of 32 numbers"):
        opened.dense_search(encoder.encode(["care"])[0], 5)
    assert build(settings, quiet).vectors_reused == 0
    Index.open(copy.embeddings, settings).check_encoder(encoder)


def test_files_of_another_dimension_are_named(
    copy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "_check_files", lambda *_: None)
    write_passages(generation(copy) / PART, np.eye(4, dtype=np.float32), large=False)
    with pytest.raises(IndexDamaged, match="holds 4 vectors of 4 numbers"):
        Index.open(copy.embeddings, copy)


def test_doctor_reads_every_byte(copy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "_HASHED_UP_TO", 0)
    path = generation(copy) / PART / SENTENCES
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    opened = Index.open(copy.embeddings, copy)
    (opened.model_folder / "tokenizer.json").unlink()
    first, second = opened.verify()
    assert SENTENCES in first.message
    assert "tokenizer.json" in second.message
    assert "askscwru index" in first.remedy
    assert "askscwru index" in second.remedy


def test_readers_see_the_old_index_or_the_new_one_and_nothing_between(copy: Settings) -> None:
    failures: list[BaseException] = []
    seen: set[str] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                opened = Index.open(copy.embeddings, copy)
                assert len(opened.passages(range(len(opened)))) == len(opened)
                seen.add(opened.manifest.generation)
                opened.close()
            except BaseException as error:
                failures.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    generations = [build(copy, quiet, force=True).generation for _ in range(4)]
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert len(seen & set(generations)) >= 2


def test_an_open_index_outlives_its_files(copy: Settings, fake_encoder: Encoder) -> None:
    opened = Index.open(copy.embeddings, copy)
    before = opened.passages([0, 1]), opened.lexical.search("care", 5)
    vector = fake_encoder.encode(["care"])[0]
    nearest = opened.dense_search(vector, 5)
    shutil.rmtree(opened.folder)
    assert (opened.passages([0, 1]), opened.lexical.search("care", 5)) == before
    assert opened.dense_search(vector, 5) == nearest
    assert opened.sentence_vectors(0).shape[1] == 64
