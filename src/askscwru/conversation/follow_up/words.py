"""The words of a question, each with the part that it plays.

Closed classes (determiners, auxiliaries, prepositions, …) are lists; whether any other word is a
noun, a verb or an adjective where it stands, the tagger tells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from askscwru.conversation.follow_up.tagger import BE as BE
from askscwru.conversation.follow_up.tagger import DO as DO
from askscwru.conversation.follow_up.tagger import HAVE as HAVE
from askscwru.conversation.follow_up.tagger import MODAL as MODAL
from askscwru.conversation.follow_up.tagger import VERBS, tagger
from askscwru.days import MONTHS, WEEKDAYS

REMEMBERED = 4096
"""How many texts are kept taken apart: the same turns come up again with each question."""
WH = frozenset("what who whom whose which when where why how".split())
_DETERMINING_WH = frozenset(("what", "which", "whose"))
AUXILIARIES = BE | DO | HAVE | MODAL
DETERMINERS = frozenset(
    "the a an this that these those my your our their his her its some any every each no all both "
    "another several few either neither such many much".split()
)
PREPOSITIONS = frozenset(
    "of in on at to for from with by about into onto over under after before since until till "
    "during between among against through towards toward within without across behind beyond near "
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
CONJUNCTIONS = frozenset(
    "and & or but nor if because while although though whether so when".split()
)
ADVERBS = frozenset(
    "not also just only even still already now then again too very more most less least ever never "
    "always often usually else really actually exactly yet instead together later earlier recently "
    "currently ago once twice please well up out off down away back ok okay however anyway "
    "next particularly especially mainly mostly generally today".split()
)
PERSON_NOUNS = frozenset(
    """author writer blogger researcher professor doctor minister carer worker person man woman girl
    boy child parent mother father son daughter student teacher nurse manager director editor user
    client patient lady guy speaker presenter husband wife colleague friend founder leader
    politician tutor lecturer practitioner""".split()
)
PERSONAL_VERBS = (
    "think believe know want wish hope fear worry decide choose agree disagree argue complain "
    "promise refuse admit deny claim say tell ask answer reply explain recommend suggest advise "
    "encourage warn invite thank blame praise speak talk discuss write teach earn buy borrow hire "
    "employ recruit resign retire quit leave join volunteer attend visit travel marry vote "
    "campaign protest negotiate intend try attempt understand remember forget feel enjoy apologise "
    "insist propose request demand persuade congratulate hesitate regret study send receive hold "
    "organise organize run pay publish announce launch learn train help support"
)
"""What persons and bodies do and things do not, in the base form."""
POST_NOUNS = frozenset(
    "post blog article piece entry essay blogpost write-up text blog-post story page".split()
)
NUMBERS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty "
    "sixty hundred thousand million billion half third thirds quarter dozen per cent "
    "percent".split()
)
_FORMED = re.compile(
    r"(?:tion|sion|ment|ness|ity|ism|ing|ance|ence|ship|hood|ology|ery|ure|ical|al)s?\Z",
    re.IGNORECASE,
)
WHOEVER = frozenset("any every each no".split())
"""Of "any carer who lives here" nothing more is asked."""
CALENDAR = frozenset(name.lower() for name in (*MONTHS, *WEEKDAYS))

ORDINALS = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1, "other": 1,
}  # fmt: skip
LEAD = re.compile(
    r"^(?:(?:and|but|so|ok(?:ay)?|right|well|oh|hm+|also|then|now|yes|no|thanks|thank you|great|"
    r"interesting|i see|sorry)\b[\s,.!…–—-]*)+",
    re.IGNORECASE,
)
"""What a turn may open with before its question: "and", "ok, so"."""


_PLEASANTRY = re.compile(
    r"^(?:(?:hi|hello|hey|good (?:morning|afternoon|evening))(?: there| all| everyone)?\b"
    r"[\s]*[,.!…–—-]+\s*|(?:many |great,? )?(?:thanks|thank you|thx|ty|cheers)"
    r"(?: (?:a lot|very much|so much|again|for (?:that|this|your help)))?\b[\s,.!…–—-]*|"
    r"(?:ok(?:ay)?|right|great|good|perfect|brilliant|lovely|fine|nice|interesting|i see|got it|"
    r"understood)\b(?:[\s]*[,.!…–—-]+\s*|\s+(?=(?:and|so|but|then|thanks|thank you)\b)))+"
    r"(?:(?:and|so|but|then)\b[\s,]*)?",
    re.IGNORECASE,
)
_ASKING = 3


def without_pleasantry(question: str) -> str:
    """A question without the thanks or the assent before it: "thanks! and when is the supper?".

    What is left over must ask something by itself; otherwise nothing is taken away.
    """
    rest = _PLEASANTRY.sub("", question)
    return rest if len(rest.split()) >= _ASKING else question


YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b(?!-\w)")


SPANS = r"(?:year|month|week|term|season|quarter|decade|century|spring|summer|autumn|winter|time)"
DAYS = (
    r"(?:weekdays?|weekends?|(?:bank|public|school) holidays?|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mornings?|evenings?|afternoons?)"
)
TIME_SAID = re.compile(
    r"\s+(?:(?:in|during|for|since|by|of) (?:(?:early|late|mid)[ -])?(?:1[5-9]|20)\d\d\b(?![-–]\d)|"
    rf"(?:in )?(?:(?:last|this|next)|the (?:previous|following|same)) {SPANS}\b|"
    rf"(?:on|at|during|over|in) (?:an? |the )?{DAYS}\b(?!\s+(?!in\b|at\b|on\b|for\b)[a-z])|"
    r"(?:now|today|nowadays|currently|at the moment|these days)(?=[\s?.!]*$))",
    re.IGNORECASE,
)
"""Where a question says when, with the space before it."""


class Role(StrEnum):
    """What a word does in a question."""

    WH = "wh"
    AUXILIARY = "auxiliary"
    VERB = "verb"
    """A main verb, or a participle that is no adjective."""
    DETERMINER = "determiner"
    PREPOSITION = "preposition"
    PRONOUN = "pronoun"
    CONJUNCTION = "conjunction"
    ADVERB = "adverb"
    NOMINAL = "nominal"
    """A noun, a name, a number, an adjective."""
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
    tag: str = "NN"
    """Its part of speech, as ``tagger`` has them."""

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[:1].isupper()


_TOKEN = re.compile(
    r"(?:Dr|Mrs?|Ms|Prof|Revd?|St|Gen|Sen|Rep|Gov|Capt|Col|Hon|[A-Z])\.(?=\s+[A-Z])"
    r"|(?:[A-Z]\.){2,}|\w+(?:[’'./&-]\w+)*(?:[’'](?!\w))?|[^\w\s]"
)


def tokens(text: str) -> list[str]:
    """The words and marks of a text, in order."""
    return _TOKEN.findall(text)


@lru_cache(maxsize=REMEMBERED)
def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, with what each is there."""
    found = list(_TOKEN.finditer(text))
    tags = tagger().tag([match.group() for match in found])
    words: list[Word] = []
    for match, tag in zip(found, tags, strict=True):
        shown = match.group()
        low = shown.lower().replace("’", "'")
        words.append(Word(shown, low, match.start(), match.end(), Role.NOMINAL, tag))
    return tuple(replace(word, role=_role(words, at)) for at, word in enumerate(words))


def is_formed(noun: str) -> bool:
    """Whether a noun is formed of another word, as names hardly are: "personalisation"."""
    return _FORMED.search(noun) is not None


def words_of_phrase(text: str) -> tuple[Word, ...]:
    """The words of a noun phrase: none of them is its verb."""
    verb, noun = Role.VERB, Role.NOMINAL
    return tuple(replace(w, role=noun) if w.role is verb else w for w in words_of(text))


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
_NOUN_TAGS = ("NN", "NNS", "NNP", "NNPS", "CD")


def _role(words: Sequence[Word], at: int) -> Role:
    word = words[at]
    low, tag = word.low, word.tag
    if low not in CONJUNCTIONS and not any(c.isalnum() for c in low):
        return Role.MARK
    closed = next((role for listed, role in _CLASSES if low in listed), None)
    looks = tag in VERBS and not low.endswith("ing") and low != "not"
    if closed in (Role.PREPOSITION, Role.ADVERB) and looks:
        closed = None  # "what do they like"
    if closed is not None:
        return Role.NOMINAL if _is_noun_here(words, at, closed) else closed
    if tag in VERBS:
        return Role.VERB if _is_verb_here(words, at) else Role.NOMINAL
    adverb = tag.startswith("RB") and not word.capital and not _opens_compound(words, at)
    return Role.ADVERB if adverb else Role.NOMINAL


def _opens_compound(words: Sequence[Word], at: int) -> bool:
    """Whether a word that looks like an adverb is a noun before its noun: "home care"."""
    follows = words[at + 1] if at + 1 < len(words) else None
    known = tagger().lexicon.get(words[at].low, "").split("|")
    after_verb = at > 0 and words[at - 1].tag in VERBS
    return "NN" in known and not after_verb and follows is not None and follows.tag in ("NN", "NNS")


def _is_noun_here(words: Sequence[Word], at: int, closed: Role) -> bool:
    """Whether a word of a closed class is part of a name, or a noun: "In Control", "the will"."""
    word, before = words[at], words[at - 1] if at else None
    follows = words[at + 1] if at + 1 < len(words) else None
    if before is None:
        return False
    if word.low == "a":
        return word.text == "A"  # "Title A"
    if closed is Role.PREPOSITION and word.capital and follows is not None and follows.capital:
        return before.tag != "."
    if word.low == "till":
        return before.low in DETERMINERS
    return word.low in ("will", "might", "must") and word.tag in ("NN", "NNP")


def _is_verb_here(words: Sequence[Word], at: int) -> bool:
    """Whether a word that is tagged as a verb is one, and no participle before its noun."""
    word, before = words[at], words[at - 1] if at else None
    if before is None:
        return True
    if word.capital:
        return False
    if before.tag in ("DT", "PRP$", "POS"):
        return _after_demonstrative(words, at)
    if before.low in _DETERMINING_WH and at + 1 < len(words) and words[at + 1].low in DO | MODAL:
        return False  # "what concerns do they raise"
    auxiliary = before.low in AUXILIARIES
    after_verb = before.tag in VERBS and not auxiliary
    if word.tag in ("VB", "VBP"):
        return _is_bare_verb_here(words, at, after_verb=after_verb)
    if word.tag not in ("VBG", "VBN"):
        return True
    after = words[at + 1].tag if at + 1 < len(words) else "."
    noun = after in _NOUN_TAGS or after == "JJ"
    if word.tag == "VBN" and noun and at == 2 and words[0].low == "what" and before.low in BE:
        return False  # "what is augmented reality?" asks after a thing, not after what is done
    if word.tag == "VBG":
        if before.tag in ("IN", "CC", "TO") or _lacks_subject(words, at):
            return False  # "about commissioning", "what is commissioning"
    elif before.low == "to":
        return not noun
    return not (noun and (after_verb or before.tag in ("JJ", "CD", "IN", "CC")))


def _is_bare_verb_here(words: Sequence[Word], at: int, *, after_verb: bool) -> bool:
    """Whether a word that is tagged as a bare verb is one, and no noun or adjective."""
    word, before = words[at], words[at - 1]
    follows = words[at + 1] if at + 1 < len(words) else None
    if before.capital and not _may_be_verb(word):
        return False  # "with the Hedge Map app"
    if follows is not None and (_before_its_verb(word, follows) or _describes(word, follows)):
        return False
    demoted = after_verb and _before_its_verb(before, word)
    return demoted or not after_verb  # "use mulch"


_TAKE_A_VERB = frozenset("help let make makes made go come dare need".split())


def _before_its_verb(word: Word, follows: Word) -> bool:
    """Whether a word that looks like a verb is a noun before the verb: "does the app | run on"."""
    bare = word.tag in ("VB", "VBP") and follows.tag == "VB" and follows.low not in AUXILIARIES
    if not bare or word.low in AUXILIARIES or word.low in _TAKE_A_VERB:
        return False
    return not _may_be_verb(word)


def _may_be_verb(word: Word) -> bool:
    """Whether a word is unknown, or known as a verb's base form too."""
    known = tagger().lexicon.get(word.low, "")
    return not known or "VB" in known


_DESCRIBING = ("ive", "ous", "ful", "less", "able", "ible", "ic", "al", "ary")


def _describes(word: Word, follows: Word) -> bool:
    """Whether an unknown word is an adjective by its ending: "switch to responsive | design"."""
    if follows.tag not in _NOUN_TAGS or not word.low.endswith(_DESCRIBING):
        return False
    return word.low not in tagger().lexicon


def _after_demonstrative(words: Sequence[Word], at: int) -> bool:
    """Whether a participle is what is done to "these" or "that": "how were these solved?"."""
    asked = at >= 2 and words[at - 2].low in BE | HAVE
    ends = at + 1 == len(words) or words[at + 1].tag in (".", "IN", "TO", "RB")
    return (
        asked
        and ends
        and words[at].tag in ("VBN", "VBD")
        and words[at - 1].low in ("this", "that", "these", "those")
    )


def _lacks_subject(words: Sequence[Word], at: int) -> bool:
    """Whether a word after "is" or "are" must be the subject: "why are running costs …"."""
    if at < 2 or words[at - 1].low not in BE or words[at - 2].low not in WH:
        return False
    ends = at + 1 == len(words) or words[at + 1].tag in (".", "IN")
    return words[at - 2].low not in ("who", "which", "what") or (
        words[at - 2].low == "what" and ends
    )


def is_base(word: Word) -> bool:
    """Whether a word is a verb's base form ("use")."""
    return word.tag in ("VB", "VBP") and word.role is Role.VERB


def is_past(word: Word) -> bool:
    """Whether a word is a verb in the past or a participle ("used", "went", "written")."""
    return word.tag in ("VBD", "VBN") and word.role is Role.VERB


def is_participle(word: Word) -> bool:
    """Whether a word is a participle ("used", "using", "written")."""
    return word.tag in ("VBN", "VBG", "VBD") and word.role is Role.VERB


def is_adjective(word: Word) -> bool:
    """Whether a word is an adjective."""
    return word.tag in ("JJ", "JJR", "JJS") and word.role is Role.NOMINAL


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


def said_when(question: str) -> str:
    """The words of a question that say when, with the space before them; empty where none do."""
    found = TIME_SAID.search(question)
    return found.group() if found else ""
