"""Two readings of one page held against each other: ours by its markup, and trafilatura's.

Where the markup names the box that holds the text, and what stands in it reads like text, ours is
believed unasked. Otherwise trafilatura reads the page too. What both found is the text; what one of
them alone found is decided by evidence: whether it is running text, how much of it is links,
whether it stands among what both found, and how much of the whole the other reading missed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from askscwru.ingest.compose import Part
from askscwru.ingest.html.page_kind import words_in
from askscwru.types import BlockKind

_RUN = 4
_SHARED = 0.6
"""A part is in the other reading where this share of its runs of words is."""
_PROSE = 6
_ENDED = re.compile(r"[.!?…。！？:;][\"'”’)\]»」]*$")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_LINKED = 0.6
"""What is links for more than this share leads somewhere instead of saying something."""
_ALL, _FEW, _INSERTED = 0.95, 4, 3
"""A paragraph that is one link, of so many words, is put between others where there are three."""
_ODD_SHARE, _FEW_ODD = 0.08, 2
_MISSED = 0.6
"""Where our reading has less than this share of trafilatura's words, it missed a part of it."""
_AGREED = 0.7
_SOUND_WORDS = 50
"""Of a shorter text trafilatura gives the whole page as one paragraph."""


@dataclass(frozen=True, slots=True)
class PageReading:
    """The text of a page, and whether the two readings agreed on it."""

    parts: list[Part]
    doubtful: str | None = None
    """Why somebody should look at it: the two readings differed much."""


def is_clean(parts: Sequence[Part]) -> bool:
    """Whether what stands in a box of text reads like text, with hardly a line that is not."""
    if not parts:
        return False
    odd = sum(map(_is_odd, parts)) + sum(
        one.text == other.text and one.kind is not BlockKind.HEADING
        for one, other in pairwise(parts)
    )
    return odd <= max(_FEW_ODD, _ODD_SHARE * len(parts))


def prose_words(parts: Sequence[Part]) -> int:
    """How many words stand in running text: in sentences that are not links."""
    return sum(
        words_in(part.text)
        for part in parts
        if part.linked <= _LINKED and words_in(part.text) >= _PROSE and _ended(part)
    )


def _is_odd(part: Part) -> bool:
    if _ADDRESS.fullmatch(part.text):
        return False
    if part.linked > _LINKED:
        return True
    return part.kind is BlockKind.BODY and words_in(part.text) < _PROSE and not _ended(part)


def _ended(part: Part) -> bool:
    return _ENDED.search(part.text) is not None


def combined(own: Sequence[Part], found: Sequence[Part], *, declared: bool) -> PageReading:
    """One text of the two readings.

    Args:
        own: what the markup says.
        found: what trafilatura found.
        declared: whether the markup names the box that ``own`` stands in.
    """
    if not own or _words(found) < _SOUND_WORDS or len(found) < 2:
        return PageReading(list(own or found))
    in_found, in_own = _Known(found), _Known(own)
    shared = [part in in_found for part in own]
    agreed = sum(words_in(p.text) for p, both in zip(own, shared, strict=True) if both)
    doubt = None
    if agreed < _AGREED * max(_words(own), _words(found)):
        doubt = (
            f"two readings of it share {agreed:,} of {_words(own):,} and {_words(found):,} words"
        )
    if agreed < _MISSED * _words(found):
        # What ours lacks is more than a teaser or two: it took one box of several for the text.
        return PageReading(_merged(own, found, in_own), doubt)
    return PageReading(_kept(own, shared, declared=declared), doubt)


def _kept(own: Sequence[Part], shared: Sequence[bool], *, declared: bool) -> list[Part]:
    """Our parts that trafilatura has too, and those that speak for themselves."""
    first = shared.index(True) if True in shared else 0
    last = len(shared) - 1 - shared[::-1].index(True) if True in shared else len(shared) - 1
    times = Counter(_as_tokens(part.text) for part in own)
    inserted = sum(map(_is_bare_link, own)) >= _INSERTED
    kept: list[Part] = []
    announced = False
    for at, part in enumerate(own):
        if part.kind is not BlockKind.LIST:
            announced = part.kind is BlockKind.BODY and part.text.endswith(":")
        # "Take these to the mill:" leads into the points behind it.
        listed = announced and part.kind is BlockKind.LIST and at > first
        # A table or a definition right below the text belongs to it.
        below = at > last and part.held and bool(kept) and kept[-1] is own[at - 1]
        inside = first < at < last or listed or below
        # What only we have and have several times is a picture's caption, large and small.
        once = times[_as_tokens(part.text)] == 1
        # What follows a linked heading that only we have is what it leads to, in a sentence.
        led = at > 0 and not shared[at - 1] and _is_teaser(own[at - 1], times)
        alone = once and not led and _speaks(part, inside=inside, declared=declared)
        if (shared[at] or alone) and not (inserted and _is_bare_link(part)):
            kept.append(part)
    while kept and kept[-1].kind is BlockKind.HEADING:
        kept.pop()
    return kept


def _is_bare_link(part: Part) -> bool:
    """Whether a paragraph is one link and no sentence."""
    bare = part.linked > _ALL and part.kind is BlockKind.BODY and not _ended(part)
    return bare and words_in(part.text) >= _FEW and not _ADDRESS.fullmatch(part.text)


def _is_teaser(part: Part, times: Counter[str]) -> bool:
    titled = part.kind is BlockKind.HEADING or times[_as_tokens(part.text)] > 1
    return part.linked > _LINKED and titled


def _speaks(part: Part, *, inside: bool, declared: bool) -> bool:
    """Whether a part that only our reading has is text all the same."""
    if _ADDRESS.fullmatch(part.text):
        return inside
    if part.linked > _LINKED:
        return False
    if part.held:
        return inside or declared
    if part.kind in (BlockKind.HEADING, BlockKind.LIST):
        return inside
    return (inside or declared) and words_in(part.text) >= _PROSE and _ended(part)


def _merged(own: Sequence[Part], found: Sequence[Part], in_own: _Known) -> list[Part]:
    """Trafilatura's text, each part as our reading has it where it has it."""
    by_text = {_as_tokens(part.text): part for part in own}
    parts = [by_text.get(_as_tokens(part.text), part) for part in found]
    if any(part in in_own for part in found):
        return parts
    return [*own, *parts]


_DEFINED = re.compile(r"\A[^\n:?]{1,80}[:?] ")


class _Known:
    """The runs of words of a reading."""

    def __init__(self, parts: Sequence[Part]) -> None:
        texts = (text for part in parts for text in (part.text, *part.text.split("\n")))
        self._texts = {_as_tokens(text) for text in texts}
        self._runs = {run for part in parts for run in _runs(part.text)}

    def __contains__(self, part: Part) -> bool:
        runs = _runs(part.text)
        if len(runs) < 2:
            # One reading may have a definition's term before it, the other a point's paragraphs
            # together.
            told = _DEFINED.sub("", part.text)
            return _as_tokens(part.text) in self._texts or all(
                _as_tokens(line) in self._texts for line in told.split("\n")
            )
        return sum(run in self._runs for run in runs) >= _SHARED * len(runs)


def _runs(text: str) -> list[tuple[str, ...]]:
    words = _tokens(text)
    return [tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)]


def _tokens(text: str) -> list[str]:
    """Words; of scripts without spaces the characters."""
    return re.findall(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+", text.lower())


def _as_tokens(text: str) -> str:
    return " ".join(_tokens(text))


def _words(parts: Sequence[Part]) -> int:
    return sum(words_in(part.text) for part in parts)
