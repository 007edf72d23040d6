"""Questions with a pronoun in them, or a definite phrase that says too little."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from askscwru.conversation.follow_up.anaphora import (
    Anaphor,
    Choice,
    Sort,
    acts_as_person,
    anaphors,
    antecedents,
    is_passive,
    put_in,
)
from askscwru.conversation.follow_up.context import Context, means_something
from askscwru.conversation.follow_up.phrases import Parsed, Phrase, head_of, noun_phrases, parse
from askscwru.conversation.follow_up.readings import Change, Reading, content, sentence, with_added
from askscwru.conversation.follow_up.slots import PhraseClass, is_agent, slots_of, sort_of
from askscwru.conversation.follow_up.words import (
    ORDINALS,
    YEAR,
    Role,
    said_when,
    singular,
    words_of,
)
from askscwru.index.lexical import analyse

_SECOND = re.compile(
    rf"\bthe ({'|'.join(ORDINALS)}) (?:one|of them|of these|of those)\b", re.IGNORECASE
)


_SAYS = re.compile(r"^(?:say|said|says|think|thinks|thought|believe|believed|claim|argue)s?$")


_WEAK = 0.3
"""An antecedent with a lower score was hardly spoken of."""
_FEW = 3
"""Content terms: a question with more of them says by itself which one it means."""


def pronouns(asked: str, context: Context) -> Iterator[Reading]:
    """Readings of a question with something put in for its first pronoun."""
    if match := _SECOND.search(asked):
        yield from _ordinal_one(asked, match, context)
        return
    asked = _with_what_is_owned(asked, context)
    parsed = parse(asked)
    found = [a for a in anaphors(parsed) if antecedents(a, context)]
    weak = [a for a in found if a.definite]
    strong = [a for a in found if not a.definite]
    if not strong:
        yield from _definites(asked, parsed, weak, context)
        return
    main = strong[0]
    rest = f"{parsed.slice(0, main.first)} {parsed.slice(main.last, len(parsed.words))}"
    if main.sort is Sort.NOUN and len(content(rest)) > _FEW:
        return  # "can patients in the country not get one of these budgets?"
    before = parsed.words[main.first - 1].low if main.first else ""
    said = _said(context) if main.sort is Sort.EVENT else ""
    if said and _SAYS.match(before):
        yield Reading(with_added(parsed.text, said), Change.PRONOUN, 1.0)
        return
    passive = is_passive(parsed, main)
    personal = acts_as_person(parsed, main)
    named = "" if main.owner else rest
    choices = antecedents(main, context, passive=passive, personal=personal, beside=named)
    choices = choices or antecedents(main, context, passive=passive)
    choices = _without_strangers(choices, main, asked, context)
    if not choices:
        return
    top = choices[0].score
    if personal and main.pronoun == "they" and top < _WEAK and (about := context.topic):
        yield Reading(with_added(parsed.text, about), Change.PRONOUN, 1.0)
        return  # whoever does it was not named
    when = said_when(context.last_parsed.text) if _is_part(parsed, main) else ""
    for choice in choices[:4]:
        if choice.whole:
            dated = when if choice.phrase.head in context.last_parsed.text.lower() else ""
            phrase = replace(choice.phrase, text=f"{choice.phrase.text}{dated}")
            text = _rest_resolved(put_in(parsed, main, phrase), main, phrase, context)
            if choice.phrase.vague and not dated:
                text = with_added(text, _beside(choice.phrase, context))
        else:
            text = with_added(parsed.text, choice.phrase.text)
        most = _granted(choice.phrase, context)
        yield Reading(sentence(text), Change.PRONOUN, choice.score / top, most=most)
    own = len(content(parsed.text))
    yield from _of_the_post(parsed, main, choices[0], context)
    if own > 3 or (main.sort is Sort.NOUN and own > 1):
        yield Reading(sentence(asked), Change.NONE, 0.8)
    if said:
        yield Reading(with_added(parsed.text, said), Change.PRONOUN, 0.9)


_OF_ONES_OWN = re.compile(
    r"\b(?:i|me|my|we|us|our)\b.*[,;–—-]|"
    r"\b(?:can|could|will|would|do|does) (?:i|we|you|your|they|someone|somebody)\b",
    re.IGNORECASE,
)
"""How a question is on somebody whom its user looks after and no post names: "how do I get in,
she's in a wheelchair?", "can your volunteers take her?"."""


def _without_strangers(
    choices: list[Choice], main: Anaphor, asked: str, context: Context
) -> list[Choice]:
    """The choices; of persons only those that were asked of, where the user speaks of their own."""
    if main.sort is not Sort.PERSON or not _OF_ONES_OWN.search(asked):
        return choices
    spoken = " ".join(one.searched_for for one in context.exchanges).lower()
    return [choice for choice in choices if choice.phrase.text.lower() in spoken]


def _is_part(parsed: Parsed, main: Anaphor) -> bool:
    """Whether a part of several is asked of, and not when: "how many of those were paid?"."""
    before = parsed.words[main.first - 1].low if main.first else ""
    return before == "of" and not said_when(parsed.text) and YEAR.search(parsed.text) is None


_OWNERS = {"theirs": "their", "hers": "her", "his": "his", "its": "its"}
_OWNED_ALONE = re.compile(r"\b(?:theirs|hers|(?:his|its)(?=[\s?.!]*$))\b", re.IGNORECASE)
"""What is owned was named before: "who is doing theirs?"."""


def _with_what_is_owned(asked: str, context: Context) -> str:
    """The question with "their survey" for "theirs"."""
    owned = _OWNED_ALONE.search(asked)
    noun = _thing_of(context.last_parsed, context.people) if owned else ""
    if owned is None or not noun:
        return asked
    owner = _OWNERS[owned.group().lower()]
    return f"{asked[: owned.start()]}{owner} {noun}{asked[owned.end() :]}"


def _thing_of(last: Parsed, people: frozenset[str]) -> str:
    """The noun of the first thing that a question speaks of and that is nobody."""
    for slot in slots_of(last, people):
        if sort_of(slot.phrase) is PhraseClass.THING:
            return slot.phrase.head
    return ""


def _granted(phrase: Phrase, context: Context) -> float:
    """How sure an answer may be that takes for granted what the last question asked for.

    "Which body wrote the guides?" was not answered, so nobody knows what "it" found.
    """
    last = context.last
    unknown = phrase.vague and not last.shown and context.last_parsed.wh in ("which", "what")
    return last.confidence if unknown else 1.0


def _of_the_post(
    parsed: Parsed, main: Anaphor, best: Choice, context: Context
) -> Iterator[Reading]:
    """The question as it is, asked of the post that was shown, where nobody fits who was named.

    "Why did they leave?" may mean the families of whom the post tells, though no quote named them.
    """
    post = context.post
    if post is None or not post.title or not post.post_id or main.owner:
        return
    several = best.phrase.plural
    if main.sort is Sort.PLURAL and not (several and is_agent(best.phrase.head)):
        prior = 0.75 if several else 0.95
    elif main.sort is Sort.PERSON and best.score < _WEAK:
        prior = 0.95
    else:
        return
    text = with_added(parsed.text, post.title)
    yield Reading(text, Change.PRONOUN, prior, within=post.post_id)


def _beside(phrase: Phrase, context: Context) -> str:
    """What says which one is meant, of a thing that the last question asked after."""
    others = noun_phrases(context.last_parsed, context.people)
    told = (one.text for one in others if one.text != phrase.text and means_something(one))
    return next(told, "") or context.topic


def _rest_resolved(text: str, main: Anaphor, phrase: Phrase, context: Context) -> str:
    """The other anaphors of the question too, unless they stand for the same."""
    parsed = parse(text)
    for anaphor in anaphors(parsed):
        if anaphor.definite or anaphor.sort is main.sort:
            continue
        for choice in antecedents(anaphor, context):
            if choice.whole and choice.phrase.text != phrase.text:
                return put_in(parsed, anaphor, choice.phrase)
    return text


def _said(context: Context) -> str:
    """What was said last, in few words: for a "that" which stands for all of it."""
    last = context.last_parsed
    first = last.auxiliary + 1 if last.auxiliary is not None else last.asks[1]
    said = last.slice(first, last.end)
    told = words_of(said)
    loose = bool(told) and (told[0].low == "there" or told[0].role is Role.PREPOSITION)
    if loose or anaphors(parse(said)):
        said = context.topic
    return said if 0 < len(said.split()) <= 14 else ""


def _ordinal_one(asked: str, match: re.Match[str], context: Context) -> Iterator[Reading]:
    """A "second one" of what the last question asked for several of."""
    last = context.last_parsed
    first, end = last.asks
    nouns = last.slice(first + 1, end) if end - first > 1 else ""
    nouns = nouns or next((m.phrase.text for m in context.mentions if m.phrase.plural), "")
    if not nouns:
        return
    head = head_of(words_of(nouns))
    one = f"the {match[1]} {singular(head)}"
    text = asked[: match.start()] + one + asked[match.end() :]
    yield Reading(with_added(text, _said(context)), Change.PRONOUN, 1.0)


def _definites(
    asked: str, parsed: Parsed, weak: Sequence[Anaphor], context: Context
) -> Iterator[Reading]:
    """What was called by a longer name that has these words in it: "the journal"."""
    if len(content(asked)) > _FEW:
        return
    for anaphor in weak:
        choices = [c for c in antecedents(anaphor, context) if c.whole]
        said = set(analyse(parsed.slice(anaphor.first, anaphor.last)))
        for choice in choices[:2]:
            stems = set(analyse(choice.phrase.text))
            if said < stems and not stems <= set(analyse(asked)):
                text = sentence(put_in(parsed, anaphor, choice.phrase))
                yield Reading(text, Change.PRONOUN, 1.0)
                yield Reading(sentence(asked), Change.NONE, 0.8)
                return
