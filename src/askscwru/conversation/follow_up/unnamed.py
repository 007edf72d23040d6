"""Whether a question leaves open of whom or what it asks: "does it run on my telephone?"."""

from __future__ import annotations

from askscwru.conversation.follow_up.anaphora import Sort, anaphors
from askscwru.conversation.follow_up.phrases import parse
from askscwru.conversation.follow_up.words import Role

_SORTS = (Sort.PERSON, Sort.PLURAL, Sort.THING, Sort.EVENT)


def pronoun_subject(question: str) -> str:
    """The pronoun that is a question's subject and that nothing in the question explains.

    Empty where there is none, where "it" stands for a clause ("is it hard to …"), and where the
    question has a name, which may say enough.

    Args:
        question: as it is searched for.
    """
    parsed = parse(question)
    if any(w.capital and w.role is Role.NOMINAL for w in parsed.words[1 : parsed.end]):
        return ""
    if parsed.auxiliary is None:
        return ""
    for anaphor in anaphors(parsed):
        own = anaphor.owner or anaphor.sort is Sort.EVENT
        whole = own or parsed.subject[1] <= anaphor.last
        if anaphor.sort in _SORTS and anaphor.first == parsed.auxiliary + 1 and whole:
            return parsed.slice(anaphor.first, anaphor.last).lower()
    return ""
