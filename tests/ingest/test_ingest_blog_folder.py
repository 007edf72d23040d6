# ruff: noqa: E501
"""The folders of Jekyll and Hugo: posts are posts, the rest is none, and authors have their names."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from askscwru.ingest import read_corpus
from askscwru.settings import Settings

POST = (
    "---\ntitle: {title}\nauthor: {author}\n---\nThe mill grinds {title} on every day but Sunday.\n"
)


def _folder(root: Path, files: dict[str, str]) -> Settings:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Settings(seeds=root, embeddings=root.parent / "index")


def _posts(settings: Settings) -> dict[str, tuple[str, ...]]:
    corpus = read_corpus(settings, lambda *_: None)
    return {post.source: post.authors for post in corpus.posts}


JEKYLL = {
    "_config.yml": "title: The mill\n",
    "_data/authors.yml": "ub:\n  name: Una Brook\n",
    "_posts/2016-05-02-oats.md": POST.format(title="Oats", author="ub"),
    "_drafts/rye.md": POST.format(title="Rye", author="ub"),
    "_layouts/post.html": "<html><body><article><h1>{{ page.title }}</h1>{{ content }}</article></body></html>",
    "_includes/note.md": "The mill is open on every day but Sunday, and rests then.",
    "_site/2016/oats.html": "<html><body><article><h1>Oats</h1><p>Made from it all.</p></article></body></html>",
    "about.md": POST.format(title="About", author="Bo Lind"),
}  # fmt: skip
HUGO = {
    "hugo.toml": "title = 'The mill'\n",
    "content/authors/ub/_index.md": "---\ntitle: Una Brook\n---\nUna has kept the mill since 1990.\n",
    "content/post/oats.md": POST.format(title="Oats", author="ub"),
    "content/data/rye.md": POST.format(title="Rye", author="bl"),
    "data/authors/bl.json": '{"name": "Bo Lind"}',
    "archetypes/default.md": "---\ntitle: x\n---\nWrite something here, and then publish it.\n",
    "layouts/index.html": "<html><body><p>{{ .Content }}</p></body></html>",
}


def test_a_jekyll_folder_holds_its_posts_and_pages(tmp_path: Path) -> None:
    settings = _folder(tmp_path / "blog", JEKYLL)
    assert _posts(settings) == {
        "_posts/2016-05-02-oats.md": ("Una Brook",),
        "about.md": ("Bo Lind",),
    }
    assert "_drafts/rye.md" in _posts(settings.model_copy(update={"unpublished": True}))


def test_a_hugo_folder_holds_its_content(tmp_path: Path) -> None:
    assert _posts(_folder(tmp_path / "blog", HUGO)) == {
        "content/data/rye.md": ("Bo Lind",),
        "content/post/oats.md": ("Una Brook",),
    }


@pytest.mark.parametrize(("files", "posts"), [(JEKYLL, 2), (HUGO, 2)])
def test_an_archive_of_such_a_folder_holds_the_same_posts(
    tmp_path: Path, files: dict[str, str], posts: int
) -> None:
    (tmp_path / "seeds").mkdir()
    with zipfile.ZipFile(tmp_path / "seeds" / "blog.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(f"blog/{name}", text)
    assert len(_posts(Settings(seeds=tmp_path / "seeds", embeddings=tmp_path / "index"))) == posts


def test_folders_of_these_names_mean_nothing_elsewhere(tmp_path: Path) -> None:
    settings = _folder(tmp_path / "notes", {"data/oats.md": POST.format(title="Oats", author="ub")})
    assert _posts(settings) == {"data/oats.md": ("ub",)}
