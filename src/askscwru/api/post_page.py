"""A post as a page for a browser, with a quote marked: no script, no style but its own, no network.

All that comes from posts is escaped here, in one place, and the policy that goes with the page
lets a browser run and load nothing at all but the one style below, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from itertools import groupby
from urllib.parse import urlsplit

from askscwru.api.post_text import ANCHOR, PostText
from askscwru.show.screen import opening_remark
from askscwru.types import Block, BlockKind, Place

STYLE = """
:root{color-scheme:light dark;--ink:#1c1c1c;--paper:#fdfcf9;--soft:#5a5a5a;--line:#ddd8cc;
--mark:#ffe28a;--link:#0b5394}
@media(prefers-color-scheme:dark){:root{--ink:#e8e6e1;--paper:#17181a;--soft:#a8a6a0;
--line:#3a3b3e;--mark:#6b5200;--link:#8ab4f8}}
*{box-sizing:border-box}
html{scroll-padding-top:30vh}
body{margin:0;background:var(--paper);color:var(--ink);font:1.0625rem/1.6 Georgia,serif}
main,header,footer{max-width:42rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2rem;border-bottom:1px solid var(--line)}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem}
h2{font-size:1.2rem;margin:2rem 0 .5rem}
h3{font-size:1rem;margin:2rem 0 .5rem}
pre,code{font:.875rem/1.5 ui-monospace,monospace}
pre{overflow-x:auto;border:1px solid var(--line);border-radius:.3rem;padding:.75rem}
p,li{overflow-wrap:anywhere;white-space:pre-line}
.about,footer,.byline,.reference,.note{color:var(--soft);font-size:.95rem}
.about{margin:0 0 1rem}
.note{border-left:4px solid var(--line);padding-left:.75rem}
mark{background:var(--mark);color:inherit;padding:.1em 0;border-radius:.15em}
a{color:var(--link)}
a:focus-visible,mark:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-999px}
.skip:focus{position:static}
footer{border-top:1px solid var(--line);margin-top:2rem;padding-top:1rem;padding-bottom:3rem}
@media print{body{background:#fff;color:#000}mark{background:#ddd}}
""".strip()
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
PAGE_POLICY = (
    f"default-src 'none'; img-src data:; style-src 'sha256-{_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Of every page of ours."""


def document(title: str, body: str) -> str:
    """A whole page; ``title`` is text, ``body`` is HTML."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n"
        "</body>\n</html>\n"
    )


def problem_page(status: int, message: str) -> str:
    """The page of a request that was refused or failed."""
    said = f"<h1>{status}</h1>\n<p>{escape(message)}</p>"
    return document(f"{status} – askscwru", f"<main>\n{said}\n</main>")


def post_page(text: PostText) -> str:
    """The page of a post."""
    post = text.post
    title = post.title or "Untitled post"
    skip = f'<a class="skip" href="#{ANCHOR}">To the quoted words</a>' if text.marked else ""
    facts = [", ".join(post.authors) or "no author named", post.blog, post.published]
    about = escape(" · ".join(fact for fact in facts if fact))
    head = f'<h1>{escape(title)}</h1>\n<p class="about">{about}{_original(post.url)}</p>'
    remark = (
        "" if post.complete else f'<p class="note">{escape(_sentence(opening_remark(post)))}</p>'
    )
    body = (
        f"{skip}\n<header>\n{head}\n</header>\n<main>\n{remark}\n{_elsewhere(text)}\n"
        f"{_blocks(text)}\n</main>\n<footer>\n{_footer(text)}\n</footer>"
    )
    return document(f"{title} – askscwru", body)


def _blocks(text: PostText) -> str:
    mark = text.marked if text.around is None else None
    marker = _Marker(mark)
    parts = []
    shown = [pair for pair in text.blocks if not _repeats_heading(pair[0], mark)]
    for kind, group in groupby(shown, key=lambda pair: pair[0].kind):
        rows = [_block(block, marker.marked(block.start, words)) for block, words in group]
        parts.append(
            "<ul>\n" + "\n".join(rows) + "\n</ul>" if kind is BlockKind.LIST else "\n".join(rows)
        )
    return "\n".join(parts)


def _repeats_heading(block: Block, mark: Place | None) -> bool:
    """Whether a block is the title, which the page has as its heading, and nothing of it marked."""
    marked = mark is not None and mark.start < block.end and mark.end > block.start
    return block.kind is BlockKind.TITLE and not marked


_TAGS = {
    BlockKind.TITLE: ('<p class="byline">', "</p>"),
    BlockKind.BYLINE: ('<p class="byline">', "</p>"),
    BlockKind.BODY: ("<p>", "</p>"),
    BlockKind.LIST: ("<li>", "</li>"),
    BlockKind.HEADING: ("<h2>", "</h2>"),
    BlockKind.REFERENCE: ('<p class="reference">', "</p>"),
    BlockKind.CODE: ("<pre>", "</pre>"),
}


def _block(block: Block, html: str) -> str:
    before, after = _TAGS[block.kind]
    return f"{before}{html}{after}"


class _Marker:
    """Puts the mark into the stretches that it runs through; the first one has the anchor."""

    def __init__(self, mark: Place | None) -> None:
        self._mark = mark
        self._anchored = False

    def marked(self, start: int, text: str) -> str:
        """A stretch that begins at ``start`` in its source, as HTML."""
        mark = self._mark
        if mark is None or mark.end <= start or mark.start >= start + len(text):
            return escape(text)
        first, last = max(0, mark.start - start), min(len(text), mark.end - start)
        anchor = "" if self._anchored else f' id="{ANCHOR}" tabindex="-1"'
        self._anchored = True
        inner = f"<mark{anchor}>{escape(text[first:last])}</mark>"
        return f"{escape(text[:first])}{inner}{escape(text[last:])}"


def _elsewhere(text: PostText) -> str:
    """The quoted words where they stand in another source than the rest of the page."""
    if text.around is None or text.marked is None:
        return ""
    start, words = text.around
    html = _Marker(text.marked).marked(start, words)
    said = f"As it stands in {escape(text.marked.source)}:"
    return f'<section aria-label="Quoted words"><p class="note">{said}</p>\n<p>{html}</p></section>'


def _original(url: str | None) -> str:
    if url is None or urlsplit(url).scheme not in ("http", "https"):
        return ""
    return f' · <a href="{escape(url)}" rel="noreferrer noopener">where it was published</a>'


def _footer(text: PostText) -> str:
    mark = text.marked
    place = (
        ""
        if mark is None
        else f"Marked: {escape(mark.source)}, characters {mark.start:,}–{mark.end:,}. "
    )
    named = escape(", ".join(text.post.sources))
    return f"<p>{place}From {named}. Every word here is the source’s own.</p>"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
