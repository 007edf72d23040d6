"""The numbers of several worker processes, added up.

Each writes its own into a file of its own, about once a second and whole or not at all; whoever is
asked adds up what there is. Nothing is mapped into memory: where the folder is removed, cut short
or on a full disk, numbers of others are missing for a while, and nobody is killed for it (a mapped
file that has lost its disk ends the process that touches it).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from askscwru.files import write_whole

FOLDER = "ASKSCWRU_METRICS_FOLDER"
"""The environment's name for the folder; ``serve`` makes one where there are several processes."""
SECONDS = 1.0
_SUFFIX = ".prom"
_ENDED = 16
"""Of so many processes that have ended the counts are kept; the oldest make room."""
_SUMMED = frozenset({"counter", "histogram"})
_SUMMED_GAUGES = frozenset({"askscwru_requests_in_hand"})


class SharedNumbers:
    """One process's place among the others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stopped = threading.Event()
        self._own = folder / f"{os.getpid()}{_SUFFIX}"

    def start(self, page: Callable[[], bytes]) -> None:
        """Goes on writing what ``page`` gives, in a thread of its own."""

        def write() -> None:
            while not self._stopped.wait(SECONDS):
                self.write(page())

        threading.Thread(target=write, name="askscwru-numbers", daemon=True).start()

    def stop(self) -> None:
        """Ends the writing."""
        self._stopped.set()

    def write(self, page: bytes) -> None:
        """Writes this process's numbers, where that can be done."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._own, page)

    def others(self) -> Iterator[tuple[str, bool]]:
        """The numbers of every other process, and whether it still lives."""
        ended: list[Path] = []
        for path in self._files():
            if path == self._own:
                continue
            alive = _lives(path.stem)
            if not alive:
                ended.append(path)
            with suppress(OSError, UnicodeDecodeError):
                yield path.read_text(encoding="utf-8"), alive
        for path in ended[:-_ENDED]:
            with suppress(OSError):
                path.unlink()

    def _files(self) -> list[Path]:
        """The oldest first."""
        found = []
        with suppress(OSError):
            for path in self._folder.glob(f"*{_SUFFIX}"):
                with suppress(OSError):
                    found.append((path.stat().st_mtime, path))
        return [path for _, path in sorted(found)]


class Summed(Collector):
    """The numbers of this process with those of the others."""

    def __init__(self, own: bytes, others: Iterator[tuple[str, bool]]) -> None:
        self._own = own.decode()
        self._others = list(others)

    def collect(self) -> Iterator[Metric]:
        """Counts are summed over all, what is in hand over those that live; the rest is ours."""
        families = {family.name: family for family in _families(self._own)}
        for text, alive in self._others:
            for family in _families(text):
                gauge = family.name in _SUMMED_GAUGES and alive
                if family.type in _SUMMED or gauge:
                    _add(families.setdefault(family.name, _empty(family)), family)
        yield from families.values()


def _families(text: str) -> Iterator[Metric]:
    """What a page holds; nothing of a page that is damaged, and no times of creation."""
    try:
        found = list(text_string_to_metric_families(text))
    except ValueError:
        return
    yield from (family for family in found if not family.name.endswith("_created"))


def _empty(family: Metric) -> Metric:
    return Metric(family.name, family.documentation, family.type)


def _add(to: Metric, family: Metric) -> None:
    values = {(sample.name, *sorted(sample.labels.items())): sample for sample in to.samples}
    for sample in family.samples:
        key = (sample.name, *sorted(sample.labels.items()))
        known = values.get(key)
        value = sample.value + (known.value if known else 0.0)
        values[key] = sample._replace(value=value)
    to.samples = list(values.values())


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # it is there, and somebody else's
    return True
