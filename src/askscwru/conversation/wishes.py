"""What is done with the answer that is shown: "thanks", "shorter", "in full", "show me where"."""

from __future__ import annotations

from dataclasses import replace

from askscwru.conversation.follow_up import Change
from askscwru.types import Answer, Citation, Kind, Query


def remark_noted(query: Query) -> Answer:
    """The answer to a turn that asks nothing: nothing is searched for.

    Args:
        query: the turn as it was typed, with its limits.
    """
    question = query.question
    return Answer(
        question=question,
        searched_for=question,
        answered=False,
        confidence=0.0,
        kind=Kind.REPLY,
        text=f"“{question.strip()}” asks nothing, so nothing was searched for.",
        citations=(),
        hits=(),
        titles={},
        conversation_id="",
    )


def as_wished(answer: Answer, change: Change) -> Answer:
    """The same answer shown otherwise; as it is where it was not wished so.

    Args:
        answer: to the question that the turn before asked.
        change: what the turn was taken for.
    """
    if not answer.citations:
        return answer
    first = answer.citations[0]
    if change is Change.SHORTER:
        return replace(answer, citations=(first,), text=f"{_short(first)} [1]")
    if change is Change.FULL:
        whole = _whole(first)
        return replace(answer, citations=(whole,), text=f"{whole.quote.text} [1]")
    if change is Change.WHERE:
        return replace(answer, text="\n".join(_place(citation) for citation in answer.citations))
    return answer


def _short(citation: Citation) -> str:
    """The words that are marked in a quote; all of it where none are."""
    quote, mark = citation.quote, citation.quote.highlight
    return (
        quote.text
        if mark is None
        else quote.text[mark.start - quote.start : mark.end - quote.start]
    )


def _whole(citation: Citation) -> Citation:
    """A citation of the whole passage that its quote stands in."""
    passage = citation.quote.passage
    quote = replace(citation.quote, start=passage.start, end=passage.end, text=passage.text)
    return replace(citation, quote=quote)


def _place(citation: Citation) -> str:
    """Where a quote stands, in a sentence; the quote is repeated."""
    quote, post = citation.quote, citation.post
    title = f"“{post.title}”" if post.title else "an untitled post"
    by = f" by {', '.join(post.authors)}" if post.authors else ""
    page = f", page {citation.page}" if citation.page else ""
    place = f"{quote.passage.source}{page}, characters {quote.start:,} to {quote.end:,}"
    return f"In {title}{by} ({place}): {quote.text} [{citation.index}]"
