"""What a build takes over from the generation before is what it would have made anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from askscwru.index import build as build_module
from askscwru.index import vectors as vectors_module
from askscwru.index.build import build
from askscwru.index.generation import LEXICAL, Index
from askscwru.index.records import RECORDS
from askscwru.settings import Settings
from askscwru.types import Passage
from fakes import quiet

POST = """---
title: {title}
author: Ida Marsh
---
The {title} stands by the water. It was built of oak, and it turned for ninety years.

Two people work there now. They grind rye on Mondays.
"""
LONG = "and the wheel turned " * 600


@pytest.fixture
def blog(fake_settings: Settings) -> Settings:
    for path in fake_settings.seeds.iterdir():
        path.unlink()
    for name in ("tide mill", "lock house", "old ferry", "salt store"):
        path = fake_settings.seeds / f"{name.replace(' ', '-')}.md"
        path.write_text(POST.format(title=name.capitalize()))
    return fake_settings


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of the posts that are cut into passages, in their order."""
    titles: list[str] = []
    passages_of: Callable[..., list[Passage]] = build_module.passages_of

    def noted(post: object, *args: object, **named: object) -> list[Passage]:
        titles.append(post.title)  # type: ignore[attr-defined]
        return passages_of(post, *args, **named)

    monkeypatch.setattr(build_module, "passages_of", noted)
    return titles


@pytest.fixture(autouse=True)
def of_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every build reads everything: how posts were made of their copies is never known."""
    monkeypatch.setattr(build_module, "unchanged_around", lambda *_: False)


def add(settings: Settings, name: str, words: str) -> None:
    with (settings.seeds / name).open("a") as file:
        file.write(words)


def kept(settings: Settings) -> dict[str, object]:
    """What the live generation holds: its vectors to the byte, its records to the row."""
    index = Index.open(settings.embeddings, settings)
    assert index.verify() == []
    folder = index.folder
    index.close()
    held: dict[str, object] = {
        name: fact
        for name, fact in index.manifest.files.items()
        if not name.endswith(".db") and not name.startswith(LEXICAL)  # named or filled at random
    }
    for path in (folder / RECORDS, *sorted(folder.glob("parts/*/*.db"))):
        with closing(sqlite3.connect(path)) as records:
            tables = records.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage"
            )
            for (name,) in tables.fetchall():
                what = "passages, sentences" if name == "parts" else "*"
                found = records.execute(f"SELECT {what} FROM {name}").fetchall()
                held[f"{path.relative_to(folder)} {name}"] = found
    return held


@pytest.mark.parametrize("exact_up_to", [50_000, 1])
def test_only_the_changed_post_is_cut_and_the_rest_is_that_of_a_whole_build(
    blog: Settings, cut: list[str], exact_up_to: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors_module, "EXACT_UP_TO", exact_up_to)
    build(blog, quiet)
    cut.clear()
    add(blog, "old-ferry.md", "\nIn 1911 it sank. Nobody was hurt, and a new one came.\n")
    (blog.seeds / "another.md").write_text(POST.format(title="Another"))
    report = build(blog, quiet)
    assert cut == ["Another", "Old ferry"]
    assert (report.changes.new, report.changes.changed) == (1, 1)
    carried = kept(blog)
    whole = build(blog, quiet, force=True)
    assert len(cut) == 2 + 5
    assert kept(blog) == carried
    assert (whole.vectors_encoded, whole.passages) == (0, report.passages)


def test_vectors_that_were_taken_over_are_not_forgotten(blog: Settings) -> None:
    first = build(blog, quiet)
    add(blog, "old-ferry.md", "\nIn 1911 it sank.\n")
    second = build(blog, quiet)
    assert second.vectors_reused > first.vectors_encoded // 2
    assert build(blog, quiet, force=True).vectors_encoded == 0


def test_where_few_passages_become_many_no_vector_is_taken_over(
    blog: Settings, cut: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors_module, "EXACT_UP_TO", build(blog, quiet).passages)
    cut.clear()
    (blog.seeds / "another.md").write_text(POST.format(title="Another"))
    build(blog, quiet)
    assert cut == ["Another"]
    carried = kept(blog)
    build(blog, quiet, force=True)
    assert kept(blog) == carried


def test_a_long_sentence_is_named_again(blog: Settings) -> None:
    add(blog, "tide-mill.md", LONG)
    first = build(blog, quiet)
    add(blog, "old-ferry.md", "\nIn 1911 it sank.\n")
    assert build(blog, quiet).cut == first.cut == {"tide-mill.md": 1}


def test_nothing_is_taken_over_from_what_is_damaged(blog: Settings, cut: list[str]) -> None:
    build(blog, quiet)
    cut.clear()
    index = Index.open(blog.embeddings, blog)
    path = index.folder / "parts/000000/sentences.npy"
    index.close()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    add(blog, "old-ferry.md", "\nIn 1911 it sank.\n")
    build(blog, quiet)
    assert len(cut) == 4
    assert kept(blog)


def test_nothing_is_taken_over_under_other_settings(blog: Settings, cut: list[str]) -> None:
    build(blog, quiet)
    cut.clear()
    build(blog.model_copy(update={"passage_tokens": 64}), quiet)
    assert len(cut) == 4
