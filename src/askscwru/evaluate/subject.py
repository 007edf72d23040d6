"""What is measured: the program, or a control that goes through the same harness in its place."""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from askscwru.answering.answer import abstention_text, answer_text, cite
from askscwru.assistant import Assistant
from askscwru.errors import UsageError
from askscwru.types import Answer, Hit, Kind, Query, Quote

DEPTH = 10
"""How many passages are looked at for the figures of retrieval."""

BM25, DENSE, FIRST_SENTENCE = "bm25", "dense", "first-sentence"
ALONE, GOLD, CONCATENATED = "alone", "gold", "concatenated"
CONTROLS = {
    BM25: "the program with BM25 alone",
    DENSE: "the program with dense search alone",
    FIRST_SENTENCE: "the first sentence of the best passage, whatever is asked",
    ALONE: "conversations: each question by itself",
    GOLD: "conversations: a person's rewriting of each question",
    CONCATENATED: "conversations: all questions till then as one",
}
TALK_CONTROLS = (ALONE, GOLD)
"""Those that are told beside the program."""
ONLY_TALK = (*TALK_CONTROLS, CONCATENATED)
"""Those that mean something for conversations alone."""


class Program(Protocol):
    """All that the harness asks of a program."""

    def ask(self, query: Query, /) -> Answer:
        """One answer, or an abstention."""

    def search(self, query: Query, /) -> tuple[Hit, ...]:
        """The passages that are most about a question."""

    def source_text(self, name: str) -> str:
        """The text of a source."""


SEARCHES: Mapping[str | None, Mapping[str, float]] = {
    None: {},
    BM25: {"dense_weight": 0.0},
    DENSE: {"dense_weight": 1.0, "sentence_weight": 0.0},
}
"""The settings that make the program's search that of a control."""


def program_of(assistant: Assistant, control: str | None = None) -> Program:
    """The program itself, or one of ``CONTROLS``.

    Raises:
        UsageError: there is no such control.
    """
    if control == FIRST_SENTENCE:
        return FirstSentence(assistant)
    if control is None or control in ONLY_TALK:
        return assistant
    if control in (BM25, DENSE):
        return assistant.varied(**SEARCHES[control])
    raise UsageError(
        f"There is no control {control!r}.", remedy=f"It is one of {', '.join(CONTROLS)}."
    )


def ask_turn(program: Program, query: Query, conversation: str | None) -> Answer:
    """One turn; the answer's ``conversation_id`` goes into the next one, None begins anew.

    A program that knows no conversations is asked the bare question.
    """
    if not _knows_conversations(program):
        return program.ask(query)
    ask: Any = program.ask
    answer: Answer = ask(query, conversation_id=conversation)
    return answer


def _knows_conversations(program: Program) -> bool:
    return "conversation_id" in inspect.signature(program.ask).parameters


@dataclass(frozen=True, slots=True)
class FirstSentence:
    """A control that reads nothing: it quotes the first sentence of the best passage, always.

    Its confidence is the cosine of question and passage.
    """

    assistant: Assistant

    def ask(self, query: Query) -> Answer:
        """Always an answer, where there is any passage at all."""
        hits = self.search(replace(query, top_k=DEPTH))
        quotes = [_first_sentence(hit) for hit in hits[:1]]
        citations = cite(query.question, quotes, self.assistant.post)
        posts = {hit.passage.post_id for hit in hits}
        titles = {post_id: self.assistant.post(post_id).title for post_id in posts}
        return Answer(
            question=query.question,
            searched_for=query.question,
            answered=bool(citations),
            confidence=quotes[0].score if quotes else 0.0,
            kind=Kind.ANSWER if citations else Kind.ABSTENTION,
            text=answer_text(citations) or abstention_text(hits, titles.get),
            citations=citations,
            hits=hits,
            titles=titles,
            conversation_id=uuid.uuid4().hex,
        )

    def search(self, query: Query) -> tuple[Hit, ...]:
        """The program's own search."""
        return self.assistant.search(query)

    def source_text(self, name: str) -> str:
        """The program's own sources."""
        return self.assistant.source_text(name)


def _first_sentence(hit: Hit) -> Quote:
    passage, sentence = hit.passage, hit.passage.sentences[0]
    return Quote(
        passage=passage,
        start=sentence.start,
        end=sentence.end,
        text=passage.slice(sentence.start, sentence.end),
        score=min(1.0, max(0.0, hit.dense)),
        rank=hit.rank,
    )
