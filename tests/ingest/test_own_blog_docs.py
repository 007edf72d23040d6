"""The page on one's own blog: its commands are commands, and its table is of what is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from askscwru import cli
from conftest import ROOT

PAGE = (ROOT / "docs" / "your-own-blog.md").read_text(encoding="utf-8")
LINES = [
    line.split("  #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("askscwru ")
]


def test_the_page_shows_every_command_it_is_about() -> None:
    shown = {" ".join(line.split()[1:3]) for line in LINES}
    assert {"sources add", "sources remove", "index --dry-run", "index --watch"} <= shown
    assert any("--sort date" in line for line in LINES)


@pytest.mark.parametrize("line", LINES)
def test_a_command_of_the_page_is_understood(line: str) -> None:
    options = cli._parser().parse_args(shlex.split(line)[1:])
    assert callable(options.run)


def test_the_link_to_the_decision_leads_somewhere() -> None:
    for target in re.findall(r"\]\(((?:decisions/)?[\w./-]+\.md)\)", PAGE):
        assert (Path(ROOT) / "docs" / target).exists(), target


def test_every_suffix_of_the_page_is_read() -> None:
    from askscwru.ingest.kinds import FileKind, kind_of

    table = PAGE[PAGE.index("## What can be read") : PAGE.index("## The list of sources")]
    suffixes = set(re.findall(r"`(\.\w+)`", table))
    assert len(suffixes) >= 11
    assert all(kind_of(f"x{suffix}") not in (FileKind.OTHER, FileKind.ASSET) for suffix in suffixes)
