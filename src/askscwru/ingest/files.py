"""The list of sources to their files, with a named reason for every file left out."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from askscwru.errors import NotFoundError, SeedsError, SourceError
from askscwru.files import sha256_of
from askscwru.ingest.absent import out_of_reach
from askscwru.ingest.blogs import blog_roots, no_post
from askscwru.ingest.decode import decode_saved
from askscwru.ingest.found import Earlier, Skipped, SourceFile, reason_of
from askscwru.ingest.kinds import FileKind, kind_of, not_read
from askscwru.ingest.limits import MOST_ARCHIVE_BYTES, MOST_EXPORT_BYTES
from askscwru.ingest.roots import Root, read_list
from askscwru.settings import Settings

MANIFEST_NAME = "manifest.toml"

CONTAINERS = frozenset({FileKind.ZIP, FileKind.WARC})
_EXPORTS = frozenset({FileKind.XML, FileKind.JSON})
_TEXTS = frozenset({FileKind.TEXT, FileKind.MARKDOWN})
_BESIDE = re.compile(r"(?:readme|licen[sc]e)(?:\W|$)", re.IGNORECASE)
_INVISIBLE = "\ufeff\u200b\u200e\u200f"
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_CONTROLS_PER_THOUSAND = 1
_SHOWN_SKIPS = 5
_TELLING_FILES = frozenset(
    f"{dot}authors{end}" for dot in ("", ".") for end in (".yml", ".yaml", ".json", ".toml")
)
_TELLING_FOLDERS = frozenset({"_data", "data", "_authors", "content"})
"""What a folder has that tells of a blog's authors: see ``formats/blog_folder``."""


def list_sources(
    settings: Settings, earlier: Earlier | None = None, look: Look | None = None
) -> tuple[list[SourceFile], list[Skipped]]:
    """Every file of the list of sources with its hash, and what is left out.

    Each file is read but not ingested: this is what tells whether anything changed.

    Args:
        settings: say where the list is.
        earlier: what an index was made from; what is out of reach now is listed as it was then.
        look: files that need not be read again; what is seen is noted there.

    Raises:
        SeedsError: there is no such folder, it cannot be read, or it holds no usable source.
    """
    files: list[SourceFile] = []
    skipped: list[Skipped] = []
    for found in walk(settings, look):
        if isinstance(found, Skipped):
            skipped.append(found)
        else:
            files.append(found[0])
    if earlier is not None:
        kept, skipped = out_of_reach(settings, files, skipped, earlier)
        files += kept
    require_sources(settings, files, skipped)
    return files, skipped


def read_source(settings: Settings, name: str) -> str:
    """The text of one source that is a text file, newlines untouched.

    Raises:
        NotFoundError: no such source is there.
        SourceError: it is there, but cannot be read as text.
    """
    path = _path_of(settings, name)
    if path is None:
        raise NotFoundError(f"There is no source {name!r} in {settings.seeds}.", param="source")
    try:
        return decode_text(_read_bytes(path, settings.max_source_bytes))
    except UnusableError as error:
        raise SourceError(
            f"The source {name} cannot be read: {error}.", remedy="Mend the file, or remove it."
        ) from error


Found = tuple[SourceFile, bytes | None]
"""A file with its bytes; empty for an archive, which is read from the disk, and None for a file
that was not read again."""

_SETTLED = 2_000_000_000
"""Nanoseconds after which a file that is written again has another time: some disks keep no less
than two seconds apart."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was when it was read."""

    sha256: str
    marks: tuple[int, int, int, int] | tuple[()]
    """Number on its disk, size, and the times (ns) of the last change of its bytes and of its
    facts; none of a link, which tells nothing of what it leads to."""
    at: int
    """When that was, in nanoseconds since 1970."""

    def is_that_of(self, path: str) -> bool:
        """Whether the file at a path is sure to be the same, without a byte of it being read."""
        marks = _marks(path)
        return marks is not None and marks == self.marks and max(marks[2:]) < self.at - _SETTLED


@dataclass(slots=True)
class Look:
    """One look at all files."""

    before: Mapping[str, Seen] = field(default_factory=dict)
    """Files as they were read before, by their names."""
    seen: dict[str, Seen] = field(default_factory=dict)
    """Files as they are now."""
    places: dict[str, int] = field(default_factory=dict)
    """For each file the number of its place on the list."""
    folders: list[Path] = field(default_factory=list)
    """Folders that may tell who the authors of a blog are."""

    def same(self, name: str, path: str) -> SourceFile | None:
        """The file, where it is sure to be as it was."""
        before = self.before.get(name)
        if before is None or not before.is_that_of(path):
            return None
        self.seen[name] = before
        return SourceFile(name, path, before.sha256)

    @property
    def touched(self) -> bool:
        """Whether the disk tells something else of a file than it did."""
        return any(
            name in self.before and self.before[name].marks != one.marks
            for name, one in self.seen.items()
        )

    def note(self, file: SourceFile, marks: tuple[int, int, int, int] | None, at: int) -> None:
        """Notes a file that has been read, with what was known of it before that."""
        self.seen[file.name] = Seen(file.sha256, marks or (), at)


def _marks(path: str) -> tuple[int, int, int, int] | None:
    """What tells a file from another; None where it is no file, or a link to one."""
    try:
        told = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(told.st_mode):
        return None
    return told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns


def walk(settings: Settings, look: Look | None = None) -> Iterator[Found | Skipped]:
    """Each file of the list with its bytes, or the reason why it is left out, place by place."""
    look = look or Look()
    known: set[str] = set()
    places = read_list(settings).all(settings)
    for number, place in enumerate(places):
        if not place.name:
            require_folder(settings, alone=len(places) == 1)
        for found in _of_place(settings, place, look):
            name = found.name if isinstance(found, Skipped) else found[0].name
            if name in known and not isinstance(found, Skipped):
                found = Skipped(name, "another source has that name")
            known.add(name)
            look.places.setdefault(name, number)
            yield found


def _looked_at(settings: Settings, root: Path, name: str, path: str, look: Look) -> Found | Skipped:
    """A file, read unless it is sure to be as it was."""
    same = look.same(name, path)
    if same is not None:
        return same, None
    marks, now = _marks(path), time.time_ns()
    found = _file(settings, root, name, Path(path))
    if not isinstance(found, Skipped):
        look.note(found[0], marks, now)
    return found


def _of_place(settings: Settings, place: Root, look: Look) -> Iterator[Found | Skipped]:
    path = place.path.resolve() if not place.name else place.path
    if place.name and path.is_file():
        look.folders.append(path.parent)
        yield _looked_at(settings, path.parent, place.name, str(path), look)
        return
    if not path.is_dir():
        if place.name:
            yield Skipped(place.name, f"{path} is not there", out_of_reach=True)
        return
    assets = 0
    none: Counter[str] = Counter()
    candidates = list(_candidates(path, place.name, settings.embeddings.resolve(), look))
    roots = blog_roots(name for name, _ in candidates)
    for name, found in candidates:
        if isinstance(found, Skipped):
            yield found
        elif (reason := no_post(name, roots)) is not None:
            none[reason] += 1
        elif name not in look.before and kind_of(name) is FileKind.ASSET:
            assets += 1
        else:
            yield _looked_at(settings, path, name, found, look)
    for reason, count in none.items():
        yield Skipped(place.shown, f"{count:,} files, each {reason}" if count > 1 else reason)
    if assets:
        reason = f"{assets:,} pictures, styles and other files that hold no posts"
        yield Skipped(place.shown, reason)


def _file(settings: Settings, root: Path, name: str, path: Path) -> Found | Skipped:
    try:
        _check_kind(root, path)
        kind = kind_of(path.name, _head(path))
        if kind in CONTAINERS:
            _check_size(path, MOST_ARCHIVE_BYTES)
            return SourceFile(name, path, sha256_of(path)), b""
        if kind in (FileKind.OTHER, FileKind.ASSET):
            raise UnusableError(not_read(name))
        data = _read_bytes(path, settings.max_source_bytes, MOST_EXPORT_BYTES, kind)
        if kind in _TEXTS:
            decode_text(data)
    except UnreadableError as error:
        return Skipped(name, str(error), out_of_reach=True)
    except UnusableError as error:
        return Skipped(name, str(error))
    except OSError as error:
        return Skipped(name, f"cannot be read: {_why(error)}", out_of_reach=True)
    except Exception as error:  # one file stops no other
        return Skipped(name, reason_of(error))
    return SourceFile(name, path, hashlib.sha256(data).hexdigest()), data


def require_sources(settings: Settings, files: list[SourceFile], skipped: list[Skipped]) -> None:
    """Raise SeedsError, with the skips in short, where there is no source at all."""
    if files:
        return
    shown = "; ".join(f"{skip.name}: {skip.reason}" for skip in skipped[:_SHOWN_SKIPS])
    more = len(skipped) - _SHOWN_SKIPS
    rest = f"; and {more} more" if more > 0 else ""
    left_out = f" Left out: {shown}{rest}." if shown else ""
    places = read_list(settings).all(settings)
    where = " or ".join(str(place.path) for place in places[:_SHOWN_SKIPS]) or "the list of sources"
    raise SeedsError(
        f"There is no page to read in {where}.{left_out}",
        remedy="Run `askscwru index FILE` with an export, a feed, a saved page or a folder of them,"
        " or name a folder with --seeds.",
        param="seeds",
    )


class UnusableError(Exception):
    """Why one file cannot be a source; it becomes a skip, and never leaves the package."""


class UnreadableError(UnusableError):
    """A file that cannot be reached; it may be as good as ever."""


def require_folder(settings: Settings, *, alone: bool = True) -> Path:
    """The seeds folder without links in its path; ``SeedsError`` where it is none to read.

    Args:
        settings: say where it is.
        alone: whether it is the only source; one that is not there is no fault beside others.
    """
    remedy = (
        "Run `askscwru index FILE` with an export, a feed, a saved page or a folder of them, or"
        " name the folder of your pages with --seeds or ASKSCWRU_SEEDS."
    )
    try:
        root = settings.seeds.resolve()
        if not root.exists():
            if not alone:
                return root
            raise SeedsError(f"There is no folder {settings.seeds}.", remedy=remedy, param="seeds")
        if not root.is_dir():
            raise SeedsError(f"{settings.seeds} is not a folder.", remedy=remedy, param="seeds")
        os.scandir(root).close()
    except (OSError, RuntimeError, ValueError) as error:
        raise SeedsError(
            f"The folder {settings.seeds} cannot be read: {_why(error)}.",
            remedy="Give yourself the right to read it, or name another folder with --seeds.",
            param="seeds",
        ) from error
    return root


def _candidates(
    root: Path, prefix: str, index: Path, look: Look
) -> Iterator[tuple[str, str | Skipped]]:
    """Everything that may be a source, or is a skip already, in the order of the names.

    The folder of the index may lie among the sources; it is none of them.
    """
    found: list[tuple[str, str | Skipped]] = []

    def unreadable(error: OSError) -> None:
        name = _name(root, Path(error.filename), prefix)
        reason = f"the folder cannot be read: {_why(error)}"
        found.append((name, Skipped(name, reason, out_of_reach=True)))

    for folder, folders, names in os.walk(root, onerror=unreadable):
        here = Path(folder)
        if not _TELLING_FILES.isdisjoint(names) or not _TELLING_FOLDERS.isdisjoint(folders):
            look.folders.append(here)
        base = "" if here == root and not prefix else f"{_name(root, here, prefix)}/"
        # What links to a folder is not followed, so that no ring of links can catch the walk.
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = [
            name
            for name in folders
            if not _hidden(name) and name not in links and here / name != index
        ]
        found += [
            (base + _printable(name), os.path.join(folder, name))  # noqa: PTH118 (a fifth of the time)
            for name in (*names, *links)
            if not _hidden(name) and not _stands_beside(name)
        ]
    yield from sorted(found, key=lambda pair: pair[0])


def _hidden(name: str) -> bool:
    return name.startswith(".")


def _stands_beside(name: str) -> bool:
    """Whether the file tells of the seeds and is none of them."""
    return name == MANIFEST_NAME or _BESIDE.match(name) is not None


def _name(root: Path, path: Path, prefix: str) -> str:
    name = path.relative_to(root).as_posix()
    if prefix:
        name = prefix if name == "." else f"{prefix}/{name}"
    return _printable(name)


def _printable(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _check_kind(root: Path, path: Path) -> None:
    try:
        os.fspath(path).encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnusableError("its name is not UTF-8") from error
    try:
        if path.is_symlink():
            if not path.resolve(strict=True).is_relative_to(root):
                raise UnusableError("a symbolic link that leaves the folder")
            if path.is_dir():
                raise UnusableError("a symbolic link to a folder")
        # A named pipe would keep the reader waiting for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnusableError("not a regular file")
    except FileNotFoundError as error:
        raise UnreadableError("a symbolic link to nothing") from error
    except (OSError, RuntimeError) as error:
        raise UnreadableError(f"cannot be read: {_why(error)}") from error


def _path_of(settings: Settings, name: str) -> Path | None:
    """The path of a text file by its source's name, or None where the name leads to none."""
    for place in read_list(settings).all(settings):
        if place.name == name and place.path.is_file():
            return place.path
        if place.name and not name.startswith(f"{place.name}/"):
            continue
        root = place.path if place.name else require_folder(settings, alone=False)
        found = _inside(root, name[len(place.name) + 1 :] if place.name else name)
        if found is not None:
            return found
    return None


def _inside(root: Path, name: str) -> Path | None:
    """The path of a text file under a folder, or None where the name leads to none in it."""
    parts = name.split("/")
    if not name or "\0" in name or "\\" in name or any(part in ("", ".", "..") for part in parts):
        return None
    if any(_hidden(part) for part in parts) or _stands_beside(parts[-1]):
        return None
    path = root.joinpath(*parts)
    try:
        _check_kind(root, path)
        if kind_of(name) not in _TEXTS:
            return None
        return path if path.resolve(strict=True).is_relative_to(root) else None
    except (UnusableError, OSError, RuntimeError):
        return None


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)


def _check_size(path: Path, most: int) -> None:
    if (size := path.stat().st_size) > most:
        raise UnusableError(f"larger than {most:,} bytes (it has {size:,})")


def _read_bytes(
    path: Path, most: int, most_export: int = 0, kind: FileKind = FileKind.TEXT
) -> bytes:
    setting = "; ASKSCWRU_MAX_SOURCE_BYTES"
    if kind in _EXPORTS and most_export > most:
        most, setting = most_export, ""
    try:
        size = path.stat().st_size
        if size <= most:
            with path.open("rb") as file:
                # One byte more than allowed tells that the file has grown since it was measured.
                data = file.read(most + 1)
            size = len(data)
    except OSError as error:
        raise UnreadableError(f"cannot be read: {_why(error)}") from error
    if size > most:
        raise UnusableError(f"larger than {most:,} bytes (it has {size:,}{setting})")
    return data


def decode_text(data: bytes) -> str:
    """The text of a text file; ``UnusableError`` where it is binary or empty."""
    if not data:
        raise UnusableError("empty: it has no bytes")
    text = decode_saved(data)
    if "\0" in text:
        raise UnusableError("binary: it holds NUL bytes")
    if "\x1b" in text:
        raise UnusableError("binary: it holds escape characters, which a terminal would obey")
    controls = sum(1 for _ in _CONTROLS.finditer(text))
    if controls * 1000 > len(text) * _CONTROLS_PER_THOUSAND:
        raise UnusableError("binary: it holds control characters")
    if not text.strip(_INVISIBLE).strip():
        raise UnusableError("empty: it holds only white space")
    return text


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
