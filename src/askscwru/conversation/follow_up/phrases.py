"""A question's parts: its question phrase, auxiliary, subject, verb and noun phrases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from askscwru.conversation.follow_up.tagger import tagger
from askscwru.conversation.follow_up.words import (
    BE,
    DO,
    LINKING,
    MODAL,
    PERSON_NOUNS,
    REMEMBERED,
    Role,
    Word,
    is_adjective,
    is_base,
    is_participle,
    is_plural,
    words_of,
    words_of_phrase,
)
from askscwru.letters import fold
from askscwru.names import is_name

_LONGEST = 14
"""Words: a longer noun phrase is no antecedent."""
MEASURES = frozenset("many much long often old far big large few well soon high quickly".split())
"""What is asked for behind "how"."""


class PhraseKind(StrEnum):
    """What a phrase stands for."""

    PERSON = "person"
    NAME = "name"
    """A capitalised name that may be a person's or a thing's."""
    THING = "thing"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase that a pronoun may stand for."""

    text: str
    head: str
    """Its main noun, in lower case."""
    kind: PhraseKind
    plural: bool
    vague: bool = False
    """Whether it needs more words to say which one is meant: what a question asked after."""

    @property
    def words(self) -> frozenset[str]:
        """Its words in lower case."""
        return frozenset(word.low for word in words_of_phrase(self.text))


@dataclass(frozen=True, slots=True)
class Parsed:
    """A question taken apart; positions are into ``words``."""

    text: str
    words: tuple[Word, ...]
    asks: tuple[int, int]
    """From where to where the question phrase goes ("how many people"); equal where none is."""
    auxiliary: int | None
    """None where the question phrase is the subject ("who runs …"), or in no question."""
    subject: tuple[int, int]
    """Equal where there is none beside the question phrase."""
    verb: int | None
    """None where the verb is the auxiliary ("what is …")."""

    def slice(self, first: int, last: int) -> str:
        """The text from one word to before another."""
        if first >= last:
            return ""
        return self.text[self.words[first].start : self.words[last - 1].end]

    @property
    def wh(self) -> str:
        """The question word in lower case; empty in a yes-or-no question."""
        found = [w.low for w in self.words[slice(*self.asks)] if w.role is Role.WH]
        return found[0] if found else ""

    @property
    def end(self) -> int:
        """The position after the last word, marks at the end left out."""
        last = len(self.words)
        while last and self.words[last - 1].role is Role.MARK and self.words[last - 1].low in "?.!":
            last -= 1
        return last


@lru_cache(maxsize=REMEMBERED)
def parse(text: str) -> Parsed:
    """Takes a question apart; never fails, at worst it finds no parts."""
    words = words_of(text)
    first = _first(words)
    asks_end = _asks_end(words, first)
    at = asks_end
    auxiliary: int | None = None
    subject = (at, at)
    verb: int | None = None
    if at < len(words) and words[at].role is Role.AUXILIARY:
        auxiliary = at
        subject, verb = _subject(words, at)
    elif asks_end > first:
        while at + 1 < len(words) and words[at].role is Role.ADVERB:
            at += 1
        if at < len(words) and words[at].role is Role.VERB:
            verb = at
    return Parsed(text, words, (first, asks_end), auxiliary, subject, verb)


def _first(words: Sequence[Word]) -> int:
    """Where the question begins, after "and", "so", "ok"."""
    at = 0
    lead = (Role.CONJUNCTION, Role.ADVERB, Role.MARK)
    while at < len(words) and words[at].role in lead and words[at].low != "when":
        at += 1
    return at if at < len(words) else 0


def _asks_end(words: Sequence[Word], first: int) -> int:
    """Where the question phrase ends; ``first`` where the question has none."""
    at = first
    if at + 1 < len(words) and words[at].role is Role.PREPOSITION:
        at += 1  # "by how much", "until when"
    if at >= len(words) or not (words[at].role is Role.WH or words[at].low == "when"):
        return first
    low = words[at].low
    at += 1
    if low == "how" and at < len(words) and words[at].low in MEASURES:
        low = words[at].low
        at += 1
    if low not in ("what", "which", "whose", "many", "much", "few"):
        return at
    begun = at
    while at < len(words) and _in_noun_phrase(words, at, begun):
        at += 1
    return at


def _in_noun_phrase(words: Sequence[Word], at: int, begun: int) -> bool:
    word = words[at]
    if word.role is Role.NOMINAL:
        return True
    if at > begun and word.low in ("a", "an", "per", "each", "every"):
        return at + 1 < len(words) and words[at + 1].low in _WHILES  # "how many hours a week"
    if at > begun and (word.low == "and" or word.low in LINKING):
        follows = at + 1 < len(words) and words[at + 1].role in (Role.NOMINAL, Role.DETERMINER)
        if word.low not in ("of", "and"):
            verbs = (Role.AUXILIARY, Role.VERB)
            return follows and any(later.role in verbs for later in words[at + 1 :])
        return follows or (at + 1 < len(words) and words[at + 1].low == "us")
    if word.role in (Role.DETERMINER, Role.PRONOUN):
        return at > begun and words[at - 1].role is Role.PREPOSITION
    return word.low in ("more", "other") and at == begun


_WHILES = frozenset("second minute hour day night week month year".split())
_CLAUSE_ENDS = frozenset("? . ! , ; : – — when if because".split())


def _subject(words: Sequence[Word], auxiliary: int) -> tuple[tuple[int, int], int | None]:
    """The subject after an auxiliary, and where the main verb is."""
    kind = words[auxiliary].low
    begun = auxiliary + 1
    if begun < len(words) and words[begun].role is Role.PREPOSITION:
        return (begun, begun), None  # "how many were on …": the question phrase is the subject
    end = _clause_end(words, begun)
    verb = _main_verb(words, begun, end, kind)
    if verb is not None:
        return _trimmed(words, begun, verb), verb
    at = begun
    while at < end and not (kind in BE and at > begun and _is_predicate(words, at)):
        at += 1
    return _trimmed(words, begun, at), None


def _clause_end(words: Sequence[Word], begun: int) -> int:
    """Where the clause ends that begins at a word: at a mark, a conjunction, the next auxiliary."""
    for at in range(begun, len(words)):
        word = words[at]
        infinitive = words[at - 1].low == "to"
        if word.low in _CLAUSE_ENDS or word.role is Role.WH:
            return at
        if word.role is Role.AUXILIARY and not infinitive:
            return at
    return len(words)


def _main_verb(words: Sequence[Word], begun: int, end: int, auxiliary: str) -> int | None:
    """The verb that an auxiliary goes with; None where the auxiliary is all the verb there is."""
    verbs = [
        at for at in range(begun, end) if words[at].role is Role.VERB and words[at - 1].low != "to"
    ]
    if end < len(words) and words[end].role is Role.AUXILIARY and end > begun:
        verbs = [at for at in verbs if is_base(words[at]) and words[at - 1].role is Role.NOMINAL]
        if auxiliary not in DO | MODAL or words[end].low in ("have", "do", "be"):
            return None  # "what does it have to do": the next one is the verb
    if auxiliary in DO | MODAL:
        bare = [at for at in verbs if is_base(words[at])]
        verb = next(iter(bare or verbs), None)
        if verb is not None and verb > begun and _is_compound(words, verb, auxiliary_at=begun - 1):
            return verb + 1
        return verb
    return next((at for at in verbs if is_participle(words[at])), None)


_TAKES_A_VERB = frozenset("help helps let make have see hear watch go come dare need".split())


def _is_compound(words: Sequence[Word], verb: int, auxiliary_at: int) -> bool:
    """Whether what was taken for the verb belongs to the subject: "the sleep study | show".

    So it does before another verb, before a possible verb where it is none itself, and where the
    question asks for its object, which cannot stand behind it as well.
    """
    if verb + 1 >= len(words) or words[verb - 1].role is not Role.NOMINAL:
        return False
    known = tagger().lexicon
    word, after = words[verb], words[verb + 1]
    if word.low in _TAKES_A_VERB or "VB" not in known.get(after.low, "").split("|"):
        return False
    behind = words[verb + 2] if verb + 2 < len(words) else None
    if behind is not None and behind.role not in (Role.PREPOSITION, Role.ADVERB, Role.MARK):
        return False
    tags = known.get(word.low, "").split("|")
    asks_object = auxiliary_at > 0 and words[auxiliary_at - 1].low in ("what", "who", "whom")
    return after.tag == "VB" or "VB" not in tags or ("NN" in tags and asks_object)


def _is_predicate(words: Sequence[Word], at: int) -> bool:
    """Whether what is said of the subject begins here: "are carers | happy"."""
    word, before = words[at], words[at - 1]
    follows = words[at + 1] if at + 1 < len(words) else None
    if before.low in LINKING or before.role not in (Role.NOMINAL, Role.PRONOUN):
        return False
    if word.role is Role.DETERMINER:
        return True
    if is_adjective(word):
        noun = not is_adjective(before) or before.low.startswith("one")
        return noun and (follows is None or follows.role is not Role.NOMINAL)
    return word.role is Role.ADVERB and not (follows and is_participle(follows))


def _trimmed(words: Sequence[Word], first: int, last: int) -> tuple[int, int]:
    loose = (Role.ADVERB, Role.PREPOSITION, Role.CONJUNCTION, Role.MARK)
    while last > first and words[last - 1].role in loose:
        last -= 1
    while first < last and words[first].role in (Role.ADVERB, Role.MARK):
        first += 1
    return first, last


# -- noun phrases ----------------------------------------------------------------------------------


def noun_phrases(parsed: Parsed, people: frozenset[str] = frozenset()) -> list[Phrase]:
    """The noun phrases of a question that a later one may mean: the subject first.

    Args:
        parsed: the question.
        people: names that are known to be persons'.
    """
    spans: list[tuple[int, int]] = []
    first, last = parsed.subject
    there = first + 1 if there_is(parsed) else None
    if there:
        last = there
    elif first < last and parsed.words[first].low == "there":
        last = first + 1
    elif first < last:
        spans.append(parsed.subject)
    spans += _chunks(parsed, last if last > first else parsed.asks[1])
    first, last = parsed.asks
    inner = [at for at in range(first, last) if parsed.words[at].role is Role.NOMINAL]
    if inner and parsed.words[first].low != "how":
        spans.append((inner[0], last))
    elif len(inner) > 0 and parsed.wh == "how":
        spans.append((inner[-1] if len(inner) == 1 else _after_measure(parsed), last))
    found = [
        _of_what_there_is(parsed, *span, people)
        if span[0] == there
        else phrase_of(parsed, *span, people)
        for span in spans
    ]
    asked = len(spans) - 1 if spans and spans[-1][1] == parsed.asks[1] else None
    unique: dict[str, Phrase] = {}
    for at, phrase in enumerate(found):
        if phrase is not None:
            if at == asked:
                phrase = replace(phrase, text=_with_article(phrase.text), vague=True)
            unique.setdefault(phrase.text.lower(), phrase)
    return list(unique.values())


_ANY = frozenset("a an any some still also now currently".split())
"""What stands before a thing that it is asked whether there is."""


def there_is(parsed: Parsed) -> str:
    """What it is asked whether there is: "the choirs" of "are there any choirs?"; else empty."""
    first, last = parsed.subject
    there = first < last and parsed.words[first].low == "there"
    if not there or parsed.auxiliary is None or parsed.words[parsed.auxiliary].low not in BE:
        return ""
    return without_any(parsed, first + 1, parsed.end)


_ANYTHING = re.compile(r"(?:the )?(?:any|some)(?:thing|one|body|where)\b", re.IGNORECASE)


def anything(thing: str) -> bool:
    """Whether a phrase names nothing: of "is there anything for dads?" what there is is meant."""
    return _ANYTHING.match(thing) is not None


def without_any(parsed: Parsed, first: int, last: int) -> str:
    """A phrase with "the" for "any"."""
    behind = _behind_any(parsed, first, last)
    text = parsed.slice(behind, last)
    return f"the {text}" if text and behind > first else text and _with_article(text)


def _behind_any(parsed: Parsed, first: int, last: int) -> int:
    """Where a phrase goes on behind "a", "any", "still any"."""
    while first < last and parsed.words[first].low in _ANY:
        first += 1
    return first


def _of_what_there_is(
    parsed: Parsed, first: int, last: int, people: frozenset[str]
) -> Phrase | None:
    """The phrase of a thing that it is asked whether there is; None where it can be none."""
    behind = _behind_any(parsed, first, last)
    phrase = phrase_of(parsed, behind, last, people)
    rest = parsed.words[last : parsed.end]
    short = parsed.end - behind <= _SHORT_THING
    if short and all(w.role in _SAYS_WHICH or w.tag == "VBG" for w in rest):
        last = parsed.end  # "the flats going at the mill"
    if phrase is None:
        return None
    whole = make_phrase(without_any(parsed, first, last), people)
    return replace(whole, head=phrase.head, plural=phrase.plural)


_SHORT_THING = 7
_SAYS_WHICH = (Role.NOMINAL, Role.DETERMINER, Role.PREPOSITION)


def _with_article(text: str) -> str:
    first = words_of(text)[0]
    return text if first.capital or first.role is Role.DETERMINER else f"the {text}"


def _after_measure(parsed: Parsed) -> int:
    first, last = parsed.asks
    return next(
        (at for at in range(first + 1, last) if parsed.words[at].low not in MEASURES), last - 1
    )


def _chunks(parsed: Parsed, begun: int) -> list[tuple[int, int]]:
    """Noun phrases after a position, each with the phrases that prepositions tie to it."""
    words, last = parsed.words, parsed.end
    spans: list[tuple[int, int]] = []
    at = begun
    while at < last:
        if at == parsed.verb or words[at].role not in (Role.NOMINAL, Role.DETERMINER):
            at += 1
            continue
        if at and (words[at - 1].low, words[at].low) in _NO_THINGS:
            at += 1
            continue
        if words[at].tag == "VBG" and _has_object(words, at):
            at += 1  # "with uploading | a dataset": what is done is no thing
            continue
        end = _chunk_end(parsed, at, last)
        if any(words[i].role is Role.NOMINAL for i in range(at, end)):
            spans.append((at, end))
        at = max(end, at + 1)
    return spans


_NO_THINGS = frozenset(
    (verb, noun)
    for verb in ("take", "takes", "took", "taking", "taken")
    for noun in ("part", "place", "care", "charge", "notice", "turns", "time")
) | {("in", "charge"), ("at", "home"), ("in", "touch"), ("in", "advance"), ("on", "time")}
"""Words beside each other of which the second names nothing: "take part"."""


def _has_object(words: Sequence[Word], at: int) -> bool:
    """Whether what somebody does goes on with what it is done to: "uploading a dataset"."""
    return at + 1 < len(words) and words[at + 1].role is Role.DETERMINER


def _chunk_end(parsed: Parsed, at: int, last: int) -> int:
    words = parsed.words
    end = at
    while end < last and end != parsed.verb:
        word = words[end]
        follows = words[end + 1] if end + 1 < last else None
        if word.role in (Role.NOMINAL, Role.DETERMINER):
            tied = end > at and words[end - 1].role is not Role.NOMINAL
            title = end > at and words[end - 1].capital and follows is not None and follows.capital
            if word.role is Role.DETERMINER and end > at and not tied and not title:
                break
            end += 1
        elif end > at and follows is not None and word.low in (*LINKING, "and", "&"):
            if follows.role not in (Role.NOMINAL, Role.DETERMINER):
                break
            end += 1
        else:
            break
    return end


def phrase_of(
    parsed: Parsed, first: int, last: int, people: frozenset[str] = frozenset()
) -> Phrase | None:
    """The phrase from one word to before another; None where it can be no antecedent."""
    words = parsed.words[first:last]
    if not words or len(words) > _LONGEST or words[0].role is Role.PRONOUN:
        return None
    if not any(word.role is Role.NOMINAL for word in words):
        return None
    if any(word.low in "()[]{}" for word in words):
        return None
    if any(word.role in (Role.PRONOUN, Role.WH) for word in words):
        return None
    if words[0].low in ("this", "that", "these", "those", "any", "every", "no", "each"):
        return None
    head = head_word(words)
    if head is not None and is_adjective(head) and words[0].role is not Role.DETERMINER:
        return None
    text = parsed.slice(first, last)
    return make_phrase(text, people)


_SEVERAL_OF_A_KIND = re.compile(r"[A-Z]{2,}s")
"""Letters that abbreviate a noun, in the plural: "APIs"."""


def _are_several(noun: Word, text: str) -> bool:
    """Whether a capital makes no name of a noun: "APIs", "Interns" at the head of a sentence."""
    opens = text.startswith(noun.text) and noun.tag == "NNS" and is_plural(noun.low)
    return opens or _SEVERAL_OF_A_KIND.fullmatch(noun.text) is not None


@lru_cache(maxsize=REMEMBERED)
def make_phrase(text: str, people: frozenset[str] = frozenset()) -> Phrase:
    """A noun phrase from its words."""
    text = re.sub(r"[’']s?$", "", text.strip())
    words = words_of_phrase(text)
    head = head_of(words)
    base = _before_link(words)
    joined = any(word.low in ("and", "&") for word in base)
    named = [word for word in base if word.role is Role.NOMINAL]
    capital = bool(named) and all(word.capital for word in named)
    if len(named) == 1 and _are_several(named[0], text):
        return Phrase(text, head, PhraseKind.THING, True)
    several = re.split(r",\s*(?:and\s+)?|\s+and\s+|\s+&\s+", text)
    if all(is_person(name, people) for name in several):
        return Phrase(text, head, PhraseKind.PERSON, len(several) > 1)
    bare = text[: base[-1].end].strip() if base else text
    if capital and bare != text and is_person(bare, people):
        return Phrase(bare, head, PhraseKind.PERSON, False)  # "Ada Holm of the Guild"
    if head in PERSON_NOUNS and not capital:
        return Phrase(text, head, PhraseKind.PERSON, False)
    plural = is_plural(head) or (joined and not capital)
    if capital:
        # "Ely and Leeds" are two; "Marks & Spencer" is one.
        both = "&" not in text and joined and all(len(name.split()) == 1 for name in several)
        return Phrase(text, head, PhraseKind.NAME, both)
    return Phrase(text, head, PhraseKind.THING, plural)


def _before_link(words: Sequence[Word]) -> list[Word]:
    base: list[Word] = []
    for word in words:
        if word.role is Role.PREPOSITION and base:
            break
        base.append(word)
    return base


def head_word(words: Sequence[Word]) -> Word | None:
    """The main noun of a phrase: the last one before a preposition."""
    base = _before_link(words)
    nouns = [word for word in base if word.role is Role.NOMINAL]
    return nouns[-1] if nouns else (words[-1] if words else None)


def head_of(words: Sequence[Word]) -> str:
    """The main noun of a phrase in lower case; empty of no words."""
    head = head_word(words)
    return head.low if head else ""


_INSTITUTIONS = frozenset(
    """skills services service studies research unit centre center institute university college
    council trust foundation network conference society association hospital stadium act league
    journal press blog framework authority programme project study agency group team fund bank
    office party union school academy club house home homes care library shop store
    street road garden housing line helpline hub bus choir café cafe kitchen clinic surgery museum
    theatre""".split()
)
"""Words with which a name ends that is no person's."""


_LETTERS = re.compile(r"(?:^|\s)[A-Z]{3,}(?:\s|$)")
_OWNED = re.compile(r"[’']s?\s")
_TITLED = re.compile(r"(?:Mrs?|Ms|Miss|Dr|Prof|Professor|Sir|Dame|Revd?)\b\.? [A-Z][\w’'-]+$")


def is_institution(noun: str) -> bool:
    """Whether a noun ends the names of bodies that do things: "federation", "council"."""
    return noun in _INSTITUTIONS or noun.endswith(("tion", "ment", "ency", "ship"))


def is_person(name: str, people: frozenset[str] = frozenset()) -> bool:
    """Whether a phrase is a person's name: a known one, or two words or more that look like one."""
    if words_of(name.strip() or "x")[-1].low in _INSTITUTIONS:
        return False
    if _TITLED.match(name.strip()):
        return True
    if _LETTERS.search(name) or _OWNED.search(name):
        return False  # "PTSD Coach", "St. John's Ambulance"
    plain = fold(name.strip())
    if plain and any(plain == fold(known) or plain == fold(known).split()[-1] for known in people):
        return True
    # "Shared Lives", "Mental Health": where every word is a common one, it is a thing's name.
    common = all(tagger().is_ordinary(word.low) for word in words_of(name))
    return not common and is_name(name.strip())


_THE = re.compile(r"\bthe $", re.IGNORECASE)
CAPITALISED = re.compile(
    r"(?:(?:Dr|Prof|Professor|Mr|Mrs|Ms|Sir|Dame|Lord|Lady|Baroness|St)\.?\s+)?"
    r"(?:(?:[A-Z]\.){2,}|[A-Z][\w’'-]*\w)"
    r"(?:\s+(?:(?:of|the|for|and|de|van|von)\s+)*(?:St\.|(?:[A-Z]\.){2,}|[A-Z][\w’'-]*\w))*"
)
"""A run of words with capitals, and what joins them."""


def names_in(text: str, people: frozenset[str] = frozenset()) -> list[Phrase]:
    """The capitalised names in a passage of text, in their order.

    A capital that only opens a sentence makes no name.
    """
    found: dict[str, Phrase] = {}
    for match in CAPITALISED.finditer(text):
        name = match.group()
        single = len(name.split()) == 1
        name = re.sub(r"[’']s$", "", name) if single else name  # who owns something is named too
        opens = match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".!?:"
        role = words_of(name)[0].role
        if single and (opens or role is not Role.NOMINAL):
            continue
        if opens and role is not Role.NOMINAL and role is not Role.DETERMINER:
            name = name.split(maxsplit=1)[1]  # in the middle of a sentence "Sue" is no verb
        phrase = make_phrase(name, people)
        if phrase.kind is PhraseKind.PERSON and _THE.search(text[: match.start()]):
            phrase = replace(phrase, kind=PhraseKind.NAME)  # nobody is called "the Home Ledger"
        found.setdefault(name.lower(), phrase)
    return list(found.values())
