"""The line prompt: questions a line at a time, and a few words that are no question.

It suits screen readers, pipes and terminals that can show nothing else. What a line came to is
returned, to be printed; nothing is lost that was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from askscwru.answering.limits import limits_of
from askscwru.commands.limits import NAMES, example_of, read_filters
from askscwru.errors import FilterError, UsageError
from askscwru.show.post_text import inside, paragraphs
from askscwru.show.screen import answer_view, by_whom, safe
from askscwru.show.transcript import file_name, free_name, save
from askscwru.types import Answer, Filters, Query, Span

if TYPE_CHECKING:
    from askscwru.assistant import Assistant

SIGN = ":"
"""A line that begins with it is no question."""
HELP = """\
Type a question and press Enter; the next one may lean on it ("and where?"). An empty line ends.
{sign}evidence [N]   the post behind citation N of the last answer (1), the quote between » and «
{sign}limits         what questions are limited to
{sign}limits {example}
                limits them; the names are {names}
{sign}limits none    lifts the limits
{sign}save [FILE]    the conversation as Markdown
{sign}new            begins another conversation
{sign}help           these lines
{sign}quit           ends"""


class LinePrompt:
    """One conversation at a time over an assistant."""

    def __init__(self, assistant: Assistant) -> None:
        """Begins with nothing asked and no limit."""
        self._assistant = assistant
        self._conversation: str | None = None
        self._answer: Answer | None = None
        self._filters = Filters()
        self.ended = False
        """Whether the last line asked to end."""

    def respond(self, line: str) -> RenderableType:
        """What a line comes to.

        Raises:
            UsageError: it cannot be done as it was typed.
            AskscwruError: as ``Assistant.ask`` raises it.
        """
        if not line.startswith(SIGN):
            return self._ask(line)
        word, _, rest = line[len(SIGN) :].strip().partition(" ")
        act = self._words().get(word.lower())
        if act is None:
            raise UsageError(f"There is no {SIGN}{word}.", remedy=f"{SIGN}help lists the words.")
        return act(rest.strip())

    def _words(self) -> Mapping[str, Callable[[str], RenderableType]]:
        return {
            "help": self._help,
            "evidence": self._evidence,
            "limits": self._limits,
            "save": self._save,
            "new": self._new,
            "quit": self._quit,
        }

    def _help(self, _: str) -> RenderableType:
        return Text(HELP.format(sign=SIGN, example=self._example(), names=", ".join(NAMES)))

    def _example(self) -> str:
        return example_of(self._assistant.posts())

    def _ask(self, question: str) -> RenderableType:
        query = Query(question, filters=self._filters)
        answer = self._assistant.ask(query, conversation_id=self._conversation)
        self._conversation, self._answer = answer.conversation_id, answer
        parts: list[RenderableType] = [Text(safe(note)) for note in answer.notes]
        return Group(*parts, answer_view(answer))

    def _evidence(self, which: str) -> RenderableType:
        citations = self._answer.citations if self._answer else ()
        if not citations:
            raise UsageError("There is no quote to show the post of.", remedy="Ask first.")
        if which and not (which.isdecimal() and 1 <= int(which) <= len(citations)):
            raise UsageError(f"There is no citation “{which}”.", remedy=f"1 to {len(citations)}.")
        citation = citations[int(which or 1) - 1]
        quote, post = citation.quote, citation.post
        source = quote.passage.source
        at = Span(quote.start, quote.end)
        text = self._assistant.source_text(source)
        lines = [safe(post.title or "(untitled post)"), by_whom(post)]
        for paragraph in paragraphs(post, source, text, at):
            part = inside(paragraph, at)
            shown = paragraph.text
            if part is not None:
                shown = f"{shown[: part.start]}»{shown[part.start : part.end]}«{shown[part.end :]}"
            lines.append(safe(f"{paragraph.number} {shown}".strip()))
        return Text("\n\n".join(lines))

    def _limits(self, typed: str) -> RenderableType:
        if typed.lower() == "none":
            self._filters = Filters()
        elif typed:
            filters = read_filters(typed, self._example())
            if not self._assistant.search(Query("posts", top_k=1, filters=filters)):
                raise FilterError("No post is like that.", remedy="Take something away.")
            self._filters = filters
        limits = limits_of(Query("", filters=self._filters), lambda _: None)
        return Text(f"Questions are asked of {safe(limits.text)}.")

    def _save(self, name: str) -> RenderableType:
        if self._conversation is None:
            raise UsageError("There is nothing to save yet.", remedy="Ask first.")
        conversation = self._assistant.store.conversation(self._conversation)
        path = Path(name) if name else free_name(Path(file_name(conversation)))
        return Text(f"Saved as {safe(str(save(conversation, path)))}")

    def _new(self, _: str) -> RenderableType:
        self._conversation = self._answer = None
        return Text("Another conversation.")

    def _quit(self, _: str) -> RenderableType:
        self.ended = True
        return Text("")
