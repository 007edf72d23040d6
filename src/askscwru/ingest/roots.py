"""The list of sources: the seeds folder, and every other place that was added to it.

The packaged pages are an example: they leave the list when the first place of one's own is added,
and come back with ``sources add seeds``. Any other seeds folder stays.

It is kept in ``embeddings/sources.json``, where no build touches it::

    {"seeds": true, "places": [{"name": "my-blog", "path": "/home/ann/my-blog"}]}
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from askscwru.errors import NotFoundError, SeedsError, UsageError
from askscwru.files import write_whole, writing
from askscwru.settings import PACKAGED_SEEDS, Settings

SOURCES = "sources.json"
SEEDS = "seeds"
"""The name under which the seeds folder itself is listed, removed and added again."""

_UNFIT = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Root:
    """A file or folder that posts are read from."""

    name: str
    """What the names of its sources begin with; empty for the seeds folder."""
    path: Path

    @property
    def shown(self) -> str:
        """The name by which users speak of it."""
        return self.name or SEEDS


@dataclass(frozen=True, slots=True)
class SourceList:
    """What is read: the seeds folder, unless it was removed, and the places that were added."""

    seeds: bool = True
    places: tuple[Root, ...] = ()

    def all(self, settings: Settings) -> list[Root]:
        """Every place in the order in which it is read."""
        first = [Root("", settings.seeds)] if self.seeds else []
        return [*first, *self.places]

    def sha256(self) -> str:
        """Tells whether the list has changed; empty for the seeds folder alone."""
        if self == SourceList():
            return ""
        return hashlib.sha256(_dump(self)).hexdigest()


def read_list(settings: Settings) -> SourceList:
    """The list; that of the seeds folder alone where none was kept.

    Raises:
        SeedsError: it cannot be read, or is not ours.
    """
    path = settings.embeddings / SOURCES
    try:
        return _parse(json.loads(path.read_bytes()))
    except (FileNotFoundError, NotADirectoryError):
        return SourceList()
    except OSError as error:
        raise SeedsError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SeedsError(
            f"{path} is damaged or not askscwru's.",
            remedy="Remove it, and add your sources again with `askscwru sources add PATH`.",
        ) from error


def write_list(settings: Settings, listed: SourceList) -> None:
    """Keeps the list; raises ``StorageError``."""
    with writing(settings.embeddings):
        settings.embeddings.mkdir(parents=True, exist_ok=True)
        write_whole(settings.embeddings / SOURCES, _dump(listed))


def added(listed: SourceList, path: Path, settings: Settings) -> tuple[SourceList, Root]:
    """The list with one more place; the same list where it was there already.

    The first place of one's own takes the place of the packaged pages.

    Raises:
        UsageError: there is nothing at the path, or it holds the index itself.
    """
    if str(path) == SEEDS and not path.exists():
        return replace(listed, seeds=True), Root("", settings.seeds)
    if not path.exists():
        raise UsageError(
            f"There is no file or folder {path}.",
            remedy="Name an export, a feed, a saved page, a folder or an archive of them.",
            param="path",
        )
    resolved = path.resolve()
    if resolved == settings.seeds.resolve():
        return replace(listed, seeds=True), Root("", settings.seeds)
    if resolved.is_relative_to(settings.embeddings.resolve()):
        raise UsageError(
            f"{path} is in the folder of the index ({settings.embeddings}).",
            remedy="Name the folder of your posts, or another one for the index: --embeddings.",
            param="path",
        )
    for place in listed.places:
        if place.path == resolved:
            return listed, place
        if resolved.is_relative_to(place.path):
            raise UsageError(
                f"{path} lies in {place.path}, which is a source already.", param="path"
            )
    place = Root(_free_name(resolved, listed, settings), resolved)
    kept = [other for other in listed.places if not other.path.is_relative_to(resolved)]
    seeds = listed.seeds and not (listed == SourceList() and settings.seeds == PACKAGED_SEEDS)
    return SourceList(seeds, (*kept, place)), place


def removed(listed: SourceList, which: str, settings: Settings) -> tuple[SourceList, Root]:
    """The list without one place, named by its name or by its path.

    Raises:
        NotFoundError: it is not in the list.
    """
    path = Path(which).resolve()
    if listed.seeds and (which == SEEDS or path == settings.seeds.resolve()):
        return replace(listed, seeds=False), Root("", settings.seeds)
    for place in listed.places:
        if which == place.name or path == place.path:
            rest = tuple(other for other in listed.places if other != place)
            return replace(listed, places=rest), place
    raise NotFoundError(
        f"“{which}” is not in the list of sources.",
        remedy="`askscwru sources` shows the list.",
        param="path",
    )


def _free_name(path: Path, listed: SourceList, settings: Settings) -> str:
    taken = {place.name for place in listed.places} | {SEEDS}
    base = _UNFIT.sub("-", path.name).strip("-.") or "source"
    name, number = base, 2
    while name in taken or (settings.seeds / name).exists():
        stem, dot, suffix = base.rpartition(".") if path.is_file() else (base, "", "")
        name = f"{stem or base}-{number}{dot}{suffix if stem else ''}"
        number += 1
    return name


def _dump(listed: SourceList) -> bytes:
    places = [{"name": place.name, "path": str(place.path)} for place in listed.places]
    told = {"seeds": listed.seeds, "places": places}
    return json.dumps(told, ensure_ascii=True, indent=1).encode() + b"\n"


def _parse(told: Any) -> SourceList:
    places = tuple(Root(str(place["name"]), Path(place["path"])) for place in told["places"])
    if not isinstance(told["seeds"], bool) or any(not place.name for place in places):
        raise ValueError("not a list of sources")
    return SourceList(told["seeds"], places)
