"""A SQLite file that holds nothing but what can be made again.

If it is damaged it is begun anew, and nothing but time is lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from askscwru.files import remove, writing


class Throwaway:
    """A cache in one SQLite file, open for one build."""

    TABLES: tuple[str, ...] = ()
    """Statements that make what is not there yet."""
    PROBE = ""
    """A statement that fails where the file is not one of this kind."""

    def __init__(self, path: Path) -> None:
        """Opens the file, or makes it.

        Raises:
            StorageError: it cannot be written.
        """
        self.path = path
        with writing(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._connection = self._open()
            except sqlite3.DatabaseError:
                self._connection = self._begin_anew()

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Where the file turns out to be damaged it is begun anew, and what was changed not kept.

        Raises:
            StorageError: it cannot be written, or the disk is full.
        """
        with writing(self.path.parent):
            try:
                yield
            except sqlite3.DatabaseError as error:
                if type(error) is not sqlite3.DatabaseError:  # a full disk, say, is another matter
                    raise
                self._connection.close()
                self._connection = self._begin_anew()
                self.lost()

    def lost(self) -> None:
        """Called when what was kept is lost; does nothing where each part stands for itself."""

    def _begin_anew(self) -> sqlite3.Connection:
        for name in (self.path.name, f"{self.path.name}-journal"):
            remove(self.path.with_name(name))
        return self._open()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path)
        try:
            for statement in self.TABLES:
                connection.execute(statement)
            connection.execute(self.PROBE).fetchall()
            connection.commit()
        except sqlite3.Error:
            connection.close()
            raise
        return connection
