"""Text of posts inside Markdown: escaped where a renderer would obey it, and nowhere else."""

from __future__ import annotations

import re

_OBEYED = re.compile(
    r"""
    \\(?=[!-/:-@\[-`{-~])                  # a backslash before what it would escape
    | [*`]
    | (?<![^\W_])_ | _(?![^\W_])           # not inside snake_case
    | ~(?=~) | (?<=~)~
    | \[(?=[^\]\n]*\]\s?[(\[:])            # [text](address), [text][label], [label]: address
    | !(?=\[)
    | <(?=[A-Za-z/!?])                     # a tag, an address or a comment
    | &(?=\#?\w{1,32};)                    # an entity
    | ^(?:\#{1,6}|[+\->=])(?=[\s=\->]|$)   # what begins a heading, a list, a quotation, a rule
    """,
    re.VERBOSE | re.MULTILINE,
)
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)", re.MULTILINE)


def escaped(text: str) -> str:
    r"""``text`` such that Markdown shows it as it is.

    A line of it may stand anywhere, so that what begins a heading or a list counts where it begins.
    Numbers in brackets (``[1]``) stay as they are, as they are no link by themselves.
    """
    return _NUMBERED.sub(r"\1\\\2", _OBEYED.sub(lambda found: f"\\{found[0]}", text))
