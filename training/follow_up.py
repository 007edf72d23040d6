"""Which terms of the history a question needs: rules, a fitted classifier, and simple baselines.

The task is the one of Voskarides et al., "Query Resolution for Conversational Search with Limited
Supervision" (SIGIR 2020): of the terms of the earlier turns, find those that a person's rewriting
of the question has and the question itself lacks. Terms are compared as the lexical index stems
them. The classifier is a logistic regression over a dozen features of a term, among them whether
the rules add it; it is fitted on conversations that are not measured.

    python -m training.follow_up --data DATA/follow_up/rewrites.jsonl.gz

prints precision, recall and F1 over all added terms of each set, and how often questions that
stand by themselves were left alone. Needs scikit-learn, which sentence-transformers brings.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from askscwru.conversation.follow_up import Exchange, Shown, resolve
from askscwru.conversation.follow_up.context import Context
from askscwru.conversation.follow_up.phrases import parse
from askscwru.conversation.follow_up.words import Role
from askscwru.index.lexical import analyse

ANSWERED = ("canard_dev", "gecor_coreference", "gecor_ellipsis", "ikat2023_test", "ikat2023_train")
"""The sets whose histories have answers between the questions."""
FITTED_ON = ("gecor_coreference", "gecor_ellipsis", "followup_train", "ikat2023_train")
MEASURED_ON = ("canard_dev", "cast2019", "cast2020", "ikat2023_test", "followup_test")
REACH = 6
SHORT = 9
"""Words: an answer up to this length is taken to be what was marked."""
FEATURES = (
    "first reading", "any reading", "last question", "last answer", "opening", "times", "age",
    "capital", "topic", "pronoun", "pronoun and topic", "content words", "short and topic",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """A question with what was said before it, and a person's rewriting."""

    src: str
    talk: str
    history: tuple[str, ...]
    question: str
    rewrite: str

    @property
    def held_out(self) -> bool:
        """Whether it is measured: half of CANARD's conversations, and all of the other sets."""
        if self.src != "canard_dev":
            return self.src in MEASURED_ON
        return hashlib.sha256(self.talk.encode()).digest()[0] % 2 == 0


def read_items(path: Path) -> list[Item]:
    """The items of the file, in its order."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Item(
            row["src"],
            row["id"].rsplit("/", 1)[0].rsplit("_", 1)[0],
            tuple(row["history"]),
            " ".join(row["question"].split()),
            row["rewrite"],
        )
        for row in rows
    ]


@lru_cache(maxsize=200_000)
def exchanges(src: str, history: tuple[str, ...]) -> tuple[Exchange, ...]:
    """The history as turns, each question resolved against those before it."""
    if not history:
        return ()
    step = 2 if src in ANSWERED else 1
    before = exchanges(src, history[:-step])
    question = " ".join(history[-step].split()) if len(history) >= step else history[0]
    answer = history[-1] if step == 2 and len(history) >= step else ""
    marked = answer.rstrip(".") if len(answer.split()) <= SHORT else ""
    shown = (Shown(None, (), answer, marked),) if answer else ()
    searched = resolve(question, before[-8:])[0].question if before else question
    return (*before, Exchange(question, searched, shown))


def wanted_terms(item: Item) -> set[str]:
    """The terms of the history that the rewriting has and the question lacks."""
    known = set(analyse(" ".join(item.history)))
    return (set(analyse(item.rewrite)) - set(analyse(item.question))) & known


def by_rules(item: Item) -> set[str]:
    """What the likeliest reading adds, without trying any on posts."""
    first = resolve(item.question, exchanges(item.src, item.history))[0]
    return set(first.added) & set(analyse(" ".join(item.history)))


def by_copying_last(item: Item) -> set[str]:
    """All of the previous question."""
    before = exchanges(item.src, item.history)
    return set(analyse(before[-1].question)) - set(analyse(item.question)) if before else set()


def by_copying_all(item: Item) -> set[str]:
    """All questions (and a conversation's title)."""
    before = exchanges(item.src, item.history)
    said = " ".join(one.question for one in before)
    return set(analyse(said)) - set(analyse(item.question))


def candidates(item: Item) -> tuple[list[str], np.ndarray]:
    """The terms of the last turns with their features, shape ``(terms, len(FEATURES))``."""
    near = exchanges(item.src, item.history)[-REACH:]
    if not near:
        return [], np.empty((0, len(FEATURES)))
    own = set(analyse(item.question))
    readings = resolve(item.question, near)
    first, anyhow = set(readings[0].added), {t for r in readings for t in r.added}
    topic = set(analyse(Context.of(near).topic))
    last_question = set(analyse(near[-1].question))
    last_answer = set(analyse(" ".join(s.quote for s in near[-1].shown)))
    opening = set(analyse(item.history[0]))
    capital = {t for text in item.history for w in text.split()[1:] if w[:1].isupper()
               for t in analyse(w)}  # fmt: skip
    pronoun = any(w.role is Role.PRONOUN or w.low in ("this", "that", "its", "their", "his", "her")
                  for w in parse(item.question).words)  # fmt: skip
    ages: dict[str, int] = {}
    times: dict[str, int] = {}
    for age, one in enumerate(reversed(near)):
        for term in analyse(" ".join([one.searched_for, *(s.quote for s in one.shown)])):
            ages.setdefault(term, age)
            times[term] = times.get(term, 0) + 1
    for term in opening:
        ages.setdefault(term, REACH)
        times.setdefault(term, 1)
    terms = sorted(set(ages) - own)
    rows = [
        [
            t in first, t in anyhow, t in last_question, t in last_answer, t in opening,
            min(5, times[t]), ages[t], t in capital, t in topic, pronoun, pronoun and t in topic,
            min(6, len(own)), len(own) <= 1 and t in topic,
        ]
        for t in terms
    ]  # fmt: skip
    return terms, np.array(rows, dtype=float).reshape(-1, len(FEATURES))


def fit(items: Sequence[Item]) -> Callable[[Item], set[str]]:
    """The classifier, with the threshold that gives the best F1 on what it was fitted on."""
    found = [(item, *candidates(item)) for item in items]
    x = np.concatenate([rows for _, _, rows in found])
    y = np.concatenate(
        [[t in wanted_terms(item) for t in terms] for item, terms, _ in found]
    ).astype(int)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, random_state=13))
    model.fit(x, y)
    sure = model.predict_proba(x)[:, 1]
    levels = np.arange(0.1, 0.9, 0.02)
    scores = [2 * (y * (sure >= v)).sum() / max(1, y.sum() + (sure >= v).sum()) for v in levels]
    level = float(levels[int(np.argmax(scores))])
    weights = dict(zip(FEATURES, model[-1].coef_[0].round(2).tolist(), strict=True))
    print(f"fitted on {len(items)} questions, threshold {level:.2f}, weights {weights}\n")

    def choose(item: Item) -> set[str]:
        terms, rows = candidates(item)
        if not terms:
            return set()
        chosen = model.predict_proba(rows)[:, 1] >= level
        return {term for term, yes in zip(terms, chosen, strict=True) if yes}

    return choose


def measure(items: Iterable[Item], choose: Callable[[Item], set[str]]) -> dict[str, float]:
    """Micro-averaged precision, recall and F1; the share of stand-alone questions left alone."""
    right = said = wanted = alone = kept = 0
    began, count = time.perf_counter(), 0
    for item in items:
        gold, ours = wanted_terms(item), choose(item)
        right, said, wanted = right + len(gold & ours), said + len(ours), wanted + len(gold)
        count += 1
        if item.history and set(analyse(item.rewrite)) <= set(analyse(item.question)):
            alone += 1
            kept += not ours
    precision, recall = right / max(1, said), right / max(1, wanted)
    return {
        "P": precision,
        "R": recall,
        "F1": 2 * right / max(1, said + wanted),
        "left alone": kept / max(1, alone),
        "ms": 1000 * (time.perf_counter() - began) / max(1, count),
    }


def main() -> None:
    """Fits, measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True, help="rewrites.jsonl.gz")
    items = [item for item in read_items(parser.parse_args().data) if item.history]
    fitted = [item for item in items if not item.held_out and item.src != "followup_test"]
    methods = {
        "previous question": by_copying_last,
        "all questions": by_copying_all,
        "rules": by_rules,
        "classifier": fit(fitted),
    }
    print(f"{'set':15} {'n':>5}  {'method':18} {'P':>6} {'R':>6} {'F1':>6} {'left alone':>11}")
    for src in MEASURED_ON:
        some = [item for item in items if item.src == src and item.held_out]
        for name, choose in methods.items():
            got = measure(some, choose)
            print(
                f"{src:15} {len(some):5}  {name:18} {got['P']:6.3f} {got['R']:6.3f}"
                f" {got['F1']:6.3f} {got['left alone']:11.3f}"
            )


if __name__ == "__main__":
    main()
