"""Another reader in the packaged one's place: exported once, checked, or refused by name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from askscwru.answering import export_reader
from askscwru.answering.export_reader import GRAPH, ensure_reader
from askscwru.answering.span import DESCRIPTION, SCORING, TOKENIZER, WEIGHTS, SpanModel
from askscwru.assistant import Assistant
from askscwru.errors import ModelError
from askscwru.files import TEMPORARY
from askscwru.index import export
from askscwru.index.build import build
from askscwru.index.export import locate, readers_folder
from askscwru.settings import PACKAGED_MODEL, PACKAGED_READER, Settings
from fakes import SRC, quiet

QUESTION, PASSAGE = "Who keeps bees?", "Ann Lee has kept bees in Leeds since 1998."
_MAKE = """
import json, sys, torch, transformers
from pathlib import Path
from askscwru.answering.export_reader import _export
torch.manual_seed(1)
config = transformers.BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
    intermediate_size=32, max_position_embeddings=160)
whole, headless, into, question, passage = sys.argv[1:]
model = transformers.BertForQuestionAnswering(config).eval()
model.save_pretrained(whole)
transformers.BertModel(config).save_pretrained(headless)
tokenizer = transformers.AutoTokenizer.from_pretrained(whole)
logits = model(**tokenizer(question, passage, return_tensors="pt")).start_logits[0].tolist()
try:
    _export(Path(headless), Path(into), "headless", "0" * 16, 1)
except Exception as error:
    print(json.dumps([logits, str(error)]))
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


@dataclass(frozen=True)
class Made:
    """A small question-answering model with weights from a seed, and the same without a head."""

    whole: Path
    headless: Path
    logits: list[float]
    """Of being the first word piece of the answer, as transformers gives them."""
    refused: str
    """Why the one without a head could not be exported."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """All from one process: what takes its time is importing torch."""
    folder = tmp_path_factory.mktemp("models")
    whole, headless = folder / "whole", folder / "headless"
    for made in (whole, headless):
        made.mkdir()
        shutil.copyfile(locate(PACKAGED_MODEL) / TOKENIZER, made / TOKENIZER)
        (made / "tokenizer_config.json").write_text(json.dumps(_TOKENIZER_CONFIG), encoding="utf-8")
    shutil.copyfile(WEIGHTS / SCORING, whole / SCORING)
    into = folder / "into"
    into.mkdir()
    own = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error", "OMP_NUM_THREADS": "1"}
    shown = subprocess.run(
        [sys.executable, "-c", _MAKE, str(whole), str(headless), str(into), QUESTION, PASSAGE],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **own, "PYTHONPATH": str(SRC)},
    )
    return Made(whole, headless, *json.loads(shown.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def exported(models: Made, settings: Settings) -> tuple[Settings, Path]:
    """Settings that name the small model, and where it was exported to."""
    own = Settings(**{**settings.model_dump(), "reader": str(models.whole)})
    return own, ensure_reader(own, quiet)


def test_the_packaged_reader_is_taken_where_it_lies(settings: Settings) -> None:
    assert settings.reader == PACKAGED_READER
    assert ensure_reader(settings, quiet) == WEIGHTS


def test_another_reader_reads_as_it_does_in_transformers(
    exported: tuple[Settings, Path], models: Made
) -> None:
    (window,) = SpanModel.load(exported[1], threads=1).read(QUESTION, [PASSAGE])
    theirs = np.array(models.logits[-1 - len(window.start) : -1])
    assert np.allclose(theirs, window.start, atol=1e-3)


def test_another_reader_is_exported_once_and_anew_when_damaged(
    exported: tuple[Settings, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, folder = exported
    stages: list[str] = []
    assert ensure_reader(own, lambda stage, done, total: stages.append(stage)) == folder
    assert stages == []
    sound = shutil.copytree(folder, tmp_path / "sound")

    def again(source: Path, aside: Path, *_: object) -> None:
        """What a second child would make, which takes five seconds."""
        shutil.copytree(sound, aside, dirs_exist_ok=True)

    monkeypatch.setattr(export_reader, "_export_in_child", again)
    (folder / GRAPH).write_bytes(b"")
    assert ensure_reader(own, quiet) == folder
    SpanModel.load(folder, threads=1)


def test_what_a_killed_export_left_is_cleared_by_the_next_build(
    fake_settings: Settings,
) -> None:
    wreck = readers_folder(fake_settings.embeddings) / f"{TEMPORARY}0123-1"
    wreck.mkdir(parents=True)
    build(fake_settings, quiet)
    assert not wreck.exists()


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
    models: Made, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the child says of it comes from the process of ``models``; it ends as a child does."""
    told = json.dumps({"errno": None, "reason": models.refused})
    says = f"import sys; print({told!r}); sys.exit(1)"
    started = subprocess.Popen

    def child(command: list[str], **given: Any) -> subprocess.Popen[bytes]:
        return started([sys.executable, "-S", "-c", says], **given)

    monkeypatch.setattr(export.subprocess, "Popen", child)
    own = Settings(
        **{**settings.model_dump(), "reader": str(models.headless), "embeddings": tmp_path / "e"}
    )
    with pytest.raises(ModelError, match="no weights for finding answers"):
        ensure_reader(own, quiet)
    assert not list((tmp_path / "e" / "readers").iterdir())


def test_a_reader_that_is_not_on_this_machine_is_named(settings: Settings) -> None:
    own = Settings(**{**settings.model_dump(), "reader": "nobody/has-this-reader"})
    with pytest.raises(ModelError, match="nobody/has-this-reader is not on this machine"):
        ensure_reader(own, quiet)
