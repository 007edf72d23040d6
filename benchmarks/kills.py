"""Kills of every process that writes: what was acknowledged must be there afterwards.

Usage::

    python -m benchmarks.kills [--each 250] [--minutes M] [--kinds ask,index,amended,serve,workers]

Each round runs a real command over a small corpus of its own, kills it with ``SIGKILL`` at a
random moment between its start and a little after its usual end, and looks at what is left:

* ``ask``: a turn that was printed is in the conversations file, under its number; no number is
  missing and none is there twice.
* ``index``: the index that is live is whole, byte by byte; every tenth round the next build ends
  well, brings what was written last, and leaves no wreck.
* ``amended``: posts are changed, added, renamed and removed among a hundred, so that a build looks
  at these alone; it is killed, or finds the disk full (``RLIMIT_FSIZE``) or the folder read-only.
  The index that is live is whole and holds what the one before or the one to come holds; every
  fifth round the next build is held against one in an empty folder. A small encoder that is no mock
  encodes.
* ``serve``: as ``ask``, for four clients that ask over HTTP until it dies.
* ``workers``: two processes behind one port; either a worker is killed, and the service must go on
  answering, or the parent, and the workers must end by themselves.

A traceback anywhere is a fault. The table says rounds, turns that were acknowledged, and faults;
the exit status is 1 where there was one.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import math
import os
import random
import resource
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import httpx

from askscwru.cli import FAILED
from askscwru.cli import main as main_command
from askscwru.conversation.store import Store
from askscwru.errors import AskscwruError
from askscwru.index import build as build_module
from askscwru.index.build import CACHE
from askscwru.index.generation import Index, generations_folder
from askscwru.settings import PACKAGED_MODEL, Settings

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from edits import COMMON, WORDS, Folder, differences, held_by  # noqa: E402
from fakes import write_fake_model  # noqa: E402

SEEDS = ("002_bf75fab2a6df78ff.txt", "004_b4ef3a980542e53b.txt")
QUESTION = "How many people use Shared Lives?"
CLIENTS = 4
PATIENCE = 240.0
"""Seconds after which something that never comes is a fault."""
GRACE = 2.0
_LATE = 1.15
"""Up to so many times its usual time a command is left alive."""
_MOST_ANSWERS = 8
_MOMENT = 0.2
"""Up to so many answers, and then up to so many seconds, a service is left alive."""


def _nothing() -> None:
    """Does nothing."""


@dataclass
class Told:
    """What one kind of kill brought to light."""

    rounds: int = 0
    killed: int = 0
    """Rounds in which the process was still there to be killed."""
    acknowledged: int = 0
    lost: int = 0
    faults: list[str] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    """What else is worth counting."""
    ends: float = math.inf
    """By the monotonic clock, when no further round begins."""

    def to_go(self, each: int) -> Iterator[int]:
        """The numbers of the rounds that there is time for."""
        for at in range(each):
            if time.monotonic() > self.ends:
                return
            yield at
            self.rounds += 1


@dataclass(frozen=True)
class Place:
    """A corpus with its index and its conversations, by themselves."""

    folder: Path
    index: str = "embeddings"
    """The name of the folder of the index."""
    model: str = PACKAGED_MODEL

    @property
    def settings(self) -> Settings:
        """Where everything is."""
        return Settings(
            seeds=self.folder / "seeds",
            embeddings=self.folder / self.index,
            conversations=self.folder / "kept.sqlite3",
            model=self.model,
        )

    @property
    def note(self) -> Path:
        """The post that grows."""
        return self.folder / "seeds" / "mill.md"

    @property
    def environment(self) -> dict[str, str]:
        """What tells a process of all that; how good its answers are does not matter here."""
        given = self.settings
        return {
            "ASKSCWRU_SEEDS": str(given.seeds),
            "ASKSCWRU_EMBEDDINGS": str(given.embeddings),
            "ASKSCWRU_CONVERSATIONS": str(given.conversations),
            "ASKSCWRU_MODEL": self.model,
            "ASKSCWRU_READ_DEPTH": "1",
            "ASKSCWRU_SECOND_LOOK": "false",
            "ASKSCWRU_THREADS": "1",
            "ASKSCWRU_RATE": "0",
            "ASKSCWRU_GRACE": str(GRACE),
        }

    def said(self, stream: str) -> str:
        """What the last process wrote to its standard output or error."""
        return (self.folder / stream).read_text(encoding="utf-8")


class Process:
    """An ``askscwru`` command; it writes to files, so that nobody need read for it."""

    def __init__(
        self,
        place: Place,
        *words: str,
        forked: bool = True,
        before: Callable[[], object] = _nothing,
    ) -> None:
        """Starts it.

        Args:
            place: whose corpus.
            words: the command.
            forked: whether it is forked from this process, which has imported all that is slow to
                import, so that the kill falls into the work; else it starts from nothing.
            before: what a forked one does first.
        """
        streams = [(place.folder / name).open("wb") for name in ("out", "err")]
        if forked:
            self.pid = os.fork()
            if not self.pid:
                _become(place, words, [stream.fileno() for stream in streams], before)
        else:
            command = [sys.executable, "-W", "ignore", "-m", "askscwru", *words]
            self.pid = os.posix_spawn(
                sys.executable,
                command,
                {**os.environ, **place.environment},
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, stream.fileno(), to)
                    for to, stream in enumerate(streams, start=1)
                ],
            )
        for stream in streams:
            stream.close()

    def signal(self, number: int) -> None:
        """Sends it a signal."""
        os.kill(self.pid, number)

    def wait(self, seconds: float) -> int | None:
        """Its status once it has ended, the negative of the signal that ended it; None if late."""
        ends = time.monotonic() + seconds
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > ends:
                return None
            time.sleep(0.005)


def _become(
    place: Place, words: tuple[str, ...], streams: list[int], before: Callable[[], object]
) -> NoReturn:
    """Turns this forked process into the command."""
    status = 70
    try:
        os.environ.update(place.environment)
        for to, stream in enumerate(streams, start=1):
            os.dup2(stream, to)
        before()
        status = main_command(words)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def make_place(folder: Path) -> Place:
    """Two seeds, a post that grows, and their index."""
    place = Place(folder)
    place.note.parent.mkdir(parents=True)
    for name in SEEDS:
        shutil.copyfile(ROOT / "seeds" / name, place.note.parent / name)
    place.note.write_text("# The mill\n\nThe mill grinds forty sacks a day.\n", encoding="utf-8")
    status, _, said, _ = run_command(place, ["index"], None)
    if status:
        raise SystemExit(f"index ended with {status}: {said}")
    return place


def run_command(
    place: Place,
    words: list[str],
    after: float | None,
    before: Callable[[], object] = _nothing,
) -> tuple[int, str, str, float]:
    """A command, killed after some seconds: its status, what it printed, and how long it took."""
    began = time.monotonic()
    process = Process(place, *words, before=before)
    status = process.wait(math.inf if after is None else after)
    if status is None:
        process.signal(signal.SIGKILL)
        status = process.wait(PATIENCE)
    assert status is not None
    return status, place.said("out"), place.said("err"), time.monotonic() - began


# -- what must hold --------------------------------------------------------------------------------


def check_turns(place: Place, known: dict[tuple[str, int], str], told: Told, since: int) -> None:
    """Every acknowledged turn is kept; the numbers of a conversation are 1, 2, 3 and so on.

    Args:
        place: whose conversations.
        known: the acknowledged questions by conversation and number.
        told: where losses and faults are written down.
        since: how many of them were looked at before, and are not again.
    """
    store = Store(place.settings.conversations_file)
    try:
        kept: dict[str, list[Any]] = {}
        for at, ((conversation, number), question) in enumerate(known.items()):
            if at < since:
                continue
            if conversation not in kept:
                turns = list(store.conversation(conversation).turns)
                kept[conversation] = turns
                numbers = [turn.number for turn in turns]
                if numbers != list(range(1, len(turns) + 1)):
                    told.faults.append(f"numbers of {conversation}: {numbers}")
            turns = kept[conversation]
            if number > len(turns) or turns[number - 1].question != question:
                told.lost += 1
                told.faults.append(f"lost: turn {number} of {conversation}, {question!r}")
    except AskscwruError as error:
        told.faults.append(f"conversations: {error}")
    finally:
        store.close()


def check_index(place: Place, told: Told) -> None:
    """The index that is live is whole."""
    try:
        index = Index.open(place.settings.embeddings, place.settings)
    except AskscwruError as error:
        told.faults.append(f"index: {error}")
        return
    try:
        told.faults += [f"index: {fault}" for fault in index.verify()]
    finally:
        index.close()


def check_said(said: str, told: Told) -> None:
    """Nobody was shown a trace."""
    if "traceback" in said.casefold():
        told.faults.append(f"traceback: {said[-3_000:]}")


# -- the kinds -------------------------------------------------------------------------------------


def kill_ask(place: Place, each: int, rng: random.Random, told: Told) -> None:
    """``askscwru ask`` in one conversation that goes on."""
    _, out, _, _ = run_command(place, ["ask", "--json", "--keep", QUESTION], None)
    conversation = json.loads(out)["conversation_id"]
    known = {(conversation, 1): QUESTION}

    def ask(question: str, after: float | None) -> tuple[int, float]:
        words = ["ask", "--json", "--conversation", conversation, question]
        status, out, said, took = run_command(place, words, after)
        check_said(out + said, told)
        if status in (0, 3):
            known[conversation, json.loads(out)["turn"]] = question
        elif status != -signal.SIGKILL:
            told.faults.append(f"ask ended with {status}: {said}")
        return status, took

    usual = statistics.median(ask(f"{QUESTION} ({n})", None)[1] for n in range(3))
    for at in told.to_go(each):
        status, _ = ask(f"{QUESTION} [{at}]", rng.uniform(0, _LATE * usual))
        told.killed += status == -signal.SIGKILL
        check_turns(place, known, told, max(0, len(known) - 2))
    check_turns(place, known, told, 0)
    told.acknowledged += len(known)


def kill_index(place: Place, each: int, rng: random.Random, told: Told) -> None:
    """``askscwru index`` after a post has grown by a sentence."""

    def build(after: float | None) -> tuple[int, float]:
        sentence = f"On day {rng.randrange(10**9)} it ground {rng.randrange(99)} sacks."
        with place.note.open("a", encoding="utf-8") as note:
            note.write(f"\n{sentence}\n")
        status, out, said, took = run_command(place, ["index"], after)
        check_said(out + said, told)
        if status not in (0, -signal.SIGKILL):
            told.faults.append(f"index ended with {status}: {said}")
        check_index(place, told)
        if after is None:
            _check_whole_build(place, sentence, told)
        return status, took

    usual = statistics.median(build(None)[1] for _ in range(3))
    for at in told.to_go(each):
        status, _ = build(rng.uniform(0, _LATE * usual))
        told.killed += status == -signal.SIGKILL
        if at % 10 == 9:
            place.note.write_text("# The mill\n\nThe mill grinds.\n", encoding="utf-8")
            build(None)


def _check_whole_build(place: Place, sentence: str, told: Told) -> None:
    """A build that ended by itself has what was written last, and clears the wrecks."""
    index = Index.open(place.settings.embeddings, place.settings)
    try:
        if sentence not in index.text(place.note.name):
            told.faults.append(f"not built: {sentence}")
    finally:
        index.close()
    left = list(generations_folder(place.settings.embeddings).iterdir())
    if len(left) > 2:  # the live one, and the one before it for whoever reads it still
        told.faults.append(f"wrecks: {sorted(path.name for path in left)}")


# -- builds that look at what has changed alone ----------------------------------------------------


class Amending:
    """A hundred posts that are edited, and builds of them that something happens to."""

    POSTS = 100

    def __init__(self, folder: Path, rng: random.Random, told: Told) -> None:
        model = str(write_fake_model(folder / "model"))
        self.place = Place(folder, model=model)
        self.anew = Place(folder, "anew", model)
        self.rng, self.told = rng, told
        self.folder = Folder(self.place.settings.seeds, rng)
        self.folder.fill(self.POSTS)
        self.everything = folder / "everything"
        self.build(None)

    def edit(self) -> None:
        """One to four of the things that happen to a folder."""
        for _ in range(self.rng.randint(1, 4)):
            self.folder.happen(*COMMON)

    def build(
        self, after: float | None, before: Callable[[], object] = _nothing
    ) -> tuple[int, float]:
        """Builds, and is killed after some seconds; the status, and how long it took."""
        self.everything.unlink(missing_ok=True)

        def begin() -> None:
            read = build_module.read_corpus

            def noted(*args: Any, **named: Any) -> Any:
                self.everything.touch()
                return read(*args, **named)

            build_module.read_corpus = noted
            before()

        status, out, said, took = run_command(self.place, ["index"], after, begin)
        check_said(out + said, self.told)
        self.told.notes["alone" if not self.everything.exists() else "of everything"] += 1
        if after is None and before is _nothing and status:
            self.told.faults.append(f"index ended with {status}: {said}")
        return status, took

    def held(self) -> str:
        """Tells what the live index holds; it is whole, or that is a fault."""
        return self.forked(lambda: self._held(self.place))

    def _held(self, place: Place) -> str:
        index = Index.open(place.settings.embeddings, place.settings)
        try:
            if faults := index.verify():
                raise ValueError(str(faults))
            return hashlib.sha256(repr(sorted(held_by(index).items())).encode()).hexdigest()
        finally:
            index.close()

    def forked(self, work: Callable[[], str]) -> str:
        """What some work gives, done in a process of its own: engines do not survive a fork."""
        answer = self.place.folder / "answer"
        answer.unlink(missing_ok=True)
        pid = os.fork()
        if not pid:
            try:
                answer.write_text(work(), encoding="utf-8")
            except BaseException:
                answer.write_text(f"fault: {traceback.format_exc()}", encoding="utf-8")
            os._exit(0)
        os.waitpid(pid, 0)
        told = answer.read_text(encoding="utf-8")
        if told.startswith("fault: "):
            self.told.faults.append(told)
        return told

    def compare(self) -> None:
        """The index that was built again and again is that of a build in an empty folder."""
        shutil.rmtree(self.anew.settings.embeddings, ignore_errors=True)
        known = self.anew.settings.embeddings / CACHE
        known.parent.mkdir(parents=True)
        shutil.copyfile(self.place.settings.embeddings / CACHE, known)
        status, _, said, _ = run_command(self.anew, ["index"], None)
        if status:
            self.told.faults.append(f"index in an empty folder ended with {status}: {said}")
        one, other = self.place.settings, self.anew.settings
        if found := self.forked(lambda: "\n".join(differences(one, other, WORDS[::4]))):
            self.told.faults.append(f"another index than one made at once: {found[:2_000]}")

    def harm(self, usual: float) -> int:
        """Something happens to a build; its status."""
        what = self.rng.choice(("killed",) * 6 + ("disk full", "read-only"))
        if what == "killed":
            return self.build(self.rng.uniform(0, _LATE * usual))[0]
        if what == "disk full":
            most = int(10 ** self.rng.uniform(2, 5.5))
            status, _ = self.build(None, partial(_limit, most))
        else:
            embeddings = self.place.settings.embeddings
            folders = [embeddings, *(path for path in embeddings.rglob("*") if path.is_dir())]
            shut = self.rng.choice(folders)
            shut.chmod(0o555)
            status, _ = self.build(None, _drop_rights)
            shut.chmod(0o755)
        self.told.notes[what + (", and said so" if status else ", and not in the way")] += 1
        if status not in (0, FAILED):
            self.told.faults.append(f"index, {what}, ended with {status}: {self.place.said('err')}")
        return status


def _limit(most: int) -> None:
    """No file becomes larger than so many bytes, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def _drop_rights() -> None:
    """Makes root one whom the modes of files bind."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable; twice
    if libc.capget(header, sets) == 0:
        sets[0] &= ~0b1110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
        libc.capset(header, sets)


def kill_amended(place: Place, each: int, rng: random.Random, told: Told) -> None:
    """``askscwru index`` after some of a hundred posts are others."""
    amending = Amending(place.folder / "amended", rng, told)

    took: list[float] = []
    for _ in range(3):
        amending.edit()
        took.append(amending.build(None)[1])
    before = amending.held()
    for at in told.to_go(each):
        amending.edit()
        status = amending.harm(statistics.median(took[-3:]))  # others keep the machine busy, or not
        told.killed += status == -signal.SIGKILL
        between = amending.held()
        took.append(amending.build(None)[1])
        after = amending.held()
        if between not in (before, after):
            told.faults.append("the live index is neither the one before nor the one to come")
        if at % 5 == 4:
            amending.compare()
        before = after


class Service:
    """``askscwru serve`` with clients that ask until it dies."""

    def __init__(self, place: Place, workers: int) -> None:
        words = ("serve", "--port", "0", "--workers", str(workers))
        self.process = Process(place, *words, forked=workers == 1)
        self.known: dict[tuple[str, int], str] = {}
        self.refused: list[str] = []
        self.answers = 0
        self._place = place
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        if not _until(lambda: '"url"' in place.said("err")):
            raise SystemExit(f"it does not serve: {place.said('err')}")
        self.url = next(
            json.loads(line)["url"] for line in place.said("err").splitlines() if '"url"' in line
        )

    def ready(self) -> bool:
        """Waits until it answers; False where it never does."""
        return _until(lambda: _get(f"{self.url}/health") == 200)

    def ask_on(self, name: str) -> None:
        """Starts the clients."""
        for number in range(CLIENTS):
            thread = threading.Thread(target=self._client, args=(f"{name}.{number}",), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _client(self, name: str) -> None:
        conversation: str | None = None
        with httpx.Client(trust_env=False, verify=False, timeout=PATIENCE) as client:
            for at in range(100_000):
                if self._stop.is_set():
                    return
                question = f"{QUESTION} [{name}.{at}]"
                body = {"question": question, "conversation_id": conversation}
                try:
                    response = client.post(f"{self.url}/ask", json=body)
                except httpx.TransportError:
                    self._stop.wait(0.02)  # killed, or its worker was; the stop says which
                    continue
                self._took(response, question)
                if response.status_code == 200:
                    conversation = response.json()["conversation_id"]

    def _took(self, response: httpx.Response, question: str) -> None:
        with self._lock:
            if response.status_code != 200:
                if response.status_code != 503:
                    self.refused.append(f"{response.status_code}: {response.text}")
                return
            answer = response.json()
            self.answers += 1
            if answer["notes"]:
                self.refused.append(f"notes: {answer['notes']}")
            self.known[answer["conversation_id"], answer["turn"]] = question

    def answered(self, least: int) -> bool:
        """Waits for so many answers; False where they never come."""
        return _until(lambda: self.answers >= least)

    def children(self) -> list[int]:
        """The worker processes."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = [int(word) for word in path.read_text().split()]
        return [pid for pid in found if "spawn_main" in _command(pid)]

    def kill(self) -> None:
        """Kills it, and waits until the clients have seen it."""
        self.process.signal(signal.SIGKILL)
        self.stop()

    def stop(self) -> None:
        """Waits until it has ended, and the clients with it."""
        self._stop.set()
        if self.process.wait(PATIENCE) is None:
            self.refused.append("it does not end")
        for thread in self._threads:
            thread.join(PATIENCE)

    def report(self, told: Told) -> None:
        """What became of its turns."""
        check_said(self._place.said("err"), told)
        told.faults += self.refused
        check_turns(self._place, self.known, told, 0)
        told.acknowledged += len(self.known)


def kill_serve(place: Place, each: int, rng: random.Random, told: Told) -> None:
    """``askscwru serve``, one round in six before it is ready."""
    for at in told.to_go(each):
        service = Service(place, 1)
        early = at % 6 == 5
        if not early and not service.ready():
            told.faults.append(f"never ready: {place.said('err')}")
        service.ask_on(f"s{at}")
        service.answered(0 if early else rng.randint(0, _MOST_ANSWERS))
        time.sleep(rng.uniform(0, _MOMENT))
        service.kill()
        told.killed += 1
        service.report(told)


def kill_workers(place: Place, each: int, rng: random.Random, told: Told) -> None:
    """Two workers: one of them is killed in turn with the parent of both."""
    for at in told.to_go(each):
        service = Service(place, 2)
        if not service.ready():
            told.faults.append(f"never ready: {place.said('err')}")
        service.ask_on(f"w{at}")
        service.answered(rng.randint(0, _MOST_ANSWERS))
        time.sleep(rng.uniform(0, _MOMENT))
        workers = service.children()
        if at % 2 == 0 and workers:
            os.kill(rng.choice(workers), signal.SIGKILL)
            if not service.answered(service.answers + CLIENTS + 1):
                told.faults.append("one worker was killed, and nobody is answered")
            workers = service.children()
            service.process.signal(signal.SIGTERM)
            service.stop()
        else:
            service.kill()
        if not _until(partial(_gone, workers)):
            told.faults.append(f"orphans: {[_command(pid) for pid in workers if _command(pid)]}")
        told.killed += 1
        service.report(told)


def _until(condition: Callable[[], bool]) -> bool:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if condition():
            return True
        time.sleep(0.05)
    return False


def _get(url: str) -> int:
    try:
        return httpx.get(url, trust_env=False, verify=False, timeout=5).status_code
    except httpx.TransportError:
        return 0


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def _gone(pids: list[int]) -> bool:
    return not any(map(_command, pids))  # that of a dead one nobody has waited for is empty


KINDS: dict[str, Callable[[Place, int, random.Random, Told], None]] = {
    "ask": kill_ask,
    "index": kill_index,
    "amended": kill_amended,
    "serve": kill_serve,
    "workers": kill_workers,
}


def main() -> int:
    """The table; 1 where there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--each", type=int, default=250, help="rounds of each kind")
    parser.add_argument("--minutes", type=float, default=math.inf, help="for each kind, at most")
    parser.add_argument("--kinds", default=",".join(KINDS), help="which of them")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print("| kind | rounds | killed | turns acknowledged | lost | faults |")
    print("|---|---|---|---|---|---|", flush=True)
    faults: list[str] = []
    for kind in given.kinds.split(","):
        told = Told(ends=time.monotonic() + given.minutes * 60)
        with tempfile.TemporaryDirectory(prefix="askscwru-kills-") as folder:
            place = make_place(Path(folder))
            KINDS[kind](place, given.each, random.Random(f"{given.seed} {kind}"), told)
        row = (told.rounds, told.killed, told.acknowledged, told.lost, len(told.faults))
        print(f"| {kind} | " + " | ".join(f"{number:,}" for number in row) + " |", flush=True)
        if told.notes:
            print(f"{kind}: " + ", ".join(f"{n} {what}" for what, n in told.notes.items()))
        faults += [f"{kind}: {fault}" for fault in told.faults]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
