"""The folder of a Jekyll or Hugo blog: what in it is no post, by the names alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

_NO_POSTS = {
    "design": "_layouts _includes _sass _plugins layouts archetypes themes scaffolds i18n".split(),
    "data": "_data data resources".split(),
    "made": "_site public node_modules vendor".split(),
    "authors": "_authors authors".split(),
}
_REASONS = {
    "design": "part of the blog's design, and no post",
    "data": "data of the blog, and no post",
    "made": "made by the blog's generator from its posts",
    "authors": "a page on an author, and no post",
}
_FOLDERS = {folder: what for what, folders in _NO_POSTS.items() for folder in folders}
_CONFIG = re.compile(r"(?:_config|hugo|config)\.(?:ya?ml|toml|json)")


def no_post(name: str, roots: Iterable[str]) -> str | None:
    """Why a file of a blog's folder is no post; None where it may be one.

    Args:
        name: its path.
        roots: the folders in which blogs begin, see ``blog_roots``.
    """
    for root in roots:
        if not name.startswith(root):
            continue
        parts = PurePosixPath(name[len(root) :]).parts[:-1]
        # Hugo's own folders lie at the top, and a section of its posts may be called as they are.
        for depth, folder in enumerate(parts):
            what = _FOLDERS.get(folder)
            inner = folder.startswith("_") or (folder == "authors" and parts[0] == "content")
            if what is not None and (depth == 0 or inner):
                return _REASONS[what]
    return None


def blog_roots(names: Iterable[str]) -> list[str]:
    """The folders, each with a slash at its end, that hold a blog's settings or its ``_posts``."""
    roots: set[str] = set()
    for name in names:
        folder, _, last = name.rpartition("/")
        if _CONFIG.fullmatch(last):
            roots.add(f"{folder}/" if folder else "")
        before, posts, _ = f"/{name}".partition("/_posts/")
        if posts:
            roots.add(f"{before[1:]}/" if before else "")
    return sorted(roots)
