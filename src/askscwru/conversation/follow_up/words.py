"""The words of a question, each with the part that it plays; and the few hundred words this needs.

No tagger is loaded. English questions are regular enough that closed classes (determiners,
auxiliaries, prepositions, …), a list of common verbs and the order of the words tell subject, verb
and noun phrases apart nearly always. Where they do not, a reading comes out clumsy, is answered
badly and so loses against the others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

REMEMBERED = 4096
"""How many texts are kept taken apart: the same turns come up again with each question."""
WH = frozenset("what who whom whose which when where why how".split())
BE = frozenset("is are was were am be been being isn't aren't wasn't weren't".split())
DO = frozenset("do does did don't doesn't didn't".split())
HAVE = frozenset("has have had hasn't haven't hadn't".split())
MODAL = frozenset(
    "can could will would shall should may might must can't couldn't won't wouldn't "
    "shouldn't".split()
)
AUXILIARIES = BE | DO | HAVE | MODAL
DETERMINERS = frozenset(
    "the a an this that these those my your our their his her its some any every each no all both "
    "another several few either neither such many much".split()
)
PREPOSITIONS = frozenset(
    "of in on at to for from with by about into onto over under after before since until during "
    "between among against through towards toward within without across behind beyond near "
    "regarding concerning according per via as like than around despite besides alongside outside "
    "inside upon".split()
)
LINKING = frozenset("of for on about to with in by from at between among as".split())
"""Prepositions that may tie one noun phrase to another."""
PRONOUNS = frozenset(
    "i you he she it we they me him us them himself herself themselves itself myself yourself "
    "someone anyone everyone nobody somebody anybody everybody anything something nothing "
    "everything there here mine yours theirs hers ours".split()
)
CONJUNCTIONS = frozenset("and or but nor if because while although though whether so when".split())
ADVERBS = frozenset(
    "not also just only even still already now then again too very more most less least ever never "
    "always often usually else really actually exactly yet instead together later earlier recently "
    "currently ago once twice please well up out off down away back ok okay however anyway "
    "next particularly especially mainly mostly generally today".split()
)
ADJECTIVES = frozenset(
    "free good bad better best worse worst hard easy difficult important new old right wrong "
    "likely unlikely clear true false possible impossible sure able safe happy sad big small large "
    "high low long short cheap expensive open closed late early same different enough ready fair "
    "common rare patchy necessary popular successful "
    "closer nearer further older younger".split()
)
_ADJECTIVE_ENDINGS = ("ful", "able", "ible", "ous", "less", "ive")

_BASES = frozenset(
    """accept achieve act add address adopt advise affect agree aim allow answer appear apply argue
    arrange ask assess attend avoid base become begin believe belong benefit bring build buy call
    campaign care carry cause celebrate chair challenge change choose claim collect come commission
    compare complain complete conclude conduct consider consist consult contain continue contribute
    control cope cost count cover create criticise cut deal decide define deliver demand depend
    describe design develop die differ direct discover discuss do draw drive earn edit employ enable
    encourage end ensure estimate evaluate examine exist expect experience explain explore express
    face fail fall feel fight find finish fit focus follow forecast form fund gain get give go grow
    happen have hear help hold hope identify improve include increase influence inform interview
    introduce investigate invite involve join keep know lack last launch lead learn leave let lie
    like link list listen live look lose love made make manage matter mean measure meet mention
    miss move need note obtain offer open operate organise organize own pay perform plan play point
    prefer prepare present prevent produce promise promote propose protect prove provide publish
    put question raise reach read receive recommend record recruit reduce refer regulate rely remain
    remember replace report represent require research resemble respond result review rise risk run
    save say see seek seem sell send serve set share show speak spend stand start stay stop struggle
    study succeed suffer suggest support survey take talk teach tell tend test think train travel
    treat trust try turn understand undertake use value visit vote wait want warn win wish work
    worry write act check sell feed wear teach sing sleep eat drink drive fly buy close cross dance
    deserve deny destroy divide doubt draft dress drop enjoy enter escape exclude feature fill fix
    gather grant guess guide hang hate hire hunt ignore imagine imply impose inspect kill knock
    laugh lend lift limit lock mark marry mix name notice object observe oppose order owe pass pick
    plant possess praise predict press print process qualify quote rate recall recognise recognize
    reflect refuse reject release repair reply rescue reserve retire reveal ride sail seize
    separate settle shape shift sign solve sound split spread steal store strike supply suppose
    swim switch tackle target taste tend touch trace trade transform translate urge wander wash
    waste watch weigh welcome wonder""".split()
)
ALSO_NOUNS = frozenset(
    """benefit campaign care cause challenge change claim control cost cover cut deal demand design
    edit end estimate experience face fall fight focus forecast form fund gain help hope influence
    interview lack lead link list look measure need note offer pay plan point produce promise
    question record report request research respect result review rise risk run share start stay
    study support survey talk test train travel trust use value visit vote wait work""".split()
)
"""Base forms that are nouns as well: before another verb they are the noun."""
_IRREGULAR = frozenset(
    """become come forecast overcome became begun began broke broken brought built bought came chose
    chosen cost cut dealt did done
    drew drawn driven drove fell fallen felt found fought gave given gone got grew grown had heard
    held hit kept knew known laid led left lent let lost made meant met paid put ran read rose risen
    run said saw seen sent set shown sold spent spoke spoken stood taken taught thought told took
    understood undertaken undertook went won written wrote worn hurt born bust""".split()
)

PERSON_NOUNS = frozenset(
    """author writer blogger researcher professor doctor minister carer worker person man woman girl
    boy child parent mother father son daughter student teacher nurse manager director editor user
    client patient lady guy speaker presenter husband wife colleague friend founder leader
    politician tutor lecturer practitioner""".split()
)
POST_NOUNS = frozenset(
    "post blog article piece entry essay blogpost write-up text blog-post story page".split()
)
NUMBERS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty "
    "sixty hundred thousand million billion half third thirds quarter dozen per cent "
    "percent".split()
)


ORDINALS = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1, "other": 1,
}  # fmt: skip
LEAD = re.compile(
    r"^(?:(?:and|but|so|ok(?:ay)?|right|well|oh|hm+|also|then|now|yes|no|thanks|thank you|great|"
    r"interesting|i see|sorry)\b[\s,.!…–—-]*)+",
    re.IGNORECASE,
)
"""What a turn may open with before its question: "and", "ok, so"."""


class Role(StrEnum):
    """What a word does in a question."""

    WH = "wh"
    AUXILIARY = "auxiliary"
    VERB = "verb"
    DETERMINER = "determiner"
    PREPOSITION = "preposition"
    PRONOUN = "pronoun"
    CONJUNCTION = "conjunction"
    ADVERB = "adverb"
    NOMINAL = "nominal"
    """A noun, a name, a number, an adjective before a noun."""
    MARK = "mark"
    """Punctuation."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word (or mark) of a text."""

    text: str
    low: str
    """In lower case, with straight apostrophes."""
    start: int
    end: int
    role: Role

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[:1].isupper()


_TOKEN = re.compile(r"\w+(?:[’'./&-]\w+)*(?:[’'](?!\w))?|[^\w\s]")


@lru_cache(maxsize=REMEMBERED)
def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text; verbs are not told from nouns yet."""
    words: list[Word] = []
    for match in _TOKEN.finditer(text):
        shown = match.group()
        low = shown.lower().replace("’", "'")
        title = low == "a" and shown.isupper() and bool(words)
        role = Role.NOMINAL if title else _role(low)
        words.append(Word(shown, low, match.start(), match.end(), role))
    return tuple(_settled(words))


def _settled(words: list[Word]) -> list[Word]:
    """The words with "will" made a noun where it is one ("a political will towards …")."""
    for at in range(1, len(words)):
        word, before = words[at], words[at - 1]
        follows = words[at + 1].role if at + 1 < len(words) else None
        named = word.role is Role.PREPOSITION and word.capital and before.role is not Role.MARK
        if named and follows is Role.NOMINAL and words[at + 1].capital:
            words[at] = replace(word, role=Role.NOMINAL)  # a name begins so: "In Control"
        noun = before.role is Role.NOMINAL and follows is Role.PREPOSITION
        if word.low in ("will", "might") and noun:
            words[at] = replace(word, role=Role.NOMINAL)
    return words


_CLASSES = (
    (WH, Role.WH),
    (AUXILIARIES, Role.AUXILIARY),
    (PRONOUNS, Role.PRONOUN),
    (DETERMINERS, Role.DETERMINER),
    (PREPOSITIONS, Role.PREPOSITION),
    (CONJUNCTIONS, Role.CONJUNCTION),
    (ADVERBS, Role.ADVERB),
)
"""The closed classes; a word that stands in several is taken for the first."""


def _role(low: str) -> Role:
    if not any(c.isalnum() for c in low):
        return Role.MARK
    return next((role for words, role in _CLASSES if low in words), Role.NOMINAL)


def is_base(low: str) -> bool:
    """Whether a word may be a verb's base form ("use")."""
    return low in _BASES


def is_finite(low: str) -> bool:
    """Whether a word may be a verb in the present or past ("uses", "used", "went")."""
    return low in _IRREGULAR or _inflected(low, ("s", "es", "ed", "d"))


def is_verb_after(low: str, noun: str) -> bool:
    """Whether a word is the verb of the noun before it, by their number and its tense.

    "people use", "study supports" and "providers went" are a noun and its verb; "social care",
    "care providers" and "support plans" are nouns.
    """
    if is_base(low):
        return is_plural(noun) and not is_plural(low)
    return is_finite(low) and (not is_plural(low) or not is_plural(noun))


def is_participle(low: str) -> bool:
    """Whether a word looks like a participle ("used", "using", "written")."""
    return low in _IRREGULAR or (len(low) > 4 and low.endswith(("ed", "ing")))


def _inflected(low: str, endings: tuple[str, ...]) -> bool:
    for ending in endings:
        stem = low.removesuffix(ending)
        if stem == low or not stem:
            continue
        if stem in _BASES or (stem[-1] == "i" and f"{stem[:-1]}y" in _BASES):
            return True
        if len(stem) > 2 and stem[-1] == stem[-2] and stem[:-1] in _BASES:
            return True
    return False


def is_adjective(low: str) -> bool:
    """Whether a word is an adjective that may follow its noun ("tests useful for …")."""
    if low in ADJECTIVES or (len(low) > 5 and low.endswith(_ADJECTIVE_ENDINGS)):
        return True
    return low.removesuffix("er") in ADJECTIVES or f"{low.removesuffix('ier')}y" in ADJECTIVES


def is_plural(noun: str) -> bool:
    """Whether a noun is in the plural, by its ending."""
    low = noun.lower().replace("’", "'").removesuffix("'s").removesuffix("'")
    if low in {"people", "children", "women", "men", "data", "media", "criteria", "colleagues"}:
        return True
    return (
        len(low) > 3 and low.endswith("s") and not low.endswith(("ss", "us", "is", "ics", "ness"))
    )


def singular(noun: str) -> str:
    """A plural noun in the singular, well enough to be searched for."""
    if noun.endswith("ies") and len(noun) > 4:
        return f"{noun[:-3]}y"
    if noun.endswith(("sses", "shes", "ches", "xes")):
        return noun[:-2]
    return noun[:-1] if is_plural(noun) and noun.endswith("s") else noun
