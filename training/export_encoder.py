"""The packaged encoder's graph, made from its original weights.

``python -m training.export_encoder`` writes ``encoder.onnx`` and ``encoder.json`` into
``src/askscwru/weights/``. The graph is the one that ``askscwru.index.export`` makes (and compares
with sentence-transformers), but its weights stay where they are published: every initialiser is a
stretch of the installed ``model.safetensors``. torch keeps a layer's matrix with the outputs first,
and ONNX's ``MatMul`` wants them last, so those products become ``FusedMatMul`` with ``transB``,
which packs the matrix in the same way when it is loaded: the vectors stay the same, bit by bit.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from safetensors.numpy import load_file

from askscwru.index.encoder import (
    COMPACT,
    GRAPH,
    SAFETENSORS,
    TOKENIZER,
    Encoder,
    FileFact,
    packaged_weights,
    write_card,
)
from askscwru.index.export import export_here, fingerprint_of
from askscwru.settings import PACKAGED_MODEL, PACKAGED_WEIGHTS

SMALLEST_APART = 1024
"""Bytes; smaller constants stay in the graph."""
_COMPARED = ("", "care", "How many people use Shared Lives?", "The council’s duty to assess. " * 60)


def rest_on(graph: onnx.ModelProto, weights: Path) -> None:
    """Lets a graph take its large initialisers from a file of safetensors.

    Raises:
        ValueError: an initialiser is not in that file, neither as it is nor transposed.
    """
    places = places_of(weights)
    known: dict[bytes, tuple[str, bool]] = {}
    for name, tensor in load_file(weights).items():
        known.setdefault(_key(tensor), (name, False))
        if tensor.ndim == 2:
            known.setdefault(_key(tensor.T), (name, True))
    turned = set()
    for initializer in graph.graph.initializer:
        values = numpy_helper.to_array(initializer)
        if values.nbytes < SMALLEST_APART:
            continue
        found = known.get(_key(values))
        if found is None:
            raise ValueError(f"{initializer.name} is not in {weights}")
        name, transposed = found
        point(initializer, places[name], values.shape[::-1] if transposed else values.shape)
        if transposed:
            turned.add(initializer.name)
    _turn_products(graph, turned)


def places_of(weights: Path) -> dict[str, tuple[int, int]]:
    """Where each tensor's bytes stand in the file: offset and length."""
    with weights.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header: dict[str, Any] = json.loads(file.read(size))
    header.pop("__metadata__", None)
    start = 8 + size
    return {
        name: (start + begin, end - begin)
        for name, (begin, end) in ((name, fact["data_offsets"]) for name, fact in header.items())
    }


def _key(values: NDArray[Any]) -> bytes:
    return str((values.shape, values.dtype)).encode() + np.ascontiguousarray(values).tobytes()


def point(initializer: onnx.TensorProto, place: tuple[int, int], shape: tuple[int, ...]) -> None:
    """Makes an initialiser a stretch of the file of safetensors."""
    apart = onnx.TensorProto(
        name=initializer.name,
        data_type=initializer.data_type,
        dims=shape,
        data_location=onnx.TensorProto.EXTERNAL,
    )
    facts = (("location", SAFETENSORS), ("offset", str(place[0])), ("length", str(place[1])))
    for key, value in facts:
        entry = apart.external_data.add()
        entry.key, entry.value = key, value
    initializer.CopyFrom(apart)


def _turn_products(graph: onnx.ModelProto, turned: set[str]) -> None:
    left = set(turned)
    for node in graph.graph.node:
        used = turned & set(node.input)
        if not used:
            continue
        if node.op_type != "MatMul" or node.input[1] not in turned:
            raise ValueError(f"{node.op_type} {node.name} cannot take a transposed matrix")
        node.op_type, node.domain = "FusedMatMul", "com.microsoft"
        node.attribute.append(helper.make_attribute("transB", 1))
        left -= used
    if left:
        raise ValueError(f"nothing uses {sorted(left)}")


def main() -> None:
    """Writes the two files, and says how far their vectors are from the plain export's."""
    into = PACKAGED_WEIGHTS
    source = packaged_weights()
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder)
        export_here(source, plain, PACKAGED_MODEL, fingerprint_of(source), 2)
        exported = Encoder.load(plain, threads=2)
        expected = exported.encode(_COMPARED)
        graph = onnx.load(str(plain / GRAPH))
    rest_on(graph, source / SAFETENSORS)
    (into / GRAPH).write_bytes(graph.SerializeToString())
    kept = [into / name for name in (GRAPH, COMPACT, TOKENIZER)]
    files = {path.name: FileFact.of(path) for path in kept}
    files[SAFETENSORS] = FileFact.of(source / SAFETENSORS)
    write_card(into, replace(exported.card, files=files))
    difference = float(np.abs(Encoder.load(into, threads=2).encode(_COMPARED) - expected).max())
    print(f"{into / GRAPH}: {files[GRAPH].bytes:,} bytes; largest difference {difference}")


if __name__ == "__main__":
    main()
