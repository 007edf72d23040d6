"""Questions and conversations over posts to records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from askscwru.errors import AskscwruError, SetError
from askscwru.evaluate.match import Stretch, is_right
from askscwru.evaluate.metrics import exact_match, ndcg_at, recall_at, reciprocal_rank, token_f1
from askscwru.evaluate.runs import Record
from askscwru.evaluate.sets import Question, ScriptedConversation
from askscwru.evaluate.subject import ALONE, CONCATENATED, DEPTH, GOLD, Program, ask_turn
from askscwru.types import Answer, Citation, Hit, Query

_SHOWN_HITS = 5
_SHOWN_CHARACTERS = 160
_LONGEST = 2000
KS = (1, 5, 10)


def check_quotes(path: Path, questions: Sequence[Question], program: Program) -> None:
    """Compares every accepted quote with its source.

    Raises:
        SetError: naming the file, the line and the quote that does not stand where it should.
    """
    texts: dict[str, str] = {}
    for question in questions:
        for quote in question.quotes:
            where = f"{path}, line {question.line}, {question.id}"
            if quote.source not in texts:
                try:
                    texts[quote.source] = program.source_text(quote.source)
                except AskscwruError as error:
                    raise SetError(f"{where}: {error.message}", remedy=error.remedy) from error
            if texts[quote.source][quote.start : quote.end] != quote.text:
                raise SetError(
                    f"{where}: {quote.source} does not say at {quote.start}:{quote.end}"
                    f" “{quote.text:.60}”."
                )


def ask_questions(questions: Sequence[Question], program: Program) -> Iterator[Record]:
    """Each question by itself."""
    for question in questions:
        answer = program.ask(Query(question.question))
        yield record_of(question, question.id, answer, program)


def ask_conversations(
    talks: Sequence[ScriptedConversation], program: Program, control: str | None = None
) -> Iterator[Record]:
    """Conversations turn by turn; the controls ask each question, or its rewriting, by itself."""
    for talk in talks:
        conversation: str | None = None
        said: list[str] = []
        for turn in talk.turns:
            if control == GOLD:
                answer = program.ask(Query(turn.gold or turn.question))
            elif control == ALONE:
                answer = program.ask(Query(turn.question))
            elif control == CONCATENATED:
                said.append(turn.question)
                answer = program.ask(Query(" ".join(said)[-_LONGEST:]))
            else:
                answer = ask_turn(program, Query(turn.question), conversation)
                conversation = answer.conversation_id
            yield record_of(turn, talk.id, answer, program)


def record_of(question: Question, group: str, answer: Answer, program: Program) -> Record:
    """One answer, weighed against what is accepted."""
    hits = program.search(Query(answer.searched_for, top_k=DEPTH))
    would_be = answer.citations or answer.withheld
    right = [is_right(_stretch(citation), question.quotes) for citation in answer.citations]
    best = [is_right(_stretch(citation), question.quotes) for citation in would_be[:1]]
    first = right[:1] == [True]
    values = {
        "answerable": float(question.answerable),
        "answered": float(answer.answered),
        "confidence": answer.confidence,
        "best_right": float(best == [True]),
        "right": float(first if question.answerable else not answer.answered),
        "citations": float(len(answer.citations)),
        "verified": float(sum(_verifies(c, program) for c in answer.citations)),
        "words": float(sum(len(c.quote.text.split()) for c in answer.citations)),
    }
    rank = _rank(hits, question)
    if question.answerable:
        values |= {"right_first": float(first), "right_any": float(any(right))}
        values |= _retrieval(rank)
    else:
        values["abstained"] = float(not answer.answered)
    if question.answers:
        values["span_f1"] = token_f1(_short(answer.citations), question.answers)
        values["span_em"] = exact_match(_short(answer.citations), question.answers)
    return Record(
        id=question.id,
        group=group,
        kind=question.kind,
        split=question.split,
        question=question.question,
        values=values,
        timings_ms={stage: round(took, 3) for stage, took in answer.timings_ms.items()},
        detail=_detail(question, answer, hits, rank),
    )


def _retrieval(rank: int | None) -> dict[str, float]:
    return {
        **{f"recall@{k}": recall_at(rank, k) for k in KS},
        "rank": float(rank or 0),
        "ndcg@5": ndcg_at(rank, 5),
        "ndcg@10": ndcg_at(rank, DEPTH),
        "mrr": reciprocal_rank(rank),
    }


def _rank(hits: Sequence[Hit], question: Question) -> int | None:
    for hit in hits:
        passage = hit.passage
        stretch = Stretch(passage.source, passage.start, passage.end, passage.text)
        if is_right(stretch, question.quotes):
            return hit.rank
    return None


def _stretch(citation: Citation) -> Stretch:
    quote = citation.quote
    return Stretch(quote.passage.source, quote.start, quote.end, quote.text)


def _verifies(citation: Citation, program: Program) -> bool:
    """Compared here once more, so that a fault of the program's own check would show."""
    quote = citation.quote
    text = program.source_text(quote.passage.source)
    mark = quote.highlight
    inside = mark is None or quote.start <= mark.start < mark.end <= quote.end
    return bool(quote.text) and text[quote.start : quote.end] == quote.text and inside


def _short(citations: Sequence[Citation]) -> str:
    """What is marked in the first quote; all of it where nothing is; nothing in an abstention."""
    if not citations:
        return ""
    quote = citations[0].quote
    return quote.text if quote.highlight is None else quote.cut()[1]


def _detail(
    question: Question, answer: Answer, hits: Sequence[Hit], rank: int | None
) -> dict[str, Any]:
    return {
        "searched_for": answer.searched_for,
        "expected": [
            {"source": q.source, "start": q.start, "end": q.end, "text": q.text}
            for q in question.quotes
        ],
        "expected_short": list(question.answers),
        "gold": question.gold,
        "answer": answer.text,
        "citations": [_cited(citation, question) for citation in answer.citations],
        "held_back": [_cited(citation, question) for citation in answer.withheld],
        "rank": rank,
        "retrieved": [_retrieved(hit, question, answer) for hit in hits[:_SHOWN_HITS]],
    }


def _cited(citation: Citation, question: Question) -> dict[str, Any]:
    quote = citation.quote
    return {
        "source": quote.passage.source,
        "start": quote.start,
        "end": quote.end,
        "text": quote.text,
        "short": _short([citation]),
        "title": citation.post.title,
        "score": round(quote.score, 4),
        "right": is_right(_stretch(citation), question.quotes),
    }


def shortened(text: str) -> str:
    """The beginning of a passage, for people to see which one it is."""
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS].rstrip() + "…"


def _retrieved(hit: Hit, question: Question, answer: Answer) -> dict[str, Any]:
    passage = hit.passage
    stretch = Stretch(passage.source, passage.start, passage.end, passage.text)
    return {
        "source": passage.source,
        "start": passage.start,
        "end": passage.end,
        "text": shortened(passage.text),
        "title": answer.titles.get(passage.post_id),
        "score": round(hit.score, 4),
        "right": is_right(stretch, question.quotes),
    }
