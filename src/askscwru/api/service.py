"""What every front of the service asks of the core: the same questions, the same JSON objects."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from askscwru import __version__
from askscwru.api import problems
from askscwru.api.chat import Exchanged, Replay, chat_text
from askscwru.api.collection import UNKNOWN, described
from askscwru.api.config import Serving
from askscwru.api.database_rates import rate_of
from askscwru.api.database_tokens import tokens_of
from askscwru.api.desk import JobRunner
from askscwru.api.live import Live
from askscwru.api.metrics import Metrics
from askscwru.api.post_text import PostText, read_post
from askscwru.api.sight import Sights
from askscwru.assistant import Assistant
from askscwru.conversation.keeping import ConversationStore
from askscwru.errors import StorageError
from askscwru.settings import Settings
from askscwru.show.references import referenced
from askscwru.show.search_posts import MOST, FoundPost, search_posts
from askscwru.types import Answer, Conversation, Filters, Post, Query

log = logging.getLogger("askscwru.question")

Object = dict[str, Any]
_PATH = re.compile(r"(?<![\w.:/])/(?:[^\s/:;,'\"]+/)+[^\s:;,'\"]*|\b[A-Za-z]:\\[^\s:;,'\"]+")
HIDDEN = "(a file of the service)"
HIDDEN_DATABASE = "the database of the service"


class Service:
    """One application's parts, and what its fronts do with them."""

    def __init__(
        self,
        live: Live,
        store: ConversationStore,
        settings: Settings,
        serving: Serving,
        *,
        patient: bool = False,
    ) -> None:
        self.live = live
        self.store = store
        self.settings = settings
        self.serving = serving
        self.metrics = Metrics()
        self.tokens = tokens_of(settings, serving)
        self.rate = rate_of(settings, serving)
        self.desk = JobRunner(live, serving, patient=patient)
        self.sights = Sights(live)
        self._replay = Replay()
        self._described = ("", UNKNOWN)

    # -- answers ---------------------------------------------------------------------------------

    async def ask(
        self,
        query: Query,
        conversation_id: str | None,
        style: str = "plain",
        owner: str | None = None,
    ) -> Object:
        """An answer as ``askscwru ask --json`` prints it; its turn is kept.

        Args:
            query: the question.
            conversation_id: None begins a conversation.
            style: of the references.
            owner: the name of the token with which it is asked: a new conversation is in its list.
        """

        def job(assistant: Assistant) -> Answer:
            return assistant.ask(query, conversation_id=conversation_id)

        self._log(query)
        answer = await self.desk.run(job, conversation_id)
        self.metrics.count(answer)
        if owner is not None and conversation_id is None:
            await self._own(answer.conversation_id, owner)
        return self.shown(answer, style)

    async def _own(self, conversation_id: str, owner: str) -> None:
        try:
            await self.desk.run(lambda _: self.store.own(conversation_id, owner))
        except StorageError as error:  # the answer's own note says that nothing can be kept
            log.warning("owner not kept", extra={"fault": str(error)})

    async def chat(
        self, earlier: Sequence[Exchanged], query: Query, base: str, notes: tuple[str, ...] = ()
    ) -> tuple[Answer, str]:
        """An answer to the last message of a chat that its client keeps, and its text.

        Args:
            earlier: what was asked and answered before.
            query: the question.
            base: the service's address, for links.
            notes: what is to be told with the answer.
        """

        def job(assistant: Assistant) -> tuple[Answer, str]:
            answer = self._replay.ask(assistant, earlier, query)
            answer = replace(answer, notes=(*answer.notes, *notes))
            text = chat_text(answer, base)
            self._replay.remember(assistant.generation, earlier, answer, text)
            return answer, text

        self._log(query)
        for many in range(1, len(earlier) + 1):
            # One at a time, so that other clients have their turns between two of them.
            before = earlier[:many]
            if not self._replay.knows(self.live.state.generation, before):
                await self.desk.run(partial(self._replay.turns, earlier=before))
        answer, text = await self.desk.run(job)
        self.metrics.count(replace(answer, notes=()))  # none of them is about an unkept turn
        return answer, text

    async def search(self, query: Query) -> Object:
        """The passages nearest to a question."""

        def job(assistant: Assistant) -> Object:
            hits = assistant.search(query)
            found = [hit.to_dict(assistant.post(hit.passage.post_id).title) for hit in hits]
            return {"question": query.question, "passages": found}

        self._log(query)
        return await self.desk.run(job)

    # -- what there is ---------------------------------------------------------------------------

    async def posts(self) -> Object:
        """Every post, without its text."""
        return await self.desk.run(lambda a: {"posts": [post.to_dict() for post in a.posts()]})

    async def found_posts(self, words: str, filters: Filters) -> list[FoundPost]:
        """The posts within these limits that have the words, or all of them without words."""

        def job(assistant: Assistant) -> list[FoundPost]:
            among = assistant.posts(filters)
            if not words:
                return [FoundPost(post, None) for post in among]
            return search_posts(among, words, assistant.with_words(words, MOST))

        return await self.desk.run(job)

    async def posts_named(self, ids: Sequence[str]) -> list[Post]:
        """The posts of these ids; what there is not is left out."""

        def job(assistant: Assistant) -> list[Post]:
            known = {post.id: post for post in assistant.posts()} if ids else {}
            return [known[post_id] for post_id in ids if post_id in known]

        return await self.desk.run(job) if ids else []

    async def post(
        self,
        post_id: str,
        start: int | None = None,
        end: int | None = None,
        source: str | None = None,
    ) -> PostText:
        """One post with its text."""
        job = partial(read_post, post_id=post_id, start=start, end=end, source=source)
        return await self.desk.run(job)

    async def source(self, name: str) -> Object:
        """One source with its text."""

        def job(assistant: Assistant) -> Object:
            text = assistant.source_text(name)
            sha256 = assistant.source(name).sha256
            return {"source": name, "sha256": sha256, "characters": len(text), "text": text}

        return await self.desk.run(job)

    # -- conversations ---------------------------------------------------------------------------

    async def conversation(self, conversation_id: str) -> Object:
        """A conversation with its turns."""
        kept = (await self.kept(conversation_id)).to_dict()
        return {**kept, "turns": [referenced(turn) for turn in kept["turns"]]}

    async def delete(self, conversation_id: str) -> None:
        """Takes a conversation away, after the turns that are under way in it."""
        await self.desk.run(lambda assistant: assistant.delete(conversation_id), conversation_id)

    async def kept(self, conversation_id: str) -> Conversation:
        """A conversation with its turns, as it is kept."""
        return await self.desk.run(
            lambda assistant: assistant.conversation(conversation_id), conversation_id
        )

    async def conversations(
        self, words: str, most: int, skip: int, owner: str | None
    ) -> Sequence[Conversation]:
        """Conversations without their turns, newest first; those with all these words.

        Args:
            words: that one turn or the title must hold.
            most: at most so many.
            skip: leaves out so many of the first.
            owner: the name of the token whose they are; None where there are no tokens.
        """
        return await self.desk.run(
            lambda _: self.store.conversations(containing=words, most=most, skip=skip, owner=owner)
        )

    async def rename(self, conversation_id: str, title: str) -> None:
        """Gives a conversation a title of its own."""
        await self.desk.run(lambda _: self.store.rename(conversation_id, title), conversation_id)

    async def restore(self, conversation_id: str) -> None:
        """Brings a conversation back that was deleted."""
        await self.desk.run(lambda _: self.store.undelete(conversation_id), conversation_id)

    @property
    def origin(self) -> str | None:
        """The origin that browsers call the service by, where that is set."""
        public = self.serving.public_url
        return None if public is None else urlunsplit((*urlsplit(public)[:2], "", "", ""))

    def close(self) -> None:
        """Lets go of what tokens and rates are kept in."""
        self.tokens.close()
        self.rate.close()

    # -- how it is -------------------------------------------------------------------------------

    def health(self) -> Object:
        """Live and ready, and the index."""
        state = self.live.state
        fault = None if state.fault is None else problems.of_error(state.fault).message
        return {
            "live": True,
            "ready": state.ready,
            "version": __version__,
            "index": {"generation": state.generation, "fault": fault},
        }

    def collection(self) -> str:
        """What is indexed, in a few words."""
        generation = self.live.state.generation
        if generation is not None and self._described[0] != generation:
            with self.live.assistant() as assistant:
                self._described = (assistant.generation, described(assistant.posts()))
        return self._described[1]

    def metrics_page(self) -> bytes:
        """The numbers for prometheus."""

        def state() -> tuple[bool, str | None, int, int]:
            now = self.live.state
            return now.ready, now.generation, self.live.refused, self.desk.busy

        return self.metrics.page(state)

    def shown(self, answer: Answer, style: str = "plain") -> Object:
        """The answer's JSON object; its notes name no path of this machine."""
        content = referenced(answer.to_dict(), style)
        content["notes"] = [self._scrubbed(note) for note in answer.notes]
        return content

    def _log(self, query: Query) -> None:
        if self.serving.log_questions:
            log.info("question", extra={"question": query.question})

    def _scrubbed(self, text: str) -> str:
        settings = self.settings
        if settings.database is not None:
            text = text.replace(settings.database.shown, HIDDEN_DATABASE)
        folders = (settings.conversations_file, settings.embeddings, settings.seeds)
        known = {str(path) for folder in folders for path in (folder, _resolved(folder))}
        for path in sorted(known, key=len, reverse=True):
            if len(path) > 1:
                text = text.replace(path, HIDDEN)
        return _PATH.sub(HIDDEN, text)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except OSError:
        return path
