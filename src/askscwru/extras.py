"""The libraries that a setting needs and that are installed only where they are asked for."""

from __future__ import annotations

from importlib.util import find_spec

from askscwru.errors import UsageError


def require(module: str, extra: str, wanted: str, param: str) -> None:
    """Does nothing where a module can be imported; none is.

    Args:
        module: its name.
        extra: of askscwru, that brings it.
        wanted: what cannot be done without it, as the beginning of a sentence.
        param: the setting that asks for it.

    Raises:
        UsageError: it is not installed.
    """
    if find_spec(module) is None:
        raise UsageError(
            f"{wanted}, and {module} is not installed.",
            remedy=f"pip install 'askscwru[{extra}]'",
            param=param,
        )
