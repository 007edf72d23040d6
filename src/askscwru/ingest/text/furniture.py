"""What a page shows around its posts: one line to the role it plays, or to none.

The rules (``ingest/rules/lines.toml``) are those of the common blog engines and their themes
(WordPress, Blogger, Medium, Ghost) as text extraction leaves them. They look at one line alone;
what stands around it is for ``pages`` to weigh.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from askscwru.ingest.dates import DATE_PATTERN, MONTH_PATTERN, TIME_PATTERN
from askscwru.rules import rule_file


class LineRole(StrEnum):
    """What a line of furniture does on the page."""

    CONTINUE = "continue"
    """The post goes on elsewhere: what stands here is an opening."""
    META = "meta"
    """Date, category, tag, comment count: stands right before or after a post."""
    SHARE = "share"
    FOLLOW = "follow"
    NOTICE = "notice"
    """Disclaimer, licence, newsletter, advertisement: stands after a post or after the page."""
    PAGE_HEADER = "page header"
    """What the archive is of; stands before its posts."""
    SECTION = "section"
    """Opens a part of the page that holds no posts (comments, recent posts, archives)."""
    COMMENTS = "comments"
    """Opens the readers' comments."""
    CHROME = "chrome"
    """Menus, search boxes, widget leftovers."""
    CAPTION = "caption"
    """Says what a picture shows or whose it is."""


PARTS = {"date": DATE_PATTERN, "month": MONTH_PATTERN, "time": TIME_PATTERN}
"""What stands for the names in braces of the rules."""

DATED = "dated"
"""The lines of the role ``META`` that say no more than a day, and a name or a word beside it."""

_CONTINUE_TAIL = re.compile(
    r"(?:"
    r"(?<=[.!?,;:…\s”’\")\]])(?:Continue [Rr]eading|Keep [Rr]eading|CONTINUE READING|"
    r"Read [Mm]ore|READ MORE|Lire la suite|Leer más|Seguir leyendo|Weiterlesen)"
    r"(?:\s*[“\"'‘«].{0,160})?[\s.…→»›>]*|"
    r"[\[(](?:\.\.\.|…|&hellip;)[\])]\s*|\(more(?:\.{3}|…)\)\s*|[\[(]?(?:Read|Continue) (?:more|on)"
    r"[\s.…→»›>]*[→»›>]\s*)$"
)
_LINK_TAIL = re.compile(r"\[(?P<label>[^\[\]\n]{1,120})\]\([^()\s]{1,300}\)[\s.…→»›>]*$")
_DOTS_TAIL = re.compile(r"(?<=\s)(?:\.{3,}|…)$|(?<=\w)…$")
_TAIL = 340
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{1,400}\)")
_MARKS = re.compile(
    r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=[\w.,;:!?)])_{1,3}(?!\w)|`"
)


def plain(text: str) -> str:
    """A line as a reader sees it: Markdown's links and emphasis taken away, single spaces."""
    if "[" in text or "*" in text or "_" in text or "`" in text:
        text = _MARKS.sub("", _LINK.sub(r"\1", text))
    return " ".join(text.split())


def before_continue(text: str) -> tuple[int, bool]:
    """How much of a paragraph stands before the link to the rest of its post, and if it has one."""
    offset = max(0, len(text) - _TAIL)
    tail = text[offset:]
    cut = False
    if (match := _CONTINUE_TAIL.search(tail)) or (
        (match := _LINK_TAIL.search(tail)) and line_rule("continue").match(match["label"].strip())
    ):
        tail, cut = tail[: match.start()], True
    # Three dots may also be the writer's own: by themselves they say nothing.
    if cut and (match := _DOTS_TAIL.search(tail.rstrip())):
        tail = tail[: match.start()]
    return offset + len(tail.rstrip()), cut


_LONGEST = 700
_MAY_BE_PROSE = frozenset({LineRole.NOTICE, LineRole.CAPTION, LineRole.COMMENTS})


@lru_cache(maxsize=64)
def line_rule(*groups: str) -> re.Pattern[str]:
    """The rules of a group of lines, to be matched with a whole line."""
    return rule_file("lines").compiled(*groups, parts=PARTS)


@lru_cache(maxsize=1)
def _roles() -> tuple[tuple[LineRole, re.Pattern[str]], ...]:
    """The roles in the order of the file: of several that fit the first counts."""
    groups = dict.fromkeys(rule.group for rule in rule_file("lines").rules)
    roles = {role.value for role in LineRole} - {LineRole.CONTINUE.value}
    also = {LineRole.META.value: (DATED,)}
    return tuple(
        (LineRole(name), line_rule(name, *also.get(name, ()))) for name in groups if name in roles
    )


def role_of(line: str) -> LineRole | None:
    """The role that a line plays as furniture, or None where it may belong to a post."""
    stripped = line.strip()
    if not stripped:
        return LineRole.CHROME
    if len(stripped) > _LONGEST:
        return None
    if line_rule("continue").match(stripped) and not _is_advice(stripped):
        return LineRole.CONTINUE
    # What opens so is furniture even where it ends like a sentence.
    for role in (LineRole.META, LineRole.PAGE_HEADER):
        if line_rule(f"strong {role}").match(stripped):
            return role
    words = stripped.split()
    told = len(words) > _MOST_LABEL and _FINITE.search(" ".join(words[2:])) is not None
    prose = stripped[-1] in ".!?" and (len(words) > 8 or told)
    for role, pattern in _roles():
        if pattern.match(stripped) and not (prose and role not in _MAY_BE_PROSE):
            return role
    return None


_MOST_LABEL = 4
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|did|does|will|would|became|began|went|came|took|gave|made|"
    r"won|left|died|said|(?!posted|published|updated|filed|tagged|categori[sz]ed|modified)\w{3,}ed)\b",
    re.IGNORECASE,
)
"""A verb that says that something happened: "On 4 April 2008, Beyoncé married Jay Z."."""
_ADVICE_WORDS = 6
_MORE_OF = re.compile(r"\AMore (?=of|than)\b")
"""How a sentence begins that is no link: "More of it stands on the board at the gate."."""
_LEADS_ON = re.compile(
    r"\b(?:posts?|articles?|entry|entries|stor(?:y|ies)|pieces?|blogs?|more|rest|here|interviews?|"
    r"reviews?|website|site|text|page|click|link)\b|(?:\.\.|…)\W*\Z",
    re.IGNORECASE,
)


def _is_advice(line: str) -> bool:
    """Whether "Read the whole file before you visit." is a sentence, and no link to the rest."""
    sentence = line[-1] in ".!?" and len(line.split()) >= _ADVICE_WORDS
    return sentence and _LEADS_ON.search(_MORE_OF.sub("", line)) is None


def is_comment_head(line: str) -> bool:
    """Whether the line names who wrote a comment, and perhaps when (``Ann says: 3 May 2014``)."""
    return len(line) <= 140 and line_rule("comment head").match(line.strip()) is not None
