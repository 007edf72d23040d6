"""Weights of an exported int8 reader as a checkpoint to train on from.

``python -m training.dequantise --weights reader-int8.onnx --base BASE --out reader.pt``

The layers are what the int8 file holds, each weight off by at most half a step of its column; the
embeddings, which no stage trains, are the base model's own, or those that the file of the second,
larger reader holds itself (``--base`` is then not needed). So a further stage can start from what
the package ships, without the checkpoint of the stage before.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from training.export_second import PACKED, SCALES, unpacked
from training.model import MPNET, Reader, load_base_weights

_LAYER_PRODUCTS = ("query_key_value", "attention_out", "expand", "contract")
"""The products of a layer in the order in which the network computes them."""
_PRODUCT = "onnx::MatMul_"
"""How the exporter names the matrix of a product, before its number."""


def layer_weights(stored: dict[str, NDArray[np.generic]]) -> dict[str, Tensor]:
    """Everything but the embeddings, under the names of ``training.model.Reader``.

    Args:
        stored: the arrays of an export (``read_initialisers``).

    Raises:
        ValueError: it has not four quantised products a layer and a head behind them.
    """
    found = {
        name: torch.from_numpy(array.copy())
        for name, array in stored.items()
        if name.startswith(("layers.", "span.", "evidence.")) and array.dtype == np.float32
    }
    quantised = [name.removesuffix("_quantized") for name in stored if name.endswith("_quantized")]
    products = sorted((n for n in quantised if n.startswith(_PRODUCT)), key=_number)
    layers, rest = divmod(len(products), len(_LAYER_PRODUCTS))
    heads = sorted((n for n in stored if n.removeprefix(_PRODUCT).isdigit()), key=_number)
    if rest or not layers or not heads:
        raise ValueError("this is no int8 export of the reader")
    for at, name in enumerate(products):
        layer, product = divmod(at, len(_LAYER_PRODUCTS))
        weight = torch.from_numpy(_dequantised(stored, name).T.copy())
        found[f"layers.{layer}.{_LAYER_PRODUCTS[product]}.weight"] = weight
    for name, target in zip(heads, ("span", "evidence"), strict=False):
        found[f"{target}.weight"] = torch.from_numpy(stored[name].T.copy())
    return found


def read_initialisers(path: Path) -> dict[str, NDArray[np.generic]]:
    """The arrays of an ONNX file by their names."""
    return {i.name: numpy_helper.to_array(i) for i in onnx.load(str(path)).graph.initializer}


def larger_embeddings(stored: dict[str, NDArray[np.generic]]) -> dict[str, Tensor]:
    """The second reader's embeddings, under the names of ``training.model.Reader``.

    The positions that an export leaves out, since the reader is never shown them, are zero.
    """
    words = unpacked(stored[PACKED].astype(np.uint8), stored[SCALES].astype(np.float16))
    found = {"embeddings.word.weight": torch.from_numpy(words)}
    for name in ("position.weight", "segment.weight", "norm.weight", "norm.bias"):
        found[f"embeddings.{name}"] = torch.from_numpy(stored[f"embeddings.{name}"].copy())
    found["distances.bias.weight"] = torch.from_numpy(stored["distances.bias.weight"].copy())
    shown = found["embeddings.position.weight"]
    unseen = torch.zeros(MPNET.positions - len(shown), shown.shape[1])
    found["embeddings.position.weight"] = torch.cat([shown, unseen])
    return found


def _number(name: str) -> int:
    return int(name.split("_")[-1])


def _dequantised(stored: dict[str, NDArray[np.generic]], name: str) -> NDArray[np.float32]:
    whole = stored[f"{name}_quantized"].astype(np.float32)
    zero = stored[f"{name}_zero_point"].astype(np.float32)
    scale: NDArray[np.float32] = stored[f"{name}_scale"].astype(np.float32)
    return (whole - zero) * scale


def main() -> None:
    """Write the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="reader-int8.onnx")
    parser.add_argument("--base", type=Path, help="folder of all-MiniLM-L6-v2, for the first one")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    stored = read_initialisers(args.weights)
    weights = layer_weights(stored)
    if PACKED in stored:
        layers = sum(name.endswith(".attention_out.bias") for name in weights)
        reader = Reader(replace(MPNET, layers=layers))
        weights |= larger_embeddings(stored)
    elif args.base is None:
        parser.error(f"{args.weights} holds no embeddings: give --base")
    else:
        reader = Reader()
        load_base_weights(reader, args.base / "model.safetensors")
    missing, unexpected = reader.load_state_dict(weights, strict=False)
    if unexpected or any(not n.startswith(("embeddings.", "evidence.")) for n in missing):
        raise SystemExit(f"{args.weights} does not fit the reader: {missing} {unexpected}")
    torch.save({"config": reader.config.as_dict(), "reader": reader.state_dict()}, args.out)


if __name__ == "__main__":
    main()
