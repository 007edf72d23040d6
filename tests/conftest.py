"""What many tests share: the seeds, one real index of them, and one assistant."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock

from askscwru.assistant import Assistant, no_progress
from askscwru.index.build import build
from askscwru.settings import Settings

pytest_plugins = ["serving", "databases", "milvuses"]

# The same examples in every run, however slow the machine is.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
_LONGEST = (
    "test_evaluate_run",
    "test_tui_snapshots",
    "test_tui_journeys",
    "test_build",
    "test_tui_remembers",
)
"""The files that take longest. They come first, so that no process is still at one of them when
the others have nothing left to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest files first; all else stays in order."""
    place = {name: at for at, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


def pytest_collection_finish() -> None:
    """Spares the garbage collector what stays to the end anyway.

    What it finds is found all the same, only later: no test is let off for what it left open.
    """
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Finds what the tests left open; pytest looks five times more, through all that lives."""
    for _ in range(2):  # what is freed may leave something behind
        gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def _configurations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders of which none is there yet."""
    folder = tmp_path_factory.mktemp("configurations")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def _own_settings(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, _configurations: Iterator[Path]
) -> None:
    """No test reads the settings of whoever runs it, or writes into their folders.

    What the terminal UI remembers of one test is not there in the next. A test marked
    ``second_look`` asks the program as people do; the others, which are not about how good an
    answer is, do without what takes most of a question's time.
    """
    monkeypatch.setenv("XDG_DATA_HOME", "/nowhere")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(next(_configurations)))
    for name in list(os.environ):
        if name.startswith("ASKSCWRU_"):
            monkeypatch.delenv(name)
    if request.node.get_closest_marker("second_look") is None:
        monkeypatch.setenv("ASKSCWRU_SECOND_LOOK", "false")


@pytest.fixture(scope="session")
def embeddings(request: pytest.FixtureRequest) -> Path:
    """A real index of the seeds, kept between runs and brought up to date by the real build.

    One process of a parallel run builds it, the others wait for it. Each has a copy of its own:
    only one may build in a folder at a time, and what one writes there is not for another to find.
    """
    built = Path(request.config.cache.mkdir("embeddings"))
    with FileLock(built.with_name("embeddings.lock")):
        build(Settings(seeds=SEEDS, embeddings=built), no_progress)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    own = built.with_name(f"embeddings-{worker}")
    shutil.rmtree(own, ignore_errors=True)
    shutil.copytree(built, own)
    return own


@pytest.fixture(scope="session")
def settings(embeddings: Path) -> Settings:
    """Settings for the real index, without the second look."""
    # One thread: there is a process for each core.
    return Settings(seeds=SEEDS, embeddings=embeddings, threads=1, second_look=False)


@pytest.fixture(scope="session")
def usual_settings(settings: Settings) -> Settings:
    """The same with the second look, as people have it."""
    return settings.model_copy(update={"second_look": True})


@pytest.fixture(scope="session")
def assistant(settings: Settings) -> Iterator[Assistant]:
    """The real assistant over the real index."""
    loaded = Assistant.load(settings)
    yield loaded
    loaded.close()
