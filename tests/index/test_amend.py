"""A build that looks at what has changed alone makes what a build of everything makes."""

from __future__ import annotations

import json
import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askscwru.index import amend as amend_module
from askscwru.index import build as build_module
from askscwru.index import part_writer
from askscwru.index import vectors as vectors_module
from askscwru.index.build import BuildReport, build
from askscwru.index.encoder import Encoder
from askscwru.index.generation import Index
from askscwru.index.records import RECORDS
from askscwru.ingest import files as files_module
from askscwru.settings import Settings
from fakes import quiet

WORDS = (
    "mill tide lock ferry oak rye grain wheel water gate stone keeper sluice barge quay salt"
    " store river bank bridge rope sail flour sack cart horse barn field road inn market"
).split()
NAMES = ("Ida Marsh", "Bo Crane", "Ada Ember")


def sentence(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(6, 12))).capitalize() + "."


def body(rng: random.Random) -> str:
    return "\n\n".join(
        " ".join(sentence(rng) for _ in range(rng.randint(1, 4))) for _ in range(rng.randint(1, 4))
    )


def write(path: Path, title: str | None, author: str, text: str, url: str | None = None) -> None:
    facts = {"title": title, "author": author, "url": url}
    told = "\n".join(f"{name}: {json.dumps(value)}" for name, value in facts.items() if value)
    path.write_text(f"---\n{told}\n---\n\n{text}\n")


def feed(path: Path, posts: list[tuple[str, str]]) -> None:
    """Several posts in one file, under addresses of their own."""
    items = [
        {
            "id": str(at),
            "url": f"https://mill.example/{at}",
            "title": title,
            "content_text": text,
            "content_html": "".join(f"<p>{part}</p>" for part in text.split("\n\n")),
        }
        for at, (title, text) in enumerate(posts)
    ]
    told = {"version": "https://jsonfeed.org/version/1.1", "title": "The mill", "items": items}
    path.write_text(json.dumps(told))


def change(rng: random.Random, seeds: Path) -> None:
    """One of the things that happen to a folder of posts."""
    known = sorted(seeds.rglob("*.md"))
    path = rng.choice(known)
    what = rng.randrange(8)
    if what == 0 and len(known) > 2:
        path.unlink()
    elif what == 1:
        write(
            seeds / f"n{rng.randrange(90):02}.md", sentence(rng)[:30], rng.choice(NAMES), body(rng)
        )
    elif what == 2:  # a copy, perhaps an opening, perhaps without its title
        text = path.read_text().split("---\n\n")[1]
        cut = text if rng.random() < 0.5 else text[: len(text) * 2 // 3]
        title = rng.choice([None, "The tide mill", path.read_text().split('"')[1]])
        write(seeds / f"c{rng.randrange(90):02}.md", title, rng.choice(NAMES), cut)
    elif what == 3:
        path.rename(seeds / f"m{rng.randrange(90):02}.md")
    elif what == 4:
        told = [(sentence(rng)[:25], body(rng)) for _ in range(rng.randint(1, 3))]
        text = path.read_text().split("---\n\n")[1]
        feed(seeds / "feed.json", [*told, ("The same once more", text.strip())])
    elif what == 5:
        text = path.read_text()
        path.write_text(text.replace("author: ", "author: ").replace("tide", "low tide", 1))
    else:
        with path.open("a") as file:
            file.write(f"\n{body(rng)}\n")


def posts_and_passages(index: Index) -> dict[str, object]:
    """All that an index holds, by what it means and not by how it is numbered."""
    rows = list(range(len(index)))
    sentences = index.sentences_of(rows)
    held: dict[str, object] = {
        "posts": index.posts(),
        "passages": index.passages(rows),
        "rows": [index.rows_for([post.id]).tolist() for post in index.posts()],
        "vectors": index.vectors(rows).tobytes(),
        "sentences": b"".join(np.ascontiguousarray(sentences[row]).tobytes() for row in rows),
        "sources": index.sources(),
        "counts": index.manifest.counts,
        "made from": index.made_from(),
        "vocabulary": index.vocabulary.words(),
        "bodies": index.records.passage_counts([post.id for post in index.posts()]),
    }
    texts = [s.name for s in index.sources() if s.text_sha256 is not None]
    held["texts"] = {name: index.text(name) for name in texts}
    with closing(sqlite3.connect(index.folder / RECORDS)) as records:
        for statement in (
            "SELECT kind, folded, id, name FROM names JOIN posts ON number = post",
            "SELECT * FROM known",
            "SELECT size, form, id FROM titles JOIN posts ON number = post",
            "SELECT term, id FROM title_terms JOIN posts ON number = post",
            "SELECT term, doc FROM title_gram_counts",
            "SELECT id, title, published, words, complete, stated, passages, bodies FROM posts",
            "SELECT * FROM words",
        ):
            held[statement] = sorted(records.execute(statement).fetchall(), key=repr)
    return held


def answers(index: Index) -> list[object]:
    """What searches find, with their scores."""
    encoder = Encoder.load(index.model_folder, threads=1)
    found: list[object] = []
    some = index.rows_for([post.id for post in index.posts()[::2]])
    for word in WORDS:
        question = f"{word} and {WORDS[len(word)]}"
        vector = encoder.encode([question])[0]
        for rows in (None, some):
            found.append(index.lexical.search(question, 20, rows))
            found.append(index.dense_search(vector, 20, rows))
        found.append(index.lexical.document_frequency(word))
    return found


def holds_the_same(amended: Settings, whole: Settings) -> None:
    one = Index.open(amended.embeddings, amended)
    other = Index.open(whole.embeddings, whole)
    try:
        assert one.verify() == []
        mine, its = posts_and_passages(one), posts_and_passages(other)
        for name, told in its.items():
            assert mine[name] == told, name
        assert answers(one) == answers(other)
    finally:
        one.close()
        other.close()


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
    folder = tmp_path_factory.mktemp("amend")
    seeds = folder / "seeds"
    seeds.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors_module, "EXACT_UP_TO", exact_up_to)
        patch.setattr(files_module, "_SETTLED", -(10**12))
        for module in (part_writer, amend_module):
            patch.setattr(module, "PART", 6)
        for at in range(rng.randint(3, 9)):
            write(seeds / f"p{at}.md", sentence(rng)[:30], rng.choice(NAMES), body(rng))
        one = fake_settings.model_copy(update={"seeds": seeds, "embeddings": folder / "one"})
        other = fake_settings.model_copy(update={"seeds": seeds, "embeddings": folder / "other"})
        build(one, quiet)
        build(other, quiet)
        for _ in range(3):
            for _ in range(rng.randint(1, 2)):
                change(rng, seeds)
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
