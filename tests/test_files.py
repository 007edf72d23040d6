# ruff: noqa: E501
"""The seeds folder: what is a source, and the reason for everything that is none."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from askscwru.errors import NotFoundError, SeedsError, SourceError
from askscwru.ingest import list_sources, read_corpus, read_source
from askscwru.settings import Settings

TEXT = "A title\n\nA first paragraph of a post that is long enough to be one.\n"


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


def _skipped(folder: Path, **settings: int) -> dict[str, str]:
    (folder / "good.txt").write_text(TEXT, encoding="utf-8")
    files, skipped = list_sources(Settings(seeds=folder, **settings))  # type: ignore[arg-type]
    assert "good.txt" in [file.name for file in files]
    return {skip.name: skip.reason for skip in skipped}


def test_sources_are_listed_by_name_with_their_hash(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.MD").write_text(TEXT, encoding="utf-8")
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    files, skipped = list_sources(Settings(seeds=tmp_path))
    assert [file.name for file in files] == ["a.txt", "b/x.MD"]
    assert files[0].sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert skipped == []


def test_what_stands_beside_the_sources_is_passed_over(tmp_path: Path) -> None:
    for name in (
        "README.md",
        "readme.txt",
        "LICENSE",
        "LICENCE.txt",
        "manifest.toml",
        ".hidden.txt",
    ):
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.txt").write_text(TEXT, encoding="utf-8")
    assert _skipped(tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("page.rtf", b"{\\rtf1", "not a kind of file that posts are read from"),
        ("picture.txt", b"\x89PNG\r\n\x00\x00", "binary: it holds NUL bytes"),
        ("controls.txt", b"\x01\x02\x03 abc", "binary: it holds control characters"),
        ("terminal.txt", b"abc \x1b[2J def", "escape characters"),
        ("empty.txt", b"", "empty: it has no bytes"),
        ("blank.txt", b"\xef\xbb\xbf \n\t\n", "empty: it holds only white space"),
        ("large.txt", b"a" * 101, "larger than 100 bytes"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(data)
    skipped = _skipped(tmp_path, max_source_bytes=100)
    assert list(skipped) == [name]
    assert reason in skipped[name]


def test_links_are_followed_inside_the_folder_only(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (tmp_path / "outside.txt").write_text(TEXT, encoding="utf-8")
    (seeds / "out.txt").symlink_to(tmp_path / "outside.txt")
    (seeds / "gone.txt").symlink_to(tmp_path / "nothing.txt")
    (seeds / "ring").symlink_to(seeds)
    (seeds / "inside.txt").symlink_to(seeds / "good.txt")
    assert _skipped(seeds) == {
        "gone.txt": "a symbolic link to nothing",
        "out.txt": "a symbolic link that leaves the folder",
        "ring": "a symbolic link to a folder",
    }
    assert [f.name for f in list_sources(Settings(seeds=seeds))[0]] == ["good.txt", "inside.txt"]


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert _skipped(tmp_path) == {"pipe.txt": "not a regular file"}


def test_a_name_that_is_not_utf8_is_named_all_the_same(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text(TEXT, encoding="utf-8")
    assert _skipped(tmp_path) == {"caf\\xe9.txt": "its name is not UTF-8"}


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "locked.txt").write_text(TEXT, encoding="utf-8")
    real = Path.open

    def locked(self: Path, *args: object, **kwargs: object) -> object:
        if self.name == "locked.txt":
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", locked)
    assert _skipped(tmp_path) == {"locked.txt": "cannot be read: Permission denied"}


@pytest.mark.parametrize("make", ["nothing", "file"])
def test_no_folder_is_an_error_with_a_remedy(tmp_path: Path, make: str) -> None:
    folder = tmp_path / "seeds"
    if make == "file":
        folder.write_text("")
    with pytest.raises(SeedsError) as raised:
        list_sources(Settings(seeds=folder))
    assert str(folder) in raised.value.message
    assert "--seeds" in raised.value.remedy


def test_a_folder_without_a_source_is_an_error_that_lists_the_skips(tmp_path: Path) -> None:
    with pytest.raises(SeedsError, match="There is no page to read"):
        list_sources(Settings(seeds=tmp_path))
    for number in range(7):
        (tmp_path / f"{number}.rtf").write_bytes(b"{\\rtf1")
    with pytest.raises(SeedsError, match=r"0\.rtf: not a kind of file.*and 2 more"):
        list_sources(Settings(seeds=tmp_path))


def test_a_folder_without_a_post_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "menu.txt").write_text("Home\nAbout\nContact\n", encoding="utf-8")
    with pytest.raises(SeedsError, match=r"menu\.txt: no post was found on it"):
        read_corpus(Settings(seeds=tmp_path), _silent)


def test_a_source_is_read_byte_for_byte(tmp_path: Path) -> None:
    text = "\ufeffOne\r\nTwo\rThree\n"
    (tmp_path / "a.txt").write_bytes(text.encode("utf-8"))
    assert read_source(Settings(seeds=tmp_path), "a.txt") == text


@pytest.mark.parametrize(
    "name",
    "|no.txt|../secret.txt|/etc/passwd|a/../a.txt|a.txt/|./a.txt|README.md|.hidden.txt|link.txt|"
    "a\0.txt|folder|x.pdf|..\\secret.txt".split("|"),
)
def test_no_other_file_can_be_read_as_a_source(tmp_path: Path, name: str) -> None:
    seeds = tmp_path / "seeds"
    (seeds / "folder").mkdir(parents=True)
    for file in ("a.txt", "README.md", ".hidden.txt", "x.pdf"):
        (seeds / file).write_text(TEXT, encoding="utf-8")
    (tmp_path / "secret.txt").write_text(TEXT, encoding="utf-8")
    (seeds / "link.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(NotFoundError):
        read_source(Settings(seeds=seeds), name)


def test_a_source_that_has_become_unreadable_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"caf\0")
    with pytest.raises(SourceError, match=r"a\.txt cannot be read: binary"):
        read_source(Settings(seeds=tmp_path), "a.txt")


def test_a_byte_order_mark_stays_in_the_text_and_in_no_block(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(("\ufeff" + TEXT).encode())
    corpus = read_corpus(Settings(seeds=tmp_path), _silent)
    assert corpus.texts["a.txt"].startswith("\ufeff")
    assert corpus.posts[0].title == "A title"
    assert corpus.posts[0].start == 1


def test_progress_is_told_of_every_page(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    told: list[tuple[str, int, int]] = []
    read_corpus(Settings(seeds=tmp_path), lambda *step: told.append(step))
    assert told == [("read", 0, 2), ("read", 1, 2), ("read", 2, 2)]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Notes on the café\r\n\r\nThe café took £80 – “more than ever”, they said."),
        ("cp1252", "Café\n\nIt costs £5 to sit there for a whole day."),
        ("utf-16", "Notes on the mill\r\n\r\nThe mill took £80 on the day of the fair."),
        ("utf-16-le", "Notes on the mill\n\nThe mill took eighty pounds on the day of the fair."),
        ("cp1251", "Мельница стоит у ручья и мелет муку каждый день, кроме воскресенья."),
        ("cp1250", "Młyn stoi nad strumieniem i każdego dnia miele mąkę, oprócz niedzieli, jak dawniej. Zażółć gęślą jaźń."),
    ],
)  # fmt: skip
def test_a_text_is_read_in_the_encoding_that_it_was_saved_in(
    tmp_path: Path, encoding: str, text: str
) -> None:
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    assert read_source(Settings(seeds=tmp_path), "a.txt") == text
    assert read_corpus(Settings(seeds=tmp_path), _silent).texts["a.txt"] == text
