"""The contract's routes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import PlainTextResponse, Response

from askscwru.api import models, pages, problems
from askscwru.api.documented import problems_of
from askscwru.api.html import token_of
from askscwru.api.metrics import CONTENT_TYPE
from askscwru.api.negotiate import prefers
from askscwru.api.replies import Json
from askscwru.api.service import Service
from askscwru.types import Filters


async def service_of(request: Request) -> Service:
    """The application's service; async, as a plain function would be run in a thread."""
    service: Service = request.app.state.service
    return service


async def json_only(request: Request) -> None:
    """Raises ``Problem`` (415) where a body is said to be anything but JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise problems.not_json()


def note(request: Request, **fields: Any) -> None:
    """Adds to the request's line in the log."""
    request.state.noted = {**getattr(request.state, "noted", {}), **fields}


Ours = Annotated[Service, Depends(service_of)]
PostId = Annotated[str, Path(min_length=1, max_length=200, description="As a citation names it.")]
ConversationId = Annotated[
    str, Path(min_length=1, max_length=200, description="As an answer names it.")
]
SourceName = Annotated[
    str, Path(min_length=1, max_length=1000, description="As a citation names it.")
]
At = Annotated[int | None, Query(ge=0, le=10**12)]

router = APIRouter()


@router.post(
    "/ask",
    tags=["Questions"],
    summary="Ask a question",
    dependencies=[Depends(json_only)],
    response_model=models.AnswerOut,
    responses=problems_of(400, 404, 409, 413, 415, 422, 500, 503),
)
async def ask(request: Request, body: models.AskIn, service: Ours) -> Response:
    """Answers with sentences of the posts, word for word, each with its citation.

    What the posts do not say is not answered: `answered` is false, `answer` says so in a sentence,
    and `passages` are the nearest there is. A question without `conversation_id` begins a
    conversation; send the id of the answer with the next question to ask on ("Who wrote that?").
    Questions of one conversation that come in at once are answered one after the other.
    """
    answer = await service.ask(body.query(), body.conversation_id, body.style, token_of(request))
    note(request, answered=answer["answered"])
    return Json(answer)


@router.post(
    "/search",
    tags=["Questions"],
    summary="Search without answering",
    dependencies=[Depends(json_only)],
    response_model=models.SearchOut,
    responses=problems_of(400, 404, 413, 415, 422, 500, 503),
)
async def search(body: models.SearchIn, service: Ours) -> Response:
    """The passages that are most about a question, best first."""
    return Json(await service.search(body.query()))


@router.get(
    "/posts",
    tags=["Posts"],
    summary="List the posts",
    response_model=models.PostsOut,
    responses=problems_of(422, 500, 503),
)
async def posts(
    request: Request,
    service: Ours,
    q: Annotated[str, Query(max_length=500, description="Words to search for.")] = "",
) -> Response:
    """Every post, in the order of the pages, without its text; a page to browsers.

    With `q`, those whose title, authors or text have all the words, the best first, each with the
    sentence in which they stand (`snippet`; null where only the title or an author has them).
    """
    vary = {"Vary": "Accept"}
    if prefers(request.headers.get("accept", ""), "text/html"):
        return await pages.posts_page(request, service)
    if not q.strip():
        return Json(await service.posts(), headers=vary)
    found = await service.found_posts(q, Filters())
    return Json({"posts": [one.to_dict() for one in found]}, headers=vary)


@router.get(
    "/posts/{post_id}",
    tags=["Posts"],
    summary="Read a post, with a quote marked",
    response_model=models.PostTextOut,
    responses={
        200: {
            "description": "JSON, or a page where the client prefers `text/html`.",
            "content": {"text/html": {"schema": {"type": "string"}}},
        },
        **problems_of(404, 409, 422, 500, 503),
    },
)
async def post(
    request: Request,
    post_id: PostId,
    service: Ours,
    start: At = None,
    end: At = None,
    source: Annotated[str | None, Query(min_length=1, max_length=1000)] = None,
) -> Response:
    """A post with its text: JSON to programs, a readable page to browsers.

    `start`, `end` and, where it is not the post's own, `source` of a citation mark its quote; the
    page has the mark at `#quote`. So `/posts/{post_id}?start=…&end=…#quote` is a link that lands on
    the words.
    """
    text = await service.post(post_id, start, end, source)
    vary = {"Vary": "Accept"}
    if prefers(request.headers.get("accept", ""), "text/html"):
        return await pages.post_page(request, service, text)
    return Json(text.to_dict(), headers=vary)


@router.get(
    "/sources/{source:path}",
    tags=["Posts"],
    summary="Read a source",
    response_model=models.SourceOut,
    responses={
        200: {
            "description": "The text alone, or JSON where the client prefers it.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems_of(404, 409, 422, 500, 503),
    },
)
async def source(request: Request, source: SourceName, service: Ours) -> Response:
    """The text that offsets refer to: `text[start:end] == quote`, counted in code points.

    Plain text unless `Accept: application/json` asks for JSON, with the hash of the file.
    """
    found = await service.source(source)
    vary = {"Vary": "Accept"}
    if prefers(request.headers.get("accept", ""), "application/json"):
        return Json(found, headers=vary)
    text: str = found["text"]
    return PlainTextResponse(text.encode("utf-8", "replace"), headers=vary)


@router.get(
    "/conversations/{conversation_id}",
    tags=["Conversations"],
    summary="Read a conversation",
    response_model=models.ConversationOut,
    responses=problems_of(404, 422, 500, 503),
)
async def conversation(conversation_id: ConversationId, service: Ours) -> Response:
    """A conversation with all its turns. Whoever knows the id may read it: keep it to yourself."""
    return Json(await service.conversation(conversation_id))


@router.delete(
    "/conversations/{conversation_id}",
    tags=["Conversations"],
    summary="Delete a conversation",
    status_code=204,
    response_class=Response,
    responses=problems_of(404, 422, 500, 503),
)
async def delete_conversation(conversation_id: ConversationId, service: Ours) -> Response:
    """Takes a conversation away; asking on in it is a 404 from then on."""
    await service.delete(conversation_id)
    return Response(status_code=204)


# -- operation -------------------------------------------------------------------------------------

_UNREADY: dict[int | str, dict[str, Any]] = {
    503: {"model": models.HealthOut, "description": "Live, but not ready to answer."}
}


@router.get(
    "/health",
    tags=["Operation"],
    summary="Live and ready",
    response_model=models.HealthOut,
    responses={**problems_of(), **_UNREADY},
)
@router.get(
    "/health/ready",
    tags=["Operation"],
    summary="Ready",
    response_model=models.HealthOut,
    responses={**problems_of(), **_UNREADY},
)
async def ready(service: Ours) -> Response:
    """200 when questions can be answered, else 503 with `Retry-After`; never needs a token."""
    health = service.health()
    if health["ready"]:
        return Json(health)
    return Json(health, status_code=503, headers={"Retry-After": str(problems.RETRY_SECONDS)})


@router.get(
    "/health/live",
    tags=["Operation"],
    summary="Live",
    response_model=models.HealthOut,
    responses=problems_of(),
)
async def live(service: Ours) -> Response:
    """200 as long as the process serves, also while the models are loaded; never needs a token."""
    return Json(service.health())


@router.get(
    "/metrics",
    tags=["Operation"],
    summary="Numbers for prometheus",
    response_class=Response,
    responses={
        200: {
            "description": "The numbers, in prometheus's text format.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems_of(500),
    },
)
async def metrics(service: Ours) -> Response:
    """Requests, latency by stage, abstentions and the generation of the index."""
    return Response(service.metrics_page(), headers={"Content-Type": CONTENT_TYPE})
