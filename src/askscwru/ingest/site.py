"""The pages of one saved site held against each other.

Two things no page can tell alone: which post an entry of a listing is, since its link may lead to a
file beside it; and what every page repeats, which is the site's and not the post's.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import unquote, urljoin, urlsplit

from askscwru.ingest.found import Document
from askscwru.ingest.text.parts import PostParts
from askscwru.types import Block, BlockKind

_HTML = "html"
_INDEX = re.compile(r"(?:^|/)(?:index|default)\.\w{2,5}$")
_SUFFIX = re.compile(r"\.(?:x?html?|php|aspx?|shtml)$", re.IGNORECASE)
_DROPPED_TAIL = re.compile(r"/(?:amp|print|feed|comment-page-\d+)$", re.IGNORECASE)
_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|mc_[ce]id|replytocom|share|ref|source|feed|preview|amp|print|via|"
    r"s|nb|like_comment|_wpnonce|wt\.\w+|cmpid|m|showComment|spref|rss|partner|from)=",
    re.IGNORECASE,
)
_REPEATED_AT_LEAST = 4
_REPEATED_SHARE = 0.25
_SHARED_CANONICAL = 3
_TEXT = frozenset({BlockKind.BODY, BlockKind.LIST})


def settle(documents: Sequence[Document]) -> list[Document]:
    """The documents with each post's address, and without what all pages of a site repeat."""
    settled = [
        document if document.format == _HTML else _addressed(document) for document in documents
    ]
    pages = [at for at, document in enumerate(settled) if document.format == _HTML]
    site = _Site([settled[at] for at in pages])
    for at in pages:
        settled[at] = site.resolved(settled[at])
    by_host: dict[str, list[int]] = defaultdict(list)
    for at in pages:
        by_host[_host(settled[at])].append(at)
    for group in by_host.values():
        for at, document in zip(
            group, _without_repeated([settled[at] for at in group]), strict=True
        ):
            settled[at] = document
    return settled


def address_of(url: str) -> str:
    """A URL without what does not tell posts apart: scheme, ``www.``, slashes, tracking."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    path = _DROPPED_TAIL.sub("", _bare_path(unquote(parts.path)))
    pairs = sorted(pair for pair in parts.query.split("&") if not _TRACKING.match(pair))
    host = re.sub(r"^www\.|:\d+$", "", parts.netloc.lower())
    query = f"?{'&'.join(pairs)}" if parts.query and pairs else ""
    return f"{host}/{path.strip('/').lower()}{query}"


def _bare_path(path: str) -> str:
    return _SUFFIX.sub("", _INDEX.sub("", path.rstrip("/"))).rstrip("/")


def _addressed(document: Document) -> Document:
    """A document whose posts state their URLs."""
    posts = tuple(
        post if post.url is None else replace(post, address=address_of(post.url))
        for post in document.posts
    )
    return replace(document, posts=posts)


def _host(document: Document) -> str:
    """The site that a page is of: its host, or the folder or archive that it was saved in."""
    if document.url and (host := address_of(document.url).split("/")[0]):
        return host
    return document.name.split("/")[0] if "/" in document.name else ""


class _Site:
    """All saved pages, found by their addresses and by the ends of their names."""

    def __init__(self, pages: Sequence[Document]) -> None:
        stated = Counter(address_of(page.url) for page in pages if page.url and page.links == ("",))
        self._doubtful = {
            address for address, count in stated.items() if count >= _SHARED_CANONICAL
        }
        self._by_path: dict[str, list[Document]] = defaultdict(list)
        for page in pages:
            for tail in _tails(page.name):
                self._by_path[tail].append(page)

    def address(self, page: Document) -> str:
        """Where a page itself stands: its URL, or its path where it states none to be trusted."""
        if page.url and address_of(page.url) not in self._doubtful:
            return address_of(page.url)
        return f"file:{_bare_path(page.name).lower()}"

    def resolved(self, page: Document) -> Document:
        """The page with the address and the URL of each post on it."""
        posts = []
        for post, link in zip(page.posts, page.links, strict=True):
            address: str | None
            if link.startswith("#"):  # one of several posts that stand on the page whole
                own = self.address(page)
                address = f"{own}{link}"
                url = None if own.startswith("file:") else f"{page.url}{link}"
            elif link:
                address, url = self._followed(page, link)
            else:
                address = own = self.address(page)
                url = None if own.startswith("file:") else page.url
            posts.append(replace(post, address=address, url=url))
        return replace(page, posts=tuple(posts))

    def _followed(self, page: Document, link: str) -> tuple[str | None, str | None]:
        absolute = link if re.match(r"https?://", link) else None
        if absolute is None and page.url and not link.startswith("file:"):
            absolute = _join(page.url, link)
        target = self._beside(page, link) or (self._saved(absolute) if absolute else None)
        if target is not None:
            url = target.url if not self.address(target).startswith("file:") else absolute
            return self.address(target), url
        return (address_of(absolute), absolute) if absolute else (None, None)

    def _beside(self, page: Document, link: str) -> Document | None:
        """The saved page that a relative link leads to."""
        if re.match(r"[a-z]+:|//", link):
            return None
        path = unquote(link.split("?")[0])
        if link.startswith("/"):
            folders = page.name.split("/")[:-1]
            bases = ["/".join(folders[:depth]) for depth in range(len(folders), -1, -1)]
        else:
            bases = [posixpath.dirname(page.name)]
        for base in bases:
            wanted = _bare_path(posixpath.normpath(posixpath.join(base, path.lstrip("/"))))
            exact = [p for p in self._by_path.get(wanted.lower(), ()) if _is_named(p, wanted)]
            if exact:
                return exact[0]
        return None

    def _saved(self, url: str) -> Document | None:
        """The saved page of a URL, by the host and path or by a long enough path alone."""
        parts = urlsplit(url)
        path = _bare_path(unquote(parts.path)).strip("/").lower()
        host = re.sub(r"^www\.", "", parts.netloc.lower())
        for wanted in (f"{host}/{path}", f"www.{host}/{path}", path):
            found = self._by_path.get(wanted, []) if wanted and not parts.query else []
            same = [page for page in found if not page.url or _same_place(page.url, url)]
            if len(same) == 1:
                return same[0]
        return None


def _same_place(one: str, other: str) -> bool:
    return address_of(one) == address_of(other)


def _is_named(page: Document, wanted: str) -> bool:
    return _bare_path(page.name).lower() == wanted.lower()


def _tails(name: str) -> Iterable[str]:
    """The ends of a page's name at which a link to it may point."""
    parts = _bare_path(name).lower().split("/")
    for start in range(min(len(parts), 6)):
        yield "/".join(parts[start:])


def _join(base: str, link: str) -> str | None:
    try:
        joined = urljoin(base, link)
    except ValueError:
        return None
    return joined if re.match(r"https?://", joined) else None


# -- what all pages repeat -------------------------------------------------------------------------


def _without_repeated(pages: Sequence[Document]) -> list[Document]:
    """The pages without the paragraphs that many different posts of the site share.

    A menu that no class gave away, an author's box, a call to subscribe: each stands on many posts
    with other text around it. A post's own words stand on its own page and in listings.
    """
    holders: dict[str, set[str]] = defaultdict(set)
    posts: set[str] = set()
    for page in pages:
        for post in page.posts:
            key = post.address or f"{page.name}:{post.blocks[0].start}"
            posts.add(key)
            for line in {_line(page.text, block) for block in post.blocks if block.kind in _TEXT}:
                holders[line].add(key)
    least = max(_REPEATED_AT_LEAST, _REPEATED_SHARE * len(posts))
    repeated = {line for line, found in holders.items() if len(found) >= least}
    return [_dropped(page, repeated) for page in pages] if repeated else list(pages)


def _dropped(page: Document, repeated: set[str]) -> Document:
    posts: list[PostParts] = []
    links: list[str] = []
    for post, link in zip(page.posts, page.links, strict=True):
        blocks = _own_blocks(page.text, post.blocks, repeated)
        if any(block.kind in _TEXT for block in blocks):
            posts.append(replace(post, blocks=blocks))
            links.append(link)
    return replace(page, posts=tuple(posts), links=tuple(links))


def _own_blocks(text: str, blocks: Sequence[Block], repeated: set[str]) -> tuple[Block, ...]:
    """The blocks of a post without what is repeated, and without the headings of what is."""
    kept: list[Block] = []
    headings: list[Block] = []
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            headings.append(block)
        elif block.kind in _TEXT and _line(text, block) in repeated:
            headings = []
        else:
            kept += [*headings, block]
            headings = []
    return tuple(kept)


def _line(text: str, block: Block) -> str:
    return " ".join(text[block.start : block.end].lower().split())
