"""A small corpus made by hand, and an assistant that gives answers from it without any model.

It enters by the real hook, the ``load`` of ``create_app``; everything on the screens is the
product's own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from askscwru.answering.answer import short_of
from askscwru.answering.limits import limits_of
from askscwru.assistant import never, plain_question
from askscwru.conversation.store import Store
from askscwru.errors import Cancelled, FilterError, IndexAway, NotFoundError, SourceError
from askscwru.tui.app import AskscwruApp, create_app
from askscwru.tui.screens.main import MainScreen
from askscwru.types import (
    Answer,
    Block,
    BlockKind,
    Citation,
    Correction,
    Filters,
    Hit,
    Kind,
    Near,
    Occurrence,
    Passage,
    Post,
    Progress,
    Query,
    Quote,
    Sentence,
    Span,
    Turn,
)

LONG_TITLE = (
    "Risk, safeguarding and personal budgets in the adult social care of five English councils:"
    " exploring relationships, identifying good practice, and what an archive page leaves out"
)
HOSTILE = (
    "[bold]not bold[/bold] \x1b[31mred\x1b[0m \u202edesrever\u202c zero\u200bwidth e\u0301\u0327"
)
_PARTS = {
    "gardens": (
        LONG_TITLE,
        ["Anna Gardener", "Bo Field"],
        [
            "Gardens are good for people who live in care homes.",
            "In 2017 a garden of this kind was used by 412 people in three towns. Nobody had"
            " counted them before.",
            *[f"Paragraph {n} of the garden post says a little more of it." for n in range(1, 30)],
        ],
    ),
    "untitled": (None, [], ["A short page without a title says that tea is served at four."]),
    "hostile": (
        HOSTILE,
        ["Mallory [b]"],
        [f"{HOSTILE} was seen by 7 people.", "x" * 10_000 + " end of the long line."],
    ),
}
SOURCE = "page.txt"


def _corpus() -> tuple[str, dict[str, Post]]:
    text, posts = "", {}
    for name, (title, authors, paragraphs) in _PARTS.items():
        start, blocks = len(text), []
        for kind, part in [(BlockKind.TITLE, title), *((BlockKind.BODY, p) for p in paragraphs)]:
            if part:
                blocks.append(Block(len(text), len(text) + len(part), kind))
                text += part + "\n\n"
        posts[name] = Post(
            id=f"{name:0<12}"[:12],
            title=title,
            authors=tuple(authors),
            blog="The Garden Blog" if authors else None,
            word_count=455 if title else None,
            known_words=110,
            complete=not title,
            published="2018-03-01" if title else None,
            url=None,
            source=SOURCE,
            start=start,
            end=len(text),
            blocks=tuple(blocks),
            also_in=(Occurrence(source="copy.txt", start=0, end=5, complete=False),)
            if title
            else (),
        )
    return text, posts


TEXT, POSTS = _corpus()


def _hit(name: str, rank: int) -> Hit:
    post = POSTS[name]
    first = post.blocks[-1] if len(post.blocks) < 3 else post.blocks[1]
    passage = Passage(
        id=f"passage{rank:05}",
        post_id=post.id,
        source=SOURCE,
        start=first.start,
        end=first.end,
        text=TEXT[first.start : first.end],
        context="",
        sentences=(Sentence(first.start, first.end, BlockKind.BODY),),
    )
    return Hit(passage=passage, row=rank, rank=rank, score=0.9 / rank, dense=0.5, lexical=1.0)


def _cite(index: int, name: str, quoted: str, marked: str) -> Citation:
    start = TEXT.index(quoted)
    mark = TEXT.index(marked, start)
    passage = replace(_hit(name, index).passage, id=f"quoted{index:06}")
    quote = Quote(
        passage=passage,
        start=start,
        end=start + len(quoted),
        text=quoted,
        score=0.9,
        highlight=Span(mark, mark + len(marked)),
    )
    return Citation(index=index, quote=quote, post=POSTS[name])


USED = "In 2017 a garden of this kind was used by 412 people in three towns."
TEA = "A short page without a title says that tea is served at four."
SEEN = f"{HOSTILE} was seen by 7 people."


def _answer(question: str, citations: list[Citation], **more: object) -> Answer:
    hits = (_hit("gardens", 1), _hit("untitled", 2))
    return replace(
        Answer(
            question=question,
            searched_for=question,
            answered=bool(citations),
            confidence=0.91 if citations else 0.12,
            text=" ".join(f"{c.quote.text} [{c.index}]" for c in citations)
            or "The posts do not say; the nearest posts are untitled and long.",
            citations=tuple(citations),
            hits=hits,
            titles={post.id: post.title for post in POSTS.values()},
            conversation_id="",
            kind=Kind.ANSWER if citations else Kind.ABSTENTION,
            short=short_of(citations),
        ),
        **more,  # type: ignore[arg-type]
    )


def _unmarked(citation: Citation) -> Quote:
    return replace(citation.quote, highlight=None)


def _listed(question: str) -> Answer:
    """A list of fifty posts, of which two are cited."""
    many = [
        replace(POSTS["gardens"], id=f"{number:012}", title=f"Garden {number}")
        for number in range(3, 51)
    ]
    cites = [_cite(1, "gardens", LONG_TITLE, "Risk"), _cite(2, "untitled", TEA, "tea")]
    return _answer(
        question,
        [replace(cite, quote=_unmarked(cite)) for cite in cites],
        kind=Kind.LIST,
        short=None,
        total=50,
        posts=(POSTS["gardens"], POSTS["untitled"], *many),
        text="50 posts here are about gardens.\n1. …",
        advice=("What a post is about is estimated, the surest first.",),
    )


def _special(question: str, low: str) -> Answer | None:
    """A list, views, a reply, or an abstention that helps on."""
    if "list" in low:
        return _listed(question)
    if "views" in low:
        cites = [_cite(1, "gardens", USED, "412"), _cite(2, "untitled", TEA, "tea")]
        cites = [
            replace(cite, group=cite.post.title or "(untitled post)", quote=_unmarked(cite))
            for cite in cites
        ]
        text = "What 2 posts say about tea:\n\n…"
        return _answer(question, cites, kind=Kind.VIEWS, short=None, text=text)
    if low.startswith("hello"):
        return _answer(
            question,
            [],
            kind=Kind.REPLY,
            hits=(),
            text="Hello. Ask the posts something.",
            advice=("Who served tea?", "List all posts", "Which views are there?"),
        )
    if "nearly" in low:
        near = Near(post=POSTS["gardens"], quote=_cite(1, "gardens", USED, "412").quote)
        return _answer(
            question,
            [],
            nearest=(near,),
            advice=("No post has the word “nearly”.", "Try “Who served tea?”"),
        )
    return None


class CannedAssistant:
    """Answers by a word of the question; keeps turns in the real store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.asked: list[tuple[str, Filters]] = []
        self.hold: Callable[[], bool] = lambda: False
        """While it says yes, an answer is not ready."""

    def search(self, query: Query) -> tuple[Hit, ...]:
        tag = query.filters.tag
        if tag not in (None, "gardens"):
            raise FilterError(f"No post has the tag “{tag}”.", param="filters.tag")
        return (_hit("gardens", 1),)[: query.top_k]

    def ask(
        self,
        query: Query,
        *,
        conversation_id: str | None = None,
        cancelled: Callable[[], bool] = never,
    ) -> Answer:
        plain = plain_question(query.question, 2_000)
        while self.hold():
            time.sleep(0.002)
            if cancelled():
                raise Cancelled("The question was taken back.")
        self.asked.append((plain, query.filters))
        limits = limits_of(query, lambda post_id: self.post(post_id).title)
        answer = replace(self._found(plain), question=query.question, limits=limits)
        if conversation_id is None:
            conversation_id = self.store.create()
        self.store.recent(conversation_id, 1)
        turn = self.store.append(conversation_id, Turn.of(answer))
        return replace(
            answer, conversation_id=conversation_id, turn=turn.number, asked_at=turn.asked_at
        )

    def ask_after(self, turns: object, question: str) -> Answer:
        """An answer that nobody keeps."""
        return self._found(question)

    def with_words(self, words: str, most: int) -> list[Passage]:
        """Paragraphs in which one of the words stands."""
        found = []
        for post in POSTS.values():
            for block in post.blocks:
                said = TEXT[block.start : block.end]
                if any(word in said.lower() for word in words.lower().split()):
                    rank = len(found) + 1
                    sentence = Sentence(block.start, block.end, block.kind)
                    found.append(
                        replace(
                            _hit("gardens", rank).passage,
                            post_id=post.id,
                            start=block.start,
                            end=block.end,
                            text=said,
                            sentences=(sentence,),
                        )
                    )
        return found[:most]

    def _found(self, question: str) -> Answer:
        low = question.lower()
        if "ruin" in low:
            raise SourceError("page.txt cannot be read: it is gone.", remedy="Put it back.")
        if "away" in low:
            raise IndexAway("There is no connection to its server.", remedy="Try again later.")
        if "crash" in low:
            raise ZeroDivisionError("division by zero")
        if "seen" in low:
            return _answer(question, [_cite(1, "hostile", SEEN, "7 people")])
        if "both" in low:
            cites = [_cite(1, "gardens", USED, "412"), _cite(2, "untitled", TEA, "tea")]
            return _answer(question, cites, alternatives=("How many gardens are there?",))
        if "gardn" in low:
            return _answer(
                question,
                [_cite(1, "gardens", USED, "412")],
                searched_for=question.replace("gardn", "garden"),
                corrections=(Correction("gardn", "garden"),),
            )
        if "it" in low.split():
            cites = [_cite(1, "gardens", USED, "412")]
            return _answer(question, cites, searched_for="How many people used the garden?")
        if "garden" in low:
            return _answer(question, [_cite(1, "gardens", USED, "412")])
        if special := _special(question, low):
            return special
        if "tea" in low:
            return _answer(question, [_cite(1, "untitled", TEA, "tea")])
        return _answer(question, [])

    def posts(self) -> tuple[Post, ...]:
        return tuple(POSTS.values())

    def post(self, post_id: str) -> Post:
        for post in POSTS.values():
            if post.id == post_id:
                return post
        raise NotFoundError(f"There is no post {post_id!r}.")

    def source_text(self, name: str) -> str:
        return TEXT if name == SOURCE else ""


class Canned:
    """An app over the canned assistant, and what a test wants to reach of it."""

    def __init__(self, folder: Path, *, ready: Callable[[], bool] = lambda: True) -> None:
        self.folder = folder
        self.store = Store(folder / "conversations.sqlite3")
        self.assistant = CannedAssistant(self.store)
        self.ready = ready
        self.failures: list[Exception] = []
        """Raised by the next tries to load."""

    def load(self, store: Store, progress: Progress) -> CannedAssistant:
        progress("encode", 40, 100)
        while not self.ready():
            time.sleep(0.002)
        if self.failures:
            raise self.failures.pop(0)
        return self.assistant

    def app(self) -> AskscwruApp:
        return create_app(
            self.load,  # type: ignore[arg-type]
            lambda: self.store,
            preferences_file=self.folder / "terminal.toml",
        )


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    """Lets the app run until something holds; a test's own time limit ends it otherwise."""
    for _ in range(4_000):
        await asyncio.sleep(0.005)  # a pause of the pilot's asks every widget whether it is idle
        if holds():
            await pilot.pause()
            return
    raise AssertionError("it never came to hold")


def main_of(pilot: Pilot[None]) -> MainScreen:
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, MainScreen))


async def begun(pilot: Pilot[None]) -> None:
    """Waits until the real screen is there."""
    await until(pilot, lambda: any(isinstance(s, MainScreen) for s in pilot.app.screen_stack))


async def ready(pilot: Pilot[None]) -> None:
    """Waits until the assistant is loaded and has said how many posts there are."""
    await begun(pilot)
    main = main_of(pilot)
    await until(
        pilot,
        lambda: main.desk.opened and main.desk.idle and not main.query_one("#status").display,
    )


def at_ease(pilot: Pilot[None]) -> bool:
    """Whether every question is answered and nothing is asked of the desk."""
    main = main_of(pilot)
    return not main.asking.session.pending and main.desk.idle


async def settled(pilot: Pilot[None]) -> None:
    """Waits until every question is answered and all that was asked of the desk is shown.

    What is shown may ask the desk for more once it is painted: the post behind an answer.
    """
    for _ in range(3):
        await pilot.pause()
        if not at_ease(pilot):
            await until(pilot, lambda: at_ease(pilot))
    await pilot.pause()


async def ask(pilot: Pilot[None], question: str) -> None:
    """Types a question and waits for what comes of it."""
    await begun(pilot)
    main = main_of(pilot)
    main.query_one("#question").insert(question)  # type: ignore[attr-defined]
    await pilot.press("enter")
    await settled(pilot)
