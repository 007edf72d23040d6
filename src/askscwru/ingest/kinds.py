"""What kind of file one is, by its name and by how it begins."""

from __future__ import annotations

import re
from enum import StrEnum


class FileKind(StrEnum):
    """Which reader reads a file."""

    TEXT = "text"
    MARKDOWN = "markdown"
    XML = "xml"
    """An export or a feed: its beginning tells."""
    JSON = "json"
    HTML = "html"
    MHTML = "mhtml"
    ZIP = "zip"
    WARC = "warc"
    DOCX = "docx"
    PDF = "pdf"
    TABLE = "table"
    """What an export of Substack says of its posts, in a file beside them."""
    ASSET = "asset"
    """Pictures, styles, scripts: what a saved site has beside its pages."""
    OTHER = "other"


_SUFFIXES = {
    FileKind.TEXT: ".txt",
    FileKind.MARKDOWN: ".md .markdown .mdown .mkd",
    FileKind.XML: ".xml .rss .atom .rdf .wxr",
    FileKind.JSON: ".json",
    FileKind.HTML: ".html .htm .xhtml .shtml",
    FileKind.MHTML: ".mhtml .mht .eml",
    FileKind.ZIP: ".zip",
    FileKind.WARC: ".warc .warc.gz",
    FileKind.DOCX: ".docx",
    FileKind.PDF: ".pdf",
    FileKind.ASSET: (
        ".css .js .mjs .map .png .jpg .jpeg .gif .svg .webp .avif .bmp .ico .tif .tiff .woff"
        " .woff2 .ttf .otf .eot .mp3 .mp4 .m4a .m4v .ogg .ogv .wav .webm .mov .avi .swf .psd"
        " .webmanifest .scss .less .sass .gz .tmp .log .lock .DS_Store .ini .yml .yaml .toml"
    ),
}
_TABLE = "posts.csv"
_READERS = re.compile(
    r"(?:\.(?:opens|delivers)|email_list\..*|subscribers?.*)\.csv$", re.IGNORECASE
)
"""Who gets a letter and who opened it: Substack lays it beside the posts, and it is not read."""
_ADVICE = {
    ".doc .docm .rtf .odt .pages .wps": "save it as .docx",
    ".epub .mobi .azw3": "save its chapters as .html",
    ".csv .tsv .xls .xlsx .ods": "a table; export the posts as WXR, a feed, HTML or Markdown",
    ".sql .db .sqlite .wpress .dump": (
        "a copy of a database; export the posts (in WordPress: Tools → Export → All content)"
    ),
    ".tar .tgz .7z .rar .bz2 .xz": "unpack it, or pack it as .zip",
    ".ppt .pptx .odp .key": "save it as .pdf",
}
_ADVISED = {suffix: told for suffixes, told in _ADVICE.items() for suffix in suffixes.split()}
_BY_SUFFIX = {suffix: kind for kind, all_ in _SUFFIXES.items() for suffix in all_.lower().split()}
_HTML = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:\?xml|rss|feed|rdf)\b", re.IGNORECASE)
_XHTML = re.compile(rb"<html\b|<!doctype\s+html", re.IGNORECASE)
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF|channel)\b", re.IGNORECASE)
_SNIFFED = 4096


def kind_of(name: str, head: bytes = b"") -> FileKind:
    """The kind of a file.

    Args:
        name: its path; the end of it is what counts.
        head: how it begins, for a name that tells nothing (``index.html?p=2``, ``about``) and for
            a page that is kept under the name of a feed, or the other way round.
    """
    last = name.rsplit("/", 1)[-1].lower()
    if last == _TABLE:
        return FileKind.TABLE
    if _READERS.search(last):
        return FileKind.ASSET
    for suffix in (".warc.gz", last[last.rfind(".") :] if "." in last else ""):
        if suffix and last.endswith(suffix) and (kind := _BY_SUFFIX.get(suffix)):
            return _corrected(kind, head)
    return sniffed(head)


def not_read(name: str) -> str:
    """Why a file of another kind is not read, and what to give instead where that is known."""
    last = name.rsplit("/", 1)[-1].lower()
    advice = _ADVISED.get(last[last.rfind(".") :] if "." in last else "")
    told = "not a kind of file that posts are read from"
    return f"{told}: {advice}" if advice else told


def sniffed(head: bytes) -> FileKind:
    """The kind that the beginning of a file shows: a page, an export or a feed, or neither."""
    head = head[:_SNIFFED].replace(b"\0", b"")
    if _HTML.match(head):
        return FileKind.HTML
    if _XML.match(head):
        return FileKind.HTML if _XHTML.search(head) and not _FEED.search(head) else FileKind.XML
    return FileKind.OTHER


def _corrected(kind: FileKind, head: bytes) -> FileKind:
    if kind in (FileKind.XML, FileKind.HTML) and head:
        seen = sniffed(head)
        return kind if seen is FileKind.OTHER else seen
    return kind
