"""The seeds folder to the texts of its sources, with a named reason for every file left out."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from askscwru.errors import NotFoundError, SeedsError, SourceError
from askscwru.settings import Settings

MANIFEST_NAME = "manifest.toml"

_SUFFIXES = frozenset({".txt", ".md"})
_BESIDE = re.compile(r"(?:readme|licen[sc]e)(?:\W|$)", re.IGNORECASE)
_INVISIBLE = "\ufeff\u200b\u200e\u200f"
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")
_CONTROLS_PER_THOUSAND = 1
_SHOWN_SKIPS = 5


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the seeds folder that was left out, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that can be read as a source."""

    name: str
    """Path under the seeds folder, with ``/`` between folders."""
    path: Path
    sha256: str
    """Of the file's bytes, in hexadecimal."""


def list_sources(settings: Settings) -> tuple[list[SourceFile], list[Skipped]]:
    """Every source of the seeds folder with its hash, and what is left out.

    Each file is read and decoded but not ingested: this is what tells whether anything changed.

    Raises:
        SeedsError: there is no such folder, it cannot be read, or it holds no usable source.
    """
    files: list[SourceFile] = []
    skipped: list[Skipped] = []
    for found in walk(settings):
        if isinstance(found, Skipped):
            skipped.append(found)
        else:
            files.append(found[0])
    require_sources(settings, files, skipped)
    return files, skipped


def read_source(settings: Settings, name: str) -> str:
    """The text of one source, newlines untouched.

    Raises:
        NotFoundError: no such source lies in the seeds folder.
        SourceError: it is there, but cannot be read as text.
    """
    path = _inside(settings, name)
    if path is None:
        raise NotFoundError(f"There is no source {name!r} in {settings.seeds}.", param="source")
    try:
        return _decode(_read_bytes(path, settings.max_source_bytes))
    except _UnusableError as error:
        raise SourceError(
            f"The source {name} cannot be read: {error}.", remedy="Mend the file, or remove it."
        ) from error


def walk(settings: Settings) -> Iterator[tuple[SourceFile, str] | Skipped]:
    """Each source with its text, or the reason why it is left out, in the order of the names."""
    root = require_folder(settings)
    for name, path in _candidates(root):
        if isinstance(path, Skipped):
            yield path
            continue
        try:
            _check_kind(root, path)
            data = _read_bytes(path, settings.max_source_bytes)
            text = _decode(data)
        except _UnusableError as error:
            yield Skipped(name, str(error))
            continue
        yield SourceFile(name, path, hashlib.sha256(data).hexdigest()), text


def require_sources(settings: Settings, files: list[SourceFile], skipped: list[Skipped]) -> None:
    """Raise SeedsError, with the skips in short, where there is no source at all."""
    if files:
        return
    shown = "; ".join(f"{skip.name}: {skip.reason}" for skip in skipped[:_SHOWN_SKIPS])
    more = len(skipped) - _SHOWN_SKIPS
    rest = f"; and {more} more" if more > 0 else ""
    left_out = f" Left out: {shown}{rest}." if shown else ""
    raise SeedsError(
        f"There is no page to read in {settings.seeds}.{left_out}",
        remedy="Put saved pages there (.txt or .md, in UTF-8), or name another folder: --seeds.",
        param="seeds",
    )


class _UnusableError(Exception):
    """Why one file cannot be a source; never leaves this module."""


def require_folder(settings: Settings) -> Path:
    """The seeds folder without links in its path; ``SeedsError`` where it is none to read."""
    remedy = "Name the folder of your saved pages with --seeds or ASKSCWRU_SEEDS."
    try:
        root = settings.seeds.resolve()
        if not root.exists():
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


def _candidates(root: Path) -> Iterator[tuple[str, Path | Skipped]]:
    """Everything that may be a source, or is a skip already, in the order of the names."""
    found: list[tuple[str, Path | Skipped]] = []

    def unreadable(error: OSError) -> None:
        name = _name(root, Path(error.filename))
        found.append((name, Skipped(name, f"the folder cannot be read: {_why(error)}")))

    for folder, folders, names in os.walk(root, onerror=unreadable):
        # What links to a folder is not followed, so that no ring of links can catch the walk.
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders[:] = [name for name in folders if not _hidden(name) and name not in links]
        for name in (*names, *links):
            if not _hidden(name) and not _stands_beside(name):
                path = Path(folder) / name
                found.append((_name(root, path), path))
    yield from sorted(found, key=lambda pair: pair[0])


def _hidden(name: str) -> bool:
    return name.startswith(".")


def _stands_beside(name: str) -> bool:
    """Whether the file tells of the seeds and is none of them."""
    return name == MANIFEST_NAME or _BESIDE.match(name) is not None


def _name(root: Path, path: Path) -> str:
    name = path.relative_to(root).as_posix()
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _check_kind(root: Path, path: Path) -> None:
    try:
        os.fspath(path).encode("utf-8")
    except UnicodeEncodeError as error:
        raise _UnusableError("its name is not UTF-8") from error
    try:
        if path.is_symlink():
            if not path.resolve(strict=True).is_relative_to(root):
                raise _UnusableError("a symbolic link that leaves the folder")
            if path.is_dir():
                raise _UnusableError("a symbolic link to a folder")
        if path.suffix.lower() not in _SUFFIXES:
            raise _UnusableError("not a .txt or .md file")
        # A named pipe would keep the reader waiting for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _UnusableError("not a regular file")
    except FileNotFoundError as error:
        raise _UnusableError("a symbolic link to nothing") from error
    except (OSError, RuntimeError) as error:
        raise _UnusableError(f"cannot be read: {_why(error)}") from error


def _inside(settings: Settings, name: str) -> Path | None:
    """The path of a source by its name, or None where the name leads to no source."""
    root = require_folder(settings)
    parts = name.split("/")
    if not name or "\0" in name or "\\" in name or any(part in ("", ".", "..") for part in parts):
        return None
    if any(_hidden(part) for part in parts) or _stands_beside(parts[-1]):
        return None
    path = root.joinpath(*parts)
    try:
        _check_kind(root, path)
        return path if path.resolve(strict=True).is_relative_to(root) else None
    except (_UnusableError, OSError, RuntimeError):
        return None


def _read_bytes(path: Path, most: int) -> bytes:
    try:
        size = path.stat().st_size
        if size <= most:
            with path.open("rb") as file:
                # One byte more than allowed tells that the file has grown since it was measured.
                data = file.read(most + 1)
            size = len(data)
    except OSError as error:
        raise _UnusableError(f"cannot be read: {_why(error)}") from error
    if size > most:
        raise _UnusableError(
            f"larger than {most:,} bytes (it has {size:,}; ASKSCWRU_MAX_SOURCE_BYTES)"
        )
    return data


def _decode(data: bytes) -> str:
    if not data:
        raise _UnusableError("empty: it has no bytes")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _UnusableError("not UTF-8 but UTF-16: save it as UTF-8")
    if b"\0" in data:
        raise _UnusableError("binary: it holds NUL bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _UnusableError(
            f"not UTF-8: byte 0x{data[error.start]:02X} at position {error.start}"
        ) from error
    if "\x1b" in text:
        raise _UnusableError("binary: it holds escape characters, which a terminal would obey")
    controls = sum(1 for _ in _CONTROLS.finditer(text))
    if controls * 1000 > len(text) * _CONTROLS_PER_THOUSAND:
        raise _UnusableError("binary: it holds control characters")
    if not text.strip(_INVISIBLE).strip():
        raise _UnusableError("empty: it holds only white space")
    return text


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
