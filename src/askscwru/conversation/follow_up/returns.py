"""Returns to an earlier subject: "back to the study: who paid for it?"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from askscwru.conversation.follow_up.anaphora import (
    Sort,
    anaphors,
    put_in,
)
from askscwru.conversation.follow_up.context import Context
from askscwru.conversation.follow_up.phrases import (
    Phrase,
    PhraseKind,
    make_phrase,
    noun_phrases,
    parse,
)
from askscwru.conversation.follow_up.readings import (
    Change,
    Reading,
    sentence,
    with_added,
    without_brackets,
)
from askscwru.conversation.follow_up.words import (
    LEAD,
    Role,
    words_of,
)
from askscwru.index.lexical import analyse
from askscwru.names import bare_name

_BACK = re.compile(
    r"^(?:(?:can|could|shall) we |let[’']?s |i(?:[’']d| would) like to )?"
    r"(?:(?:going|go|getting|get|coming|come|turning|jumping)\s+)?"
    r"(?:back to|returning to|return to|as for|regarding|on the subject of)\s+"
    r"(?P<topic>[^,;:–—?]{2,80}?)\s*(?:again|itself|themselves)?\s*[,;:–—]\s*(?P<rest>.{2,})$",
    re.IGNORECASE,
)
_FRONTED = re.compile(r"^(?P<topic>[^,;:?]{2,80}),\s*(?P<rest>.{4,})$")


def returns(asked: str, context: Context) -> Iterator[Reading]:
    """Readings of a question that names an earlier subject first: "back to …", "the study: …"."""
    match = _BACK.match(asked)
    if match is None:
        match = _FRONTED.match(asked)
        first = words_of(asked)[:1]
        if match is None or not first or first[0].role not in (Role.NOMINAL, Role.DETERMINER):
            return  # "according to …, what …" names no subject
    rest = LEAD.sub("", match["rest"])
    for at, topic in enumerate(_full_topics(match["topic"], context)):
        text = clause_about(rest, topic, context)
        yield Reading(text, Change.RETURN, 1.0 - 0.15 * at)
        if at == 0 and (more := _said_with(topic, text, context)):
            yield Reading(with_added(text, more), Change.RETURN, 0.9)


def _full_topics(topic: str, context: Context) -> list[str]:
    """A topic as it was first named, where it was named before: "the journal" in full."""
    bare = re.sub(r"^(?:the|that|this|those|these)\s+", "", topic.strip(), flags=re.IGNORECASE)
    bare = bare_name(bare)
    wanted = set(analyse(bare))
    if not wanted:
        return [topic]
    held = [m for m in context.mentions if wanted & m.stems]
    held.sort(key=lambda m: (-len(wanted & m.stems), -m.weight))
    full = [m.phrase.text for m in held if wanted <= _called(m.phrase)]
    if make_phrase(bare, context.people).kind is not PhraseKind.THING:
        held = [m for m in held if m.phrase.kind is not PhraseKind.THING and not m.phrase.plural]
        full = [m.phrase.text for m in held if wanted <= m.stems]
    return list(dict.fromkeys([*full[:1], bare if bare[:1].isupper() else topic]))[:2]


def _called(phrase: Phrase) -> set[str]:
    """The terms of what a phrase calls its thing, without what is said of it behind "of"."""
    capital = all(w.capital for w in words_of(phrase.text) if w.role is Role.NOMINAL)
    ties = r"\s(?:of|for|on|about|to|in)\s" + (r"(?:the|a|an)\s" if capital else "")
    return set(analyse(re.split(ties, phrase.text)[0]))


def _said_with(topic: str, question: str, context: Context) -> str:
    """What the earlier question was about in which most of a topic's words stand."""
    wanted, best, most = set(analyse(topic)), "", 0
    for exchange in reversed(context.exchanges):
        shared = len(wanted & set(analyse(exchange.searched_for)))
        phrases = noun_phrases(parse(without_brackets(exchange.searched_for)), context.people)
        if shared > most and phrases:
            best, most = phrases[0].text, shared
    return "" if set(analyse(best)) <= set(analyse(question)) else best


def clause_about(clause: str, topic: str, context: Context) -> str:
    """A clause with a topic put in for its pronoun, or added where it has none."""
    parsed = parse(clause)
    found = anaphors(parsed)
    phrase = make_phrase(topic, context.people)
    for anaphor in found:
        if anaphor.sort is not Sort.NOUN:
            return sentence(put_in(parsed, anaphor, phrase))
    if set(analyse(topic)) <= set(analyse(clause)):
        return sentence(clause)
    return with_added(clause, topic)
