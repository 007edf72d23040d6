"""A build that looks at what has changed alone makes what a build of everything makes."""

from __future__ import annotations

import os
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askscwru.index import amend as amend_module
from askscwru.index import build as build_module
from askscwru.index import part_writer
from askscwru.index import vectors as vectors_module
from askscwru.index.build import BuildReport, build
from askscwru.index.generation import LEXICAL, OWN_LEXICAL, Index
from askscwru.index.lexical import segments_of
from askscwru.ingest import files as files_module
from askscwru.settings import Settings
from edits import COMMON, WORDS, Folder, answers, body, differences, feed, markdown, sentence, write
from fakes import quiet


def holds_the_same(amended: Settings, whole: Settings) -> None:
    assert differences(amended, whole, WORDS[::4]) == []


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each build whether it looked at what had changed alone."""
    looked: list[bool] = []
    read = build_module.read_corpus

    def noted(*args: object, **named: object) -> object:
        looked[-1:] = [False]
        return read(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(build_module, "read_corpus", noted)
    return looked


def same_report(one: BuildReport, other: BuildReport) -> None:
    for name in ("sources", "posts", "passages", "sentences", "new", "updated", "gone", "moved"):
        assert getattr(one, name) == getattr(other, name), name
    assert set(one.unchanged) == set(other.unchanged)
    assert dict(one.cut) == dict(other.cut)
    assert sorted(one.copies) == sorted(other.copies)
    assert one.changes == other.changes


@pytest.mark.parametrize("exact_up_to", [50_000, 1])
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**6))
def test_changes_one_after_another_give_what_a_build_of_all_gives(
    fake_settings: Settings,
    exact_up_to: int,
    seed: int,
    alone: list[bool],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    rng = random.Random(seed)
    place = tmp_path_factory.mktemp("amend")
    folder = Folder(place / "seeds", rng)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors_module, "EXACT_UP_TO", exact_up_to)
        patch.setattr(files_module, "_SETTLED", -(10**12))
        for module in (part_writer, amend_module):
            patch.setattr(module, "PART", 6)
        folder.fill(rng.randint(3, 9))
        one = fake_settings.model_copy(update={"seeds": folder.seeds, "embeddings": place / "one"})
        other = one.model_copy(update={"embeddings": place / "other"})
        build(one, quiet)
        build(other, quiet)
        for _ in range(3):
            for _ in range(rng.randint(1, 2)):
                folder.happen(*COMMON)
            alone.append(True)
            report = build(one, quiet)
            alone.append(True)
            (other.embeddings / build_module.COPIES).unlink()
            whole = build(other, quiet)
            same_report(report, whole)
            holds_the_same(one, other)


def test_a_file_is_read_again_unless_it_is_sure_to_be_the_same(
    fake_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(fake_settings, quiet)
    read: list[str] = []
    whole = files_module._file

    def noted(settings: Settings, root: Path, name: str, path: Path) -> object:
        read.append(name)
        return whole(settings, root, name, path)

    monkeypatch.setattr(files_module, "_file", noted)
    build(fake_settings, quiet)  # they were written a moment before they were read
    assert len(read) == 2
    old = [path for path in fake_settings.seeds.iterdir() if path.suffix == ".txt"]
    monkeypatch.setattr(files_module, "_SETTLED", -(10**12))
    read.clear()
    assert not build(fake_settings, quiet).changed
    assert read == []
    text = old[0].read_bytes()
    told = old[0].stat()
    old[0].write_bytes(text.replace(b"a", b"e", 1))
    os.utime(old[0], ns=(told.st_atime_ns, told.st_mtime_ns))  # as some editors leave it
    assert build(fake_settings, quiet).updated == (old[0].name,)
    assert set(read) == {old[0].name}


def test_one_changed_post_is_looked_at_alone(
    fake_settings: Settings, alone: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_module, "_SETTLED", -(10**12))
    monkeypatch.setattr(part_writer, "PART", 6)
    for path in fake_settings.seeds.iterdir():
        path.unlink()
    rng = random.Random(1)
    for at in range(8):
        write(fake_settings.seeds / f"p{at}.md", sentence(rng)[:30], "Ida Marsh", body(rng))
    build(fake_settings, quiet)
    before = Index.open(fake_settings.embeddings, fake_settings)
    parts = {path.stat().st_ino for path in before.folder.glob("parts/*/*")}
    with (fake_settings.seeds / "p4.md").open("a") as file:
        file.write("\nIn 1911 it sank.\n")
    alone.append(True)
    report = build(fake_settings, quiet)
    assert alone == [False, True]
    assert (report.updated, report.changes.changed, report.changes.new) == (("p4.md",), 1, 0)
    after = Index.open(fake_settings.embeddings, fake_settings)
    linked = [path.stat().st_ino in parts for path in after.folder.glob("parts/*/*")]
    assert linked.count(False) == 3
    assert len(before.records.parts) == len(after.records.parts) > 2
    assert not build(fake_settings, quiet).changed
    for index in (before, after):
        index.close()


def written_to(settings: Settings, posts: int = 4) -> random.Random:
    """An index of some posts in a folder of their own; gives what chance there is."""
    for path in settings.seeds.iterdir():
        path.unlink()
    rng = random.Random(1)
    for at in range(posts):
        write(settings.seeds / f"p{at}.md", sentence(rng)[:30], "Ida Marsh", body(rng))
    build(settings, quiet)
    return rng


def built_anew(settings: Settings, folder: Path) -> Settings:
    """An index of the same files that was made at once, with the vectors that are known."""
    other = settings.model_copy(update={"embeddings": folder / "anew"})
    known = other.embeddings / build_module.CACHE
    known.parent.mkdir(parents=True)
    shutil.copyfile(settings.embeddings / build_module.CACHE, known)
    build(other, quiet)
    return other


def test_a_link_among_the_posts_is_a_file_like_any_other(
    fake_settings: Settings, alone: list[bool], tmp_path: Path
) -> None:
    rng = written_to(fake_settings)
    seeds = fake_settings.seeds
    (seeds / ".kept").mkdir()
    write(seeds / ".kept" / "one.md", "The linked one", "Bo Crane", body(rng))
    (seeds / "p1a.md").symlink_to(seeds / ".kept" / "one.md")
    alone.append(True)
    assert build(fake_settings, quiet).new == ("p1a.md",)
    write(seeds / "p1b.md", "Behind the linked one", "Bo Crane", body(rng))
    assert build(fake_settings, quiet).new == ("p1b.md",)
    with (seeds / ".kept" / "one.md").open("a") as file:
        file.write("\nIn 1911 it sank.\n")
    assert build(fake_settings, quiet).updated == ("p1a.md",)
    assert alone == [False, True]
    holds_the_same(fake_settings, built_anew(fake_settings, tmp_path))


def test_what_the_manifest_names_and_is_not_there_is_told_as_it_is_now(
    fake_settings: Settings, tmp_path: Path
) -> None:
    manifest = fake_settings.seeds / "manifest.toml"
    rng = written_to(fake_settings)
    manifest.write_text('[[source]]\nfile = "p9.md"\nblog = "The quay"\n')
    build(fake_settings, quiet)
    write(fake_settings.seeds / "p9.md", "The ninth", "Bo Crane", body(rng))
    assert build(fake_settings, quiet).skipped == ()
    (fake_settings.seeds / "p9.md").unlink()
    told = build(fake_settings, quiet).skipped
    assert [(skip.name, "no such file" in skip.reason) for skip in told] == [("p9.md", True)]
    holds_the_same(fake_settings, built_anew(fake_settings, tmp_path))


def test_sentences_that_were_cut_are_counted_over_all_posts_of_a_source(
    fake_settings: Settings, alone: list[bool], tmp_path: Path
) -> None:
    rng = written_to(fake_settings)
    words = rng.choices(WORDS, k=400)
    short = ". ".join(" ".join(words[at : at + 8]).capitalize() for at in range(0, 400, 8))
    write(fake_settings.seeds / "a.md", "Told twice", "Bo Crane", f"{short}.")
    long = [("Told twice", " ".join(words)), ("Told once", " ".join(rng.choices(WORDS, k=400)))]
    feed(fake_settings.seeds / "b.json", long)
    before = build(fake_settings, quiet)
    (fake_settings.seeds / "a.md").unlink()
    alone.append(True)
    after = build(fake_settings, quiet)
    assert (before.cut, after.cut, alone) == ({"b.json": 1}, {"b.json": 2}, [False, True])
    holds_the_same(fake_settings, built_anew(fake_settings, tmp_path))


@pytest.mark.parametrize("name", [build_module.COPIES, build_module.READ, build_module.CACHE])
@pytest.mark.parametrize("force", [False, True])
def test_a_damaged_page_of_what_is_kept_for_the_next_build_stops_none(
    fake_settings: Settings, tmp_path: Path, name: str, force: bool
) -> None:
    rng = written_to(fake_settings, 24)
    path = fake_settings.embeddings / name
    data = bytearray(path.read_bytes())
    data[8192:] = rng.randbytes(len(data) - 8192)
    path.write_bytes(data)
    with (fake_settings.seeds / "p1.md").open("a") as file:
        file.write("\nIn 1911 it sank.\n")
    assert build(fake_settings, quiet, force=force).updated == ("p1.md",)
    holds_the_same(fake_settings, built_anew(fake_settings, tmp_path))


def test_a_file_with_another_time_alone_is_read_once_more(
    fake_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_module, "_SETTLED", -(10**12))
    written_to(fake_settings)
    os.utime(fake_settings.seeds / "p1.md", (1, 1))
    assert not build(fake_settings, quiet).changed
    monkeypatch.setattr(files_module, "_file", lambda *_: pytest.fail("read again"))
    assert not build(fake_settings, quiet).changed


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Lets something happen once when all files have been looked at, and none has been read."""
    left = [happens]
    looked = build_module.list_sources

    def noted(*args: object) -> object:
        found = looked(*args)  # type: ignore[arg-type]
        for work in left:
            work()
        left.clear()
        return found

    monkeypatch.setattr(build_module, "list_sources", noted)


def test_a_file_that_goes_while_it_is_read_stops_no_build(
    fake_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rng = written_to(fake_settings)
    path = fake_settings.seeds / "p2a.md"
    write(path, "Not for long", "Bo Crane", body(rng))
    meanwhile(monkeypatch, path.unlink)
    report = build(fake_settings, quiet)
    assert (report.new, report.posts) == ((), 4)
    holds_the_same(fake_settings, built_anew(fake_settings, tmp_path))


def pack(path: Path, text: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.md", markdown("In the archive", "Bo Crane", text))


@pytest.mark.parametrize("everything", [False, True])
def test_an_archive_that_is_written_to_while_it_is_read_is_never_taken_for_what_it_was(
    fake_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, everything: bool
) -> None:
    written_to(fake_settings)
    path = fake_settings.seeds / "posts.zip"
    pack(path, "The old words of the mill.")
    old = path.read_bytes()
    if everything:
        left = [old]
        hashed = files_module.sha256_of

        def noted(path: Path) -> str:
            digest = hashed(path)
            if left.pop() if left else None:
                pack(path, "The new words of the lock.")
            return digest

        monkeypatch.setattr(files_module, "sha256_of", noted)
    else:
        meanwhile(monkeypatch, lambda: pack(path, "The new words of the lock."))
    build(fake_settings, quiet, force=everything)
    path.write_bytes(old)
    build(fake_settings, quiet)
    holds_the_same(fake_settings, built_anew(fake_settings, tmp_path))


def test_runs_of_parts_that_are_merged_find_what_a_build_of_all_finds(
    fake_settings: Settings, alone: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_module, "_SETTLED", -(10**12))
    for module in (part_writer, amend_module):
        monkeypatch.setattr(module, "PART", 1)
    for path in fake_settings.seeds.iterdir():
        path.unlink()
    rng = random.Random(2)
    for at in range(10):
        write(fake_settings.seeds / f"p{at:02}.md", sentence(rng)[:30], "Ida Marsh", body(rng))
    whole = fake_settings.model_copy(update={"embeddings": fake_settings.embeddings / "whole"})
    build(fake_settings, quiet)
    before = Index.open(fake_settings.embeddings, fake_settings)
    asked = answers(before, WORDS)
    for at in (3, 6):
        with (fake_settings.seeds / f"p{at:02}.md").open("a") as file:
            file.write(f"\n{body(rng)}\n")
        (fake_settings.seeds / f"p{at + 5:02}.md").unlink(missing_ok=True)
        alone.append(True)
        build(fake_settings, quiet)
        assert alone[-1]
        build(whole, quiet, force=True)
        holds_the_same(fake_settings, whole)
        index = Index.open(fake_settings.embeddings, fake_settings)
        own, merged = (segments_of(index.folder / name) for name in (OWN_LEXICAL, LEXICAL))
        assert (len(own), len(merged)) == (len(index.records.parts), 1)
        index.close()
    assert answers(before, WORDS) == asked
    before.close()
