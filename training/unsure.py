"""Of the examples drawn, those from which a reader has most to learn.

Most of what is drawn a trained reader gets right surely, and what it gets wrong surely is as often
a label that errs. Between them lie the examples that it is unsure of: an example whose right
sentences have the probability ``p`` is drawn with the weight ``4 p (1 - p) + FLOOR``.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import onnxruntime
import torch

from training.evidence import ASKED_KINDS, BESIDE_KINDS, Row, collate_rows
from training.model import sentence_logits

FLOOR = 0.1
"""The weight of an example that the reader gets right, or wrong, for certain."""
_BATCH = 8


def right_probability(reader: Path, rows: Sequence[Row], pad: int, threads: int) -> list[float]:
    """For each row the probability that a reader gives to the sentences that answer, or to none.

    Args:
        reader: an exported file with an evidence output.
        rows: what it reads.
        pad: the number of the padding token.
        threads: that it reads with; 0 for as many as there are cores.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(reader, options, providers=["CPUExecutionProvider"])
    order = sorted(range(len(rows)), key=lambda n: len(rows[n].input_ids))
    found = [0.0] * len(rows)
    for at in range(0, len(order), _BATCH):
        numbers = order[at : at + _BATCH]
        batch = collate_rows([rows[n] for n in numbers], pad)
        fed = {n: batch[n].numpy() for n in ("input_ids", "attention_mask", "token_type_ids")}
        (evidence,) = session.run(["evidence_logits"], fed)
        answers = batch["answers"]
        logits = sentence_logits(
            torch.from_numpy(evidence), batch["sentence"], answers.shape[1] - 1
        )
        right = (torch.softmax(logits, dim=-1) * answers).sum(dim=-1)
        for number, value in zip(numbers, right.tolist(), strict=True):
            found[number] = value
    return found


def unsure(probabilities: Sequence[float], count: int, seed: int) -> list[int]:
    """The numbers of ``count`` examples, in rising order, drawn without putting back.

    An example is drawn in proportion to its weight: the ``count`` largest of ``u ** (1 / w)``
    (Efraimidis and Spirakis, 2006).

    Args:
        probabilities: what the reader gives to what is right, of each example.
        count: how many are wanted; all where there are no more.
        seed: of the draw.
    """
    rng = random.Random(seed)
    keys = [rng.random() ** (1 / (4 * p * (1 - p) + FLOOR)) for p in probabilities]
    return sorted(sorted(range(len(keys)), key=lambda n: -keys[n])[:count])


def chosen(
    rows: Sequence[Row], reader: Path, count: int, pad: int, seed: int, threads: int, kept: Path
) -> list[Row]:
    """The rows that a run is to see; ``kept`` remembers them for when it is continued.

    Those of ``written_beside`` and ``written_asked`` are all among them, beside the ``count`` that
    are chosen: what they ask a reader gets wrong for certain.
    """
    if not kept.exists():
        always = ASKED_KINDS.union(BESIDE_KINDS)
        taken = [n for n, row in enumerate(rows) if row.kind in always]
        others = [n for n, row in enumerate(rows) if row.kind not in always]
        probabilities = right_probability(reader, [rows[n] for n in others], pad, threads)
        picked = [others[n] for n in unsure(probabilities, count, seed)]
        kept.write_text(json.dumps(sorted([*taken, *picked])))
    return [rows[n] for n in json.loads(kept.read_text())]
