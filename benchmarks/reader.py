"""How much is read, how good the answers are for it, and how long it takes.

``python benchmarks/reader.py --layout DIR`` asks the questions of an evaluation set at several
depths (how many passages the reader may read), and asks a plain loop over the same passages: the
same weights in torch by ``transformers``, all passages of a question in one batch, the span with
the highest logits over "no answer" in front, its sentence as the answer. That is what the
extractive readers of the frameworks do. ``DIR`` is in the layout of transformers, as
``training/export.py`` writes it beside the packaged weights.

The loop runs in a process of its own, in turn with ours, question by question, so that a busy
machine slows both.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import roc_auc_score

from askscwru import Assistant
from askscwru.evaluate.match import Stretch, is_right
from askscwru.evaluate.sets import Question, QuestionSet, read_set
from askscwru.types import Hit

DEPTHS = (1, 2, 3, 5, 8, 12)
LONGEST = 384


@dataclass
class Column:
    """What one way of reading came to."""

    right: list[bool] = field(default_factory=list)
    """For every answerable question, whether the best sentence answers; it never abstains."""
    answerable: list[bool] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)
    """What tells answerable questions from the others: a confidence, or a margin of logits."""
    milliseconds: list[float] = field(default_factory=list)

    def row(self, name: str) -> tuple[str, ...]:
        """The column as a row of the table."""
        return (
            name,
            f"{np.mean(self.right):.3f}",
            f"{roc_auc_score(self.answerable, self.sure):.3f}",
            f"{statistics.median(self.milliseconds):.1f}",
            f"{statistics.quantiles(self.milliseconds, n=20)[-1]:.1f}",
        )

    def add(self, question: Question, right: bool, sure: float, seconds: float) -> None:
        """Take note of one question."""
        if question.answerable:
            self.right.append(right)
        self.answerable.append(question.answerable)
        self.sure.append(sure)
        self.milliseconds.append(seconds * 1000)


class Loop:
    """The plain loop, in a child process: torch beside faiss has crashed on some systems."""

    def __init__(self, layout: Path, threads: int) -> None:
        command = [sys.executable, __file__, "--child", "--layout", str(layout)]
        self._child = subprocess.Popen(
            [*command, "--threads", str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.best("warm up", ["A first passage.", "A second one."])

    def best(self, question: str, passages: list[str]) -> dict[str, Any]:
        """The best span: its passage, its place there, its margin, and the seconds it took."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps({"question": question, "passages": passages}) + "\n")
        self._child.stdin.flush()
        found: dict[str, Any] = json.loads(self._child.stdout.readline())
        return found

    def close(self) -> None:
        """End the child."""
        assert self._child.stdin is not None
        self._child.stdin.close()
        self._child.wait()


def loop(layout: Path, threads: int) -> None:
    """The child: a question a line on standard input, its best span a line on standard output."""
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    torch.set_num_threads(threads)
    tokenizer = AutoTokenizer.from_pretrained(layout)
    model = AutoModelForQuestionAnswering.from_pretrained(layout).eval()
    for line in sys.stdin:
        asked = json.loads(line)
        began = time.perf_counter()
        batch = tokenizer(
            [asked["question"]] * len(asked["passages"]),
            asked["passages"],
            padding=True,
            truncation="only_second",
            max_length=LONGEST,
            return_tensors="pt",
            return_offsets_mapping=True,
        )
        offsets = batch.pop("offset_mapping")
        with torch.inference_mode():
            out = model(**batch)
        best: dict[str, Any] = {"margin": -1e9, "passage": 0, "start": 0, "end": 0}
        for at in range(len(asked["passages"])):
            inside = torch.tensor([part == 1 for part in batch.sequence_ids(at)])
            sums = out.start_logits[at][:, None] + out.end_logits[at][None, :]
            allowed = torch.triu(inside[:, None] & inside[None, :]) & ~torch.triu(
                torch.ones_like(sums, dtype=torch.bool), 40
            )
            sums = torch.where(allowed, sums, torch.tensor(-1e9))
            first, last = divmod(int(sums.argmax()), sums.shape[1])
            nothing = out.start_logits[at][0] + out.end_logits[at][0]
            margin = float(sums.max() - nothing)
            if margin > best["margin"]:
                start, end = int(offsets[at][first][0]), int(offsets[at][last][1])
                best = {"margin": margin, "passage": at, "start": start, "end": end}
        best["seconds"] = time.perf_counter() - began
        print(json.dumps(best), flush=True)


def _sentence(hits: tuple[Hit, ...], found: dict[str, Any]) -> Stretch:
    """The sentence in which the middle of a span stands."""
    passage = hits[found["passage"]].passage
    middle = passage.start + (found["start"] + found["end"]) // 2
    sentence = min(
        passage.sentences, key=lambda s: 0 if s.start <= middle < s.end else abs(s.start - middle)
    )
    text = passage.text[sentence.start - passage.start : sentence.end - passage.start]
    return Stretch(passage.source, sentence.start, sentence.end, text)


def measure(questions: list[Question], layout: Path, limit_depth: int) -> dict[str, Column]:
    """All ways of reading, each question in turn by each of them."""
    base = Assistant.load()
    ways = {
        f"ours, depth {depth}": base.varied(read_depth=depth, abstain_below=0.0)
        for depth in DEPTHS
        if depth <= limit_depth
    }
    columns = {name: Column() for name in ways}
    columns["transformers loop, depth 5"] = Column()
    plain = Loop(layout, base.settings.threads)
    try:
        for question in questions:
            for name, assistant in ways.items():
                answer = assistant.ask(question.question)
                quotes = [
                    Stretch(c.quote.passage.source, c.quote.start, c.quote.end, c.quote.text)
                    for c in answer.citations[:1]
                ]
                right = any(is_right(q, question.quotes) for q in quotes)
                took = answer.timings_ms["read"] / 1000
                columns[name].add(question, right, answer.confidence, took)
            hits = base.search(question.question, top_k=5)
            found = plain.best(question.question, [hit.passage.text for hit in hits])
            right = is_right(_sentence(hits, found), question.quotes)
            columns["transformers loop, depth 5"].add(
                question, right, found["margin"], found["seconds"]
            )
    finally:
        plain.close()
    return columns


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--layout", type=Path, required=True, help="weights as transformers has it")
    parser.add_argument("--set", type=Path, default=Path("eval/seeds.jsonl"), dest="items")
    parser.add_argument("--depth", type=int, default=max(DEPTHS), help="the largest to measure")
    parser.add_argument("--threads", type=int, default=2, help=argparse.SUPPRESS)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        loop(args.layout, args.threads)
        return
    asked = read_set(args.items)
    assert isinstance(asked, QuestionSet)
    # Questions about the posts themselves are not read.
    questions = [q for q in asked.questions if q.kind != "about_post"]
    table = Table(title=f"{len(questions)} questions of {args.items}")
    for column in ("way", "right sentence", "AUROC", "median ms of reading", "95th percentile"):
        table.add_column(column)
    for name, way in measure(questions, args.layout, args.depth).items():
        table.add_row(*way.row(name))
    Console().print(table)


if __name__ == "__main__":
    main()
