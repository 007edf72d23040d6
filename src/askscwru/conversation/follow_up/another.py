"""The last question asked of something else: "what about carers?", "and in Wales?"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from askscwru.answering.counted import counted
from askscwru.answering.order import CARDINALS
from askscwru.conversation.follow_up.anaphora import (
    resolve_all,
)
from askscwru.conversation.follow_up.context import PRONOUN_OF, Context, Mention, defines
from askscwru.conversation.follow_up.phrases import (
    Parsed,
    Phrase,
    PhraseKind,
    head_word,
    make_phrase,
    parse,
)
from askscwru.conversation.follow_up.readings import (
    ANYTHING,
    Change,
    Reading,
    sentence,
    with_added,
    without_brackets,
)
from askscwru.conversation.follow_up.returns import clause_about
from askscwru.conversation.follow_up.slots import PhraseClass as SlotSort
from askscwru.conversation.follow_up.slots import (
    agreeing,
    best_slots,
    is_measure,
    is_property,
    put_into,
    slots_of,
    sort_of,
)
from askscwru.conversation.follow_up.tagger import tagger
from askscwru.conversation.follow_up.words import (
    DAYS,
    LEAD,
    ORDINALS,
    SPANS,
    TIME_SAID,
    YEAR,
    Role,
    Word,
    is_adjective,
    is_past,
    is_plural,
    words_of,
)
from askscwru.days import MONTH
from askscwru.index.lexical import analyse

_WHAT_ABOUT = re.compile(
    r"^(?:what|how)\s+about\s+(?P<x>[^,;:–—?]+?)\s*(?:[,;:–—]\s*(?P<rest>.{3,}))?[?.!\s]*$",
    re.IGNORECASE,
)
_THE_SAME = re.compile(
    r"^(?:(?:is|was|are|were) (?:(?:that|this) (?:also |still )?(?:true|so|the (?:case|same))|"
    r"it (?:also |still )?(?:true|so|the (?:case|same))|the same (?:true|so|the case))|"
    r"do(?:es)? (?:that|this|it|the same) (?:also )?(?:hold|go)(?: true)?|"
    r"(?P<applies>does (?:that|this|the same) (?:also )?apply))"
    r"(?: (?P<how>for|of|to|with|among|in|at|on|during|since) (?P<x>(?:\w|[’'-])+(?: [^?]+?)?))?"
    r"(?: (?:too|as well|also))?[?.!\s]*$",
    re.IGNORECASE,
)
"""The last question, of something else: "is that true of nurses?", "is it the same in Wales?"."""
_REASON = re.compile(r"^(?:what (?:is|was) )?the reason$", re.IGNORECASE)
_THE_ONE = re.compile(
    r"^(?:the ones?|those|that|these) (?=(?:in|on|at|for|from|by|of|about)\b)", re.IGNORECASE
)


def what_about(asked: str, context: Context) -> Iterator[Reading]:
    """Readings of "what about …", and of a turn that is only a noun phrase.

    Args:
        asked: the question as typed: what it opens with tells whether it goes on.
        context: the turns before it.
    """
    led = LEAD.match(asked) is not None
    asked = LEAD.sub("", asked).strip() or asked
    if match := _THE_SAME.match(asked):
        yield from _the_same(match, context)
        return
    match = _WHAT_ABOUT.match(asked)
    x = match["x"].strip() if match else asked.rstrip("?.! ")
    if asks_any := _ANY.fullmatch(asked.rstrip("?.! ")):
        yield from _any(asks_any, context)
        return
    if timed := [*_of_when(x, context, led=match is not None or led)]:
        yield from timed
        return
    if match is None and not _is_fragment(asked, led=led):
        return
    if text := _of_another_person(x, context.last_parsed):
        yield Reading(text, Change.WHAT_ABOUT, 1.0)
        return
    if text := _of_whose(x, context):
        yield Reading(text, Change.WHAT_ABOUT, 1.0)
        return
    x = _of_the_same(_THE_ONE.sub("", x), context)
    rest = match["rest"] if match else None
    if rest:
        clause = clause_about(LEAD.sub("", rest), x, context)
        yield Reading(clause, Change.WHAT_ABOUT, 1.0)
        if context.topic and not set(analyse(context.topic)) <= set(analyse(clause)):
            yield Reading(with_added(clause, context.topic), Change.WHAT_ABOUT, 0.85)
    elif words_of(x)[0].role is Role.PREPOSITION:
        yield from bare_addition(x, context)
    else:
        yield from about_another(x, context)


def _of_when(x: str, context: Context, *, led: bool) -> Iterator[Reading]:
    """The last question, of another time, day or number: "and last year?", "what about May?"."""
    last = context.last_parsed.text
    if led and (time := _TIME.fullmatch(x)):
        yield _of_another_time(time, context)
    elif led and (month := _MONTH.fullmatch(x)):
        yield from bare_addition(f"in {month.group()}", context)
    elif text := _of_another_day(x, last) or _of_another_point(x, last):
        yield Reading(text, Change.ELLIPSIS, 1.0)


_MONTH = re.compile(rf"(?:early |mid |late )?{MONTH}(?: \d{{4}})?", re.IGNORECASE)
_ANY = re.compile(
    r"any (?!others?\b|more\b|ideas?\b|one\b)(?P<x>[\w’'-]+(?: [\w’'-]+){0,2})", re.IGNORECASE
)
"""As in "any discount?": whether there is some."""


def _any(asks: re.Match[str], context: Context) -> Iterator[Reading]:
    """Whether there is something with what was spoken of: "any discount?"."""
    verb = "are" if make_phrase(asks["x"]).plural else "is"
    text = sentence(f"{verb} there {asks.group().lower()}")
    topic = context.topic
    yield Reading(with_added(text, topic) if topic else text, Change.TOPIC, 1.0)
    yield Reading(text, Change.NONE, 0.8)


_TIME = re.compile(
    rf"(?P<year>(?:1[5-9]|20)\d\d)|(?:(?:last|this|next)|the (?:previous|following|next|same)) "
    rf"{SPANS}|the {SPANS} (?:before|after)(?: (?:that|it|this))?",
    re.IGNORECASE,
)
"""When, without a preposition before it: "and last year?", "what about 2016?"."""


def _of_another_time(time: re.Match[str], context: Context) -> Reading:
    """The last question, of another time than it said: "and last year?"."""
    last = context.last_parsed.text
    said = YEAR.search(last)
    when = f"in {time['year']}" if time["year"] else re.sub(r" (?:that|it|this)$", "", time.group())
    if said is not None and (step := _YEARS_ON.match(when)):
        when = f"in {int(said.group()) + (-1 if step['before'] else 1)}"
    without = TIME_SAID.sub("", f" {last}").strip().rstrip("?.! ")
    return Reading(sentence(f"{without} {when}"), Change.ELLIPSIS, 1.0)


_ON_A_DAY = re.compile(rf"\b(?P<word>on|at|during|over|in) (?:an? |the )?{DAYS}\b", re.IGNORECASE)
_DAY = re.compile(rf"(?:(?:on|at|during|over|in) )?(?:an? |the )?{DAYS}", re.IGNORECASE)
_NUMBERED = re.compile(
    rf"\b(?P<noun>[a-z]+) (?P<number>\d{{1,2}}|{'|'.join(CARDINALS)})\b", re.IGNORECASE
)
_NUMBER = re.compile(r"(?:number |no\.? ?|nr\.? ?|#)?(?P<number>\d{1,2})", re.IGNORECASE)


def _of_another_day(x: str, last: str) -> str:
    """The last question, of another sort of day than it said: "and at the weekend?"."""
    said = _ON_A_DAY.search(last)
    if said is None or _DAY.fullmatch(x) is None:
        return ""
    when = x if _ON_A_DAY.match(x) else f"{said['word']} {x}"
    return sentence(f"{last[: said.start()]}{when}{last[said.end() :]}")


def _of_another_point(x: str, last: str) -> str:
    """The last question, of another number than it said: "and number 3?"."""
    asked, said = _NUMBER.fullmatch(x), _NUMBERED.search(last)
    if asked is None or said is None or counted(last) is None:
        return ""
    return sentence(f"{last[: said.start('number')]}{asked['number']}{last[said.end('number') :]}")


_YEARS_ON = re.compile(
    r"the (?:(?P<before>previous year|year before)|following year|next year|year after)$",
    re.IGNORECASE,
)


_CASES = {"he": ("he", "him", "his"), "she": ("she", "her", "her")}


def _of_another_person(pronoun: str, last: Parsed) -> str:
    """The last question, of her instead of him, where it names neither; empty of any other one."""
    meant = PRONOUN_OF.get(pronoun.lower())
    if meant is None:
        return ""
    for at, word in enumerate(last.words):
        said = PRONOUN_OF.get(word.low)
        if said is None or said == meant:
            continue
        follows = last.words[at + 1] if at + 1 < len(last.words) else None
        owns = word.low == "his" or (
            word.low == "her" and follows is not None and follows.role is Role.NOMINAL
        )
        case = 2 if owns else 0 if word.low in ("he", "she") else 1
        return sentence(f"{last.text[: word.start]}{_CASES[meant][case]}{last.text[word.end :]}")
    return ""


_WITHIN = frozenset("in at on during since".split())


def _the_same(match: re.Match[str], context: Context) -> Iterator[Reading]:
    """Readings of a question whether the same is so of something else, or is so still."""
    how, x = match["how"], match["x"]
    if match["applies"] and (not x or defines(context.last_parsed)):
        return  # "what is the rule?", "does that apply to nurses?"
    if not x:
        yield from bare_addition("now", context)
    elif how.lower() in _WITHIN:
        yield from bare_addition(f"{how} {x}", context)
    else:
        of = _of_the_same(x, context)
        vague = sentence(f"{ANYTHING}{of}")
        yield from (one for one in about_another(of, context) if one.question != vague)


_HIS = re.compile(r"^(?:his|her) (?=\w)", re.IGNORECASE)


def _of_whose(x: str, context: Context) -> str:
    """What somebody's is: "and her email?"; empty where nobody was spoken of, or nothing is owned.

    After "who opened his mill?", "and her shop?" asks of that.
    """
    if not _HIS.match(x) or any(w.low in PRONOUN_OF for w in context.last_parsed.words):
        return ""
    whose = resolve_all(x, context)
    return (
        "" if whose == x else sentence(f"what {'are' if make_phrase(x).plural else 'is'} {whose}")
    )


_OWN = re.compile(r"^(?:its|their|his|her) (?=\w)", re.IGNORECASE)


def _of_the_same(x: str, context: Context) -> str:
    """A phrase with its pronouns resolved; "their strengths" is "the" after another property."""
    if _OWN.match(x):
        new, last = make_phrase(_OWN.sub("the ", x), context.people), context.last_parsed
        best = best_slots(new, last, context.people)[:1]
        if best and best[0][0] >= 1 and best[0][1].tied:
            return new.text
    return resolve_all(x, context)


_COMMANDS = frozenset(
    "tell list show give explain describe compare name find say go do make let sum summarise "
    "summarize quote read open see look get help please stop start try".split()
)
"""How a turn begins that tells the program what to do."""


def _is_fragment(asked: str, *, led: bool) -> bool:
    """Whether a turn is only a noun phrase: "and the cost?"."""
    bare = asked.rstrip("?.! ")
    if _REASON.match(bare) or (not led and len(bare.split()) > 3):
        return False
    words = words_of(bare)
    head = head_word(words)
    nouns = (Role.NOMINAL, Role.DETERMINER, Role.CONJUNCTION)
    named = int(led and len(words) > 1 and words[0].tag == "VB")  # "and dial a ride?"
    return (
        0 < len(words) <= 8
        and words[0].role is not Role.PREPOSITION
        and words[-1].role in nouns
        and (head is None or not is_adjective(head))
        and all(w.role in nouns or w.role is Role.PREPOSITION for w in words[named:])
        and len(analyse(bare)) <= 5
        and words[0].low not in _COMMANDS
    )


def about_another(x: str, context: Context) -> Iterator[Reading]:
    """The last question asked of something else, or what is said of that."""
    if owner := _OWNER.search(x):
        if text := _owned_by(x, context.last_parsed):
            yield Reading(text, Change.WHAT_ABOUT, 1.0)
            return
        x = x[: owner.start()]
    if text := _of_their_own(x, context):
        yield Reading(text, Change.WHAT_ABOUT, 1.0)
        return
    if context.last_parsed.text.startswith(ANYTHING):
        yield Reading(sentence(f"{ANYTHING}{x}"), Change.WHAT_ABOUT, 1.0)
        return
    x = _with_its_noun(x, context.last_parsed)
    new, last = make_phrase(x, context.people), context.last_parsed
    sure = 0.0
    for text in (_asked_beside(x, new, context) or _for_somebody(x, last), _put_for(x, new, last)):
        if text:
            yield Reading(text, Change.WHAT_ABOUT, 1.0)
            sure = 1.0
    for reading, alike in _in_places(x, new, context, sure):
        yield reading
        sure = max(sure, alike)
    if not sure and (text := _in_unknown_place(x, last)):
        yield Reading(text, Change.WHAT_ABOUT, 1.0)
        sure = 1.0
    group = sort_of(new) is SlotSort.PEOPLE and new.kind is PhraseKind.THING
    if group and not sure and last.wh in ("what", "which"):
        text = sentence(f"{last.text.rstrip('?.! ')} for {x}")
        yield Reading(text, Change.WHAT_ABOUT, 0.95)
        sure = 0.5
    topic = context.topic
    if topic and not set(analyse(topic)) <= set(analyse(x)):
        if is_property(new):
            yield Reading(_property_of(new, topic), Change.WHAT_ABOUT, 0.95 if sure >= 1 else 1.0)
        yield Reading(with_added(f"{ANYTHING}{x}", topic), Change.WHAT_ABOUT, 0.85)
    yield Reading(sentence(f"{ANYTHING}{x}"), Change.WHAT_ABOUT, 0.85 if sure else 1.0)


def _in_places(
    x: str, new: Phrase, context: Context, sure: float
) -> Iterator[tuple[Reading, float]]:
    """The last question with this in the place of what is like it, and how well it goes there."""
    last = context.last_parsed
    of_a_thing = last.verb is None and last.subject[0] < last.subject[1]
    owned = x.lower().startswith(("the ", "its ", "their ", "your ", "our "))
    measured = last.wh == "how" and of_a_thing and owned
    places = best_slots(new, last, context.people)
    if owned and len(places) == 1 and last.wh in ("who", "when", "where"):
        measured = True  # "who runs the choir?", "and the girls?"
    for alike, slot in places[:2]:
        if alike >= 0.4 or measured:
            text = sentence(put_into(last, slot, x, new))
            surely = (alike >= 1 or measured) and not sure
            alike = max(alike, float(measured))  # "how much is the choir?", "and the swim?"
            yield Reading(text, Change.WHAT_ABOUT, 1.0 if surely else 0.85), alike
            sure = max(sure, alike)


_SOMEBODY = re.compile(
    r"(?:my|our) [\w’'-]+(?: [\w’'-]+){0,3}|(?:an? )?\d{1,2}[- ]year[- ]olds?|"
    r"(?:the )?(?:under|over)[- ]?\d{1,2}s?",
    re.IGNORECASE,
)
"""Somebody for whom a thing may be: "my 16 year old"."""


def _for_somebody(x: str, last: Parsed) -> str:
    """The last question, for somebody: "how much is the club?", "what about my son?"."""
    of_a_thing = last.verb is None and last.subject[0] < last.subject[1]
    if last.wh != "how" or not of_a_thing or not _SOMEBODY.fullmatch(x):
        return ""
    return sentence(f"{last.text.rstrip('?.! ')} for {x}")


def _asked_beside(x: str, new: Phrase, context: Context) -> str:
    """The last question with this for the topic beside it: "who do i ask [the choir]?".

    Empty where it has none, or where this may be something of the topic: "and the cost?".
    """
    asked, topic = context.last.searched_for, context.topic
    parsed = parse(without_brackets(asked))
    if not parsed.wh or not asked.rstrip("? ").endswith(f"[{topic}]"):
        return ""
    owned = x.lower().startswith("the ")
    if not owned or new.kind is PhraseKind.PERSON or is_measure(new):
        return ""
    return with_added(parsed.text, _with_its_noun(x, parse(topic)))


def _in_unknown_place(x: str, last: Parsed) -> str:
    """The last question with something in the place of the one name that no lexicon has.

    "When is hebden open?", "what about todmorden?". Words that no lexicon has are names; empty
    where there is no such place, or more than one.
    """
    words = last.words[: last.end]
    runs = [run for run in _unknown_runs(words) if _in_place(words, run[0])]
    tied = [run for run in runs if words[run[0] - 1].role is Role.PREPOSITION]
    small = [run for run in runs if words[run[0]].text.islower()]
    found = small if len(small) == 1 and len(runs) == 1 else tied
    if len(found) != 1 or words_of(x)[0].role is not Role.NOMINAL:
        return ""
    first, end = words[found[0][0]], words[found[0][-1]]
    if is_plural(end.low):
        return ""
    return sentence(f"{last.text[: first.start]}{x}{last.text[end.end :]}")


def _in_place(words: Sequence[Word], at: int) -> bool:
    return at > 0 and words[at - 1].role in (Role.AUXILIARY, Role.PREPOSITION)


def _unknown_runs(words: Sequence[Word]) -> Iterator[list[int]]:
    """Where words stand side by side that no lexicon has."""
    known = tagger().is_ordinary

    def strange(at: int) -> bool:
        word = words[at]
        return word.text.isalpha() and not known(word.low) and word.role is not Role.WH

    for is_strange, run in groupby(range(len(words)), strange):
        if is_strange:
            yield [*run]


_ONE = re.compile(r"(?P<which>\w[\w’'-]*) one(?P<s>s?)$", re.IGNORECASE)
_NOT_SORTS = frozenset(
    "the this that these those other another which any each every no last".split()
)
"""What stands before "one" and does not say of what sort it is."""


def _with_its_noun(x: str, last: Parsed) -> str:
    """A phrase with the last question's noun for "ones": "the small ones" after "the large hives".

    It is that of the first phrase in the same number that says of what sort its thing is, or else
    of the first one.
    """
    match = _ONE.search(x)
    if match is None or match["which"].lower() in _NOT_SORTS | ORDINALS.keys():
        return x
    phrases = [words_of(slot.phrase.text) for slot in slots_of(last)]
    several = bool(match["s"])
    fitting = [words for words in phrases if is_plural(words[-1].low) is several]
    sorts = (words for words in fitting if any(map(is_adjective, words)))
    words = next(sorts, next(iter(fitting), ()))
    nouns: list[str] = []
    for word in reversed(words):
        if word.role is not Role.NOMINAL or is_adjective(word):
            break
        nouns.insert(0, word.text)
    return f"{x[: match.start('s') - 4]} {' '.join(nouns)}" if nouns else x


_OWNER = re.compile(r"(?:[’']s|(?<=s)[’'])$")
_OWNS = re.compile(r"(?:[’']s|s[’'])$")


def _owned_by(owner: str, last: Parsed) -> str:
    """The last question, of what somebody else has: "how old is Ada's mill?", "and Ely's?".

    Empty where nobody owned anything in it.
    """
    words = last.words
    for at in range(last.end - 1):
        if words[at].role is not Role.NOMINAL or not _OWNS.search(words[at].text):
            continue
        first = at
        while first and words[first - 1].role in (Role.NOMINAL, Role.DETERMINER):
            first -= 1
        before, after = last.text[: words[first].start], last.text[words[at].end :]
        return sentence(f"{before}{owner}{after}")
    return ""


def _of_their_own(x: str, context: Context) -> str:
    """The last question, of what another person has: "who does Ada's job?", "and bo?".

    Empty where nobody owned anything in it, or where this names nobody.
    """
    last = context.last_parsed
    owners = (_OWNS.sub("", w.text) for w in last.words[: last.end] if _OWNS.search(w.text))
    owner = next(owners, "")
    known = {part for m in context.mentions for part in m.phrase.text.split() if _is_somebody(m)}
    words = x.split()
    strange = all(word.isalpha() and not tagger().is_ordinary(word.lower()) for word in words)
    if not owner or owner not in known or not strange or len(words) > 2:
        return ""
    return _owned_by(f"{x}{'’' if x.endswith('s') else '’s'}", last)


def _is_somebody(mention: Mention) -> bool:
    return mention.phrase.kind is not PhraseKind.THING


def in_its_place(x: str, context: Context) -> Iterator[str]:
    """The last question with something in the place of what it was about, the likeliest first."""
    new, last = make_phrase(x, context.people), context.last_parsed
    places = [slot for _, slot in best_slots(new, last, context.people)]
    tied = [slot for slot in places if slot.before in ("of", "for", "about", "at", "to")]
    for slot in dict.fromkeys([*tied[:1], *places[:1]]):
        yield sentence(put_into(last, slot, x, new))


def _put_for(x: str, new: Phrase, last: Parsed) -> str:
    """Whether the last question's answer is this: "who pays?", "what about the state?"."""
    at, verb = last.auxiliary, last.verb
    if last.subject[0] < last.subject[1] or verb is None:
        return ""
    if last.wh not in ("who", "which", "what") or sort_of(new) is SlotSort.THING:
        return ""
    if at is None:  # "which towns joined?", "and Sall?": no verb need be made bare
        named = new.kind is not PhraseKind.THING and is_past(last.words[verb])
        return sentence(f"{x} {last.slice(verb, last.end)}") if named else ""
    auxiliary = agreeing(last.words[at].text, plural=new.plural)
    return sentence(f"{auxiliary} {x} {last.slice(at + 1, last.end)}")


def _property_of(new: Phrase, topic: str) -> str:
    return sentence(f"What {'are' if new.plural else 'is'} {new.text} of {topic}")


_WHEN = frozenset("now today before earlier later then afterwards currently nowadays".split())
_WHEN_SAID = re.compile(rf"\s+(?:{'|'.join(sorted(_WHEN))}|at the moment)(?=\s|$)", re.IGNORECASE)


def bare_addition(short: str, context: Context) -> Iterator[Reading]:
    """The last question with this in place of what is like it: "and in mental health?"."""
    last = context.last_parsed
    words = words_of(short)
    body = last.text.rstrip("?.! ")
    addition = resolve_all(short, context)
    new = make_phrase(addition[words[0].end :].strip() or addition, context.people)
    same = [
        (alike, slot)
        for alike, slot in best_slots(new, last, context.people)
        if slot.before == words[0].low
        and (YEAR.fullmatch(slot.phrase.text) is None or YEAR.search(short) is not None)
    ]
    for _, slot in same[:1]:
        at = replace(slot, first=slot.first - 1)
        yield Reading(sentence(put_into(last, at, addition, new)), Change.ELLIPSIS, 1.0)
    if words[0].low in _WHEN and len(words) == 1:
        body = _WHEN_SAID.sub("", body)  # "how long does it last now?", "and before?"
    elif TIME_SAID.fullmatch(f" {short}"):
        body = TIME_SAID.sub("", f" {body}").strip()
    stranded = last.end > 0 and last.words[last.end - 1].low == words[0].low
    if stranded:  # "what did they ask about?", "and about cost?"
        body = last.slice(0, last.end - 1)
    text = sentence(f"{body} {addition}")
    yield Reading(text, Change.ELLIPSIS, 0.8 if same else 1.0)
