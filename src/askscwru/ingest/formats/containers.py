"""Archives of saved pages (``.zip``, ``.warc``, ``.mhtml``) to the files in them.

Nothing is unpacked to the disk, so that no name can lead out of a folder; what is unpacked in
memory is bounded in number, size and ratio before it is read.
"""

from __future__ import annotations

import email
import email.policy
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from askscwru.errors import SourceError
from askscwru.ingest.blogs import blog_roots, no_post
from askscwru.ingest.formats.substack import FOLDER, TABLE, Rows, rows_of
from askscwru.ingest.found import Skipped, SourceFile
from askscwru.ingest.kinds import FileKind, kind_of, not_read
from askscwru.ingest.limits import (
    MOST_MEMBERS,
    MOST_NAME,
    MOST_RATIO,
    MOST_UNPACKED,
    SMALL_MEMBER,
    Budget,
    TooMuchError,
)

_MOST_MEMBER = 50_000_000
_READ_KINDS = frozenset(
    {
        FileKind.TEXT,
        FileKind.MARKDOWN,
        FileKind.XML,
        FileKind.JSON,
        FileKind.HTML,
        FileKind.MHTML,
        FileKind.DOCX,
        FileKind.PDF,
    }
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_HEAD = 4096
_ARCHIVE_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive."""

    name: str
    """The archive's name, ``/``, and where the file stands in it."""
    kind: FileKind
    data: bytes
    url: str | None = None
    charset: str | None = None
    captured: str | None = None
    """ISO date."""


def zip_members(file: SourceFile) -> Iterator[Member | Skipped]:
    """The readable files of a zip archive, in the order of their names."""
    try:
        with zipfile.ZipFile(file.path) as archive:
            yield from _zip(file, archive)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise SourceError(f"not a zip archive that can be read: {error}") from error


def zip_tables(file: SourceFile) -> dict[str, Rows]:
    """Of each export of Substack in an archive what its table says, by the folder of its posts."""
    found: dict[str, Rows] = {}
    try:
        with zipfile.ZipFile(file.path) as archive:
            for info in archive.infolist()[:MOST_MEMBERS]:
                folder, _, last = info.filename.rpartition("/")
                if (
                    last != TABLE
                    or _safe_name(info.filename) is None
                    or _refused(info, FileKind.TEXT)
                ):
                    continue
                with archive.open(info) as packed:
                    rows = rows_of(packed.read(info.file_size + 1))
                if rows is not None:
                    inside = f"{folder}/{FOLDER}" if folder else FOLDER
                    found[f"{file.name}/{inside}"] = rows
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
        raise SourceError(f"not a zip archive that can be read: {error}") from error
    except (RuntimeError, ValueError) as error:
        raise SourceError(f"not a zip archive that can be read: {error}") from error
    return found


def _zip(file: SourceFile, archive: zipfile.ZipFile) -> Iterator[Member | Skipped]:
    infos = sorted((i for i in archive.infolist() if not i.is_dir()), key=lambda i: i.filename)
    if len(infos) > MOST_MEMBERS:
        raise TooMuchError(f"it holds {len(infos):,} files; at most {MOST_MEMBERS:,} are read")
    budget = Budget(_ARCHIVE_SECONDS)
    total = assets = none = 0
    seen: set[str] = set()
    roots = blog_roots(info.filename for info in infos)
    for info in infos:
        budget.check()
        inner = _safe_name(info.filename)
        shown = f"{file.name}/{inner or _CONTROLS.sub('?', info.filename)[:MOST_NAME]}"
        kind = kind_of(info.filename)
        if _beside(info.filename):
            continue
        if no_post(info.filename, roots):
            none += 1
            continue
        if kind in (FileKind.ASSET, FileKind.TABLE):
            assets += kind is FileKind.ASSET
            continue
        reason = "its name leads out of the archive" if inner is None else _refused(info, kind)
        if reason is None and shown in seen:
            reason = "another file of the archive has that name"
        if reason is not None:
            yield Skipped(shown, reason)
            continue
        seen.add(shown)
        total += info.file_size
        if total > MOST_UNPACKED:
            raise TooMuchError(f"unpacked it is larger than {MOST_UNPACKED:,} bytes")
        yield _unpacked(archive, info, shown)
    if none:
        yield Skipped(file.name, f"{none:,} layouts, data and other parts of a blog, and no posts")
    if assets:
        yield Skipped(file.name, f"{assets:,} pictures, styles and other files that hold no posts")


def _refused(info: zipfile.ZipInfo, kind: FileKind) -> str | None:
    if kind in (FileKind.ZIP, FileKind.WARC):
        return "an archive in an archive is not opened"
    if info.flag_bits & 1:
        return "it is encrypted"
    if info.file_size > _MOST_MEMBER:
        return f"larger than {_MOST_MEMBER:,} bytes unpacked (it has {info.file_size:,})"
    if info.file_size > SMALL_MEMBER and info.file_size > MOST_RATIO * max(1, info.compress_size):
        return f"it unpacks to more than {MOST_RATIO} times its size"
    if (info.external_attr >> 16) & 0o170000 == 0o120000:
        return "a symbolic link"
    return None


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Member | Skipped:
    try:
        with archive.open(info) as packed:
            # What the archive states of a size may be a lie: one byte more tells.
            data = packed.read(info.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
        return Skipped(name, f"cannot be unpacked: {error}")
    except (RuntimeError, ValueError) as error:
        return Skipped(name, f"cannot be unpacked: {error}")
    if len(data) > info.file_size:
        return Skipped(name, "larger than the archive says")
    return _member(name, info.filename, data)


def _member(name: str, inner: str, data: bytes) -> Member | Skipped:
    kind = kind_of(inner, data[:_HEAD])
    if kind not in _READ_KINDS:
        return Skipped(name, not_read(inner))
    return Member(name, kind, data)


def _safe_name(name: str) -> str | None:
    """The member's path inside the archive; None where it would lead out of it."""
    plain = name.replace("\\", "/")
    if plain.startswith("/") or re.match(r"[A-Za-z]:", plain) or _CONTROLS.search(plain):
        return None
    normal = posixpath.normpath(plain)
    if normal.startswith("..") or len(normal) > MOST_NAME:
        return None
    return normal.encode("utf-8", "replace").decode("utf-8")


def _beside(name: str) -> bool:
    """Hidden files, and those that macOS lays beside every file."""
    parts = name.replace("\\", "/").split("/")
    return any(part.startswith(".") and part not in (".", "..") for part in parts) or (
        parts[0] == "__MACOSX"
    )


# -- saved pages -----------------------------------------------------------------------------------


def mhtml_page(data: bytes) -> Member:
    """The page of a ``.mhtml`` file: its first HTML part."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    stated = _header(message, "Snapshot-Content-Location") or _header(message, "Content-Location")
    for number, part in enumerate(message.walk()):
        if number > MOST_MEMBERS:
            break
        if part.get_content_type() not in ("text/html", "application/xhtml+xml"):
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            return Member(
                name="",
                kind=FileKind.HTML,
                data=payload,
                url=_http(stated or _header(part, "Content-Location")),
                charset=part.get_content_charset(),
                captured=_mail_day(_header(message, "Date")),
            )
    raise SourceError("there is no page in it")


def _header(message: EmailMessage, name: str) -> str | None:
    try:
        value = message.get(name)
    except (ValueError, IndexError, AttributeError, TypeError):  # a malformed header
        return None
    return None if value is None else str(value).strip()


def _mail_day(value: str | None) -> str | None:
    try:
        return None if value is None else parsedate_to_datetime(value).date().isoformat()
    except (ValueError, TypeError, IndexError):
        return None


def _http(address: str | None) -> str | None:
    return address if address and re.match(r"https?://\S+$", address) else None


def warc_members(file: SourceFile) -> Iterator[Member | Skipped]:
    """The pages of a web archive, each under its address; of several captures the last."""
    try:
        from warcio.archiveiterator import ArchiveIterator
    except ImportError as error:
        raise SourceError("web archives need warcio: pip install 'askscwru[web]'") from error
    budget = Budget(_ARCHIVE_SECONDS)
    latest: dict[str, Member | Skipped] = {}
    total = 0
    try:
        # warcio writes what it finds odd to the standard error, bytes of the archive and all.
        with file.path.open("rb") as stream, redirect_stderr(io.StringIO()):
            for number, record in enumerate(ArchiveIterator(stream)):
                budget.check()
                if number >= MOST_MEMBERS:
                    raise TooMuchError(f"it holds more than {MOST_MEMBERS:,} records")
                member = _warc_member(file, record)
                if member is not None:
                    latest[member.name] = member
                    total += len(member.data) if isinstance(member, Member) else 0
                if total > MOST_UNPACKED:
                    raise TooMuchError(f"unpacked it is larger than {MOST_UNPACKED:,} bytes")
    except TooMuchError:
        raise
    except Exception as error:  # the library raises what it likes on a broken file
        latest[""] = Skipped(file.name, f"the rest of it is damaged: {error}"[:200])
    yield from (latest[name] for name in sorted(latest))


def _warc_member(file: SourceFile, record: object) -> Member | Skipped | None:
    headers = record.rec_headers  # type: ignore[attr-defined]
    http = record.http_headers  # type: ignore[attr-defined]
    url = headers.get_header("WARC-Target-URI") or ""
    if record.rec_type not in ("response", "resource") or not _http(url):  # type: ignore[attr-defined]
        return None
    if http is not None and http.get_statuscode() != "200":
        return None
    typed = (http.get_header("Content-Type") if http else headers.get_header("Content-Type")) or ""
    kind = _typed_kind(typed, url)
    if kind is None:
        return None
    name = f"{file.name}/{_name_of(url)}"
    data = record.content_stream().read(_MOST_MEMBER + 1)  # type: ignore[attr-defined]
    if len(data) > _MOST_MEMBER:
        return Skipped(name, f"larger than {_MOST_MEMBER:,} bytes unpacked")
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", typed)
    day = _stamp_day(headers.get_header("WARC-Date"))
    return Member(name, kind, data, url, charset[1] if charset else None, day)


def _typed_kind(typed: str, url: str) -> FileKind | None:
    media = typed.split(";")[0].strip().lower()
    if media in ("text/html", "application/xhtml+xml"):
        return FileKind.HTML
    if media == "application/pdf":
        return FileKind.PDF
    # A site's feed repeats its pages, cut short; it is read where it stands by itself.
    return None if media else kind_of(urlsplit(url).path)


def _name_of(url: str) -> str:
    parts = urlsplit(url)
    path = unquote(parts.path).strip("/")
    query = f"?{parts.query}" if parts.query else ""
    told = f"{parts.netloc}/{path or 'index.html'}{query}"
    return posixpath.normpath(_CONTROLS.sub("", told).replace("..", "."))[:MOST_NAME]


def _stamp_day(stamp: str | None) -> str | None:
    try:
        return None if stamp is None else datetime.fromisoformat(stamp[:10]).date().isoformat()
    except ValueError:
        return None
