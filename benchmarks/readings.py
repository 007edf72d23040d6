"""How often a turn is taken for what was meant, from the words of the turns before it alone.

``python benchmarks/readings.py [eval/readings.jsonl]`` resolves each turn after the turns before it
as they were meant (no search, no reader) and compares the likeliest reading with those that count
as right: the same content terms, whatever their order. ``--show`` prints what was wrong.

A set is one conversation a line: ``title`` and ``authors`` of the post, and ``turns`` with the
``question``, what counts as ``right`` (the first is what later turns follow), and the ``quote`` and
``highlight`` that it was answered with. ``@remark``, ``@shorter`` and so on stand for what is done
instead of searching; " || " joins the questions of a turn that asks several. A ``group`` tells what
was written later, by somebody who had not read the rules, from what was written first.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from askscwru.conversation.follow_up import Change, Exchange, Shown, resolve
from askscwru.conversation.several import questions_in
from askscwru.index.lexical import analyse

SET = Path(__file__).parent.parent / "eval" / "readings.jsonl"
INSTEAD = {
    "@remark": Change.REMARK,
    "@shorter": Change.SHORTER,
    "@full": Change.FULL,
    "@where": Change.WHERE,
    "@others": Change.OTHERS,
}
JOINT = " || "
FIRST = "first"


def taken_for(question: str, before: list[Exchange]) -> tuple[str, Change]:
    """The likeliest reading of a turn, several questions joined, and what was done to the last."""
    texts, known, change = [], list(before), Change.NONE
    for one in questions_in(question):
        reading = resolve(one, known)[0]
        texts.append(reading.question)
        known.append(Exchange(one, reading.question))
        change = reading.change
    return JOINT.join(texts), change


def is_right(text: str, change: Change, right: list[str]) -> bool:
    """Whether a reading is among those that count."""
    if any(INSTEAD.get(one) is change for one in right):
        return True
    parts = [set(analyse(part)) for part in text.split(JOINT)]
    return any([set(analyse(part)) for part in one.split(JOINT)] == parts for one in right)


def judged(path: Path = SET) -> Iterator[dict[str, Any]]:
    """Each turn that has one before it, with the reading and whether it is right."""
    for line in path.read_text(encoding="utf-8").splitlines():
        talk = json.loads(line)
        before: list[Exchange] = []
        for turn in talk["turns"]:
            question, right = turn["question"], turn["right"]
            if before:
                text, change = taken_for(question, before)
                ok = is_right(text, change, right)
                of = {"split": talk["split"], "group": talk.get("group", FIRST)}
                yield {**turn, **of, "taken": text, "change": change, "ok": ok}
            meant = right[0] if right[0] not in INSTEAD else before[-1].searched_for
            shown = ()
            if "quote" in turn:
                authors = tuple(talk["authors"])
                shown = (Shown(talk["title"], authors, turn["quote"], turn["highlight"]),)
            if right[0] not in INSTEAD:
                before += [Exchange(one, one) for one in meant.split(JOINT)[:-1]]
                before.append(Exchange(question, meant.split(JOINT)[-1], shown))
    return


def main() -> None:
    """Prints the share right by group and half; with ``--show`` each turn that is not."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("set", nargs="?", type=Path, default=SET)
    parser.add_argument("--show", choices=("tune", "report"), action="append", default=[])
    options = parser.parse_args()
    turns = list(judged(options.set))
    for group, split in sorted({(turn["group"], turn["split"]) for turn in turns}):
        own = [turn for turn in turns if (turn["group"], turn["split"]) == (group, split)]
        right = sum(turn["ok"] for turn in own)
        print(f"{group}, {split}: {right} of {len(own)} right ({right / len(own):.3f})")
        for turn in own:
            if not turn["ok"] and split in options.show:
                print(f"  {turn['question']} -> {turn['taken']} [{turn['change']}]")
                print(f"      {turn['right'][0]}")


if __name__ == "__main__":
    main()
