"""The evidence: a post at the passage, with the quote and what answers in it marked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from askscwru.show.post_text import Paragraph, first_with, inside
from askscwru.show.screen import safe
from askscwru.tui import render
from askscwru.tui.keys import PAGE, PANES
from askscwru.tui.sheet import Sheet
from askscwru.tui.wording import EMPTY

AT_ONCE = 60
"""Paragraphs mounted before and after the passage; more come when they are scrolled to."""


class PostPage(VerticalScroll):
    """The text of the post."""

    BINDINGS: ClassVar[list[BindingType]] = [*PANES.bindings(), *PAGE.bindings()]

    class Edge(Message):
        """The page has been scrolled to one of its ends."""

        def __init__(self, down: bool) -> None:
            super().__init__()
            self.down = down

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Announces the ends."""
        super().watch_scroll_y(old_value, new_value)
        if new_value != old_value and self.max_scroll_y:
            if new_value >= self.max_scroll_y:
                self.post_message(self.Edge(down=True))
            elif new_value <= 0:
                self.post_message(self.Edge(down=False))

    def action_passage(self) -> None:
        """Asks for the marked passage."""
        self.screen.query_one(EvidencePane).to_passage()

    def on_resize(self) -> None:
        """Asks for the passage again: the text flows otherwise, or is seen for the first time."""
        self.screen.query_one(EvidencePane).keep_passage()


class EvidencePane(Vertical):
    """What stands behind an answer."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.sheet: Sheet | None = None
        self._low = self._high = 0
        self._placed = 0.0
        """The row to which the page was scrolled for the passage."""

    def compose(self) -> ComposeResult:
        """A head that stays, and the page."""
        yield Static("", id="sheet-head", markup=False)
        with PostPage(id="page"):
            yield Static(EMPTY, classes="empty", markup=False)

    @property
    def page(self) -> PostPage:
        """The text."""
        return self.query_one(PostPage)

    async def show(self, sheet: Sheet, *, others: bool) -> None:
        """Shows a post, scrolled to the passage.

        Args:
            sheet: the post.
            others: whether there is more to step to.
        """
        self.sheet = sheet
        head = render.heading(sheet.step, sheet.post)
        page = self.page
        with self.app.batch_update():
            self.border_title = safe(sheet.step.name)
            self.border_subtitle = "n next, p before" if others else ""
            self.query_one("#sheet-head", Static).update(head)
            await page.remove_children()
            await page.mount_all(self._first(sheet))
        page.scroll_home(animate=False, immediate=True)
        self._placed = page.scroll_y
        self.to_passage()

    async def clear(self) -> None:
        """Shows nothing of any post."""
        self.sheet = None
        self.border_title = self.border_subtitle = ""
        self.query_one("#sheet-head", Static).update("")
        await self.page.remove_children()
        await self.page.mount(Static(EMPTY, classes="empty", markup=False))

    def to_passage(self) -> None:
        """Scrolls so that the marked passage is seen."""
        self.call_after_refresh(self._to_passage)

    def keep_passage(self) -> None:
        """The same, unless the reader has scrolled on since."""
        if self.sheet is not None and self.page.scroll_y == self._placed:
            self.to_passage()

    def _to_passage(self) -> None:
        page, sheet = self.page, self.sheet
        for chunk in page.query(".has-quote").results(Static):
            above = rows_above(sheet, chunk.content_size.width) if sheet else 0
            room = max(0, page.size.height // 4)
            row = chunk.virtual_region.y + above - room
            page.scroll_to(y=max(0, row), animate=False, immediate=True)
            self._placed = page.scroll_y

    def _first(self, sheet: Sheet) -> list[Static]:
        if sheet.fault:
            return [
                Static(render.text((safe(sheet.fault), "bold $warn")), markup=False),
                Static(render.kept_quote(sheet.step), classes="has-quote", markup=False),
            ]
        at = first_with(sheet.paragraphs, sheet.step.at) if sheet.step.at else None
        middle = at or 0
        self._low = max(0, middle - AT_ONCE)
        self._high = min(len(sheet.paragraphs), middle + AT_ONCE)
        shown = sheet.paragraphs[self._low : self._high]
        chunks = [list(parts) for _, parts in groupby(shown, lambda part: _is_quoted(part, sheet))]
        return [_chunk(parts, sheet) for parts in chunks]

    async def on_post_page_edge(self, message: PostPage.Edge) -> None:
        """Mounts what comes before or after."""
        message.stop()
        sheet, page = self.sheet, self.page
        if sheet is None or sheet.fault:
            return
        if message.down and self._high < len(sheet.paragraphs):
            more = sheet.paragraphs[self._high : self._high + AT_ONCE]
            self._high += len(more)
            await page.mount(_chunk(more, sheet))
        elif not message.down and self._low > 0:
            first = page.children[0]
            low = max(0, self._low - AT_ONCE)
            more = sheet.paragraphs[low : self._low]
            self._low = low
            await page.mount(_chunk(more, sheet), before=0)
            self.call_after_refresh(page.scroll_to_widget, first, animate=False, top=True)


def rows_above(sheet: Sheet, width: int) -> int:
    """The rows between the first quoted paragraph and the row in which the mark begins.

    Args:
        sheet: the post.
        width: of the text, in cells.
    """
    mark = sheet.step.mark or sheet.step.at
    rows = 0
    for part in sheet.paragraphs:
        if mark is None or width <= 0:
            return 0
        if not _is_quoted(part, sheet):
            continue
        inner = inside(part, mark)
        if inner is not None:
            before = part.text[: inner.start]
            return rows + (len(Content(safe(before)).wrap(width)) - 1 if before else 0)
        rows += len(Content(safe(part.text)).wrap(width)) + 1
    return 0


def _is_quoted(part: Paragraph, sheet: Sheet) -> bool:
    return inside(part, sheet.step.at) is not None


def _chunk(parts: Sequence[Paragraph], sheet: Sheet) -> Static:
    """Paragraphs in one widget: a post of sixty would be slow to open as sixty of them."""
    shown = Content("\n\n").join([render.paragraph(part, sheet) for part in parts])
    chunk = Static(shown, markup=False)
    chunk.set_class(_is_quoted(parts[0], sheet), "has-quote")
    return chunk
