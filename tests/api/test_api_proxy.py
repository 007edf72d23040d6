"""Behind a proxy: every link leads where the client can go; only named proxies are believed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from askscwru.api.config import Serving, refuse_open_door
from askscwru.api.tokens import Tokens
from askscwru.errors import UsageError
from serving import FACT, Site, serve

OUTSIDE = {
    "host": "127.0.0.1",
    "x-forwarded-host": "books.example.net",
    "x-forwarded-proto": "https",
    "x-forwarded-prefix": "/help/ask",
}
CHAT = {"model": "askscwru", "messages": [{"role": "user", "content": FACT}]}


@pytest.fixture
def token(tmp_path: Any) -> tuple[Tokens, dict[str, str]]:
    tokens = Tokens(tmp_path / "tokens.json")
    return tokens, {"authorization": f"Bearer {tokens.add('proxy')}"}


@pytest.mark.parametrize("named", ["forwarded", "public", "public, path kept"])
def test_links_lead_to_the_address_that_the_client_used(
    site: Site, token: tuple[Tokens, dict[str, str]], named: str
) -> None:
    tokens, headers = token
    choices: dict[str, Any] = {"tokens": tokens.path}
    path = ""
    if named == "forwarded":
        choices |= {"proxies": ("127.0.0.1",), "hosts": ("books.example.net",)}
        headers = {**headers, **OUTSIDE}
    else:
        choices["public_url"] = "https://books.example.net/help/ask/"
        headers = {**headers, "host": "books.example.net"}
        path = "/help/ask" if named.endswith("kept") else ""
    base = "https://books.example.net/help/ask"
    loaded: Any = site.service.live._load
    with (
        serve(loaded, site.service.store, site.service.settings, **choices) as own,
        own.client(headers=headers) as client,
    ):
        text = client.post(f"{path}/v1/chat/completions", json=CHAT).json()
        assert f": {base}/posts/" in text["choices"][0]["message"]["content"]
        document = client.get(f"{path}/openapi.json").json()
        assert document["servers"] == [{"url": base}]
        page = client.get(f"{path}/docs").text
        assert f"curl {base}/ask" in page
        linked = re.findall(r'href="([^"#]*openapi.json)"', page)
        assert linked
        assert all(link.startswith((base, "/help/ask/")) for link in linked)
        assert client.post(f"{path}/ask", json={"question": FACT}).status_code == 200
        assert client.get("/health", headers={"authorization": ""}).status_code == 200
        assert client.get(f"{path}/nothing").status_code == 404


def test_nobody_but_a_named_proxy_is_believed(site: Site) -> None:
    with site.client(headers={**OUTSIDE, "host": f"127.0.0.1:{site.port}"}) as client:
        text = client.post("/v1/chat/completions", json=CHAT).json()
    assert f": {site.url}/posts/" in text["choices"][0]["message"]["content"]


@pytest.mark.parametrize("prefix", ["//evil.example", "/a b?"])
def test_a_prefix_that_is_no_path_is_left_out(
    site: Site, token: tuple[Tokens, dict[str, str]], prefix: str
) -> None:
    tokens, headers = token
    loaded: Any = site.service.live._load
    choices: dict[str, Any] = {"tokens": tokens.path, "proxies": ("127.0.0.1",)}
    with serve(loaded, site.service.store, site.service.settings, **choices) as own:
        headers = {**headers, "x-forwarded-prefix": prefix.encode()}  # type: ignore[dict-item]
        with own.client(headers=headers) as client:
            assert client.get("/openapi.json").json()["servers"] == [{"url": own.url}]


def test_a_public_address_is_one() -> None:
    assert Serving(public_url="http://a.example:8080/b/").public_url == "http://a.example:8080/b"
    for wrong in ("ask.example.org", "ftp://x.example", "https://x.example/?q", "https://u@x/ a"):
        with pytest.raises(ValidationError, match="no address such as"):
            Serving(public_url=wrong)


@pytest.mark.parametrize(
    "serving",
    [Serving(proxies=("127.0.0.1",)), Serving(public_url="https://books.example.net")],
)
def test_behind_a_proxy_it_does_not_start_without_a_token(serving: Serving) -> None:
    with pytest.raises(UsageError, match=r"no token yet.*askscwru token add"):
        refuse_open_door(serving, has_token=False)
    refuse_open_door(serving, has_token=True)
