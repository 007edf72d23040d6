"""WordPress's export (WXR 1.0 to 1.2) to its published posts and pages.

The file is read as a stream. Of what it says of people only the names under which posts are
published are taken: commenters' names, addresses and IPs, and authors' addresses, pass by unread.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

from lxml import etree

from askscwru.ingest.compose import Composer, Facts, Part, one_line
from askscwru.ingest.dates import stated_day
from askscwru.ingest.decode import decode, for_xml
from askscwru.ingest.formats.shortcodes import without_shortcodes
from askscwru.ingest.found import Document, Tally
from askscwru.ingest.html.markup import line_of_markup, parse_fragment, parts_of, tag_of
from askscwru.ingest.limits import MOST_ITEMS, Budget, TooMuchError

_WXR = re.compile(r"<wp:(?:wxr_version|post_type|post_id)\b|wordpress\.org/export/", re.IGNORECASE)
_HEAD = 200_000
_NEVER_READ = frozenset({"comment", "commentmeta", "termmeta"})
_FOOTNOTES = "footnotes"
"""The one thing of a post's metadata that is read: the notes of WordPress's footnotes block."""
_KINDS = frozenset({"post", "page"})
_UNPUBLISHED = frozenset({"draft", "private", "pending", "future"})
_REASONS = {
    "draft": "draft|drafts",
    "private": "private",
    "pending": "awaiting review",
    "future": "scheduled",
    "trash": "in the trash",
    "auto-draft": "automatic draft|automatic drafts",
}
_KIND_NAMES = {
    "attachment": "attachment|attachments",
    "nav_menu_item": "menu item|menu items",
    "revision": "revision|revisions",
    "wp_navigation": "menu|menus",
    "wp_block": "pattern|patterns",
    "wp_template": "template|templates",
    "wp_template_part": "template part|template parts",
    "wp_global_styles": "style sheet|style sheets",
    "custom_css": "style sheet|style sheets",
    "customize_changeset": "changeset|changesets",
    "oembed_cache": "cached embed|cached embeds",
}
_AT_ONCE = 65_536
_MARKED_UP = re.compile(r"<p[\s>].*<p[\s>]", re.IGNORECASE | re.DOTALL)
"""Text with paragraphs of its own, pasted or written by another program: its lines are no lines."""
_FURNITURE = re.compile(
    r"(?:wp-block-(?:navigation|search|social-links?|social-link|buttons?|tag-cloud|archives|"
    r"categories|calendar|latest-posts|latest-comments|rss|page-list|loginout|query|"
    r"query-pagination|post-navigation-link|comments|comments-title|comment-template|"
    r"post-comments-form|read-more|site-title|site-logo|site-tagline|template-part)|"
    r"jp-relatedposts|sharedaddy|wp-block-embed__wrapper|"
    r"sqs-block-(?:button|form|newsletter|socialaccountlinks|search|summary.*|archive|tagcloud|"
    r"calendar|map|product.*|code-preview))$"
)


@dataclass(slots=True)
class _Item:
    """One item of the export, as far as it is read."""

    fields: dict[str, str] = field(default_factory=dict)
    terms: list[tuple[str, str]] = field(default_factory=list)
    """Domain and name of each category, tag or author."""
    notes: str = ""
    """The post's footnotes, as JSON."""

    def said(self, name: str) -> str:
        return self.fields.get(name, "").strip()


def is_wxr(text: str) -> bool:
    """Whether an XML file is WordPress's export."""
    head = text[:_HEAD]
    return _WXR.search(head) is not None and ("<rss" in head.lower() or "<channel" in head.lower())


def read_wxr(name: str, sha256: str, data: bytes, *, unpublished: bool = False) -> Document:
    """The posts and pages of an export.

    Args:
        name: the source's name.
        sha256: of the file.
        data: the file.
        unpublished: whether drafts, private, pending and scheduled posts are read as well. Those
            behind a password never are.
    """
    target = _Target()
    tally = Tally()
    composer = Composer()
    budget = Budget()
    taken: set[str] = set()
    try:
        for item in _items(for_xml(decode(data)), target, tally):
            budget.check()
            if len(taken) >= MOST_ITEMS:
                raise TooMuchError(f"it holds more than {MOST_ITEMS:,} posts")
            try:
                _take(item, target, composer, tally, taken, unpublished=unpublished)
            except (ValueError, LookupError, ArithmeticError, TypeError) as error:
                shown = one_line(item.said("title") or item.said("link"))[:80]
                tally.add(f"that cannot be read ({type(error).__name__})", shown)
    except TooMuchError as error:
        tally.add(f"rest of the file: {error}")
    return Document(
        name=name,
        sha256=sha256,
        format="wordpress",
        text=composer.text,
        posts=tuple(composer.posts),
        blog=one_line(target.channel.get("title", "")) or None,
        skipped=tally.reasons(),
    )


def _items(text: str, target: _Target, tally: Tally) -> Iterator[_Item]:
    parser = etree.XMLParser(
        target=target,
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,  # posts may be longer than the 10 MB that a text node may have otherwise
        encoding="utf-8",
    )
    data = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).lstrip().encode("utf-8", "replace")
    try:
        for start in range(0, len(data), _AT_ONCE):
            parser.feed(data[start : start + _AT_ONCE])
            yield from target.finished()
        parser.close()
    except (etree.LxmlError, ValueError) as error:
        tally.add("rest of the file, which is damaged", str(error).splitlines()[0][:80])
    yield from target.finished()
    if target.item is not None:
        tally.add("last item, which is cut off", target.item.said("title")[:80])


class _Target:
    """Receives the export's elements and keeps what posts are made of, nothing else."""

    def __init__(self) -> None:
        self.channel: dict[str, str] = {}
        self.people: dict[str, str] = {}
        """Display name of each author, by login."""
        self.item: _Item | None = None
        self._done: list[_Item] = []
        self._path: list[str] = []
        self._words: list[str] = []
        self._blind = 0
        """How deep inside something that is not read."""
        self._login = ""
        self._term: tuple[str, str] = ("", "")
        self._meta_key = ""

    def finished(self) -> list[_Item]:
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if self._blind or name in _NEVER_READ:
            self._blind += 1
            return
        self._path.append(name)
        self._words = []
        if name == "item" and self.item is None:
            self.item = _Item()
        elif name == "author":
            self._login = ""
        elif name == "postmeta":
            self._meta_key = ""
        elif name == "category":
            self._term = (attributes.get("domain", ""), attributes.get("nicename", ""))

    def data(self, text: str) -> None:
        if not self._blind:
            self._words.append(text)

    def end(self, tag: str) -> None:
        if self._blind:
            self._blind -= 1
            return
        name = self._path.pop() if self._path else ""
        text, self._words = "".join(self._words), []
        if name == "item" and self.item is not None:
            self._done.append(self.item)
            self.item = None
        elif self.item is not None:
            self._of_item(name, text)
        elif name == "author_login":
            self._login = text.strip()
        elif name == "author_display_name" and self._login:
            self.people[self._login] = one_line(text)
        elif name in ("title", "base_blog_url", "link") and self._path[-1:] == ["channel"]:
            self.channel.setdefault(name, text)

    def _of_item(self, name: str, text: str) -> None:
        if self.item is None:
            return
        if self._path[-1:] == ["postmeta"]:
            if name == "meta_key":
                self._meta_key = text.strip()
            elif name == "meta_value" and self._meta_key == _FOOTNOTES:
                self.item.notes = text
            return
        if self._path[-1:] != ["item"]:
            return
        if name == "category":
            self.item.terms.append((self._term[0], text))
        elif name in _FIELDS:
            self.item.fields.setdefault(name, text)

    def comment(self, text: str) -> None:
        """Comments of the file say nothing."""

    def pi(self, target: str, data: str | None = None) -> None:
        """Nor do processing instructions."""

    def close(self) -> None:
        """Nothing is built, so nothing is returned."""


_FIELDS = frozenset(
    "title link guid pubDate creator encoded excerpt post_id post_date post_date_gmt post_type"
    " status post_password".split()
)


def _local(tag: str) -> str:
    """The local name; the two ``encoded`` are told apart by their namespaces."""
    space, _, name = tag.rpartition("}")
    if not space and ":" in name:  # the prefix was never declared
        space, _, name = name.partition(":")
    if name == "encoded" and "excerpt" in space:
        return "excerpt"
    return name


# -- items to posts --------------------------------------------------------------------------------


def _take(
    item: _Item,
    target: _Target,
    composer: Composer,
    tally: Tally,
    taken: set[str],
    *,
    unpublished: bool,
) -> None:
    title = line_of_markup(item.said("title"))
    shown = title or item.said("link") or f"post {item.said('post_id')}"
    kind, status = item.said("post_type") or "post", item.said("status") or "publish"
    if kind not in _KINDS:
        tally.add(_KIND_NAMES.get(kind, f"of the type “{one_line(kind)[:40]}”"))
    elif status != "publish" and not (unpublished and status in _UNPUBLISHED):
        tally.add(_REASONS.get(status, f"with the status “{one_line(status)[:40]}”"), shown)
    elif item.said("post_password"):
        tally.add("behind a password", shown)
    elif (key := item.said("post_id") or item.said("guid")) and key in taken:
        tally.add("listed twice", shown)
    else:
        taken.add(key or f"#{len(taken)}")
        _compose(item, title, target, composer, tally, shown)


def _compose(
    item: _Item, title: str, target: _Target, composer: Composer, tally: Tally, shown: str
) -> None:
    parts = content_parts(item.fields.get("encoded", ""))
    parts += _notes(item, parts)
    complete = bool(parts)
    if not parts:
        parts = content_parts(item.fields.get("excerpt", ""))
    if not parts:
        tally.add("without any text", shown)
        return
    facts = Facts(
        title=title or None,
        authors=_authors(item, target.people),
        published=_day(item),
        url=_url(item, target.channel),
        categories=_terms(item, {"category", ""}),
        tags=_terms(item, {"post_tag", "tag"}),
        complete=complete,
        key=item.said("post_id") or item.said("guid") or None,
    )
    composer.add(facts, parts)


def content_parts(content: str) -> list[Part]:
    """What WordPress stores as a post's content, as parts."""
    tree = parse_fragment(without_shortcodes(content))
    if tree is None:
        return []
    # The block editor writes paragraphs as such; in the classic one a line ends where it ends.
    classic = "<!-- wp:" not in content and not _MARKED_UP.search(content)
    return parts_of(tree, _is_furniture, autop=True, line_ends=classic)


def _notes(item: _Item, parts: list[Part]) -> list[Part]:
    """The notes of WordPress's footnotes block, which stands at the end of a post."""
    if not item.notes or not parts:
        return []
    try:
        stated = json.loads(item.notes)
    except (ValueError, RecursionError):
        return []
    notes = [note for note in stated if isinstance(note, dict)]
    told = [
        Part(line_of_markup(note["content"]), anchors=(str(note.get("id", "")),))
        for note in notes
        if isinstance(note.get("content"), str)
    ]
    return [part for part in told if part.text]


def _is_furniture(element: object) -> bool:
    classes: str = element.get("class") or ""  # type: ignore[attr-defined]
    return any(_FURNITURE.match(name) for name in classes.split()) or tag_of(element) == "form"


def _authors(item: _Item, people: dict[str, str]) -> tuple[str, ...]:
    """Those named as co-authors, or else who entered the post."""
    named = tuple(name for name in _terms(item, {"author"}) if "@" not in name)
    if named:
        return named
    login = item.said("creator").strip("<> ")
    shown = people.get(login) or one_line(login)
    # Squarespace names writers by their addresses, which are nobody's business.
    return (shown,) if shown and "@" not in shown else ()


def _terms(item: _Item, domains: set[str]) -> tuple[str, ...]:
    names = (line_of_markup(name) for domain, name in item.terms if domain in domains)
    return tuple(dict.fromkeys(name for name in names if name))


def _day(item: _Item) -> str | None:
    for stated in (item.said("post_date"), item.said("post_date_gmt"), item.said("pubDate")):
        if day := stated_day(stated):
            return day
    return None


def _url(item: _Item, channel: dict[str, str]) -> str | None:
    base = channel.get("base_blog_url") or channel.get("link") or ""
    for address in (item.said("link"), item.said("guid")):
        if re.match(r"https?://\S+$", address):
            return address
        # Squarespace writes where a post stands on its site.
        if re.match(r"/\S+$", address) and re.match(r"https?://\S+$", base.strip()):
            return urljoin(base.strip(), address)
    return None
