"""What is typed after an answer and asks nothing, or is about the answer itself.

"Thanks!", "yes" and "ok" are no questions; "shorter", "in full" and "show me where" are wishes for
the answer that is shown; "no, I mean the minibus" takes the question before back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from askscwru.conversation.follow_up.another import about_another, bare_addition, in_its_place
from askscwru.conversation.follow_up.context import Context
from askscwru.conversation.follow_up.phrases import parse
from askscwru.conversation.follow_up.readings import Change, Reading, content, sentence
from askscwru.conversation.follow_up.words import ORDINALS, Role, words_of

_ASSENT = frozenset(
    "yes yeah yep yup no nope nah ok okay k alright right sure indeed exactly correct true thanks "
    "thank thx ty cheers ta great good nice fine cool perfect lovely brilliant excellent super "
    "wonderful fantastic awesome amazing wow oh ah aha hm hmm mhm interesting helpful useful "
    "understood noted bye goodbye sorry please appreciated hello hi hey welcome agreed".split()
)
_AROUND = frozenset(
    "you very so much many a lot really that this is was it that's it's all for now then the of "
    "course i im i'm see get got makes sense fair enough well done quite most your help answer too "
    "again indeed and mind never problem worries not bad pretty to know know helps helped".split()
)
"""Words that say nothing beside one of those, or make a remark of their own in a fixed phrase."""
_PHRASES = re.compile(
    r"^(?:i see|got it|i get it|never mind|makes sense|that makes sense|fair enough|well done|"
    r"no problem|no worries|not bad|of course|(?:that |it )?help(?:s|ed)(?: a lot| me)?|"
    r"that(?:[’']?s| is) "
    r"(?:all|it|enough)(?: for now| then)?)$"
)


_ASKS = re.compile(r"^(?:is|was|are|were) (?:it|that|this|they|these|those)\b(?! so$| right$)")
"""What begins so is asked of something: "is that useful?"."""
_SURPRISED = re.compile(
    r"^(?:(?:only |just )?(?:that|so|this) (?:many|much|few|little|long|late|early|old|soon|often|"
    r"big|small)|really|seriously|honestly|no way|is (?:it|that) (?:so|right)|you don't say)$"
)
"""Surprise at an answer: it asks for nothing that the answer has not said."""


def is_remark(text: str) -> bool:
    """Whether a turn asks nothing: thanks, assent, farewell.

    Args:
        text: the turn as it was typed.
    """
    words = re.findall(r"[^\W\d_]+(?:[’'][^\W\d_]+)*", text.lower().replace("’", "'"))
    if not words or len(words) > 8 or _ASKS.match(" ".join(words)):
        return False
    if _SURPRISED.match(" ".join(words)):
        return True
    known = all(word in _ASSENT or word in _AROUND for word in words)
    return known and (
        any(word in _ASSENT for word in words) or bool(_PHRASES.match(" ".join(words)))
    )


_CORRECTS = re.compile(
    r"^(?:(?:no|nope|sorry|wait|oh|actually|well)\b[\s,.!;:–—-]*)*"
    r"(?:(?:what )?i (?:actually |really )?(?:mean|meant|am asking about|was asking about|was "
    r"thinking of|want to know about)|make (?:it|that)|rather|i (?:did(?:n[’']t| not)) mean \S+"
    r"(?: \S+)?,? (?:but|i meant?))\s+(?:rather |the one (?=about)|is |was )?(?P<x>.+?)[\s?.!]*$",
    re.IGNORECASE,
)
_NOT_BUT = re.compile(
    r"^(?:no[\s,.!]+)?not (?P<old>(?:the |an? )?[\w’' -]{2,30}?)\s*[,;:–—-]+\s*(?:but )?"
    r"(?P<x>(?:the |an? )?[\w’' -]{2,40}?)[\s?.!]*$",
    re.IGNORECASE,
)


def corrected(asked: str, context: Context) -> Iterator[Reading]:
    """Readings of a turn that puts something else in the place of what was asked about."""
    match = _CORRECTS.match(asked) or _NOT_BUT.match(asked)
    if match is None:
        return
    x = match["x"].strip()
    parsed = parse(x)
    if parsed.auxiliary is not None or parsed.asks[0] < parsed.asks[1]:
        return  # "I mean: when did it open?" is a question of its own
    if words_of(x)[0].role is Role.PREPOSITION:
        for reading in bare_addition(x, context):
            yield Reading(reading.question, Change.CORRECTION, reading.prior)
        return
    placed = list(in_its_place(x, context))
    for at, text in enumerate(placed):
        yield Reading(text, Change.CORRECTION, 1.0 - 0.05 * at)
    for reading in about_another(x, context):
        share = 0.9 if placed else 1.0
        yield Reading(reading.question, Change.CORRECTION, reading.prior * share)


def own_question(asked: str) -> str:
    """What is asked behind "I mean": the question itself, or the text as it is."""
    match = _CORRECTS.match(asked)
    if match is None:
        return asked
    parsed = parse(match["x"])
    whole = parsed.auxiliary is not None or parsed.asks[0] < parsed.asks[1]
    return sentence(match["x"].lstrip(" :,")) if whole else asked


def chosen(asked: str, context: Context) -> Iterator[Reading]:
    """The alternative that a turn picks, of those that were offered with the last answer."""
    offered = context.last.alternatives
    bare = asked.strip(" ?.!")
    if not offered or len(bare.split()) > 5:
        return
    ordinal = re.fullmatch(rf"(?:the )?({'|'.join(ORDINALS)})(?: one)?", bare, re.IGNORECASE)
    if ordinal and ORDINALS[ordinal[1].lower()] < len(offered):
        yield Reading(offered[ORDINALS[ordinal[1].lower()]], Change.REFERENCE, 1.0)
        return
    if any(w.role in (Role.WH, Role.AUXILIARY, Role.VERB) for w in words_of(bare)):
        return
    own = set(content(bare))
    found = [text for text in offered if own and own <= set(content(text))]
    other = own & set(content(context.last.searched_for))
    if len(found) == 1 and other != own:
        yield Reading(found[0], Change.REFERENCE, 1.0)


_SHORT = re.compile(
    r"^(?:(?:can|could) you |please |say (?:it|that) |(?:make|keep) (?:it|that) |a bit |even |and |"
    r"(?:what is|what[’']s) (?:it|that) )*(?:shorter|in short|briefly|short(?: version)?|in brief|"
    r"more briefly|in a word|in one (?:word|sentence)|just the (?:answer|fact|number|name)|tl;?dr)"
    r"(?: please| version)?$",
    re.IGNORECASE,
)
_FULL = re.compile(
    r"^(?:(?:can|could|may) (?:you|i|we) |please |say (?:it|that) |show (?:me |it |us )?|and |"
    r"give me |(?:read|quote|see) (?:it |that )?|the (?:answer|quote) )*(?:in full|longer|the "
    r"(?:whole|full|entire) (?:passage|paragraph|quote|thing|answer|context)|more context|"
    r"(?:in|with|the) context|at (?:full )?length|what comes (?:before|after)(?: (?:it|that))?)"
    r"(?: please)?$",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"^(?:(?:can|could) you |please |and )*(?:show (?:me|us)(?: where| that| it| the (?:source|"
    r"place))?|(?:show (?:me|us) )?where (?:(?:does it say|do they say)(?: that| this| it)?|is "
    r"(?:that|this|it) (?:said|written|stated))|where (?:did|do) you (?:get|find|have) "
    r"(?:that|this|it)(?: from)?|"
    r"(?:what(?: is|[’']s) )?(?:the|your) source|sources?|says who|according to whom|"
    r"(?:how do you know|prove it|prove that))(?: (?:it|that|this) (?:says?|stands?|is)(?: so|"
    r" said)?| please)?$",
    re.IGNORECASE,
)
_MORE_OF_THEM = re.compile(
    r"^(?:(?:and|ok|what about|how about|are there|is there|do you have|(?:show|give) me|can you "
    r"(?:show|give) me|any|some|the)\s+)*(?:others?|another(?: one| example| case| reason)?|other "
    r"(?:ones|examples|reasons|cases)|more examples?|more of (?:them|those)|one more|the rest|"
    r"rest(?: of them)?|remaining ones?)$",
    re.IGNORECASE,
)


def others(asked: str, context: Context) -> Iterator[Reading]:
    """The last question once more, for other quotes than were shown: "the others?"."""
    if _MORE_OF_THEM.match(asked.strip(" ?.!")) and context.shown:
        last = next(one for one in reversed(context.exchanges) if one.shown)
        yield Reading(last.searched_for, Change.OTHERS, 1.0, leave_out=context.shown)


_WISHES = ((_SHORT, Change.SHORTER), (_FULL, Change.FULL), (_WHERE, Change.WHERE))


def wished(asked: str, context: Context) -> Iterator[Reading]:
    """The last question once more, its answer to be shown otherwise: "shorter", "in full"."""
    bare = asked.strip(" ?.!")
    for pattern, change in _WISHES:
        if pattern.match(bare):
            last = next((one for one in reversed(context.exchanges) if one.shown), None)
            if last is not None:
                yield Reading(last.searched_for, change, 1.0)
            return
