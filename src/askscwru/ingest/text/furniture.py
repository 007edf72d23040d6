"""What a page shows around its posts: one line to the role it plays, or to none.

The patterns are those of the common blog engines and their themes (WordPress, Blogger, Medium,
Ghost) as text extraction leaves them. They look at one line alone; what stands around it is for
``pages`` to weigh.
"""

from __future__ import annotations

import re

from askscwru.ingest.dates import DATE_PATTERN, TIME_PATTERN
from askscwru.ingest.text.furniture_patterns import PATTERNS, Role

_MORE = (
    r"(?:continue reading|keep reading|read (?:more|on|the (?:full|whole|rest)[^.]{0,40})|"
    r"\(?more(?:\s*\.{3}|…|\s*»)\)?|\[?more\]?|view (?:full )?post|full (?:post|article|story)|"
    r"see more|continue|lire la suite|en savoir plus|leer más|seguir leyendo|continuar leyendo|"
    r"weiterlesen|mehr lesen|leia mais|leggi tutto|lees (?:verder|meer))"
)
_ARROW = r"[\s.…→»›>&raquo;:–—\-]*"

CONTINUE_LINE = re.compile(
    rf"[\[(]?(?:\.{{3}}|…)?\s*{_MORE}\s*(?:(?:[“\"'‘«:→-]|about\b|of\b|this\b|the\b)[^.]{{0,200}})?"
    rf"{_ARROW}[\])]?$",
    re.IGNORECASE,
)
"""A line that is only the link to the rest of a post."""

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
        (match := _LINK_TAIL.search(tail)) and CONTINUE_LINE.match(match["label"].strip())
    ):
        tail, cut = tail[: match.start()], True
    # Three dots may also be the writer's own: by themselves they say nothing.
    if cut and (match := _DOTS_TAIL.search(tail.rstrip())):
        tail = tail[: match.start()]
    return offset + len(tail.rstrip()), cut


_COMPILED = tuple(
    (role, re.compile(f"(?:{'|'.join(lines)})$", re.IGNORECASE)) for role, lines in PATTERNS
)
_LONGEST = 700
_MAY_BE_PROSE = frozenset({Role.NOTICE, Role.CAPTION, Role.COMMENTS})

# What opens so is furniture even where it ends like a sentence.
_STRONG = (
    (
        Role.META,
        re.compile(
            r"(?:filed (?:under|in)|posted in|tagged(?: with)?|tags|labels)\s*:.{1,160}$",
            re.IGNORECASE,
        ),
    ),
    (
        Role.PAGE_HEADER,
        re.compile(
            r"you are (?:currently )?(?:here|browsing|viewing)\b.{0,200}$|"
            r"home\s*[|»›>/→]\s*.{1,200}$|[^.!?]{1,30}(?:\s[»›>]\s[^»›>]{1,200}){2,5}$",
            re.IGNORECASE,
        ),
    ),
)

_COMMENT_BY = re.compile(
    rf"(?:\d+[.)]\s*)?[\w@.’'() -]{{2,40}}\s+(?:says?|said|wrote|writes|commented|replied)\b\s*"
    rf"(?::|:?\s*(?:on\s*)?{DATE_PATTERN}.*|\s*)$|[\w@.’'() -]{{2,40}}\s+on\s+{DATE_PATTERN}.*|"
    rf".*{DATE_PATTERN}\s*(?:at|@|,|-)\s*{TIME_PATTERN}.*(?:reply|"
    r"edit|permalink|#)?$",
    re.IGNORECASE,
)


def role_of(line: str) -> Role | None:
    """The role that a line plays as furniture, or None where it may belong to a post."""
    stripped = line.strip()
    if not stripped:
        return Role.CHROME
    if len(stripped) > _LONGEST:
        return None
    if CONTINUE_LINE.match(stripped):
        return Role.CONTINUE
    for role, pattern in _STRONG:
        if pattern.match(stripped):
            return role
    prose = stripped[-1] in ".!?" and len(stripped.split()) > 8
    for role, pattern in _COMPILED:
        if pattern.match(stripped) and not (prose and role not in _MAY_BE_PROSE):
            return role
    return None


def is_comment_head(line: str) -> bool:
    """Whether the line names who wrote a comment, and perhaps when (``Ann says: 3 May 2014``)."""
    return len(line) <= 140 and _COMMENT_BY.match(line.strip()) is not None
