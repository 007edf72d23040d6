"""Export a trained reader: ONNX in float, ONNX in int8, and ``reader.json``.

``python -m training.export --weights FILE --base DIR --data DIR --out DIR`` writes
``reader-float32.onnx``, ``reader-int8.onnx``, ``reader.json`` and ``layout/`` (the same weights as
transformers lays them out); it prints what quantisation costs in F1 and how long six passages take.
Inputs are ``input_ids``, ``attention_mask`` and ``token_type_ids`` (int64, batch × length); outputs
are ``start_logits``, ``end_logits`` and ``evidence_logits`` (float32, batch × length).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from safetensors.torch import save_file

from training.data import SQUAD2, Encoder, Features
from training.evaluate import (
    Case,
    Forward,
    held_out_cases,
    judge,
    load_reader,
    onnx_forward,
    predict,
    threshold_of,
    torch_forward,
)
from training.model import MASKED_LOGIT, Reader, layout_weights

OPSET = 17
LARGEST_INT8 = 25_000_000
"""Bytes that the quantised file may have."""
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS = ("start_logits", "end_logits", "evidence_logits")
PASSAGES, PASSAGE_TOKENS = 6, 180
"""What latency is measured on: one question's passages."""


def export_float(reader: Reader, path: Path) -> None:
    """Write the network as ONNX with free batch size and length."""
    example = torch.ones((2, 16), dtype=torch.int64)
    torch.onnx.export(
        reader.eval(),
        (example, example, example),
        str(path),
        input_names=list(INPUTS),
        output_names=list(OUTPUTS),
        dynamic_axes={name: {0: "batch", 1: "length"} for name in (*INPUTS, *OUTPUTS)},
        opset_version=OPSET,
        dynamo=False,
    )
    onnx.checker.check_model(str(path))


def quantise(source: Path, target: Path) -> None:
    """Write the int8 network: weights per channel, activations scaled at run time.

    The heads stay in float: they are 1,152 numbers, and their sums are what passages are compared
    by.
    """
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        graph = onnx.load(str(prepared)).graph
        products = [n.name for n in graph.node if n.op_type in ("MatMul", "Gemm")]
        head = [name for name in products if "/span/" in name or "/evidence/" in name]
        if len(head) != 2:
            raise ValueError(f"two heads were looked for in the exported graph, found: {head}")
        quantize_dynamic(
            str(prepared),
            str(target),
            per_channel=True,
            # Seven bits: on processors without VNNI, sums of full eight-bit products saturate.
            reduce_range=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=head,
        )


def export_layout(reader: Reader, base: Path, folder: Path) -> None:
    """Write the weights as transformers' ``BertForQuestionAnswering`` has them, tokenizer and all.

    For comparing, and for whoever wants to go on from them.
    """
    config = reader.config
    folder.mkdir(parents=True, exist_ok=True)
    described = {
        "architectures": ["BertForQuestionAnswering"],
        "model_type": "bert",
        "vocab_size": config.vocabulary,
        "hidden_size": config.hidden,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "intermediate_size": config.intermediate,
        "max_position_embeddings": config.positions,
        "type_vocab_size": config.types,
        "layer_norm_eps": config.norm_epsilon,
        "pad_token_id": 0,
    }
    _write_json(folder / "config.json", described)
    save_file(
        {name: tensor.contiguous() for name, tensor in layout_weights(reader).items()},
        str(folder / "model.safetensors"),
        metadata={"format": "pt"},
    )
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        if (base / name).is_file():
            shutil.copyfile(base / name, folder / name)


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def largest_difference(one: Forward, other: Forward, rows: list[Features]) -> float:
    """Largest difference of two networks' logits over allowed positions."""
    worst = 0.0
    for left, right in zip(one(rows), other(rows), strict=True):
        allowed = left > MASKED_LOGIT / 2
        worst = max(worst, float(np.abs(left - right)[allowed].max()))
    return worst


def latency(forward: Forward, encoder: Encoder, rounds: int = 12) -> float:
    """Median seconds for one question over six passages of 180 tokens."""
    word = encoder.question("word")[0]
    question = [encoder.cls, *[word] * 10, encoder.sep]
    row = Features([*question, *[word] * PASSAGE_TOKENS, encoder.sep], len(question), 0, 0, "")
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        forward([row] * PASSAGES)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[2:])


def measure(
    forwards: dict[str, Forward], encoder: Encoder, cases: list[Case], max_tokens: int
) -> dict[str, dict[str, float]]:
    """F1, AUROC, threshold and latency of every variant on the same questions."""
    report: dict[str, dict[str, float]] = {}
    for name, forward in forwards.items():
        predictions = predict(forward, encoder, cases, max_tokens)
        report[name] = judge(cases, predictions)
        report[name]["threshold"] = threshold_of(cases, predictions)
        report[name]["seconds_per_six_passages"] = latency(forward, encoder)
    return report


def description(path: Path, encoder: Encoder, max_tokens: int, threshold: float) -> dict[str, Any]:
    """What a program needs to know to use the network."""
    return {
        "file": path.name,
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
        "inputs": list(INPUTS),
        "outputs": list(OUTPUTS),
        "max_tokens": max_tokens,
        "pair": {
            "before": [encoder.cls],
            "between": [encoder.sep],
            "after": [encoder.sep],
            "passage_type": 1,
        },
        "no_answer_position": 0,
        "threshold": round(threshold, 3),
    }


def main() -> None:
    """Export, quantise, measure, describe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="reader.pt or checkpoint.pt")
    parser.add_argument("--base", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--data", type=Path, required=True, help="folder of SQuAD-layout files")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--limit", type=int, default=0, help="questions to measure on; 0: all")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    encoder = Encoder(args.base / "tokenizer.json")
    reader = load_reader(args.weights)
    plain, small = args.out / "reader-float32.onnx", args.out / "reader-int8.onnx"
    export_layout(reader, args.base, args.out / "layout")
    export_float(reader, plain)
    quantise(plain, small)
    if small.stat().st_size > LARGEST_INT8:
        raise SystemExit(f"{small} has {small.stat().st_size} bytes, over {LARGEST_INT8}")
    forwards = {
        "float32": onnx_forward(plain, encoder, args.threads),
        "int8": onnx_forward(small, encoder, args.threads),
    }
    cases = held_out_cases(args.data, SQUAD2, args.limit)
    report = measure(forwards, encoder, cases, args.max_tokens)
    rows = _sample_rows(encoder, cases)
    torch_logits = torch_forward(reader, encoder)
    report["float32"]["difference"] = largest_difference(torch_logits, forwards["float32"], rows)
    report["int8"]["difference"] = largest_difference(torch_logits, forwards["int8"], rows)
    described = description(small, encoder, args.max_tokens, report["int8"]["threshold"])
    _write_json(args.out / "reader.json", described)
    _write_json(args.out / "export.json", report)
    print(json.dumps({**described, "measured": report}, indent=2))


def _sample_rows(encoder: Encoder, cases: list[Case]) -> list[Features]:
    """A few input rows of different lengths, so that padding is part of the comparison."""
    rows = []
    for case in cases[:8]:
        question = [encoder.cls, *encoder.question(case.question), encoder.sep]
        passage = encoder.passage(case.passage).ids[:150]
        rows.append(Features([*question, *passage, encoder.sep], len(question), 0, 0, ""))
    return rows


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
