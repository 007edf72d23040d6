"""Every failure as the contract's one shape, with its true status; the one place that maps them.

``{"error": {"type", "message", "param", "code"}}``: OpenAI's clients read the same shape. No
message holds a path of this machine: what only the operator can mend is said in a sentence of our
own, and the whole of it goes to the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from askscwru import errors
from askscwru.errors import AskscwruError

TYPES = {
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "unavailable_error",
}
"""The ``type`` of each status; ``invalid_request_error`` for every other one."""
RETRY_SECONDS = 2


class Problem(Exception):  # noqa: N818 - named as in RFC 9457
    """A refusal or failure as a client is told of it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.headers = dict(headers or {})

    def to_dict(self) -> dict[str, Any]:
        """The body of the response."""
        return {
            "error": {
                "type": TYPES.get(self.status, "invalid_request_error"),
                "message": self.message,
                "param": self.param,
                "code": self.code,
            }
        }


_AGAIN = "Try again later; whoever runs the service finds the reason in its log."
_MAP: dict[type[AskscwruError], tuple[int, str | None]] = {
    AskscwruError: (500, f"The question could not be answered. {_AGAIN}"),
    errors.UsageError: (422, None),
    errors.QuestionError: (422, None),
    errors.FilterError: (404, None),  # its form was looked at before: there are no such posts
    errors.NotFoundError: (404, None),
    errors.SetError: (422, None),
    errors.SeedsError: (503, f"The seeds cannot be read. {_AGAIN}"),
    errors.ManifestError: (503, f"The manifest of the seeds is malformed. {_AGAIN}"),
    errors.SourceError: (503, f"This source cannot be read. {_AGAIN}"),
    errors.IndexError_: (503, f"The index cannot be used. {_AGAIN}"),
    errors.IndexMissing: (503, f"There is no index yet. {_AGAIN}"),
    errors.IndexDamaged: (503, f"The index is damaged. {_AGAIN}"),
    errors.IndexMismatch: (503, f"The index is of another format or model. {_AGAIN}"),
    errors.IndexStale: (
        409,
        "A source that would be quoted has changed since it was indexed, so its words are not "
        "quoted. Ask again when the index has been built anew.",
    ),
    errors.Cancelled: (503, f"The question was taken back. {_AGAIN}"),
    errors.IndexBusy: (503, f"The index is being built. {_AGAIN}"),
    errors.IndexAway: (503, f"The server that holds the index is away. {_AGAIN}"),
    errors.StorageError: (503, f"The conversations cannot be read or written. {_AGAIN}"),
    errors.InDoubtError: (503, f"The conversations cannot be read or written. {_AGAIN}"),
    errors.ModelError: (503, f"A model cannot be used. {_AGAIN}"),
    errors.ClusterError: (503, f"The index cannot be built. {_AGAIN}"),
    errors.InternalError: (500, f"Something failed that should not have. {_AGAIN}"),
    errors.QuoteError: (
        500,
        "A quote is not what its source says, so the answer is withheld. Ask again when the index "
        "has been built anew.",
    ),
}
"""Status, and the sentence that a client is told; None where the error's own names nothing but what
the client sent."""


def of_error(error: AskscwruError) -> Problem:
    """The problem that a failure of the core is."""
    kind = next(kind for kind in type(error).__mro__ if kind in _MAP)
    status, message = _MAP[kind]
    if isinstance(error, errors.InternalError) and error.safe:
        message = error.safe
    headers = (
        {"Retry-After": str(RETRY_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    )
    return Problem(
        status,
        error.code,
        str(error) if message is None else message,
        param=error.param if message is None else None,
        headers=headers,
    )


_HTTP = {
    400: ("bad_request", "The body is not valid JSON."),
    404: ("not_found", "There is nothing at this address. /docs lists what there is."),
    413: ("body_too_large", "The body is too large."),
    405: (
        "method_not_allowed",
        "This address does not take that method. /docs lists what it takes.",
    ),
}


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """The problem that a status raised by the framework stands for."""
    phrase = HTTPStatus(status).phrase
    code, message = _HTTP.get(status, (phrase.lower().replace(" ", "_"), f"{phrase}."))
    return Problem(status, code, message, headers=headers)


def of_validation(faults: Sequence[Mapping[str, Any]]) -> Problem:
    """The problem of a request that is not of the form that ``/docs`` describes.

    Args:
        faults: as pydantic lists them; what was sent in is not repeated.
    """
    if any(fault["type"] == "json_invalid" for fault in faults):
        return of_status(HTTPStatus.BAD_REQUEST)
    said = [f"{_name(fault) or 'body'}: {_reason(fault)}" for fault in faults[:3]]
    more = len(faults) - len(said)
    message = "; ".join(said) + (f"; and {more} more" if more > 0 else "") + "."
    return Problem(422, _code(faults[0]), message, param=_name(faults[0]) or None)


def _name(fault: Mapping[str, Any]) -> str:
    where = [str(part) for part in fault["loc"]]
    if where[:1] in (["body"], ["query"], ["path"], ["header"]):
        where = where[1:]
    name = ".".join(where).encode("ascii", "backslashreplace").decode()
    return name if len(name) <= 100 else f"{name[:100]}…"


def _reason(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such field"
    return str(fault["msg"]).removeprefix("Value error, ")[:300]


def _code(fault: Mapping[str, Any]) -> str:
    kind = fault["type"]
    if kind == "value_error" and "filters" in fault["loc"]:
        return errors.FilterError.code
    return {"extra_forbidden": "unknown_field", "missing": "missing_field"}.get(kind, "bad_value")


# -- refusals of the service itself ----------------------------------------------------------------


def _retry(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, round(seconds + 0.499)))}


def not_ready(reason: str) -> Problem:
    """The models are not loaded yet, or cannot be."""
    return Problem(
        503, "not_ready", f"Not ready to answer: {reason}", headers=_retry(RETRY_SECONDS)
    )


def overloaded(seconds: float = 1) -> Problem:
    """As many requests wait as may."""
    return Problem(
        503, "overloaded", "Too many questions at once. Try again later.", headers=_retry(seconds)
    )


def too_late(seconds: float) -> Problem:
    """The deadline of a request has passed."""
    message = f"No answer within {seconds:g} seconds. Try again later."
    return Problem(503, "deadline", message, headers=_retry(RETRY_SECONDS))


def stopping() -> Problem:
    """The service ends before the answer is there."""
    message = "The service is being stopped. Try again later."
    return Problem(503, "stopping", message, headers=_retry(RETRY_SECONDS))


def gone() -> Problem:
    """Nobody waits for the answer any more; this one nobody sees."""
    return Problem(503, "gone", "The client has gone.", headers=_retry(RETRY_SECONDS))


def too_many(seconds: float) -> Problem:
    """A client asks more often than it may; ``seconds`` until it may again."""
    return Problem(429, "rate_limited", "Too many requests. Slow down.", headers=_retry(seconds))


def unauthorised() -> Problem:
    """No token, or one that is not known."""
    return Problem(
        401,
        "bad_token",
        "This service needs a token: send it as “Authorization: Bearer …”.",
        headers={"WWW-Authenticate": 'Bearer realm="askscwru"'},
    )


def too_large(what: str, limit: int, status: int) -> Problem:
    """A body, URL or header beyond its limit in bytes."""
    message = f"The {what} is longer than {limit:,} bytes."
    return Problem(status, f"{what}_too_large", message, headers={"Connection": "close"})


def unknown_host() -> Problem:
    """The request names a host that is not this service's."""
    return Problem(
        400,
        "unknown_host",
        "The service is not known by the host name in this request. Whoever runs it can add the "
        "name to ASKSCWRU_HOSTS.",
    )


def foreign() -> Problem:
    """A page of another site sent a form, or asked in the name of who is signed in here."""
    return Problem(
        400, "foreign_origin", "The request was sent by a page of another site, so it is refused."
    )


def not_a_form() -> Problem:
    """The body is said to be something other than what a form sends."""
    return Problem(
        415, "not_a_form", "Send the form as “application/x-www-form-urlencoded”, as browsers do."
    )


def not_json() -> Problem:
    """The body is said to be something other than JSON."""
    return Problem(415, "not_json", "Send the body as JSON, with “Content-Type: application/json”.")


def internal() -> Problem:
    """A fault of ours."""
    return Problem(500, "internal", f"Something went wrong on our side. {_AGAIN}")
