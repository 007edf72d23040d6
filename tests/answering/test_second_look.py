"""The second look: when a larger reader is asked, what it reads, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from askscwru.answering.reader import Reader
from askscwru.answering.scoring import AGAIN, ANSWERED, Scoring
from askscwru.answering.second_look import FOLDER, SecondLook
from askscwru.answering.span import DESCRIPTION, SCORING, WEIGHTS, Logits, SpanModel
from askscwru.assistant import Assistant
from askscwru.errors import ModelError

QUESTION = "What did the blogger think of the host city?"


class _Second:
    """A larger reader that finds the last sentence of whatever passage it reads last."""

    def __init__(self, *, wanted: bool, passages: int = 2) -> None:
        self.asked: list[tuple[str, Sequence[str]]] = []
        self.model = SimpleNamespace(read=self._read)
        self.passages = passages
        self._wanted = wanted
        names = len(AGAIN)
        last = np.eye(names)[AGAIN.index("second_evidence")]
        self.scoring = Scoring(np.zeros(names), np.ones(names), last, last, 0.0)

    def is_wanted(self, confidence: float) -> bool:
        assert 0.0 <= confidence <= 1.0
        return self._wanted

    def _read(self, question: str, passages: Sequence[str]) -> list[Logits]:
        self.asked.append((question, passages))
        return [self._logits(at, text) for at, text in enumerate(passages)]

    def _logits(self, at: int, text: str) -> Logits:
        offsets = np.array([(i, i + 1) for i in range(len(text))])
        sure = np.full(len(text), -3.0, dtype=np.float32)
        sure[-12:] = 2.0 + at
        nothing = np.zeros(len(text), dtype=np.float32)
        return Logits(at, offsets, nothing, nothing, 0.0, sure, 0.0)


def _reader(assistant: Assistant, second: Any) -> Reader:
    whole: Any = assistant
    first = whole._reader
    return Reader(first._model, first._index, first._scoring, 0.7, second)


def _read(assistant: Assistant, second: Any) -> list[Any]:
    whole: Any = assistant
    return _reader(assistant, second).read(whole._retriever.retrieve(QUESTION, 5), 5)


def test_it_reads_the_passages_of_the_best_sentences_and_decides(assistant: Assistant) -> None:
    second = _Second(wanted=True)
    first = _read(assistant, None)
    again = _read(assistant, second)
    ((asked, passages),) = second.asked
    assert asked == QUESTION
    best = list(dict.fromkeys(quote.passage.text for quote in first))[: second.passages]
    assert len(passages) == second.passages
    assert all(text.endswith(own) for text, own in zip(passages, best, strict=True))
    # The stub is surest of the end of what it read last.
    assert again[0].passage.text == best[-1]
    assert best[-1].rstrip().endswith(again[0].text[-10:])
    assert again[0].score != first[0].score


def test_every_sentence_is_still_there_and_none_unread_is_surer(assistant: Assistant) -> None:
    second = _Second(wanted=True, passages=1)
    first, again = _read(assistant, None), _read(assistant, second)
    assert {(q.passage.source, q.start, q.end) for q in first} == {
        (q.passage.source, q.start, q.end) for q in again
    }
    read = second.asked[0][1][0]
    unread = [quote for quote in again if not read.endswith(quote.passage.text)]
    scores = [quote.score for quote in again if read.endswith(quote.passage.text)]
    assert unread
    assert all(quote.score <= min(scores) for quote in unread)
    assert [quote.passage.text in read for quote in again] == sorted(
        (quote.passage.text in read for quote in again), reverse=True
    )


def test_a_sure_first_reader_is_taken_at_its_word(assistant: Assistant) -> None:
    second = _Second(wanted=False)
    assert _read(assistant, second) == _read(assistant, None)
    assert not second.asked


def test_a_folder_without_a_second_reader_has_none(tmp_path: Path) -> None:
    assert SecondLook.load(tmp_path, threads=1) is None


def _beside(folder: Path, **changed: Any) -> Path:
    """A folder of weights whose second reader has numbers but no network."""
    own = folder / FOLDER
    own.mkdir()
    (own / DESCRIPTION).write_text(json.dumps({"file": "none.onnx", "sha256": ""}))
    some = [0.0] * len(AGAIN)
    stored = {"features": AGAIN, "mean": some, "scale": some, "weights": some}
    stored |= {"confidence_weights": some, "confidence_offset": 0.0}
    stored |= {"between": [0.1, 0.8], "passages": 3, **changed}
    (own / SCORING).write_text(json.dumps(stored))
    return folder


def test_it_is_asked_between_its_bounds_and_opened_when_it_is_needed(tmp_path: Path) -> None:
    second = SecondLook.load(_beside(tmp_path), threads=1)
    assert second is not None
    assert [second.is_wanted(sure) for sure in (0.05, 0.1, 0.79, 0.8, 1.0)] == [
        False,
        True,
        True,
        False,
        False,
    ]
    with pytest.raises(ModelError, match=r"none\.onnx"):
        _ = second.model


@pytest.mark.parametrize("changed", [{"between": [0.1]}, {"between": 3}, {"features": ["span"]}])
def test_damaged_numbers_are_refused_by_name(tmp_path: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match=SCORING):
        SecondLook.load(_beside(tmp_path, **changed), threads=1)


def test_numbers_that_are_not_there_are_named_where_they_should_be(tmp_path: Path) -> None:
    folder = _beside(tmp_path)
    (folder / FOLDER / SCORING).unlink()
    with pytest.raises(ModelError, match=rf"{FOLDER}.{SCORING}"):
        SecondLook.load(folder, threads=1)


def test_the_packaged_one_is_opened_once_and_reads_with_the_same_word_pieces() -> None:
    one, other = SecondLook.load(threads=2), SecondLook.load(threads=2)
    assert one is not None
    assert other is not None
    assert one.model is other.model
    passage = "Ann Lee has kept bees in Leeds since 1998. She sells the honey at the market."
    (large,) = one.model.read("Since when has Ann Lee kept bees?", [passage])
    (small,) = SpanModel.load(WEIGHTS, threads=2).read("Since when has she?", [passage])
    assert np.array_equal(large.offsets, small.offsets)
    start, end = large.offsets[int(np.argmax(large.start)), 0], large.offsets[-1, 1]
    assert "1998" in passage[start:end]


def test_what_several_posts_say_is_read_without_it(assistant: Assistant) -> None:
    whole: Any = assistant
    second = _Second(wanted=True)
    reader = _reader(assistant, second)
    found = whole._retriever.retrieve(QUESTION, 5)
    assert reader.alone.read(found, 5) == _read(assistant, None)
    assert not second.asked
    assert whole._stage._views._reader._second is None


def test_a_yes_or_no_is_answered_as_often_and_less_surely() -> None:
    """What is answered is the same, and the order of what is; only the surety is taken back."""
    names = len(AGAIN)
    last = np.eye(names)[AGAIN.index("second_evidence")]
    scoring = Scoring(np.zeros(names), np.ones(names), last, last, 0.0, yes_no_slope=0.5)
    features = np.zeros((60, names))
    features[:, -1] = np.linspace(-6, 6, 60)
    plain, asked = scoring.confidence(features), scoring.confidence(features, yes_no=True)
    np.testing.assert_array_equal(asked >= ANSWERED, plain >= ANSWERED)
    np.testing.assert_array_equal(asked[plain < ANSWERED], plain[plain < ANSWERED])
    assert (asked[plain > 0.5] < plain[plain > 0.5]).all()
    assert (np.diff(asked) > 0).all()


def test_the_second_reader_that_ships_is_less_sure_of_yes_and_no(tmp_path: Path) -> None:
    second = SecondLook.load(threads=1)
    assert second is not None
    assert 0.3 < second.scoring.yes_no_slope < 0.9
    plain = SecondLook.load(_beside(tmp_path), threads=1)  # numbers that say nothing of it
    assert plain is not None
    assert plain.scoring.yes_no_slope == 1.0
