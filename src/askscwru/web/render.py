"""Templates, links and the files that go with them.

Jinja2 escapes whatever a template shows, and no template may switch that off (the tests look for
it): the text of posts and questions is data. Every address on a page is made by ``Links``, so that
pages hold behind a proxy that serves them under a path.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Of every page of ours: a browser runs and loads our own two files and nothing else."""
PAGE_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    # With “no-referrer” a browser would send our own forms without saying where they come from.
    "Referrer-Policy": "same-origin",
}
MEDIA_TYPES = {"ask.js": "text/javascript; charset=utf-8", "style.css": "text/css; charset=utf-8"}
"""The files that pages load, and what they are."""


@cache
def asset(name: str) -> tuple[bytes, str]:
    """The content of a file of ``MEDIA_TYPES``, and a hash of it that goes into its address.

    Raises:
        KeyError: there is no such file.
    """
    if name not in MEDIA_TYPES:
        raise KeyError(name)
    content = files("askscwru.web").joinpath("static", name).read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of this service as a page writes them."""

    prefix: str = ""
    """The path under which the service is reached, ``/ask`` or ``""``."""

    def to(self, *path: str, at: str = "", **query: Any) -> str:
        """The address of a path; what is None or empty is left out of its query.

        Args:
            path: its parts, as they are called; they are encoded here.
            at: the id of an element on that page.
            query: parameters.
        """
        given = {name: str(value) for name, value in query.items() if value not in (None, "")}
        where = f"{self.prefix}/{'/'.join(quote(part, safe='') for part in path)}"
        return where + (f"?{_encoded(given)}" if given else "") + (f"#{quote(at)}" if at else "")

    def asset(self, name: str) -> str:
        """The address of one of our files: another content has another address."""
        return self.to("static", asset(name)[1], name)


def _encoded(given: Mapping[str, str]) -> str:
    return urlencode(given, errors="replace")


def visible(text: object) -> str:
    """Text that every HTML parser leaves as it is: control characters are shown as blanks."""
    plain = str(text)
    if plain.isprintable():
        return plain
    return "".join(" " if _unseen(character) else character for character in plain)


def _unseen(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs")


def _thousands(number: int) -> str:
    return f"{number:,}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("askscwru.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_finalised,
    )
    environment.filters["thousands"] = _thousands
    return environment


def _finalised(value: Any) -> Any:
    """What every ``{{ … }}`` passes through before it is escaped."""
    return visible(value) if type(value) is str else value


def render(template: str, links: Links, **shown: Any) -> str:
    """A template as HTML.

    Args:
        template: its name, ``ask.html``.
        links: make its addresses.
        shown: what it shows.
    """
    return (
        _environment()
        .get_template(template)
        .render(links=links, to=links.to, asset=links.asset, **shown)
    )
