"""``/v1``: what OpenAI's clients speak, so that Open WebUI, LibreChat and the rest can ask."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from starlette.responses import Response, StreamingResponse

from askscwru.api import models, problems
from askscwru.api.chat import Exchanged, exchanged, source_frames, url_citations
from askscwru.api.documented import problems_of
from askscwru.api.replies import Json
from askscwru.api.routes import Ours, json_only, note
from askscwru.types import Answer

MODEL = "askscwru"
SOURCES_MODEL = "askscwru-sources"
"""The same, with Open WebUI's source events in the stream."""
_PIECE = re.compile(r"(?:\S+\s*){1,6}|\s+")
_DONE = b"data: [DONE]\n\n"
_EVENTS = {
    "type": "object",
    "description": "Events whose data is a `chat.completion.chunk`, and at last `[DONE]`.",
    "properties": {"data": {"type": "string"}},
    "required": ["data"],
}


class ContentPart(BaseModel):
    """A part of a message; only text can be asked."""

    type: Literal["text", "input_text"]
    text: str


class Message(BaseModel):
    """One message of the conversation so far."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[ContentPart] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    """How to stream."""

    include_usage: StrictBool = False


class Extension(models.Request):
    """What OpenAI has no words for."""

    top_k: models.TopK = None
    filters: models.FiltersIn | None = None
    sort: models.Sort = "relevance"


class ChatIn(BaseModel):
    """A conversation whose last message is the question.

    What steers a language model (`temperature`, `max_tokens`, `tools`, …) is taken and does
    nothing: every word of an answer is a post's. System messages do nothing either.
    """

    model: str = Field(
        max_length=200, examples=[MODEL], description=f"`{MODEL}`, or `{SOURCES_MODEL}`"
    )
    messages: Annotated[
        list[Message],
        Field(
            min_length=1,
            max_length=1000,
            examples=[[{"role": "user", "content": "How many people use Shared Lives?"}]],
            description="The last one is the question; earlier ones are what it may refer to.",
        ),
    ]
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = Field(None, description="There is one answer.")
    askscwru: Extension | None = Field(
        None, description="Filters, and how many passages to return."
    )

    model_config = ConfigDict(extra="ignore")


class ChatOut(BaseModel):
    """A completion, as OpenAI's clients read it; `askscwru` is the answer of `POST /ask`."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, int]
    askscwru: dict[str, Any]


class ModelsOut(BaseModel):
    """The models that can be chosen."""

    object: Literal["list"]
    data: list[dict[str, Any]]


router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])


@router.get("/models", summary="List the models", response_model=ModelsOut, responses=problems_of())
async def list_models() -> Response:
    """`askscwru`, and `askscwru-sources`: the same with Open WebUI's source events."""
    data = [
        {"id": name, "object": "model", "created": 0, "owned_by": "askscwru"}
        for name in (MODEL, SOURCES_MODEL)
    ]
    return Json({"object": "list", "data": data})


@router.post(
    "/chat/completions",
    summary="Answer the last message of a chat",
    dependencies=[Depends(json_only)],
    response_model=ChatOut,
    responses={
        200: {
            "description": "The completion; with `stream`, events that end with `[DONE]`.",
            "content": {"text/event-stream": {"schema": _EVENTS}},
        },
        **problems_of(400, 404, 409, 413, 415, 422, 500, 503),
    },
)
async def complete(request: Request, body: ChatIn, service: Ours) -> Response:
    """Answers the last message; earlier ones are the conversation that it goes on from.

    The text holds the quotes with their numbers, then what each number stands for, with a link to
    the page that shows the words. `message.annotations` has a `url_citation` for each quote of a
    post with an address of its own, and `askscwru` the whole answer of `POST /ask`. Nothing is
    kept: the client keeps the conversation. `usage` counts words.
    """
    if body.model not in (MODEL, SOURCES_MODEL):
        message = f"There is no model of that name. Take {MODEL} or {SOURCES_MODEL}."
        raise problems.Problem(404, "model_not_found", message, param="model")
    earlier, question = exchanged([(message.role, message.text) for message in body.messages])
    extension = body.askscwru or Extension()
    query = models.query_of(question, extension.top_k, extension.filters, extension.sort)
    base = str(request.base_url).rstrip("/")
    answer, text = await service.chat(earlier, query, base)
    note(request, answered=answer.answered)
    reply = _Completion(body, answer, text, {"askscwru": _extension(service.shown(answer))})
    if not body.stream:
        return Json(reply.whole(_usage(earlier, question, text)))
    usage = _usage(earlier, question, text)
    return StreamingResponse(reply.frames(base, usage), media_type="text/event-stream")


def _extension(shown: dict[str, Any]) -> dict[str, Any]:
    """The answer without the id of a conversation, since it is kept in none."""
    return {name: value for name, value in shown.items() if name != "conversation_id"}


def _usage(earlier: list[Exchanged], question: str, text: str) -> dict[str, int]:
    asked = sum(len(f"{e.question} {e.answer}".split()) for e in earlier) + len(question.split())
    told = len(text.split())
    return {"prompt_tokens": asked, "completion_tokens": told, "total_tokens": asked + told}


class _Completion:
    """One answer in OpenAI's forms."""

    def __init__(self, body: ChatIn, answer: Answer, text: str, extension: dict[str, Any]) -> None:
        self._body = body
        self._answer = answer
        self._text = text
        self._extension = extension
        self._id = f"chatcmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())

    def whole(self, usage: dict[str, int]) -> dict[str, Any]:
        """The completion in one piece."""
        message = {
            "role": "assistant",
            "content": self._text,
            "refusal": None,
            "annotations": url_citations(self._answer),
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {
            **self._head("chat.completion"),
            "choices": [choice],
            "usage": usage,
            **self._extension,
        }

    def frames(self, base: str, usage: dict[str, int]) -> Iterator[bytes]:
        """The completion as server-sent events."""
        yield self._chunk({"role": "assistant", "content": ""})
        for piece in _PIECE.findall(self._text):
            yield self._chunk({"content": piece})
        if self._body.model == SOURCES_MODEL:
            for frame in source_frames(self._answer, base):
                yield _event(frame)
        noted = url_citations(self._answer)
        last = {"annotations": noted} if noted else {}
        yield self._chunk(last, finish_reason="stop", **self._extension)
        if self._body.stream_options is not None and self._body.stream_options.include_usage:
            yield _event({**self._head("chat.completion.chunk"), "choices": [], "usage": usage})
        yield _DONE

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self._id,
            "object": kind,
            "created": self._created,
            "model": self._body.model,
        }

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _event({**self._head("chat.completion.chunk"), "choices": [choice], **more})


def _event(content: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(content)}\n\n".encode()
