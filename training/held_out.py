"""What no training run sees, as one reading set: ``python -m training.held_out``.

``python -m training.held_out --data DATA --part fit --out fit.json`` writes the passages of
``written`` that are kept for fitting (or, with ``--part measure``, for measuring) in SQuAD's
layout. The accepted answers are the whole sentences that answer, so that ``askscwru eval FILE``
asks whether the right sentence is quoted. ``--part fit`` adds held-out questions of other sets,
since a confidence that has seen one kind of question means nothing for another.
"""

from __future__ import annotations

import argparse
import json
import random
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.data import SQUAD2, Passage, held_out_articles, is_held_out
from training.evidence import (
    GROUPED_BY_TEXT,
    OWN_SETS,
    WRITTEN,
    WRITTEN_MORE,
    Source,
    heading_of,
    part,
    passage_key,
    read_with_evidence,
)

FIRST_SETS = (WRITTEN, WRITTEN_MORE)
"""Those that are taken where no others are named."""
OTHERS = {
    "tydiqa_goldp_en": 110,
    "nq_qed_dev": 50,
    "selqa_ass": 40,
    "squadshifts_new_wiki": 110,
    "squad2_train_pairs_lowercase": 130,
}
"""How many held-out questions of other sets are fitted on as well."""


def held_out(folder: Path, name: str) -> tuple[Source, list[Passage]]:
    """A set, and those of its passages that ``evidence.Sources`` keeps from training."""
    source = read_with_evidence(folder, name)
    if name in GROUPED_BY_TEXT:
        kept = [p for p in source.passages if zlib.crc32(p.text.encode()) % 5 == 0]
    else:
        articles = held_out_articles(read_with_evidence(folder, SQUAD2).passages)
        kept = [p for p in source.passages if is_held_out(p, articles)]
    return source, [p for p in kept if p.questions]


def paragraph(name: str, source: Source, passage: Passage) -> dict[str, Any]:
    """A passage with its questions, in SQuAD's layout."""
    questions = []
    for question in passage.questions:
        spans = source.evidence.get(question.id) or question.answers
        questions.append(
            {
                "id": question.id,
                "question": question.text,
                "kind": source.kinds[question.id] if name in OWN_SETS else name,
                "is_impossible": not question.answers,
                "answers": [
                    {"text": passage.text[s.start : s.end], "answer_start": s.start} for s in spans
                ]
                if question.answers
                else [],
            }
        )
    return {"context": passage.text, "qas": questions}


def collect(
    folder: Path, which: str, sets: Sequence[str] = FIRST_SETS, seed: int = 13
) -> list[dict[str, Any]]:
    """The articles of a part; each passage is an article of its own."""
    rng = random.Random(seed)
    own = {name: read_with_evidence(folder, name) for name in sets}
    chosen = [
        (name, source, p)
        for name, source in own.items()
        for p in source.passages
        if p.questions
        and part(passage_key(p.questions[0].id)) == which
        and source.kinds[p.questions[0].id] != "added"  # of the same passage, which stands there
    ]
    for name, count in OTHERS.items() if which == "fit" else ():
        source, passages = held_out(folder, name)
        rng.shuffle(passages)
        taken = 0
        for passage in passages:
            if taken < count and len(passage.text) < 4000:
                taken += len(passage.questions[:4])
                chosen.append((name, source, _fewer(passage)))
    return [
        {"title": heading_of(name, passage), "paragraphs": [paragraph(name, source, passage)]}
        for name, source, passage in chosen
    ]


def _fewer(passage: Passage) -> Passage:
    return Passage(passage.source, passage.article, passage.text, passage.questions[:4])


def main() -> None:
    """Write the set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=("fit", "measure"), required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", choices=OWN_SETS, default=FIRST_SETS)
    args = parser.parse_args()
    articles = collect(args.data, args.part, args.sets)
    args.out.write_text(json.dumps({"version": "2.0", "data": articles}), encoding="utf-8")
    asked = [q for a in articles for p in a["paragraphs"] for q in p["qas"]]
    print(f"{len(articles)} passages, {len(asked)} questions")


if __name__ == "__main__":
    main()
