"""The making of a generation: a folder that is filled, swapped in, and what it replaces removed."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from askscwru.errors import StorageError
from askscwru.files import flush, flush_tree, remove, remove_unfinished, writing
from askscwru.index.cache import VectorCache
from askscwru.index.encoder import Encoder, FileFact
from askscwru.index.export import model_folder, models_folder, readers_folder
from askscwru.index.generation import (
    FORMAT,
    MadeFrom,
    Manifest,
    ModelFact,
    files_of,
    generations_folder,
    write_made_from,
    write_manifest,
)
from askscwru.index.publish import published
from askscwru.ingest import CopyStore, TooMuchChangedError, manifest_sha256, read_list
from askscwru.settings import Settings
from askscwru.types import Progress

CACHE = "cache/vectors.db"

_GENERATION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_SHAPING = ("passage_tokens", "overlap_sentences", "max_source_bytes", "unpublished")
_OUTSIDE = ("types", "sentences", "letters", "days", "rules", "names")
"""Files outside ingest and index that shape an index, too."""
_LIBRARIES = ("faiss-cpu", "numpy", "onnxruntime", "tantivy", "tokenizers")


@dataclass(kw_only=True)
class Making:
    """A generation that is being made: whatever ends it early leaves the one that is live."""

    settings: Settings
    encoder: Encoder
    live: Manifest | None
    """The generation that this one replaces."""
    began: float
    """When the build began, on the monotonic clock."""
    store: CopyStore
    """How the posts were made of their copies; kept with the generation."""

    def __post_init__(self) -> None:
        now = datetime.now(UTC)
        self.built_at = now.isoformat(timespec="seconds")
        self.id = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self.folder = generations_folder(self.settings.embeddings) / self.id

    def make(
        self,
        write: Callable[[VectorCache], tuple[MadeFrom, Mapping[str, int], Mapping[str, FileFact]]],
        progress: Progress,
        *,
        prune: bool,
    ) -> tuple[Manifest, dict[str, int]]:
        """Writes a generation, makes it live, and removes what it replaces.

        Args:
            write: writes the files into the folder; gives what they were made from, the counts of
                what they hold, and the facts of those that are links.
            progress: told of the last steps, as stage ``write``.
            prune: whether vectors are forgotten that were not asked for.

        Returns:
            Its manifest, and how many vectors were known and how many were made.

        Raises:
            StorageError: the folder cannot be written, or the disk is full.
        """
        embeddings = self.settings.embeddings
        with writing(embeddings):
            self.folder.mkdir(parents=True)
        cache = VectorCache(embeddings / CACHE, self.encoder.kept_as, self.encoder.dimension)
        try:
            try:
                made_from, counts, linked = write(cache)
                progress("write", 2, 3)
                manifest = self._swap_in(made_from, counts, linked)
            except BaseException:
                self._abandon()
                raise
            self._keep(manifest)
            self._clear_up(cache, manifest, prune=prune)
            progress("write", 3, 3)
            return manifest, {"vectors_reused": cache.reused, "vectors_encoded": cache.encoded}
        finally:
            cache.close()

    def _swap_in(
        self, made_from: MadeFrom, counts: Mapping[str, int], linked: Mapping[str, FileFact]
    ) -> Manifest:
        """Flushes the generation, then makes it live by replacing one small file."""
        manifest = self._manifest(counts)
        with writing(self.folder):
            write_made_from(self.folder, made_from)
            manifest = replace(manifest, files=files_of(self.folder, linked))
            write_manifest(self.folder, manifest)
            flush_tree(self.folder)
            flush(self.folder.parent)
        write_manifest(self.settings.embeddings, manifest)
        return manifest

    def _manifest(self, counts: Mapping[str, int]) -> Manifest:
        card = self.encoder.card
        return Manifest(
            format=FORMAT,
            generation=self.id,
            previous=self.live.generation if self.live else None,
            model=ModelFact(
                name=self.settings.model,
                fingerprint=card.fingerprint,
                dimension=card.dimension,
                max_tokens=card.max_tokens,
            ),
            settings=shaping(self.settings),
            code=code_of_program(),
            seeds_manifest=manifest_sha256(self.settings),
            places=tuple(place.name for place in read_list(self.settings).all(self.settings)),
            roots=read_list(self.settings).sha256(),
            vectors=self.encoder.kept_as,
            counts=dict(counts),
            built_at=self.built_at,
            seconds=round(self.elapsed(), 3),
            versions={"askscwru": _version("askscwru")} | {n: _version(n) for n in _LIBRARIES},
        )

    def elapsed(self) -> float:
        """Seconds since the build began."""
        return time.monotonic() - self.began

    def _keep(self, manifest: Manifest) -> None:
        """Says of which generation the store is; without it the next build reads everything."""
        with suppress(StorageError, OSError, TooMuchChangedError):
            seal = json.dumps(seal_of(self.folder, manifest))
            self.store.set_facts({"generation": manifest.generation, "seal": seal})

    def _abandon(self) -> None:
        """Removes the half-made generation; if even that fails, the next build does it."""
        with suppress(OSError):
            remove(self.folder)

    def _clear_up(self, cache: VectorCache, manifest: Manifest, *, prune: bool) -> None:
        """Removes what the new generation replaces; it is live already, so this may fail."""
        with suppress(StorageError):
            if prune:
                cache.prune()
            clear(self.settings.embeddings, manifest)
            _clear_models(self.settings.embeddings, manifest, self.live)


def clear(embeddings: Path, live: Manifest | None) -> None:
    """Removes what killed runs left, and generations and models that nobody can need any more."""
    with writing(embeddings):
        remove_unfinished(embeddings)
        remove_unfinished(models_folder(embeddings))
        remove_unfinished(readers_folder(embeddings))
        kept = {live.generation, live.previous} if live else set()
        kept.add(published(embeddings))  # a server may have been away for the builds since
        generations = generations_folder(embeddings)
        for path in generations.iterdir() if generations.is_dir() else ():
            if _GENERATION.fullmatch(path.name) and path.name not in kept:
                remove(path)


def seal_of(folder: Path, manifest: Manifest) -> dict[str, list[int]]:
    """What the disk tells of every file of a generation: its number, size and time.

    A file that was written to since has another. Raises ``OSError``.
    """
    facts = {name: (folder / name).stat() for name in manifest.files}
    return {name: [f.st_ino, f.st_size, f.st_mtime_ns] for name, f in facts.items()}


def _clear_models(embeddings: Path, manifest: Manifest, before: Manifest | None) -> None:
    """Removes exported models that neither this generation nor the one before it was made with."""
    made_by = {made.model.fingerprint for made in (manifest, before) if made}
    kept = {model_folder(embeddings, fingerprint) for fingerprint in made_by}
    with writing(embeddings):
        models = models_folder(embeddings)
        for path in models.iterdir() if models.is_dir() else ():
            if path not in kept:
                remove(path)


def shaping(settings: Settings) -> dict[str, int]:
    """The settings that shape an index."""
    return {name: getattr(settings, name) for name in _SHAPING}


@cache
def code_of_program() -> str:
    """Hash of the package's offline half: when it changes, the same seeds may give other passages.

    Vectors are cached by content, so that building anew after an upgrade is cheap.
    """
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    shaping = [package / f"{name}.py" for name in _OUTSIDE]
    for wing in ("ingest", "index"):
        shaping += sorted((package / wing).rglob("*.py"))
    # The rules decide what is read as a post just as the code does.
    shaping += sorted((package / "ingest" / "rules").glob("*.toml"))
    for path in shaping:
        digest.update(f"\0{path.relative_to(package)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def program() -> dict[str, str]:
    """What must be the same on every machine that takes part in a build."""
    return {"askscwru": code_of_program()} | {name: _version(name) for name in _LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
