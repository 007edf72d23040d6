"""Any sentence-transformers model -> a folder that ``encoder`` can run.

The packaged model comes in that form, so torch is needed only where another one is set.

The work is done in a child process (``python -m askscwru.index.export``): torch and FAISS each
bring an OpenMP of their own, and two of those in one process crash on macOS and Windows. Whatever
the libraries print or warn of stays in the child.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from askscwru.errors import ModelError
from askscwru.files import TEMPORARY, flush, flush_tree, remove, sha256_of, writing
from askscwru.index.encoder import (
    CARD,
    FORMAT,
    GRAPH,
    TOKENIZER,
    WEIGHTS,
    Encoder,
    FileFact,
    ModelCard,
    check_folder,
    packaged_weights,
    read_card,
    write_card,
)
from askscwru.settings import PACKAGED_MODEL, PACKAGED_WEIGHTS, Settings
from askscwru.types import Progress

EXPORTER = 2
"""Raised when the same weights would give another graph, so that they are exported again."""
AGREEMENT = 0.9999
"""The least cosine of the exported model's vectors with those of sentence-transformers."""

NEEDS_TORCH = (
    "Run `pip install torch sentence-transformers`, or leave ASKSCWRU_MODEL and ASKSCWRU_READER"
    " as they are by themselves."
)
SLOW_FUSIONS = ("SkipLayerNormFusion",)
"""Optimisers of ONNX Runtime that make a model slower on processors: its fused sum and norm takes
seven times as long as a norm and a sum apart."""

_PARTS = frozenset({".json", ".txt", ".model", ".safetensors", ".bin"})
_WEIGHTS = frozenset({".safetensors", ".bin"})
_OPSET = 17
_PROBE = 1 << 20
"""Bytes that a disk must still take to be called anything but full."""
_CHECKED = (
    "",
    "care",
    "How many people use Shared Lives?",
    "Naïve café – “Schrödinger” 東京 🙂 4,000 £1.5m",
    "The council’s duty to assess anyone who may need care and support. " * 60,
)


def models_folder(embeddings: Path) -> Path:
    """Where the exported models of an index lie, each under its fingerprint."""
    return embeddings / "models"


def model_folder(embeddings: Path, fingerprint: str) -> Path:
    """The folder of the encoder with this fingerprint: the packaged one, or one of this index.

    Raises:
        ModelError: the packaged one is damaged.
    """
    if fingerprint == read_card(PACKAGED_WEIGHTS).fingerprint:
        return PACKAGED_WEIGHTS
    return models_folder(embeddings) / fingerprint


def readers_folder(embeddings: Path) -> Path:
    """Where exported readers lie, each under its fingerprint; see ``export_reader``."""
    return embeddings / "readers"


def locate(model: str) -> Path:
    """The folder of the model that the setting ``model`` stands for; nothing is downloaded.

    Raises:
        ModelError: it is not on this machine.
    """
    if model == PACKAGED_MODEL:
        return packaged_weights()
    found = on_this_machine(model, f"sentence-transformers/{model}")
    if found is None:
        raise ModelError(
            f"The model {model} is not on this machine.",
            remedy=f"Run `hf download {model}`, or give the path of a sentence-transformers model.",
        )
    return found


def on_this_machine(*names: str) -> Path | None:
    """The first of some models that is a folder or lies in the hub's cache; nothing is downloaded.

    Args:
        names: the first may be a path.
    """
    path = Path(names[0]).expanduser()
    if path.is_dir():
        return path
    try:
        from huggingface_hub import snapshot_download  # 0.2 s, and only for models from its cache
    except ImportError:
        return None
    for name in names:
        try:
            return Path(snapshot_download(name, local_files_only=True))
        except Exception:  # noqa: S112 - whatever keeps it from the cache, it is not there
            continue
    return None


def fingerprint_of(folder: Path) -> str:
    """Sixteen hexadecimal digits that stand for a model's files and this exporter.

    An exported folder keeps the fingerprint that it was made with.

    Raises:
        ModelError: a file cannot be read.
    """
    if (folder / CARD).is_file():
        return read_card(folder).fingerprint
    digest = hashlib.sha256(f"exporter {EXPORTER} format {FORMAT}".encode())
    try:
        for path in _parts(folder):
            digest.update(f"\0{path.relative_to(folder).as_posix()}\0{sha256_of(path)}".encode())
    except OSError as error:
        raise ModelError(
            f"The model in {folder} cannot be read: {error.strerror}.",
            remedy="Make its files readable.",
        ) from error
    return digest.hexdigest()[:16]


def _parts(folder: Path) -> list[Path]:
    """The files that make a model what it is, without copies of it for other runtimes."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in _PARTS
        and path.relative_to(folder).parts[0] not in ("onnx", "openvino", "data_config.json")
        and path.is_file()
    ]


def ensure_model(settings: Settings, progress: Progress) -> Path:
    """The folder of the exported model, every byte of it checked.

    The packaged model is there already. Any other is exported if it is not there or is damaged:
    about 15 s, nearly all of it importing torch.

    Raises:
        ModelError: the weights are missing, altered, or of a kind that cannot be exported.
        StorageError: the folder cannot be written.
    """
    if settings.model == PACKAGED_MODEL:
        check_folder(PACKAGED_WEIGHTS, whole=True)
        return PACKAGED_WEIGHTS
    source = locate(settings.model)
    fingerprint = fingerprint_of(source)
    folder = models_folder(settings.embeddings) / fingerprint
    try:
        check_folder(folder, whole=True)
        return folder
    except ModelError:
        pass  # not there, or not sound: it is made below
    progress("model", 0, 1)
    with writing(settings.embeddings), made_whole(folder) as aside:
        if (source / CARD).is_file():
            _copy(source, aside)
        else:
            _export_in_child(source, aside, settings, fingerprint)
    progress("model", 1, 1)
    return folder


@contextmanager
def made_whole(folder: Path) -> Iterator[Path]:
    """An empty folder to fill, which takes the place of ``folder`` once it is; never half of it.

    Raises:
        OSError: it cannot be written; what was there before is there still.
    """
    aside = folder.with_name(f"{TEMPORARY}{folder.name}-{os.getpid()}")
    aside.mkdir(parents=True)
    try:
        yield aside
        flush_tree(aside)
        remove(folder)
        aside.replace(folder)
        flush(folder.parent)
    finally:
        remove(aside)


def _copy(source: Path, aside: Path) -> None:
    """Takes over a folder that was exported before, perhaps on another machine."""
    check_folder(source, whole=True)
    for name in (GRAPH, WEIGHTS, TOKENIZER, CARD):
        shutil.copyfile(source / name, aside / name)


def _export_in_child(source: Path, aside: Path, settings: Settings, fingerprint: str) -> None:
    command = ["askscwru.index.export", str(source.resolve()), str(aside.resolve())]
    command += ["--name", settings.model, "--fingerprint", fingerprint]
    command += ["--threads", str(settings.threads)]
    run_child(command, aside / "export.log", settings.threads, _failure(settings.model))


def _failure(model: str) -> Callable[[str], ModelError]:
    return lambda reason: ModelError(
        f"The model {model} cannot be used: {reason}.",
        remedy="Choose a sentence-transformers model for text with ASKSCWRU_MODEL.",
    )


def run_child(
    command: Sequence[str], log: Path, threads: int, failure: Callable[[str], ModelError]
) -> None:
    """Runs a module of this package in a process of its own, where torch may be imported.

    Args:
        command: the module and its arguments; see ``child_main`` for what it does.
        log: where whatever it prints goes; removed when it succeeds.
        threads: how many it may use.
        failure: makes the error to raise from the reason that the child gives.

    Raises:
        ModelError: the child failed, and told why.
        OSError: the disk refused.
    """
    with (
        log.open("wb") as output,
        # The child holds the other end of this pipe: if this process dies, the child ends too.
        subprocess.Popen(  # noqa: S603 - this very Python, and arguments that no shell sees
            [sys.executable, "-m", *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_child_environment(threads),
        ) as child,
    ):
        try:
            code = child.wait()
        except BaseException:
            child.kill()
            raise
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    if code != 0:
        raise _child_failure(code, said[-1] if said else "", failure)
    log.unlink()


def _child_failure(
    code: int, last: str, failure: Callable[[str], ModelError]
) -> ModelError | OSError:
    try:
        said = json.loads(last)
        number, reason = said["errno"], str(said["reason"])
    except (ValueError, KeyError, TypeError):
        said, number, reason = {}, None, last or f"the exporter ended with code {code}"
    if not said.get("imported", True):
        return ModelError(
            f"Any model but the packaged one needs torch and sentence-transformers, and they "
            f"cannot be loaded: {reason.rstrip('.')}.",
            remedy=NEEDS_TORCH,
        )
    if number:
        return OSError(
            number, os.strerror(number)
        )  # the disk's failure: ``writing`` gives it its name
    return failure(reason.rstrip("."))


def _child_environment(threads: int) -> dict[str, str]:
    here = str(Path(__file__).resolve().parents[2])
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH")))),
        "PYTHONIOENCODING": "utf-8",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "CUDA_VISIBLE_DEVICES": "",
        "OMP_NUM_THREADS": str(threads),
        "KMP_DUPLICATE_LIB_OK": "TRUE",
    }


# ---- what follows runs in the child --------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Exports one model; on failure the last line printed is an object with the reason."""
    return child_main("askscwru.index.export", export_here, arguments)


def child_main(
    module: str,
    export: Callable[[Path, Path, str, str, int], None],
    arguments: Sequence[str] | None = None,
) -> int:
    """What the child does: parse ``SOURCE INTO --name --fingerprint --threads`` and export.

    It ends when its parent does. On failure the last line printed is an object with the reason.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    parser.add_argument("source", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--fingerprint", required=True)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args(arguments)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        export(chosen.source, chosen.into, chosen.name, chosen.fingerprint, chosen.threads)
    except Exception as error:  # the parent gives each reason its name
        reason = str(error).strip().splitlines() or [type(error).__name__]
        said = {
            "errno": _disk_failure(error),
            "reason": reason[0],
            "imported": not isinstance(error, ImportError),
        }
        print("\n" + json.dumps(said))
        return 1
    return 0


@contextmanager
def importing() -> Iterator[None]:
    """Makes an ``ImportError`` of whatever a missing or broken library raises."""
    try:
        yield
    except Exception as error:  # a shared library that does not fit raises OSError, for one
        raise ImportError(str(error)) from error


@contextmanager
def scratch(into: Path) -> Iterator[Path]:
    """A folder for what is needed only meanwhile, on the disk of the folder ``into``.

    Raises:
        OSError: something failed inside, and the disk takes nothing more: whatever a library says
            of it then, that is the reason. It is looked for while what fills the disk is there.
    """
    with tempfile.TemporaryDirectory(dir=into) as folder:
        try:
            yield Path(folder)
        except Exception as error:
            refused = None if _disk_failure(error) else _refusal(into)
            if refused is None:
                raise
            raise refused from error


def _refusal(folder: Path) -> OSError | None:
    """Why the disk takes nothing more; None when it does."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_PROBE))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error
    return None


def _disk_failure(error: BaseException) -> int | None:
    """The number of the system's error when it is the disk's; the libraries pass on its words."""
    for number in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EROFS):
        if os.strerror(number) in str(error):
            return number
    return None


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


def export_here(source: Path, into: Path, name: str, fingerprint: str, threads: int) -> None:
    """Writes the four files of an exported model into the empty folder ``into``.

    Args:
        source: the folder of a sentence-transformers model.
        into: an empty folder.
        name: the setting that it is made for.
        fingerprint: what ``fingerprint_of`` says of it.
        threads: how many torch and ONNX Runtime may use.

    Raises:
        ModelError: the model is not one that can be exported, or the export disagrees with it.
        Exception: whatever torch and transformers raise.
    """
    warnings.simplefilter("ignore")
    with importing():
        import torch
        from sentence_transformers import SentenceTransformer
    torch.set_num_threads(threads)
    model = SentenceTransformer(str(source), device="cpu", local_files_only=True)
    model.eval()
    backend = write_tokenizer(model.tokenizer, into / TOKENIZER)
    _write_graph(model, into)
    limit = model.max_seq_length or model.tokenizer.model_max_length
    card = ModelCard(
        format=FORMAT,
        name=name,
        fingerprint=fingerprint,
        weights={
            path.relative_to(source).as_posix(): sha256_of(path)
            for path in _parts(source)
            if path.suffix in _WEIGHTS
        },
        dimension=len(model.encode("")),
        max_tokens=int(limit),
        special_tokens=backend.num_special_tokens_to_add(False),
        pad_id=int(model.tokenizer.pad_token_id or 0),
        files={file: FileFact.of(into / file) for file in (GRAPH, WEIGHTS, TOKENIZER)},
        versions={
            library: version(library)
            for library in ("onnx", "onnxruntime", "sentence-transformers", "tokenizers", "torch")
        },
    )
    write_card(into, card)
    _check_agreement(model, Encoder.load(into, threads=threads))


def _write_graph(model: Any, into: Path) -> None:
    """Traces the whole model (tokens in, unit vector out) and writes it optimised.

    The TorchScript exporter takes 2 s where the newer one takes 14 and needs onnxscript. The graph
    is optimised up to the level that holds on every processor (not ``ORT_ENABLE_ALL``, which lays
    data out for the one at hand), and its weights are kept apart so that they can be mapped into
    memory: together that loads three times as fast.
    """
    import torch

    def embedding(values: dict[str, Any]) -> Any:
        return torch.nn.functional.normalize(model(values)["sentence_embedding"], dim=-1)

    sample = model.tokenizer(
        ["A short text.", "And one that is longer, so that the first has padding."],
        padding=True,
        return_tensors="pt",
    )
    known = ("input_ids", "attention_mask", "token_type_ids")
    values = {name: sample[name] for name in known if name in sample}
    with scratch(into) as folder:
        traced = folder / "traced.onnx"
        trace(model, embedding, values, {"sentence_embedding": {0: "batch"}}, traced)
        _optimise(traced, into / GRAPH)


def write_tokenizer(tokenizer: Any, path: Path) -> Any:
    """Writes a tokenizer that neither pads nor cuts, and returns it.

    Raises:
        ModelError: it is of the slow kind, which cannot be written.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ModelError("it has no fast tokenizer")
    backend.no_padding()
    backend.no_truncation()
    path.write_text(backend.to_str(), encoding="utf-8")
    return backend


def trace(
    model: Any,
    forward: Callable[[dict[str, Any]], Any],
    values: Mapping[str, Any],
    outputs: Mapping[str, dict[int, str]],
    path: Path,
) -> None:
    """Writes as ONNX what a model makes of its inputs, whatever their number and length.

    Args:
        model: a module of torch.
        forward: runs it on its inputs, by name.
        values: an example of the inputs, each of shape (batch, length).
        outputs: the axes of each output that vary.
        path: of the file to write.
    """
    import torch

    class Graph(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *given: torch.Tensor) -> Any:
            return forward(dict(zip(values, given, strict=True)))

    with torch.no_grad():
        torch.onnx.export(
            Graph().eval(),
            tuple(values.values()),
            str(path),
            dynamo=False,
            opset_version=_OPSET,
            input_names=list(values),
            output_names=list(outputs),
            dynamic_axes={**{name: {0: "batch", 1: "length"} for name in values}, **outputs},
        )


def _optimise(traced: Path, graph: Path) -> None:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 4
    options.optimized_model_filepath = str(graph)
    prefix = "session.optimized_model_external_initializers_"
    options.add_session_config_entry(f"{prefix}file_name", WEIGHTS)
    options.add_session_config_entry(f"{prefix}min_size_in_bytes", "1024")
    onnxruntime.InferenceSession(
        traced,
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=list(SLOW_FUSIONS),
    )
    (graph.parent / WEIGHTS).touch()  # a model may be too small to have weights kept apart


def _check_agreement(model: Any, encoder: Encoder) -> None:
    reference = model.encode(
        list(_CHECKED), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
    )
    together = encoder.encode(_CHECKED)
    alone = np.vstack([encoder.encode([text]) for text in _CHECKED])
    least = min(float(np.min(np.sum(reference * ours, axis=1))) for ours in (together, alone))
    if not least >= AGREEMENT:  # a NaN fails too
        raise ModelError(f"its exported form disagrees with it (cosine {least:.6f})")


if __name__ == "__main__":
    sys.exit(main())
