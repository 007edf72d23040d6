"""Files changed as a failing disk or a fuzzer changes them: each is read, or named, and no more.

Usage::

    python -m benchmarks.mutations [--many 100000] [--minutes M] [--seed 0]

The samples are those of the tests of every reader (``tests/ingest/test_ingest_safety.py``) and the
seeds; each is mutated anew every time. What counts as a fault: an exception, a block that is no
slice of its text, or five seconds of the processor for one file. The exit status is 1 where there
was one.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
for _folder in ("tests", "tests/ingest"):
    sys.path.insert(0, str(ROOT / _folder))

from test_ingest_safety import SAMPLES, check, mutated, read  # noqa: E402

from askscwru.ingest.found import Document  # noqa: E402

SLOW = 5.0
"""Seconds of the processor that no file of some kilobytes may take."""


def main() -> int:
    """The table; 1 where there was a fault."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    seeds = [(path.name, path.read_bytes()) for path in sorted((ROOT / "seeds").glob("*.txt"))]
    samples = [(name, data) for name, all_ in SAMPLES.items() for data in all_]
    samples += [(f"{path}", data[: 1 << 14]) for path, data in seeds]
    ends = time.monotonic() + given.minutes * 60
    outcomes: Counter[str] = Counter()
    slowest, faults = (0.0, ""), []
    with tempfile.TemporaryDirectory() as place:
        for at in range(given.many):
            if time.monotonic() > ends:
                break
            name, data = samples[at % len(samples)]
            changed = mutated(data, given.seed * given.many + at)
            began = time.process_time()
            try:
                results = read(Path(place), name, changed)
                check(results)
            except Exception:
                faults.append(f"{name}, mutation {at}: {traceback.format_exc()}")
                continue
            took = time.process_time() - began
            slowest = max(slowest, (took, f"{name}, mutation {at}"))
            if took > SLOW:
                faults.append(f"{name}, mutation {at}: {took:.1f} s")
            outcomes["read" if isinstance(results[0], Document) else "named"] += 1
    print("| inputs | read | named | faults | slowest |\n|---|---|---|---|---|")
    total = sum(outcomes.values()) + len(faults)
    print(
        f"| {total:,} | {outcomes['read']:,} | {outcomes['named']:,} | {len(faults):,} "
        f"| {slowest[0]:.2f} s ({slowest[1]}) |"
    )
    for fault in faults[:20]:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
