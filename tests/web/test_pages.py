"""The web page as a browser without JavaScript sees it: forms, links, and what is refused."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from askscwru.api.tokens import Tokens
from askscwru.web.render import PAGE_POLICY
from serving import FACT, Site, serve

Json = dict[str, Any]
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
TEMPLATES = Path(__file__).parents[2] / "src" / "askscwru" / "web"


def words(html: str) -> str:
    """What a reader sees of a stretch of HTML, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


def quotes(page: str) -> list[str]:
    """The words of the quotes on a page."""
    found = re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", page, re.DOTALL)
    return [words(quote).rpartition("”")[0].removeprefix("“") for quote in found]


@pytest.fixture
def browser(site: Site) -> Any:
    with site.client(headers=BROWSER, follow_redirects=True) as client:
        yield client


def ask(browser: httpx.Client, question: str, **fields: str) -> httpx.Response:
    return browser.post("/", data={"question": question, **fields})


# -- at first sight --------------------------------------------------------------------------------


def test_a_newcomer_sees_what_there_is_and_questions_that_are_surely_answered(
    browser: httpx.Client, site: Site
) -> None:
    assert site.service.live.wait(20)
    browser.get("/")
    with site.service.live.assistant() as assistant:
        assert site.service.sights.of(assistant).looked.wait(30)
    page = browser.get("/")
    shown = words(page.text)
    assert "19 posts, none of them dated. Of 12 only the opening is known." in shown
    assert "Martin Stevens 10" in shown
    examples = re.findall(r'<button class="link" name="question" value="([^"]*)"', page.text)
    assert 3 <= len(examples) <= 4
    for example in examples:
        answered = browser.post("/ask", json={"question": unescape(example)}).json()
        assert answered["answered"]
        assert answered["confidence"] >= 0.75


def test_the_first_page_is_light(browser: httpx.Client) -> None:
    page = browser.get("/")
    loaded = re.findall(r'(?:src|href)="([^"]*/static/[^"]*)"', page.text)
    files = [browser.get(address) for address in loaded]
    assert len(files) == 2
    assert sum(len(r.content) for r in (page, *files)) < 60_000
    assert all("immutable" in file.headers["cache-control"] for file in files)
    assert browser.get("/static/old/style.css").headers["cache-control"] == "no-store"
    assert browser.get("/static/x/secret").status_code == 404


# -- asking without JavaScript ---------------------------------------------------------------------


def test_the_page_shows_the_answer_the_quotes_and_the_confidence_of_ask(
    browser: httpx.Client,
) -> None:
    for question in (FACT, "Who wrote “Personal budgets in Finland”?", "Is the moon a cheese?"):
        answer = browser.post("/ask", json={"question": question}).json()
        page = ask(browser, question)
        shown = words(page.text)
        assert [" ".join(c["quote"].split()) for c in answer["citations"]] == quotes(page.text)
        assert f"{answer['confidence']:.2f}" in shown
        for citation in answer["citations"]:
            assert citation["title"] in shown
            assert ", ".join(citation["authors"]) in shown
        if not answer["answered"]:
            assert answer["answer"] in shown


def test_a_form_is_answered_with_an_address_that_shows_it_again(browser: httpx.Client) -> None:
    first = ask(browser, FACT)
    query = parse_qs(first.url.query.decode())
    assert query["turn"] == ["1"]
    (conversation,) = query["conversation"]
    second = ask(browser, "Who wrote that?", conversation=conversation)
    assert "Searched for: Who wrote “Shared Lives: a new health and care system”?" in words(
        second.text
    )
    assert len(quotes(second.text)) == 2
    again = browser.get(str(second.url))
    assert again.text == second.text


def test_evidence_shows_the_quote_in_its_post_and_what_answers(browser: httpx.Client) -> None:
    page = ask(browser, FACT).text
    evidence = page[page.index('<section id="evidence"') :]
    assert "Citation 1 of 1" in words(evidence)
    marks = re.findall(r'<mark class="(\w+)"[^>]*>(.*?)</mark>', evidence, re.DOTALL)
    quote = quotes(page)[0]
    assert "".join(unescape(text) for _, text in marks) == quote
    assert [text for look, text in marks if look == "words"] == ["14,000"]
    assert evidence.count('id="quote"') == 1
    for style in ("Plain", "APA", "Harvard", "BibTeX", "RIS", "CSL-JSON"):
        assert f'data-name="{style}"' in evidence
    link = unescape(re.findall(r'href="(/posts/[^"]*)"', evidence)[0])
    assert quote in words(browser.get(link).text)


def test_an_abstention_helps_on_and_quotes_nothing(browser: httpx.Client) -> None:
    page = ask(browser, "How many moons does Saturn have?", author="Alex Fox")
    assert quotes(page.text) == []
    assert "The posts by Alex Fox do not say" in page.text
    assert "Nearest, but no answer" in page.text
    near = unescape(re.findall(r'<ol class="near">\s*<li><a [^>]*href="([^"]*)"', page.text)[0])
    opened = browser.get(near)
    assert "Near passage 1 of" in words(opened.text)
    assert "Ask without the limits" in page.text


def test_limits_hold_are_shown_and_can_be_lifted(browser: httpx.Client) -> None:
    page = ask(browser, FACT, author="John Woolham", blog="")
    assert quotes(page.text) == []
    assert "Only posts by John Woolham" in words(page.text)
    assert parse_qs(page.url.query.decode())["author"] == ["John Woolham"]
    assert "<option selected>John Woolham</option>" in page.text
    lifted = unescape(re.findall(r'href="([^"]*)" aria-label="Lift the limit', page.text)[0])
    assert "author" not in lifted
    assert "conversation" in lifted


def test_what_is_refused_keeps_the_question_and_says_why(browser: httpx.Client) -> None:
    page = ask(browser, FACT, author="Nobody Atall")
    assert page.status_code == 404
    assert "No post is by “Nobody Atall”." in words(page.text)
    assert f'value="{FACT}"' in page.text
    assert ask(browser, "   ").status_code == 422
    lost = ask(browser, FACT, conversation="gone")
    assert lost.status_code == 404
    assert f"You asked: {FACT}" in words(lost.text)
    assert browser.post("/", json={"question": FACT}).status_code == 415
    assert browser.get("/?conversation=gone").status_code == 404


@pytest.mark.parametrize("value", ["0", "-1", "99", "x", "²", "1" * 50, ""])
def test_numbers_that_name_nothing_show_what_there_is(browser: httpx.Client, value: str) -> None:
    address = ask(browser, FACT).url
    for name in ("turn", "citation", "near"):
        page = browser.get(str(address.copy_set_param(name, value)))
        assert page.status_code == 200
        assert len(quotes(page.text)) == 1


# -- a part of the page ----------------------------------------------------------------------------


def test_a_part_is_what_the_whole_page_has(browser: httpx.Client) -> None:
    part = browser.post("/", data={"question": FACT}, headers={"x-part": "1"})
    whole = browser.get(part.headers["x-location"]).text
    assert "<html" not in part.text
    for inner in ("article", 'section id="evidence"'):
        name = inner.split()[0]
        found = re.search(rf"<{inner}.*?</{name}>", part.text, re.DOTALL)
        assert found is not None
        assert " ".join(found[0].split()) in " ".join(whole.split())
    refused = browser.post("/", data={"question": "?"}, headers={"x-part": "1"})
    assert refused.status_code == 422
    assert refused.text.strip().startswith('<p class="problem" role="alert">')


# -- posts -----------------------------------------------------------------------------------------


def test_posts_are_browsed_limited_and_searched(browser: httpx.Client) -> None:
    assert "19 posts." in words(browser.get("/posts").text)
    some = browser.get("/posts", params={"author": "John Woolham"})
    assert "3 posts." in words(some.text)
    assert "Only posts by John Woolham" in words(some.text)
    found = browser.get("/posts", params={"q": "helicopter ride"})
    assert "1 post with “helicopter ride”." in words(found.text)
    assert '<mark class="hit">helicopter</mark>' in found.text
    link = unescape(re.findall(r'<a class="title" href="([^"]*)"', found.text)[0])
    assert "helicopter ride over the Grand Canyon" in words(browser.get(link).text)
    assert "0 posts with “xylophones”." in words(browser.get("/posts?q=xylophones").text)
    assert "19 posts." in words(browser.get("/posts?q=+").text)


def test_programs_search_the_posts_too(client: httpx.Client) -> None:
    found = client.get("/posts", params={"q": "helicopter"}).json()["posts"]
    (post,) = found
    snippet = post["snippet"]
    source = client.get(f"/sources/{snippet['source']}").text
    assert source[snippet["start"] : snippet["end"]] == snippet["text"]
    assert [snippet["text"][w["start"] : w["end"]] for w in snippet["words"]] == ["helicopter"]


def test_one_can_ask_within_a_post(browser: httpx.Client, answer: Json) -> None:
    post = answer["citations"][0]["post_id"]
    page = browser.get(f"/posts/{post}")
    link = unescape(re.findall(r'href="([^"]*)">Ask within this post', page.text)[0])
    begun = browser.get(link)
    assert "Only the post “Shared Lives: a new health and care system”" in words(begun.text)
    assert f'<input type="hidden" name="post" value="{post}">' in begun.text


# -- conversations ---------------------------------------------------------------------------------


def test_conversations_are_found_renamed_deleted_and_brought_back(browser: httpx.Client) -> None:
    known = parse_qs(ask(browser, "Where is Trieste?").url.query.decode())["conversation"][0]
    assert "Where is Trieste?" in browser.get("/conversations?q=trieste").text
    renamed = browser.post(f"/conversations/{known}/rename", data={"title": "The <b> port"})
    assert "The &lt;b&gt; port" in renamed.text
    empty = {"content-type": FORM}
    deleted = browser.post(f"/conversations/{known}/delete", headers=empty)
    assert "The &lt;b&gt; port" not in deleted.text
    assert "Undo" in deleted.text
    back = browser.post(f"/conversations/{known}/restore", headers=empty)
    assert "The &lt;b&gt; port" in back.text
    saved = browser.get(f"/conversations/{known}/export")
    assert saved.headers["content-disposition"] == 'attachment; filename="the-b-port.md"'
    assert saved.text.startswith("# The \\<b> port")
    assert browser.post(f"/conversations/{known}/burn", headers=empty).status_code == 404
    assert browser.post(f"/conversations/{known}/rename", data={"title": " "}).status_code == 422
    assert browser.get("/conversations/nobody/export").status_code == 404


# -- who may send a form ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://127.0.0.1:1"}, False),
    ],
)
def test_a_form_of_another_site_is_refused(
    browser: httpx.Client, headers: dict[str, str], allowed: bool
) -> None:
    for path in ("/conversations/none/delete", "/sign-out", "/"):
        status = browser.post(path, data={"question": ""}, headers=headers).status_code
        assert (status != 400) == allowed
    own = {"origin": str(browser.base_url).rstrip("/")}
    assert browser.post("/sign-out", headers=own | {"content-type": FORM}).status_code == 200


FORM = "application/x-www-form-urlencoded"


def test_who_signs_in_once_may_read_and_ask(site: Site, tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "tokens.json")
    token = tokens.add("ann")
    loaded = site.service.live._load
    with (
        serve(loaded, site.service.store, site.service.settings, tokens=tokens.path) as closed,
        closed.client(headers=BROWSER) as browser,
    ):
        asked = browser.get("/posts?q=care")
        assert asked.status_code == 401
        assert "www-authenticate" not in asked.headers
        assert 'name="next" value="/posts?q=care"' in asked.text
        assert "19" not in words(asked.text)
        wrong = browser.post("/sign-in", data={"token": token + "x", "next": "/posts"})
        assert wrong.status_code == 401
        assert "This token does not count here." in wrong.text
        assert "set-cookie" not in wrong.headers
        right = browser.post("/sign-in", data={"token": f" {token} ", "next": "/posts?q=care"})
        assert right.headers["location"] == "/posts?q=care"
        cookie = right.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert browser.get("/posts").status_code == 200
        assert ask(browser, FACT).status_code == 303
        assert "Sign out" in browser.get("/").text
        assert FACT in browser.get("/conversations").text
        other = {**BROWSER, "authorization": f"Bearer {tokens.add('bo')}"}
        with closed.client(headers=other) as bo:
            assert "Nothing has been asked yet." in bo.get("/conversations").text
            bo.post("/ask", json={"question": "Is Bo here?"})
            assert "Is Bo here?" in bo.get("/conversations").text
        assert "Is Bo here?" not in browser.get("/conversations").text
        stolen = browser.post("/ask", json={"question": FACT}, headers={"origin": "http://e.vil"})
        assert stolen.status_code == 400
        browser.post("/sign-out", headers={"content-type": FORM})
        assert browser.get("/").status_code == 401


class Proxy(httpx.HTTPTransport):
    """Serves under ``/ask`` alone, and passes the rest of the path on, as proxies do."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path
        if not path.startswith(b"/ask/"):
            return httpx.Response(404)
        url = request.url.copy_with(raw_path=path.removeprefix(b"/ask"))
        passed = httpx.Request(
            request.method,
            url,
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return super().handle_request(passed)


def test_behind_a_proxy_with_a_path_every_link_holds(site: Site, tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "tokens.json")
    token = tokens.add("ann")
    loaded = site.service.live._load
    choices = {"tokens": tokens.path, "public_url": "http://ask.example/ask"}
    with (
        serve(loaded, site.service.store, site.service.settings, **choices) as proxied,
        proxied.client(headers=BROWSER, follow_redirects=True, transport=Proxy()) as browser,
    ):
        asked = browser.get("/ask/posts?q=care")
        assert 'name="next" value="/ask/posts?q=care"' in asked.text
        form = {"token": token, "next": "/ask/posts?q=care"}
        signed_in = browser.post("/ask/sign-in", data=form)
        assert signed_in.url.path == "/ask/posts"
        answered = browser.post("/ask/", data={"question": FACT})
        assert quotes(answered.text)
        for page in (signed_in, answered, browser.get("/ask/docs")):
            local = re.findall(r'(?:href|src|action)="(/[^"]*)"', page.text)
            assert len(local) > 5
            for address in local:
                assert address.startswith("/ask/")
        for address in re.findall(r'href="(/ask/[^"]*)"', answered.text):
            assert browser.get(unescape(address)).status_code == 200, address


@pytest.mark.parametrize("then", ["//evil.example", "/\\evil.example", "https://evil.example", ""])
def test_signing_in_leads_nowhere_else(site: Site, tmp_path: Path, then: str) -> None:
    from askscwru.api.pages import _inside

    assert _inside(then, "/") == "/"
    assert _inside("/ask/posts", "/ask/") == "/ask/posts"
    assert _inside("/other", "/ask/") == "/ask/"


# -- text is data ----------------------------------------------------------------------------------


class Tags(HTMLParser):
    """Collects what a page's markup is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [
            value or "" for name, value in attrs if name in ("href", "src", "action")
        ]


EVIL = """<script>alert(1)</script>'"><img src=x onerror=alert(1)></mark></p>{{ 7*7 }}\u202e\x00"""


def test_no_question_becomes_markup(browser: httpx.Client) -> None:
    page = ask(browser, EVIL)
    listed = browser.get("/conversations", params={"q": "alert"})
    searched = browser.get("/posts", params={"q": EVIL})
    refused = ask(browser, EVIL, author=EVIL)
    for response in (page, listed, searched, refused):
        tags = Tags()
        tags.feed(response.text)
        assert "img" not in tags.names
        assert not [name for name in tags.attributes if name.startswith("on") or name == "style"]
        assert len(re.findall("<script", response.text)) == 1
        assert "49" not in words(response.text).replace("0.49", "")
        assert all(urlsplit(a).scheme in ("", "http", "data") for a in tags.addresses)
        assert response.headers["content-security-policy"] == PAGE_POLICY


def test_no_template_switches_escaping_off() -> None:
    for path in [*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"\|\s*(?:safe|forceescape|xmlattr)\b|Markup\(|\{%-?\s*autoescape", text
        )
        assert "autoescape=False" not in text
        if path.suffix == ".html":
            assert not re.search(
                r"\son\w+=|\sstyle=|javascript:|<script(?! type=\"module\" src)", text
            )
            assert not re.search(r'(?:href|src|action)="/', text), "links are made by `to`"


def test_the_policy_lets_nothing_run_but_our_own_file() -> None:
    assert "unsafe" not in PAGE_POLICY
    assert "default-src 'none'" in PAGE_POLICY
    assert "script-src 'self';" in PAGE_POLICY
