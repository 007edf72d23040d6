"""A question and the turns before it -> the questions that it may stand for.

The rules are tried from the most telling sign to the least: a return to an earlier subject, a
question about the post that was shown, "what about …", a question that is cut short, a pronoun, and
last a question that has too little in it to stand by itself. A question with none of these signs is
left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from askscwru.follow_up.anaphora import (
    Anaphor,
    Sort,
    anaphors,
    antecedents,
    put_in,
    resolve_all,
)
from askscwru.follow_up.context import Context, Exchange, Shown, plain
from askscwru.follow_up.phrases import Kind, Parsed, Phrase, make_phrase, noun_phrases, parse
from askscwru.follow_up.readings import Change, Reading, ranked, sentence, with_added
from askscwru.follow_up.slots import Sort as SlotSort
from askscwru.follow_up.slots import agreeing, best_slots, is_property, put_into, sort_of
from askscwru.follow_up.words import (
    AUXILIARIES,
    BE,
    HAVE,
    Role,
    is_adjective,
    is_base,
    is_finite,
    is_plural,
    singular,
    words_of,
)
from askscwru.ingest.bylines import bare_name
from askscwru.lexical import analyse

_LEAD = re.compile(
    r"^(?:(?:and|but|so|ok(?:ay)?|right|well|oh|hm+|also|then|now|yes|no|thanks|thank you|great|"
    r"interesting|i see|sorry)\b[\s,.!…–—-]*)+",
    re.IGNORECASE,
)
_CONTRACTED = re.compile(
    r"\b(what|who|where|when|how|why|that|it|there|she|he)[’']s\b", re.IGNORECASE
)

_NAMES_A_POST = re.compile(r"(?:^|\s)[“‘\"'«][^“”\"«»]{8,}[”’\"'»](?=[\s?.,!]|$)")

_SO = re.compile(
    r"\b(?P<verb>says?|said|thinks?|thought|believes?|argues?)\s+so(?=[\s?.!]*$)", re.IGNORECASE
)


def resolve(question: str, exchanges: Sequence[Exchange]) -> tuple[Reading, ...]:
    """What a question may mean after these turns: one to three readings, the likeliest first.

    Args:
        question: as the user wrote it, with single spaces.
        exchanges: the turns before it, the newest last; only the last few matter.
    """
    alone = Reading(question, Change.NONE, 1.0)
    if not exchanges:
        return (alone,)
    if _NAMES_A_POST.search(question):
        return (alone,)
    context = Context.of(exchanges)
    asked = _CONTRACTED.sub(r"\1 is", _LEAD.sub("", question).strip()) or question
    asked = _SO.sub(r"\g<verb> that", asked)
    led = asked != question and _LEAD.match(question) is not None
    for rule in (_returns, _about_the_post, _what_about, _cut_short, _pronouns):
        found = ranked(question, rule(question if rule is _what_about else asked, context))
        if found:
            return found
    return ranked(question, _too_little(asked, question, context, led=led)) or (alone,)


# -- returns ---------------------------------------------------------------------------------------

_BACK = re.compile(
    r"^(?:(?:can|could|shall) we |let[’']?s |i(?:[’']d| would) like to )?"
    r"(?:(?:going|go|getting|get|coming|come|turning|jumping)\s+)?"
    r"(?:back to|returning to|return to|as for|regarding|on the subject of)\s+"
    r"(?P<topic>[^,;:–—?]{2,80}?)\s*(?:again|itself|themselves)?\s*[,;:–—]\s*(?P<rest>.{2,})$",
    re.IGNORECASE,
)
_FRONTED = re.compile(r"^(?P<topic>[^,;:?]{2,80}),\s*(?P<rest>.{4,})$")


def _returns(asked: str, context: Context) -> Iterator[Reading]:
    match = _BACK.match(asked)
    if match is None:
        match = _FRONTED.match(asked)
        first = words_of(asked)[:1]
        if match is None or not first or first[0].role is Role.WH or first[0].low in AUXILIARIES:
            return
    rest = _LEAD.sub("", match["rest"])
    for at, topic in enumerate(_full_topics(match["topic"], context)):
        text = _clause_about(rest, topic, context)
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
    if make_phrase(bare, context.people).kind is not Kind.THING:
        held = [m for m in held if m.phrase.kind is not Kind.THING and not m.phrase.plural]
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
        phrases = noun_phrases(parse(plain(exchange.searched_for)), context.people)
        if shared > most and phrases:
            best, most = phrases[0].text, shared
    return "" if set(analyse(best)) <= set(analyse(question)) else best


def _clause_about(clause: str, topic: str, context: Context) -> str:
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


# -- the post that was shown -----------------------------------------------------------------------

_POST = (
    r"(?:blog ?posts?|posts?|blogs?|articles?|pieces?|entry|essay|write-?up|text|page|one|thing)"
)
_THIS = rf"(?:it|this|that|(?:this|that|the) (?:(?:same|last|first) )?{_POST})"
_POST_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        rf"^(?:so )?(?:who|by whom)\s+(?:has |was |is )?(?:it |{_THIS} )?"
        rf"(?:wrote|written|writes|authored|blogged|posted|published)(?: by)?(?: {_THIS})?$|"
        rf"^(?:who|whose)(?: is| was| are| were)? (?:{_THIS}|(?:the|its) (?:authors?|writer))"
        rf"(?: by| written by| of {_THIS}| from)?$|^who (?:is|are|was|were) the (?:author|writer|"
        rf"blogger)s?(?: here)?(?: (?:of|for|behind) {_THIS})?$|^whose {_POST} is {_THIS}$|"
        rf"^what(?: is|[’']s) the (?:author|writer)(?:[’']s)? name$|^(?:the )?author$|"
        rf"^(?:is|was) {_THIS} (?:by|written by) .+$",
        "Who wrote {post}?",
    ),
    (
        rf"^how (?:long|many words|big) (?:is|are|was|in|does|are in|are there in|is there in)"
        rf" {_THIS}(?: have| long| altogether| in full| in words)?$|^how many words$|"
        rf"^(?:what(?: is|[’']s) (?:the|its) )?(?:word count|length)(?: of {_THIS})?$",
        "How long is {post}?",
    ),
    (
        rf"^(?:is|was|are) (?:{_THIS}|there) (?:(?:really|just|only|actually) )?"
        rf"(?:the |an? |all |any )?(?:whole|full|entire|complete|all|more|rest|opening|excerpt|"
        rf"extract|beginning|start)\b.*$|"
        rf"^is (?:{_THIS}) (?:all|complete|everything|in full)(?: of it| there is)?$|"
        rf"^(?:do|did|can|have) (?:you|we|i) (?:have|got|get|see|read|show)?\s*(?:the )?"
        rf"(?:whole|rest|full|all of|entire).*$|^is there (?:any )?more(?: (?:of|to|in) .*)?$|"
        rf"^how much of {_THIS} (?:is|do|can).*$",
        "Is {post} the whole post?",
    ),
    (
        rf"^(?:which|what|whose) (?:blog|site|website)\b.*\b(?:is|was|does|did)\b.*$|"
        rf"^where (?:is|was|does|did) {_THIS} (?:from|published|posted|come from|appear)$|"
        rf"^(?:which|what|whose) (?:blog|site|website)$",
        "Which blog is {post} on?",
    ),
    (
        rf"^when (?:was|is) (?:{_THIS}) (?:written|published|posted)$",
        "When was {post} published?",
    ),
)
_COMPILED = tuple((re.compile(p, re.IGNORECASE), question) for p, question in _POST_PATTERNS)
_BOOKISH = frozenset("book report study paper journal guide document guidance letter song".split())
_MORE = re.compile(
    r"^(?:(?:can|could) you |please )?(?:tell|say|show)(?: me| us)?(?: a bit| a little| some)? more"
    r"(?: about (?P<what>.+))?$|^(?:go on|more|continue|anything else|and|"
    r"(?:any|some) more(?: details?)?|more details?|elaborate|explain)$|"
    rf"^what (?:else|more) (?:does|did|do|is|was|has) (?:{_THIS}|they|he|she)"
    r" (?:say|tell|mention|cover|discuss|argue|write|said)(?: (?:about|on|of) (?P<on>.+))?$|"
    rf"^what (?:else )?(?:is|was) (?:in|said in) {_THIS}$|"
    rf"^what (?:does|did) (?:this|that|the) {_POST} (?:say|argue|cover|discuss)"
    r"(?: (?:about|on) (?P<over>.+))?$",
    re.IGNORECASE,
)
_ORDINALS = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1, "other": 1,
}  # fmt: skip
_ORDINAL = re.compile(
    rf"\b(?:the )?({'|'.join(_ORDINALS)}) (?:one|quote|post|answer|citation)\b", re.IGNORECASE
)
_ELSE_WROTE = re.compile(
    r"^(?:what|which)(?: other)?(?: posts?| articles?)? ?(?:else )?(?:has|have|did|does) "
    r"(?P<who>he|she|they|this author|that author|the author|the authors)(?: else)? "
    r"(?:also |else )?(?:write|written|wrote|blogged?|post(?:ed)?|done)(?: here| about)?$",
    re.IGNORECASE,
)


def _about_the_post(asked: str, context: Context) -> Iterator[Reading]:
    bare = asked.rstrip("?.! ").strip()
    post = context.post
    if post is None:
        if _MORE.match(bare) and context.topic:
            yield Reading(f"What is said about {context.topic}?", Change.REFERENCE, 1.0)
        return
    if match := _ELSE_WROTE.match(bare):
        for at, name in enumerate(_writers(match["who"], context)[:2]):
            yield Reading(f"Which posts did {name} write?", Change.REFERENCE, 1.0 - 0.1 * at)
        return
    cited = _meant(bare, context) or post
    named = _ORDINAL.sub("it", bare)
    for pattern, question in _COMPILED:
        if pattern.match(named):
            name = _name_of(cited, context)
            yield Reading(question.format(post=name), Change.REFERENCE, 1.0)
            yield from _thing_instead(bare, context)
            return
    match = _MORE.match(bare)
    if match is not None:
        yield from _more(match, cited, context)


def _meant(bare: str, context: Context) -> Shown | None:
    """The post that "the second one" means among those that were shown last."""
    match = _ORDINAL.search(bare)
    shown = next((one.shown for one in reversed(context.exchanges) if one.shown), ())
    if match is None or len(shown) < 2:
        return None
    at = _ORDINALS[match[1].lower()]
    return shown[at] if at < len(shown) else None


def _name_of(post: Shown, context: Context) -> str:
    """What a question about a post calls it."""
    return f"“{post.title}”" if post.title else f"the post about {context.topic or 'this'}"


def _thing_instead(bare: str, context: Context) -> Iterator[Reading]:
    """The same question of a book or a report, which has a length and an author too."""
    parsed = parse(bare)
    for anaphor in anaphors(parsed)[:1]:
        if anaphor.sort is not Sort.THING:
            continue
        for choice in antecedents(anaphor, context)[:1]:
            if choice.phrase.words & _BOOKISH or choice.phrase.head in _BOOKISH:
                text = sentence(put_in(parsed, anaphor, choice.phrase))
                yield Reading(text, Change.PRONOUN, 0.75)


def _writers(who: str, context: Context) -> list[str]:
    """The persons meant, where they write posts; none where another person is meant."""
    authors = list(context.post.authors) if context.post else []
    if "author" in who.lower():
        return authors
    people = [m.phrase.text for m in context.mentions if m.phrase.kind is Kind.PERSON]
    return people[:1] if people and people[0] in context.people else []


def _more(match: re.Match[str], post: Shown, context: Context) -> Iterator[Reading]:
    """More of what the post says: other sentences than were shown."""
    shown = tuple(s.quote for one in context.exchanges for s in one.shown)
    groups = [text for text in match.groupdict().values() if text]
    about = _ORDINAL.sub("", groups[0]).strip() if groups else ""
    about = resolve_all(about, context) if about else context.topic
    topic = about or context.topic
    if post.title:
        told = f" about {topic}" if topic and topic.lower() not in post.title.lower() else ""
        text = sentence(f"What does “{post.title}” say{told}")
        yield Reading(text, Change.REFERENCE, 1.0, leave_out=shown)
    if topic:
        text = sentence(f"What is said about {topic}")
        yield Reading(text, Change.REFERENCE, 0.9, leave_out=shown)


# -- what about ------------------------------------------------------------------------------------

_WHAT_ABOUT = re.compile(
    r"^(?:what|how)\s+about\s+(?P<x>[^,;:–—?]+?)\s*(?:[,;:–—]\s*(?P<rest>.{3,}))?[?.!\s]*$",
    re.IGNORECASE,
)
_THE_ONE = re.compile(
    r"^(?:the ones?|those|that|these) (?=(?:in|on|at|for|from|by|of|about)\b)", re.IGNORECASE
)


def _what_about(asked: str, context: Context) -> Iterator[Reading]:
    led = _LEAD.match(asked) is not None
    asked = _LEAD.sub("", asked).strip() or asked
    match = _WHAT_ABOUT.match(asked)
    if match is None and not _is_fragment(asked, led=led):
        return
    x = match["x"].strip() if match else asked.rstrip("?.! ")
    x = resolve_all(_THE_ONE.sub("", x), context)
    rest = match["rest"] if match else None
    if rest:
        clause = _clause_about(_LEAD.sub("", rest), x, context)
        yield Reading(clause, Change.WHAT_ABOUT, 1.0)
        if context.topic and not set(analyse(context.topic)) <= set(analyse(clause)):
            yield Reading(with_added(clause, context.topic), Change.WHAT_ABOUT, 0.85)
    elif words_of(x)[0].role is Role.PREPOSITION:
        yield from _bare_addition(x, context)
    else:
        yield from _about_another(x, context)


def _is_fragment(asked: str, *, led: bool) -> bool:
    """Whether a turn is only a noun phrase: "and the cost?"."""
    bare = asked.rstrip("?.! ")
    if _WHY.match(bare) or (not led and len(bare.split()) > 3):
        return False
    words = words_of(bare)
    nouns = (Role.NOMINAL, Role.DETERMINER, Role.CONJUNCTION)
    return (
        0 < len(words) <= 8
        and words[0].role is not Role.PREPOSITION
        and all(w.role in nouns or w.low in ("of", "with") for w in words)
        and len(analyse(bare)) <= 5
        and not words[0].low.startswith(("tell", "list", "show"))
    )


def _about_another(x: str, context: Context) -> Iterator[Reading]:
    """The last question asked of something else, or what is said of that."""
    new, last = make_phrase(x, context.people), context.last_parsed
    sure = 0.0
    for alike, slot in best_slots(new, last, context.people)[:2]:
        if alike >= 0.4:
            sure = max(sure, alike)
            text = sentence(put_into(last, slot, x, new))
            yield Reading(text, Change.WHAT_ABOUT, 1.0 if alike >= 1 else 0.9)
    if text := _put_for_the_asked(x, new, last):
        yield Reading(text, Change.WHAT_ABOUT, 1.0)
        sure = 1.0
    topic = context.topic
    if topic and not set(analyse(topic)) <= set(analyse(x)):
        text = with_added(f"What about {x}", topic)
        if is_property(new):
            yield Reading(_property_of(new, topic), Change.WHAT_ABOUT, 0.95 if sure >= 1 else 1.0)
            yield Reading(text, Change.WHAT_ABOUT, 0.85)
        else:
            yield Reading(text, Change.WHAT_ABOUT, 0.85)
    yield Reading(sentence(f"What about {x}"), Change.WHAT_ABOUT, 0.85 if sure else 1.0)


def _put_for_the_asked(x: str, new: Phrase, last: Parsed) -> str:
    """Whether the last question's answer is this: "who pays?", "what about the state?"."""
    at, verb = last.auxiliary, last.verb
    if last.subject[0] < last.subject[1] or at is None or verb is None:
        return ""
    if last.wh not in ("who", "which", "what") or sort_of(new) is SlotSort.THING:
        return ""
    auxiliary = agreeing(last.words[at].text, plural=new.plural)
    return sentence(f"{auxiliary} {x} {last.slice(at + 1, last.end)}")


def _property_of(new: Phrase, topic: str) -> str:
    return sentence(f"What {'are' if new.plural else 'is'} {new.text} of {topic}")


# -- questions that are cut short ------------------------------------------------------------------

_TAIL = re.compile(
    r"\s+(?:(?:was|is|were|are)\s+(?:that|this|it|they|those|so)|(?:did|does|do|will)\s+"
    r"(?:that|this|it|they|those)\s+(?:happen|take place|be)|exactly|then|so|not|in particular|"
    r"precisely|specifically|is that so)$",
    re.IGNORECASE,
)
_ELSE = re.compile(r"^(?P<wh>who|what|where) else$", re.IGNORECASE)
_WHY = re.compile(
    r"^(?:how come|how so|what for|for what reason|(?:what (?:is|was) )?the reason)$", re.IGNORECASE
)
_WHY_NOT = re.compile(r"^why not(?: (?P<whom>(?:\w|[’'-])+(?: \w+){0,3}))?$", re.IGNORECASE)
_WHO_BY = re.compile(r"^(?P<wh>who|which \w+) (?P<by>by|for|from|to|with|at|in)$", re.IGNORECASE)
_NO_NOUN = re.compile(r"^how many\b", re.IGNORECASE)


_NEXT_PHRASE = "in|on|at|for|since|by|after|before|during"


def _cut_short(asked: str, context: Context) -> Iterator[Reading]:
    bare = asked.rstrip("?.! ").strip()
    match = _ELSE.match(bare)
    if match and (more := _more_of_the_same(match["wh"], context)):
        yield more
        return
    bare = _WHY.sub("why", bare)
    if match := _WHY_NOT.match(bare):
        yield from _denied(match["whom"] or "", context)
        return
    if match := _WHO_BY.match(bare):
        bare = f"{match['by']} {'whom' if match['wh'].lower() == 'who' else match['wh']}"
    short = _TAIL.sub("", bare)
    of_a_thing = re.match(r"^(?:who|what|how (?:\w+))$", short, re.IGNORECASE)
    if of_a_thing and re.search(r"(?:it|they|that|this|those)$", bare, re.IGNORECASE):
        return  # "how big are they?" asks of the thing, not the last question once more
    parsed = parse(short)
    if parsed.asks[0] < parsed.asks[1] and parsed.asks[1] >= parsed.end:
        yield from _bare_question(short, bare, context)
        return
    words = parsed.words
    if (
        parsed.asks[1] == 1
        and len(words) > 1
        and words[0].low in ("why", "how", "when", "where")
        and not any(w.role in (Role.AUXILIARY, Role.PRONOUN) or _is_verb(w.low) for w in words[1:])
    ):
        yield Reading(with_added(short, context.topic), Change.ELLIPSIS, 1.0)
        yield Reading(sentence(bare), Change.NONE, 0.8)
        return
    if words and words[0].role in (Role.PREPOSITION, Role.ADVERB) and _no_verb(parsed):
        yield from _bare_addition(short, context)
        return
    if words and _no_verb(parsed) and is_adjective(words[0].low) and len(words) <= 4:
        yield from _bare_addition(short, context)
        return
    match = _NO_NOUN.match(short)
    if match and parsed.asks[1] - parsed.asks[0] == 2 and parsed.end > parsed.asks[1]:
        counted = _counted(context)
        follows = words[parsed.asks[1]]
        if counted and follows.role is Role.AUXILIARY:
            rest = short[match.end() :]
            rest = resolve_all(rest, context)
            yield Reading(sentence(f"{match.group()} {counted}{rest}"), Change.ELLIPSIS, 1.0)
            topic = context.topic
            if topic and not set(analyse(topic)) <= set(analyse(counted)):
                text = with_added(f"{match.group()} {counted}{rest}", topic)
                yield Reading(text, Change.ELLIPSIS, 0.85)


def _more_of_the_same(wh: str, context: Context) -> Reading | None:
    """The last question asked for others than were shown: "who else?"."""
    last = context.last_parsed
    if last.wh != wh.lower() or last.asks[1] - last.asks[0] != 1:
        return None
    shown = tuple(s.quote for one in context.exchanges for s in one.shown)
    text = sentence(f"{wh} else {last.slice(last.asks[1], last.end)}")
    return Reading(text, Change.ELLIPSIS, 1.0, leave_out=shown)


def _is_verb(low: str) -> bool:
    return (is_finite(low) or is_base(low)) and not is_plural(low)


def _no_verb(parsed: Parsed) -> bool:
    return not any(
        w.role is Role.AUXILIARY or w.role is Role.WH or w.role is Role.PRONOUN
        for w in parsed.words
    )


def _counted(context: Context) -> str:
    """What the last question counted, or the first thing in the plural that it spoke of."""
    last = context.last_parsed
    first, end = last.asks
    if last.wh == "how" and end - first > 2:
        return last.slice(first + 2, end)
    plural = [m.phrase.text for m in context.mentions if m.phrase.plural and m.age == 0]
    return plural[0] if plural else ""


def _bare_question(short: str, bare: str, context: Context) -> Iterator[Reading]:
    """The last question, asked otherwise: "when?", "and where was that?", "which team?"."""
    last = context.last_parsed
    asks = short
    topic = context.topic
    whole = _asked_anew(asks, last, context)
    if whole:
        yield Reading(whole, Change.ELLIPSIS, 1.0)
    low = asks.lower()
    marked = [m.phrase for m in context.mentions if m.age == 0]
    if marked and not low.startswith(("why", "how come", "what else")):
        verb = "are" if marked[0].plural else "is"
        if last.auxiliary is not None and last.words[last.auxiliary].low in ("was", "were", "did"):
            verb = "were" if marked[0].plural else "was"
        best = marked[0].text
        yield Reading(sentence(f"{asks} {verb} {best}"), Change.ELLIPSIS, 0.8)
    if topic:
        yield Reading(with_added(asks, topic), Change.ELLIPSIS, 0.7)


def _denied(whom: str, context: Context) -> Iterator[Reading]:
    """The last question's contrary: "why not?", "why not families?"."""
    last = context.last_parsed
    if whom and is_base(words_of(whom)[0].low):
        return  # "why not ask them?" is a question of its own
    if whom:
        for reading in _about_another(whom, context):
            parsed = parse(reading.question)
            if reading.prior >= 0.9 and (text := _negated(parsed)):
                yield Reading(text, Change.ELLIPSIS, 1.0)
                break
    elif text := _negated(last, _answered_with(context)):
        yield Reading(text, Change.ELLIPSIS, 1.0)
    if context.topic:
        yield Reading(with_added(f"Why not {whom}", context.topic), Change.ELLIPSIS, 0.8)


def _negated(asked: Parsed, subject: str = "") -> str:
    """Why not, of a question that has an auxiliary; empty of another one."""
    at, (first, end) = asked.auxiliary, asked.subject
    if at is None or not (first < end or subject):
        return ""
    if first < end:
        subject = asked.slice(first, end)
    else:
        first = end = at + 1
    return sentence(f"why {asked.words[at].low} {subject} not {asked.slice(end, asked.end)}")


def _counting(asks: str, last: Parsed) -> str:
    """How many of the last question's subject: "why do nurses leave?", "how many?"."""
    first, end = last.subject
    if not re.search(r"\bhow many$", asks, re.IGNORECASE) or first >= end:
        return ""
    subject = make_phrase(last.slice(first, end))
    if not subject.plural or last.auxiliary is None:
        return ""
    auxiliary = last.words[last.auxiliary].low
    kept = "" if auxiliary == "do" else auxiliary
    return sentence(f"{asks} {subject.text} {kept} {last.slice(end, last.end)}")


def _asked_anew(asks: str, last: Parsed, context: Context) -> str:
    """The last question with another question phrase; empty where it does not allow that."""
    if text := _counting(asks, last):
        return text
    first, end = last.asks
    nouns = " ".join(w.text for w in last.words[first:end] if w.role is Role.NOMINAL)
    has = last.auxiliary is not None and last.words[last.auxiliary].low in HAVE
    if nouns and has and last.verb is None and last.auxiliary is not None:
        return sentence(f"{asks} do {nouns} have {last.slice(last.auxiliary + 1, last.end)}")
    if last.auxiliary is not None and last.subject[0] < last.subject[1]:
        rest = last.slice(last.auxiliary, last.end)
        return sentence(f"{asks} {rest[:1].lower()}{rest[1:]}")
    if last.auxiliary is not None:
        subject = f"the {nouns}" if nouns else _answered_with(context)
        if subject:
            auxiliary = last.words[last.auxiliary].text
            return sentence(
                f"{asks} {auxiliary} {subject} {last.slice(last.auxiliary + 1, last.end)}"
            )
    if last.verb is not None and last.end > last.verb + 1:
        if asks.lower().endswith(("when", "where")):
            rest = last.verb + 1
            rest += last.words[rest].role is Role.PREPOSITION
            return sentence(f"{asks} was {last.slice(rest, last.end)}")
        return with_added(asks, last.slice(last.verb, last.end))
    return ""


def _answered_with(context: Context) -> str:
    shown = context.last.shown
    marked = shown[0].highlight if shown else ""
    return marked if 0 < len(marked.split()) <= 6 else ""


def _bare_addition(short: str, context: Context) -> Iterator[Reading]:
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
    ]
    for _, slot in same[:1]:
        at = replace(slot, first=slot.first - 1)
        yield Reading(sentence(put_into(last, at, addition, new)), Change.ELLIPSIS, 1.0)
    text = sentence(f"{body} {addition}")
    yield Reading(text, Change.ELLIPSIS, 0.8 if same else 1.0)


# -- pronouns --------------------------------------------------------------------------------------

_SECOND = re.compile(
    rf"\bthe ({'|'.join(_ORDINALS)}) (?:one|of them|of these|of those)\b", re.IGNORECASE
)


def _pronouns(asked: str, context: Context) -> Iterator[Reading]:
    if match := _SECOND.search(asked):
        yield from _ordinal_one(asked, match, context)
        return
    parsed = parse(asked)
    found = [a for a in anaphors(parsed) if antecedents(a, context)]
    weak = [a for a in found if a.definite]
    strong = [a for a in found if not a.definite]
    if not strong:
        yield from _definites(asked, parsed, weak, context)
        return
    main = strong[0]
    choices = antecedents(main, context)
    top = choices[0].score
    for choice in choices[:4]:
        if choice.whole:
            text = put_in(parsed, main, choice.phrase)
            text = _rest_resolved(text, main, choice.phrase, context)
            if choice.phrase.vague:
                text = with_added(text, _beside(choice.phrase, context))
        else:
            text = with_added(parsed.text, choice.phrase.text)
        yield Reading(sentence(text), Change.PRONOUN, choice.score / top)
    own = len(_content(parsed.text))
    if own > 3 or (main.sort is Sort.NOUN and own > 1):
        yield Reading(sentence(asked), Change.NONE, 0.8)
    if main.sort is Sort.EVENT:
        said = _said(context)
        if said:
            yield Reading(with_added(parsed.text, said), Change.PRONOUN, 0.9)


def _beside(phrase: Phrase, context: Context) -> str:
    """What says which one is meant, of a thing that the last question asked after."""
    others = noun_phrases(context.last_parsed, context.people)
    return next((other.text for other in others if other.text != phrase.text), "")


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
    if anaphors(parse(said)):
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
    head = parse(nouns).words[-1].text
    one = f"the {match[1]} {singular(head)}"
    text = asked[: match.start()] + one + asked[match.end() :]
    yield Reading(with_added(text, _said(context)), Change.PRONOUN, 1.0)


def _definites(
    asked: str, parsed: Parsed, weak: Sequence[Anaphor], context: Context
) -> Iterator[Reading]:
    """What was called by a longer name that has these words in it: "the journal"."""
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


# -- too little to stand by itself -----------------------------------------------------------------

_GENERIC = frozenset(
    analyse(
        "people person thing things kind sort year time way lot part number man woman say said "
        "happen do use used give gave go went get got take took make made come came find found "
        "mean meant good bad new old first last example main reason different important "
        "problem else good better best point"
    )
)


def _content(text: str) -> list[str]:
    """The terms of a text that say what it is about."""
    return [term for term in dict.fromkeys(analyse(text)) if term not in _GENERIC]


def _too_little(asked: str, question: str, context: Context, *, led: bool) -> Iterator[Reading]:
    parsed = parse(asked)
    topic = context.topic
    if not topic or _stands_alone(parsed, context):
        return
    content = _content(asked)
    if set(analyse(topic)) <= set(analyse(asked)):
        return
    needy = led or len(content) <= 2 or any(a.definite for a in anaphors(parsed))
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
    content = _content(parsed.text)
    definite = any(a.definite for a in anaphors(parsed))
    if len(content) >= 4 or (len(content) >= 3 and not definite and "else" not in parsed.text):
        return True
    defines = parsed.auxiliary is not None and words[parsed.auxiliary].low in BE
    defines = defines and parsed.wh in ("what", "who") and parsed.asks[1] - parsed.asks[0] == 1
    return defines and bool(content) and not definite and "else" not in parsed.text.lower()
