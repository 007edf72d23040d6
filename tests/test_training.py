"""The training command, from data to weights, on invented data of a few paragraphs."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from askscwru.index.export import locate
from askscwru.settings import PACKAGED_MODEL
from training.thesaurus import Thesaurus

ROOT = Path(__file__).parent.parent
SETS = (
    "squad1_train_slices",
    "squad2_dev_17_articles",
    "squad1_dev_13_articles",
    "squadshifts_new_wiki",
    "squadshifts_reddit",
    "qamr",
    "fairytaleqa",
    "covid_qa",
    "clapnq",
)
# In the layout that wndb(5WN) tells: two adjectives that are each other's opposites, with a
# synonym each, and a noun with one.
WORDNET = {
    "data.adj": (
        "00000001 00 a 02 large 0 big 0 001 ! 00000002 a 0101 | of size\n"
        "00000002 00 a 02 small 0 little 0 001 ! 00000001 a 0101 | of size\n"
    ),
    "index.adj": (
        "big a 1 1 ! 1 1 00000001\nlarge a 1 1 ! 1 1 00000001\nsmall a 1 1 ! 1 1 00000002\n"
    ),
    "data.noun": "00000003 03 n 02 honey 0 nectar 0 000 | sweet\n",
    "index.noun": "honey n 1 0 1 1 00000003\n",
    "data.verb": "00000004 03 v 02 sell 0 vend 0 000 01 + 08 00 | for money\n",
    "index.verb": "sell v 1 0 1 1 00000004\n",
    "index.sense": (
        "large%3:00:00:: 00000001 1 5\nsmall%3:00:00:: 00000002 1 5\n"
        "honey%1:03:00:: 00000003 1 5\nsell%2:40:00:: 00000004 1 5\n"
    ),
}


@pytest.fixture(scope="module")
def wordnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thesaurus of a few words, in WordNet's own files."""
    folder = tmp_path_factory.mktemp("wordnet")
    for name, content in WORDNET.items():
        licence = "" if name == "index.sense" else "  1 a line of the licence\n"
        (folder / name).write_text(licence + content, encoding="utf-8")
    return folder


def _article(name: str, number: int) -> dict[str, object]:
    """Two paragraphs with an answered and an unanswered question each."""
    paragraphs = []
    for place in ("Leeds", "York"):
        context = (
            f"Ann {name}{number} has kept large bees in {place} since 19{number:02}. "
            f"Near Bath she sells the honey to Paul {name}. It is sweet, people say of it there."
        )
        answer, asked = f"19{number:02}", f"Since when has Ann {name}{number} kept large bees?"
        paragraphs.append(
            {
                "context": context,
                "qas": [
                    {
                        "id": f"{name}{number}{place}",
                        "question": asked,
                        "answers": [{"text": answer, "answer_start": context.index(answer)}],
                    },
                    {
                        "id": f"{name}{number}{place}-not",
                        "question": "Who keeps wasps?",
                        "answers": [],
                        "is_impossible": True,
                    },
                ],
            }
        )
    return {"title": f"{name}_{number}", "paragraphs": paragraphs}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every set that the training reads, six articles each."""
    folder = tmp_path_factory.mktemp("data")
    for source in SETS:
        name = source.title().replace("_", "")
        content = {"data": [_article(name, number) for number in range(10, 17)]}
        (folder / f"{source}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def trained(done: Done) -> tuple[Path, Path]:
    """Two steps of the first stage, then two of the second; each stopped after one and resumed."""
    return done.first, done.second


def test_both_stages_end_with_weights_and_a_curve(trained: tuple[Path, Path]) -> None:
    for run in trained:
        assert (run / "reader.pt").stat().st_size > 1_000_000
        header, *lines = (run / "validation.csv").read_text(encoding="utf-8").splitlines()
        assert "answerable_f1" in header
        assert lines[-1].startswith("2,")


def test_a_stopped_run_goes_on_where_it_was(trained: tuple[Path, Path]) -> None:
    for run in trained:
        lines = (run / "validation.csv").read_text(encoding="utf-8").splitlines()[1:]
        assert [line.split(",")[0] for line in lines] == ["1", "2"]
        assert json.loads((run / "run.json").read_text(encoding="utf-8"))["steps"] == 2


def test_words_are_exchanged_for_synonyms_and_keep_their_endings(wordnet: Path) -> None:
    thesaurus = Thesaurus.read(wordnet)
    asked = thesaurus.reword("Who sells honey in Leeds?", random.Random(1))
    assert asked == "Who vends nectar in Leeds?"


def test_an_adjective_is_turned_round_or_the_question_left(wordnet: Path) -> None:
    thesaurus = Thesaurus.read(wordnet)
    assert thesaurus.turn_round("Who has large bees?", random.Random(1)) == "Who has small bees?"
    assert thesaurus.turn_round("Who has bees?", random.Random(1)) is None


def test_a_thesaurus_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"index\.sense"):
        Thesaurus.read(tmp_path)


TERMS = """
import json, sys
from pathlib import Path
from training.follow_up import Item
from training.terms import LONGEST, batch_of, best_level, row_of, tokenizer_of
tokenizer = tokenizer_of(Path(sys.argv[2]))
talk = ("Who runs the seed library?", "The Meadow Trust runs it.") * 40
item = Item("canard_dev", "t", talk, "where is it?", "Where is the Meadow Trust?")
row = row_of(item, tokenizer)
short = Item("canard_dev", "t", (), "why?", "Why?")
print(json.dumps({
    "kept": len(row.ids) <= LONGEST,
    "wanted": sorted({t for t, w in zip(row.terms, row.wanted) if w}),
    "first": row.terms[:2],
    "shapes": [list(t.shape) for t in batch_of([row, row_of(short, tokenizer)])],
    "length": len(row.ids),
    "level": best_level([item], [{"meadow": 0.6, "trust": 0.6, "seed": 0.4}]),
}))
"""


LARGER = """
import json, sys
from pathlib import Path
import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file
from transformers import MPNetConfig, MPNetModel
from training.export_second import BLOCK, PACKED, SCALES, pack_words, packed, unpacked
from training.model import Reader, ReaderConfig, load_mpnet_weights

sizes = {"heads": 2, "layers": 2, "hidden": 24, "intermediate": 48}
ours = ReaderConfig(
    vocabulary=200, positions=200, norm_epsilon=1e-5, distance_buckets=32, **sizes
)
theirs = MPNetConfig(
    vocab_size=205, hidden_size=24, num_hidden_layers=2, num_attention_heads=2,
    intermediate_size=48, max_position_embeddings=202, layer_norm_eps=1e-5,
)
torch.manual_seed(1)
known = MPNetModel(theirs).eval()
path = Path(sys.argv[1]) / "model.safetensors"
save_file({name: tensor.contiguous() for name, tensor in known.state_dict().items()}, str(path))
reader = Reader(ours)
load_mpnet_weights(reader, path)
reader.eval()
ids = torch.randint(110, 200, (2, 180))
ids[:, 0], ids[:, -1] = 101, 102
shifted = ids + 4
shifted[:, 0], shifted[:, -1] = 0, 2
mask = torch.ones_like(ids)
mask[1, 150:] = 0
with torch.no_grad():
    expected = known(shifted, attention_mask=mask).last_hidden_state
    given = reader.encode(ids, mask, torch.zeros_like(ids))
    difference = float((expected - given)[mask == 1].abs().max())

matrix = np.random.default_rng(1).normal(size=(50, 2 * BLOCK)).astype(np.float32)
graph = helper.make_graph(
    [helper.make_node("Gather", ["matrix", "ids"], ["vectors"])], "words",
    [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "length"])],
    [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, [1, "length", 2 * BLOCK])],
    [numpy_helper.from_array(matrix, "matrix")],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
whole = len(model.SerializeToString())
pack_words(model.graph)
onnx.checker.check_model(model)
session = onnxruntime.InferenceSession(model.SerializeToString())
rows = np.array([[3, 49, 0, 3]])
(vectors,) = session.run(None, {"ids": rows})
largest = np.abs(matrix.reshape(50, 2, BLOCK)).max(axis=-1)[rows].repeat(BLOCK, axis=-1)
held = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
taken = unpacked(held[PACKED], held[SCALES])
again = packed(taken)
print(json.dumps({
    "difference": difference,
    "unpacked_off": float(np.abs(taken[rows] - vectors).max()),
    "same_again": bool((again[0] == held[PACKED]).all() and (again[1] == held[SCALES]).all()),
    "steps_off": float((np.abs(vectors - matrix[rows]) / (largest / 7.5)).max()),
    "smaller": len(model.SerializeToString()) < whole / 4,
}))
"""


UNSURE = """
import random
from askscwru.settings import PACKAGED_WEIGHTS
from training.data import Encoder
from training.evidence import Answer, Asked, RowMaker
from training.unsure import right_probability, unsure
encoder = Encoder(PACKAGED_WEIGHTS / "tokenizer.json")
text = "The library lends seeds to anyone. It opens on Tuesdays at nine. Tea is free."
opens = text.index("It opens"), text.index(" Tea")
maker = RowMaker(encoder, 120, ["Ann Other"])
asked = (
    Asked("When does the library open?", text, (), (Answer(*opens),), "right"),
    Asked("When does the library open?", text, (), (Answer(0, 34),), "wrong"),
    Asked("Who painted the ceiling?", text, (), (), "none"),
)
rows = [maker.row(one, random.Random(2)) for one in asked]
given = right_probability(PACKAGED_WEIGHTS / "reader-int8.onnx", rows, encoder.pad, 1)
sure = [0.001] * 400 + [0.5] * 100 + [0.999] * 400
some = unsure(sure, 150, 5)
print(json.dumps({
    "given": given,
    "again": some == unsure(sure, 150, 5),
    "rising": some == sorted(set(some)),
    "count": len(some),
    "between": sum(400 <= n < 500 for n in some),
    "all": unsure([0.5, 0.9], 9, 1),
}))
"""


TRAIN = """
from training import train
for arguments in json.loads(sys.argv[3]):
    sys.argv[1:] = arguments
    train.main()
"""


@dataclass(frozen=True)
class Done:
    """What one process did that ran all of the programs."""

    first: Path
    second: Path
    """The folders of two runs of the training."""
    told: list[dict[str, Any]]
    """What the larger network, the terms and the choice of examples print."""


def _runs(data: Path, wordnet: Path, folder: Path) -> list[list[str]]:
    """The arguments of each run of the training."""
    common = ["--data", str(data), "--base", str(locate(PACKAGED_MODEL))]
    common += ["--examples", "40", "--batch", "4", "--max-tokens", "64", "--validations", "1"]
    first = [*common, "--out", str(folder / "first")]
    second = [*common, "--out", str(folder / "second"), "--stage", "2"]
    second += ["--start", str(folder / "first" / "reader.pt"), "--thesaurus", str(wordnet)]
    return [[*run, "--steps", str(steps)] for run in (first, second) for steps in (1, 2)]


@pytest.fixture(scope="module")
def done(data: Path, wordnet: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """All programs in one process: what takes its time is importing torch."""
    folder, base = tmp_path_factory.mktemp("runs"), locate(PACKAGED_MODEL)
    runs = json.dumps(_runs(data, wordnet, folder))
    ran = subprocess.run(
        [sys.executable, "-c", LARGER + TERMS + UNSURE + TRAIN, str(folder), str(base), runs],
        capture_output=True, text=True, check=True, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    told = [json.loads(line) for line in ran.stdout.splitlines()[:3]]
    return Done(folder / "first", folder / "second", told)


@pytest.fixture
def told(done: Done) -> list[dict[str, Any]]:
    """What these programs print."""
    return done.told


@pytest.fixture
def larger(told: list[dict[str, Any]]) -> dict[str, float]:
    """What a small network of the larger reader's kind gives, beside what it should."""
    return told[0]


def test_the_term_classifier_reads_the_newest_turn_first_and_marks_what_is_added(
    told: list[dict[str, Any]],
) -> None:
    terms = told[1]
    assert terms["kept"]
    assert terms["wanted"] == ["meadow", "trust"]
    assert terms["first"] == ["meadow", "trust"]
    assert terms["shapes"] == [[2, terms["length"]]] * 3
    assert 0.4 < terms["level"] <= 0.6


def test_the_larger_network_is_that_of_transformers(larger: dict[str, float]) -> None:
    assert larger["difference"] < 1e-5


def test_word_vectors_in_four_bits_are_within_a_step_of_what_they_were(
    larger: dict[str, float],
) -> None:
    assert larger["smaller"]
    assert larger["steps_off"] < 1.01
    assert larger["unpacked_off"] < 1e-6
    assert larger["same_again"]


def test_examples_that_a_reader_is_unsure_of_are_drawn_before_those_it_is_sure_of(
    told: list[dict[str, Any]],
) -> None:
    drawn = told[2]
    right, wrong, none = drawn["given"]
    assert right > 0.9
    assert wrong < 0.1
    assert none > 0.9
    assert drawn["again"]
    assert drawn["rising"]
    assert drawn["count"] == 150
    assert drawn["between"] > 50  # of 100, where chance alone would draw 17
    assert drawn["all"] == [0, 1]
