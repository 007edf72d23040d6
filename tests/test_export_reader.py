"""Another reader in the packaged one's place: exported once, checked, or refused by name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from askscwru.assistant import Assistant
from askscwru.errors import ModelError
from askscwru.export import locate
from askscwru.export_reader import GRAPH, ensure_reader
from askscwru.settings import PACKAGED_MODEL, PACKAGED_READER, Settings
from askscwru.span import DESCRIPTION, SCORING, TOKENIZER, WEIGHTS, SpanModel
from fakes import quiet

_MAKE = """
import sys, torch, transformers
torch.manual_seed(1)
config = transformers.BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
    intermediate_size=32, max_position_embeddings=160)
for kind, folder in zip(("BertForQuestionAnswering", "BertModel"), sys.argv[1:]):
    getattr(transformers, kind)(config).save_pretrained(folder)
"""
_TOKENIZER_CONFIG = {
    "tokenizer_class": "BertTokenizer",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "mask_token": "[MASK]",
    "model_max_length": 512,
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A small question-answering model with weights from a seed, and the same without a head."""
    folder = tmp_path_factory.mktemp("models")
    whole, headless = folder / "whole", folder / "headless"
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}
    subprocess.run(
        [sys.executable, "-c", _MAKE, str(whole), str(headless)], check=True, env=environment
    )
    for made in (whole, headless):
        shutil.copyfile(locate(PACKAGED_MODEL) / TOKENIZER, made / TOKENIZER)
        (made / "tokenizer_config.json").write_text(json.dumps(_TOKENIZER_CONFIG), encoding="utf-8")
    shutil.copyfile(WEIGHTS / SCORING, whole / SCORING)
    return whole, headless


@pytest.fixture(scope="module")
def exported(models: tuple[Path, Path], settings: Settings) -> tuple[Settings, Path]:
    """Settings that name the small model, and where it was exported to."""
    own = Settings(**{**settings.model_dump(), "reader": str(models[0])})
    return own, ensure_reader(own, quiet)


def test_the_packaged_reader_is_taken_where_it_lies(settings: Settings) -> None:
    assert settings.reader == PACKAGED_READER
    assert ensure_reader(settings, quiet) == WEIGHTS


def test_another_reader_reads_as_it_does_in_transformers(
    exported: tuple[Settings, Path], models: tuple[Path, Path]
) -> None:
    question, passage = "Who keeps bees?", "Ann Lee has kept bees in Leeds since 1998."
    code = f"""
import transformers
tokenizer = transformers.AutoTokenizer.from_pretrained({str(models[0])!r})
model = transformers.AutoModelForQuestionAnswering.from_pretrained({str(models[0])!r}).eval()
encoded = tokenizer({question!r}, {passage!r}, return_tensors="pt")
print(model(**encoded).start_logits[0].tolist())
"""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    theirs = np.array(json.loads(shown.stdout.splitlines()[-1]))
    (window,) = SpanModel.load(exported[1], threads=1).read(question, [passage])
    assert np.allclose(theirs[-1 - len(window.start) : -1], window.start, atol=1e-3)


def test_another_reader_is_exported_once_and_anew_when_damaged(
    exported: tuple[Settings, Path],
) -> None:
    own, folder = exported
    stages: list[str] = []
    assert ensure_reader(own, lambda stage, done, total: stages.append(stage)) == folder
    assert stages == []
    (folder / GRAPH).write_bytes(b"")
    assert ensure_reader(own, quiet) == folder
    SpanModel.load(folder, threads=1)


def test_an_assistant_with_another_reader_quotes_verbatim(exported: tuple[Settings, Path]) -> None:
    asked = Assistant.load(Settings(**{**exported[0].model_dump(), "abstain_below": 0.0}))
    try:
        answer = asked.ask("How many people use Shared Lives?")
        for citation in answer.citations:
            quote = citation.quote
            assert asked.source_text(quote.passage.source)[quote.start : quote.end] == quote.text
        assert answer.citations
    finally:
        asked.close()


def test_a_folder_exported_before_is_used_as_it_is(exported: tuple[Settings, Path]) -> None:
    own = Settings(**{**exported[0].model_dump(), "reader": str(exported[1])})
    assert (exported[1] / DESCRIPTION).is_file()
    assert ensure_reader(own, quiet) == exported[1]


def test_a_model_that_finds_no_answers_is_refused(
    models: tuple[Path, Path], settings: Settings, tmp_path: Path
) -> None:
    own = Settings(
        **{**settings.model_dump(), "reader": str(models[1]), "embeddings": tmp_path / "e"}
    )
    with pytest.raises(ModelError, match="no weights for finding answers"):
        ensure_reader(own, quiet)
    assert not list((tmp_path / "e" / "readers").iterdir())


def test_a_reader_that_is_not_on_this_machine_is_named(settings: Settings) -> None:
    own = Settings(**{**settings.model_dump(), "reader": "nobody/has-this-reader"})
    with pytest.raises(ModelError, match="nobody/has-this-reader is not on this machine"):
        ensure_reader(own, quiet)
