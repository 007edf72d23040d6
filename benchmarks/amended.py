"""Edits of a folder of posts, and builds that look at these alone, held against builds of all.

Usage::

    python -m benchmarks.amended [--many 300] [--minutes M] [--seed 0] [--posts 20]

Each round begins with a folder of its own. To it happens, a dozen times over, what happens to such
folders (``tests/edits.py``), once or thrice at a time; after each time it is indexed where it was
indexed before, and in an empty folder, by a small encoder that is no mock. What the two hold and
find must be equal, to the last digit of every score. (The empty folder is given the vectors that
were made before, since the last digit of one depends on what is encoded beside it.) The table says
how many builds there were and how many of them looked at what had changed alone; the exit status is
1 where two differed.
"""

from __future__ import annotations

import argparse
import math
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from askscwru.errors import AskscwruError  # noqa: E402
from askscwru.index import amend, part_writer, vectors  # noqa: E402
from askscwru.index import build as build_module  # noqa: E402
from askscwru.index.build import CACHE, build  # noqa: E402
from askscwru.ingest import files  # noqa: E402
from askscwru.ingest.roots import Root, SourceList, write_list  # noqa: E402
from askscwru.settings import Settings  # noqa: E402
from edits import WORDS, Folder, differences  # noqa: E402
from fakes import quiet, write_fake_model  # noqa: E402

TIMES = 12
_PART = 9
"""Passages of a part, so that there are some."""


@dataclass
class Told:
    """What came of it."""

    builds: int = 0
    alone: int = 0
    """Builds that looked at what had changed alone."""
    nothing: int = 0
    """Builds that had nothing to do."""
    faults: list[str] = field(default_factory=list)
    edits: Counter[str] = field(default_factory=Counter)
    kept_alone: Counter[str] = field(default_factory=Counter)
    """Edits after which a build looked at them alone."""


@contextmanager
def small(exact_up_to: int) -> Iterator[list[bool]]:
    """Parts of some passages, and files that are settled at once; what notes builds of all."""
    everything: list[bool] = []
    read = build_module.read_corpus

    def noted(*args: object, **named: object) -> object:
        everything.append(True)
        return read(*args, **named)  # type: ignore[arg-type]

    with (
        patch.object(vectors, "EXACT_UP_TO", exact_up_to),
        patch.object(files, "_SETTLED", -(10**12)),
        patch.object(part_writer, "PART", _PART),
        patch.object(amend, "PART", _PART),
        patch.object(build_module, "read_corpus", noted),
    ):
        yield everything


@dataclass
class Round:
    """A folder to which something happens, with a second place beside it that comes and goes."""

    folder: Path
    rng: random.Random
    one: Settings
    """Indexed again and again."""
    listed: bool = False
    """Whether the second place is on the list of sources."""
    away: bool = False
    """Whether it is as if its disk were not mounted."""
    kept: bool = False
    """Whether its posts are kept all the same."""
    happened: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seeds = Folder(self.one.seeds, self.rng)
        self.place = Folder(self.folder / "place", self.rng)
        self.other = self.one.model_copy(update={"embeddings": self.folder / "other"})

    def happen(self) -> bool:
        """Something happens; whether what is out of reach may be forgotten now."""
        what = self.rng.random()
        self.happened = []
        if what < 0.05:
            self.happened = ["list" if not self.listed else "unlist"]
            self.listed = not self.listed
            self.kept = self.kept and self.listed
        elif what < 0.1 and self.listed:
            self.happened = ["go away" if not self.away else "come back"]
            if self.away:
                self.gone.rename(self.place.seeds)
            else:
                self.place.seeds.rename(self.gone)
            self.away = not self.away
            self.kept = self.away
        else:
            for _ in range(self.rng.choice((1, 1, 2, 3))):
                here = self.seeds
                if self.listed and not self.away and self.rng.random() < 0.2:
                    here = self.place
                self.happened.append(here.happen())
        forgotten = self.rng.random() < 0.2
        self.kept = self.kept and not forgotten
        return forgotten

    @property
    def gone(self) -> Path:
        """Where the second place is while it is away."""
        return self.folder / "gone"

    def build_all(self) -> None:
        """Indexes everything in an empty folder, with the vectors that are known."""
        shutil.rmtree(self.other.embeddings, ignore_errors=True)
        known = self.other.embeddings / CACHE
        known.parent.mkdir(parents=True)
        shutil.copyfile(self.one.embeddings / CACHE, known)
        self.write_list(self.other)
        if self.kept:
            self.gone.rename(self.place.seeds)
        try:
            build(self.other, quiet)
        finally:
            if self.kept:
                self.place.seeds.rename(self.gone)

    def write_list(self, settings: Settings) -> None:
        """Writes the list of sources."""
        places = (Root("place", self.place.seeds),) if self.listed else ()
        write_list(settings, SourceList(True, places))

    def differences(self, changed: bool) -> list[str]:
        """Between what is indexed again and again and everything.

        Args:
            changed: whether there was anything to do; what cannot be read is not told anew then.
        """
        if not self.listed and self.away:
            self.gone.rename(self.place.seeds)
            self.away = False
        self.build_all()
        # The text of what is out of reach is kept in the index, and it is said to be that.
        kept = {"sources", "texts", "skipped", "made from"} if self.kept else set()
        told = set() if changed else {"skipped", "made from"}
        return differences(self.one, self.other, WORDS[::4], kept | told)


def one_round(folder: Path, model: Path, seed: str, posts: int, told: Told) -> None:
    """A folder to which something happens a dozen times."""
    rng = random.Random(seed)
    one = Settings(seeds=folder / "seeds", embeddings=folder / "one", model=str(model), threads=1)
    edited = Round(folder, rng, one)
    edited.seeds.fill(rng.randint(3, posts))
    edited.place.fill(3)
    with small(rng.choice((50_000, 1))) as everything:
        build(one, quiet)
        history: list[str] = []
        for _ in range(TIMES):
            forgotten = edited.happen()
            history.append(", ".join(edited.happened) + forgotten * " (forgetting)")
            told.edits.update(edited.happened)
            everything.clear()
            try:
                edited.write_list(one)
                report = build(one, quiet, forget_missing=forgotten)
                told.builds += 1
                told.nothing += not report.changed
                if report.changed and not everything:
                    told.alone += 1
                    told.kept_alone.update(edited.happened)
                found = edited.differences(report.changed)
            except AskscwruError as error:
                found = [str(error)]
            except Exception:
                found = [traceback.format_exc()]
            if found:
                told.faults.append(
                    f"round {seed}, after {'; '.join(history)}:\n" + "\n".join(found)
                )
                return


def main() -> int:
    """The table; 1 where there was a fault."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--many", type=int, default=300, help="rounds")
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--posts", type=int, default=20, help="to begin with, at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="one round, by what a fault says")
    given = parser.parse_args()
    ends = time.monotonic() + given.minutes * 60
    told = Told()
    seeds = [given.only] if given.only else [f"{given.seed}.{at}" for at in range(given.many)]
    with tempfile.TemporaryDirectory(prefix="askscwru-amended-") as name:
        model = write_fake_model(Path(name) / "model")
        for at, seed in enumerate(seeds):
            if time.monotonic() > ends:
                break
            place = Path(name) / str(at)
            before = len(told.faults)
            one_round(place, model, seed, given.posts, told)
            for fault in told.faults[before:]:
                print(fault, flush=True)
            shutil.rmtree(place, ignore_errors=True)
    print("| builds | of what had changed alone | with nothing to do | faults |")
    print("|---|---|---|---|")
    print(f"| {told.builds:,} | {told.alone:,} | {told.nothing:,} | {len(told.faults)} |")
    for edit, count in sorted(told.edits.items()):
        print(f"{edit}: {count}, {told.kept_alone[edit]} alone")
    return 1 if told.faults else 0


if __name__ == "__main__":
    sys.exit(main())
