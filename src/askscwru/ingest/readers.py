"""One reader for each kind of file, and what they have in common: one bad file stops no other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from askscwru.errors import SourceError
from askscwru.ingest.decode import decode
from askscwru.ingest.files import UnusableError, decode_text
from askscwru.ingest.formats.containers import Member, mhtml_page, warc_members, zip_members
from askscwru.ingest.formats.feeds import read_feed, read_json_feed
from askscwru.ingest.formats.office import read_docx, read_pdf
from askscwru.ingest.formats.wxr import is_wxr, read_wxr
from askscwru.ingest.found import TEXT, Document, Skipped, SourceFile
from askscwru.ingest.html.html_page import read_html
from askscwru.ingest.kinds import Kind, kind_of
from askscwru.ingest.limits import TooMuchError
from askscwru.ingest.manifest import SINGLE_POST, SeedsManifest
from askscwru.ingest.text.pages import read_page

Read = Document | Skipped
_CONTAINERS: dict[Kind, Callable[[SourceFile], Iterator[Member | Skipped]]] = {
    Kind.ZIP: zip_members,
    Kind.WARC: warc_members,
}
_XML_HEAD = 300_000


@dataclass(frozen=True, slots=True)
class Readers:
    """Reads any file that posts are read from."""

    manifest: SeedsManifest
    unpublished: bool = False
    """Whether drafts and private posts of an export are read as well."""

    def read(self, file: SourceFile, data: bytes) -> list[Read]:
        """The documents of one file, or why there are none.

        Args:
            file: what it is.
            data: its bytes; not used for an archive.
        """
        kind = kind_of(file.path.name, data[:_XML_HEAD])
        try:
            if kind in _CONTAINERS:
                return list(self._container(file, kind))
            return [self._one(file.name, file.sha256, kind, data, member=None)]
        except (TooMuchError, UnusableError, SourceError) as error:
            return [Skipped(file.name, str(error))]
        except (RecursionError, MemoryError, ValueError, LookupError, ArithmeticError) as error:
            # Whatever a library makes of a broken file, the others are read.
            return [Skipped(file.name, f"cannot be read: {type(error).__name__}: {error}"[:200])]

    def _container(self, file: SourceFile, kind: Kind) -> Iterator[Read]:
        empty = True
        for member in _CONTAINERS[kind](file):
            empty = False
            yield member if isinstance(member, Skipped) else self._member(member)
        if empty:
            yield Skipped(file.name, "there is nothing in it that posts are read from")

    def _member(self, member: Member) -> Read:
        digest = hashlib.sha256(member.data).hexdigest()
        try:
            return self._one(member.name, digest, member.kind, member.data, member=member)
        except (TooMuchError, UnusableError, SourceError) as error:
            return Skipped(member.name, str(error))
        except (RecursionError, MemoryError, ValueError, LookupError, ArithmeticError) as error:
            reason = f"cannot be read: {type(error).__name__}: {error}"
            return Skipped(member.name, reason[:200])

    def _one(
        self, name: str, sha256: str, kind: Kind, data: bytes, *, member: Member | None
    ) -> Document:
        if kind in (Kind.TEXT, Kind.MARKDOWN):
            return self._text(name, sha256, data, kept=member is not None)
        if kind is Kind.XML:
            if is_wxr(decode(data[:_XML_HEAD])):
                return read_wxr(name, sha256, data, unpublished=self.unpublished)
            return read_feed(name, sha256, data)
        if kind is Kind.JSON:
            return read_json_feed(name, sha256, data)
        if kind is Kind.DOCX:
            return read_docx(name, sha256, data)
        if kind is Kind.PDF:
            return read_pdf(name, sha256, data)
        page = mhtml_page(data) if kind is Kind.MHTML else member
        if page is None:
            return read_html(name, sha256, decode(data))
        return read_html(
            name,
            sha256,
            decode(page.data, page.charset),
            url=page.url,
            captured=page.captured,
        )

    def _text(self, name: str, sha256: str, data: bytes, *, kept: bool) -> Document:
        text = decode_text(data)
        single = self.manifest.kind(name) == SINGLE_POST
        page = read_page(text, single=single, name=name)
        return Document(
            name=name,
            sha256=sha256,
            format=Kind.MARKDOWN.value if kept else TEXT,
            text=text,
            posts=page.posts,
            skipped=page.skipped,
        )
