"""Prompts for a language model that chat programs send beside the questions of their users.

Open WebUI and its like ask the model of a chat for a title, tags or questions to follow. Such a
prompt is no question to the posts: its reply fits its form and is made of the chat's own words, or
is empty. It is told by its form: an instruction that lays down an output and quotes the chat.
"""

from __future__ import annotations

import json
import re

_TASK = re.compile(
    r"\A\s*(?:\#{1,4}\ Task:\s|your\ task\ is\ to\b|you\ have\ been\ provided\ with\b)",
    re.IGNORECASE | re.VERBOSE,
)
_TITLE = re.compile(
    r"\A.{0,200}?\b(?:generate|write|create|provide|give|suggest)\b.{0,80}\btitles?\b.{0,80}"
    r"\b(?:chat|conversation)\b",
    re.IGNORECASE | re.DOTALL,
)
_FIELD = re.compile(r"\{\s*\"(?P<name>\w{1,40})\"\s*:\s*(?P<list>\[)?")
_FIRST = re.compile(
    r"(?:^|>)\s*(?:user|human)\s*:\s*(?P<said>.+?)\s*$", re.IGNORECASE | re.MULTILINE
)
_LONGEST = 60


def task_reply(prompt: str) -> str | None:
    """The reply to a prompt of this kind; None where it is a question.

    Args:
        prompt: the last message of a chat.
    """
    if not _TASK.match(prompt):
        return _title(prompt) if _TITLE.match(prompt) and _FIRST.search(prompt) else None
    field = _FIELD.search(prompt)
    if field is None:
        return ""
    name = field["name"]
    value = [] if field["list"] else _title(prompt) if name == "title" else ""
    return json.dumps({name: value}, ensure_ascii=False)


def _title(prompt: str) -> str:
    """The first question of the chat that the prompt quotes, cut at a word."""
    found = _FIRST.search(prompt)
    said = " ".join(found["said"].split()) if found else ""
    if len(said) <= _LONGEST:
        return said
    return f"{said[:_LONGEST].rsplit(' ', 1)[0]} …"
