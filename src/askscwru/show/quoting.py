"""The marks around a quote, so that what is shown is balanced although the quote is verbatim.

A quote is whole sentences of a post, and a post quotes others over several sentences: a quote may
open with a mark that is closed only later in the post, or close one that was opened before it.
"""

from __future__ import annotations

OPEN, CLOSE, STRAIGHT = "“", "”", '"'


def marks_around(text: str) -> tuple[str, str]:
    """What to set before and after a quote.

    The quote's own mark serves where it begins with one that it does not close, ends with one that
    it did not open, or stands in a pair by itself; what else it leaves open is closed for it.
    """
    shown = text.strip()
    depth = unopened = 0
    around = shown[:1] == OPEN
    for position, character in enumerate(shown):
        if character == OPEN:
            depth += 1
        elif character == CLOSE and depth:
            depth -= 1
            around = around and (depth > 0 or position == len(shown) - 1)
        elif character == CLOSE:
            unopened += 1
    if shown.count(STRAIGHT) % 2:
        return _straight(shown)
    if around and shown[-1:] == CLOSE and not depth:
        return "", ""
    before, after = 1 + unopened, 1 + depth
    if (depth and around) or (unopened and shown[-1:] == CLOSE):
        before, after = before - 1, after - 1
    return OPEN * before, CLOSE * after


def _straight(shown: str) -> tuple[str, str]:
    """The same where the post's marks are straight, and one of them is alone."""
    if shown.startswith(STRAIGHT):
        return "", STRAIGHT
    return (STRAIGHT, "") if shown.endswith(STRAIGHT) else (OPEN, STRAIGHT + CLOSE)


def quoted(text: str) -> str:
    """The quote between its marks."""
    before, after = marks_around(text)
    return f"{before}{text}{after}"
