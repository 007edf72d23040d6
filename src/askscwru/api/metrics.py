"""What ``/metrics`` shows, by prometheus-client.

Labels are routes as they are declared, methods, statuses and stages: never a path, a question or a
token. With several processes the numbers of all of them are added up (``shared_metrics``).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from askscwru import __version__
from askscwru.api.shared_metrics import FOLDER, SharedNumbers, Summed
from askscwru.types import Answer

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


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
        self._busy = self._gauge("requests_in_hand", "Questions worked on or waiting.")
        self._ready = self._gauge("ready", "1 when questions can be answered.")
        self._built = Gauge(
            "askscwru_index_info",
            "The generation of the index that answers, as a label.",
            ("generation", "version"),
            registry=self._registry,
        )
        self._shown: str | None = None
        folder = os.environ.get(FOLDER)
        self._shared = SharedNumbers(Path(folder)) if folder else None

    def start(self) -> None:
        """Begins to share the numbers with other processes, where there are several."""
        if self._shared is not None:
            self._shared.start(lambda: generate_latest(self._registry))

    def stop(self) -> None:
        """Ends the sharing."""
        if self._shared is not None:
            self._shared.stop()

    def _times(self, name: str, about: str, label: str) -> Histogram:
        full = f"askscwru_{name}_seconds"
        return Histogram(full, about, (label,), buckets=_SECONDS, registry=self._registry)

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(f"askscwru_{name}", about, registry=self._registry)

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
        own = generate_latest(self._registry)
        if self._shared is None:
            return own
        self._shared.write(own)
        everyone = CollectorRegistry()
        everyone.register(Summed(own, self._shared.others()))
        return generate_latest(everyone)
