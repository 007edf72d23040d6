"""Pronouns, demonstratives and bare definite phrases, and what they may stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from askscwru.conversation.follow_up.context import Context
from askscwru.conversation.follow_up.phrases import Kind, Parsed, Phrase, parse
from askscwru.conversation.follow_up.slots import agreeing
from askscwru.conversation.follow_up.words import (
    BE,
    DO,
    LINKING,
    Role,
    Word,
    is_adjective,
    is_finite,
    is_participle,
    is_plural,
    singular,
)
from askscwru.index.lexical import analyse


class Sort(StrEnum):
    """What an anaphor asks of its antecedent."""

    PERSON = "person"
    PLURAL = "plural"
    THING = "thing"
    EVENT = "event"
    """"that", "this" by themselves: a thing, or what was just said."""
    PLACE = "place"
    NOUN = "noun"
    """A demonstrative or "the" with a noun: the noun tells."""


@dataclass(frozen=True, slots=True)
class Anaphor:
    """A phrase that stands for another one."""

    first: int
    last: int
    """From one word to before another."""
    sort: Sort
    owner: bool = False
    """Whether it owns what follows it ("its", "their")."""
    noun: str = ""
    """The noun that a demonstrative or "the" goes with, in lower case."""
    definite: bool = False
    """Whether it is "the" with a noun: it may well need no antecedent."""


_PERSONS = {"he": False, "she": False, "him": False, "his": True, "hers": False, "her": False}
_PLURALS = {"they": False, "them": False, "their": True, "theirs": False}
_THINGS = {"it": False, "its": True}
_COLLECTIVE = frozenset(
    "government council unit team group committee organisation organization authority company "
    "society charity department agency panel board network family press nhs association "
    "party".split()
)
_PLACES = frozenset(
    "conference seminar event meeting workshop university centre center city country town place "
    "hospital home school council workshop launch festival office region area".split()
)
_HERE = frozenset("page pages site website blog screen".split())
_MAKES = frozenset("make makes made making find finds found think thinks keep keeps".split())
_GENERIC = frozenset("one ones thing things case way point time year day".split())
_UNIQUE = frozenset(
    "government public state world internet media economy environment past future present law "
    "sector nhs".split()
)
"""With "the" they mean what everybody knows, whatever was said before."""
_CLAUSE_STARTS = frozenset(
    "when if because while although though whether who which that and but so where before after "
    "since until once as than what how why".split()
)


def anaphors(parsed: Parsed) -> list[Anaphor]:
    """The anaphors of a question that find nothing to stand for within it, in their order."""
    words = parsed.words
    found: list[Anaphor] = []
    for at, word in enumerate(words):
        if any(other.first <= at < other.last for other in found):
            continue
        anaphor = _anaphor(words[: parsed.verb] if _before(parsed, at) else words, at, word)
        if anaphor is not None and not _bound(parsed, anaphor):
            found.append(anaphor)
    return found


def _before(parsed: Parsed, at: int) -> bool:
    """Whether a determiner stands before the main verb, at which its noun phrase ends."""
    determines = parsed.words[at].role is Role.DETERMINER
    return determines and parsed.verb is not None and parsed.verb > at + 1


def _anaphor(words: Sequence[Word], at: int, word: Word) -> Anaphor | None:
    low = word.low
    follows = words[at + 1] if at + 1 < len(words) else None
    if low in _PERSONS:
        owner = _PERSONS[low] or (
            low == "her" and follows is not None and follows.role is Role.NOMINAL
        )
        return Anaphor(at, at + 1, Sort.PERSON, owner)
    if low in _PLURALS:
        return Anaphor(at, at + 1, Sort.PLURAL, _PLURALS[low])
    if low in _THINGS:
        if low == "it" and _expletive(words, at):
            return None
        return Anaphor(at, at + 1, Sort.THING, _THINGS[low])
    if low in ("this", "that", "these", "those"):
        return _demonstrative(words, at)
    if low == "there" and not _existential(words, at):
        last = follows is None or follows.role is Role.MARK
        return Anaphor(at, at + 1, Sort.PLACE) if last else None
    if low == "the":
        return _definite(words, at)
    return None


def _demonstrative(words: Sequence[Word], at: int) -> Anaphor | None:
    low = words[at].low
    before = words[at - 1] if at else None
    follows = words[at + 1] if at + 1 < len(words) else None
    noun_before = before is not None and before.role in (Role.NOMINAL, Role.PRONOUN)
    if noun_before and before is not None and is_finite(before.low):
        noun_before = is_plural(before.low) and at > 2
    if low == "that" and noun_before and follows is not None and follows.role is not Role.MARK:
        return None  # a relative clause, or "said that …"
    if follows is not None and follows.role is Role.NOMINAL and not is_adjective(follows.low):
        end = at + 1
        while end < len(words) and words[end].role is Role.NOMINAL and not _verbal(words, end, at):
            end += 1
        noun = words[end - 1].low
        if (low in ("this", "that") and is_plural(noun)) or noun in _HERE:
            return None  # "shows that people …"; "on this page"
        if low == "that" and at and is_finite(words[at - 1].low) and _has_verb(words, end):
            return None  # "shows that care is …"
        return Anaphor(at, end, Sort.NOUN, noun=noun)
    if follows is not None and follows.low in ("one", "ones"):
        return Anaphor(at, at + 2, Sort.EVENT)
    plural = low in ("these", "those")
    if follows is not None and follows.role in (Role.PRONOUN, Role.DETERMINER):
        return None  # a conjunction: "the claim that it …"
    return Anaphor(at, at + 1, Sort.PLURAL if plural else Sort.EVENT)


def _has_verb(words: Sequence[Word], at: int) -> bool:
    return at < len(words) and words[at].role is Role.AUXILIARY


def _verbal(words: Sequence[Word], at: int, begun: int) -> bool:
    return at > begun + 1 and (is_finite(words[at].low) or is_participle(words[at].low))


def _definite(words: Sequence[Word], at: int) -> Anaphor | None:
    """A "the" with a noun or two and nothing that says which one is meant."""
    end = at + 1
    while end < len(words) and words[end].role is Role.NOMINAL and not _verbal(words, end, at):
        end += 1
    nouns = words[at + 1 : end]
    if not 1 <= len(nouns) <= 2 or nouns[-1].low in _GENERIC | _UNIQUE:
        return None
    tied = end < len(words) and words[end].low in LINKING
    if tied or any(word.capital for word in nouns) or is_adjective(nouns[-1].low):
        return None
    return Anaphor(at, end, Sort.NOUN, noun=nouns[-1].low, definite=True)


def _expletive(words: Sequence[Word], at: int) -> bool:
    """Whether "it" stands for nothing: "is it hard to …", "does it matter that …"."""
    before = words[at - 1].low if at else ""
    rest = [word.low for word in words[at + 1 : at + 7]]
    introduces = any(low in ("to", "that", "whether", "if", "for", "how", "when") for low in rest)
    if before in BE | _MAKES or (rest and rest[0] in BE):
        adjective = any(is_adjective(low) or low in ("time", "like", "ok") for low in rest[:3])
        return adjective and introduces
    if before in DO or (rest and rest[0] in ("takes", "took", "takes")):
        verbs = ("matter", "take", "takes", "took", "help", "seem", "mean", "cost")
        return (
            bool(rest) and rest[0] in verbs and any(low in ("to", "that", "if") for low in rest[1:])
        )
    return False


def _existential(words: Sequence[Word], at: int) -> bool:
    before = words[at - 1].low if at else ""
    after = words[at + 1].low if at + 1 < len(words) else ""
    return before in BE or after in BE or before in ("will", "has", "have", "had")


def _bound(parsed: Parsed, anaphor: Anaphor) -> bool:
    """Whether something earlier in the same question is what it stands for."""
    words = parsed.words
    if any(word.low in ".?!" for word in words[1 : anaphor.first]):
        return True  # an earlier sentence of the same question says it
    if anaphor.sort in (Sort.NOUN, Sort.EVENT, Sort.PLACE):
        return False
    for at in range(anaphor.first - 1, -1, -1):
        word = words[at]
        if word.role is not Role.NOMINAL or (at + 1 < len(words) and _owns(word)):
            continue
        if at == parsed.verb or not _may_be(word, anaphor.sort):
            continue
        between = words[at + 1 : anaphor.first]
        apart = any(w.low in _CLAUSE_STARTS or w.low in ",;:–—-" for w in between)
        if anaphor.owner or apart:
            return True
    return False


def _owns(word: Word) -> bool:
    return word.low.endswith(("'s", "s'"))


def _may_be(word: Word, sort: Sort) -> bool:
    if sort is Sort.PERSON:
        return word.capital or word.low in ("person", "man", "woman", "carer", "worker", "child")
    if sort is Sort.PLURAL:
        return is_plural(word.low)
    return not is_plural(word.low) and not is_adjective(word.low)


# -- antecedents -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """An antecedent and how likely it is."""

    phrase: Phrase
    score: float
    whole: bool = True
    """Whether it can be put in the place of the anaphor; otherwise its words are only added."""


def antecedents(anaphor: Anaphor, context: Context) -> list[Choice]:
    """What an anaphor may stand for, likeliest first."""
    if anaphor.sort is Sort.NOUN:
        found = _by_noun(anaphor, context)
    else:
        found = [
            Choice(mention.phrase, mention.weight * agreement(anaphor.sort, mention.phrase))
            for mention in context.mentions
        ]
    found = [choice for choice in found if choice.score > 0.05]
    return sorted(found, key=lambda choice: -choice.score)


def agreement(sort: Sort, phrase: Phrase) -> float:
    """How well a phrase fits what an anaphor asks for, in [0, 1]."""
    kind, plural = phrase.kind, phrase.plural
    if sort is Sort.PERSON:
        if plural:
            return 0.0
        return {Kind.PERSON: 1.0, Kind.NAME: 0.7 if _could_be_person(phrase) else 0.0}.get(kind, 0)
    if sort is Sort.PLURAL:
        if plural:
            return 1.0
        if phrase.head in _COLLECTIVE or kind is Kind.NAME:
            return 0.75
        return 0.4 if kind is Kind.PERSON else 0.25
    if sort is Sort.PLACE:
        if phrase.head in _PLACES:
            return 1.0
        return {Kind.PERSON: 0.0, Kind.NAME: 0.8, Kind.THING: 0.6}[kind]
    if kind is Kind.PERSON:
        return 0.0 if sort is Sort.THING else 0.1
    if sort is Sort.THING:
        return 0.45 if plural else 1.0
    return 0.85 if plural else 1.0


def _could_be_person(phrase: Phrase) -> bool:
    letters = phrase.text.replace(".", "")
    return not letters.isupper() and len(phrase.text.split()) == 1


def _by_noun(anaphor: Anaphor, context: Context) -> list[Choice]:
    """Phrases with the same noun take its place; others are added, if anything is needed."""
    noun, stems = anaphor.noun, set(analyse(anaphor.noun))
    found = []
    for mention in context.mentions:
        phrase = mention.phrase
        if phrase.head == noun or singular(phrase.head) == singular(noun):
            found.append(Choice(phrase, mention.weight * 1.2))
        elif stems & mention.stems:
            found.append(Choice(phrase, mention.weight, whole=False))
        elif not anaphor.definite and mention.phrase.kind is not Kind.PERSON and mention.age == 0:
            found.append(Choice(phrase, mention.weight * 0.5, whole=False))
    return found


def put_in(parsed: Parsed, anaphor: Anaphor, phrase: Phrase) -> str:
    """The question with a phrase in the place of an anaphor."""
    words = parsed.words
    before = parsed.text[: words[anaphor.first].start]
    after = parsed.text[words[anaphor.last - 1].end :]
    text = phrase.text.strip(" ?.,;:")
    if anaphor.owner:
        text = re.sub(r"[’']s?$", "", text)
        text += "’" if text.endswith("s") else "’s"
    elif anaphor.sort is Sort.PLACE:
        text = f"at {text}"
    else:
        text = re.sub(r"[’']s$", "", text)
    if anaphor.sort is Sort.PLURAL and not anaphor.owner and not phrase.plural and anaphor.first:
        auxiliary = words[anaphor.first - 1]  # "what have they written?" of one person
        agreed = agreeing(auxiliary.text, plural=False)
        before = f"{before[: auxiliary.start]}{agreed}{before[auxiliary.end :]}"
    return f"{before}{text}{after}"


def resolve_all(text: str, context: Context, skip: int = 0) -> str:
    """``text`` with every anaphor replaced by its likeliest antecedent, where one can be put in.

    Args:
        text: a question or a part of one.
        context: where antecedents come from.
        skip: takes the antecedent that is so many places after the likeliest.
    """
    for _ in range(3):
        parsed = parse(text)
        for anaphor in anaphors(parsed):
            choices = [c for c in antecedents(anaphor, context) if c.whole]
            if len(choices) > skip:
                text = put_in(parsed, anaphor, choices[skip].phrase)
                break
        else:
            return text
    return text
