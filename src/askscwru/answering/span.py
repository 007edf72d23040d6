"""The span model: a question and a passage to how well each stretch of it answers.

A fine-tuned all-MiniLM-L6-v2 with three outputs for every word piece: the logits of being the
first and the last one of the answer (Devlin et al., "BERT", NAACL 2019, section 4.3), and one whose
mean over a sentence says whether the sentence answers. Position 0 stands for "not here". The
margins over position 0 compare across passages.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from askscwru.errors import ModelError
from askscwru.index.export import SLOW_FUSIONS
from askscwru.letters import origins, spelled_out

WEIGHTS = Path(__file__).parents[1] / "weights"
"""The folder of the weights that come with the package."""
DESCRIPTION = "reader.json"
TOKENIZER = "tokenizer.json"
SCORING = "scoring.json"
"""The numbers that turn a reader's log-odds into a ranking and a confidence; see ``reader``."""

OUTPUTS = ("start_logits", "end_logits", "evidence_logits")
"""The last one only of a model that was trained on sentences."""

_LONGEST_QUESTION = 64
_STRIDE = 48


@dataclass(frozen=True, slots=True)
class Logits:
    """What the model says of one passage, or of one window of a long one."""

    passage: int
    """Which of the passages read, from 0."""
    offsets: NDArray[np.int64]
    """Shape ``(pieces, 2)``: start and end of each word piece in the passage's text."""
    start: NDArray[np.float32]
    """Shape ``(pieces,)``."""
    end: NDArray[np.float32]
    """Shape ``(pieces,)``."""
    nothing: float
    """The sum of both logits of "not here"."""
    evidence: NDArray[np.float32] | None = None
    """Shape ``(pieces,)``: the mean over a sentence's pieces says whether it answers; None for a
    model that has learnt spans alone."""
    no_evidence: float = 0.0
    """The same of "no sentence of this passage answers"."""


class SpanModel:
    """The packaged reader in ONNX Runtime; safe to use from many threads.

    Every window is run by itself: int8 activations are scaled by all that is run together, so a
    batch would make an answer depend on its neighbours. The windows of one question run side by
    side instead, and one after the other in the caller's thread while other questions are read: the
    cores are busy then, and handing windows over would only cost.
    """

    def __init__(
        self, session: Any, tokenizer: Tokenizer, described: dict[str, Any], threads: int
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._longest = int(described["max_tokens"])
        pair = described["pair"]
        self._before, self._between, self._after = (
            [int(i) for i in pair[place]] for place in ("before", "between", "after")
        )
        self._around = len(self._before) + len(self._between) + len(self._after)
        self._passage_type = int(pair["passage_type"])
        self._inputs = tuple(node.name for node in session.get_inputs())
        given = {node.name for node in session.get_outputs()}
        self._outputs = [name for name in OUTPUTS if name in given]
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None
        self._counting = threading.Lock()
        self._reading = 0

    @classmethod
    def load(cls, folder: Path = WEIGHTS, *, threads: int) -> SpanModel:
        """Opens the weights after comparing their hash with the one beside them.

        Raises:
            ModelError: naming the file that is missing, altered or unusable.
        """
        path = folder / DESCRIPTION
        try:
            described = json.loads(path.read_text(encoding="utf-8"))
            path = folder / described["file"]
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() != described["sha256"]:
                raise ModelError(
                    f"{path} is not the file that {DESCRIPTION} describes.",
                    remedy=_remedy(folder),
                )
            options = _session_options()
            session = onnxruntime.InferenceSession(
                content,
                options,
                providers=["CPUExecutionProvider"],
                disabled_optimizers=list(SLOW_FUSIONS),
            )
            # A reader that was trained on the packaged word pieces needs no file of its own.
            path = folder / TOKENIZER if (folder / TOKENIZER).exists() else WEIGHTS / TOKENIZER
            tokenizer = Tokenizer.from_file(str(path))
            tokenizer.no_padding()
            tokenizer.no_truncation()
            return cls(session, tokenizer, described, threads)
        except ModelError:
            raise
        except Exception as error:  # both libraries raise classes of their own, without a root
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelError(f"{path} cannot be used: {reason}", remedy=_remedy(folder)) from error

    def read(self, question: str, passages: Sequence[str]) -> list[Logits]:
        """The logits of every window of every passage, in order.

        A question longer than 64 word pieces keeps its last ones, where what is asked stands.
        """
        asked = self._tokenizer.encode(_plain(question), add_special_tokens=False).ids
        asked = asked[-_LONGEST_QUESTION:]
        windows = [
            (at, ids, offsets)
            for at, text in enumerate(passages)
            for ids, offsets in self._windows(
                _plain(text), self._longest - len(asked) - self._around
            )
        ]
        with self._workers(len(windows)) as workers:
            if workers is None:
                return [self._run(asked, *window) for window in windows]
            return list(workers.map(lambda window: self._run(asked, *window), windows))

    @contextmanager
    def _workers(self, windows: int) -> Iterator[ThreadPoolExecutor | None]:
        """Who runs so many windows of one question; None for the caller, one after the other."""
        with self._counting:
            self._reading += 1
            alone = self._reading == 1 and self._threads > 1 and windows > 1
            if alone and self._pool is None:
                self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="askscwru-read")
        try:
            yield self._pool if alone else None
        finally:
            with self._counting:
                self._reading -= 1

    def _windows(self, text: str, room: int) -> list[tuple[list[int], list[tuple[int, int]]]]:
        encoded = self._tokenizer.encode(spelled_out(text), add_special_tokens=False)
        ids, offsets = encoded.ids, encoded.offsets
        if (origin := origins(text)) is not None:
            offsets = [(origin[start], origin[max(0, end - 1)] + 1) for start, end in offsets]
        found = []
        for first in range(0, max(1, len(ids)), room - _STRIDE):
            found.append((ids[first : first + room], offsets[first : first + room]))
            if first + room >= len(ids):
                break
        return found

    def _run(
        self, question: list[int], passage: int, ids: list[int], offsets: list[tuple[int, int]]
    ) -> Logits:
        head = [*self._before, *question, *self._between]
        row, shift = [*head, *ids, *self._after], len(head)
        kinds = np.zeros((1, len(row)), dtype=np.int64)
        kinds[0, shift:] = self._passage_type
        known = {
            "input_ids": np.array([row], dtype=np.int64),
            "attention_mask": np.ones((1, len(row)), dtype=np.int64),
            "token_type_ids": kinds,
        }
        feed = {name: known[name] for name in self._inputs}
        start, end, *rest = self._session.run(self._outputs, feed)
        inside = slice(shift, shift + len(ids))
        evidence = np.nan_to_num(rest[0][0], nan=-1e4) if rest else None
        return Logits(
            passage=passage,
            offsets=np.array(offsets, dtype=np.int64).reshape(-1, 2),
            start=np.nan_to_num(start[0, inside], nan=-1e4),
            end=np.nan_to_num(end[0, inside], nan=-1e4),
            nothing=float(np.nan_to_num(start[0, 0] + end[0, 0])),
            evidence=None if evidence is None else evidence[inside],
            no_evidence=0.0 if evidence is None else float(evidence[0]),
        )


def _remedy(folder: Path) -> str:
    if folder.is_relative_to(WEIGHTS):
        return "Install askscwru anew: pip install --force-reinstall askscwru"
    return f"Remove {folder}, so that the reader is exported anew, or export it there once more."


def _plain(text: str) -> str:
    """Half a surrogate pair is no text; it is replaced one for one, so that offsets hold."""
    return "".join("�" if "\ud800" <= c <= "\udfff" else c for c in text)


def _session_options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    return options
