"""Export the second, larger reader: ``python -m training.export_second``.

``--weights FILE --base DIR --out DIR`` writes ``reader-float32.onnx``, ``reader-int8.onnx`` and
``reader.json``. The layers are in eight bits, as the first reader's are; the word vectors, a third
of the weights of which a question needs some hundred rows, in four.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

from training.data import Encoder
from training.evaluate import load_reader, onnx_forward
from training.export import description, export_float, latency
from training.model import Reader

LARGEST = 73_400_320
"""Bytes that the file may have: 70 MiB."""
MAX_TOKENS = 256
BLOCK = 64
"""How many numbers of a word vector share a scale."""
PACKED, SCALES = "words/packed", "words/scales"
"""Under what names the file holds the word vectors."""
_REACHES = (7.0, 7.5, 8.0)
"""How many steps the largest number of a block may be; which of them errs least is taken."""


def packed(matrix: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    """A matrix in four bits a number.

    Args:
        matrix: shape ``(rows, width)``; the width is a multiple of twice ``BLOCK``.

    Returns:
        Shape ``(rows, width / 2)``: the numbers of the first half of a row in the lower four bits,
        those of the second in the upper ones, each eight more than it stands for. And the scales,
        shape ``(rows, width / BLOCK)``: number × scale is nearest to what it was. What was packed
        before is packed into the same again.
    """
    rows, width = matrix.shape
    blocks = matrix.reshape(rows, width // BLOCK, BLOCK)
    largest = np.abs(blocks).max(axis=-1, keepdims=True)
    error = np.full(largest.shape, np.inf, dtype=np.float32)
    scale = np.zeros(largest.shape, dtype=np.float16)
    steps = np.zeros(blocks.shape, dtype=np.float32)
    for reach in _REACHES:
        tried = np.maximum(largest / reach, 1e-7).astype(np.float16)
        taken = np.clip(np.rint(blocks / tried.astype(np.float32)), -8, 7)
        off = np.square(taken * tried.astype(np.float32) - blocks).sum(axis=-1, keepdims=True)
        better = off < error
        error = np.where(better, off, error)
        scale, steps = np.where(better, tried, scale), np.where(better, taken, steps)
    steps = (steps + 8).reshape(rows, width).astype(np.uint8)
    lower, upper = steps[:, : width // 2], steps[:, width // 2 :]
    return lower | (upper << 4), scale[..., 0]


def unpacked(words: NDArray[np.uint8], scales: NDArray[np.float16]) -> NDArray[np.float32]:
    """What a matrix is taken for that was ``packed``."""
    steps = np.concatenate([words & 15, words >> 4], axis=1).astype(np.float32) - 8
    return steps * np.repeat(scales.astype(np.float32), BLOCK, axis=1)


def pack_words(graph: onnx.GraphProto) -> None:
    """Replace the look-up of word vectors, the graph's largest, by one in the packed matrix."""
    held = {tensor.name: tensor for tensor in graph.initializer}
    gathers = [n for n in graph.node if n.op_type == "Gather" and n.input[0] in held]
    node = max(gathers, key=lambda n: int(np.prod(held[n.input[0]].dims)))
    matrix = numpy_helper.to_array(held[node.input[0]])
    words, scales = packed(matrix)
    width = matrix.shape[1]
    constants = {
        PACKED: words,
        SCALES: scales,
        "words/sixteen": np.array(16, dtype=np.float32),
        "words/eight": np.array(8, dtype=np.float32),
        "words/blocked": np.array([0, 0, width // BLOCK, BLOCK]),
        "words/last": np.array([-1]),
        "words/flat": np.array([0, 0, width]),
    }

    def made(kind: str, inputs: list[str], output: str, **attributes: Any) -> onnx.NodeProto:
        return helper.make_node(kind, inputs, [output], name=output, **attributes)

    ids = node.input[1]
    lookup = [
        made("Gather", [PACKED, ids], "words/bytes"),
        made("Cast", ["words/bytes"], "words/number", to=TensorProto.FLOAT),
        made("Div", ["words/number", "words/sixteen"], "words/sixteenth"),
        made("Floor", ["words/sixteenth"], "words/upper"),
        made("Mul", ["words/upper", "words/sixteen"], "words/upper_part"),
        made("Sub", ["words/number", "words/upper_part"], "words/lower"),
        made("Concat", ["words/lower", "words/upper"], "words/both", axis=-1),
        made("Sub", ["words/both", "words/eight"], "words/steps"),
        made("Reshape", ["words/steps", "words/blocked"], "words/blocks"),
        made("Gather", [SCALES, ids], "words/scale_half"),
        made("Cast", ["words/scale_half"], "words/scale_flat", to=TensorProto.FLOAT),
        made("Unsqueeze", ["words/scale_flat", "words/last"], "words/scale"),
        made("Mul", ["words/blocks", "words/scale"], "words/vectors"),
        made("Reshape", ["words/vectors", "words/flat"], node.output[0]),
    ]
    at = list(graph.node).index(node)
    nodes = [*graph.node[:at], *lookup, *graph.node[at + 1 :]]
    kept = [tensor for tensor in graph.initializer if tensor.name != node.input[0]]
    kept += [numpy_helper.from_array(value, name) for name, value in constants.items()]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)


def quantise(source: Path, target: Path) -> None:
    """Write the network with its layers in eight bits and its word vectors in four."""
    with tempfile.TemporaryDirectory() as folder:
        prepared, small = Path(folder) / "prepared.onnx", Path(folder) / "small.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        graph = onnx.load(str(prepared)).graph
        products = [n.name for n in graph.node if n.op_type in ("MatMul", "Gemm")]
        quantize_dynamic(
            str(prepared),
            str(small),
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            # Seven bits: without VNNI, sums of full eight-bit products saturate.
            reduce_range=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[n for n in products if "/span/" in n or "/evidence/" in n],
        )
        model = onnx.load(str(small))
        pack_words(model.graph)
        onnx.checker.check_model(model)
        onnx.save(model, str(target))


def shortened(reader: Reader) -> Reader:
    """The reader without the positions that it is never shown."""
    weight = reader.embeddings.position.weight[:MAX_TOKENS].detach().clone()
    reader.embeddings.position = torch.nn.Embedding.from_pretrained(weight)
    return reader


def main() -> None:
    """Export, quantise, describe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="reader.pt or checkpoint.pt")
    parser.add_argument("--base", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    encoder = Encoder(args.base / "tokenizer.json")
    plain, small = args.out / "reader-float32.onnx", args.out / "reader-int8.onnx"
    export_float(shortened(load_reader(args.weights)), plain)
    quantise(plain, small)
    if small.stat().st_size > LARGEST:
        raise SystemExit(f"{small} has {small.stat().st_size} bytes, over {LARGEST}")
    described = description(small, encoder, MAX_TOKENS, 0.0)
    (args.out / "reader.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    seconds = latency(onnx_forward(small, encoder, 2), encoder)
    print(json.dumps({**described, "seconds_per_six_passages": seconds}, indent=2))


if __name__ == "__main__":
    main()
