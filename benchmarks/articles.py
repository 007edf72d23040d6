"""How much of the articles on real pages is read, and how much that is none of theirs.

The pages and their measure are those of the article-extraction benchmark
(https://github.com/scrapinghub/article-extraction-benchmark): a folder with ``ground-truth.json``
(``articleBody`` of each page) and ``html/NAME.html.gz``. Compared are the runs of four words of the
article and of what was read; precision and recall are averaged over the pages. trafilatura, which
the readers use too, is measured in the same run::

    python benchmarks/articles.py PATH [--worst 20] [--json FILE]

Each page is read as a source by itself, without its address, as if it had been saved alone.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import trafilatura

from askscwru.ingest.found import Document, SourceFile
from askscwru.ingest.manifest import SeedsManifest
from askscwru.ingest.readers import Readers
from askscwru.types import BlockKind

_WORD = re.compile(r"\w+")
_RUN = 4
_LOST = 0.1
_TEXT = frozenset(BlockKind) - {BlockKind.TITLE, BlockKind.BYLINE}


@dataclass(frozen=True, slots=True)
class Score:
    """One page: the shares of runs that are right, that are foreign, and that are missing."""

    name: str
    right: float
    foreign: float
    missing: float
    seconds: float

    @property
    def precision(self) -> float:
        """How much of what was read is of the article; nothing read counts as none."""
        return self.right / (self.right + self.foreign) if self.right + self.foreign else 0.0

    @property
    def recall(self) -> float:
        """How much of the article was read."""
        return self.right / (self.right + self.missing) if self.right + self.missing else 1.0


def runs(text: str) -> Counter[tuple[str, ...]]:
    """The runs of four words of a text, case and all; of a shorter text the text."""
    words = _WORD.findall(text)
    count = max(1, len(words) - _RUN + 1) if words else 0
    return Counter(tuple(words[at : at + _RUN]) for at in range(count))


def score(name: str, article: str, read: str, seconds: float) -> Score:
    """One page's score; a page counts the same however long it is."""
    truth, found = runs(article), runs(read)
    parts = (truth & found).total(), (found - truth).total(), (truth - found).total()
    whole = max(1, sum(parts))
    right, foreign, missing = (part / whole for part in parts)
    return Score(name, right, foreign, missing, seconds)


def ours(name: str, data: bytes) -> str:
    """The text of the posts that the readers find on a page."""
    file = SourceFile(f"{name}.html", Path(f"{name}.html"), "")
    [read] = Readers(SeedsManifest()).read(file, data)
    if not isinstance(read, Document):
        return ""
    return "\n".join(
        read.text[block.start : block.end]
        for post in read.posts
        for block in post.blocks
        if block.kind in _TEXT
    )


def theirs(_: str, data: bytes) -> str:
    """What trafilatura alone takes for the text."""
    return trafilatura.extract(data.decode("utf-8", "replace"), include_comments=False) or ""


def measure(folder: Path, extract: Callable[[str, bytes], str]) -> list[Score]:
    """The score of each page of the benchmark's folder."""
    scores = []
    for name, told in json.loads((folder / "ground-truth.json").read_bytes()).items():
        data = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        began = time.perf_counter()
        read = extract(name, data)
        scores.append(score(name, told["articleBody"], read, time.perf_counter() - began))
    return scores


def row(label: str, scores: list[Score]) -> dict[str, object]:
    """What the table says of one extractor."""
    read = [one.precision for one in scores if one.right + one.foreign]
    precision, recall = statistics.mean(read), statistics.mean(one.recall for one in scores)
    return {
        "reader": label,
        "pages": len(scores),
        "f1": round(2 * precision * recall / (precision + recall), 4),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "lost": sum(one.recall < _LOST for one in scores),
        "ms_per_page": round(1000 * statistics.mean(one.seconds for one in scores), 1),
    }


def main() -> None:
    """Prints the table, and the pages that are read worst."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", metavar="PATH", type=Path)
    parser.add_argument("--worst", metavar="N", type=int, default=10)
    parser.add_argument("--json", metavar="FILE", type=Path)
    told = parser.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = {"askscwru": measure(told.folder, ours), "trafilatura": measure(told.folder, theirs)}
    rows = [row(label, scores) for label, scores in found.items()]
    print("| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]))
    for one in rows:
        print("| " + " | ".join(str(value) for value in one.values()) + " |")
    beside = {one.name: one for one in found["trafilatura"]}
    for one in sorted(found["askscwru"], key=lambda s: s.precision + s.recall)[: told.worst]:
        other = beside[one.name]
        print(
            f"{one.name[:12]} precision {one.precision:.2f} recall {one.recall:.2f}"
            f" (trafilatura {other.precision:.2f} {other.recall:.2f})"
        )
    if told.json:
        told.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
