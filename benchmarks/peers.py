"""askscwru beside what is often built instead: txtai, Haystack, sentence-transformers with FAISS.

``python -m benchmarks.peers SET`` takes paragraphs and questions from a file in the layout of
SQuAD, installs the peers in an environment that is thrown away (``--environment DIR`` keeps it),
and prints one table as Markdown: indexing, cold start, warm questions, memory, right sentence. All
have the same encoder. Peers that read have the packaged reader too, its weights as ``transformers``
takes them, if torch is installed here to write them; without it they are measured as retrievers,
which the table says. Nobody abstains. Every phase is a process of its own, all in turn, so that a
busy machine slows all alike: ratios count, and processor seconds more than seconds on the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from askscwru.evaluate.sets import ReadingSet, read_set
from askscwru.index.encoder import packaged_weights
from askscwru.sentences import split_sentences
from askscwru.settings import PACKAGED_WEIGHTS

ROOT = Path(__file__).parent.parent
CHILD = ROOT / "benchmarks" / "peers_child.py"
OURS = "askscwru"
PEERS = ("sentence-transformers", "txtai", "haystack")
READING = frozenset({OURS, "txtai", "haystack"})
REQUIREMENTS = (
    "torch==2.13.0",  # as it comes from the index for processors
    "sentence-transformers",
    "faiss-cpu",
    "txtai",
    "haystack-ai<3",  # the last with an extractive reader
    "transformers[torch,sentencepiece]",  # which its reader asks for
)
_WARM = """
import json, sys, time
from askscwru import Assistant
questions = json.loads(open(sys.argv[1], encoding="utf-8").read())
assistant = Assistant.load()
assistant.ask(questions[0])
for question in questions:
    began = time.perf_counter()
    answer = assistant.ask(question)
    took = (time.perf_counter() - began) * 1000
    first = answer.citations[0].quote if answer.citations else None
    found = [first.passage.source, first.start, first.end] if first else ["", 0, 0]
    print(json.dumps([*found, took]), flush=True)
"""


@dataclass(frozen=True)
class Asked:
    """A question, and where its answer may stand."""

    question: str
    paragraph: int
    answers: tuple[tuple[int, int], ...]
    """Start and end in the paragraph."""


@dataclass(frozen=True)
class Material:
    """The same for all."""

    titles: tuple[str, ...]
    """Of the article of each paragraph."""
    paragraphs: tuple[str, ...]
    asked: tuple[Asked, ...]


@dataclass
class Run:
    """What a process took."""

    seconds: float
    processor: float
    """Seconds of all cores together."""
    megabytes: float
    """The most memory it had."""
    lines: list[str] = field(default_factory=list)


@dataclass
class Row:
    """What one of them came to."""

    index: Run
    cold: list[Run]
    warm: Run
    milliseconds: list[float]
    right_paragraph: float
    right_sentence: float | None
    """None of one that shows whole paragraphs."""


# -- material --------------------------------------------------------------------------------------


def material(path: Path, most: int) -> Material:
    """The first paragraphs of a set, each with its first question that has an answer there.

    Raises:
        SystemExit: the file is of another kind.
    """
    found = read_set(path)
    if not isinstance(found, ReadingSet):
        raise SystemExit(f"{path} is not in the layout of SQuAD.")
    titles, paragraphs, asked = [], [], []
    each = ((article.title, one) for article in found.articles for one in article.paragraphs)
    for title, paragraph in each:
        if len(paragraphs) == most:
            break
        text = " ".join(paragraph.text.split("\n"))
        for question in paragraph.questions:
            answers = _places(text, question.answers)
            if question.answerable and answers:
                asked.append(Asked(question.question, len(paragraphs), answers))
                break
        titles.append(title)
        paragraphs.append(text)
    return Material(tuple(titles), tuple(paragraphs), tuple(asked))


def _places(text: str, answers: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Every place where one of the answers stands."""
    return tuple(
        (at, at + len(answer))
        for answer in dict.fromkeys(answers)
        if answer
        for at in range(len(text))
        if text.startswith(answer, at)
    )


def write(given: Material, folder: Path) -> dict[str, list[tuple[int, int]]]:
    """Writes what the peers and askscwru read; where each post has which paragraph."""
    (folder / "paragraphs.json").write_text(json.dumps(given.paragraphs), "utf-8")
    questions = [one.question for one in given.asked]
    (folder / "questions.json").write_text(json.dumps(questions), "utf-8")
    seeds = folder / "seeds"
    seeds.mkdir()
    (seeds / "manifest.toml").write_text('[[source]]\nfile = "*"\nkind = "post"\n', "utf-8")
    texts: dict[str, str] = {}
    places: dict[str, list[tuple[int, int]]] = {}
    names = {title: f"{at:03}.md" for at, title in enumerate(dict.fromkeys(given.titles))}
    for number, (title, paragraph) in enumerate(zip(given.titles, given.paragraphs, strict=True)):
        name = names[title]
        text = texts.setdefault(name, f"---\ntitle: {title}\n---\n\n")
        places.setdefault(name, []).append((len(text), number))
        texts[name] = f"{text}{paragraph}\n\n"
    for name, text in texts.items():
        (seeds / name).write_text(text, "utf-8")
    return places


# -- processes -------------------------------------------------------------------------------------


def run(command: Sequence[str | Path], environment: dict[str, str]) -> Run:
    """Runs a process to its end.

    Raises:
        SystemExit: it failed; with what it said last.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=out,
            stderr=said,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said.seek(0)
        if process.returncode not in (0, 3):  # askscwru ends with 3 where it abstains
            last = said.read().decode("utf-8", "replace")[-2000:]
            raise SystemExit(f"{' '.join(map(str, command))} failed:\n{last}")
        lines = out.read().decode("utf-8").splitlines()
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, lines)


@contextmanager
def peers_python(keep: Path | None) -> Iterator[Path]:
    """The interpreter of an environment in which the peers are installed."""
    with tempfile.TemporaryDirectory(prefix="peers-") as temporary:
        folder = keep or Path(temporary) / "environment"
        python = folder / "bin" / "python"
        if not python.exists():
            print(f"Installing the peers into {folder} …", file=sys.stderr)
            venv.create(folder, with_pip=True)
            install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            subprocess.run([*install, *REQUIREMENTS], check=True)
        yield python


def reader_layout(folder: Path) -> str:
    """The packaged reader as ``transformers`` takes it; empty without a torch to write it."""
    layout, weights = folder / "reader", PACKAGED_WEIGHTS / "reader-int8.onnx"
    code = """
import sys
from pathlib import Path
from askscwru.index.encoder import packaged_weights
from training.dequantise import layer_weights
from training.export import export_layout
from training.model import Reader, load_base_weights
reader, base = Reader(), packaged_weights()
load_base_weights(reader, base / "model.safetensors")
reader.load_state_dict(layer_weights(Path(sys.argv[1])), strict=False)
export_layout(reader, base, Path(sys.argv[2]))
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(weights), str(layout)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        print(f"The reader cannot be written for the peers: {last}", file=sys.stderr)
        return ""
    return str(layout)


# -- measuring -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bench:
    """What every measurement needs."""

    given: Material
    folder: Path
    places: dict[str, list[tuple[int, int]]]
    python: Path
    environment: dict[str, str]
    threads: int

    def commands(self, name: str) -> dict[str, list[str | Path]]:
        """What is run for each phase."""
        if name != OURS:
            start: list[str | Path] = [self.python, "-W", "ignore", CHILD, name]
            return {phase: [*start, phase, self.folder] for phase in ("index", "cold", "warm")}
        ours: list[str | Path] = [sys.executable, "-W", "ignore"]
        return {
            "index": [*ours, "-m", "askscwru", "index"],
            "cold": [*ours, "-m", "askscwru", "ask", self.given.asked[0].question],
            "warm": [*ours, "-c", _WARM, self.folder / "questions.json"],
        }

    def judged(self, name: str, lines: Sequence[str]) -> tuple[list[float], float, float | None]:
        """Milliseconds of each answer, and the shares of right paragraphs and sentences."""
        took, paragraphs, sentences = [], [], []
        for one, line in zip(self.given.asked, lines, strict=True):
            *found, milliseconds = json.loads(line)
            number, start, end = self._stretch(found)
            took.append(milliseconds)
            here = number == one.paragraph
            paragraphs.append(here)
            sentences.append(here and any(start <= a and b <= end for a, b in one.answers))
        reads = name == OURS or (name in READING and bool(self.environment["PEERS_READER"]))
        return took, statistics.mean(paragraphs), statistics.mean(sentences) if reads else None

    def _stretch(self, found: list[Any]) -> tuple[int, int, int]:
        """The paragraph of an answer, and the start and end of what is shown of it."""
        if len(found) == 3:
            source, start, end = found
            before = [place for place in self.places.get(source, ()) if place[0] <= start]
            first, number = before[-1] if before else (0, -1)
            return number, start - first, end - first
        number, text = found
        paragraph = self.given.paragraphs[number]
        at = paragraph.find(text) if text else -1
        middle = at + len(text) // 2
        for span in split_sentences(paragraph, 0, len(paragraph)):
            if at >= 0 and span.start <= middle < span.end:
                return number, span.start, span.end
        return number, 0, 0


def measure(bench: Bench, names: Sequence[str], runs: int) -> dict[str, Row]:
    """All of them, phase by phase, so that each phase meets the same machine."""
    environment = bench.environment
    commands = {name: bench.commands(name) for name in names}
    built = {name: run(commands[name]["index"], environment) for name in names}
    cold: dict[str, list[Run]] = {name: [] for name in names}
    for _ in range(runs):
        for name in names:
            cold[name].append(run(commands[name]["cold"], environment))
    rows = {}
    for name in names:
        warm = run(commands[name]["warm"], environment)
        rows[name] = Row(built[name], cold[name], warm, *bench.judged(name, warm.lines))
    return rows


def table(bench: Bench, rows: dict[str, Row]) -> Iterator[str]:
    """The table, line by line."""
    count = len(bench.given.paragraphs)
    yield (
        f"{count} paragraphs, {len(bench.given.asked)} questions, {bench.threads} threads;"
        f" {'each peer reads' if bench.environment['PEERS_READER'] else 'the peers only retrieve'}"
    )
    yield ""
    yield (
        "| | paragraphs/s, whole build (processor s) | build MB | cold s (processor s)"
        " | warm p50 / p95 ms | MB | right paragraph | right sentence |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for name, row in rows.items():
        p50, p95 = statistics.median(row.milliseconds), _quantile(row.milliseconds, 0.95)
        cold = statistics.median(one.seconds for one in row.cold)
        cold_processor = statistics.median(one.processor for one in row.cold)
        sentence = "–" if row.right_sentence is None else f"{row.right_sentence:.3f}"
        yield (
            f"| {name} | {count / row.index.seconds:.1f} ({row.index.processor:.1f})"
            f" | {row.index.megabytes:.0f} | {cold:.2f} ({cold_processor:.2f})"
            f" | {p50:.1f} / {p95:.1f} | {row.warm.megabytes:.0f}"
            f" | {row.right_paragraph:.3f} | {sentence} |"
        )


def _quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    """Reads the options, measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("set", type=Path, metavar="SET")
    parser.add_argument("--paragraphs", type=int, default=400)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--runs", type=int, default=5, help="cold starts of each")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=PEERS, default=PEERS)
    parser.add_argument("--environment", type=Path, metavar="DIR", help="keep the peers there")
    options = parser.parse_args()
    found = material(options.set, options.paragraphs)
    given = Material(found.titles, found.paragraphs, found.asked[: options.questions])
    with tempfile.TemporaryDirectory() as temporary, peers_python(options.environment) as python:
        folder = Path(temporary)
        environment = {
            "PEERS_ENCODER": str(packaged_weights()),
            "PEERS_READER": reader_layout(folder),
            "OMP_NUM_THREADS": str(options.threads),
            "TOKENIZERS_PARALLELISM": "false",
            "HF_HUB_OFFLINE": "1",
            "HAYSTACK_TELEMETRY_ENABLED": "False",
            "ASKSCWRU_SEEDS": str(folder / "seeds"),
            "ASKSCWRU_EMBEDDINGS": str(folder / "embeddings"),
            "ASKSCWRU_THREADS": str(options.threads),
            "ASKSCWRU_ABSTAIN_BELOW": "0",
        }
        places = write(given, folder)
        bench = Bench(given, folder, places, python, environment, options.threads)
        rows = measure(bench, (OURS, *options.only), options.runs)
        print("\n".join(table(bench, rows)))


if __name__ == "__main__":
    main()
