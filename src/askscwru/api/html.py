"""Pages as responses, and what every page needs to know of a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from askscwru.api import problems
from askscwru.api.forwarded import path_of
from askscwru.api.negotiate import prefers
from askscwru.api.origin import check_origin
from askscwru.web.render import PAGE_HEADERS, Links, render

COOKIE = "askscwru_token"
"""Holds the token of whoever is signed in."""
FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 50


def links_of(scope: Scope) -> Links:
    """Makes the addresses of a page that answers a request."""
    return Links(path_of(Request(scope)))


def page(
    request: Request,
    template: str,
    status: int = 200,
    headers: Mapping[str, str] = {},
    **shown: Any,
) -> Response:
    """A template as a response.

    Args:
        request: what it answers.
        template: its name.
        status: of the response.
        headers: beside those that every page has.
        shown: what the template shows.
    """
    signed_in = COOKIE in request.cookies
    text = render(template, links_of(request.scope), signed_in=signed_in, **shown)
    return html(text, status, headers)


def html(text: str, status: int = 200, headers: Mapping[str, str] = {}) -> Response:
    """HTML as a response with the policy that goes with every page."""
    content = text.encode("utf-8", "replace")
    return Response(content, status, {**PAGE_HEADERS, **headers}, media_type="text/html")


def redirect(address: str) -> Response:
    """What follows on a form: the page that shows what it did, with ``GET``."""
    return Response(status_code=303, headers={"Location": address, **PAGE_HEADERS})


def token_of(request: Request) -> str | None:
    """The name of the token with which a request came; None where there are no tokens."""
    name: str | None = getattr(request.state, "token_name", None)
    return name


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks, by a link or a form."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    browser = prefers(request.headers.get("accept", ""), "text/html")
    return browser and (request.method in ("GET", "HEAD") or sent == FORM)


def wants_part(request: Request) -> bool:
    """Whether our script asks for a part of a page, to put it into the one that is shown."""
    return "x-part" in request.headers


def problem_page(request: Request, problem: problems.Problem, asked: str = "") -> Response:
    """A refusal or failure as a page, or as the part of one that says so.

    Args:
        request: that it answers.
        problem: what went wrong.
        asked: the question that was not answered, so that nobody has to type it again.
    """
    template = "fragment.html" if wants_part(request) else "problem.html"
    return page(
        request,
        template,
        problem.status,
        problem.headers,
        here=None,
        turn=None,
        problem=problem.message,
        message=problem.message,
        asked=asked,
        status_code=problem.status,
    )


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form that a page of ours sent; of a field sent twice, the last one.

    Raises:
        Problem: another site's page sent it (400), or it is no form (415).
    """
    check_origin(request.headers, request.app.state.service.origin)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise problems.not_a_form()
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise problems.of_status(400) from error


def sign_in_page(scope: Scope, headers: Headers, status: int, problem: str, then: str) -> Response:
    """The form that asks for a token.

    Args:
        scope: of the request that it answers.
        headers: of that request.
        status: of the response.
        problem: what was wrong with a token; empty where there was none yet.
        then: the address that is shown afterwards.
    """
    links = links_of(scope)
    if "x-part" in headers:
        said = problem or "Your token counts no more. Sign in again."
        return html(render("fragment.html", links, turn=None, problem=said), status)
    text = render("sign_in.html", links, here=None, signed_in=False, problem=problem, next=then)
    return html(text, status)
