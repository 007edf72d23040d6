"""What is known of one post: who wrote it, when, how long it is, where it stands.

What a page says of it is quoted; what only the record knows (front matter, a feed) is told in the
program's own words, with the post's title as the citation. What is not known is said to be that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from askscwru.answering.collection.asked import CollectionQuestion, Want
from askscwru.answering.collection.catalogue import Catalogue
from askscwru.answering.collection.outcome import (
    Outcome,
    first_sentence,
    listed,
    many,
    quote_of,
    titled,
)
from askscwru.answering.collection.recognise import QUOTED, Recogniser
from askscwru.answering.collection.selection import Selection
from askscwru.answering.collection.vocabulary import POST
from askscwru.answering.collection.wording import unmeasured_line
from askscwru.days import long_date
from askscwru.index.generation import Index
from askscwru.index.lexical import analyse
from askscwru.ingest.text.bylines import WORD_COUNT
from askscwru.types import BlockKind, Kind, Passage, Post, Quote, Span

SURE, LIKELY = 0.97, 0.85
_LEAD = re.compile(
    rf"^(?:the|this|that|a|an|is|was)?\s*(?:full|whole|original|complete|entire|first|"
    rf"opening of the)?\s*"
    rf"(?:{POST})?\s*(?P<about>called|titled|entitled|named|about|on|regarding|concerning|that|"
    rf"with)?\s+",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"\b(?:is|are|was|were|do|does|did|you|we|i|have|has|here|there|on this page|on the page|"
    r"this page|in full|just|only|whole|full|fully|complete|completely|entire|opening|beginning|"
    r"start|excerpt|extract|published|posted|written|or|of it|it|all|part|can|read|see|shown|"
    r"available|known|words|long|there|more|cut (?:off|short)|from|to|finish|end|text|get|author|"
    r"who|name|named|of|the|a|an|post|blog|article|piece)\b",
    re.IGNORECASE,
)
_THIS = re.compile(
    rf"^(?:it|this|that|the|this one|that one|(?:this|that|the) (?:{POST}|one))$", re.IGNORECASE
)
_CALLED = re.compile(r"\b(?:called|titled|entitled|named)\s+(?P<x>.{3,})$", re.IGNORECASE)

FindPost = Callable[[str, Collection[str] | None], str | None]
"""A topic, and the posts that may be meant, to the post that is most about it; or None."""


@dataclass(frozen=True, slots=True)
class Meant:
    """The posts that some words mean."""

    ids: tuple[str, ...] = ()
    sure: float = SURE
    unlike: tuple[str, ...] = ()
    """Titles that differ in a number alone, where no post is meant."""
    called: str = ""
    """The title that was asked for, where no post has it."""
    why: str = ""
    """Why it cannot be told which post is meant."""


class PostFacts:
    """Answers what is asked of one post."""

    def __init__(
        self, index: Index, selection: Selection, recogniser: Recogniser, find_post: FindPost
    ) -> None:
        self._index = index
        self._selection = selection
        self._recognise = recogniser
        self._find_post = find_post

    @property
    def _catalogue(self) -> Catalogue:
        return self._selection.catalogue

    # -- which post ------------------------------------------------------------------------------

    def meant(self, asked: CollectionQuestion, allowed: Collection[str] | None) -> Meant | None:
        """The posts that a question means; None where its words may name something else."""
        name = asked.post or ""
        if allowed is not None and _THIS.match(name) and len(allowed) == 1:
            return Meant(tuple(allowed))
        quoted = QUOTED.search(name)
        called = _CALLED.search(name)
        inner = quoted["x"] if quoted else called["x"] if called else name
        bare = " ".join(_NOISE.sub(" ", inner).split())
        found = self._catalogue.titled(inner, _LEAD.sub("", inner, count=1), bare, among=allowed)
        if found.id is not None:
            return Meant((found.id,))
        if found.several:
            return Meant(found.several, LIKELY)
        if found.unlike:
            return Meant(unlike=found.unlike, called=inner)
        if not asked.surely_post:
            return None
        described = self._described(name, allowed)
        if described is not None:
            return described
        if quoted or called:
            return Meant(called=inner)
        return self._searched(bare, allowed)

    def _described(self, name: str, allowed: Collection[str] | None) -> Meant | None:
        """The post that is the newest, the only one by somebody, the one of a day."""
        for asked in self._recognise.lists(name):
            if asked.want is not Want.LIST or not (asked.where or asked.extreme):
                continue
            found = self._selection.select(asked.where, allowed, asked.extreme)
            if asked.extreme and not found.any_measured and found.unmeasured:
                return Meant(why=unmeasured_line(asked.extreme, found))
            ids = found.ids[: asked.number or 1] if asked.extreme else found.ids
            if asked.where.topic:
                if not ids:
                    continue
                topic = set(analyse(asked.where.topic))
                best = [i for i in ids if topic <= set(analyse(self._index.post(i).title or ""))]
                return Meant((best[0] if best else ids[0],), LIKELY)
            return Meant(ids, SURE)
        return None

    def _searched(self, topic: str, among: Collection[str] | None) -> Meant | None:
        if not analyse(topic):
            return None
        found = self._catalogue.by_title_words(topic, among) or self._find_post(topic, among)
        return None if found is None else Meant((found,), LIKELY)

    # -- what is known of it ---------------------------------------------------------------------

    def answer(self, asked: CollectionQuestion, meant: Meant) -> Outcome:
        """What the records say; an abstention that says what is not known."""
        if not meant.ids:
            return self._absent(meant)
        posts = self._catalogue.posts(meant.ids)
        if len(posts) == 1:
            return self._of_one(asked.want, posts[0], meant.sure)
        lines = [self._of_one(asked.want, post, meant.sure) for post in posts]
        known = [line for line in lines if line.answered]
        return Outcome(
            kind=Kind.LIST,
            lead=f"{many(len(posts), 'post')} may be meant. "
            + " ".join(
                line.lead or _told(asked.want, post)
                for line, post in zip(lines, posts, strict=True)
            ),
            quotes=tuple(quote for line in known for quote in line.quotes[:1]),
            posts=posts,
            total=len(posts),
            answered=bool(known),
            confidence=LIKELY,
        )

    def _of_one(self, want: Want, post: Post, sure: float) -> Outcome:
        answers: dict[Want, Callable[[Post, float], Outcome]] = {
            Want.AUTHOR: self._author,
            Want.DATE: self._date,
            Want.LENGTH: self._length,
            Want.WHOLE: self._whole,
            Want.BLOG: self._blog,
            Want.TITLE: self._title,
            Want.ADDRESS: self._address,
            Want.FILED: self._filed,
            Want.SOURCE: self._source,
        }
        return answers[want](post, sure)

    def _absent(self, meant: Meant) -> Outcome:
        if meant.why:
            return Outcome(kind=Kind.ABSTENTION, lead=meant.why, answered=False, confidence=0.0)
        lead = (
            f"No post here is called “{meant.called}”" if meant.called else "No such post is here"
        )
        if meant.unlike:
            named = listed([f"“{title}”" for title in meant.unlike[:5]])
            verb = "is" if len(meant.unlike) == 1 else "are"
            lead += f"; {named} {verb} here, with another number"
        return Outcome(kind=Kind.ABSTENTION, lead=f"{lead}.", answered=False, confidence=0.0)

    def _author(self, post: Post, sure: float) -> Outcome:
        if not post.authors:
            return self._unknown(
                post, f"Who wrote {titled(post)} is not known: it names no author."
            )
        names = listed(post.authors)
        if (quote := self._naming(post, sure)) is not None:
            return Outcome(kind=Kind.ANSWER, quotes=(quote,), confidence=sure, short=names)
        return self._told(post, sure, f"{titled(post)} is by {names}.", names)

    def _naming(self, post: Post, sure: float) -> Quote | None:
        """The byline that names every author, or at least one."""
        bylines = self.of_kind(post, BlockKind.BYLINE)
        for passage in bylines:
            spans = [_find_name(passage, name) for name in post.authors]
            marks = [span for span in spans if span is not None]
            if len(marks) == len(spans):
                mark = Span(min(s.start for s in marks), max(s.end for s in marks))
                return quote_of(passage, sure, mark)
        return None

    def _date(self, post: Post, sure: float) -> Outcome:
        if post.published is not None:
            day = long_date(date.fromisoformat(post.published))
            return self._told(post, sure, f"{titled(post)} was published on {day}.", day)
        saved = ""
        if post.captured is not None:
            day = long_date(date.fromisoformat(post.captured))
            saved = f" The copy here was saved on {day}, which is not when it was written."
        none = " No post here has a date." if self._catalogue.dates()[2] == 0 else ""
        lead = f"When {titled(post)} was published is not known: it has no date.{saved}{none}"
        return self._unknown(post, lead)

    def _length(self, post: Post, sure: float) -> Outcome:
        if (quote := self.word_count(post, sure)) is not None:
            return Outcome(kind=Kind.ANSWER, quotes=(quote,), confidence=sure, short=marked(quote))
        if post.word_count is not None:
            count = many(post.word_count, "word")
            return self._told(post, sure, f"{titled(post)} has {count}, as stated.", count)
        if post.complete:
            count = many(post.known_words, "word")
            return self._told(post, sure, f"{titled(post)} has {count}, by counting.", count)
        lead = (
            f"How long {titled(post)} is is not known: only an opening of"
            f" {many(post.known_words, 'word')} is here."
        )
        return self._unknown(post, lead)

    def _whole(self, post: Post, sure: float) -> Outcome:
        quote = self.word_count(post, sure) or self.heading(post, sure)
        if post.complete:
            lead = f"The whole of {titled(post)} is here."
        else:
            of = "" if post.word_count is None else f" of {post.word_count:,}"
            lead = f"Only the opening of {titled(post)} is here: {post.known_words:,}{of} words."
        return Outcome(
            kind=Kind.LIST,
            lead=lead,
            quotes=(quote,),
            posts=(post,),
            total=1,
            confidence=sure,
        )

    def _blog(self, post: Post, sure: float) -> Outcome:
        if post.blog is None:
            return self._unknown(post, f"On which blog {titled(post)} stands is not known.")
        return self._told(post, sure, f"{titled(post)} is on {post.blog}.", post.blog)

    def _title(self, post: Post, sure: float) -> Outcome:
        if post.title is None:
            return self._told(post, sure, "It has no title; it begins as quoted.", "no title")
        return self._told(post, sure, f"It is called “{post.title}”.", post.title)

    def _address(self, post: Post, sure: float) -> Outcome:
        if post.url is None:
            return self._unknown(post, f"The address of {titled(post)} is not known.")
        return self._told(post, sure, f"{titled(post)} is at {post.url}", post.url)

    def _filed(self, post: Post, sure: float) -> Outcome:
        labels = tuple(dict.fromkeys((*post.categories, *post.tags)))
        if not labels:
            return self._unknown(post, f"{titled(post)} is filed under no category and no tag.")
        said = listed(labels)
        return self._told(post, sure, f"{titled(post)} is filed under {said}.", said)

    def _source(self, post: Post, sure: float) -> Outcome:
        said = listed(post.sources)
        return self._told(post, sure, f"{titled(post)} stands in {said}.", said)

    def _told(self, post: Post, sure: float, lead: str, short: str) -> Outcome:
        return Outcome(
            kind=Kind.LIST,
            lead=lead,
            quotes=(self.heading(post, sure),),
            posts=(post,),
            total=1,
            confidence=sure,
            short=short,
        )

    def _unknown(self, post: Post, lead: str) -> Outcome:
        return Outcome(kind=Kind.ABSTENTION, lead=lead, posts=(), answered=False, confidence=0.0)

    # -- what can be quoted of it ----------------------------------------------------------------

    def heading(self, post: Post, sure: float) -> Quote:
        """The post's title; where it has none, its byline or the sentence that it begins with."""
        passages = self._passages(post)
        for kind in (BlockKind.TITLE, BlockKind.BYLINE):
            for passage in passages:
                if passage.kind is kind:
                    return quote_of(passage, sure)
        return first_sentence(passages[0], sure)

    def byline(self, post: Post, name: str) -> Quote | None:
        """The byline of a post that names somebody, with the name marked."""
        for passage in self.of_kind(post, BlockKind.BYLINE):
            if mark := _find_name(passage, name):
                return quote_of(passage, SURE, mark)
        return None

    def word_count(self, post: Post, sure: float) -> Quote | None:
        """The byline that states how many words the post has; None where none does."""
        for passage in self.of_kind(post, BlockKind.BYLINE):
            if match := WORD_COUNT.search(passage.text):
                inside = match.group().strip("() ")
                start = passage.start + match.start() + match.group().index(inside)
                return quote_of(passage, sure, Span(start, start + len(inside)))
        return None

    def of_kind(self, post: Post, kind: BlockKind) -> list[Passage]:
        """The passages of a post that are of one kind."""
        return [passage for passage in self._passages(post) if passage.kind is kind]

    def _passages(self, post: Post) -> list[Passage]:
        return self._index.passages(self._index.rows_for([post.id]))


def marked(quote: Quote) -> str:
    """The words that are marked in a quote."""
    mark = quote.highlight
    return "" if mark is None else quote.text[mark.start - quote.start : mark.end - quote.start]


def _told(want: Want, post: Post) -> str:
    if want is Want.AUTHOR:
        return f"{titled(post)} is by {listed(post.authors)}."
    return f"{titled(post)}: {many(post.word_count or 0, 'word')}."


def _find_name(passage: Passage, name: str) -> Span | None:
    at = passage.text.find(name)
    return None if at < 0 else Span(passage.start + at, passage.start + at + len(name))
