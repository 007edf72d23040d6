"""A question and the turns before it -> the question that it stands for.

No language model: rules over the words, and several readings where they leave a choice, from which
the assistant keeps the one that the posts answer best.

* ``turns``: what is known of the turns before
* ``readings``: what a question may stand for
* ``words``: the words of a question and their parts
* ``phrases``: a question's parts, and its noun phrases
* ``slots``: where in a question something else may be put
* ``context``: what earlier turns said and showed
* ``anaphora``: pronouns and what they may stand for
* ``left_out``: the verb, the object or the item of a list that a short question leaves out
* ``returns``, ``shown``, ``another``, ``short``, ``pronouns``: the rules, by what they answer to
* ``rules``: the rules in their order
* ``unnamed``: whether a question leaves open of whom or what it asks
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from askscwru.conversation.follow_up.readings import Change, Reading, with_added
from askscwru.conversation.follow_up.turns import Exchange, Shown

__all__ = ["Change", "Exchange", "Reading", "Shown", "pronoun_subject", "resolve", "with_added"]

_MAY_BE_UNNAMED = re.compile(
    r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|should|shall|would|will|may|might|must)"
    r"\s+(?:it|its|they|their|he|his|she|her|this|that|these|those)\b",
    re.IGNORECASE,
)


def resolve(question: str, exchanges: Sequence[Exchange]) -> tuple[Reading, ...]:
    """What a question may mean after these turns: one to three readings, the likeliest first.

    Args:
        question: as the user wrote it, with single spaces.
        exchanges: the turns before it, the newest last; only the last few matter.
    """
    if not exchanges:
        return (Reading(question, Change.NONE, 1.0),)
    # A first question needs no rules, and must not wait for them to be loaded.
    from askscwru.conversation.follow_up.rules import readings_of

    return readings_of(question, exchanges)


def pronoun_subject(question: str) -> str:
    """The pronoun that is a question's subject, where nothing says what it stands for; or empty.

    Args:
        question: as it is searched for, with what was added in brackets.
    """
    if "[" in question or not _MAY_BE_UNNAMED.search(question):
        return ""
    from askscwru.conversation.follow_up import unnamed

    return unnamed.pronoun_subject(question)
