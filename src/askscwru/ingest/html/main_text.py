"""The main text of a page whose markup declares nothing, found by trafilatura.

trafilatura is asked for the text only, not for titles, authors or dates: those are read where the
page states them. https://trafilatura.readthedocs.io
"""

from __future__ import annotations

import logging
from typing import Any

from lxml import etree

from askscwru.ingest.compose import Part
from askscwru.ingest.html.markup import parts_of
from askscwru.ingest.html.page_furniture import without_lines

Element = Any

_AS_HTML = {
    "head": "h2",
    "item": "li",
    "list": "ul",
    "quote": "blockquote",
    "row": "tr",
    "cell": "td",
    "lb": "br",
    "code": "pre",
    "hi": "span",
    "ref": "span",
    "del": "span",
}
_MOST_ELEMENTS = 20_000
"""Beyond, trafilatura would take minutes."""


def main_parts(tree: Element, *, fast: bool = False) -> list[Part]:
    """The parts of the page's main text; none where trafilatura finds none.

    Args:
        tree: the page.
        fast: whether it need not hold its result against those of its two other ways.
    """
    if sum(1 for _ in tree.iter()) > _MOST_ELEMENTS:
        return []
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = trafilatura.bare_extraction(
        tree,  # it makes a copy of its own
        include_comments=False,
        include_tables=True,
        include_images=False,
        include_links=False,
        with_metadata=False,
        fast=fast,
    )
    body = None if found is None else getattr(found, "body", None)
    if body is None:
        return []
    etree.strip_elements(body, "graphic", with_tail=False)
    for element in body.iter():
        if element.tag in _AS_HTML:
            element.tag = _AS_HTML[element.tag]
    return without_lines(parts_of(body))[0]
