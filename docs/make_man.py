"""Writes the manual page, ``docs/askscwru.1``, from the commands' own help.

``python docs/make_man.py``; the page is installed with the package, for ``man askscwru``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from askscwru import cli
from askscwru.commands.words import EXAMPLES, EXIT_CODES

PAGE = Path(__file__).parent / "askscwru.1"
_VARIABLES = (
    ("ASKSCWRU_SEEDS, ASKSCWRU_EMBEDDINGS", "as --seeds and --embeddings."),
    ("ASKSCWRU_INDEX", "the http:// address of a Milvus server that holds the vectors."),
    ("ASKSCWRU_CONVERSATIONS", "the file, or postgresql:// address, of conversations."),
    ("ASKSCWRU_MODEL, ASKSCWRU_READER", "another encoder or reader; these need torch."),
    ("ASKSCWRU_RAY, ASKSCWRU_RAY_WORKERS", "as --ray and --ray-workers of index."),
    ("ASKSCWRU_THREADS", "threads for one question (2)."),
    ("ASKSCWRU_ABSTAIN_BELOW", "an answer less sure than this is withheld (0.4)."),
)


def page() -> str:
    """The whole page in roff."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    parser = cli._parser()
    yield '.TH ASKSCWRU 1 "" "askscwru" "User Commands"'
    yield from _section("NAME", [r"askscwru \- ask blog posts, and get their own words back"])
    yield ".SH SYNOPSIS"
    yield r".B askscwru"
    yield r"[\fIOPTIONS\fR] [\fICOMMAND\fR [\fIARGUMENTS\fR]]"
    yield from _section("DESCRIPTION", [_text(parser.description or "")])
    yield from _options(parser)
    yield ".SH COMMANDS"
    for name, (command, summary) in _commands(parser).items():
        yield f".SS askscwru {_text(name)}"
        yield _text(summary[0].upper() + summary[1:] + ".")
        yield from _arguments(command)
        for action, (inner, told) in _commands(command).items():
            yield from _entry(f"{name} {action}", told + _names(inner))
        for typed, purpose in EXAMPLES.get(name, ()):
            yield from _entry(typed, purpose + ".")
    yield ".SH ENVIRONMENT"
    for variable, told in _VARIABLES:
        yield from _entry(variable, told)
    yield ".SH EXIT STATUS"
    for code, told in EXIT_CODES.items():
        yield from _entry(str(code), told + ".")


def _section(name: str, lines: list[str]) -> list[str]:
    return [f".SH {name}", *lines]


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield ".SH OPTIONS"
    yield from _arguments(parser)


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    common = {"--help", "--seeds", "--embeddings"} if parser.prog != "askscwru" else set()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) or common & set(action.option_strings):
            continue
        shown = ", ".join(action.option_strings) or str(action.metavar or action.dest)
        if action.option_strings and action.nargs != 0:
            named = action.metavar or "|".join(map(str, action.choices or (action.dest.upper(),)))
            shown += f" {' '.join(named) if isinstance(named, tuple) else named}"
        yield from _entry(shown, (action.help or "") + ".")


def _names(parser: argparse.ArgumentParser) -> str:
    names = [str(a.metavar or a.dest) for a in parser._actions if not a.option_strings]
    return f" ({', '.join(names)})." if names else "."


def _commands(
    parser: argparse.ArgumentParser,
) -> dict[str, tuple[argparse.ArgumentParser, str]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            told = {choice.dest: choice.help or "" for choice in action._choices_actions}
            return {name: (inner, told[name]) for name, inner in action.choices.items()}
    return {}


def _entry(head: str, text: str) -> list[str]:
    return [".TP", rf"\fB{_text(head)}\fR", _text(text)]


def _text(text: str) -> str:
    plain = text.replace("\\", r"\e").replace("-", r"\-").replace("’", "'")
    return rf"\&{plain}" if plain.startswith((".", "'")) else plain


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
