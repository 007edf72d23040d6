"""Whole blogs as the common engines and themes save them, made from a handful of posts.

Each theme is a function that writes one page: a single post, or a listing of several. The markup
follows what the engine or theme writes; the words around the posts are those of real blogs. What a
reader makes of a site can so be held against what was put in.
"""

# ruff: noqa: E501
from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

BASE = "https://blog.example.org"
SITE = "The Minibus Notes"
PER_PAGE = 4

_PLACES = (
    "Ashby Birdham Corley Denholm Elswick Fernley Garston Haxby Ilford Jarrow Kelso Lydney".split()
)
_THINGS = "minibus lunch club, day centre, walking group, helpline, respite house, garden, workshop"
_AUTHORS = ("Ann Leigh", "Bo Marsh", "Chidi Okafor", "María José Pérez")


@dataclass(frozen=True)
class Story:
    """One post of the blog."""

    number: int
    title: str
    authors: tuple[str, ...]
    day: str
    category: str
    tag: str
    paragraphs: tuple[str, ...]

    @property
    def slug(self) -> str:
        return "-".join("".join(c if c.isalnum() else " " for c in self.title.lower()).split())

    @property
    def path(self) -> str:
        year, month, day = self.day.split("-")
        return f"{year}/{month}/{day}/{self.slug}/"

    @property
    def url(self) -> str:
        return f"{BASE}/{self.path}"

    @property
    def excerpt(self) -> str:
        return " ".join(self.paragraphs[0].split()[:22])

    @property
    def said(self) -> str:
        months = (
            "January February March April May June July August September October November December"
        )
        year, month, day = self.day.split("-")
        return f"{months.split()[int(month) - 1]} {int(day)}, {year}"


def stories(count: int = 9, *, authors: int = 3) -> list[Story]:
    """Posts with different words and figures, newest first."""
    made = []
    things = [thing.strip() for thing in _THINGS.split(",")]
    for number in range(count):
        place, other = _PLACES[number % 12], _PLACES[(number * 5 + 3) % 12]
        thing = things[number % len(things)]
        people = 14 + number * 7
        paragraphs = (
            f"The {thing} in {place} opened in {1990 + number} with {people} people on its list, and"
            f" nobody there remembers a week in which the number fell below {people - 6}.",
            f"Those who run it told us that a place costs £{people * 3} a month, of which the county"
            f" pays {40 + number} per cent and the members the rest.",
            f"What they ask for is a second driver for the road to {other}, since the first one has"
            f" driven {number * 1000 + 4300} miles since last spring and would like a day off.",
            f"We shall be back in {place} when the {thing} has been open for {number + 30} years,"
            " and we shall count again who comes and who stays at home.",
        )
        made.append(
            Story(
                number=number,
                title=f"Who comes to the {thing} in {place}?"
                if number % 3
                else f"{place}: the {thing} counted",
                authors=(_AUTHORS[number % authors],),
                day=f"20{18 - number % 6:02d}-{number % 12 + 1:02d}-{number % 27 + 1:02d}",
                category=("News", "Research", "Practice")[number % 3],
                tag=("transport", "money")[number % 2],
                paragraphs=paragraphs,
            )
        )
    return sorted(made, key=lambda story: story.day, reverse=True)


@dataclass(frozen=True)
class Page:
    """One page of the site."""

    path: str
    kind: str
    """``single``, ``home``, ``category``, ``tag``, ``author``, ``date``."""
    title: str
    stories: tuple[Story, ...]
    number: int = 1
    older: str | None = None
    label: str = ""

    @property
    def url(self) -> str:
        return f"{BASE}/{self.path}"

    @property
    def story(self) -> Story:
        return self.stories[0]


Theme = Callable[[Page], str]


def pages_of(posts: list[Story]) -> Iterator[Page]:
    """Every page that a blog of these posts has."""
    for post in posts:
        yield Page(post.path, "single", post.title, (post,))
    yield from _listing("", "home", SITE, posts)
    for name in sorted({post.category for post in posts}):
        some = [post for post in posts if post.category == name]
        yield from _listing(f"category/{name.lower()}/", "category", f"{name} Archives", some, name)
    for name in sorted({post.tag for post in posts}):
        some = [post for post in posts if post.tag == name]
        yield from _listing(f"tag/{name}/", "tag", f"{name} Archives", some, name)
    for name in sorted({author for post in posts for author in post.authors}):
        some = [post for post in posts if name in post.authors]
        slug = "-".join(name.lower().split())
        yield from _listing(f"author/{slug}/", "author", f"{name}, Author at {SITE}", some, name)
    for year in sorted({post.day[:4] for post in posts}):
        some = [post for post in posts if post.day[:4] == year]
        yield from _listing(f"{year}/", "date", f"{year} Archives", some, year)


def _listing(
    path: str, kind: str, title: str, posts: list[Story], label: str = ""
) -> Iterator[Page]:
    count = (len(posts) + PER_PAGE - 1) // PER_PAGE
    for number in range(1, count + 1):
        some = tuple(posts[(number - 1) * PER_PAGE : number * PER_PAGE])
        where = path if number == 1 else f"{path}page/{number}/"
        older = f"{path}page/{number + 1}/" if number < count else None
        yield Page(where, kind, title, some, number, older, label)


def save_site(folder: Path, theme: Theme, posts: list[Story]) -> int:
    """Write every page as ``wget`` would, and return how many there are."""
    count = 0
    for page in pages_of(posts):
        target = folder / "blog.example.org" / page.path / "index.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(theme(page), encoding="utf-8")
        count += 1
    return count


# -- what stands around posts ----------------------------------------------------------------------

COMMENTS = """<div id="comments" class="comments-area"><h2 class="comments-title">2 thoughts on
 &ldquo;This post&rdquo;</h2><ol class="comment-list"><li class="comment"><article
 class="comment-body"><footer class="comment-meta"><div class="comment-author vcard"><b
 class="fn">Zoltan Quibble</b> <span class="says">says:</span></div><time
 datetime="2021-02-03T10:00:00+00:00">February 3, 2021 at 10:00 am</time></footer><div
 class="comment-content"><p>I rode on that bus myself for years and it was never once on time for
 anybody at all.</p></div></article></li></ol><div id="respond"><h3>Leave a Reply</h3><form><p>Your
 email address will not be published. Required fields are marked *</p></form></div></div>"""
SIDEBAR = """<aside id="secondary" class="widget-area sidebar"><section class="widget
 widget_search"><h2 class="widget-title">Search</h2></section><section class="widget
 widget_recent_entries"><h2 class="widget-title">Recent Posts</h2><ul><li><a
 href="https://blog.example.org/x/">An entry that the sidebar lists on every page of the
 site</a></li></ul></section><section class="widget"><h2>About this blog</h2><p>We are a small
 charity that writes about getting about in the country, and this box is on every page.</p></section>
</aside>"""
FOOTER = """<footer id="colophon" class="site-footer"><p>&copy; 2021 The Minibus Notes. Proudly powered
 by goodwill and the patience of our volunteers.</p><nav><a href="/privacy/">Privacy</a></nav>
</footer><div id="cookie-notice" class="cookie-notice"><p>We use cookies to make sure that we give you
 the best experience on our website.</p></div>"""
MENU = """<nav id="site-navigation" class="main-navigation"><ul><li><a href="/">Home</a></li><li><a
 href="/about/">About</a></li><li><a href="/category/news/">News</a></li></ul></nav>"""
SHARING = """<div class="sharedaddy sd-sharing-enabled"><h3 class="sd-title">Share this:</h3><ul><li>
<a href="#">Click to share on Twitter (Opens in new window)</a></li></ul></div><div
 id="jp-relatedposts" class="jp-relatedposts"><h3>Related</h3><a href="https://blog.example.org/y/">A
 related post that is none of this one</a></div>"""
FURNITURE = (
    "never once on time",
    "Zoltan Quibble",
    "the sidebar lists",
    "this box is on every page",
    "patience of our volunteers",
    "best experience on our website",
    "Click to share",
    "a related post that is none",
    "Leave a Reply",
    "Required fields",
    "Continue reading",
    "Read more",
    "Older posts",
    "Newer posts",
    "Next page",
    "Recent Posts",
    "Posted in",
    "Filed under",
    "Leave a comment",
    "min read",
    "Subscribe to our letter",
    "writes for us now and then",
    "Skip to content",
    "Tagged",
    "View all posts",
    "You might also like",
    "Previous:",
    "Archives",
)
"""Words that stand around the posts of the themes below and in none of them."""


def body(story: Story) -> str:
    first, second, *rest = story.paragraphs
    tail = "".join(f"<p>{escape(text)}</p>" for text in rest)
    return (
        f"<p>{escape(first)}</p>\n<h3>What it costs</h3>\n<p>{escape(second)}</p>"
        f'<figure class="wp-caption"><img src="a.jpg" alt="The bus"><figcaption '
        f'class="wp-caption-text">Photo: Z. Quibble</figcaption></figure>{tail}'
    )


def head(page: Page, classes: str, extra: str = "", *, canonical: bool = True) -> str:
    link = f'<link rel="canonical" href="{page.url}">' if canonical else ""
    title = page.title if page.title == SITE else f"{escape(page.title)} &#8211; {SITE}"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8"><title>{title}</title>{link}'
        f'{extra}<style>.x{{color:red}}</style><script>var a="Continue reading";</script></head>'
        f'<body class="{classes}"><a class="skip-link screen-reader-text" href="#main">Skip to'
        f" content</a>"
    )


def _wp_classes(page: Page) -> str:
    return {
        "single": f"post-template-default single single-post postid-{page.story.number} wp-embed",
        "home": "home blog" + (" paged" if page.number > 1 else ""),
        "category": "archive category category-news",
        "tag": "archive tag tag-transport",
        "author": "archive author author-ann",
        "date": "archive date",
    }[page.kind]


def _pager(page: Page) -> str:
    older = f'<a href="{BASE}/{page.older}">Older posts</a>' if page.older else ""
    newer = '<a href="/">Newer posts</a>' if page.number > 1 else ""
    return (
        f'<nav class="navigation paging-navigation"><div class="nav-links"><span class="page-numbers">'
        f"1</span>{older}{newer}<a class='next page-numbers'>Next page</a></div></nav>"
    )


# -- WordPress -------------------------------------------------------------------------------------


def twenty_ten(page: Page) -> str:
    def entry(story: Story) -> str:
        single = page.kind == "single"
        tag = "h1" if single else "h2"
        title = escape(story.title)
        if not single:
            title = f'<a href="{story.url}" rel="bookmark">{title}</a>'
        author = escape(story.authors[0])
        summary = (
            f'<div class="entry-summary"><p>{escape(story.excerpt)} <a href="{story.url}">Continue'
            ' reading <span class="meta-nav">&rarr;</span></a></p></div>'
        )
        content = f'<div class="entry-content">{body(story)}{SHARING}</div>'
        shown = content if single or page.kind == "home" else summary
        return (
            f'<div id="post-{story.number}" class="post-{story.number} post type-post status-publish'
            f' hentry category-news tag-{story.tag}"><{tag} class="entry-title">{title}</{tag}><div'
            f' class="entry-meta"><span class="meta-prep">Posted on</span> <a href="{story.url}"'
            f' rel="bookmark"><span class="entry-date">{story.said}</span></a> <span'
            f' class="meta-sep">by</span> <span class="author vcard"><a class="url fn n" href='
            f'"{BASE}/author/x/" title="View all posts by {author}">{author}</a></span></div>{shown}'
            f'<div class="entry-utility"><span class="cat-links">Posted in <a href="#"'
            f' rel="category tag">{story.category}</a></span> | <span class="tag-links">Tagged <a'
            f' rel="tag">{story.tag}</a></span> | <a href="#">Leave a comment</a></div></div>'
        )

    label = (
        ""
        if page.kind in ("single", "home")
        else (
            f'<h1 class="page-title">{page.kind.title()} Archives: <span>{page.label}</span></h1>'
        )
    )
    nav = (
        '<div id="nav-below" class="navigation"><div class="nav-previous"><a href="#">&larr; An'
        " older story</a></div></div>" + COMMENTS
        if page.kind == "single"
        else _pager(page)
    )
    return (
        head(page, _wp_classes(page))
        + f'<div id="wrapper" class="hfeed"><div id="header"><h1 id="site-title"><a href="/">{SITE}'
        f"</a></h1>{MENU}</div><div id='main'><div id='container'><div id='content'>{label}"
        + "".join(entry(story) for story in page.stories)
        + f"{nav}</div></div>{SIDEBAR}</div>{FOOTER}</div></body></html>"
    )


def twenty_sixteen(page: Page) -> str:
    def entry(story: Story) -> str:
        single = page.kind == "single"
        title = escape(story.title)
        if single:
            heading = f'<h1 class="entry-title">{title}</h1>'
        else:
            heading = (
                f'<h2 class="entry-title"><a href="{story.url}" rel="bookmark">{title}</a></h2>'
            )
        more = (
            f'<p>{escape(story.excerpt)}&hellip; <a href="{story.url}" class="more-link">Continue'
            f' reading <span class="screen-reader-text">"{title}"</span></a></p>'
        )
        bio = (
            f'<div class="author-info"><div class="author-description"><h2 class="author-title">'
            f'<span class="author-heading">Author:</span> {escape(story.authors[0])}</h2><p'
            f' class="author-bio">This person writes for us now and then about the things that'
            f" they have seen on the road. <a>View all posts by {escape(story.authors[0])}</a></p>"
            "</div></div>"
        )
        return (
            f'<article id="post-{story.number}" class="post-{story.number} post type-post hentry'
            f' category-x"><header class="entry-header">{heading}</header><div class="post-thumbnail">'
            f'<img></div><div class="entry-content">{body(story) if single else more}'
            f'{bio + SHARING if single else ""}</div><footer class="entry-footer"><span'
            f' class="byline"><span class="author vcard"><span class="screen-reader-text">Author'
            f' </span><a class="url fn n" href="#">{escape(story.authors[0])}</a></span></span><span'
            f' class="posted-on"><span class="screen-reader-text">Posted on </span><a href='
            f'"{story.url}" rel="bookmark"><time class="entry-date published" datetime="{story.day}'
            f'T23:30:00-05:00">{story.said}</time><time class="updated" datetime="2020-01-01T00:00:00'
            f'+00:00">January 1, 2020</time></a></span><span class="cat-links"><a href="#"'
            f' rel="category tag">{story.category}</a></span></footer></article>'
        )

    header = (
        ""
        if page.kind in ("single", "home")
        else (
            f'<header class="page-header"><h1 class="page-title">{page.label}</h1><div'
            ' class="taxonomy-description">What this archive is about, in a sentence or two.</div></header>'
        )
    )
    after = COMMENTS + (
        '<nav class="navigation post-navigation"><h2>Post navigation</h2><div class="nav-links"><a>'
        '<span class="meta-nav">Previous:</span> <span class="post-title">A story before it</span></a>'
        "</div></nav>"
    )
    return (
        head(page, _wp_classes(page))
        + f'<div id="page" class="site"><header id="masthead" class="site-header"><p class="site-title">'
        f'<a href="/" rel="home">{SITE}</a></p><p class="site-description">Just another blog</p>{MENU}'
        f'</header><div id="content" class="site-content"><div id="primary" class="content-area"><main'
        f' id="main" class="site-main" role="main">{header}'
        + "".join(entry(story) for story in page.stories)
        + (after if page.kind == "single" else _pager(page))
        + f"</main></div>{SIDEBAR}</div>{FOOTER}</div></body></html>"
    )


def block_theme(page: Page) -> str:
    """Twenty Twenty-Four: blocks, no ``hentry`` round a single post."""
    top = (
        f'<div class="wp-site-blocks"><header class="wp-block-template-part"><p class="wp-block-site-'
        f'title"><a href="/">{SITE}</a></p><nav class="wp-block-navigation"><a>About</a></nav></header>'
    )
    if page.kind == "single":
        story = page.story
        extra = json.dumps(
            {
                "@context": "https://schema.org",
                "@graph": [
                    {
                        "@type": "Article",
                        "headline": story.title,
                        "author": {"name": story.authors[0], "@id": "#p"},
                        "datePublished": f"{story.day}T09:00:00+00:00",
                        "dateModified": "2022-01-01T00:00:00+00:00",
                    },
                    {"@type": "WebPage", "name": f"{story.title} - {SITE}"},
                    {"@type": "WebSite", "name": SITE},
                    {"@type": "Person", "@id": "#p", "name": story.authors[0]},
                ],
            }
        )
        main = (
            f'<main class="wp-block-group"><div class="wp-block-group"><h1 class="wp-block-post-title">'
            f'{escape(story.title)}</h1><div class="wp-block-template-part"><div class="wp-block-post-date'
            f'"><time datetime="{story.day}T09:00:00+00:00"><a href="{story.url}">{story.said}</a></time>'
            f'</div><p class="wp-block-paragraph">—</p><div class="wp-block-post-author-name"><a href="#">'
            f'{escape(story.authors[0])}</a></div><div class="taxonomy-category wp-block-post-terms">in <a'
            f' rel="tag">{story.category}</a></div></div></div><div class="entry-content wp-block-post-'
            f'content is-layout-flow">{body(story)}</div><div class="wp-block-template-part"><nav'
            f' class="wp-block-group" aria-label="Posts"><div class="post-navigation-link-previous wp-block-'
            f'post-navigation-link"><a rel="prev">Previous: A story before it</a></div></nav></div><div'
            f' class="wp-block-comments">{COMMENTS}</div><div class="wp-block-query"><h2 class="wp-block-'
            f'heading">You might also like</h2><ul class="wp-block-post-template"><li class="wp-block-post'
            f' post type-post hentry"><h3 class="wp-block-post-title"><a href="{BASE}/y/">A related post'
            f" that is none of this one</a></h3></li></ul></div></main>"
        )
        ld = f'<script type="application/ld+json">{extra}</script>'
        return head(page, _wp_classes(page), ld) + top + main + FOOTER + "</div></body></html>"
    items = "".join(
        f'<li class="wp-block-post post-{s.number} post type-post hentry"><h2 class="wp-block-post-title">'
        f'<a href="{s.url}" target="_self">{escape(s.title)}</a></h2><div class="wp-block-post-excerpt"><p'
        f' class="wp-block-post-excerpt__excerpt">{escape(s.excerpt)}… </p><p class="wp-block-post-excerpt'
        f'__more-text"><a class="wp-block-post-excerpt__more-link" href="{s.url}">Read more</a></p></div>'
        f'<div class="wp-block-post-date"><time datetime="{s.day}T09:00:00+00:00">{s.said}</time></div></li>'
        for s in page.stories
    )
    return (
        head(page, _wp_classes(page))
        + top
        + f'<main class="wp-block-group"><h1 class="wp-block-query-title">{page.title}</h1><div class="wp-'
        f'block-query"><ul class="wp-block-post-template">{items}</ul><nav class="wp-block-query-pagination">'
        f"<a>Next page</a></nav></div></main>{FOOTER}</div></body></html>"
    )


def genesis(page: Page) -> str:
    def entry(story: Story) -> str:
        single = page.kind == "single"
        title = escape(story.title)
        heading = (
            f'<h1 class="entry-title" itemprop="headline">{title}</h1>'
            if single
            else f'<h2 class="entry-title" itemprop="headline"><a class="entry-title-link" rel="bookmark"'
            f' href="{story.url}">{title}</a></h2>'
        )
        inner = (
            body(story) + '<div class="simple-share">Share on Facebook</div>'
            if single
            else f"<p>{escape(story.excerpt)} &#x02026; <a class='more-link' href='{story.url}'>[Read more...]"
            f' <span class="screen-reader-text">about {title}</span></a></p>'
        )
        return (
            f'<article class="post-{story.number} post type-post entry" itemscope itemtype="https://schema.org/'
            f'CreativeWork"><header class="entry-header">{heading}<p class="entry-meta"><time class="entry-time"'
            f' itemprop="datePublished" datetime="{story.day}T08:00:00+01:00">{story.said}</time> By <span'
            f' class="entry-author" itemprop="author" itemscope itemtype="https://schema.org/Person"><a class='
            f'"entry-author-link" rel="author"><span class="entry-author-name" itemprop="name">'
            f'{escape(story.authors[0])}</span></a></span> <span class="entry-comments-link"><a>Leave a'
            f' Comment</a></span></p></header><div class="entry-content" itemprop="text">{inner}</div><footer'
            f' class="entry-footer"><p class="entry-meta"><span class="entry-categories">Filed Under: <a'
            f' rel="category tag">{story.category}</a></span></p></footer></article>'
        )

    crumbs = '<div class="breadcrumb">You are here: Home / News</div>'
    desc = (
        ""
        if page.kind in ("single", "home")
        else (
            f'<div class="archive-description taxonomy-archive-description"><h1 class="archive-title">{page.label}'
            "</h1><p>What this archive is about, in a sentence or two.</p></div>"
        )
    )
    related = COMMENTS if page.kind == "single" else _pager(page)
    return (
        head(page, _wp_classes(page) + " content-sidebar")
        + f'<div class="site-container"><header class="site-header"><p class="site-title"><a>{SITE}</a></p>'
        f'</header><nav class="nav-primary"><ul class="menu genesis-nav-menu"><li>Home</li></ul></nav><div'
        f' class="site-inner"><div class="content-sidebar-wrap"><main class="content">{crumbs}{desc}'
        + "".join(entry(story) for story in page.stories)
        + f'{related}</main><aside class="sidebar sidebar-primary">{SIDEBAR}</aside></div></div>{FOOTER}</div>'
        "</body></html>"
    )


def astra(page: Page) -> str:
    def entry(story: Story) -> str:
        single = page.kind == "single"
        title = escape(story.title)
        meta = (
            f'<div class="entry-meta"><span class="cat-links"><a rel="category tag">{story.category}</a></span> /'
            f' By <span class="posted-by vcard author" itemprop="author" itemscope><a class="url fn n"><span'
            f' class="author-name" itemprop="name">{escape(story.authors[0])}</span></a></span> / <span'
            f' class="posted-on"><span class="published" itemprop="datePublished">{story.said}</span><span'
            f' class="updated" itemprop="dateModified">May 1, 2022</span></span> / <span>3 min read</span></div>'
        )
        if single:
            return (
                f'<article class="post-{story.number} post type-post hentry ast-article-single" itemtype='
                f'"https://schema.org/CreativeWork"><div class="ast-post-format- single-layout-1"><header class='
                f'"entry-header"><h1 class="entry-title" itemprop="headline">{title}</h1>{meta}</header><div'
                f' class="entry-content clear" itemprop="text">{body(story)}</div></div></article><nav'
                ' class="navigation post-navigation"><div class="nav-links">&larr; Previous Post</div></nav>'
                '<div class="ast-single-related-posts-container"><h2>Related Posts</h2><article class='
                f'"ast-related-post post type-post"><h3 class="ast-related-post-title"><a href="{BASE}/y/">A'
                " related post that is none of this one</a></h3><p>It has an excerpt, too: patience of our"
                f" volunteers.</p></article></div>{COMMENTS}"
            )
        return (
            f'<article class="post-{story.number} post type-post hentry ast-article-post"><div class="post-content">'
            f'<header class="entry-header"><h2 class="entry-title"><a href="{story.url}">{title}</a></h2>{meta}'
            f'</header><div class="entry-content clear"><p>{escape(story.excerpt)} [&hellip;]</p><p class="read-more">'
            f'<a href="{story.url}">Read More &raquo;</a></p></div></div></article>'
        )

    return (
        head(page, _wp_classes(page) + " ast-desktop")
        + f'<div class="hfeed site" id="page"><header class="site-header"><span class="site-title">{SITE}</span>{MENU}'
        f'</header><div id="content" class="site-content"><div class="ast-container"><div id="primary"><main'
        f' id="main">'
        + "".join(entry(story) for story in page.stories)
        + ("" if page.kind == "single" else _pager(page))
        + f"</main></div>{SIDEBAR}</div></div>{FOOTER}</div></body></html>"
    )


# -- other engines ---------------------------------------------------------------------------------


def blogger(page: Page) -> str:
    def entry(story: Story) -> str:
        paragraphs = "<br /><br />".join(escape(text) for text in story.paragraphs)
        return (
            f'<h2 class="date-header"><span>{story.said}</span></h2><div class="date-posts"><div class="post-outer">'
            f'<div class="post hentry" itemscope itemtype="http://schema.org/BlogPosting"><a name="1"></a><h3'
            f' class="post-title entry-title" itemprop="name"><a href="{story.url}">{escape(story.title)}</a></h3>'
            f'<div class="post-header"></div><div class="post-body entry-content" itemprop="articleBody"><div'
            f' dir="ltr">{paragraphs}</div><div style="clear: both;"></div></div><div class="post-footer"><div'
            f' class="post-footer-line"><span class="post-author vcard">Posted by <span class="fn" itemprop="author"'
            f' itemscope><span itemprop="name">{escape(story.authors[0])}</span></span></span> <span'
            f' class="post-timestamp">at <a class="timestamp-link" href="{story.url}" rel="bookmark"><abbr'
            f' class="published" itemprop="datePublished" title="{story.day}T07:05:00-08:00">7:05 AM</abbr></a>'
            f'</span></div><div class="post-labels">Labels: <a rel="tag">{story.tag}</a></div><div'
            f' class="post-share-buttons">Email This BlogThis!</div></div></div></div></div>'
        )

    comments = (
        '<div class="comments" id="comments"><h4>1 comment:</h4><div id="comment-holder"><p>I rode on that bus'
        " and it was never once on time for anybody.</p></div></div>"
    )
    pager = '<div class="blog-pager" id="blog-pager"><a class="blog-pager-older-link">Older Posts</a> Home</div>'
    view = "item-view" if page.kind == "single" else "index-view"
    return (
        head(page, f"loading {view}")
        + f'<div class="content"><header><div class="header section"><h1 class="title">{SITE}</h1></div></header>'
        f'<div class="main section" id="main"><div class="widget Blog" id="Blog1"><div class="blog-posts hfeed">'
        + "".join(entry(story) for story in page.stories)
        + f'</div>{comments if page.kind == "single" else ""}{pager}</div></div><div class="sidebar section"><div'
        f' class="widget BlogArchive"><h2>Blog Archive</h2><ul><li>An entry that the sidebar lists</li></ul></div>'
        f"</div>{FOOTER}</div></body></html>"
    )


def ghost(page: Page) -> str:
    top = f'<header class="gh-head"><a class="gh-head-logo">{SITE}</a><nav class="gh-head-menu">Home</nav></header>'
    if page.kind == "single":
        s = page.story
        extra = (
            f'<meta property="og:type" content="article"><meta property="og:title" content="{escape(s.title)}"><meta'
            f' property="og:site_name" content="{SITE}"><meta property="article:published_time" content="{s.day}T'
            f'10:00:00.000Z"><meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content='
            f'"{escape(s.authors[0])}">'
        )
        return (
            head(page, "post-template tag-news", extra)
            + f'<div class="gh-site">{top}<main class="gh-main"><article class="gh-article post"><header class='
            f'"gh-article-header"><span class="gh-article-tag"><a>{s.category}</a></span><h1 class="gh-article-title">'
            f'{escape(s.title)}</h1><aside class="gh-article-sidebar"><div class="gh-author-image-list"></div><h4'
            f' class="gh-author-name"><a rel="author" class="author">{escape(s.authors[0])}</a></h4><div class='
            f'"byline-meta-content"><time class="byline-meta-date" datetime="{s.day}">{s.said}</time><span class='
            f'"byline-reading-time">3 min read</span></div></aside></header><section class="gh-content gh-canvas">'
            f'{body(s)}</section></article><section class="gh-cta"><p>Subscribe to our letter and never miss a story'
            f' about our buses.</p></section><aside class="read-more-wrap"><h2>You might also like</h2><article class='
            f'"post-card post"><a class="post-card-content-link" href="/y/"><h3 class="post-card-title">A related post'
            f" that is none of this one</h3></a></article></aside></main>{FOOTER}</div></body></html>"
        )
    kinds = {"home": "home-template", "tag": "tag-template", "category": "tag-template"}
    cards = "".join(
        f'<article class="post-card post"><div class="post-card-content"><a class="post-card-content-link" href="/{s.path}">'
        f'<header class="post-card-header"><div class="post-card-tags"><span class="post-card-primary-tag">{s.category}'
        f'</span></div><h2 class="post-card-title">{escape(s.title)}</h2></header><div class="post-card-excerpt">'
        f'{escape(s.excerpt)}</div></a><footer class="post-card-meta"><time class="post-card-meta-date" datetime="{s.day}">'
        f'{s.said}</time><span class="post-card-meta-length">3 min read</span></footer></div></article>'
        for s in page.stories
    )
    return (
        head(page, kinds.get(page.kind, "author-template"))
        + f'<div class="gh-site">{top}<main class="gh-main"><div class="post-feed">{cards}</div></main>{FOOTER}</div>'
        "</body></html>"
    )


def jekyll(page: Page) -> str:
    """Minima: ``h-entry`` on posts, a bare list of titles on the home page."""
    top = f'<header class="site-header"><a class="site-title" href="/">{SITE}</a><nav class="site-nav"><a>About</a></nav></header>'
    if page.kind == "single":
        s = page.story
        ld = json.dumps(
            {
                "@type": "BlogPosting",
                "author": {"@type": "Person", "name": s.authors[0]},
                "datePublished": f"{s.day}T00:00:00+00:00",
                "headline": s.title,
                "url": s.url,
            }
        )
        inner = (
            f'<article class="post h-entry" itemscope itemtype="http://schema.org/BlogPosting"><header class="post-header">'
            f'<h1 class="post-title p-name" itemprop="name headline">{escape(s.title)}</h1><p class="post-meta"><time'
            f' class="dt-published" datetime="{s.day}T00:00:00+00:00" itemprop="datePublished">{s.said}</time> • <span'
            f' itemprop="author" itemscope><span class="p-author h-card" itemprop="name">{escape(s.authors[0])}</span>'
            f'</span></p></header><div class="post-content e-content" itemprop="articleBody">{body(s)}</div><a class="u-url"'
            f' href="/{s.path}" hidden></a></article>'
        )
        return (
            head(page, "", f'<script type="application/ld+json">{ld}</script>')
            + f'{top}<main class="page-content" aria-label="Content"><div class="wrapper">{inner}</div></main>'
            f'<footer class="site-footer h-card"><p>patience of our volunteers</p></footer></body></html>'
        )
    items = "".join(
        f'<li><span class="post-meta">{s.said}</span><h3><a class="post-link" href="/{s.path}">{escape(s.title)}</a></h3></li>'
        for s in page.stories
    )
    return (
        head(page, "")
        + f'{top}<main class="page-content"><div class="wrapper"><div class="home"><h2 class="post-list-heading">Posts</h2>'
        f'<ul class="post-list">{items}</ul><p class="rss-subscribe">subscribe <a>via RSS</a></p></div></div></main></body></html>'
    )


def hugo(page: Page) -> str:
    """PaperMod."""
    top = f'<header class="header"><nav class="nav"><div class="logo"><a>{SITE}</a></div><ul id="menu"><li>Archive</li></ul></nav></header>'
    if page.kind == "single":
        s = page.story
        extra = (
            f'<meta name="author" content="{escape(s.authors[0])}"><meta property="og:type" content="article"><meta property='
            f'"article:published_time" content="{s.day}T12:00:00+02:00">'
        )
        return (
            head(page, "", extra)
            + f'{top}<main class="main"><article class="post-single"><header class="post-header"><div class="breadcrumbs"><a>Home'
            f'</a>»<a>Posts</a></div><h1 class="post-title entry-hint-parent">{escape(s.title)}</h1><div class="post-meta"><span'
            f" title='{s.day} 12:00:00 +0200 CEST'>{s.said}</span>&nbsp;·&nbsp;3 min read&nbsp;·&nbsp;{escape(s.authors[0])}</div>"
            f'</header><div class="toc"><details><summary>Table of Contents</summary><ul><li>What it costs</li></ul></details></div>'
            f'<div class="post-content">{body(s)}</div><footer class="post-footer"><ul class="post-tags"><li><a>{s.tag}</a></li></ul>'
            f'<nav class="paginav"><a class="next"><span class="title">Next »</span><span>A story before it</span></a></nav><ul class='
            f'"share-buttons"><li>Share on x</li></ul></footer></article></main><footer class="footer"><span>patience of our'
            " volunteers</span></footer></body></html>"
        )
    items = "".join(
        f'<article class="post-entry"><header class="entry-header"><h2 class="entry-hint-parent">{escape(s.title)}</h2></header><div'
        f' class="entry-content"><p>{escape(s.excerpt)}...</p></div><footer class="entry-footer"><span>{s.said}</span>&nbsp;·&nbsp;3 min'
        f' read&nbsp;·&nbsp;{escape(s.authors[0])}</footer><a class="entry-link" aria-label="post link to {escape(s.title)}" href='
        f'"{s.url}"></a></article>'
        for s in page.stories
    )
    return (
        head(page, "list")
        + f'{top}<main class="main">{items}<footer class="page-footer"><nav class="pagination">Next</nav></footer></main></body></html>'
    )


def medium(page: Page) -> str:
    """Only ``article``, generated class names, JSON-LD."""
    if page.kind == "single":
        s = page.story
        ld = json.dumps(
            {
                "@type": "NewsArticle",
                "headline": s.title,
                "datePublished": f"{s.day}T11:11:11.111Z",
                "author": {
                    "@type": "Person",
                    "name": s.authors[0],
                    "url": "https://medium.example/@x",
                },
                "publisher": {"@type": "Organization", "name": SITE},
            }
        )
        text = "".join(
            f'<p class="pw-post-body-paragraph mk ml">{escape(p)}</p>' for p in s.paragraphs
        )
        return (
            head(page, "", f'<script type="application/ld+json">{ld}</script>')
            + f'<div id="root"><div class="a b"><nav>Open in app Sign up</nav><article><div class="l"><section><div class="fj fk"><h1 class='
            f'"pw-post-title">{escape(s.title)}</h1><div class="speechify-ignore"><div class="pw-post-byline-header"><a rel="noopener'
            f' follow">{escape(s.authors[0])}</a><span>3 min read</span><span>{s.said}</span></div><div role="toolbar"><p>127</p><p>3</p>'
            f"</div></div>{text}</div></section></div></article><div class='x'><h2>More from {escape(s.authors[0])} and {SITE}</h2><div><h3>"
            f'<a href="/y">A related post that is none of this one</a></h3></div></div><footer>Help Status patience of our volunteers'
            "</footer></div></div></body></html>"
        )
    items = "".join(
        f'<div class="q"><article><div><a href="/{s.path}"><h2 class="be">{escape(s.title)}</h2><div><p>{escape(s.excerpt)}…</p></div></a>'
        f"<div><span>{s.said}</span></div></div></article></div>"
        for s in page.stories
    )
    return head(page, "") + f'<div id="root"><nav>Open in app</nav>{items}</div></body></html>'


def drupal(page: Page) -> str:
    def entry(s: Story) -> str:
        single = page.kind == "single"
        link = f'<h2 class="node__title"><a href="/{s.path}" rel="bookmark"><span>{escape(s.title)}</span></a></h2>'
        inner = body(s) if single else f"<p>{escape(s.excerpt)}</p>"
        links = (
            ""
            if single
            else (
                f'<div class="node__links"><ul class="links inline"><li class="node-readmore"><a href="/{s.path}">Read more<span class='
                f'"visually-hidden"> about {escape(s.title)}</span></a></li></ul></div>'
            )
        )
        mode = "full" if single else "teaser"
        return (
            f'<article role="article" about="/{s.path}" class="node node--type-article node--promoted node--view-mode-{mode}"><header>'
            f'{"" if single else link}<div class="node__meta"><span class="node__submitted">Submitted by <span>{escape(s.authors[0])}</span>'
            f' on {s.said} - 10:30</span></div></header><div class="node__content"><div class="field field--name-body field__item">{inner}'
            f'</div><div class="field field--name-field-tags"><h3 class="field__label">Tags</h3><a>{s.tag}</a></div>{links}</div></article>'
        )

    title = f'<h1 class="page-title"><span>{escape(page.title)}</span></h1>'
    classes = "path-node page-node-type-article" if page.kind == "single" else "path-frontpage"
    comments = (
        '<section class="comment-wrapper"><h2 class="title">Comments</h2><article class="comment"><p>I rode on that bus and it was never once'
        " on time.</p></article></section>"
    )
    return (
        head(page, f"layout-one-sidebar {classes}")
        + f'<div id="page"><header id="header" role="banner"><a>{SITE}</a></header><div id="main"><main id="content"><nav class="breadcrumb">Home'
        f"</nav>{title}"
        + "".join(entry(s) for s in page.stories)
        + (
            comments
            if page.kind == "single"
            else '<nav class="pager"><ul><li>Next page</li></ul></nav>'
        )
        + f'</main><div class="sidebar">{SIDEBAR}</div></div>{FOOTER}</div></body></html>'
    )


def squarespace(page: Page) -> str:
    def entry(s: Story) -> str:
        single = page.kind == "single"
        if single:
            blocks = "".join(
                f'<div class="sqs-block html-block"><div class="sqs-block-content"><div class="sqs-html-content"><p>{escape(p)}</p></div></div></div>'
                for p in s.paragraphs
            )
            return (
                f'<article class="h-entry entry hentry post-type-text" data-item-id="{s.number}"><div class="blog-item-inner-wrapper"><div class='
                f'"blog-item-top-wrapper"><div class="blog-item-title"><h1 class="entry-title entry-title--large p-name" itemprop="headline">'
                f'{escape(s.title)}</h1></div><div class="blog-item-meta-wrapper"><time class="dt-published blog-meta-item--date" datetime="'
                f'{s.day}">{s.said[:3]} {int(s.day[8:])}</time><span class="blog-meta-item--author">Written By <a>{escape(s.authors[0])}</a></span>'
                f'</div></div><div class="blog-item-content-wrapper"><div class="blog-item-content e-content"><div class="sqs-layout">{blocks}</div>'
                f'</div></div></div></article><section class="item-pagination"><a>Previous: A story before it</a></section>{COMMENTS}'
            )
        return (
            f'<article class="blog-basic-grid--container entry blog-item"><div class="blog-basic-grid--text"><h1 class="blog-title"><a href="/'
            f'{s.path}">{escape(s.title)}</a></h1><div class="blog-excerpt"><p>{escape(s.excerpt)}</p></div><a class="blog-more-link" href="/'
            f'{s.path}">Read More</a><time class="blog-date">{s.said}</time></div></article>'
        )

    extra = ""
    if page.kind == "single":
        s = page.story
        ld = json.dumps(
            {
                "@type": "Article",
                "headline": s.title,
                "datePublished": f"{s.day}T08:00:00-0400",
                "author": s.authors[0],
            }
        )
        extra = f'<meta property="og:site_name" content="{SITE}"><script type="application/ld+json">{ld}</script>'
    view = "view-item" if page.kind == "single" else "view-list"
    return (
        head(page, f"collection-type-blog {view}", extra)
        + f'<div id="siteWrapper"><header id="header"><a>{SITE}</a></header><main id="page"><div class="blog-basic-grid">'
        + "".join(entry(s) for s in page.stories)
        + f"</div></main>{FOOTER}</div></body></html>"
    )


def hand_made(page: Page) -> str:
    """No class says anything, no address is declared: headings, paragraphs and links to files."""
    top = f"<table width=800><tr><td width=160><a href='/'>{SITE}</a><br><a href='/about/'>About</a><br><a href='/links/'>Links</a></td><td>"
    end = "</td></tr><tr><td colspan=2><hr><font size=1>Made by hand, with the patience of our volunteers.</font></td></tr></table></body></html>"
    depth = "../" * page.path.count("/")
    if page.kind == "single":
        s = page.story
        text = "".join(f"<p>{escape(p)}" for p in s.paragraphs)
        return (
            head(page, "", canonical=False)
            + top
            + f"<h1>{escape(s.title)}</h1><p><i>by {escape(s.authors[0])}, {s.said}</i></p>{text}<p><a href='{depth}index.html'>Back to the front"
            f" page</a></p>{end}"
        )
    items = "".join(
        f"<h2><a href='{depth}{s.path}index.html'>{escape(s.title)}</a></h2><p><i>{s.said}</i><p>{escape(s.excerpt)} ... <a href='{depth}{s.path}"
        "index.html'>Read more</a></p>"
        for s in page.stories
    )
    return head(page, "", canonical=False) + top + items + end


def kubrick(page: Page) -> str:
    """The theme of WordPress before 2010: no ``hentry``, no body classes, the day in ``small``."""

    def entry(s: Story) -> str:
        link = f'<h2><a href="{s.url}" rel="bookmark" title="Permanent Link to it">{escape(s.title)}</a></h2>'
        text = "".join(f"<p>{escape(p)}</p>" for p in s.paragraphs)
        if page.kind == "single":
            return (
                f'<div class="post" id="post-{s.number}"><h2>{escape(s.title)}</h2><small>{s.said} by {escape(s.authors[0])}</small>'
                f'<div class="entry">{text}<p class="postmetadata alt"><small>This entry was posted on {s.said} at 9:00 am and is'
                " filed under News. You can follow any responses to this entry through the RSS 2.0 feed.</small></p></div></div>"
            )
        return (
            f'<div class="post" id="post-{s.number}">{link}<small>{s.said} by {escape(s.authors[0])}</small><div class="entry"><p>'
            f"{escape(s.excerpt)} [...]</p></div><p class='postmetadata'>Posted in News | <a href='#'>No Comments &#187;</a></p></div>"
        )

    nav = '<div class="navigation"><div class="alignleft">&laquo; An older story</div></div>'
    heading = (
        ""
        if page.kind in ("single", "home")
        else f'<h2 class="pagetitle">Archive for the &#8216;{page.label}&#8217; Category</h2>'
    )
    return (
        head(page, "")
        + f'<div id="page"><div id="header"><div id="headerimg"><h1><a href="/">{SITE}</a></h1><div class="description">Just a blog</div></div>'
        f'</div><div id="content" class="narrowcolumn">{nav}{heading}'
        + "".join(entry(s) for s in page.stories)
        + (COMMENTS if page.kind == "single" else nav)
        + f"</div>{SIDEBAR}</div>{FOOTER}</body></html>"
    )


def div_soup(page: Page) -> str:
    """A theme of its own: no ``article``, cards in a grid, the title of a post in ``h2``."""
    if page.kind == "single":
        s = page.story
        extra = (
            f'<meta property="og:type" content="article"><meta property="og:title" content="{escape(s.title)}"><meta name="author"'
            f' content="{escape(s.authors[0])}"><meta property="article:published_time" content="{s.day}">'
        )
        text = "".join(f"<p>{escape(p)}</p>" for p in s.paragraphs)
        return (
            head(page, "layout", extra)
            + f'<div class="topbar"><h1>{SITE}</h1><div class="menu">Home About Archive</div></div><div class="grid"><div class="col-8"><h2>'
            f'{escape(s.title)}</h2><div class="who">{escape(s.authors[0])} &middot; {s.said}</div><div class="txt">{text}</div></div><div'
            f' class="col-4"><div class="box"><h4>About this blog</h4><p>We are a small charity, and this box is on every page of the site.</p>'
            "</div></div></div><div class='bottom'>Made with the patience of our volunteers</div></body></html>"
        )
    cards = "".join(
        f'<div class="card"><h3><a href="{s.url}">{escape(s.title)}</a></h3><div class="who">{s.said}</div><p>{escape(s.excerpt)}&hellip;</p></div>'
        for s in page.stories
    )
    return (
        head(page, "layout")
        + f'<div class="topbar"><h1>{SITE}</h1></div><div class="grid">{cards}</div></body></html>'
    )


THEMES: dict[str, Theme] = {
    theme.__name__: theme
    for theme in (
        twenty_ten,
        twenty_sixteen,
        block_theme,
        genesis,
        astra,
        blogger,
        ghost,
        jekyll,
        hugo,
        medium,
        drupal,
        squarespace,
        hand_made,
        kubrick,
        div_soup,
    )
}
