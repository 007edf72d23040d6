"""``/v1``: what OpenAI's clients speak, so that Open WebUI, LibreChat and the rest can ask."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from starlette.responses import Response, StreamingResponse

from askscwru.api import models, problems
from askscwru.api.chat import Exchanged, exchanged, source_frames, url_citations
from askscwru.api.documented import problems_of
from askscwru.api.forwarded import base_of
from askscwru.api.replies import Json
from askscwru.api.routes import Ours, json_only, note
from askscwru.api.service import Service
from askscwru.api.tasks import task_reply, unwrapped
from askscwru.types import Answer

MODEL = "askscwru"
SOURCES_MODEL = "askscwru-sources"
"""The same, with Open WebUI's source events in the stream."""
MODELS = (MODEL, SOURCES_MODEL)
_PIECE = re.compile(r"(?:\S+\s*){1,6}|\s+")
_DONE = b"data: [DONE]\n\n"
_EVENTS = {
    "type": "object",
    "description": "Events whose data is a `chat.completion.chunk`, and at last `[DONE]`.",
    "properties": {"data": {"type": "string"}},
    "required": ["data"],
}


_WORDS = frozenset({"text", "input_text", "output_text", "refusal"})
_TELLS = frozenset({"system", "developer"})
UNREAD = "Pictures and files in this conversation were not read: only words are."
UNASKED = "There is no question in the last message. Ask something of the posts in words."
_LETTER = re.compile(r"[^\W_]")


class ContentPart(BaseModel):
    """A part of a message; what is no text (a picture, a file, a sound) is not read."""

    type: Annotated[str, Field(max_length=100, examples=["text"])]
    text: Annotated[str | None, Field(description="Of a part that is text.")] = None


class Message(BaseModel):
    """One message of the conversation so far."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[ContentPart] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text is not None)
        return self.content or ""

    @property
    def has_more(self) -> bool:
        """Whether there is more to it than words."""
        parts = self.content if isinstance(self.content, list) else []
        return self.role == "user" and any(part.type not in _WORDS for part in parts)


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
            examples=[[{"role": "user", "content": "How many people use Shared Lives?"}]],
            description="The last one of the user's is the question, earlier ones are what it may "
            "refer to. Where there is none, the reply says so.",
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
    askscwru: dict[str, Any] | None = Field(
        None, description="Left out of the reply to a chat program's own prompt."
    )


class ModelOut(BaseModel):
    """A model that can be chosen."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelsOut(BaseModel):
    """The models that can be chosen."""

    object: Literal["list"]
    data: list[ModelOut]


router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])


@router.get("/models", summary="List the models", response_model=ModelsOut, responses=problems_of())
async def list_models() -> Response:
    """`askscwru`, and `askscwru-sources`: the same with Open WebUI's source events."""
    return Json({"object": "list", "data": [_model(name) for name in MODELS]})


@router.get(
    "/models/{model}",
    summary="One model",
    response_model=ModelOut,
    responses=problems_of(404, 422),
)
async def one_model(model: Annotated[str, Path(min_length=1, max_length=200)]) -> Response:
    """A model by its id."""
    return Json(_model(checked(model)))


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "askscwru"}


def checked(model: str) -> str:
    """The id of a model; raises ``Problem`` (404) where there is none of that id."""
    if model not in MODELS:
        message = f"There is no model of that name. Take {MODEL} or {SOURCES_MODEL}."
        raise problems.Problem(404, "model_not_found", message, param="model")
    return model


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
    kept: the client keeps the conversation. `usage` counts words. A question of more than 2,000
    characters is a 422.
    """
    checked(body.model)
    base = base_of(request)
    said = await reply_to(request, service, body.messages, body.askscwru or Extension())
    reply = _Completion(body, said)
    if not body.stream:
        return Json(reply.whole())
    return StreamingResponse(reply.frames(base), media_type="text/event-stream")


@dataclass(frozen=True, slots=True)
class Said:
    """What is said to the last message of a chat."""

    earlier: list[Exchanged]
    question: str
    text: str
    answer: Answer | None
    """None for a reply that no post has to do with."""
    extension: dict[str, Any]
    """The whole answer, for clients that know us; empty where there is none."""

    @property
    def usage(self) -> dict[str, int]:
        """The words of it, by the names that OpenAI has for tokens."""
        return _usage(self.earlier, self.question, self.text)

    @property
    def annotations(self) -> list[dict[str, Any]]:
        """The posts' own addresses."""
        return [] if self.answer is None else url_citations(self.answer)


async def reply_to(
    request: Request, service: Service, messages: Sequence[Message], extension: Extension
) -> Said:
    """Answers the last message of a chat.

    Raises:
        Problem, AskscwruError: as every answer.
    """
    earlier, question = exchanged([(message.role, message.text) for message in messages])
    question, beside = unwrapped(question)
    told = "\n".join(message.text for message in messages if message.role in _TELLS)
    task = task_reply(question, told)
    if task is not None:
        note(request, task=True)
        return Said(earlier, question, task, None, {})
    unread = beside or any(message.has_more for message in messages)
    if not _LETTER.search(question):
        # Said in the chat, as an empty message is its user's and no fault of the program's.
        return Said(earlier, question, f"{UNASKED} {UNREAD}" if unread else UNASKED, None, {})
    query = models.query_of(question, extension.top_k, extension.filters, extension.sort)
    notes = (UNREAD,) if unread else ()
    answer, text = await service.chat(earlier, query, base_of(request), notes)
    note(request, answered=answer.answered)
    shown = {"askscwru": _extension(service.shown(answer))}
    return Said(earlier, question, text, answer, shown)


def _extension(shown: dict[str, Any]) -> dict[str, Any]:
    """The answer without the id of a conversation, since it is kept in none."""
    return {name: value for name, value in shown.items() if name != "conversation_id"}


def _usage(earlier: list[Exchanged], question: str, text: str) -> dict[str, int]:
    asked = sum(len(f"{e.question} {e.answer}".split()) for e in earlier) + len(question.split())
    told = len(text.split())
    return {"prompt_tokens": asked, "completion_tokens": told, "total_tokens": asked + told}


class _Completion:
    """One answer in OpenAI's forms."""

    def __init__(self, body: ChatIn, said: Said) -> None:
        self._body = body
        self._said = said
        self._id = f"chatcmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())

    def whole(self) -> dict[str, Any]:
        """The completion in one piece."""
        message = {
            "role": "assistant",
            "content": self._said.text,
            "refusal": None,
            "annotations": self._said.annotations,
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {
            **self._head("chat.completion"),
            "choices": [choice],
            "usage": self._said.usage,
            **self._said.extension,
        }

    def frames(self, base: str) -> Iterator[bytes]:
        """The completion as server-sent events."""
        yield self._chunk({"role": "assistant", "content": ""})
        for piece in pieces(self._said.text):
            yield self._chunk({"content": piece})
        if self._body.model == SOURCES_MODEL and self._said.answer is not None:
            for frame in source_frames(self._said.answer, base):
                yield _event(frame)
        noted = self._said.annotations
        last = {"annotations": noted} if noted else {}
        yield self._chunk(last, finish_reason="stop", **self._said.extension)
        if self._body.stream_options is not None and self._body.stream_options.include_usage:
            yield _event(
                {**self._head("chat.completion.chunk"), "choices": [], "usage": self._said.usage}
            )
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


def pieces(text: str) -> list[str]:
    """A text in pieces of a few words, as it is streamed."""
    return _PIECE.findall(text)


def _event(content: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(content)}\n\n".encode()
