"""What an earlier index holds of files that are out of reach now.

A disk that is not mounted looks like a folder that is gone, or like an empty one. Its posts are not
taken out of the index for that: only a file that is missing from a folder which can be read, and
which still holds something, was taken away by somebody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from askscwru.ingest.found import Earlier, Skipped, SourceFile
from askscwru.ingest.roots import Root, read_list
from askscwru.settings import Settings

Belongs = Callable[[str], bool]
"""Whether a file of that name is, or was, read from a place."""


def out_of_reach(
    settings: Settings,
    files: Sequence[SourceFile],
    skipped: Sequence[Skipped],
    earlier: Earlier,
) -> tuple[list[SourceFile], list[Skipped]]:
    """The files that are kept as they were read before, and the skips, which now count them.

    Args:
        settings: say where the list of sources is.
        files: what can be read now.
        skipped: what cannot.
        earlier: what could be read before.
    """
    found = {file.name for file in files}
    moved = {file.sha256 for file in files}
    left = [
        name for name, digest in earlier.inputs.items() if name not in found and digest not in moved
    ]
    places = read_list(settings).all(settings)
    named = {*earlier.places, *(place.name for place in places)}
    kept: list[SourceFile] = []
    told = list(skipped)
    for place in places:
        belongs = _belonging(place, earlier, named)
        own = [name for name in left if belongs(name)]
        for position, names in _lost(place, own, any(map(belongs, found)), told, belongs):
            told[position] = replace(told[position], kept=len(names))
            kept += [_file(place, name, earlier.inputs[name]) for name in names]
    return kept, told


def _lost(
    place: Root, names: Sequence[str], here: bool, told: list[Skipped], belongs: Belongs
) -> Iterator[tuple[int, Sequence[str]]]:
    """The files of a place that are out of reach, with the position of the skip that says so.

    Of a place in which nothing is found they are all, and one skip says so.
    """
    if not names:
        return
    own = [skip for skip in told if skip.name == place.shown or belongs(skip.name)]
    if not here and all(skip.out_of_reach for skip in own):
        reason = f"{place.path} is {'empty' if place.path.exists() else 'not there'}"
        told[:] = [skip for skip in told if skip not in own]
        told.append(Skipped(place.shown, own[0].reason if own else reason, out_of_reach=True))
        yield len(told) - 1, names
        return
    for position, skip in enumerate(list(told)):
        under = [name for name in names if _under(name, skip.name)] if skip.out_of_reach else []
        if under:
            yield position, under


def _belonging(place: Root, earlier: Earlier, named: set[str]) -> Belongs:
    if place.name:
        return lambda name: _under(name, place.name)
    if "" not in earlier.places:
        return lambda _: False
    return lambda name: not any(_under(name, other) for other in named if other)


def _under(name: str, place: str) -> bool:
    return name == place or name.startswith(f"{place}/")


def _file(place: Root, name: str, digest: str) -> SourceFile:
    if name == place.name:
        return SourceFile(name, place.path, digest)
    inside = name[len(place.name) + 1 :] if place.name else name
    return SourceFile(name, place.path / inside, digest)
