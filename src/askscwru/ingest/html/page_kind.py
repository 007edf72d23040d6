"""What a page of a site is for: one post, a list of several, or neither.

The classes of the common engines decide where there are some. Otherwise what the page says of
itself is held against what stands on it: an article is one whatever teasers stand around it, and a
page whose text all stands in entries that lead elsewhere is a list, whatever its head says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urljoin, urlsplit

from askscwru.ingest.html.markup import parts_of, tag_of, text_of
from askscwru.ingest.html.page_entries import content_element, date_of, href_of, lead_of
from askscwru.ingest.html.page_facts import PageFacts
from askscwru.ingest.html.page_furniture import always_furniture, is_furniture
from askscwru.letters import fold_words
from askscwru.rules import rule_file
from askscwru.types import BlockKind

Element = Any


class PageKind(StrEnum):
    """What a page of a site is for."""

    SINGLE = "single"
    LISTING = "listing"
    NOTHING = "nothing"
    """A search, an attachment, an error: no post stands on it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A page's kind, and its entries: those that are or may be its own, and those of others."""

    kind: PageKind
    own: list[Element]
    teasers: list[Element]
    """Entries that lead to other pages: on a page of one post they are no part of it."""


_RULES = rule_file("elements")
_WORDPRESS = frozenset(_RULES.words("wordpress body"))
_OF_LISTING = _RULES.compiled("listing body")
_VAGUE = frozenset(_RULES.words("vague body"))
"""Names that themes of no engine in particular give to pages of one post as well."""
_OF_SINGLE = _RULES.compiled("single body")
_OF_NOTHING = frozenset(_RULES.words("nothing body"))
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
_LISTED = 3
"""Headings that each lead to another page make a list from this many on."""
_PROSE, _ENDED = 9, re.compile(r"[.!?…。！？:][\"'”’)\]»」]*$")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LEAST = {(True, True): 25, (True, False): 90, (False, True): 90, (False, False): 160}
"""How many words of running text outside all teasers make a page one article, by whether it says
that it is one, and whether a heading of its own stands on it that leads nowhere else."""
_DOUBT = 2
"""Times as many where something says that the page is a list."""
_SEVERAL, _LEAST_DATED, _MOST_DATED = 2, 12, 50
"""Posts of a diary, the fewest words of each, and how many of them are looked at."""
_BEYOND = 1.5
"""Times that the text of a page that says nothing must be longer than its longest teaser."""


def judge(
    name: str, facts: PageFacts, classes: set[str], elements: list[Element], tree: Element
) -> Judged:
    """What a page is for.

    Args:
        name: the source's name; its path tells where the page states no address.
        facts: what the head says.
        classes: of the page's body.
        elements: the entries that stand on the page.
        tree: the page, without scripts and the like.
    """
    teasers = [e for e in elements if leads_elsewhere(e, facts, alone=len(elements) == 1)]
    others = set(teasers)
    kind = _kind(name, facts, classes, elements, teasers, tree)
    return Judged(kind, [e for e in elements if e not in others], teasers)


def _kind(
    name: str,
    facts: PageFacts,
    classes: set[str],
    elements: list[Element],
    teasers: list[Element],
    tree: Element,
) -> PageKind:
    path, query = _path(name, facts)
    if classes & _OF_NOTHING or _NOTHING_PATH.search(path):
        return PageKind.NOTHING
    wordpress = _is_wordpress(classes)
    if "search" in classes and wordpress:
        return PageKind.NOTHING
    if said := _by_classes(classes, wordpress=wordpress):
        return said
    foreign = len({_bare_url(_absolute(lead_of(e), facts.url)) for e in teasers[:60]})
    listing_path = _LISTING_PATH.search(path) is not None and not _deep(path, facts)
    if facts.listing or _LISTING_QUERY.search(query) or listing_path or foreign >= 2:
        if _is_article(facts, teasers, tree, path=listing_path):
            return PageKind.SINGLE
        if not listing_path or foreign or not facts.article:
            return PageKind.LISTING
    return _by_entries(facts, elements, teasers, tree, foreign)


def _by_entries(
    facts: PageFacts,
    elements: list[Element],
    teasers: list[Element],
    tree: Element,
    foreign: int,
) -> PageKind:
    """What the entries say, where neither classes nor address tell.

    Args:
        facts: what the head says.
        elements: the entries.
        teasers: those of them that lead to other pages.
        tree: the page.
        foreign: how many pages they lead to.
    """
    if elements and foreign == len(elements) == 1 and not facts.article:
        return PageKind.LISTING
    if not facts.article and not teasers and are_dated_posts(elements, facts.language):
        return PageKind.LISTING
    if facts.article or elements:
        return PageKind.SINGLE
    if len(linked_headings(tree)) < _LISTED or _is_article(facts, teasers, tree, path=False):
        return PageKind.SINGLE
    return PageKind.LISTING


def are_dated_posts(elements: Sequence[Element], language: str | None) -> bool:
    """Whether several posts stand whole on a page, each with a heading and a day of its own."""
    if len(elements) < _SEVERAL:
        return False
    return all(
        next(element.iter("h1", "h2", "h3", "h4"), None) is not None
        and date_of(element, language) is not None
        and words_in(" ".join(element.itertext())) >= _LEAST_DATED
        for element in elements[:_MOST_DATED]
    )


def _is_wordpress(classes: set[str]) -> bool:
    return bool(classes & _WORDPRESS) and bool(
        classes
        & {"single", "page", "archive", "home", "blog", "search", "logged-in", "wp-singular"}
        or any(c.startswith(("postid-", "page-id-", "wp-", "author-", "tag-")) for c in classes)
    )


def _by_classes(classes: set[str], *, wordpress: bool) -> PageKind | None:
    """What the body's classes say, where they are an engine's and agree."""
    single = any(_OF_SINGLE.match(c) for c in classes) or (wordpress and "page" in classes)
    listing = any(_OF_LISTING.match(c) and (wordpress or c not in _VAGUE) for c in classes)
    if single != listing:
        return PageKind.SINGLE if single else PageKind.LISTING
    if wordpress and single and "archive" not in classes:
        return PageKind.SINGLE
    return None


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


# -- one article, by what stands on the page -------------------------------------------------------


def _is_article(facts: PageFacts, teasers: list[Element], tree: Element, *, path: bool) -> bool:
    """Whether enough running text stands outside all entries that lead to other pages.

    Args:
        facts: what the head says.
        teasers: the entries that lead to other pages.
        tree: the page.
        path: whether the page's address is one of a list.
    """
    title = _own_heading(facts, teasers, tree)
    says = facts.article or facts.says_article
    if path and not (facts.article and title):
        return False
    least = _LEAST[says, title] * (_DOUBT if facts.listing or path else 1)
    words = own_words(teasers, tree)
    if says or words < least:
        return words >= least
    longest = max((words_in(text_of(teaser)) for teaser in teasers[:60]), default=0)
    return words >= _BEYOND * longest


def _own_heading(facts: PageFacts, teasers: list[Element], tree: Element) -> bool:
    """Whether a heading that leads nowhere else repeats what the page calls itself."""
    others = set(teasers)
    told = fold_words(f"{facts.raw_title} {facts.title or ''}")
    for heading in tree.iter("h1", "h2"):
        named = fold_words(text_of(heading))
        if not named or named not in told or named == fold_words(facts.site or ""):
            continue
        if any(above in others for above in heading.iterancestors()):
            continue
        if not any(
            _foreign_link(a, facts) for a in (*heading.iter("a"), *heading.iterancestors("a"))
        ):
            return True
    return False


def own_words(teasers: Sequence[Element], tree: Element) -> int:
    """How many words of running text a page has outside what leads to other pages."""
    others = set(teasers)
    others.update(box for heading in linked_headings(tree) for box in _below(heading))
    body = next(iter(tree.iter("body")), tree)
    parts = parts_of(body, lambda e: e in others or is_furniture(e))
    return sum(
        words_in(part.text)
        for part in parts
        if part.kind is not BlockKind.HEADING
        and words_in(part.text) >= _PROSE
        and _ENDED.search(part.text)
    )


def _below(heading: Element) -> list[Element]:
    """What belongs to a linked heading: all up to the next heading, or its whole box."""
    found: list[Element] = []
    for following in heading.itersiblings():
        if tag_of(following) in ("h1", "h2", "h3", "h4") or any(
            True for _ in following.iter("h1", "h2", "h3", "h4")
        ):
            break
        found.append(following)
    return found


def words_in(text: str) -> int:
    """The words of a text; of scripts without spaces two characters count as one."""
    wide = len(_CJK.findall(text)) // 2
    return max(len(text.split()), wide)


# -- where entries lead ----------------------------------------------------------------------------


def leads_elsewhere(element: Element, facts: PageFacts, *, alone: bool) -> bool:
    """Whether an entry shows a post that has a page of its own elsewhere.

    Args:
        element: the entry.
        facts: of the page.
        alone: whether it is the only entry of the page.
    """
    heading = next(element.iter("h1", "h2", "h3"), None)
    named = "" if heading is None else fold_words(text_of(heading))
    if heading is not None and tag_of(heading) == "h1" and not _links(heading):
        return False  # its own heading; what other headings inside lead to is no matter
    lead = _absolute(lead_of(element), facts.url)
    own = _bare_url(facts.url)
    if not lead or _bare_url(lead) == own:
        return False
    if own and lead.startswith("http") and _bare_url(lead).split("/")[0] != own.split("/")[0]:
        # The heading of a link blog's post leads to what the post is about.
        return not alone and content_element(element) is None
    # A theme may make the heading of a post a link to the post itself.
    return not (named and named in fold_words(facts.raw_title) and (alone or facts.url is None))


def _links(heading: Element) -> list[Element]:
    return [a for a in (*heading.iter("a"), *heading.iterancestors("a")) if href_of(a)]


def _foreign_link(link: Element, facts: PageFacts) -> bool:
    href = _absolute(href_of(link), facts.url)
    return bool(href) and facts.url is not None and _bare_url(href) != _bare_url(facts.url)


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


def linked_headings(tree: Element) -> list[Element]:
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
