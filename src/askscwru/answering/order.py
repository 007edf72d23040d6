"""The points of a text that counts them: "First, … Second, …"; which one is asked for.

A question for the second concern is answered by the sentence that opens with "Second", although
the one that announces three concerns reads better.
"""

from __future__ import annotations

import re

POINTS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
"""The words that count points, in their order."""
CARDINALS = "one two three four five six seven eight nine ten".split()
"""The words for how many points there are, in their order."""
_FIGURES = [f"{n}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(n, 'th') }" for n in range(1, 11)]
NUMBERS = {
    word: number
    for words in (POINTS, [f"{word}ly" for word in POINTS], CARDINALS, _FIGURES)
    for number, word in enumerate(words, start=1)
} | {str(number): number for number in range(1, 11)}
"""By each word that counts, what it counts to."""
NO_POINT = (
    r"(?:sector|world|part(?:y|ies)|age|class|aid|lady|minister|language|person|degree|nature|"
    r"generation|floor|half|quarter|century|decade|year|month|week|day|time|edition|issue|place|"
    r"prize|of (?:january|february|march|april|may|june|july|august|september|october|november|"
    r"december))\b"
)
"""What follows an ordinal that counts no points of a text: "the third sector"."""
_ASKED = re.compile(
    rf"\bthe ({'|'.join([*POINTS, *_FIGURES])})\b(?!-)(?!\s+{NO_POINT})", re.IGNORECASE
)
_OPENS = re.compile(
    rf"^\W*(?:(?:and|but|finally),? )?(?:"
    rf"(?:the )?(?P<said>{'|'.join(POINTS)})"
    rf"(?:[,:]| (?=is\b|was\b|are\b|were\b|of (?:all|these|those)\b))|"
    rf"(?P<ly>{'|'.join(f'{word}ly' for word in POINTS)})\b|"
    rf"(?:paper|part|step|point|option|phase|stage|theme|scenario|question|session|day) "
    rf"(?P<named>{'|'.join(CARDINALS)}|\d\d?)\b(?=[:.,)–—-]|\s*$| (?:is|was|are|were)\b)|"
    rf"\(?(?P<figure>10|[1-9])[.)] )",
    re.IGNORECASE,
)


def order_asked(question: str) -> int | None:
    """Which of several points a question asks for, from 1; None where it asks for none.

    It is 2 in "What is the second concern?".
    """
    found = _ASKED.search(question)
    return NUMBERS[found[1].lower()] if found else None


def order_of(text: str) -> int | None:
    """Which of several points a sentence opens as, from 1; None where it counts none."""
    found = _OPENS.match(text)
    if found is None:
        return None
    return next(NUMBERS[word.lower()] for word in found.groupdict().values() if word)
