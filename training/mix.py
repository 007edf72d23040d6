"""Choosing what the reader is trained on: questions with their answer, and passages to reject.

The reader is shown several retrieved passages per question and most of them do not answer it, so
telling those apart matters as much as finding spans.  These kinds of passages to reject are used:

* ``written``: unanswerable questions that people wrote about the passage (SQuAD 2.0, CLAP NQ);
* ``ranked``: another passage of the same article, among the best by BM25 for the question, without
  the answer text: what retrieval gets wrong;
* ``removed``: the same passage without the sentences that answer: what a chunk boundary does;
* ``swapped``: the question with a name or number replaced by one the passage does not mention;
* ``traded``: the same, replaced by one that the passage mentions in another sentence;
* ``turned``: the question with an adjective turned into its opposite, or with a "not" put in;
* ``planted``: a question about another passage of the article, its name replaced by one of this;
* ``random``: a passage about something else.

There are two stages. The first is mostly answered questions as they stand; the second, which starts
from the weights of the first, rejects more and harder passages, and rewords questions.
"""

from __future__ import annotations

import itertools
import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from training.data import (
    SQUAD2,
    Answer,
    Encoder,
    Features,
    Passage,
    Question,
    assemble,
    crop,
    held_out_articles,
    is_held_out,
    read_source,
    sentence_starts,
)
from training.thesaurus import Thesaurus


@dataclass(frozen=True)
class Shares:
    """Shares of all examples of a stage."""

    positive: dict[str, float]
    """Answered questions, by set."""
    negative: dict[str, float]
    """Passages to reject, by kind."""
    reworded: float
    """Share of the questions in which words are exchanged for synonyms."""
    headed: float
    """Share of the passages that stand behind the title of their article, as the program reads."""


STAGES = {
    1: Shares(
        positive={
            "squad1_train_slices": 0.32,
            SQUAD2: 0.08,
            "squad1_dev_13_articles": 0.08,
            "squadshifts_new_wiki": 0.065,
            "qamr": 0.03,
            "fairytaleqa": 0.025,
            "covid_qa": 0.018,
            "clapnq": 0.009,
        },
        negative={
            "written": 0.085,
            "ranked": 0.15,
            "removed": 0.055,
            "swapped": 0.06,
            "random": 0.023,
        },
        reworded=0.0,
        headed=0.0,
    ),
    2: Shares(
        positive={
            "squad1_train_slices": 0.22,
            SQUAD2: 0.055,
            "squad1_dev_13_articles": 0.065,
            "squadshifts_new_wiki": 0.09,
            "squadshifts_reddit": 0.09,
            "qamr": 0.04,
            "fairytaleqa": 0.03,
            "covid_qa": 0.012,
            "clapnq": 0.006,
        },
        negative={
            "written": 0.06,
            "ranked": 0.11,
            "removed": 0.04,
            "swapped": 0.04,
            "traded": 0.05,
            "turned": 0.03,
            "planted": 0.05,
            "random": 0.012,
        },
        reworded=0.25,
        headed=0.35,
    ),
}

_RANKED_SOURCES = (
    "squad1_train_slices",
    SQUAD2,
    "squad1_dev_13_articles",
    "squadshifts_new_wiki",
    "fairytaleqa",
)
_REMOVED_SOURCES = (*_RANKED_SOURCES, "covid_qa")
_TITLED_SOURCES = ("squad1_train_slices", SQUAD2, "squad1_dev_13_articles")
_LONGEST_JOINED = 600
"""Characters up to which the several selected sentences of CLAP NQ are taken as one answer."""
_SHORTEST_REST = 100
"""Characters that a passage must still have after its answering sentences were removed."""

_WORD = re.compile(r"\w+")
_EXPLAINING = re.compile(
    r"^(why|how(?! (many|much|long|old|far|tall|big|large|often|high))"
    r"|what (did|does|do|is|are)\b)",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[\w,;] )[A-Z][\w’'-]+(?: (?:of |the )?[A-Z][\w’'-]+){0,2}")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_ARTICLE = re.compile(r"\b(the|a|an) ", re.IGNORECASE)
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|did|does|do|can|could|would|should|has|had|have)\b (?!not\b)"
)


@dataclass(frozen=True)
class Item:
    """A question of a passage, as read."""

    passage: Passage
    question: Question


@dataclass(frozen=True)
class Candidate:
    """A question, a text, and where the text answers it (None: it does not)."""

    question: str
    text: str
    gold: Answer | None
    kind: str
    article: str = ""
    """The title of the article, where the set has titles that say what a passage is about."""


def gold_answer(item: Item) -> Answer | None:
    """The answer to train on: the most frequent of several, the hull of CLAP NQ's sentences."""
    answers = item.question.answers
    if not answers:
        return None
    if item.passage.source == "clapnq":
        hull = Answer(min(a.start for a in answers), max(a.end for a in answers))
        return hull if hull.end - hull.start <= _LONGEST_JOINED else answers[0]
    votes = Counter((a.start, a.end) for a in answers)
    return Answer(*votes.most_common(1)[0][0])


def sloppy(question: str, rng: random.Random) -> str:
    """The question as people type it: at times without its question mark or its articles.

    Upper and lower case need no such treatment, because the vocabulary is uncased.
    """
    if rng.random() < 0.3:
        question = question.rstrip("? ")
    if rng.random() < 0.06:
        question = _ARTICLE.sub("", question)
    return question


class Ranker:
    """BM25 over the passages of one article."""

    def __init__(self, passages: Sequence[Passage], k1: float = 1.2, b: float = 0.75) -> None:
        self.passages = passages
        self._postings: dict[str, dict[int, float]] = defaultdict(dict)
        lengths = [len(_WORD.findall(p.text)) for p in passages]
        mean = sum(lengths) / max(1, len(lengths))
        for number, passage in enumerate(passages):
            scale = k1 * (1 - b + b * lengths[number] / max(1.0, mean))
            for word, count in Counter(_words(passage.text)).items():
                self._postings[word][number] = count * (k1 + 1) / (count + scale)

    def best(self, question: str, limit: int) -> list[Passage]:
        """The passages that share most with the question, best first."""
        scores: dict[int, float] = defaultdict(float)
        total = len(self.passages)
        for word in dict.fromkeys(_words(question)):
            postings = self._postings.get(word, {})
            weight = math.log(1 + (total - len(postings) + 0.5) / (len(postings) + 0.5))
            for number, frequency in postings.items():
                scores[number] += weight * frequency
        order = sorted(scores, key=lambda n: (-scores[n], n))
        return [self.passages[n] for n in order[:limit]]


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _weighted_sample(items: Sequence[Item], count: int, rng: random.Random) -> list[Item]:
    """``count`` different items; explaining questions and long answers are thrice as likely."""
    keyed: list[tuple[float, int]] = []
    for number, item in enumerate(items):
        gold = gold_answer(item)
        long = gold is not None and gold.end - gold.start > 40
        weight = 3.0 if long or _EXPLAINING.match(item.question.text) else 1.0
        keyed.append((rng.random() ** (1 / weight), number))
    keyed.sort(reverse=True)
    return [items[number] for _, number in keyed[:count]]


class Mix:
    """The material of a training run and the ways to draw examples from it."""

    def __init__(
        self, folder: Path, rng: random.Random, shares: Shares, thesaurus: Thesaurus
    ) -> None:
        self.rng = rng
        self.shares = shares
        self.thesaurus = thesaurus
        self.pools: dict[str, list[Passage]] = {}
        sources = {source: read_source(folder, source) for source in shares.positive}
        held = held_out_articles(sources[SQUAD2])
        # A held-out paragraph that another set repeats must not come in by that door.
        barred = {p.text.strip() for p in sources[SQUAD2] if p.article in held}
        for source, passages in sources.items():
            self.pools[source] = [
                p for p in passages if not is_held_out(p, held) and p.text.strip() not in barred
            ]
        self._by_article: dict[tuple[str, str], list[Passage]] = defaultdict(list)
        for passages in self.pools.values():
            for passage in passages:
                self._by_article[passage.source, passage.article].append(passage)
        self._rankers: dict[tuple[str, str], Ranker] = {}

    def draw(self, count: int) -> list[Candidate]:
        """About ``count`` candidates in the shares stated above (fewer where a set runs out)."""
        positives: list[Item] = []
        for source, share in self.shares.positive.items():
            answered = [i for i in self._items(source) if i.question.answers]
            positives += _weighted_sample(answered, round(count * share), self.rng)
        chosen = [
            Candidate(
                i.question.text,
                i.passage.text,
                gold_answer(i),
                i.passage.source,
                _heading(i.passage),
            )
            for i in positives
        ]
        chosen += self._written(round(count * self.shares.negative["written"]))
        for kind, make in (
            ("ranked", self._ranked),
            ("removed", self._removed),
            ("swapped", self._swapped),
            ("traded", self._traded),
            ("turned", self._turned),
            ("planted", self._planted),
            ("random", self._random),
        ):
            wanted = round(count * self.shares.negative.get(kind, 0.0))
            # Rejecting is best learnt on questions that are answered elsewhere in the mix.
            for item in self.rng.sample(positives, len(positives)):
                if wanted == 0:
                    break
                made = make(item)
                if made is not None:
                    chosen.append(made)
                    wanted -= 1
        return chosen

    def _items(self, source: str) -> list[Item]:
        return [Item(p, q) for p in self.pools[source] for q in p.questions]

    def _written(self, count: int) -> list[Candidate]:
        items = [i for s in (SQUAD2, "clapnq") for i in self._items(s) if not i.question.answers]
        # Nothing teaches more about answerability and there are few of them: twice if need be,
        # since the passage is cut elsewhere the second time.
        picked = self.rng.sample(items * 2, min(count, 2 * len(items)))
        return [_rejected(i.question.text, i.passage, "written") for i in picked]

    def _ranked(self, item: Item) -> Candidate | None:
        passage = item.passage
        if passage.source not in _RANKED_SOURCES:
            return None
        key = (passage.source, passage.article)
        if key not in self._rankers:
            self._rankers[key] = Ranker(self._by_article[key])
        found = [
            p
            for p in self._rankers[key].best(item.question.text, 8)
            if p.text != passage.text and not _contains_answer(p.text, item)
        ]
        if not found:
            return None
        other = self.rng.choices(found[:4], weights=(4, 3, 2, 1)[: len(found)])[0]
        return _rejected(item.question.text, other, "ranked")

    def _removed(self, item: Item) -> Candidate | None:
        text, answers = item.passage.text, item.question.answers
        if item.passage.source not in _REMOVED_SOURCES:
            return None
        bounds = [*sentence_starts(text), len(text)]
        before = max(b for b in bounds if b <= min(a.start for a in answers))
        after = min(b for b in bounds if b >= max(a.end for a in answers))
        rest = max(text[:before].strip(), text[after:].strip(), key=len)
        if len(rest) < _SHORTEST_REST or _contains_answer(rest, item):
            return None
        return Candidate(item.question.text, rest, None, "removed", _heading(item.passage))

    def _swapped(self, item: Item) -> Candidate | None:
        question, text = item.question.text, item.passage.text
        for pattern in self.rng.sample((_NAME, _NUMBER), 2):
            for match in pattern.finditer(question):
                if match.group() not in text:
                    continue
                other = self._replacement(item.passage, match.group(), pattern)
                if other is not None:
                    changed = question[: match.start()] + other + question[match.end() :]
                    return _rejected(changed, item.passage, "swapped")
        return None

    def _traded(self, item: Item) -> Candidate | None:
        """One name of the question for another of the passage, from a sentence without the answer.

        What the passage says of the one it seldom says of the other.
        """
        question, passage = item.question.text, item.passage
        answers = passage.answer_texts(item.question)
        bounds = [*sentence_starts(passage.text), len(passage.text)]
        for match in _NAME.finditer(question):
            if match.group() not in passage.text:
                continue
            others = [
                name
                for low, high in itertools.pairwise(bounds)
                if not any(low <= a.start < high for a in item.question.answers)
                for name in _NAME.findall(passage.text[low:high])
                if name not in question and not any(name in a or a in name for a in answers)
            ]
            if others:
                other = self.rng.choice(others)
                changed = question[: match.start()] + other + question[match.end() :]
                return _rejected(changed, passage, "traded")
        return None

    def _turned(self, item: Item) -> Candidate | None:
        question = item.question.text
        if self.rng.random() < 0.7:
            changed = self.thesaurus.turn_round(question, self.rng)
        else:
            changed = _AUXILIARY.sub(r"\1 not ", question, count=1)
        if changed is None or changed == question:
            return None
        return _rejected(changed, item.passage, "turned")

    def _planted(self, item: Item) -> Candidate | None:
        """This question with a name of another passage of the article, put to that passage."""
        match = _NAME.search(item.question.text)
        siblings = self._by_article[item.passage.source, item.passage.article]
        if match is None or item.passage.source not in _RANKED_SOURCES:
            return None
        for _ in range(6):
            other = self.rng.choice(siblings)
            names = _NAME.findall(other.text)
            if other.text == item.passage.text or not names or _contains_answer(other.text, item):
                continue
            text = item.question.text
            changed = text[: match.start()] + self.rng.choice(names) + text[match.end() :]
            return _rejected(changed, other, "planted")
        return None

    def _replacement(self, passage: Passage, old: str, pattern: re.Pattern[str]) -> str | None:
        """A name or number of the same article that neither resembles nor is in the passage."""
        siblings = self._by_article[passage.source, passage.article]
        lowered = passage.text.lower()
        for _ in range(6):
            found: list[str] = pattern.findall(self.rng.choice(siblings).text)
            fitting = [
                new
                for new in dict.fromkeys(found)
                if not any(part.lower() in lowered for part in new.split())
                and (not old[0].isdigit() or len(new) == len(old))
            ]
            if fitting:
                return self.rng.choice(fitting)
        return None

    def _random(self, item: Item) -> Candidate | None:
        pool = self.pools[self.rng.choice(_RANKED_SOURCES)]
        other = self.rng.choice(pool)
        same = (other.source, other.article) == (item.passage.source, item.passage.article)
        if same or _contains_answer(other.text, item):
            return None
        return _rejected(item.question.text, other, "random")


def _rejected(question: str, passage: Passage, kind: str) -> Candidate:
    return Candidate(question, passage.text, None, kind, _heading(passage))


def _heading(passage: Passage) -> str:
    """The title of the article as a reader would write it, where there is one that tells a subject.

    Some slices of SQuAD have the name of a collection in its place.
    """
    if passage.source not in _TITLED_SOURCES or "squad" in passage.article.lower():
        return ""
    return passage.article.replace("_", " ")


def _contains_answer(text: str, item: Item) -> bool:
    lowered = text.lower()
    return any(a.lower() in lowered for a in item.passage.answer_texts(item.question))


def training_features(
    folder: Path,
    encoder: Encoder,
    count: int,
    max_tokens: int,
    seed: int,
    stage: int = 1,
    thesaurus: Thesaurus | None = None,
) -> list[Features]:
    """The rows of one training run, the same for the same arguments and files."""
    rng = random.Random(seed)
    shares, thesaurus = STAGES[stage], thesaurus or Thesaurus()
    rows: list[Features] = []
    for candidate in Mix(folder, rng, shares, thesaurus).draw(count):
        if shares.reworded and rng.random() < shares.reworded:
            candidate = replace(candidate, question=thesaurus.reword(candidate.question, rng))
        if candidate.article and rng.random() < shares.headed:
            candidate = _headed(candidate)
        row = _features(candidate, encoder, max_tokens, rng)
        if row is not None:
            rows.append(row)
    return rows


def _headed(candidate: Candidate) -> Candidate:
    """The passage behind its article's title, the answer moved with it."""
    head, gold = f"{candidate.article}. ", candidate.gold
    moved = Answer(gold.start + len(head), gold.end + len(head)) if gold else None
    return replace(candidate, text=head + candidate.text, gold=moved)


def _features(
    candidate: Candidate, encoder: Encoder, max_tokens: int, rng: random.Random
) -> Features | None:
    """Tokenise a candidate and cut its passage; None where the answer covers no token."""
    question = encoder.question(sloppy(candidate.question, rng))
    passage = encoder.passage(candidate.text)
    gold = passage.token_range(candidate.gold) if candidate.gold else None
    if not passage.ids or (candidate.gold is not None and gold is None):
        return None
    budget = max_tokens - len(question) - 3
    if rng.random() < 0.6:
        # Retrieved passages are of all lengths, and the answer is not always in the middle.
        budget = rng.randint(min(64, budget), budget)
    if gold is not None and gold[1] - gold[0] >= budget:
        gold = (gold[0], gold[0] + budget - 1)
    low, high = crop(passage, budget, rng, gold)
    moved = (gold[0] - low, gold[1] - low) if gold else None
    return assemble(encoder, question, passage.ids[low:high], moved, candidate.kind)
