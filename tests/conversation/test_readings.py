"""Written turns are taken for what was meant; questions that stand by themselves are left alone."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from askscwru.conversation.follow_up import Exchange, Shown, resolve
from askscwru.conversation.several import questions_in

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.readings import judged  # noqa: E402

HISTORIES = 20
LEAST = {  # the share that has to be right, by group and half
    ("first", "tune"): 0.9,
    ("first", "report"): 0.75,
    ("second", "tune"): 0.8,
    ("second", "report"): 0.65,
    ("third", "tune"): 0.6,
    ("third", "report"): 0.5,
}


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (ROOT / "eval" / name).read_text("utf-8").splitlines()]


def test_turns_are_taken_for_what_was_meant() -> None:
    right: Counter[tuple[str, str]] = Counter()
    many: Counter[tuple[str, str]] = Counter()
    for turn in judged():
        of = turn["group"], turn["split"]
        many[of] += 1
        right[of] += turn["ok"]
    assert many.keys() == LEAST.keys()
    assert all(many[of] >= 50 and right[of] / many[of] >= least for of, least in LEAST.items())


def test_a_question_that_stands_by_itself_is_the_same_after_any_history() -> None:
    talks = lines("conversations.jsonl")
    before = [
        [
            Exchange(
                turn["gold"],
                turn["gold"],
                tuple(
                    Shown("Bells", ("Ada Holm",), quote["text"], turn["answer"] or "")
                    for quote in turn["quotes"][:1]
                ),
            )
            for turn in talk["turns"][:4]
        ]
        for talk in talks[::3][:HISTORIES]
    ]
    alone = {one["question"] for one in lines("seeds.jsonl")}
    alone |= {
        turn["question"]
        for talk in talks
        for turn in talk["turns"]
        if turn["type"] in ("first", "change", "standalone")
    }
    assert len(before) == HISTORIES
    assert len(alone) > 400
    changed = {
        question: reading.question
        for question in {" ".join(question.split()) for question in alone}
        for history in before
        for reading in resolve(question, history)[:1]
        if reading.question != question
    }
    assert not changed
    apart = [one for one in alone if len(questions_in(" ".join(one.split()))) > 1]
    assert all(", and what does it" in one for one in apart)  # that one does ask two things
