"""A question-answering model -> a folder that ``span`` can run.

Any model in the layout of transformers' ``AutoModelForQuestionAnswering`` can take the place of the
packaged reader: the setting ``reader`` names it. It is exported once, in a child process (see
``export``), to ``embeddings/readers/<fingerprint>``, in full precision.

A ``scoring.json`` beside its weights is taken with it. Without one its scores are turned into a
confidence by the numbers of the packaged reader, which were fitted for that one alone: fit its own
with ``training/fit_scoring.py``.
"""

from __future__ import annotations

import json
import shutil
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from askscwru.answering.span import DESCRIPTION, SCORING, TOKENIZER, WEIGHTS, SpanModel
from askscwru.errors import ModelError
from askscwru.files import sha256_of, writing
from askscwru.index.export import (
    child_main,
    fingerprint_of,
    importing,
    made_whole,
    on_this_machine,
    readers_folder,
    run_child,
    scratch,
    trace,
    write_tokenizer,
)
from askscwru.settings import PACKAGED_READER, Settings
from askscwru.types import Progress

GRAPH = "reader.onnx"
LONGEST = 512
"""Word pieces: a window is never longer, whatever the model could take."""
AGREEMENT = 1e-3
"""The largest difference of the exported model's logits from its own."""

_CHECKED = (
    ("Who keeps bees?", "Ann Lee has kept bees in Leeds since 1998. She sells the honey."),
    ("Quand – 東京?", "Naïve café “Schrödinger” 東京 🙂 4,000 £1.5m"),
)


def ensure_reader(settings: Settings, progress: Progress) -> Path:
    """The folder of the reader that the setting ``reader`` stands for; exported first, if need be.

    Raises:
        ModelError: it is not on this machine, or is no question-answering model.
        StorageError: the folder cannot be written.
    """
    if settings.reader == PACKAGED_READER:
        return WEIGHTS
    source = on_this_machine(settings.reader)
    if source is None:
        raise ModelError(
            f"The reader {settings.reader} is not on this machine.",
            remedy=f"Run `hf download {settings.reader}`, or give the path of a "
            "question-answering model.",
        )
    if (source / DESCRIPTION).is_file():
        return source
    fingerprint = fingerprint_of(source)
    folder = readers_folder(settings.embeddings) / fingerprint
    if _is_sound(folder):
        return folder
    progress("model", 0, 1)
    with writing(settings.embeddings), made_whole(folder) as aside:
        _export_in_child(source, aside, settings, fingerprint)
    progress("model", 1, 1)
    return folder


def _export_in_child(source: Path, aside: Path, settings: Settings, fingerprint: str) -> None:
    command = ["askscwru.answering.export_reader", str(source.resolve()), str(aside.resolve())]
    command += ["--name", settings.reader, "--fingerprint", fingerprint]
    command += ["--threads", str(settings.threads)]
    run_child(
        command,
        aside / "export.log",
        settings.threads,
        lambda reason: ModelError(
            f"The reader {settings.reader} cannot be used: {reason}.",
            remedy="Choose a question-answering model for text with ASKSCWRU_READER.",
        ),
    )


def _is_sound(folder: Path) -> bool:
    try:
        described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        return bool(sha256_of(folder / described["file"]) == described["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


# ---- what follows runs in the child --------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Exports one reader; on failure the last line printed is an object with the reason."""
    return child_main("askscwru.answering.export_reader", _export, arguments)


def _export(source: Path, into: Path, name: str, fingerprint: str, threads: int) -> None:
    warnings.simplefilter("ignore")
    with importing():
        import torch
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer
    torch.set_num_threads(threads)
    tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=True)
    model, report = AutoModelForQuestionAnswering.from_pretrained(
        source,
        local_files_only=True,
        output_loading_info=True,
        attn_implementation="eager",
        dtype=torch.float32,
    )
    # transformers fills a head that is not there with random numbers, and only warns.
    if report["missing_keys"]:
        raise ModelError("it has no weights for finding answers")
    backend = write_tokenizer(tokenizer, into / TOKENIZER)
    takes_types = "token_type_ids" in tokenizer.model_input_names
    with scratch(into):  # nothing is put there, but a full disk gets its name
        _write_graph(model.eval(), into / GRAPH, takes_types)
    limits = (tokenizer.model_max_length, _positions(model.config), LONGEST)
    described = {
        "name": name,
        "fingerprint": fingerprint,
        "file": GRAPH,
        "sha256": sha256_of(into / GRAPH),
        "bytes": (into / GRAPH).stat().st_size,
        "max_tokens": int(min(limits)),
        "pair": _pair(backend, tokenizer.cls_token_id),
        "no_answer_position": 0,
    }
    (into / DESCRIPTION).write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    if (source / SCORING).is_file():
        shutil.copyfile(source / SCORING, into / SCORING)
    _check_agreement(model, tokenizer, SpanModel.load(into, threads=threads))


def _positions(config: Any) -> int:
    """How many word pieces the model tells places for; RoBERTa keeps the first two for padding."""
    most = int(getattr(config, "max_position_embeddings", 0) or LONGEST)
    offset = (config.pad_token_id or 0) + 1 if "roberta" in config.model_type else 0
    return most - offset


def _pair(backend: Any, first: int | None) -> dict[str, Any]:
    """What stands before, between and after a question and a passage, told by an example."""
    encoded = backend.encode("a", "b")
    ids, which, types = encoded.ids, encoded.sequence_ids, encoded.type_ids
    question = [i for i, part in enumerate(which) if part == 0]
    passage = [i for i, part in enumerate(which) if part == 1]
    if not (question and passage and question[-1] < passage[0]):
        raise ModelError("its tokenizer does not put a passage behind a question")
    if question[0] == 0 or ids[0] != first:
        raise ModelError("it has no place for “not here” before the question")
    return {
        "before": ids[: question[0]],
        "between": ids[question[-1] + 1 : passage[0]],
        "after": ids[passage[-1] + 1 :],
        "passage_type": types[passage[0]],
    }


def _write_graph(model: Any, path: Path, takes_types: bool) -> None:
    import torch

    def logits(values: dict[str, Any]) -> tuple[Any, Any]:
        out = model(**values)
        return out.start_logits, out.end_logits

    ids = torch.full((2, 9), 1, dtype=torch.int64)
    values = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if takes_types:
        values["token_type_ids"] = torch.zeros_like(ids)
    axes = {0: "batch", 1: "length"}
    trace(model, logits, values, {"start_logits": axes, "end_logits": axes}, path)


def _check_agreement(model: Any, tokenizer: Any, exported: SpanModel) -> None:
    import torch

    for question, passage in _CHECKED:
        encoded = tokenizer(question, passage, return_tensors="pt")
        with torch.no_grad():
            out = model(**encoded)
        inside = [i for i, part in enumerate(encoded.sequence_ids(0)) if part == 1]
        (window,) = exported.read(question, [passage])
        nothing = float(out.start_logits[0, 0] + out.end_logits[0, 0])
        worst = max(
            float(np.abs(out.start_logits[0, inside].numpy() - window.start).max()),
            float(np.abs(out.end_logits[0, inside].numpy() - window.end).max()),
            abs(nothing - window.nothing),
        )
        if not worst <= AGREEMENT:  # a NaN fails too
            raise ModelError(f"its exported form disagrees with it (by {worst:.4f})")


if __name__ == "__main__":
    sys.exit(main())
