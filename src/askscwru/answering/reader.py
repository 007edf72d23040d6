"""A question and its hits to scored quotes: which sentence answers, which words of it, how surely.

For every sentence of the passages read it is weighed what the model says of it and of its
stretches (``span``), how near it is to the question in meaning, how good the hit is in which it
stands, whether it is a byline, and how much of what the question names is accounted for
(``accounting``). One set of weights ranks the sentences, another turns the same things into a
probability (``scoring``). Where that is neither high nor low a larger model reads as well
(``second_look``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from askscwru.answering.accounting import MOST_FOREIGN, QuestionTerms, acronyms, acronyms_of, terms
from askscwru.answering.bounds import covered
from askscwru.answering.counted import ALL, Counted, counted, point_of
from askscwru.answering.definitions import Definition, Told
from askscwru.answering.extent import as_row, extent, in_list, point, points, reaches_edge, widened
from askscwru.answering.fitness import (
    Demands,
    announces,
    asks_how_it_was,
    is_yes_no,
    rows_of_others,
    said_of_others,
)
from askscwru.answering.headings import asks_the_same, behind_the_question, section_of
from askscwru.answering.order import order_asked, order_of
from askscwru.answering.retrieve import Retrieval
from askscwru.answering.scoring import ANSWERED, FEATURES, UNFIT, Scoring
from askscwru.answering.second_look import SecondLook
from askscwru.answering.span import Logits, SpanModel
from askscwru.answering.topics import is_titled, opening_of, topic_of
from askscwru.days import years_between, years_meant
from askscwru.index.generation import Index
from askscwru.types import BlockKind, Hit, Passage, Quote, Sentence, Span

_QUOTABLE = frozenset(
    {BlockKind.BODY, BlockKind.LIST, BlockKind.BYLINE, BlockKind.REFERENCE, BlockKind.CODE}
)
_WIDENED = 6
"""For so many of the best sentences it is looked up what stands beyond their passage."""
_AT_FIRST = 2
"""How many hits are read before it is seen whether more are needed."""
_LONGEST_SPAN = 40
"""Word pieces: a longer highlight would mark the whole sentence."""
_EVIDENCE = FEATURES.index("evidence")
_POSTS_KEPT = 32
_POST_PASSAGES = 80
"""How many passages of a post are searched for what a question names."""
_SURE_DESCRIBED = 0.6
"""The most that a sentence is sure to say what a thing is, where it only says something of it."""
_HEADED_POSTS = 3
"""In so many posts headings are looked for that the question repeats."""
_SURE_HEADED = 0.8
"""How sure what stands below a heading answers the question that repeats the heading."""
_TITLED_POSTS = 5
"""Among so many posts one is looked for that has the topic for its title."""
_SURE_TITLED = 0.7
"""How sure the beginning of such a post answers."""
_SURE_COUNTED, _SURE_LISTED = 0.9, 0.75
"""How sure a point is that the question names by its number, and a list that it names."""
_MORE_DEFINING = 2
"""How many passages are read beside the first ones, where they say what a thing is."""
_LIST_LENGTH = 3000
"""Characters of a post within which it counts its points."""
_LEAST = -20.0
"""Log-odds are kept from here to its opposite: beyond, they say no more."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be quoted."""

    hit: Hit
    at: int
    """Its position among the sentences of the passage."""
    highlight: Span | None
    """The likeliest stretch, in the offsets of the source."""
    share: float
    """The highlight's share of the probability of all stretches of the sentence."""
    told: Told = Told.DEFINED
    """How much it says of the thing whose nature is asked; all, where that is not asked."""
    single: bool = False
    """Whether it is one point of several, and quoted without the others."""
    whole: Span | None = None
    """What is quoted, where it is known; otherwise as much as the sentence cannot do without."""

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.hit.passage.sentences[self.at]

    def holds(self, other: Candidate) -> bool:
        """Whether another sentence stands in what is quoted of this one."""
        whole, own = self.whole, other.sentence
        same = self.hit.passage.source == other.hit.passage.source
        return same and whole is not None and whole.start <= own.start < whole.end


@dataclass(frozen=True, slots=True)
class Candidates:
    """All sentences read for one question, with what is known of each."""

    sentences: tuple[Candidate, ...]
    features: NDArray[np.float64]
    """Shape ``(sentences, len(FEATURES))``."""


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A sentence, with what is known of it and how surely it answers."""

    candidate: Candidate
    features: NDArray[np.float64]
    sure: float


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the model says of a sentence."""

    odds: float
    """Log-odds of all stretches within the sentence together against "not here"."""
    highlight: Span | None
    """The likeliest of them, in the offsets of the source."""
    share: float
    """Its share of the probability of all of them."""
    evidence: float
    """Log-odds of the sentence against no sentence of the passage; ``odds`` once more for a model
    that has learnt spans alone."""


class Reader:
    """Finds the sentences that answer."""

    def __init__(
        self,
        model: SpanModel,
        index: Index,
        scoring: Scoring,
        sure_enough: float,
        second: SecondLook | None = None,
    ) -> None:
        self._model = model
        self._index = index
        self._scoring = scoring
        self._sure_enough = sure_enough
        self._second = second
        # The posts of a question are often those of the next one.
        self._passages_of = lru_cache(maxsize=_POSTS_KEPT)(self._read_passages)

    @property
    def alone(self) -> Reader:
        """The same without the second look, for whoever reads post after post for one question."""
        return Reader(self._model, self._index, self._scoring, self._sure_enough)

    def over(self, index: Index) -> Reader:
        """The same models and weights, reading from another index."""
        return Reader(self._model, index, self._scoring, self._sure_enough, self._second)

    def read(
        self,
        retrieval: Retrieval,
        depth: int,
        alone: str = "",
        *,
        least: float = 0.0,
        promising: float = 0.0,
    ) -> list[Quote]:
        """Scored quotes from the first ``depth`` hits, the likeliest first.

        Where the first two hits hold a sentence that is sure enough, the rest is not read. The
        scores are probabilities, each by itself; they need not sum to one.

        Args:
            retrieval: what was searched for, and its hits.
            depth: how many of them are read.
            alone: the question without a topic that was only guessed, where one was added to it:
                the topic helps to find, and must not answer. A sentence is then no surer than it
                answers either of the two.
            least: below this nothing is answered: what is no surer with the topic is not read
                without it.
            promising: how sure the first look must be for a second one.
        """
        ranked = self._looked(retrieval, depth, promising)
        if alone and ranked and ranked[0].sure >= least:
            asked = replace(retrieval, searched_for=alone)
            ranked = _less_sure(ranked, self._looked(asked, depth, promising))
        ranked = (
            self._by_number(retrieval, depth, ranked)
            or self._by_heading(retrieval, depth, ranked)
            or self._by_topic(retrieval, ranked)
            or _by_order(retrieval.searched_for, ranked)
        )
        return [
            self._quote(retrieval.searched_for, known.candidate, known.sure, whole=at < _WIDENED)
            for at, known in enumerate(ranked)
        ]

    def weigh(self, retrieval: Retrieval, depth: int) -> Candidates:
        """Every quotable sentence of the first ``depth`` hits with its features, unweighted.

        Overlapping passages give each sentence once, as the passage shows it that says most.
        """
        best: _Best = {}
        account = _Account(retrieval, self._index)
        self._collect(best, retrieval, retrieval.hits[:depth], account)
        return _candidates(best)

    def weigh_again(self, retrieval: Retrieval, depth: int) -> Candidates | None:
        """The same of the sentences that the second look weighs; None where it is not asked."""
        ranked = self._first_look(retrieval, depth)
        if self._second is None or not ranked or not self._second.is_wanted(ranked[0].sure):
            return None
        known, _ = self._read_again(self._second, retrieval.searched_for, ranked)
        return Candidates(
            sentences=tuple(one.candidate for one in known),
            features=np.array([one.features for one in known], dtype=float),
        )

    def _looked(self, retrieval: Retrieval, depth: int, promising: float) -> list[_Weighed]:
        """The sentences after the first look, and the second where that is wanted."""
        ranked = self._first_look(retrieval, depth)
        if self._second is None or not ranked or ranked[0].sure < promising:
            return ranked
        if self._second.is_wanted(ranked[0].sure):
            ranked = self._look_again(self._second, retrieval.searched_for, ranked)
        return ranked

    def _first_look(self, retrieval: Retrieval, depth: int) -> list[_Weighed]:
        best: _Best = {}
        account = _Account(retrieval, self._index)
        worth = [*retrieval.hits[:depth], *account.defining(retrieval.hits[depth:])]
        self._collect(best, retrieval, worth[:_AT_FIRST], account)
        ranked = _ranked(_candidates(best), self._scoring, retrieval.searched_for)
        rest = worth[_AT_FIRST:]
        if ranked and ranked[0].sure >= self._sure_enough:
            rest = self._newer(retrieval.searched_for, ranked, rest)
        if rest:
            self._collect(best, retrieval, rest, account)
            ranked = _ranked(_candidates(best), self._scoring, retrieval.searched_for)
        return ranked

    def _newer(self, question: str, ranked: Sequence[_Weighed], hits: Sequence[Hit]) -> list[Hit]:
        """The hits of posts newer than that which answers best: they may say how it is now."""
        if not ranked or asks_how_it_was(question):
            return []
        own = self._index.post(ranked[0].candidate.hit.passage.post_id)
        return [hit for hit in hits if self._index.post(hit.passage.post_id).is_newer_than(own)]

    def _look_again(
        self, second: SecondLook, question: str, ranked: Sequence[_Weighed]
    ) -> list[_Weighed]:
        """What both readers have read, by what both say; then the rest, no surer than that."""
        read, unread = self._read_again(second, question, ranked)
        found = Candidates(
            sentences=tuple(known.candidate for known in read),
            features=np.array([known.features for known in read], dtype=float),
        )
        again = _ranked(found, second.scoring, question)
        most = again[-1].sure if again else 1.0
        return [*again, *(replace(known, sure=min(known.sure, most)) for known in unread)]

    @staticmethod
    def _read_again(
        second: SecondLook, question: str, ranked: Sequence[_Weighed]
    ) -> tuple[list[_Weighed], list[_Weighed]]:
        """The sentences that the larger reader has read, with all features; and those it has not.

        It reads the passages in which the best of them stand.
        """
        hits = {known.candidate.hit.row: known.candidate.hit for known in ranked}
        chosen = list(hits.values())[: second.passages]
        windows: dict[int, list[Logits]] = {hit.row: [] for hit in chosen}
        for window in second.model.read(question, [_with_context(h.passage) for h in chosen]):
            windows[chosen[window.passage].row].append(window)
        read, unread = [], []
        for known in ranked:
            candidate = known.candidate
            own = windows.get(candidate.hit.row)
            if own is None:
                unread.append(known)
                continue
            said = _read_sentence(candidate.sentence, _origin(candidate.hit.passage), own)
            candidate = replace(candidate, highlight=said.highlight, share=said.share)
            features = np.append(known.features, (said.odds, said.evidence))
            read.append(_Weighed(candidate, features, known.sure))
        return read, unread

    def _by_number(
        self, retrieval: Retrieval, depth: int, ranked: Sequence[_Weighed]
    ) -> list[_Weighed]:
        """The sentences behind the point that is asked for by its number; none where none is."""
        asked = counted(retrieval.searched_for)
        if asked is None:
            return []
        found = self._counted(asked, retrieval.hits[:depth])
        best = ranked[0] if ranked else None
        if not found or (best and asked.number == ALL and best.sure >= _SURE_LISTED):
            return []
        several = len({one.hit.passage.post_id for one in found}) > 1
        sure = ANSWERED if several else _SURE_LISTED if asked.number == ALL else _SURE_COUNTED
        features = best.features if best else np.zeros(len(FEATURES))
        rest = [known for known in ranked if _place(known.candidate) != _place(found[0])]
        return [_Weighed(found[0], features, max(sure, best.sure if best else 0.0)), *rest]

    def _counted(self, asked: Counted, hits: Sequence[Hit]) -> list[Candidate]:
        """What is asked for by its number or by the name of its list, the best hit first."""
        found: list[tuple[int, Candidate]] = []
        for hit in _of_best_posts(hits):
            post = self._index.post(hit.passage.post_id)
            every = self._passages_of(post.id)
            for passage in every:
                wide = widened(passage, [one for one in every if one is not passage])
                told = point_of(asked, wide, near=post.title or "")
                if told is not None:
                    at, named = told
                    own = replace(hit, passage=wide)
                    single = asked.number != ALL
                    found.append((named, Candidate(own, at, None, 0.0, single=single)))
        best = max((named for named, _ in found), default=0)
        return [candidate for named, candidate in found if named == best]

    def _read_passages(self, post_id: str) -> tuple[Passage, ...]:
        """The passages of a post, or the first ones of a long one."""
        rows = self._index.rows_for([post_id])[:_POST_PASSAGES]
        return tuple(self._index.passages(rows))

    def _by_heading(
        self, retrieval: Retrieval, depth: int, ranked: Sequence[_Weighed]
    ) -> list[_Weighed]:
        """The sentences behind what stands below a heading that the question repeats, or none.

        Where the best sentence stands there, that is as sure as the sentence is.
        """
        question = retrieval.searched_for
        for hit in _of_best_posts(retrieval.hits[:depth]):
            found = self._below_heading(question, hit)
            if found is None:
                continue
            best = ranked[0] if ranked else None
            features = best.features if best else np.zeros(len(FEATURES))
            sure = best.sure if best else 0.0
            if best is None or sure < ANSWERED or not found.holds(best.candidate):
                sure = max(_SURE_HEADED, sure)
            rest = [known for known in ranked if not found.holds(known.candidate)]
            return [_Weighed(found, features, sure), *rest]
        return []

    def _below_heading(self, question: str, hit: Hit) -> Candidate | None:
        """What stands below a heading, or behind a question, of the hit's post that is asked."""
        post = self._index.post(hit.passage.post_id)
        every = self._passages_of(post.id)
        base = min((passage.context for passage in every), key=len, default="")
        about = f"{base} {post.title or ''}"
        text = " ".join(passage.text for passage in every)
        for passage in every:
            heading = passage.context.removeprefix(base).removeprefix(" – ")
            told = (heading, heading.rsplit(" – ", 1)[-1])  # one heading may stand below another
            if heading and any(asks_the_same(question, one, about, text) for one in told):
                wide = widened(passage, every)
                whole = section_of(wide)
                return Candidate(replace(hit, passage=wide), 0, None, 0.0, whole=whole)
            if (behind := behind_the_question(question, passage)) is not None:
                own = replace(hit, passage=passage)
                return Candidate(own, behind[0], None, 0.0, whole=behind[1])
        return None

    def _by_topic(self, retrieval: Retrieval, ranked: Sequence[_Weighed]) -> list[_Weighed]:
        """The sentences behind how a post begins, where no more is asked than what it is about."""
        topic = topic_of(retrieval.searched_for)
        best = ranked[0] if ranked else None
        if not topic or best is None or best.sure >= _SURE_HEADED:
            return []
        found = [
            (self._index.post(hit.passage.post_id), hit)
            for hit in _of_best_posts(retrieval.hits, _TITLED_POSTS)
        ]
        titled = [(post, hit) for post, hit in found if is_titled(topic, post.title or "")]
        if not titled:
            return []
        _, hit = max(titled, key=lambda one: one[0].published or "")
        opening = opening_of(self._passages_of(hit.passage.post_id))
        if opening is None:
            return []
        passage, at, whole = opening
        own = Candidate(replace(hit, passage=passage), at, None, 0.0, whole=whole)
        rest = [known for known in ranked if not own.holds(known.candidate)]
        return [_Weighed(own, best.features, max(_SURE_TITLED, best.sure)), *rest]

    def _quote(self, question: str, candidate: Candidate, score: float, *, whole: bool) -> Quote:
        """A sentence as a quote, with what it cannot be understood without.

        Args:
            question: what was searched for.
            candidate: the sentence.
            score: how sure it is to answer.
            whole: whether what stands beyond its passage is looked up as well.
        """
        passage, at = candidate.hit.passage, candidate.at
        known = candidate.whole or (point(passage, at) if candidate.single else None)
        span = known or extent(question, passage, at)
        if whole and known is None and reaches_edge(passage, at, span):
            wide = widened(passage, self._beside(candidate.hit))
            if wide is not passage and candidate.sentence in wide.sentences:
                passage, at = wide, wide.sentences.index(candidate.sentence)
                span = extent(question, passage, at)
        return Quote(
            passage=candidate.hit.passage,
            start=span.start,
            end=span.end,
            text=passage.slice(span.start, span.end),
            score=score,
            # Of a list the marked words would be one point, or what leads into it.
            highlight=None if span.end > candidate.sentence.end else candidate.highlight,
            share=candidate.share,
            rank=candidate.hit.rank,
        )

    def _beside(self, hit: Hit) -> list[Passage]:
        """The passages of the same post before and after a hit's."""
        rows = self._index.rows_for([hit.passage.post_id])
        near = [row for row in rows if abs(row - hit.row) == 1]
        return self._index.passages(near)

    def _collect(
        self, best: _Best, retrieval: Retrieval, hits: Sequence[Hit], account: _Account
    ) -> None:
        """Read some hits and keep of every sentence what says most."""
        windows: list[list[Logits]] = [[] for _ in hits]
        texts = [_with_context(hit.passage) for hit in hits]
        for window in self._model.read(retrieval.searched_for, texts):
            windows[window.passage].append(window)
        for hit, own in zip(hits, windows, strict=True):
            for candidate, row in self._weigh_hit(hit, own, retrieval.vector, account):
                key = _place(candidate)
                if key not in best or best[key][1][_EVIDENCE] < row[_EVIDENCE]:
                    best[key] = (candidate, row)

    def _weigh_hit(
        self,
        hit: Hit,
        windows: Sequence[Logits],
        vector: NDArray[np.float32],
        account: _Account,
    ) -> list[tuple[Candidate, list[float]]]:
        passage = hit.passage
        origin = _origin(passage)
        cosines = self._index.sentence_vectors(hit.row) @ vector
        lacks = account.of(hit)
        rows = []
        for at, sentence in enumerate(passage.sentences):
            if sentence.kind in _QUOTABLE:
                read = _read_sentence(sentence, origin, windows)
                byline = float(sentence.kind is BlockKind.BYLINE)
                row = [read.odds, read.evidence, float(cosines[at]), hit.score, byline]
                unfit = lacks.undated + lacks.unfit[at]
                row += [lacks.missing, lacks.here[at], unfit, lacks.unnamed]
                candidate = Candidate(hit, at, read.highlight, read.share, lacks.told[at])
                rows.append((candidate, row))
        return rows


_Best = dict[tuple[str, int, int], tuple[Candidate, list[float]]]
"""By source, start and end of a sentence: the sentence with its features."""


def _candidates(best: _Best) -> Candidates:
    rows = [row for _, row in best.values()]
    return Candidates(
        sentences=tuple(candidate for candidate, _ in best.values()),
        features=np.array(rows, dtype=float).reshape(-1, len(FEATURES)),
    )


def _ranked(found: Candidates, scoring: Scoring, question: str) -> list[_Weighed]:
    """The sentences, the likeliest first; what cannot answer comes after all that may.

    Where it is asked what a thing is, a sentence that says so comes before those that say something
    of it, unless it hardly answers.
    """
    scores = scoring.score(found.features)
    sure = scoring.confidence(found.features, yes_no=is_yes_no(question))
    told = np.array([candidate.told for candidate in found.sentences], dtype=int)
    sure = np.where(told > Told.DEFINED, np.minimum(sure, _SURE_DESCRIBED), sure)
    behind = (told > Told.DEFINED) | (sure < ANSWERED) if told.any() else np.zeros(len(told))
    order = np.lexsort((-scores, behind, found.features[:, UNFIT] > 0))
    return [_Weighed(found.sentences[i], found.features[i], float(sure[i])) for i in order]


def _less_sure(ranked: Sequence[_Weighed], other: Sequence[_Weighed]) -> list[_Weighed]:
    """The sentences of two readings, each as sure as in the one that is less sure of it."""
    known = {_place(one.candidate): one.sure for one in other}
    both = [replace(one, sure=min(one.sure, known.get(_place(one.candidate), 0))) for one in ranked]
    return sorted(both, key=lambda one: -one.sure)


def _by_order(question: str, ranked: list[_Weighed]) -> list[_Weighed]:
    """The sentences, and first the point that the best one counts, where the second or so is asked.

    "Three concerns were raised" answers best what the second concern is, and the sentence after it
    that opens with "Second" is what was meant.
    """
    wanted = order_asked(question)
    if wanted is None or not ranked:
        return ranked
    best = ranked[0]
    post, here = best.candidate.hit.passage.post_id, best.candidate.sentence.start
    near = [
        (known.candidate.sentence.start, order_of(_text(known.candidate)), known)
        for known in ranked
        if known.candidate.hit.passage.post_id == post
        and abs(known.candidate.sentence.start - here) <= _LIST_LENGTH
    ]
    opens = order_of(_text(best.candidate)) is not None
    firsts = [at for at, order, _ in near if order == 1 and (at <= here if opens else at >= here)]
    if not firsts:
        return _by_list(wanted, ranked)
    begins = max(firsts) if opens else min(firsts)
    counted = [(at, known) for at, order, known in near if order == wanted and at >= begins]
    if not counted:
        return ranked
    found = min(counted, key=lambda one: one[0])[1]
    # As sure as what announces the points, or the best of them, answers what they are.
    before = max(((at, known.sure) for at, _, known in near if at < begins), default=(0, 0.0))
    sure = max(best.sure, found.sure, before[1])
    rest = [known for known in ranked if known is not found]
    candidate = replace(found.candidate, single=True)
    return [replace(found, candidate=candidate, sure=sure), *rest]


def _by_list(wanted: int, ranked: list[_Weighed]) -> list[_Weighed]:
    """The sentences, and first the point of that number, where the best one leads into a list.

    The same where it stands in one: "The Monday group meets at the chapel" answers best where the
    third group meets, and the third point of the list was meant.
    """
    best = ranked[0]
    hit = best.candidate.hit
    listed = points(hit.passage, best.candidate.at)
    if len(listed) < max(2, wanted):
        return ranked
    place = hit.passage.sentences[listed[wanted - 1]].start
    meant = [
        known
        for known in ranked
        if known.candidate.hit.passage.source == hit.passage.source
        and known.candidate.sentence.start == place
    ]
    if not meant:
        return ranked
    candidate = replace(meant[0].candidate, single=True, highlight=None)
    rest = [known for known in ranked if known is not meant[0]]
    return [replace(meant[0], candidate=candidate, sure=best.sure), *rest]


def _of_best_posts(hits: Sequence[Hit], most: int = _HEADED_POSTS) -> list[Hit]:
    """The best hit of each of the first few posts."""
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.passage.post_id, hit)
    return [*best.values()][:most]


def _told_terms(question: str, text: str) -> list[str]:
    """The terms of a sentence, and those of what it covers without naming it."""
    return [*terms(text), *terms(" ".join(covered(question, text, yes_no=is_yes_no(question))))]


def _own(candidate: Candidate) -> Span:
    return Span(candidate.sentence.start, candidate.sentence.end)


def _text(candidate: Candidate) -> str:
    own = _own(candidate)
    return candidate.hit.passage.slice(own.start, own.end)


def _place(candidate: Candidate) -> tuple[str, int, int]:
    """Where a sentence stands."""
    sentence = candidate.sentence
    return candidate.hit.passage.source, sentence.start, sentence.end


def _with_context(passage: Passage) -> str:
    """What the span model reads: the passage behind what it is about.

    A question names its subject; the passage often says only "this conference".
    """
    return f"{passage.context}. {passage.text}" if passage.context else passage.text


def _origin(passage: Passage) -> int:
    """The offset in the source at which what the span model reads would begin."""
    return passage.start + len(passage.text) - len(_with_context(passage))


def _read_sentence(sentence: Sentence, origin: int, windows: Sequence[Logits]) -> _Reading:
    """What the model says of a sentence, in the window that says most.

    Args:
        sentence: in the offsets of the source.
        origin: the offset in the source at which what was read begins.
        windows: of the passage in which the sentence stands.
    """
    best = _Reading(_LEAST, None, 0.0, _LEAST)
    for window in windows:
        first, last = window.offsets[:, 0] + origin, window.offsets[:, 1] + origin
        inside = np.flatnonzero((first >= sentence.start) & (last <= sentence.end) & (last > first))
        if not len(inside):
            continue
        sums = window.start[inside][:, None] + window.end[inside][None, :] - window.nothing
        forward = np.triu(np.ones(sums.shape, dtype=bool))
        too_long = np.triu(np.ones(sums.shape, dtype=bool), _LONGEST_SPAN)
        sums = np.where(forward & ~too_long, sums, -1e4)
        peak = float(sums.max())
        rest = float(np.log(np.exp(sums - peak).sum()))
        odds = float(np.clip(peak + rest, _LEAST, -_LEAST))
        evidence = odds
        if window.evidence is not None:
            margin = float(window.evidence[inside].mean()) - window.no_evidence
            evidence = float(np.clip(margin, _LEAST, -_LEAST))
        if best.highlight is None or evidence > best.evidence:
            begin, end = np.unravel_index(int(np.argmax(sums)), sums.shape)
            mark = Span(int(first[inside[begin]]), int(last[inside[end]]))
            best = _Reading(odds, mark, float(np.exp(-rest)), evidence)
    return best


@dataclass(frozen=True, slots=True)
class _Lacks:
    """What of a question a passage does not account for."""

    missing: float
    here: tuple[float, ...]
    """For each sentence of the passage: the share that neither it nor the context has."""
    unfit: tuple[int, ...]
    """For each sentence of the passage: how many reasons there are that it cannot answer."""
    undated: float
    unnamed: float
    told: tuple[Told, ...]
    """For each sentence of the passage: how much it says of what is asked the nature of."""


class _Account:
    """Looks up in passages and their posts what a question names."""

    def __init__(self, retrieval: Retrieval, index: Index) -> None:
        self._index = index
        self._definition = _definition(retrieval)
        asked = retrieval.searched_for
        if self._definition is not None and self._definition.short:
            # Who says what it is may not shorten it, and who shortens it may not spell it out.
            asked = asked.replace(f" ({self._definition.short})", "")
        self._wanted = QuestionTerms.of(asked, index.lexical.inverse_document_frequency)
        self._demands = Demands.of(asked)
        self._acronyms = acronyms(asked, [hit.passage.text for hit in retrieval.hits])
        self._found = [hit.passage for hit in retrieval.hits]
        self._rows: dict[str, frozenset[tuple[str, int]]] = {}
        self._posts: dict[str, frozenset[str]] = {}
        self._names: dict[str, frozenset[str]] = {}

    def of(self, hit: Hit) -> _Lacks:
        passage = hit.passage
        context = terms(passage.context)
        texts = [passage.slice(s.start, s.end) for s in passage.sentences]
        sentences = [_told_terms(self._demands.question, text) for text in texts]
        posted = self._index.post(passage.post_id).published
        unfit = tuple(
            self._demands.unmet_by(
                text,
                in_list(passage, at),
                sentence.kind,
                passage.context,
                {*context, *own},
                lambda term: term in self._post(passage.post_id),
                posted,
            )
            for at, (sentence, text, own) in enumerate(
                zip(passage.sentences, texts, sentences, strict=True)
            )
        )
        told = self._told(passage)
        unfit = tuple(n + (t is Told.MENTIONED) for n, t in zip(unfit, told, strict=True))
        rows = self._other_rows(passage.post_id)
        bare = self._bare_announcements(hit, texts)
        places = [(passage.source, sentence.start) for sentence in passage.sentences]
        bare |= frozenset(at for at, place in enumerate(places) if place in rows)
        unfit = tuple(n + (at in bare) for at, n in enumerate(unfit))
        here = tuple(self._wanted.missing([*context, *own]) for own in sentences)
        present = [*context, *(term for own in sentences for term in own)]
        undated, unnamed = self._wanted.dated - {*present}, self._wanted.named - {*present}
        if undated or unnamed:
            whole = self._post(passage.post_id)
            undated, unnamed = undated - whole, unnamed - whole
        foreign = len(self._acronyms - self._spelt(passage.post_id)) if self._acronyms else 0
        unfit = tuple(reasons + foreign for reasons in unfit)
        return _Lacks(
            self._wanted.missing(present),
            here,
            unfit,
            float(min(len(undated), MOST_FOREIGN)),
            float(min(len(unnamed), MOST_FOREIGN)),
            told,
        )

    def _other_rows(self, post_id: str) -> frozenset[tuple[str, int]]:
        """The rows of tables on others than are asked about, in what was found of a post."""
        if post_id not in self._rows:
            told = {
                (passage.source, sentence.start): as_row(passage, at)
                for passage in self._found
                if passage.post_id == post_id
                for at, sentence in enumerate(passage.sentences)
            }
            places = [*told]
            question, texts = self._demands.question, [*told.values()]
            title = self._index.post(post_id).title or ""
            about = " ".join(
                (title, *{one.context for one in self._found if one.post_id == post_id})
            )
            others = rows_of_others(question, texts, about) | said_of_others(question, texts)
            self._rows[post_id] = frozenset(places[at] for at in others)
        return self._rows[post_id]

    def _bare_announcements(self, hit: Hit, texts: Sequence[str]) -> frozenset[int]:
        """Which sentences announce what is no list: a quote of them would end at its colon."""
        return frozenset(
            at
            for at, text in enumerate(texts)
            if announces(text) and self._kind_after(hit, at) is not BlockKind.LIST
        )

    def _kind_after(self, hit: Hit, at: int) -> BlockKind | None:
        """What the sentence after one of a passage is, also where the next passage has it."""
        sentences = hit.passage.sentences
        if at + 1 < len(sentences):
            return sentences[at + 1].kind
        rows = self._index.rows_for([hit.passage.post_id])
        behind = self._index.passages([row for row in rows if row == hit.row + 1])
        later = (s for one in behind for s in one.sentences if s.start >= sentences[at].end)
        return next((sentence.kind for sentence in later), None)

    def defining(self, hits: Sequence[Hit]) -> list[Hit]:
        """Those that say what the thing is whose nature is asked; few, the best first."""
        if self._definition is None:
            return []
        found = (hit for hit in hits if Told.DEFINED in self._told(hit.passage))
        return list(islice(found, _MORE_DEFINING))

    def _told(self, passage: Passage) -> tuple[Told, ...]:
        if self._definition is None:
            return (Told.DEFINED,) * len(passage.sentences)
        texts = [passage.slice(s.start, s.end) for s in passage.sentences]
        return tuple(
            self._definition.told_by(text, before, passage.context)
            for before, text in zip(["", *texts], texts, strict=False)
        )

    def _post(self, post_id: str) -> frozenset[str]:
        """The terms of a whole post, its date among them."""
        if post_id not in self._posts:
            self._posts[post_id] = frozenset(terms(self._whole(post_id)))
        return self._posts[post_id]

    def _spelt(self, post_id: str) -> frozenset[str]:
        """The acronyms of the question that a whole post has, or has words for."""
        if post_id not in self._names:
            self._names[post_id] = acronyms_of(self._whole(post_id), self._acronyms)
        return self._names[post_id]

    def _whole(self, post_id: str) -> str:
        post = self._index.post(post_id)
        rows = self._index.rows_for([post_id])[:_POST_PASSAGES]
        texts = [passage.text for passage in self._index.passages(rows)]
        texts += [post.title or "", *post.authors, _date_in_words(post.published)]
        if post.published is not None:
            years = set[int]().union(*(years_meant(t, int(post.published[:4])) for t in texts))
            texts.append(" ".join(map(str, sorted(years))))
        texts.append(" ".join(map(str, sorted(set[int]().union(*map(years_between, texts))))))
        return "\n".join(texts)


def _definition(retrieval: Retrieval) -> Definition | None:
    """What thing it is whose nature is asked, where some hit has the word."""
    asked = Definition.asked(retrieval.searched_for)
    texts = [hit.passage.text for hit in retrieval.hits]
    if asked is None or asked.is_office(retrieval.searched_for, texts):
        return None
    return asked if any(map(asked.is_named_in, texts)) else None


def _date_in_words(published: str | None) -> str:
    if published is None:
        return ""
    day = date.fromisoformat(published[:10])
    return f"{day.day} {day:%B} {day.year}"
