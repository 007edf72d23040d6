"""A Markdown file to its posts.

With front matter, or under a heading that opens it, a file is one post, and all that stands in it
is the author's. Without them it may be a page that was saved as Markdown, with a page's menus and
comments, or a letter of several posts: then it is read as saved text is (``pages``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from askscwru.ingest.compose import Composer, Facts, Part
from askscwru.ingest.dates import DATE_PATTERN, TIME_PATTERN, find_date, language_of
from askscwru.ingest.formats.markdown import markdown_line, markdown_parts, plain_markdown
from askscwru.ingest.found import Document
from askscwru.ingest.text.bylines import by_line
from askscwru.ingest.text.front_matter import FrontMatter, front_matter_of
from askscwru.ingest.text.furniture import LineRole
from askscwru.ingest.text.lines import Line, is_reference, is_reference_head, lines_of, lower_words
from askscwru.ingest.text.pages import Page, has_comment_form, read_page
from askscwru.names import NAMES
from askscwru.types import BlockKind

MARKDOWN = "markdown"
_NOBODY: Mapping[str, str] = {}
_HEADER = 3
_DATE = re.compile(rf"{DATE_PATTERN}|{TIME_PATTERN}", re.IGNORECASE)
_POSTED = re.compile(
    r"(?:(?:first |last )?(?:posted|published|written|updated)\b[^.!?]{0,60}?"
    r"|(?!.*\b(?:was|were|is|are|be|been|has|have|had|will)\b)"
    r"[^.!?:]{2,50}?,? (?:posted|published|updated))(?: on)?[\s,:]*"
    rf"(?:{DATE_PATTERN})\.?",
    re.IGNORECASE,
)
"""A line that says when a post was published: "Posted by the office, 6 January 2025"."""
_CREDIT = re.compile(rf"\b(?P<by>by\s+{NAMES})[,.]?\s+(?:on\s+)?(?P<day>(?i:{DATE_PATTERN}))\.?\Z")
_FIELD = re.compile(
    rf"\s*(?:(?:author|by|written by|posted by)\s*:\s*(?P<by>(?-i:{NAMES}))"
    r"(?=\s*(?:\Z|[.,;|·\n]|(?:date|posted|published)\b))|"
    r"(?:date|posted|posted on|published|published on)\s*:\s*"
    rf"(?P<day>{DATE_PATTERN}))[\s.,;|·]*",
    re.IGNORECASE,
)
"""One of the fields of a header that is written as text: "**Author:** Ann Lee"."""
_SAID_OF_DATES = frozenset(
    "posted published updated written last modified date on at the by".split()
)
_LONGEST_TITLE_WORDS = 16
_PAGE_ROLES = frozenset(
    {
        LineRole.CONTINUE,
        LineRole.COMMENTS,
        LineRole.SECTION,
        LineRole.CHROME,
        LineRole.SHARE,
        LineRole.PAGE_HEADER,
    }
)


def read_markdown(
    name: str,
    sha256: str,
    text: str,
    *,
    single: bool = False,
    people: Mapping[str, str] = _NOBODY,
    unpublished: bool = False,
) -> Document:
    """The posts of one Markdown file.

    Args:
        name: its path, which may hold the date.
        sha256: of its bytes.
        text: the file.
        single: whether it is known to hold one post.
        people: names of authors by the ids that front matter may use for them.
        unpublished: whether a draft is read as well.
    """
    front = front_matter_of(text, name)
    if (front.draft or "/_drafts/" in f"/{name}") and not unpublished:
        return _document(name, sha256, "", skipped=("1 draft",))
    body = text[front.end :]
    parts = markdown_parts(body)
    if not front.end and not single:
        shown = plain_markdown(body)
        page = read_page(shown, name=name)
        if page.posts and _is_page(page, shown, parts):
            return _document(name, sha256, shown, page)
    return _post(name, sha256, front, parts, people)


def _document(
    name: str,
    sha256: str,
    text: str,
    page: Page | None = None,
    skipped: tuple[str, ...] = (),
) -> Document:
    return Document(
        name=name,
        sha256=sha256,
        format=MARKDOWN,
        text=text,
        posts=() if page is None else page.posts,
        skipped=skipped if page is None else page.skipped,
    )


def _is_page(page: Page, shown: str, parts: Sequence[Part]) -> bool:
    """Whether a file without front matter is a saved page or holds several posts.

    A heading that opens a file says where the text begins; then only what no author writes into a
    post of their own tells against it.
    """
    signed = [post for post in page.posts if post.title and (post.authors or post.published)]
    if len(signed) >= 2 or has_comment_form(shown):
        return True
    if parts and parts[0].kind is BlockKind.HEADING:
        return False
    return any(line.role in _PAGE_ROLES or line.linked for line in lines_of(shown))


# -- one post --------------------------------------------------------------------------------------


def _post(
    name: str, sha256: str, front: FrontMatter, parts: list[Part], people: Mapping[str, str]
) -> Document:
    title, parts = _titled(front, parts)
    header = _header(parts)
    named = tuple(dict.fromkeys(people.get(who.lower(), who) for who in front.authors))
    authors = named or header.authors
    if set(header.authors) <= set(authors):
        bylines = [Part(part.text, BlockKind.BYLINE) for part in parts[: header.lines]]
        parts = [*bylines, *parts[header.lines :]]
    complete = True
    parts = _with_references(parts)
    if not any(part.kind is not BlockKind.BYLINE for part in parts) and front.lead:
        parts, complete = markdown_parts(front.lead), False
    if not parts:
        shown = f" (“{title}”)" if title else ""
        return _document(name, sha256, "", skipped=(f"1 without any text{shown}",))
    facts = Facts(
        title=title,
        authors=authors,
        published=front.published or header.published,
        url=front.url,
        categories=front.categories,
        tags=front.tags,
        complete=complete,
    )
    composer = Composer()
    post = composer.add(facts, parts)
    page = Page((replace(post, word_count=header.words),))
    return _document(name, sha256, composer.text, page)


def _titled(front: FrontMatter, parts: list[Part]) -> tuple[str | None, list[Part]]:
    """The title, and the parts without it: stated above, or the heading that opens the text."""
    title = markdown_line(front.title) if front.title else None
    if not parts:
        return title, parts
    first = parts[0]
    if title is None and (first.kind is BlockKind.HEADING or _opens(parts)):
        title = first.text
    if title is not None and len(parts) > 1 and _same(title, first.text):
        parts = parts[1:]
    return title, parts


def _opens(parts: Sequence[Part]) -> bool:
    """Whether a text without headings opens with a line that is its title."""
    if len(parts) < 2 or any(part.kind is BlockKind.HEADING for part in parts):
        return False
    first, second = (_line(part) for part in parts[:2])
    if first is None or second is None or parts[0].kind is not BlockKind.BODY:
        return False
    short = first.words <= _LONGEST_TITLE_WORDS
    return short and first.title_like and first.plain[-1] not in "!?" and second.prose


def _line(part: Part) -> Line | None:
    return next(iter(lines_of(part.text)), None)


def _same(one: str, other: str) -> bool:
    return re.findall(r"\w+", one.casefold()) == re.findall(r"\w+", other.casefold())


@dataclass(slots=True)
class _Header:
    """What the lines right below the title say that say nothing else."""

    lines: int = 0
    authors: tuple[str, ...] = ()
    published: str | None = None
    words: int | None = None


def _header(parts: Sequence[Part]) -> _Header:
    """Who wrote the post, when, and how long it is, by the lines right below the title."""
    text = "\n".join(part.text for part in parts)
    common, language = lower_words(text), language_of(None, text)
    header = _Header()
    for part in parts[:_HEADER]:
        line = _line(part) if part.kind is BlockKind.BODY else None
        fields = _fields(line.plain) if line else {}
        if line is None or not (fields or line.by or _only_dated(line.plain)):
            break
        header.lines += 1
        by = f"by {fields['by']}" if "by" in fields else line.plain
        header.authors = header.authors or by_line(by, common)
        header.published = header.published or find_date(line.plain, language)
        header.words = header.words or line.stated_words
    if header.published is None:
        _credit(parts[: _HEADER - 1], header, common, language)
    return header


def _credit(
    parts: Sequence[Part], header: _Header, common: Collection[str], language: str | None
) -> None:
    """Takes the day from what ends a paragraph: "Notes by Ann Lee, 3 May 2014."."""
    for part in parts:
        line = _line(part) if part.kind is BlockKind.BODY else None
        found = _CREDIT.search(line.plain) if line else None
        if found is not None:
            header.authors = header.authors or by_line(found.group("by"), common)
            header.published = find_date(found.group("day"), language)
            return


def _fields(text: str) -> dict[str, str]:
    """Who wrote the post, and when, of a paragraph of nothing but such fields; else nothing."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        field = _FIELD.match(text, at)
        if field is None:
            return {}
        found |= {name: told for name, told in field.groupdict().items() if told}
        at = field.end()
    return found


def _only_dated(text: str) -> bool:
    """Whether a line says when a post was published, and by whom, and nothing else."""
    if _POSTED.fullmatch(text.strip()):
        return True
    left, dates = _DATE.subn(" ", text)
    return dates > 0 and _SAID_OF_DATES.issuperset(re.findall(r"[^\W_]+", left.lower()))


def _with_references(parts: list[Part]) -> list[Part]:
    """Marks the entries of reference lists."""
    told: list[Part] = []
    inside = False
    for part in parts:
        if part.kind is BlockKind.HEADING:
            inside = is_reference_head(part.text)
        elif inside and part.kind in (BlockKind.BODY, BlockKind.LIST) and is_reference(part.text):
            part = Part(part.text, BlockKind.REFERENCE)
        told.append(part)
    return told
