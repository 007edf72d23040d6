"""Where in a question something else may be put: "what about carers?" after a question of users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from askscwru.conversation.follow_up.phrases import (
    Parsed,
    Phrase,
    PhraseKind,
    head_word,
    make_phrase,
)
from askscwru.conversation.follow_up.words import (
    BE,
    CALENDAR,
    DO,
    HAVE,
    PERSON_NOUNS,
    Role,
    Word,
    is_adjective,
    singular,
    words_of,
)
from askscwru.index.lexical import analyse


class PhraseClass(StrEnum):
    """What may take the place of what: each only that of its own sort."""

    PEOPLE = "people"
    """Whoever does or undergoes something: persons, groups and organisations."""
    NAME = "name"
    """A place, a law, a work: what has a name and is nobody."""
    THING = "thing"


@dataclass(frozen=True, slots=True)
class Slot:
    """A noun phrase of a question, without the phrases that prepositions tie to it."""

    first: int
    last: int
    """From one word to before another."""
    phrase: Phrase
    before: str
    """The preposition before it, in lower case; empty where there is none."""
    tied: bool
    """Whether "of", "for" or "to" ties something to it: it is a property of that."""
    counted: bool
    """Whether the question asks how many there are."""
    asked: bool = False
    """Whether the question asks which it is."""
    described: bool = False
    """Whether the question says nothing of it but what it is like: "are the tips useful?"."""


_PEOPLE = frozenset(
    """people adult child family professional man woman council organisation organization provider
    parent patient group student authority resident staff government charity agency company union
    museum library church club shop business prison court bank farm college clinic surgery team
    home hospital university school unit department employer commissioner public person
    trust body board regulator sector soldier lawyer passenger veteran youngster pensioner
    individual household kid mum dad gran nan grandad baby toddler teen partner friend mate
    neighbour guest wife husband son daughter sibling sister brother""".split()
)
_AGENTS = ("er", "or", "ist", "ian", "ee", "ant")
_NO_AGENTS = frozenset(
    """number paper centre center power order matter letter chapter computer factor border answer
    offer water summer winter quarter center term error floor door sector labour color behavior
    committee fee degree weather manner character register grant plant want list""".split()
)
_TYING = frozenset("of for to about".split())


def slots_of(parsed: Parsed, people: frozenset[str] = frozenset()) -> list[Slot]:
    """The places of a question, in their order."""
    words, found, at = parsed.words, [], 0
    while at < parsed.end:
        end = _run_end(parsed, at)
        if end > at:
            found.append(_slot(parsed, at, end, people))
        at = max(end, at + 1)
    return [slot for slot in found if any(w.role is Role.NOMINAL for w in words[slot.first :])]


def _run_end(parsed: Parsed, at: int) -> int:
    """Where the noun phrase that begins at a word ends; ``at`` itself where none begins."""
    words = parsed.words
    begins = words[at].role in (Role.DETERMINER, Role.NOMINAL) and at != parsed.verb
    if not begins or _is_measure(parsed, at) or _is_predicate(words, at):
        return at
    end, noun = at, False
    while end < parsed.end and end != parsed.verb:
        if at < parsed.subject[1] == end:
            break  # "are the tips | useful"
        word = words[end]
        if word.role is Role.NOMINAL:
            noun = True
        elif not _joins(words, end, noun=noun):
            break
        end += 1
    return end if noun else at


def _is_measure(parsed: Parsed, at: int) -> bool:
    """Whether a word is the "many" of "how many"."""
    first, last = parsed.asks
    return parsed.wh == "how" and first < at < last and parsed.words[at].low in ("many", "much")


def _is_predicate(words: Sequence[Word], at: int) -> bool:
    """Whether a word is an adjective that is said of what stands before it."""
    follows = words[at + 1] if at + 1 < len(words) else None
    alone = follows is None or follows.role is not Role.NOMINAL
    return at > 0 and is_adjective(words[at]) and alone


def _joins(words: Sequence[Word], at: int, *, noun: bool) -> bool:
    """Whether a word that is no noun goes on with the phrase: its article, a name's "for"."""
    word = words[at]
    if word.role is Role.DETERMINER:
        return not noun
    follows = words[at + 1] if at + 1 < len(words) else None
    inside = word.role is Role.PREPOSITION or word.low in ("and", "&")
    named = follows is not None and follows.capital and follows.low not in CALENDAR
    return inside and noun and words[at - 1].capital and named


def _slot(parsed: Parsed, first: int, last: int, people: frozenset[str]) -> Slot:
    words = parsed.words
    before = words[first - 1] if first else None
    preposition = before.low if before is not None and before.role is Role.PREPOSITION else ""
    follows = words[last] if last < len(words) else None
    after = words[last + 1] if last + 1 < len(words) else None
    tied = follows is not None and follows.low in _TYING and after is not None
    tied = tied and after is not None and after.role in (Role.NOMINAL, Role.DETERMINER)
    phrase = make_phrase(parsed.slice(first, last), people)
    counted = parsed.wh == "how" and first < parsed.asks[1]
    asked = parsed.wh in ("which", "what") and first < parsed.asks[1]
    begins = first == parsed.subject[0] < parsed.subject[1] < parsed.end
    be = parsed.auxiliary is not None and words[parsed.auxiliary].low in BE
    described = begins and be and parsed.verb is None
    return Slot(first, last, phrase, preposition, tied, counted, asked, described)


def sort_of(phrase: Phrase) -> PhraseClass:
    """What a phrase may take the place of."""
    if phrase.kind is PhraseKind.PERSON:
        return PhraseClass.PEOPLE
    head = head_word(words_of(phrase.text))
    if is_agent(phrase.head) and head is not None and head.tag.startswith("NN"):
        return PhraseClass.PEOPLE
    if phrase.kind is PhraseKind.NAME:
        letters = phrase.text.split()[-1]
        return PhraseClass.PEOPLE if letters.isupper() and len(letters) > 1 else PhraseClass.NAME
    return PhraseClass.THING


def is_agent(head: str) -> bool:
    """Whether a noun means somebody who does something, by its ending or from a short list."""
    one = {"men": "man", "women": "woman", "children": "child"}.get(head, singular(head))
    if one in _PEOPLE or one in PERSON_NOUNS:
        return True
    return len(one) > 4 and one.endswith(_AGENTS) and one not in _NO_AGENTS


def _surely_people(phrase: Phrase) -> bool:
    """Whether a phrase means people by more than the ending of its noun: "ledgers" end so too."""
    one = singular(phrase.head)
    return phrase.kind is not PhraseKind.THING or one in _PEOPLE or one in PERSON_NOUNS


def is_proper(phrase: Phrase) -> bool:
    """Whether a phrase is a name, be it a person's or a thing's: they often look alike."""
    return phrase.kind is not PhraseKind.THING and phrase.text[:1].isupper()


def likeness(new: Phrase, slot: Slot) -> float:
    """How well a phrase fits into a place: above 1 it surely does, below 0 it does not."""
    old = slot.phrase
    alike = 0.0
    was = (
        PhraseClass.NAME
        if slot.before in ("in", "at") and old.kind is PhraseKind.NAME
        else sort_of(old)
    )
    said, told = set(analyse(old.text)), set(analyse(new.text))
    shared = bool(said & told)
    if singular(old.head) == singular(new.head):
        alike += 1.5
    elif shared:
        alike += 1.0 if said != told else 2.0  # "home care" beside "care homes"
    if was is sort_of(new):
        alike += {PhraseClass.PEOPLE: 1.2, PhraseClass.NAME: 1.2, PhraseClass.THING: 0.6}[
            sort_of(new)
        ]
    else:
        both_named = is_proper(old) and is_proper(new)
        guessed = PhraseClass.PEOPLE in (was, sort_of(new)) and not _surely_people(
            old if was is PhraseClass.PEOPLE else new
        )
        alike += 1.0 if both_named and slot.before != "in" else 0.5 if guessed else -0.6
    if slot.counted and sort_of(new) is PhraseClass.THING:
        alike -= 0.6  # what is counted mostly stays: how many of them has another one?
    if slot.asked:
        alike -= 0.5  # "which towns …?": what is asked for mostly stays
    if sort_of(new) is was is PhraseClass.PEOPLE and is_proper(new) != is_proper(old):
        alike -= 0.4  # a name takes the place of a name
    if slot.before in ("in", "at") and sort_of(new) is PhraseClass.THING and not shared:
        alike -= 0.6  # where something is so, is mostly no thing
    definite = slot.described and is_property(new) and is_property(old)
    definite = definite or (is_property(old) and _is_compound(new) and _is_compound(old))
    if is_property(new):  # a property takes the place of a property
        alike += (
            1.0 if slot.tied and sort_of(old) is PhraseClass.THING else 0.0 if definite else -0.6
        )
    articles = ("a ", "an ")
    indefinite = old.text.lower().startswith(articles) and new.text.lower().startswith(articles)
    if indefinite or definite:
        alike += 0.4
    return alike + (0.2 if old.plural == new.plural else 0.0)


def is_property(phrase: Phrase) -> bool:
    """Whether a phrase names a property of something else: "the cost", "its risks"."""
    owned = phrase.text.lower().startswith(("the ", "its ", "their ", "all the "))
    return owned and sort_of(phrase) is PhraseClass.THING


_MEASURES = frozenset(
    "price cost fee charge deposit rent salary pay wage deadline date day time start end address "
    "postcode number phone email website name title age size length width height weight distance "
    "speed result outcome aim purpose reason cause risk benefit advantage disadvantage drawback "
    "limit finding conclusion rule requirement condition capacity opening hour location venue "
    "speaker author leader owner member topic subject theme method sample response history future "
    "impact effect consequence".split()
)


def is_measure(phrase: Phrase) -> bool:
    """Whether a phrase names what many things have: a price, a deadline, a leader."""
    return singular(phrase.head.lower()) in _MEASURES


def _is_compound(phrase: Phrase) -> bool:
    """Whether a phrase names a thing by two nouns: "the search box", not "the cost"."""
    if not is_property(phrase):
        return False
    words = words_of(phrase.text)[1:]
    return len(words) > 1 and all(w.role is Role.NOMINAL for w in words)


def best_slots(
    new: Phrase, parsed: Parsed, people: frozenset[str] = frozenset()
) -> list[tuple[float, Slot]]:
    """The places for a phrase, the likeliest first."""
    found = [(likeness(new, slot), slot) for slot in slots_of(parsed, people)]
    return sorted(found, key=lambda pair: (-round(pair[0], 3), pair[1].first))


def put_into(parsed: Parsed, slot: Slot, text: str, new: Phrase) -> str:
    """The question with other words in a place, its auxiliary agreeing with them."""
    words = parsed.words
    last = _with_tail(parsed, slot, text)
    if last == slot.last and slot.tied and words[last].low == "of" and not _is_of(slot, new):
        inside = slot.first < parsed.subject[1]
        last = max(last, parsed.subject[1] if inside else _tail(parsed, slot))
    start, end = words[slot.first].start, words[last - 1].end
    changed = f"{parsed.text[:start]}{text}{parsed.text[end:]}"
    at = parsed.auxiliary
    if at is None or not parsed.subject[0] <= slot.first < parsed.subject[1]:
        return changed
    if slot.first > parsed.subject[0]:
        return changed  # a phrase tied to the subject does not govern the verb
    auxiliary = agreeing(words[at].text, plural=new.plural)
    return f"{changed[: words[at].start]}{auxiliary}{changed[words[at].end :]}"


def _is_of(slot: Slot, new: Phrase) -> bool:
    """Whether a phrase may be one of what a place's own is one of: "cost" and "risks of mulch"."""
    alike = sort_of(new) is sort_of(slot.phrase)
    return is_property(new) or (
        alike and (sort_of(new) is not PhraseClass.PEOPLE or _surely_people(slot.phrase))
    )


def _tail(parsed: Parsed, slot: Slot) -> int:
    """Where what "of" ties to a place ends."""
    return next((s.last for s in slots_of(parsed) if s.first == slot.last + 1), slot.last)


def _with_tail(parsed: Parsed, slot: Slot, text: str) -> int:
    """Where a place ends: after what "with" ties to it too, where the new words have a "with"."""
    words, last = parsed.words, slot.last
    own = {word.low for word in words_of(text) if word.role is Role.PREPOSITION}
    if last < parsed.end and words[last].low in own:
        return next((s.last for s in slots_of(parsed) if s.first == last + 1), slot.last)
    return slot.last


_SINGULAR = {"do": "does", "are": "is", "were": "was", "have": "has"}
_PLURAL = {one: many for many, one in _SINGULAR.items()}


def agreeing(auxiliary: str, *, plural: bool) -> str:
    """An auxiliary in the number of its subject; as it is where it has no number."""
    low = auxiliary.lower()
    if low not in BE | DO | HAVE:
        return auxiliary
    other = (_PLURAL if plural else _SINGULAR).get(low, low)
    return other.capitalize() if auxiliary[:1].isupper() else other
