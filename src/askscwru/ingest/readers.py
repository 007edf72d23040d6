"""One reader for each kind of file, and what they have in common: one bad file stops no other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from askscwru.errors import SourceError
from askscwru.ingest.decode import decode
from askscwru.ingest.files import UnusableError, decode_text
from askscwru.ingest.formats.blog_folder import people_beside
from askscwru.ingest.formats.blogger import is_blogger, read_blogger
from askscwru.ingest.formats.containers import (
    Member,
    mhtml_page,
    warc_members,
    zip_members,
    zip_tables,
)
from askscwru.ingest.formats.feeds import json_of, read_feed, read_json_feed
from askscwru.ingest.formats.ghost import ghost_tables, read_ghost
from askscwru.ingest.formats.markdown_post import read_markdown
from askscwru.ingest.formats.pdf import read_pdf
from askscwru.ingest.formats.substack import (
    Rows,
    digest_beside,
    read_substack,
    rows_beside,
    rows_of,
)
from askscwru.ingest.formats.word import read_docx
from askscwru.ingest.formats.wxr import is_wxr, read_wxr
from askscwru.ingest.found import TEXT, Document, Skipped, SourceFile, reason_of
from askscwru.ingest.html.html_page import read_html
from askscwru.ingest.kinds import FileKind, kind_of
from askscwru.ingest.limits import TooMuchError
from askscwru.ingest.manifest import SINGLE_POST, SeedsManifest
from askscwru.ingest.text.pages import read_page

Read = Document | Skipped
_CONTAINERS: dict[FileKind, Callable[[SourceFile], Iterator[Member | Skipped]]] = {
    FileKind.ZIP: zip_members,
    FileKind.WARC: warc_members,
}
_XML_HEAD = 300_000
_PAGES = frozenset({FileKind.HTML, FileKind.OTHER})
_NO_TABLE = "a table, and none of Substack's: its posts.csv is read with the posts in posts/"


@dataclass(frozen=True, slots=True)
class Readers:
    """Reads any file that posts are read from."""

    manifest: SeedsManifest
    unpublished: bool = False
    """Whether drafts and private posts of an export are read as well."""

    def read(self, file: SourceFile, data: bytes) -> list[Read]:
        """The documents of one file, or why there are none.

        Whatever a library makes of a broken file, the others are read: no exception leaves this but
        those that stop the program.

        Args:
            file: what it is.
            data: its bytes; not used for an archive.
        """
        kind = kind_of(file.path.name, data[:_XML_HEAD])
        if kind in _CONTAINERS:
            return list(self._container(file, kind))
        if kind is FileKind.TABLE:
            # Read with the posts that it is about; by itself it is none.
            return [] if rows_of(data) is not None else [Skipped(file.name, _NO_TABLE)]
        if kind is FileKind.MARKDOWN:
            return [_tried(file.name, lambda: self._markdown(file.name, file.sha256, data, file))]
        return [_tried(file.name, lambda: self._file(file, kind, data))]

    def _file(self, file: SourceFile, kind: FileKind, data: bytes) -> Document:
        rows = rows_beside(file.path) if kind in _PAGES else None
        return self._one(file.name, file.sha256, kind, data, member=None, rows=rows)

    def kept_as(self, file: SourceFile) -> str:
        """What else than its name and bytes decides what a file is read as."""
        return f"{self.manifest.kind(file.name) or ''}{self.beside(file)}"

    def beside(self, file: SourceFile) -> str:
        """Tells whether another file that one is read with has changed; empty without one."""
        people = people_beside(file) if kind_of(file.path.name) is FileKind.MARKDOWN else None
        return digest_beside(file.path) + (repr(sorted(people.items())) if people else "")

    def _container(self, file: SourceFile, kind: FileKind) -> Iterator[Read]:
        """Each file of an archive; what was read before the archive breaks off is kept."""
        empty = True
        try:
            tables = zip_tables(file) if kind is FileKind.ZIP else {}
            for member in _CONTAINERS[kind](file):
                empty = False
                if isinstance(member, Skipped):
                    yield member
                else:
                    yield self._member(member, tables.get(member.name.rpartition("/")[0]))
        except Exception as error:
            empty = False
            yield Skipped(file.name, _why(error))
        if empty:
            yield Skipped(file.name, "there is nothing in it that posts are read from")

    def _member(self, member: Member, rows: Rows | None) -> Read:
        digest = hashlib.sha256(member.data).hexdigest()
        return _tried(
            member.name,
            lambda: self._one(
                member.name, digest, member.kind, member.data, member=member, rows=rows
            ),
        )

    def _one(
        self,
        name: str,
        sha256: str,
        kind: FileKind,
        data: bytes,
        *,
        member: Member | None,
        rows: Rows | None,
    ) -> Document:
        if kind is FileKind.MARKDOWN:
            return self._markdown(name, sha256, data)
        if kind is FileKind.TEXT:
            return self._text(name, sha256, data, kept=member is not None)
        if kind in (FileKind.XML, FileKind.JSON):
            return self._export(name, sha256, kind, data)
        if kind is FileKind.DOCX:
            return read_docx(name, sha256, data)
        if kind is FileKind.PDF:
            return read_pdf(name, sha256, data)
        if rows is not None and kind in _PAGES:
            return read_substack(name, sha256, data, rows, unpublished=self.unpublished)
        page = mhtml_page(data) if kind is FileKind.MHTML else member
        return read_html(
            name,
            sha256,
            decode(data) if page is None else decode(page.data, page.charset),
            url=None if page is None else page.url,
            captured=None if page is None else page.captured,
            unpublished=self.unpublished,
        )

    def _markdown(
        self, name: str, sha256: str, data: bytes, file: SourceFile | None = None
    ) -> Document:
        return read_markdown(
            name,
            sha256,
            decode_text(data),
            single=self.manifest.kind(name) == SINGLE_POST,
            people={} if file is None else people_beside(file),
            unpublished=self.unpublished,
        )

    def _export(self, name: str, sha256: str, kind: FileKind, data: bytes) -> Document:
        if kind is FileKind.JSON:
            tables = ghost_tables(json_of(data)) if b'"posts"' in data else None
            if tables is not None:
                return read_ghost(name, sha256, tables, unpublished=self.unpublished)
            return read_json_feed(name, sha256, data)
        head = decode(data[:_XML_HEAD])
        if is_wxr(head):
            return read_wxr(name, sha256, data, unpublished=self.unpublished)
        if is_blogger(head):
            return read_blogger(name, sha256, data, unpublished=self.unpublished)
        return read_feed(name, sha256, data)

    def _text(self, name: str, sha256: str, data: bytes, *, kept: bool) -> Document:
        text = decode_text(data)
        single = self.manifest.kind(name) == SINGLE_POST
        page = read_page(text, single=single, name=name)
        return Document(
            name=name,
            sha256=sha256,
            format=FileKind.MARKDOWN.value if kept else TEXT,
            text=text,
            posts=page.posts,
            skipped=page.skipped,
        )


def _tried(name: str, reader: Callable[[], Document]) -> Read:
    try:
        return reader()
    except Exception as error:
        return Skipped(name, _why(error))


def _why(error: Exception) -> str:
    told = isinstance(error, (TooMuchError, UnusableError, SourceError))
    return str(error) if told else reason_of(error)
