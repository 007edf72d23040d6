"""What a page's markup itself gives away as no part of a post: menus, comments, sharing, widgets.

The names are those of the common blog engines, their themes and plugins. ``furniture`` knows the
lines by their words; here it is the elements by their classes, ids and roles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from askscwru.ingest.compose import Part
from askscwru.ingest.html.markup import classes_of, tag_of
from askscwru.ingest.text.furniture import before_continue, role_of
from askscwru.ingest.text.furniture_patterns import Role
from askscwru.types import BlockKind

Element = Any

_ROLES = frozenset(
    "navigation banner contentinfo complementary search dialog alertdialog menu menubar toolbar"
    " tablist form".split()
)
_COMMENTS = (
    r"comments?(?:-?(?:area|list|section|form|respond|wrap(?:per)?|template|container|box|thread|"
    r"content|body|meta|author|link|links|count|number|nav|title|holder|block|policy|feed))?|"
    r"commentlist|commentary|respond|reply|replies|reply-title|disqus(?:_thread|-.*)?|dsq-.*|"
    r"fb-comments|comments?_.*|post-comments.*|entry-comments.*|blogger-comments|wp-block-comments?"
    r"(?:-.*)?|wp-block-post-comments.*|giscus|utterances(?:-.*)?|isso.*|remark42|hyvor.*|"
    r"trackbacks?|pingbacks?|pinglist|webmentions?|discussion|responses?"
)
_SHARING = (
    r"sharedaddy|sd-.*|share|shares|sharing|share[-_].*|sharing[-_].*|sharebar|sharethis|addthis.*|"
    r"addtoany.*|a2a.*|heateor.*|ssba.*|social|socials|social[-_].*|socials[-_].*|.*-social-(?:links|"
    r"icons|share|buttons)|.*[-_]share(?:[-_].*|s|ing)?|.*[-_]sharing(?:[-_].*)?|likes?|like-button|"
    r"jetpack-likes.*|post-likes.*|wpl-.*|follow|follow[-_].*|feedflare|goog-inline-block|"
    r"dd_.*|essb.*|mashsb.*|swp_.*|et_social.*|simplesocialbuttons|tweet-?button|fb-like|"
    r"print(?:friendly)?|pf-.*|post-sharing.*|wp-block-social-links?|wp-block-jetpack-sharing.*"
)
_RELATED = (
    r"related|related[-_].*|.*[-_]related|.*[-_]related[-_].*|jp-relatedposts.*|yarpp.*|crp_related|"
    r"crp[-_].*|wp_rp.*|zem_rp.*|relatedposts|similar-posts.*|recommended(?:[-_].*)?|"
    r"read-?next(?:[-_].*)?|more-posts.*|more-from.*|you-may-.*|also-like.*|suggested(?:[-_].*)?|"
    r"post-suggestions|outbrain.*|taboola.*|recirc.*|wp-block-latest-(?:posts|comments).*|"
    r"srp-.*|upprev.*|next-?post(?:s)?(?:[-_].*)?|prev(?:ious)?-?posts?(?:[-_].*)?"
)
_NAVIGATION = (
    r"nav|navi|navbar.*|navigation|nav-.*|navigation-.*|.*-nav|.*[-_]navigation|.*-nav-links|"
    r"site-nav.*|menu|menu-.*|.*-menu|mega-menu.*|breadcrumbs?|breadcrumb[-_].*|.*[-_]breadcrumbs?|"
    r"rank-math-breadcrumb|yoast-breadcrumbs?|pagination.*|.*[-_]pagination|paginate.*|pager|"
    r"pager-.*|page-links?|page-numbers|page-nav.*|paging.*|wp-pagenavi|wp-block-query-pagination.*|"
    r"wp-block-post-navigation.*|wp-block-navigation.*|wp-block-page-list.*|post-?navi.*|postnav.*|"
    r"prev-?next.*|prevnext.*|older-?posts?|newer-?posts?|alignleft-nav|blog-pager.*|skip-?link.*|"
    r"skip-to.*|back-to-top|scroll-?(?:to-?)?top|to-top|toc|toc[-_].*|ez-toc.*|lwptoc.*|"
    r"table-of-contents.*|tocbot.*|post-toc|jump-links?|infinite-.*|load-?more.*"
)
_META = (
    r"entry-meta.*|post-meta.*|postmeta.*|postmetadata|article-meta.*|posted-?(?:on|by|in).*|"
    r"entry-(?:footer|utility|date|author|categories|tags|tax|taxonomies|byline|info|cats|data|"
    r"details|header-meta|before-title|subtitle-meta)|post-(?:footer|date|author|categories|"
    r"category|cats?|tags?|taxonomies|info|byline|details|data|header-meta|views|count|"
    r"footer-line.*|bottom.*|labels|timestamp|icons)|postinfo|post__(?:meta|footer|tags|author|"
    r"date|info).*|article-(?:footer|tags|info|byline|date|author)|gh-article-(?:meta|footer|tag)|"
    r"blog-(?:meta|item-meta.*|categories.*|tags.*|date|author)|byline|bylines?[-_].*|meta|metadata|"
    r"meta[-_].*|tags|tag-?list|tag-?links|tags?-links|tagcloud|tag-cloud|cat-?links|"
    r"categories|category-list|labels|post-labels|edit-?link|permalink|shortlink|reading-?time.*|"
    r"read-?time|post-views.*|wp-block-post-(?:terms|date|author|author-name|author-biography|"
    r"comments-.*|template)|submitted|node__(?:meta|submitted|links)|node-(?:links|footer|info)|"
    r"field--name-field-(?:tags|category|categories)|links--inline|dateline|timestamp|published|"
    r"updated|word-count|item-control|quickedit|post-edit.*"
)
_PERSON = (
    r"author-?(?:box|bio|info|card|profile|description|details|block|section|area|avatar|image|"
    r"wrap(?:per)?|about|meta|vcard|social|content).*|authorbox.*|about-?(?:the-)?author.*|"
    r"post-?author(?:[-_].*)?|entry-?author(?:[-_].*)?|saboxplugin.*|pp-(?:author|multiple)-.*|"
    r"abh_.*|molongui.*|ts-fab.*|bio|bio-box|authorinfo|about_author|guest-author.*|"
    r"wp-block-post-author.*|post-full-author.*|author-profile.*|article-author.*"
)
_OTHER = (
    r"sidebar|sidebar[-_].*|.*[-_]sidebar|widget|widgets|widget[-_].*|.*[-_]widgets?|widgettitle|"
    r"advert.*|ad|ads|ads?[-_].*|adsbygoogle|sponsor.*|promo|promo[-_].*|banner|banners|banner[-_].*|"
    r"cookie.*|.*cookie-?(?:banner|notice|consent).*|gdpr.*|consent.*|cc-.*|newsletter.*|"
    r".*[-_]newsletter|subscri(?:be|ption).*|mailchimp.*|mc_embed.*|signup.*|sign-up.*|optin.*|"
    r"opt-in.*|cta|cta[-_].*|call-to-action.*|popup.*|modal|modal[-_].*|lightbox.*|overlay|"
    r"site-(?:header|footer|info|branding|title|description|logo).*|page-footer|global-footer|"
    r"colophon|masthead|footer|footer-.*|.*-footer-widgets|copyright|copyright[-_].*|"
    r"search|search-?form.*|searchform|searchbox|login.*|donate.*|support-us|rating|ratings?[-_].*|"
    r"kk-star-ratings.*|post-ratings.*|poll|polls?[-_].*|pds-.*|wp-polls.*|wp-block-(?:search|"
    r"tag-cloud|archives|categories|calendar|rss|loginout|buttons?|query|site-.*|"
    r"jetpack-(?:subscriptions|mailchimp|related-posts).*)|language-switcher.*|wpml-.*|notice-bar|"
    r"announcement.*|hidden|hide|d-none|no-?print|noprint|screen-only|tooltip.*|dropdown.*|"
    r"post-?thumbnail-caption|entry-?image-caption|featured-image-caption|photo-credit|"
    r"image-credit|continue-reading.*|more-link.*|read-?more.*|readmore|moretag|jump-link|"
    r"post-actions?|actions?|toolbar.*|buttons?|button-group|btn|btn-.*|wp-caption-dd"
)
_NAMES = re.compile(
    rf"(?:{_COMMENTS}|{_SHARING}|{_RELATED}|{_NAVIGATION}|{_META}|{_PERSON}|{_OTHER})$"
)
_ALWAYS = re.compile(rf"(?:{_COMMENTS}|{_RELATED}|sharedaddy|sidebar|widget-area)$")
_NEVER_A_POST = re.compile(
    rf"(?:{_COMMENTS}|{_SHARING}|{_RELATED}|{_PERSON}|postmetadata|entry-(?:meta|footer|utility).*|"
    r"post-(?:meta|footer|navigation|labels|tags|views).*|post__(?:meta|footer|tags)|nav-links|"
    r"pagination|cookie-?(?:notice|banner|consent).*|site-(?:header|footer)|colophon|masthead|"
    r"newsletter.*|breadcrumbs?|skip-?link.*)$"
)
"""Names that no element with a post in it has, however short the post is."""
_KEPT_TAGS = frozenset({"html", "body", "main"})
_KEPT_ALWAYS = _KEPT_TAGS | {"article"}
_MOST_SHARE = 0.5
"""What holds more than this share of a post's words is the post, whatever it is called."""
_SHORT = 30
_TAIL_LINES = 3
_LINES = frozenset(
    {Role.SHARE, Role.FOLLOW, Role.META, Role.COMMENTS, Role.CONTINUE, Role.PAGE_HEADER}
)
_HEAD_LINES = frozenset({Role.PAGE_HEADER})
"""Lines that stand above posts; further down, or as a point of a list, they are the writer's."""
_CLOSING = re.compile(
    r"(?:related(?: posts?| articles?| stories| reading| content)?|you (?:may|might) (?:also )?"
    r"(?:like|enjoy|be interested in)|more from (?:this|the|our) \w+|"
    r"more (?:posts|articles|stories)|read (?:next|more posts)|"
    r"recommended(?: for you)?|similar posts|keep reading|up next|"
    r"like this|leave a (?:reply|comment).{0,30}|\d+ "
    r"(?:comments?|responses?|replies|thoughts?)\b.{0,80}|comments?|discussion|post navigation|"
    r"about the authors?|previous (?:post|article)|next (?:post|article)|published by.{0,60}|"
    r"recent posts|popular posts|categories|tags|archives|subscribe.{0,60}|newsletter)"
    r"\s*(?::|\.{3}|…)?$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"(?:(?:top|latest|partner|more|related) (?:stories|news)|trending|popular now|"
    r"most (?:read|popular|viewed))(?: (?:in|on|from|now)\b.{0,30})?\s*(?::|\.{3}|…)?$",
    re.IGNORECASE,
)
"""Heads of boxes that news pages put between the paragraphs: the text may go on behind them."""
_POINTER = re.compile(
    r"(?:related|read (?:more|also|next)|also read|recommended|more|watch|tags?|topics?|labels?|"
    r"filed under|categories|posted in)\s*(?::|\s)",
    re.IGNORECASE,
)
_MOST_HEAD = 60
_MOST_POINTED, _POINTED = 60, 0.5
"""Words of a line that leads elsewhere, and the least share of it that is links."""


def is_furniture(element: Element) -> bool:
    """Whether an element's name, role, class or id says that it is around a post, not in it."""
    tag = tag_of(element)
    if tag in _KEPT_TAGS:
        return False
    if tag in ("nav", "aside", "dialog") or (element.get("role") or "").lower() in _ROLES:
        return True
    if element.get("aria-hidden") == "true":
        return True
    return _named(element, _is_furniture_name)


def always_furniture(element: Element) -> bool:
    """Whether an element is furniture wherever it stands: comments, related posts, sidebars."""
    return _named(element, _is_always_name) and tag_of(element) not in _KEPT_ALWAYS


def is_around(element: Element) -> bool:
    """Whether an element's name is one that nothing in a post has: sharing, comments, related."""
    return _named(element, _is_around_name) and tag_of(element) not in _KEPT_TAGS


def _named(element: Element, fits: Callable[[str], bool]) -> bool:
    """Whether a class or the id fits; nobody writes a name of more than eighty letters."""
    own = element.get("id")
    if own and fits(own[:80].lower()):
        return True
    return any(fits(name) for name in classes_of(element))


# The same few names stand on every page of a site, and the patterns are long.
@lru_cache(maxsize=10_000)
def _is_furniture_name(name: str) -> bool:
    return _NAMES.match(name) is not None


@lru_cache(maxsize=10_000)
def _is_always_name(name: str) -> bool:
    return _ALWAYS.match(name) is not None


@lru_cache(maxsize=10_000)
def _is_around_name(name: str) -> bool:
    return _NEVER_A_POST.match(name) is not None or _ALWAYS.match(name) is not None


@lru_cache(maxsize=10_000)
def _is_never_name(name: str) -> bool:
    return _NEVER_A_POST.match(name) is not None


def small_furniture(words: int) -> Any:
    """The test for furniture inside a post of so many characters: what holds most of it is kept."""

    def test(element: Element) -> bool:
        if not is_furniture(element):
            return False
        named = _named(element, _is_never_name)
        if named and tag_of(element) != "article":
            return True
        held = sum(len(text) for text in element.itertext())
        return held <= _MOST_SHARE * words

    return test


def without_lines(parts: Sequence[Part]) -> tuple[list[Part], bool]:
    """The parts without lines that are furniture by their words, and whether it is an opening.

    A heading such as ``Related posts`` ends the post.
    """
    kept: list[Part] = []
    opening = False
    for at, part in enumerate(parts):
        if _ends(part, kept, parts[at + 1 :]):
            break
        last = at >= len(parts) - _TAIL_LINES
        text, cut = before_continue(part.text) if last else (0, False)
        if cut:
            opening = True
            if text:
                kept.append(Part(part.text[:text].rstrip(), part.kind))
            continue
        if _points(part) or (len(part.text) <= _MOST_HEAD and _BETWEEN.match(part.text)):
            continue
        role = role_of(part.text) if len(part.text.split()) <= _SHORT else None
        if role is Role.CONTINUE:
            # In the middle of a text it is the writer's own word, or a link to something else.
            opening = opening or last
        if role in _LINES and not (role in _HEAD_LINES and (part.kind is BlockKind.LIST or at > 2)):
            continue
        kept.append(part)
    while kept and kept[-1].kind is BlockKind.HEADING:
        kept.pop()
    return kept, opening


def _points(part: Part) -> bool:
    """Whether a line only leads to other posts, or to the lists that the post is in."""
    return (
        part.linked > _POINTED
        and part.kind is not BlockKind.LIST
        and len(part.text.split()) <= _MOST_POINTED
        and _POINTER.match(part.text) is not None
    )


def _ends(part: Part, kept: list[Part], rest: Sequence[Part]) -> bool:
    """Whether everything from here on stands below the post."""
    if not any(before.kind is not BlockKind.HEADING for before in kept):
        return False
    if len(part.text) > 100 or not _CLOSING.match(part.text):
        return False
    # A section of the post may be called so: it is one where more text follows than stood before.
    after = sum(len(other.text) for other in rest if len(other.text) > 150)
    return after <= sum(len(other.text) for other in kept)
