"""Pronouns, demonstratives and bare definite phrases, and what they may stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from askscwru.conversation.follow_up.context import APART, PRONOUN_OF, Context, Mention
from askscwru.conversation.follow_up.phrases import (
    Parsed,
    Phrase,
    PhraseKind,
    is_institution,
    parse,
)
from askscwru.conversation.follow_up.slots import agreeing, is_agent
from askscwru.conversation.follow_up.tagger import tagger
from askscwru.conversation.follow_up.words import (
    BE,
    CALENDAR,
    DO,
    LINKING,
    PERSONAL_VERBS,
    POST_NOUNS,
    YEAR,
    Role,
    Word,
    is_adjective,
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
    sorts: str = ""
    """What stands between "the" and its noun and says of what sort it is."""
    definite: bool = False
    """Whether it is "the" with a noun: it may well need no antecedent."""
    pronoun: str = ""
    """The personal pronoun, in lower case."""
    run: bool = False
    """Whether it is asked who runs it, or leads it: a thing is, and nothing that was said."""


_PERSONS = {"he": False, "she": False, "him": False, "his": True, "hers": False, "her": False}
_PLURALS = {"they": False, "them": False, "their": True, "theirs": False}
_THINGS = {"it": False, "its": True}
COLLECTIVE = frozenset(
    "government council unit team group committee organisation organization authority company "
    "society charity department agency panel board network family press nhs association "
    "party".split()
)
_PLACES = frozenset(
    "conference seminar event meeting workshop university centre center city country town place "
    "hospital home school council workshop launch festival office region area".split()
)
_GOING = frozenset(
    "go went gone going come came coming get got travel travelled move moved".split()
)
"""Verbs after which "there" says where to."""
_HERE = frozenset("page pages site website blog screen".split())
_MAKES = frozenset("make makes made making find finds found think thinks keep keeps".split())
WEATHER = frozenset(
    "rain rains rainy raining snow snows snowy snowing icy frosty foggy windy stormy sunny "
    "pouring freezing wet".split()
)
_SAID_OF_CLAUSES = frozenset("time like ok enough use worth fun point sense".split())
_GENERIC = frozenset("one ones thing things case way point time year day".split())
_COLLECTED = POST_NOUNS | {"author", "writer", "blogger"}
"""In the plural they are all that there are: "what do the posts say about …"."""
_UNIQUE = frozenset(
    "government public state world internet media economy environment past future present law "
    "sector nhs".split()
)
"""With "the" they mean what everybody knows, whatever was said before."""
_ANYBODY = {"person": "", "people": "", "man": "he", "men": "", "woman": "she", "women": ""}
"""Nouns that say no more of whom they mean than a pronoun, by that."""
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
    if follows is not None and follows.low == "own" and at and words[at - 1].low in ("on", "of"):
        return None  # "on her own"
    if low in _PERSONS:
        owner = _PERSONS[low] or (
            low == "her" and follows is not None and follows.role is Role.NOMINAL
        )
        return Anaphor(at, at + 1, Sort.PERSON, owner, pronoun=low)
    if low in _PLURALS:
        return Anaphor(at, at + 1, Sort.PLURAL, _PLURALS[low], pronoun=low)
    if low in _THINGS:
        if low == "it" and _expletive(words, at):
            return None
        return Anaphor(at, at + 1, Sort.THING, _THINGS[low])
    if low in ("this", "that", "these", "those"):
        return _demonstrative(words, at)
    if low == "there" and not _existential(words, at):
        done = at > 0 and words[at - 1].role is Role.VERB
        loose = (Role.ADVERB, Role.CONJUNCTION, Role.PREPOSITION, Role.PRONOUN)
        last = follows is None or follows.role is Role.MARK or (done and follows.role in loose)
        return Anaphor(at, at + 1, Sort.PLACE) if last else None
    if low == "the":
        return _definite(words, at)
    return None


def _demonstrative(words: Sequence[Word], at: int) -> Anaphor | None:
    low = words[at].low
    before = words[at - 1] if at else None
    follows = words[at + 1] if at + 1 < len(words) else None
    noun_before = before is not None and before.role in (Role.NOMINAL, Role.PRONOUN)
    if low == "that" and noun_before and follows is not None and follows.role is not Role.MARK:
        return None  # a relative clause, or "said that …"
    end = at + 1
    finite = ("VBD", "VBZ", "VBP")  # "those | went to carers"
    while end < len(words) and words[end].role is Role.NOMINAL and words[end].tag not in finite:
        end += 1
    if end > at + 1 and not is_adjective(words[end - 1]):
        noun = words[end - 1].low
        if (low in ("this", "that") and is_plural(noun)) or noun in _HERE:
            return None  # "shows that people …"; "on this page"
        if low == "that" and at and words[at - 1].role is Role.VERB and _has_verb(words, end):
            return None  # "shows that care is …"
        if end == at + 2 and noun in _ANYBODY:
            several = low in ("these", "those")
            sort = Sort.PLURAL if several else Sort.PERSON
            return Anaphor(at, end, sort, pronoun="they" if several else _ANYBODY[noun])
        return Anaphor(at, end, Sort.NOUN, noun=noun)
    if follows is not None and follows.low in ("one", "ones"):
        return Anaphor(at, at + 2, Sort.EVENT)
    plural = low in ("these", "those")
    run = before is not None and bool(_RUNS.intersection((before.low, singular(before.low))))
    if (
        low == "those"
        and follows is not None
        and (is_adjective(follows) or follows.role in (Role.WH, Role.PREPOSITION, Role.VERB))
    ):
        return None  # "those eligible", "those who …"
    is_that = before is not None and before.low in BE  # "is that the full post"
    if follows is not None and follows.role in (Role.PRONOUN, Role.DETERMINER) and not is_that:
        return None  # a conjunction: "the claim that it …"
    return Anaphor(at, at + 1, Sort.PLURAL if plural else Sort.EVENT, run=run)


_RUNS = frozenset("run lead organise organize manage chair host teach book join hire use".split())
"""What is done to a group or a thing, and to nothing that was said."""


def _has_verb(words: Sequence[Word], at: int) -> bool:
    return at < len(words) and words[at].role in (Role.AUXILIARY, Role.VERB)


def _definite(words: Sequence[Word], at: int) -> Anaphor | None:
    """A "the" with a noun or two and nothing that says which one is meant."""
    end = at + 1
    while end < len(words) and words[end].role is Role.NOMINAL:
        end += 1
    nouns = words[at + 1 : end]
    if not 1 <= len(nouns) <= 2 or nouns[-1].low in _GENERIC | _UNIQUE:
        return None
    tied = end < len(words) and _tells_which(words[end])
    if tied or any(word.capital for word in nouns) or is_adjective(nouns[-1]):
        return None
    if is_plural(nouns[-1].low) and singular(nouns[-1].low) in _COLLECTED:
        return None
    sorts = " ".join(word.low for word in nouns[:-1])
    return Anaphor(at, end, Sort.NOUN, noun=nouns[-1].low, sorts=sorts, definite=True)


def _tells_which(word: Word) -> bool:
    """Whether what begins with a word says which thing is meant: "the report on …"."""
    opens = word.low in LINKING or word.low in ("that", "who", "which", "where", "and", "or")
    return opens or (word.role is Role.VERB and word.tag in ("VBN", "VBG"))


def _expletive(words: Sequence[Word], at: int) -> bool:
    """Whether "it" stands for nothing: "is it hard to …", "does it matter that …"."""
    before = words[at - 1].low if at else ""
    rest = words[at + 1 :]
    lows = [word.low for word in rest]
    acts = next((w.low for w in rest if w.role is not Role.ADVERB), "")
    clause = [low for low in lows if low in ("to", "that", "whether", "if", "for", "how", "when")]
    if any(low in WEATHER for low in lows[:4]):
        return True
    if before in BE | _MAKES or (lows and lows[0] in BE):
        near = [w for w in rest if w.role is not Role.ADVERB or is_adjective(w)][:3]
        said = any(is_adjective(w) or w.low in _SAID_OF_CLAUSES for w in near)
        participle = len(rest) > 1 and rest[0].tag in ("VBG", "VBN") and _opens_clause(rest, 1)
        return bool(clause) and (said or (participle and lows[0] != "going"))
    if before in DO or acts in ("takes", "took"):
        verbs = ("matter", "take", "takes", "took", "help", "seem", "mean", "cost", "pay")
        return acts in verbs and any(x in ("to", "that", "if") for x in lows[1:])
    return False


def _opens_clause(words: Sequence[Word], at: int) -> bool:
    """Whether "that" or "to" opens a clause here: "known to be", but "compared to a mule"."""
    if words[at].low == "that":
        return True
    follows = words[at + 1] if at + 1 < len(words) else None
    return words[at].low == "to" and follows is not None and follows.tag in ("VB", "VBP")


def _existential(words: Sequence[Word], at: int) -> bool:
    before = words[at - 1].low if at else ""
    after = words[at + 1].low if at + 1 < len(words) else ""
    return before in BE or after in BE or before in ("will", "has", "have", "had")


def _bound(parsed: Parsed, anaphor: Anaphor) -> bool:
    """Whether something earlier in the same question is what it stands for."""
    words = parsed.words
    if any(word.low in ".?!" for word in words[1 : anaphor.first]):
        return True  # an earlier sentence of the same question says it
    if anaphor.sort is Sort.NOUN:
        nouns = {singular(w.low) for w in words[: anaphor.first] if w.role is Role.NOMINAL}
        return singular(anaphor.noun) in nouns
    if anaphor.sort in (Sort.EVENT, Sort.PLACE):
        return False
    for at in range(anaphor.first - 1, -1, -1):
        word = words[at]
        if word.role is not Role.NOMINAL or (at + 1 < len(words) and _owns(word)):
            continue
        follows = words[at + 1]
        if follows.role is Role.NOMINAL and (word.capital or not follows.capital):
            continue  # not the noun of its phrase: "the Park | Service", but "the way | Finland"
        if at == parsed.verb or not _may_be(word, anaphor.sort):
            continue
        if at < parsed.asks[1] and parsed.subject[0] < parsed.subject[1] <= anaphor.last:
            continue  # "how many pieces of content do they have?", "how much is saved with it?"
        between = words[at + 1 : anaphor.first]
        apart = any(w.low in _CLAUSE_STARTS or w.low in ",;:–—-" for w in between)
        apart = apart or _holds_clause(between)
        if anaphor.owner or apart:
            return True
    return False


def _holds_clause(words: Sequence[Word]) -> bool:
    """Whether a subject and its verb stand among these: "the way | Finland is going about | it"."""
    subject = next((at for at, w in enumerate(words) if w.role is Role.NOMINAL), len(words))
    return any(w.role in (Role.AUXILIARY, Role.VERB) for w in words[subject:])


def _owns(word: Word) -> bool:
    return word.low.endswith(("'s", "s'"))


def _may_be(word: Word, sort: Sort) -> bool:
    if sort is Sort.PERSON:
        return word.capital or word.low in ("person", "man", "woman", "carer", "worker", "child")
    if sort is Sort.PLURAL:
        return is_plural(word.low)
    return not is_plural(word.low) and not is_adjective(word)


_OF_THINGS_TOO = frozenset(
    "leave go come run stop start return meet open close move change begin end offer".split()
)


_OF_PEOPLE = frozenset("find found use using plan planning look looking bring eat sleep".split())
"""What "they" do who are people: a study may find something, and so may it."""


@cache
def _personal() -> frozenset[str]:
    return frozenset(analyse(PERSONAL_VERBS))


def acts_as_person(parsed: Parsed, anaphor: Anaphor) -> bool:
    """Whether an anaphor does what only persons and bodies do: "why did they leave?"."""
    subject = parsed.subject == (anaphor.first, anaphor.last)
    if not subject or parsed.verb is None or is_passive(parsed, anaphor):
        return False
    verb = parsed.words[parsed.verb].low
    if anaphor.sort is Sort.THING and verb in _OF_THINGS_TOO:
        return False  # "where does it leave from?"
    if anaphor.pronoun == "they" and verb in _OF_PEOPLE:
        return True
    return bool(_personal() & set(analyse(parsed.words[parsed.verb].low)))


_THING_ACTS, _IT_ACTS = 0.15, 0.7
"""How well a thing goes with a verb of persons; what did something before may well be a being, and
"it" is nobody: the grant pays for something."""
_ONLY_TOLD = 0.35
"""How much a place is in view of "it", and an amount or a time, that only answered a question."""


def _as_told(sort: Sort, mention: Mention) -> float:
    """How well what was told in answer to "where", "when", "how" or "who" goes with an anaphor."""
    told = mention.told
    if not told or (sort is Sort.PLACE and told == "where") or sort is Sort.PERSON:
        return 1.0
    if sort is Sort.PLURAL and (told == "who" or is_agent(mention.phrase.head)):
        return 1.0
    if told == "who" and not mention.phrase.text.lower().startswith(("a ", "an ")):
        return 1.0  # a council may be who does something, and "it" too
    return _ONLY_TOLD


def _as_doer(mention: Mention, sort: Sort) -> float:
    """How well a mention goes with what only persons and bodies do."""
    phrase = mention.phrase
    somebody = (
        phrase.kind is not PhraseKind.THING
        or mention.acts
        or is_agent(phrase.head)
        or phrase.head in COLLECTIVE
        or is_institution(phrase.head)
    )
    return 1.0 if somebody else _IT_ACTS if sort is Sort.THING else _THING_ACTS


def is_passive(parsed: Parsed, anaphor: Anaphor) -> bool:
    """Whether something is done to the subject that an anaphor is: "where are they kept?"."""
    verb = parsed.verb
    subject = parsed.subject == (anaphor.first, anaphor.last)
    be = parsed.auxiliary is not None and parsed.words[parsed.auxiliary].low in BE
    return subject and be and verb is not None and parsed.words[verb].tag in ("VBN", "VBD")


# -- antecedents -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """An antecedent and how likely it is."""

    phrase: Phrase
    score: float
    whole: bool = True
    """Whether it can be put in the place of the anaphor; otherwise its words are only added."""


def antecedents(
    anaphor: Anaphor,
    context: Context,
    *,
    passive: bool = False,
    personal: bool = False,
    beside: str = "",
) -> list[Choice]:
    """What an anaphor may stand for, likeliest first.

    Args:
        anaphor: what is to be put in for.
        context: the turns before it.
        passive: whether it is the subject of a passive: "where are they kept?".
        personal: whether it does what only persons and bodies do.
        beside: the other words of its question: who is named there is not meant by "he" too.
    """
    if anaphor.sort is Sort.NOUN:
        found = _by_noun(anaphor, context)
    else:
        found = [
            Choice(
                mention.phrase,
                mention.weight
                * agreement(anaphor.sort, mention.phrase, anaphor.pronoun)
                * _parallel(anaphor, mention, context, passive=passive)
                * _as_told(anaphor.sort, mention)
                * (_as_doer(mention, anaphor.sort) if personal else 1.0)
                * (_COUNTED if _is_counted(anaphor, mention, context) else 1.0),
            )
            for mention in (*context.mentions, *(context.doers if personal else ()))
            if not _otherwise_called(anaphor.pronoun, mention.phrase, context)
            and not _said_again(mention, beside)
        ]
    found = _without_strangers(found, anaphor, context)
    found = [choice for choice in found if choice.score > 0.05]
    return sorted(found, key=lambda choice: -choice.score)


def _without_strangers(found: list[Choice], anaphor: Anaphor, context: Context) -> list[Choice]:
    """The choices without the authors of whom nobody spoke, where somebody else was named."""
    if anaphor.sort is not Sort.PERSON:
        return found
    strangers = {m.phrase.text for m in context.mentions if m.weight <= APART}
    strangers &= context.people
    others = any(
        one.phrase.kind is PhraseKind.PERSON and one.phrase.text not in strangers
        for one in found
        if one.score > _SPOKEN_OF
    )
    return [one for one in found if one.phrase.text not in strangers] if others else found


_SPOKEN_OF = 0.2
"""The score of an antecedent who was spoken of in this turn or the one before."""


def agreement(sort: Sort, phrase: Phrase, pronoun: str = "") -> float:
    """How well a phrase fits what an anaphor asks for, in [0, 1]."""
    if sort is Sort.PERSON:
        return _as_person(phrase, pronoun)
    kind, plural = phrase.kind, phrase.plural
    if phrase.head.lower() in CALENDAR or singular(phrase.head.lower()) in CALENDAR:
        return 0.0  # "there" is not in "Mondays and Thursdays"
    if sort is Sort.PLURAL:
        return _as_several(phrase, pronoun)
    if sort is Sort.PLACE:
        if phrase.head in _PLACES:
            return 1.0
        if kind is PhraseKind.THING and plural:
            return 0.3
        return {PhraseKind.PERSON: 0.0, PhraseKind.NAME: 0.8, PhraseKind.THING: 0.6}[kind]
    if kind is PhraseKind.PERSON:
        return 0.0 if sort is Sort.THING else 0.1
    if sort is Sort.THING:
        return 0.45 if plural else 1.0
    return 0.6 if plural else 1.0


def _as_several(phrase: Phrase, pronoun: str) -> float:
    """How well a phrase is what "they" or, where there is no pronoun, "these" may mean."""
    if phrase.plural:
        return 1.0 if is_agent(phrase.head) else 0.9
    if not pronoun:
        return 0.25  # "these" and "those" are several
    if phrase.head in COLLECTIVE or is_institution(phrase.head):
        return 0.6 if pronoun == "them" else 0.95
    if phrase.kind is PhraseKind.NAME:
        return 0.5 if pronoun == "them" else 0.75
    if phrase.kind is PhraseKind.PERSON:
        return 0.1 if _TITLE.match(phrase.text) else 0.3
    return 0.25


_TITLE = re.compile(
    r"(?:(?P<he>Mr|Sir|Lord|Baron|Father)|(?P<she>Mrs|Ms|Miss|Dame|Lady|Baroness|Sister)|Dr|Prof|"
    r"Professor|Rev)\b\.?\s",
)
_HE = frozenset("man boy father son husband guy king brother uncle grandfather grandson".split())
_SHE = frozenset("woman girl mother daughter wife lady queen sister aunt grandmother".split())


def _as_person(phrase: Phrase, pronoun: str) -> float:
    """How well a phrase is one person whom a pronoun may mean, by its title or noun."""
    if phrase.plural:
        return 0.0
    title = _TITLE.match(phrase.text)
    male = phrase.head in _HE or bool(title and title["he"])
    female = phrase.head in _SHE or bool(title and title["she"])
    if (female and pronoun in ("he", "him", "his")) or (male and pronoun in ("she", "her", "hers")):
        return 0.0
    if phrase.kind is PhraseKind.PERSON:
        return 1.0
    if phrase.kind is PhraseKind.NAME:
        return 0.7 if _could_be_person(phrase) else 0.0
    return 0.8 if is_agent(phrase.head) and phrase.head not in COLLECTIVE | _PLACES else 0.0


_COUNTED = 1.6
"""How much more what was asked after is in view of "they" than of "it"."""


def _is_counted(anaphor: Anaphor, mention: Mention, context: Context) -> bool:
    """Whether several are meant, and a mention is what the last question counted."""
    counted = mention.phrase.vague and mention.age == 0 and context.last_parsed.wh == "how"
    return anaphor.sort is Sort.PLURAL and mention.phrase.plural and counted


def _parallel(anaphor: Anaphor, mention: Mention, context: Context, *, passive: bool) -> float:
    """How well the places go together: who does something did something, and the reverse.

    Args:
        anaphor: the pronoun.
        mention: what it may stand for.
        context: the turns before it.
        passive: whether something is done to what the pronoun stands for.
    """
    if anaphor.sort is Sort.EVENT:  # "that" is what was said of the subject
        return 0.75 if mention.subject and not anaphor.run else 1.0
    if anaphor.sort is not Sort.PLURAL or anaphor.owner:
        return 1.0
    if not anaphor.pronoun:
        asked = context.last_parsed.subject  # so are "these" and "those"
        return 0.6 if mention.subject and asked[0] < asked[1] else 1.0
    if anaphor.pronoun == "they":
        if passive:
            return (1.2 if mention.subject else 1.0) if is_plural(mention.phrase.head) else 0.75
        head = mention.phrase.head
        does = is_agent(head) or is_institution(head) or mention.phrase.kind is not PhraseKind.THING
        return 1.2 if mention.subject else 1.0 if does else 0.75
    return 0.7 if anaphor.pronoun == "them" and mention.subject else 1.0


def _said_again(mention: Mention, beside: str) -> bool:
    """Whether a question names by itself what its pronoun would stand for."""
    if not beside or mention.phrase.kind is PhraseKind.THING:
        return False
    return bool(mention.stems) and mention.stems <= set(analyse(beside))


def _otherwise_called(pronoun: str, phrase: Phrase, context: Context) -> bool:
    """Whether a person was called by the other pronoun before: "she", who is no "him"."""
    called = context.called.get(phrase.text.lower(), "")
    return bool(called) and bool(pronoun) and called != PRONOUN_OF.get(pronoun, called)


def _could_be_person(phrase: Phrase) -> bool:
    letters = phrase.text.replace(".", "")
    tags = tagger().lexicon.get(phrase.text.lower(), "NNP").split("|")
    return not letters.isupper() and len(phrase.text.split()) == 1 and "NNP" in tags


def _by_noun(anaphor: Anaphor, context: Context) -> list[Choice]:
    """Phrases with the same noun take its place; others are added, if anything is needed."""
    noun, stems = anaphor.noun, set(analyse(anaphor.noun))
    sorts = set(analyse(anaphor.sorts))
    found = []
    for mention in context.mentions:
        phrase = mention.phrase
        if not sorts <= mention.stems:
            continue  # "the men's group" is not the bereavement group
        if phrase.head == noun or singular(phrase.head) == singular(noun):
            found.append(Choice(phrase, mention.weight * 1.2))
        elif stems & mention.stems:
            found.append(Choice(phrase, mention.weight, whole=False))
        elif (
            not anaphor.definite
            and mention.phrase.kind is not PhraseKind.PERSON
            and mention.age == 0
        ):
            found.append(Choice(phrase, mention.weight * 0.5, whole=False))
    return found


_BESIDE = re.compile(r"(?<=\w) (?:in|at|on|from|with|by|during|under|among) ", re.IGNORECASE)


def put_in(parsed: Parsed, anaphor: Anaphor, phrase: Phrase) -> str:
    """The question with a phrase in the place of an anaphor."""
    words = parsed.words
    before = parsed.text[: words[anaphor.first].start]
    after = parsed.text[words[anaphor.last - 1].end :]
    text = re.sub(r"^(?:its|their|his|her|our|your) ", "the ", phrase.text.strip(" ?.,;:"))
    if YEAR.search(f"{before} {after}"):
        text = " ".join(YEAR.sub("", text).split())  # "where was it in 2023?" of that of 2024
    if before.strip():  # "The venue" does not open the sentence any more
        text = re.sub(r"^(?:The|An?)(?= )", lambda found: found.group().lower(), text)
    if anaphor.owner:
        text = _BESIDE.split(text, maxsplit=1)[0]  # "the carers in this survey" own as carers
        text = re.sub(r"[’']s?$", "", text)
        text += "’" if text.endswith("s") else "’s"
    elif anaphor.sort is Sort.PLACE:
        named = phrase.kind is PhraseKind.NAME and not is_institution(phrase.head)
        near = words[max(anaphor.first - 2, 0) : anaphor.first]
        at = "in" if named and phrase.head not in _PLACES else "at"
        text = f"{'to' if any(w.low in _GOING for w in near) else at} {text}"
    else:
        text = re.sub(r"[’']s$", "", text)
    if anaphor.sort is Sort.THING and not anaphor.owner and phrase.plural and anaphor.first:
        auxiliary = words[anaphor.first - 1]  # "how much is it?" of flats
        agreed = agreeing(auxiliary.text, plural=True)
        before = f"{before[: auxiliary.start]}{agreed}{before[auxiliary.end :]}"
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
            passive = is_passive(parsed, anaphor)
            choices = [c for c in antecedents(anaphor, context, passive=passive) if c.whole]
            if len(choices) > skip:
                text = put_in(parsed, anaphor, choices[skip].phrase)
                break
        else:
            return text
    return text
