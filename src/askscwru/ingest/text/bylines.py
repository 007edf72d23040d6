"""Who wrote a post: names and the phrases that say so.

A name alone proves little on a page full of names. An author is taken only from a phrase that says
who wrote (``by Ann Lee``), who somebody is (``Ann Lee is Senior Lecturer at …``) or what they do in
the post (``Ann Lee, Director of …, discusses …``), or from a name that stands alone under a title.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from askscwru.ingest.dates import DATE_PATTERN
from askscwru.names import NAME, NAMES, split_names

_ROLE = (
    r"(?:fellow|professor|lecturer|researcher|reader|director|manager|officer|author|co-?author|"
    r"editor(?:-in-chief)?|co-?editor|chair|chairperson|head|chief|student|candidate|associate|"
    r"consultant|worker|nurse|carer|blogger|writer|journalist|academic|lead|leader|member|"
    r"president|founder|co-?founder|coordinator|co-ordinator|minister|mp|scientist|analyst|"
    r"assistant|practitioner|teacher|trustee|adviser|advisor|economist|historian|sociologist|"
    r"psychologist|psychiatrist|social worker|campaigner|activist|commissioner|therapist|doctor|"
    r"gp|barrister|solicitor|philosopher|geographer|statistician|postdoc|intern|volunteer|"
    r"secretary|principal|dean|tutor|instructor|scholar|specialist|expert|partner|executive|ceo|"
    r"engineer|designer|poet|librarian|planner|inspector|counsellor|councillor|midwife|"
    r"physiotherapist|ambassador|champion|investigator|convenor|contributor|correspondent|"
    r"columnist|architect|phd|dphil)s?"
)
_DOES = (
    r"(?:reports?|discuss(?:es)?|introduces?|explains?|argues?|looks?|considers?|reflects?|"
    r"writes?|asks?|highlights?|describes?|explores?|examines?|shares?|outlines?|summari[sz]es?|"
    r"reviews?|responds?|talks?|sets? out|unpicks?|offers?|calls?|questions?|blogs?|comments?|"
    r"analy[sz]es?|investigates?|warns?|reveals?|tells?|celebrates?|makes?|presents?|traces?|"
    r"shows?|suggests?|previews?|recounts?|recalls?|revisits?|interviews?|speaks?|takes?|gives?|"
    r"unpacks?|assesses|assess|thinks?|wonders?|draws?|teach(?:es)?|has (?:been \w+ing|\w+ed|"
    r"\w+n)|have (?:been \w+ing|\w+ed|\w+n)|(?:is|are) \w+ing|proposes?|urges?|remembers?|weighs?|"
    r"investigates?|introduce|chart(?:s)?|finds?|believes?|provides?)"
)

WORD_COUNT = re.compile(
    r"\(\s*(\d{1,3}(?:[,. ]\d{3})*|\d+)\s*words?\s*\)|\b(\d{1,3}(?:,\d{3})*)\s+words\s*$",
    re.IGNORECASE,
)

_BY = re.compile(
    r"(?i:(?:a )?(?:guest |blog )?(?:post|article|words|text|story|blog|published|posted|written|"
    r"authored|"
    r"submitted|publié|publicado|veröffentlicht|geschrieben|interview|contribution)?"
    r"\s*(?:on:?\s+|le\s+|el\s+|am\s+)?(?:" + DATE_PATTERN + r")?[\s,|•–—-]*)?"
    rf"(?i:\b(?:by|par|por|von)\b|author\s*:|authors\s*:)\s*:?\s*(?P<names>{NAMES})"
    r"(?P<rest>.*)$",
)
_REST_OK = re.compile(r"\s*(?:$|[,.|•·–—(/-]|\bon\b|\bat\b|\bin\b|\d|\bof\b)")
_NAME_DATE = re.compile(
    rf"(?P<names>{NAMES})\s*(?:[|•·,–—-]|\bon\b)?\s*(?i:(?:posted|published|"
    rf"updated)\s*(?:on)?\s*:?\s*)?"
    rf"(?i:{DATE_PATTERN}).*$"
)
_DATE_NAME = re.compile(rf"(?i:{DATE_PATTERN})\s*[|•·,–—-]?\s*(?:by\s+)?(?P<names>{NAMES})$")
_IS = re.compile(
    rf"(?P<names>{NAMES})\s+(?:(?:is|are)(?! to\b)|was|were|works as|work as|has been|leads?|"
    rf"directs?|teaches|works|work)\s+"
    rf"(?:[^.!?]{{0,90}}?\b(?i:{_ROLE})\b|based (?:at|in)\b|(?:a|an|the)\b[^.!?]{{0,60}}\bat\b|"
    rf"(?:at|for)\b)"
)
_APPOSITION = re.compile(
    rf"(?P<names>{NAMES})\s*[,(–—](?P<what>[^.!?]{{3,300}}?)[,)–—]\s*{_DOES}\b"
)
_STATION = re.compile(rf"\b(?i:{_ROLE}|of|at|from)\b")
_OF = re.compile(
    rf"(?P<first>{NAME})\s+(?:of|from|"
    rf"at)\s+[^.,!?]{{2,60}}?(?:\s+and\s+(?P<second>{NAME})\s+(?:of|from|at)\s+"
    rf"[^.,!?]{{2,60}}?)?\s+{_DOES}\b"
)
_ACTS = re.compile(
    rf"(?:^|[.!?,:]\s+)(?:(?:here|below|today|"
    rf"now)[,]?\s+)?(?P<names>{NAMES})\s+(?:here\s+)?{_DOES}\b"
)
_SIGNATURE = re.compile(
    rf"(?P<names>{NAMES})\s*,\s*(?=[^.!?]*(?:\b(?i:{_ROLE})\b|\b(?:University|College|Institute|"
    rf"Board|Unit|"
    r"School|Centre|Center|Department|Foundation|Trust|Council|Press|Association|"
    r"Faculty)\b))[^.!?]{3,200}$"
)
_POSTED_BY = re.compile(rf"(?i:\b(?:by|par|por|von|door)\b|author\s*:)\s+(?P<names>{NAMES})")
_AND_IS = re.compile(
    rf"(?:,|;)?\s+(?:and|while|whilst)\s+(?P<names>{NAME})\s+(?:is|works|leads|was|teaches)\b"
)
_OPENING_NAMES = re.compile(rf"(?P<names>{NAMES})\s+(?:both |each |all )?[a-z]")
_ASIDE = re.compile(
    r"\s*\((?:pictured|left|right|cent(?:er|re)|above|below|top|bottom|@\w+)[^()]{0,30}\)",
    re.IGNORECASE,
)
_HEARD = 400


def by_line(line: str, common: Collection[str] = ()) -> tuple[str, ...]:
    """The authors that a line names which does nothing else (``Posted on … by …``)."""
    if len(line) > 320:
        return ()
    if match := _BY.match(line):
        if _REST_OK.match(match["rest"]):
            return split_names(match["names"], common, sure=True)
        return ()
    for pattern in (_NAME_DATE, _DATE_NAME):
        if match := pattern.match(line):
            return split_names(match["names"], common)
    return ()


def named_in_meta(line: str, common: Collection[str] = ()) -> tuple[str, ...]:
    """The authors that a line of dates and categories names behind ``by``."""
    match = _POSTED_BY.search(line[:_HEARD])
    return split_names(match["names"], common, sure=True) if match else ()


def introduced(
    sentence: str, common: Collection[str] = (), *, counted: bool = False
) -> tuple[str, ...]:
    """The authors that a sentence under the title introduces.

    Args:
        sentence: one sentence.
        common: words that the page writes in lower case.
        counted: whether the post's length is stated with it, so that the names it opens with are
            those of the authors whatever it says of them.
    """
    heard = _ASIDE.sub("", sentence[:_HEARD])
    if names := _described(heard, common):
        return names
    if counted and (match := _OPENING_NAMES.match(heard)):
        return split_names(match["names"], common)
    if match := _OF.search(heard):
        both = " and ".join(filter(None, (match["first"], match["second"])))
        return split_names(both, common)
    if re.search(rf"\b{_DOES}\b", heard) is None:
        return ()
    for match in _APPOSITION.finditer(heard):
        names = split_names(match["names"], common)
        if names and _STATION.search(match["what"]):
            return names
    for match in _ACTS.finditer(heard):
        if names := split_names(match["names"], common):
            return names
    return ()


def described(sentence: str, common: Collection[str] = ()) -> tuple[str, ...]:
    """The persons that a sentence says the profession of (``X is a lecturer at …``)."""
    return _described(_ASIDE.sub("", sentence[:_HEARD]), common)


def _described(heard: str, common: Collection[str]) -> tuple[str, ...]:
    match = _IS.match(heard)
    if match is None:
        return ()
    names = split_names(match["names"], common)
    for other in _AND_IS.finditer(heard, match.end()):
        names += split_names(other["names"], common)
    return tuple(dict.fromkeys(names))


def signed(line: str, common: Collection[str] = ()) -> tuple[str, ...]:
    """The authors who sign at the end of a post (``Ann Lee, University of …``, or a name alone)."""
    if len(line) > 260:
        return ()
    if match := _SIGNATURE.match(line):
        return split_names(match["names"], common)
    bare = re.sub(r"^(?:[-–—~*]+|by)\s*", "", line, flags=re.IGNORECASE).strip(" .")
    return split_names(bare, common) if re.fullmatch(NAMES, bare) else ()


def stated_words(text: str) -> int | None:
    """The number of words that a byline states for the whole post, or None."""
    match = WORD_COUNT.search(text)
    if match is None:
        return None
    return int(re.sub(r"\D", "", match[1] or match[2]))
