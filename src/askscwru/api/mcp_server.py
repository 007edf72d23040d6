"""The MCP server: the same answers as tools and resources, for assistants that call tools.

Over HTTP it is mounted at ``/mcp``, behind the same checks as every route, and without sessions, so
that any worker process can answer any request; ``askscwru mcp`` speaks it on standard input and
output. A tool's text is for the model to read, its structured content is the JSON object of the
HTTP route of that name.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Annotated, Any, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp.types import CallToolResult, Resource, TextContent, ToolAnnotations
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from pydantic import Field
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from askscwru import __version__
from askscwru.answering.limits import NO_LIMITS
from askscwru.api import models, problems
from askscwru.api.post_text import PostText
from askscwru.api.service import Service
from askscwru.errors import AskscwruError, NotFoundError

_VERSION = MCP_PROTOCOL_VERSION_HEADER
URI = "askscwru://posts/{post_id}"
_LISTED = 500
"""The most posts that are listed as resources; every one can be read by its id."""
INSTRUCTIONS = (
    "Answers questions from {collection}. `ask` returns "
    "sentences of the posts word for word, each with a numbered citation: quote them as they are "
    "and name title and authors. When `answered` is false the posts do not say: tell the user so, "
    "and do not answer from other knowledge as if it came from the posts. Send the "
    "`conversation_id` of the last answer with a follow-up question."
)
Result = TypeVar("Result")
_READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_ASKS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
)
Filters = Annotated[models.FiltersIn | None, Field(description="Which posts may be quoted.")]
Conversation = Annotated[
    models.Id | None, Field(description="Of an earlier answer, to go on from it.")
]


class _Server(MCPServer[Any]):
    """An MCP server whose words and list of resources are those of the index as it is now."""

    service: Service

    def describe(self) -> None:
        """Says what a client that connects now is to know."""
        told = INSTRUCTIONS.format(collection=self.service.collection())
        self._lowlevel_server.instructions = told

    async def list_resources(self) -> list[Resource]:
        """The posts, as resources."""
        listed = (await _told(self.service.posts(), ResourceError))["posts"]
        return [
            Resource(
                uri=URI.format(post_id=post["post_id"]),
                name=post["post_id"],
                title=post["title"] or "untitled post",
                description=", ".join(filter(None, [*post["authors"], post["blog"]])) or None,
                mime_type="text/plain",
            )
            for post in listed[:_LISTED]
        ]


def mcp_server(service: Service) -> _Server:
    """The server, with its tools and resources, over a service's assistant."""
    server = _Server(
        "askscwru",
        title="askscwru: ask the posts",
        version=__version__,
        log_level="WARNING",
        subscriptions=False,  # a stream that would never say anything
    )
    server.service = service
    server.describe()
    _add_questions(server, service)
    _add_posts(server, service)
    return server


def mcp_routes(server: _Server) -> list[Route]:
    """The route ``/mcp``; the server's ``session_manager`` has to run while it is served.

    POST alone: nothing is ever sent unasked, so a client that would listen with GET is told so
    (405, as the protocol has it) instead of keeping a connection for nothing.
    """
    server.streamable_http_app(
        streamable_http_path="/mcp",
        stateless_http=True,
        json_response=True,
        # Host names, origins and sizes were checked before this route sees a request.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return [Route("/mcp", endpoint=_Endpoint(server), methods=["POST"])]


class _Endpoint:
    """``/mcp`` as the SDK serves it, but that any client may begin with ``initialize``."""

    def __init__(self, server: _Server) -> None:
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one message."""
        self._server.describe()
        version = Headers(scope=scope).get(_VERSION)
        if version is None or version in HANDSHAKE_PROTOCOL_VERSIONS:
            await self._server.session_manager.handle_request(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        if _is_initialize(body):
            # Which versions both speak is settled by the message itself; the SDK would take the
            # header of a version that it does not know for a fault before it reads that.
            named = [(k, v) for k, v in scope["headers"] if k.decode("latin-1") != _VERSION]
            scope = {**scope, "headers": named}
        sent = False

        async def again() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._server.session_manager.handle_request(scope, again, send)


def _is_initialize(body: bytes) -> bool:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(message, dict) and message.get("method") == "initialize"


def _add_questions(server: MCPServer[Any], service: Service) -> None:
    @server.tool(title="Ask the posts", annotations=_ASKS)
    async def ask(
        question: models.Question,
        conversation_id: Conversation = None,
        top_k: models.TopK = None,
        filters: Filters = None,
        sort: models.Sort = "relevance",
    ) -> Annotated[CallToolResult, models.AnswerOut]:
        """Answers a question with verbatim, cited sentences of the posts, or says they do not say.

        A follow-up question may refer to earlier ones when it brings their conversation_id.
        """
        query = models.query_of(question, top_k, filters, sort)
        answer = await _told(service.ask(query, conversation_id), ToolError)
        return _result(answer, _answer_text(answer))

    @server.tool(title="Search the posts", annotations=_READS)
    async def search(
        question: models.Question, top_k: models.TopK = None, filters: Filters = None
    ) -> Annotated[CallToolResult, models.SearchOut]:
        """The passages that are most about a question, best first, without an answer."""
        query = models.query_of(question, top_k, filters)
        found = await _told(service.search(query), ToolError)
        text = "\n\n".join(
            f"{passage['title'] or 'untitled post'} ({passage['post_id']}):\n{passage['text']}"
            for passage in found["passages"]
        )
        return _result(found, text or "Nothing was found.")


def _add_posts(server: MCPServer[Any], service: Service) -> None:
    @server.tool(title="List the posts", annotations=_READS)
    async def list_posts() -> Annotated[CallToolResult, models.PostsOut]:
        """Every post with its id, title, authors and blog, without its text."""
        found = await _told(service.posts(), ToolError)
        lines = (
            f"{post['post_id']}: {post['title'] or 'untitled post'}"
            f" ({', '.join(post['authors']) or 'no author named'})"
            for post in found["posts"]
        )
        return _result(found, "\n".join(lines))

    @server.tool(title="Read a post", annotations=_READS)
    async def get_post(
        post_id: Annotated[models.Id, Field(description="As a citation or list_posts names it.")],
    ) -> Annotated[CallToolResult, models.PostTextOut]:
        """The text of one post."""
        text = await _told(service.post(post_id), ToolError)
        return _result(text.to_dict(), text.plain)

    @server.resource(URI, name="post", title="A post", mime_type="text/plain")
    async def post(post_id: str) -> str:
        """The text of one post."""
        text: PostText = await _told(service.post(post_id), ResourceError)
        return text.plain


async def _told(work: Awaitable[Result], kind: type[ToolError] | type[ResourceError]) -> Result:
    """What the work returns; its failures as the SDK's, with the message that HTTP would give."""
    try:
        return await work
    except problems.Problem as problem:
        raise kind(problem.message) from problem
    except AskscwruError as error:
        said = problems.of_error(error).message
        if kind is ResourceError and isinstance(error, NotFoundError):
            raise ResourceNotFoundError(said) from error
        raise kind(said) from error


def _result(content: dict[str, Any], text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=content)


def _answer_text(answer: dict[str, Any]) -> str:
    lines = [answer["answer"], ""]
    for citation in answer["citations"]:
        by = ", ".join(citation["authors"]) or "no author named"
        title = citation["title"] or "untitled post"
        lines.append(f"[{citation['index']}] {title}, {by} (post {citation['post_id']})")
    for near in answer["nearest"]:
        title = near["title"] or "untitled post"
        lines.append(f"Near, but no answer: {title}: “{near['quote']}” (post {near['post_id']})")
    lines += answer["advice"]
    if answer["searched_for"] != answer["question"]:
        lines.append(f"Searched for: {answer['searched_for']}")
    if answer["limits"]["text"] != NO_LIMITS.text:
        lines.append(f"Asked of {answer['limits']['text']}")
    lines += answer["notes"]
    sure = f"Confidence {answer['confidence']:.2f}; " if answer["answered"] else ""
    lines.append(f"{sure}conversation {answer['conversation_id']}")
    return "\n".join(lines)
