"""Which form of a thing a client wants."""

from __future__ import annotations


def prefers(accept: str, kind: str) -> bool:
    """Whether an ``Accept`` header names a kind (``text/html``), and no other rates above it.

    A wildcard names nothing: it takes whatever is the usual form.
    """
    rated = dict(_rated(part) for part in accept.split(",") if part.strip())
    own = rated.get(kind, 0.0)
    named = (q for other, q in rated.items() if "*" not in other)
    return own > 0 and own >= max(named)


def _rated(part: str) -> tuple[str, float]:
    name, *parameters = part.split(";")
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            try:
                quality = min(1.0, max(0.0, float(value)))
            except ValueError:
                quality = 0.0
    return name.strip().lower(), quality
