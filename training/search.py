"""Other passages that a search brings for a training question: ``python -m training.search``.

``python -m training.search --data DATA --base BASE --posts ZIP --out searched.json.gz`` writes, by
set and question, the question itself and the passages among the sets' own and the posts' that BM25
and the encoder's cosine together rank first for it and that do not hold its answer.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from training.data import SQUAD2, Passage, path_of
from training.evidence import SEARCHED_SETS, Item, Sources, contains_answer, heading_of
from training.mix import Ranker

OTHERS = {"squad1_train_slices": 5000, "tydiqa_goldp_en": 800, "nq_qed_dev": 400}
"""How many questions of other sets are searched for."""
POOL = 40
"""How many passages each of both searches brings."""
KEPT = 6
LEXICAL_SHARE = 0.4
"""What the first place of BM25 adds to a passage's nearness, which is 1 for the nearest."""
_CHUNK = 750
"""Characters of a passage of a post, about."""
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_TITLE = re.compile(r"^title:\s*(.+)$", re.MULTILINE)
_MARKUP = re.compile(r"\{\{.*?\}\}|<[^>]+>|!\[[^\]]*\]\([^)]*\)|^#+ .*$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def post_passages(path: Path, wanted: set[str]) -> Iterator[tuple[str, str]]:
    """Title and text of the passages of the posts of these names."""
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if Path(name).name not in wanted:
                continue
            raw = archive.read(name).decode("utf-8", "replace")
            title = _TITLE.search(raw)
            body = _LINK.sub(r"\1", _MARKUP.sub(" ", _FRONT.sub("", raw)))
            held = ""
            for paragraph in (" ".join(p.split()) for p in re.split(r"\n\s*\n", body)):
                held = f"{held} {paragraph}".strip()
                if len(held) >= _CHUNK:
                    yield (title.group(1).strip("\"' ") if title else "", held[: 2 * _CHUNK])
                    held = ""
            if len(held) > 120:
                yield (title.group(1).strip("\"' ") if title else "", held)


def _vectors(model: SentenceTransformer, texts: list[str]) -> NDArray[np.float32]:
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    found = np.zeros((len(texts), 384), dtype=np.float32)
    for at in range(0, len(order), 64):
        some = order[at : at + 64]
        found[some] = model.encode(
            [texts[i][:700] for i in some],
            normalize_embeddings=True,
            batch_size=64,
            show_progress_bar=False,
        )
    return found


def _searched(
    asked: list[tuple[str, Item]], pool: list[tuple[str, str]], base: Path
) -> dict[str, list[tuple[str, str]]]:
    """For each question itself, and then the passages that both searches together rank first."""
    model = SentenceTransformer(str(base), device="cpu")
    model.max_seq_length = 128
    passages = _vectors(model, [f"{head}. {text}" for head, text in pool])
    questions = _vectors(model, [item.question.text for _, item in asked])
    ranker = Ranker([Passage("", str(n), text, ()) for n, (_, text) in enumerate(pool)])
    found = {}
    for (name, item), vector in zip(asked, questions, strict=True):
        near = (passages @ vector) / max(1e-6, float((passages @ vector).max()))
        scores = {int(n): float(near[n]) for n in np.argsort(-near)[:POOL]}
        for place, passage in enumerate(ranker.best(item.question.text, POOL)):
            number = int(passage.article)
            scores[number] = float(near[number]) + LEXICAL_SHARE * (1 - place / POOL)
        best = (pool[n] for n in sorted(scores, key=lambda n: -scores[n]))
        kept = [p for p in best if not _same(p[1], item) and not contains_answer(p[1], item)]
        found[f"{name}/{item.question.id}"] = [(item.question.text, ""), *kept[:KEPT]]
    return found


def _pool(
    sources: Sources, data: Path, posts: Path, named: Sequence[str], others: Sequence[str]
) -> list[tuple[str, str]]:
    """Heading and text of every passage that may be found, each text once.

    Args:
        sources: all sets.
        data: their folder.
        posts: the zip of posts.
        named: sets whose posts are taken whole.
        others: sets of which the passages are taken.
    """
    files: set[str] = set()
    for name in named:
        with gzip.open(path_of(data, name), "rt", encoding="utf-8") as handle:
            articles = json.load(handle)["data"]
        files |= {str(p.get("source", "")) for a in articles for p in a["paragraphs"]}
    pool = [
        (heading_of(name, passage), passage.text)
        for name in others
        for passage in sources.sets[name].passages
    ]
    pool += post_passages(posts, {name for name in files if name.endswith(".md")})
    return list({text: (head, text) for head, text in pool}.values())


def _questions(sources: Sources, rng: random.Random) -> list[tuple[str, Item]]:
    """What is searched for: all questions of the own sets, some of others."""
    asked = [
        (n, Item(p, q))
        for n in SEARCHED_SETS
        for p in sources.sets[n].passages
        for q in p.questions
    ]
    for name, count in OTHERS.items():
        items = [Item(p, q) for p in sources.sets[name].passages for q in p.questions]
        asked += [(name, i) for i in rng.sample([i for i in items if i.question.answers], count)]
    return asked


def main() -> None:
    """Search and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--posts", type=Path, required=True, help="zip of Markdown posts")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument(
        "--add",
        choices=SEARCHED_SETS,
        help="search for the questions of this set alone, among the own sets, and add to OUT",
    )
    args = parser.parse_args()
    sources = Sources(args.data)
    asked = _questions(sources, random.Random(args.seed))
    named, others = SEARCHED_SETS, (*SEARCHED_SETS, "squad1_train_slices", SQUAD2)
    found: dict[str, Any] = {}
    if args.add:
        named, others = (args.add,), SEARCHED_SETS
        asked = [(name, item) for name, item in asked if name == args.add]
        with gzip.open(args.out, "rt", encoding="utf-8") as handle:
            found = json.load(handle)
    pool = _pool(sources, args.data, args.posts, named, others)
    found |= _searched(asked, pool, args.base)
    with gzip.open(args.out, "wt", encoding="utf-8") as handle:
        json.dump(found, handle)
    print(f"{len(found)} questions, {len(pool)} passages")


def _same(text: str, item: Item) -> bool:
    """Whether a passage shares a stretch with the one that the question is about."""
    own = item.passage.text
    step = max(1, len(own) // 6)
    return text == own or any(
        " ".join(own[at : at + 50].split()) in text for at in range(0, max(1, len(own) - 50), step)
    )


if __name__ == "__main__":
    main()
