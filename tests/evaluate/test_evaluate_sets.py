"""The two sets of the project, and what is said of malformed ones."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from askscwru.cli import main
from askscwru.errors import SetError
from askscwru.evaluate.match import Stretch, is_right
from askscwru.evaluate.sets import (
    Accepted,
    ChunkingSet,
    ConversationSet,
    Question,
    QuestionSet,
    RankingSet,
    ReadingSet,
    read_set,
    sample,
)
from askscwru.ingest import read_source
from askscwru.settings import Settings

EVAL = Path(__file__).parents[2] / "eval"
SEEDS = Path(__file__).parents[2] / "seeds"

ITEM: dict[str, Any] = {
    "id": "a",
    "split": "tune",
    "kind": "fact",
    "question": "Who?",
    "post": "P",
    "answerable": True,
    "near": None,
    "quotes": [{"source": "p.txt", "start": 0, "end": 4, "text": "Alex"}],
    "answer": "Alex",
}
TURN: dict[str, Any] = {
    "type": "first",
    "question": "Who?",
    "gold": "Who?",
    "answerable": False,
    "quotes": [],
    "answer": None,
}


def _questions() -> tuple[Question, ...]:
    found = read_set(EVAL / "seeds.jsonl")
    assert isinstance(found, QuestionSet)
    return found.questions


def _talks() -> ConversationSet:
    found = read_set(EVAL / "conversations.jsonl")
    assert isinstance(found, ConversationSet)
    return found


def test_every_accepted_quote_stands_at_its_offsets() -> None:
    texts = {p.name: read_source(Settings(seeds=SEEDS), p.name) for p in SEEDS.glob("*.txt")}
    turns = [turn for talk in _talks().conversations for turn in talk.turns]
    for question in (*_questions(), *turns):
        for quote in question.quotes:
            assert texts[quote.source][quote.start : quote.end] == quote.text, question.id


def test_the_sets_hold_what_they_are_said_to_hold() -> None:
    kinds = Counter(question.kind for question in _questions())
    assert sum(kinds.values()) >= 200
    assert {"number", "name", "fact", "reason", "paraphrase", "misspelt", "about_post"} <= set(
        kinds
    )
    near, far = kinds["unanswerable, near"], kinds["unanswerable, far"]
    assert near + far >= 50
    assert near >= (near + far) / 2
    talks = _talks().conversations
    assert len(talks) >= 40
    assert all(2 <= len(talk.turns) <= 5 for talk in talks)


def test_a_post_is_in_one_split_only() -> None:
    splits: dict[str, set[str]] = {}
    for line in (EVAL / "seeds.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        splits.setdefault(item["post"] or item["id"], set()).add(item["split"])
    assert {post: found for post, found in splits.items() if len(found) > 1} == {}


# -- what is wrong, and in which line --------------------------------------------------------------


def _lines(tmp_path: Path, *records: object) -> Path:
    path = tmp_path / "set.jsonl"
    lines = [r if isinstance(r, str) else json.dumps(r) for r in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("{", "line 2: this is not JSON"),
        ("[1]", "line 2: this is not a JSON object"),
        ({**ITEM, "id": "a"}, "line 2: “a” stands in line 1 already"),
        ({k: v for k, v in ITEM.items() if k != "question"} | {"id": "b"}, "“question” is missing"),
        ({**ITEM, "id": "b", "question": "  "}, "line 2: “question” is blank"),
        ({**ITEM, "id": "b", "split": "test"}, "it must be “tune” or “report”"),
        ({**ITEM, "id": "b", "answerable": 1}, "“answerable” is 1; it must be true or false"),
        ({**ITEM, "id": "b", "quotes": []}, "it is answerable, but “quotes” is empty"),
        ({**ITEM, "id": "b", "answerable": False}, "it is not answerable, but has “quotes”"),
        ({**ITEM, "id": "b", "asnwer": "x"}, "“asnwer” is not a known key"),
        (
            {**ITEM, "id": "b", "quotes": [{"source": "p", "start": 4, "end": 4, "text": "x"}]},
            "line 2, quote 1: 4:4 is no stretch of a text",
        ),
        (
            {**ITEM, "id": "b", "quotes": [{"source": "p", "start": 0, "end": 9, "text": "Alex"}]},
            "line 2, quote 1: 0:9 is 9 characters, the text 4",
        ),
        ({"id": "b", "split": "tune", "turns": []}, "line 2: “turns” is empty"),
        ({"id": "b", "split": "tune", "turns": [TURN]}, "questions and conversations stand in one"),
        (
            {"id": "b", "split": "tune", "turns": [TURN, {**TURN, "gold": None}]},
            "line 2, turn 2: “gold” is None; it must be a text",
        ),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, second: object, said: str) -> None:
    path = _lines(tmp_path, ITEM, second)
    with pytest.raises(SetError) as caught:
        read_set(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\xff\xfe{}", b"not a set", b"[]", b'{"data": 3}']
)
def test_a_file_that_is_no_set_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "set.json"
    path.write_bytes(content)
    with pytest.raises(SetError, match=r"set\.json"):
        read_set(path)


def test_a_quote_that_the_source_does_not_say_ends_with_code_2(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "003_2a3649b0bea1ad83.txt"
    path = _lines(tmp_path, {**ITEM, "quotes": [{**ITEM["quotes"][0], "source": name}]})
    code = main(
        [
            "eval",
            str(path),
            "--seeds",
            str(settings.seeds),
            "--embeddings",
            str(settings.embeddings),
        ]
    )
    assert code == 2
    assert f"{path}, line 1, a: {name} does not say at 0:4 “Alex”" in capsys.readouterr().err


def test_an_unknown_set_and_control_end_with_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "no-such-file.jsonl"]) == 2
    assert "There is no set no-such-file.jsonl" in capsys.readouterr().err
    assert main(["eval", str(EVAL / "seeds.jsonl"), "--control", "magic"]) == 2
    assert "There is no control 'magic'" in capsys.readouterr().err


# -- outside formats -------------------------------------------------------------------------------


def squad(**changes: Any) -> dict[str, Any]:
    """A reading set of one article with one answerable and one unanswerable question."""
    asked = {
        "id": "1",
        "question": "Where did the plague begin?",
        "answers": [{"text": "Central Asia", "answer_start": 35}],
    }
    hard = {"id": "2", "question": "Who was king?", "answers": [], "is_impossible": True}
    context = "The plague is thought to have begun in Central Asia, and came west by ship."
    start = context.index("Central Asia")
    asked["answers"][0]["answer_start"] = start  # type: ignore[index]
    asked.update(changes)
    paragraphs = [{"context": context, "qas": [asked, hard]}]
    return {"version": "v2.0", "data": [{"title": "Black_Death", "paragraphs": paragraphs}]}


@pytest.mark.parametrize("packed", [False, True])
def test_squad_is_told_by_its_content(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "whatever.bin"
    data = json.dumps(squad()).encode()
    path.write_bytes(gzip.compress(data) if packed else data)
    found = read_set(path)
    assert isinstance(found, ReadingSet)
    assert found.articles[0].title == "Black Death"
    first, second = found.articles[0].paragraphs[0].questions
    assert (first.answers, second.answerable) == (("Central Asia",), False)


def test_squad_with_a_wrong_offset_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "squad.json"
    path.write_text(json.dumps(squad(answers=[{"text": "Central Asia", "answer_start": 3}])))
    with pytest.raises(
        SetError, match="article 1, paragraph 1, question 1: the paragraph does not"
    ):
        read_set(path)


def test_beir_folders_and_their_faults(tmp_path: Path) -> None:
    with pytest.raises(SetError, match="of no kind that is known"):
        read_set(tmp_path)
    corpus = {"_id": "d1", "title": "Wings", "text": "Lift of a wing."}
    (tmp_path / "corpus.jsonl.gz").write_bytes(gzip.compress(json.dumps(corpus).encode()))
    (tmp_path / "queries.jsonl").write_text(json.dumps({"_id": "q1", "text": "lift"}) + "\n")
    judged = tmp_path / "qrels.tsv"
    judged.write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    found = read_set(tmp_path)
    assert isinstance(found, RankingSet)
    assert found.judged == {"q1": {"d1": 1}}
    judged.write_text("query-id\tcorpus-id\tscore\nq1\td9\t1\n")
    with pytest.raises(SetError, match=r"qrels.tsv, line 2: the query or the document"):
        read_set(tmp_path)


def test_the_chunking_layout_and_its_faults(tmp_path: Path) -> None:
    (tmp_path / "doc.md").write_text("One two three.", encoding="utf-8")
    path = tmp_path / "questions_df.csv"
    row = '"[{""content"": ""two"", ""start_index"": 4, ""end_index"": %d}]"'
    path.write_text(f"question,references,corpus_id\nWhat?,{row % 7},doc\n")
    found = read_set(tmp_path)
    assert isinstance(found, ChunkingSet)
    assert found.questions[0].spans == ((4, 7),)
    path.write_text(f"question,references,corpus_id\nWhat?,{row % 8},doc\n")
    with pytest.raises(
        SetError, match=r"questions_df.csv, line 2: the document does not say at 4:8"
    ):
        read_set(tmp_path)


# -- what counts as right --------------------------------------------------------------------------

TEXT = "One is here. Two is here as well. Three is the last one."
ALL = Accepted("p.txt", 10, 10 + len(TEXT), TEXT)
ONE = Accepted("p.txt", 100, 123, "Alex Fox wrote this one")


@pytest.mark.parametrize(
    ("stretch", "right"),
    [
        (Stretch("p.txt", 90, 130, "…"), True),
        (Stretch("p.txt", 101, 130, "…"), False),
        (Stretch("q.txt", 0, 40, "And ‘Alex  Fox’ wrote this\none."), True),
        (Stretch("q.txt", 0, 40, "Alex Foxe wrote this one"), False),
        (Stretch("q.txt", 0, 40, "Alex wrote this one, Fox too"), False),
    ],
)
def test_one_accepted_sentence_must_be_covered(stretch: Stretch, right: bool) -> None:
    assert is_right(stretch, [ONE]) is right


@pytest.mark.parametrize(
    ("stretch", "right"),
    [
        (Stretch("p.txt", 10, 44, TEXT[:34]), True),  # 34 of 56 characters
        (Stretch("p.txt", 10, 22, TEXT[:12]), False),
        (Stretch("q.txt", 5, 50, "Two is here as well. Three is the last one."), True),
        (Stretch("q.txt", 5, 30, "Two is here as well."), False),
    ],
)
def test_most_of_several_accepted_sentences_is_enough(stretch: Stretch, right: bool) -> None:
    assert is_right(stretch, [ALL]) is right


def test_a_short_answer_counts_only_where_it_stands() -> None:
    short = Accepted("p.txt", 5, 9, "1914", only_here=True)
    assert is_right(Stretch("p.txt", 0, 20, "…"), [short])
    assert not is_right(Stretch("p.txt", 50, 70, "Also in 1914."), [short])


def test_a_sample_is_evenly_spread() -> None:
    assert sample(10, None) == sample(10, 99) == list(range(10))
    assert sample(10, 4) == [0, 2, 5, 7]
