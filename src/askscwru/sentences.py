"""Text to the spans of its sentences, without losing or changing a character.

The splitter is our own because whole sentences with exact offsets are what is quoted, and the
libraries tried end about half as many of them where a reader does (decision 0012).
"""

from __future__ import annotations

import re

from askscwru.types import Span

_CLOSERS = "\"'”’»)\\]"
# Possessive, so that a run of full stops is read once, whatever follows it.
_END = re.compile(rf"(?P<latin>[.!?…][.!?…{_CLOSERS}*_]*+(?:\[\d{{1,3}}\])*+)|[。！？]+[」』）]*")
_OPENERS = "\"'“‘«([*_—–-•¿¡"

# Each is written without its last full stop and in lower case.
_BEFORE_NAMES = frozenset(
    "dr prof mr mrs ms mx messrs mme mlle rt rev revd ven hon fr capt col gen lt sgt cpl pte maj "
    "cdr adm brig supt insp det cllr ald gov pres sen v vs cf e.g i.e eg ie viz al ed eds trans "
    "repr esp incl resp approx ca c".split()
)
"""These never end a sentence: a name, or what is meant, follows."""
_BEFORE_NUMBERS = frozenset(
    "sec secs sect art arts para paras reg regs sch cl cls s ss pt pts ch chs fig figs no nos vol "
    "vols p pp l ll n nn bk eq eqs app ref refs tel ext fax mob ser ver min max est pop".split()
)
"""These end none before a number or a single capital: ``Sec. 21``, ``App. B``."""
_MAY_END = frozenset(
    "etc inc ltd co corp plc llp bros jr rd ave dept univ assoc govt jan feb mar apr jun jul aug "
    "sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun a.m p.m am pm u.k u.s u.s.a "
    "e.u ph.d m.a b.a m.sc b.sc".split()
)
"""These end one before a capital."""
_STATES = frozenset({"u.k", "u.s", "u.s.a", "e.u"})
_COMPANY = frozenset("co corp bros".split())
_COMPANY_GOES_ON = frozenset("Ltd Inc Corp Co LLP Limited Bros Plc PLC".split())
_TIMES = frozenset("a.m p.m am pm".split())
_DAYS = frozenset("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
_LETTERED = frozenset(
    "annex app appendix block category class exhibit fig figure figs grade group hepatitis option "
    "part plan plate schedule section table type vitamin".split()
)
"""Behind these a single capital is no initial: ``see Appendix B.``"""
_FIRST_WORDS = frozenset(
    "The This That These Those It He She We They You There Here In On At As For If When While But "
    "And So Our His Her Their My Its An What Why How Then Now Yet".split()
)
_WORD = re.compile(r"\w+")
_INITIAL = re.compile(r"(?:^|[\s(.‘“-])[A-Z]$")
_LAST_TOKEN = re.compile(r"[^\s(\[“‘\"']+$")
_TOKEN_BEFORE = re.compile(r"(\S+)\s+[(\[“‘\"']*[^\s(\[“‘\"']+$")
_NUMBER = re.compile(r"[(\[]?(?:\d|[IVXLC]{2,}\b|[B-HJ-Z]\b|[AI]\b(?=[.,;:)]))")
_NO_VOWEL = re.compile(r"[B-DF-HJ-NP-TV-XZ][bcdfghjklmnpqrstvwxz]+$")
_LIST_NUMBER = re.compile(r"^\s*\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})$")

# How far to look, in characters, so that a text without an end of sentence costs no more.
_MARKER, _LOOK_BACK, _BRACKET_SPAN, _CLOSES_SOON = 8, 40, 400, 160


def split_sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The sentences of ``text[start:end]``, in order and without the white space between them.

    Every character that is not white space is in exactly one span. Offsets are into ``text``.
    A sentence ends at ``. ! ? …`` (with closing quotes and brackets) before white space, unless the
    full stop belongs to an abbreviation, an initial or a list number, the next word starts in lower
    case, or a bracket is still open that closes soon.
    """
    stop = len(text) if end is None else end
    spans: list[Span] = []
    begin = _skip_space(text, start, stop)
    for match in _END.finditer(text, start, stop):
        if match.end() <= begin or not _ends_here(text, begin, match, stop):
            continue
        spans.append(Span(begin, match.end()))
        begin = _skip_space(text, match.end(), stop)
    if begin < stop:
        tail = text[begin:stop].rstrip()
        if tail:
            spans.append(Span(begin, begin + len(tail)))
    return spans


def _skip_space(text: str, at: int, stop: int) -> int:
    while at < stop and text[at].isspace():
        at += 1
    return at


def _ends_here(text: str, begin: int, match: re.Match[str], stop: int) -> bool:
    following = _skip_space(text, match.end(), stop)
    if following >= stop or match["latin"] is None:
        return True
    if following == match.end():
        return False
    if not _can_start(text, following, stop):
        return False
    if _inside_brackets(text, begin, match.end(), stop):
        return False
    if match.group() == ".":
        return _full_stop_ends(text, begin, match.start(), following)
    return True


def _can_start(text: str, at: int, stop: int) -> bool:
    while at < stop and text[at] in _OPENERS:
        at += 1
    if at >= stop:
        return True
    return not text[at].islower()


def _full_stop_ends(text: str, begin: int, dot: int, at: int) -> bool:
    if dot - begin <= _MARKER and _LIST_NUMBER.match(text[begin:dot]):
        return False
    head = text[max(begin, dot - _LOOK_BACK) : dot]
    token = _LAST_TOKEN.search(head)
    before = _TOKEN_BEFORE.search(head)
    names = (token.group() if token else "", before.group(1) if before else "")
    return _token_ends(*names, head, text, at)


def _token_ends(token: str, before: str, head: str, text: str, at: int) -> bool:
    """Whether the full stop behind a token ends its sentence.

    Args:
        token: the word, without the full stop.
        before: the word before it; empty where there is none.
        head: the text up to the full stop.
        text: all of it.
        at: where the next word begins in it.
    """
    word, following = token.lower(), text[at]
    opener = _WORD.match(text, at)
    next_word = opener.group() if opener else ""
    # "Mrs B. She", "the U.K. The": no name goes on with such a word.
    opens = next_word in _FIRST_WORDS
    if _INITIAL.search(head):
        return opens or before.rstrip(".").lower() in _LETTERED
    if word in _BEFORE_NAMES:
        # "et al." closes a sentence only before a capital that does not open a citation.
        return word == "al" and following.isupper() and head.endswith("et al")
    if word in ("st", "sr"):  # saint and sister, but behind a name street and senior
        return opens and before[:1].isupper()
    if word in _BEFORE_NUMBERS:
        chained = token[:1].isupper() and before.endswith(".")  # "Hon. Sec. Ann Lee"
        return not chained and not _NUMBER.match(text, at)
    if word in _MAY_END:
        return _may_end_here(word, before, next_word, opens=opens) and following.isupper()
    return opens or not _NO_VOWEL.match(token)


def _may_end_here(word: str, before: str, next_word: str, *, opens: bool) -> bool:
    """Whether an abbreviation that may end a sentence does so before a capital."""
    if word in _COMPANY and next_word in _COMPANY_GOES_ON:
        return False
    if word == "co" and not opens and (before.islower() or before.endswith(",")):
        # "in Co. Durham", not "& Co."
        return False
    if word in _TIMES and next_word in _DAYS:
        return False
    return opens or word not in _STATES


def _inside_brackets(text: str, begin: int, at: int, stop: int) -> bool:
    begin = max(begin, at - _BRACKET_SPAN)
    open_brackets = text.count("(", begin, at) - text.count(")", begin, at)
    if open_brackets <= 0:
        return False
    closing = text.find(")", at, min(stop, at + _CLOSES_SOON))
    return closing >= 0 and "(" not in text[at:closing]
