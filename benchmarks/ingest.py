"""Merging near-duplicates at size: recall, precision, time and memory from 1,000 to 20,000 posts.

Three posts in ten are copies of an earlier one, as they come about in saved blogs: an opening cut
off in an archive, the whole with another byline or a line of furniture before or after it, a few
words corrected, a new title. One in twenty is no copy although it looks like one: the next year's
report on the same pattern, or a rewritten post.

The peer is datasketch's MinHash LSH (128 permutations, threshold 0.5), whose candidates are decided
by rapidfuzz alone. It is run in the same process on the same words::

    python benchmarks/ingest.py [--sizes 1000,5000,20000] [--no-peer]
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from askscwru.ingest.compose import Composer, Facts, Part
from askscwru.ingest.merge import Copy, copy_of, merge
from askscwru.types import Post, Source

SIZES = (1_000, 2_000, 5_000, 10_000, 20_000)
SEED = 20_260_101
WORDS = 6_000
SENTENCE = (8, 24)
DUPLICATES = 0.30
LOOKALIKES = 0.05


@dataclass(frozen=True)
class Made:
    """One synthetic occurrence."""

    family: int
    """Occurrences of one family are one post."""
    title: str
    sentences: tuple[str, ...]
    complete: bool = True


def vocabulary(rng: random.Random) -> list[str]:
    """Made-up words; the first are used far more often than the last, as in any language."""
    parts = "ba ke lo mi nu ra se ti vo wa xe ya zo pri sta gro fel mon tar lin dor sul".split()
    return ["".join(rng.choices(parts, k=rng.randint(1, 4))) for _ in range(WORDS)]


def sentence(rng: random.Random, words: list[str]) -> str:
    """Words and a figure."""
    chosen = [words[int(len(words) * rng.random() ** 3)] for _ in range(rng.randint(*SENTENCE))]
    return f"{' '.join(chosen).capitalize()} {rng.randint(2, 9999)}."


def original(rng: random.Random, words: list[str], family: int) -> Made:
    """A post that is no copy."""
    title = " ".join(rng.choices(words[:2000], k=rng.randint(3, 8))).capitalize()
    return Made(family, title, tuple(sentence(rng, words) for _ in range(rng.randint(8, 40))))


def copied(rng: random.Random, words: list[str], whole: Made) -> Made:
    """A copy as blogs have them."""
    sentences = list(whole.sentences)
    kind = rng.randrange(5)
    if kind == 0:
        return replace(whole, sentences=tuple(sentences[: rng.randint(2, 5)]), complete=False)
    if kind == 1:
        sentences = [sentence(rng, words), *sentences, sentence(rng, words)]
    elif kind == 2:
        for _ in range(max(1, len(sentences) // 20)):
            at = rng.randrange(len(sentences))
            told = sentences[at].split()
            told[rng.randrange(len(told) - 1)] = rng.choice(words)
            sentences[at] = " ".join(told)
    elif kind == 3:
        return replace(whole, title=f"Repost: {whole.title}")
    return replace(whole, sentences=tuple(sentences))


def lookalike(rng: random.Random, words: list[str], whole: Made, family: int) -> Made:
    """Another post on the same pattern: half of its sentences are new, or all of its figures."""
    if rng.random() < 0.5:
        kept = [s if n % 2 else sentence(rng, words) for n, s in enumerate(whole.sentences)]
    else:
        kept = [f"{s.rsplit(' ', 1)[0]} {rng.randint(10_000, 99_999)}." for s in whole.sentences]
    return Made(family, whole.title, tuple(kept))


def occurrences(count: int) -> list[Made]:
    """``count`` occurrences in a random order; the same for the same count."""
    rng = random.Random(SEED)
    words = vocabulary(rng)
    made: list[Made] = []
    for family in range(count):
        chance = rng.random()
        if len(made) > 20 and chance < DUPLICATES:
            made.append(copied(rng, words, rng.choice([m for m in made[-400:] if m.complete])))
        elif len(made) > 20 and chance < DUPLICATES + LOOKALIKES:
            made.append(lookalike(rng, words, rng.choice(made[-400:]), family))
        else:
            made.append(original(rng, words, family))
    rng.shuffle(made)
    return made


def copies_of(made: Sequence[Made]) -> tuple[list[Copy], dict[str, str]]:
    """The occurrences as the readers hand them on, one source each."""
    copies, texts = [], {}
    for number, one in enumerate(made):
        composer = Composer()
        facts = Facts(title=one.title, complete=one.complete)
        parts = [
            Part(" ".join(one.sentences[at : at + 4])) for at in range(0, len(one.sentences), 4)
        ]
        post = composer.add(facts, parts)
        name = f"{number:06}.html"
        texts[name] = composer.text
        source = Source(name=name, sha256="", characters=len(composer.text), format="html")
        copies.append(copy_of(source, composer.text, post, number))
    return copies, texts


def pairs(groups: Sequence[Sequence[int]]) -> set[tuple[int, int]]:
    """Every pair of occurrences that stand in one group."""
    return {(one, other) for group in groups for one in group for other in group if one < other}


def quality(found: set[tuple[int, int]], true: set[tuple[int, int]]) -> dict[str, float]:
    """Share of the true pairs that were found, and of the found pairs that are true."""
    both = len(found & true)
    return {
        "recall": round(both / len(true), 4),
        "precision": round(both / max(1, len(found)), 4),
    }


def groups_of(posts: Sequence[Post]) -> list[list[int]]:
    """The numbers of the occurrences of each post."""
    return [
        [int(name[:6]) for name in (post.source, *(place.source for place in post.also_in))]
        for post in posts
    ]


def peer(copies: Sequence[Copy]) -> list[list[int]]:
    """The MinHash LSH of datasketch; a candidate is a copy where rapidfuzz finds 0.9 of it."""
    from datasketch import MinHash, MinHashLSH
    from rapidfuzz.distance import LCSseq

    index = MinHashLSH(threshold=0.5, num_perm=128)
    groups: list[list[int]] = []
    for at in sorted(range(len(copies)), key=lambda n: -len(copies[n].words)):
        words = copies[at].words
        sketch = MinHash(num_perm=128)
        sketch.update_batch(
            [" ".join(words[n : n + 5]).encode() for n in range(max(1, len(words) - 4))]
        )
        for group in index.query(sketch):
            full = copies[groups[group][0]].words
            if LCSseq.similarity(words, full) >= 0.9 * len(words):
                groups[group].append(at)
                break
        else:
            index.insert(len(groups), sketch)
            groups.append([at])
    return groups


def peak_mb() -> float:
    """The most memory that this process has held, in megabytes."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def measure(size: int, *, with_peer: bool) -> dict[str, object]:
    """One line of the table."""
    made = occurrences(size)
    families: dict[int, list[int]] = defaultdict(list)
    for at, one in enumerate(made):
        families[one.family].append(at)
    true = pairs(list(families.values()))
    began = time.process_time()
    copies, texts = copies_of(made)
    prepared = time.process_time() - began
    began = time.process_time()
    posts = merge(copies, texts)
    merged = time.process_time() - began
    line: dict[str, object] = {
        "occurrences": size,
        "true_pairs": len(true),
        "prepare_s": round(prepared, 2),
        "merge_s": round(merged, 2),
        "merge_ms_each": round(1000 * merged / size, 3),
        "peak_mb": round(peak_mb()),
        **quality(pairs(groups_of(posts)), true),
    }
    if with_peer:
        began = time.process_time()
        found = pairs(peer(copies))
        took = time.process_time() - began
        line |= {"peer_s": round(took, 2), "ratio": round(merged / took, 2)}
        line |= {f"peer_{name}": value for name, value in quality(found, true).items()}
    return line


def main() -> None:
    """Prints one JSON line for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args()
    for size in map(int, options.sizes.split(",")):
        print(json.dumps(measure(size, with_peer=not options.no_peer)), flush=True)


if __name__ == "__main__":
    main()
