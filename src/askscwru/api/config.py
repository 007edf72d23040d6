"""How the service is run: addresses, tokens and limits, in one frozen record."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from askscwru.errors import UsageError

LOOPBACK = "127.0.0.1"
_PUBLIC = re.compile(
    r"https?://(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*/?"
)


def _threads() -> int:
    return max(2, min(8, os.cpu_count() or 2))


class Serving(BaseSettings):
    """Every choice of whoever runs the service.

    Each field can be set in the environment under its name with the prefix ``ASKSCWRU_``; lists are
    JSON (``ASKSCWRU_HOSTS='["ask.example.org"]'``).
    """

    model_config = SettingsConfigDict(env_prefix="ASKSCWRU_", frozen=True, extra="ignore")

    host: str = LOOPBACK
    """The address it listens on; one that strangers can reach needs a token."""
    port: int = Field(default=8000, ge=0, le=65535)
    """0 for any that is free."""
    workers: int = Field(default=1, ge=1, le=64)
    """Processes that answer; they share the index by memory map."""
    tokens: Path | None = None
    """The file of hashed tokens; None for ``tokens.json`` in the embeddings folder, or for the
    database in which conversations are kept."""
    hosts: tuple[str, ...] = ()
    """The names that the service is called by, ``*.example.org`` for all under one. The loopback
    names and the address it listens on are always taken, and so are addresses in numbers where it
    listens beyond this machine."""
    cors: tuple[str, ...] = ()
    """The origins whose pages may call the service from a browser (``https://chat.example.org``)."""
    proxies: tuple[str, ...] = ()
    """Addresses of reverse proxies whose ``X-Forwarded-For``, ``-Proto``, ``-Host`` and ``-Prefix``
    are believed. Behind a proxy strangers reach the service, so that a token is needed."""
    public_url: str | None = None
    """The address under which clients reach it, with a path where it has one
    (``https://example.org/ask``): for every link. None for what the request itself says."""
    max_body: int = Field(default=1_000_000, ge=1_000)
    """Bytes of a request's body."""
    max_url: int = Field(default=14_336, ge=256)
    """Bytes of a path and its query: the longest name of a source fits, however it is encoded."""
    max_headers: int = Field(default=16_384, ge=1_024)
    """Bytes of a request's first line and headers together."""
    max_connections: int = Field(default=1_000, ge=1)
    """Connections held open at once, by one process."""
    rate: float = Field(default=10.0, ge=0.0)
    """Requests a second that one token, or one address without a token, may make over time; 0 for
    no limit. Each process counts for itself, unless replicas share a database."""
    burst: int = Field(default=60, ge=1)
    """How many of them may come at once."""
    answering: int = Field(default_factory=_threads, ge=1, le=64)
    """How many questions one process works on at once."""
    waiting: int = Field(default=128, ge=0)
    """How many more may wait for their turn; the next one is told to come again later."""
    deadline: float = Field(default=30.0, gt=0)
    """Seconds after which a request that is not answered is given up."""
    slow: float = Field(default=10.0, gt=0)
    """Seconds within which the headers, and again the body, of a request must have come."""
    keep_alive: float = Field(default=15.0, gt=0)
    """Seconds that a connection may be idle between two requests."""
    grace: float = Field(default=30.0, gt=0)
    """Seconds that a shutdown waits for what was accepted."""
    watch: float = Field(default=1.0, gt=0)
    """Seconds between two looks at whether a new index is there."""
    log_questions: bool = False
    """Whether questions are written into the log."""

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        """The address without a slash at its end; nothing but scheme, host, port and path."""
        if not value:
            return None
        if not _PUBLIC.fullmatch(value):
            raise ValueError("it is no address such as https://example.org/ask")
        return value.rstrip("/")

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the address."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's own."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def refuse_open_door(serving: Serving, has_token: bool) -> None:
    """Raises ``UsageError`` where strangers could ask without a token."""
    if has_token:
        return
    if serving.local and (serving.proxies or serving.public_url):
        raise UsageError(
            "It is to be reached through a proxy, and there is no token yet: whoever finds the "
            "address could read the posts and the conversations.",
            remedy="Run `askscwru token add NAME` first, or set neither ASKSCWRU_PROXIES nor "
            "ASKSCWRU_PUBLIC_URL.",
            param="proxies",
        )
    if serving.local:
        return
    raise UsageError(
        f"{serving.host} can be reached from other machines, and there is no token yet: whoever "
        "finds the port could read the posts and the conversations.",
        remedy="Run `askscwru token add NAME` first, or listen on 127.0.0.1.",
        param="host",
    )
