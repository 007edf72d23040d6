"""How quick a follow-up is resolved, and what resolving does to questions that need none.

``python benchmarks/follow_up.py`` measures, in one run and one process:

* resolving alone, the readings of a question from the words of the turns before it, and resolving
  with the store's reading and writing, after 5 and after 200 turns;
* whole questions with the trial searches, in a conversation and each by itself;
* questions that stand by themselves, each after some other conversation and in a fresh one: how
  many were right in the one and not in the other.

``--json FILE`` keeps the figures.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from askscwru import Assistant
from askscwru.conversation.follow_up import resolve
from askscwru.conversation.history import RECENT, exchanges_of
from askscwru.conversation.store import Store
from askscwru.evaluate.match import Stretch, is_right
from askscwru.evaluate.sets import ConversationSet, Question, QuestionSet, read_set
from askscwru.types import Answer, Turn

LENGTHS = (5, 200)
STANDING = ("first", "change", "standalone")
"""The kinds of turn that need nothing from the turns before them."""


def milliseconds(done: Callable[[], object]) -> float:
    """How long one call took."""
    began = time.perf_counter()
    done()
    return (time.perf_counter() - began) * 1000


def turns_of(assistant: Assistant, talks: ConversationSet, many: int) -> list[Turn]:
    """As many turns as are asked for, as the program answered them."""
    asked: list[Turn] = []
    for talk in talks.conversations:
        known = None
        for turn in talk.turns:
            known = assistant.ask(turn.question, conversation_id=known).conversation_id
        asked += assistant.store.conversation(known or "").turns
        if len(asked) >= many:
            break
    return asked[:many]


def resolving(turns: Sequence[Turn], questions: Sequence[str], folder: Path) -> dict[str, Any]:
    """Median milliseconds of resolving, and of reading and appending a turn, by length."""
    figures: dict[str, Any] = {}
    for length in LENGTHS:
        store = Store(folder / f"{length}.sqlite3")
        for turn in turns[:length]:
            store.append("talk", turn)
        words: list[float] = []
        reading: list[float] = []
        for question in questions:
            reading.append(milliseconds(lambda s=store: s.recent("talk", RECENT)))
            before = exchanges_of(store.recent("talk", RECENT))
            words.append(milliseconds(lambda q=question, b=before: resolve(q, b)))
        writing = [milliseconds(lambda s=store, t=turn: s.append("talk", t)) for turn in turns[:40]]
        store.close()
        figures[f"{length} turns"] = {
            "resolve": statistics.median(words),
            "resolve_p95": statistics.quantiles(words, n=20)[-1],
            "read": statistics.median(reading),
            "append": statistics.median(writing),
        }
    return figures


def whole(assistant: Assistant, talks: ConversationSet) -> dict[str, float]:
    """Median milliseconds of the follow-ups, in their conversation and each by itself."""
    together: list[float] = []
    alone: list[float] = []
    for talk in talks.conversations:
        known = None
        for turn in talk.turns:
            answer = assistant.ask(turn.question, conversation_id=known)
            known = answer.conversation_id
            if turn.kind not in STANDING:
                together.append(answer.timings_ms["total"])
                alone.append(assistant.ask(turn.gold or turn.question).timings_ms["total"])
    return {
        "in conversation": statistics.median(together),
        "rewritten, by itself": statistics.median(alone),
        "trial searches": statistics.median(a - b for a, b in zip(together, alone, strict=True)),
    }


def is_answered_right(question: Question, answer: Answer) -> bool:
    """As ``askscwru eval`` counts it: the right sentence first, or rightly refused."""
    if not question.answerable:
        return not answer.answered
    stretches = [
        Stretch(c.quote.passage.source, c.quote.start, c.quote.end, c.quote.text)
        for c in answer.citations[:1]
    ]
    return any(is_right(stretch, question.quotes) for stretch in stretches)


def standing(
    assistant: Assistant, talks: ConversationSet, questions: Sequence[Question]
) -> dict[str, int]:
    """What becomes of questions that stand by themselves after other conversations."""
    counts = {"questions": 0, "searched otherwise": 0, "better": 0, "worse": 0}
    for at, question in enumerate(questions):
        talk = talks.conversations[at % len(talks.conversations)]
        known = None
        for turn in talk.turns[: 1 + at % 3]:
            known = assistant.ask(turn.question, conversation_id=known).conversation_id
        after = assistant.ask(question.question, conversation_id=known)
        fresh = assistant.ask(question.question)
        counts["questions"] += 1
        counts["searched otherwise"] += after.searched_for != fresh.searched_for
        gained = is_answered_right(question, after) - is_answered_right(question, fresh)
        counts["better"] += gained > 0
        counts["worse"] += gained < 0
    return counts


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--talks", type=Path, default=Path("eval/conversations.jsonl"))
    parser.add_argument("--questions", type=Path, default=Path("eval/seeds.jsonl"))
    parser.add_argument("--split", choices=("tune", "report"), default="report")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    talks, asked = read_set(options.talks), read_set(options.questions)
    assert isinstance(talks, ConversationSet)
    assert isinstance(asked, QuestionSet)
    chosen = tuple(t for t in talks.conversations if t.turns[0].split == options.split)
    some = ConversationSet(talks.name, talks.sha256, chosen)
    assistant = Assistant.load()
    questions = [turn.question for talk in chosen for turn in talk.turns]
    with tempfile.TemporaryDirectory() as folder:
        turns = turns_of(assistant, talks, max(LENGTHS))
        figures = {"milliseconds": resolving(turns, questions, Path(folder))}
    figures["whole questions, milliseconds"] = whole(assistant, some)
    figures["standing by themselves"] = standing(
        assistant, some, [q for q in asked.questions if q.split == options.split]
    )
    assistant.close()
    table = Table("what", "figure", box=None)
    for group, content in figures.items():
        for name, value in content.items():
            inner = value if isinstance(value, dict) else {"": value}
            for which, number in inner.items():
                table.add_row(f"{group}: {name} {which}", f"{number:.4g}")
    Console().print(table)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
