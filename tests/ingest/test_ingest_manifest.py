"""The seeds manifest: what it tells, and what is wrong with a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from askscwru.errors import ManifestError
from askscwru.ingest import manifest_sha256, read_corpus
from askscwru.ingest.manifest import read_manifest
from askscwru.settings import Settings

POST = "A title of a post\n\nby Ann Leigh\n\nA first paragraph that is long enough to be one.\n"


def _settings(folder: Path, manifest: str) -> Settings:
    (folder / "manifest.toml").write_text(manifest, encoding="utf-8")
    return Settings(seeds=folder)


def test_a_later_entry_overrides_an_earlier_one_key_by_key(tmp_path: Path) -> None:
    settings = _settings(
        tmp_path,
        '[[source]]\nfile = "*"\nblog = "One"\nkind = "post"\n'
        '[[source]]\nfile = "x/[b].txt"\nblog = "Two"\n',
    )
    manifest = read_manifest(settings)
    assert manifest.blog("a.txt") == "One"
    assert manifest.blog("x/[b].txt") == "Two"
    assert manifest.kind("x/[b].txt") == "post"


def test_there_need_be_no_manifest(tmp_path: Path) -> None:
    settings = Settings(seeds=tmp_path)
    assert read_manifest(settings).blog("a.txt") is None
    assert manifest_sha256(settings) == ""


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ("[[source", "not valid TOML"),
        ("colour = 1", "'colour' is not a known key"),
        ('source = "a.txt"', r"'source' must be written \[\[source\]\]"),
        ("source = [1]", "entry 1 is not a table"),
        ('[[source]]\nblog = "x"', "entry 1: 'file' is missing"),
        ('[[source]]\nfile = "a"\ncolor = "x"', "entry 1: 'color' is not a known key"),
        ("[[source]]\nfile = 3", "entry 1: 'file' must be a text"),
        ('[[source]]\nfile = "a"\n[[source]]\nfile = "b"\nkind = " "', "entry 2: 'kind' must be"),
    ],
)
def test_a_wrong_manifest_is_named_with_its_remedy(
    tmp_path: Path, manifest: str, told: str
) -> None:
    with pytest.raises(ManifestError, match=told) as raised:
        read_manifest(_settings(tmp_path, manifest))
    assert "manifest.toml" in raised.value.message
    assert "seeds/README.md" in raised.value.remedy


def test_a_manifest_that_is_not_utf8_or_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_bytes(b'[[source]]\nfile = "\xe9"')
    with pytest.raises(ManifestError, match="not valid TOML"):
        read_manifest(Settings(seeds=tmp_path))
    (tmp_path / "manifest.toml").unlink()
    (tmp_path / "manifest.toml").mkdir()
    with pytest.raises(ManifestError, match="cannot be read"):
        read_manifest(Settings(seeds=tmp_path))


def test_an_entry_without_a_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(POST, encoding="utf-8")
    settings = _settings(tmp_path, '[[source]]\nfile = "gone.txt"\n[[source]]\nfile = "a*"\n')
    corpus = read_corpus(settings, lambda *_: None)
    assert [(s.name, s.reason) for s in corpus.skipped] == [
        ("gone.txt", "named in manifest.toml, but there is no such file")
    ]


def test_a_page_of_kind_post_holds_one_post(tmp_path: Path) -> None:
    second = (
        "Quite another title\n\nby Bo Marsh\n\n"
        "This one tells of other things, and it does so at some length.\n"
    )
    (tmp_path / "a.txt").write_text(f"{POST}\n{second}", encoding="utf-8")
    assert len(read_corpus(Settings(seeds=tmp_path), lambda *_: None).posts) == 2
    settings = _settings(tmp_path, '[[source]]\nfile = "a.txt"\nkind = "post"\nblog = "B"\n')
    corpus = read_corpus(settings, lambda *_: None)
    assert [post.title for post in corpus.posts] == ["A title of a post"]
    assert corpus.posts[0].blog == "B"
    assert corpus.sources[0].kind == "post"
