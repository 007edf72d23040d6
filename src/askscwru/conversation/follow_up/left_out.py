"""What a short question leaves out and the turn before has: a verb, an object, one of a list."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from askscwru.answering.order import POINTS, order_of
from askscwru.conversation.follow_up.anaphora import anaphors, antecedents
from askscwru.conversation.follow_up.context import Context
from askscwru.conversation.follow_up.phrases import MEASURES, Parsed, make_phrase, parse, there_is
from askscwru.conversation.follow_up.readings import Change, Reading, sentence, with_added
from askscwru.conversation.follow_up.slots import agreeing
from askscwru.conversation.follow_up.tagger import tagger
from askscwru.conversation.follow_up.turns import Exchange
from askscwru.conversation.follow_up.words import (
    BE,
    DO,
    HAVE,
    MODAL,
    ORDINALS,
    WHOEVER,
    Role,
    Word,
    is_past,
    is_plural,
    singular,
    words_of,
)

_LONGEST_OBJECT = 9
"""Words: a longer answer is not put into a question."""
_LONGEST_SUBJECT = 3
_AGAIN = frozenset("be have do so too not also either that it".split())
"""What may stand after the subject of a question that leaves out its verb: "should they be?"."""

_ASK_OF_ALL = frozenset(("", "why", "how", "when", "where", "since when"))
"""Question phrases that leave the last question's verb and its objects as they were."""


# -- the object ------------------------------------------------------------------------------------


def marked(context: Context) -> str:
    """The words that were marked in the last answer, where there are few; without marks."""
    shown = context.last.shown
    text = shown[0].highlight.strip(" .,;:‘’“”'\"") if shown else ""
    words = text.lower().split()
    return text if 0 < len(words) <= _LONGEST_OBJECT and words[0] not in WHOEVER else ""


def with_object(last: Parsed, context: Context) -> str:
    """The last question from its auxiliary on, what it asked after put back behind the verb.

    "How many hives does the school have in May?" is "does the school have hives in May"; empty
    where it did not ask after the object.
    """
    nouns = asked_for(last)
    if last.wh in ("which", "what") and nouns:
        nouns = f"the {nouns}"
    if last.wh == "how" and not nouns:
        return ""
    told = nouns or (marked(context) if last.wh in ("what", "who", "whom") else "")
    return object_put(last, told)


_SHARE = re.compile(
    r"^(?:percentage|per cent|proportion|share|fraction|number|amount|part) of (?:the |all )?",
    re.IGNORECASE,
)


def asked_for(last: Parsed) -> str:
    """What a question asks for or counts, without an article; empty where it names nothing.

    "Cider mills" of "which cider mills", "growers" of "what share of the growers".
    """
    first, end = last.asks
    nominal = (at for at in range(first, end) if last.words[at].role is Role.NOMINAL)
    begun = next(nominal, end)
    if last.wh == "how" and begun < end and last.words[begun].low in MEASURES:
        begun = next(nominal, end)
    return _SHARE.sub("", last.slice(begun, end))


def object_put(last: Parsed, told: str) -> str:
    """The last question from its auxiliary on, with these words as its object; empty if it has one.

    Args:
        last: a question with an auxiliary and a subject.
        told: a noun phrase, or what somebody does where the question asked what they do.
    """
    at = last.auxiliary
    verb = last.verb if last.verb is not None else having(last)
    asks_object = last.asks[0] < last.asks[1] and last.wh in ("what", "who", "whom", "which", "how")
    if not told or at is None or verb is None or not asks_object:
        return ""
    if last.subject[0] >= last.subject[1] or last.words[at].low not in DO | MODAL | HAVE:
        return ""
    words, does = words_of(told), _does(last)
    if does is not None:
        base = _base(words[0]) if words[0].role is Role.VERB else ""
        if not base:
            return ""
        said = f"{base} {told[words[0].end :].strip()}"
        return f"{last.slice(at, does)} {said} {last.slice(does + 1, last.end)}".strip()
    follows = last.words[verb + 1] if verb + 1 < last.end else None
    whole = follows is not None and follows.role in (Role.NOMINAL, Role.DETERMINER)
    stranded = last.words[last.end - 1].role is Role.PREPOSITION
    noun = any(word.role is Role.NOMINAL and word.tag.startswith("NN") for word in words)
    if whole or stranded or not noun or words[0].role in (Role.VERB, Role.PREPOSITION):
        return ""
    told = told if words[0].capital and words[0].tag.startswith("NNP") else _low(told)
    return f"{last.slice(at, verb + 1)} {told} {last.slice(verb + 1, last.end)}".strip()


def _low(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}" if text[1:2].islower() else text


def having(last: Parsed) -> int | None:
    """Where "have" or "do" is the verb of a question: "how many hives does it have?"."""
    first = last.subject[1]
    if last.auxiliary is None or first >= last.end:
        return None
    does = first + 1 < last.end and last.words[first + 1].role in (Role.NOMINAL, Role.DETERMINER)
    verb = last.words[first].low
    return first if verb == "have" or (verb == "do" and does) else None


def _does(last: Parsed) -> int | None:
    """Where a question asks what somebody does: "what does it want them to | do?"."""
    if last.wh != "what" or last.asks[1] - last.asks[0] != 1:
        return None
    at = last.end - 1
    return at if at > (last.auxiliary or 0) and last.words[at].low == "do" else None


def _base(verb: Word) -> str:
    """A verb without the ending of its form; empty where that is not known."""
    if verb.tag in ("VB", "VBP"):
        return verb.low
    if verb.tag == "VBZ":
        return singular(verb.low) if verb.low.endswith("s") else ""
    known = tagger().lexicon
    if not verb.low.endswith("ed"):
        return ""
    stems = (verb.low[:-2], verb.low[:-1], verb.low[:-3], f"{verb.low[:-3]}y")
    return next((one for one in stems if "VB" in known.get(one, "").split("|")), "")


def of_the_answered(asks: str, last: Parsed, context: Context) -> str:
    """A question asked of who was answered: "who collects seed?", "in what places?".

    Args:
        asks: the question phrase.
        last: a question whose question phrase is the subject.
        context: the turns before.
    """
    who, verb = marked(context), last.verb
    words = words_of(who)
    noun = any(word.tag.startswith("NN") for word in words)
    if not noun or verb is None or words[0].role in (Role.VERB, Role.PREPOSITION):
        return ""
    base = _base(last.words[verb])
    if not base:
        return ""
    many = make_phrase(who, context.people).plural
    does = "did" if is_past(last.words[verb]) else agreeing("do", plural=many)
    return sentence(f"{asks} {does} {who} {base} {last.slice(verb + 1, last.end)}")


# -- the verb --------------------------------------------------------------------------------------


_PLACE_AND_TIME = frozenset(("where", "when"))


def verbless(asked: str, context: Context) -> Iterator[Reading]:
    """Readings of a question whose verb is that of the last one: "do adults?", "should they?"."""
    parsed, last = parse(asked.rstrip("?.! ")), context.last_parsed
    at = parsed.auxiliary
    asks = parsed.slice(*parsed.asks)
    if at is None or last.auxiliary is None or asks.lower() not in _ASK_OF_ALL:
        return
    if there_is(last) or (asks.lower() in _PLACE_AND_TIME and parsed.words[at].low in BE):
        return  # "where is it?" asks of the thing alone
    if parsed.verb is not None and parsed.end != at + 2:
        return  # in "do wasps?" the noun is taken for the verb that is not there
    first, end = _subject(parsed, at)
    rest = [w.low for w in parsed.words[end : parsed.end]]
    if first >= end or not set(rest) <= _AGAIN or parsed.asks[1] - parsed.asks[0] > 1:
        return
    auxiliary, before = parsed.words[at], last.words[last.auxiliary]
    said = _predicate(last, context)
    link = _link(auxiliary.low, before.low)
    if not said or link is None:
        return
    subject = parsed.slice(first, end)
    if parsed.words[first].role is Role.PRONOUN or (end - first == 1 and _stands(parsed, first)):
        subject = _same_subject(last, parsed, context)
    if not subject:
        return
    denied = "not" if "not" in rest else ""
    many = make_phrase(subject, context.people).plural
    helps = auxiliary.text
    if auxiliary.low in BE | DO | HAVE:
        helps = agreeing(helps, plural=many)
    text = sentence(f"{asks} {helps} {subject} {denied} {link} {said}")
    yield Reading(text, Change.ELLIPSIS, 1.0)


def _subject(parsed: Parsed, auxiliary: int) -> tuple[int, int]:
    """The subject of a question without a verb, where it is short and no predicate."""
    first = auxiliary + 1
    if first < parsed.end and parsed.words[first].role is Role.PRONOUN:
        return first, first + 1
    if parsed.end == first + 1 and is_plural(parsed.words[first].low):
        return first, parsed.end
    if first < parsed.end and _stands(parsed, first):
        return first, first + 1
    if parsed.words[auxiliary].low not in DO | MODAL or parsed.asks[0] < parsed.asks[1]:
        return first, first
    end = first
    while end < parsed.end and parsed.words[end].role in (Role.NOMINAL, Role.DETERMINER):
        end += 1
    return (first, end) if end - first <= _LONGEST_SUBJECT else (first, first)


def _stands(parsed: Parsed, at: int) -> bool:
    return parsed.words[at].low in ("these", "those")


def _predicate(last: Parsed, context: Context) -> str:
    """What the last question says of its subject."""
    whole = with_object(last, context)
    if whole:
        length = len(last.slice(last.auxiliary or 0, last.subject[1]))
        return whole[length:].strip()
    if last.subject[0] < last.subject[1]:
        said = last.slice(last.subject[1], last.end)
        return re.sub(r"^not\s+", "", said)
    return ""


def _link(auxiliary: str, before: str) -> str | None:
    """What joins an auxiliary to the last question's predicate; None where nothing does."""
    if auxiliary in BE:
        return "" if before in BE else None
    if auxiliary in MODAL and before in BE:
        return "be"
    plain = DO | MODAL
    if auxiliary in plain:
        return "" if before in plain else None
    return "" if auxiliary in HAVE and before in HAVE else None


def _same_subject(last: Parsed, parsed: Parsed, context: Context) -> str:
    """Who or what the last question was of, unless a pronoun means somebody else."""
    subject = last.slice(*last.subject)
    if subject and not any(w.role is Role.PRONOUN for w in last.words[slice(*last.subject)]):
        return subject
    for anaphor in anaphors(parsed)[:1]:
        for choice in antecedents(anaphor, context)[:1]:
            return choice.phrase.text
    return ""


# -- one of several --------------------------------------------------------------------------------


_ORDINAL_ONE = re.compile(
    rf"\bthe (?P<at>{'|'.join(ORDINALS)})(?: one)?(?=[\s?.!,]|$)(?! [a-z])", re.IGNORECASE
)
_WHICH_ONE = re.compile(r"^which (?:(?P<one>one)|ones) (?=\w)", re.IGNORECASE)


def items(text: str) -> list[str]:
    """What a list in a text names: "Oslo, Bergen and Tromsø"; empty where it is none."""
    if not re.search(r"\band\b|&|,", text):
        return []
    parts = [part.strip() for part in re.split(r",\s*(?:and\s+)?|\s+and\s+|\s+&\s+", text)]
    short = all(0 < len(part.split()) <= 6 for part in parts)
    return parts if short and len(parts) > 1 else []


def listed(asked: str, context: Context) -> str:
    """A question with the item that "the second" counts out of the last answer that was a list."""
    match = _ORDINAL_ONE.search(asked)
    if match is None:
        return ""
    for one in reversed(context.exchanges):
        found = items(one.shown[0].highlight) if one.shown else []
        at = ORDINALS[match["at"].lower()]
        if match["at"].lower() == "other" and len(found) != 2:
            continue
        if len(found) > max(at, 1):
            return f"{asked[: match.start()]}{found[at]}{asked[match.end() :]}"
    return ""


def which_one(asked: str, context: Context) -> Iterator[Reading]:
    """Readings of "which one opens late?": of what the last question asked for or spoke of."""
    match, last = _WHICH_ONE.match(asked), context.last_parsed
    if match is None:
        return
    nouns = asked_for(last)
    rest = parse(asked)
    says = rest.verb is not None or rest.auxiliary is not None
    if last.wh in ("which", "what", "how") and nouns and says and rest.end > rest.asks[1] + 1:
        if match["one"] and not any(w.role is Role.PREPOSITION for w in words_of(nouns)):
            before, space, noun = nouns.rpartition(" ")
            nouns = f"{before}{space}{singular(noun)}"
        yield Reading(sentence(f"which {nouns} {asked[match.end() :]}"), Change.ELLIPSIS, 1.0)


_POINT = re.compile(
    r"^(?:(?:(?:can|could) you |please )?(?:tell|say|show)(?: me| us)?(?: a bit| a little)?"
    r"(?: more)?(?: about)? |(?:what|which|how) (?:is|was|are|were|about) |and )?"
    rf"(?P<which>(?:the )?(?:last|{'|'.join(POINTS)}|\d(?:st|nd|rd|th)))"
    r"(?: (?:one|point|(?P<noun>\w+)))?(?: of (?:them|these|those))?(?: again)?$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(rf"\bthe (?:{'|'.join(POINTS)}|\d(?:st|nd|rd|th))\b", re.IGNORECASE)
_COUNTED_OUT = re.compile(r"\s*\[the \w+\]")
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+")


def one_point(asked: str, context: Context) -> Iterator[Reading]:
    """Readings of "and the third?" after an answer that counts its points: "First, … Second, …"."""
    match = _POINT.match(asked.rstrip("?.! "))
    if match is None:
        return
    if match["noun"] and not _ORDINAL.search(context.last.searched_for):
        return  # "the second lab" is a thing of its own
    which, noun = _which(match), match["noun"]
    if text := _next_in_order(which, noun or "", context):
        yield Reading(text, Change.REFERENCE, 1.0)
        return
    for one in reversed(context.exchanges):
        orders = _orders(one, context)
        if orders or _COUNTED_OUT.search(one.searched_for):
            yield Reading(_counted(one, which, orders), Change.REFERENCE, 1.0)
            return


def _which(match: re.Match[str]) -> str:
    return f"the {match['which'].lower().removeprefix('the ')}"


def any_point(asked: str, context: Context) -> Iterator[Reading]:
    """The last question of "and the third?", where nothing that was shown counts its points."""
    match = _POINT.match(asked.rstrip("?.! "))
    if match and not match["noun"]:
        text = _counted(context.last, _which(match), ())
        yield Reading(text, Change.REFERENCE, 1.0)


def _next_in_order(which: str, noun: str, context: Context) -> str:
    """The last question of "the second", where it asked of the first; empty where it did not."""
    asked = context.last.searched_for
    before = _ORDINAL.search(asked)
    if before is None or noun.lower() not in asked.lower() or _COUNTED_OUT.search(asked):
        return ""
    again = f"{asked[: before.start()]}{which}{asked[before.end() :]}"
    return sentence(again) if again.lower() != asked.lower() else ""


def _orders(one: Exchange, context: Context) -> set[int]:
    """As which points the sentences open that a question was answered with, whenever asked."""
    whole = _COUNTED_OUT.sub("", one.searched_for)
    same = (e for e in context.exchanges if _COUNTED_OUT.sub("", e.searched_for) == whole)
    quotes = (shown.quote for exchange in same for shown in exchange.shown)
    parts = (part for quote in quotes for part in _SENTENCE.split(quote))
    return {order for part in parts if (order := order_of(part))}


def _counted(one: Exchange, which: str, orders: Collection[int]) -> str:
    """The question of a turn, for one point of its answer."""
    if which == "the last" and orders:
        which = f"the {POINTS[max(orders) - 1]}"
    return with_added(_COUNTED_OUT.sub("", one.searched_for), which)
