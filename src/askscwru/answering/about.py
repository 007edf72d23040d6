"""Questions about the posts themselves, answered from titles and bylines.

"Who wrote …", "which posts did … write", "how long is …", "is that the whole post", "which blog
is … on": the answer stands in what the page says of the post, not in what the post says. It is
quoted and cited like every other answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from askscwru.answering.filters import posts_within
from askscwru.index.generation import Index
from askscwru.index.lexical import analyse
from askscwru.ingest.text.bylines import WORD_COUNT
from askscwru.names import bare_name, fold
from askscwru.types import BlockKind, Filters, Passage, Post, Query, Quote, Span


class Wanted(StrEnum):
    """What a question wants to know of a post."""

    AUTHOR = "author"
    POSTS = "posts"
    LENGTH = "length"
    WHOLE = "whole"
    BLOG = "blog"
    EXTREME = "extreme"
    """The longest or the shortest post."""


_POST = r"(?:blog ?posts?|posts?|blogs?|articles?|pieces?|entr(?:y|ies)|essays?)"
_WRITE = (
    r"(?:wr(?:ite|ites|ote|itten)|author(?:ed)?|blog(?:ged)?|publish(?:ed)?|contribut(?:e|ed)|"
    r"co-?wr(?:ite|ote|itten)|co-?author(?:ed)?|done|posted)"
)
_PATTERNS: tuple[tuple[Wanted, str], ...] = (
    (
        Wanted.EXTREME,
        rf"\b(?P<x>longest|shortest)\b.{{0,30}}\b{_POST}\b|\b{_POST}\b.{{0,20}}\b(?P<y>longest|"
        rf"shortest)\b",
    ),
    (
        Wanted.POSTS,
        rf"^(?:which|what|list|show|give|name|are there|find|"
        rf"all)\b.{{0,30}}?\b{_POST}\b(?: (?:is|are|was|were|"
        rf"has|have|did|does|do|that|which|here|there|"
        rf"in here))*\s+(?:(?:been\s+)?(?:{_WRITE}\s+)?by\s+)?(?P<x>.+?)"
        rf"(?:\s+(?:has|have|had))?(?:\s+(?:{_WRITE}))?(?:\s+(?:for|on|to) (?:the|this) blog)?$|"
        rf"^(?:all |the |other |more )*{_POST}\s+(?:{_WRITE}\s+)?by\s+(?P<z>.+)|"
        rf"^what (?:else )?(?:did|has|have|does)\s+(?P<y>.+?)\s+(?:{_WRITE})$",
    ),
    (
        Wanted.AUTHOR,
        rf"^(?:who|by whom)\s+(?:was |is |were |are |has |have )?(?:it |"
        rf"they )?(?:the )?(?:{_WRITE}|authors? of|"
        rf"author|the writer of|writer of)\s*(?:by\s+|of\s+)?(?P<x>.+)|"
        rf"^(?:who|whose)\b.{{0,20}}?\b(?:by|wrote)\s+(?P<y>.+)|^(?:the )?(?:authors?|"
        rf"writers?) of (?P<z>.+)|"
        rf"^(?:who|by whom)\s+(?:is|was|were|are)\s+(?P<w>.+?)\s+(?:written|authored)(?:\s+by)?$|"
        rf"^(?:what|which)(?: \w+)? (?:is|are) the (?:names? of the )?authors? of (?P<v>.+)",
    ),
    (
        Wanted.LENGTH,
        r"^how (?:long|many words)\s+(?:is|are|was|does|did|has|have|in|there in|"
        r"long is)\s*(?:there\s+)?(?:in\s+)?"
        r"(?P<x>.+?)(?:\s+(?:have|has|got|contain|run to|in words|long))?$|"
        r"^(?:what(?:'s| is) the )?(?:word count|length|number of words) (?:of|in|for) (?P<y>.+)",
    ),
    (
        Wanted.WHOLE,
        r"^(?:is|are|do (?:you|we|i) (?:have|get)|have (?:you|we)|does|can i (?:read|see|"
        r"get))\b.{0,200}\b(?:whole|"
        r"full|complete(?:ly)?|entire(?:ly|ty)?|in full|all of|opening|beginning|excerpt|extract|"
        r"cut (?:off|short)|"
        r"(?:from )?(?:start|beginning) to (?:finish|end)|just (?:the|a) start|truncated|"
        r"unabridged|"
        r"only (?:the|a|an) (?:start|part|opening|beginning))\b|^is there (?:any )?more (?:of|"
        r"to)\b",
    ),
    (
        Wanted.BLOG,
        r"\b(?:which|what|whose|on what|on which)\s+(?:blog|site|website)\b.{0,40}?\b(?:is|was|"
        r"did|does|carries|"
        r"carried|published|posted|has|hosts?|hosted|from|on)\b\s*(?P<x>.+)",
    ),
)
_COMPILED = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _PATTERNS)

_QUOTED = re.compile(r"[‘“'\"«](?P<x>[^‘“\"«»”]{4,}?)[’”'\"»](?=[\s?.,!]|$)")
_LEAD = re.compile(
    rf"^(?:the|this|that|a|an|is|was)?\s*(?:full|whole|original|complete|entire|first|"
    rf"opening of the)?\s*"
    rf"(?:{_POST})?\s*(?P<about>called|titled|entitled|named|about|on|regarding|concerning|that|"
    rf"with)?\s+",
    re.IGNORECASE,
)
_MENTIONS_POST = re.compile(rf"\b{_POST}\b", re.IGNORECASE)
_NOISE = re.compile(
    r"\b(?:is|are|was|were|do|does|did|you|we|i|have|has|here|there|on this page|on the page|"
    r"this page|in full|"
    r"just|only|whole|full|fully|complete|completely|entire|opening|beginning|start|excerpt|"
    r"extract|"
    r"published|posted|written|or|of it|it|all|part|can|read|see|shown|available|known|words|"
    r"long|there|more|"
    r"cut (?:off|short)|from|to|finish|end|text|get|author|who|name|named|of|the|a|an|post|blog|"
    r"article|piece)\b",
    re.IGNORECASE,
)
_BY = re.compile(rf"\bposts? (?:{_WRITE} )?by (?P<name>.+?)(?: (?:is|was)\b.*)?$", re.IGNORECASE)
_SURE, _LIKELY = 0.97, 0.85
_MOST_POSTS = 10

FindPost = Callable[[str, Filters], str | None]
"""A topic to the id of the post within the filters that is most about it, or None."""


@dataclass(frozen=True, slots=True)
class AboutPosts:
    """Answers questions about the posts themselves."""

    index: Index
    find_post: FindPost

    def answer(self, query: Query) -> list[Quote] | None:
        """Scored quotes for a question about posts; None where it is about something else.

        An empty list means that it is about a post which does not say.

        Raises:
            FilterError: as ``posts_within``.
        """
        within = _Within(self.index, self.find_post, query.filters)
        plain = query.question.strip().rstrip("?!. ").strip()
        for kind, pattern in _COMPILED:
            match = pattern.search(plain)
            if match is None:
                continue
            subject = next((text for text in match.groupdict().values() if text), plain)
            found = within.answer(kind, subject, plain)
            if found is not None:
                return found
        return None


class _Within:
    """The posts that a question may be about: those which pass its filters."""

    def __init__(self, index: Index, find_post: FindPost, filters: Filters) -> None:
        self.index = index
        self.find_post = find_post
        self.filters = filters
        self.posts = posts_within(index.posts(), filters)

    def answer(self, kind: Wanted, subject: str, question: str) -> list[Quote] | None:
        if kind is Wanted.EXTREME:
            return self._extreme(subject.lower(), question)
        if kind is Wanted.POSTS:
            return self._posts_by(subject)
        post, sure = self._post(subject, question)
        if post is None:
            return None
        if kind is Wanted.AUTHOR:
            return self._author(post, sure)
        if kind is Wanted.BLOG:
            return [] if post.blog is None else self._title(post, sure)
        return self._length(post, sure, needs_count=kind is Wanted.LENGTH)

    # -- which post ------------------------------------------------------------------------------

    def _post(self, subject: str, question: str) -> tuple[Post | None, float]:
        """The post that the question means, and how sure that is."""
        posts = self.posts
        if self.filters and len(posts) == 1 and _names_none(subject):
            return posts[0], _SURE
        quoted = _QUOTED.search(question)
        name = quoted["x"] if quoted else _LEAD.sub("", subject, count=1)
        bare = " ".join(_NOISE.sub(" ", name).split())
        topic = set(analyse(bare))
        best, score = None, 0.0
        for post in posts:
            if post.title:
                alike = max(_alike(name, post.title), _alike(bare, post.title))
                if alike > score:
                    best, score = post, alike
        if best is not None and score >= 0.86:
            return best, _SURE
        if topic and _MENTIONS_POST.search(question):
            found = _by_title_words(posts, topic) or self.find_post(bare, self.filters)
            if found is not None:
                return self.index.post(found), _LIKELY
        return None, 0.0

    # -- what it says ----------------------------------------------------------------------------

    def _author(self, post: Post, sure: float) -> list[Quote]:
        for passage in self._of_kind(post, BlockKind.BYLINE):
            spans = [_find_name(passage, name) for name in post.authors]
            if spans and all(spans):
                marks = [span for span in spans if span is not None]
                mark = Span(min(s.start for s in marks), max(s.end for s in marks))
                return [_quote(passage, sure, mark)]
        for passage in self._of_kind(post, BlockKind.BYLINE):
            for name in post.authors:
                if mark_one := _find_name(passage, name):
                    return [_quote(passage, sure, mark_one)]
        return []

    def _posts_by(self, subject: str) -> list[Quote] | None:
        name = fold(bare_name(subject.strip(" ’'s") if subject.endswith(("’s", "'s")) else subject))
        posts = [
            post for post in self.posts if any(_is_author(name, author) for author in post.authors)
        ]
        if not posts:
            return None
        quotes: list[Quote] = []
        for post in posts[:_MOST_POSTS]:
            quotes += self._title(post, _SURE)[:1] or self._author(post, _SURE)[:1]
        return quotes

    def _title(self, post: Post, sure: float) -> list[Quote]:
        kinds = (BlockKind.TITLE, BlockKind.BYLINE)
        passages = [passage for kind in kinds for passage in self._of_kind(post, kind)]
        return [_quote(passage, sure, None) for passage in passages[:1]]

    def _length(self, post: Post, sure: float, *, needs_count: bool) -> list[Quote]:
        for passage in self._of_kind(post, BlockKind.BYLINE):
            if match := WORD_COUNT.search(passage.text):
                start = passage.start + match.start()
                inside = match.group().strip("() ")
                start += match.group().index(inside)
                return [_quote(passage, sure, Span(start, start + len(inside)))]
        return [] if needs_count else self._title(post, sure)

    def _extreme(self, which: str, question: str) -> list[Quote] | None:
        posts = [post for post in self.posts if post.word_count is not None]
        if by := _BY.search(question):
            name = fold(bare_name(by["name"]))
            posts = [p for p in posts if any(_is_author(name, author) for author in p.authors)]
        if not posts:
            return None
        chosen = (max if which == "longest" else min)(posts, key=lambda post: post.word_count or 0)
        return self._length(chosen, _LIKELY, needs_count=True)

    def _of_kind(self, post: Post, kind: BlockKind) -> list[Passage]:
        rows = sorted(self.index.rows_for([post.id]))
        return [passage for passage in self.index.passages(rows) if passage.kind is kind]


def _names_none(subject: str) -> bool:
    """Whether nothing in it says which post is meant: ``this``, ``the whole post``."""
    return set(_NOISE.sub(" ", subject).lower().split()) <= {"this", "that", "on"}


def _by_title_words(posts: Sequence[Post], topic: set[str]) -> str | None:
    """The only post whose title has all words of the topic, or all but a few; None otherwise."""
    shares = sorted(
        (
            (len(topic & set(analyse(post.title))) / len(topic), post.id)
            for post in posts
            if post.title
        ),
        reverse=True,
    )
    if not shares or shares[0][0] < 0.6 or len(topic) < 2:
        return None
    if len(shares) > 1 and shares[1][0] == shares[0][0]:
        return None
    return shares[0][1]


def _alike(name: str, title: str) -> float:
    """How nearly ``name`` is the title or one side of its colon, in [0, 1]."""
    one, other = _plain(name), _plain(title)
    if len(one) < 5:
        return 0.0
    best = fuzz.ratio(one, other) / 100
    for part in re.split(r"\s*[:–—?]\s+", title):
        if len(_plain(part)) >= 12:
            best = max(best, fuzz.ratio(one, _plain(part)) / 100)
    if len(one) >= 12 and len(one.split()) >= 3:
        best = max(
            best, 0.95 * fuzz.partial_ratio(one, other) / 100 if len(one) <= len(other) else 0
        )
    return best


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))


def _is_author(name: str, author: str) -> bool:
    folded = fold(author)
    return name == folded or (len(name) >= 4 and folded.split()[-1] == name)


def _find_name(passage: Passage, name: str) -> Span | None:
    at = passage.text.find(name)
    return None if at < 0 else Span(passage.start + at, passage.start + at + len(name))


def _quote(passage: Passage, score: float, highlight: Span | None) -> Quote:
    return Quote(
        passage=passage,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        score=score,
        highlight=highlight,
    )
