"""``POST /v1/responses``: OpenAI's newer API, which its clients move to, over the same answers."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from starlette.responses import Response, StreamingResponse

from askscwru.api import problems
from askscwru.api.chat import Exchanged
from askscwru.api.documented import problems_of
from askscwru.api.openai import (
    MODEL,
    SOURCES_MODEL,
    Extension,
    Message,
    Said,
    checked,
    pieces,
    reply_to,
)
from askscwru.api.replies import Json
from askscwru.api.routes import Ours, json_only

_REMEMBERED = 1_000
_CHARACTERS = 20_000_000
"""The most that remembered responses have together, so that long ones do not fill the memory."""
_EVENTS = {
    "type": "object",
    "description": "Events `response.created` … `response.completed`, each with its data.",
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
    "required": ["data"],
}


class ResponseIn(BaseModel):
    """A question, or a conversation whose last message is the question.

    What steers a language model (`instructions`, `tools`, `temperature`, …) is taken and does
    nothing.
    """

    model: str = Field(
        max_length=200, examples=[MODEL], description=f"`{MODEL}`, or `{SOURCES_MODEL}`"
    )
    input: str | Annotated[list[Message | dict[str, Any]], Field(min_length=1)] = Field(
        examples=["How many people use Shared Lives?"],
        description="The question, or messages of which the last one is it; items that are no "
        "messages are not read.",
    )
    previous_response_id: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="Goes on from that response; this process remembers the newest thousand."
    )
    stream: StrictBool | None = None
    askscwru: Extension | None = Field(
        None, description="Filters, and how many passages to return."
    )

    model_config = ConfigDict(extra="ignore")

    def messages(self) -> list[Message]:
        """What was said, in order."""
        if isinstance(self.input, str):
            return [Message(role="user", content=self.input)]
        return [item for item in self.input if isinstance(item, Message)]


class ResponseOut(BaseModel):
    """A response, as OpenAI's clients read it; `askscwru` is the answer of `POST /ask`."""

    id: str
    object: Literal["response"]
    created_at: int
    status: Literal["completed"]
    model: str
    output: list[dict[str, Any]]
    usage: dict[str, Any]
    previous_response_id: str | None
    askscwru: dict[str, Any] | None = None

    model_config = ConfigDict(extra="allow")


class _Memory:
    """The conversations that newer responses may go on from; the oldest make room."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[Exchanged, ...]] = OrderedDict()
        self._characters = 0

    def get(self, response_id: str | None) -> Iterator[Message]:
        """What was said up to a response; raises ``Problem`` (404) where it is not known."""
        if response_id is None:
            return
        with self._lock:
            found = self._known.get(response_id)
        if found is None:
            raise problems.Problem(
                404,
                "previous_response_not_found",
                "That response is not remembered here. Send the earlier messages in `input`.",
                param="previous_response_id",
            )
        for exchange in found:
            yield Message(role="user", content=exchange.question)
            yield Message(role="assistant", content=exchange.answer)

    def put(self, response_id: str, exchanges: tuple[Exchanged, ...]) -> None:
        """Remembers what was said up to a response, this one included."""
        with self._lock:
            self._known[response_id] = exchanges
            self._characters += _length(exchanges)
            while len(self._known) > _REMEMBERED or self._characters > _CHARACTERS:
                _, oldest = self._known.popitem(last=False)
                self._characters -= _length(oldest)

    @property
    def characters(self) -> int:
        """How many are remembered."""
        with self._lock:
            return self._characters


def _length(exchanges: Sequence[Exchanged]) -> int:
    return sum(len(exchange.question) + len(exchange.answer) for exchange in exchanges)


router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])
_MEMORY = _Memory()


@router.post(
    "/responses",
    summary="Answer a question, or the last message of a chat",
    dependencies=[Depends(json_only)],
    response_model=ResponseOut,
    responses={
        200: {
            "description": "The response; with `stream`, its events.",
            "content": {"text/event-stream": {"schema": _EVENTS}},
        },
        **problems_of(400, 404, 409, 413, 415, 422, 500, 503),
    },
)
async def respond(request: Request, body: ResponseIn, service: Ours) -> Response:
    """Answers as `POST /v1/chat/completions` does, in the form of OpenAI's Responses API.

    `output_text` holds the quotes with their numbers and links; each quote of a post with an
    address of its own is annotated as a `url_citation`. `usage` counts words.
    """
    checked(body.model)
    messages = (*_MEMORY.get(body.previous_response_id), *body.messages())
    said = await reply_to(request, service, messages, body.askscwru or Extension())
    reply = _Reply(body, said)
    _MEMORY.put(reply.id, (*said.earlier, Exchanged(said.question, said.text)))
    if not body.stream:
        return Json(reply.whole("completed"))
    return StreamingResponse(reply.frames(), media_type="text/event-stream")


class _Reply:
    """One answer in the forms of the Responses API."""

    def __init__(self, body: ResponseIn, said: Said) -> None:
        self.id = f"resp_{uuid.uuid4().hex}"
        self._item = f"msg_{uuid.uuid4().hex}"
        self._body = body
        self._said = said
        self._created = int(time.time())
        # Flat here, where a chat completion nests them.
        self._notes = [{"type": note["type"], **note["url_citation"]} for note in said.annotations]

    def whole(self, status: str) -> dict[str, Any]:
        """The response; without its output while it is in progress."""
        done = status == "completed"
        usage = self._said.usage
        counted = {
            "input_tokens": usage["prompt_tokens"],
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": usage["completion_tokens"],
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": usage["total_tokens"],
        }
        return {
            "id": self.id,
            "object": "response",
            "created_at": self._created,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "max_output_tokens": None,
            "metadata": {},
            "model": self._body.model,
            "output": [self._message("completed", self._text(self._notes))] if done else [],
            "parallel_tool_calls": False,
            "previous_response_id": self._body.previous_response_id,
            "temperature": None,
            "text": {"format": {"type": "text"}},
            "tool_choice": "none",
            "tools": [],
            "top_p": None,
            "truncation": "disabled",
            "usage": counted if done else None,
            **(self._said.extension if done else {}),
        }

    def frames(self) -> Iterator[bytes]:
        """The response as server-sent events."""
        for number, (kind, content) in enumerate(self._events()):
            event = {"type": kind, "sequence_number": number, **content}
            yield f"event: {kind}\ndata: {json.dumps(event)}\n\n".encode()

    def _events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        at = {"output_index": 0}
        inside = {**at, "item_id": self._item, "content_index": 0}
        text = self._said.text
        for kind in ("response.created", "response.in_progress"):
            yield kind, {"response": self.whole("in_progress")}
        yield "response.output_item.added", {**at, "item": self._message("in_progress")}
        yield "response.content_part.added", {**inside, "part": {**self._text([]), "text": ""}}
        for piece in pieces(text):
            yield "response.output_text.delta", {**inside, "delta": piece, "logprobs": []}
        for number, note in enumerate(self._notes):
            noted = {**inside, "annotation_index": number, "annotation": note}
            yield "response.output_text.annotation.added", noted
        yield "response.output_text.done", {**inside, "text": text, "logprobs": []}
        part = self._text(self._notes)
        yield "response.content_part.done", {**inside, "part": part}
        yield "response.output_item.done", {**at, "item": self._message("completed", part)}
        yield "response.completed", {"response": self.whole("completed")}

    def _message(self, status: str, *parts: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "message",
            "id": self._item,
            "status": status,
            "role": "assistant",
            "content": list(parts),
        }

    def _text(self, annotations: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "type": "output_text",
            "text": self._said.text,
            "annotations": annotations,
            "logprobs": [],
        }
