"""A turn as the page shows it, from an answer just given or from one that was kept.

Both are the contract's JSON object, so that the page, ``/ask`` and a conversation read back show
the same. What an older turn lacks is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from askscwru.days import long_date
from askscwru.show.quoting import marks_around
from askscwru.show.references import day_of, source_line
from askscwru.show.screen import confidence_word
from askscwru.types import RELEVANCE, CitationRecord, Kind, Span
from askscwru.web.marks import Piece, cut, words_at
from askscwru.web.render import Links

Object = Mapping[str, Any]
UNTITLED = "Untitled post"
_LONGEST_EXCERPT = 220
_NUMBER = re.compile(r"^”?\s*\[\d+\]")
_LONGEST_SHORT = 80
"""Characters; what is longer only repeats what is marked above it."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation, or a passage that came near."""

    label: str
    """``1`` of a citation; empty of what was not quoted."""
    pieces: Sequence[Piece]
    marks: tuple[str, str]
    """What is set before and after a quote."""
    title: str
    by: str
    where: str
    remark: str
    href: str
    """Shows it in its post, beside the conversation."""
    passage: str
    """The page of the post, on the words."""
    reference: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ListedPost:
    """A post in a list."""

    title: str
    by: str
    href: str


@dataclass(frozen=True, slots=True)
class TurnShown:
    """A question and what was answered."""

    number: int
    kind: str
    """``answer``, ``list``, ``views``, ``reply`` or ``abstention``."""
    question: str
    searched_for: str
    """Empty where it is what was asked."""
    corrections: Sequence[tuple[str, str]]
    alternatives: Sequence[str]
    notes: Sequence[str]
    limits: str
    """What it was limited to, in words."""
    lead: str
    """The program's own words: all of the answer, or what stands before its quotes."""
    short: str
    confidence: float
    groups: Sequence[tuple[str, Sequence[Cited]]]
    """The quotes, by what they have in common; one group without a name where there is but one."""
    after: str
    """The program's own words behind the last quote; empty where there are none."""
    posts: Sequence[ListedPost]
    """Of a list that is told post by post."""
    total: int | None
    near: Sequence[Cited]
    advice: Sequence[str]
    """What else to ask, or what to know of the answer."""
    href: str
    asked: str

    @property
    def citations(self) -> list[Cited]:
        """Every quote, whatever its group."""
        return [cited for _, group in self.groups for cited in group]

    @property
    def percent(self) -> int:
        """The confidence as a share of a hundred."""
        return round(100 * self.confidence)

    @property
    def sure(self) -> str:
        """The confidence as a word."""
        return confidence_word(self.confidence)


@dataclass(frozen=True, slots=True)
class TalkUrl:
    """Where on the page things lead: a conversation, with the limits that hold in it."""

    links: Links
    conversation: str | None
    limits: Mapping[str, str] = field(default_factory=dict)

    def to(self, turn: int, at: str, **query: Any) -> str:
        """The address of the page that shows this conversation at one turn."""
        return self.links.to(
            "", at=at, conversation=self.conversation, turn=turn, **query, **self.limits
        )


def turn_view(turn: Object, place: TalkUrl, chosen: tuple[str, int] | None = None) -> TurnShown:
    """What the page shows of a turn.

    Args:
        turn: the JSON object of an answer or of a kept turn.
        place: the conversation.
        chosen: the ``citation`` or ``near`` passage that is shown as evidence, with its number.
    """
    number = int(turn["turn"])
    asked = str(turn.get("asked_at") or "")
    day = day_of(asked) if asked else datetime.now().astimezone().date()
    kind = _kind(turn)
    citations = turn["citations"]
    lead, between, after = _said(turn, kind)
    views = [_cited(c, place, number, day, chosen) for c in citations]
    posts = turn.get("posts") if "\n" in turn["answer"] else ()
    return TurnShown(
        number=number,
        kind=kind,
        question=turn["question"],
        searched_for=_searched_for(turn),
        corrections=[(c["from"], c["to"]) for c in turn["corrections"]],
        alternatives=turn["alternatives"],
        notes=turn.get("notes", ()),
        limits=_limits_said(turn.get("limits")),
        lead=lead,
        short=_short(turn),
        confidence=turn["confidence"],
        groups=_groups(citations, between, views),
        after=after,
        posts=[listed(post, place.links) for post in posts or ()],
        total=turn.get("total"),
        near=near_views(turn, place, chosen) if not citations else [],
        advice=turn.get("advice") or (),
        href=place.to(number, f"turn-{number}"),
        asked=long_date(day),
    )


def listed(post: Object, links: Links) -> ListedPost:
    """A post of a list, from its JSON object."""
    remark = "" if post.get("complete", True) else " · only the opening is known"
    return ListedPost(
        title=post["title"] or UNTITLED,
        by=by_line(post) + remark,
        href=links.to("posts", post["post_id"]),
    )


def by_line(post: Object) -> str:
    """Authors, blog and date of a post or a citation, as its JSON object has them."""
    day = post.get("published") or ""
    if not day and post.get("captured"):
        day = f"undated, saved on {post['captured']}"
    authors = ", ".join(post.get("authors") or ()) or "no author named"
    return " · ".join(part for part in (authors, post.get("blog") or "", day) if part)


def passage_href(links: Links, cited: Object) -> str:
    """The page of a post on the words of a citation or passage."""
    where = {"start": cited["start"], "end": cited["end"], "source": cited["source"]}
    return links.to("posts", cited["post_id"], at="quote", **where)


def near_views(turn: Object, place: TalkUrl, chosen: tuple[str, int] | None = None) -> list[Cited]:
    """What came nearest to an answer, each post once."""
    seen: set[str] = set()
    views: list[Cited] = []
    for found in turn.get("nearest") or turn.get("passages") or ():
        if found["post_id"] not in seen:
            seen.add(found["post_id"])
            views.append(_near_view(found, len(views) + 1, turn, place, chosen))
    return views


def _near_view(
    found: Object, number: int, turn: Object, place: TalkUrl, chosen: tuple[str, int] | None
) -> Cited:
    text = " ".join(str(found.get("quote") or found.get("text") or "").split())
    at = int(turn["turn"])
    return Cited(
        label="",
        pieces=[Piece(shorten(text))],
        marks=("", ""),
        title=found["title"] or UNTITLED,
        by=by_line(found) if "authors" in found else "",
        where="",
        remark="",
        href=place.to(at, "evidence", near=number),
        passage=passage_href(place.links, found),
        reference="",
        chosen=chosen == ("near", number),
    )


def shorten(text: str) -> str:
    """The beginning of a text, cut between two words."""
    if len(text) <= _LONGEST_EXCERPT:
        return text
    return f"{text[:_LONGEST_EXCERPT].rpartition(' ')[0] or text[:_LONGEST_EXCERPT]} …"


def _kind(turn: Object) -> str:
    """What kind of answer it is; a turn that was kept before there were kinds does not say it."""
    return str(turn.get("kind") or (Kind.ANSWER if turn["answered"] else Kind.ABSTENTION))


def _groups(
    citations: Sequence[Object], between: Sequence[str], views: Sequence[Cited]
) -> list[tuple[str, list[Cited]]]:
    """The quotes by their group, or by what the program says before them."""
    groups: list[tuple[str, list[Cited]]] = []
    last = None
    for citation, said, view in zip(citations, between, views, strict=True):
        group = citation.get("group") or ""
        if not groups or said or group != last:
            groups.append((said or group, []))
        groups[-1][1].append(view)
        last = group
    return groups


def _cited(
    citation: Object, place: TalkUrl, turn: int, day: date, chosen: tuple[str, int] | None
) -> Cited:
    index, start = citation["index"], citation["start"]
    where = f"{citation['source']}, characters {start:,}–{citation['end']:,}"
    if citation.get("page"):
        where = f"page {citation['page']}, {where}"
    return Cited(
        label=str(index),
        pieces=cut(citation["quote"], [(words_at(start, citation["highlight"]), "words")]),
        marks=marks_around(citation["quote"]),
        title=citation["title"] or UNTITLED,
        by=by_line(citation),
        where=where,
        remark="" if citation["complete"] else "only the opening of this post is known",
        href=place.to(turn, "evidence", citation=index),
        passage=passage_href(place.links, citation),
        reference=source_line(CitationRecord.from_dict(citation), day),
        chosen=chosen == ("citation", index),
    )


def _searched_for(turn: Object) -> str:
    same = " ".join(turn["question"].split()) == str(turn["searched_for"]).strip()
    return "" if same else str(turn["searched_for"])


def _said(turn: Object, kind: str) -> tuple[str, list[str], str]:
    """The program's own words: before everything, before each quote, and behind the last one."""
    text, citations = str(turn["answer"]), turn["citations"]
    nothing = [""] * len(citations)
    if kind in (Kind.LIST, Kind.VIEWS):
        return text.partition("\n")[0], nothing, ""
    if not citations:
        return text, nothing, ""
    between, rest = [], text
    for citation in citations:
        before, found, after = rest.partition(citation["quote"])
        between.append(_own(before) if found else "")
        rest = after if found else rest
    return "", between, _own(rest)


def _own(text: str) -> str:
    """What stands between two quotes, without the number of the first."""
    return _NUMBER.sub("", text).strip(" \n“”")


def _short(turn: Object) -> str:
    """The words that are marked in the first quote, where they are few."""
    if "short" in turn:
        return str(turn["short"] or "")
    if not turn["citations"]:
        return ""
    first = turn["citations"][0]
    at = words_at(first["start"], first["highlight"])
    words = at.of(first["quote"]) if isinstance(at, Span) else ""
    return words if len(words) <= _LONGEST_SHORT else ""


def _limits_said(limits: object) -> str:
    """What a turn was limited to, in a line; empty where nothing limited it."""
    if not isinstance(limits, Mapping):
        return ""
    limited = any(value is not None for value in limits["filters"].values())
    return str(limits["text"]) if limited or limits["sort"] != RELEVANCE else ""
