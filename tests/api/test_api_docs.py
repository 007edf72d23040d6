"""docs/http.md is run: its requests are made, and what it shows has the shape of what comes."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import httpx
import pytest

from askscwru.api.config import Serving
from conftest import ROOT
from serving import Site

PAGE = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
BASE = "http://127.0.0.1:8000"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def examples() -> list[tuple[str, str]]:
    """Each curl command with the JSON that is shown after it."""
    found = []
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            found.append((command, shown))
    return found


def curl(client: httpx.Client, command: str) -> httpx.Response:
    """Makes the request that a curl command would make."""
    name, *words = shlex.split(command)
    assert name == "curl"
    headers, url, body = {}, "", None
    while words:
        word = words.pop(0)
        if word == "-H":
            key, _, value = words.pop(0).partition(": ")
            headers[key] = value
        elif word == "-d":
            body = words.pop(0)
        elif word != "-s":
            url = word
    method = "GET" if body is None else "POST"
    path = url.removeprefix(BASE)
    return client.request(method, path, headers=headers, content=body)


def shape(value: Any) -> Any:
    """The names and types of a JSON value; a number is a number, and null may be anything."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value]
    if isinstance(value, bool) or value is None:
        return str(value)
    return "number" if isinstance(value, int | float) else type(value).__name__


@pytest.mark.parametrize(("command", "shown"), examples(), ids=lambda text: str(text)[:60])
def test_a_request_of_the_manual_gives_what_it_shows(
    client: httpx.Client, command: str, shown: str
) -> None:
    found = curl(client, command).json()
    assert shape(found) == shape(json.loads(shown))
    assert list(found) == list(json.loads(shown))


def test_there_are_requests_in_the_manual() -> None:
    assert len(examples()) == 4


@pytest.mark.parametrize("code", blocks("python"), ids=["openai", "mcp"])
def test_the_programs_of_the_manual_run(
    site: Site, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(compile(code.replace(BASE, site.url), "docs/http.md", "exec"), {"__name__": "docs"})
    assert "14,000 people" in capsys.readouterr().out


def test_every_setting_of_the_service_is_in_the_manual() -> None:
    named = set(re.findall(r"ASKSCWRU_([A-Z_]+)", PAGE))
    assert {name.upper() for name in Serving.model_fields} - named == set()


def test_every_route_is_in_the_manual(client: httpx.Client) -> None:
    for path in client.get("/openapi.json").json()["paths"]:
        assert path in PAGE, path


def test_the_links_of_the_manual_lead_somewhere() -> None:
    for link in re.findall(r"\]\((?!http)([^)#]+)", PAGE):
        assert (ROOT / "docs" / Path(link)).exists(), link
