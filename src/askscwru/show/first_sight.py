"""What a newcomer is told of the posts, and questions to begin with.

The questions are made from the posts and asked beforehand: only those are shown whose answer is
sure *and* quotes the very sentence that the question was made from, so that nobody's first question
is answered beside the point. (Filtering generated questions by whether the reader gives the answer
back is the round trip of Alberti et al., Synthetic QA Corpora Generation with Roundtrip
Consistency, ACL 2019.)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from askscwru.types import Answer, BlockKind, Post

SURE = 0.75
"""The least confidence of an answer to a question that is offered: what is called “sure”."""
_TRIED = 40
"""How many made questions are asked at most; each takes some hundredths of a second."""
_POSTS_READ = 60
"""How many posts sentences are taken from, spread over all of them."""
_MOST = 4

Named = tuple[str, int]
"""A name and how many posts have it."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What the posts are: how many, which blogs, which years, whose."""

    posts: int
    openings: int
    """Of how many only an opening is known."""
    blogs: Sequence[Named]
    authors: Sequence[Named]
    years: tuple[str, str] | None
    """The first and the last; None where no post is dated."""
    dated: int


def overview(posts: Sequence[Post]) -> Overview:
    """What the posts are, with names by how many posts have them."""
    years = sorted(post.published[:4] for post in posts if post.published)
    return Overview(
        posts=len(posts),
        openings=sum(not post.complete for post in posts),
        blogs=Counter(post.blog for post in posts if post.blog).most_common(),
        authors=Counter(name for post in posts for name in post.authors).most_common(),
        years=(years[0], years[-1]) if years else None,
        dated=len(years),
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """A question that was made from a stretch of a post."""

    question: str
    post_id: str
    start: int
    end: int


def _always() -> bool:
    return True


def first_questions(
    assistant: Any, wanted: Callable[[], bool] = _always, most: int = _MOST
) -> list[str]:
    """Questions to begin with, each about another post, all with a sure answer.

    Args:
        assistant: asked beforehand; nothing is kept.
        wanted: once it says no, no more are looked for.
        most: at most so many.
    """
    posts = assistant.posts()
    step = max(1, len(posts) // _POSTS_READ)
    chosen: list[str] = []
    used: set[str] = set()
    for made in islice(_candidates(posts[::step], assistant.source_text), _TRIED):
        if len(chosen) == most or not wanted():
            break
        if made.post_id not in used and _given_back(assistant.ask_after((), made.question), made):
            chosen.append(made.question)
            used.add(made.post_id)
    return chosen


def _given_back(answer: Answer, made: _Made) -> bool:
    """Whether a made question is surely answered, and by what it was made from."""
    if not answer.citations or answer.confidence < SURE:
        return False
    first = answer.citations[0]
    same = first.post.id == made.post_id
    return same and first.quote.start < made.end and made.start < first.quote.end


# -- making questions ------------------------------------------------------------------------------

_NAME = r"(?:[A-Z][\w’'-]+)(?: (?:of|for|and|the|in) [A-Z][\w’'-]+| [A-Z][\w’'-]+){1,4}"
_USED = re.compile(
    rf"(?:The )?(?P<name>{_NAME}), (?:now )?used by (?:\w+ )*?\d[\d,.]* (?P<whom>\w+)"
)
_PLAIN = r"[^,;:()“”‘\"\[\]{}<>|#*_/]"
_SENTENCE = re.compile(r"[^.!?]+[.!?]")
_SUBJECT = re.compile(
    r"(?P<subject>(?:The|A|An|[A-Z][\w’'-]+)(?: [\w’'-]+){0,7}?) "
    r"(?P<verb>is|are|was|were|has|have|can|could|will|would|should|may|might|must) "
    rf"(?P<rest>{_PLAIN}+)[.!]"
)
"""A sentence whose subject can be asked for by putting a question word in its place."""
_REFERS = re.compile(
    r"\b(?:i|we|you|he|she|it|they|me|us|him|her|them|my|our|your|his|its|their|this|that|these|"
    r"those|such|there|here|other|another|also|therefore|however|then|so|both|which|who|when|while|"
    r"above|below|following|latter|former|same|one|ones)\b|n[’']t\b",
    re.IGNORECASE,
)
"""What makes no sense outside its paragraph, or makes a question hard to read."""
_PEOPLE = re.compile(
    r"(?:people|persons?|carers?|workers?|famil(?:y|ies)|parents?|children|adults?|users?|women|men|"
    r"staff|professionals?|practitioners?|teachers?|researchers?|members?|citizens?|residents?)$",
    re.IGNORECASE,
)
_BECAUSE = re.compile(
    r"(?P<subject>(?:The|A|An|[A-Z][\w’'-]+)(?: [\w’'-]+){0,7}?) "
    r"(?P<verb>is|are|was|were|can|could|will|would|should|may|might|must) "
    rf"(?P<rest>{_PLAIN}+?),? because [^“”]+[.!]"
)
_COUNTED = re.compile(
    r"(?:(?:Over|About|Around|Nearly|Almost|Some|Only|(?:More|Fewer) than|At least) )?"
    r"(?P<number>\d[\d,.]*(?: (?:million|billion))?|[A-Z][a-z]+ million) "
    rf"(?P<rest>(?:[a-z’'-]+ )?(?:people|children|women|men|[a-z]{{3,}}s) {_PLAIN}+)[.!]"
)
_SINGULAR = {"are": "is", "were": "was", "have": "has"}
_LEAST_REST, _MOST_REST = 4, 13
_WELL_LONG = 60
"""Characters of a question that says what it is about and is still read at a glance."""


def _candidates(posts: Sequence[Post], read: Callable[[str], str]) -> Iterator[_Made]:
    """Questions to try, one of each post by turns: three of what posts say to one of who wrote."""
    facts = _by_turns([list(_of_post(post, read(post.source))) for post in posts])
    written = (_of_title(post) for post in posts)
    return _by_turns([facts, facts, facts, (made for made in written if made is not None)])


def _by_turns(kinds: Sequence[Iterable[_Made]]) -> Iterator[_Made]:
    left = [iter(kind) for kind in kinds]
    while left:
        for kind in list(left):
            found = next(kind, None)
            if found is None:
                left.remove(kind)
            else:
                yield found


def _of_post(post: Post, text: str) -> Iterator[_Made]:
    """Questions that a sentence of a post answers, those that are easiest to read first."""
    made = []
    small = set(re.findall(r"\b[a-z][\w’'-]*", text[post.start : post.end]))

    def common(word: str) -> bool:
        return word.lower() in small

    for block in post.blocks:
        if block.kind is not BlockKind.BODY:
            continue
        for match in _SENTENCE.finditer(text, block.start, block.end):
            made += [
                _Made(question, post.id, match.start(), match.end())
                for question in _of_sentence(match[0], common)
            ]
    yield from sorted(made, key=lambda one: abs(len(one.question) - _WELL_LONG))


def _of_sentence(said: str, common: Callable[[str], bool]) -> Iterator[str]:
    """Questions that a sentence answers.

    Args:
        said: the sentence.
        common: whether a word is also written with a small letter: no name of somebody.
    """
    said = " ".join(said.split())
    if (used := _USED.search(said)) is not None:
        yield f"How many {used['whom']} use {used['name']}?"
    if (counted := _COUNTED.fullmatch(said)) is not None and _makes_sense(counted["rest"]):
        yield f"How many {counted['rest']}?"
    if (why := _BECAUSE.fullmatch(said)) is not None and _makes_sense(why["subject"], why["rest"]):
        subject = why["subject"]
        first, _, others = subject.partition(" ")
        if common(first):
            subject = f"{first.lower()} {others}".strip()
        yield f"Why {why['verb']} {subject} {why['rest']}?"
    found = _SUBJECT.fullmatch(said)
    if found is not None and _makes_sense(found["subject"], found["rest"]):
        if not common(found["subject"].split()[0]):
            return  # a name: it cannot be told whether of a person or a thing
        asked = "Who" if _PEOPLE.search(found["subject"]) else "What"
        yield f"{asked} {_SINGULAR.get(found['verb'], found['verb'])} {found['rest']}?"


def _makes_sense(*parts: str) -> bool:
    """Whether words make sense by themselves and are neither too few nor too many to ask."""
    said = " ".join(parts)
    few = _LEAST_REST <= len(parts[-1].split()) <= _MOST_REST
    return few and _REFERS.search(said) is None


def _of_title(post: Post) -> _Made | None:
    if not post.title or not post.authors or not post.bylines:
        return None
    place = post.bylines[0]
    return _Made(f"Who wrote “{post.title}”?", post.id, place.start, place.end)
