"""Addresses of databases and indexes, which nobody shows with the password in them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES = ("postgresql", "postgres")
MILVUS_PORT = 19530
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+):/{1,2}", re.IGNORECASE)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.%a-z]+\]|[^\[\]:]*)(?::(?P<port>[0-9]*))?")
_DATABASE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_SECRET = frozenset({"password", "sslpassword"})
_HIDDEN = "***"
_QUOTE_IT = (
    "in a user's name or password write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F and "
    "% as %25"
)


def is_address(text: str) -> bool:
    """Whether a text is meant as an address (``postgresql://…``) and not as a path."""
    return _ADDRESS.match(text) is not None


class _Address:
    """An address that is shown without the passwords in it; equal to one of its kind that is."""

    whole: str
    shown: str
    _secrets: list[str]

    def scrubbed(self, text: str) -> str:
        """``text`` without the passwords, wherever they stand in it."""
        text = text.replace(self.whole, self.shown)
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return text

    def __str__(self) -> str:
        return self.shown

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.shown!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and other.whole == self.whole

    def __hash__(self) -> int:
        return hash(self.whole)


class DatabaseAddress(_Address):
    """A PostgreSQL database as a URL, ``postgresql://user:password@host:port/name``.

    Its text is the address without password and options, so that printing or logging it gives
    nothing away; whoever connects asks for ``whole``.
    """

    def __init__(self, url: str) -> None:
        """Reads the address.

        Raises:
            ValueError: it is none. What was given is not repeated, for it may hold a password.
        """
        scheme, _, rest = url.strip().partition("://")
        if scheme.lower() not in SCHEMES or not rest:
            raise ValueError("it is no address such as postgresql://user:password@host/name")
        authority, _, tail = rest.partition("/")
        path, _, query = tail.partition("?")
        if "#" in rest or "@" in path or authority.count("@") > 1 or _BAD_ESCAPE.search(rest):
            raise ValueError(f"it cannot be taken apart: {_QUOTE_IT}")
        userinfo, _, hosts = authority.rpartition("@")
        if any(not self._is_host(host) for host in hosts.split(",")):
            raise ValueError(f"what should be host:port is not: {_QUOTE_IT}")
        if any("=" not in option for option in query.split("&") if option):
            raise ValueError("an option after the ? has no value: write & as %26")
        if any(c.isspace() or not c.isprintable() for c in rest):
            raise ValueError("it has a space or control character in it: write it as %20")
        self.whole = url.strip()
        """With the password: for connecting, and for nothing else."""
        user, _, password = userinfo.partition(":")
        named = f"{user}@" if user else ""
        self.shown = f"postgresql://{named}{hosts}/{path}"
        """Without password and options."""
        self.hosts = tuple(self._split(host) for host in hosts.split(","))
        """Host and port of each server that is named; empty where they are left out."""
        self.user = unquote(user)
        self.name = unquote(path)
        given = [value for key, value in parse_qsl(query) if key.lower() in _SECRET]
        told = {password, unquote(password), *given, *(_raw_secrets(query))}
        self._secrets = sorted((secret for secret in told if secret), key=len, reverse=True)

    @staticmethod
    def _is_host(host: str) -> bool:
        match = _HOST.fullmatch(unquote(host) if host.startswith("%2F") else host)
        return match is not None

    @staticmethod
    def _split(host: str) -> tuple[str, str]:
        found = _HOST.fullmatch(host)
        port = (found and found["port"]) or ""
        return unquote(host.removesuffix(f":{port}") if port else host.rstrip(":")), port


class MilvusAddress(_Address):
    """A Milvus server as a URL, ``http://user:password@host:19530/database``.

    Its text is the address without the password, as that of ``DatabaseAddress`` is.
    """

    def __init__(self, url: str) -> None:
        """Reads the address.

        Raises:
            ValueError: it is none. What was given is not repeated, for it may hold a password.
        """
        self.whole = url.strip()
        """With the password: for connecting, and for nothing else."""
        try:
            parts = urlsplit(self.whole)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise ValueError(f"what should be host:port is not: {_QUOTE_IT}") from None
        if parts.scheme not in {"http", "https"} or not host or _BAD_ESCAPE.search(self.whole):
            raise ValueError("it is no address such as http://host:19530")
        if parts.query or parts.fragment or parts.netloc.count("@") > 1:
            raise ValueError(f"it cannot be taken apart: {_QUOTE_IT}")
        if any(c.isspace() or not c.isprintable() for c in self.whole):
            raise ValueError("it has a space or control character in it: write it as %20")
        self.database = parts.path.strip("/")
        """Its name; empty for the one that every server has."""
        if self.database and _DATABASE.fullmatch(self.database) is None:
            raise ValueError(
                "a database's name begins with a letter or _ and has only letters, digits and _"
            )
        self.host, self.port = host, MILVUS_PORT if port is None else port
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        shown_host = f"[{host}]" if ":" in host else host
        self.server = f"{parts.scheme}://{shown_host}:{self.port}"
        """Without user and database: what a client connects to."""
        named = parts.username or ""
        place = f"/{self.database}" if self.database else ""
        self.shown = self.server.replace("//", f"//{named}@" if named else "//") + place
        """Without the password."""
        told = {parts.password or "", self.password}
        self._secrets = sorted((secret for secret in told if secret), key=len, reverse=True)


def _raw_secrets(query: str) -> list[str]:
    pairs = (option.partition("=") for option in query.split("&"))
    return [value for key, _, value in pairs if key.lower() in _SECRET]


def hidden(text: str) -> str:
    """``text`` as it may be shown of a setting that was refused: of an address, only its kind."""
    found = _ADDRESS.match(text)
    if found is None:
        return f"{_HIDDEN}@{text.rpartition('@')[2]}" if "@" in text else text
    return f"{found[1]}://{_HIDDEN}"
