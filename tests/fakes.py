"""A small encoder that is no mock, and the fixtures that the tests of the index share.

The fake is a model folder like any that ``askscwru.index.export`` makes: a real graph of a few
kilobytes, run by ONNX Runtime, with the real tokenizer. It enters by the door that a user's own
model enters by, the setting ``model``. Each word piece has a fixed pseudo-random vector and a text
is their sum, so that texts which share words are near to each other.

This module is a pytest plugin: it is loaded with ``-p fakes``, or imported by ``conftest``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from askscwru.index.encoder import (
    FORMAT,
    GRAPH,
    TOKENIZER,
    WEIGHTS,
    Encoder,
    FileFact,
    ModelCard,
    write_card,
)
from askscwru.index.export import locate
from askscwru.settings import PACKAGED_MODEL, Settings

SRC = Path(__file__).resolve().parents[1] / "src"
SEEDS = Path(__file__).resolve().parents[1] / "seeds"
FIRST_WORD = 999
"""The word pieces below are special ones and characters that mean nothing by themselves."""


def quiet(stage: str, done: int, total: int) -> None:
    """A progress callback that says nothing."""


def write_fake_model(folder: Path, *, dimension: int = 64, max_tokens: int = 256) -> Path:
    """Makes the folder of a fake encoder; another dimension makes another fingerprint."""
    folder.mkdir(parents=True)
    onnx.save(_graph(dimension), str(folder / GRAPH))
    (folder / WEIGHTS).touch()
    shutil.copyfile(locate(PACKAGED_MODEL) / TOKENIZER, folder / TOKENIZER)
    card = ModelCard(
        format=FORMAT,
        name="fake",
        fingerprint=f"fake{dimension:04}{max_tokens:04}0000",
        weights={},
        dimension=dimension,
        max_tokens=max_tokens,
        special_tokens=2,
        pad_id=0,
        files={name: FileFact.of(folder / name) for name in (GRAPH, WEIGHTS, TOKENIZER)},
        versions={},
    )
    write_card(folder, card)
    return folder


def _graph(dimension: int) -> onnx.ModelProto:
    """sum over the words w of sin(w·frequency + phase), made a unit vector."""
    random = np.random.default_rng(7)
    constants = {
        "frequency": random.uniform(0.5, 3.0, (1, 1, dimension)).astype(np.float32),
        "phase": random.uniform(0.0, 6.0, (1, 1, dimension)).astype(np.float32),
        "nothing": np.full((1, dimension), 1e-3, dtype=np.float32),  # an empty text has a vector
        "first": np.array(FIRST_WORD, dtype=np.int64),
        "last_axis": np.array([2], dtype=np.int64),
        "middle_axis": np.array([1], dtype=np.int64),
    }
    nodes = [
        helper.make_node("Cast", ["input_ids"], ["ids"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["ids", "last_axis"], ["column"]),
        helper.make_node("Mul", ["column", "frequency"], ["turned"]),
        helper.make_node("Add", ["turned", "phase"], ["angle"]),
        helper.make_node("Sin", ["angle"], ["wave"]),
        helper.make_node("GreaterOrEqual", ["input_ids", "first"], ["word"]),
        helper.make_node("Cast", ["word"], ["is_word"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["is_word", "mask"], ["weight"]),
        helper.make_node("Unsqueeze", ["weight", "last_axis"], ["weights"]),
        helper.make_node("Mul", ["wave", "weights"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "middle_axis"], ["sum"], keepdims=0),
        helper.make_node("Add", ["sum", "nothing"], ["vector"]),
        helper.make_node("ReduceL2", ["vector"], ["length"], axes=[1], keepdims=1),
        helper.make_node("Div", ["vector", "length"], ["sentence_embedding"]),
    ]
    axes = ["batch", "length"]
    graph = helper.make_graph(
        nodes,
        "fake",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, axes)
            for name in ("input_ids", "attention_mask")
        ],
        [
            helper.make_tensor_value_info(
                "sentence_embedding", TensorProto.FLOAT, ["batch", dimension]
            )
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opset = helper.make_opsetid("", 17)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=8)
    onnx.checker.check_model(model)
    return model


def run_python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs code in a process of its own; ``sys.argv[1:]`` are the arguments."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(SRC), "PATH": "", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
    )


@pytest.fixture(scope="session")
def fake_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the fake encoder."""
    return write_fake_model(tmp_path_factory.mktemp("fake") / "model")


@pytest.fixture(scope="session")
def fake_encoder(fake_model: Path) -> Encoder:
    """The fake encoder, loaded."""
    return Encoder.load(fake_model, threads=1)


@pytest.fixture
def fake_settings(tmp_path: Path, fake_model: Path) -> Settings:
    """Two of the seeds in a folder of their own, and the fake encoder."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for name in ("002_bf75fab2a6df78ff.txt", "004_b4ef3a980542e53b.txt"):
        shutil.copyfile(SEEDS / name, seeds / name)
    return Settings(
        seeds=seeds, embeddings=tmp_path / "embeddings", model=str(fake_model), threads=1
    )
