"""A Milvus server beside the files: what questions cost, and whether they find the same.

Over the index of the settings (the seeds, say), or over a corpus of made posts (``--pages``, as in
``scale.py``), each address is first given the index, then asked what the files are asked, question
by question in one run, so that what else the machine does falls on all alike::

    python benchmarks/served.py http://127.0.0.1:19530/one http://127.0.0.1:19531/two
    python benchmarks/served.py ADDRESS --pages PAGES.zip --posts 20000 --work FOLDER

The database of an address must be there, and is overwritten. Times are wall clock, milliseconds,
median and 95th percentile; ``cpu`` is the asking process alone. ``same`` counts questions of which
the first fifty passages are those of the files, equal scores aside; ``recall`` is the share of the
exact first fifty.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from askscwru import Assistant
from askscwru.addresses import MilvusAddress
from askscwru.answering.filters import posts_within
from askscwru.index.generation import Index, generations_folder
from askscwru.index.publish import publish
from askscwru.settings import Settings
from askscwru.types import Filters
from benchmarks.scale import Made, Material, write

ROOT = Path(__file__).resolve().parents[1]
DEEP = 50
FILES = "files"


def asked(many: int) -> list[str]:
    """Real questions, each once."""
    lines = (ROOT / "eval" / "seeds.jsonl").read_text("utf-8").splitlines()
    found = [one["question"] for one in map(json.loads, lines) if "question" in one]
    return list(dict.fromkeys(found))[:many]


def side_by_side(
    works: dict[str, Callable[[Any], Any]], inputs: Sequence[Any]
) -> dict[str, dict[str, float]]:
    """What each store takes for every input, one store after the other, in turning order."""
    names = list(works)
    wall: dict[str, list[float]] = {name: [] for name in names}
    cpu: dict[str, list[float]] = {name: [] for name in names}
    for at, one in enumerate(inputs):
        for name in names[at % len(names) :] + names[: at % len(names)]:
            began, burnt = time.perf_counter(), time.process_time()
            works[name](one)
            wall[name].append(1000 * (time.perf_counter() - began))
            cpu[name].append(1000 * (time.process_time() - burnt))
    return {
        name: {
            "median": round(float(np.median(wall[name])), 2),
            "p95": round(float(np.percentile(wall[name], 95)), 2),
            "cpu": round(float(np.median(cpu[name])), 2),
        }
        for name in names
    }


def exact(index: Index, vectors: Any) -> list[Any]:
    """Rows and cosines of the exact first fifty for each vector, best first."""
    scores = np.concatenate(
        [
            index.vectors(np.arange(start, min(len(index), start + 20_000))) @ vectors.T
            for start in range(0, len(index), 20_000)
        ]
    )
    rows = np.argsort(-scores, axis=0, kind="stable")[:DEEP]
    return [(rows[:, at], scores[rows[:, at], at]) for at in range(len(vectors))]


def agreement(index: Index, files: Index, vectors: Any) -> dict[str, Any]:
    """How many questions find the first fifty that the files find, and the recall of each."""
    same, ours, theirs = 0, [], []
    for vector, (rows, _) in zip(vectors, exact(files, vectors), strict=True):
        found, known = index.dense_search(vector, DEEP), files.dense_search(vector, DEEP)
        same += np.allclose([s for _, s in found], [s for _, s in known], atol=2e-6)
        ours.append(len({row for row, _ in found} & set(rows.tolist())) / len(rows))
        theirs.append(len({row for row, _ in known} & set(rows.tolist())) / len(rows))
    return {
        "same": f"{same} of {len(vectors)}",
        "recall": round(float(np.mean(ours)), 4),
        "recall_files": round(float(np.mean(theirs)), 4),
    }


def filtered(index: Index) -> dict[str, Filters]:
    """A narrow filter and a wide one."""
    posts = index.records.posts_of(list(posts_within(index.records, Filters()))[:200])
    author = next(post.authors[0] for post in posts if post.authors)
    return {"author": Filters(author=author), "after": Filters(after="2015")}


def measure(settings: Settings, addresses: Sequence[str], questions: Sequence[str]) -> None:
    """Gives the index to each server, and prints every figure."""
    stores = {FILES: settings}
    for address in addresses:
        served = settings.model_copy(update={"index": MilvusAddress(address)})
        began = time.perf_counter()
        publish(served, lambda *_: None)
        print(f"{address} given in {time.perf_counter() - began:.1f} s", flush=True)
        stores[address] = served
    assistants = {name: Assistant.load(one) for name, one in stores.items()}
    indexes = {name: one._index for name, one in assistants.items()}
    files = indexes[FILES]
    vectors = assistants[FILES]._encoder.encode(list(questions))
    print(f"{len(files)} passages, {len(questions)} questions")
    for name in addresses:
        print(name, json.dumps(agreement(indexes[name], files, vectors)), flush=True)
    works: dict[str, tuple[dict[str, Callable[[Any], Any]], Sequence[Any]]] = {
        "vectors": (
            {n: lambda v, i=i: i.dense_search(v, DEEP) for n, i in indexes.items()},
            vectors,
        ),
        "search": ({n: lambda q, a=a: a.search(q) for n, a in assistants.items()}, questions),
        "ask": ({n: lambda q, a=a: a.ask(q) for n, a in assistants.items()}, questions),
    }
    for kind, filters in filtered(files).items():
        works[f"search, {kind}"] = (
            {n: lambda q, a=a, f=filters: a.search(q, filters=f) for n, a in assistants.items()},
            questions[:20],
        )
    for name, (work, inputs) in works.items():
        for store, figures in side_by_side(work, inputs).items():
            print(f"{name:18} {store:42} {json.dumps(figures)}", flush=True)
    for assistant in assistants.values():
        assistant.close()


def main() -> None:
    """Reads the arguments and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("addresses", nargs="+")
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--questions", type=int, default=60)
    given = parser.parse_args()
    if given.pages is None:
        settings = Settings(threads=1)
    else:
        given.work.mkdir(parents=True, exist_ok=True)
        folder = given.work / f"posts{given.posts}"
        if not (folder / "manifest.json").is_file():
            write(Made(Material.read(given.pages, given.work), 8 * given.posts), folder)
        own = generations_folder(folder) / "made" / "manifest.json"
        shutil.copyfile(folder / "manifest.json", own)  # what other machines read it by
        settings = Settings(seeds=folder, embeddings=folder, threads=1)
    measure(settings, given.addresses, asked(given.questions))


if __name__ == "__main__":
    main()
