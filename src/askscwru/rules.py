"""Rules as data: patterns and lists of words, each with what it is, and texts for and against it.

They lie in ``ingest/rules/*.toml``. A file says what it holds and whether case matters; then it has
one table a rule::

    what = "The lines that blogs put around posts"
    ignore_case = true

    [[rule]]
    group = "meta"
    what = "a date and what it is filed under"
    pattern = '{date} in .{1,80}'
    fits = "3 May 2014 in Buses"
    spares = "3 May 2014"

A rule has a ``pattern`` for the whole of what it is tried on, or ``words``. What it must match is
``fits``, what it must not is ``spares``, one text or a list of them: each is a test. A name in
braces stands for the rules of that group in the same file, or for a pattern that the program puts
in, as ``{date}`` here.

Nothing is read before it is asked for: answering a question on a built index needs none of it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from askscwru.errors import InternalError

FOLDER = Path(__file__).parent / "ingest" / "rules"
_HEAD = {"what": str, "ignore_case": bool, "rule": list}
_KEYS = frozenset({"group", "what", "pattern", "words", "fits", "spares"})
_NEEDED = ("group", "what", "fits", "spares")
_PART = re.compile(r"\{([a-z][a-z_]*)\}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern, or one list of words, and what is said of it."""

    group: str
    """What the rules that are tried together are called."""
    what: str
    """What it matches, in words."""
    pattern: str
    """A regular expression for the whole of a text, names in braces not yet filled in."""
    words: tuple[str, ...]
    """The words in the order of the file; empty where the rule is a pattern."""
    fits: tuple[str, ...]
    """What it must match."""
    spares: tuple[str, ...]
    """What looks alike and must not be matched."""


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The rules of one file, in its order."""

    path: Path
    ignore_case: bool
    rules: tuple[Rule, ...]

    def words(self, *groups: str) -> tuple[str, ...]:
        """The words of the groups, in the order of the file.

        Raises:
            InternalError: a group has none.
        """
        return tuple(word for group in groups for rule in self.group(group) for word in rule.words)

    def group(self, name: str) -> list[Rule]:
        """The rules of a group.

        Raises:
            InternalError: there is no such group.
        """
        rules = [rule for rule in self.rules if rule.group == name]
        if not rules:
            raise InternalError(f"{self.path} has no rules of the group “{name}”.")
        return rules

    def alternatives(self, *groups: str, **parts: str) -> str:
        """One regular expression, in a group of its own, for whatever a rule of the groups fits.

        Args:
            groups: their names.
            parts: what stands for the names in braces that are no groups of the file.

        Raises:
            InternalError: there is no such group, or a name in braces stands for nothing.
        """
        rules = [rule for group in groups for rule in self.group(group)]
        return f"(?:{'|'.join(self.filled(rule, parts) for rule in rules)})"

    def filled(self, rule: Rule, parts: Mapping[str, str]) -> str:
        """The regular expression of a rule with every name in braces filled in.

        Raises:
            InternalError: a name stands for nothing.
        """

        def put(match: re.Match[str]) -> str:
            name = match[1].replace("_", " ")
            if match[1] in parts:
                return parts[match[1]]
            if name == rule.group or not any(other.group == name for other in self.rules):
                raise _broken(self.path, rule.what, f"{match[0]} stands for nothing")
            return self.alternatives(name, **parts)

        return _PART.sub(put, rule.pattern)

    def compiled(
        self, *groups: str, end: str = "$", parts: Mapping[str, str] | None = None
    ) -> re.Pattern[str]:
        """The groups as one compiled pattern, to be tried from the start of a text.

        Args:
            groups: their names.
            end: what must follow; the end of the text unless something else is said.
            parts: see ``alternatives``.

        Raises:
            InternalError: a pattern is none; the rule is named.
        """
        parts = parts or {}
        flags = re.IGNORECASE if self.ignore_case else 0
        try:
            return re.compile(self.alternatives(*groups, **parts) + end, flags)
        except re.error:
            for group in groups:
                for rule in self.group(group):
                    self.check(rule, parts)
            raise

    def check(self, rule: Rule, parts: Mapping[str, str]) -> re.Pattern[str]:
        """One rule compiled by itself.

        Raises:
            InternalError: its pattern is none.
        """
        try:
            return re.compile(self.filled(rule, parts), re.IGNORECASE if self.ignore_case else 0)
        except re.error as error:
            raise _broken(self.path, rule.what, f"its pattern is none: {error}") from error


@lru_cache(maxsize=32)
def rule_file(name: str) -> RuleFile:
    """The rules of ``ingest/rules/NAME.toml``, read once.

    Raises:
        InternalError: the file cannot be read, or something in it is not as it must be.
    """
    return read_rules(FOLDER / f"{name}.toml")


def read_rules(path: Path) -> RuleFile:
    """The rules of a file.

    Raises:
        InternalError: the file cannot be read, or something in it is not as it must be.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InternalError(f"{path} cannot be read: {error}.") from error
    for key, value in table.items():
        if key not in _HEAD or not isinstance(value, _HEAD[key]):
            raise InternalError(f"{path}: “{key}” is not known, or of the wrong kind.")
    if not table.get("what") or not table.get("rule"):
        raise InternalError(f"{path} says not what it holds, or holds nothing.")
    rules = tuple(_rule(path, at, one) for at, one in enumerate(table["rule"], start=1))
    return RuleFile(path, table.get("ignore_case", False), rules)


def _rule(path: Path, at: int, table: Any) -> Rule:
    name = f"{at}"
    if not isinstance(table, dict):
        raise _broken(path, name, "it is no table")
    if isinstance(what := table.get("what"), str):
        name = f"{at} ({what})"
    if strange := sorted(table.keys() - _KEYS):
        raise _broken(path, name, f"“{strange[0]}” is not known")
    for key in _NEEDED:
        if not table.get(key):
            raise _broken(path, name, f"it has no “{key}”")
    if ("pattern" in table) == ("words" in table):
        raise _broken(path, name, "it needs a pattern or words, and not both")
    words = tuple(_text(path, name, table.get("words", " ")).split())
    pattern = "|".join(map(re.escape, words)) or _text(path, name, table.get("pattern", ""))
    if not pattern:
        raise _broken(path, name, "it matches nothing")
    if twice := sorted({word for word in words if words.count(word) > 1}):
        raise _broken(path, name, f"“{twice[0]}” stands in it twice")
    return Rule(
        group=_text(path, name, table["group"]),
        what=_text(path, name, table["what"]),
        pattern=pattern,
        words=words,
        fits=_texts(path, name, table["fits"]),
        spares=_texts(path, name, table["spares"]),
    )


def _text(path: Path, name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _broken(path, name, f"{value!r} is no text")
    return value


def _texts(path: Path, name: str, value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(_text(path, name, one) for one in values)


def _broken(path: Path, name: str, why: str) -> InternalError:
    return InternalError(f"{path}, rule {name}: {why}.")
