"""Text to the spans of its sentences, without losing or changing a character.

The splitter is our own because whole sentences with exact offsets are what is quoted: the
libraries tried either lose white space, rewrite the text, or break at ``et al. 2011``.
"""

from __future__ import annotations

import re

from askscwru.types import Span

_CLOSERS = "\"'”’»)\\]"
_END = re.compile(rf"(?:[.!?…]+[{_CLOSERS}*_]*)+(?:\[\d{{1,3}}\])*(?=\s|$)|[。！？]+[」』）]*")
_OPENERS = "\"'“‘«([*_—–-•¿¡"

# Each is written without its last full stop and in lower case.
_NEVER_ENDS = frozenset(
    "dr prof mr mrs ms mx messrs st rev hon sir capt col gen lt sgt fr vs cf e.g i.e eg ie viz al "
    "fig figs eq nos vol vols pp p ch ed eds trans repr approx ca c cllr esp incl resp".split()
)
_MAY_END = frozenset(
    "etc inc ltd co corp plc jr sr dept univ assoc jan feb mar apr jun jul aug sep sept oct nov "
    "dec a.m p.m am pm u.k u.s u.s.a e.u ph.d m.a b.a m.sc b.sc".split()
)
_STATES = frozenset({"u.k", "u.s", "u.s.a", "e.u"})
_FIRST_WORDS = frozenset(
    "The This That These Those It He She We They You There Here In On At As For If When While But "
    "And So Our His Her Their My Its An What Why How Then Now Yet".split()
)
_WORD = re.compile(r"\w+")
_INITIAL = re.compile(r"(?:^|[\s(.‘“-])[A-Z]$")
_LAST_TOKEN = re.compile(r"[^\s(\[“‘\"']+$")
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
    if following >= stop:
        return True
    if match.group()[0] in "。！？":
        return True
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
    following = text[at]
    opener = _WORD.match(text, at)
    # "Mrs B. She", "the U.K. The": no name goes on with such a word.
    opens = opener is not None and opener.group() in _FIRST_WORDS
    if dot - begin <= _MARKER and _LIST_NUMBER.match(text[begin:dot]):
        return False
    head = text[max(begin, dot - _LOOK_BACK) : dot]
    token = _LAST_TOKEN.search(head)
    word = token.group().lower() if token else ""
    if word in _NEVER_ENDS:
        # "et al." closes a sentence only before a capital that does not open a citation.
        return word == "al" and following.isupper() and head.endswith("et al")
    if word in _MAY_END:
        return following.isupper() and (opens or word not in _STATES)
    if word == "no":
        return not following.isdigit()
    return opens or not _INITIAL.search(head)


def _inside_brackets(text: str, begin: int, at: int, stop: int) -> bool:
    begin = max(begin, at - _BRACKET_SPAN)
    open_brackets = text.count("(", begin, at) - text.count(")", begin, at)
    if open_brackets <= 0:
        return False
    closing = text.find(")", at, min(stop, at + _CLOSES_SOON))
    return closing >= 0 and "(" not in text[at:closing]
