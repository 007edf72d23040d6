"""What was said and shown before, as far as a follow-up may mean it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby, pairwise

from askscwru.conversation.follow_up.phrases import (
    Parsed,
    Phrase,
    PhraseKind,
    anything,
    head_word,
    make_phrase,
    names_in,
    noun_phrases,
    parse,
    there_is,
)
from askscwru.conversation.follow_up.readings import content, without_brackets
from askscwru.conversation.follow_up.restated import restated
from askscwru.conversation.follow_up.slots import is_agent
from askscwru.conversation.follow_up.tagger import tagger
from askscwru.conversation.follow_up.turns import Exchange, Shown
from askscwru.conversation.follow_up.words import (
    BE,
    CALENDAR,
    NUMBERS,
    PERSON_NOUNS,
    POST_NOUNS,
    REMEMBERED,
    WHOEVER,
    Role,
    Word,
    is_adjective,
    is_formed,
    words_of,
    words_of_phrase,
)
from askscwru.index.lexical import analyse

REACH = 6
"""How many turns back an antecedent may stand."""
_FADE = 0.7
"""How much less a phrase counts with each turn that lies between."""
_SHORT_HIGHLIGHT = 9
"""Words: what is marked in an answer is an antecedent only up to this length."""
_BRACKETS = re.compile(r"\s*\[([^\[\]]*)\]")
_ARTICLE = re.compile(r"^(?:the|an?) ")
_A_WHILE = re.compile(
    r"(?:an?|one|each|every|per) (?:second|minute|hour|day|night|week|month|year)", re.IGNORECASE
)
_TITLE = re.compile(r"“[^”]*”")

_INDEFINITE = 0.6
"""How much less "a theme" counts than "the theme": it is mostly said of something else."""
_FIRST, _NEXT, _LAST = 1.0, 0.9, 0.75
_ANSWERED, _NAMED, _AUTHOR = 0.8, 0.55, 0.45
_AMOUNT, _RELATION, _POSTS = 0.35, 0.8, 0.3
_IDENTIFIED = 1.4
"""What was asked by a description and told by its name: "what is the oldest part?"."""
_DEFINED = 0.5
"""What a thing is said to be: the thing itself is in view."""
_QUOTED, APART, _BESIDE = 0.65, 0.2, 0.3
"""What a quote is about; an author of whom nothing was said; who stands beside what it is about."""
_WRITING = frozenset("wrote write writes written author authors blogger".split())
_IS_ONE = re.compile(r"\b(?:be|been|being|become|becoming) \Z", re.IGNORECASE)
"""What stands before that of which somebody is one: "to be a member"."""
_SURE = 0.6
"""The confidence from which an answer is taken to name what was asked after."""
_LONGEST_QUOTE = 400
"""Characters of a quote that are looked at."""
_THE_POSTS = re.compile(
    r"^(?:the|these|this) (?:blog )?(?:posts?|blogs?|authors?|articles?)$", re.IGNORECASE
)


@lru_cache(maxsize=REMEMBERED)
def _stems(text: str) -> frozenset[str]:
    return frozenset(analyse(text))


@dataclass(frozen=True, slots=True)
class Mention:
    """A phrase that was mentioned, and how much it was in view."""

    phrase: Phrase
    weight: float
    """In (0, 1]."""
    age: int
    """How many turns ago; 0 is the last one."""
    subject: bool = False
    """Whether the question had it as its subject."""
    acts: bool = False
    """Whether it is the subject of what it did, and not of what was done to it."""
    told: str = ""
    """What it was told in answer to: "where", "when", "how" or "who"; empty of all else."""

    @property
    def stems(self) -> frozenset[str]:
        """The content terms of the phrase, as the lexical index has them."""
        return _stems(self.phrase.text)


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that a follow-up may refer to."""

    exchanges: tuple[Exchange, ...]
    """The newest last; never empty."""
    people: frozenset[str]
    """The authors of the posts that were cited."""
    mentions: tuple[Mention, ...]
    """The likeliest first."""
    doers: tuple[Mention, ...] = ()
    """Persons and groups who only stand beside what a quote is about: "were kept by carers"."""
    called: Mapping[str, str] = field(default_factory=dict)
    """By a person's name in lower case, the pronoun that it was called by: "he" or "she"."""

    @classmethod
    def of(cls, exchanges: Sequence[Exchange]) -> Context:
        """The context that these turns make."""
        return cls._made(tuple(map(restated, exchanges[-REACH:])))

    @classmethod
    @lru_cache(maxsize=64)
    def _made(cls, near: tuple[Exchange, ...]) -> Context:
        people = frozenset(
            name for one in near for shown in one.shown for name in shown.authors if name
        )
        best: dict[str, Mention] = {}
        for age, exchange in enumerate(reversed(near)):
            for phrase, weight in _mentioned(exchange, people):
                if not means_something(phrase):
                    continue
                if not (phrase.plural or content(phrase.text)):
                    continue  # "took part"
                if _THE_POSTS.match(phrase.text):
                    weight *= _POSTS  # "what do the posts say about …?" is not about posts
                subject = phrase.text == _subject_of(exchange)
                acts = subject and _is_active(exchange)
                told = _told_as(phrase, exchange)
                mention = Mention(phrase, weight * _FADE**age, age, subject, acts, told)
                key = _ARTICLE.sub("", phrase.text.lower())
                if key not in best or best[key].weight < mention.weight:
                    best[key] = mention
        ranked = sorted(best.values(), key=lambda m: -m.weight)
        doers = tuple(
            Mention(phrase, _BESIDE * _FADE**age, age)
            for age, exchange in enumerate(reversed(near))
            for shown in exchange.shown[:1]
            for phrase in _doers(shown.quote, people)
            if _ARTICLE.sub("", phrase.text.lower()) not in best
        )
        return cls(near, people, tuple(ranked), doers, _called(near, people))

    @property
    def last(self) -> Exchange:
        """The newest turn."""
        return self.exchanges[-1]

    @property
    def last_parsed(self) -> Parsed:
        """The last question about what posts say (not about a post), taken apart."""
        for exchange in reversed(self.exchanges):
            conditional = _IF.match(exchange.searched_for) and exchange is not self.exchanges[0]
            if not _TITLE.search(exchange.searched_for) and not conditional:
                return parse(without_brackets(exchange.searched_for))
        return parse(without_brackets(self.last.searched_for))

    @property
    def post(self) -> Shown | None:
        """The post that was shown last."""
        return next((one.shown[0] for one in reversed(self.exchanges) if one.shown), None)

    @property
    def posts(self) -> tuple[Shown, ...]:
        """The posts that were shown last, or named last by an abstention; the likeliest first."""
        return next((posts for posts in self.posts_by_turn() if posts), ())

    def posts_by_turn(self) -> Iterator[tuple[Shown, ...]]:
        """The posts that each turn showed, or named where it abstained; the newest turn first."""
        return (one.shown or one.nearest for one in reversed(self.exchanges))

    @property
    def shown(self) -> tuple[str, ...]:
        """Every quote that these turns showed."""
        return tuple(shown.quote for one in self.exchanges for shown in one.shown)

    @property
    def topic(self) -> str:
        """What the last question about the posts' contents was about; empty where nothing is."""
        parsed = self.last_parsed
        added = [
            text
            for exchange in reversed(self.exchanges)
            if not _TITLE.search(exchange.searched_for)
            for text in _BRACKETS.findall(exchange.searched_for)
        ][:1]
        if added and _BRACKETS.search(self.last.searched_for):
            words = words_of(added[0])
            if words and words[0].role is not Role.VERB:
                return str(added[0])
            inner = noun_phrases(parse(added[0]), self.people)
            if inner:
                return inner[0].text
        found = noun_phrases(parsed, self.people)
        found = [p for p in found if means_something(p) and not _ONE.search(p.text)]
        found = [p for p in found if not _THE_POSTS.match(p.text)] or found
        things = [phrase for phrase in found if phrase.kind is not PhraseKind.PERSON] or found
        return things[0].text if things else ""


_IF = re.compile(r"if\b", re.IGNORECASE)
"""How a turn begins that only adds a condition: "and if i live in the parish?"."""
_ONE = re.compile(r"\b(?:ones?|others?)\Z", re.IGNORECASE)
"""How a phrase ends that names nothing without another: "a full one"."""


_TOLD_AS = ("where", "when", "how", "who")


def _told_as(phrase: Phrase, exchange: Exchange) -> str:
    """What a phrase of an answer tells: where, when, how much or who; empty of all else."""
    parsed = parse(without_brackets(exchange.searched_for))
    if parsed.wh not in _TOLD_AS or phrase.text.lower() in exchange.searched_for.lower():
        return ""
    told = exchange.shown[0].highlight if exchange.shown else ""
    return parsed.wh if told and phrase.text in told else ""


def _is_active(exchange: Exchange) -> bool:
    """Whether the subject of a question does what its verb says."""
    parsed = parse(without_brackets(exchange.searched_for))
    if parsed.verb is None or parsed.auxiliary is None:
        return parsed.verb is not None
    be = parsed.words[parsed.auxiliary].low in BE
    return not be or parsed.words[parsed.verb].tag == "VBG"


@lru_cache(maxsize=REMEMBERED)
def _doers(quote: str, people: frozenset[str]) -> tuple[Phrase, ...]:
    """The persons and groups of whom a quote speaks, wherever they stand in it."""
    words = words_of(quote[:_LONGEST_QUOTE])
    found: list[Phrase] = []
    for at, end in _nominal_runs(words):
        last = words[end - 1]
        if last.tag in ("NN", "NNS") and is_agent(last.low):
            found.append(make_phrase(quote[words[at].start : last.end], people))
    return tuple(_without_number(phrase, people) for phrase in found)


def _nominal_runs(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Where determiners, nouns and adjectives stand side by side: first, and one past the last.

    "Marks & Spencer" is one name.
    """
    nominal = (Role.DETERMINER, Role.NOMINAL)

    def stands(at: int) -> bool:
        inside = 0 < at < len(words) - 1 and words[at].text == "&"
        return words[at].role in nominal or (inside and words[at - 1].capital)

    for is_nominal, run in groupby(range(len(words)), stands):
        if is_nominal:
            places = list(run)
            yield places[0], places[-1] + 1


def _subject_of(exchange: Exchange) -> str:
    parsed = parse(without_brackets(exchange.searched_for))
    if parsed.subject[0] == parsed.subject[1] and exchange.shown:
        return exchange.shown[0].highlight  # "who scanned them?": who is answered with, did
    return parsed.slice(*parsed.subject)


PRONOUN_OF = {"he": "he", "him": "he", "his": "he", "she": "she", "her": "she", "hers": "she"}


def _called(exchanges: Sequence[Exchange], people: frozenset[str]) -> dict[str, str]:
    """The pronoun that each person was called by, where it was put in for one."""
    found: dict[str, str] = {}
    for one in exchanges:
        pronouns = {PRONOUN_OF[w.low] for w in words_of(one.question) if w.low in PRONOUN_OF}
        if len(pronouns) != 1:
            continue
        for name in names_in(one.searched_for, people):
            if name.kind is PhraseKind.PERSON and name.text not in one.question:
                found[name.text.lower()] = next(iter(pronouns))
    return found


def means_something(phrase: Phrase) -> bool:
    """Whether a phrase has a noun in it, and is no number or date."""
    if _A_WHILE.fullmatch(phrase.text):
        return False
    return any(_means_something(word) for word in words_of_phrase(phrase.text))


def _means_something(word: Word) -> bool:
    """Whether a word is a noun and no number or date."""
    is_noun = word.role is Role.NOMINAL and not word.low[0].isdigit()
    counts = word.low.split("-")[0] in NUMBERS
    return is_noun and not counts and word.low not in CALENDAR


@lru_cache(maxsize=REMEMBERED)
def _mentioned(exchange: Exchange, people: frozenset[str]) -> tuple[tuple[Phrase, float], ...]:
    """The phrases of one turn with their weights."""
    about_a_post = _TITLE.search(exchange.searched_for) is not None
    parsed = parse(without_brackets(exchange.searched_for))
    found = [] if about_a_post else _in_question(exchange, parsed, people)
    if parsed.wh in ("which", "what") and (told := _told(exchange, people)):
        # "which study supports this?": the study is the one that was answered with
        found = [(p, w * _RELATION if p.vague and _fits(told, p) else w) for p, w in found]
    found += _in_answer(exchange, parsed, people, about_a_post=about_a_post)
    found += [(one, weight) for phrase, weight in found for one in _each(phrase, people)]
    return tuple(found)


def _in_question(
    exchange: Exchange, parsed: Parsed, people: frozenset[str]
) -> list[tuple[Phrase, float]]:
    """The phrases of a question, with their weights."""
    found: list[tuple[Phrase, float]] = []
    titles = {shown.title for shown in exchange.shown}
    for text in _BRACKETS.findall(exchange.searched_for):
        if text not in titles:  # of a post's title nothing is said
            found += [(phrase, _NEXT) for phrase in noun_phrases(parse(text), people)[:1]]
    weights = [_FIRST, _NEXT]
    of_anything = anything(there_is(parsed)) or (
        there_is(parsed) != "" and _BRACKETS.search(exchange.searched_for) is not None
    )
    for at, phrase in enumerate(noun_phrases(parsed, people)):
        weight = weights[at] if at < len(weights) else _LAST
        weight *= _INDEFINITE if of_anything else 1
        indefinite = at > 0 and phrase.text.lower().startswith(("a ", "an "))
        indefinite = indefinite or phrase.text.lower().startswith(("one of ", "some of "))
        if indefinite or (phrase.vague and parsed.wh == "how"):
            weight *= _INDEFINITE
        somebody = parsed.subject[0] < parsed.subject[1]  # "what is said to be a driver?" asks it
        if somebody and _IS_ONE.search(parsed.text[: max(parsed.text.find(phrase.text), 0)]):
            weight *= _INDEFINITE
        if inner := _inner(phrase, people):
            found.append((inner, weight))
            weight *= _RELATION
        elif last := _last_of(phrase, people):
            found.append((last, weight * _RELATION))
            if phrase.text != parsed.slice(*parsed.subject) and (own := _of_itself(phrase, people)):
                found.append((own, weight))
                weight *= _RELATION
        found.append((phrase, weight))
    held = [phrase.text.lower() for phrase, _ in found]
    for name in names_in(parsed.text, people):
        within = any(name.text.lower() in text for text in held)
        found.append((name, _NAMED if within and name.kind is not PhraseKind.PERSON else _LAST))
    return found


def _in_answer(
    exchange: Exchange, parsed: Parsed, people: frozenset[str], *, about_a_post: bool
) -> list[tuple[Phrase, float]]:
    """The phrases of what a question was answered with, and the authors, with their weights."""
    found: list[tuple[Phrase, float]] = []
    asked_who = "who" in parsed.text.lower().split()[:2]
    for rank, shown in enumerate(exchange.shown):
        share = 1.0 if rank == 0 else 0.6
        if marked := _marked(shown, people):
            is_subject = parsed.subject[0] == parsed.subject[1] or asked_who
            weight = _FIRST if is_subject else _DEFINED if defines(parsed) else _ANSWERED
            if _identifies(parsed) and marked.text.lower().startswith("the "):
                weight = _IDENTIFIED
            if _is_amount(marked.text) or (
                marked.kind is PhraseKind.PERSON and marked.head in PERSON_NOUNS
            ):
                weight = _AMOUNT  # "£200" and "director" tell something of what is meant
            found.append((marked, weight * share * (1 + exchange.confidence) / 2))
        found += [
            (name, _NAMED * share * _nearness(name, shown.quote, parsed.text))
            for name in names_in(shown.quote, people)
            if not _is_label(name.text, shown.quote)
        ]
        if rank == 0:
            found += [(phrase, _QUOTED) for phrase in _subjects(shown.quote, people)]
        weight = _FIRST if about_a_post else _AUTHOR if _spoken_of(shown, parsed.text) else APART
        found += [(make_phrase(name, people), weight * share) for name in shown.authors if name]
    return found


def _is_label(name: str, quote: str) -> bool:
    """Whether a name only stands above a column or before a value: "Villagers (per hour): £7"."""
    at = quote.find(name)
    return at >= 0 and _VALUE.match(quote, at + len(name)) is not None


_VALUE = re.compile(r"(?: \([^()]{1,40}\))?:\s")


_CLAUSES = re.compile(
    r"[;:–—]|,? (?:and|but|while|whereas) (?=[^,;]{3,40} (?:is|was|are|were|has) )"
)
_FARTHER = 0.8
"""How much less a name counts that stands in another clause than what was asked."""


def _nearness(name: Phrase, quote: str, question: str) -> float:
    """Whether a name stands in the clause of a quote that has most of the question, as a factor.

    "The van is driven by Colin Baptiste, and the warehouse is run by Sue Marsh": who runs that?
    """
    asked = _stems(question)
    bounds = [0, *(m.start() for m in _CLAUSES.finditer(quote)), len(quote)]
    clauses = [quote[low:high] for low, high in pairwise(bounds)]
    shared = [len(asked & _stems(clause)) for clause in clauses]
    own = max((n for n, c in zip(shared, clauses, strict=True) if name.text in c), default=0)
    return 1.0 if own == max(shared) else _FARTHER


def defines(parsed: Parsed) -> bool:
    """Whether a question asks what something is: "what are microservices?"."""
    first, end = parsed.subject
    be = parsed.auxiliary is not None and parsed.words[parsed.auxiliary].low in BE
    bare = first < end and parsed.words[first].role is Role.NOMINAL
    return parsed.wh == "what" and be and bare and parsed.verb is None and end == parsed.end


def _identifies(parsed: Parsed) -> bool:
    """Whether a question asks which thing a description fits: "what is the oldest part of it?"."""
    first, end = parsed.subject
    be = parsed.auxiliary is not None and parsed.words[parsed.auxiliary].low in BE
    described = first < end and parsed.words[first].low == "the" and end == parsed.end
    return parsed.wh in ("what", "which") and be and described and parsed.verb is None


def _told(exchange: Exchange, people: frozenset[str]) -> Phrase | None:
    """What a turn was surely answered with, where it is a phrase."""
    sure = bool(exchange.shown) and exchange.confidence >= _SURE
    return _marked(exchange.shown[0], people) if sure else None


def _fits(told: Phrase, asked: Phrase) -> bool:
    """Whether an answer names what was asked after: a study by that word, or by a name."""
    return told.kind is PhraseKind.NAME or bool(_stems(asked.head) & _stems(told.head))


_FIRST_PERSON = re.compile(r"\b(?:I|my|me|we|our|us)\b")


def _spoken_of(shown: Shown, question: str) -> bool:
    """Whether the author speaks in a quote, or the question was of the post or who wrote it."""
    if _FIRST_PERSON.search(shown.quote):
        return True
    words = {word.low for word in words_of(question)}
    names = {name.split()[-1].lower() for name in shown.authors if name}
    return bool(words & (names | POST_NOUNS | _WRITING))


def _each(phrase: Phrase, people: frozenset[str]) -> list[Phrase]:
    """The single persons of a phrase that names several."""
    if phrase.kind is not PhraseKind.PERSON or not phrase.plural:
        return []
    return [make_phrase(name.strip(), people) for name in re.split(r",| and | & ", phrase.text)]


def _subjects(quote: str, people: frozenset[str]) -> list[Phrase]:
    """What the sentences of a quote are about: the noun phrases before their first verbs."""
    words = words_of(quote[:_LONGEST_QUOTE])
    found: list[Phrase] = []
    for at, end in _nominal_runs(words):
        follows = words[end].role if end < len(words) else Role.MARK
        # "the initiatives | that use …"
        clause = end > at + 1 and words[end - 1].low in ("that", "this")
        phrased = words[at : end - 1] if clause else words[at:end]
        nouns = any(w.tag in ("NN", "NNS") for w in phrased)
        if _is_apart(phrased):
            continue  # "after twenty years | Ann Low has left"
        if nouns and follows in (Role.VERB, Role.AUXILIARY):
            text = quote[phrased[0].start : phrased[-1].end]
            phrase = make_phrase(_uncapitalised(text, quote[: phrased[0].start]), people)
            if content(phrase.text):
                found.append(_without_number(phrase, people))
    return found


def _is_apart(words: Sequence[Word]) -> bool:
    """Whether nouns in small letters in the plural stand before a name: they are not of it."""
    return any(
        before.tag == "NNS" and not before.capital and word.capital
        for before, word in pairwise(words)
    )


_OPENS = re.compile(r"(?:\A|[.!?:\n])\W*\Z")


def _uncapitalised(text: str, before: str) -> str:
    """A phrase without a capital that only opens a sentence: "Spinning is taught" names nobody."""
    first = words_of_phrase(text)[0]
    inside = re.search(r"\s[A-Z]", text) is not None
    opens = _OPENS.search(before) is not None
    common = tagger().is_ordinary(first.low) or is_formed(first.low)
    if inside or not opens or not common:
        return text
    return f"{text[:1].lower()}{text[1:]}"


_COUNTS = frozenset("no some many few most all several".split())


def _without_number(phrase: Phrase, people: frozenset[str]) -> Phrase:
    """A phrase without what counts it: "three families" are the families."""
    first = words_of_phrase(phrase.text)[0]
    counts = first.tag == "CD" or first.low in _COUNTS
    if not counts or len(phrase.text.split()) < 2:
        return phrase
    return make_phrase(f"the {phrase.text[first.end :].strip()}", people)


_RELATIONAL = re.compile(
    r"^(?:the )?(?:main |key )?(?:roles?|aims?|purpose|goals?|names?|meaning|definition|history|"
    r"future|idea|importance|impact|effects?|benefits?|advantages?|disadvantages?|drawbacks?|cost|costs|"
    r"quality|use|value|point|nature|title|number) of (?P<inner>.+)$",
    re.IGNORECASE,
)


def _inner(phrase: Phrase, people: frozenset[str]) -> Phrase | None:
    """What a relation is one of: "it" after "the role of the council" is mostly the council."""
    match = _RELATIONAL.match(phrase.text)
    return make_phrase(match["inner"], people) if match else None


_TIED = re.compile(r"\s(?:to|at|in|from|by|with|on|into|about) (?=the |a |an |[A-Z])")


def _last_of(phrase: Phrase, people: frozenset[str]) -> Phrase | None:
    """What a preposition ties to a phrase, that may as well be meant: "experts to the webinar"."""
    parts = _TIED.split(phrase.text)
    told = [one for one in map(make_phrase, parts[1:]) if means_something(one)]
    return make_phrase(told[-1].text, people) if told and content(told[-1].text) else None


_DONE_WITH = re.compile(r"\s(?:with|on|by|at|from|into) (?=the |a |an |[A-Z])")


def _of_itself(phrase: Phrase, people: frozenset[str]) -> Phrase | None:
    """What something is done to, without how or where it is done: "file a plan | with the app"."""
    if phrase.text.lower().startswith("the "):
        return None  # "the hives with a window" says which ones
    parts = _DONE_WITH.split(phrase.text)
    return make_phrase(parts[0], people) if len(parts) > 1 and content(parts[0]) else None


def _is_amount(text: str) -> bool:
    """Whether a phrase says how much or how many: nothing else is said of it."""
    first = words_of(text)[0].low
    digit = text.lstrip("£$€")[:1].isdigit()
    return digit or first.split("-")[0] in NUMBERS or first in ("about", "around", "over", "nearly")


def _begins_with_verb(words: Sequence[Word]) -> bool:
    """Whether a highlight tells what something does: "share three elements", "improve care"."""
    return words[0].role is Role.VERB and words[0].tag != "VBG" and len(words) > 1


_LABEL = re.compile(r"^[A-Z][\w’'-]*(?: [\w’'-]+){0,2}: (?=\S)")
"""What stands before what is told: "Driver: Ann Low"."""


def _marked(shown: Shown, people: frozenset[str]) -> Phrase | None:
    """What is marked in a quote, where it is a phrase that something else may be said of."""
    text = _LABEL.sub("", shown.highlight.strip(" .,;:‘’“”'\"()"))
    words = words_of(text)
    if len(words) > 1 and words[0].role is Role.PREPOSITION and not words[0].capital:
        text = text[words[1].start :]  # "with short videos": the videos may be meant
        words = words_of(text)
    if not words or len(words) > _SHORT_HIGHLIGHT or text.endswith(("’s", "'s")):
        return None
    if not any(_means_something(word) for word in words):
        return None
    if words[0].role in (Role.PREPOSITION, Role.CONJUNCTION, Role.AUXILIARY, Role.PRONOUN):
        return None
    if any(word.role in (Role.AUXILIARY, Role.PRONOUN) for word in words):
        return None
    if words[0].low in WHOEVER:
        return None
    if "(" in text or "[" in text:
        return None
    if not content(text) or _begins_with_verb(words):
        return None
    phrase = make_phrase(text, people)
    head = head_word(words)
    return None if head is not None and is_adjective(head) else phrase
