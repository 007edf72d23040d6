"""Which words of a quote may be marked, so that read alone they say what the quote says.

Who is in a hurry reads the marked words and nothing else. So a mark takes in what limits it ("at
least", "per cent", the rest of a list), and there is none where the words alone would mislead:
under a negation, beside another party that the question is about, in what was merely planned, and
where the answer is no short thing (yes or no, why, how, two questions in one).
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from askscwru.answering.accounting import FRAME, terms
from askscwru.answering.fitness import NUMBER, counted, form_wanted, is_yes_no
from askscwru.days import MONTH
from askscwru.types import Span

_LEAST_SHARE = 0.25
"""Of the probability of all stretches of the sentence: a mark with less is one of many."""
_MOST_OF_QUOTE = 0.85
"""A mark that covers more than this share of its quote says nothing."""

_EXPLAINS = re.compile(
    r"\bwhy\b|\bhow come\b|\bwhat for\b|\bfor what (?:reason|purpose)\b|\bin what (?:way|manner)\b|"
    r"\bwhat (?:was|is|were|are) the (?:reasons?|purpose|causes?|points?)\b|"
    r"\bhow (?!many\b|much\b|long\b|old\b|often\b|far\b|tall\b|big\b|large\b|high\b|deep\b|wide\b|"
    r"heavy\b|fast\b|soon\b|early\b|late\b|frequently\b|regularly\b)\w+|"
    r"^\W*(?:explain|describe|discuss|summari[sz]e|compare|tell me about)\b",
    re.IGNORECASE,
)
_TWO_QUESTIONS = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how)\b.*(?:,|\band\b|\bor\b|\?)\s*"
    r"(?:(?:in|at|from|to|by|for|of|with) )?(?:who|whom|whose|what|which|when|where|why|how)\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|nowhere|neither|nor|without|cannot|hardly|scarcely|"
    r"rarely|seldom|barely|unless|except|excluding|besides|fail(?:s|ed|ing)? to|"
    r"refus(?:e|es|ed|ing)|den(?:y|ies|ied)|prevent\w*|forbid\w*|forbade|prohibit\w*|ban(?:s|ned)?|stopp?(?:s|ed)?|"
    r"lack(?:s|ed|ing)?|instead of|rather than|other than|apart from|far from|no longer|"
    r"anything but|wrongly|mistaken(?:ly)?|myth)\b|n['’]t\b",
    re.IGNORECASE,
)
_UNREAL = re.compile(
    r"\b(?:if|hop(?:e|es|ed|ing)|plan(?:s|ned|ning)?|propos(?:e|es|ed|ing|al)|intend(?:s|ed)?|"
    r"expect(?:s|ed)?|suggest(?:s|ed)?|aim(?:s|ed)?|target|estimated|allege(?:s|d|dly)?|"
    r"supposed(?:ly)?|would|might|could have|should have|was to|were to|used to)\b",
    re.IGNORECASE,
)
_SET_APART = re.compile(
    r"\b(?:rest|remaining|remainder|others?|else|latter|former|second|third|last|least|except|"
    r"without|not|never|only|besides|instead|before|after|more|most|fewer|less)\b|n['’]t\b",
    re.IGNORECASE,
)
"""Words by which a question asks for one party and not its neighbour."""
_CLAUSE = re.compile(
    r"[;:–—]|,? (?:but|whereas|while|whilst|although|though|yet|because|since|so that|however)\b|"
    r" and (?=(?:the|a|an|his|her|their|its|our|[A-Z]\w*) )|"
    r", (?:and|or|which|who|where|when|with|as|the|a|an|he|she|it|they|we|this|these|those)\b"
)
_CONTRAST = re.compile(
    r"\bsome\b.*\b(?:others?|some)\b|\bon the one hand\b|\bneither\b.*\bnor\b|\bwhereas\b|"
    r"\bboth sides\b|\bdisagree\w*\b",
    re.IGNORECASE | re.DOTALL,
)
_SAID_OF_ANOTHER = re.compile(
    r"(?:it|they|he|she|we|i|you)\b|(?:this|that|these|those) "
    r"(?:is|was|are|were|has|have|had|will|would|can|could|may|might|should|must)\b",
    re.IGNORECASE,
)
_SECOND_CLAUSE = re.compile(
    r"\w (?:and|but|so) (?:the|this|that|these|those|it|they|he|she|we|you|there)\b"
    r"(?: [\w’'-]+){0,4}? (?:is|are|was|were|has|have|had|will|would|can|could|may|must)\b",
    re.IGNORECASE,
)
"""Where a mark goes on into another clause: "WexHall and the password is on the board"."""
_LIMITS_BEFORE = re.compile(
    r"(?:\b(?:about|around|approximately|roughly|some|nearly|almost|over|under|below|above|only|"
    r"just|up to|as many as|as few as|as much as|as little as|at least|at most|no more than|"
    r"no fewer than|no less than|more than|fewer than|less than|half|a quarter of|partly|partially|"
    r"mostly|mainly|largely|chiefly|primarily|usually|often|sometimes|"
    r"a third of|two thirds of|between|from|circa|c\.|minus)\s+|[£$€#]\s?)$",
    re.IGNORECASE,
)
_UNITS_AFTER = re.compile(
    r"(?:\s?%|\s?(?:p|km|kg|m|cm|mm|g|l|am|pm|a\.m\.|p\.m\.)(?![\w])|"
    r"[\s-](?:per cent|percent|percentage points?|hundred|thousand|million|billion|trillion|pence|"
    r"pounds?|euros?|dollars?|seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|times|"
    r"miles?|met(?:re|er)s?|feet|foot|inch(?:es)?|tons?|tonnes?|hundredweights?|stones?|degrees?)\b|"
    r"(?:\s?(?:-|–|—|to|and)\s?)[£$€]?\d(?:[\d,.]*\d)?)+",
    re.IGNORECASE,
)
_NAME = r"(?:the )?[A-Z][\w’'&.-]*(?: (?:(?:of|for|and the|de|van|von|the) )?[A-Z][\w’'&.-]*)*"
_LIST = re.compile(rf"{_NAME}(?:, {_NAME})*(?:,? (?:and|or|&) {_NAME})|{_NAME}(?:, {_NAME}){{2,}}")


_COUNT_WORD = re.compile(rf"\d(?:[\d,.]*\d)?|{NUMBER}", re.IGNORECASE)
_BARE_WORD = re.compile(r"[^\W\d_]+")
_JOINS_A_RANGE = frozenset("and or to of".split())
_OF_A_COMPOUND = re.compile(r"-[^\W\d_]")
"""What follows a number that counts nothing: "24-mile routes"."""
_ADJECTIVES = 2
"""How many words may stand between a number and what it counts."""
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_CUT_LIST = re.compile(r"\s*[,;]")
_AMOUNT = r"\d(?:[\d,.]*\d)?"
_FIGURES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_AMOUNT}\s?(?:%|per ?cent)",
        rf"[£$€]\s?{_AMOUNT}",
        rf"(?<![\d£$€.,/:–-])(?!(?:1[5-9]|20)\d\d\b){_AMOUNT}(?![\d%.:/]|,\d|"
        rf"\s?(?:%|per ?cent|[ap]\.?m\b)|(?:st|nd|rd|th)\b|\s(?:of )?{MONTH})",
    )
)
"""Shares, sums and counts; of the last kind no years, dates and times of day."""
_COMPARED = re.compile(
    r"\b(?:against|versus|vs|compared (?:with|to)|respectively|up from|down from)\b", re.IGNORECASE
)
_CONDITION = re.compile(
    r"^.*?,\s*(?=(?:then |so )?(?:who|whom|whose|what|which|when|where|how)\b)", re.IGNORECASE
)
"""What stands before the question itself: "If it isn't the money, what is it?"."""


@dataclass(frozen=True, slots=True)
class _Marked:
    """A mark within its quote, both as offsets into the quote's text."""

    text: str
    start: int
    end: int

    @property
    def clause(self) -> str:
        """The part of the sentence in which the mark stands."""
        low = max([0, *(m.end() for m in _CLAUSE.finditer(self.text, 0, self.start))])
        after = _CLAUSE.search(self.text, self.end)
        return self.text[low : after.start() if after else len(self.text)]

    @property
    def beside(self) -> str:
        """The clause without the marked words."""
        clause = self.clause
        return clause.replace(self.text[self.start : self.end], " ", 1)


_CELL = re.compile(r"; (?P<head>[^;:]{1,60}): (?P<value>[^;]{1,80}?)(?=;|\.?\s*\Z)")
_ASKS_ONE = re.compile(
    r"\W*(?:(?:and|so|but),? )?(?:who|what|which|when|where|"
    r"how (?:much|many|long|often|far|old|big|large|high))\b",
    re.IGNORECASE,
)


def mark_in_row(question: str, text: str) -> Span | None:
    """The cell of a row of a table that is asked for; None where no head, or several, name it.

    Of "Home: Studio; Rent: £426; Service charge: £35." it is "£35", asked for the service charge.

    Args:
        question: what was searched for.
        text: a quote, whether it is a row or not.
    """
    cells = list(_CELL.finditer(text)) if _ASKS_ONE.match(question) else []
    if not cells or "\n" in text.strip():
        return None
    asked = set(terms(question)) - FRAME
    heads = [set(terms(cell["head"])) for cell in cells]
    told = set.intersection(*heads) if len(heads) > 1 else set()
    named = [(len(asked & head - told), -len(head - asked)) for head in heads]
    best = max(named)
    if not best[0] or named.count(best) > 1:
        return None
    return Span(*cells[named.index(best)].span("value"))


def fair_mark(question: str, text: str, mark: Span, share: float) -> Span | None:
    """The stretch to mark, or None where there is none that is fair.

    Args:
        question: what was searched for.
        text: the quote.
        mark: the likeliest stretch, as offsets into the quote.
        share: its share of the probability of all stretches of its sentence.
    """
    if share < _LEAST_SHARE or _asks_for_more(question):
        return None
    own = _own_count(question, text, mark)
    if own is None:
        return None
    whole = _balanced(text, _whole(text, own))
    marked = _Marked(text, whole.start, whole.end)
    if len(whole) > _MOST_OF_QUOTE * len(text) or misleads(question, marked):
        return None
    return whole


def _asks_for_more(question: str) -> bool:
    return is_yes_no(question) or any(p.search(question) for p in (_EXPLAINS, _TWO_QUESTIONS))


def misleads(question: str, marked: _Marked) -> bool:
    """Whether the marked words alone say something else than their sentence does."""
    beside = marked.beside
    if _is_cut_list(marked) or _is_one_of_several_figures(question, marked):
        return True
    form = form_wanted(question)
    if form is not None and not form.stands_in(marked.text[marked.start : marked.end]):
        return True
    denies = _NEGATION.search(_CONDITION.sub("", question))
    if _NEGATION.search(beside) and not denies:
        return True
    if denies and not _NEGATION.search(marked.clause):
        return True
    if _CONTRAST.search(marked.text) or _SAID_OF_ANOTHER.match(marked.text, marked.start):
        return True
    if _UNREAL.search(beside) and not _UNREAL.search(question):
        return True
    if _another_clause_fits_better(question, marked) or _SECOND_CLAUSE.search(
        marked.text, marked.start, marked.end
    ):
        return True
    apart = {word.lower() for word in _SET_APART.findall(question)}
    stated = {word.lower() for word in _SET_APART.findall(marked.text)}
    return bool(apart & stated - {word.lower() for word in _SET_APART.findall(marked.clause)})


def _another_clause_fits_better(question: str, marked: _Marked) -> bool:
    """Whether a clause beside the mark's shares more words with the question.

    "The trust pays for the fuel, and the parish pays for the crew": who pays for the fuel?
    """
    asked = set(terms(question))
    bounds = [0, *(m.end() for m in _CLAUSE.finditer(marked.text)), len(marked.text)]
    shared = {
        (low, high): len(asked & set(terms(marked.text[low:high])))
        for low, high in itertools.pairwise(bounds)
    }
    own = max(
        (
            count
            for (low, high), count in shared.items()
            if low < marked.end and marked.start < high
        ),
        default=0,
    )
    return any(count > own for count in shared.values())


def _is_one_of_several_figures(question: str, marked: _Marked) -> bool:
    """Whether a sentence has another figure like the marked one, and the question may mean that.

    "We received 212 applications and made 47 awards": how many were accepted? It means the marked
    one where everything that it names stands by that, between the figures beside it.
    """
    for figures in _FIGURES:
        found = list(figures.finditer(marked.text))
        own = [one for one in found if marked.start < one.end() and one.start() < marked.end]
        others = [one for one in found if one not in own]
        if not own or not others:
            continue
        low = max((one.end() for one in others if one.end() <= own[0].start()), default=0)
        high = min(
            (one.start() for one in others if one.start() >= own[-1].end()),
            default=len(marked.text),
        )
        # What stands before them all is said of each: "We asked 60 workers and 50 nurses".
        by = set(terms(f"{marked.text[: found[0].start()]} {marked.text[low:high]}"))
        compared = _COMPARED.search(marked.text, max(0, low - 1)) is not None
        if compared or not set(terms(question)) - FRAME <= by:
            return True
    return False


def _is_cut_list(marked: _Marked) -> bool:
    """Whether the marked words announce several things and hold only the first of them.

    "Two mills: Hale's" of "… two mills: Hale's, a windmill, and Ryle's".
    """
    announces = ":" in marked.text[marked.start : marked.end].rstrip(" :")
    return announces and _CUT_LIST.match(marked.text, marked.end) is not None


def _own_count(question: str, text: str, mark: Span) -> Span | None:
    """Of a mark that holds the numbers of two things the number of what is asked to be counted.

    None where that number is not plain.
    """
    term = counted(question)
    found = _COUNT_WORD.finditer(text, mark.start, mark.end)
    numbers = [one for one in found if not _OF_A_COMPOUND.match(text, one.end())]
    if term is None or len(numbers) < 2 or _is_one_count(text, numbers):
        return mark
    named = [w for w in _WORD.finditer(text, mark.start) if terms(w.group()) == [term]]
    if not named:
        return None
    before = [number for number in numbers if number.end() <= named[0].start()]
    if (
        not before
        or len(_BARE_WORD.findall(text[before[-1].end() : named[0].start()])) > _ADJECTIVES
    ):
        return None
    article = re.search(r"\ba $", text[: before[-1].start()])  # "a dozen"
    return Span(article.start() if article else before[-1].start(), before[-1].end())


def _is_one_count(text: str, numbers: list[re.Match[str]]) -> bool:
    """Whether numbers are one count: "20 to 30", "two hundred", "12 of 14"."""
    between = (text[a.end() : b.start()] for a, b in itertools.pairwise(numbers))
    return all(
        {word.lower() for word in _BARE_WORD.findall(gap)} <= _JOINS_A_RANGE
        and not re.search(r"[,;:.]\s", gap)
        for gap in between
    )


def _balanced(text: str, mark: Span) -> Span:
    """The mark without half of a bracket: up to one that closes, or opens, alone."""
    depth = 0
    for at in range(mark.start, mark.end):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth < 0:
            return Span(mark.start, at) if at > mark.start else mark
    if depth <= 0:
        return mark
    if text[mark.end : mark.end + 1] == ")":
        return Span(mark.start, mark.end + 1)
    opens = text.rindex("(", mark.start, mark.end)
    kept = text[mark.start : opens].rstrip()
    return Span(mark.start, mark.start + len(kept)) if kept else mark


def _whole(text: str, mark: Span) -> Span:
    """The mark with what limits it, with its unit, and with the list of which it is a part."""
    start, end = mark.start, mark.end
    for found in _LIST.finditer(text):
        if found.start() <= start and end <= found.end():
            start, end = found.start(), found.end()
            break
    if text[start:end][-1:].isdigit() and (unit := _UNITS_AFTER.match(text, end)):
        end = unit.end()
    if any(c.isdigit() for c in text[start:end]) or _LIMITS_BEFORE.search(text[:start]):
        while before := _LIMITS_BEFORE.search(text[:start]):
            start = before.start()
    return Span(start, end)
