"""The vocabulary of askscwru as frozen records: one word for each thing.

All offsets are 0-based Unicode code points, end exclusive, into the text of a source, so that
``source_text[start:end]`` is what the record stands for.
"""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

Progress = Callable[[str, int, int], None]
"""Called with the stage's name, how much is done and how much there is (0 when not known)."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a source: ``start`` inclusive, ``end`` exclusive, in code points."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}:{self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The slice of ``text`` that this span covers."""
        return text[self.start : self.end]

    def overlaps(self, other: Span) -> bool:
        """Whether at least one code point is in both spans."""
        return self.start < other.end and other.start < self.end


def cut_at_mark(text: str, start: int, mark: Span | None) -> tuple[str, str, str]:
    """The words before a mark, those in it and those behind it; all are before where there is none.

    Args:
        text: a stretch of a source.
        start: where it begins in the source.
        mark: in the source too; what of it lies outside ``text`` is left out.
    """
    if mark is None:
        return text, "", ""
    first = min(max(0, mark.start - start), len(text))
    last = min(max(first, mark.end - start), len(text))
    return text[:first], text[first:last], text[last:]


class BlockKind(StrEnum):
    """What a block (about one paragraph) of a post is."""

    TITLE = "title"
    BYLINE = "byline"
    """Who wrote the post, what they are, how long it is: quoted only for questions on the post."""
    BODY = "body"
    LIST = "list"
    """One bullet or numbered point of the body."""
    HEADING = "heading"
    """A subheading: read with what follows it, never quoted by itself."""
    REFERENCE = "reference"
    """An entry of the reference list: quoted only when references are asked for."""
    CODE = "code"
    """Lines of a program: one piece, quoted only when code is asked for."""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a post of one kind, without the white space around it."""

    start: int
    end: int
    kind: BlockKind


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a post, and the place in its text that it is to."""

    mark: int
    """Where its mark stands, in the text or before the sign that is seen there."""
    start: int
    end: int
    """The note itself ends here; all three are offsets of the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file the posts came from."""

    name: str
    """Path under the seeds folder, with ``/`` between folders. What comes from another place of the
    list of sources begins with that place's name; a file in an archive with the archive's."""
    sha256: str
    """Of the file's bytes, in hexadecimal."""
    characters: int
    """Length of the text, in code points."""
    blog: str | None = None
    """The blog the page stands on, from the seeds manifest or the page; None when not known."""
    kind: str | None = None
    """What kind of page it is (``post``, ``author archive``, …), from the seeds manifest."""
    format: str = "text"
    """``text`` where the file is the text; otherwise what the text was extracted from:
    ``wordpress``, ``blogger``, ``ghost``, ``substack``, ``feed``, ``html``, ``markdown``, ``docx``,
    ``pdf``."""
    text_sha256: str | None = None
    """Of the extracted text, which is kept with the index; None where the file is the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One place where a post stands."""

    source: str
    start: int
    end: int
    complete: bool
    """Whether the whole post stands there, or only its opening."""


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a named source."""

    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One blog post, as its fullest copy gives it."""

    id: str
    """Twelve hexadecimal digits made from the title and the opening words."""
    title: str | None
    """None when the page does not show one."""
    authors: tuple[str, ...]
    """In the order of the page; empty when no byline names one."""
    blog: str | None
    word_count: int | None
    """The number of words that the page states for the whole post; None when it states none."""
    known_words: int
    """The number of words of it that are known here."""
    complete: bool
    """False when only an opening is known."""
    published: str | None
    """ISO date, or None when the page does not say."""
    url: str | None
    source: str
    start: int
    end: int
    blocks: tuple[Block, ...]
    """In the order of the page; what is furniture stands in no block."""
    also_in: tuple[Occurrence, ...] = ()
    """The other places where the post stands."""
    title_at: Place | None = None
    """Where the title stands; in another source when the fullest copy lacks it."""
    bylines: tuple[Place, ...] = ()
    """Each sentence that says who wrote the post or how long it is, from every copy."""
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    captured: str | None = None
    """ISO date at which the fullest copy was saved, where it says so: not when it was written."""
    pages: tuple[int, ...] = ()
    """Where each page of a document starts in the source; empty for what has no pages."""
    notes: tuple[Note, ...] = ()
    """In the order of their marks; a note with several marks stands here with each."""
    see_also: tuple[str, ...] = ()
    """Ids of posts that share much of their text with this one, and yet say something else."""
    text_hash: str = ""
    """Twelve hexadecimal digits made from the words of the fullest copy: tells whether the post has
    changed since it was indexed."""

    @property
    def sources(self) -> list[str]:
        """The sources in which it stands, the fullest copy first."""
        return list(dict.fromkeys([self.source, *(place.source for place in self.also_in)]))

    def is_newer_than(self, other: Post) -> bool:
        """Whether it was published after another post of the same blog; not where a day is unknown.

        What another organisation charges does not replace a price.
        """
        if self.published is None or other.published is None or self.blog != other.blog:
            return False
        return self.published > other.published

    def to_row(self) -> dict[str, Any]:
        """The post as one row of a list: what tells it from the others, and where it stands."""
        at = self.title_at or Place(self.source, self.start, self.end)
        return {
            "post_id": self.id,
            "title": self.title,
            "authors": list(self.authors),
            "blog": self.blog,
            "published": self.published,
            "url": self.url,
            "word_count": self.word_count,
            "complete": self.complete,
            "source": at.source,
            "start": at.start,
            "end": at.end,
        }

    def to_dict(self) -> dict[str, Any]:
        """The post as a JSON object, without its text."""
        return {
            "post_id": self.id,
            "title": self.title,
            "authors": list(self.authors),
            "blog": self.blog,
            "word_count": self.word_count,
            "known_words": self.known_words,
            "complete": self.complete,
            "published": self.published,
            "captured": self.captured,
            "url": self.url,
            "categories": list(self.categories),
            "tags": list(self.tags),
            "see_also": list(self.see_also),
            "source": self.source,
            "start": self.start,
            "end": self.end,
            "sources": self.sources,
            "also_in": [
                {"source": p.source, "start": p.start, "end": p.end, "complete": p.complete}
                for p in self.also_in
            ],
        }


class ListedPosts(Sequence[Post]):
    """Many posts with their rows, which are held as well: no post need be looked at for them."""

    @property
    @abstractmethod
    def rows(self) -> tuple[Mapping[str, Any], ...]:
        """What ``Post.to_row`` gives of each."""


def rows_of(posts: Sequence[Post]) -> tuple[Mapping[str, Any], ...]:
    """What ``Post.to_row`` gives of each post."""
    if isinstance(posts, ListedPosts):
        return posts.rows
    return tuple(post.to_row() for post in posts)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A whole sentence (or a title, heading, list point or reference) of a passage."""

    start: int
    end: int
    kind: BlockKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of one post, the unit that is embedded and retrieved."""

    id: str
    """Twelve hexadecimal digits made from the post, the offsets and the text."""
    post_id: str
    source: str
    start: int
    end: int
    text: str
    """``source_text[start:end]``, verbatim."""
    context: str
    """Title, authors and blog: embedded before the text, but no part of it."""
    sentences: tuple[Sentence, ...]
    kind: BlockKind = BlockKind.BODY
    """BODY, BYLINE, TITLE, REFERENCE or CODE: passages of different kinds are never mixed."""

    def slice(self, start: int, end: int) -> str:
        """The words of it from ``start`` to ``end``, which are offsets into the source."""
        return self.text[max(0, start - self.start) : max(0, end - self.start)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage with its score and rank for one question."""

    passage: Passage
    row: int
    """The passage's row number in the index."""
    rank: int
    """From 1, the best first."""
    score: float
    """In [0, 1]: see ``retrieve``."""
    dense: float
    """Cosine of the question and the passage, in [-1, 1]."""
    lexical: float
    """BM25 score, at least 0 and without an upper bound; 0 where no word is shared."""

    def to_dict(self, title: str | None) -> dict[str, Any]:
        """The hit as one of the contract's ``passages``; ``title`` is its post's."""
        passage = self.passage
        return {
            "passage_id": passage.id,
            "post_id": passage.post_id,
            "title": title,
            "text": passage.text,
            "start": passage.start,
            "end": passage.end,
            "source": passage.source,
            "score": round(self.score, 4),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Whole sentences of one passage that may answer the question."""

    passage: Passage
    start: int
    end: int
    text: str
    score: float
    """The reader's estimate, in [0, 1], that these words answer the question."""
    highlight: Span | None = None
    """The short stretch inside the quote that answers, or None."""
    share: float | None = None
    """The highlight's share of the probability of all stretches of its sentence; None where the
    highlight is known and not estimated."""
    rank: int = 1
    """The rank of the hit in which the quote stands."""

    def cut(self) -> tuple[str, str, str]:
        """Its words before what is marked, what is marked, and those behind it."""
        return cut_at_mark(self.text, self.start, self.highlight)


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationRecord:
    """A citation as it is shown, sent and kept: all of it that needs no index."""

    index: int
    """From 1: the number that stands in the answer."""
    quote: str
    """Verbatim: ``source_text[start:end]``."""
    start: int
    end: int
    highlight: Span | None = None
    """The short stretch inside the quote that answers, in the source; or None."""
    post_id: str
    title: str | None
    authors: tuple[str, ...]
    blog: str | None = None
    source: str
    also_in: tuple[str, ...] = ()
    """The other sources in which the post stands."""
    url: str | None = None
    published: str | None = None
    """ISO date, as the page states it."""
    captured: str | None = None
    """ISO date on which the copy was saved."""
    page: int | None = None
    """Of a document: the page on which the quote begins, from 1."""
    complete: bool = True
    """False when only an opening of the post is known."""
    word_count: int | None = None
    passage_id: str = ""
    score: float = 0.0
    """The reader's estimate, in [0, 1], that these words answer the question."""
    group: str | None = None
    """What it is quoted for, among views: a post's title, or one side of a comparison."""

    def cut(self) -> tuple[str, str, str]:
        """The quote before what is marked, what is marked, and the quote behind it."""
        return cut_at_mark(self.quote, self.start, self.highlight)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """The record of which ``to_dict`` made this JSON object; what is more in it is left out."""
        known = {name.name: given[name.name] for name in fields(cls) if name.name in given}
        mark = known.get("highlight")
        for many in ("authors", "also_in"):
            known[many] = tuple(known.get(many) or ())
        known["highlight"] = Span(mark["start"], mark["end"]) if mark else None
        return cls(**known)

    def to_dict(self) -> dict[str, Any]:
        """The citation as the contract's JSON object."""
        mark = self.highlight
        return {
            **{name.name: getattr(self, name.name) for name in fields(self)},
            "highlight": None if mark is None else {"start": mark.start, "end": mark.end},
            "authors": list(self.authors),
            "also_in": list(self.also_in),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A numbered quote with the post it comes from."""

    index: int
    """From 1."""
    quote: Quote
    post: Post
    group: str | None = None
    """What it is quoted for, among views: a post's title, or one side of a comparison."""

    @property
    def page(self) -> int | None:
        """The page of a document on which the quote begins, from 1; None without pages."""
        if not self.post.pages or self.quote.passage.source != self.post.source:
            return None
        return max(1, bisect_right(self.post.pages, self.quote.start))

    def record(self) -> CitationRecord:
        """The citation without the index: what is shown, sent and kept of it."""
        quote, post = self.quote, self.post
        source = quote.passage.source
        return CitationRecord(
            index=self.index,
            quote=quote.text,
            start=quote.start,
            end=quote.end,
            highlight=quote.highlight,
            post_id=post.id,
            title=post.title,
            authors=post.authors,
            blog=post.blog,
            source=source,
            also_in=tuple(name for name in post.sources if name != source),
            url=post.url,
            published=post.published,
            captured=post.captured,
            page=self.page,
            complete=post.complete,
            word_count=post.word_count,
            passage_id=quote.passage.id,
            score=round(quote.score, 4),
            group=self.group,
        )

    def to_dict(self) -> dict[str, Any]:
        """The citation as the contract's JSON object."""
        return self.record().to_dict()


class Kind(StrEnum):
    """What kind of answer an answer is."""

    ANSWER = "answer"
    """Quotes that answer."""
    LIST = "list"
    """Posts, dates, authors or counts, from the records."""
    VIEWS = "views"
    """Quotes of several posts or on several subjects, each in a group."""
    REPLY = "reply"
    """The program's own words to what is no question to the posts."""
    ABSTENTION = "abstention"
    """The posts do not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A post near to a question that no post answers: never an answer."""

    post: Post
    quote: Quote
    """The sentence that came nearest, with how sure it is that it answers."""

    def to_dict(self) -> dict[str, Any]:
        """The post as a row, and the sentence."""
        return {
            **self.post.to_row(),
            "source": self.quote.passage.source,
            "start": self.quote.start,
            "end": self.quote.end,
            "quote": self.quote.text,
            "confidence": round(self.quote.score, 4),
        }


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that the corpus does not know, and the word that was searched for in its place."""

    wrong: str
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the posts searched are limited to; None means no limit."""

    author: str | None = None
    """The author's name; case, accents and titles such as ``Dr`` do not matter."""
    source: str | None = None
    after: str | None = None
    """ISO date: only posts published on that day or later; undated posts are left out."""
    before: str | None = None
    """ISO date: only posts published before that day; undated posts are left out."""
    blog: str | None = None
    """The blog's name; case and accents do not matter, here and in the two below."""
    category: str | None = None
    tag: str | None = None
    post: str | None = None
    """The id of the one post that may be quoted."""

    def __bool__(self) -> bool:
        """Whether anything is limited."""
        return any(getattr(self, name.name) is not None for name in fields(self))


RELEVANCE, DATE = SORTS = ("relevance", "date")
"""The orders in which an answer's quotes and passages can be shown."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question with what limits its answer, whichever door it came by."""

    question: str
    """1 to 2,000 characters with at least one letter or digit."""
    top_k: int | None = None
    """How many passages the answer shows, 1 to 50; None for the setting's number."""
    filters: Filters = Filters()
    """Which posts may be quoted."""
    sort: str = RELEVANCE
    """One of ``SORTS``: ``date`` shows the quotes and passages of the newest posts first, undated
    ones last; which of them are shown is the same."""

    @classmethod
    def of(
        cls,
        question: str | Query,
        top_k: int | None = None,
        filters: Filters | None = None,
        sort: str = RELEVANCE,
    ) -> Query:
        """The query itself, or one of a bare question and what is said beside it."""
        if isinstance(question, Query):
            return question
        return cls(question, top_k, filters or Filters(), sort)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an answer was limited to, and in which order it is shown."""

    filters: Filters = Filters()
    sort: str = RELEVANCE
    text: str = "all posts"
    """In one line of English: ``posts by Alex Fox, newest first``."""

    def __bool__(self) -> bool:
        """Whether there is anything that a reader has to know."""
        return bool(self.filters) or self.sort != RELEVANCE

    def to_dict(self) -> dict[str, Any]:
        """The limits as a JSON object; ``filters`` and ``sort`` can be sent with a question."""
        return {"filters": asdict(self.filters), "sort": self.sort, "text": self.text}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPart:
    """One of several questions that were asked in one, and what came of it."""

    question: str
    searched_for: str
    answered: bool
    confidence: float
    """In [0, 1]: as an answer's, of this question alone."""
    text: str
    citations: tuple[int, ...]
    """The numbers of its citations; none where the posts do not say."""

    def to_dict(self) -> dict[str, Any]:
        """The part as a JSON object."""
        return {
            "question": self.question,
            "searched_for": self.searched_for,
            "answered": self.answered,
            "confidence": round(self.confidence, 4),
            "answer": self.text,
            "citations": list(self.citations),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Quotes with their citations, or an abstention; with one confidence."""

    question: str
    searched_for: str
    answered: bool
    confidence: float
    """In [0, 1]: the estimated probability that the quoted words answer the question."""
    text: str
    kind: Kind = Kind.ANSWER
    short: str | None = None
    """The words that answer, by themselves; None where they would mislead."""
    total: int | None = None
    """On a list, how many there are of what was asked for; None on everything else."""
    posts: Sequence[Post] = ()
    """On a list, all of its posts, in its order; they may be a ``ListedPosts``."""
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    titles: Mapping[str, str | None]
    """Title of each post that a hit stands in, by post id."""
    conversation_id: str
    turn: int = 1
    limits: Limits = Limits()
    """Under which it was asked."""
    asked_at: str = ""
    """ISO date and time, in UTC, at which its turn was kept; empty where none was."""
    corrections: tuple[Correction, ...] = ()
    alternatives: tuple[str, ...] = ()
    """Other readings of the question, each a question by itself, that were answered about as well
    as the one that was searched for."""
    notes: tuple[str, ...] = ()
    """What went amiss without keeping the answer back, one sentence each: a turn that could not be
    kept, a conversation that could not be read."""
    nearest: tuple[Near, ...] = ()
    """On an abstention, the posts that came nearest, once each: not an answer."""
    advice: tuple[str, ...] = ()
    """What may be asked instead, or what to know of the answer, one sentence each."""
    withheld: tuple[Citation, ...] = ()
    """On an abstention, the best quote all the same: for measuring, not for showing."""
    parts: tuple[AnswerPart, ...] = ()
    """Where several questions were asked in one: each with its own confidence; else empty."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds by stage, and ``total``."""

    def to_dict(self) -> dict[str, Any]:
        """The answer as the contract's JSON object."""
        return {
            "conversation_id": self.conversation_id,
            "turn": self.turn,
            "question": self.question,
            "searched_for": self.searched_for,
            "limits": self.limits.to_dict(),
            "corrections": [{"from": c.wrong, "to": c.right} for c in self.corrections],
            "alternatives": list(self.alternatives),
            "notes": list(self.notes),
            "parts": [part.to_dict() for part in self.parts],
            "answered": self.answered,
            "kind": self.kind.value,
            "confidence": round(self.confidence, 4),
            "answer": self.text,
            "short": self.short,
            "total": self.total,
            "posts": [dict(row) for row in rows_of(self.posts)],
            "citations": [citation.to_dict() for citation in self.citations],
            "nearest": [near.to_dict() for near in self.nearest],
            "advice": list(self.advice),
            "passages": [hit.to_dict(self.titles.get(hit.passage.post_id)) for hit in self.hits],
            "timings_ms": {stage: round(took, 2) for stage, took in self.timings_ms.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question and its answer as a conversation keeps them."""

    number: int
    """From 1, without gaps."""
    question: str
    searched_for: str
    answered: bool
    confidence: float
    text: str
    citations: tuple[CitationRecord, ...] = ()
    """What a turn is shown by without the index."""
    limits: Limits = Limits()
    """Under which it was asked."""
    kind: Kind = Kind.ANSWER
    short: str | None = None
    total: int | None = None
    posts: tuple[Mapping[str, Any], ...] = ()
    """All posts of a list, as ``Post.to_row`` gives them."""
    nearest: tuple[Mapping[str, Any], ...] = ()
    """As ``Near.to_dict`` gives them."""
    advice: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    alternatives: tuple[str, ...] = ()
    parts: tuple[AnswerPart, ...] = ()
    """As on an answer: where several questions were asked in one, each with what came of it."""
    asked_at: str = ""
    """ISO date and time, in UTC."""

    @classmethod
    def of(cls, answer: Answer) -> Turn:
        """What is kept of an answer."""
        return cls(
            number=answer.turn,
            question=answer.question,
            searched_for=answer.searched_for,
            answered=answer.answered,
            confidence=answer.confidence,
            text=answer.text,
            citations=tuple(citation.record() for citation in answer.citations),
            limits=answer.limits,
            kind=answer.kind,
            short=answer.short,
            total=answer.total,
            posts=rows_of(answer.posts),
            nearest=tuple(near.to_dict() for near in answer.nearest),
            advice=answer.advice,
            corrections=answer.corrections,
            alternatives=answer.alternatives,
            parts=answer.parts,
            asked_at=answer.asked_at,
        )

    @property
    def query(self) -> Query:
        """The question as it was asked, to ask it again."""
        return Query(self.question, filters=self.limits.filters, sort=self.limits.sort)

    def to_dict(self) -> dict[str, Any]:
        """The turn as a JSON object, with the names that an answer has."""
        return {
            "turn": self.number,
            "question": self.question,
            "searched_for": self.searched_for,
            "limits": self.limits.to_dict(),
            "corrections": [{"from": c.wrong, "to": c.right} for c in self.corrections],
            "alternatives": list(self.alternatives),
            "answered": self.answered,
            "kind": self.kind.value,
            "confidence": round(self.confidence, 4),
            "answer": self.text,
            "short": self.short,
            "total": self.total,
            "posts": [dict(post) for post in self.posts],
            "citations": [citation.to_dict() for citation in self.citations],
            "nearest": [dict(near) for near in self.nearest],
            "advice": list(self.advice),
            "parts": [part.to_dict() for part in self.parts],
            "asked_at": self.asked_at,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A numbered list of turns under one id."""

    id: str
    title: str
    """The first question, unless it was given another name."""
    created_at: str
    """ISO date and time, in UTC."""
    updated_at: str
    """When the last turn was added."""
    count: int
    """How many turns it has."""
    turns: tuple[Turn, ...] = ()
    """All of them, in order; none where conversations are only listed."""

    def to_dict(self) -> dict[str, Any]:
        """The conversation as a JSON object."""
        return {
            "conversation_id": self.id,
            "title": self.title,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "count": self.count,
            "turns": [turn.to_dict() for turn in self.turns],
        }
