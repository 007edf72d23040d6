"""A question and the turns before it -> the questions that it may stand for.

The rules are tried from the most telling sign to the least: a return to an earlier subject, a
question about the post that was shown, "what about …", a question that is cut short, a pronoun, and
last a question that has too little in it to stand by itself. A question with none of these signs is
left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from askscwru.conversation.follow_up.anaphora import (
    anaphors,
)
from askscwru.conversation.follow_up.another import what_about
from askscwru.conversation.follow_up.context import Context
from askscwru.conversation.follow_up.phrases import Parsed, parse
from askscwru.conversation.follow_up.pronouns import pronouns
from askscwru.conversation.follow_up.readings import Change, Reading, content, ranked, with_added
from askscwru.conversation.follow_up.returns import returns
from askscwru.conversation.follow_up.short import cut_short
from askscwru.conversation.follow_up.shown import about_the_post
from askscwru.conversation.follow_up.turns import Exchange
from askscwru.conversation.follow_up.words import (
    BE,
    LEAD,
    Role,
)
from askscwru.index.lexical import analyse

_CONTRACTED = re.compile(
    r"\b(what|who|where|when|how|why|that|it|there|she|he)[’']s\b", re.IGNORECASE
)

_NAMES_A_POST = re.compile(r"(?:^|\s)[“‘\"'«][^“”\"«»]{8,}[”’\"'»](?=[\s?.,!]|$)")

_SO = re.compile(
    r"\b(?P<verb>says?|said|thinks?|thought|believes?|argues?)\s+so(?=[\s?.!]*$)", re.IGNORECASE
)


def readings_of(question: str, exchanges: Sequence[Exchange]) -> tuple[Reading, ...]:
    """What a question may mean after these turns: one to three readings, the likeliest first.

    Args:
        question: as the user wrote it, with single spaces.
        exchanges: the turns before it, the newest last; at least one.
    """
    alone = Reading(question, Change.NONE, 1.0)
    if _NAMES_A_POST.search(question):
        return (alone,)
    context = Context.of(exchanges)
    asked = _CONTRACTED.sub(r"\1 is", LEAD.sub("", question).strip(" ?.!"))
    asked = f"{asked}{question[len(question.rstrip(' ?.!')) :]}" if asked else question
    asked = _SO.sub(r"\g<verb> that", asked)
    led = asked != question and LEAD.match(question) is not None
    for rule in (returns, about_the_post, what_about, cut_short, pronouns):
        found = ranked(question, rule(question if rule is what_about else asked, context))
        if found:
            return found
    return ranked(question, _too_little(asked, question, context, led=led)) or (alone,)


# -- too little to stand by itself -----------------------------------------------------------------


def _too_little(asked: str, question: str, context: Context, *, led: bool) -> Iterator[Reading]:
    parsed = parse(asked)
    topic = context.topic
    if not topic or _stands_alone(parsed, context):
        return
    own = content(asked)
    if set(analyse(topic)) <= set(analyse(asked)):
        return
    needy = led or len(own) <= 2 or any(a.definite for a in anaphors(parsed))
    text = with_added(asked, topic)
    if needy:
        yield Reading(text, Change.TOPIC, 1.0)
        yield Reading(question, Change.NONE, 0.8)
    else:
        yield Reading(question, Change.NONE, 1.0)
        yield Reading(text, Change.TOPIC, 0.7)


def _stands_alone(parsed: Parsed, context: Context) -> bool:
    words = parsed.words
    if any(w.capital and at and w.role is Role.NOMINAL for at, w in enumerate(words)):
        return True
    if re.search(r"[“‘\"«].{4,}[”’\"»]", parsed.text):
        return True
    own = content(parsed.text)
    definite = any(a.definite for a in anaphors(parsed))
    if len(own) >= 4 or (len(own) >= 3 and not definite and "else" not in parsed.text):
        return True
    defines = parsed.auxiliary is not None and words[parsed.auxiliary].low in BE
    defines = defines and parsed.wh in ("what", "who") and parsed.asks[1] - parsed.asks[0] == 1
    return defines and bool(own) and not definite and "else" not in parsed.text.lower()
