"""Letters as they are compared: without case and accents, those printed as one (``ﬁ``) spelled out.

What is quoted keeps them as they are.
"""

from __future__ import annotations

import re
import unicodedata

_SPELLED = dict(zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
_ANY = re.compile(f"[{''.join(_SPELLED)}]")
_TABLE = str.maketrans(_SPELLED)
_WORDS = re.compile(r"\w+")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


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


def fold(text: str) -> str:
    """``text`` in lower case, without accents and with single spaces: for comparing names."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return " ".join(_BEYOND_ASCII.sub(_unmarked, plain).lower().split())


def _unmarked(found: re.Match[str]) -> str:
    return "".join(c for c in found[0] if not unicodedata.combining(c))


def fold_words(text: str) -> str:
    """The words of a text in lower case, without accents and marks: for comparing lines."""
    return " ".join(_WORDS.findall(fold(text)))
