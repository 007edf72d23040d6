"""askscwru: ask blog posts, and get their own words back with citations.

``import askscwru`` loads no model and no heavy library; ``Assistant.load()`` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from askscwru.assistant import Assistant as Assistant

__version__ = "0.1.0"
__all__ = ["Assistant", "__version__"]


def __getattr__(name: str) -> object:
    if name == "Assistant":
        from askscwru.assistant import Assistant

        return Assistant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
