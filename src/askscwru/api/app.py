"""``create_app``: the parts put together into one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Match

from askscwru import __version__
from askscwru.api import manual, models, openai, pages, problems, responses, routes
from askscwru.api.config import Serving
from askscwru.api.forwarded import Forwarded
from askscwru.api.guard import Guard, HostCheck, Pace
from askscwru.api.html import problem_page, wants_page, wants_part
from askscwru.api.live import Live
from askscwru.api.mcp_server import mcp_routes, mcp_server
from askscwru.api.observe import Observe
from askscwru.api.replies import problem_response
from askscwru.api.service import Service
from askscwru.assistant import Assistant
from askscwru.conversation.keeping import ConversationStore
from askscwru.errors import AskscwruError
from askscwru.settings import Settings

ABOUT = """Ask blog posts a question and get their own words back: whole sentences, quoted
verbatim, each with a citation that names the exact characters, and a plain "the posts do not say"
when they do not. These are {collection}.

Every error has one shape, `{{"error": {{"type", "message", "param", "code"}}}}`, and its true
status. Every response has an `X-Request-ID`, your own if you sent one. Where the service has
tokens, send one as `Authorization: Bearer …`."""
TAGS = [
    {"name": "Questions", "description": "Answers and passages."},
    {"name": "Posts", "description": "What can be quoted, and the texts that offsets refer to."},
    {"name": "Conversations", "description": "Turns that were kept."},
    {"name": "OpenAI-compatible", "description": "For clients that speak to OpenAI."},
    {"name": "Operation", "description": "For whoever runs the service."},
]


def create_app(
    assistant: Assistant | Callable[[], Assistant],
    store: ConversationStore,
    settings: Settings,
    serving: Serving | None = None,
) -> FastAPI:
    """The application.

    Args:
        assistant: what answers; or a function that loads it, called in the background when serving
            begins, so that the service is up at once and says when it is ready.
        store: where conversations are kept; the assistant's own.
        settings: of the index.
        serving: limits, tokens, host names; read from the environment when left out.
    """
    serving = serving or Serving()
    live = Live(assistant, settings, interval=serving.watch)
    # Of several processes one may be ready before another: a request waits rather than meet it.
    patient = serving.workers > 1
    service = Service(live, store, settings, serving, patient=patient)
    app = FastAPI(
        title="askscwru",
        summary="Ask blog posts, and get their own words back.",
        version=__version__,
        openapi_tags=TAGS,
        docs_url=None,
        openapi_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        middleware=_middleware(service),
        exception_handlers=cast("dict[Any, Any]", _HANDLERS),
    )
    app.state.service = service
    app.state.mcp = mcp_server(service)
    app.include_router(pages.router)
    app.include_router(routes.router)
    app.include_router(openai.router)
    app.include_router(responses.router)
    app.include_router(manual.router)
    app.router.routes.extend(mcp_routes(app.state.mcp))
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    service.live.start()
    service.metrics.start()
    try:
        async with app.state.mcp.session_manager.run():
            yield
    finally:
        await run_in_threadpool(service.sights.stop)
        await service.desk.close()
        service.metrics.stop()
        await run_in_threadpool(service.live.stop)
        await run_in_threadpool(service.close)


def _middleware(service: Service) -> list[Middleware]:
    """From the outside in: as its client sent it, not too much at once, seen, for us, let in."""
    serving = service.serving
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(serving.cors),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
        expose_headers=["X-Request-ID", "Retry-After"],
    )
    return [
        Middleware(Forwarded, serving=serving),
        Middleware(Pace, serving=serving),
        Middleware(Observe, metrics=service.metrics),
        Middleware(HostCheck, serving=serving),
        *([cors] if serving.cors else []),
        Middleware(Guard, serving=serving, tokens=service.tokens, rate=service.rate),
    ]


# -- errors ----------------------------------------------------------------------------------------


def _told(request: Request, problem: problems.Problem) -> Response:
    """A problem as JSON, or as a page where a person followed a link."""
    if wants_page(request) or wants_part(request):
        return problem_page(request, problem)
    return problem_response(problem)


async def _problem(request: Request, problem: problems.Problem) -> Response:
    return _told(request, problem)


async def _core_error(request: Request, error: AskscwruError) -> Response:
    problem = problems.of_error(error)
    if problem.status == HTTPStatus.CONFLICT or problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        routes.note(request, fault=str(error), code=error.code)
    return _told(request, problem)


async def _http_error(request: Request, error: HTTPException) -> Response:
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))  # the router names those of one route only
    return _told(request, problems.of_status(error.status_code, headers))


def _methods(request: Request) -> list[str]:
    """Every method that some route takes at the request's address."""
    scope = dict(request.scope)
    found: set[str] = set()
    for route in request.app.routes:
        for method in getattr(route, "methods", None) or ():
            match, _ = route.matches({**scope, "method": method})
            if match is Match.FULL:
                found.add(method)
    return sorted(found)


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    return _told(request, problems.of_validation(error.errors()))


_HANDLERS = {
    problems.Problem: _problem,
    AskscwruError: _core_error,
    HTTPException: _http_error,
    RequestValidationError: _invalid,
}


# -- the OpenAPI document --------------------------------------------------------------------------


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's document with our own shape of a refused request in the place of its own.

    It says which posts are loaded, and is made anew when others are.
    """
    service: Service = app.state.service
    about = ABOUT.format(collection=service.collection())
    if app.openapi_schema is None or app.openapi_schema["info"]["description"] != about:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=about,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        schemas = document["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        _restore_examples(schemas)
        document["components"]["securitySchemes"] = {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "Needed where the service has tokens: `askscwru token add NAME`.",
            }
        }
        document["security"] = [{}, {"token": []}]
        app.openapi_schema = document
    return app.openapi_schema


def _restore_examples(schemas: dict[str, Any]) -> None:
    """Puts the examples back as they were written: on their way they lost order and nulls."""
    for name, schema in schemas.items():
        extra = getattr(getattr(models, name, None), "model_config", {}).get("json_schema_extra")
        if isinstance(extra, dict):
            schema.update(extra)
