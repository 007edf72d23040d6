"""One conversation: questions asked in order, each answered when its turn comes, or taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from askscwru.answering.limits import NO_LIMITS
from askscwru.errors import AskscwruError, Cancelled
from askscwru.tui.desk import Desk
from askscwru.tui.model import Asked, ShownTurn
from askscwru.types import Query

if TYPE_CHECKING:
    from askscwru.assistant import Assistant
    from askscwru.types import Answer

MOST_REMEMBERED = 200


@dataclass(slots=True)
class Session:
    """A conversation as it goes on."""

    id: str | None = None
    """None until its first question has been answered."""
    title: str = ""
    pending: list[Asked] = field(default_factory=list)
    """Questions that have no answer yet, in the order in which they were asked."""


class Asking:
    """Hands questions to the desk and keeps them in order; knows nothing of screens."""

    def __init__(
        self,
        desk: Desk,
        answered: Callable[[Asked, ShownTurn], object],
        failed: Callable[[Asked, AskscwruError], object],
    ) -> None:
        """Begins with an empty conversation.

        Args:
            desk: where answers come from.
            answered: told of each answer that was not cancelled.
            failed: told of each question that could not be answered.
        """
        self._desk = desk
        self._answered = answered
        self._failed = failed
        self.session = Session()
        self.limits = NO_LIMITS
        self.asked_before: list[str] = []

    def begin(self, conversation_id: str | None = None, title: str = "") -> list[Asked]:
        """Begins a conversation, or goes on with a kept one; returns the questions given up."""
        given_up = self.session.pending
        for asked in given_up:
            asked.taken_back.set()
        self.session = Session(id=conversation_id, title=title)
        return given_up

    def ask(self, question: str | Query) -> Asked:
        """Asks; the answer comes when all before it have theirs.

        Args:
            question: under the limits that are set, or a query with its own.
        """
        query = Query.of(question, None, self.limits.filters, self.limits.sort)
        asked = Asked(query)
        session = self.session
        session.pending.append(asked)
        session.title = session.title or " ".join(query.question.split())
        self.asked_before = [*self.asked_before, query.question][-MOST_REMEMBERED:]

        def work(assistant: Assistant) -> Answer:
            if asked.cancelled():
                raise Cancelled("The question was taken back.")
            answer = assistant.ask(
                asked.query, conversation_id=session.id, cancelled=asked.cancelled
            )
            session.id = answer.conversation_id  # here, so that the next question finds it
            return answer

        self._desk.ask(
            work,
            lambda answer: self._done(session, asked, answer),
            lambda error: self._not_done(session, asked, error),
        )
        return asked

    def take_back(self) -> Asked | None:
        """Takes the last unanswered question back; None where there is none."""
        if not self.session.pending:
            return None
        asked = self.session.pending.pop()
        asked.taken_back.set()
        return asked

    def _done(self, session: Session, asked: Asked, answer: Answer) -> object:
        if asked.cancelled() or session is not self.session:
            return None
        session.pending.remove(asked)
        return self._answered(asked, ShownTurn.of_answer(answer))

    def _not_done(self, session: Session, asked: Asked, error: AskscwruError) -> object:
        if asked.cancelled() or session is not self.session:
            return None
        session.pending.remove(asked)
        return self._failed(asked, error)
