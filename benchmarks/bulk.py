"""What each stage of a build costs a post, and which of them workers can share.

A sample of real posts is built twice in one process and on one core: from nothing, and again with
everything that workers make (what files are read as, vectors) in the caches, which is what is left
to the one who writes. Each stage's processor time is its own: what it calls that is a stage, too,
is taken off. Then the same posts are built with Ray on this machine, and every file of the index is
held against that of the first build::

    python benchmarks/bulk.py FOLDER_OR_ZIP [--posts 300] [--workers 1,2,4]

Times for a million posts are computed from these; nothing of that size is built.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from askscwru import ingest
from askscwru.index import build as building
from askscwru.index import making, part_writer
from askscwru.index.cache import VectorCache
from askscwru.index.encoder import Encoder
from askscwru.index.generation import LEXICAL, MANIFEST, generations_folder, read_manifest
from askscwru.index.lexical import LexicalIndex
from askscwru.index.records import RECORDS
from askscwru.ingest import readers
from askscwru.ingest.document_cache import DocumentCache
from askscwru.settings import Settings

MILLION = 1_000_000
DRAWN = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The name of a segment of BM25."""
WORKERS = (8, 32, 128)
SHARED: dict[str, list[tuple[Any, str]]] = {
    "reading files": [(readers.Readers, "read")],
    "cutting posts into passages": [(building, "_cut_post")],
    "encoding passages and sentences": [(Encoder, "encode")],
}
ALONE: dict[str, list[tuple[Any, str]]] = {
    "looking files up by their hash": [(DocumentCache, "get"), (DocumentCache, "put")],
    "listing and hashing files": [(ingest, "walk")],
    "making posts of their copies": [(ingest, "merged")],
    "settling addresses, and the rest of reading": [(building, "read_corpus")],
    "looking vectors up by their texts": [(VectorCache, "vectors")],
    "writing BM25": [(LexicalIndex, "build")],
    "merging BM25": [(part_writer, "merge_parts")],
    "writing records": [(building, "write_records"), (part_writer, "write_part")],
    "writing vectors": [(part_writer.PartWriter, "_vectors")],
    "hashing and flushing the files": [(making, "files_of"), (making, "flush_tree")],
}
ONCE: dict[str, list[tuple[Any, str]]] = {
    "opening the encoder": [(Encoder, "for_building")],
    "hashing the program": [(making, "code_of_program")],
}
REST = "all else: passages and vectors to the disk and from it"


class Stopwatch:
    """Processor time of each stage without that of the stages within it."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._stack: list[str] = []
        self._last = 0.0

    def switch(self) -> None:
        """Gives the time since the last switch to whatever has been running."""
        now = time.process_time()
        self.spent[self._stack[-1] if self._stack else ""] += now - self._last
        self._last = now

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Counts what happens within as this stage."""
        self.switch()
        self._stack.append(stage)
        try:
            yield
        finally:
            self.switch()
            self._stack.pop()

    def around(self, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, timed; what it yields is drawn within the stage."""

        def timed(*given: Any, **named: Any) -> Any:
            with self.of(stage):
                result = work(*given, **named)
                return list(result) if isinstance(result, Iterator) else result

        return timed


@contextmanager
def timed() -> Iterator[Stopwatch]:
    """The stages of builds within are timed."""
    watch = Stopwatch()
    before = []
    for stage, places in {**SHARED, **ALONE, **ONCE}.items():
        for owner, name in places:
            original = vars(owner)[name]
            before.append((owner, name, original))
            bound = isinstance(original, classmethod)
            work = watch.around(stage, original.__func__ if bound else original)
            setattr(owner, name, classmethod(work) if bound else work)
    try:
        with watch.of(REST):
            yield watch
    finally:
        for owner, name, original in before:
            setattr(owner, name, original)


def sample(given: Path, posts: int, folder: Path) -> int:
    """Files from all over the corpus, as many as wanted; returns how many there are."""
    if given.suffix == ".zip":
        with zipfile.ZipFile(given) as archive:
            names = [n for n in archive.namelist() if n.endswith((".md", ".html", ".txt"))]
            chosen = names[:: max(1, len(names) // posts)][:posts]
            for name in chosen:
                (folder / name.replace("/", "_")).write_bytes(archive.read(name))
        return len(chosen)
    paths = sorted(p for p in given.rglob("*") if p.suffix in (".md", ".html", ".txt"))
    chosen_paths = paths[:: max(1, len(paths) // posts)][:posts]
    for path in chosen_paths:
        shutil.copyfile(path, folder / "_".join(path.relative_to(given).parts))
    return len(chosen_paths)


def held(settings: Settings) -> dict[str, list[bytes]]:
    """Every file of the live generation; those whose names are drawn by lot by their ending."""
    manifest = read_manifest(settings.embeddings / MANIFEST)
    folder = generations_folder(settings.embeddings) / manifest.generation
    found: defaultdict[str, list[bytes]] = defaultdict(list)
    for name in manifest.files:
        if not name.endswith(("meta.json", ".managed.json")):
            by_lot = name.startswith(LEXICAL)
            content = (folder / name).read_bytes()
            if name == RECORDS:  # tells which segments each part has
                content = DRAWN.sub(b"", content)
            found[name.rpartition(".")[2] if by_lot else name].append(content)
    return {name: sorted(some) for name, some in found.items()}


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


def stages(settings: Settings) -> tuple[Any, dict[str, float], dict[str, float]]:
    """A whole build and one from full caches: the report, and seconds of each stage of both."""
    with timed() as first:
        report = building.build(settings, quiet)
    with timed() as second:
        building.build(settings, quiet, force=True)
    return report, dict(first.spent), dict(second.spent)


def show(report: Any, first: dict[str, float], second: dict[str, float]) -> None:
    """The table of stages, and what it comes to with some numbers of workers."""
    posts = report.posts
    print(f"{posts} posts, {report.passages} passages, {report.sentences} sentences; one core\n")
    print("| stage | done by | ms of a core a post | hours of a core for a million |")
    print("|---|---|---:|---:|")

    def row(stage: str, by: str, seconds: float) -> None:
        each = seconds / posts
        print(f"| {stage} | {by} | {1000 * each:.2f} | {each * MILLION / 3600:.1f} |")

    for stage in SHARED:
        row(stage, "workers", first[stage])
    shared = sum(first[stage] for stage in SHARED)
    row("**together**", "workers", shared)
    left = [*ALONE, REST]
    for stage in left:
        row(stage, "the one who writes", second.get(stage, 0.0))
    alone = sum(second.get(stage, 0.0) for stage in left)
    row("**together**", "the one who writes", alone)
    for stage in ONCE:
        print(f"\n{stage}: {second[stage]:.2f} s, once")
    hours = MILLION / posts / 3600
    for workers in WORKERS:
        print(f"\n{workers} workers: {(shared / workers + alone) * hours:.1f} hours (computed)")


def bulk(settings: Settings, work: Path, counts: list[int]) -> None:
    """Builds with Ray, each from nothing, and holds every file against the first index."""
    whole = held(settings)
    for count in (0, *counts):
        folder = work / f"of-{count}"
        update = {"embeddings": folder, "ray": "local" if count else None}
        own = settings.model_copy(update={**update, "ray_workers": count or None})
        began, burnt = time.monotonic(), time.process_time()
        building.build(own, quiet)
        wall, here = time.monotonic() - began, time.process_time() - burnt
        same = "the same bytes" if held(own) == whole else "ANOTHER INDEX"
        said = f"{count} workers" if count else "without Ray, one thread"
        print(f"{said}: {wall:.1f} s of the clock, {here:.1f} of this process; {same}", flush=True)


def main() -> None:
    """Measures what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--posts", type=int, default=300)
    parser.add_argument("--workers", default="1,2,4", help="runs with Ray; empty for none")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        (work / "seeds").mkdir()
        sample(options.pages, options.posts, work / "seeds")
        settings = Settings(seeds=work / "seeds", embeddings=work / "embeddings", threads=1)
        show(*stages(settings))
        print()
        bulk(settings, work, [int(count) for count in options.workers.split(",") if count])


if __name__ == "__main__":
    main()
