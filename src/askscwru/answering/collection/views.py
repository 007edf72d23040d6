"""Several posts on one subject, two subjects compared, and the central sentences of one post.

Every quote answers by itself at the confidence that any answer needs: each post is read alone, with
plain questions on the subject, and a sentence is kept where it names the subject. What says the
same as a quote before it is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from rapidfuzz import fuzz

from askscwru.answering.collection.asked import CollectionQuestion
from askscwru.answering.collection.catalogue import Catalogue
from askscwru.answering.collection.outcome import Outcome, listed, many, titled
from askscwru.answering.reader import Reader
from askscwru.answering.retrieve import Retrieval
from askscwru.index.encoder import Vectors
from askscwru.index.generation import Index
from askscwru.index.lexical import analyse, words_of
from askscwru.sentences import split_sentences
from askscwru.types import BlockKind, Hit, Kind, Passage, Post, Quote, Sentence

_ASKED = ("What is said about {}?", "What about {}?")
"""How a post is asked of a subject, the second way where the first finds little; a sentence counts
as it answers best."""
_SEARCHED = "What is said about {}?"
_HITS = 40
_POSTS_READ = 6
_ENOUGH = 3
"""Posts that speak: with so many, they are not asked in other words as well."""
_PASSAGES_READ = 2
MOST_QUOTES = 6
_OF_ONE_POST = 2
_OF_ONE_SIDE = 3
_EARLY = 8
"""A sentence that names the subject only behind so many content words mostly speaks of something
else: it is taken where nothing better is."""
_AT_LEAST = 2
_SAME = 82.0
"""Likeness (0 to 100) from which on a quote repeats another."""
_SHORTEST, _LONGEST = 6, 70
"""Words of a sentence that is quoted for what a post says."""
_CENTRAL = (3, 5)
_SENTENCES_EACH = 10
"""One more central sentence for so many sentences of the post."""
_LATER = 0.1
"""How much less the last sentence counts than the first: posts say early what they are about."""
_NOVELTY = 0.35
"""How much a sentence's likeness to those that are chosen already counts against it (MMR)."""
_BACK = re.compile(
    r"\W*(?:this|these|those|they|he|she|it|his|her|their|its|such|both|neither|but|and|so|yet|"
    r"however|therefore|thus|also|then|instead|otherwise|second(?:ly)?|third(?:ly)?|finally)\b",
    re.IGNORECASE,
)
Search = Callable[[str, int, Collection[str] | None], Retrieval]
"""A question, the most hits and the posts that they may be from, to what is found."""


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence that says something of the subject."""

    quote: Quote
    post: Post
    early: bool
    """Whether it names the subject early."""


@dataclass(frozen=True, slots=True)
class _PlacedSentence:
    """A sentence with the passage in which it stands."""

    passage: Passage
    sentence: Sentence

    @property
    def text(self) -> str:
        start = self.passage.start
        return self.passage.text[self.sentence.start - start : self.sentence.end - start]


class Views:
    """Quotes of several posts, each sure enough by itself."""

    def __init__(
        self,
        index: Index,
        catalogue: Catalogue,
        reader: Reader,
        search: Search,
        abstain_below: float,
    ) -> None:
        self._index = index
        self._catalogue = catalogue
        # What each of several posts says is read post by post: a second look at each would take
        # seconds.
        self._reader = reader.alone
        self._search = search
        self._least = abstain_below

    # -- one subject -----------------------------------------------------------------------------

    def on(self, asked: CollectionQuestion, allowed: Collection[str] | None) -> Outcome | None:
        """What several posts say of a subject; None where none says anything surely enough."""
        subject = asked.subjects[0]
        hits, found = self._said(subject, allowed)
        said = _grouped(_chosen(found, MOST_QUOTES, _OF_ONE_POST))
        if not said:
            return None
        posts = list({one.post.id: one.post for one in said}.values())
        who = listed(asked.where.authors) or many(len(posts), "post")
        says = "say" if len(posts) > 1 and not asked.where.authors else "says"
        if len(asked.where.authors) > 1:
            says = "say"
        return Outcome(
            kind=Kind.VIEWS,
            lead=f"What {who} {says} about {subject}:",
            quotes=tuple(one.quote for one in said),
            groups=tuple(_group(one.post) for one in said),
            confidence=_mean(said),
            hits=hits,
        )

    def compare(self, asked: CollectionQuestion, allowed: Collection[str] | None) -> Outcome | None:
        """Two subjects side by side; None where nothing is said of either."""
        found = {subject: self._said(subject, allowed) for subject in asked.subjects}
        sides = [
            (subject, _chosen(said, _OF_ONE_SIDE, _OF_ONE_POST))
            for subject, (_, said) in found.items()
        ]
        said = [one for _, some in sides for one in some]
        if not said:
            return None
        silent = [subject for subject, some in sides if not some]
        lead = f"{listed(asked.subjects).capitalize()}, side by side, in the posts' own words:"
        advice = tuple(f"The posts say nothing sure about {subject}." for subject in silent)
        return Outcome(
            kind=Kind.VIEWS,
            lead=lead,
            quotes=tuple(one.quote for one in said),
            groups=tuple(subject for subject, some in sides for _ in some),
            confidence=_mean(said),
            advice=advice,
            hits=tuple(hit for hits, _ in found.values() for hit in hits),
        )

    def _said(
        self, subject: str, allowed: Collection[str] | None
    ) -> tuple[tuple[Hit, ...], list[_Said]]:
        """What is found on a subject, and the sentences that speak of it, the surest first."""
        terms = set(analyse(subject))
        if not terms:
            return (), []
        retrieval = self._search(_SEARCHED.format(subject), _HITS, allowed)
        found = list(self._by_post(retrieval.hits, terms))
        best: dict[tuple[str, int, int], Quote] = {}
        good: list[Quote] = []
        for form in _ASKED:
            for hits in found:
                asked = replace(retrieval, searched_for=form.format(subject), hits=tuple(hits))
                for quote in self._reader.read(asked, len(hits)):
                    key = (quote.passage.source, quote.start, quote.end)
                    if key not in best or best[key].score < quote.score:
                        best[key] = quote
            good = [quote for quote in best.values() if self._speaks(quote, subject)]
            if len({quote.passage.post_id for quote in good}) >= min(_ENOUGH, len(found)):
                break
        posts = {p.id: p for p in self._catalogue.posts(list({q.passage.post_id for q in good}))}
        ranked = sorted(good, key=lambda quote: (-quote.score, quote.passage.source, quote.start))
        said = [
            _Said(
                replace(quote, highlight=None),
                posts[quote.passage.post_id],
                (_named_at(subject, quote.text) or 0) <= _EARLY,
            )
            for quote in ranked
        ]
        return retrieval.hits, said

    def _by_post(self, hits: Sequence[Hit], terms: set[str]) -> Iterator[list[Hit]]:
        """The best hits of each post that hold the subject's words, the best posts first."""
        of: dict[str, list[Hit]] = {}
        for hit in hits:
            if hit.passage.kind is BlockKind.BODY and terms <= set(
                analyse(f"{hit.passage.context} {hit.passage.text}")
            ):
                of.setdefault(hit.passage.post_id, []).append(hit)
        for some in list(of.values())[:_POSTS_READ]:
            yield some[:_PASSAGES_READ]

    def _speaks(self, quote: Quote, subject: str) -> bool:
        """Whether a quote is sure enough, names the subject and is a statement."""
        words = len(quote.text.split())
        return (
            quote.score >= self._least
            and _SHORTEST <= words <= 2 * _LONGEST
            and not quote.text.rstrip("’”'\") ").endswith("?")
            and _named_at(subject, quote.text) is not None
            and not _is_byline(quote)
        )

    # -- one post --------------------------------------------------------------------------------

    def central(self, post: Post, sure: float) -> Outcome:
        """The most central sentences of a post, in their order."""
        found, vectors = self._sentences(post)
        chosen = _most_central(found, vectors)
        count = len(chosen)
        quotes = tuple(
            Quote(
                passage=place.passage,
                start=place.sentence.start,
                end=place.sentence.end,
                text=place.text,
                score=sure,
            )
            for place in chosen
        )
        whose = listed(post.authors) or "the author"
        opening = "" if post.complete else " Only the opening of this post is known."
        which = f"the {count} sentences" if count > 1 else "the sentence"
        return Outcome(
            kind=Kind.VIEWS,
            lead=f"askscwru quotes and does not summarise. Of {titled(post)}, {which} nearest to"
            f" the rest, in the words of {whose}:{opening}",
            quotes=quotes,
            groups=tuple(_group(post) for _ in quotes),
            answered=bool(quotes),
            confidence=sure,
        )

    def _sentences(self, post: Post) -> tuple[list[_PlacedSentence], Vectors]:
        """The post's sentences, each once and in order, with their vectors."""
        places: dict[tuple[str, int], tuple[_PlacedSentence, Vectors]] = {}
        rows = self._index.rows_for([post.id])
        for row, passage in zip(rows, self._index.passages(rows), strict=True):
            if passage.kind is not BlockKind.BODY:
                continue
            vectors = self._index.sentence_vectors(row)
            for sentence, vector in zip(passage.sentences, vectors, strict=True):
                if sentence.kind is BlockKind.BODY:
                    place = (_PlacedSentence(passage, sentence), vector)
                    places.setdefault((passage.source, sentence.start), place)
        ordered = [places[key] for key in sorted(places)]
        return [place for place, _ in ordered], np.array([vector for _, vector in ordered])


def _named_at(subject: str, text: str) -> int | None:
    """How many content words stand before the subject in its sentence; None where it is not there.

    Its words stand there as they were asked, but for a plural.
    """
    wanted = _content(subject)
    found = []
    for sentence in split_sentences(text):
        words = _content(sentence.of(text))
        found += [at for at in range(len(words)) if words[at : at + len(wanted)] == wanted]
    return min(found, default=None) if wanted else None


def _content(text: str) -> list[str]:
    return [_singular(word) for word in words_of(text) if analyse(word)]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _is_byline(quote: Quote) -> bool:
    return any(
        sentence.kind in (BlockKind.BYLINE, BlockKind.REFERENCE, BlockKind.TITLE)
        for sentence in quote.passage.sentences
        if sentence.start < quote.end and quote.start < sentence.end
    )


def _chosen(said: Sequence[_Said], most: int, of_one: int) -> list[_Said]:
    """The surest that say something new: first one of each post, then more of the same."""
    early = [one for one in said if one.early]
    chosen: list[_Said] = []
    for limit in range(1, of_one + 1):
        for one in early:
            taken = sum(other.post.id == one.post.id for other in chosen)
            if taken < limit:
                _add(one, chosen, most)
    if len({one.post.id for one in chosen}) == 1:  # nobody else speaks of it: let this one speak
        for one in early:
            _add(one, chosen, min(most, of_one + 1))
    for one in said:
        if not one.early:
            _add(one, chosen, _AT_LEAST)
    return chosen


def _add(one: _Said, chosen: list[_Said], most: int) -> None:
    """Choose what is said where it is new and there is room for it."""
    if len(chosen) < most and not _repeats(one, chosen):
        chosen.append(one)


def _repeats(one: _Said, chosen: Sequence[_Said]) -> bool:
    return any(
        fuzz.token_set_ratio(one.quote.text, other.quote.text) >= _SAME
        or (
            one.quote.passage.source == other.quote.passage.source
            and one.quote.start < other.quote.end
            and other.quote.start < one.quote.end
        )
        for other in chosen
    )


def _grouped(said: Sequence[_Said]) -> list[_Said]:
    """The same, those of one post together and in their order; the surest post first."""
    order = list(dict.fromkeys(one.post.id for one in said))
    return sorted(said, key=lambda one: (order.index(one.post.id), one.quote.start))


def _group(post: Post) -> str:
    return post.title or "(untitled post)"


def _mean(said: Sequence[_Said]) -> float:
    return sum(one.quote.score for one in said) / len(said)


def _most_central(places: Sequence[_PlacedSentence], vectors: Vectors) -> list[_PlacedSentence]:
    """The sentences nearest to all others, none much like another, in the order of the post.

    Centrality is the mean cosine with all sentences (Erkan and Radev, "LexRank", JAIR 2004, call it
    degree centrality); they are taken one by one with what is taken already counted against the
    next (Carbonell and Goldstein, "The Use of MMR", SIGIR 1998).
    """
    if not places:
        return []
    least, most = _CENTRAL
    count = min(len(places), least + min(most - least, len(places) // (2 * _SENTENCES_EACH)))
    cosines = vectors @ vectors.T
    worth = cosines.mean(axis=1) - _LATER * np.arange(len(places)) / len(places)
    fit = np.array([_stands_alone(place.text) for place in places])
    worth = np.where(fit, worth, worth - 1.0)
    chosen: list[int] = []
    while len(chosen) < count:
        repeated = cosines[:, chosen].max(axis=1) if chosen else np.zeros(len(places))
        score = worth - _NOVELTY * repeated
        score[chosen] = -np.inf
        chosen.append(int(np.argmax(score)))
    return [places[at] for at in sorted(chosen)]


def _stands_alone(text: str) -> bool:
    words = len(text.split())
    return _SHORTEST <= words <= _LONGEST and not text.endswith("?") and not _BACK.match(text)
