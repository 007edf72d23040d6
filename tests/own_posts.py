"""An assistant with the real models over posts that a test has written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from askscwru.assistant import Assistant, no_progress
from askscwru.index.build import build
from askscwru.settings import Settings


def with_author(title: str, author: str, text: str) -> str:
    """A post as ``assistant_over`` takes it, of somebody."""
    return f"title: {title}\nauthor: {author}\n\n{text}"


def assistant_over(folder: Path, posts: Mapping[str, str]) -> Assistant:
    """The real assistant over some posts.

    Args:
        folder: an empty one, for posts and index.
        posts: the name of each file, which begins with its day, to its front matter and its text.
    """
    settings = Settings(seeds=folder / "seeds", embeddings=folder / "index", threads=1)
    settings.seeds.mkdir()
    for name, post in posts.items():
        front, _, text = post.partition("\n\n")
        page = f"---\n{front}\ndate: {name[:10]}\n---\n\n{text}\n"
        (settings.seeds / name).write_text(page, encoding="utf-8")
    build(settings, no_progress)
    return Assistant.load(settings)
