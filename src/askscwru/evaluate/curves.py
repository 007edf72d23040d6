"""Charts as inline SVG: plain numbers in, markup out. Colours come from the page's style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_WIDTH, _HEIGHT = 360, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 40
_TICKS = 5
_COLOURS = ("var(--accent)", "var(--second)", "var(--good)")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """A named curve."""

    name: str
    points: tuple[Point, ...]
    """In order of x; y is in [0, 1]."""


def chart(
    lines: Sequence[Curve],
    x_label: str,
    y_label: str,
    *,
    x_max: float = 1.0,
    dot: Point | None = None,
) -> str:
    """Curves over x from 0 to ``x_max``; y runs from 0 to 1."""
    parts = [_axes(x_label, y_label, x_max)]
    for at, line in enumerate(lines):
        places = " ".join(f"{_x(x / x_max):.1f},{_y(y):.1f}" for x, y in line.points)
        colour = _COLOURS[at % len(_COLOURS)]
        parts.append(
            f'<polyline points="{places}" fill="none" style="stroke:{colour}" stroke-width="2"/>'
        )
        if len(line.points) <= 12:
            parts += [_dot(x / x_max, y, colour, 2.5, f"{x:g}: {y:.3f}") for x, y in line.points]
    if dot is not None:
        parts.append(
            _dot(dot[0] / x_max, dot[1], "var(--second)", 5, f"{dot[0]:.3f}, {dot[1]:.3f}")
        )
    return _svg(f"{y_label} over {x_label}", parts)


def bars(found: Sequence[tuple[float, float, int]], x_label: str, y_label: str) -> str:
    """One dot a bin (mean x, mean y, how many) joined to the diagonal, which is drawn too."""
    parts = [_axes(x_label, y_label, 1.0)]
    parts.append(
        f'<line x1="{_x(0):.1f}" y1="{_y(0):.1f}" x2="{_x(1):.1f}" y2="{_y(1):.1f}"'
        ' style="stroke:var(--dim)" stroke-dasharray="4 4"/>'
    )
    for x, y, count in found:
        parts.append(
            f'<line x1="{_x(x):.1f}" y1="{_y(x):.1f}" x2="{_x(x):.1f}" y2="{_y(y):.1f}"'
            ' style="stroke:var(--second)" stroke-width="2"/>'
        )
        parts.append(_dot(x, y, "var(--accent)", 4, f"{count} items: said {x:.3f}, right {y:.3f}"))
    return _svg(f"{y_label} over {x_label}", parts)


def _svg(title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">'
        f"{''.join(parts)}</svg>"
    )


def _dot(x: float, y: float, colour: str, radius: float, said: str) -> str:
    return (
        f'<circle cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="{radius:g}" style="fill:{colour}">'
        f"<title>{said}</title></circle>"
    )


def _axes(x_label: str, y_label: str, x_max: float) -> str:
    parts = []
    left = _x(0) - 6
    for tick in range(_TICKS + 1):
        share = tick / _TICKS
        parts.append(
            f'<line x1="{_x(0):.1f}" x2="{_x(1):.1f}" y1="{_y(share):.1f}" y2="{_y(share):.1f}"'
            ' style="stroke:var(--line)"/>'
            f'<text x="{left:.1f}" y="{_y(share) + 4:.1f}" text-anchor="end">{share:.1f}</text>'
            f'<text x="{_x(share):.1f}" y="{_y(0) + 15:.1f}" text-anchor="middle">'
            f"{share * x_max:g}</text>"
        )
    across, down = _x(0.5), _y(0.5)
    parts.append(
        f'<text x="{across:.1f}" y="{_HEIGHT - 6}" text-anchor="middle">{x_label}</text>'
        f'<text transform="translate(11 {down:.1f}) rotate(-90)" text-anchor="middle">'
        f"{y_label}</text>"
    )
    return "".join(parts)


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)
