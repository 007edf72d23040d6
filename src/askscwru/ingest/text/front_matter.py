"""The block of facts that many text files open with (Jekyll, Hugo, Eleventy, Obsidian, Pelican).

YAML between ``---``, TOML between ``+++``, a JSON object, or lines of ``Key: value`` before the
first empty one. YAML is composed and not loaded: a value stays as it was written (``2014-05-03``,
``no``), and nothing that it says is made into an object. What no YAML parser takes, as a title with
a colon in it, is read line by line.
"""

from __future__ import annotations

import html
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from askscwru.ingest.dates import day_of
from askscwru.names import bare_name, split_names
from askscwru.types import Span

_LONGEST = 100_000
_OPENS = re.compile(r"\ufeff?\s{0,200}?(?P<mark>-{3}|\+{3})[ \t]*\r?\n")
_CLOSES = {
    "---": re.compile(r"^(?:-{3}|\.{3})[ \t]*(?:\r?\n|\Z)", re.MULTILINE),
    "+++": re.compile(r"^\+{3}[ \t]*(?:\r?\n|\Z)", re.MULTILINE),
}
_JSON = re.compile(r"\ufeff?\s{0,200}?(?=\{\s*(?:\"|\}))")
_HEADER = re.compile(
    r"\ufeff?(?:[A-Za-z][\w-]{0,30}:[ \t]+\S[^\r\n]*\r?\n){2,40}(?=[ \t]*\r?\n|\Z)"
)
_PAIR = re.compile(
    r"^(?P<key>[A-Za-z_][\w-]*)[ \t]*[:=][ \t]*(?P<value>[^\r\n]*?)[ \t]*\r?$", re.MULTILINE
)
_POINT = re.compile(r"[ \t]*-[ \t]+(?P<value>[^\r\n]+?)[ \t]*\r?(?:\n|\Z)")
_NESTED = re.compile(
    r"[ \t]+(?:name|display_name)[ \t]*:[ \t]*(?P<value>[^\r\n]+?)[ \t]*\r?(?:\n|\Z)"
)
_NAMED = re.compile(r"(?:name|display_name)\s*:\s*(?P<name>.+)")
_IN_NAME = re.compile(r"(?:^|/)(?P<day>(?:19|20)\d\d-\d\d-\d\d)-")
_MAIL = re.compile(r"\s*[<(]?[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+[>)]?")
_QUOTES = "\"'"
_MOST_TERMS, _LONGEST_NAME = 100, 80
_MOST_NODES, _DEEPEST = 5_000, 6
_TITLES = ("title", "headline", "name")
_DAYS = ("date", "published", "pubdate", "publishdate", "created", "published_at", "date_published")
_AUTHORS = ("author", "authors", "by", "byline", "writer", "contributors")
_NAMES = ("name", "display_name", "full_name", "title", "id", "username", "login")
_LEADS = ("deck", "summary", "description", "excerpt", "subtitle", "lead", "abstract")
_KNOWN = frozenset(
    (*_TITLES, *_DAYS, *_AUTHORS, "tags", "categories", "category", "slug", "layout")
)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the block tells of the post below it."""

    end: int = 0
    """Where the page itself starts; 0 where there is no such block."""
    title: str | None = None
    """As it is written, on one line, entities resolved."""
    title_at: Span | None = None
    """Where the title stands in the file; None where it does not stand there so."""
    authors: tuple[str, ...] = ()
    """Names, or ids that stand for authors elsewhere (``_data/authors.yml``)."""
    published: str | None = None
    """ISO date."""
    url: str | None = None
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    lead: str | None = None
    """What it says that the post is about: the post itself where there is no text below."""
    draft: bool = False
    """Whether it says that the post is not published."""

    @property
    def told(self) -> dict[str, Any]:
        """What of it a post takes over as it stands."""
        facts = {"url": self.url, "categories": self.categories, "tags": self.tags}
        return facts if self.published is None else {**facts, "published": self.published}


def front_matter_of(text: str, name: str = "") -> FrontMatter:
    """What stands at the very start of a file; nothing where there is no such block.

    Args:
        text: the whole file.
        name: its path: Jekyll has the date in it.
    """
    named = _IN_NAME.search(name)
    day = None if named is None else day_of(named["day"])
    found = _block(text)
    if found is None:
        return FrontMatter(published=day)
    values, end = found
    title = _said(values, _TITLES[:2]) or _said(values, _TITLES[2:])
    shown = None if title is None else _shown(title) or None
    return FrontMatter(
        end=end,
        title=shown,
        title_at=_place(text, title, end),
        authors=_authors(values),
        published=next(filter(None, (day_of(said) for said in _all(values, _DAYS))), None) or day,
        url=_url(values),
        categories=_terms(values, "categories", "category"),
        tags=_terms(values, "tags", "tag", "keywords", "topics"),
        lead=_said(values, _LEADS),
        draft=_flag(values, "draft") == "true"
        or _flag(values, "published") == "false"
        or _flag(values, "status") in ("draft", "private", "pending"),
    )


def mapping_of(text: str, form: str) -> dict[str, Any]:
    """A file of data as plain values; empty where it holds no mapping or cannot be read.

    Args:
        text: the file.
        form: ``yaml``, ``toml`` or ``json``.
    """
    try:
        if form == "toml":
            return tomllib.loads(text)
        if form == "json":
            read = json.loads(text)
            return read if isinstance(read, dict) else _listed(read)
    except (ValueError, RecursionError):
        return {}
    read = _yaml(text)
    return read if isinstance(read, dict) else _listed(read)


def _listed(read: Any) -> dict[str, Any]:
    """A list of records under the id that each of them states."""
    records = (
        [record for record in read if isinstance(record, dict)] if isinstance(read, list) else []
    )
    return {
        str(record[key]): record
        for record in records
        for key in ("id", "username", "login", "short_name", "slug", "name")
        if key in record
    }


# -- the block -------------------------------------------------------------------------------------


def _block(text: str) -> tuple[dict[str, Any], int] | None:
    """The values by their keys in lower case, and where the block ends."""
    if opens := _OPENS.match(text):
        closes = _CLOSES[opens["mark"]].search(text, opens.end(), opens.end() + _LONGEST)
        if closes is None:
            return None
        body = text[opens.end() : closes.start()]
        read = mapping_of(body, "toml" if opens["mark"] == "+++" else "yaml") or _by_line(body)
        # A rule above the text and another one below it are no front matter.
        return (_lower(read), closes.end()) if read else None
    if opens := _JSON.match(text):
        try:
            read, end = json.JSONDecoder().raw_decode(text[: opens.end() + _LONGEST], opens.end())
        except (ValueError, RecursionError):
            return None
        return (_lower(read), end) if isinstance(read, dict) else None
    if header := _HEADER.match(text):
        read = _lower(_by_line(header[0]))
        if "title" in read and len(_KNOWN.intersection(read)) >= 2:
            return read, header.end()
    return None


def _lower(values: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key).strip().lower(): value for key, value in values.items()}


def _yaml(text: str) -> Any:
    """What YAML says, scalars as they are written; None where it is not YAML."""
    try:
        node = yaml.compose(text.replace("\x00", ""), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError, LookupError):
        return None
    return _Plain().of(node, 0)


class _Plain:
    """YAML nodes to plain values; how many there may be bounds what an alias can unfold to."""

    def __init__(self) -> None:
        self.left = _MOST_NODES

    def of(self, node: Any, depth: int) -> Any:
        self.left -= 1
        if self.left < 0 or depth > _DEEPEST:
            return None
        if isinstance(node, yaml.ScalarNode):
            empty = node.tag == "tag:yaml.org,2002:null"
            return None if empty else node.value
        if isinstance(node, yaml.SequenceNode):
            return [self.of(inner, depth + 1) for inner in node.value]
        if isinstance(node, yaml.MappingNode):
            return {
                key.value: self.of(value, depth + 1)
                for key, value in node.value
                if isinstance(key, yaml.ScalarNode)
            }
        return None


def _by_line(body: str) -> dict[str, Any]:
    """One key a line, its value on the line or as a list below it, without quotation marks."""
    values: dict[str, Any] = {}
    for pair in _PAIR.finditer(body):
        value = pair["value"].strip()
        if value in ("", ">", "|", ">-", "|-"):
            values[pair["key"]] = _below(body, pair.end())
        elif value.startswith("[") and value.endswith("]"):
            parts = re.findall(r"\"[^\"]*\"|'[^']*'|[^,]+", value[1:-1])
            values[pair["key"]] = [_bare(part) for part in parts if _bare(part)]
        else:
            values[pair["key"]] = _bare(value)
    return values


def _below(body: str, at: int) -> list[str]:
    found = []
    at += 2 if body.startswith("\r\n", at) else 1
    while point := _POINT.match(body, at) or _NESTED.match(body, at):
        named = _NAMED.match(_bare(point["value"]))
        found.append(_bare(named["name"]) if named else _bare(point["value"]))
        at = point.end()
    return found


def _bare(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] in _QUOTES and value[0] == value[-1]:
        return value[1:-1].strip()
    return re.sub(r"\s+#\s.*$", "", value)


# -- its values ------------------------------------------------------------------------------------


def _all(values: Mapping[str, Any], keys: Iterable[str]) -> Iterator[str]:
    """Every value of these keys, in the order of the keys, lists point by point."""
    for key in keys:
        stated = values.get(key)
        for said in stated if isinstance(stated, list) else [stated]:
            if said is not None and not isinstance(said, (dict, list)) and str(said).strip():
                yield str(said).strip()


def _said(values: Mapping[str, Any], keys: Iterable[str]) -> str | None:
    return next(_all(values, keys), None)


def _flag(values: Mapping[str, Any], key: str) -> str:
    return (_said(values, (key,)) or "").lower()


def _shown(said: str) -> str:
    """On one line, entities resolved."""
    return " ".join(html.unescape(said).split())


def _place(text: str, title: str | None, end: int) -> Span | None:
    """Where the title stands in the block as it is shown, for a file that is its own text."""
    if title is None or title != _shown(title):
        return None
    found = re.compile(
        rf"^[\"']?(?:title|headline|name)[\"']?[ \t]*[:=][ \t]*[\"']?(?P<title>{re.escape(title)})",
        re.MULTILINE | re.IGNORECASE,
    ).search(text, 0, end)
    return None if found is None else Span(*found.span("title"))


def _url(values: Mapping[str, Any]) -> str | None:
    stated = _all(values, ("canonical_url", "canonical", "url", "permalink", "link"))
    return next((said for said in stated if re.match(r"https?://\S+$", said)), None)


def _terms(values: Mapping[str, Any], *keys: str) -> tuple[str, ...]:
    for key in keys:
        if found := [_shown(said) for said in _all(values, (key,))]:
            if len(found) == 1 and "," in found[0]:
                found = [part.strip() for part in found[0].split(",")]
            return tuple(dict.fromkeys(filter(None, found)))[:_MOST_TERMS]
    return ()


def _authors(values: Mapping[str, Any]) -> tuple[str, ...]:
    for key in _AUTHORS:
        names: list[str] = []
        stated = values.get(key)
        for said in stated if isinstance(stated, list) else [stated]:
            names += _names(name_in(said))
        if names:
            return tuple(dict.fromkeys(names))
    return ()


def name_in(said: Any) -> str:
    """The name that a value or a record states; empty where it states none."""
    if isinstance(said, dict):
        said = next((said[key] for key in _NAMES if isinstance(said.get(key), str)), None)
    if said is None or isinstance(said, (dict, list)):
        return ""
    return _shown(_MAIL.sub("", html.unescape(str(said)))).strip(" '\"")


def _names(said: str) -> list[str]:
    """The names in a value; the whole of it where it begins with none.

    A key says that it is a name: one that does not look like one is believed all the same.
    """
    names = split_names(said, sure=True)
    if names and bare_name(said).startswith(names[0]):
        return list(names)
    return [said] if 0 < len(said) <= _LONGEST_NAME else []
