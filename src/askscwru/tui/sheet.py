"""Reads what the evidence shows; runs on the desk's threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from askscwru.errors import AskscwruError, NotFoundError
from askscwru.show.post_text import Paragraph, paragraphs
from askscwru.tui.model import Step
from askscwru.types import Post

if TYPE_CHECKING:
    from askscwru.assistant import Assistant


@dataclass(frozen=True, slots=True)
class Sheet:
    """A step with the post it is from, ready to be shown."""

    step: Step
    post: Post | None
    """None where the index does not know it any more."""
    paragraphs: tuple[Paragraph, ...]
    fault: str = ""
    """Why the post cannot be shown as it was quoted, with the remedy."""


def read_sheet(assistant: Assistant, step: Step) -> Sheet:
    """The post of a step and its text; what is amiss is said in the sheet."""
    try:
        post = assistant.post(step.post_id)
    except NotFoundError:
        fault = "This post is no longer among the indexed ones; what was quoted is kept."
        return Sheet(step, None, (), fault)
    try:
        text = assistant.source_text(step.source)
    except AskscwruError as error:
        return Sheet(step, post, (), str(error))
    if _has_changed(step, text):
        fault = f"{step.source} has changed since this was quoted. Run `askscwru index`."
        return Sheet(step, post, (), fault)
    return Sheet(step, post, tuple(paragraphs(post, step.source, text, step.at)))


def _has_changed(step: Step, text: str) -> bool:
    if step.citation is None or step.at is None:
        return False
    return step.at.of(text) != step.citation.quote
