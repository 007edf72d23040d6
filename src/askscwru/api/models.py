"""The contract's objects as typed models: what a request must be, and what a response is.

Requests are checked against them, field for field. Responses are made by the core's own
``to_dict``, the one serialisation there is; the tests hold every response against its model.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from askscwru.api import examples
from askscwru.types import RELEVANCE, Filters, Query

Id = Annotated[str, Field(min_length=1, max_length=200)]
Offset = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Request(BaseModel):
    """What every body of a request has in common: no other fields, no type but the right one."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Reply(BaseModel):
    """What every response has in common: these fields and no others."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


# -- requests --------------------------------------------------------------------------------------


def _whole(value: object) -> object:
    """A number without a fraction as a whole one: to JSON, 5.0 and 5 are the same number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[1-9][0-9]{3}(-(0[1-9]|1[0-2]))?")
_FIRST = {len("2018"): "-01-01", len("2018-02"): "-01"}


def _day(value: str) -> str:
    """A date, month or year as it was written; raises a fault of the form for anything else."""
    try:
        if _DAY.fullmatch(value):
            date.fromisoformat(value + _FIRST.get(len(value), ""))
            return value
    except ValueError:
        pass
    raise ValueError(f"“{value}” is not a date. Write it as 2018, 2018-02 or 2018-02-28")


Name = Annotated[str, Field(min_length=1, max_length=200)]
Day = Annotated[
    str,
    Field(max_length=10),
    AfterValidator(_day),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "pattern": "^[1-9][0-9]{3}$"},
                {"type": "string", "pattern": "^[1-9][0-9]{3}-(0[1-9]|1[0-2])$"},
            ]
        }
    ),
]
Sort = Literal["relevance", "date"]
Style = Literal["plain", "apa", "harvard", "bibtex", "ris", "csl-json"]


class FiltersIn(Request):
    """Which posts may be quoted; what is null or left out limits nothing.

    What no post has, alone or with the others, is a 404.
    """

    author: Name | None = Field(
        None,
        description="The author's name; case, accents and titles such as `Dr` do not matter.",
        examples=["Alex Fox"],
    )
    source: Annotated[str, Field(min_length=1, max_length=1000)] | None = Field(
        None,
        description="The name of a source, as `GET /posts` lists it.",
        examples=[examples.SOURCE],
    )
    after: Day | None = Field(
        None,
        description="Only posts published on this ISO date or later, or from this year or month "
        "on; undated posts are left out.",
        examples=["2015-01-01"],
    )
    before: Day | None = Field(
        None,
        description="Only posts published before this ISO date, year or month; undated posts are "
        "left out.",
        examples=["2018-02-28"],
    )
    blog: Name | None = Field(
        None,
        description="The blog's name; case and accents do not matter.",
        examples=["Policy Press blog"],
    )
    category: Name | None = Field(None, description="A category that the post is filed under.")
    tag: Name | None = Field(None, description="A tag that the post has.")
    post: Name | None = Field(None, description="The id of the one post that may be quoted.")

    def filters(self) -> Filters:
        """The same as the core's record."""
        return Filters(**self.model_dump())


Question = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        description="1 to 2,000 characters, at least one of them a letter or digit.",
        json_schema_extra={"pattern": r"[^\W_]"},
        examples=[examples.QUESTION],
    ),
]
TopK = Annotated[
    Annotated[int, Field(ge=1, le=50), BeforeValidator(_whole)] | None,
    Field(description="How many passages to return, 1 to 50; 5 when left out."),
]


class SearchIn(Request):
    """A question to search for."""

    question: Question
    top_k: TopK = None
    filters: FiltersIn | None = None

    def query(self) -> Query:
        """What is asked of the core."""
        return query_of(self.question, self.top_k, self.filters)


class AskIn(Request):
    """A question to answer."""

    question: Question
    conversation_id: Id | None = Field(
        None,
        description="Of an earlier answer, to go on from it; left out, a conversation begins.",
    )
    top_k: TopK = None
    filters: FiltersIn | None = None
    sort: Sort = Field(
        "relevance",
        description="`date` shows the quotes and passages of the newest posts first.",
    )
    style: Style = Field("plain", description="How `reference` of each citation is written.")

    def query(self) -> Query:
        """What is asked of the core."""
        return query_of(self.question, self.top_k, self.filters, self.sort)

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"question": examples.QUESTION},
                {"question": "Who wrote that?", "top_k": 3},
            ]
        }
    )


def query_of(
    question: str, top_k: int | None, filters: FiltersIn | None, sort: str = RELEVANCE
) -> Query:
    """What is asked of the core, from the fields of a request."""
    return Query(question, top_k, Filters() if filters is None else filters.filters(), sort)


# -- responses -------------------------------------------------------------------------------------


class SpanOut(Reply):
    """A stretch of a source's text."""

    start: Offset = Field(description="In code points, from 0.")
    end: Offset = Field(description="In code points; the first one that is not in it.")


class FiltersOut(Reply):
    """Which posts could be quoted; what is null limited nothing."""

    author: str | None
    source: str | None
    after: str | None
    before: str | None
    blog: str | None
    category: str | None
    tag: str | None
    post: str | None


class LimitsOut(Reply):
    """Under which limits a question was asked."""

    filters: FiltersOut = Field(description="As they can be sent with the next question.")
    sort: Sort
    text: str = Field(description="The same in one line: `posts by Alex Fox, newest first`.")


class CorrectionOut(Reply):
    """A word that nobody knows, and what was searched for in its place."""

    from_: str = Field(alias="from")
    to: str


class CitationOut(Reply):
    """A numbered quote with the post it comes from."""

    index: int = Field(ge=1, description="The number that stands in the answer: `[1]`.")
    quote: str = Field(description="Verbatim: `source_text[start:end]`, always.")
    start: Offset
    end: Offset
    highlight: SpanOut | None = Field(
        description="The short span inside the quote that answers the question, or null."
    )
    post_id: str = Field(description="For `GET /posts/{post_id}`.")
    title: str | None
    authors: list[str]
    blog: str | None
    source: str = Field(description="The source that the offsets are of.")
    also_in: list[str] = Field(description="The other sources in which the post stands.")
    url: str | None
    published: str | None = Field(description="ISO date.")
    captured: str | None = Field(description="ISO date on which the copy was saved.")
    page: int | None = Field(description="Of a document: the page on which the quote begins.")
    complete: bool = Field(description="False when only an opening of the post is known.")
    word_count: int | None = Field(description="As the page states it for the whole post.")
    passage_id: str
    score: Share = Field(description="The estimate that these words answer the question.")
    reference: str = Field(description="The post as `style` has it, to copy into a text.")
    group: str | None = Field(
        description="Among views: what it is quoted for, a post's title or a side of a comparison."
    )


class RowOut(Reply):
    """A post of a list."""

    post_id: str = Field(description="For `GET /posts/{post_id}`.")
    title: str | None
    authors: list[str]
    blog: str | None
    published: str | None = Field(description="ISO date.")
    url: str | None
    word_count: int | None = Field(description="As the page states it for the whole post.")
    complete: bool = Field(description="False when only an opening of the post is known.")
    source: str = Field(description="The source that the offsets are of.")
    start: Offset = Field(description="Of the title; of the post where it has none.")
    end: Offset


class NearOut(RowOut):
    """A post that came near to a question which no post answers, with its nearest sentence."""

    quote: str = Field(description="Verbatim: `source_text[start:end]`. It is no answer.")
    confidence: Share = Field(description="The estimate that these words answer the question.")


class PassageOut(Reply):
    """A stretch of a post that was found."""

    passage_id: str
    post_id: str
    title: str | None
    text: str
    start: Offset
    end: Offset
    source: str
    score: Share


class PartOut(Reply):
    """One of several questions that were asked in one."""

    question: str
    searched_for: str
    answered: bool
    confidence: Share = Field(description="Of this question alone.")
    answer: str
    citations: list[int] = Field(description="The numbers of its citations.")


class TurnBase(Reply):
    """What an answer and a turn that was kept have in common."""

    turn: int = Field(ge=1, description="Its number in the conversation.")
    question: str
    searched_for: str = Field(
        description="What was searched: the question with what it refers to put in, and misspelt "
        "words corrected."
    )
    limits: LimitsOut = Field(description="The filters and the sort under which it was asked.")
    corrections: list[CorrectionOut]
    alternatives: list[str] = Field(
        description="Other readings of the question that were answered about as well."
    )
    answered: bool = Field(description="False when the posts do not say.")
    kind: Literal["answer", "list", "views", "reply", "abstention"] = Field(
        description="`answer`: quotes that answer. `list`: posts, dates, authors or counts, from "
        "the records. `views`: quotes in groups. `reply`: the program's own words to what is no "
        "question. `abstention`: the posts do not say."
    )
    confidence: Share = Field(
        description="The calibrated probability that the quoted words answer the question."
    )
    answer: str = Field(
        description="The quotes, each followed by its number, behind the program's own words where "
        "there are any; or an abstention."
    )
    short: str | None = Field(
        description="The words that answer, by themselves; null where they would mislead."
    )
    total: int | None = Field(
        description="On a list: how many there are of what was asked for. Else null."
    )
    posts: list[RowOut] = Field(
        description="On a list: all of its posts, in its order; a count is the list that it counts."
    )
    citations: list[CitationOut] = Field(
        description="Empty in an abstention; on a list, of its first `top_k` posts."
    )
    nearest: list[NearOut] = Field(
        description="On an abstention: the posts that came nearest, once each. Not an answer."
    )
    advice: list[str] = Field(
        description="What else to ask, or what to know of the answer, a sentence each."
    )
    parts: list[PartOut] = Field(
        description="Where several questions were asked in one, each with its own confidence."
    )


class AnswerOut(TurnBase):
    """Quotes with their citations, or an abstention; with one confidence."""

    conversation_id: str = Field(description="Send it with the next question to ask on.")
    notes: list[str] = Field(
        description="What went amiss without keeping the answer back: an unkept turn."
    )
    passages: list[PassageOut] = Field(description="The nearest passages, best first.")
    timings_ms: dict[str, float] = Field(description="Milliseconds by stage, and `total`.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "conversation_id": examples.CONVERSATION,
                    **examples.TURN,
                    "notes": [],
                    "passages": [examples.FOUND],
                    "timings_ms": examples.TIMES,
                }
            ]
        }
    )


class TurnOut(TurnBase):
    """A turn as the conversation keeps it."""

    asked_at: str = Field(description="ISO date and time, UTC.")


class ConversationOut(Reply):
    """A conversation with its turns."""

    conversation_id: str
    title: str
    created_at: str
    updated_at: str
    count: int = Field(ge=0, description="How many turns it has.")
    turns: list[TurnOut]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "conversation_id": examples.CONVERSATION,
                    "title": examples.QUESTION,
                    "created_at": "2026-01-05T10:00:00.000000+00:00",
                    "updated_at": "2026-01-05T10:00:00.000000+00:00",
                    "count": 1,
                    "turns": [{**examples.TURN, "asked_at": "2026-01-05T10:00:00.000000+00:00"}],
                }
            ]
        }
    )


class SearchOut(Reply):
    """Passages, without an answer."""

    question: str
    passages: list[PassageOut]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"question": examples.QUESTION, "passages": [examples.FOUND]}],
        }
    )


class OccurrenceOut(Reply):
    """Another place where a post stands."""

    source: str
    start: Offset
    end: Offset
    complete: bool


class PostOut(Reply):
    """A post, without its text."""

    post_id: str
    title: str | None
    authors: list[str]
    blog: str | None
    word_count: int | None
    known_words: int = Field(ge=0, description="How many words of it are known here.")
    complete: bool
    published: str | None
    captured: str | None
    url: str | None
    categories: list[str]
    tags: list[str]
    see_also: list[str] = Field(
        description="Ids of posts that share much of their text and yet say something else."
    )
    source: str
    start: Offset
    end: Offset
    sources: list[str]
    also_in: list[OccurrenceOut]


class SnippetOut(Reply):
    """The sentence of a post that has the most of the words that were searched for."""

    text: str = Field(description="Verbatim: `source_text[start:end]`.")
    source: str
    start: Offset
    end: Offset
    words: list[SpanOut] = Field(description="Where the words stand, counted from its start.")


class ListedPostOut(PostOut):
    """A post in a list."""

    snippet: SnippetOut | None = Field(
        None, description="With `q`: where the words stand; null where no sentence has them."
    )


class PostsOut(Reply):
    """Every post, or those that were searched for."""

    posts: list[ListedPostOut]

    model_config = ConfigDict(json_schema_extra={"examples": [{"posts": [examples.LISTED]}]})


class BlockOut(Reply):
    """About one paragraph of a post; what is page furniture stands in no block."""

    kind: Literal["title", "byline", "body", "list", "heading", "reference"]
    start: Offset
    end: Offset
    text: str


class MarkedOut(Reply):
    """The stretch that the address names."""

    source: str
    start: Offset
    end: Offset
    text: str


class PostTextOut(PostOut):
    """A post with its text."""

    blocks: list[BlockOut] = Field(description="The post in order, each `source_text[start:end]`.")
    marked: MarkedOut | None = Field(description="What `start` and `end` name; null without them.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **examples.LISTED,
                    "blocks": [
                        {"kind": "body", "start": 3652, "end": 3795, "text": examples.SENTENCE}
                    ],
                    "marked": None,
                }
            ]
        }
    )


class SourceOut(Reply):
    """A source with its text."""

    source: str
    sha256: str = Field(description="Of the file's bytes.")
    characters: int = Field(ge=0)
    text: str


class IndexHealth(Reply):
    """The index that answers."""

    generation: str | None = Field(description="Null before it is loaded.")
    fault: str | None = Field(
        description="Why a newer index was refused, or none can be loaded; null when all is well."
    )


class HealthOut(Reply):
    """Whether the service is up, and whether it can answer."""

    live: bool = Field(description="True: it was able to say so.")
    ready: bool = Field(description="Whether questions can be answered.")
    version: str
    index: IndexHealth

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "live": True,
                    "ready": True,
                    "version": "0.1.0",
                    "index": {"generation": "20260105T100000Z-0a1b2c", "fault": None},
                }
            ]
        }
    )


class ErrorBody(Reply):
    """What went wrong."""

    type: str = Field(description="The kind: `invalid_request_error`, `rate_limit_error`, …")
    message: str = Field(description="One or two sentences for a person.")
    param: str | None = Field(description="The field at fault, where there is one.")
    code: str = Field(description="The same failure has the same code, always.")


class ProblemOut(Reply):
    """The one shape of every error."""

    error: ErrorBody

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "error": {
                        "type": "invalid_request_error",
                        "message": "question: there is no such field.",
                        "param": "question",
                        "code": "unknown_field",
                    }
                }
            ]
        }
    )
