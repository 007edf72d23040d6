"""Reading order is import order: a file imports only from files above it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

from askscwru.settings import Settings

PACKAGE = Path(__file__).parent.parent / "src" / "askscwru"

ORDER = {
    wing: rooms.split()
    for wing, rooms in {
        "": "errors extras types files throwaway addresses settings postgres milvus sentences"
        " letters days rules names ingest index answering conversation assistant show commands web"
        " api evaluate tui cli __main__",
        "ingest": "limits dates decode kinds blogs roots sketch table_rows numbering text compose"
        " found absent html files formats manifest readers document_cache site merge"
        " remembered sources_of delta __init__",
        "ingest/text": "paragraphs bylines furniture front_matter lines starts notes parts pages",
        "ingest/html": "tables marks markup medium page_furniture page_facts main_text page_entries"
        " page_kind page_text page_single html_page",
        "ingest/formats": "shortcodes substack containers feeds blogger ghost wxr one_post"
        " word_numbering word pdf templates markdown markdown_post blog_folder",
        "index": "encoder export rows layout vectors served lexical merging titles records chunk"
        " passage_list cache cluster ahead generation publish carried part_writer making report"
        " amend build sources",
        "answering": "limits filters bounds accounting spelling order retrieve fitness definitions"
        " extent counted paragraphs topics headings span scoring second_look export_reader reader"
        " marks answer newer notes updates changes collection telling",
        "answering/collection": "vocabulary periods asked catalogue conditions recognise subjects"
        " outcome selection wording facts lists views talk stage",
        "conversation": "keeping kept store database opening follow_up several history wishes",
        "conversation/follow_up": "turns tagger words readings phrases restated slots context"
        " anaphora unnamed returns pronouns shown another left_out short remarks rules __init__",
        "postgres": "server",
        "milvus": "server expressions generations",
        "show": "quoting screen post_text find search_posts references transcript markdown"
        " clipboard output first_sight",
        "commands": "words limits prompt conversation_arguments conversations doctor",
        "web": "render marks limits turns evidence posts __init__",
        "api": "config limits database_rates logs shared_metrics metrics problems origin post_text"
        " tokens database_tokens examples models negotiate collection forwarded html live replies"
        " protocol desk sight observe chat guard manual documented service mcp_server pages"
        " routes stdio tasks openai responses app serve",
        "evaluate": "sets runs subject metrics curves match figures compare floors posts table"
        " outside collection page command",
        "tui": "themes model wording keys preferences remembered sheet desk render copying asking"
        " widgets screens app command",
        "tui/widgets": "evidence turn welcome question recent status foot talk",
        "tui/screens": "first prompt help finder saving limiting posts conversations main",
    }.items()
}
"""The rooms of every wing, each importing only from those before it."""


def _module(name: str, attribute: str = "") -> tuple[str, ...]:
    """The room that an import reaches, as its path in the package."""
    for parts in ((*name.split("."), attribute), tuple(name.split("."))):
        inside = PACKAGE.joinpath(*parts[1:])
        if inside.with_suffix(".py").is_file():
            return parts[1:]
        if attribute not in parts and (inside / "__init__.py").is_file():
            return (*parts[1:], "__init__")
    return (*name.split(".")[1:], attribute, "__init__")


def _imports(path: Path) -> set[tuple[str, ...]]:
    """The rooms that a file imports from anywhere in it, in functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "askscwru":
            found |= {_module(node.module or "", alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {_module(a.name) for a in node.names if a.name.split(".")[0] == "askscwru"}
    return found - {("__init__",)}


def _own(path: Path) -> tuple[str, ...]:
    return path.relative_to(PACKAGE).with_suffix("").parts


def _files() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", _files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_only_from_files_above_it(path: Path) -> None:
    own = _own(path)
    for depth in range(len(own)):
        wing = ORDER["/".join(own[:depth])]
        assert own[depth] in wing or own[depth] == "__init__", f"{own} has no place in the order"
    for reached in _imports(path):
        depth = next(i for i, (a, b) in enumerate(zip(own, reached, strict=False)) if a != b)
        wing = ORDER["/".join(own[:depth])]
        assert wing.index(reached[depth]) < wing.index(own[depth]), f"{own} imports {reached}"


def test_the_order_names_no_room_that_is_gone() -> None:
    for wing, rooms in ORDER.items():
        for room in rooms:
            inside = PACKAGE / wing / room
            assert inside.with_suffix(".py").is_file() or inside.is_dir(), f"{wing}/{room}"


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, askscwru; print([m for m in ('numpy', 'faiss', 'torch') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_answering_loads_neither_torch_nor_transformers(settings: Settings) -> None:
    where = f"seeds={str(settings.seeds)!r}, embeddings={str(settings.embeddings)!r}"
    code = (
        "import sys; from askscwru import Assistant; from askscwru.settings import Settings;"
        f"a = Assistant.load(Settings({where}));"
        "a.ask('How many people use Shared Lives?');"
        "heavy = ('torch', 'transformers', 'sentence_transformers', 'fastapi', 'uvicorn', 'mcp');"
        "print([m for m in heavy if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def _foreign(path: Path) -> set[str]:
    """The modules of other packages that a file imports by name, from anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
    return found - sys.stdlib_module_names - {"askscwru"}


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((PACKAGE.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    named = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    declared = {_canonical(re.match(r"[\w.-]+", need).group()) for need in named}  # type: ignore[union-attr]
    brought = packages_distributions()
    for path in PACKAGE.rglob("*.py"):
        for module in _foreign(path):
            by = {_canonical(name) for name in brought.get(module, [module])}
            assert by & declared, f"{path.relative_to(PACKAGE)} imports {module}: declare {by}"


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_a_name_means_one_class() -> None:
    places: dict[str, list[str]] = {}
    for path in _files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append("/".join(_own(path)))
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert not twice
