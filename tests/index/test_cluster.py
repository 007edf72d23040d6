"""A build on Ray is the build without it, whoever does the work and whoever dies of it.

One session of Ray serves most of these tests; it is started as ``local`` starts it, so that only
the loopback interface is used. They take minutes, so that they run where ``ASKSCWRU_TEST_RAY`` asks
for them and the extra ``ray`` is installed.
"""

from __future__ import annotations

import gc
import os
import re
import signal
import socket
import subprocess
import sys
import time
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from askscwru import extras
from askscwru.errors import ClusterError, SeedsError, UsageError
from askscwru.index.build import CACHE, READ, build
from askscwru.index.cluster import Cluster
from askscwru.index.generation import LEXICAL, MANIFEST, generations_folder, read_manifest
from askscwru.index.records import RECORDS
from askscwru.settings import Settings
from fakes import quiet

_WANTED = bool(os.environ.get("ASKSCWRU_TEST_RAY"))  # before a fixture hides every setting

pytestmark = [
    pytest.mark.skipif(not _WANTED, reason="tried where ASKSCWRU_TEST_RAY=1 asks for it"),
    # Not imported here: Ray settles where it listens when it is imported.
    pytest.mark.skipif(find_spec("ray") is None, reason="the extra ray is not installed"),
    pytest.mark.skipif(sys.platform != "linux", reason="workers are found in /proc"),
    # Of Ray itself, and of what it leaves open when it is ended.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

POST = """---
title: {title}
author: ida
---
The {title} stands by the water. It was built of oak, and it turned for ninety years.

Two people work there now. They grind rye on Mondays{more}.
"""
PAGE = """<html><head><title>The {title}</title></head><body><article><h1>The {title}</h1>
<p>The {title} was closed in 1911. It has been a museum since then, and it is open on Sundays.</p>
<p>Forty people come each week. Most of them live nearby.</p></article></body></html>"""
LONG = " and the wheel turned" * 600


def number(workers: int = 4) -> Cluster:
    """The session of these tests, or another way to it."""
    return Cluster("auto", workers, dict)


@pytest.fixture(scope="module")
def ray() -> Iterator[Cluster]:
    """Ray on this machine, with more workers than the machine has cores."""
    held = Cluster("local", 4, dict)
    with pytest.MonkeyPatch.context() as patch:
        # Workers find what these tests have done as they find the program: by its name.
        here = Path(__file__)
        places = (here.parent, here.parents[1], here.parents[2] / "src")
        patch.setenv("PYTHONPATH", os.pathsep.join(map(str, places)))
        held.start()
    yield held
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it ends its processes unwaited for
        held.close()
        gc.collect()


@pytest.fixture
def blog(fake_settings: Settings) -> Settings:
    """Posts in every way that a worker may meet them, and files that nobody can read."""
    seeds = fake_settings.seeds
    names = ("tide mill", "lock house", "old ferry", "salt store")
    for at in range(90):
        title = f"{names[at % 4]} {at}".capitalize()
        more = LONG if at == 7 else f" and on the {at}th"
        (seeds / f"{at:03}.md").write_text(POST.format(title=title, more=more))
    (seeds / "authors.yml").write_text("ida:\n  name: Ida Marsh\n")
    (seeds / "page.html").write_text(PAGE.format(title="weir"))
    with zipfile.ZipFile(seeds / "site.zip", "w") as archive:
        for at in range(3):
            archive.writestr(f"site/{at}.html", PAGE.format(title=f"sluice {at}"))
    (seeds / "bad.docx").write_bytes(b"PK\x03\x04 and no more")
    (seeds / "bad.pdf").write_bytes(b"%PDF-1.4 and no more")
    (seeds / "half.md").write_text("# Half\n\nHalf of a pair: &#xd83d; is no text of ours.\n")
    return fake_settings


_SEGMENT = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def made(settings: Settings) -> dict[str, Any]:
    """Every byte of the live generation but for its times and the names that are drawn by lot."""
    manifest = read_manifest(settings.embeddings / MANIFEST)
    folder = generations_folder(settings.embeddings) / manifest.generation
    held: defaultdict[str, Any] = defaultdict(list)
    for name in sorted(manifest.files):
        if name.endswith(("meta.json", ".managed.json")):
            continue  # these tell the names
        content = (folder / name).read_bytes()
        if name == RECORDS:  # this tells which segments each part has
            content = _SEGMENT.sub(b"", content)
        held[name.rpartition(".")[2] if name.startswith(LEXICAL) else name].append(content)
    held = defaultdict(list, {name: sorted(some) for name, some in held.items()})
    changing = ("generation", "previous", "built_at", "seconds", "files", "roots", "places")
    held["manifest"] = {
        name: getattr(manifest, name)
        for name in manifest.__dataclass_fields__
        if name not in changing
    }
    return held


def told(report: Any) -> dict[str, Any]:
    """What a report says, but for its times."""
    return {
        name: getattr(report, name)
        for name in report.__dataclass_fields__
        if name not in ("generation", "seconds")
    }


def on_ray(settings: Settings, folder: Path, workers: int) -> Settings:
    """The same seeds, another folder, and Ray."""
    return settings.model_copy(update={"embeddings": folder, "ray": "auto", "ray_workers": workers})


# ---- the same index ------------------------------------------------------------------------------


def test_with_one_two_and_four_workers_it_is_the_same_index_byte_for_byte(
    blog: Settings, tmp_path: Path, ray: Cluster
) -> None:
    here = build(blog, quiet)
    assert len(here.skipped) >= 2
    assert here.cut == {"007.md": 1}
    whole = made(blog)
    for workers in (1, 2, 4):
        there = on_ray(blog, tmp_path / f"of-{workers}", workers)
        stages: list[tuple[str, int, int]] = []
        report = build(there, lambda *now: stages.append(now))  # noqa: B023
        assert told(report) == told(here)
        assert made(there) == whole
        assert list(dict.fromkeys(stage for stage, _, _ in stages)) == [
            "read", "model", "encode", "write"
        ]  # fmt: skip
        shown = [done for stage, done, _ in stages if stage == "encode"]
        assert shown == sorted(shown)


def test_the_seeds_with_the_real_encoder_are_the_same_index(
    settings: Settings, tmp_path: Path, ray: Cluster
) -> None:
    there = on_ray(settings, tmp_path / "there", 2)
    build(there, quiet)
    here = settings.model_copy(update={"embeddings": tmp_path / "here"})
    build(here, quiet)
    assert made(there) == made(here)


def test_what_is_known_is_not_done_again(blog: Settings, tmp_path: Path, ray: Cluster) -> None:
    there = on_ray(blog, tmp_path / "there", 2)
    build(there, quiet)
    assert not build(there, quiet).changed
    for settings in (blog, there):
        if settings is blog:
            build(blog, quiet)
    (blog.seeds / "003.md").write_text(POST.format(title="Another", more=""))
    here, elsewhere = build(blog, quiet), build(there, quiet)
    assert elsewhere.vectors_encoded == here.vectors_encoded > 0
    assert elsewhere.vectors_reused == here.vectors_reused > 0
    assert made(there) == made(blog)


# ---- whoever dies --------------------------------------------------------------------------------


def workers_of_ours() -> list[int]:
    """The processes that descend from this one and work for Ray."""
    parents: dict[int, int] = {}
    names: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
                names[int(entry.name)] = (entry / "cmdline").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])

    def ours(pid: int) -> bool:
        while pid in parents and pid != os.getpid():
            pid = parents[pid]
        return pid == os.getpid()

    return [
        pid for pid in parents if names[pid].startswith(("ray::_worked", "ray::IDLE")) and ours(pid)
    ]


def slowly(given: tuple[float, int]) -> int:
    seconds, value = given
    time.sleep(seconds)
    return value


def once_deadly(given: tuple[str, int]) -> int:
    """Ends the process that it runs in, the first time."""
    path, value = given
    if value == 3 and not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return value


def deadly_elsewhere(given: tuple[int, int]) -> int:
    """Ends every process that it runs in, but the first."""
    here, value = given
    if value == 3 and os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return value


@pytest.mark.parametrize("stage", ["read", "encode"])
def test_workers_that_are_killed_in_mid_run_change_nothing(
    blog: Settings, tmp_path: Path, ray: Cluster, stage: str
) -> None:
    build(blog, quiet)
    killed: list[int] = []

    def kill(now: str, done: int, total: int) -> None:
        if now == stage and not killed:
            killed.extend(workers_of_ours())
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    # Others are at work, and what is to be read or encoded waits behind that.
    busy = number(4).map(slowly, [(None, (1.0, at)) for at in range(8)])
    assert next(busy) == (None, 0)
    there = on_ray(blog, tmp_path / "there", 4)
    build(there, kill)
    assert killed
    assert [value for _, value in busy] == list(range(1, 8))
    assert made(there) == made(blog)


def test_a_piece_goes_to_another_worker_when_its_own_dies(tmp_path: Path, ray: Cluster) -> None:
    pieces = [(at, (str(tmp_path / "died"), at)) for at in range(6)]
    assert list(number().map(once_deadly, pieces)) == [(at, at) for at in range(6)]
    assert (tmp_path / "died").exists()


def test_a_piece_that_ends_every_worker_is_done_here(ray: Cluster) -> None:
    pieces = [(at, (os.getpid(), at)) for at in range(6)]
    assert list(number(2).map(deadly_elsewhere, pieces)) == [(at, at) for at in range(6)]


STOPPED = """
import os, signal, sys
from pathlib import Path
from askscwru.index.build import build
from askscwru.settings import Settings

def stop(stage, done, total):
    if stage == "encode" and done:
        os.kill(os.getpid(), getattr(signal, sys.argv[4]))

build(Settings(seeds=Path(sys.argv[1]), embeddings=Path(sys.argv[2]), model=sys.argv[3],
      ray="local", ray_workers=2), stop)
"""


@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT"])
def test_a_run_that_is_stopped_is_gone_on_with_and_leaves_nothing_running(
    blog: Settings, how: str
) -> None:
    given = [str(blog.seeds), str(blog.embeddings), blog.model, how]
    child = subprocess.Popen(
        [sys.executable, "-c", STOPPED, *given],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        start_new_session=True,
    )
    _, said = child.communicate(timeout=150)
    assert child.returncode == -getattr(signal, how), said
    for _ in range(150):
        left = of_session(child.pid)
        if not left:
            break
        time.sleep(0.2)
    assert not left
    report = build(blog, quiet)
    assert report.vectors_reused > 0
    assert report.passages


def of_session(session: int) -> list[str]:
    """The processes of a session that have not ended.

    Ray's two agents are not among them: they look for what started them only now and then, and end
    by themselves within two minutes.
    """
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, *rest = (entry / "stat").read_text().rpartition(")")[2].split()
                name = (entry / "cmdline").read_text()
            except OSError:
                continue
            agent = name.startswith(("ray::DashboardAgent", "ray::RuntimeEnvAgent"))
            if int(rest[2]) == session and state != "Z" and not agent:
                found.append(name)
    return found


# ---- what is said --------------------------------------------------------------------------------


def complaining(given: int) -> int:
    raise SeedsError("The page is wet.", remedy="Dry it.") if given else ValueError("wet")


def test_what_a_worker_raises_is_raised_here(ray: Cluster) -> None:
    with pytest.raises(SeedsError, match=r"The page is wet\. Dry it\."):
        list(number().map(complaining, [(None, 1)]))
    with pytest.raises(ValueError, match=r"^wet$"):
        list(number().map(complaining, [(None, 0)]))


def here_and_there() -> dict[str, str]:
    """Another one in every process."""
    return {"numpy": str(os.getpid())}


def test_a_worker_with_another_program_is_refused(ray: Cluster) -> None:
    other = Cluster("auto", 2, here_and_there)
    with pytest.raises(ClusterError, match="has another numpy") as raised:
        list(other.map(slowly, [(None, (0, 1))]))
    assert "Install the same askscwru" in raised.value.remedy


def test_pieces_with_nothing_to_do_keep_their_place(ray: Cluster) -> None:
    pieces = [(at, (0.3 if at == 1 else 0, at) if at % 3 else None) for at in range(30)]
    assert list(number(2).map(slowly, pieces)) == [(at, at if at % 3 else None) for at in range(30)]


def test_where_there_is_nothing_to_do_ray_is_not_started(
    blog: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(blog, quiet)
    monkeypatch.setattr(Cluster, "start", lambda _: pytest.fail("started"))
    again = blog.model_copy(update={"ray": "local"})
    assert not build(again, quiet).changed
    assert (blog.embeddings / CACHE).exists()
    assert (blog.embeddings / READ).exists()


def test_only_the_loopback_interface_is_listened_at(ray: Cluster) -> None:
    listening = 0
    for table in ("tcp", "tcp6"):
        rows = Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        ours = inodes_below(os.getpid())
        for row in rows:
            cells = row.split()
            if cells[3] == "0A" and cells[9] in ours:
                listening += 1
                assert cells[1].partition(":")[0] in LOOPBACK, row
    assert listening


LOOPBACK = ("0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000")


def inodes_below(pid: int) -> set[str]:
    """The sockets of what Ray runs below a process."""
    found: set[str] = set()
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(
                    (entry / "stat").read_text().rpartition(")")[2].split()[1]
                )
            except OSError:
                continue

    def below(one: int) -> bool:
        while one in parents and one != pid:
            one = parents[one]
        return one == pid

    for one in filter(below, parents):
        try:
            links = [str(link.readlink()) for link in Path(f"/proc/{one}/fd").iterdir()]
        except OSError:
            continue
        found |= {link[8:-1] for link in links if link.startswith("socket:[")}
    return found


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "ray://127.0.0.1:{port}"])
def test_a_cluster_that_is_not_there_is_named_at_once(blog: Settings, address: str) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        named = address.format(port=taken.getsockname()[1])
        with pytest.raises(ClusterError, match=named) as raised:
            build(blog.model_copy(update={"ray": named}), quiet)
    assert "run `askscwru index` again" in raised.value.remedy
    assert build(blog, quiet).changed


def test_without_the_extra_the_command_that_installs_it_is_named(
    blog: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match="ray is not installed") as raised:
        build(blog.model_copy(update={"ray": "local"}), quiet)
    assert raised.value.remedy == "pip install 'askscwru[ray]'"
