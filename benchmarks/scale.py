"""What grows with the posts: opening, asking, memory, recall and disk from 1,000 passages on.

The corpus is made: sentences of real posts (a zip of Markdown files) recombined into posts of eight
passages, each with a title, an author, a date, labels and a made-up word of its own, so that the
vocabulary grows as it does in life. The vectors of a sample of sentences are the encoder's own; a
made sentence has one of them, turned a little at random, and a passage the sum of its sentences,
turned likewise. The index is written by the program's own writers and measured in a process of its
own::

    python benchmarks/scale.py PAGES.zip --work FOLDER [--sizes 1000,10000,100000,1000000]

Times are wall clock and processor time of the process, medians and 95th percentiles: on a machine
that does other work, the processor time is the one to compare; of several ``--threads`` the wall
clock of an idle machine. ``--reindex 10000`` runs the real
build over files of such posts instead (with vectors of no meaning), changes one of them, and
measures the build after it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from askscwru import Assistant
from askscwru.index.build import COPIES, READ, build, document_cache
from askscwru.index.encoder import Encoder, Vectors
from askscwru.index.generation import (
    FORMAT,
    MADE_FROM,
    MANIFEST,
    Index,
    MadeFrom,
    Manifest,
    ModelFact,
    files_of,
    generations_folder,
    read_manifest,
    write_made_from,
    write_manifest,
)
from askscwru.index.lexical import LexicalIndex, numbered, segments_of
from askscwru.index.making import code_of_program, seal_of, shaping
from askscwru.index.part_writer import PART, join_parts
from askscwru.index.records import (
    RECORDS,
    IndexPart,
    Placed,
    PostOrder,
    part_folder,
    write_part,
    write_records,
)
from askscwru.index.vectors import SENTENCES, SentenceWriter, is_large, write_passages
from askscwru.ingest import (
    CopyStore,
    Look,
    list_sources,
    read_corpus,
    read_seeds_manifest,
    reading,
)
from askscwru.ingest.formats.blog_folder import stamp_of
from askscwru.ingest.found import Document
from askscwru.ingest.merge import copy_of
from askscwru.ingest.remembered import Group, KnownCopy, numbers_of, rank_of
from askscwru.sentences import split_sentences
from askscwru.settings import PACKAGED_MODEL, PACKAGED_WEIGHTS, Settings
from askscwru.types import Block, BlockKind, Filters, Passage, Place, Post, Sentence, Source

SIZES = "1000,10000,100000,1000000"
SEED = 20_260_101
SAMPLE = 6_000
"""Sentences that are really encoded."""
PER_POST, PER_PASSAGE = 8, 3
"""Passages of a post, the first of them its title; sentences of each of the others."""
SENTENCE_TURN, PASSAGE_TURN = 0.35, 0.25
"""The length of the random vector that turns a unit vector."""
QUESTIONS = 100
PEERS = ("txtai", "haystack-ai<3", "faiss-cpu")
DEEP = 50
_AT_ONCE = 4_096
_DIMENSION = 384
_SYLLABLES = "ba ke lo mi nu ra se ti vo wa xe ya zo pri sta gro fel mon tar lin dor sul".split()


# -- what posts are made of ------------------------------------------------------------------------


@dataclass(frozen=True)
class Material:
    """Sentences of real posts, one post after the other, with the encoder's vectors of them."""

    titles: tuple[str, ...]
    sentences: tuple[str, ...]
    owners: tuple[int, ...]
    """Of each sentence, the number of its post."""
    vectors: Vectors
    of_titles: Vectors

    @cached_property
    def begins(self) -> dict[int, int]:
        """Of each post, its first sentence."""
        return {owner: at for at, owner in reversed(list(enumerate(self.owners)))}

    @classmethod
    def read(cls, pages: Path, work: Path) -> Material:
        """Of a zip of posts; their vectors are kept for the next run."""
        told = work / "sentences.json"
        if not told.is_file():
            told.write_text(json.dumps(_real(pages)))
        titles, sentences, owners = map(tuple, json.loads(told.read_text()))
        kept = work / "vectors.npy"
        if not kept.is_file():
            np.save(kept, Encoder.load(PACKAGED_WEIGHTS, threads=1).encode([*sentences, *titles]))
        vectors = np.load(kept)
        return cls(titles, sentences, owners, vectors[: len(sentences)], vectors[len(sentences) :])


def _real(pages: Path) -> tuple[tuple[str, ...], tuple[str, ...], tuple[int, ...]]:
    with tempfile.TemporaryDirectory() as made, zipfile.ZipFile(pages) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".md"))
        for name in names[:: max(1, len(names) // 600)]:
            Path(made, name.rsplit("/", 1)[-1]).write_bytes(archive.read(name))
        corpus = read_corpus(
            Settings(seeds=Path(made), embeddings=Path(made, "none")), lambda *_: None
        )
    titles: list[str] = []
    sentences: list[str] = []
    owners: list[int] = []
    for post in corpus.posts:
        text = corpus.texts[post.source]
        found = [
            " ".join(text[span.start : span.end].split())
            for block in post.blocks
            if block.kind is BlockKind.BODY
            for span in split_sentences(text, block.start, block.end)
        ]
        found = [sentence for sentence in found if 30 <= len(sentence) <= 300]
        if post.title and len(found) >= 2 and len(sentences) < SAMPLE:
            sentences += found
            owners += [len(titles)] * len(found)
            titles.append(post.title)
    return tuple(titles), tuple(sentences), tuple(owners)


@dataclass(frozen=True)
class Made:
    """A corpus of a size: everything of it can be made again from its numbers."""

    material: Material
    passages: int

    @property
    def posts(self) -> int:
        """Their number."""
        return self.passages // PER_POST

    def chosen(self, number: int) -> tuple[int, list[tuple[int, ...]]]:
        """The real post that gives a made one its title, and the sentences of each passage.

        Two of them stand side by side, in half of the passages in that post; one is of anywhere.
        """
        rng = random.Random(SEED + number)
        known = len(self.material.sentences)
        topic = rng.randrange(len(self.material.titles))
        begun = self.material.begins[topic]
        some: list[tuple[int, ...]] = []
        for _ in range(PER_POST - 1):
            at = begun + rng.randrange(6) if rng.random() < 0.5 else rng.randrange(known)
            at = min(at, known - 2)
            some.append((at, at + 1, rng.randrange(known)))
        return topic, some

    def post(self, number: int) -> tuple[Source, str, Post, list[Passage]]:
        """A post with its source, the text of that, and its passages."""
        real = self.material
        topic, chosen = self.chosen(number)
        rng = random.Random(-SEED - number)
        invented = "".join(rng.choices(_SYLLABLES, k=4)).capitalize()
        title = f"{real.titles[topic]}: {invented} {number % 997}"
        author = rng.randrange(max(20, int(self.posts**0.7)))
        facts: dict[str, Any] = {
            "title": title,
            "authors": (f"{_SYLLABLES[author % 22].capitalize()}a {_word(author)}",),
            "blog": f"The {_word(rng.randrange(40))} Blog",
            "published": (date(2005, 1, 1) + timedelta(days=rng.randrange(7300))).isoformat(),
            "tags": (_word(7_000 + rng.randrange(300)).lower(),),
            "categories": (_word(9_000 + rng.randrange(40)).lower(),),
        }
        if rng.random() < 0.1:
            facts["published"] = None
        texts = [[real.sentences[at] for at in some] for some in chosen]
        texts[0][0] = f"The {invented} project is new. {texts[0][0]}"
        return _composed(number, title, texts, facts)

    def all(self) -> Iterator[tuple[Source, str, Post, list[Passage]]]:
        """Every post, in order."""
        return map(self.post, range(self.posts))

    def vectors(self, first: int, end: int) -> Iterator[tuple[Vectors, Vectors]]:
        """Unit vectors of the passages of some hundreds of posts at a time, and of all sentences.

        Args:
            first: the first post.
            end: one past the last.
        """
        rng = np.random.default_rng([SEED, first])
        step = _AT_ONCE // PER_POST
        for start in range(first, end, step):
            rows, sentences = [], []
            for number in range(start, min(end, start + step)):
                topic, chosen = self.chosen(number)
                title = self.material.of_titles[topic]
                own = self.material.vectors[np.array(chosen)]
                rows += [title[None], own.mean(axis=1) + 0.2 * title]
                sentences += [title[None], own.reshape(-1, own.shape[-1])]
            yield (
                _turned(_unit(np.concatenate(rows)), PASSAGE_TURN, rng),
                _turned(np.concatenate(sentences), SENTENCE_TURN, rng),
            )


@cache
def _word(number: int) -> str:
    rng = random.Random(number)
    return "".join(rng.choices(_SYLLABLES, k=rng.randint(3, 5))).capitalize()


def _composed(
    number: int, title: str, texts: list[list[str]], facts: dict[str, Any]
) -> tuple[Source, str, Post, list[Passage]]:
    name = f"{number // 1000:04}/{number:07}.md"
    post_id = hashlib.sha256(name.encode()).hexdigest()[:12]
    context = f"{title}. {', '.join(facts['authors'])}. {facts['blog']}"
    lines = [title, *(" ".join(some) for some in texts)]
    text = "\n\n".join(lines)
    passages, blocks, at = [], [], 0
    for line, some in zip(lines, [[title], *texts], strict=True):
        kind = BlockKind.TITLE if at == 0 else BlockKind.BODY
        spans, begun = [], at
        for sentence in some:
            spans.append(Sentence(begun, begun + len(sentence), kind))
            begun += len(sentence) + 1
        blocks.append(Block(at, at + len(line), kind))
        passages.append(
            Passage(
                id=hashlib.sha256(f"{name} {at}".encode()).hexdigest()[:12],
                post_id=post_id,
                source=name,
                start=at,
                end=at + len(line),
                text=line,
                context=context,
                sentences=tuple(spans),
                kind=kind,
            )
        )
        at += len(line) + 2
    post = Post(
        id=post_id,
        word_count=None,
        known_words=len(text.split()),
        complete=True,
        url=f"https://made.example/{number}",
        source=name,
        start=0,
        end=len(text),
        blocks=tuple(blocks),
        title_at=Place(name, 0, len(title)),
        **facts,
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    source = Source(
        name=name,
        sha256=digest,
        characters=len(text),
        blog=facts["blog"],
        format="markdown",
        text_sha256=digest,
    )
    return source, text, post, passages


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def _turned(vectors: Vectors, by: float, rng: np.random.Generator) -> Vectors:
    noise = rng.standard_normal(vectors.shape, dtype=np.float32)
    return _unit(vectors + by * _unit(noise))


# -- the index, by the program's own writers -------------------------------------------------------


def write(made: Made, folder: Path) -> dict[str, float]:
    """Writes a generation and makes it live; processor seconds of each of its parts."""
    generation = generations_folder(folder) / "made"
    generation.mkdir(parents=True)
    bounds = range(0, made.posts, PART // PER_POST)
    with ProcessPoolExecutor(2) as pool:
        running = [pool.submit(_write_part, made, generation, *one) for one in enumerate(bounds)]
        written = [one.result() for one in running]
    parts = [part for part, *_ in written]
    placed = {post: place for _, some, _ in written for post, place in some.items()}
    took: dict[str, float] = {}
    for *_, spent in written:
        for name, figure in spent.items():
            took[name] = took.get(name, 0.0) + figure
    burnt = time.process_time()
    join_parts(generation, generation / "engines", parts)
    write_records(
        generation / RECORDS,
        ((source, placed[post.id].part) for source, _, post, _ in made.all()),
        (post for _, _, post, _ in made.all()),
        placed,
        parts,
        (text for _, text, *_ in made.all()),
    )
    took["joined_cpu_s"] = time.process_time() - burnt
    write_made_from(generation, MadeFrom())
    card = Encoder.load(PACKAGED_WEIGHTS, threads=1).card
    manifest = Manifest(
        format=FORMAT,
        generation="made",
        previous=None,
        model=ModelFact(
            name=PACKAGED_MODEL,
            fingerprint=card.fingerprint,
            dimension=card.dimension,
            max_tokens=card.max_tokens,
        ),
        settings={},
        code="",
        seeds_manifest="",
        counts={
            "sources": made.posts,
            "posts": made.posts,
            "passages": sum(part.passages for part in parts),
            "sentences": sum(part.sentences for part in parts),
        },
        built_at="2026-01-01T00:00:00+00:00",
        seconds=0.0,
        versions={},
        files=files_of(generation),
    )
    write_manifest(folder, manifest)
    return {name: round(figure, 1) for name, figure in took.items()}


def _write_part(
    made: Made, generation: Path, key: int, first: int
) -> tuple[IndexPart, dict[str, Placed], dict[str, float]]:
    end = min(made.posts, first + PART // PER_POST)
    folder = part_folder(generation, key)
    large = is_large(made.posts * PER_POST)
    burnt = [time.process_time()]
    whole = [made.post(number) for number in range(first, end)]
    passages = [passage for *_, some in whole for passage in some]
    burnt.append(time.process_time())
    part, placed = write_part(
        folder,
        key,
        [post for _, _, post, _ in whole],
        passages,
        ((source.name, text) for source, text, *_ in whole),
    )
    burnt.append(time.process_time())
    sentences = SentenceWriter(folder / SENTENCES, part.sentences, _DIMENSION, large=large)
    vectors = []
    with closing(sentences) as writer:
        for some, theirs in made.vectors(first, end):
            vectors.append(some)
            writer.add(theirs)
    burnt.append(time.process_time())
    write_passages(folder, np.concatenate(vectors), large=large)
    burnt.append(time.process_time())
    engine = generation / "engines" / str(key)
    LexicalIndex.build(
        engine, ((numbered(key, at), p.context, p.text) for at, p in enumerate(passages))
    )
    burnt.append(time.process_time())
    names = ("made", "records", "made", "dense", "lexical")
    spent: dict[str, float] = {}
    for name, took in zip(names, np.diff(burnt), strict=True):
        spent[f"{name}_cpu_s"] = spent.get(f"{name}_cpu_s", 0.0) + float(took)
    return replace(part, segments=segments_of(engine)), placed, spent


# -- measuring, in a process of its own ------------------------------------------------------------


def measured(
    work: Callable[[Any], object], inputs: Sequence[Any], *, warm: int = 3
) -> dict[str, float]:
    """Median and 95th percentile, in milliseconds, of wall clock and of processor time."""
    for one in inputs[:warm]:
        work(one)
    wall, cpu = [], []
    for one in inputs:
        began, burnt = time.perf_counter(), time.process_time()
        work(one)
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - burnt))
    return {
        "median_ms": round(float(np.median(wall)), 2),
        "p95_ms": round(float(np.percentile(wall, 95)), 2),
        "cpu_median_ms": round(float(np.median(cpu)), 2),
        "cpu_p95_ms": round(float(np.percentile(cpu, 95)), 2),
    }


def resident() -> dict[str, int]:
    """Memory of this process in megabytes: its own, of mapped files, and the most it has held."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    own, mapped = (int(status[name].split()[0]) >> 10 for name in ("RssAnon", "RssFile"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return {"own_mb": own, "mapped_mb": mapped, "peak_mb": peak}


def recall(index: Index, vectors: Vectors) -> float:
    """The share of the exact first fifty that a search finds."""
    best: list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = [
        (np.empty(0), np.empty(0, dtype=np.int64)) for _ in vectors
    ]
    for start in range(0, len(index), 50_000):
        rows = np.arange(start, min(len(index), start + 50_000))
        scores = index.vectors(rows) @ vectors.T
        for at in range(len(vectors)):
            merged = np.concatenate([best[at][0], scores[:, at]])
            named = np.concatenate([best[at][1], rows])
            keep = np.argsort(-merged)[:DEEP]
            best[at] = merged[keep], named[keep]
    shares = []
    for (_, rows), vector in zip(best, vectors, strict=True):
        found = {row for row, _ in index.dense_search(vector, DEEP)}
        shares.append(len(found & set(rows.tolist())) / len(rows))
    return round(float(np.mean(shares)), 4)


def measure(folder: Path, questions: Sequence[str], threads: int) -> dict[str, Any]:
    """All figures of one index."""
    settings = Settings(seeds=folder, embeddings=folder, threads=threads)
    line: dict[str, Any] = {}
    line["open"] = measured(lambda _: Index.open(folder, settings).close(), range(5), warm=1)
    began, burnt = time.perf_counter(), time.process_time()
    assistant = Assistant.load(settings)
    line["load"] = {
        "wall_s": round(time.perf_counter() - began, 2),
        "cpu_s": round(time.process_time() - burnt, 2),
    }
    line["loaded"] = resident()
    line["search"] = measured(lambda q: assistant.search(q, top_k=5), questions)
    line["searched"] = resident()
    line["ask"] = measured(assistant.ask, questions[:20])
    line["asked"] = resident()
    index = assistant._index
    vectors = assistant._encoder.encode(questions)
    line["encode"] = measured(lambda q: assistant._encoder.encode([q]), questions)
    line["dense"] = measured(lambda v: index.dense_search(v, DEEP), list(vectors))
    line["lexical"] = measured(lambda q: index.lexical.search(q, DEEP), questions)
    post = index.records.posts_of(index.records.select((), PostOrder.PAGES)[-1:])[0]
    some = questions[:12]
    for name, filters in {
        "author": Filters(author=post.authors[0]),
        "tag": Filters(tag=post.tags[0]),
        "after": Filters(after="2015"),
        "post": Filters(post=post.id),
    }.items():
        line[f"filter_{name}"] = measured(
            lambda q, f=filters: assistant.search(q, top_k=5, filters=f), some, warm=1
        )
    line["misspelt"] = measured(
        lambda q: assistant.search(q, top_k=5), [f"mobil aplication {q} xzybnt" for q in some]
    )
    line["filtered"] = resident()
    for name, question in {
        "count": "How many posts are there?",
        "by": f"Which posts did {post.authors[0]} write?",
        "newest": "What is the newest post?",
        "year": "Which posts are from 2014?",
        "who": f"Who wrote “{post.title}”?",
        "about": "Which posts are about mobile apps?",
        "authors": "Who are the authors?",
    }.items():
        line[f"collection_{name}"] = measured(assistant.ask, [question] * 3, warm=1)
    line["collected"] = resident()
    print(json.dumps(line), file=sys.stderr, flush=True)
    line["recall"] = recall(index, vectors[:QUESTIONS])
    line["recall_sentences"] = recall(index, np.load(folder.parent / "sentences.npy"))
    return line


def sized(made: Made, work: Path, threads: int) -> dict[str, Any]:
    """One line of the table: an index of a size, written and measured."""
    folder = work / "embeddings"
    shutil.rmtree(folder, ignore_errors=True)
    line: dict[str, Any] = {"passages": made.posts * PER_POST, "posts": made.posts}
    line |= write(made, folder)
    line["disk_mb"] = {
        path.name: sum(file.stat().st_size for file in [path, *path.rglob("*")]) >> 20
        for path in sorted((generations_folder(folder) / "made").iterdir())
    }
    asked = work / "questions.json"
    step = max(1, len(made.material.titles) // QUESTIONS)
    asked.write_text(json.dumps(made.material.titles[::step][:QUESTIONS]))
    rng = np.random.default_rng(SEED + 1)
    some = made.material.vectors[rng.permutation(len(made.material.vectors))[:QUESTIONS]]
    np.save(work / "sentences.npy", _turned(some, SENTENCE_TURN, rng))
    own = [sys.executable, __file__, "--measure", str(folder), "--questions", str(asked)]
    own += ["--threads", str(threads)]
    done = subprocess.run(own, stdout=subprocess.PIPE, check=True, text=True)
    return line | json.loads(done.stdout)


# -- one changed post ------------------------------------------------------------------------------


def reindexed(made: Made, work: Path) -> dict[str, Any]:
    """What a build takes after one of its files has changed; all else is known to it."""
    seeds, folder = work / "seeds", work / "reindexed"
    for old in (seeds, folder):
        shutil.rmtree(old, ignore_errors=True)
    vocabulary = sorted({w for s in made.material.sentences for w in s.split() if w.isalpha()})
    for source, text, post, *_ in made.all():
        path = seeds / source.name
        path.parent.mkdir(parents=True, exist_ok=True)
        head, body = text.split("\n\n", 1)
        body = _varied(body, vocabulary, random.Random(source.name))
        facts = {"title": head, "author": post.authors[0], "date": post.published or ""}
        told = "\n".join(f"{name}: {json.dumps(value)}" for name, value in facts.items())
        path.write_text(f"---\n{told}\n---\n\n{body}\n")
    settings = Settings(seeds=seeds, embeddings=folder, threads=1)
    line: dict[str, Any] = {"posts": made.posts}
    first, line["first_stages_s"] = _built(settings)
    line["passages"], line["first_s"] = first.passages, round(first.seconds, 1)
    line["first_peak"] = resident()
    path = seeds / made.post(made.posts // 2)[0].name
    path.write_text(path.read_text() + "\nA paragraph that was not there before today.\n")
    time.sleep(3)  # so that the disk's times tell the change from the build before
    burnt = time.process_time()
    again, line["again_stages_s"] = _built(settings)
    line["again_s"] = round(again.seconds, 1)
    line["again_cpu_s"] = round(time.process_time() - burnt, 1)
    line["again_peak"] = resident()
    line["again_encoded"] = again.vectors_encoded
    burnt = time.process_time()
    nothing = build(settings, lambda *_: None)
    line["nothing_changed_s"] = round(nothing.seconds, 2)
    line["nothing_changed_cpu_s"] = round(time.process_time() - burnt, 2)
    return line


def amended(made: Made, work: Path) -> dict[str, Any]:
    """What a build takes after one of the files has changed from which an index was made.

    The index is the one that the program's own writers made, for a whole build of so many files
    takes hours; files, and what a build keeps of their copies, are put beside it, with runs of
    words that no two posts share. The builds themselves are real.
    """
    folder, seeds = work / "embeddings", work / "files"
    settings = Settings(seeds=seeds, embeddings=folder, threads=1)
    if not (folder / MANIFEST).is_file():
        write(made, folder)
    for number in range(made.posts):
        source, text, *_ = made.post(number)
        path = seeds / source.name
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_front(text, made.post(number)[2]))
    changed = seeds / made.post(made.posts // 2)[0].name
    _remember(made, settings, changed)
    line: dict[str, Any] = {"posts": made.posts, "passages": made.posts * PER_POST}
    time.sleep(3)
    for name, add in (("first", "A new paragraph stands here."), ("second", "And one more.")):
        changed.write_text(f"{changed.read_text()}\n{add}\n")
        burnt = time.process_time()
        report, stages = _built(settings)
        line[name] = {
            "wall_s": round(report.seconds, 1),
            "cpu_s": round(time.process_time() - burnt, 1),
            "stages_s": stages,
            "changes": [report.changes.new, report.changes.changed, report.changes.gone],
            **resident(),
        }
    burnt = time.process_time()
    nothing = build(settings, lambda *_: None)
    line["nothing"] = {
        "wall_s": round(nothing.seconds, 1),
        "cpu_s": round(time.process_time() - burnt, 1),
        "changed": nothing.changed,
    }
    return line


def _front(text: str, post: Post) -> str:
    head, body = text.split("\n\n", 1)
    facts = {"title": head, "author": post.authors[0], "date": post.published or ""}
    told = "\n".join(f"{name}: {json.dumps(value)}" for name, value in facts.items())
    return f"---\n{told}\n---\n\n{body}\n"


def _remember(made: Made, settings: Settings, changed: Path) -> None:
    """Keeps of the files what a whole build of them keeps."""
    folder = settings.embeddings
    look = Look()
    files, skipped = list_sources(settings, None, look)
    encoder = Encoder.for_building(PACKAGED_WEIGHTS, threads=1)
    live = replace(
        read_manifest(folder / MANIFEST),
        settings=shaping(settings),
        code=code_of_program(),
        vectors=encoder.kept_as,
        places=("",),
    )
    generation = generations_folder(folder) / live.generation
    hashes = {file.name: file.sha256 for file in files}
    write_made_from(generation, MadeFrom(sources=hashes, inputs=hashes))
    known = {n: fact for n, fact in live.files.items() if n != MADE_FROM}
    live = replace(live, files=files_of(generation, known))
    write_manifest(folder, live)
    cache = document_cache(settings, folder / READ)
    (folder / COPIES).unlink(missing_ok=True)
    store = CopyStore(folder / COPIES)
    read = reading(read_seeds_manifest(settings), settings, cache)
    at = settings.seeds / changed
    [file] = [file for file in files if file.path == at]
    key, found = read(file)
    [document] = [one for one in found if isinstance(one, Document)]
    keys = {file.name: hashlib.sha256(file.name.encode()).digest() for file in files}
    keys[file.name] = key
    store.keep_files(look.seen, look.places, keys)
    names = {file.name: (file.name, 0) for file in files}
    store.keep(names, dict.fromkeys(names, "markdown"))
    rng = np.random.default_rng(SEED)
    for number in range(made.posts):
        source, _, post, _ = made.post(number)
        order = 0, source.name, 0, 0
        own = tuple(int(one) for one in rng.integers(0, 1 << 62, 46))
        if source.name == file.name:
            own = numbers_of(copy_of(source, document.text, document.posts[0], 0))
        rank = rank_of(post.known_words or 0, *order)
        store.put_copy(KnownCopy(number, rank, number, source.name, own))
        store.put_group(Group(number, post.id, f"{number:012}", order, source.name))
    told = json.dumps([(skip.name, skip.reason) for skip in skipped])
    store.set_facts(
        {
            "skips": told,
            "authors": stamp_of(look.folders),
            "generation": live.generation,
            "seal": json.dumps(seal_of(generation, live)),
        }
    )
    store.close()
    cache.close()


def _varied(text: str, vocabulary: Sequence[str], rng: random.Random) -> str:
    """The text with every fourth word another, so that posts share few runs of five words.

    Of sentences that are merely recombined every post would share some with a thousand others.
    """
    lines = [line.split(" ") for line in text.split("\n")]
    for words in lines:
        for at in range(3, len(words), 4):
            words[at] = rng.choice(vocabulary)
    return "\n".join(" ".join(words) for words in lines)


def _built(settings: Settings) -> tuple[Any, dict[str, float]]:
    """Runs a build with vectors of no meaning; seconds by stage, as progress tells them."""
    stages: dict[str, float] = {}
    last = [time.perf_counter(), "begin"]

    def told(stage: str, done: int, total: int) -> None:
        now = time.perf_counter()
        stages[str(last[1])] = stages.get(str(last[1]), 0.0) + now - float(last[0])
        last[:] = [now, stage]

    encode = Encoder.encode
    rng = np.random.default_rng(SEED)
    Encoder.encode = lambda self, texts, batch=32: _unit(  # type: ignore[method-assign]
        rng.standard_normal((len(texts), 384), dtype=np.float32)
    )
    try:
        report = build(settings, told)
    finally:
        Encoder.encode = encode  # type: ignore[method-assign]
    told("end", 0, 0)
    return report, {name: round(took, 2) for name, took in stages.items()}


# -- others ----------------------------------------------------------------------------------------


def others(made: Made, work: Path, environment: Path) -> dict[str, Any]:
    """Txtai and Haystack's store in memory with the same passages and vectors."""
    folder = work / "peers"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    step = max(1, len(made.material.titles) // QUESTIONS)
    asked = made.material.titles[::step][:QUESTIONS]
    (folder / "questions.json").write_text(json.dumps(asked))
    np.save(folder / "questions.npy", made.material.of_titles[::step][:QUESTIONS])
    texts = [p.text for number in range(made.posts) for p in made.post(number)[3]]
    (folder / "texts.json").write_text(json.dumps(texts))
    np.save(folder / "texts.npy", np.concatenate([some for some, _ in made.vectors(0, made.posts)]))
    python = environment / "bin" / "python"
    if not python.is_file():
        venv.create(environment, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS], check=True)
    line: dict[str, Any] = {"passages": len(texts)}
    child = Path(__file__).with_name("scale_peer.py")
    for peer in ("txtai", "haystack"):
        told: dict[str, Any] = {}
        for phase in ("make", "ask"):
            done = subprocess.run(
                [str(python), str(child), peer, phase, str(folder)],
                stdout=subprocess.PIPE,
                text=True,
                check=False,
                env={
                    **os.environ,
                    "PYTHONPATH": str(child.parent),
                    "OMP_NUM_THREADS": "1",
                    "ALLOW_RESOLVE_TRANSFORM": "True",
                },
            )
            told |= (
                json.loads(done.stdout.splitlines()[-1])
                if not done.returncode
                else {"failed": phase}
            )
        line[peer] = told
    return line


def main() -> None:
    """Prints one JSON line for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", type=Path, nargs="?")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--sizes", default=SIZES)
    parser.add_argument("--reindex", default="", help="sizes of which a build is run, not an index")
    parser.add_argument("--peers", default="", help="sizes at which others are measured")
    parser.add_argument("--environment", type=Path, help="of the others; thrown away without it")
    parser.add_argument("--amend", default="", help="sizes of which one file changes")
    parser.add_argument("--measure", type=Path, help="of an index that is there")
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--threads", type=int, default=1, help="that a search may use")
    options = parser.parse_args()
    if options.measure:
        questions = json.loads(options.questions.read_text())
        print(json.dumps(measure(options.measure, questions, options.threads)))
        return
    options.work = options.work.resolve()
    options.work.mkdir(parents=True, exist_ok=True)
    material = Material.read(options.pages, options.work)
    if options.peers:
        with tempfile.TemporaryDirectory() as thrown_away:
            environment = options.environment or Path(thrown_away)
            for size in map(int, options.peers.split(",")):
                line = others(Made(material, size), options.work, environment)
                print(json.dumps(line), flush=True)
        return
    sizes = options.reindex or options.amend or options.sizes
    run = (
        reindexed
        if options.reindex
        else amended
        if options.amend
        else partial(sized, threads=options.threads)
    )
    for size in map(int, sizes.split(",")):
        print(json.dumps(run(Made(material, size), options.work)), flush=True)


if __name__ == "__main__":
    main()
