"""How quick askscwru is, beside what a plain program of its kind would need.

``python benchmarks/speed.py`` measures, in one run:

* cold: the whole command ``askscwru ask …`` with the index in place, in turn with
  ``python -c "import sentence_transformers"``, as the ratio of the medians;
* warm: ``Assistant.ask`` in one process over the questions of an evaluation set, by stage.

``--json FILE`` keeps the figures.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from askscwru import Assistant

QUESTION = "How many people use Shared Lives?"
OURS = [sys.executable, "-m", "askscwru", "ask", QUESTION]
PEER = [sys.executable, "-c", "import sentence_transformers"]


def seconds(command: list[str]) -> float:
    """Wall-clock seconds of one run of a command, its output thrown away."""
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def cold(runs: int) -> dict[str, float]:
    """Median seconds of both commands, run in turn after one warm-up of each."""
    for command in (OURS, PEER):
        seconds(command)
    pairs = [(seconds(OURS), seconds(PEER)) for _ in range(runs)]
    ours, peer = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    return {"askscwru_ask_s": ours, "import_sentence_transformers_s": peer, "ratio": ratio}


def warm(questions: list[str]) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of each stage in milliseconds, after one warm-up question."""
    assistant = Assistant.load()
    assistant.ask(QUESTION)
    taken: dict[str, list[float]] = {}
    for question in questions:
        for stage, took in assistant.ask(question).timings_ms.items():
            taken.setdefault(stage, []).append(took)
    return {
        stage: {
            "median_ms": statistics.median(values),
            "p95_ms": statistics.quantiles(values, n=20)[-1],
        }
        for stage, values in taken.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--set", type=Path, default=Path("eval/seeds.jsonl"), dest="items")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    lines = args.items.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    figures = {"cold": cold(args.runs), "warm": warm(questions)}
    table = Table(title="askscwru, cold and warm")
    for column in ("what", "figure"):
        table.add_column(column)
    for name, value in figures["cold"].items():
        table.add_row(f"cold: {name}", f"{value:.3f}")
    for stage, values in figures["warm"].items():
        shown = f"median {values['median_ms']:.1f} ms, p95 {values['p95_ms']:.1f} ms"
        table.add_row(f"warm: {stage} ({len(questions)} questions)", shown)
    Console().print(table)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
