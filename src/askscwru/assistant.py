"""``Assistant``: the one place where the stages are wired, and the library's front door."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Self

from askscwru.answering.answer import (
    abstention_text,
    answer_text,
    by_date,
    choose_quotes,
    cite,
    current_text,
    short_of,
    verify,
)
from askscwru.answering.changes import with_changes
from askscwru.answering.collection.outcome import Outcome
from askscwru.answering.collection.stage import Again, Before, Stage, Within
from askscwru.answering.collection.talk import SmallTalk, saying, small_talk
from askscwru.answering.definitions import Definition
from askscwru.answering.export_reader import ensure_reader
from askscwru.answering.filters import NO_FILTERS, posts_within
from askscwru.answering.fitness import is_yes_no
from askscwru.answering.limits import limits_of
from askscwru.answering.newer import newer_first, with_newer_price
from askscwru.answering.notes import with_notes
from askscwru.answering.reader import Reader
from askscwru.answering.retrieve import Retrieval, Retriever, Spelled
from askscwru.answering.scoring import Scoring
from askscwru.answering.second_look import SecondLook
from askscwru.answering.span import SpanModel
from askscwru.answering.telling import advice, nearest, told, with_the_other_side
from askscwru.answering.updates import with_updates
from askscwru.conversation.follow_up import (
    Change,
    Reading,
    pronoun_subject,
    resolve,
    with_added,
)
from askscwru.conversation.history import History, exchanges_of, posts_in_view
from askscwru.conversation.keeping import ConversationStore
from askscwru.conversation.several import questions_in, resolve_with, together
from askscwru.conversation.store import Store
from askscwru.conversation.wishes import as_wished, remark_noted
from askscwru.errors import Cancelled, IndexMissing, QuestionError, UsageError
from askscwru.index.encoder import Encoder
from askscwru.index.generation import Index
from askscwru.index.lexical import analyse
from askscwru.index.records import PostList
from askscwru.ingest import read_source
from askscwru.settings import Settings
from askscwru.types import (
    DATE,
    RELEVANCE,
    SORTS,
    Answer,
    Citation,
    Conversation,
    Filters,
    Hit,
    Kind,
    Near,
    Passage,
    Post,
    Progress,
    Query,
    Quote,
    Source,
    Turn,
)

MOST_PASSAGES = 50
"""The largest ``top_k``."""
_TRIAL_DEPTH = 2
"""How many passages are read for a reading that is not the likeliest."""
_PROMISING = 0.25
"""How sure the first look must be for a second one, where the question was read already: as the
posts in view are asked after the others, or for a reading that is less likely."""
_DEFINED_AMONG = 20
"""Among so many passages one that says what a thing is is looked for, where that is asked."""
_ENOUGH, _AS_LIKELY = 0.6, 0.9
"""A reading that scores the first is not tried against less likely ones than the second. Chosen on
the ``tune`` half: it halves the trials, and answers the same questions right (decision 0010)."""
_LEANING = frozenset((Change.REFERENCE, Change.WHAT_ABOUT, Change.CORRECTION, Change.OTHERS))
"""What is done to a question that must not be taken at its word by the collection: "who is the
author" means the post's that was shown, not all that write."""
_EVEN = 0.98
"""A pronoun's other reading that is as likely from the words is offered if it is answered at all:
"he" after two men."""
_ABOUT_AS_GOOD = 0.8
"""Another reading is offered where it was answered at least this well, compared with the best."""


def no_progress(stage: str, done: int, total: int) -> None:
    """Tells nobody."""


def never() -> bool:
    """Nobody takes the question back."""
    return False


def plain_question(question: str, most: int) -> str:
    """The question with single spaces and without control characters.

    Raises:
        QuestionError: it is no text, blank, longer than ``most`` characters, or has neither a
            letter nor a digit.
    """
    if not isinstance(question, str):
        raise QuestionError("The question is not a text.", param="question")
    plain = " ".join("".join(c if c.isprintable() else " " for c in question).split())
    if not plain:
        raise QuestionError("The question is blank.", remedy="Ask something.", param="question")
    if len(question) > most:
        raise QuestionError(
            f"The question has {len(question):,} characters; at most {most:,} can be asked.",
            remedy="Ask it shorter.",
            param="question",
        )
    if not any(c.isalnum() for c in plain):
        raise QuestionError(
            "The question has no letter and no digit in it.",
            remedy="Ask it in words.",
            param="question",
        )
    return plain


def open_index(settings: Settings, progress: Progress) -> Index:
    """The live index; built first when there is none."""
    try:
        return Index.open(settings.embeddings, settings)
    except IndexMissing:
        from askscwru.index.build import build  # a question needs none of what builds

        build(settings, progress)
        return Index.open(settings.embeddings, settings)


_GOING_ON = frozenset(
    (Change.PRONOUN, Change.ELLIPSIS, Change.WHAT_ABOUT, Change.TOPIC, Change.REFERENCE)
)
"""What is done to a question that goes on from the posts that were shown."""
_SURE_OUTSIDE = 0.4
"""The most that such a question is surely answered by another post: of nineteen that were, one was
answered rightly. Nor is it by what was shown before and does not name what is asked about now."""
_SURE_OF_ANYTHING = 0.6
"""The most that an answer is sure where no more of a question was understood than its topic."""
_OF_NOBODY_NAMED = 0.56
"""What is left of a score where a question does not say of whom or what it asks: of twenty answers
below 0.8 to such questions, eighteen were wrong."""


@dataclass(frozen=True, slots=True)
class _Effort:
    """How closely passages are read."""

    depth: int
    """How many of them."""
    promising: float = 0.0
    """How sure the first look must be for a second one."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """A reading of the question, and what the posts say to it."""

    reading: Reading
    spelled: Spelled
    retrieval: Retrieval | None = None
    """None where the collection answers: then nothing is searched."""
    quotes: Sequence[Quote] = ()
    outcome: Outcome | None = None
    """What the collection says, where the reading is a question on it."""

    @property
    def confidence(self) -> float:
        if self.outcome is not None:
            return self.outcome.confidence
        return self.quotes[0].score if self.quotes else 0.0

    @property
    def score(self) -> float:
        return self.reading.prior * self.confidence

    @property
    def post_id(self) -> str:
        """Of the post that answers best; empty where none does."""
        return self.quotes[0].passage.post_id if self.quotes else ""

    def at_most(self, most: float) -> _Trial:
        """The same, no surer than that."""
        quotes = [replace(quote, score=min(quote.score, most)) for quote in self.quotes]
        return replace(self, quotes=quotes)

    def outside(self, in_view: Collection[str]) -> _Trial:
        """The same, hardly sure of what other posts say than those that were spoken of."""
        little = self.reading.change is Change.WHAT_ABOUT or bool(self.reading.bare)
        most = _SURE_OF_ANYTHING if little else _SURE_OUTSIDE
        quotes = [
            quote
            if quote.passage.post_id in in_view
            else replace(quote, score=min(quote.score, most))
            for quote in self.quotes
        ]
        return replace(self, quotes=sorted(quotes, key=lambda quote: -quote.score))


class Assistant:
    """Answers questions from an index; safe to use from many threads.

    >>> from askscwru import Assistant
    >>> assistant = Assistant.load()  # doctest: +SKIP
    >>> assistant.ask("How many people use Shared Lives?").text  # doctest: +SKIP
    '… Shared Lives, now used by 14,000 people in almost every UK area. [1]'

    Whatever is asked may be a ``Query``, or a bare question with its limits beside it.
    """

    def __init__(
        self,
        settings: Settings,
        index: Index,
        encoder: Encoder,
        reader: Reader,
        store: ConversationStore,
    ) -> None:
        self.settings = settings
        self.store = store
        self._index = index
        self._encoder = encoder
        self._retriever = Retriever(index, encoder, settings)
        self._reader = reader
        self._stage = Stage(
            index,
            encoder,
            reader,
            search=lambda question, k, among: self._retriever.retrieve(question, k, among=among),
            find_post=self._post_about,
            abstain_below=settings.abstain_below,
        )
        self._history = History(store)

    @classmethod
    def load(
        cls,
        settings: Settings | None = None,
        *,
        store: ConversationStore | None = None,
        progress: Progress = no_progress,
    ) -> Self:
        """Opens the index and the models; builds the index first when there is none.

        Args:
            settings: read from the environment when they are left out.
            store: where conversations are kept; in memory when it is left out.
            progress: told how far building is.

        Raises:
            AskscwruError: one of its kinds, naming what is missing or damaged and what mends it.
        """
        settings = settings or Settings()
        index = open_index(settings, progress)
        encoder = Encoder.for_questions(index.model_folder, threads=settings.threads)
        index.check_encoder(encoder)
        folder = ensure_reader(settings, progress)
        model = SpanModel.load(folder, threads=settings.threads)
        second = SecondLook.load(folder, threads=settings.threads) if settings.second_look else None
        reader = Reader(model, index, Scoring.load(folder), settings.sure_enough, second)
        return cls(settings, index, encoder, reader, store or Store.in_memory())

    def varied(self, **changes: Any) -> Self:
        """The same index and models with other settings, for measuring what a setting does.

        Its conversations are its own, in memory.

        What shaped the index or the models (``passage_tokens``, ``model``, …) keeps its effect.
        """
        settings = Settings(**{**self.settings.model_dump(), **changes})
        return type(self)(settings, self._index, self._encoder, self._reader, Store.in_memory())

    def ask(
        self,
        question: str | Query,
        *,
        conversation_id: str | None = None,
        top_k: int | None = None,
        filters: Filters | None = None,
        sort: str = RELEVANCE,
        cancelled: Callable[[], bool] = never,
    ) -> Answer:
        """One answer: quotes with citations, or an abstention.

        Args:
            question: a query; or its question, with ``top_k``, ``filters`` and ``sort`` beside it.
            conversation_id: of an earlier answer, to go on from it; None begins a conversation.
            top_k: as in ``Query``.
            filters: as in ``Query``.
            sort: as in ``Query``.
            cancelled: asked before each reading is searched for and before the turn is kept; once
                it says yes, the answer is given up.

        Raises:
            Cancelled: it was cancelled; the conversation is as it was.
            QuestionError, FilterError, UsageError: the question cannot be asked so.
            NotFoundError: there is no such conversation.
            IndexStale: a source that would be quoted has changed since it was indexed.
            StorageError: several machines share the store, and the conversation cannot be read.
        """
        took = {"collection": 0.0, "follow_up": 0.0, "retrieve": 0.0, "read": 0.0}
        began = time.perf_counter()
        with self._history.alone(conversation_id):
            with _timed(took, "follow_up"):
                turns, notes = self._history.recent(conversation_id)
            query = Query.of(question, top_k, filters, sort)
            answer = self._answered(query, turns, took, cancelled)
            _go_on(cancelled)
            with _timed(took, "follow_up"):
                turn = Turn.of(answer)
                known, kept, amiss = self._history.keep(conversation_id, turn, turns)
        took["total"] = (time.perf_counter() - began) * 1000
        return replace(
            answer,
            conversation_id=known,
            turn=kept.number,
            asked_at=kept.asked_at,
            notes=(*notes, *amiss),
            timings_ms=took,
        )

    def ask_after(
        self,
        earlier: Sequence[Turn],
        question: str | Query,
        *,
        top_k: int | None = None,
        filters: Filters | None = None,
        sort: str = RELEVANCE,
    ) -> Answer:
        """One answer to a question that follows these turns; nothing is kept.

        For whoever keeps conversations elsewhere: the answer belongs to none here.

        Args:
            earlier: the turns before it, in order; only the last few matter.
            question: as in ``ask``.
            top_k: as in ``ask``.
            filters: as in ``ask``.
            sort: as in ``ask``.

        Raises:
            AskscwruError: as ``ask``.
        """
        took = {"collection": 0.0, "follow_up": 0.0, "retrieve": 0.0, "read": 0.0}
        began = time.perf_counter()
        answer = self._answered(Query.of(question, top_k, filters, sort), earlier, took)
        took["total"] = (time.perf_counter() - began) * 1000
        return replace(answer, turn=len(earlier) + 1, timings_ms=took)

    def search(
        self, question: str | Query, *, top_k: int | None = None, filters: Filters | None = None
    ) -> tuple[Hit, ...]:
        """The passages that are most about a question, best first, without an answer."""
        query = Query.of(question, top_k, filters)
        plain = plain_question(query.question, self.settings.max_question)
        return self._retriever.retrieve(plain, self._shown(query.top_k), query.filters).hits

    def posts(self, filters: Filters | None = None) -> tuple[Post, ...]:
        """Every post, or those that pass the filters, in the order of the pages.

        Raises:
            FilterError: a filter names what there is not.
        """
        if not filters:
            return self._index.posts()
        return tuple(self._index.records.posts_of(list(posts_within(self._index.records, filters))))

    def with_words(self, words: str, most: int) -> list[Passage]:
        """The passages that share a word with ``words``, best first, as they are written.

        Unlike ``search`` this takes the words for no more than they are: none is corrected, and
        nothing is found that is only near in meaning.
        """
        return self._index.passages([row for row, _ in self._index.lexical.search(words, most)])

    def post(self, post_id: str) -> Post:
        """One post; raises ``NotFoundError``."""
        return self._index.post(post_id)

    def sources(self) -> tuple[Source, ...]:
        """Every source, by name."""
        return self._index.sources()

    def source(self, name: str) -> Source:
        """One source; raises ``NotFoundError``."""
        return self._index.source(name)

    def source_text(self, name: str) -> str:
        """The text that the offsets of citations from a source refer to.

        Raises:
            NotFoundError: there is no such source.
            IndexStale: it has changed, or cannot be read any more, since it was indexed.
        """
        return current_text(name, self._text, self.source(name))

    def conversation(self, conversation_id: str) -> Conversation:
        """A whole conversation, with the turns that could not be kept yet.

        Raises:
            NotFoundError: there is no such conversation.
            StorageError: it cannot be read.
        """
        return self._history.conversation(conversation_id)

    def delete(self, conversation_id: str) -> None:
        """Takes a conversation away; asking on in it is a ``NotFoundError`` from then on.

        Raises:
            NotFoundError: there is no such conversation.
            StorageError: it cannot be written.
        """
        self._history.delete(conversation_id)

    def catch_up(self) -> None:
        """Tries to write the turns that could not be kept, without waiting for the next one."""
        self._history.catch_up()

    @property
    def generation(self) -> str:
        """The generation of the index that answers."""
        return self._index.manifest.generation

    def renewed(self) -> Self:
        """The same conversations and models over the index as it is now live.

        For a service that goes on answering while the index is built anew. This assistant stays as
        it is; ``close_index`` lets go of it when nobody asks it any more.

        Raises:
            AskscwruError: the live index is missing, damaged or of another format; every byte of
                it is read before it is trusted.
        """
        index = Index.open(self.settings.embeddings, self.settings)
        try:
            for fault in index.verify():
                raise fault
            encoder = self._encoder
            if index.manifest.model.fingerprint != encoder.fingerprint:
                encoder = Encoder.for_questions(index.model_folder, threads=self.settings.threads)
            index.check_encoder(encoder)
        except BaseException:
            index.close()
            raise
        new = type(self)(self.settings, index, encoder, self._reader.over(index), self.store)
        new._history = self._history
        return new

    def close_index(self) -> None:
        """Lets go of the files of the index; the conversations stay open."""
        self._index.close()

    def close(self) -> None:
        """Lets go of the files of the index and of the conversations."""
        self._index.close()
        self._history.close()

    # -- rungs of ``ask`` ------------------------------------------------------------------------

    def _answered(
        self,
        query: Query,
        earlier: Sequence[Turn],
        took: dict[str, float],
        cancelled: Callable[[], bool] = never,
    ) -> Answer:
        """The answer to a question after these turns; it belongs to no conversation yet."""
        shown = self._shown(query.top_k)
        if query.sort not in SORTS:
            raise UsageError(
                f"“{query.sort}” is no order.",
                remedy=f"Choose {' or '.join(SORTS)}.",
                param="sort",
            )
        asked = plain_question(query.question, self.settings.max_question)
        spoken = [turn for turn in earlier if turn.kind is not Kind.REPLY]
        if (talk := small_talk(asked, first=not spoken)) is not None:
            return self._reply(query, asked, talk)
        within = Within(
            allowed=self._retriever.allowed(query.filters),
            shown=shown,
            newest_first=query.sort == DATE,
        )
        with _timed(took, "follow_up"):
            leans = self._leans(asked, spoken)
        with _timed(took, "collection"):
            found = self._go_on(asked, spoken, within)
            if found is None and not leans:
                found = self._stage.answer(asked, within)
        if isinstance(found, Outcome):
            return self._collected(query, Spelled(asked, ()), found, shown)
        if found is not None:
            again = replace(within, allowed=found.allowed)
            answer = self._of(_as_asked(found.question), query, again, took, cancelled)
            return replace(answer, advice=(f"Asked again of {found.said}.", *answer.advice))
        return self._each(replace(query, question=asked), query, spoken, within, took, cancelled)

    def _each(
        self,
        query: Query,
        typed: Query,
        earlier: Sequence[Turn],
        within: Within,
        took: dict[str, float],
        cancelled: Callable[[], bool],
    ) -> Answer:
        """The answer to a plain question, or to each of several that were asked in one."""
        with _timed(took, "follow_up"):
            questions = questions_in(query.question)
        answers: list[Answer] = []
        turns = list(earlier)
        for at, one in enumerate(questions):
            with _timed(took, "follow_up"):
                before = exchanges_of(turns)
                readings = resolve_with(questions[:at], one, before)
            single = replace(query, question=one)
            here = replace(within, in_view=posts_in_view(before))
            answers.append(self._of(readings, single, here, took, cancelled))
            turns.append(Turn.of(answers[-1]))
        if len(answers) > 1:
            return together(typed.question, answers)
        return replace(answers[0], question=typed.question)

    def _of(
        self,
        readings: Sequence[Reading],
        query: Query,
        within: Within,
        took: dict[str, float],
        cancelled: Callable[[], bool],
    ) -> Answer:
        """The answer to the reading that is answered best."""
        change = readings[0].change
        if change is Change.REMARK:
            return replace(remark_noted(query), limits=limits_of(query, self._title))
        trials = self._try(readings, within, took, cancelled)
        best = trials[0]
        if best.outcome is not None:
            return self._collected(query, best.spelled, best.outcome, within.shown)
        answer = as_wished(self._answer(query, trials, within), change)
        return by_date(answer, self._index.post) if query.sort == DATE else answer

    def _leans(self, asked: str, spoken: Sequence[Turn]) -> bool:
        """Whether a question surely stands for another one: "who is the author" of a post shown."""
        return bool(spoken) and resolve(asked, exchanges_of(spoken))[0].change in _LEANING

    def _go_on(self, asked: str, spoken: Sequence[Turn], within: Within) -> Outcome | Again | None:
        """What a question adds to the answer before it, if it does."""
        if not spoken:
            return None
        last = spoken[-1]
        before = Before(
            searched_for=last.searched_for,
            kind=last.kind,
            posts=last.posts,
            cited=len(last.citations),
            dates=tuple(one.published for one in last.citations if one.published),
        )
        return self._stage.go_on(asked, before, within)

    def _reply(self, query: Query, asked: str, talk: SmallTalk) -> Answer:
        """The program's own words to what is no question."""
        return Answer(
            question=query.question,
            searched_for=asked,
            limits=limits_of(query, self._title),
            answered=False,
            confidence=0.0,
            kind=Kind.REPLY,
            text=saying(talk),
            citations=(),
            hits=(),
            titles={},
            conversation_id="",
            advice=self._stage.examples(),
        )

    def _collected(self, query: Query, spelled: Spelled, found: Outcome, shown: int) -> Answer:
        """What the collection says as an answer that belongs to no conversation yet."""
        citations = cite(spelled.question, found.quotes, self._index.post, found.groups)
        verify(citations, self._text, self._index.source)
        hits = found.hits[:shown]
        return Answer(
            question=query.question,
            searched_for=found.searched_for or spelled.question,
            limits=limits_of(query, self._title),
            corrections=spelled.corrections,
            answered=found.answered,
            confidence=found.confidence,
            kind=found.kind,
            text=told(found, citations),
            short=found.short,
            total=found.total,
            posts=found.posts.held() if isinstance(found.posts, PostList) else found.posts,
            citations=citations,
            hits=hits,
            titles={hit.passage.post_id: self._title(hit.passage.post_id) for hit in hits},
            conversation_id="",
            advice=found.advice,
        )

    def _text(self, name: str) -> str:
        """A source's text as it is kept where it was extracted, and else as its file has it."""
        if self.source(name).text_sha256 is not None:
            return self._index.text(name)
        return read_source(self.settings, name)

    def _shown(self, top_k: int | None) -> int:
        shown = self.settings.top_k if top_k is None else top_k
        if not 1 <= shown <= MOST_PASSAGES:
            raise UsageError(
                f"top_k is {shown}; it must be from 1 to {MOST_PASSAGES}.", param="top_k"
            )
        return shown

    def _try(
        self,
        readings: Sequence[Reading],
        within: Within,
        took: dict[str, float],
        cancelled: Callable[[], bool] = never,
    ) -> list[_Trial]:
        """What the posts say to each reading that may yet be the best, the best one first.

        A reading whose prior is below what another one has reached already cannot win any more, and
        one that is much less likely hardly against what is answered well. The likeliest one is read
        as deep as any question, the others only as deep as tells them apart.
        """
        trials: list[_Trial] = []
        effort = _Effort(self.settings.read_depth)
        for reading in readings:
            reached = max((trial.score for trial in trials), default=0.0)
            if reading.prior <= reached or (reached >= _ENOUGH and reading.prior < _AS_LIKELY):
                break
            _go_on(cancelled)
            trial = self._tried(reading, within, took, effort)
            if reading.bare is not None and any(t.reading.change is Change.TOPIC for t in trials):
                trial = trial.at_most(_SURE_OF_ANYTHING)  # what was spoken of did not answer it
            trials.append(trial)
            effort = _Effort(min(effort.depth, _TRIAL_DEPTH), _PROMISING)
        if all(trial.score < self.settings.abstain_below for trial in trials):
            return trials  # the likeliest reading is what was not answered
        return sorted(trials, key=lambda trial: -trial.score)

    def _tried(
        self, reading: Reading, within: Within, took: dict[str, float], effort: _Effort
    ) -> _Trial:
        """What is said to one reading: by the collection, else by the passages that are read."""
        with _timed(took, "retrieve"):
            spelled = self._retriever.spelled(reading.searched)
        allowed = within.allowed
        if reading.within and (allowed is None or reading.within in allowed):
            allowed = (reading.within,)
        with _timed(took, "collection"):
            here = replace(within, allowed=allowed)
            outcome = self._stage.answer(spelled.question, here, first=False)
        if outcome is not None:
            return _Trial(reading, spelled, outcome=outcome)
        goes_on = not reading.within and (
            reading.change in _GOING_ON or self._stays(reading, within.in_view)
        )
        near = [p for p in within.in_view if allowed is None or p in allowed] if goes_on else []
        if near:
            return self._tried_in_view(reading, spelled, within.shown, allowed, near, took, effort)
        found = self._sought(spelled, within.shown, allowed, took)
        return self._read(reading, found, took, effort)

    def _tried_in_view(
        self,
        reading: Reading,
        spelled: Spelled,
        shown: int,
        allowed: Collection[str] | None,
        near: Sequence[str],
        took: dict[str, float],
        effort: _Effort,
    ) -> _Trial:
        """What the posts that were spoken of say to a reading; and the others, if those do not.

        What the search over all finds first is read first: mostly only one of the two is read.
        """
        everywhere = self._sought(spelled, shown, allowed, took)
        least, less = self.settings.abstain_below, replace(effort, promising=_PROMISING)
        first = everywhere[1].hits[:1]
        if not first or first[0].passage.post_id in near:
            trial = self._read(reading, everywhere, took, effort)
            if trial.confidence >= least and trial.post_id in near:
                return trial
            inside = self._read(reading, self._sought(spelled, shown, near, took), took, less)
            if inside.confidence < least:
                return trial.outside(near)
        else:
            inside = self._read(reading, self._sought(spelled, shown, near, took), took, effort)
            if inside.confidence < least:
                return self._read(reading, everywhere, took, less).outside(near)
        title = self._title(inside.post_id)
        asked = with_added(inside.spelled.question, title or "")
        return replace(inside, spelled=replace(inside.spelled, question=asked))

    def _stays(self, reading: Reading, in_view: Sequence[str]) -> bool:
        """Whether a question says nothing of which the posts that were spoken of do not speak."""
        if reading.bare is None:
            return False
        wanted = set(reading.bare)
        passages = chain.from_iterable(map(self._passages_of, in_view))
        while wanted and (passage := next(passages, None)):
            wanted -= set(analyse(f"{passage.context} {passage.text}"))
        return not wanted

    def _sought(
        self,
        spelled: Spelled,
        shown: int,
        allowed: Collection[str] | None,
        took: dict[str, float],
    ) -> tuple[Spelled, Retrieval]:
        with _timed(took, "retrieve"):
            return self._retrieve(spelled, shown, allowed)

    def _read(
        self,
        reading: Reading,
        found: tuple[Spelled, Retrieval],
        took: dict[str, float],
        effort: _Effort,
    ) -> _Trial:
        """What the passages that were found say to a reading."""
        spelled, retrieval = found
        with _timed(took, "read"):
            quotes = self._reader.read(
                retrieval,
                effort.depth,
                reading.asked_alone(spelled.question),
                least=self.settings.abstain_below,
                promising=effort.promising,
            )
        new = [quote for quote in quotes if quote.text not in reading.leave_out]
        most = min(reading.most, _SURE_OF_ANYTHING if reading.asks_anything else 1.0)
        best = max((quote.score for quote in new), default=0.0)
        if most < best:  # each in proportion: what is merely near is no nearer now
            new = [replace(quote, score=quote.score * most / best) for quote in new]
        if pronoun_subject(reading.question):
            new = [replace(quote, score=quote.score * _OF_NOBODY_NAMED) for quote in new]
        if reading.turns_to:
            hardly = (
                replace(quote, score=min(quote.score, _SURE_OUTSIDE))
                if reading.passes_over(
                    quote.text, f"{quote.passage.context} {quote.passage.text} {quote.text}"
                )
                else quote
                for quote in new
            )
            new = sorted(hardly, key=lambda quote: -quote.score)
        if reading.within:  # what is shown as searched for names the post in brackets
            spelled = replace(spelled, question=reading.question)
        return _Trial(reading, spelled, retrieval, new)

    def _retrieve(
        self, spelled: Spelled, shown: int, allowed: Collection[str] | None
    ) -> tuple[Spelled, Retrieval]:
        """The passages for a question, and the question as it was searched for.

        Where it is asked what something is, more passages are looked through; and an abbreviation
        is searched for with its long form as well, where a post gives that: the post that says what
        it is may never shorten it.
        """
        most = max(shown, self.settings.read_depth)
        definition = Definition.asked(spelled.question)
        if definition is None:
            return spelled, self._retriever.retrieve(spelled, most, NO_FILTERS, allowed)
        most = max(most, _DEFINED_AMONG)
        retrieval = self._retriever.retrieve(spelled, most, NO_FILTERS, allowed)
        full = definition.spelt_out(spelled.question, (h.passage.text for h in retrieval.hits))
        if full is not None:
            spelled = replace(spelled, question=full)
            retrieval = self._retriever.retrieve(spelled, most, NO_FILTERS, allowed)
        return spelled, retrieval

    def _answer(self, query: Query, trials: Sequence[_Trial], within: Within) -> Answer:
        """The best trial, which was searched for, as an answer that belongs to no conversation."""
        best = trials[0]
        quotes, asked, least = best.quotes, best.spelled.question, self.settings.abstain_below
        chosen = choose_quotes(quotes, least, asked)
        if is_yes_no(asked):
            chosen = with_the_other_side(asked, chosen, quotes, least)
        if not best.reading.within and "“" not in asked:  # that asks of the one post
            chosen = self._as_it_is_now(asked, chosen, quotes, within.allowed)
        chosen = with_updates(asked, chosen, self._passages_of)
        chosen = with_notes(chosen, self._index.post, self._passages_of)
        citations = cite(asked, chosen, self._index.post)
        near = () if citations else nearest(quotes, self._index.post)
        verify((*citations, *_as_citations(near)), self._text, self._index.source)
        hits = () if best.retrieval is None else best.retrieval.hits[: within.shown]
        limits = limits_of(query, self._title)
        titles = {post_id: self._title(post_id) for post_id in {h.passage.post_id for h in hits}}
        return Answer(
            question=query.question,
            searched_for=asked,
            limits=limits,
            answered=bool(citations),
            confidence=min(best.confidence, max(least, chosen[0].score))
            if chosen
            else best.confidence,
            kind=Kind.ANSWER if citations else Kind.ABSTENTION,
            text=answer_text(citations) or abstention_text(hits, self._title, limits),
            short=short_of(citations),
            citations=citations,
            hits=hits,
            titles=titles,
            conversation_id="",
            corrections=best.spelled.corrections,
            alternatives=self._alternatives(trials) if citations else (),
            nearest=near,
            advice=() if citations else self._advice(asked, query.filters),
            withheld=() if citations else cite(asked, quotes[:1], self._index.post),
        )

    def _as_it_is_now(
        self,
        asked: str,
        chosen: Sequence[Quote],
        quotes: Sequence[Quote],
        allowed: Collection[str] | None,
    ) -> list[Quote]:
        """The quotes that were chosen, and first what a newer post of the same blog says."""
        chosen = with_newer_price(chosen, quotes, self._index.post, asked)
        chosen = newer_first(chosen, quotes, self._index.post, asked)
        return with_changes(
            asked,
            chosen,
            self._index.post,
            self._passages_of,
            self.with_words,
            self._index.lexical.inverse_document_frequency,
            allowed,
        )

    def _passages_of(self, post_id: str) -> Sequence[Passage]:
        return self._index.passages(self._index.rows_for([post_id]))

    def _advice(self, asked: str, filters: Filters) -> tuple[str, ...]:
        found = advice(asked, filters, self._retriever.allowed, self._index)
        if pronoun := pronoun_subject(asked):
            return (f"The question does not say what “{pronoun}” stands for: name it.", *found)
        return found

    def _alternatives(self, trials: Sequence[_Trial]) -> tuple[str, ...]:
        """The other readings that were answered about as well, and otherwise."""
        best, *others = trials
        return tuple(
            trial.spelled.question
            for trial in others
            if trial.quotes
            and trial.confidence >= self.settings.abstain_below
            and (
                trial.score >= _ABOUT_AS_GOOD * best.score
                or (trial.reading.change is Change.PRONOUN and trial.reading.prior >= _EVEN)
            )
            and trial.quotes[0].text != best.quotes[0].text
        )

    def _post_about(self, topic: str, among: Collection[str] | None) -> str | None:
        """The post that most of the best passages on a topic are from."""
        weight: dict[str, float] = {}
        for hit in self._retriever.retrieve(topic, self.settings.read_depth, among=among).hits:
            post_id = hit.passage.post_id
            weight[post_id] = weight.get(post_id, 0.0) + hit.score / hit.rank
        return max(weight, key=lambda post_id: weight[post_id]) if weight else None

    def _title(self, post_id: str) -> str | None:
        return self._index.post(post_id).title


def _as_citations(near: Sequence[Near]) -> Iterator[Citation]:
    for one in near:
        yield Citation(index=1, quote=one.quote, post=one.post)


def _as_asked(question: str) -> tuple[Reading, ...]:
    return (Reading(question, Change.NONE, 1.0),)


def _go_on(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled("The question was taken back.")


@contextmanager
def _timed(took: dict[str, float], stage: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    took[stage] = took.get(stage, 0.0) + (time.perf_counter() - began) * 1000
