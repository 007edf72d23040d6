"""Whether a sentence can answer at all, as far as that is plain without reading it.

A question that asks for a telephone number is not answered by a count of homes, one about Monday
not by a sentence on Sunday, and none by a sentence that asks it itself. Whatever is said here of a
sentence is certain: it is never weighed against how well the sentence reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from askscwru.answering.accounting import FRAME, terms
from askscwru.answering.bounds import bounds
from askscwru.days import (
    MONTH,
    MONTHS,
    WEEKDAYS,
    days_between,
    months_between,
    shortened_days,
    tells_days,
    years_between,
    years_meant,
)
from askscwru.index.lexical import analyse
from askscwru.types import BlockKind

_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_DAYS = tuple(day.lower() for day in WEEKDAYS)
_ALL_MONTHS = frozenset(month.lower() for month in MONTHS)
_MONTHS = _ALL_MONTHS - {"may"}  # a verb as well
NUMBER = (
    r"\d|\b(?:no|none|nobody|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-\w+)?|"
    r"hundreds?|thousands?|millions?|billions?|dozens?|scores?|pair|couple|both|half|third|quarter|"
    r"several|few|many|most|majority|minority|all|every(?:body|one)?|single|only|once|twice)\b"
)
"""What counts things or people, in figures or words."""
_FORMS = tuple(
    (re.compile(asks, re.IGNORECASE), re.compile(answers, re.IGNORECASE))
    for asks, answers in (
        (r"\bhow (?:many|old)\b|\bwhat (?:is|was|are|were)? ?(?:the )?number of\b", NUMBER),
        (
            r"\b(?:what|which) (?:percentage|per cent|proportion|share|fraction) of\b",
            rf"%|\bper ?cent\b|{NUMBER}",
        ),
        (r"\b(?:tele)?phone number\b|\b(?:fax|mobile) number\b", r"\d(?:[\s()./-]{0,2}\d){4}"),
        (r"\be-?mail address\b", r"\w@\w|\w ?(?:\[at\]|\(at\)) ?\w"),
        (r"\b(?:web ?(?:site)? address|url)\b", r"https?:|www\.|\w\.[a-z]{2,}\b"),
        (
            r"\b(?:what|which) year\b",
            r"\b1\d{3}\b|\b20\d\d\b|\b(?:this|last|next|previous|same|following) year\b|'\d\d\b",
        ),
        (
            r"\bhow long\b(?!er)",
            r"\b(?:seconds?|minutes?|hours?|days?|weeks?|weekend|months?|years?|decades?|"
            r"centur\w+|lifetime|generations?|since|until|till|throughout|always|words?|pages?|"
            r"mil(?:es?)?|feet|foot|inch(?:es)?|yards?|k?m|(?:kilo|centi)?met(?:re|er)s?)\b"
            r"(?![ -]olds?\b)|\b\d{4}\b|\d(?:m|km|cm|ft|h|hrs?|min)\b",
        ),
        (
            r"\b(?:at )?what time\b",
            rf"{NUMBER}|o[’']clock|\b(?:noon|midday|midnight|dawn|dusk|morning|afternoon|evening|night)",
        ),
        (
            r"\bhow much (?:(?:does|did|do|will|would|is|was|are|were)\b.*\b)?"
            r"(?:costs?|charged?|paid|pay|money|rent|fees?)\b",
            rf"[£$€]|\b(?:free|nothing|pounds?|euros?|dollars?|pence|cents?)\b|{NUMBER}",
        ),
    )
)
"""What a question of a form asks for, and what alone can stand in an answer to it."""
_WH = r"^\W*(?:(?:and|so|but|then),? )?(?:who|whom|what|which|when|where)\b.*?"
_CONTRARIES = tuple(
    (re.compile(asks, re.IGNORECASE), re.compile(denies, re.IGNORECASE))
    for asks, denies in (
        (
            rf"{_WH}\b(?:may|can|"
            r"(?:is|are|was|were) (?:allowed|permitted|entitled|free|able) to)\b",
            r"\b(?:may|can|could|must|should|shall) ?not\b|\b(?:can|must|shouldn)[’']t\b|"
            r"\b(?:is|are|was|were) not (?:allowed|permitted|entitled|free|able)\b|"
            r"\b(?:forbidden|prohibited|banned|barred)\b",
        ),
        (
            rf"{_WH}\b(?:must|(?:has|have|had|needs?|needed) to|(?:is|are|was|were) required to)\b",
            r"\bneed ?not\b|\bneedn[’']t\b|\bnot (?:have|need) to\b|"
            r"[n’']t (?:have|need) to\b|\bnot required\b",
        ),
    )
)
_NOT = re.compile(r"\b(?:not|no|never|cannot)\b|n[’']t\b", re.IGNORECASE)
_MAY = re.compile(
    r"\b(?:may|can|must|(?:is|are|was|were) (?:allowed|permitted|entitled|free|able) to)\b",
    re.IGNORECASE,
)
_MAY_NOT = re.compile(
    rf"{_WH}(?:\b(?:may|can|must)\b(?: (?:\w+ ){{0,4}}?)?not\b|\b(?:cannot|(?:ca|must)n[’']t)\b|"
    r"\b(?:is|are|was|were) (?:\w+ ){0,4}?not (?:allowed|permitted|entitled|free|able)\b)",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:not|no|never|cannot|nobody|nothing|none|neither|nor|without|forbid\w*|forbade|"
    r"prohibit\w*|ban(?:s|ned)?|barred|excluded|refus\w+)\b|n[’']t\b",
    re.IGNORECASE,
)
_ASKS_WHAT_IS_DONE = re.compile(
    r"\W*(?:(?:and|so|but|then),? )?(?:who|whom|what|which|where|when)\b.*?"
    r"\b(?:do|does|did|will|would) [\w’'-]+ (.+)",
    re.IGNORECASE,
)
_IS_NOT_DONE = re.compile(
    r"\b(?:do|does|did|will|would)(?: not|n[’']t) (?:\w+ly )?([a-z]+)\b", re.IGNORECASE
)
_EXCEPTS = re.compile(
    r"\b(?:only|except|excepting|unless|until|but|apart from|other than|without|save for)\b",
    re.IGNORECASE,
)
_COUNTS = re.compile(r"\bhow many\b|\bnumber of\b", re.IGNORECASE)
_DATE = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH}(?:,? \d{{4}}\b)?|"
    rf"\b{MONTH} \d{{1,2}}\b(?:,? \d{{4}}\b)?|"
    rf"\b(?:in|since|by|until|before|after|during|early|late|{MONTH}) (?:1[5-9]|20)\d\d\b|"
    r"\b\d{1,2}[.:]\d\d\b",
    re.IGNORECASE,
)
_SERIES = tuple(
    tuple(words.split())
    for words in (
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
        "north south east west northeast northwest southeast southwest",
        "northern southern eastern western",
        "spring summer autumn winter",
        "primary secondary tertiary",
        "morning afternoon evening",
        "gold silver bronze",
        "largest smallest",
        "biggest smallest",
        "highest lowest",
        "longest shortest",
        "oldest youngest",
        "oldest newest",
        "best worst",
        "maximum minimum",
        "upper lower",
        "majority minority",
        "men women",
        "male female",
        "boys girls",
        "adult child",
        "adults children",
        "undergraduate postgraduate",
        "paid unpaid",
        "skilled unskilled",
        "formal informal",
        "internal external",
        "domestic foreign",
        "public private",
        "urban rural",
        "permanent temporary",
    )
)
"""Words of which one excludes the others where they tell the same things apart; ordinals first."""
_SERIES_OF: dict[str, list[tuple[int, str]]] = {}
"""By word, the series that it is of, and its name in them: of an ordinal the number."""
for _number, _series in enumerate(_SERIES):
    for _at, _word in enumerate(_series):
        _SERIES_OF.setdefault(_word, []).append((_number, _word if _number else str(_at + 1)))
_IN_FIGURES = re.compile(r"(\d{1,3})(?:st|nd|rd|th)")
_SPOKEN = re.compile(r"[^\W\d_]+|\d+(?:st|nd|rd|th)\b", re.IGNORECASE)
_BEHIND = 3
"""How many words behind one of a series may be what it tells apart."""
_YES_NO = re.compile(
    r"^\W*(?:(?:and|but|so|then|or|well|also|please|ok|hello|hi)\b\W*)*"
    r"(?:(?:in|at|on|by|for|since|after|before|during|according to) [^,?]{1,60}, )?"
    r"(?:is|are|am|was|were|do|does|did|can|could|will|would|shall|should|has|have|had|may|might|"
    r"must|(?:is|are|was|were|do|does|did|ca|could|wo|would|should|has|have|had|must)n['’]?t)\b",
    re.IGNORECASE,
)
_WH_ASKED = re.compile(r"\b(?:who|whom|whose|what|which|when|where|why|how)\b", re.IGNORECASE)
_TOLD_FIRST = re.compile(
    r"(?P<told>\W*(?:i|my|our|we|he|she|they|it|mum|dad|mother|father)"
    r"(?:[’']?(?:m|s|ve|re)| [\w’'-]+)\b.*?[\s,.;:–—-])"
    r"(?:is|are|am|do|does|did|can|could|will|would|shall|should|has|have|may|might|must)"
    r"(?:n[’']?t)? (?:i|we|he|she|they|it|you|my|our|there)\b",
    re.IGNORECASE,
)
"""A question behind what its user tells: "he is 58 can he come"."""
_ASKS_FOR_MORE = re.compile(
    r"\W*(?:(?:and|so|but|then),? )?(?:who|when|where|why)\b", re.IGNORECASE
)
_QUESTION = re.compile(r"\?[\W_]*$")
_BROKEN_OFF = re.compile(r"[,;][\s)\]”’\"']*$")
_ANNOUNCES = re.compile(
    r"\b(?:is|are|was|were|includes?|included|as follows|the following|below)\s*:\W*$",
    re.IGNORECASE,
)
_ASKS_OF_QUESTIONS = re.compile(
    r"\b(?:questions?|ask(?:s|ed|ing)?|wonder(?:s|ed|ing)?|titles?|titled|called|headings?|headed)\b",
    re.IGNORECASE,
)
_WHOSE_RELATION = re.compile(
    r"\W*(?:(?:and|so|but|then),? )?who (?:is|are|was|were) .+[’']s? ([a-z-]+)\W*\Z", re.IGNORECASE
)
_HOW_MANY = re.compile(
    r"\bhow many ((?:[\w’'-]+ ){1,5}?)"
    r"(?:are|is|were|was|do|does|did|have|has|had|can|could|will|would|may|might|must|should)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|"
    r"million|dozen))\b(?! per ?cent)(?: of)?(?: [\w’'-]+){0,2}? "
    r"(?:people|persons|men|women|children|[a-z][\w’'-]{2,}[a-rt-z]s)\b",
    re.IGNORECASE,
)
_ROW = re.compile(r"([^;:.!?]{1,80}); [^;:]{1,60}: [^;]*\d")
"""The row of a table, as it is told: what it is of, and what stands below each head."""
_WORD = re.compile(r"\w[\w’'-]*")
_COUNT_BEFORE = re.compile(rf"(?:{NUMBER}|\bnumbers? of\b)[^.;:!?]{{0,40}}$", re.IGNORECASE)
_NUMBERED = re.compile(r"\s(?:no\.? ?|number )?\d{1,4}[a-z]?\b(?!\.\d|%)", re.IGNORECASE)
_COUNT_BEHIND = re.compile(
    rf"[^.;!?]{{0,40}}?(?:\b(?:is|was|are|were|be|been|by|to|reached|totall?ed|numbered|of)\b|"
    rf"[(:,–—-])[^.;!?]{{0,20}}?(?!no )(?:{NUMBER})",
    re.IGNORECASE,
)
"""What may count a word, before it and behind it: "hens, but no geese" counts the geese."""


def is_yes_no(question: str) -> bool:
    """Whether a question asks for a yes or a no, be it behind what its user tells of themselves.

    "I'm 15, can I help?" does, and "Mum is out. Do I have to wait?".
    """
    if _YES_NO.match(question):
        return True
    told = _TOLD_FIRST.match(question)
    return told is not None and _WH_ASKED.search(told["told"]) is None


_DATED = re.compile(
    r"\b(?:(?:1[5-9]|20)\d\d|first|originally|was|were|did|had|before|earlier|ago|last|then|used)\b",
    re.IGNORECASE,
)
"""What a question has that asks how it was."""


def asks_how_it_was(question: str) -> bool:
    """Whether a question names a year, or asks how it was: then no post is out of date."""
    return _DATED.search(question) is not None


_NEAR = re.compile(
    r"\b(?:last|this|next) (?:year|month|week|term|season|spring|summer|autumn|winter)\b",
    re.IGNORECASE,
)


def _dates_of(text: str) -> tuple[frozenset[str], ...]:
    """The years, the days of the week, the months and such as "last year" that a text names."""
    words = frozenset(re.findall(r"\w+", text.lower()))
    years = frozenset(word for word in words if _YEAR.fullmatch(word))
    if years:
        years |= frozenset(map(str, years_between(text)))
    spanned = days_between(text) | months_between(text)
    words |= frozenset(map(str.lower, (*shortened_days(text), *spanned)))
    days = frozenset(day for day in _DAYS if {day, f"{day}s"} & words)
    near = frozenset(" ".join(found.group().lower().split()) for found in _NEAR.finditer(text))
    return years, days, words & _MONTHS, near


_YEAR_OF = re.compile(
    r"\b(?:the|our|this|its|their|an?|at|of) (?:1[5-9]|20)\d\d (?P<of>[a-z][\w-]+)", re.IGNORECASE
)


def _is_of_another_year(question: str, text: str) -> bool:
    """Whether a sentence is on the 2024 conference, and the conference of 2023 is asked about.

    What the post is called does not change that.
    """
    named = {term for found in _YEAR_OF.finditer(text) for term in analyse(found["of"])}
    return not named.isdisjoint(analyse(question))


def another_date(question: str, text: str, context: str, written: int | None = None) -> bool:
    """Whether a sentence speaks of another year, day or month than the one that is asked about.

    Args:
        question: names one, or not.
        text: the sentence.
        context: what its passage is about, which may name the one that is asked about.
        written: the year in which the post was published, which tells what "last year" means.
    """
    asked, said, about = _dates_of(question), _dates_of(text), _dates_of(context)
    tells = is_yes_no(question) and _tells_which(text)
    if asked[0] and not asked[0] & said[0] and _is_of_another_year(question, text):
        return True
    if written is not None and asked[0]:
        years = frozenset(map(str, years_meant(text, written)))
        if years and not said[0] and not asked[0] & years:
            return True  # of what the post is about it says another year by itself
        said = (said[0] | years, *said[1:])
    return any(
        wanted and own and not wanted & (own | known) and not (tells and kind in _TOLD_APART)
        for kind, (wanted, own, known) in enumerate(zip(asked, said, about, strict=True))
    )


_TOLD_APART = (1, 2)
"""Days and months, as ``_dates_of`` gives them."""
_ONLY = re.compile(r"\b(?:only|except|apart from|closed|all but)\b", re.IGNORECASE)


def _tells_which(text: str) -> bool:
    """Whether a text says on which days or in which months something is.

    So it says of any other that it is not then: "open Monday to Friday", of a Saturday.
    """
    return bool(
        tells_days(text) or months_between(text) or (_ONLY.search(text) and any(_dates_of(text)))
    )


@dataclass(frozen=True, slots=True)
class Form:
    """What alone can stand in a sentence that answers a question of a form."""

    pattern: re.Pattern[str]
    counts: bool
    """Whether it is a number of things: no date and no time of day is one."""

    def stands_in(self, text: str) -> bool:
        """Whether a text has it."""
        return self.pattern.search(_DATE.sub(" ", text) if self.counts else text) is not None


def form_wanted(question: str) -> Form | None:
    """What must stand in a sentence that answers; None where the question asks for no such form.

    Only a figure, a telephone number, an address, a year, a time or a sum answers some questions.
    """
    for asks, answers in _FORMS:
        if asks.search(question):
            return Form(answers, _COUNTS.search(question) is not None)
    return None


def says_the_contrary(question: str, text: str) -> bool:
    """Whether who or what may be asked for, and a sentence says alone who or what must not.

    The same for what must be done, and a sentence that says what need not; and for what may not be
    done, and a sentence that says what may.
    """
    if _EXCEPTS.search(text):
        return False
    if _NOT.search(question):
        refused = _MAY_NOT.search(question) is not None
        return refused and not _DENIES.search(text) and _MAY.search(text) is not None
    if any(asks.search(question) and denies.search(text) for asks, denies in _CONTRARIES):
        return True
    asked = _ASKS_WHAT_IS_DONE.match(question)
    if asked is None:
        return False
    done = set(analyse(asked[1]))
    return any(done.intersection(analyse(verb[1])) for verb in _IS_NOT_DONE.finditer(text))


def denied_above(question: str, heading: str) -> bool:
    """Whether the heading of a list denies its points, and nothing is denied in the question.

    "Lend you money" stands below "What she can't do".
    """
    return _DENIED.search(heading) is not None and _NOT.search(question) is None


_DENIED = re.compile(
    r"\b(?:what|who|where|when|things?|items?)\b.*\b(?:can ?not|"
    r"(?:do|does|will|must|may|is|are) not|(?:can|don|doesn|won|mustn|isn|aren)[’']t)\b"
    r"(?! (?:know|forget|miss|worry|need|have to))|"
    r"\A\W*not (?:covered|included|allowed|accepted|permitted|eligible|suitable|for)\b|"
    r"\b(?:exclusions?|excluded)\b",
    re.IGNORECASE,
)
"""How a heading denies what stands below it; "What you may not know" does not."""


@dataclass(frozen=True, slots=True)
class _Member:
    """A word of a series as a text has it."""

    series: int
    name: str
    told: frozenset[str]
    """The terms of what it tells apart."""


def _members(text: str) -> list[_Member]:
    spoken = list(_SPOKEN.finditer(text))
    words = [word.group().lower() for word in spoken]
    found = []
    for at, word in enumerate(words):
        if text[: spoken[at].start()].endswith("-"):
            continue  # of "twenty-first"
        behind = words[at + 1 : at + 1 + _BEHIND]
        figures = _IN_FIGURES.fullmatch(word)
        ordinal = figures is not None and not _ALL_MONTHS.intersection(behind)
        names = [(0, figures[1])] if figures and ordinal else _SERIES_OF.get(word, [])
        if names:
            told = frozenset(analyse(" ".join(behind)))
            found += [_Member(series, name, told) for series, name in names]
    return found


def another_of_series(question: str, text: str, context: str) -> bool:
    """Whether a sentence speaks of the second summit alone, and the first is asked about.

    The same for the south and the north, the paid carers and the unpaid ones. Whether it is the
    first is answered by its being the second.

    Args:
        question: has a word of a series and what it tells apart, or not.
        text: the sentence.
        context: what its passage is about, which may have the one that is asked about.
    """
    asked = _members(question)
    if not asked or not _WH_ASKED.search(question):
        return False
    said = _members(text)
    known = {(one.series, one.name) for one in (*said, *_members(context))}
    wanted = {(one.series, one.name) for one in asked}
    return any(
        one.series == other.series
        and (one.series, one.name) not in known
        and (other.series, other.name) not in wanted
        and one.told & other.told
        for one in asked
        for other in said
    )


def says_nothing(question: str, text: str) -> bool:
    """Whether a sentence states nothing that answers: it asks itself, or it is broken off.

    Nor does "The mill has been called the heart of Sall" say by whom: it has no more than "Who
    called the mill the heart of Sall?". What somebody asks or calls a text is answered by a
    question.
    """
    if _BROKEN_OFF.search(text):
        return True
    if _ASKS_FOR_MORE.match(question) and not re.search(r"\d", text):
        own = analyse(text)
        if own and set(own) <= set(analyse(question)):
            return True
    return bool(_QUESTION.search(text)) and not _ASKS_OF_QUESTIONS.search(question)


def names_nobody(question: str, text: str) -> bool:
    """Whether it is asked who somebody's sister is, and a sentence only says that there is one.

    It names nobody but whom the question names, and nothing is said of the sister.
    """
    asked = _WHOSE_RELATION.match(question)
    if asked is None:
        return False
    if re.search(rf"\b{re.escape(asked[1])}(?:,| (?:is|was|are|were|who)\b)", text, re.IGNORECASE):
        return False
    known = {_bare(word) for word in _WORD.findall(question)}
    names = (word.group() for word in _WORD.finditer(text) if word.start())
    return all(_bare(name) in known for name in names if name[0].isupper())


def another_compound(question: str, text: str) -> bool:
    """Whether a text speaks of care homes alone, and home care is asked about.

    Both words stand side by side in it, the other way round, and nowhere as in the question.
    """
    low = text.lower()
    asked = [p for p in _side_by_side(question) if all(stem[:_BEGINS] in low for stem in p)]
    said = _side_by_side(text) if asked else frozenset()
    return any(pair not in said and pair[::-1] in said for pair in asked)


_BEGINS = 3
"""Letters of a stem that every form of its word begins with."""


@lru_cache(maxsize=256)
def _side_by_side(text: str) -> frozenset[tuple[str, str]]:
    """The stems of every two words with nothing but a space or a hyphen between them.

    Neither is a participle: "rising demand" is "demand rising".
    """
    pairs = set()
    for part in _APART.split(text):
        words = re.split(r"[\s-]+", part)
        stems = [() if word.endswith(("ing", "ed")) else tuple(analyse(word)) for word in words]
        pairs |= {(*a, *b) for a, b in pairwise(stems) if len(a) == len(b) == 1}
    return frozenset(pair for pair in pairs if len(pair) == 2 and pair[0] != pair[1])


_APART = re.compile(r"[^\w\s’'-]+")


_ASKS_WHEN = re.compile(
    r"\W*(?:(?:and|so|but|then),? )?"
    r"(?:when|how|(?:on |at |by )?(?:what|which) (?:day|date|time|month|year))\b",
    re.IGNORECASE,
)
_OF_THE_POST = frozenset(analyse("write written wrote post posted publish published blog blogged"))


def is_of_the_post_alone(question: str, byline: str) -> bool:
    """Whether a byline says when a post was written, and it is asked when something else is.

    "By Ken Osgood, 3 July 2024" does not tell when I shall hear; what a byline says of its author
    ("… has led the unit since 2004") may be asked for.
    """
    asked = set(analyse(question))
    return (
        _ASKS_WHEN.match(question) is not None
        and not asked & _OF_THE_POST
        and not asked & set(analyse(byline))
    )


def is_day_of_post(question: str, text: str, posted: str | None) -> bool:
    """Whether a sentence is nothing but the day of its post, and it is asked when something is.

    Args:
        question: what was searched for.
        text: the sentence.
        posted: the ISO date of the post, where it is known.
    """
    if posted is None or _ASKS_WHEN.match(question) is None:
        return False
    if set(analyse(question)) & _OF_THE_POST:
        return False
    year, month, day = map(int, posted.split("-"))
    words = [word for word in re.findall(r"\w+", text.lower()) if word not in _DAYS]
    name = MONTHS[month - 1].lower()
    return len(words) == 3 and (
        str(year) in words
        and any(len(word) >= 3 and name.startswith(word) for word in words)
        and any(re.fullmatch(rf"0?{day}(?:st|nd|rd|th)?", word) for word in words)
    )


def _bare(word: str) -> str:
    return re.sub(r"[’']s?\Z", "", word.lower())


def announces(text: str) -> bool:
    """Whether a sentence only says that something follows: "The abstracts are:"."""
    return _ANNOUNCES.search(text) is not None


def counted(question: str) -> str | None:
    """The term of what is asked to be counted.

    It is that of "volunteers" in "How many new volunteers are there?"; None where the question
    counts nothing, or it is not plain what.
    """
    asked = _HOW_MANY.search(question)
    phrase = analyse(asked[1].rsplit(" of ", 1)[-1]) if asked else []
    return phrase[-1] if phrase and phrase[-1] not in FRAME else None


def counts_others(text: str) -> bool:
    """Whether a text gives the number of some things or people that it names.

    So does the row of a table: "Drivers; 2021: 19; 2022: 12."
    """
    return bool(_COUNTED.search(text) or _ROW.match(text))


_LABEL = re.compile(r"((?:[^;:.!?]{1,40}: )?[^;:.!?]{1,80}); [^;:]{1,60}: ")
"""What the row of a table is of, as it is told."""


_HEAD = re.compile(r"; ([^;:]{1,60}): ")
_CELL = re.compile(r"; ([^;:]{1,60}): ([^;]{1,60}?)(?=[;.]|\Z)")
_COUNTED_OFF = re.compile(r"(?<![\w.,:£$€%–—-])\d{1,3}(?![\w%–—-]|[.,:]\d)")
"""A whole number that stands by itself: "Houses: 8, 9"."""
_IS_NOW = re.compile(
    r"\W*(?:(?:and|so|but) )?(?:who|which|what)(?:['’]s| is| are)\b"
    r"(?!.*\b(?:first|former|previous|last|past|before|then|been|(?:1[5-9]|20)\d\d)\b)",
    re.IGNORECASE,
)
_TERM_OF_OFFICE = re.compile(
    r"\W*(?:[^;:,\d]{1,30}: ?)?(?P<first>(?:1[5-9]|20)\d\d)\s?(?:[–—-]|to)\s?"
    r"(?P<last>(?:1[5-9]|20)\d\d|today|now|present|date)?(?![\w])",
    re.IGNORECASE,
)
"""How a row begins that says from when to when it holds."""


def rows_of_others(question: str, texts: Sequence[str], about: str = "") -> frozenset[int]:
    """Which of some sentences are rows of a table on others than are asked about.

    "How many carers over 65 had a break?" is answered by "65 and over; …", not by "25–64; …"; what
    drivers were offered by "Drivers; …", not by "Supervisors; …"; who the chair is by the row of
    the last years.

    Args:
        question: names the row, or not.
        texts: the sentences of a passage.
        about: what the passage is about, which may name what all rows are of.
    """
    tables: dict[tuple[str, ...], dict[int, str]] = {}
    for at, text in enumerate(texts):
        if _LABEL.match(text):
            tables.setdefault(tuple(_HEAD.findall(text)), {})[at] = text
    asked = frozenset([*terms(question), *terms(" ".join(shortened_days(question)))])
    others = _rows_of_the_past(question, texts)
    others |= _rows_beside_a_price(question, texts, frozenset(terms(about)), tables)
    for heads, rows in tables.items():
        if not (heads[0].startswith(OF_THE_LIST) and _are_fields(rows.values())):
            others |= _other_rows(asked, rows)
    return others


_PRICE_OF = re.compile(
    r"\W*(?:(?:and|so|but) )?how much (?:is|are|was|were|does|do) (?P<of>[^?,;:]+?)"
    r"(?: cost)?(?: now| at the moment| today)?[?\s]*\Z",
    re.IGNORECASE,
)
_A_PRICE = re.compile(r"[£$€]\s?\d|\d\s?p\b|\b(?:free|prices?|same)\b", re.IGNORECASE)


def _rows_beside_a_price(
    question: str,
    texts: Sequence[str],
    about: frozenset[str],
    tables: Mapping[tuple[str, ...], Mapping[int, str]],
) -> frozenset[int]:
    """The rows of tables that do not name the thing whose price is asked and a sentence tells.

    "Garage rents go up to £14.50" says how much a garage is, and no row on flats does.
    """
    asked = _PRICE_OF.match(question)
    thing = frozenset(terms(asked["of"])) - FRAME if asked else frozenset()
    if not thing or thing <= about:
        return frozenset()
    rows = {at for table in tables.values() for at in table}
    told = (text for at, text in enumerate(texts) if at not in rows and _A_PRICE.search(text))
    if not any(thing <= frozenset(terms(text)) for text in told):
        return frozenset()
    return frozenset(
        at
        for heads, table in tables.items()
        if thing.isdisjoint(terms(" ".join((*heads, *table.values()))))
        for at in table
    )


OF_THE_LIST = "of the list at "
"""What stands, with where its list begins, before what a labelled point of it says."""
_FIELDS = frozenset(
    terms(
        "cost price fee charge rent deposit payment when where who time place venue meeting point "
        "contact booking book apply age ages amount deadline date day note phone telephone number "
        "email address opening hours how why what leader driver website distance bring level "
        "access parking transport arrives leaves start finish returns duration size wage pay "
        "salary title note update"
    )
)
"""What labels tell of one thing: its cost, its place."""


def _are_fields(rows: Iterable[str]) -> bool:
    """Whether the points of a list each say something else of one thing, and are no things."""
    labels = [frozenset(terms(row.partition(";")[0])) for row in rows]
    return any(label <= _FIELDS for label in labels)


def _other_rows(asked: frozenset[str], rows: Mapping[int, str]) -> frozenset[int]:
    """The rows of a table whose names are of something else than is asked about."""
    labels = {at: _named_in_row(text) for at, text in rows.items()}
    numbers = frozenset(t for t in asked if t.isdigit() and not _YEAR.fullmatch(t))
    told = {at: frozenset(t for t in label if t.isdigit()) for at, label in labels.items()}
    known = {at: numbers & (labels[at] | _covered(numbers, text)) for at, text in rows.items()}
    if not any(known.values()):
        known = {at: numbers & frozenset(_COUNTED_OFF.findall(t)) for at, t in rows.items()}
    others = frozenset(
        at
        for at, found in known.items()
        if not found and (any(known.values()) or (numbers and told[at] and asked & labels[at]))
    )
    common = frozenset.intersection(*labels.values())
    named = {at: (asked & label) - common - numbers for at, label in labels.items()}
    if len(labels) > 1 and any(named.values()):
        others |= frozenset(at for at, found in named.items() if not found)
    return others


def _covered(numbers: Iterable[str], text: str) -> frozenset[str]:
    """Those numbers that lie within the bounds that a text sets."""
    within = bounds(text)
    return frozenset(n for n in numbers if any(bound.covers(int(n)) for bound in within))


def _named_in_row(text: str) -> frozenset[str]:
    """What a row is of: what stands first in it, and in those of its cells that are words."""
    label = _LABEL.match(text)
    cells = [
        cell
        for head, cell in _CELL.findall(text)
        if not head.startswith(OF_THE_LIST) and not any(c.isdigit() for c in cell)
    ]
    told = [*([label[1].rsplit(": ", 1)[-1]] if label else []), *cells]
    spans = (shortened_days, days_between, months_between)
    told += [name for cell in told for names_in in spans for name in names_in(cell)]
    return frozenset(term for cell in told for term in terms(cell))


def _rows_of_the_past(question: str, texts: Sequence[str]) -> frozenset[int]:
    """The rows of years that are over, where it is asked how it is and a later row says that."""
    if not _IS_NOW.match(question):
        return frozenset()
    rows = {at: found for at, text in enumerate(texts) if (found := _TERM_OF_OFFICE.match(text))}
    ends = {
        at: int(found["last"]) if (found["last"] or "").isdigit() else 9999
        for at, found in rows.items()
    }
    latest = max(ends.values(), default=0)
    return frozenset(at for at, end in ends.items() if end < latest)


_ASKS_OF_IT = re.compile(
    r"\W*(?:(?:and|so|but|then),? )?(?:is|are|was|were|does|do|how (?:much|long|far|big)|"
    r"(?:when|where|what time) (?:is|are|was|were))\b",
    re.IGNORECASE,
)
"""How a question begins that asks how something is."""
_SAID_OF = re.compile(
    r"\W*(?:The|Our) (?P<of>(?:[\w’'-]+ ){0,2}?[\w’'-]+) (?:is|are|was|were|costs?|will be)\b"
)
"""How a sentence begins that says how something is: "The choir is free"."""


def said_of_others(question: str, texts: Sequence[str]) -> frozenset[int]:
    """Which of some sentences say how something is, and of another one that is asked about.

    "Is the swim free?" is not answered by "The choir is free", where "The swim costs £3" stands
    beside it.

    Args:
        question: names the thing, or not.
        texts: the sentences of a post.
    """
    if not _ASKS_OF_IT.match(question):
        return frozenset()
    asked = frozenset(terms(question))
    told = {at: found["of"] for at, text in enumerate(texts) if (found := _SAID_OF.match(text))}
    heads = {at: frozenset(terms(of)[-1:]) for at, of in told.items()}
    meant = frozenset[str]().union(*heads.values()) & asked
    if not meant:
        return frozenset()
    return frozenset(
        at for at, head in heads.items() if head and meant.isdisjoint(terms(texts[at]))
    )


def leaves_uncounted(term: str, text: str) -> bool:
    """Whether a text names what is to be counted, and counts something else alone.

    "A group of nurses from two wards" does not say how many nurses there are.

    Args:
        term: of what is to be counted (``counted``).
        text: the sentence.
    """
    row = _ROW.match(text)
    if row is not None and term in analyse(row[1]):
        return False
    named = [word for word in _WORD.finditer(text) if analyse(word.group()) == [term]]
    return bool(named) and not any(
        _COUNT_BEFORE.search(text[: word.start()])
        or (_COUNT_BEHIND.match(text[word.end() :]) and not _is_numbered(word, text))
        for word in named
    )


def _is_numbered(word: re.Match[str], text: str) -> bool:
    """Whether a word in the singular is told apart by a number: of "flat 9" there is one."""
    return not word.group().endswith("s") and _NUMBERED.match(text[word.end() :]) is not None


@dataclass(frozen=True, slots=True)
class Demands:
    """What a question demands of any sentence that answers it."""

    question: str
    form: Form | None
    counted: str | None

    @classmethod
    def of(cls, question: str) -> Demands:
        """Of a question."""
        return cls(question, form_wanted(question), counted(question))

    def unmet_by(
        self,
        text: str,
        listed: tuple[str, str],
        kind: BlockKind,
        context: str,
        present: Collection[str],
        in_post: Callable[[str], bool],
        posted: str | None = None,
    ) -> int:
        """How many reasons there are that a sentence cannot answer.

        Args:
            text: the sentence.
            listed: what leads into the list in which it stands, and its point as far as it; nothing
                and the sentence, where it stands in none.
            kind: what it is.
            context: what its passage is about.
            present: the terms of both.
            in_post: whether its post has a term anywhere.
            posted: the ISO date on which its post was published, where that is known.
        """
        lead, point = listed
        heading = context.rpartition(" – ")[2] if kind is BlockKind.LIST and not lead else ""
        written = None if posted is None else int(posted[:4])
        told = f"{lead} {point}".lstrip()
        rule = lead if _MAY.search(lead) else text
        return sum(
            (
                self.form is not None and not self.form.stands_in(text),
                another_date(self.question, told, context, written),
                another_of_series(self.question, told, context),
                self._counts_something_else(text, present, in_post),
                self.counted is not None and leaves_uncounted(self.counted, text),
                kind is BlockKind.BODY and says_nothing(self.question, text),
                says_the_contrary(self.question, rule),
                denied_above(self.question, heading),
                names_nobody(self.question, text),
                another_compound(self.question, f"{context} {told}"),
                kind is BlockKind.BYLINE and is_of_the_post_alone(self.question, text),
                is_day_of_post(self.question, text, posted),
            )
        )

    def _counts_something_else(
        self, text: str, present: Collection[str], in_post: Callable[[str], bool]
    ) -> bool:
        """Whether it counts people where a post that has volunteers is asked for those."""
        return (
            self.counted is not None
            and self.counted not in present
            and counts_others(text)
            and in_post(self.counted)
        )
