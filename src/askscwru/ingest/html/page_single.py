"""A page of one post: its text, its title, and who wrote it when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from askscwru.ingest.compose import Composer, Facts, Part, one_line
from askscwru.ingest.dates import find_date, stated_day
from askscwru.ingest.html.main_text import main_parts
from askscwru.ingest.html.markup import classes_of, tag_of, text_of
from askscwru.ingest.html.page_entries import (
    TITLES,
    Entry,
    authors_of,
    by_class,
    content_element,
    date_of,
    is_day,
    read_entry,
    without_head,
    without_title,
)
from askscwru.ingest.html.page_facts import PageFacts, title_parts, without_site
from askscwru.ingest.html.page_kind import Judged, own_words
from askscwru.ingest.html.page_text import combined, is_clean, prose_words
from askscwru.ingest.limits import Budget
from askscwru.letters import fold_words

Element = Any

_NO_TITLE = re.compile(r"(?:home|blog|untitled|index|page not found|404.{0,30})$", re.IGNORECASE)
_OF_SITE = re.compile(
    r"(?:site|blog)-(?:title|name|header|branding|description)|logo|branding$|^banner-header$"
)
_LEAST_WORDS = 25
"""A page that declares nothing, and has fewer words than this, holds no post."""
_LINKED = 0.5
"""A page whose text is links for more than this share lists something."""
_TITLED = frozenset({"title", "msotitle"})
"""What word processors name a title's paragraph."""
_HEADINGS, _FIRST_LINES = 8, 4
_PICTURES = ("img", "picture", "video", "figure", "svg", "iframe", "embed", "object")


@dataclass(slots=True)
class Notes:
    """What is to be said of a page beside its posts."""

    skipped: list[str] = field(default_factory=list)
    """Why it holds no post."""
    doubtful: str | None = None
    """Why somebody should look at what was read."""


def add_single(
    tree: Element, judged: Judged, facts: PageFacts, composer: Composer, notes: Notes
) -> bool:
    """Add the post that a page is about; False where there is none, which may be noted."""
    elements = _own_elements(judged, tree)
    heading = _heading(tree, elements, facts)
    entry = _own_entry(tree, elements, heading, facts.language)
    title = _title(entry, heading, facts, tree)
    parts, doubt = _text(tree, entry, title)
    authors = entry.authors or _page_authors(tree) or facts.authors
    published = entry.published or facts.published
    parts, authors, published = without_head(parts, authors, published, facts.language)
    parts = [part for part in parts if part.text != facts.url]  # shown when the page is printed
    told = bool(elements) or facts.article
    declared = told or (published is not None and bool(title))
    if not _is_text(parts, tree, declared=declared):
        if told and any(True for _ in tree.iter(*_PICTURES)):
            notes.skipped.append(f"without any text{f' (“{title}”)' if title else ''}")
        return False
    notes.doubtful = doubt
    composer.add(
        Facts(
            title=title,
            authors=authors,
            published=published or _page_date(tree, facts),
            url=facts.url,
            categories=_terms(tree, "category") or facts.categories,
            tags=_terms(tree, "tag") or facts.tags,
            captured=facts.captured,
        ),
        parts,
    )
    return True


def _own_elements(judged: Judged, tree: Element) -> list[Element]:
    """The entries that may be what a page is about; those that lead elsewhere leave the page."""
    if judged.own or own_words(judged.teasers, tree) > 0:
        for teaser in judged.teasers:
            if teaser.getparent() is not None:
                teaser.drop_tree()
        return judged.own
    return [e for e in judged.teasers if content_element(e) is not None]


def _own_entry(
    tree: Element, elements: list[Element], heading: Element | None, language: str | None
) -> Entry:
    """The post that a page is about: of several entries the one with its title and its text."""
    if not elements:
        frame = by_class(tree, ["wp-site-blocks"])
        body = next(iter(tree.iter("body")), tree)
        holder = next(
            (e for e in tree.iter() if tag_of(e) == "main" or e.get("role") == "main"), frame
        )
        return read_entry(
            body if holder is None else holder, alone=True, heading=heading, language=language
        )
    budget = Budget()
    found: list[Entry] = []
    for element in elements[:20]:
        budget.check()
        found.append(read_entry(element, alone=True, heading=heading, language=language))
    return max(found, key=lambda entry: entry.words + 400 * _is_headed(entry, heading))


def _is_headed(entry: Entry, heading: Element | None) -> bool:
    return heading in entry.element.iter("h1", "h2") or any(True for _ in entry.element.iter("h1"))


# -- text ------------------------------------------------------------------------------------------


def _text(tree: Element, entry: Entry, title: str | None) -> tuple[list[Part], str | None]:
    """The post's text, and why it is doubtful, where it is."""
    declared = content_element(entry.element) is not None
    own = without_title(entry.parts, title)
    if declared and is_clean(own):
        return own, None
    if not own and _shows_pictures(entry.element):
        return [], None
    # Where the page marks its post, our own reading is what trafilatura's is held against.
    marked = tag_of(entry.element) not in ("body", "main")
    found = without_title(main_parts(tree, fast=marked), title)
    read = combined(own, found, declared=declared)
    return without_title(read.parts, title), read.doubtful


def _shows_pictures(element: Element) -> bool:
    """Whether a post's own element, not the whole page, holds pictures."""
    return tag_of(element) != "body" and any(True for _ in element.iter(*_PICTURES))


def _is_text(parts: Sequence[Part], tree: Element, *, declared: bool) -> bool:
    """Whether what was found is the text of a post, and not a menu or a list of pages."""
    if declared:
        return any(part.linked <= _LINKED for part in parts)
    words = sum(len(part.text.split()) for part in parts)
    return words >= _LEAST_WORDS and (prose_words(parts) >= 2 * _LEAST_WORDS or not _is_index(tree))


def _is_index(tree: Element) -> bool:
    """Whether most of the words of a page's main part are links."""
    body = next(iter(tree.iter("main")), None)
    body = next(iter(tree.iter("body")), tree) if body is None else body
    whole = sum(len(text.strip()) for text in body.itertext())
    linked = sum(len("".join(a.itertext()).strip()) for a in body.iter("a"))
    return linked > _LINKED * max(1, whole)


# -- title -----------------------------------------------------------------------------------------


def _heading(tree: Element, elements: list[Element], facts: PageFacts) -> Element | None:
    """The heading that the page's own title repeats, wherever on the page it stands.

    A heading of the entry, above its text, comes before one elsewhere on the page; of several the
    longest: of the site's name and the post's, both in the page's title, the post's is longer.
    """
    stated = [told for told in (facts.title, facts.raw_title) if told]
    site = fold_words(facts.site or "")
    named = [by_class(element, TITLES) for element in elements[:20]]
    found = [e for e in named if e is not None] + list(tree.iter("h1", "h2"))[:_HEADINGS]
    found += list(tree.iter("h3"))[:_HEADINGS] + _first_lines(tree)
    headings = [(e, fold_words(text_of(e))) for e in found if not _is_of_site(e)]
    for pieces in ([stated[:1]], map(title_parts, stated)):
        folded = {fold_words(piece) for some in pieces for piece in some} - {site, ""}
        fitting = [(e, words) for e, words in headings if words in folded]
        if fitting:
            own = [(e, words) for e, words in fitting if _heads_entry(e, elements)]
            return max(own or fitting, key=lambda pair: len(pair[1]))[0]
    return next((p for p in _first_lines(tree) if not _TITLED.isdisjoint(classes_of(p))), None)


def _first_lines(tree: Element) -> list[Element]:
    """The first paragraphs of a page: a word processor writes the title as one."""
    body = next(iter(tree.iter("body")), tree)
    return list(islice(body.iter("p"), _FIRST_LINES))


def _heads_entry(heading: Element, elements: list[Element]) -> bool:
    """Whether a heading stands in an entry and not in its text."""
    above = set(heading.iterancestors())
    for element in elements[:20]:
        if element in above:
            holder = content_element(element)
            return holder is None or holder not in above
    return False


def _is_of_site(heading: Element) -> bool:
    return any(
        _OF_SITE.search(name)
        for element in (heading, heading.getparent())
        if element is not None
        for name in (*classes_of(element), (element.get("id") or "")[:80].lower())
    )


def _title(entry: Entry, heading: Element | None, facts: PageFacts, tree: Element) -> str | None:
    """The post's title: a heading; the title of the page where no heading can be it."""
    if heading is not None:
        return one_line(text_of(heading))
    stated = [told for told in (facts.title, facts.raw_title) if told]
    inside = [h for h in list(tree.iter("h1", "h2"))[:4] if not _is_of_site(h)][:2]
    headings = [entry.title, *(one_line(text_of(h)) for h in inside)]
    headings = [told for told in headings if told and not is_day(told, facts.language)]
    site = fold_words(facts.site or "")
    for told in headings:
        if told and any(fold_words(told) in fold_words(page) for page in stated):
            return told
    for told in headings:
        if told and fold_words(told) != site and not _NO_TITLE.match(told):
            return told
    bare = without_site(facts.title, facts.site)
    return bare if bare and not _NO_TITLE.match(bare) and fold_words(bare) != site else None


# -- who and when ----------------------------------------------------------------------------------


def _page_authors(tree: Element) -> tuple[str, ...]:
    for element in tree.iter("main", "article", "header", "section"):
        if names := authors_of(element):
            return names
    body = next(iter(tree.iter("body")), tree)
    return authors_of(body)


def _page_date(tree: Element, facts: PageFacts) -> str | None:
    main = next((e for e in tree.iter() if tag_of(e) == "main" or e.get("role") == "main"), None)
    holders = [main] if main is not None else []
    body = next(iter(tree.iter("body")), tree)
    for holder in (*holders, body):
        if day := date_of(holder, facts.language):
            return day
    for line in map(text_of, _first_lines(tree)):
        if is_day(line, facts.language):
            return find_date(line, facts.language)
    match = re.search(r"/((?:19|20)\d\d)/(\d\d)/(\d\d)/", facts.url or "")
    return stated_day("-".join(match.groups())) if match else None


def _terms(tree: Element, kind: str) -> tuple[str, ...]:
    """Names of the categories or tags that links of a post lead to."""
    names = []
    for link in tree.iter("a"):
        rel = (link.get("rel") or "").lower().split()
        href = (link.get("href") or "").lower()
        if kind in rel and (kind != "category" or "tag" in rel or "/category/" in href):
            if kind == "tag" and ("category" in rel or "/category/" in href):
                continue
            names.append(one_line("".join(link.itertext())))
    return tuple(dict.fromkeys(name for name in names if 0 < len(name) < 80))[:60]
