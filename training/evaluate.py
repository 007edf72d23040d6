"""Measure a reader: EM and F1 as SQuAD 2.0 defines them, and AUROC of answerability.

``python -m training.evaluate --data DIR --base DIR --weights FILE`` takes a checkpoint of
``training.train`` or an exported ``.onnx`` file.

The margin of an answer is the best sum of a start and an end logit minus the sum of the two logits
of "no answer" (position 0).  It needs no passage-wide normalisation, so margins of different
passages can be compared.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from training import scoring
from training.data import (
    SQUAD2,
    Encoder,
    Features,
    Passage,
    assemble,
    collate,
    held_out_articles,
    is_held_out,
    read_source,
)
from training.model import Reader, ReaderConfig

Logits = npt.NDArray[np.float32]
Forward = Callable[[list[Features]], tuple[Logits, Logits]]
"""Start and end logits, (rows, longest), of some input rows."""

STRIDE = 96
"""Tokens that neighbouring windows of a long passage share."""
EVALUATED = (
    SQUAD2,
    "squadshifts_new_wiki",
    "qamr",
    "policyqa",
    "fairytaleqa",
    "covid_qa",
    "clapnq",
)


@dataclass(frozen=True)
class Case:
    """One question to answer from one passage."""

    article: str
    question: str
    passage: str
    golds: tuple[str, ...]


@dataclass(frozen=True)
class Prediction:
    """The best span of a passage and its margin over "no answer"."""

    text: str
    margin: float


def cases_of(passages: Iterable[Passage]) -> list[Case]:
    """Every question of the passages.  CLAP NQ's selected sentences count as one answer."""
    cases: list[Case] = []
    for passage in passages:
        for question in passage.questions:
            golds = passage.answer_texts(question)
            if passage.source == "clapnq" and golds:
                low = min(a.start for a in question.answers)
                high = max(a.end for a in question.answers)
                golds = [passage.text[low:high]]
            cases.append(Case(passage.article, question.text, passage.text, tuple(golds)))
    return cases


def torch_forward(reader: Reader, encoder: Encoder) -> Forward:
    """Run the network as trained."""
    device = next(reader.parameters()).device

    def forward(rows: list[Features]) -> tuple[Logits, Logits]:
        batch = collate(rows, encoder.pad)
        with torch.inference_mode():
            start, end, _ = reader(
                batch["input_ids"].to(device),
                batch["attention_mask"].to(device),
                batch["token_type_ids"].to(device),
            )
        return start.float().cpu().numpy(), end.float().cpu().numpy()

    return forward


def onnx_forward(path: Path, encoder: Encoder, threads: int = 0) -> Forward:
    """Run an exported network with onnxruntime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def forward(rows: list[Features]) -> tuple[Logits, Logits]:
        batch = collate(rows, encoder.pad)
        names = ("input_ids", "attention_mask", "token_type_ids")
        start, end = session.run(
            ["start_logits", "end_logits"], {name: batch[name].numpy() for name in names}
        )
        return start, end

    return forward


def best_span(start: Logits, end: Logits, first: int, last: int, longest: int) -> tuple[int, int]:
    """The best token range within [first, last) of at most ``longest`` tokens, last inclusive."""
    size = last - first
    sums = start[first:last, None] + end[None, first:last]
    # Keep the band where the end is at or after the start, and not too far.
    band = np.triu(np.ones((size, size), dtype=bool)) & ~np.triu(
        np.ones((size, size), dtype=bool), longest
    )
    place = int(np.argmax(np.where(band, sums, -np.inf)))
    return first + place // size, first + place % size


def predict(
    model: Reader | Forward,
    encoder: Encoder,
    cases: Sequence[Case],
    max_tokens: int = 256,
    longest: int = 80,
    batch: int = 16,
) -> list[Prediction]:
    """The best span per case, over all windows of its passage."""
    if isinstance(model, Reader):
        model.eval()
        model = torch_forward(model, encoder)
    windows: list[tuple[int, int, Features]] = []
    for number, case in enumerate(cases):
        windows += [(number, low, row) for low, row in _windows(case, encoder, max_tokens)]
    windows.sort(key=lambda w: len(w[2].input_ids))
    best: dict[int, Prediction] = {}
    for at in range(0, len(windows), batch):
        part = windows[at : at + batch]
        starts, ends = model([row for _, _, row in part])
        for (number, low, row), start, end in zip(part, starts, ends, strict=True):
            found = _decode(cases[number], encoder, row, low, start, end, longest)
            if number not in best or found.margin > best[number].margin:
                best[number] = found
    return [best.get(number, Prediction("", -np.inf)) for number in range(len(cases))]


def _windows(case: Case, encoder: Encoder, max_tokens: int) -> list[tuple[int, Features]]:
    """Input rows of a case, each with the passage token that it begins at."""
    question = encoder.question(case.question)
    ids = encoder.passage(case.passage).ids
    room = max_tokens - len(question) - 3
    found: list[tuple[int, Features]] = []
    for low in range(0, max(1, len(ids) - STRIDE), room - STRIDE):
        part = ids[low : low + room]
        if part:
            found.append((low, assemble(encoder, question, part, None, "")))
    return found


def _decode(
    case: Case,
    encoder: Encoder,
    row: Features,
    low: int,
    start: Logits,
    end: Logits,
    longest: int,
) -> Prediction:
    """The best span of one window, as text of the passage."""
    first, last = best_span(start, end, row.passage_at, len(row.input_ids) - 1, longest)
    margin = float(start[first] + end[last] - start[0] - end[0])
    offsets = encoder.passage(case.passage).offsets
    shift = low - row.passage_at
    return Prediction(case.passage[offsets[first + shift][0] : offsets[last + shift][1]], margin)


def judge(cases: Sequence[Case], predictions: Sequence[Prediction]) -> dict[str, float]:
    """F1 and EM (percent) of forced answers; overall F1 and EM with a cross-fitted threshold.

    Where there are unanswerable questions, the threshold for the questions of an article is the
    best one of the other articles, so that nothing is measured on what it was tuned on.
    """
    return {"questions": float(len(cases)), **_means(_scores(cases, predictions), None)}


def intervals(
    cases: Sequence[Case], predictions: Sequence[Prediction], samples: int = 1000
) -> dict[str, tuple[float, float]]:
    """Ends of the 95 % bootstrap interval of each measure; the questions of a passage go together.

    (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.)
    """
    scores = _scores(cases, predictions)
    by_passage: dict[str, list[int]] = {}
    for number, case in enumerate(cases):
        by_passage.setdefault(case.passage, []).append(number)
    groups = [np.array(numbers) for numbers in by_passage.values()]
    rng = np.random.default_rng(0)
    drawn: dict[str, list[float]] = {}
    for _ in range(samples):
        chosen = rng.integers(0, len(groups), len(groups))
        picked = np.concatenate([groups[g] for g in chosen])
        for name, value in _means(scores, picked).items():
            drawn.setdefault(name, []).append(value)
    return {
        name: (float(np.nanpercentile(v, 2.5)), float(np.nanpercentile(v, 97.5)))
        for name, v in drawn.items()
    }


def _scores(
    cases: Sequence[Case], predictions: Sequence[Prediction]
) -> dict[str, npt.NDArray[np.float64]]:
    """What each question scores; NaN where a measure does not count it."""
    answerable = np.array([bool(case.golds) for case in cases])
    nothing = np.full(len(cases), np.nan)
    pairs = list(zip(predictions, cases, strict=True))
    found = {
        "answerable_f1": [scoring.f1(p.text, c.golds) if c.golds else np.nan for p, c in pairs],
        "answerable_em": [scoring.exact(p.text, c.golds) if c.golds else np.nan for p, c in pairs],
    }
    scores = {name: 100 * np.array(values, dtype=float) for name, values in found.items()}
    mixed = not answerable.all()
    final = list(zip(cross_fitted(cases, predictions), cases, strict=True)) if mixed else []
    whole = {"overall_f1": scoring.f1, "overall_em": scoring.exact}
    for name, measure in whole.items():
        values = [100 * measure(text, case.golds) for text, case in final]
        scores[name] = np.array(values) if mixed else nothing
    scores["margin"] = np.array([p.margin for p in predictions])
    scores["answerable"] = answerable.astype(float)
    return scores


def _means(
    scores: dict[str, npt.NDArray[np.float64]], chosen: npt.NDArray[np.int64] | None
) -> dict[str, float]:
    """The measures over some of the questions, or over all."""
    some = {name: v if chosen is None else v[chosen] for name, v in scores.items()}
    labels = some["answerable"].astype(bool)
    result = {}
    if labels.any():
        for name in ("answerable_f1", "answerable_em"):
            result[name] = float(np.nanmean(some[name]))
    if not scores["answerable"].all():
        for name in ("overall_f1", "overall_em"):
            result[name] = float(np.mean(some[name]))
        result["auroc"] = scoring.auroc(some["margin"].tolist(), labels.tolist())
    return result


def threshold_of(cases: Sequence[Case], predictions: Sequence[Prediction]) -> float:
    """The margin above which answering gives the best overall F1 on these questions."""
    gains = [
        scoring.f1(p.text, c.golds) - scoring.f1("", c.golds)
        for c, p in zip(cases, predictions, strict=True)
    ]
    return scoring.best_threshold([p.margin for p in predictions], gains)


def cross_fitted(cases: Sequence[Case], predictions: Sequence[Prediction]) -> list[str]:
    """Final answers, "" for none, by thresholds tuned on the other articles."""
    folds = sorted({c.article for c in cases})
    fold_of = {article: number % 5 for number, article in enumerate(folds)}
    final = [p.text for p in predictions]
    for fold in set(fold_of.values()):
        others = [n for n, c in enumerate(cases) if fold_of[c.article] != fold]
        threshold = threshold_of([cases[n] for n in others], [predictions[n] for n in others])
        for n, case in enumerate(cases):
            if fold_of[case.article] == fold and predictions[n].margin < threshold:
                final[n] = ""
    return final


def load_reader(path: Path) -> Reader:
    """A reader from a checkpoint or from the final weights of ``training.train``."""
    content = torch.load(path, map_location="cpu", weights_only=True)
    reader = Reader(ReaderConfig(**content["config"]))
    reader.load_state_dict(content["reader"])
    return reader.eval()


def held_out_cases(folder: Path, source: str, limit: int) -> list[Case]:
    """The questions of one set that were kept from training, at most ``limit`` of them."""
    passages = read_source(folder, source)
    articles = held_out_articles(passages)
    cases = cases_of([p for p in passages if is_held_out(p, articles)])
    if limit and len(cases) > limit:
        cases = random.Random(0).sample(cases, limit)
    return cases


def main() -> None:
    """Print one JSON object: measures per set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of SQuAD-layout files")
    parser.add_argument("--base", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--weights", type=Path, required=True, help=".pt or .onnx")
    parser.add_argument("--sets", nargs="*", default=list(EVALUATED))
    parser.add_argument("--limit", type=int, default=600, help="questions per other set; 0: all")
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--out", type=Path, help="also write the result here")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    encoder = Encoder(args.base / "tokenizer.json")
    model: Reader | Forward
    if args.weights.suffix == ".onnx":
        model = onnx_forward(args.weights, encoder, args.threads)
    else:
        model = load_reader(args.weights)
    results: dict[str, dict[str, Any]] = {}
    for source in args.sets:
        # The held-out articles are always measured whole.
        cases = held_out_cases(args.data, source, 0 if source == SQUAD2 else args.limit)
        predictions = predict(model, encoder, cases, args.max_tokens)
        results[source] = judge(cases, predictions)
        results[source]["intervals"] = intervals(cases, predictions)
        if any(not case.golds for case in cases):
            results[source]["threshold"] = threshold_of(cases, predictions)
        print(source, json.dumps(results[source]), flush=True)
    if args.out:
        args.out.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
