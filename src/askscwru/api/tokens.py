"""Bearer tokens: several, named, kept as hashes in one small file.

A token is 256 random bits, so a plain SHA-256 of it cannot be guessed back and needs no salt or
slow hash; what is kept lets nobody in. The file is read again when it changes, so that a token
added or removed counts at once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import re
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock

from askscwru.errors import NotFoundError, StorageError, UsageError
from askscwru.files import write_whole, writing

log = logging.getLogger("askscwru.tokens")

FILE = "tokens.json"
PREFIX = "askscwru_"
"""How every token begins, so that one that leaks can be found by those who look for secrets."""
_LOCK_SECONDS = 10.0
"""How long a change waits for another process to finish its own."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token."""

    name: str
    sha256: str
    """Of the token, in hexadecimal."""
    created_at: str
    """ISO date and time, in UTC."""


class KeptTokens(Protocol):
    """Tokens, wherever they are kept; safe to use from many threads."""

    def all(self) -> tuple[Token, ...]:
        """Every token, by name."""
        ...

    def add(self, name: str) -> str:
        """Makes a token and returns it: the only time that anybody sees it."""
        ...

    def remove(self, name: str) -> None:
        """Takes a token away."""
        ...

    def refresh(self) -> bool:
        """Takes up what has changed, without waiting for anybody; whether there is any token."""
        ...

    def name_of(self, presented: str) -> str | None:
        """The name of a token that a client sent, or None where nobody knows it."""
        ...

    def close(self) -> None:
        """Lets go of files and connections."""
        ...


class Tokens:
    """The tokens of one file; safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._signature: tuple[int, int, int] | None = None
        self._known: tuple[Token, ...] = ()

    def all(self) -> tuple[Token, ...]:
        """Every token, by name.

        Raises:
            StorageError: the file cannot be read, or is not one of ours.
        """
        return tuple(sorted(self._read(), key=lambda token: token.name))

    def add(self, name: str) -> str:
        """Makes a token and returns it: the only time that anybody sees it.

        Raises:
            UsageError: the name is taken or of the wrong form.
            StorageError: it cannot be kept.
        """
        token = new_token(name)
        with self._alone():
            known = self._read()
            if any(other.name == name for other in known):
                raise taken(name)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            self._write((*known, Token(name, hash_of(token), now)))
        return token

    def remove(self, name: str) -> None:
        """Takes a token away; whoever uses it is refused from the next request on.

        Raises:
            NotFoundError: there is none of that name.
            StorageError: the file cannot be written.
        """
        if all(token.name != name for token in self._read()):
            raise unknown_token(name)
        with self._alone():
            self._write(tuple(token for token in self._read() if token.name != name))

    def refresh(self) -> bool:
        """Reads the file again if it has changed; returns whether there is any token.

        When it cannot be read, the tokens that were known go on counting.
        """
        signature = self._stat()
        if signature != self._signature:
            try:
                self._known = self._read()
            except StorageError as error:
                log.error("tokens not read again", extra={"fault": str(error)})
            self._signature = signature
        return bool(self._known)

    def name_of(self, presented: str) -> str | None:
        """The name of a token that a client sent, or None where nobody knows it.

        Every kept hash is compared, in constant time, whichever of them matches.
        """
        self.refresh()
        return matching(self._known, presented)

    def close(self) -> None:
        """Nothing is held open."""

    # -- rungs -----------------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps other processes from changing the file."""
        lock = FileLock(f"{self.path}.lock", timeout=_LOCK_SECONDS, mode=0o600)
        with writing(self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _read(self) -> tuple[Token, ...]:
        try:
            kept: Any = json.loads(self.path.read_text(encoding="utf-8"))
            return tuple(Token(t["name"], t["sha256"], t["created_at"]) for t in kept["tokens"])
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StorageError(
                f"The tokens in {self.path} cannot be read: {error}.",
                remedy="Mend the file, or remove it and add the tokens anew.",
            ) from error

    def _write(self, tokens: tuple[Token, ...]) -> None:
        kept = {"format": 1, "tokens": [_as_dict(token) for token in tokens]}
        with writing(self.path.parent):
            before = os.umask(0o077)  # nobody else may read even the hashes
            try:
                write_whole(self.path, (json.dumps(kept, indent=2) + "\n").encode())
            finally:
                os.umask(before)

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size


def new_token(name: str) -> str:
    """A token for somebody; raises ``UsageError`` where the name is of the wrong form."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot name a token.",
            remedy="Use up to 64 letters, digits, dots, dashes and underscores.",
            param="name",
        )
    return PREFIX + secrets.token_urlsafe(32)


def taken(name: str) -> UsageError:
    """What is raised where a token of that name is there already."""
    return UsageError(
        f"There is a token {name!r} already.",
        remedy=f"Remove it first: askscwru token remove {name}",
        param="name",
    )


def unknown_token(name: str) -> NotFoundError:
    """What is raised where there is no token of that name."""
    return NotFoundError(f"There is no token {name!r}.", remedy="List them: askscwru token list")


def matching(known: Sequence[Token], presented: str) -> str | None:
    """The name of the token that was presented: all are compared, each in constant time."""
    digest = hash_of(presented)
    found: str | None = None
    for token in known:
        if hmac.compare_digest(digest, token.sha256):
            found = token.name
    return found


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _as_dict(token: Token) -> dict[str, str]:
    return {"name": token.name, "sha256": token.sha256, "created_at": token.created_at}


def manage(tokens: KeptTokens, action: str, name: str | None) -> list[str]:
    """Does what ``askscwru token`` was asked to, and returns the lines to print.

    Raises:
        UsageError, NotFoundError, StorageError: as the methods of ``Tokens``.
    """
    if action == "list":
        listed = [f"{token.name}\t{token.created_at}" for token in tokens.all()]
        return listed or ["There is no token."]
    if name is None:
        raise UsageError("The token has no name.", remedy=f"askscwru token {action} NAME")
    if action == "remove":
        tokens.remove(name)
        return [f"Removed {name}; it is refused from now on."]
    return [tokens.add(name)]
