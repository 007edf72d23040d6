"""The page of a post: everything escaped, nothing run, and the quoted words marked."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import pytest

from askscwru.api.models import PostTextOut
from askscwru.api.negotiate import prefers
from askscwru.api.post_text import PostText, citation_path, read_post
from askscwru.assistant import Assistant
from askscwru.show.post_text import Paragraph
from askscwru.types import Block, BlockKind, Place, Post
from askscwru.web.posts import post_shown, references
from askscwru.web.render import PAGE_POLICY, Links, render
from serving import Site

Json = dict[str, Any]
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
EVIL = (
    """<script>alert(1)</script> & "'><img src=x onerror=alert(1)> </mark></p> &lt;b&gt; \u202e"""
)


def link(citation: Json) -> str:
    return f"/posts/{citation['post_id']}?start={citation['start']}&end={citation['end']}"


def post_page(text: PostText) -> str:
    """The page of a post, as the route shows it."""
    blocks = [Paragraph(b.kind, b.start, b.end, words) for b, words in text.blocks]
    shown = post_shown(text.post, blocks, text.marked, text.around, Links())
    cited = references(text.post, text.marked, text.words)
    return render(
        "post.html", Links(), here=None, signed_in=False, references=cited, see_also=[], **shown
    )


def words(html: str) -> str:
    """What a reader sees of a stretch of HTML, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


def marks(html: str) -> str:
    found = re.findall(r"<mark[^>]*>(.*?)</mark>", html, re.DOTALL)
    return words(" ".join(found))


def test_programs_get_json_and_browsers_a_page(client: httpx.Client, answer: Json) -> None:
    where = link(answer["citations"][0])
    for accept in ("*/*", "application/json", "application/json, text/html;q=0.5", "image/png"):
        response = client.get(where, headers={"accept": accept})
        PostTextOut.model_validate_json(response.content)
        assert response.headers["vary"] == "Accept"
    page = client.get(where, headers=BROWSER)
    assert page.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("text/html", True),
        ("TEXT/HTML;level=1", True),
        ("text/html;q=0.9, application/json;q=0.8", True),
        ("text/html;q=0.8, application/json", False),
        ("text/html;q=0", False),
        ("text/html;q=x", False),
        ("*/*", False),
        ("", False),
        (",,;;q=", False),
    ],
)
def test_what_a_client_prefers_is_read_from_its_accept_header(accept: str, html: bool) -> None:
    assert prefers(accept, "text/html") is html


def test_the_page_marks_the_quote_and_lands_on_it(client: httpx.Client, answer: Json) -> None:
    citation = answer["citations"][0]
    page = client.get(link(citation), headers=BROWSER).text
    assert marks(page) == " ".join(citation["quote"].split())
    assert page.count('id="quote"') == 1
    assert f"{citation['title']}</h1>" in page
    assert "Alex Fox" in page


def test_the_policy_lets_nothing_run_and_nothing_load(client: httpx.Client, answer: Json) -> None:
    for path in (link(answer["citations"][0]), "/docs"):
        page = client.get(path, headers=BROWSER)
        policy = page.headers["content-security-policy"]
        assert policy == PAGE_POLICY
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.text.count("<script") == 1, "our own, by its address"
        assert not re.search(r"<[^>]*\s(?:on\w+|style)=|javascript:", page.text)


def test_a_person_who_follows_a_dead_link_is_told_in_words(client: httpx.Client) -> None:
    for path, status in (("/posts/%3Cb%3Enope", 404), ("/posts/a?start=x", 422), ("/x", 404)):
        page = client.get(path, headers=BROWSER)
        assert page.status_code == status
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-security-policy"] == PAGE_POLICY
        assert f"<h1>{status}</h1>" in page.text
        assert "<b>" not in page.text


def every_quote(assistant: Assistant) -> list[tuple[str, str]]:
    """The link and the words of citations of many kinds: bodies, lists, titles, bylines."""
    questions = (
        "Who wrote 'Personal budgets in Finland'?",
        "Which posts did John Woolham write?",
        "Who is the author of 'Policy & Politics: Making it personal'?",
        "How long is Personalisation: towards evidence that counts?",
        "Which references are cited about personal budgets?",
        "What are the benefits of direct payments?",
    )
    answers = [assistant.ask(question) for question in questions]
    return [(citation_path(c), c.quote.text) for a in answers for c in a.citations]


def test_every_citation_has_a_page_that_shows_its_words(site: Site, client: httpx.Client) -> None:
    loaded: Any = site.service.live._load
    found = every_quote(loaded)
    assert len(found) > 5
    for path, quote in found:
        page = client.get(path.partition("#")[0], headers=BROWSER)
        assert page.status_code == 200, path
        assert marks(page.text) == " ".join(quote.split())


def test_every_occurrence_of_every_post_can_be_marked(site: Site) -> None:
    loaded: Any = site.service.live._load
    for post in loaded.posts():
        places = [Place(post.source, post.start, post.end)]
        places += [Place(other.source, other.start, other.end) for other in post.also_in]
        places += [*post.bylines, *([post.title_at] if post.title_at else [])]
        for place in places:
            text = read_post(loaded, post.id, place.start, place.end, place.source)
            assert text.words == loaded.source_text(place.source)[place.start : place.end]
            assert "<mark" in post_page(text)


def evil_post() -> PostText:
    text = f"{EVIL} in the body"
    post = Post(
        id="<id>",
        title=EVIL,
        authors=(EVIL,),
        blog=EVIL,
        word_count=None,
        known_words=3,
        complete=False,
        published=EVIL,
        url="javascript:alert(1)",
        source=f"{EVIL}.txt",
        start=0,
        end=len(text),
        blocks=(Block(0, len(text), BlockKind.BODY),),
    )
    mark = Place(post.source, 3, len(EVIL))
    blocks = tuple((block, text) for block in post.blocks)
    return PostText(post, blocks, mark, None, text[3 : len(EVIL)])


def test_whatever_a_post_says_is_shown_and_never_obeyed() -> None:
    page = post_page(evil_post())
    assert "<script>" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert page.count("</mark>") == 1
    assert marks(page) == " ".join(EVIL[3:].split())
    beside = evil_post()
    other = PostText(beside.post, beside.blocks, beside.marked, (0, EVIL + "!"), EVIL)
    assert "<script>" not in post_page(other)


def test_a_mark_over_several_paragraphs_has_one_anchor(site: Site, client: httpx.Client) -> None:
    loaded: Any = site.service.live._load
    post = next(post for post in loaded.posts() if len(post.blocks) > 6)
    first, last = post.blocks[2], post.blocks[5]
    page = client.get(
        f"/posts/{post.id}?start={first.start + 2}&end={last.end - 2}", headers=BROWSER
    ).text
    assert page.count("<mark") == 4
    assert page.count('id="quote"') == 1
