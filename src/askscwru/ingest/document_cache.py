"""Files that were read before, found again by the hash of their bytes.

A cache and no more: if its file is damaged it is begun anew, and nothing but time is lost.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from askscwru.files import remove, writing
from askscwru.ingest.found import Document, Skipped, SourceFile

_READ = TypeAdapter(list[Document | Skipped])


class DocumentCache:
    """One SQLite file of what each file was read as."""

    def __init__(self, path: Path, code: str) -> None:
        """Opens the file, or makes it.

        Args:
            path: of the file.
            code: hash of the program and the settings that shape what is read.

        Raises:
            StorageError: it cannot be written.
        """
        self.path = path
        self._code = code
        self._used: set[bytes] = set()
        with writing(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._connection = self._open()
            except sqlite3.DatabaseError:
                remove(path)
                self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path)
        try:
            connection.execute("CREATE TABLE IF NOT EXISTS documents (key BLOB PRIMARY KEY, read)")
            connection.execute("SELECT key, read FROM documents LIMIT 1").fetchall()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def get(self, file: SourceFile, kind: str) -> list[Document | Skipped] | None:
        """What the file was read as; None where it, its name or its kind is new."""
        key = self._key(file, kind)
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
        """Keep what a file was read as; it is on the disk when this returns."""
        key = self._key(file, kind)
        self._used.add(key)
        packed = zlib.compress(_READ.dump_json(read), 1)
        with writing(self.path.parent):
            self._connection.execute(
                "INSERT OR REPLACE INTO documents VALUES (?, ?)", (key, packed)
            )
            self._connection.commit()

    def prune(self) -> None:
        """Forget every file that was not asked for since this was opened."""
        with writing(self.path.parent):
            keys = [key for (key,) in self._connection.execute("SELECT key FROM documents")]
            gone = [(key,) for key in keys if key not in self._used]
            self._connection.executemany("DELETE FROM documents WHERE key = ?", gone)
            self._connection.commit()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _key(self, file: SourceFile, kind: str) -> bytes:
        told = f"{self._code}\0{file.name}\0{file.path.name}\0{kind}\0{file.sha256}"
        return hashlib.sha256(told.encode("utf-8", "replace")).digest()
