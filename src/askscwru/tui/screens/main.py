"""The screen one works in: a conversation, the evidence beside it, and a question below.

It decides; the widgets only announce, and whatever takes time is done by the desk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from askscwru.answering.limits import NO_LIMITS
from askscwru.commands.limits import FORM, example_of
from askscwru.errors import AskscwruError
from askscwru.show.screen import safe
from askscwru.tui import copying, render
from askscwru.tui.asking import Asking
from askscwru.tui.desk import Desk
from askscwru.tui.keys import ANYWHERE, CITATIONS, displayed, key_for, types
from askscwru.tui.model import Asked, ShownTurn, Step, limits_to
from askscwru.tui.screens.first import BREAKPOINTS, NARROW, THREE
from askscwru.tui.screens.limiting import Limiting
from askscwru.tui.sheet import Sheet, read_sheet
from askscwru.tui.widgets.evidence import EvidencePane
from askscwru.tui.widgets.foot import Foot
from askscwru.tui.widgets.question import QuestionBox
from askscwru.tui.widgets.status import LimitLine, StatusLine, progress_line
from askscwru.tui.widgets.talk import Talk
from askscwru.tui.widgets.turn import Item, More
from askscwru.types import Filters, Limits, Query

if TYPE_CHECKING:
    from askscwru.assistant import Assistant
    from askscwru.tui.remembered import Remembered
    from askscwru.tui.screens.posts import PostChoice
    from askscwru.tui.screens.saving import Saving
    from askscwru.tui.widgets.recent import Recent
    from askscwru.types import Conversation, Post


class MainScreen(Screen[None]):
    """Conversation, evidence, question."""

    BINDINGS: ClassVar[list[BindingType]] = [*ANYWHERE.bindings(), *CITATIONS.bindings()]
    CSS_PATH = "main.tcss"
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    AUTO_FOCUS = "#question"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.asking = Asking(desk, self._answered, self._failed)
        self.steps: tuple[Step, ...] = ()
        self._step: Step | None = None
        self._deleted: list[str] = []
        self._example = FORM

    def compose(self) -> ComposeResult:
        """Three columns at most: earlier conversations, this one, the evidence."""
        with Horizontal(id="columns"):
            with Vertical(id="middle"):
                yield Static("", id="head", classes="head", markup=False)
                yield Talk(id="talk")
                yield StatusLine(id="status")
                yield LimitLine(id="limit")
                yield QuestionBox(id="question")
            yield EvidencePane(id="evidence")
        yield Foot()

    def on_mount(self) -> None:
        """Opens the index."""
        self._show_head()
        self.load()

    async def take_over(self, typed: str, remembered: Remembered) -> None:
        """Goes on from the first frame with what was typed into it, and from where it was left.

        Args:
            typed: into the first frame; what was not asked the last time waits under Up then.
            remembered: of the last time.
        """
        if not remembered.evidence:
            self._show_evidence(False)
        self._question.put(remembered.draft)
        if typed:
            self._question.put_instead(typed.rstrip("\n"))
        if typed.endswith("\n"):
            self._question.action_ask()

    # -- loading ---------------------------------------------------------------------------------

    def load(self) -> None:
        """Opens the index and the models; builds the index first when there is none."""
        self._status.say("Opening the index …")
        self.desk.open(self._progress, self._loaded, self._not_loaded)

    def _progress(self, stage: str, done: int, total: int) -> None:
        self._status.say(progress_line(stage, done, total))
        for asked in self.asking.session.pending:
            view = self._talk.view_of(asked)
            if view is not None:
                view.wait("Waiting for the index …")

    def _loaded(self, assistant: Assistant) -> None:
        self._status.say("")
        for asked in self.asking.session.pending:
            view = self._talk.view_of(asked)
            if view is not None:
                view.wait("Searching …")
        self.desk.read(lambda assistant: assistant.posts(), self._counted, self._complain)
        self._refresh_recent()

    async def _counted(self, posts: Sequence[Post]) -> None:
        self._question.placeholder = f"Ask the {len(posts):,} posts a question, then press Enter"
        self._example = example_of(posts)
        await self._introduce(posts)

    async def _introduce(self, posts: Sequence[Post]) -> None:
        """Says what the posts are; looks for questions to begin with, as long as none is asked."""
        from askscwru.show.first_sight import first_questions, overview

        about = render.overview_line(overview(posts))
        await self._talk.introduce(about)

        def unasked() -> bool:
            return not self._talk.turns and not self.asking.session.pending and self.is_attached

        async def found(questions: Sequence[str]) -> None:
            await self._talk.introduce(about, questions)

        self.desk.look(lambda a: first_questions(a, unasked), found, lambda _: None)

    def _not_loaded(self, error: AskscwruError) -> None:
        self._status.say(f"{error} The next question tries again.", bad=True)

    # -- asking ----------------------------------------------------------------------------------

    async def on_question_box_sent(self, message: QuestionBox.Sent) -> None:
        """Asks what was typed."""
        await self.ask(message.question)

    async def ask(self, question: str | Query) -> None:
        """Asks a question, which may bring its own limits; the answer comes when it is ready."""
        if self.desk.failed:
            self.load()
        asked = self.asking.ask(question)
        self._question.remember(self.asking.asked_before)
        view = await self._talk.add(asked)
        if not self.desk.opened:
            view.wait("Waiting for the index …")
        elif len(self.asking.session.pending) > 1:
            view.wait("Waiting for the answer before …")
        self._show_head()

    async def _answered(self, asked: Asked, exchange: ShownTurn) -> None:
        view = self._talk.view_of(asked)
        if view is None:
            return
        self.steps = exchange.steps
        await view.answer(exchange)
        self._talk.to_foot(view)
        self.call_after_refresh(self._after_answer, exchange)  # the answer is painted first

    def _after_answer(self, exchange: ShownTurn) -> None:
        for waiting in self.asking.session.pending[:1]:
            following = self._talk.view_of(waiting)
            if following is not None:
                following.wait("Searching …")
        beside = self.evidence_is_shown and not self.has_class(NARROW)
        if beside and self.steps and self.steps == exchange.steps:
            self.open(self.steps[0])
        self._refresh_recent()

    async def _failed(self, asked: Asked, error: AskscwruError) -> None:
        await self._give_back(asked)
        self._status.say(str(error), bad=True)

    async def _give_back(self, asked: Asked) -> None:
        """Puts a question back where it was typed; what was typed since stays."""
        view = self._talk.view_of(asked)
        if view is not None:
            await view.remove()
        if not self._talk.turns:
            self.asking.session.title = ""
            await self._talk.welcome()
            self._show_head()
        if self._question.text.strip():
            self.say("Press Up in the question for the one that was not answered.")
        else:
            self._question.put(asked.query.question)
        self.set_focus(self._question)

    def on_key(self, event: events.Key) -> None:
        """What is typed while the cursor is elsewhere begins, or goes on with, the question."""
        if types(event, self.active_bindings):
            event.stop()
            self._back_to_question()
            self._question.type(str(event.character))

    def on_text_area_changed(self) -> None:
        """A failure has been read once the next question is typed."""
        if self._question.text and self.desk.opened and not self.asking.session.pending:
            self.call_later(self._forget_failure)

    def _forget_failure(self) -> None:
        if self._question.has_focus and self._typed_since_failure():
            self._status.say("")

    def _typed_since_failure(self) -> bool:
        return not self.desk.failed and self._question.edited

    # -- evidence --------------------------------------------------------------------------------

    def open(self, step: Step, *, enter: bool = False) -> None:
        """Shows a post at its passage; ``enter`` puts the cursor into it."""
        self._step = step
        self.desk.read(
            lambda assistant: read_sheet(assistant, step),
            lambda sheet: self._show_sheet(sheet, enter=enter),
            self._complain,
        )

    async def _show_sheet(self, sheet: Sheet, *, enter: bool) -> None:
        if sheet.step is not self._step:
            return  # another one was wanted meanwhile
        if enter:
            self._show_evidence(True)
        await self._evidence.show(sheet, others=len(self.steps) > 1)
        if enter:
            self.set_focus(self._evidence.page)

    @property
    def unasked(self) -> str:
        """What was typed and has no answer: in the question, under Up, or still on its way."""
        pending = [asked.query.question for asked in self.asking.session.pending]
        return self._question.unasked or (pending[0] if pending else "")

    @property
    def evidence_is_shown(self) -> bool:
        """Whether the evidence can be seen."""
        if self.has_class(NARROW):
            return self.has_class("-evidence")
        return not self.has_class("-no-evidence")

    def _show_evidence(self, shown: bool) -> None:
        self.set_class(shown, "-evidence")
        self.set_class(not shown, "-no-evidence")

    def on_item_pointed(self, message: Item.Pointed) -> None:
        """Shows what the cursor or the mouse is on, where there is room beside."""
        step = message.item.step
        if step is not None and self.evidence_is_shown and not self.has_class(NARROW):
            self._steps_of(message.item)
            self.open(step)

    async def on_item_opened(self, message: Item.Opened) -> None:
        """Opens a citation, or asks another reading."""
        message.stop()
        if isinstance(message.item, More):
            for view in self._talk.turns:
                if message.item in view.items():
                    await view.more(message.item)
        elif message.item.asks is not None:
            await self.ask(message.item.asks)
            self.set_focus(self._question)
        elif message.item.step is not None:
            self._steps_of(message.item)
            self.open(message.item.step, enter=True)

    def _steps_of(self, item: Item) -> None:
        for view in self._talk.turns:
            if item in view.items() and view.exchange is not None:
                self.steps = view.exchange.steps

    def action_evidence(self) -> None:
        """Shows the evidence of the current answer, or closes it."""
        if self.evidence_is_shown and (self.has_class(NARROW) or self._evidence.has_focus_within):
            self._show_evidence(False)
            self.set_focus(self._question)
            return
        current = self._talk.current()
        if current is not None and current.exchange is not None and current.exchange.steps:
            self.steps = current.exchange.steps
            self.open(self._step if self._step in self.steps else self.steps[0], enter=True)
        elif self._evidence.sheet is not None:
            self._show_evidence(True)
            self.set_focus(self._evidence.page)
        else:
            self.say("There is no evidence yet: ask something first.")

    def action_cite(self, number: int) -> None:
        """Opens a citation, or where there is none a near passage, by its number."""
        current = self._talk.current()
        exchange = current.exchange if current is not None else None
        choices = (exchange.citations or exchange.near) if exchange is not None else ()
        if not 0 < number <= len(choices):
            self.say(f"There is no number {number} here.")
            return
        self.steps = exchange.steps if exchange is not None else ()
        self.open(choices[number - 1], enter=True)

    def action_step(self, by: int) -> None:
        """The next or the previous citation or passage of this answer."""
        if not self.steps:
            self.say("There is nothing to step through yet.")
            return
        at = self.steps.index(self._step) if self._step in self.steps else -by
        if not 0 <= at + by < len(self.steps):
            self.say("That was the last." if by > 0 else "That was the first.")
            return
        self.open(self.steps[at + by], enter=self.has_class(NARROW))

    # -- limits ----------------------------------------------------------------------------------

    def limit_to(self, limits: Limits) -> None:
        """Limits the questions to come, or removes the limits."""
        self.asking.limits = limits
        self._limit.show(limits, displayed(key_for(self.app, "unlimit")))
        if limits:
            self._back_to_question()

    def action_limit(self) -> None:
        """Asks which posts the questions to come are limited to."""
        Limiting(self.desk, self.app.push_screen, self.limit_to, self._example).ask()

    def action_unlimit(self) -> None:
        """Asks all posts again."""
        self.limit_to(NO_LIMITS)

    def on_question_box_emptied(self) -> None:
        """Backspace in an empty question removes the limit."""
        self.limit_to(NO_LIMITS)

    def on_limit_line_removed(self) -> None:
        """So does a click on it."""
        self.limit_to(NO_LIMITS)

    def action_within_post(self) -> None:
        """Limits questions to the post under the cursor, or the one in the evidence."""
        self._limit_to_shown(self._limit_to_post)

    def action_within_author(self) -> None:
        """Limits questions to its author."""
        self._limit_to_shown(self._limit_to_author)

    def _limit_to_post(self, post: Post) -> None:
        self.limit_to(limits_to(Filters(post=post.id), post.title))

    def _limit_to_author(self, post: Post) -> None:
        if post.authors:
            self.limit_to(limits_to(Filters(author=post.authors[0])))
        else:
            self.say("This post names no author.")

    def _limit_to_shown(self, limit: Callable[[Post], object]) -> None:
        """Limits to the post of the line that the cursor is on; in the evidence, to that one."""
        focused, sheet = self.focused, self._evidence.sheet
        if isinstance(focused, Item) and focused.step is not None:
            known = focused.step.post_id
            self.desk.read(lambda assistant: assistant.post(known), limit, self._complain)
        elif sheet is None or sheet.post is None:
            self.say("Open a post first.")
        else:
            limit(sheet.post)

    # -- going about -----------------------------------------------------------------------------

    async def action_back(self) -> None:
        """Takes a running question back; else closes the evidence; else goes to the question."""
        asked = self.asking.take_back()
        if asked is not None:
            await self._give_back(asked)
            self.say("Taken back.")
        else:
            self._back_to_question()

    def _back_to_question(self) -> None:
        if self.has_class(NARROW):
            self._show_evidence(False)
        self.set_focus(self._question)

    def action_question(self) -> None:
        """Goes to the question."""
        self._back_to_question()

    def action_pane(self, by: int) -> None:
        """Goes round the panes: question, conversation, evidence, earlier conversations."""
        seen_talk = not (self.has_class(NARROW) and self.evidence_is_shown)
        panes: list[tuple[Widget, Widget | None]] = []
        if seen_talk:
            panes += [(self._question, self._question), (self._talk, self._talk.first())]
        if self.evidence_is_shown:
            panes.append((self._evidence, self._evidence.page))
        if self.has_class(THREE):
            panes.append((self.query_one("#columns"), self._recent))
        panes = [(pane, target) for pane, target in panes if target is not None]
        at = next((n for n, (pane, _) in enumerate(panes) if pane.has_focus_within), 0)
        # Now, not soon: the next key may have been pressed already.
        self.set_focus(panes[(at + by) % len(panes)][1])

    def action_edit(self) -> None:
        """Puts what was searched for into the question, to be changed."""
        current = self._talk.current()
        if current is None or current.exchange is None:
            self.say("Nothing was searched for yet.")
            return
        if self._question.put_instead(current.exchange.turn.searched_for):
            self.say("Press Up in the question for what you had typed.")
        self._back_to_question()

    # -- conversations ---------------------------------------------------------------------------

    async def action_new(self) -> None:
        """Begins a conversation; the one before is kept."""
        given_up = self.asking.begin()
        await self._talk.show(())
        await self._talk.welcome()
        await self._evidence.clear()
        self.steps, self._step = (), None
        self._show_head()
        self._back_to_question()
        self.say(
            "A new conversation."
            if not given_up
            else "A new conversation; the last question was not answered."
        )

    def action_conversations(self) -> None:
        """Lists the kept conversations."""
        from askscwru.tui.screens.conversations import ConversationsScreen

        screen = ConversationsScreen(self.desk, self.saving, self._deleted)
        self.app.push_screen(screen, self._chose_conversation)

    def _chose_conversation(self, conversation_id: str | None) -> None:
        if conversation_id is not None:
            self.resume(conversation_id)
        elif self.asking.session.id in self._deleted:
            self.run_worker(self.action_new())
        self._refresh_recent()

    def resume(self, conversation_id: str) -> None:
        """Goes on with a kept conversation."""
        self.desk.keep(
            lambda store: store.conversation(conversation_id), self._resumed, self._complain
        )

    async def _resumed(self, conversation: Conversation) -> None:
        self.asking.begin(conversation.id, conversation.title)
        exchanges = [ShownTurn.of_turn(turn) for turn in conversation.turns]
        await self._talk.show(exchanges)
        questions = [turn.question for turn in conversation.turns]
        self.asking.asked_before = [*self.asking.asked_before, *questions]
        self._question.remember(self.asking.asked_before)
        self.steps = exchanges[-1].steps if exchanges else ()
        self.limit_to(conversation.turns[-1].limits if conversation.turns else NO_LIMITS)
        self._show_head()
        self._back_to_question()
        if self.steps and not self.has_class(NARROW):
            self.open(self.steps[0])

    @property
    def saving(self) -> Saving:
        """Saves conversations; made when it is first needed."""
        from askscwru.tui.screens.saving import Saving

        return Saving(self.desk, self.app.push_screen, self.say)

    def action_export(self) -> None:
        """Saves this conversation as Markdown."""
        if self.asking.session.id is None:
            self.say("There is nothing to save yet: ask something first.")
        else:
            self.saving.save(self.asking.session.id)

    # -- posts -----------------------------------------------------------------------------------

    def action_posts(self) -> None:
        """Lists the posts."""
        from askscwru.tui.screens.posts import PostsScreen

        self.app.push_screen(PostsScreen(self.desk), self._chose_post)

    def _chose_post(self, choice: PostChoice | None) -> None:
        if choice is None:
            return
        if choice.what == "author":
            self.limit_to(limits_to(Filters(author=choice.post.authors[0])))
        elif choice.what == "post":
            self.limit_to(limits_to(Filters(post=choice.post.id), choice.post.title))
        else:
            step = Step.of_post(choice.post)
            self.steps = (step,)
            self.open(step, enter=True)

    # -- copying ---------------------------------------------------------------------------------

    def action_copy_answer(self) -> None:
        """Copies the answer with its citations."""
        current = self._talk.current()
        if current is None or current.exchange is None:
            self.say("There is no answer to copy yet.")
        else:
            self.copy("the answer", copying.answer_to_copy(current.exchange.turn))

    def action_copy_quote(self) -> None:
        """Copies the quote with its citation."""
        step = self._cited()
        self.copy("the quote with its citation", copying.quote_to_copy(step) if step else None)

    def action_copy_bibtex(self) -> None:
        """Copies the citation as BibTeX."""
        step = self._cited()
        self.copy("the BibTeX entry", copying.bibtex_to_copy(step) if step else None)

    def _cited(self) -> Step | None:
        """The citation that the cursor is on, or that the evidence shows, or the first one."""
        focused = self.focused
        if isinstance(focused, Item) and focused.step is not None:
            return focused.step
        if self._evidence.has_focus_within and self._evidence.sheet is not None:
            return self._evidence.sheet.step
        if self._step in self.steps and self._step is not None and self._step.citation:
            return self._step
        current = self._talk.current()
        citations = current.exchange.citations if current and current.exchange else ()
        return citations[0] if citations else None

    def copy(self, what: str, words: str | None) -> None:
        """Puts words on the clipboard, and says by which way."""
        if words is None:
            self.say("Nothing is quoted here that could be copied.")
            return
        by_terminal: list[str] = []

        def work() -> Any:
            from askscwru.show.clipboard import copy

            return copy(words, by_terminal.append)

        def done(copied: Any) -> None:
            for each in by_terminal:
                self.app.copy_to_clipboard(each)
            doubt = "" if copied.sure else ", if it allows that"
            self.say(f"Copied {what} to {safe(copied.way)}{doubt}.")

        self.desk.do(work, done, self._complain)

    # -- saying ----------------------------------------------------------------------------------

    def say(self, said: str, bad: bool = False) -> None:
        """A notice that goes by itself."""
        self.notify(said, severity="warning" if bad else "information", markup=False)

    def _complain(self, error: AskscwruError) -> None:
        self.say(safe(str(error)), True)

    def _show_head(self) -> None:
        title = safe(" ".join(self.asking.session.title.split())) or "New conversation"
        shown = render.text(("askscwru", "bold $accent"), ("  ", ""), (title, "$muted"))
        self.query_one("#head", Static).update(shown)

    # -- parts -----------------------------------------------------------------------------------

    async def on_resize(self, event: events.Resize) -> None:
        """Shows earlier conversations where there is room for a third column."""
        if event.size.width >= 150 and self._recent is None:
            from askscwru.tui.widgets.recent import Recent

            await self.query_one("#columns").mount(Recent(id="recent"), before="#middle")
            self._refresh_recent()

    def _refresh_recent(self) -> None:
        recent = self._recent
        if recent is not None:
            self.desk.keep(lambda store: store.conversations(most=50), recent.show, self._complain)

    def on_recent_chosen(self, message: Recent.Chosen) -> None:
        """Goes on with an earlier conversation."""
        self.resume(message.conversation_id)

    @property
    def _recent(self) -> Recent | None:
        from askscwru.tui.widgets.recent import Recent

        return next(iter(self.query(Recent).results(Recent)), None)

    @property
    def _talk(self) -> Talk:
        return self.query_one("#talk", Talk)

    @property
    def _evidence(self) -> EvidencePane:
        return self.query_one("#evidence", EvidencePane)

    @property
    def _question(self) -> QuestionBox:
        return self.query_one("#question", QuestionBox)

    @property
    def _status(self) -> StatusLine:
        return self.query_one("#status", StatusLine)

    @property
    def _limit(self) -> LimitLine:
        return self.query_one("#limit", LimitLine)
