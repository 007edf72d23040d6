"""Questions about the post that was shown: "who wrote that?", "tell me more"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from askscwru.conversation.follow_up.anaphora import (
    Sort,
    anaphors,
    antecedents,
    put_in,
    resolve_all,
)
from askscwru.conversation.follow_up.context import Context
from askscwru.conversation.follow_up.phrases import PhraseKind, parse
from askscwru.conversation.follow_up.readings import ANYTHING, Change, Reading, sentence
from askscwru.conversation.follow_up.turns import Shown
from askscwru.conversation.follow_up.words import ORDINALS, Role, words_of

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
        rf"(?:the |an? |all |any )?(?:whole|full|entire|complete|all|more(?! than)|rest|opening|"
        rf"excerpt|extract|beginning|start)\b.*$|"
        rf"^is (?:{_THIS}) (?:all|complete|everything|in full)(?: of it| there is)?$|"
        rf"^(?:do|did|can|have) (?:you|we|i) (?:have|got|get|see|read|show)?\s*(?:the )?"
        rf"(?:whole|rest|full|all of|entire).*$|^is there (?:any )?more(?: (?:of|to|in) .*)?$|"
        rf"^how much of {_THIS} (?:(?:is|are) (?:here|there|this|shown|known|quoted|saved|missing)|"
        r"(?:do|can) (?:you|we|i) (?:have|get|see|read|show|know))\b.*$",
        "Is {post} the whole post?",
    ),
    (
        rf"^(?:which|what|whose) (?:blog|site|website)\b.*\b(?:is|was|does|did)\b.*$|"
        rf"^where (?:is|was|does|did) {_THIS} (?:from|published|posted|come from|appear)$|"
        rf"^(?:which|what|whose) (?:blog|site|website)$",
        "Which blog is {post} on?",
    ),
    (
        rf"^what (?:is|was) (?:{_THIS}|the post) (?:called|titled)$|^what[’']s {_THIS} called$|"
        rf"^what(?: is|[’']s) (?:the|its) (?:title|headline)(?: of {_THIS})?$|"
        rf"^what(?: is|[’']s) {_THIS}[’']s (?:title|headline)$|"
        r"^(?:which|what) (?:blog ?)?(?:post|article|page|piece)(?: (?:is|was|are|does|do|did) "
        r"(?:it|this|that|these|those|(?:this|that|the) (?:quote|sentence|answer))"
        r"(?: (?:from|in|come from|stand in|taken from|quoted from))?)?$|"
        r"^where (?:is|does|did) (?:this|that|the) (?:quote|sentence|answer) (?:come )?from$|"
        r"^(?:the )?title$",
        "What is {post} called?",
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
_ORDINAL = re.compile(
    rf"\b(?:the )?({'|'.join(ORDINALS)}) (?:one|quote|post|answer|citation)\b", re.IGNORECASE
)
_BARE_ORDINAL = re.compile(
    rf"^(?:(?:what|how) about |show me |tell me about |open )?(?:the )?(?:{'|'.join(ORDINALS)}) "
    r"(?:one|quote|post|answer|citation)$",
    re.IGNORECASE,
)
_ELSE_WROTE = re.compile(
    r"^(?:what|which)(?: other)?(?: posts?| articles?)? ?(?:else )?(?:has|have|did|does) "
    r"(?P<who>he|she|they|this author|that author|the author|the authors)(?: else)? "
    r"(?:also |else )?(?:write|written|wrote|blogged?|post(?:ed)?|done)(?: here| about)?$",
    re.IGNORECASE,
)


_SUPERLATIVE = re.compile(
    r"^which(?: one| ones| post| of (?:them|these|those|the posts))? (?:is|was|are) (?:the )?"
    r"(?P<most>longest|shortest)(?: one)?$",
    re.IGNORECASE,
)


_ABOUT_IT = re.compile(rf"^what (?:is|was) {_THIS} (?:all )?about$", re.IGNORECASE)


_OF_ANYTHING = ("How long is {post}?", "What is {post} called?")
"""What may be asked of a thing as well as of a post."""
_BARE_IT = re.compile(r"\b(?:it|this|that)(?:[’']s)?(?: called| titled)?$", re.IGNORECASE)


def _of_a_thing(context: Context) -> bool:
    """Whether the last question asked of a thing that is no text, and not of posts."""
    last = context.last.searched_for
    if re.search(r"\b(?:posts?|blogs?|articles?|authors?|wr(?:ote|itten|ites?))\b|“", last):
        return False
    things = [
        m.phrase for m in context.mentions if m.age == 0 and m.phrase.kind is not PhraseKind.PERSON
    ]
    things = [one for one in things if one.text.lower() in last.lower()]
    return bool(things) and not any(
        one.words & _BOOKISH or one.head in _BOOKISH for one in things[:1]
    )


def _longest_of(bare: str, context: Context) -> str:
    """The longest or shortest of the posts that were asked for last."""
    match = _SUPERLATIVE.match(bare)
    if match is None or not re.search(r"\bposts?\b", context.last.searched_for, re.IGNORECASE):
        return ""
    asked = context.last.searched_for
    names = [name for name in sorted(context.people) if name.split()[-1] in asked]
    by = f" by {names[0]}" if len(names) == 1 else ""
    return f"Which is the {match['most'].lower()} post{by}?"


def about_the_post(asked: str, context: Context) -> Iterator[Reading]:
    """Readings of a question about the post that was shown, by its title."""
    bare = asked.rstrip("?.! ").strip()
    post = next(iter(context.posts), None)
    if post is None:
        if _MORE.match(bare) and context.topic:
            yield Reading(f"{ANYTHING}{context.topic}?", Change.REFERENCE, 1.0)
        return
    if match := _ELSE_WROTE.match(bare):
        for at, name in enumerate(_writers(match["who"], post, context)[:2]):
            yield Reading(f"Which posts did {name} write?", Change.REFERENCE, 1.0 - 0.1 * at)
        return
    if text := _longest_of(bare, context):
        yield Reading(text, Change.REFERENCE, 1.0)
        return
    cited = _counted_out(bare, context) or post
    if _ABOUT_IT.match(bare) and re.search(r"\bposts?\b|“", context.last.searched_for):
        yield Reading(f"What is {_name_of(cited, context)} about?", Change.REFERENCE, 1.0)
        return
    named = _ORDINAL.sub("it", bare)
    if any(w.capital and w.role is Role.NOMINAL for w in words_of(bare)[1:]):
        return  # it names what it is about
    for pattern, question in _COMPILED:
        if pattern.match(named):
            bare_it = question in _OF_ANYTHING and _BARE_IT.search(bare) is not None
            if bare_it and (bare.lower().startswith("how big") or _of_a_thing(context)):
                return  # "is there a course?", "how long is it?"
            for at, meant in enumerate(_meant(cited, context)):
                name = _name_of(meant, context)
                yield Reading(question.format(post=name), Change.REFERENCE, 1.0 - 0.1 * at)
            yield from _thing_instead(bare, context)
            return
    yield from _of_one(bare, cited, context)


def _of_one(bare: str, cited: Shown, context: Context) -> Iterator[Reading]:
    """Readings of "the second one" and "tell me more": what a post is about, or says beside."""
    ordinal = _counted_out(bare, context) is not None
    if ordinal and _BARE_ORDINAL.match(bare):
        of_posts = re.search(r"\bposts?\b", context.last.searched_for, re.IGNORECASE)
        if of_posts and cited.title:
            yield Reading(f"What is “{cited.title}” about?", Change.REFERENCE, 1.0)
        yield from more("", cited, context)
        return
    match = _MORE.match(_ORDINAL.sub("the post", bare) if ordinal else bare)
    if match is not None:
        about = next((text for text in match.groupdict().values() if text), "")
        yield from more(about, cited, context)


def _counted_out(bare: str, context: Context) -> Shown | None:
    """The post that "the second one" means: of the last turn that showed so many."""
    match = _ORDINAL.search(bare)
    if match is None:
        return None
    at = ORDINALS[match[1].lower()]
    several = (posts for posts in context.posts_by_turn() if len(posts) > max(at, 1))
    return next((shown[at] for shown in several), None)


def _meant(cited: Shown, context: Context) -> tuple[Shown, ...]:
    """The posts that "that post" may mean: after an abstention any of those that it named."""
    if cited is not context.posts[0] or context.last.shown:
        return (cited,)
    return context.posts[:2]


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


def _writers(who: str, post: Shown, context: Context) -> list[str]:
    """The persons meant, where they write posts; none where another person is meant."""
    authors = list(post.authors)
    if "author" in who.lower():
        return authors
    if who.lower() == "they" and len(authors) > 1:
        return authors
    people = [m.phrase.text for m in context.mentions if m.phrase.kind is PhraseKind.PERSON]
    return people[:1] if people and people[0] in context.people else []


def more(about: str, post: Shown, context: Context) -> Iterator[Reading]:
    """More of what the post says: other sentences than were shown.

    Args:
        about: what of; empty for the topic.
        post: the one that is meant.
        context: the turns before it.
    """
    shown = context.shown
    about = _ORDINAL.sub("", about).strip()
    about = resolve_all(about, context) if about else context.topic
    topic = about or context.topic
    if post.title:
        told = f" about {topic}" if topic and topic.lower() not in post.title.lower() else ""
        text = sentence(f"What does “{post.title}” say{told}")
        yield Reading(text, Change.REFERENCE, 1.0, leave_out=shown)
    if topic:
        text = sentence(f"{ANYTHING}{topic}")
        yield Reading(text, Change.REFERENCE, 0.9, leave_out=shown)
