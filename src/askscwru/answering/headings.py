"""What stands below the heading, or behind the question, that a question repeats.

Whoever writes "Who made the calls?" over a paragraph answers that in it, in other words than a
reader would look for; and "What's included" stands over a list of three nouns.
"""

from __future__ import annotations

import re

from askscwru.answering.accounting import ADDED, FRAME, terms
from askscwru.answering.paragraphs import paragraph_from
from askscwru.answering.topics import topic_of
from askscwru.types import BlockKind, Passage, Span

_MOST_ASKED = 22
"""Words of a sentence that asks what the next ones answer."""
_NOT = re.compile(r"\b(?:not|no|never|without|nobody|none|cannot)\b|n['’]t\b", re.IGNORECASE)
_KIND = re.compile(
    r"\b(?:(?P<many>how many)|(?P<much>how much)|(?P<long>how long)|(?P<often>how often)|"
    r"(?P<how>how)|(?P<what>what|which)|(?P<who>who|whom|whose)|(?P<when>when)|(?P<where>where)|"
    r"(?P<why>why))\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\W*(?:(?:and|so|but) )?(?:what (?:are|were|about)|"
    r"what(?:['’]s| is| was) (?:the|your|their|its|our)|tell me about|"
    r"(?:list|name|give me|show me) (?:the|your|all))\b",
    re.IGNORECASE,
)
"""How a question begins that a heading which asks nothing may answer."""
_FRAGMENT = re.compile(
    r"\W*(?!(?:is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have|had)\b)"
    r"(?:[\w’'-]+\W+){0,4}[\w’'-]+\W*\Z",
    re.IGNORECASE,
)
"""A question without its question word: "grant deadline?"."""
_ASIDE = frozenset(terms("say tell know please exactly actually blog post author"))


def asks_the_same(question: str, heading: str, about: str, text: str = "") -> bool:
    """Whether a heading, or a question in a text, is what is asked.

    Args:
        question: what was searched for; a topic that was added to it is named by the post.
        heading: names all that it does, and asks for the same kind of thing.
        about: what the post is about, which may name the rest of it.
        text: of the post, which may name one more thing.
    """
    topic = _named(" ".join(ADDED.findall(question)))
    if topic and not topic <= _named(about) | _named(text):
        return False
    question = ADDED.sub("", question)
    wanted, named = _named(question), _named(heading)
    rest = wanted - named - _named(about)
    if not named or not named <= wanted or len(rest) > 1:
        return False
    if rest and not rest <= _named(text):
        return False
    if bool(_NOT.search(question)) is not bool(_NOT.search(heading)):
        return False
    kind = _kind(heading)
    if kind is None and not heading.rstrip().endswith("?"):
        return bool(_OPEN.match(question) or (not rest and topic_of(question)))
    asked = _kind(question)
    return kind == asked or (asked is None and _FRAGMENT.match(question) is not None)


def section_of(passage: Passage) -> Span:
    """What a section begins with: its first paragraph, or its first list."""
    return paragraph_from(passage, 0)


def behind_the_question(question: str, passage: Passage) -> tuple[int, Span] | None:
    """The first sentence of what stands behind a sentence that asks the same, and all of it."""
    for at, sentence in enumerate(passage.sentences[:-1]):
        text = passage.slice(sentence.start, sentence.end)
        asks = sentence.kind is BlockKind.BODY and text.rstrip("*_ ”\"’'").endswith("?")
        if asks and len(text.split()) <= _MOST_ASKED and asks_the_same(question, text, ""):
            return at + 1, paragraph_from(passage, at + 1)
    return None


def _named(text: str) -> frozenset[str]:
    return frozenset(terms(text)) - FRAME - _ASIDE


def _kind(text: str) -> str | None:
    found = _KIND.search(text)
    return found.lastgroup if found else None
