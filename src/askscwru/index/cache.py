"""Vectors that were made before, found again by the content of their text."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from askscwru.files import writing
from askscwru.index.encoder import Vectors
from askscwru.throwaway import Throwaway

_AT_ONCE = 500  # SQLite's oldest limit on parameters is 999
_UNIT = 1e-3  # how far from 1 the length of a vector may be before it is taken for damaged

Encode = Callable[[Sequence[str]], Vectors]


class VectorCache(Throwaway):
    """Unit vectors, keyed by the hash of fingerprint and text."""

    TABLES = (
        "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector)",
        "CREATE TEMP TABLE used (key BLOB PRIMARY KEY) WITHOUT ROWID",
    )
    PROBE = "SELECT key, vector FROM vectors LIMIT 1"

    def __init__(self, path: Path, fingerprint: str, dimension: int) -> None:
        """Opens the file, or makes it.

        Raises:
            StorageError: it cannot be written.
        """
        super().__init__(path)
        self.encoded = 0
        """How many texts have been encoded because they were not there."""
        self._fingerprint = fingerprint
        self._dimension = dimension

    @property
    def reused(self) -> int:
        """How many different texts were found, rather than encoded."""
        return max(0, self._used() - self.encoded)

    def vectors(self, texts: Sequence[str], encode: Encode) -> Vectors:
        """The vectors of the texts: those that are known, and the rest from ``encode``.

        What was encoded is on the disk when this returns, so that a build that is stopped goes on
        from there.

        Returns:
            float32 of shape (len(texts), dimension).

        Raises:
            StorageError: the file cannot be written, or the disk is full.
        """
        keys = [self._key(text) for text in texts]
        with writing(self.path.parent):
            known = self._known(list(dict.fromkeys(keys)))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            made = encode(list(missing.values()))
            known.update(zip(missing, made, strict=True))
            self._insert({key: known[key] for key in missing})
        with self.changing():
            self._connection.executemany(
                "INSERT OR IGNORE INTO used VALUES (?)", ((key,) for key in keys)
            )
            self._connection.commit()
        found: Vectors = np.array([known[key] for key in keys], dtype=np.float32)
        return found.reshape(len(keys), self._dimension)

    def missing(self, texts: Sequence[str]) -> dict[bytes, str]:
        """Those of the texts whose vectors are not there, each once, by their keys."""
        keyed = {self._key(text): text for text in texts}
        with writing(self.path.parent):
            known = self._known(list(keyed))
        return {key: text for key, text in keyed.items() if key not in known}

    def put(self, made: Mapping[bytes, Vectors]) -> None:
        """Keeps vectors by the keys that ``missing`` gave; they are on the disk when this returns.

        Raises:
            StorageError: the file cannot be written, or the disk is full.
        """
        self._insert(made)
        with self.changing():
            self._connection.commit()

    def _insert(self, made: Mapping[bytes, Vectors]) -> None:
        with self.changing():
            self._connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                ((key, vector.astype("<f4").tobytes()) for key, vector in made.items()),
            )
        self.encoded += len(made)

    def keep(self, texts: Sequence[str]) -> None:
        """Counts texts as used whose vectors are known from elsewhere."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO used VALUES (?)", ((self._key(text),) for text in texts)
        )

    def prune(self) -> None:
        """Forgets every vector that was not asked for since the file was opened."""
        with self.changing():
            self._connection.execute("DELETE FROM vectors WHERE key NOT IN (SELECT key FROM used)")
            self._connection.commit()

    def _used(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM used").fetchone()[0])

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._fingerprint}\0{text}".encode("utf-8", "replace")).digest()

    def _known(self, keys: list[bytes]) -> dict[bytes, Vectors]:
        try:
            return self._find(keys)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:  # a page in the middle of the file is damaged
            self._connection.close()
            self._connection = self._begin_anew()
            return {}

    def _find(self, keys: list[bytes]) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            rows = self._connection.execute(
                f"SELECT key, vector FROM vectors WHERE key IN ({marks})",  # noqa: S608
                some,
            )
            for key, blob in rows:
                if isinstance(blob, bytes) and len(blob) == 4 * self._dimension:
                    vector = np.frombuffer(blob, dtype="<f4").astype(np.float32)
                    if abs(float(np.linalg.norm(vector)) - 1) < _UNIT:
                        found[key] = vector
        return found
