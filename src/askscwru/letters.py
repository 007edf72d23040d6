"""Letters that are printed as one (``ﬁ``), spelled out for models and for search.

PDF files have them. What is quoted keeps them as they are; only what is compared is spelled out.
"""

from __future__ import annotations

import re

_SPELLED = dict(zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
_ANY = re.compile(f"[{''.join(_SPELLED)}]")
_TABLE = str.maketrans(_SPELLED)


def spelled_out(text: str) -> str:
    """The text with every ligature as its letters."""
    return text.translate(_TABLE) if _ANY.search(text) else text


def origins(text: str) -> list[int] | None:
    """For each character of ``spelled_out(text)``, where in ``text`` it comes from.

    One more stands at the end for the end of the text. None where nothing is to be spelled out.
    """
    if not _ANY.search(text):
        return None
    return [at for at, c in enumerate(text) for _ in _SPELLED.get(c, c)] + [len(text)]
