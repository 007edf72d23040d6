"""The floors under the figures: ``floors.toml`` beside the sets.

A floor is a measured figure less its interval: the lower end of the 95 % interval (the upper end
for figures of which less is better). It is broken only by what chance does not explain.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from askscwru.errors import SetError, StorageError
from askscwru.evaluate.figures import FIGURES, Better, Measured, figures_of, measure
from askscwru.evaluate.runs import SetRun

FLOORS = "floors.toml"
_SIDES = {"at_least": Better.MORE, "at_most": Better.LESS}
_HEAD = """\
# What `askscwru eval` must reach; it ends with exit code 4 where a figure does not.
# Each is the figure as measured less its interval: the lower end of the 95 % bootstrap interval, or
# the upper end where less is better. `askscwru eval --write-floors` writes this file anew.
"""

Floors = Mapping[str, Mapping[str, float]]
"""For each set the floor of each figure; whether it is a floor or a ceiling says the figure."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A floor that was not reached."""

    set_name: str
    measured: Measured
    floor: float

    def __str__(self) -> str:
        side = "above" if self.measured.figure.better is Better.LESS else "below"
        return (
            f"{self.set_name}: {self.measured.figure.label} is {self.measured.value:.3f},"
            f" {side} its floor {self.floor:.3f}"
        )


def read_floors(path: Path) -> Floors:
    """The floors; none where there is no such file.

    Raises:
        SetError: it is no TOML, or names a figure that there is not.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SetError(f"{path} cannot be read: {error}.") from error
    return {name: _floors_of(path, name, sides) for name, sides in table.items()}


def _floors_of(path: Path, name: str, sides: Any) -> dict[str, float]:
    known = {figure.name: figure for figures in FIGURES.values() for figure in figures}
    found: dict[str, float] = {}
    if not isinstance(sides, dict):
        raise SetError(f"{path}: [{name}] is not a table.")
    for side, values in sides.items():
        if side not in _SIDES or not isinstance(values, dict):
            raise SetError(
                f"{path}: [{name}.{side}] must be [{name}.at_least] or [{name}.at_most]."
            )
        for figure, value in values.items():
            if figure not in known or known[figure].better is not _SIDES[side]:
                raise SetError(f"{path}: [{name}.{side}] has no figure “{figure}”.")
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise SetError(f"{path}: [{name}.{side}] “{figure}” must be a number.")
            found[figure] = float(value)
    return found


def applies(run: SetRun) -> bool:
    """Whether floors are meant for this run: the program itself, on every item of the set."""
    return run.control is None and run.whole


def broken(run: SetRun, floors: Mapping[str, float]) -> list[Broken]:
    """The floors that a run does not reach; a figure that cannot be told reaches none."""
    figures = [figure for figure in figures_of(run) if figure.name in floors]
    found = []
    for measured in measure(run.records, figures, intervals=False):
        floor = floors[measured.figure.name]
        less = measured.figure.better is Better.LESS
        reached = measured.value <= floor + 1e-9 if less else measured.value >= floor - 1e-9
        if not reached:
            found.append(Broken(run.name, measured, floor))
    return found


def write_floors(path: Path, runs: Sequence[SetRun]) -> None:
    """Replaces the floors of the sets that were run; those of other sets stay.

    Raises:
        StorageError: the file cannot be written.
        SetError: the file that is there is malformed.
    """
    floors = {name: dict(values) for name, values in read_floors(path).items()}
    for run in runs:
        floors[run.name] = {
            measured.figure.name: _floor(measured)
            for measured in measure(run.records, [f for f in figures_of(run) if f.floor])
            if not math.isnan(measured.value)
        }
    try:
        path.write_text(_HEAD + "".join(_section(*item) for item in floors.items()), "utf-8")
    except OSError as error:
        raise StorageError(f"Cannot write {path}: {error.strerror}.") from error


def _floor(measured: Measured) -> float:
    if measured.figure.better is Better.LESS:
        return math.ceil(measured.high * 1000 - 1e-6) / 1000
    return math.floor(measured.low * 1000 + 1e-6) / 1000


def _section(name: str, floors: Mapping[str, float]) -> str:
    directions = {f.name: f.better for figures in FIGURES.values() for f in figures}
    text = ""
    for side, better in _SIDES.items():
        lines = [f'"{n}" = {v:.3f}\n' for n, v in floors.items() if directions[n] is better]
        if lines:
            text += f"\n[{json.dumps(name)}.{side}]\n" + "".join(lines)
    return text
