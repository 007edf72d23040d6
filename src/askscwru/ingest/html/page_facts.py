"""What a page's head says of it: JSON-LD, OpenGraph, meta elements, the comment of who saved it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from askscwru.ingest.compose import one_line
from askscwru.ingest.dates import find_date, language_of, stated_day
from askscwru.ingest.html.markup import tag_of

Element = Any

_ARTICLES = frozenset(
    "article blogposting newsarticle socialmediaposting techarticle report scholarlyarticle"
    " liveblogposting opinionnewsarticle reviewnewsarticle analysisnewsarticle".split()
)
_LISTS = frozenset({"collectionpage", "searchresultspage", "profilepage"})
_SAID = frozenset({"article", "blog", "blogpost", "news"})
_SAVED_FROM = re.compile(r"saved from url=\(\d+\)(?P<url>https?://\S+)", re.IGNORECASE)
_MIRRORED = re.compile(
    r"Mirrored from (?P<url>[^\s<>]+) by HTTrack [^,]*(?:, (?P<day>.{5,40}))?", re.IGNORECASE
)
_SINGLE_FILE = re.compile(
    r"url:\s*(?P<url>https?://\S+)\s+saved date:\s*(?P<day>[^\n]{5,60})", re.IGNORECASE
)
_MOST_LD = 500_000
_MOST_NODES = 2_000
_MOST_PIECES = 8
_PARTS = re.compile(r"\s+[|–—·•»«:-]\s+|\s*[|»«]\s*|(?<=\w):\s+")
_AUTHOR_KEYS = (
    "author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "article:author",
    "itemprop:author",
)


@dataclass(slots=True)
class PageFacts:
    """What the head of a page says of the page as a whole."""

    title: str | None = None
    """Of the page, without the site's name where that is known."""
    site: str | None = None
    url: str | None = None
    """Its own address."""
    published: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    captured: str | None = None
    article: bool = False
    """Whether the head says that the page is one article."""
    says_article: bool = False
    """Whether it calls the page an article (``og:type``), as some engines call their lists too."""
    listing: bool = False
    """Whether it says that the page lists several."""
    meta: dict[str, list[str]] = field(default_factory=dict)
    raw_title: str = ""
    base: str | None = None
    language: str | None = None
    """Of the page, as it states it (``en-GB``)."""


def facts_of(tree: Element, url: str | None = None, captured: str | None = None) -> PageFacts:
    """The facts of a page.

    Args:
        tree: the page.
        url: where an archive says that it was saved from.
        captured: when, as an ISO date.
    """
    facts = PageFacts(captured=captured)
    facts.meta = _meta(tree)
    facts.language = _language(tree)
    saved, day = _saved(tree)
    facts.captured = facts.captured or day
    canonical = _first_href(tree, "canonical")
    base = url or saved or _http(_one(facts, "og:url"))
    facts.url = _http(_joined(base, canonical)) or base
    facts.base = url or saved or facts.url
    _from_meta(facts)
    _from_ld(facts, tree)
    title = next((e for e in tree.iter("title") if (e.getparent() is not None)), None)
    facts.raw_title = one_line("".join(title.itertext())) if title is not None else ""
    facts.title = _one(facts, "og:title") or facts.raw_title or None
    facts.title = without_site(facts.title, facts.site)
    return facts


def without_site(title: str | None, site: str | None) -> str | None:
    """``Title | Site`` as ``Title``, where the site's name is known."""
    if not title or not site:
        return title
    told, name = title.strip(), site.strip()
    for pattern in (
        rf"\s*[|–—·•»«:/-]+\s*{re.escape(name)}\s*$",
        rf"^{re.escape(name)}\s*[|–—·•»«:/-]+\s*",
    ):
        shorter = re.sub(pattern, "", told, flags=re.IGNORECASE)
        if shorter and shorter != told:
            return shorter
    return told


def title_parts(title: str) -> list[str]:
    """The whole title, the pieces that bars and dashes part it into, and their runs."""
    cuts = [0, *(at for match in _PARTS.finditer(title) for at in match.span()), len(title)]
    pieces = [(cuts[at], cuts[at + 1]) for at in range(0, len(cuts) - 1, 2)][:_MOST_PIECES]
    runs = [title[start:end] for start, _ in pieces for _, end in pieces if end > start]
    return [title, *(run for run in runs if run.strip())]


def _language(tree: Element) -> str | None:
    root = next(tree.iter("html"), tree)
    stated = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    return language_of(stated.strip()[:20] or None, "".join(tree.itertext()))


def _meta(tree: Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name, stated = element.get("property") or element.get("name"), element.get("itemprop")
        content = element.get("content")
        if stated and not name and tag_of(element.getparent()) in ("head", "html"):
            name = f"itemprop:{stated}"  # of the page, as Squarespace writes it
        if name and content and content.strip() and (not stated or name.startswith("itemprop:")):
            found.setdefault(name.lower().strip(), []).append(one_line(content))
    return found


def _one(facts: PageFacts, *names: str) -> str | None:
    return next((facts.meta[name][0] for name in names if name in facts.meta), None)


def _from_meta(facts: PageFacts) -> None:
    facts.site = _one(facts, "og:site_name", "application-name", "twitter:site:name")
    day = _one(
        facts,
        "article:published_time",
        "og:article:published_time",
        "article:published",
        "dc.date.issued",
        "dcterms.created",
        "dcterms.date",
        "dc.date",
        "citation_publication_date",
        "parsely-pub-date",
        "sailthru.date",
        "date",
        "publish-date",
        "pubdate",
        "itemprop:datepublished",
    )
    facts.published = stated_day(day, facts.language)
    facts.article = "article:published_time" in facts.meta
    facts.says_article = (_one(facts, "og:type") or "").lower() in _SAID
    for key in _AUTHOR_KEYS:
        names = [n for n in facts.meta.get(key, []) if not n.startswith(("http", "@", "//"))]
        if names:
            facts.authors = tuple(dict.fromkeys(names))
            break
    facts.categories = tuple(dict.fromkeys(facts.meta.get("article:section", [])))
    facts.tags = tuple(dict.fromkeys(facts.meta.get("article:tag", [])))


def _from_ld(facts: PageFacts, tree: Element) -> None:
    nodes = list(_ld_nodes(tree))
    articles = [n for n in nodes if _types(n) & _ARTICLES]
    listed = any(_types(n) & _LISTS for n in nodes)
    for node in nodes:
        if "website" in _types(node) and isinstance(node.get("name"), str) and not facts.site:
            facts.site = one_line(node["name"])
    facts.listing = listed or len(articles) > 1
    if len(articles) == 1 and not listed:
        people = {n["@id"]: n for n in nodes if isinstance(n.get("@id"), str) and "name" in n}
        _from_article(facts, articles[0], people)


def _from_article(
    facts: PageFacts, article: dict[str, Any], people: dict[str, dict[str, Any]]
) -> None:
    """What the one article of a page says of itself.

    Args:
        facts: are added to.
        article: as its JSON-LD has it.
        people: those whom the page describes elsewhere, by their ids.
    """
    facts.article = True
    facts.published = stated_day(_text(article.get("datePublished"))) or facts.published
    names = tuple(_names(article.get("author"), people))
    facts.authors = names or facts.authors
    sections = article.get("articleSection")
    if not facts.categories:
        stated = sections if isinstance(sections, list) else [sections]
        facts.categories = tuple(one_line(s) for s in stated if isinstance(s, str) and s.strip())


def _ld_nodes(tree: Element) -> Iterator[dict[str, Any]]:
    """Every object that the page's JSON-LD describes at the top or as its subject."""
    count = 0
    for script in tree.iter("script"):
        if (script.get("type") or "").lower().strip() != "application/ld+json":
            continue
        text = (script.text or "").strip()
        if len(text) > _MOST_LD:
            continue
        text = re.sub(r"^\s*(?:<!--|//<!\[CDATA\[)|(?:-->|//\]\]>)\s*$", "", text)
        try:
            pending = [json.loads(text, strict=False)]
        except (ValueError, RecursionError):
            continue
        while pending and count < _MOST_NODES:
            node = pending.pop(0)
            count += 1
            if isinstance(node, list):
                pending = [*node, *pending]
            elif isinstance(node, dict):
                yield node
                pending += [node[k] for k in ("@graph", "mainEntity", "blogPost") if k in node]


def _types(node: dict[str, Any]) -> set[str]:
    stated = node.get("@type")
    names = stated if isinstance(stated, list) else [stated]
    return {name.lower() for name in names if isinstance(name, str)}


def _names(stated: Any, people: dict[str, dict[str, Any]]) -> Iterator[str]:
    for person in stated if isinstance(stated, list) else [stated]:
        if isinstance(person, dict) and "name" not in person:
            person = people.get(str(person.get("@id")), {})
        name = person.get("name") if isinstance(person, dict) else person
        if isinstance(name, list):
            name = name[0] if name else None
        if isinstance(name, str) and name.strip() and not name.startswith("http"):
            yield one_line(name)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _saved(tree: Element) -> tuple[str | None, str | None]:
    """The address and the day that the program which saved the page left in a comment."""
    top = tree.getroottree().getroot()
    comments = [
        node for node in (*top.itersiblings(preceding=True), *list(top)[:3]) if not tag_of(node)
    ]
    comments += [node for child in list(top)[:2] for node in list(child)[:4] if not tag_of(node)]
    for node in comments:
        text = node.text or ""
        for pattern in (_SAVED_FROM, _SINGLE_FILE, _MIRRORED):
            if match := pattern.search(text):
                found = match["url"]
                address = found if found.startswith("http") else f"https://{found}"
                told = match.groupdict().get("day") or ""
                return address, find_date(told)
    return None, None


def _first_href(tree: Element, rel: str) -> str | None:
    for link in tree.iter("link"):
        if rel in (link.get("rel") or "").lower().split():
            return (link.get("href") or "").strip() or None
    return None


def _joined(base: str | None, href: str | None) -> str | None:
    try:
        return href if base is None or href is None else urljoin(base, href)
    except ValueError:
        return None


def _http(address: str | None) -> str | None:
    return address if address and re.match(r"https?://[^\s/]+", address) else None
