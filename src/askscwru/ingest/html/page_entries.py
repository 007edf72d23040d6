"""The posts that stand on a page, found by how the page's markup declares them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from askscwru.ingest.compose import Part, one_line
from askscwru.ingest.dates import DATE_PATTERN, find_date, is_undecided, stated_day
from askscwru.ingest.html.markup import classes_of, parts_of, tag_of, text_of
from askscwru.ingest.html.page_furniture import is_furniture, small_furniture, without_lines
from askscwru.ingest.text.bylines import by_line, named_in_meta
from askscwru.ingest.text.furniture import line_rule
from askscwru.names import split_names
from askscwru.rules import rule_file
from askscwru.types import BlockKind

Element = Any

_RULES = rule_file("elements")
_BEFORE_NAME = rule_file("lines").compiled("before a name", end="")
_ENTRY = _RULES.compiled("entry")
_SURE = _RULES.compiled("surely entry")
_SCHEMA = re.compile(r"schema\.org/(?:\w*article|blogposting|socialmediaposting)", re.IGNORECASE)
TITLES = _RULES.words("titles")
_CONTENTS = _RULES.words("contents")
_CONTENT_NAMES = frozenset(_CONTENTS)
_SUMMARIES = _RULES.words("summaries")
_META = _RULES.compiled("entry meta")
_AUTHOR_RULES = _RULES.words("authors")
_DATES = _RULES.words("dates")
_LEADS = _RULES.compiled("leads")
_LEAST_BOX, _MOST_LINKED = 40, 0.4
"""Letters of a further box of text, and the share of them that may be links."""
_AUTHOR_LINK = re.compile(r"/authors?/[^/?#]+/?$|[?&]author=")
_READING_TIME = re.compile(
    r"\s*[·•|–—-]\s*\d+[ -]?min(?:ute)?s?\b(?:\s+read(?:ing)?(?: time)?)?\s*(?=[·•|–—-]|$)",
    re.IGNORECASE,
)
_UPDATED = re.compile(r"(?:updated|modified|dt-updated|edited|last-modified)")
_LATER_CHANGED = re.compile(
    rf"\b(?:last |page |post )*(?:updated|modified|edited|revised|reviewed|changed|amended)\b"
    rf"(?: last)?(?: on)?\s*:?\s*{DATE_PATTERN}",
    re.IGNORECASE,
)
"""When a post was changed, which is not when it was published."""
_MORE = re.compile(r"(?:more-link|read-?more.*|continue-reading.*|moretag|jump-link)")
_CUT = re.compile(r"(?:\[\s*(?:\.{3}|…)\s*\]|\(\s*(?:\.{3}|…)\s*\)|\.{3}|…)\s*$")
_TEXTS_AND_BREAKS = etree.XPath("descendant::text() | descendant::br")
_MOST_NAME = 80
_DAY_WORDS = 4
_MOST_ASIDE, _MOST_ASIDES = 120, 60
_MOST_ABOVE = 400
"""Letters above an entry's heading: the beginning of a teaser at most."""
_HEAD_LINES, _HEAD_WORDS, _ABOVE_TITLE = 4, 14, 12


@dataclass(slots=True)
class Entry:
    """One post on a page, whole or its opening."""

    element: Element
    title_element: Element | None
    title: str | None
    href: str | None
    """Where its title leads."""
    parts: list[Part]
    opening: bool
    authors: tuple[str, ...]
    published: str | None

    @property
    def words(self) -> int:
        """How many words of it stand on the page."""
        return sum(len(part.text.split()) for part in self.parts)


def entry_elements(tree: Element) -> list[Element]:
    """The elements that each hold one post, in order, none inside another."""
    found = [element for element in tree.iter() if _declares(element)]
    known = set(found)
    inner: dict[Element, list[Element]] = {element: [] for element in found}
    for element in found:
        for above in element.iterancestors():
            if above in known:
                inner[above].append(element)
                break
    kept: list[Element] = []
    taken: set[Element] = set()
    for element in found:
        if any(above in taken for above in element.iterancestors()):
            continue
        if _is_wrapper(element, inner):
            continue
        kept.append(element)
        taken.add(element)
    sure = [element for element in kept if _is_sure(element)]
    return sure or kept


def _declares(element: Element) -> bool:
    tag = tag_of(element)
    if tag not in ("article", "div", "section", "li", "main", "td"):
        return False
    if tag == "article" or _SCHEMA.search(element.get("itemtype") or ""):
        return True
    return any(_ENTRY.match(name) for name in classes_of(element))


def _is_sure(element: Element) -> bool:
    if tag_of(element) == "article" or _SCHEMA.search(element.get("itemtype") or ""):
        return True
    return any(_SURE.match(name) for name in classes_of(element))


def _is_wrapper(element: Element, inner: dict[Element, list[Element]]) -> bool:
    """Whether an element holds the posts of a listing rather than being one."""
    below = inner[element]
    if not below:
        return False
    held = sum(_letters(child) for child in below)
    own = _letters(element) - held
    if len(below) == 1:
        # The outer box of one post; or a page's frame around its only post.
        return own > held if not _is_sure(element) else False
    return own <= held


def _letters(element: Element) -> int:
    return sum(len(text.strip()) for text in element.itertext())


def by_class(element: Element, names: Sequence[str]) -> Element | None:
    """The first element inside that has one of the classes, the first class first."""
    holders: dict[str, Element] = {}
    for inner in element.iter():
        for name in classes_of(inner):
            holders.setdefault(name, inner)
    return next((holders[name] for name in names if name in holders), None)


def read_entry(
    element: Element,
    *,
    alone: bool = False,
    heading: Element | None = None,
    language: str | None = None,
) -> Entry:
    """One post from its element.

    Args:
        element: holds the post.
        alone: whether the page is about this post, so that its first heading is its title.
        heading: the post's title where it is known; it may stand outside the element.
        language: of the page; tells day and month apart.
    """
    title_element = heading if heading is not None else _title_element(element, alone=alone)
    title = None if title_element is None else one_line(text_of(title_element)) or None
    href = _href(element, title_element)
    holders = content_elements(element)
    holder = next(iter(holders), None)
    authors, published = authors_of(element, holder), date_of(element, language, holder)
    parts, opening = _content(element, holders, title_element, title)
    return Entry(element, title_element, title, href, parts, opening, authors, published)


def _title_element(element: Element, *, alone: bool) -> Element | None:
    named = by_class(element, TITLES)
    if named is None:
        named = next((e for e in element.iter() if e.get("itemprop") in ("headline", "name")), None)
        if named is not None and tag_of(named) == "meta":
            named = None
    heading = next(_headings(element), None)
    if alone and heading is not None and tag_of(heading) in ("h3", "h4"):
        # A subheading of the text; the title stands elsewhere, or in the page's head alone.
        holder = content_element(element)
        heading = None if holder in set(heading.iterancestors()) else heading
    if named is None or (alone and heading is not None and tag_of(heading) == "h1"):
        return heading if heading is not None else named
    return named


def _headings(element: Element) -> Iterator[Element]:
    order = ("h1", "h2", "h3", "h4")
    told = ((e, text_of(e)) for e in element.iter(*order))
    found = [e for e, text in told if text and not is_day(text)]
    yield from found[:1] if not found else sorted(found[:6], key=lambda e: order.index(tag_of(e)))


def is_day(heading: str, language: str | None = None) -> bool:
    """Whether a heading is nothing but a date, as blogs have above the posts of a day."""
    return len(heading.split()) <= _DAY_WORDS and find_date(heading, language) is not None


def _href(element: Element, title: Element | None) -> str | None:
    links: list[Element] = []
    if title is not None:
        links += list(title.iter("a"))
        links += list(title.iterancestors("a"))
    links += [e for e in element.iter("a") if "u-url" in classes_of(e)]
    links += [e for e in element.iter("a") if "bookmark" in (e.get("rel") or "").lower().split()]
    links += [e for e in element.iter("a") if any(_LEADS.match(name) for name in classes_of(e))]
    if tag_of(element) == "a":
        links.append(element)
    return next(filter(None, map(href_of, links)), None)


def href_of(link: Element) -> str | None:
    """Where a link leads, without the fragment; None where it leads to no page."""
    href = (link.get("href") or "").strip().split("#")[0]
    if href.lower().startswith(("javascript:", "mailto:", "data:", "tel:")):
        return None
    return href or None


def lead_of(element: Element) -> str | None:
    """Where an entry leads, without reading its text.

    A heading far down in a text is not the text's own.
    """
    above = 0
    for inner in element.iter():
        if above > _MOST_ABOVE:
            break
        above += len((inner.text or "").strip()) + len((inner.tail or "").strip())
        if tag_of(inner) in ("h1", "h2", "h3", "h4", "h5"):
            for link in (*inner.iter("a"), *inner.iterancestors("a")):
                if href := href_of(link):
                    return href
    for link in element.iter("a"):
        rel = (link.get("rel") or "").lower().split()
        leads = "bookmark" in rel or any(_LEADS.match(name) for name in classes_of(link))
        if leads and (href := href_of(link)):
            return href
    return None


# -- text ------------------------------------------------------------------------------------------


def _content(
    element: Element, holders: list[Element], title_element: Element | None, title: str | None
) -> tuple[list[Part], bool]:
    summary = None if holders else by_class(element, _SUMMARIES)
    chosen = holders or ([] if summary is None else [summary])
    if chosen:
        read = [parts_in(one, skip=title_element) for one in chosen]
        parts = [part for some, _ in read for part in some]
        opening = read[-1][1]
        if parts:
            return without_title(parts, title), opening or summary is not None
    # On a page as a whole the title parts what stands above the post from the post.
    skip = None if tag_of(element) in ("body", "main") else title_element
    parts, opening = parts_in(element, skip=skip, header=True)
    return without_title(parts, title), opening or summary is not None


def content_element(element: Element) -> Element | None:
    """The element that holds the post's text, where its name says so; of several the first."""
    return next(iter(content_elements(element)), None)


def content_elements(element: Element) -> list[Element]:
    """The boxes that hold the post's text, where their name says so.

    A text may be parted by advertisements into several boxes of one name, none in another.
    """
    bodies = [e for e in element.iter() if e.get("itemprop") == "articleBody" and _letters(e)]
    holders: dict[str, list[Element]] = {"itemprop": bodies} if bodies else {}
    if not bodies:
        for inner in element.iter():
            if inner is not element:
                for name in _CONTENT_NAMES.intersection(classes_of(inner)):
                    holders.setdefault(name, []).append(inner)
    for name in ("itemprop", *_CONTENTS):
        if found := [box for box in holders.get(name, ()) if _letters(box)]:
            return [found[0], *_further(found)]
    return []


def _further(boxes: list[Element]) -> list[Element]:
    """Of the boxes after the first those that go on with the text, and show no other post."""
    taken = {boxes[0]}
    kept = []
    for box in boxes[1:]:
        if any(above in taken or is_furniture(above) for above in box.iterancestors()):
            continue
        if is_furniture(box) or any(
            href_of(a) for h in box.iter("h1", "h2", "h3", "h4") for a in h.iter("a")
        ):
            continue
        if _letters(box) >= _LEAST_BOX and _linked_share(box) < _MOST_LINKED:
            taken.add(box)
            kept.append(box)
    return kept


def _linked_share(element: Element) -> float:
    linked = sum(_letters(link) for link in element.iter("a"))
    return linked / max(1, _letters(element))


def parts_in(
    element: Element, skip: Element | None = None, *, header: bool = False
) -> tuple[list[Part], bool]:
    """The parts of an element without furniture, and whether it is an opening.

    Args:
        element: holds the text.
        skip: an element inside that is not text, such as the title.
        header: whether the post's head may stand inside, too.
    """
    small = small_furniture(_letters(element))
    more = False

    def furniture(inner: Element) -> bool:
        nonlocal more
        if inner is skip:
            return True
        if any(_MORE.match(name) for name in classes_of(inner)):
            more = more or tag_of(inner) in ("a", "p", "span", "div")
            return True
        if header and tag_of(inner) in ("header", "footer", "time") and _letters(inner) < 600:
            return not any(tag_of(above) == "blockquote" for above in inner.iterancestors())
        return bool(small(inner))

    parts, opening = without_lines(parts_of(element, furniture))
    cut = bool(parts) and _CUT.search(parts[-1].text) is not None
    if cut and parts[-1].text[-1:] in "])…" and re.search(r"[\[(]\s*(?:\.{3}|…)", parts[-1].text):
        kept = _CUT.sub("", parts[-1].text).rstrip()
        parts = [*parts[:-1], Part(kept, parts[-1].kind)] if kept else parts[:-1]
    return parts, opening or more or cut


def without_head(
    parts: list[Part],
    authors: tuple[str, ...],
    published: str | None,
    language: str | None = None,
) -> tuple[list[Part], tuple[str, ...], str | None]:
    """The parts without the lines at their beginning that only say who wrote the post and when.

    Returns:
        The parts, and the authors and the day, taken from those lines where none were known.
    """
    at = 0
    while at < min(_HEAD_LINES, len(parts) - 1):
        text = parts[at].text
        names, day = by_line(text), find_date(text, language)
        own = (bool(names) and (not authors or set(names) & set(authors))) or (
            day is not None and (published is None or day == published)
        )
        known = any(name in text for name in authors)
        bare = len(text.split()) <= _HEAD_WORDS and text[-1:] not in ".!?"
        if not bare or not (own or known) or (parts[at].kind is BlockKind.HEADING and not own):
            break
        authors, published = authors or names, published or day
        at += 1
    return parts[at:], authors, published


def without_title(parts: list[Part], title: str | None) -> list[Part]:
    """The parts without the title near their beginning, and without the short lines above it."""
    if not title:
        return parts
    for at, part in enumerate(parts[:_ABOVE_TITLE]):
        if one_line(part.text).lower() == title.lower():
            return parts[at + 1 :]
        if len(part.text.split()) > _HEAD_WORDS:
            break
    return parts


# -- who and when ----------------------------------------------------------------------------------


def authors_of(element: Element, holder: Element | None = None) -> tuple[str, ...]:
    """The authors that the markup of a post names, in order; none where it names none.

    Args:
        element: holds the post.
        holder: what holds its text, where that is known.
    """
    if names := _marked_authors(element) or _linked_authors(element, holder):
        return names
    for meta in (*metas_of(element), *_asides(element, holder)):
        line = _READING_TIME.sub("", meta)
        if found := by_line(line) or named_in_meta(line):
            return found
    return ()


def _marked_authors(element: Element) -> tuple[str, ...]:
    """The names in what the markup calls the author: by attributes first, then by classes."""
    marked = [e for e in element.iter() if "author" in (e.get("itemprop") or "").split()]
    if names := _valid(_person(e) for e in marked):
        return names
    links = [e for e in element.iter("a") if "author" in (e.get("rel") or "").lower().split()]
    if names := _valid(map(text_of, links)):
        return names
    holders = _by_name(element.iter(), _AUTHOR_RULES)
    for rule in _AUTHOR_RULES:
        named = [e for e in holders.get(rule, ()) if tag_of(e) != "article"]
        if names := _valid(map(text_of, named)):
            return names
    return ()


def _linked_authors(element: Element, holder: Element | None) -> tuple[str, ...]:
    """The names in a post's element that link to a page of all their posts."""
    links = [a for a in element.iter("a") if _AUTHOR_LINK.search(a.get("href") or "")]
    if not links or tag_of(element) in ("body", "main"):
        return ()
    holder = content_element(element) if holder is None else holder
    if holder is None:
        return ()
    inside = set(holder.iter())
    return _valid(text_of(a) for a in links if a not in inside)


def _asides(element: Element, holder: Element | None) -> Iterator[str]:
    """Short lines of a post that stand outside its text and have no name of their own."""
    holder = content_element(element) if holder is None else holder
    inside = set() if holder is None else set(holder.iter())
    if holder is None and tag_of(element) in ("body", "main"):
        return
    seen = 0
    for inner in element.iter("small", "span", "em", "i", "p", "div", "h4", "h5", "h6", "li"):
        if inner in inside:
            continue
        for text in _short_lines(inner):
            seen += 1
            yield text
        if seen >= _MOST_ASIDES:
            return


def _short_lines(element: Element) -> list[str]:
    """The lines of an element; none where there are more words than a byline has."""
    length = 0
    for text in element.itertext():  # most boxes are known to be long before they are read whole
        length += len(text) + 1
        if length > 2 * _MOST_ASIDE:
            return []
    pieces = _TEXTS_AND_BREAKS(element)
    told = "".join(f" {' '.join(p.split())}" if isinstance(p, str) else "\n" for p in pieces)
    lines = [" ".join(line.split()) for line in told.split("\n")]
    whole = sum(map(len, lines))
    return [line for line in lines if len(line) > 3] if whole <= _MOST_ASIDE else []


def _person(element: Element) -> str:
    named = next((e for e in element.iter() if e.get("itemprop") == "name"), element)
    return named.get("content") or element.get("content") or text_of(named)


def _valid(stated: Iterator[str]) -> tuple[str, ...]:
    names: list[str] = []
    for text in stated:
        line = one_line(text)
        if match := _BEFORE_NAME.match(line):
            line = line[match.end() :]
        bare = line.strip(" ,.|·•–—-:")
        bare = re.split(r"\s*[|·•]\s*|\s+(?:on|in|at)\s+(?=\w+ \d|\d)", bare)[0].strip()
        if (
            not bare
            or len(bare) > _MOST_NAME
            or line_rule("no author").match(bare)
            or find_date(bare)
        ):
            continue
        if len(bare.split()) > 6 and not re.search(r",|\band\b|&", bare):
            continue
        several = split_names(bare, sure=True) if re.search(r",|\s(?:and|&)\s", bare) else ()
        names += several or [bare]
    return tuple(dict.fromkeys(names))


def date_of(
    element: Element, language: str | None = None, holder: Element | None = None
) -> str | None:
    """The day on which a post says that it was published.

    Args:
        element: holds the post.
        language: of the page; tells day and month apart.
        holder: what holds its text, where that is known.
    """
    days = (_stated(marked, language) for marked in _dated(element))
    if day := next(filter(None, days), None):
        return day
    for line in (_LATER_CHANGED.sub(" ", line) for line in _date_lines(element, holder)):
        day = find_date(line, language)
        if day or is_undecided(line, language):
            return day  # what stands further down is another day
    return None


def _date_lines(element: Element, holder: Element | None) -> Iterator[str]:
    page = tag_of(element) in ("body", "main")
    yield from metas_of(element, around=not page)
    yield from _asides(element, holder)


def _dated(element: Element) -> Iterator[Element]:
    """The elements that hold a date, those that most surely hold the right one first."""
    page = tag_of(element) in ("body", "main")
    inner = list(element.iter())
    yield from (e for e in inner if "datePublished" in (e.get("itemprop") or "").split())
    yield from (e for e in inner if not _DATE_PROPERTIES.isdisjoint(_properties(e)))
    times = [e for e in element.iter("time") if not (page and _is_outside(e))]
    fresh = [e for e in times if not _is_updated(e)]
    yield from (e for e in fresh if not set(classes_of(e)).isdisjoint(_DATES))
    yield from fresh
    holders = _by_name(inner, _DATES)
    for rule in _DATES:
        for marked in holders.get(rule, ()):
            if not (_is_updated(marked) or (page and _is_outside(marked))):
                yield marked
    yield from times


_DATE_PROPERTIES = frozenset({"dc:date", "dc:created", "dcterms:created", "schema:datepublished"})


def _properties(element: Element) -> list[str]:
    """What an element's RDFa says that it holds, as Drupal writes it."""
    return (element.get("property") or "").lower().split()


def _is_outside(element: Element) -> bool:
    """Whether a dated element of a page is around all posts: today's date, recent posts."""
    for above in (element, *element.iterancestors()):
        if tag_of(above) in ("article", "main"):
            return False
        if tag_of(above) in ("nav", "aside", "footer") or is_furniture(above):
            return True
        if tag_of(above) == "header" and tag_of(above.getparent()) == "body":
            return True
    return False


def _by_name(elements: Iterable[Element], names: Sequence[str]) -> dict[str, list[Element]]:
    """The elements inside with each of the classes, in order."""
    wanted = frozenset(names)
    found: dict[str, list[Element]] = {}
    for inner in elements:
        if inner.get("class"):
            for name in wanted.intersection(classes_of(inner)):
                found.setdefault(name, []).append(inner)
    return found


def _is_updated(element: Element) -> bool:
    return any(_UPDATED.search(name) for name in classes_of(element))


def _stated(element: Element, language: str | None) -> str | None:
    for key in ("datetime", "content", "title"):
        if day := stated_day(element.get(key), language):
            return day
    text = " ".join("".join(element.itertext()).split())
    return find_date(text, language) if len(text) < 200 else None


def metas_of(element: Element, *, around: bool = True) -> Iterator[str]:
    """The lines around a post that say who wrote it and when.

    Args:
        element: holds the post.
        around: whether those count that stand around all posts of a page.
    """
    seen = 0
    for inner in element.iter():
        if tag_of(inner) == "header" or any(_META.match(name) for name in classes_of(inner)):
            text = " ".join(" ".join(inner.itertext()).split())
            if 3 < len(text) < 400 and (around or not _is_outside(inner)):
                seen += 1
                yield text
            if seen > 12:
                return
