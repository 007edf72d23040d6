"""The contract's routes as a client meets them."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from askscwru import errors
from askscwru.api import examples, models, problems
from askscwru.errors import AskscwruError
from conftest import ROOT
from serving import FACT, Site, exchange

CONTRACT = (
    "conversation_id turn question searched_for corrections answered confidence answer citations"
    " passages timings_ms"
).split()
CITED = (
    "index quote start end highlight post_id title authors blog source also_in url published"
    " captured page complete word_count passage_id score group reference"
).split()
Json = dict[str, Any]


def fits(response: httpx.Response, model: type[BaseModel]) -> Json:
    """The body, which must be just what the model says."""
    assert response.headers["content-type"] == "application/json"
    model.model_validate_json(response.content)
    body: Json = response.json()
    return body


def problem(response: httpx.Response) -> Json:
    """The error, which must be of the one shape."""
    error: Json = fits(response, models.ProblemOut)["error"]
    return error


def test_an_answer_is_the_contract_s_object(client: httpx.Client) -> None:
    response = client.post("/ask", json={"question": FACT})
    assert response.status_code == 200
    body = fits(response, models.AnswerOut)
    assert set(CONTRACT) <= set(body)
    assert list(body["citations"][0]) == CITED
    assert "14,000" in body["answer"]
    assert body["turn"] == 1


def test_a_quote_is_what_its_source_says(client: httpx.Client, answer: Json) -> None:
    for citation in answer["citations"]:
        text = client.get(f"/sources/{citation['source']}").content.decode()
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_what_the_posts_do_not_say_is_an_abstention(client: httpx.Client) -> None:
    body = fits(
        client.post("/ask", json={"question": "What is the boiling point of nitrogen?"}),
        models.AnswerOut,
    )
    assert not body["answered"]
    assert body["citations"] == []
    assert body["passages"]
    assert body["answer"].startswith("The posts do not say")


def test_a_conversation_goes_on_is_read_and_is_deleted(client: httpx.Client, answer: Json) -> None:
    first = client.post("/ask", json={"question": "Who does Edward live with?"}).json()
    known = first["conversation_id"]
    asked = {"question": "and how did Stephen know him?", "conversation_id": known}
    second = client.post("/ask", json=asked).json()
    assert second["turn"] == 2
    assert second["searched_for"] == "How did Stephen know Edward?"
    kept = fits(client.get(f"/conversations/{known}"), models.ConversationOut)
    assert [turn["question"] for turn in kept["turns"]] == [first["question"], asked["question"]]
    assert kept["turns"][1]["citations"] == second["citations"]
    assert client.delete(f"/conversations/{known}").status_code == 204
    assert client.delete(f"/conversations/{known}").status_code == 404
    assert client.get(f"/conversations/{known}").status_code == 404
    again = client.post("/ask", json=asked)
    assert again.status_code == 404
    assert problem(again)["param"] == "conversation_id"


def test_turns_that_come_in_at_once_are_ordered_and_none_is_lost(site: Site) -> None:
    with site.client() as client:
        known = client.post("/ask", json={"question": FACT}).json()["conversation_id"]

        def ask(number: int) -> int:
            body = {"question": f"What is personalisation, number {number}?"}
            response = client.post("/ask", json={**body, "conversation_id": known})
            assert response.status_code == 200
            return int(response.json()["turn"])

        with ThreadPoolExecutor(5) as pool:
            turns = list(pool.map(ask, range(5)))
        kept = client.get(f"/conversations/{known}").json()["turns"]
    assert sorted(turns) == list(range(2, 7))
    assert [turn["turn"] for turn in kept] == list(range(1, 7))
    assert len({turn["question"] for turn in kept}) == 6


def test_search_gives_passages_without_an_answer(client: httpx.Client, answer: Json) -> None:
    response = client.post("/search", json={"question": FACT})
    assert fits(response, models.SearchOut)["passages"] == answer["passages"]
    fewer = client.post("/search", json={"question": FACT, "top_k": 2})
    assert len(fewer.json()["passages"]) == 2


def test_only_one_blog_is_quoted_where_that_is_asked(client: httpx.Client) -> None:
    asked = {"question": FACT, "filters": {"blog": "policy press BLOG"}, "sort": "date"}
    found = client.post("/ask", json=asked).json()
    assert {citation["blog"] for citation in found["citations"]} == {"Policy Press blog"}


def test_filters_limit_what_is_quoted(client: httpx.Client) -> None:
    asked = {"question": "What is personalisation?", "filters": {"author": "John Woolham"}}
    body = client.post("/ask", json=asked).json()
    assert body["passages"]
    posts = {post["post_id"]: post for post in client.get("/posts").json()["posts"]}
    for passage in body["passages"]:
        assert "John Woolham" in posts[passage["post_id"]]["authors"]


def test_posts_are_listed_and_read(client: httpx.Client, answer: Json) -> None:
    listed = fits(client.get("/posts"), models.PostsOut)["posts"]
    assert len(listed) == 19
    citation = answer["citations"][0]
    where = f"/posts/{citation['post_id']}?start={citation['start']}&end={citation['end']}"
    post = fits(client.get(where), models.PostTextOut)
    assert post["title"] == citation["title"]
    assert post["marked"]["text"] == citation["quote"]
    assert any(citation["quote"] in block["text"] for block in post["blocks"])


def test_a_source_is_text_or_json_as_the_client_likes(client: httpx.Client, answer: Json) -> None:
    name = answer["citations"][0]["source"]
    file = (ROOT / "seeds" / name).read_bytes()
    plain = client.get(f"/sources/{name}")
    assert plain.content == file
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    as_json = client.get(f"/sources/{name}", headers={"accept": "application/json"})
    assert fits(as_json, models.SourceOut)["text"] == file.decode()


QUESTION = {"question": "x1"}
REFUSED: list[tuple[Any, int, str, str | None]] = [
    ({}, 422, "missing_field", "question"),
    ({"question": ""}, 422, "bad_value", "question"),
    ({"question": " \n"}, 422, "bad_question", "question"),
    ({"question": "?!"}, 422, "bad_question", "question"),
    ({"question": "x" * 2001}, 422, "bad_value", "question"),
    ({"question": 5}, 422, "bad_value", "question"),
    ({"question": ["x"]}, 422, "bad_value", "question"),
    ({"question": None}, 422, "bad_value", "question"),
    ([QUESTION], 422, "bad_value", None),
    ("x", 422, "bad_value", None),
    ({**QUESTION, "colour": "red"}, 422, "unknown_field", "colour"),
    ({**QUESTION, "filters": {"colour": "red"}}, 422, "unknown_field", "filters.colour"),
    ({**QUESTION, "filters": {"author": "Nobody Atall"}}, 404, "bad_filter", "filters.author"),
    ({**QUESTION, "filters": {"source": "../x"}}, 404, "bad_filter", "filters.source"),
    ({**QUESTION, "filters": {"blog": "Nowhere"}}, 404, "bad_filter", "filters.blog"),
    ({**QUESTION, "filters": {"tag": "none such"}}, 404, "bad_filter", "filters.tag"),
    ({**QUESTION, "sort": "colour"}, 422, "bad_value", "sort"),
    ({**QUESTION, "filters": {"after": "soon"}}, 422, "bad_filter", "filters.after"),
    ({**QUESTION, "filters": {"after": "2015-02-30"}}, 422, "bad_filter", "filters.after"),
    (
        {**QUESTION, "filters": {"after": "2018", "before": "2015-02"}},
        404,
        "bad_filter",
        "filters.before",
    ),
    ({**QUESTION, "top_k": 0}, 422, "bad_value", "top_k"),
    ({**QUESTION, "top_k": 51}, 422, "bad_value", "top_k"),
    ({**QUESTION, "top_k": "5"}, 422, "bad_value", "top_k"),
    ({**QUESTION, "top_k": True}, 422, "bad_value", "top_k"),
    ({**QUESTION, "top_k": 2.5}, 422, "bad_value", "top_k"),
    ({**QUESTION, "conversation_id": "nobody"}, 404, "not_found", "conversation_id"),
    ({**QUESTION, "conversation_id": 7}, 422, "bad_value", "conversation_id"),
]


@pytest.mark.parametrize(("body", "status", "code", "param"), REFUSED)
def test_what_cannot_be_asked_is_refused_with_field_and_reason(
    client: httpx.Client, body: Any, status: int, code: str, param: str | None
) -> None:
    response = client.post("/ask", json=body)
    assert response.status_code == status
    error = problem(response)
    assert (error["code"], error["param"]) == (code, param)
    assert error["message"].endswith((".", "?"))


@pytest.mark.parametrize("day", ["2015", "2015-02", "2015-02-28", "0218-07-29", "9999-12-31"])
def test_every_date_that_the_document_describes_is_taken(client: httpx.Client, day: str) -> None:
    body = {**QUESTION, "filters": {"before": day}}
    assert client.post("/search", json=body).status_code == 200


def test_a_whole_number_may_be_written_with_a_point(client: httpx.Client) -> None:
    body = {**QUESTION, "top_k": 2.0}
    assert len(client.post("/search", json=body).json()["passages"]) == 2


MALFORMED = [
    b"",
    b"{",
    b"\xff\xfe{}",
    b'{"question": "\xc3\x28"}',
    b"[" * 200_000,
    b'{"question":' * 10_000,
    b'{"question": ' + b"9" * 5_000 + b"}",
    b'{"question": NaN}',
    b'{"question": "\\ud800"}',
    b'{"question": "who\\ud800", "conversation_id": "\\udc00"}',
    b'{"\\ud800": 1, "question": "who"}',
]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:40]))
def test_a_malformed_body_is_refused_and_never_breaks(client: httpx.Client, body: bytes) -> None:
    response = client.post("/ask", content=body, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    assert problem(response)["type"] == "invalid_request_error"


@pytest.mark.parametrize("question", ["what\x00is it", "\x1b[31mwhat", "<script>1</script>", "谁?"])
def test_odd_characters_are_asked_as_they_are(client: httpx.Client, question: str) -> None:
    response = client.post("/ask", json={"question": question})
    assert response.status_code == 200
    assert fits(response, models.AnswerOut)["question"] == question


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
@pytest.mark.parametrize("path", ["/ask", "/search", "/v1/chat/completions"])
def test_a_body_that_is_not_said_to_be_json_is_refused(
    client: httpx.Client, path: str, kind: str
) -> None:
    headers = {"content-type": kind} if kind else {}
    response = client.post(path, content=b'{"question": "x1"}', headers=headers)
    assert response.status_code == 415
    assert problem(response)["code"] == "not_json"


OUTSIDE = [
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%252f..%252fetc%252fpasswd",
    "..%5c..%5cwindows%5cwin.ini",
    "%2fetc%2fpasswd",
    "....//....//etc/passwd",
    "manifest.toml",
    "README.md",
    "%00",
    "x%00.txt",
    "%ff%fe",
    "a" * 900,
]


@pytest.mark.parametrize("folder", ["sources", "posts", "conversations"])
@pytest.mark.parametrize("name", OUTSIDE)
def test_no_id_leads_out_of_what_is_indexed(site: Site, folder: str, name: str) -> None:
    raw = raw_get(site, f"/{folder}/{name}")
    assert raw.status_code in (404, 422)
    assert "root:" not in raw.text
    problem(raw)


def raw_get(site: Site, path: str) -> httpx.Response:
    """A request whose path is sent as it is written: httpx would tidy it up."""
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    top, _, body = exchange(site, head.encode()).partition(b"\r\n\r\n")
    lines = top.decode().split("\r\n")
    headers = [tuple(line.split(": ", 1)) for line in lines[1:]]
    return httpx.Response(int(lines[0].split()[1]), headers=headers, content=body)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/ask", 405, "method_not_allowed"),
        ("DELETE", "/posts", 405, "method_not_allowed"),
        ("PUT", "/ask", 405, "method_not_allowed"),
        ("GET", "/posts/nope", 404, "not_found"),
        ("GET", "/posts/nope?start=1", 404, "not_found"),
        ("GET", "/posts/nope?start=x", 422, "bad_value"),
        ("GET", "/sources/nope", 404, "not_found"),
        ("GET", "/conversations/nope", 404, "not_found"),
        ("DELETE", "/conversations/nope", 404, "not_found"),
    ],
)
def test_every_error_has_the_one_shape(
    client: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert problem(response)["code"] == code


def test_a_stretch_outside_the_post_is_refused(client: httpx.Client, answer: Json) -> None:
    post = answer["citations"][0]["post_id"]
    for query in ("start=1", "end=9", "start=0&end=999999", "start=9&end=9", "start=9&end=3"):
        response = client.get(f"/posts/{post}?{query}")
        assert response.status_code == 404
        assert problem(response)["param"] is not None
    odd = client.get(f"/posts/{post}?start=3&end=9&source=../x")
    assert odd.status_code == 404


def _kinds(root: type[AskscwruError]) -> list[type[AskscwruError]]:
    return [root, *(kind for child in root.__subclasses__() for kind in _kinds(child))]


@pytest.mark.parametrize("kind", _kinds(AskscwruError), ids=lambda kind: kind.__name__)
def test_every_failure_of_the_core_has_a_status_and_names_no_path(
    kind: type[AskscwruError],
) -> None:
    secret = "/home/someone/secret"
    error = kind(f"Cannot read {secret}.", remedy=f"Mend {secret}.", param="x")
    assert kind in problems._MAP
    told = problems.of_error(error)
    assert 400 <= told.status < 600
    if not isinstance(error, errors.UsageError):
        assert secret not in json.dumps(told.to_dict())
    assert ("Retry-After" in told.headers) == (told.status == 503)


def test_a_request_has_an_id_its_own_or_a_new_one(client: httpx.Client) -> None:
    own = client.get("/health", headers={"x-request-id": "abc-123"})
    assert own.headers["x-request-id"] == "abc-123"
    for odd in ("a b", "x" * 65, "<b>", '"\t"'):
        new = client.get("/health", headers={"x-request-id": odd}).headers["x-request-id"]
        assert re.fullmatch("[0-9a-f]{32}", new)
    assert "x-request-id" in client.get("/nowhere").headers


def test_head_is_answered_like_get_without_a_body(client: httpx.Client) -> None:
    for path, status in (("/health", 200), ("/posts", 200), ("/posts/nope", 404), ("/ask", 405)):
        response = client.head(path)
        assert response.status_code == status
        assert response.content == b""


def test_the_manual_lists_every_route_and_needs_no_network(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in page.text
    assert page.text.count("<script") == 1, "our own, by its address"
    addresses = re.findall(r'(?:src|href)="(?!#)([^"]*)"', page.text)
    assert "/openapi.json" in addresses
    assert all(re.match(r"/(?!/)|data:image/svg", address) for address in addresses)


def test_the_openapi_document_describes_every_field(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            named = f"{method} {path}"
            assert operation["summary"], named
            assert operation["description"], named
            good = [response for status, response in operation["responses"].items() if status < "3"]
            assert good, named
    for name in ("AskIn", "AnswerOut", "SearchOut", "ConversationOut", "ProblemOut"):
        for example in document["components"]["schemas"][name]["examples"]:
            getattr(models, name).model_validate_json(json.dumps(example))


def test_the_examples_of_the_manual_are_what_really_comes(
    client: httpx.Client, answer: Json
) -> None:
    cited, shown = answer["citations"][0], examples.CITATION
    assert {name for name in shown if shown[name] != cited[name]} <= {"score", "reference"}
    before, _, _ = cited["reference"].partition("retrieved")
    assert shown["reference"].startswith(before)
    found, passage = answer["passages"][0], examples.FOUND
    assert all(found[name] == passage[name] for name in passage if name not in ("text", "score"))
    listed = client.get("/posts").json()["posts"]
    assert examples.LISTED in listed


def test_nothing_is_served_but_what_is_documented(client: httpx.Client, tmp_path: Path) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) == {
        "/ask",
        "/search",
        "/posts",
        "/posts/{post_id}",
        "/sources/{source}",
        "/conversations/{conversation_id}",
        "/health",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/v1/models",
        "/v1/models/{model}",
        "/v1/responses",
        "/v1/chat/completions",
    }
