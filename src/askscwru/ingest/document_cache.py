"""Files that were read before, found again by the hash of their bytes."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from askscwru.ingest.found import Document, Skipped, SourceFile
from askscwru.throwaway import Throwaway

_READ = TypeAdapter(list[Document | Skipped])


def packed(read: list[Document | Skipped]) -> bytes | None:
    """What a file was read as, for the cache; None where it cannot be written as JSON."""
    try:
        return zlib.compress(_READ.dump_json(read), 1)
    except ValueError:
        return None


class DocumentCache(Throwaway):
    """What each file was read as."""

    TABLES = ("CREATE TABLE IF NOT EXISTS documents (key BLOB PRIMARY KEY, read)",)
    PROBE = "SELECT key, read FROM documents LIMIT 1"

    def __init__(self, path: Path, code: str) -> None:
        """Opens the file, or makes it.

        Args:
            path: of the file.
            code: hash of the program and the settings that shape what is read.

        Raises:
            StorageError: it cannot be written.
        """
        super().__init__(path)
        self._code = code
        self._used: set[bytes] = set()

    def has(self, file: SourceFile, kind: str) -> bool:
        """Whether there is anything for the file; only ``get`` tells whether it can be read."""
        try:
            return bool(
                self._connection.execute(
                    "SELECT 1 FROM documents WHERE key = ?", (self.key(file, kind),)
                ).fetchone()
            )
        except sqlite3.Error:
            return False

    def get(self, file: SourceFile, kind: str) -> list[Document | Skipped] | None:
        """What the file was read as; None where it, its name or its kind is new."""
        return self.read(self.key(file, kind))

    def read(self, key: bytes) -> list[Document | Skipped] | None:
        """What the file of a key was read as; None where it is not kept."""
        try:
            found = self._connection.execute(
                "SELECT read FROM documents WHERE key = ?", (key,)
            ).fetchone()
            if found is None:
                return None
            self._used.add(key)
            return _READ.validate_json(zlib.decompress(found[0]))
        except (sqlite3.Error, zlib.error, ValidationError, TypeError):
            return None

    def put(self, file: SourceFile, kind: str, read: list[Document | Skipped]) -> None:
        """Keep what a file was read as; it is on the disk when this returns.

        What cannot be written as JSON (half a surrogate pair) is read anew the next time.
        """
        found = packed(read)
        if found is None:
            self._used.add(self.key(file, kind))
        else:
            self.put_packed(file, kind, found)

    def put_packed(self, file: SourceFile, kind: str, read: bytes) -> None:
        """Keep what a file was read as, as ``packed`` gives it; as ``put`` does."""
        key = self.key(file, kind)
        self._used.add(key)
        with self.changing():
            self._connection.execute("INSERT OR REPLACE INTO documents VALUES (?, ?)", (key, read))
            self._connection.commit()

    def prune(self) -> None:
        """Forget every file that was not asked for since this was opened."""
        with self.changing():
            keys = [key for (key,) in self._connection.execute("SELECT key FROM documents")]
            gone = [(key,) for key in keys if key not in self._used]
            self._connection.executemany("DELETE FROM documents WHERE key = ?", gone)
            self._connection.commit()

    def key(self, file: SourceFile, kind: str) -> bytes:
        """By which a file is found again."""
        told = f"{self._code}\0{file.name}\0{file.path.name}\0{kind}\0{file.sha256}"
        return hashlib.sha256(told.encode("utf-8", "replace")).digest()
