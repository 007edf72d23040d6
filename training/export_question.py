"""The packaged encoder with the corrections for questions: ``python -m training.export_question``.

``python -m training.export_question --corrections corrections.pt`` writes ``encoder-question.onnx``
into ``src/askscwru/weights/`` and its hash into ``encoder.json``. The graph is that of
``encoder.onnx``, whose weights stay where they are published; beside each product with one of them
stand the two thin ones that ``training.question_encoder`` has learnt, and are added.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from askscwru.index.encoder import GRAPH, QUESTION, Encoder, FileFact, read_card, write_card
from askscwru.settings import PACKAGED_WEIGHTS

_COMPARED = (
    "How many people use Shared Lives?",
    "who looks after those who look after somebody",
    "What does the council owe a carer?",
)


def corrected(
    graph: onnx.ModelProto, corrections: Mapping[str, NDArray[np.float32]], share: float
) -> onnx.ModelProto:
    """The graph with corrections.

    Args:
        graph: of the encoder; it is changed.
        corrections: for the layer NAME, ``NAME.down`` of shape (rank, inputs) and ``NAME.up`` of
            shape (outputs, rank).
        share: of them that is added.

    Raises:
        ValueError: the graph has no such layer.
    """
    left = {name.rpartition(".")[0] for name in corrections}
    nodes: list[Any] = []
    for node in graph.graph.node:
        nodes.append(node)
        layer = _layer(node.name)
        if layer not in left:
            continue
        left.remove(layer)
        given, result = node.input[0], node.output[0]
        node.output[0] = f"{layer}.plain"
        for part, values in (
            ("down", corrections[f"{layer}.down"].T),
            ("up", share * corrections[f"{layer}.up"].T),
        ):
            kept = np.ascontiguousarray(values, dtype=np.float32)
            graph.graph.initializer.append(numpy_helper.from_array(kept, f"{layer}.{part}"))
        nodes += [
            helper.make_node("MatMul", [given, f"{layer}.down"], [f"{layer}.thin"]),
            helper.make_node("MatMul", [f"{layer}.thin", f"{layer}.up"], [f"{layer}.moved"]),
            helper.make_node("Add", [f"{layer}.plain", f"{layer}.moved"], [result]),
        ]
    if left:
        raise ValueError(f"the graph has no {sorted(left)}")
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)
    return graph


def _layer(name: str) -> str:
    """The layer that a product's node is named for: ``encoder.layer.0.output.dense``."""
    parts = name.strip("/").split("/")
    if "encoder" not in parts or parts[-1] != "MatMul":
        return ""
    return ".".join(parts[parts.index("encoder") : -1])


def main() -> None:
    """Writes the graph and the card, and says how far the corrections move a question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corrections", type=Path, required=True)
    parser.add_argument("--share", type=float, default=1.0, help="of the corrections")
    args = parser.parse_args()
    into = PACKAGED_WEIGHTS
    learnt = torch.load(args.corrections, weights_only=True)
    plain = onnx.load(str(into / GRAPH), load_external_data=False)
    graph = corrected(plain, {name: part.numpy() for name, part in learnt.items()}, args.share)
    (into / QUESTION).write_bytes(graph.SerializeToString())
    card = read_card(into)
    write_card(into, replace(card, files={**card.files, QUESTION: FileFact.of(into / QUESTION)}))
    before = Encoder.load(into, threads=1).encode(_COMPARED)
    after = Encoder.for_questions(into, threads=1).encode(_COMPARED)
    least = float(np.sum(before * after, axis=1).min())
    size = (into / QUESTION).stat().st_size
    print(f"{into / QUESTION}: {size:,} bytes; least cosine to the plain vector {least:.4f}")


if __name__ == "__main__":
    main()
