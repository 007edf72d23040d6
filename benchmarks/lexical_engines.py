"""Compare lexical (BM25) engines: tantivy, bm25s and SQLite FTS5.

One command measures everything the decision note quotes::

    python benchmarks/lexical_engines.py --data DIR [--sizes 1000 10000 100000 1000000]

``DIR`` holds one folder per test collection in the BEIR layout (``corpus.jsonl.gz``,
``queries.jsonl.gz``, ``qrels.tsv``).  Three tables are printed (``--json`` prints the same
numbers as JSON):

* quality: nDCG@10 and recall@10/100 of each engine under several text analyses;
* behaviour: apostrophes, accents, hostile question text, order of ties;
* growth: build time, disk, cold start, query time and memory on synthetic Zipfian passages.

Every growth measurement runs in a fresh process.  A build predicted to exceed
``--budget-seconds`` is skipped and its figures are extrapolated and marked with ``~``.
Needs ``tantivy``, ``bm25s``, ``numpy`` and ``rich``; memory figures need Linux.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Protocol

ENGINES = ("tantivy", "fts5", "bm25s")
TOP_K = 50
PASSAGES_PER_POST = 20
CHUNK = 10_000

LUCENE_WORDS = """
    a an and are as at be but by for if in into is it no not of on or such that the their then
    there these they this to was will with
"""
QUESTION_WORDS = """
    about am any been can could d did do does from had has have he her him his how i ll m me my our
    re s she should so some t than them ve we were what when where which who whom whose why would
    you your
"""
LUCENE_STOP = tuple(LUCENE_WORDS.split())
QUESTION_STOP = LUCENE_STOP + tuple(QUESTION_WORDS.split())
STOP_LISTS: dict[str, tuple[str, ...]] = {
    "none": (),
    "lucene": LUCENE_STOP,
    "question": QUESTION_STOP,
}

Passage = tuple[int, int, str]
Hit = tuple[int, float]


@dataclass(frozen=True)
class Setup:
    """One engine with one text analysis and one pair of BM25 constants.

    Stop words are dropped from the question; with ``index_stop`` they also stay out of the index.
    """

    engine: str
    stem: bool = True
    stop: str = "question"
    index_stop: bool = False
    k1: float = 1.2
    b: float = 0.75

    @property
    def label(self) -> str:
        """Return a short description for tables."""
        stem = "stemmed" if self.stem else "unstemmed"
        stop = f"{self.stop} (index)" if self.index_stop else self.stop
        return f"{self.engine}: {stem}, stop={stop}, k1={self.k1:g} b={self.b:g}"


class Engine(Protocol):
    """What every engine adapter offers."""

    def build(self, passages: Iterable[Passage], path: Path) -> None:
        """Write an index of the passages (id, post, text) under ``path``."""

    def open(self, path: Path) -> None:
        """Open an index for reading."""

    def search(self, question: str, k: int, posts: Sequence[int] | None = None) -> list[Hit]:
        """Return up to ``k`` (id, score) pairs, best first, limited to ``posts`` when given."""


def normalise(text: str) -> str:
    """Return the compatibility-composed form, so that decomposed accents fold like composed."""
    return unicodedata.normalize("NFKC", text)


def ranked(hits: Iterable[Hit], k: int) -> list[Hit]:
    """Order by score, then by id; scores are rounded so that float noise cannot break ties."""
    rounded = [(ident, round(score, 4)) for ident, score in hits]
    return sorted(rounded, key=lambda hit: (-hit[1], hit[0]))[:k]


def build_analyzer(stem: bool, stop: Sequence[str]) -> Any:
    """Return a tantivy analyzer; stop words leave before stemming."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    chain = TextAnalyzerBuilder(Tokenizer.simple())
    chain = chain.filter(Filter.remove_long(64))
    chain = chain.filter(Filter.ascii_fold()).filter(Filter.lowercase())
    if stop:
        chain = chain.filter(Filter.custom_stopword(list(stop)))
    if stem:
        chain = chain.filter(Filter.stemmer("english"))
    return chain.build()


def analyzers(setup: Setup) -> tuple[Any, Any]:
    """Return the analyzers of passages and of questions."""
    stop = STOP_LISTS[setup.stop]
    asked = build_analyzer(setup.stem, stop)
    return (asked if setup.index_stop else build_analyzer(setup.stem, ())), asked


class TantivyEngine:
    """tantivy: an index directory of memory-mapped segments."""

    def __init__(self, setup: Setup) -> None:
        """Prepare the analyzers."""
        self.indexed, self.asked = analyzers(setup)

    def build(self, passages: Iterable[Passage], path: Path) -> None:
        """Index with one writer thread: term frequencies only, no positions, no stored text."""
        from tantivy import Document, Index, SchemaBuilder

        schema = SchemaBuilder()
        schema.add_unsigned_field("id", indexed=True, fast=True)
        schema.add_unsigned_field("post", indexed=True)
        schema.add_text_field("body", tokenizer_name="english", index_option="freq")
        path.mkdir(parents=True)
        index = Index(schema.build(), str(path), reuse=False)
        index.register_tokenizer("english", self.indexed)
        writer = index.writer(heap_size=256_000_000, num_threads=1)
        for ident, post, text in passages:
            document = Document()
            document.add_unsigned("id", ident)
            document.add_unsigned("post", post)
            document.add_text("body", normalise(text))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()

    def open(self, path: Path) -> None:
        """Open by memory map."""
        from tantivy import Index

        index = Index.open(str(path))
        index.config_reader("manual")
        self.schema = index.schema
        self.searcher = index.searcher()

    def query(self, question: str, posts: Sequence[int] | None) -> Any:
        """Build an OR of the analysed terms; the question never meets a query parser."""
        from tantivy import Occur, Query

        terms = dict.fromkeys(self.asked.analyze(normalise(question)))
        should = [
            (Occur.Should, Query.term_query(self.schema, "body", term, index_option="freq"))
            for term in terms
        ]
        words = Query.boolean_query(should) if should else Query.empty_query()
        if posts is None:
            return words
        allowed = Query.term_set_query(self.schema, "post", list(posts))
        silent = Query.const_score_query(allowed, 0.0)
        return Query.boolean_query([(Occur.Must, words), (Occur.Must, silent)])

    def search(self, question: str, k: int, posts: Sequence[int] | None = None) -> list[Hit]:
        """Search, widening the window while the cut falls inside a run of equal scores."""
        query = self.query(question, posts)
        limit = 2 * k
        while True:
            found = self.searcher.search(query, limit=limit, count=False).hits
            tied = len(found) == limit and abs(found[k - 1][0] - found[-1][0]) < 1e-4
            if not tied or limit >= 64 * k:
                break
            limit *= 4
        ids = self.searcher.fast_field_values("id", [address for _, address in found])
        pairs = zip(ids, found, strict=True)
        return ranked(((int(ident), hit[0]) for ident, hit in pairs if ident is not None), k)


class Fts5Engine:
    """SQLite FTS5: one contentless table in one file; constants are fixed in SQLite."""

    def __init__(self, setup: Setup) -> None:
        """Choose the tokenizer; stop words can only be dropped from the question."""
        stem = "porter " if setup.stem else ""
        self.tokenizer = f"{stem}unicode61 remove_diacritics 2"
        self.stop = frozenset(STOP_LISTS[setup.stop])

    def build(self, passages: Iterable[Passage], path: Path) -> None:
        """Index in one transaction and merge to one b-tree."""
        path.mkdir(parents=True)
        base = sqlite3.connect(path / "index.sqlite")
        base.execute("PRAGMA journal_mode=OFF")
        base.execute("PRAGMA synchronous=OFF")
        base.execute("CREATE TABLE passage(id INTEGER PRIMARY KEY, post INTEGER)")
        base.execute("CREATE INDEX by_post ON passage(post)")
        base.execute(
            f"CREATE VIRTUAL TABLE words USING fts5(body, content='', tokenize='{self.tokenizer}')"
        )
        for ident, post, text in passages:
            base.execute("INSERT INTO passage VALUES (?, ?)", (ident, post))
            base.execute("INSERT INTO words(rowid, body) VALUES (?, ?)", (ident, normalise(text)))
        base.execute("INSERT INTO words(words) VALUES ('optimize')")
        base.commit()
        base.close()

    def open(self, path: Path) -> None:
        """Open read-only by memory map."""
        file = (path / "index.sqlite").resolve()
        self.base = sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)
        self.base.execute("PRAGMA mmap_size=17179869184")

    def search(self, question: str, k: int, posts: Sequence[int] | None = None) -> list[Hit]:
        """Match quoted words joined by OR; quoting keeps them out of the query grammar."""
        words = re.findall(r"[^\W_]+", normalise(question).lower())
        terms = [word for word in dict.fromkeys(words) if word not in self.stop]
        if not terms:
            return []
        sql = "SELECT rowid, rank FROM words WHERE words MATCH ?"
        args: list[Any] = [" OR ".join(f'"{term}"' for term in terms)]
        if posts is not None:
            sql += (
                " AND +rowid IN (SELECT id FROM passage"
                " WHERE post IN (SELECT value FROM json_each(?)))"
            )
            args.append(json.dumps(list(posts)))
        rows = self.base.execute(f"{sql} ORDER BY rank, rowid LIMIT ?", [*args, k])
        return ranked(((ident, -score) for ident, score in rows), k)


class Bm25sEngine:
    """bm25s: a sparse score matrix in numpy files, with the tantivy analyzer for its tokens."""

    def __init__(self, setup: Setup) -> None:
        """Keep the constants; bm25s alone lets them be chosen."""
        self.setup = setup
        self.indexed, self.asked = analyzers(setup)

    def build(self, passages: Iterable[Passage], path: Path) -> None:
        """Tokenise everything in memory, score, and save with the id and post columns."""
        import bm25s
        import numpy as np
        from bm25s.tokenization import Tokenized

        vocabulary: dict[str, int] = {}
        tokens: list[list[int]] = []
        columns: list[tuple[int, int]] = []
        for ident, post, text in passages:
            terms = self.indexed.analyze(normalise(text))
            tokens.append([vocabulary.setdefault(term, len(vocabulary)) for term in terms])
            columns.append((ident, post))
        model = bm25s.BM25(k1=self.setup.k1, b=self.setup.b, method="lucene")
        model.index(Tokenized(ids=tokens, vocab=vocabulary), show_progress=False)
        model.save(str(path), show_progress=False)
        np.save(path / "columns.npy", np.array(columns, dtype=np.int64))

    def open(self, path: Path) -> None:
        """Memory-map the arrays; the vocabulary is JSON and is parsed in full."""
        import bm25s
        import numpy as np

        self.model = bm25s.BM25.load(str(path), mmap=True, show_progress=False)
        self.columns = np.load(path / "columns.npy", mmap_mode="r")

    def search(self, question: str, k: int, posts: Sequence[int] | None = None) -> list[Hit]:
        """Score every passage, then take the best."""
        import numpy as np

        known = self.model.vocab_dict
        analysed = self.asked.analyze(normalise(question))
        terms = [term for term in dict.fromkeys(analysed) if term in known]
        if not terms:
            return []
        mask = None
        if posts is not None:
            mask = np.isin(self.columns[:, 1], np.array(posts)).astype(np.float32)
        size = min(k, len(self.columns))
        rows, scores = self.model.retrieve([terms], k=size, show_progress=False, weight_mask=mask)
        pairs = zip(rows[0].tolist(), scores[0].tolist(), strict=True)
        return ranked(((int(self.columns[row, 0]), score) for row, score in pairs if score > 0), k)


FACTORIES: dict[str, Callable[[Setup], Engine]] = {
    "tantivy": TantivyEngine,
    "fts5": Fts5Engine,
    "bm25s": Bm25sEngine,
}


def make_engine(setup: Setup) -> Engine:
    """Return the adapter of a setup."""
    return FACTORIES[setup.engine](setup)


# ---------------------------------------------------------------------------- quality


@dataclass(frozen=True)
class Collection:
    """A judged test collection."""

    name: str
    documents: list[tuple[str, str]]
    queries: list[tuple[str, str]]
    judgements: dict[str, dict[str, int]]


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a gzipped JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_collection(folder: Path) -> Collection:
    """Read one folder in the BEIR layout; a title that opens the text is not repeated."""
    documents = []
    for record in read_jsonl(folder / "corpus.jsonl.gz"):
        title, text = record.get("title") or "", record["text"]
        body = text if text.startswith(title) else f"{title} {text}"
        documents.append((str(record["_id"]), body))
    judgements: dict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            judgements[query][document] = int(grade)
    queries = [
        (str(record["_id"]), record["text"])
        for record in read_jsonl(folder / "queries.jsonl.gz")
        if str(record["_id"]) in judgements
    ]
    return Collection(folder.name, documents, queries, dict(judgements))


def ndcg(found: Sequence[str], grades: dict[str, int], depth: int) -> float:
    """Return nDCG with linear gain."""
    gain = sum(grades.get(doc, 0) / math.log2(i + 2) for i, doc in enumerate(found[:depth]))
    ideal = sorted(grades.values(), reverse=True)[:depth]
    return gain / sum(grade / math.log2(i + 2) for i, grade in enumerate(ideal))


def recall(found: Sequence[str], grades: dict[str, int], depth: int) -> float:
    """Return the share of the relevant documents found within ``depth``."""
    return len(set(found[:depth]) & grades.keys()) / len(grades)


def quality_setups() -> list[Setup]:
    """Return the setups compared for quality."""
    analyses = [(False, "none"), (True, "none"), (True, "lucene"), (True, "question")]
    setups = [Setup(engine, *analysis) for engine in ENGINES for analysis in analyses]
    setups += [Setup("tantivy", stem=False), Setup("tantivy", index_stop=True)]
    setups += [Setup("bm25s", k1=0.9, b=0.4), Setup("bm25s", k1=1.5, b=0.75)]
    return setups


def measure_quality(setup: Setup, collection: Collection, work: Path) -> dict[str, Any]:
    """Index one collection with one setup and score the rankings."""
    engine = make_engine(setup)
    path = work / f"quality-{collection.name}-{abs(hash(setup))}"
    engine.build(((i, 0, text) for i, (_, text) in enumerate(collection.documents)), path)
    engine.open(path)
    rows: list[tuple[float, float, float]] = []
    for query, text in collection.queries:
        grades = collection.judgements[query]
        found = [collection.documents[ident][0] for ident, _ in engine.search(text, 100)]
        rows.append(
            (ndcg(found, grades, 10), recall(found, grades, 10), recall(found, grades, 100))
        )
    means = [statistics.fmean(column) for column in zip(*rows, strict=True)]
    names = ("ndcg_10", "recall_10", "recall_100")
    return {
        "setup": setup.label,
        **asdict(setup),
        "collection": collection.name,
        "queries": len(rows),
        **dict(zip(names, means, strict=True)),
    }


def run_quality(data: Path, engines: Sequence[str], work: Path) -> list[dict[str, Any]]:
    """Measure every setup on every collection found under ``data``."""
    folders = sorted(path.parent for path in data.glob("*/qrels.tsv"))
    if not folders:
        raise SystemExit(f"no test collection (*/qrels.tsv) under {data}")
    collections = [read_collection(folder) for folder in folders]
    results = []
    for setup in quality_setups():
        if setup.engine not in engines:
            continue
        note(f"quality {setup.label}")
        results += [measure_quality(setup, collection, work) for collection in collections]
    return results


# -------------------------------------------------------------------------- behaviour

SMALL = (
    "The King\u2019s speech was heard by everyone.",
    "Jose\u0301 went to the Caf\u00e9 with \u00c6sop.",
    "Students' essays about running shoes.",
    "An unrelated passage about rivers.",
)
FORMS = (
    ("kings", 0),
    ("king's", 0),
    ("KING\u2019S", 0),
    ("jose", 1),
    ("Jos\u00e9", 1),
    ("Jose\u0301", 1),
    ("cafe", 1),
    ("aesop", 1),
    ("student run", 2),
)
HOSTILE = (
    'king" OR *',
    "body:king AND NOT (",
    "NEAR(king, 2) ^king",
    "king'; DROP TABLE words; --",
    '+king -"fool~2 [a TO z] \\',
    "king\x00 IN [1 2",
)


def matched_forms(engine: Engine) -> list[str]:
    """Return the spellings that miss their passage."""
    missed = []
    for form, ident in FORMS:
        hits = engine.search(form, 1)
        if not hits or hits[0][0] != ident:
            missed.append(ascii(form))
    return missed


def hostile_failures(engine: Engine) -> list[str]:
    """Return the hostile questions that raise or fail to find the word they hold."""
    failures = []
    for text in (*HOSTILE, "", "???", "the of"):
        try:
            hits = engine.search(text, 5)
        except Exception as error:  # every kind of failure counts here
            failures.append(f"{text!r}: {type(error).__name__}")
            continue
        if bool(hits) != ("king" in text):
            failures.append(f"{text!r}: wrong hits")
    return failures


def order_differences(setup: Setup, corpus: Path, questions: Sequence[str], work: Path) -> int:
    """Count top lists that change when the same passages are inserted in reverse order."""
    passages = list(read_passages(corpus, 3000))
    # Every tenth passage appears again under a new id, which makes ties certain.
    passages += [(ident + 3000, post, text) for ident, post, text in passages[::10]]
    tops: list[list[list[int]]] = []
    for name, order in (("forward", passages), ("reverse", passages[::-1])):
        engine = make_engine(setup)
        path = work / f"order-{setup.engine}-{name}"
        engine.build(order, path)
        engine.open(path)
        tops.append([[ident for ident, _ in engine.search(text, 10)] for text in questions])
    return sum(first != second for first, second in zip(*tops, strict=True))


def run_behaviour(
    engines: Sequence[str], corpus: Path, questions: Sequence[str], work: Path
) -> list[dict[str, Any]]:
    """Check text forms, hostile text and tie order of each engine."""
    results = []
    for name in engines:
        note(f"behaviour {name}")
        setup = Setup(name)
        engine = make_engine(setup)
        path = work / f"small-{name}"
        engine.build(((i, 0, text) for i, text in enumerate(SMALL)), path)
        engine.open(path)
        results.append(
            {
                "engine": name,
                "missed_forms": matched_forms(engine),
                "hostile_failures": hostile_failures(engine),
                "order_differences": order_differences(setup, corpus, questions[:100], work),
                "questions": len(questions[:100]),
            }
        )
    return results


# ----------------------------------------------------------------------------- growth


def invented_word(number: int) -> str:
    """Return a pronounceable word for a number, with English-looking endings."""
    consonants, vowels = "bdfgklmnprstvz", "aeiou"
    endings = ("", "s", "ing", "ed", "ly")
    rest, word = number, ""
    while True:
        rest, digit = divmod(rest, len(consonants) * len(vowels))
        word += consonants[digit // len(vowels)] + vowels[digit % len(vowels)]
        if rest == 0:
            return word + "n" + endings[number % len(endings)]


def write_corpus(path: Path, size: int, words: int, vocabulary: int, seed: int) -> None:
    """Write Zipf-Mandelbrot passages, one a line; the most frequent words are stop words."""
    import numpy as np

    invented = [invented_word(i) for i in range(vocabulary - len(QUESTION_STOP))]
    lexicon = np.array([*QUESTION_STOP, *invented], dtype=object)
    weight = 1.0 / np.power(np.arange(vocabulary) + 3.7, 1.05)
    cumulative = np.cumsum(weight) / weight.sum()
    with path.open("w", encoding="utf-8") as out:
        for start in range(0, size, CHUNK):
            count = min(CHUNK, size - start)
            rng = np.random.default_rng([seed, start])
            lengths = rng.integers(words // 2, words + words // 2 + 1, size=CHUNK)[:count]
            ranks = np.searchsorted(cumulative, rng.random(int(lengths.sum())))
            drawn = lexicon[ranks.clip(max=vocabulary - 1)]
            for row in np.split(drawn, np.cumsum(lengths)[:-1]):
                out.write(" ".join(row) + "\n")


def read_passages(path: Path, size: int) -> Iterator[Passage]:
    """Yield the first ``size`` passages of a written corpus."""
    with path.open(encoding="utf-8") as lines:
        for ident, line in enumerate(islice(lines, size)):
            yield ident, ident // PASSAGES_PER_POST, line.rstrip("\n")


def write_questions(corpus: Path, path: Path, count: int, seed: int) -> list[str]:
    """Write questions of 8 to 10 different content words, each taken from one passage."""
    import numpy as np

    rng = np.random.default_rng([seed, 1])
    stop = frozenset(QUESTION_STOP)
    questions = []
    for _, _, text in read_passages(corpus, count):
        words = sorted(set(text.split()) - stop)
        length = min(int(rng.integers(8, 11)), len(words))
        chosen = rng.choice(len(words), size=length, replace=False)
        questions.append(" ".join(words[i] for i in chosen))
    path.write_text(json.dumps(questions), encoding="utf-8")
    return questions


def peak_memory_mb() -> float:
    """Return the peak resident memory of this process since it started (0 off Linux)."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
    return int(found.group(1)) / 1024 if found else 0.0


def evict(path: Path) -> None:
    """Drop the index files from the page cache where the system allows it."""
    if not hasattr(os, "posix_fadvise"):
        return
    for file in path.rglob("*"):
        if file.is_file():
            handle = os.open(file, os.O_RDONLY)
            os.fsync(handle)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)


def disk_mb(path: Path) -> float:
    """Return the size of a folder in megabytes."""
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / 1e6


def import_engine(name: str) -> None:
    """Import the modules an engine needs."""
    if name in ("tantivy", "bm25s"):
        import tantivy  # noqa: F401
    if name == "bm25s":
        import bm25s  # noqa: F401


def worker_build(name: str, corpus: Path, index: Path, size: int) -> dict[str, float]:
    """Build one index in this process and report time, disk and memory."""
    import_engine(name)
    engine = make_engine(Setup(name))
    start = time.perf_counter()
    engine.build(read_passages(corpus, size), index)
    seconds = time.perf_counter() - start
    return {"build_s": seconds, "disk_mb": disk_mb(index), "build_peak_mb": peak_memory_mb()}


def timings_ms(work: Callable[[str], object], questions: Sequence[str]) -> list[float]:
    """Time a search for each question, in milliseconds."""
    times = []
    for question in questions:
        start = time.perf_counter()
        work(question)
        times.append(1000 * (time.perf_counter() - start))
    return sorted(times)


def worker_query(name: str, questions: Path, index: Path, size: int) -> dict[str, float]:
    """Open one index in this process, from evicted files, and time its searches."""
    texts: list[str] = json.loads(questions.read_text(encoding="utf-8"))
    evict(index)
    marks = [time.perf_counter()]
    import_engine(name)
    marks.append(time.perf_counter())
    engine = make_engine(Setup(name))
    engine.open(index)
    marks.append(time.perf_counter())
    engine.search(texts[0], TOP_K)
    marks.append(time.perf_counter())
    importing, opening, first = (1000 * (b - a) for a, b in pairwise(marks))
    # A tenth of the posts, spread over the collection.
    allowed = list(range(0, max(1, size // PASSAGES_PER_POST), 10))
    plain = timings_ms(lambda text: engine.search(text, TOP_K), texts[1:])
    limited = timings_ms(lambda text: engine.search(text, TOP_K, allowed), texts[1:51])
    start = time.perf_counter()
    make_engine(Setup(name)).open(index)
    reopening = 1000 * (time.perf_counter() - start)
    return {
        "import_ms": importing,
        "open_ms": opening,
        "first_query_ms": first,
        "reopen_ms": reopening,
        "cold_ms": importing + opening + first,
        "median_ms": statistics.median(plain),
        "p95_ms": plain[int(0.95 * (len(plain) - 1))],
        "filtered_median_ms": statistics.median(limited),
        "query_peak_mb": peak_memory_mb(),
    }


def run_worker(arguments: Sequence[str]) -> None:
    """Run one measurement in this fresh process and print it as JSON."""
    task, name, source, index, size = arguments
    work = {"build": worker_build, "query": worker_query}[task]
    print(json.dumps(work(name, Path(source), Path(index), int(size))))


def spawn(task: str, name: str, source: Path, index: Path, size: int) -> dict[str, float]:
    """Run a worker and return what it measured."""
    command = [sys.executable, __file__, "--worker", task, name, str(source), str(index), str(size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


LINEAR = ("build_s", "disk_mb", "build_peak_mb", "median_ms", "p95_ms", "filtered_median_ms")


def extrapolate(row: dict[str, Any], size: int) -> dict[str, Any]:
    """Scale the size-bound figures of a smaller run in proportion to the number of passages."""
    factor = size / row["passages"]
    scaled = {key: row[key] * factor for key in LINEAR}
    return {"engine": row["engine"], "passages": size, "extrapolated": True, **scaled}


def run_growth(options: argparse.Namespace, corpus: Path, questions: Path) -> list[dict[str, Any]]:
    """Measure the engines at every size, skipping builds predicted to exceed the budget."""
    results: list[dict[str, Any]] = []
    for name in options.engines:
        last: dict[str, Any] | None = None
        for size in sorted(options.sizes):
            if last and last["build_s"] * size / last["passages"] > options.budget_seconds:
                results.append(extrapolate(last, size))
                continue
            note(f"growth {name} {size:,}")
            index = corpus.parent / f"growth-{name}-{size}"
            last = {"engine": name, "passages": size, "extrapolated": False}
            last |= spawn("build", name, corpus, index, size)
            last |= spawn("query", name, questions, index, size)
            results.append(last)
    return results


# ----------------------------------------------------------------------------- report


def note(message: str) -> None:
    """Report progress on the error stream."""
    print(message, file=sys.stderr, flush=True)


def quality_table(rows: Sequence[dict[str, Any]]) -> Any:
    """Return the quality figures, one setup a line."""
    from rich.table import Table

    names = list(dict.fromkeys(row["collection"] for row in rows))
    table = Table(title="Quality (nDCG@10 / recall@10 / recall@100)")
    table.add_column("setup", no_wrap=True)
    for name in (*names, "mean nDCG@10"):
        table.add_column(name, justify="right", no_wrap=True)
    for setup in dict.fromkeys(row["setup"] for row in rows):
        mine = {row["collection"]: row for row in rows if row["setup"] == setup}
        cells = [
            " ".join(f"{mine[name][key]:.3f}" for key in ("ndcg_10", "recall_10", "recall_100"))
            for name in names
        ]
        mean = statistics.fmean(row["ndcg_10"] for row in mine.values())
        table.add_row(setup, *cells, f"{mean:.4f}")
    return table


def behaviour_table(rows: Sequence[dict[str, Any]]) -> Any:
    """Return the behaviour checks, one engine a line."""
    from rich.table import Table

    table = Table("engine", "missed forms", "hostile text", "tie order", title="Behaviour")
    for row in rows:
        table.add_row(
            row["engine"],
            ", ".join(row["missed_forms"]) or "none",
            "; ".join(row["hostile_failures"]) or "safe",
            f"{row['order_differences']} of {row['questions']} lists changed",
        )
    return table


def growth_table(rows: Sequence[dict[str, Any]]) -> Any:
    """Return the growth figures, one engine and size a line."""
    from rich.table import Table

    columns = {
        "build_s": "build s",
        "build_peak_mb": "build MB",
        "disk_mb": "disk MB",
        "import_ms": "import",
        "open_ms": "open",
        "first_query_ms": "first",
        "cold_ms": "cold",
        "reopen_ms": "reopen",
        "median_ms": "median",
        "p95_ms": "p95",
        "filtered_median_ms": "filter",
        "query_peak_mb": "query MB",
    }
    table = Table(title="Growth (times in ms unless said; ~ extrapolated)")
    table.add_column("engine")
    for title in ("passages", *columns.values()):
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        mark = "~" if row["extrapolated"] else ""
        cells = [f"{mark}{row[key]:,.1f}" if key in row else "-" for key in columns]
        table.add_row(row["engine"], f"{row['passages']:,}", *cells)
    return table


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Compare lexical (BM25) engines.")
    parser.add_argument("--data", type=Path, help="folder of BEIR-layout collections")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--budget-seconds", type=float, default=180.0, help="longest build")
    parser.add_argument("--words", type=int, default=120, help="mean words in a passage")
    parser.add_argument("--vocabulary", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=20_240_101)
    parser.add_argument("--json", action="store_true", help="print JSON in place of tables")
    parser.add_argument("--worker", nargs=5, help=argparse.SUPPRESS)
    return parser.parse_args()


def measure(options: argparse.Namespace, work: Path) -> dict[str, list[dict[str, Any]]]:
    """Run the three parts and return their rows."""
    results: dict[str, list[dict[str, Any]]] = {}
    if options.data is not None:
        results["quality"] = run_quality(options.data, options.engines, work)
    corpus, questions = work / "corpus.txt", work / "questions.json"
    note("writing the synthetic corpus")
    size = max([3_000, *options.sizes])
    write_corpus(corpus, size, options.words, options.vocabulary, options.seed)
    texts = write_questions(corpus, questions, 201, options.seed)
    results["behaviour"] = run_behaviour(options.engines, corpus, texts, work)
    results["growth"] = run_growth(options, corpus, questions)
    return results


def main() -> None:
    """Measure, then print tables or JSON."""
    options = parse_arguments()
    if options.worker:
        run_worker(options.worker)
        return
    with tempfile.TemporaryDirectory(prefix="lexical-") as folder:
        results = measure(options, Path(folder))
    if options.json:
        print(json.dumps(results, indent=2))
        return
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 160)
    tables = {"quality": quality_table, "behaviour": behaviour_table, "growth": growth_table}
    for part, rows in results.items():
        if rows:
            console.print(tables[part](rows))


if __name__ == "__main__":
    main()
