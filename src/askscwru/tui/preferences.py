"""What a user prefers: a theme and other keys, read from one small TOML file.

::

    theme = "light"

    [keys]
    posts = "f6"
    "copy.quote" = "f7,ctrl+y"
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from askscwru.tui.keys import all_keys
from askscwru.tui.themes import DARK, LIGHT

VARIABLE = "ASKSCWRU_TERMINAL"
"""Names the file where it is not the usual one."""
_THEMES = {"dark": DARK, "light": LIGHT}


@dataclass(frozen=True, slots=True)
class Preferences:
    """What was read, and what could not be."""

    theme: str | None = None
    """Its name; None where the file names none, so that the last one holds."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """By the name of what they do, as ``Key.id``."""
    faults: tuple[str, ...] = ()
    """One plain sentence each; the rest of the file holds all the same."""


def usual_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the file is looked for."""
    if environment.get(VARIABLE):
        return Path(environment[VARIABLE]).expanduser()
    if os.name == "nt":
        return Path(environment.get("APPDATA") or Path.home()) / "askscwru" / "terminal.toml"
    home = environment.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "askscwru" / "terminal.toml"


def read_preferences(path: Path) -> Preferences:
    """The preferences in a file; the usual ones where there is none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Preferences()
    except OSError as error:
        return Preferences(faults=(f"{path} cannot be read: {error.strerror}.",))
    import tomllib  # only who has a file pays for the reader

    try:
        told = tomllib.loads(data.decode("utf-8"))
    except ValueError as error:
        return Preferences(faults=(f"{path} is not TOML: {error}.",))
    return _checked(told, path)


def _checked(told: Mapping[str, Any], path: Path) -> Preferences:
    faults = [f"{path}: there is no {name!r}." for name in told if name not in ("theme", "keys")]
    theme = told.get("theme")
    if theme is not None and (not isinstance(theme, str) or theme not in _THEMES):
        faults.append(f'{path}: theme is {theme!r}; it can be "dark" or "light".')
        theme = None
    keys: dict[str, str] = {}
    given = told.get("keys", {})
    known = {key.id for key in all_keys()}
    for name, value in given.items() if isinstance(given, dict) else ():
        if name not in known:
            faults.append(f"{path}: no key does {name!r}; the help (F1) lists the names.")
        elif not isinstance(value, str) or not all(part.strip() for part in value.split(",")):
            faults.append(f'{path}: {name} is {value!r}; write it like "f6" or "f6,ctrl+y".')
        else:
            keys[name] = value
    if not isinstance(given, dict):
        faults.append(f"{path}: keys is not a table; write [keys].")
    return Preferences(None if theme is None else _THEMES[theme], keys, tuple(faults))
