"""Files that survive a crash: hashed, flushed, swapped in whole; and the errors of a disk, named.

Everything under ``embeddings/`` is written aside, flushed to the disk and then renamed into place,
so that a reader, or the next run after a ``kill -9``, finds a file either whole or not at all.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from askscwru.errors import AskscwruError, StorageError

TEMPORARY = ".tmp-"
"""The beginning of the name of everything that is not finished; the next build removes it."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SQLITE_PRIMARY = 0xFF  # the low byte of an extended SQLite error code is its primary code


def storage_error(folder: Path, reason: str, number: int | None = None) -> StorageError:
    """The failure to write to ``folder``, with the remedy that fits the system's error number."""
    if number in _FULL:
        remedy = "Free some space on that disk, or choose another folder with --embeddings."
    elif number in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
        remedy = "Move what is in its way, or choose another folder with --embeddings."
    else:
        remedy = "Make the folder writable, or choose another with --embeddings."
    return StorageError(f"Cannot write to {folder}: {reason.rstrip('.')}.", remedy=remedy)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns the system's and SQLite's failures to write inside ``folder`` into ``StorageError``."""
    try:
        yield
    except OSError as error:
        raise storage_error(folder, error.strerror or str(error), error.errno) from error
    except sqlite3.Error as error:
        primary = getattr(error, "sqlite_errorcode", 0) & _SQLITE_PRIMARY
        number = errno.ENOSPC if primary == sqlite3.SQLITE_FULL else None
        raise storage_error(folder, str(error), number) from error


@contextmanager
def leaving_nothing(folder: Path, *made: str) -> Iterator[None]:
    """Takes away a folder that a failure would leave behind: it was not there before.

    Only what is named is removed, and folders that are empty then; what another process put there
    meanwhile stays, and so does a folder that was there already.

    Args:
        folder: may or may not be there.
        made: names in it of files that may be removed.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        yield
    except AskscwruError:
        if missing:
            for name in made:
                with suppress(OSError):
                    (folder / name).unlink()
            for path in (*sorted(folder.rglob("*"), reverse=True), *missing):
                with suppress(OSError):  # what is no folder, or not empty, stays
                    path.rmdir()
        raise


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal; ``OSError`` when it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush(path: Path) -> None:
    """Makes sure that a file, or a folder's list of names, is on the disk and not only in memory.

    Windows cannot flush a folder and does not need to.
    """
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def flush_tree(folder: Path) -> None:
    """Flushes every file and folder under ``folder``, itself last."""
    for path in sorted(folder.rglob("*"), reverse=True):
        flush(path)
    flush(folder)


def write_whole(path: Path, data: bytes) -> None:
    """Replaces a file in one step: it holds the old bytes or the new ones, whatever happens."""
    aside = path.with_name(f"{TEMPORARY}{path.name}-{os.getpid()}")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    flush(path.parent)


def write_new(path: Path, data: bytes) -> None:
    """Writes a file that is not there yet, whole or not at all.

    Raises:
        FileExistsError: something of that name is there; it is left as it is.
        OSError: it cannot be written; nothing is left behind.
    """
    if path.exists() or path.is_symlink():
        raise FileExistsError(errno.EEXIST, "It is there already", str(path))
    aside = path.with_name(f"{TEMPORARY}{path.name[:100]}-{os.getpid()}")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _name_new(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    flush(path.parent)


def link(path: Path, to: Path) -> None:
    """Gives a file that never changes a second name, or copies it where the disk knows no links.

    Raises:
        OSError: neither can be done.
    """
    try:
        to.hardlink_to(path)
    except FileExistsError:
        raise
    except OSError:
        shutil.copyfile(path, to)


def _name_new(aside: Path, path: Path) -> None:
    """Gives a finished file its name, unless another process was quicker to take it."""
    try:
        path.hardlink_to(aside)
    except FileExistsError:
        raise
    except OSError:  # some file systems know no hard links
        aside.rename(path)


def remove(path: Path) -> None:
    """Removes a file or a folder with all that is in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Removes what a killed run left unfinished directly in ``folder``."""
    if folder.is_dir():
        for path in folder.glob(f"{TEMPORARY}*"):
            remove(path)
