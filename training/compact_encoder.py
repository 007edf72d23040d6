"""The packaged encoder once more, for building an index: in eight-bit products.

``python -m training.compact_encoder`` writes ``encoder-int8.onnx`` into ``src/askscwru/weights/``
and its hash into ``encoder.json``. The graph has no weights of its own either: it takes the
published ones as ``encoder.onnx`` does and rounds them, one scale for each output, in nodes that
ONNX Runtime computes once when it loads the graph. Activations are scaled by what is run together,
so one text is run at a time, which needs neither padding nor a mask.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from askscwru.index.encoder import (
    COMPACT,
    SAFETENSORS,
    Encoder,
    FileFact,
    packaged_weights,
    read_card,
    write_card,
)
from askscwru.settings import PACKAGED_WEIGHTS
from training.export_encoder import places_of, point

_LARGEST = 63
"""Seven bits: on processors without VNNI, sums of full eight-bit products saturate."""
_OPSET = 17
_MICROSOFT = "com.microsoft"
_COMPARED = (
    "care",
    "How many people use Shared Lives?",
    "The council’s duty to assess anyone who may need care and support. " * 20,
)


class _Graph:
    """A BERT of the layout of transformers, written node by node."""

    def __init__(self, source: Path) -> None:
        self.config: dict[str, Any] = json.loads((source / "config.json").read_text("utf-8"))
        self._places = places_of(source / SAFETENSORS)
        self._shapes = _shapes(source / SAFETENSORS)
        self._initializers: dict[str, onnx.TensorProto] = {}
        self._nodes: list[onnx.NodeProto] = []

    def model(self) -> onnx.ModelProto:
        """input_ids, of texts that need no padding -> sentence_embedding."""
        state = self._embedded()
        for layer in range(self.config["num_hidden_layers"]):
            state = self._layer(f"encoder.layer.{layer}.", state)
        mean = self._node("ReduceMean", [state], "mean", axes=[1], keepdims=0)
        self._node("LpNormalization", [mean], "sentence_embedding", axis=1, p=2)
        width = self.config["hidden_size"]
        graph = helper.make_graph(
            self._nodes,
            "compact",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"])],
            [
                helper.make_tensor_value_info(
                    "sentence_embedding", TensorProto.FLOAT, ["batch", width]
                )
            ],
            list(self._initializers.values()),
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)

    def _embedded(self) -> str:
        words = self._gather("word_embeddings", "input_ids")
        shape = self._node("Shape", ["input_ids"], "shape")
        length = self._node("Gather", [shape, self._constant("one", np.int64(1))], "length")
        zero = self._constant("zero", np.int64(0))
        places = self._node("Range", [zero, length, "one"], "places")
        placed = self._node("Add", [words, self._gather("position_embeddings", places)], "placed")
        kind = self._gather("token_type_embeddings", zero)
        return self._norm("embeddings.LayerNorm", self._node("Add", [placed, kind], "embedded"))

    def _layer(self, name: str, state: str) -> str:
        attention = f"{name}attention."
        parts = [f"{attention}self.{part}" for part in ("query", "key", "value")]
        joined = self._product(parts, state)
        thirds = np.array([self.config["hidden_size"]] * 3, dtype=np.int64)
        split = [f"{part}.output" for part in parts]
        self._nodes.append(
            helper.make_node("Split", [joined, self._constant("thirds", thirds)], split, axis=2)
        )
        heads = self.config["num_attention_heads"]
        seen = self._node(
            "MultiHeadAttention", split, f"{attention}seen", _MICROSOFT, num_heads=heads
        )
        state = self._residual(f"{attention}output", state, seen)
        wide = self._product([f"{name}intermediate.dense"], state)
        bent = self._node("Gelu", [wide], f"{name}bent", _MICROSOFT)
        return self._residual(f"{name}output", state, bent)

    def _residual(self, name: str, state: str, given: str) -> str:
        made = self._product([f"{name}.dense"], given)
        return self._norm(f"{name}.LayerNorm", self._node("Add", [made, state], f"{name}.sum"))

    def _product(self, names: Sequence[str], given: str) -> str:
        """The layers' weights beside each other, rounded, times what is given."""
        name = names[0]
        weight, bias = (self._joined(names, part) for part in ("weight", "bias"))
        size = self._node("Abs", [weight], f"{name}.size")
        most = self._node("ReduceMax", [size], f"{name}.most", axes=[1], keepdims=1)
        largest = self._constant("largest", np.float32(_LARGEST))
        step = self._node("Div", [most, largest], f"{name}.step")
        steps = self._node("Div", [weight, step], f"{name}.steps")
        whole = self._node("Round", [steps], f"{name}.whole")
        small = self._node("Cast", [whole], f"{name}.small", to=TensorProto.INT8)
        turned = self._node("Transpose", [small], f"{name}.turned", perm=[1, 0])
        flat = self._constant("flat", np.array([-1], dtype=np.int64))
        scales = self._node("Reshape", [step, flat], f"{name}.scales")
        return self._node(
            "DynamicQuantizeMatMul",
            [given, turned, scales, "", bias],
            f"{name}.product",
            _MICROSOFT,
        )

    def _joined(self, names: Sequence[str], part: str) -> str:
        all_of_them = [self._weight(f"{name}.{part}") for name in names]
        if len(all_of_them) == 1:
            return all_of_them[0]
        return self._node("Concat", all_of_them, f"{names[0]}.joined.{part}", axis=0)

    def _norm(self, name: str, given: str) -> str:
        scale, shift = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        epsilon = self.config["layer_norm_eps"]
        return self._node(
            "LayerNormalization", [given, scale, shift], f"{name}.normed", axis=-1, epsilon=epsilon
        )

    def _gather(self, table: str, which: str) -> str:
        weight = self._weight(f"embeddings.{table}.weight")
        return self._node("Gather", [weight, which], f"{table}.chosen")

    def _weight(self, name: str) -> str:
        tensor = onnx.TensorProto(name=name, data_type=TensorProto.FLOAT)
        point(tensor, self._places[name], self._shapes[name])
        self._initializers[name] = tensor
        return name

    def _constant(self, name: str, value: Any) -> str:
        self._initializers[name] = numpy_helper.from_array(np.asarray(value), name)
        return name

    def _node(
        self, kind: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: Any
    ) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output


def _shapes(weights: Path) -> dict[str, tuple[int, ...]]:
    with weights.open("rb") as file:
        header: dict[str, Any] = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return {name: tuple(fact["shape"]) for name, fact in header.items() if name != "__metadata__"}


def main() -> None:
    """Writes the graph and the card, and says how near its vectors are to the encoder's own."""
    into = PACKAGED_WEIGHTS
    (into / COMPACT).write_bytes(_Graph(packaged_weights()).model().SerializeToString())
    card = read_card(into)
    write_card(into, replace(card, files={**card.files, COMPACT: FileFact.of(into / COMPACT)}))
    whole = Encoder.load(into, threads=1).encode(_COMPARED)
    small = Encoder.for_building(into, threads=1).encode(_COMPARED)
    least = float(np.sum(whole * small, axis=1).min())
    size = (into / COMPACT).stat().st_size
    print(f"{into / COMPACT}: {size:,} bytes; least cosine {least:.4f}")


if __name__ == "__main__":
    main()
