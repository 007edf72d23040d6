"""What could keep askscwru from answering, each fault with the command that mends it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from tempfile import TemporaryFile

from askscwru.addresses import DatabaseAddress, MilvusAddress
from askscwru.answering.export_reader import ensure_reader
from askscwru.answering.scoring import Scoring
from askscwru.answering.second_look import SecondLook
from askscwru.answering.span import SpanModel
from askscwru.conversation.opening import open_store
from askscwru.errors import AskscwruError
from askscwru.files import writing
from askscwru.index.build import earlier_of
from askscwru.index.cluster import joined
from askscwru.index.encoder import Encoder, check_folder
from askscwru.index.export import NEEDS_TORCH
from askscwru.index.generation import MANIFEST, Index, read_manifest
from askscwru.ingest import list_sources, read_list
from askscwru.milvus.server import MilvusServer
from askscwru.postgres.server import Server
from askscwru.settings import LOCAL, PACKAGED_MODEL, PACKAGED_READER, Settings

_LIBRARIES = ("faiss-cpu", "numpy", "onnxruntime", "rapidfuzz", "tantivy", "tokenizers")
_OLDEST = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    name: str
    sound: bool
    detail: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Checks Python, libraries, threads, seeds, index, models and conversations: every byte."""
    findings = [_python(), *_libraries(), _torch(settings), _threads(settings)]
    findings += _folders(settings)
    findings += _guarded("seeds", lambda: _seeds(settings))
    findings += _guarded("index", lambda: _index(settings))
    findings += _guarded("reader", lambda: _reader(settings))
    findings += _guarded("conversations", lambda: _conversations(settings))
    findings += _guarded("ray", lambda: _ray(settings))
    return findings


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= _OLDEST, found, "Use Python 3.11 or newer.")


def _libraries() -> Iterator[Finding]:
    for name in _LIBRARIES:
        try:
            yield Finding(name, True, version(name))
        except PackageNotFoundError:
            yield Finding(name, False, "not installed", f"pip install {name}")


def _torch(settings: Settings) -> Finding:
    """Whether another model can be exported; only then is torch needed, and only in a child."""
    packaged = (settings.model, settings.reader) == (PACKAGED_MODEL, PACKAGED_READER)
    try:
        found = f"{version('torch')}, sentence-transformers {version('sentence-transformers')}"
        done = subprocess.run(
            [sys.executable, "-c", "import torch"], capture_output=True, check=False
        )
    except PackageNotFoundError as error:
        found, works = f"{error.name} is not installed", False
    else:
        works = done.returncode == 0
        found += "" if works else "; it is broken"
    if not works:
        found += ": everything works but another model or reader than the packaged one"
    return Finding("torch", works or packaged, found, NEEDS_TORCH)


def _threads(settings: Settings) -> Finding:
    cores = os.cpu_count() or 1
    together = "torch" not in sys.modules
    detail = f"{settings.threads} of {cores} cores"
    if not together:
        detail += "; torch is loaded beside faiss, which has crashed on macOS and Windows"
    return Finding("threads", together, detail, "Import askscwru in a process without torch.")


def _folders(settings: Settings) -> Iterator[Finding]:
    """Whether what is kept can be written; a folder that is not there yet is not made for it."""
    kept = () if settings.database else (settings.conversations_file.parent,)
    for folder in dict.fromkeys((settings.embeddings, *kept)):
        if not folder.is_dir():
            continue
        try:
            with writing(folder), TemporaryFile(dir=folder):
                pass
        except AskscwruError as error:
            yield Finding("folder", False, error.message, error.remedy)
        else:
            yield Finding("folder", True, f"{folder} can be written")


def _seeds(settings: Settings) -> Iterator[Finding]:
    files, skipped = list_sources(settings)
    places = [str(place.path) for place in read_list(settings).all(settings)]
    detail = f"{len(files)} files in {', '.join(places)}"
    if skipped:
        detail += f"; {len(skipped)} skipped: " + "; ".join(
            f"{s.name} ({s.reason})" for s in skipped
        )
    yield Finding("seeds", bool(files), detail, "See docs/your-own-blog.md for what can be read.")


def _index(settings: Settings) -> Iterator[Finding]:
    if settings.index is not None and (at_fault := _milvus(settings.index)) is not None:
        yield at_fault
        return
    index = Index.open(settings.embeddings, settings)
    try:
        faults = index.verify()
        counts = index.manifest.counts
        detail = f"{counts['posts']} posts, {counts['passages']} passages"
        detail += f", vectors in {settings.index}" if settings.index else ""
        yield Finding("index", not faults, detail, "; ".join(map(str, faults)))
        yield from _unpublished(settings, index)
        yield _freshness(settings, index)
        check_folder(index.model_folder, whole=True)
        encoder = Encoder.for_questions(index.model_folder, threads=settings.threads)
        index.check_encoder(encoder)
        yield Finding("encoder", True, f"{encoder.card.name}, {encoder.dimension} dimensions")
    finally:
        index.close()


def _milvus(address: MilvusAddress) -> Finding | None:
    """What keeps askscwru from the server of the index; None where nothing does."""
    server = MilvusServer(address)  # raises where the extra is missing
    try:
        fault = server.why_not()
    finally:
        server.close()
    return fault and Finding("index", False, *fault)


def _unpublished(settings: Settings, index: Index) -> Iterator[Finding]:
    """Whether the server lacks what was built here last: it was away then."""
    path = settings.embeddings / MANIFEST
    if settings.index is None or not path.exists():
        return
    built, served = read_manifest(path).generation, index.manifest.generation
    if built != served:
        detail = f"{settings.index} serves {served}; {built} has been built here since"
        yield Finding("index", False, detail, "askscwru index")


def _freshness(settings: Settings, index: Index) -> Finding:
    made_from = index.made_from()
    files, skipped = list_sources(settings, earlier_of(index.manifest, made_from))
    now = {file.name: file.sha256 for file in files}
    then = made_from.inputs
    changed = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
    detail = "as indexed" if not changed else "changed since indexed: " + ", ".join(changed)
    absent = [f"{skip.name} ({skip.reason})" for skip in skipped if skip.kept]
    detail += "; as it was when last read: " + ", ".join(absent) if absent else ""
    return Finding("sources", not changed, detail, "askscwru index")


def _reader(settings: Settings) -> Iterator[Finding]:
    folder = ensure_reader(settings, lambda *_: None)
    SpanModel.load(folder, threads=settings.threads)
    Scoring.load(folder)
    if settings.second_look:
        second = SecondLook.load(folder, threads=settings.threads)
        if second is not None:
            _ = second.model
            yield Finding("second look", True, "weights as packaged")
    packaged = settings.reader == PACKAGED_READER
    yield Finding("reader", True, "weights as packaged" if packaged else settings.reader)


def _conversations(settings: Settings) -> Iterator[Finding]:
    if settings.database is None and not settings.conversations_file.exists():
        yield Finding("conversations", True, "none yet")
        return
    if settings.database is not None:
        at_fault = _database(settings.database)
        if at_fault is not None:
            yield at_fault
            return
    place = settings.database or settings.conversations_file
    store = open_store(settings)
    try:
        many, turns, damaged = store.faults()
    finally:
        store.close()
    detail, remedy = f"{many} with {turns} turns", ""
    detail += f", in {settings.database}" if settings.database else ""
    if damaged:
        known, number = damaged[0]
        detail = f"turn {number} of {known} cannot be read, in {place}"
        detail += f"; {len(damaged) - 1} more" if len(damaged) > 1 else ""
        remedy = f"askscwru conversations delete {known[:8]}"
    yield Finding("conversations", not damaged, detail, remedy)


def _database(address: DatabaseAddress) -> Finding | None:
    """What keeps askscwru from the database; None where nothing does."""
    server = Server(address)  # raises where the extra is missing
    said = server.why_not()
    if said:
        return Finding("conversations", False, f"{address}: {said}", _remedy(address, said))
    fault = server.unfit()
    server.close()
    return fault and Finding("conversations", False, f"{address}: {fault[0]}", fault[1])


def _remedy(address: DatabaseAddress, said: str) -> str:
    """The command that mends what a server, or the way to it, has against a connection."""
    host, port = address.hosts[0]
    where = f" -h {shlex.quote(host)}" if host else ""
    where += f" -p {port}" if port else ""
    user, name = shlex.quote(address.user or "USER"), shlex.quote(address.name or "NAME")
    if "does not exist" in said and "database" in said:
        return f"createdb{where} -U postgres -E UTF8 -T template0 -O {user} {name}"
    if "does not exist" in said:
        return f"createuser{where} -U postgres --pwprompt {user}"
    if "password" in said or "authentication" in said:
        word = f"\\password {user}"
        return f"psql{where} -U postgres -c {shlex.quote(word)}, and put it into the address"
    return f"pg_isready{where}, and where it does not answer: systemctl start postgresql"


def _ray(settings: Settings) -> Iterator[Finding]:
    """Whether the machines that are to build can be reached; nothing is said where none are set."""
    if settings.ray is None:
        return
    with joined(settings, dict) as cluster:
        if cluster is not None and settings.ray != LOCAL:
            cluster.start()
            yield Finding("ray", True, f"{settings.ray}, {cluster.workers} workers at a time")
        else:
            yield Finding("ray", True, f"{version('ray')}, on this machine when there is work")


def _guarded(name: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except AskscwruError as error:
        yield Finding(name, False, error.message, error.remedy)
