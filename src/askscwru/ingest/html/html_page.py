"""A saved HTML page to the posts that stand on it.

What the markup declares is believed first: microformats, articles, JSON-LD, the classes of the
common engines and themes. On a page that declares nothing, trafilatura finds the main text.
Everything around a post is left out here; what all pages of a site repeat, ``site`` finds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from enum import StrEnum
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from askscwru.ingest.compose import Composer, Facts, Part, one_line
from askscwru.ingest.found import Document
from askscwru.ingest.html.main_text import main_parts
from askscwru.ingest.html.markup import classes_of, parse_page, tag_of, text_of
from askscwru.ingest.html.page_entries import (
    Entry,
    authors_of,
    by_class,
    content_element,
    date_of,
    entry_elements,
    lead_of,
    parts_in,
    read_entry,
    without_head,
    without_title,
)
from askscwru.ingest.html.page_facts import PageFacts, facts_of, title_parts, without_site
from askscwru.ingest.html.page_furniture import always_furniture
from askscwru.ingest.limits import MOST_DEPTH, MOST_PAGE_CHARACTERS, Budget, TooMuchError

Element = Any


class PageKind(StrEnum):
    """What a page of a site is for."""

    SINGLE = "single"
    LISTING = "listing"
    NOTHING = "nothing"
    """A search, an attachment, an error: no post stands on it."""


_WORDPRESS = frozenset(
    "single page archive home blog category tag author date search search-results paged error404"
    " attachment single-post single-page".split()
)
_OF_LISTING = re.compile(
    r"(?:archive|blog|category|tag|author|date|paged|post-type-archive.*|tax-.*|category-.*|"
    r"home-template|tag-template|author-template|index-template|collection-view|view-list|list|"
    r"page-blog|path-blog|taxonomy)$"
)
_OF_SINGLE = re.compile(
    r"(?:single|single-post|postid-\d+|post-template|page-template|item-view|view-item|"
    r"node-type-.*|page-node-type-.*|single-.*|page-id-\d+|article-page|layout-post|"
    r"layout--(?:post|single).*|template-post|blog-post|post-page)$"
)
_OF_NOTHING = frozenset({"error404", "attachment", "search-results", "search-no-results", "404"})
_LISTING_PATH = re.compile(
    r"(?:^|/)(?:(?:category|categories|tags?|authors?|topics?|labels?|series|section|archives?|"
    r"search|feed|users?|profile|taxonomy|blog-categor(?:y|ies))(?:/[^/]+){0,4}|page/\d+|page\d+|p\d|"
    r"(?:19|20)\d\d(?:/\d\d){0,2}|index|home|default|blog|posts|news|all)?$",
    re.IGNORECASE,
)
_LISTING_QUERY = re.compile(r"(?:^|&)(?:cat|tag|author|m|s|paged|q|category|label|search|year)=")
_NOTHING_PATH = re.compile(
    r"(?:^|/)(?:search|feed|comments/feed|wp-(?:login|admin|content|includes|json)|attachment|"
    r"404|offline|sitemap)(?:[/.]|$)",
    re.IGNORECASE,
)
_INDEX = re.compile(r"/?(?:index|default|home)\.\w{2,5}$|\.(?:x?html?|php|aspx?|shtml)$|/$")
_NO_TITLE = re.compile(r"(?:home|blog|untitled|index|page not found|404.{0,30})$", re.IGNORECASE)
_LEAST_WORDS = 25
"""A page that declares nothing, and has fewer words than this, holds no post."""
_TAKEN = 0.5
"""trafilatura is believed where it keeps at least this share of what seems to be the text."""
_SOUND_WORDS = 50
_LINKED = 0.5
"""A page whose text is links for more than this share lists something."""
_MOST_ENTRIES = 2_000


def read_html(
    name: str, sha256: str, text: str, *, url: str | None = None, captured: str | None = None
) -> Document:
    """The posts of a page.

    Args:
        name: the source's name.
        sha256: of the bytes it was read from.
        text: the page.
        url: where it was saved from, as an archive says.
        captured: when, as an ISO date.

    Raises:
        TooMuchError: there is more markup than anybody writes.
    """
    if len(text) > MOST_PAGE_CHARACTERS:
        raise TooMuchError(f"a page of more than {MOST_PAGE_CHARACTERS:,} characters")
    tree = parse_page(text)
    if tree is None:
        return _document(name, sha256, Composer(), PageFacts(), [])
    _require_shallow(tree)
    facts = facts_of(tree, url, captured)
    classes = {c for body in tree.iter("body") for c in classes_of(body)}
    _strip(tree)
    elements = entry_elements(tree)[:_MOST_ENTRIES]
    kind = _kind(name, facts, classes, elements, tree)
    composer = Composer()
    links: list[str] = []
    if kind is PageKind.SINGLE:
        _add_single(tree, elements, facts, composer, links)
    elif kind is PageKind.LISTING:
        _add_listing(tree, elements, facts, composer, links)
    return _document(name, sha256, composer, facts, links)


def _document(
    name: str, sha256: str, composer: Composer, facts: PageFacts, links: Sequence[str]
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
    )


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


# -- what kind of page it is -----------------------------------------------------------------------


def _kind(
    name: str, facts: PageFacts, classes: set[str], elements: list[Element], tree: Element
) -> PageKind:
    path, query = _path(name, facts)
    if classes & _OF_NOTHING or _NOTHING_PATH.search(path):
        return PageKind.NOTHING
    wordpress = bool(classes & _WORDPRESS) and bool(
        classes
        & {"single", "page", "archive", "home", "blog", "search", "logged-in", "wp-singular"}
        or any(c.startswith(("postid-", "page-id-", "wp-", "author-", "tag-")) for c in classes)
    )
    if "search" in classes and wordpress:
        return PageKind.NOTHING
    single = any(_OF_SINGLE.match(c) for c in classes) or (wordpress and "page" in classes)
    listing = any(_OF_LISTING.match(c) for c in classes)
    if single != listing:
        return PageKind.SINGLE if single else PageKind.LISTING
    if wordpress and single and "archive" not in classes:
        return PageKind.SINGLE
    if facts.listing or _LISTING_QUERY.search(query):
        return PageKind.LISTING
    foreign = _foreign(elements, facts)
    if facts.article and foreign < 2:
        return PageKind.SINGLE
    if _LISTING_PATH.search(path) and not _deep(path, facts):
        return PageKind.LISTING if foreign or not facts.article else PageKind.SINGLE
    if foreign >= 2 or foreign == len(elements) == 1:
        return PageKind.LISTING
    if facts.article or elements:
        return PageKind.SINGLE
    return PageKind.LISTING if len(_linked_headings(tree)) >= 3 else PageKind.SINGLE


def _path(name: str, facts: PageFacts) -> tuple[str, str]:
    if facts.url:
        parts = urlsplit(facts.url)
        return _INDEX.sub("", parts.path), parts.query
    bare, _, query = name.partition("?")
    return _INDEX.sub("", bare), query


def _deep(path: str, facts: PageFacts) -> bool:
    """Whether the last part of the path reads like a title (``/tag/news`` does not count)."""
    last = path.rstrip("/").rsplit("/", 1)[-1]
    return facts.article and last.count("-") >= 3


def _foreign(elements: list[Element], facts: PageFacts) -> int:
    """How many entries lead to other pages."""
    own, told = _bare_url(facts.url), _fold(facts.raw_title)
    host = own.split("/")[0]
    addresses = set()
    for element in elements[:60]:
        href = _absolute(lead_of(element), facts.url)
        if not href or _bare_url(href) == own:
            continue
        if own and href.startswith("http") and _bare_url(href).split("/")[0] != host:
            continue  # the heading of a link blog's post leads to what the post is about
        heading = next(element.iter("h1", "h2", "h3"), None)
        # A theme may make the heading of a post a link to the post itself.
        named = "" if heading is None else _fold(text_of(heading))
        if facts.url is None and len(elements) == 1 and named and named in told:
            continue
        addresses.add(_bare_url(href))
    return len(addresses)


def _absolute(href: str | None, base: str | None) -> str | None:
    try:
        return href if href is None or base is None else urljoin(base, href)
    except ValueError:
        return None


def _bare_url(address: str | None) -> str:
    if not address:
        return ""
    bare = re.sub(r"^https?://(?:www\.)?", "", address.split("#")[0]).lower()
    return re.sub(r"/(?:index\.\w{2,5})?$", "", bare)


# -- one post --------------------------------------------------------------------------------------


def _add_single(
    tree: Element,
    elements: list[Element],
    facts: PageFacts,
    composer: Composer,
    links: list[str],
) -> None:
    elements = [element for element in elements if _may_be_own(element, facts)]
    entry = _own_entry(tree, elements, facts)
    parts = entry.parts if entry else []
    if not parts or (not elements and entry and content_element(entry.element) is None):
        found = main_parts(tree)
        # Of a short text trafilatura gives the whole page as one paragraph.
        sound = len(found) > 1 and _words(found) >= _SOUND_WORDS
        if not parts or (sound and _words(found) >= _TAKEN * _words(parts)):
            parts = found or parts
    title = _title(entry, facts, tree)
    parts = without_title(parts, title)
    authors = (entry.authors if entry else ()) or _page_authors(tree) or facts.authors
    published = (entry.published if entry else None) or facts.published
    parts, authors, published = without_head(parts, authors, published)
    declared = bool(elements) or facts.article or (published is not None and bool(title))
    if _words(parts) < (1 if declared else _LEAST_WORDS) or (not declared and _is_index(tree)):
        return
    links.append("")
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


def _may_be_own(element: Element, facts: PageFacts) -> bool:
    """Whether an entry may be what its page is about, and not one that the page only leads to."""
    if any(True for _ in element.iter("h1")) or content_element(element) is not None:
        return True
    return not _foreign([element], facts)


def _own_entry(tree: Element, elements: list[Element], facts: PageFacts) -> Entry | None:
    """The post that a page is about: of several entries the one with its title and its text."""
    if not elements:
        frame = by_class(tree, ["wp-site-blocks"])
        main = next(
            (e for e in tree.iter() if tag_of(e) == "main" or e.get("role") == "main"), None
        )
        body = next(iter(tree.iter("body")), tree)
        holder = main if main is not None else (frame if frame is not None else body)
        return read_entry(holder, alone=True)
    budget = Budget()
    best: Entry | None = None
    for element in elements[:20]:
        budget.check()
        entry = read_entry(element, alone=True)
        own = any(True for _ in element.iter("h1"))
        if best is None or (entry.words + 400 * own) > (best.words + 400 * _has_h1(best)):
            best = entry
    return best


def _has_h1(entry: Entry) -> bool:
    return any(True for _ in entry.element.iter("h1"))


def _title(entry: Entry | None, facts: PageFacts, tree: Element) -> str | None:
    """The heading that the page's own title repeats; that title where no heading is found."""
    own = entry.title if entry else None
    headings = [one_line(text_of(h)) for h in list(tree.iter("h1", "h2"))[:8]]
    stated = [told for told in (facts.title, facts.raw_title) if told]
    site = _fold(facts.site or "")
    for pieces in ([stated[:1]], map(title_parts, stated)):
        folded = {_fold(piece) for some in pieces for piece in some} - {site, ""}
        named = [h for h in (own, *headings) if h and _fold(h) in folded]
        if named:
            # Of the site's name and the post's, both in the page's title, the post's is longer.
            return own if own in named and entry and _is_declared(entry) else max(named, key=len)
    for heading in (own, *headings[:2]):
        if heading and any(_fold(heading) in _fold(told) for told in stated):
            return heading
    for heading in (own, *headings[:2]):
        if heading and _fold(heading) != site and not _NO_TITLE.match(heading):
            return heading
    told = without_site(facts.title, facts.site)
    return told if told and not _NO_TITLE.match(told) and _fold(told) != site else None


def _is_declared(entry: Entry) -> bool:
    """Whether the title stands in an element of the post itself, and not of the whole page."""
    return tag_of(entry.element) not in ("body", "main")


def _fold(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


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
        if day := date_of(holder):
            return day
    match = re.search(r"/((?:19|20)\d\d)/(\d\d)/(\d\d)/", facts.url or "")
    return f"{match[1]}-{match[2]}-{match[3]}" if match and int(match[2]) <= 12 else None


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


def _is_index(tree: Element) -> bool:
    """Whether most of the words of a page's main part are links."""
    body = next(iter(tree.iter("main")), None)
    body = next(iter(tree.iter("body")), tree) if body is None else body
    whole = sum(len(text.strip()) for text in body.itertext())
    linked = sum(len("".join(a.itertext()).strip()) for a in body.iter("a"))
    return linked > _LINKED * max(1, whole)


def _words(parts: Sequence[Part]) -> int:
    return sum(len(part.text.split()) for part in parts)


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
        entries.append(read_entry(element))
    if not any(entry.href for entry in entries):
        entries = _split_at_headings(tree)
    for entry in entries:
        if not entry.href or not entry.parts or not entry.title:
            continue
        links.append(entry.href)
        told = Facts(
            title=entry.title,
            authors=entry.authors,
            published=entry.published,
            captured=facts.captured,
            complete=not entry.opening,
        )
        composer.add(told, entry.parts)


def _linked_headings(tree: Element) -> list[Element]:
    """Headings of one level that each lead to a page of their own."""
    by_level: dict[str, list[Element]] = {}
    seen: set[str] = set()
    for heading in tree.iter("h1", "h2", "h3", "h4"):
        links = [a for a in heading.iter("a") if a.get("href")]
        if len(links) != 1 or _inside_furniture(heading):
            continue
        href = links[0].get("href").split("#")[0]
        whole = len("".join(heading.itertext()).strip())
        if href and href not in seen and len("".join(links[0].itertext()).strip()) > 0.8 * whole:
            seen.add(href)
            by_level.setdefault(tag_of(heading), []).append(heading)
    return max(by_level.values(), key=len, default=[])


def _inside_furniture(element: Element) -> bool:
    return any(
        tag_of(above) in ("nav", "aside", "footer") or always_furniture(above)
        for above in element.iterancestors()
    )


def _split_at_headings(tree: Element) -> list[Entry]:
    """Entries of a listing that has no element for each: a linked heading, and what follows it."""
    headings = _linked_headings(tree)
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
