"""An earlier question as it is read again: contractions written out, names as the answer has them.

"whats breathing space" says of what it was asked once its answer has said "Breathing Space".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from askscwru.conversation.follow_up.phrases import CAPITALISED, is_person
from askscwru.conversation.follow_up.tagger import tagger
from askscwru.conversation.follow_up.turns import Exchange
from askscwru.conversation.follow_up.words import (
    LEAD,
    REMEMBERED,
    Role,
    is_formed,
    is_plural,
    words_of,
)
from askscwru.letters import fold

CONTRACTED = re.compile(
    r"\b(?:(what|who|where|when|how|why|that|it|there|she|he)[’']s|^(what|who|where|how|when)s)\b",
    re.IGNORECASE,
)
"""To be put as the first or the second group with " is"."""
_READ = 400
"""Characters of a quote that are looked at for names."""
_OPENS = re.compile(r"(?:\A|[.!?\n])\W*\Z")
_MARKS = re.compile(r"[’']")


def written_out(question: str) -> str:
    """The question with "what is" for "what's" and "whats", behind what it opens with."""
    lead = LEAD.match(question)
    opening = lead.group() if lead else ""
    return opening + CONTRACTED.sub(r"\1\2 is", question[len(opening) :])


@lru_cache(maxsize=REMEMBERED)
def restated(exchange: Exchange) -> Exchange:
    """The turn with what was searched for as it is read again."""
    text = written_out(exchange.searched_for)
    for name in _names(exchange):
        named = _with_name(text, name)
        text = named if named != text else _with_first_name(text, name)
    return exchange if text == exchange.searched_for else replace(exchange, searched_for=text)


def _names(exchange: Exchange) -> Iterator[str]:
    """The names in the first quote and its post's title, those in the plural amid a sentence alone.

    A single word is one where no lexicon has it and it is not formed of another word.
    """
    for shown in exchange.shown[:1]:
        for text in (shown.quote[:_READ], shown.title or ""):
            for found in CAPITALISED.finditer(text):
                name = _without_opening(found.group())
                parts = re.split(r"[\s-]", name)
                opens = text is shown.title or _OPENS.search(text[: found.start()])
                if is_plural(parts[-1].lower()) and (opens or len(parts) == 1):
                    continue
                common = tagger().is_ordinary(name.lower()) or is_formed(name)
                if len(parts) > 1 or not common:
                    yield name


_FULL_NAME = re.compile(r"(?P<first>[A-Z][a-z]+)(?: [A-Z][\w’'-]+){1,2}")


def _with_first_name(text: str, name: str) -> str:
    """The question with somebody's full name, where it has the first one in small letters alone.

    No lexicon has it: "what happened with sheila".
    """
    full = _FULL_NAME.fullmatch(name)
    if full is None or tagger().is_ordinary(full["first"].lower()) or not is_person(name):
        return text
    first = re.search(rf"(?<![\w-]){full['first'].lower()}(?![\w-])(?: (?P<next>[\w-]+))?", text)
    if first is None or (first["next"] and not tagger().is_ordinary(first["next"].lower())):
        return text  # "sheila jones" is somebody else
    begins = first.start()
    return f"{text[:begins]}{name}{text[begins + len(full['first']) :]}"


_OPENING = (Role.DETERMINER, Role.PREPOSITION, Role.CONJUNCTION, Role.PRONOUN, Role.ADVERB)


def _without_opening(name: str) -> str:
    """A name without "The", or what else only opens a sentence before it."""
    words = words_of(name)
    at = 0
    while at + 1 < len(words) and words[at].role in _OPENING:
        at += 1
    return name[words[at].start :]


def _with_name(text: str, name: str) -> str:
    """The question with a name as it is written, where the question has it in small letters."""
    plain, called = fold(_MARKS.sub("", text)), fold(_MARKS.sub("", name))
    letters = r"\s+".join(re.escape(part) for part in called.split()).replace(r"\-", "[- ]?")
    found = re.search(rf"(?<![\w-]){letters}(?![\w-])", plain)
    if found is None or len(plain) != len(text):
        return text
    written = text[found.start() : found.end()]
    return f"{text[: found.start()]}{name}{text[found.end() :]}" if written.islower() else text
