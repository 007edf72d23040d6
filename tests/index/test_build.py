"""Building: only what changed, one at a time, and whatever ends it leaves the old index serving."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from askscwru.errors import (
    AskscwruError,
    IndexBusy,
    ModelError,
    SeedsError,
    StorageError,
)
from askscwru.index import build as build_module
from askscwru.index import lexical, making, records
from askscwru.index.build import CACHE, LOCK, BuildReport, build
from askscwru.index.encoder import Encoder
from askscwru.index.export import models_folder
from askscwru.index.generation import Index, generations_folder
from askscwru.settings import Settings
from askscwru.show.screen import report_view
from fakes import SRC, quiet, run_python, write_fake_model

FIRST, SECOND = "002_bf75fab2a6df78ff.txt", "004_b4ef3a980542e53b.txt"


def change(settings: Settings, name: str = SECOND) -> None:
    """Changes one source by a sentence at its end."""
    with (settings.seeds / name).open("a", encoding="utf-8") as file:
        file.write("\n\nOne more sentence was written about care and about those who give it.\n")


def served(settings: Settings) -> tuple[str, list[str]]:
    """What a reader gets: the generation and every passage's text, each checked."""
    index = Index.open(settings.embeddings, settings)
    try:
        assert index.verify() == []
        return index.manifest.generation, [p.text for p in index.passages(range(len(index)))]
    finally:
        index.close()


def wrecks(settings: Settings) -> list[str]:
    """What lies in ``embeddings/`` beside the live generation, the one before it and the models."""
    live = Index.open(settings.embeddings, settings).manifest
    kept = {live.generation, live.previous}
    found = [path.name for path in settings.embeddings.rglob(".tmp-*")]
    found += [p.name for p in generations_folder(settings.embeddings).iterdir()
              if p.name not in kept]  # fmt: skip
    return found


@pytest.fixture
def built(fake_settings: Settings, small_built: Path) -> Settings:
    """The same after its first build: a copy of one that was made once."""
    for place, own in (("seeds", fake_settings.seeds), ("embeddings", fake_settings.embeddings)):
        shutil.copytree(small_built / place, own, dirs_exist_ok=True)
    return fake_settings


# ---- what a build does ---------------------------------------------------------------------------


def test_a_first_build_indexes_everything(fake_settings: Settings) -> None:
    stages: list[str] = []
    report = build(fake_settings, lambda stage, done, total: stages.append(stage))
    assert report.changed
    assert report.new == (FIRST, SECOND)
    assert (report.updated, report.unchanged, report.gone) == ((), (), ())
    assert report.sources == 2
    assert report.posts == 2
    assert report.vectors_encoded > report.passages
    assert report.vectors_reused == 0
    assert list(dict.fromkeys(stages)) == ["read", "model", "encode", "write"]
    generation, texts = served(fake_settings)
    assert generation == report.generation
    assert len(texts) == report.passages
    assert wrecks(fake_settings) == []


def test_a_source_that_holds_only_copies_is_named_with_where_they_stand(
    fake_settings: Settings,
) -> None:
    assert build(fake_settings, quiet).copies == ()
    shutil.copyfile(fake_settings.seeds / SECOND, fake_settings.seeds / "later.txt")
    report = build(fake_settings, quiet)
    assert report.copies == (("later.txt", SECOND),)
    shown = [str(line) for line in report_view(report).renderables]  # type: ignore[attr-defined]
    assert f"copy later.txt: it stands in {SECOND}" in shown


def test_nothing_changed_does_nothing(
    fake_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build(fake_settings, quiet)
    before = {path: path.stat().st_mtime_ns for path in fake_settings.embeddings.rglob("*")}

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("must not be called")

    for name in ("read_corpus", "ensure_model", "VectorCache"):
        monkeypatch.setattr(build_module, name, fail)
    monkeypatch.setattr(build_module.Encoder, "load", fail)
    again = build(fake_settings, fail)
    assert not again.changed
    assert (again.generation, again.posts, again.passages, again.skipped) == (
        first.generation, first.posts, first.passages, first.skipped,
    )  # fmt: skip
    assert again.unchanged == (FIRST, SECOND)
    after = {path: path.stat().st_mtime_ns for path in fake_settings.embeddings.rglob("*")}
    assert {k: v for k, v in before.items() if k.name != LOCK and k.is_file()} == {
        k: v for k, v in after.items() if k.name != LOCK and k.is_file()
    }


def test_a_build_can_be_forced(fake_settings: Settings) -> None:
    first = build(fake_settings, quiet)
    second = build(fake_settings, quiet, force=True)
    assert second.changed
    assert second.generation != first.generation
    assert second.vectors_encoded == 0
    assert second.vectors_reused == first.vectors_encoded


def test_one_changed_source_encodes_only_what_it_changed(fake_settings: Settings) -> None:
    first = build(fake_settings, quiet)
    change(fake_settings)
    second = build(fake_settings, quiet)
    assert (second.updated, second.unchanged, second.new) == ((SECOND,), (FIRST,), ())
    assert 0 < second.vectors_encoded <= 6
    assert second.vectors_reused > first.vectors_encoded - 6
    assert any("One more sentence" in text for text in served(fake_settings)[1])


def test_a_source_that_is_gone_is_gone_from_the_index(built: Settings) -> None:
    (built.seeds / FIRST).unlink()
    report = build(built, quiet)
    assert (report.gone, report.vectors_encoded) == ((FIRST,), 0)
    assert [s.name for s in Index.open(built.embeddings, built).sources()] == [SECOND]


def test_the_cache_forgets_what_is_no_longer_used(built: Settings) -> None:
    (built.seeds / FIRST).unlink()
    build(built, quiet)
    report = build(built, quiet, force=True)
    connection = sqlite3.connect(built.embeddings / CACHE)
    assert connection.execute("SELECT count(*) FROM vectors").fetchone() == (report.vectors_reused,)
    connection.close()


@pytest.mark.parametrize("change_to", [{"passage_tokens": 64}, {"overlap_sentences": 0}])
def test_other_settings_build_anew(built: Settings, change_to: dict[str, int]) -> None:
    changed = built.model_copy(update=change_to)
    assert build(changed, quiet).changed
    assert not build(changed, quiet).changed


def test_another_version_of_the_program_builds_anew(
    built: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_module, "code_of_program", lambda: "another")
    monkeypatch.setattr(making, "code_of_program", lambda: "another")
    report = build(built, quiet)
    assert report.changed
    assert report.vectors_encoded == 0


def test_a_changed_seeds_manifest_builds_anew(built: Settings) -> None:
    (built.seeds / "manifest.toml").write_text("# nothing yet\n")
    assert build(built, quiet).changed
    assert not build(built, quiet).changed


def test_other_weights_at_the_same_path_build_anew(fake_settings: Settings, tmp_path: Path) -> None:
    model = write_fake_model(tmp_path / "model")
    settings = fake_settings.model_copy(update={"model": str(model)})
    build(settings, quiet)
    shutil.rmtree(model)
    assert not build(settings, quiet).changed  # what has been exported will do
    write_fake_model(model, dimension=32)
    report = build(settings, quiet)
    assert report.changed
    assert report.vectors_reused == 0
    assert Index.open(settings.embeddings, settings).dimension == 32


def test_models_and_generations_that_nobody_needs_are_removed(
    fake_settings: Settings, tmp_path: Path
) -> None:
    folders = []
    for dimension in (16, 32, 48):
        model = write_fake_model(tmp_path / str(dimension), dimension=dimension)
        settings = fake_settings.model_copy(update={"model": str(model)})
        build(settings, quiet)
        folders.append(Index.open(settings.embeddings, settings).model_folder)
    assert [folder.exists() for folder in folders] == [False, True, True]
    assert len(list(generations_folder(fake_settings.embeddings).iterdir())) == 2


def test_what_is_not_ours_is_left_alone(built: Settings) -> None:
    mine = [built.embeddings / "notes.txt", built.embeddings / "generations/mine"]
    for path in mine:
        path.write_text("mine")
    build(built, quiet, force=True)
    assert all(path.read_text() == "mine" for path in mine)


def test_skipped_files_are_reported_again_when_nothing_is_done(fake_settings: Settings) -> None:
    (fake_settings.seeds / "zero.txt").touch()
    (fake_settings.seeds / "picture.txt").write_bytes(b"\x89PNG\r\n\x00\x00")
    first = build(fake_settings, quiet)
    again = build(fake_settings, quiet)
    assert not again.changed
    assert {skip.name for skip in first.skipped} == {skip.name for skip in again.skipped}
    assert {"zero.txt", "picture.txt"} <= {skip.name for skip in again.skipped}


# ---- what cannot be built ------------------------------------------------------------------------


def test_seeds_that_are_not_there_leave_the_old_index(built: Settings) -> None:
    old = served(built)
    for path in built.seeds.iterdir():
        path.unlink()
    build(built, quiet)
    assert served(built) == old
    built.seeds.rmdir()
    with pytest.raises(SeedsError):
        build(built, quiet, forget_missing=True)
    assert served(built) == old


def test_a_model_too_short_for_passages_is_refused(fake_settings: Settings, tmp_path: Path) -> None:
    model = write_fake_model(tmp_path / "short", max_tokens=80)
    with pytest.raises(ModelError, match="78 word pieces"):
        build(fake_settings.model_copy(update={"model": str(model)}), quiet)


def test_no_passage_is_ever_cut(fake_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    original = build_module.passages_of

    def too_long(*args: object, **kwargs: object) -> object:
        return original(*args, **{**kwargs, "max_tokens": 400})  # type: ignore[arg-type]

    monkeypatch.setattr(build_module, "passages_of", too_long)
    build(fake_settings, quiet)
    index = Index.open(fake_settings.embeddings, fake_settings)
    encoder = Encoder.load(index.model_folder, threads=1)
    longest = max(
        encoder.count_tokens(f"{passage.context} {passage.text}")
        for passage in index.passages(range(len(index)))
    )
    index.close()
    assert longest <= 254


def test_a_model_that_takes_more_is_given_no_more_than_was_asked_for(
    fake_settings: Settings, tmp_path: Path
) -> None:
    model = write_fake_model(tmp_path / "long", max_tokens=4096)
    settings = fake_settings.model_copy(update={"model": str(model), "passage_tokens": 4000})
    assert build(settings, quiet).passages < build(fake_settings, quiet).passages


@pytest.mark.parametrize("place", ["embeddings", "generations", "models", "cache"])
def test_a_file_in_place_of_a_folder_is_named(fake_settings: Settings, place: str) -> None:
    folder = fake_settings.embeddings
    path = folder if place == "embeddings" else folder / place
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text("mine")
    with pytest.raises(StorageError) as caught:
        build(fake_settings, quiet)
    assert str(folder) in caught.value.message
    assert "--embeddings" in caught.value.remedy
    assert "\n" not in str(caught.value)
    assert path.read_text() == "mine"


def test_a_damaged_cache_is_begun_anew(fake_settings: Settings) -> None:
    first = build(fake_settings, quiet)
    path = fake_settings.embeddings / CACHE
    path.write_bytes(b"not a database at all" * 100)
    second = build(fake_settings, quiet, force=True)
    assert second.vectors_encoded == first.vectors_encoded
    data = bytearray(path.read_bytes())
    for start in range(len(data) // 3, len(data) - 4096, 4096):
        data[start : start + 512] = b"\xff" * 512
    path.write_bytes(bytes(data))
    build(fake_settings, quiet, force=True)
    served(fake_settings)


def test_a_damaged_vector_is_not_believed(built: Settings) -> None:
    before = Index.open(built.embeddings, built)
    connection = sqlite3.connect(built.embeddings / CACHE)
    connection.execute("UPDATE vectors SET vector = zeroblob(256) WHERE rowid % 2")
    connection.execute("UPDATE vectors SET vector = x'00' WHERE rowid % 3 = 0")
    connection.commit()
    connection.close()
    assert build(built, quiet, force=True).vectors_encoded > 0
    after = Index.open(built.embeddings, built)
    rows = range(len(before))
    assert abs(before.vectors(rows) - after.vectors(rows)).max() < 1e-6


# ---- one builder at a time -----------------------------------------------------------------------


def test_only_one_process_builds(built: Settings) -> None:
    with FileLock(built.embeddings / LOCK):
        with pytest.raises(IndexBusy, match="Another process is building"):
            build(built, quiet)
        served(built)
    assert not build(built, quiet).changed


# ---- what ends a build early ---------------------------------------------------------------------

FORKS = """
import json, os, sys, traceback
import askscwru.index.build  # what a start takes its time for
for line in sys.stdin:
    code, *arguments = json.loads(line)
    child = os.fork()
    if not child:
        sys.argv[1:] = arguments
        try:
            exec(code, {"__name__": "__main__"})
        except BaseException:
            traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
        os._exit(0)
    print("ended", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
Run = Callable[..., tuple[str, int]]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Runs code in a process of its own, which begins with everything imported.

    ``sys.argv[1:]`` are the arguments. Gives what was printed, and the exit code.
    """
    command = [sys.executable, "-W", "ignore", "-c", FORKS]
    clean = {"PYTHONPATH": str(SRC), "PATH": "", "HF_HUB_OFFLINE": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=clean
    ) as first:
        assert first.stdin is not None
        assert first.stdout is not None

        def one(code: str, *arguments: object) -> tuple[str, int]:
            first.stdin.write(json.dumps([code, *map(str, arguments)]) + "\n")
            first.stdin.flush()
            printed = ""
            for line in first.stdout:
                if line.startswith("ended "):
                    return printed, int(line.split()[1])
                printed += line
            raise AssertionError(f"it ended without a word: {printed}")

        yield one
        first.stdin.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from askscwru import files
from askscwru.index import build as module, export, lexical, records
from askscwru.settings import Settings

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def dying(owner, name, *, after=False, when=lambda *_: True):
    original = getattr(owner, name)
    def replacement(*args, **kwargs):
        if not when(*args):
            return original(*args, **kwargs)
        if after:
            original(*args, **kwargs)
        die()
    setattr(owner, name, replacement)

embeddings = Path(sys.argv[2])
settings = Settings(seeds=Path(sys.argv[1]), embeddings=embeddings, model=sys.argv[3], threads=1)
point = sys.argv[4]
progress = lambda *_: None
to_live = lambda aside, path: Path(path) == embeddings / "manifest.json"
if point.startswith("stage "):
    progress = lambda stage, done, total: die() if f"stage {stage} {done}" == point else None
elif point == "encoded":
    dying(module.VectorCache, "vectors", after=True)
elif point == "lexical half written":
    lexical.tantivy.Document = die
elif point == "records half written":
    dying(records, "_write_post")
elif point == "model half copied":
    dying(export.shutil, "copyfile", after=True)
elif point == "before the model is in place":
    dying(os, "replace", when=lambda aside, path: "models" in Path(path).parts)
elif point == "before a flush":
    dying(os, "fsync")
elif point == "generation not yet live":
    dying(os, "replace", when=to_live)
elif point == "generation just live":
    dying(os, "replace", when=to_live, after=True)
elif point == "while clearing up":
    from askscwru.index import making
    dying(making, "_clear_models")
module.build(settings, progress)
print("survived")
"""
POINTS = [
    "stage read 0", "stage encode 0", "encoded", "stage write 0", "lexical half written",
    "records half written", "stage write 2", "before a flush", "generation not yet live",
    "generation just live", "while clearing up",
]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_build_leaves_an_index_and_no_wreck(built: Settings, run: Run, point: str) -> None:
    settings = built
    old = served(settings)
    change(settings)
    printed, code = run(KILLED, settings.seeds, settings.embeddings, settings.model, point)
    assert code == -signal.SIGKILL, printed
    generation, texts = served(settings)
    if point in ("generation just live", "while clearing up"):
        assert generation != old[0]
        assert len(texts) >= len(old[1])
    else:
        assert (generation, texts) == old
    report = build(settings, quiet)
    assert report.changed == (generation == old[0])
    assert any("One more sentence" in text for text in served(settings)[1])
    assert wrecks(settings) == []


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize(
    "point", ["stage model 0", "model half copied", "before the model is in place"]
)
def test_a_build_killed_before_there_is_any_index(
    fake_settings: Settings, run: Run, point: str
) -> None:
    settings = fake_settings
    printed, code = run(KILLED, settings.seeds, settings.embeddings, settings.model, point)
    assert code == -signal.SIGKILL, printed
    assert build(settings, quiet).changed
    served(settings)
    assert wrecks(settings) == []


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_vectors_made_before_a_kill_are_not_made_again(fake_settings: Settings, run: Run) -> None:
    settings = fake_settings
    run(KILLED, settings.seeds, settings.embeddings, settings.model, "stage write 0")
    report = build(settings, quiet)
    assert report.changed
    assert report.vectors_encoded == 0


@pytest.mark.parametrize("stage", ["read", "model", "encode", "write"])
def test_ctrl_c_leaves_the_old_index(built: Settings, tmp_path: Path, stage: str) -> None:
    old = served(built)
    model = write_fake_model(tmp_path / "model", dimension=32)
    other = built.model_copy(update={"model": str(model)})

    def interrupt(now: str, done: int, total: int) -> None:
        if now == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(other, interrupt)
    assert served(built) == old
    assert wrecks(built) == []
    assert build(other, quiet).changed


@pytest.fixture
def ready(built: Settings) -> Iterator[tuple[Settings, tuple[str, list[str]]]]:
    """An index that is out of date, and what it serves; it must still do so afterwards."""
    old = served(built)
    change(built)
    yield built, old
    assert served(built) == old


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("where", ["fsync", "replace", "mkdir", "lexical", "records", "faiss"])
def test_a_disk_that_refuses_is_named(
    ready: tuple[Settings, object], monkeypatch: pytest.MonkeyPatch, where: str, number: int
) -> None:
    settings, _ = ready
    reason = os.strerror(number)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, reason)

    def refuse_in_words(*_: object, **__: object) -> None:
        kind = ValueError if where == "lexical" else RuntimeError
        raise kind(f"IoError(Os {{ code: {number}, message: {reason!r} }})")

    if where == "lexical":
        monkeypatch.setattr(lexical.tantivy, "Document", refuse_in_words)
    elif where == "faiss":
        from askscwru.index import generation

        monkeypatch.setattr(generation.faiss, "write_index", refuse_in_words)
    elif where == "records":
        monkeypatch.setattr(records, "_write_post", refuse)
    else:
        monkeypatch.setattr(os, where, refuse)
    with pytest.raises(StorageError) as caught:
        build(settings, quiet)
    monkeypatch.undo()
    assert reason in caught.value.message
    assert str(settings.embeddings) in caught.value.message
    if where != "faiss":  # its words carry no number
        full = number == errno.ENOSPC
        assert caught.value.remedy.startswith("Free some" if full else "Make the folder")
    assert wrecks(settings) == []


LIMITED = """
import resource, sys
from pathlib import Path
from askscwru.index.build import build
from askscwru.errors import AskscwruError
from askscwru.settings import Settings
settings = Settings(
    seeds=Path(sys.argv[1]), embeddings=Path(sys.argv[2]), model=sys.argv[3], threads=1
)
limit = int(sys.argv[4])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    build(settings, lambda *_: None)
except AskscwruError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files as Linux does")
@pytest.mark.parametrize("limit", [0, 1_000, 5_000, 12_000, 20_000, 40_000])
def test_files_that_may_not_grow_are_named(
    ready: tuple[Settings, object], run: Run, limit: int
) -> None:
    settings, _ = ready
    printed, code = run(LIMITED, settings.seeds, settings.embeddings, settings.model, limit)
    assert printed.startswith("StorageError Cannot write to "), printed
    assert (printed.count("\n"), code) == (1, 0)
    assert wrecks(settings) == []


UNPRIVILEGED = """
import mmap, os, sys, tempfile  # what is imported late may lie where nobody may look
from pathlib import Path
from askscwru.index.build import build
from askscwru.index.encoder import Encoder
from askscwru.errors import AskscwruError
from askscwru.index.generation import Index
from askscwru.settings import Settings
settings = Settings(
    seeds=Path(sys.argv[1]), embeddings=Path(sys.argv[2]), model=sys.argv[3], threads=1
)
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
index = Index.open(settings.embeddings, settings)
vector = Encoder.load(index.model_folder, threads=1).encode(["care"])[0]
print(len(index.dense_search(vector, 3)), len(index.lexical.search("care", 3)))
try:
    build(settings, lambda *_: None)
except AskscwruError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(os.name == "nt", reason="the rights of files are Unix's")
def test_a_read_only_index_answers_but_cannot_be_built(
    fake_settings: Settings, fake_model: Path
) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are for one user alone
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(fake_settings.seeds, folder / "seeds")
        shutil.copytree(fake_model, folder / "model")
        settings = fake_settings.model_copy(
            update={
                "seeds": folder / "seeds",
                "embeddings": folder / "embeddings",
                "model": str(folder / "model"),
            }
        )
        build(settings, quiet)
        tree = [settings.embeddings, *settings.embeddings.rglob("*")]
        for path in tree:
            path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            child = run_python(UNPRIVILEGED, settings.seeds, settings.embeddings, settings.model)
        finally:
            for path in tree:
                path.chmod(0o755 if path.is_dir() else 0o644)
    assert child.stderr == ""
    lines = child.stdout.splitlines()
    assert lines[0] == "3 3"
    assert lines[1].startswith("StorageError Cannot write to ")


def test_the_report_counts_what_it_says(fake_settings: Settings) -> None:
    report = build(fake_settings, quiet)
    assert isinstance(report, BuildReport)
    index = Index.open(fake_settings.embeddings, fake_settings)
    assert report.sentences == sum(len(p.sentences) for p in index.passages(range(len(index))))
    assert report.posts == len(index.posts())
    assert not issubclass(AskscwruError, OSError)
    assert models_folder(fake_settings.embeddings)
