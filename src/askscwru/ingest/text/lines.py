"""The paragraphs of a page, each with what can be told from it alone."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from askscwru.ingest.text.bylines import by_line, named_in_meta, signed, stated_words
from askscwru.ingest.text.furniture import (
    LineRole,
    before_continue,
    is_comment_head,
    line_rule,
    plain,
    role_of,
)
from askscwru.ingest.text.paragraphs import PageParagraph, paragraphs_of
from askscwru.letters import fold, fold_words
from askscwru.names import NAME, bare_name, is_name
from askscwru.rules import rule_file

_REFERENCE = re.compile(
    r"(?:\[?\d{1,3}[\].)]\s*)?(?:(?:[Vv]an|[Vv]on|[Dd]e|der|den|du|di|la|le|"
    r"ter)\s+){0,2}(?:[A-ZÀ-Þ][\w’'-]+(?:\s[A-ZÀ-Þ][\w’'-]+)?,?\s+(?:[A-ZÀ-Þ]\.?[-\s,]*){1,4}(?:,|"
    r"&|and|\(|et al|eds?\b|\d{4}).*\b(?:19|20)\d{2}\b|"
    r"[A-ZÀ-Þ][^.()]{2,90}\s\((?:19|20)\d{2}[a-z]?\)[.,:]?\s+[‘“'\"A-ZÀ-Þ].*)",
    re.DOTALL,
)
_GLUE = re.compile(r"(?<=[a-zà-ÿ\d\])])(?=[A-ZÀ-Þ])")
_FILE_NAME = re.compile(r"(?:\d{4}[a-z]?|\d\)|_[\w-]*)$")
_JOINED_NAME = re.compile(r"(?:Mc|Mac|De|Di|Le|La|Van|Von|Fitz|O|D|St)$")
_WORDS = re.compile(r"\w+")
_SENTENCE_BREAK = re.compile(r"[.!?…][\"'”’)\]]*\s+[\"'“‘(]?[A-ZÀ-Þ]")
_INVERTED = re.compile(r"([^\s,]+(?:\s[^\s,]+)?),\s+([^,]{2,40})$")
_NUMBERED = re.compile(r"\[?\(?\d{1,3}[\].)]\s")
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*$")


# A line this long without a stop inside may still be a title; beyond it is running text.
_HEADED = frozenset({LineRole.COMMENTS, LineRole.SECTION})
_GLUED_CAPTION = 160
_LONGEST_ENTRY = 60
_SHORTEST_TEXT = 5
SHINGLE = 5
"""So many words in a row are enough to look a line up by."""
_LONGEST_TITLE_WORDS, _LONGEST_TITLE = 36, 280


@dataclass(frozen=True)
class Line:
    """One paragraph and what it looks like."""

    start: int
    end: int
    text: str
    """The verbatim slice."""
    plain: str
    """The text as a reader sees it, without Markdown's links and emphasis."""
    role: LineRole | None
    paragraph: PageParagraph
    kept_end: int
    """Where it ends before the link to the rest of the post; ``end`` where there is no link."""
    linked: bool = False
    """Whether it ends in such a link."""
    reference: bool = False
    reference_head: bool = False
    bio_head: bool = False
    name: bool = False
    """Whether the whole line is a person's name."""
    by: tuple[str, ...] = ()
    """The authors that the line names and does nothing else."""
    signature: bool = False
    """Whether it reads as an author signing (``Ann Lee, Director of …``)."""

    @cached_property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())

    @property
    def ends_opening(self) -> bool:
        """Whether the post that this line belongs to goes on elsewhere."""
        return self.role is LineRole.CONTINUE or self.linked

    @cached_property
    def prose(self) -> bool:
        """Whether it reads as running text."""
        if self.role is not None or self.paragraph.rule or self.paragraph.level or self.name:
            return False
        if self.reference or self.by:
            return False
        body = self.text[: self.kept_end - self.start]
        if self.linked and len(body.split()) >= _SHORTEST_TEXT:
            return True
        if _SENTENCE_END.search(body[-8:]):
            return self.words >= 9 or len(body) >= 80
        return self._running

    @cached_property
    def _running(self) -> bool:
        """Whether it is too long, or has too much in it, for a title."""
        inner = self.words >= 24 and _SENTENCE_BREAK.search(self.text) is not None
        return inner or self.words > _LONGEST_TITLE_WORDS

    @cached_property
    def title_like(self) -> bool:
        """Whether it could be a title or a subheading; a question may be running text as well."""
        text = self.plain
        if self.paragraph.level:
            return bool(text) and self.role is None and not self.bio_head
        return (
            not self._plays_a_part
            and not (self.linked or self._running)
            and self.stated_words is None
            and 3 <= len(text) <= _LONGEST_TITLE
            and self.words <= _LONGEST_TITLE_WORDS
            and text[-1] not in ".,;:"
            and not text[0].islower()
            and any(c.isalpha() for c in text)
            and not self.comment_head
        )

    @property
    def _plays_a_part(self) -> bool:
        """Whether it is known to be something else than a title or text."""
        marked = self.paragraph.rule or self.paragraph.bullet or self.paragraph.quoted
        heads = self.reference_head or self.bio_head
        of_people = bool(self.by) or self.name or self.signature
        return self.role is not None or marked or heads or of_people or self.reference

    @cached_property
    def comment_head(self) -> bool:
        """Whether it names who wrote a comment, and perhaps when."""
        return is_comment_head(self.plain)

    @cached_property
    def stated_words(self) -> int | None:
        """The number of words that it states for the whole post."""
        return stated_words(self.plain)

    @cached_property
    def folded(self) -> str:
        """Its words, folded, without marks: for comparing lines."""
        return fold_words(self.plain)


def lines_of(text: str, start: int = 0) -> list[Line]:
    """The lines of a page from ``start`` on, in order, captions glued to paragraphs cut off."""
    paragraphs = paragraphs_of(text, start)
    common = lower_words(text)
    tokens = Counter(_WORDS.findall(text))
    lines = [_line(paragraph, common, tokens) for paragraph in paragraphs]
    return _spread_references(_without_asides(lines))


def repeating(lines: Sequence[Line], short: Sequence[int], long: Sequence[Line]) -> set[int]:
    """Which of the short lines repeat a part of a longer one: pull quotes.

    Args:
        lines: the lines of a page.
        short: the numbers of those in question.
        long: where they are looked for.
    """
    heads = {at: " ".join(lines[at].folded.split()[:SHINGLE]) for at in short}
    sought = set(heads.values())
    holders: dict[str, set[str]] = defaultdict(set)
    for line in long if sought else ():
        words = line.folded.split()
        for step in range(len(words) - SHINGLE + 1):
            run = " ".join(words[step : step + SHINGLE])
            if run in sought:
                holders[run].add(line.folded)
    return {
        at
        for at, head in heads.items()
        if any(lines[at].folded in text and lines[at].folded != text for text in holders[head])
    }


def lower_words(text: str) -> frozenset[str]:
    """The words that a page writes in lower case, and so are no one's name."""
    return frozenset(re.findall(r"(?<![\w’'-])[a-zà-ÿ]{3,}(?![\w])", text))


def _line(paragraph: PageParagraph, common: frozenset[str], tokens: Counter[str]) -> Line:
    cut = glued_caption(paragraph.text, tokens)
    text = paragraph.text[cut:]
    shown = plain(text)
    role = None if paragraph.rule else role_of(shown)
    if paragraph.level and not (role in _HEADED and paragraph.level > 1):
        role = None
    by = () if paragraph.rule else by_line(shown, common)
    if role is LineRole.META and not by:
        by = named_in_meta(shown, common)
    kept, linked = before_continue(text)
    return Line(
        start=paragraph.start + cut,
        end=paragraph.end,
        text=text,
        plain=shown,
        role=None if by and role is not LineRole.META else role,
        paragraph=paragraph,
        kept_end=paragraph.start + cut + kept,
        linked=linked and not paragraph.rule,
        reference=role is None and is_reference(text),
        reference_head=is_reference_head(shown),
        bio_head=_is_bio_head(shown, common),
        name=is_name(shown, common),
        by=by,
        signature="," in shown and bool(signed(shown, common)),
    )


def is_reference(text: str) -> bool:
    """Whether a paragraph below the heading of a reference list reads as an entry of it."""
    return len(text) < 700 and _REFERENCE.match(text) is not None


def is_reference_head(text: str) -> bool:
    """Whether a heading is that of a reference list."""
    return line_rule("reference head").fullmatch(text) is not None


def _is_bio_head(shown: str, common: frozenset[str]) -> bool:
    if line_rule("biography head").fullmatch(shown) is not None:
        return True
    head, _, name = shown.partition(" ")
    return head.lower() == "about" and is_name(name.strip(" :"), common)


def _without_asides(lines: list[Line]) -> list[Line]:
    """Mark as captions what only the lines around it give away.

    These are a name written last name first where the name itself stands on the page too, and a
    note below a figure.
    """
    names = {fold(line.plain) for line in lines if line.name}
    told: list[Line] = []
    for line in lines:
        inverted = _INVERTED.match(line.plain)
        below = bool(told) and told[-1].role is LineRole.CAPTION
        if (inverted and fold(f"{inverted[2]} {inverted[1]}") in names) or (
            below and line.role is None and line.words <= 30 and line_rule("note").match(line.plain)
        ):
            line = replace(line, role=LineRole.CAPTION, signature=False)
        told.append(line)
    return told


def glued_caption(text: str, tokens: Counter[str]) -> int:
    """How many characters at the start of a paragraph are a picture's caption glued to it.

    Text extraction joins a caption to the paragraph after it without a space
    (``Dr Martin StevensMartin Stevens is …``). The joint is believed where what follows repeats the
    caption, or opens a sentence with a common word while the word before the joint stands by itself
    elsewhere on the page; so ``McPin`` and ``YouTube`` stay whole.
    """
    openers = rule_file("names").words("opener")
    for match in _GLUE.finditer(text, 0, _GLUED_CAPTION):
        at = match.start()
        before, after = text[:at], text[at : at + _GLUED_CAPTION]
        if re.search(r"[.!?;]\s", before) or len(before.split()) > 14:
            return 0
        if _repeats(before, after):
            return at
        if _FILE_NAME.search(before):
            opener = re.match(r"\w+(?=[\s,])", after)
            if re.match(NAME, after) or (opener and opener.group().lower() in openers):
                return at
            continue
        if not before[-1].isdigit() and _opens_sentence(before, after, tokens):
            return at
    return 0


def _opens_sentence(before: str, after: str, tokens: Counter[str]) -> bool:
    """Whether a sentence opens at a joint, and the word before it stands by itself."""
    left = re.search(r"[\w’'-]*$", before)
    right = re.match(r"\w+(?=[\s,])", after)
    if not (left and right) or not left.group():
        return False
    rules = rule_file("names")
    return (
        (left.group() + right.group()).lower() not in rules.words("joined")
        and not _JOINED_NAME.search(left.group())
        and right.group().lower() in rules.words("opener")
        and len(after.split()) >= 5
        and (_known(left.group(), tokens) or _captions(before, right.group()))
    )


def _known(word: str, tokens: Counter[str]) -> bool:
    return tokens[word] > 0 or tokens[word.lower()] > 0


def _captions(before: str, opener: str) -> bool:
    """Whether several words stand before a joint at a word that can hardly end a name."""
    return len(before.split()) >= 2 and len(opener) >= 3


def _repeats(before: str, after: str) -> bool:
    head = fold(bare_name(re.sub(r"\[[^\]]*\]", "", before)))
    tail = fold(bare_name(after))
    words = head.split()
    if len(words) < 2:
        return False
    start = " ".join(words[: 2 if len(words) < 5 else 3])
    return tail.startswith(start)


def _spread_references(lines: list[Line]) -> list[Line]:
    """Mark the entries of reference lists that only their neighbours give away."""
    marked = [line.reference for line in lines]
    inside = False
    for at, line in enumerate(lines):
        if line.reference_head:
            inside = True
        elif inside:
            inside = line.role is None and not line.by and (line.reference or _listed(line))
            marked[at] = inside
    _spread(lines, marked, range(len(lines) - 2, -1, -1), beside=1)
    _spread(lines, marked, range(1, len(lines)), beside=-1)
    return [
        line if line.reference == mark else replace(line, reference=mark)
        for line, mark in zip(lines, marked, strict=True)
    ]


def _spread(lines: list[Line], marked: list[bool], order: range, *, beside: int) -> None:
    """Mark what is like an entry and stands beside one, in such an order."""
    for at in order:
        if marked[at + beside] and not marked[at] and lines[at].role is None:
            marked[at] = _like_reference(lines[at])


def _listed(line: Line) -> bool:
    """Whether a line below the heading of a reference list belongs to it."""
    if _like_reference(line):
        return True
    short = line.words <= _LONGEST_ENTRY and not line.paragraph.level
    return short and (_NUMBERED.match(line.text) is not None or _YEAR.search(line.text) is not None)


def _like_reference(line: Line) -> bool:
    """Many commas and capitals and a year: an entry, not a sentence."""
    text = line.text
    if len(text) > 700 or line.paragraph.level or (line.title_like and line.words < 6):
        return False
    words = text.split()
    dated = _YEAR.search(text) is not None
    if re.search(r"https?://|doi\.org|\bdoi:|\bpp?\.\s?\d", text):
        return dated or len(words) <= 12
    if not dated or len(words) < 4:
        return False
    capitals = sum(word.lstrip("‘“'\"(")[:1].isupper() for word in words)
    return text.count(",") * 8 >= len(words) and capitals * 5 >= len(words) * 2
