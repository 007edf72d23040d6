"""What ``/metrics`` shows, by prometheus-client.

Labels are routes as they are declared, methods, statuses and stages: never a path, a question or a
token. With several processes the numbers of all of them are added up through files in the folder
that ``PROMETHEUS_MULTIPROC_DIR`` names; ``serve`` makes one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Literal

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from askscwru import __version__
from askscwru.types import Answer

CONTENT_TYPE = CONTENT_TYPE_LATEST
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


Mode = Literal["mostrecent", "livesum"]


class Metrics:
    """The counts of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "askscwru_http_requests_total",
            "Requests, by route, method and status.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self.duration = self._times(
            "http_request", "From a request's headers to the end of its response.", "route"
        )
        self._stages = self._times("stage", "Time of each stage of an answer.", "stage")
        self._answers = Counter(
            "askscwru_answers_total",
            "Questions that were answered, and abstentions.",
            ("answered",),
            registry=self._registry,
        )
        self._unkept = Counter(
            "askscwru_unkept_turns_total",
            "Answers whose turn could not be kept, or whose conversation could not be read.",
            registry=self._registry,
        )
        self._refused = self._gauge("index_refused", "New indexes that were unsound.")
        self._busy = self._gauge("requests_in_hand", "Questions worked on or waiting.", "livesum")
        self._ready = self._gauge("ready", "1 when questions can be answered.")
        self._built = Gauge(
            "askscwru_index_info",
            "The generation of the index that answers, as a label.",
            ("generation", "version"),
            registry=self._registry,
            multiprocess_mode="mostrecent",
        )
        self._shown: str | None = None

    def _times(self, name: str, about: str, label: str) -> Histogram:
        full = f"askscwru_{name}_seconds"
        return Histogram(full, about, (label,), buckets=_SECONDS, registry=self._registry)

    def _gauge(self, name: str, about: str, mode: Mode = "mostrecent") -> Gauge:
        """A number of the process; of several, the newest or the sum of those that live."""
        full = f"askscwru_{name}"
        return Gauge(full, about, registry=self._registry, multiprocess_mode=mode)

    def count(self, answer: Answer) -> None:
        """Takes note of an answer."""
        self._answers.labels("true" if answer.answered else "false").inc()
        for stage, took in answer.timings_ms.items():
            self._stages.labels(stage).observe(took / 1000)
        if answer.notes:
            self._unkept.inc()

    def page(self, state: Callable[[], tuple[bool, str | None, int, int]]) -> bytes:
        """The page, in prometheus's text format.

        Args:
            state: ready, generation, refused indexes and requests in hand, as they are now.
        """
        ready, generation, refused, busy = state()
        self._ready.set(int(ready))
        self._refused.set(refused)
        self._busy.set(busy)
        if self._shown not in (None, generation):
            self._built.labels(self._shown, __version__).set(0)
        if generation is not None:
            self._built.labels(generation, __version__).set(1)
            self._shown = generation
        if os.environ.get(MULTIPROCESS):
            everyone = CollectorRegistry()
            MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
            return generate_latest(everyone)
        return generate_latest(self._registry)
