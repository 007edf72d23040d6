"""The span model and the reader: odd passages, honest scores, weights that are checked."""

from __future__ import annotations

import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tokenizers import Tokenizer

from askscwru.answering.scoring import FEATURES, Scoring
from askscwru.answering.span import DESCRIPTION, SCORING, TOKENIZER, WEIGHTS, SpanModel
from askscwru.assistant import Assistant
from askscwru.errors import ModelError

PASSAGE = "Ann Lee has kept bees in Leeds since 1998. She sells the honey at the market."
ODD = ["word", "... !!! ???", "谁 使用 它", "é" * 300, "\ud800 half", "word " * 10_000]


@pytest.fixture(scope="module")
def model() -> SpanModel:
    return SpanModel.load(threads=2)


def test_the_likeliest_stretch_answers(model: SpanModel) -> None:
    (window,) = model.read("Since when has Ann Lee kept bees?", [PASSAGE])
    start = window.offsets[int(np.argmax(window.start)), 0]
    end = window.offsets[int(np.argmax(window.end)), 1]
    assert "1998" in PASSAGE[start:end]


@pytest.mark.parametrize("passage", ODD)
def test_odd_passages_have_finite_logits_within_their_text(model: SpanModel, passage: str) -> None:
    for window in model.read("Who keeps bees?", [passage]):
        assert np.isfinite(window.start).all()
        assert np.isfinite(window.end).all()
        assert np.isfinite(window.nothing)
        assert window.offsets.size == 0 or window.offsets.max() <= len(passage)


def test_a_long_passage_is_read_to_its_end(model: SpanModel) -> None:
    windows = model.read("Who keeps bees?", ["word " * 1_000 + PASSAGE])
    assert len(windows) > 1
    assert windows[-1].offsets[-1, 1] == len("word " * 1_000 + PASSAGE)


def test_a_passage_has_the_same_logits_whatever_is_read_beside_it(model: SpanModel) -> None:
    (alone,) = model.read("Who keeps bees?", [PASSAGE])
    beside = [w for w in model.read("Who keeps bees?", [*ODD[:3], PASSAGE]) if w.passage == 3]
    assert np.array_equal(alone.start, beside[0].start)
    assert alone.nothing == beside[0].nothing


def test_a_question_longer_than_the_window_is_read_all_the_same(model: SpanModel) -> None:
    assert model.read("why " * 500 + "does she keep bees?", [PASSAGE])


def test_an_answer_is_told_from_none(model: SpanModel) -> None:
    def odds(question: str) -> float:
        (window,) = model.read(question, [PASSAGE])
        return float(window.start.max() + window.end.max()) - window.nothing

    assert odds("Where does Ann Lee keep bees?") > odds("What is the capital of Peru?")


class _Broken:
    """A network whose every output is no number."""

    def get_inputs(self) -> list[SimpleNamespace]:
        names = ("input_ids", "attention_mask", "token_type_ids")
        return [SimpleNamespace(name=name) for name in names]

    def get_outputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name=name) for name in ("start_logits", "end_logits")]

    def run(self, _outputs: list[str], feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        nothing = np.full(feed["input_ids"].shape, np.nan, dtype=np.float32)
        return [nothing, nothing]


def test_a_network_that_gives_no_numbers_finds_nothing() -> None:
    described = json.loads((WEIGHTS / DESCRIPTION).read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(WEIGHTS / TOKENIZER))
    broken = SpanModel(_Broken(), tokenizer, described, 1)
    (window,) = broken.read("Who keeps bees?", [PASSAGE])
    assert np.isfinite(window.nothing)
    assert float(window.start.max() + window.end.max()) < window.nothing - 1_000


class _Watched:
    """A network that tells which thread runs it; the first question waits until it is let go."""

    def __init__(self) -> None:
        self.threads: dict[int, set[str]] = {}
        self.begun, self.go_on = threading.Event(), threading.Event()

    def get_inputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name=name) for name in ("input_ids", "attention_mask")]

    def get_outputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name=name) for name in ("start_logits", "end_logits")]

    def run(self, _outputs: list[str], feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        ids = feed["input_ids"]
        asked = int(ids[0, 1])
        self.threads.setdefault(asked, set()).add(threading.current_thread().name)
        if len(self.threads) == 1:
            self.begun.set()
            assert self.go_on.wait(20)
        return [np.zeros(ids.shape, dtype=np.float32)] * 2


def test_windows_run_side_by_side_only_while_no_other_question_is_read() -> None:
    watched = _Watched()
    described = json.loads((WEIGHTS / DESCRIPTION).read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(WEIGHTS / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    model = SpanModel(watched, tokenizer, described, 2)
    passages = ["One passage.", "Another.", "A third one."]
    with ThreadPoolExecutor(1, thread_name_prefix="first") as caller:
        first = caller.submit(model.read, "who", passages)
        assert watched.begun.wait(20)
        assert len(model.read("when", passages)) == len(passages)
        watched.go_on.set()
        assert len(first.result(20)) == len(passages)
    own = threading.current_thread().name
    first_by, second_by = watched.threads.values()
    assert second_by == {own}
    assert all(name.startswith("askscwru-read") for name in first_by)
    model.read("why", passages)
    *_, alone_by = watched.threads.values()
    assert all(name.startswith("askscwru-read") for name in alone_by)


def test_altered_weights_are_refused_by_name(tmp_path: Path) -> None:
    for path in (p for p in WEIGHTS.iterdir() if p.is_file()):
        shutil.copy(path, tmp_path / path.name)
    name = json.loads((tmp_path / DESCRIPTION).read_text(encoding="utf-8"))["file"]
    content = bytearray((tmp_path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=name):
        SpanModel.load(tmp_path, threads=1)


def test_missing_weights_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"reader\.json"):
        SpanModel.load(tmp_path, threads=1)


def test_weights_for_other_features_are_refused(tmp_path: Path) -> None:
    stored = json.loads((WEIGHTS / SCORING).read_text(encoding="utf-8"))
    stored["features"] = list(reversed(FEATURES))
    (tmp_path / SCORING).write_text(json.dumps(stored), encoding="utf-8")
    with pytest.raises(ModelError, match="other features"):
        Scoring.load(tmp_path)


def test_reading_stops_early_only_when_sure(assistant: Assistant) -> None:
    sure = assistant.ask("How old is Edward?")
    unsure = assistant.ask("What is the boiling point of nitrogen?")
    assert sure.confidence >= assistant.settings.sure_enough
    assert unsure.confidence < assistant.settings.abstain_below


def test_a_sentence_that_announces_what_the_quote_would_not_show_is_no_answer(
    assistant: Assistant,
) -> None:
    asked = "Which papers are being given at the symposium on personalisation and the third sector?"
    answer = assistant.ask(asked)
    assert not any(citation.quote.text.endswith(":") for citation in answer.citations)
