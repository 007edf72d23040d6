"""Reading order is import order: a file imports only from files above it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from askscwru.settings import Settings

PACKAGE = Path(__file__).parent.parent / "src" / "askscwru"

ORDER = (
    "errors types files settings sentences ingest chunk encoder export lexical records index cache"
    " build store follow_up history spelling retrieve span export_reader reader about answer"
    " assistant manage screen post_text find references transcript clipboard conversations doctor"
    " api evaluate tui cli __main__"
).split()


def _layer(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def _imports(path: Path) -> set[str]:
    """The layers that a file imports from anywhere in it, in functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "askscwru":
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= (
                {_layer(name) for name in names}
                if node.module == "askscwru"
                else {_layer(node.module or "")}
            )
        elif isinstance(node, ast.Import):
            found |= {_layer(a.name) for a in node.names if a.name.split(".")[0] == "askscwru"}
    return found & set(ORDER)


def _files() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def _own_layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", _files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_only_from_files_above_it(path: Path) -> None:
    own = _own_layer(path)
    assert own in ORDER, f"{own} has no place in the order yet"
    above = {*ORDER[: ORDER.index(own)], own}
    assert _imports(path) <= above


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
