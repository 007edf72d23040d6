"""What a point of an ordered list is counted by, which no word of its markup says."""

from __future__ import annotations

from collections.abc import Callable

_TENS = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_LARGEST_ROMAN = 3_999


def _roman(number: int) -> str:
    told = ""
    for worth, letters in _TENS:
        told += letters * (number // worth)
        number %= worth
    return told


def _letters(number: int) -> str:
    told = ""
    while number:
        number, rest = divmod(number - 1, 26)
        told = chr(ord("a") + rest) + told
    return told


_SAID: dict[str, Callable[[int], str]] = {
    "a": _letters,
    "A": lambda number: _letters(number).upper(),
    "i": _roman,
    "I": lambda number: _roman(number).upper(),
}


def counted_by(number: int, kind: str = "1") -> str:
    """The number of a point as a reader sees it before the point, such as ``3.`` or ``iv.``.

    Args:
        number: of the point.
        kind: ``1``, ``a``, ``A``, ``i`` or ``I``, as HTML's ``type`` names them; figures for any
            other, and for a number that letters cannot tell.
    """
    said = _SAID.get(kind)
    if said is None or not 0 < number <= _LARGEST_ROMAN:
        return f"{number}."
    return f"{said(number)}."
