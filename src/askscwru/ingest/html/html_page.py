"""A saved HTML page to the posts that stand on it.

What the markup declares is believed first: microformats, articles, JSON-LD, the classes of the
common engines and themes. On a page that declares nothing, trafilatura finds the main text.
Everything around a post is left out here; what all pages of a site repeat, ``site`` finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from lxml import etree

from askscwru.ingest.compose import Composer, Facts, one_line
from askscwru.ingest.found import Document, Tally
from askscwru.ingest.html.markup import classes_of, parse_page, tag_of, text_of
from askscwru.ingest.html.medium import ACCOUNT, MediumPost, is_account_page, medium_post
from askscwru.ingest.html.page_entries import (
    Entry,
    authors_of,
    date_of,
    entry_elements,
    parts_in,
    read_entry,
)
from askscwru.ingest.html.page_facts import PageFacts, facts_of
from askscwru.ingest.html.page_furniture import always_furniture
from askscwru.ingest.html.page_kind import PageKind, are_dated_posts, judge, linked_headings
from askscwru.ingest.html.page_single import Notes, add_single
from askscwru.ingest.limits import MOST_DEPTH, MOST_PAGE_CHARACTERS, Budget, TooMuchError

Element = Any


_MEDIUM = 'class="h-'
"""Every page of a Medium export is marked up so; others may be."""
_MOST_ENTRIES = 2_000


def read_html(
    name: str,
    sha256: str,
    text: str,
    *,
    url: str | None = None,
    captured: str | None = None,
    unpublished: bool = False,
) -> Document:
    """The posts of a page.

    Args:
        name: the source's name.
        sha256: of the bytes it was read from.
        text: the page.
        url: where it was saved from, as an archive says.
        captured: when, as an ISO date.
        unpublished: whether a draft of an export is read as well.

    Raises:
        TooMuchError: there is more markup than anybody writes.
    """
    if len(text) > MOST_PAGE_CHARACTERS:
        raise TooMuchError(f"a page of more than {MOST_PAGE_CHARACTERS:,} characters")
    tree = parse_page(text)
    if tree is None:
        return _document(name, sha256, Composer(), PageFacts(), [], Notes())
    # lxml makes an object of an element anew whenever the last one is gone.
    alive = list(tree.iter())
    _require_shallow(tree)
    if _MEDIUM in text and (post := medium_post(tree)) is not None:
        return _medium(name, sha256, post, unpublished=unpublished)
    if _MEDIUM in text and is_account_page(tree):
        return _document(name, sha256, Composer(), PageFacts(), [], Notes([ACCOUNT]))
    facts = facts_of(tree, url, captured)
    classes = {c for body in tree.iter("body") for c in classes_of(body)}
    _strip(tree)
    elements = entry_elements(tree)[:_MOST_ENTRIES]
    judged = judge(name, facts, classes, elements, tree)
    composer = Composer()
    links: list[str] = []
    notes = Notes()
    if judged.kind is PageKind.SINGLE:
        if add_single(tree, judged, facts, composer, notes):
            links.append("")
    elif judged.kind is PageKind.LISTING:
        _add_listing(tree, elements, facts, composer, links)
    del alive
    return _document(name, sha256, composer, facts, links, notes)


def _document(
    name: str,
    sha256: str,
    composer: Composer,
    facts: PageFacts,
    links: Sequence[str],
    notes: Notes,
) -> Document:
    return Document(
        name=name,
        sha256=sha256,
        format="html",
        text=composer.text,
        posts=tuple(composer.posts),
        blog=facts.site,
        links=tuple(links),
        url=facts.url,
        skipped=tuple(notes.skipped),
        doubtful=notes.doubtful,
    )


def _medium(name: str, sha256: str, post: MediumPost, *, unpublished: bool) -> Document:
    composer, tally = Composer(), Tally()
    shown = post.facts.title or name
    if post.draft and not unpublished:
        tally.add("draft|drafts", shown)
    elif not post.parts:
        tally.add("without any text", shown)
    else:
        composer.add(post.facts, post.parts)
    facts = PageFacts(url=post.facts.url)
    links = [""] * len(composer.posts)
    return _document(name, sha256, composer, facts, links, Notes(list(tally.reasons())))


def _require_shallow(tree: Element) -> None:
    """Raises ``TooMuchError`` for a page nested without end; tags never closed are taken out."""
    if _depth(tree) > MOST_DEPTH:
        etree.strip_tags(tree, "font", "b", "i", "u", "em", "strong", "span", "center", "small")
        if _depth(tree) > MOST_DEPTH:
            raise TooMuchError(f"its elements are nested more than {MOST_DEPTH} deep")


def _depth(tree: Element) -> int:
    deepest = depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _strip(tree: Element) -> None:
    """Take out what holds no post wherever it stands."""
    etree.strip_elements(
        tree, etree.Comment, "script", "style", "noscript", "template", "svg", with_tail=False
    )
    for element in [e for e in tree.iter() if always_furniture(e)]:
        parent = element.getparent()
        if parent is not None:
            element.drop_tree()


# -- several posts ---------------------------------------------------------------------------------


def _add_listing(
    tree: Element,
    elements: list[Element],
    facts: PageFacts,
    composer: Composer,
    links: list[str],
) -> None:
    budget = Budget()
    entries = []
    for element in elements:
        budget.check()
        entries.append(read_entry(element, language=facts.language))
    if not any(entry.href for entry in entries):
        entries = _split_at_headings(tree) or entries
    whole = not any(entry.href for entry in entries) and are_dated_posts(elements, facts.language)
    for number, entry in enumerate(entries, start=1):
        href = entry.href or (f"#{entry.element.get('id') or number}" if whole else "")
        if not href or not entry.parts or not entry.title:
            continue
        links.append(href)
        told = Facts(
            title=entry.title,
            authors=entry.authors,
            published=entry.published,
            captured=facts.captured,
            complete=not entry.opening,
        )
        composer.add(told, entry.parts)


def _split_at_headings(tree: Element) -> list[Entry]:
    """Entries of a listing that has no element for each: a linked heading, and what follows it."""
    headings = linked_headings(tree)
    if len(headings) < 2:
        return []
    entries = []
    known = set(headings)
    for heading in headings[:_MOST_ENTRIES]:
        box = etree.Element("div")
        start = heading
        # A heading in a box of its own: what belongs to it follows the box.
        while start.getnext() is None and start.getparent() is not None:
            if len([h for h in start.getparent().iter(tag_of(heading)) if h in known]) > 1:
                break
            start = start.getparent()
        for following in start.itersiblings():
            if following in known or any(h in known for h in following.iter(tag_of(heading))):
                break
            box.append(deepcopy(following))
        parts, opening = parts_in(box, header=True)
        link = next(a for a in heading.iter("a") if a.get("href"))
        entries.append(
            Entry(
                element=box,
                title_element=heading,
                title=one_line(text_of(heading)),
                href=link.get("href").split("#")[0],
                parts=parts,
                opening=opening,
                authors=authors_of(box),
                published=date_of(box),
            )
        )
    return entries
