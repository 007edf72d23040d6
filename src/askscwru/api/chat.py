"""Chat messages to turns, and an answer to a chat message.

A client of this kind keeps the conversation itself and sends all of it each time, as text. What was
answered before is found out by asking again: the same question after the same turns has the same
answer, so an earlier answer of ours gets back the quotes and posts that its text alone does not
name. What is not our answer (it was edited, or another model wrote it) counts as a quote of no
post, so that a follow-up can still mean what it says.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from askscwru.api.limits import wanted_still
from askscwru.api.post_text import citation_path
from askscwru.assistant import Assistant
from askscwru.errors import Cancelled, QuestionError
from askscwru.show.markdown import escaped
from askscwru.types import Answer, Citation, CitationRecord, Post, Query, Turn

REPLAYED = 12
"""The most earlier turns that are gone through: twice as many as a follow-up can reach back."""
REPLAYED_CHARACTERS = 2_000
"""The most characters that their questions have together: what it costs to ask them again grows
with these, and a dozen questions that people type have some hundreds."""
_REMEMBERED = 2_000
_LONGEST_FOREIGN = 2_000
"""Characters of somebody else's answer that a follow-up may refer to."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A question, and what the client says was answered."""

    question: str
    answer: str
    """Empty where there is none."""


def exchanged(messages: Sequence[tuple[str, str]]) -> tuple[list[Exchanged], str]:
    """The earlier exchanges, and the question to answer now: the user's last message.

    What comes after it (the beginning of an answer, results of tools) has nothing to say.

    Args:
        messages: role and text of each, in order; only ``user`` and ``assistant`` count.

    Returns:
        The question is empty where no message is the user's.
    """
    said = [(role, text) for role, text in messages if role in ("user", "assistant")]
    while said and said[-1][0] != "user":
        said.pop()
    if not said:
        return [], ""
    earlier: list[tuple[str, list[str]]] = []
    for role, text in said[:-1]:
        if role == "user":
            earlier.append((text, []))
        elif earlier:
            earlier[-1][1].append(text)
    newest = _newest([Exchanged(asked, "\n".join(told).strip()) for asked, told in earlier])
    return newest, said[-1][1]


def _newest(earlier: list[Exchanged]) -> list[Exchanged]:
    """The last exchanges, as many as may be gone through; the very last one always may."""
    kept, characters = 0, 0
    for exchange in reversed(earlier[-REPLAYED:]):
        characters += len(exchange.question)
        if kept and characters > REPLAYED_CHARACTERS:
            break
        kept += 1
    return earlier[len(earlier) - kept :]


class Replay:
    """Turns of conversations that are kept elsewhere; remembers the newest, for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, Turn] = OrderedDict()

    def ask(self, assistant: Assistant, earlier: Sequence[Exchanged], query: Query) -> Answer:
        """The answer to a question after these exchanges; nothing is kept but in memory.

        Raises:
            Cancelled: nobody waits for it any more.
            AskscwruError: as ``Assistant.ask_after``.
        """
        return assistant.ask_after(self.turns(assistant, earlier), query)

    def knows(self, generation: str | None, earlier: Sequence[Exchanged]) -> bool:
        """Whether the last of these exchanges need not be asked again."""
        return generation is not None and self._recall(_key(generation, earlier)) is not None

    def turns(self, assistant: Assistant, earlier: Sequence[Exchanged]) -> list[Turn]:
        """What these exchanges were, asked again where it is not remembered.

        Raises:
            Cancelled: nobody waits for it any more.
            AskscwruError: as ``Assistant.ask_after``.
        """
        turns: list[Turn] = []
        for at, exchange in enumerate(earlier):
            if not wanted_still():
                raise Cancelled("The question was taken back.")
            key = _key(assistant.generation, earlier[: at + 1])
            turn = self._recall(key)
            if turn is None:
                try:
                    turn = _turn(assistant, turns, exchange)
                except QuestionError:
                    continue  # nobody could have answered it, so nothing refers to it
                self._keep(key, turn)
            turns.append(turn)
        return turns

    def remember(
        self, generation: str, earlier: Sequence[Exchanged], answer: Answer, text: str
    ) -> None:
        """Keeps an answer, as the client will send it back, so that it is not asked again."""
        now = (*earlier, Exchanged(answer.question, text))
        self._keep(_key(generation, now), Turn.of(answer))

    def _recall(self, key: bytes) -> Turn | None:
        with self._lock:
            turn = self._known.get(key)
            if turn is not None:
                self._known.move_to_end(key)
            return turn

    def _keep(self, key: bytes, turn: Turn) -> None:
        with self._lock:
            self._known[key] = turn
            self._known.move_to_end(key)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


def _key(generation: str, exchanges: Sequence[Exchanged]) -> bytes:
    said = json.dumps([generation, *((e.question, e.answer.strip()) for e in exchanges)])
    return hashlib.sha256(said.encode()).digest()


def _turn(assistant: Assistant, earlier: Sequence[Turn], exchange: Exchanged) -> Turn:
    answer = assistant.ask_after(earlier, exchange.question)
    ours = (answer.text.strip(), escaped(answer.text).strip())
    if exchange.answer.startswith(ours) or not exchange.answer:
        return Turn.of(answer)
    words = exchange.answer[:_LONGEST_FOREIGN]
    foreign = CitationRecord(
        index=1,
        quote=words,
        start=0,
        end=len(words),
        post_id="",
        title=None,
        authors=(),
        source="",
    )
    return Turn(
        number=len(earlier) + 1,
        question=exchange.question,
        searched_for=answer.searched_for,
        answered=True,
        confidence=0.0,
        text=words,
        citations=(foreign,),
    )


# -- answers as text -------------------------------------------------------------------------------


def chat_text(answer: Answer, base: str) -> str:
    """An answer as one message: the quotes with their numbers, then what the numbers stand for.

    The message is Markdown, as chat programs show it; text of posts is escaped in it.

    Args:
        answer: with its citations.
        base: the service's address, without a slash at its end; each citation links to the page
            that shows its words.
    """
    parts = [escaped(answer.text)]
    if answer.citations:
        parts.append("\n".join(_reference(citation, base) for citation in answer.citations))
    if answer.nearest:
        near = (f"- {_named(one.post)}: “{escaped(one.quote.text)}”" for one in answer.nearest)
        parts.append("\n".join(["Nearest, but no answer:", *near]))
    if answer.advice:
        parts.append("\n".join(f"- {escaped(line)}" for line in answer.advice))
    if answer.searched_for != answer.question:
        parts.append(f"Searched for: {escaped(answer.searched_for)}")
    if answer.limits:
        parts.append(f"Asked of {escaped(answer.limits.text)}")
    if answer.alternatives:
        parts.append(f"Or did you mean: {escaped(' / '.join(answer.alternatives))}")
    parts += map(escaped, answer.notes)
    return "\n\n".join(parts)


def _reference(citation: Citation, base: str) -> str:
    return f"[{citation.index}] {_named(citation.post)}: {base}{citation_path(citation)}"


def _named(post: Post) -> str:
    known = [post.title or "untitled post", ", ".join(post.authors), post.blog, post.published]
    return escaped(", ".join(" ".join(part.split()) for part in known if part))


def url_citations(answer: Answer) -> list[dict[str, Any]]:
    """OpenAI's ``url_citation`` for each quote of a post that has an address of its own.

    ``start_index`` and ``end_index`` are those of the quote with its number in the message.
    """
    found = []
    text = escaped(answer.text)
    at = 0
    for citation in answer.citations:
        quoted = f"{escaped(citation.quote.text)} [{citation.index}]"
        start = text.find(quoted, at)
        if start < 0:  # a list names its posts, and does not quote them
            quoted = f"[{citation.index}]"
            start = max(at, text.find(quoted, at))
        end = start + len(quoted)
        url = citation.post.url
        if url is not None and urlsplit(url).scheme in ("http", "https"):
            about = {
                "start_index": start,
                "end_index": end,
                "title": citation.post.title or "",
                "url": url,
            }
            found.append({"type": "url_citation", "url_citation": about})
        at = end
    return found


def source_frames(answer: Answer, base: str) -> list[dict[str, Any]]:
    """Open WebUI's event for each citation, which it shows as a card beside the answer."""
    frames = []
    for citation in answer.citations:
        post, words = citation.post, citation.quote
        name = f"[{citation.index}] {post.title or 'untitled post'}"
        url = f"{base}{citation_path(citation)}"
        place = {"source": url, "name": name, "start": words.start, "end": words.end}
        data = {
            "source": {"id": url, "name": name, "url": url},
            "document": [words.text],
            "metadata": [place],
            "distances": [round(words.score, 4)],
        }
        frames.append({"event": {"type": "source", "data": data}})
    return frames
