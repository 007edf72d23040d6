"""BM25 and the vocabulary."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import numpy as np
import pytest
import tantivy
from hypothesis import given
from hypothesis import strategies as st

from askscwru.errors import IndexDamaged, StorageError
from askscwru.index import lexical
from askscwru.index.lexical import (
    VOCABULARY_TABLE,
    LexicalIndex,
    Vocabulary,
    analyse,
    vocabulary_rows,
    words_of,
)

DOCUMENTS = [
    (0, "Shared Lives – Alex Fox", "Shared Lives is now used by 14,000 people."),
    (1, "Shared Lives – Alex Fox", "Carers open their homes."),
    (2, "Personal budgets in Finland – John Woolham", "The café’s owner met Liz O’Rourke."),
    (3, "Personal budgets in Finland – John Woolham", "The carers’ organisation met."),
    (4, "", "Carers open their homes."),
]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    LexicalIndex.build(tmp_path / "lexical", DOCUMENTS)
    return LexicalIndex.open(tmp_path / "lexical")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The café’s 14,000 U.K. carers", ["cafe", "14000", "uk", "carer"]),
        ("O’Rourke O'Rourke", ["orourk", "orourk"]),
        ("organisations, organisation's", ["organis", "organis"]),
        ("Isn’t it what they don't do?", []),
        ("well-being/EQUALITY", ["well", "equal"]),
        ("ﬁnance in Straße", ["financ", "strass"]),
        ("2014-15: £1.5m", ["2014", "15", "1", "5m"]),
        ("", []),
        ("🙂 … –", []),
        ("x" * 500, []),
    ],
)
def test_analysis(text: str, terms: list[str]) -> None:
    assert analyse(text) == terms


@given(st.text())
def test_any_text_can_be_analysed(text: str) -> None:
    assert analyse(text) == analyse(text)
    assert all(analyse(text))


def test_the_words_of_text_and_context_are_found(index: LexicalIndex) -> None:
    assert [row for row, _ in index.search("How many people use Shared Lives?", 5)] == [0, 1]
    assert [row for row, _ in index.search("café", 5)] == [2]
    assert [row for row, _ in index.search("Woolham", 5)] == [2, 3]


def test_equal_scores_come_by_row(index: LexicalIndex) -> None:
    found = index.search("open homes", 5)
    assert [row for row, _ in found] == [1, 4]
    assert found[0][1] == found[1][1] > 0


def test_which_of_many_equal_hits_are_found_depends_on_the_rows_alone(tmp_path: Path) -> None:
    LexicalIndex.build(tmp_path / "a", [(row, "", "care homes") for row in range(500)])
    LexicalIndex.build(tmp_path / "b", [(row, "", "care homes") for row in reversed(range(500))])
    for name in ("a", "b"):
        found = LexicalIndex.open(tmp_path / name).search("care", 7)
        assert [row for row, _ in found] == list(range(7))


def test_rows_that_are_sifted_are_those_that_the_engine_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(1)
    words = "care home night budget carer sleep work team life plan".split()
    documents = [
        (row, random.choice(words), " ".join(random.choices(words, k=random.randint(1, 9))))
        for row in range(400)
    ]
    LexicalIndex.build(tmp_path / "l", documents)
    index = LexicalIndex.open(tmp_path / "l")
    for step in (1, 2, 7, 150):
        for question, k in (("care home", 5), ("night", 50), ("budget plan team", 400), ("x", 3)):
            rows = np.arange(step - 1, 400, step)
            monkeypatch.setattr(lexical, "_NAMED_UP_TO", 400)
            named = index.search(question, k, rows)
            monkeypatch.setattr(lexical, "_NAMED_UP_TO", 0)
            assert index.search(question, k, rows) == named


def test_a_search_can_be_limited_to_rows(index: LexicalIndex) -> None:
    assert [row for row, _ in index.search("carers", 5, [4, 3])] == [3, 4]
    assert index.search("carers", 5, []) == []
    assert index.search("carers", 5, {99}) == []
    assert index.search("carers", 0) == []


@pytest.mark.parametrize(
    "question",
    ['"', "text:carers AND", "carers) OR (", "*", "[a TO b]", "+-!^~", "", "the", "\ud83d", "\0"],
)
def test_a_question_is_never_a_query_language(index: LexicalIndex, question: str) -> None:
    found = {row for row, _ in index.search(question, 5)}
    assert found == ({1, 3, 4} if "carers" in question else set())


def test_how_rare_a_term_is(index: LexicalIndex) -> None:
    assert index.documents == 5
    assert index.document_frequency("carer") == 3
    assert index.document_frequency("nothing") == 0
    rare, common = map(index.inverse_document_frequency, ("orourk", "carer"))
    assert rare > common > 0


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    LexicalIndex.build(tmp_path, [])
    assert LexicalIndex.open(tmp_path).search("care", 5) == []


def test_many_threads_find_the_same(index: LexicalIndex) -> None:
    questions = ["carers", "Shared Lives", "Finland budgets", "O’Rourke"] * 25
    expected = [index.search(question, 5) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda question: index.search(question, 5), questions)) == expected


def test_a_folder_that_cannot_be_written_to_is_read(
    index: LexicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To root every folder is writable, so the question is answered for it.
    monkeypatch.setattr(lexical.os, "access", lambda *_: False)
    before = sorted(index.folder.iterdir())
    again = LexicalIndex.open(index.folder)
    assert again.search("carers", 5) == index.search("carers", 5)
    assert sorted(index.folder.iterdir()) == before


def test_others_may_read_what_was_built(index: LexicalIndex) -> None:
    modes = {stat.S_IMODE(path.stat().st_mode) for path in index.folder.iterdir()}
    probe = index.folder / "probe"
    probe.touch()
    assert modes == {stat.S_IMODE(probe.stat().st_mode)}


def test_a_damaged_index_is_named(index: LexicalIndex) -> None:
    (index.folder / "meta.json").write_text("{")
    with pytest.raises(IndexDamaged, match="askscwru index") as caught:
        LexicalIndex.open(index.folder)
    assert str(index.folder) in caught.value.message
    with pytest.raises(IndexDamaged):
        LexicalIndex.open(index.folder / "nowhere")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file"):
        LexicalIndex.build(tmp_path / "file/lexical", DOCUMENTS)


def test_words_are_those_that_are_written() -> None:
    text = "The Café’s 14 carers don’t e-mail O'Rourke’s team"
    assert list(words_of(text)) == [
        "the", "café", "carers", "don't", "e", "mail", "o'rourke", "team",
    ]  # fmt: skip


def test_the_vocabulary_knows_words_in_any_case_and_without_accents() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(VOCABULARY_TABLE)
    rows = vocabulary_rows(["Café café O’Rourke", "cafe"])
    connection.executemany("INSERT INTO words VALUES (?, ?, ?, ?, ?)", rows)
    words = Vocabulary(lambda sql, values: connection.execute(sql, values).fetchall())
    assert words.count("CAFÉ") == words.count("cafe") == 3
    assert words.knows("o'rourke")
    assert words.knows("O’ROURKE")
    assert not words.knows("caff")
    assert not words.knows("")
    assert words.words() == {"cafe": 1, "café": 2, "o'rourke": 1}
    assert words.like("cofe", 0) == {"cafe": 1, "café": 2}
    assert words.like("orork", 3) == {"o'rourke": 1}
    assert words.like("carers", 1) == {}


def test_a_writer_that_failed_writes_no_more(tmp_path: Path) -> None:
    def documents() -> Iterator[tuple[int, str, str]]:
        yield 0, "", "The mill at Sall"
        raise ValueError('IoError(Os { code: 28, message: "No space left on device" })')

    with pytest.raises(StorageError) as caught:
        LexicalIndex.build(tmp_path / "lexical", documents())
    assert caught.tb is not None, "the trace still holds what was writing"
    again = tantivy.Index.open(str(tmp_path / "lexical")).writer(15_000_000, num_threads=1)
    again.wait_merging_threads()
