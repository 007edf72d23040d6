"""What a post is about, or a part of it: for a question that names a topic and asks nothing of it.

"Tell me about the day club", "any help with heating?" and "moonlight walk" are answered by how the
post of that title begins, in whatever words it does. "What is the day club?" is not: it asks for
what says so (``definitions``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from askscwru.answering.accounting import ADDED, FRAME, terms
from askscwru.answering.paragraphs import MOST_WORDS, count_words, paragraph_from
from askscwru.types import BlockKind, Passage, Span

_ABOUT = r"(?:about|on|regarding|concerning)"
_SOME = r"(?:(?:the|an?|any|some|your|their|its|our|this|that|one of (?:the|your)) )?"
_OFFER = r"(?:have|do|offer|run|provide|give|hold|organi[sz]e|support)"
_WHO = r"(?:you|they|we|the (?:posts?|blog|site|page)s?|anyone|anybody)"
_ASKS = re.compile(
    r"\W*(?:(?:and|so|but|ok|okay|please|hi|hello)\b,? )*(?:"
    r"(?:(?:can|could|would) you )?(?:please )?(?:tell|give|show) (?:me|us) "
    r"(?:(?:all|more|something|anything|everything|a bit(?: more)?|details|information) )?"
    rf"{_ABOUT}? ?|"
    rf"(?:what|anything) (?:do|does|did|have|has) {_WHO} (?:say|said|write|written|know|tell us) "
    rf"{_ABOUT} |"
    rf"what(?:['’]s| is| was) (?:said|written|known) {_ABOUT} |(?:what|how) about |"
    rf"(?:is there |(?:do|have) you (?:have |got )?)?(?:any|some|more|further)?(?:thing)? ?"
    rf"(?:info(?:rmation)?|details?|news|posts?)? ?{_ABOUT} |"
    rf"(?:do|does|did) {_WHO} {_OFFER} |(?:have|has) {_WHO} got |(?:is|are|was|were) there |"
    r"(?:can|could|may) (?:i|we|people|you|anyone) (?:get|have) |any (?=\w)|"
    r"(?:i am |i'm |im |we are )?(?:looking for|interested in) )"
    rf"{_SOME}(?P<topic>[^?!;:]+?)(?: (?:please|at all|here|exactly))*[?!.\s]*\Z",
    re.IGNORECASE,
)
_ASKS_WHICH = re.compile(
    r"\W*(?:(?:and|so|but) )?(?:what|which) (?P<topic>[^?!;:]+?) "
    rf"(?:(?:is|are|was|were) there|(?:do|does|did|can) {_WHO} {_OFFER})[?!.\s]*\Z",
    re.IGNORECASE,
)
_BARE = re.compile(r"\W*(?:the )?(?P<topic>(?:[\w’'&-]+ ){0,4}[\w’'&-]+)[?!.\s]*\Z", re.IGNORECASE)
_ASKING = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how|is|are|am|was|were|do|does|did|can|could|"
    r"may|might|must|should|shall|will|would|has|have|had|i|you|we|they|he|she|it|me|us|my|not|"
    r"if|because|that|this|these|those|need|want|get|go|yes|no|thanks?)\b|n[’']t\b",
    re.IGNORECASE,
)
"""What stands in a question that asks more than of a topic."""
_VAGUE = frozenset(terms("new latest current recent main different various other"))
"""What tells one of several, and stands in few titles."""
_GENERIC = frozenset(
    terms(
        "study project report survey scheme service group team event campaign programme session "
        "talk post article page thing work issue story news"
    )
)
"""What many a topic is called by, and no title."""
_TELLS = 6
"""Letters of a topic without that, at the least."""
_MOST_TERMS = 5
_SCRAP_WORDS, _FEWEST_WORDS = 6, 20
"""A paragraph of fewer words than the first is no opening; to one of fewer than the second the next
is added."""
_SHORT_WORDS = 12
"""A line of fewer that ends without a mark is no sentence."""
_ENDS = re.compile(r"[.!?:;…][\W_]*\Z")
_BESIDE = re.compile(
    r"[\W_]*(?:author|by|date|posted|published|written by|contact|update[ds]?|edit(?:ed)?|"
    r"correct(?:ion|ed)|added|n\.? ?b\.?|p\.? ?s)\b[^.:\n]{0,30}[.:]",
    re.IGNORECASE,
)
"""How a paragraph begins that tells who wrote the post, or what has changed since."""


def topic_of(question: str) -> frozenset[str]:
    """The terms of the topic, where a question asks of nothing but a topic; none otherwise."""
    question = ADDED.sub("", question)
    asked = _ASKS_WHICH.match(question) or _ASKS.match(question) or _BARE.match(question)
    if asked is None or _ASKING.search(asked["topic"]):
        return frozenset()
    named = frozenset(terms(asked["topic"])) - FRAME - _VAGUE
    return named if len(named) <= _MOST_TERMS else frozenset()


def is_titled(topic: frozenset[str], title: str) -> bool:
    """Whether a title names all of a topic, but for its being a study or a campaign."""
    named = frozenset(terms(title))
    proper = topic - _GENERIC
    enough = sum(map(len, proper)) >= _TELLS
    return bool(topic) and (topic <= named or (enough and proper <= named))


def opening_of(passages: Sequence[Passage]) -> tuple[Passage, int, Span] | None:
    """How a post begins: the passage, the first sentence's position in it, and what is quoted.

    Whole paragraphs, as far as they say something in few words.

    Args:
        passages: of one post, in their order.
    """
    for passage in passages:
        for at, sentence in enumerate(passage.sentences):
            if at and "\n" not in passage.slice(passage.sentences[at - 1].end, sentence.start):
                continue
            whole = _paragraphs(passage, at)
            if sentence.kind is BlockKind.BODY and not _is_scrap(passage, at, whole):
                return passage, at, whole
    return None


def _is_scrap(passage: Passage, at: int, whole: Span) -> bool:
    """Whether a paragraph says nothing of the topic: "Ann Lee and the committee", "Update: …"."""
    text = passage.slice(passage.sentences[at].start, passage.sentences[at].end)
    unfinished = not _ENDS.search(text) and len(text.split()) < _SHORT_WORDS
    few = count_words(passage, whole.start, whole.end) < _SCRAP_WORDS
    return few or unfinished or _BESIDE.match(text) is not None


def _paragraphs(passage: Passage, first: int) -> Span:
    """From a sentence on: its paragraph, and the next one where it has few words."""
    whole = paragraph_from(passage, first)
    rest = [at for at, s in enumerate(passage.sentences) if s.start >= whole.end]
    few = count_words(passage, whole.start, whole.end) < _FEWEST_WORDS
    if few and rest and passage.sentences[rest[0]].kind is BlockKind.BODY:
        end = paragraph_from(passage, rest[0]).end
        if count_words(passage, whole.start, end) <= MOST_WORDS:
            whole = Span(whole.start, end)
    return _without_lead(passage, first, whole)


def _without_lead(passage: Passage, first: int, whole: Span) -> Span:
    """The same without a sentence at its end that leads into a table: a part would seem all."""
    ends = [s.end for s in passage.sentences[first:] if s.end < whole.end]
    leads = passage.slice(whole.start, whole.end).endswith(":")
    return Span(whole.start, ends[-1]) if leads and ends else whole
