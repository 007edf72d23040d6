"""Outside sets, in their authors' own formats, to records.

Reading sets (SQuAD) are run given the paragraph, by the span model alone, and open: the articles
become posts of a folder of their own, indexed by the real build. So do the documents of ranking
sets (BEIR) and of the chunking set.
"""

from __future__ import annotations

import importlib
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from askscwru.answering.retrieve import Retriever
from askscwru.answering.span import SpanModel
from askscwru.assistant import Assistant
from askscwru.errors import UsageError
from askscwru.evaluate.metrics import exact_match, overlap, token_f1
from askscwru.evaluate.posts import shortened
from askscwru.evaluate.runs import Record
from askscwru.evaluate.sets import (
    Accepted,
    Article,
    ChunkingSet,
    Excerpts,
    Question,
    RankingSet,
    ReadingSet,
)
from askscwru.files import writing
from askscwru.index.build import build
from askscwru.index.encoder import Encoder
from askscwru.index.export import ensure_model
from askscwru.index.generation import Index
from askscwru.settings import PACKAGED_MODEL, Settings
from askscwru.types import Hit, Progress

_LONGEST_SPAN = 30
"""Words pieces, as in the official BERT scripts for SQuAD."""
RANKED = 100
"""How many documents of a ranking are measured."""
_CANDIDATES = 300
"""Passages that either search brings for a ranking: several may be of one document."""
_SHOWN = 5
_WHOLE = 0.999
RANKING_KS = (1, 3, 5, 10, 20, 50, 100)


# -- a project of its own --------------------------------------------------------------------------


@contextmanager
def project(
    settings: Settings, files: Iterable[tuple[str, str]], work: Path | None, progress: Progress
) -> Iterator[Settings]:
    """Settings for an index of these posts alone, made by the real build.

    Args:
        settings: of the program; its folders are left alone.
        files: name and text of each source, each holding one post.
        work: a folder to keep the index in for the next time; None for one that is removed.
        progress: told of the build.
    """
    with tempfile.TemporaryDirectory(prefix="askscwru-eval-") as temporary:
        folder = work or Path(temporary)
        own = settings.model_copy(
            update={
                "seeds": folder / "seeds",
                "embeddings": folder / "embeddings",
                "model": _model(settings, progress),
                "index": None,  # a server has the posts of whoever asks
            }
        )
        _write(own.seeds, files)
        build(own, progress)
        yield own


def _model(settings: Settings, progress: Progress) -> str:
    """The setting for the same encoder in another index, which need not export it again."""
    folder = ensure_model(settings, progress)
    return settings.model if settings.model == PACKAGED_MODEL else str(folder)


def _write(seeds: Path, files: Iterable[tuple[str, str]]) -> None:
    with writing(seeds):
        seeds.mkdir(parents=True, exist_ok=True)
        wanted = {"manifest.toml"}
        (seeds / "manifest.toml").write_text('[[source]]\nfile = "*"\nkind = "post"\n', "utf-8")
        for name, text in files:
            wanted.add(name)
            path, data = seeds / name, text.encode("utf-8", "replace")
            if not path.is_file() or path.read_bytes() != data:
                path.write_bytes(data)
        for path in seeds.iterdir():
            if path.name not in wanted:
                path.unlink()


def _post(title: str, text: str) -> tuple[str, int]:
    """A source with one post, and where its text begins."""
    plain = " ".join(title.split())
    head = f"---\ntitle: {plain}\n---\n\n" if plain else ""
    return head + text, len(head)


# -- reading sets ----------------------------------------------------------------------------------


def questions_given(reading: ReadingSet) -> list[tuple[Question, str, str]]:
    """Each question with its paragraph and its article's title."""
    return [
        (question, paragraph.text, article.title)
        for article in reading.articles
        for paragraph in article.paragraphs
        for question in paragraph.questions
    ]


def read_given(items: Sequence[tuple[Question, str, str]], model: SpanModel) -> Iterator[Record]:
    """The span model alone on the paragraph that each question is about."""
    for question, paragraph, title in items:
        began = time.perf_counter()
        text, margin = best_span(model, question.question, paragraph)
        took = (time.perf_counter() - began) * 1000
        yield Record(
            id=question.id,
            group=title,
            kind=question.kind,
            split=question.split,
            question=question.question,
            values=_given_values(question, text, margin),
            timings_ms={"read": round(took, 3)},
            detail={
                "expected_short": list(question.answers),
                "answer": text if margin > 0 else "",
                "held_back": [] if margin > 0 else [{"text": text, "right": False}],
                "paragraph": paragraph,
            },
        )


def _given_values(question: Question, text: str, margin: float) -> dict[str, float]:
    """The official scores, unanswered where "no answer" is the likelier (``margin`` 0)."""
    answerable = question.answerable
    forced_em = exact_match(text, question.answers) if answerable else 0.0
    forced_f1 = token_f1(text, question.answers) if answerable else 0.0
    answered = margin > 0
    unanswered = float(not answerable)
    values = {
        "answerable": float(answerable),
        "answered": float(answered),
        "margin": margin,
        "confidence": float(1 / (1 + np.exp(-np.clip(margin, -30, 30)))),
        "forced_em": forced_em,
        "forced_f1": forced_f1,
        "best_right": forced_em,
        "em": forced_em if answered else unanswered,
        "f1": forced_f1 if answered else unanswered,
    }
    values["right"] = values["em"]
    if answerable:
        return {**values, "has_em": values["em"], "has_f1": values["f1"]}
    return {**values, "abstained": float(not answered)}


def best_span(model: SpanModel, question: str, paragraph: str) -> tuple[str, float]:
    """The likeliest answer in a paragraph, and by how much it is preferred to none (a logit)."""
    best, margin = "", -float("inf")
    for window in model.read(question, [paragraph]):
        count = len(window.start)
        if not count:
            continue
        shape = np.triu(np.ones((count, count), dtype=bool))
        shape &= ~np.triu(shape, _LONGEST_SPAN)
        sums = np.where(shape, window.start[:, None] + window.end[None, :], -1e9) - window.nothing
        first, last = np.unravel_index(int(np.argmax(sums)), sums.shape)
        if sums[first, last] > margin:
            margin = float(sums[first, last])
            best = paragraph[int(window.offsets[first, 0]) : int(window.offsets[last, 1])]
    return best, max(margin, -1e6)


def open_files(reading: ReadingSet) -> tuple[list[tuple[str, str]], list[Question]]:
    """The articles as sources, and the questions with their offsets moved into those."""
    files, questions = [], []
    for number, article in enumerate(reading.articles):
        name = f"{number:05}.md"
        text, moved = _article(article, name)
        files.append((name, text))
        questions += moved
    return files, questions


def _article(article: Article, name: str) -> tuple[str, list[Question]]:
    text, _ = _post(article.title, "")
    moved = []
    for paragraph in article.paragraphs:
        shift = len(text)
        text += paragraph.text + "\n\n"
        for question in paragraph.questions:
            quotes = tuple(
                Accepted(name, q.start + shift, q.end + shift, q.text, only_here=True)
                for q in question.quotes
            )
            moved.append(replace(question, quotes=quotes))
    return text, moved


def placed(question: Question, text_of: Callable[[str], str]) -> Question:
    """A question whose quotes stand where the program's own text of the source has them.

    Args:
        question: with the offsets of the file; what is extracted from a file begins elsewhere.
        text_of: the name of a source to what its quotes are offsets into.
    """
    return replace(question, quotes=tuple(_placed(q, text_of(q.source)) for q in question.quotes))


def _placed(quote: Accepted, text: str) -> Accepted:
    found = [match.start() for match in re.finditer(re.escape(quote.text), text)]
    if not found:
        return quote
    start = min(found, key=lambda at: abs(at - quote.start))
    return replace(quote, start=start, end=start + len(quote.text))


# -- ranking sets ----------------------------------------------------------------------------------


def ranking_files(ranking: RankingSet) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """The documents as sources, and the id of each source's document."""
    ids = {f"{number:07}.md": document for number, document in enumerate(ranking.documents)}
    files = [(name, _post(*ranking.documents[document])[0]) for name, document in ids.items()]
    return files, ids


def rank_documents(
    ranking: RankingSet, queries: Sequence[str], settings: Settings, ids: Mapping[str, str]
) -> Iterator[Record]:
    """Documents by the rank of their best passage; copies of one post rank together.

    The program's own retriever, asked for more passages than an answer needs.
    """
    index = Index.open(settings.embeddings, settings)
    try:
        encoder = Encoder.for_questions(index.model_folder, threads=settings.threads)
        deep = settings.model_copy(update={"candidates": _CANDIDATES})
        retriever = Retriever(index, encoder, deep)
        places = {
            post.id: [ids[name] for name in (post.source, *(c.source for c in post.also_in))]
            for post in index.posts()
        }
        for query in queries:
            began = time.perf_counter()
            hits = retriever.retrieve(ranking.queries[query], _CANDIDATES).hits
            took = (time.perf_counter() - began) * 1000
            documents = (one for hit in hits for one in places[hit.passage.post_id])
            yield _ranking_record(ranking, query, list(dict.fromkeys(documents))[:RANKED], took)
    finally:
        index.close()


def _ranking_record(ranking: RankingSet, query: str, ranked: list[str], took: float) -> Record:
    judged = ranking.judged[query]
    return Record(
        id=query,
        group=query,
        kind="query",
        split="report",
        question=ranking.queries[query],
        values=_ranking_values(judged, ranked),
        timings_ms={"retrieve": round(took, 3)},
        detail={
            "expected": [_document(ranking, d, judged) for d, r in judged.items() if r > 0][
                :_SHOWN
            ],
            "retrieved": [_document(ranking, d, judged) for d in ranked[:_SHOWN]],
        },
    )


def _document(ranking: RankingSet, document: str, judged: Mapping[str, int]) -> dict[str, Any]:
    title, text = ranking.documents[document]
    return {
        "source": document,
        "title": title or None,
        "text": shortened(text),
        "right": judged.get(document, 0) > 0,
    }


def _ranking_values(judged: Mapping[str, int], ranked: Sequence[str]) -> dict[str, float]:
    """The measures of one query, by ir-measures (MacAvaney, Macdonald, Ounis, ECIR 2022)."""
    measures = _measures()
    scored = {document: float(-place) for place, document in enumerate(ranked)}
    module = _ir_measures()
    run = {"q": scored or {"": 0.0}}
    found = module.iter_calc(list(measures.values()), {"q": dict(judged)}, run)
    by_measure = {str(metric.measure): float(metric.value) for metric in found}
    values = {name: by_measure[str(measure)] for name, measure in measures.items()}
    return {**values, "right": float(values["recall@10"] > 0)}


def _measures() -> dict[str, Any]:
    module = _ir_measures()
    return {
        "ndcg@10": module.nDCG @ 10,
        **{f"recall@{k}": module.R @ k for k in RANKING_KS},
        "mrr": module.RR @ 10,
        "map": module.AP @ RANKED,
    }


def check_ranking_tools() -> None:
    """Raises ``UsageError`` before the long work when ir-measures is not installed."""
    _ir_measures()


def _ir_measures() -> Any:
    try:
        return importlib.import_module("ir_measures")
    except ImportError as error:
        raise UsageError(
            "Ranking sets are measured with ir-measures, which is not installed.",
            remedy="Install it: pip install 'askscwru[eval]'",
        ) from error


# -- the chunking set ------------------------------------------------------------------------------


def chunking_files(chunking: ChunkingSet) -> list[tuple[str, str]]:
    """The documents as sources, unchanged."""
    return [(f"{name}.md", text) for name, text in chunking.documents.items()]


def cover_excerpts(questions: Sequence[Excerpts], assistant: Assistant) -> Iterator[Record]:
    """How well the passages that an answer would show cover the exact stretches."""
    shown = assistant.settings.top_k
    for question in questions:
        began = time.perf_counter()
        hits = assistant.search(question.question, top_k=shown)
        took = (time.perf_counter() - began) * 1000
        name = f"{question.document}.md"
        here = [(h.passage.start, h.passage.end) for h in hits if h.passage.source == name]
        elsewhere = sum(len(h.passage.text) for h in hits if h.passage.source != name)
        found = overlap(question.spans, _with_waste(here, elsewhere))
        yield Record(
            id=f"line {question.line}",
            group=f"line {question.line}",
            kind=question.document,
            split="report",
            question=question.question,
            values={
                "char_recall": found.recall,
                "char_precision": found.precision,
                "char_iou": found.iou,
                "right": float(found.recall >= _WHOLE),
            },
            timings_ms={"retrieve": round(took, 3)},
            detail={
                "expected": [_excerpt(question, name, span) for span in question.spans],
                "retrieved": [_passage(hit, name, question) for hit in hits],
            },
        )


def _excerpt(question: Excerpts, name: str, span: tuple[int, int]) -> dict[str, Any]:
    text = question.texts[question.spans.index(span)]
    return {"source": name, "start": span[0], "end": span[1], "text": text}


def _passage(hit: Hit, name: str, question: Excerpts) -> dict[str, Any]:
    passage = hit.passage
    touches = any(start < passage.end and passage.start < end for start, end in question.spans)
    return {
        "source": passage.source,
        "start": passage.start,
        "end": passage.end,
        "text": shortened(passage.text),
        "title": None,
        "right": touches and passage.source == name,
    }


def _with_waste(here: list[tuple[int, int]], elsewhere: int) -> list[tuple[int, int]]:
    """Passages of other documents count as retrieved, at offsets that no document reaches."""
    far = 1 << 40
    return [*here, (far, far + elsewhere)] if elsewhere else here
