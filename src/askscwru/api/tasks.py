"""What chat programs write for a language model beside, and around, the questions of their users.

Open WebUI and its like ask the model of a chat for a title, tags or questions to follow. Such a
prompt is no question to the posts: its reply fits its form and is made of the chat's own words, or
is empty. It is told by its form: an instruction that lays down an output and quotes the chat.
Where documents are attached to a chat, their text and how to use it stand before the question, and
what tools there are after it: the question is what is left.
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
_ONLY_JSON = re.compile(
    r"\b(?:only|exclusively|solely|strictly)\b[^\n]{0,60}\bjson\b|\bjson\b[^\n]{0,60}\bonly\b",
    re.IGNORECASE,
)
_QUOTES = re.compile(
    r"^\W{0,5}(?:chat\ history|conversation|history|messages|transcript)\s{0,9}:\s{0,9}$"
    r"|<chat_history>",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_QUERY = re.compile(r"\A\s*(?:History:\s.*\n)?Query:\s", re.DOTALL)
"""How the last message is put where a system message asks which tool to call."""
_DOCUMENTS = re.compile(r"\A\s*\#{1,4}\ Task:\s.*</context>(?P<rest>.*)\Z", re.DOTALL | re.VERBOSE)
_ASKED = re.compile(r"\A\s*<user_query>(?P<inside>.*?)</user_query>(?P<after>.*)\Z", re.DOTALL)
_APPENDED = re.compile(
    r"\n[ ]{0,3}\#{2,4}[ ][^\n]{1,80}\n{1,3}You[ ]have[ ]access[ ]to\b.*\Z", re.DOTALL | re.VERBOSE
)
# Messages are as long as a request may be, and are read before anything is computed: a repetition
# that may begin anywhere has a bound, so that the time grows with the length and not its square.
_FIELD = re.compile(r"\{\s{0,20}\"(?P<name>\w{1,40})\"\s{0,20}:\s{0,20}(?P<list>\[)?")
_FIRST = re.compile(
    r"(?:^|>)[ \t]{0,20}(?:user|human)[ \t]{0,20}:[ \t]{0,20}(?P<said>\S[^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST = 60


def unwrapped(message: str) -> tuple[str, bool]:
    """A person's own words in a message, and whether documents stood around them.

    Args:
        message: of the user, as the chat program sends it.
    """
    found = _DOCUMENTS.match(message)
    rest = _APPENDED.sub("", found["rest"] if found else message)
    asked = _ASKED.match(rest) if found else None
    if asked:
        rest = asked["after"].strip() or asked["inside"]
    if not rest.strip():  # nothing but what is for the model, which is then what there is to see
        return message, False
    return (rest.strip() if rest != message else message), found is not None


def task_reply(prompt: str, told: str = "") -> str | None:
    """The reply to a prompt of this kind; None where it is a question.

    Args:
        prompt: the last message of a chat, unwrapped.
        told: its system messages.
    """
    if _QUERY.match(prompt) and _ONLY_JSON.search(told):
        return _empty_form(told, "")
    if _TASK.match(prompt):
        return _empty_form(prompt, _title(prompt))
    if _ONLY_JSON.search(prompt) and _QUOTES.search(prompt) and _FIELD.search(prompt):
        return _empty_form(prompt, _title(prompt))
    return _title(prompt) if _TITLE.match(prompt) and _FIRST.search(prompt) else None


def _empty_form(prompt: str, title: str) -> str:
    """The object that a prompt asks for, with nothing in it but a title; empty without one."""
    rule = _ONLY_JSON.search(prompt)
    field = (rule and _FIELD.search(prompt, rule.end())) or _FIELD.search(prompt)
    if field is None:
        return ""
    name = field["name"]
    value = [] if field["list"] else title if name == "title" else ""
    return json.dumps({name: value}, ensure_ascii=False)


def _title(prompt: str) -> str:
    """The first question of the chat that the prompt quotes, cut at a word."""
    found = _FIRST.search(prompt)
    said = " ".join(found["said"].split()) if found else ""
    if len(said) <= _LONGEST:
        return said
    return f"{said[:_LONGEST].rsplit(' ', 1)[0]} …"
