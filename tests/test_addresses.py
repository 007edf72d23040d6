"""Addresses of databases: read as they are meant, and never shown with the password."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from askscwru.addresses import DatabaseAddress, MilvusAddress
from askscwru.api import serve as serve_module
from askscwru.api.config import Serving
from askscwru.cli import WRONG_USE, main
from askscwru.settings import Settings

SECRET = "s3cret"
URL = f"postgresql://ada%40home:{SECRET}%2F@one:5433,two/kept%20here?sslmode=require"


def test_an_address_is_taken_apart() -> None:
    address = Settings(conversations=URL).database  # type: ignore[arg-type]
    assert address is not None
    assert address.hosts == (("one", "5433"), ("two", ""))
    assert (address.user, address.name) == ("ada@home", "kept here")
    assert address.whole == URL
    assert DatabaseAddress("postgres://[::1]:5/x").hosts == (("[::1]", "5"),)
    assert DatabaseAddress("postgresql:///x").hosts == (("", ""),)


@pytest.mark.parametrize("query", ["", f"?password={SECRET}", f"?sslpassword={SECRET}%2F"])
def test_no_form_of_it_shows_the_password(query: str) -> None:
    address = DatabaseAddress(URL.partition("?")[0] + query)
    settings = Settings(conversations=address)
    shown = [
        *(str(address), repr(address), f"{address}", address.shown),
        *(str(settings), repr(settings), settings.model_dump_json()),
        str(settings.model_dump()),
        address.scrubbed(f"could not connect with {SECRET}/ or {SECRET}%2F to {address.whole}"),
    ]
    assert [text for text in shown if SECRET in text] == []


@pytest.mark.parametrize(
    "given",
    [
        f"postgresql://ada:{SECRET}@x@host/kept",
        f"postgresql://ada:{SECRET}/x@host/kept",
        f"postgresql://ada:{SECRET}#x@host/kept",
        f"postgresql://ada:{SECRET}%@host/kept",
        f"postgresql://ada:{SECRET} x@host/kept",
        f"postgresql://ada:x@host:{SECRET}/kept",
        f"postgresql://host/kept?password=a&{SECRET}",
        f"postgresql:/ada:{SECRET}@host/kept",
        f"mysql://ada:{SECRET}@host/kept",
        "postgresql://",
    ],
)
def test_what_cannot_be_an_address_is_refused_without_being_repeated(
    given: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValidationError) as told:
        Settings(conversations=given)  # type: ignore[arg-type]
    assert SECRET not in str(told.value)
    monkeypatch.setenv("ASKSCWRU_CONVERSATIONS", given)
    assert main(["posts"]) == WRONG_USE
    said = capsys.readouterr().err
    assert "ASKSCWRU_CONVERSATIONS" in said
    assert SECRET not in said


def test_a_path_stays_one() -> None:
    for path in ("kept.sqlite3", "/srv/kept.sqlite3", "C:/kept.sqlite3"):
        settings = Settings(conversations=path)  # type: ignore[arg-type]
        assert (settings.conversations_file, settings.database) == (Path(path), None)


def test_worker_processes_are_handed_the_whole_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    settings = Settings(conversations=URL)  # type: ignore[arg-type]
    with serve_module._environment(settings, Serving()):
        assert Settings().database == settings.database


# -- of an index -----------------------------------------------------------------------------------

SERVER = f"https://ada%40home:{SECRET}%2F@milvus.example.org:443/posts"


def test_the_address_of_a_server_is_taken_apart() -> None:
    address = Settings(index=SERVER).index  # type: ignore[arg-type]
    assert address is not None
    assert (address.host, address.port, address.database) == ("milvus.example.org", 443, "posts")
    assert (address.user, address.password) == ("ada@home", f"{SECRET}/")
    assert address.server == "https://milvus.example.org:443"
    assert str(MilvusAddress("http://[::1]/")) == "http://[::1]:19530"
    assert Settings(index="").index is None  # type: ignore[arg-type]
    assert Settings().index is None


def test_no_form_of_a_servers_address_shows_the_password() -> None:
    address = MilvusAddress(SERVER)
    settings = Settings(index=address)
    shown = [
        *(str(address), repr(address), f"{address}", address.shown, address.server),
        *(str(settings), repr(settings), settings.model_dump_json(), str(settings.model_dump())),
        address.scrubbed(f"could not connect with {SECRET}/ or {SECRET}%2F to {address.whole}"),
    ]
    assert [text for text in shown if SECRET in text] == []
    assert str(address) == "https://ada%40home@milvus.example.org:443/posts"


@pytest.mark.parametrize(
    "given",
    [
        f"milvus://ada:{SECRET}@host",
        f"http://ada:{SECRET}@x@host",
        f"http://ada:{SECRET}/x@host",
        f"http://ada:{SECRET}#x@host",
        f"http://ada:{SECRET}?x@host",
        f"http://ada:{SECRET}%@host",
        f"http://ada:{SECRET} x@host",
        f"http://ada:x@host:{SECRET}",
        f"ada:{SECRET}@host:19530",
        "http://host/a-b",
        "http://host:99999",
        "http://",
        "./posts.db",
    ],
)
def test_what_cannot_be_a_servers_address_is_refused_without_being_repeated(
    given: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings(index=given)  # type: ignore[arg-type]
    monkeypatch.setenv("ASKSCWRU_INDEX", given)
    assert main(["posts"]) == WRONG_USE
    assert SECRET not in str(raised.value) + capsys.readouterr().err
