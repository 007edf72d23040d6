"""Train the reader: ``python -m training.train --data DIR --base DIR --out DIR``.

Everything that is drawn at random comes from ``--seed``, and the order of batches is fixed before
the first step, so an interrupted run that is started again with the same arguments continues from
its last checkpoint as if it had never stopped.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.data import (
    SQUAD2,
    Encoder,
    Features,
    collate,
    held_out_articles,
    plan_batches,
    read_source,
)
from training.evaluate import Case, cases_of, judge, predict
from training.evidence import Row, collate_rows, training_rows
from training.mix import STAGES, training_features
from training.model import (
    MPNET,
    Reader,
    ReaderConfig,
    allowed_loss,
    load_base_weights,
    load_mpnet_weights,
    sentence_logits,
    sentence_loss,
    span_loss,
)
from training.thesaurus import Thesaurus
from training.unsure import chosen

CHECKPOINT = "checkpoint.pt"
WEIGHTS = "reader.pt"
EVIDENCE = 3
"""The stage that learns which sentences answer; see ``evidence``."""


@dataclass(frozen=True)
class Settings:
    """What a run depends on; stored in the checkpoint and compared when a run is resumed."""

    examples: int
    seed: int
    batch: int
    max_tokens: int
    rate: float
    head_rate: float
    warmup: float
    decay: float
    clip: float
    stage: int
    bfloat16: bool


class Run:
    """State of a training run: network, optimiser and the number of steps done."""

    def __init__(self, settings: Settings, reader: Reader, steps: int) -> None:
        self.settings = settings
        self.reader = reader
        self.steps = steps
        self.done = 0
        self.examples_seen = 0
        self.seconds = 0.0
        head = [*reader.span.parameters(), *reader.evidence.parameters()]
        heads = {id(p) for p in head}
        body = [p for p in reader.parameters() if p.requires_grad and id(p) not in heads]
        plain = [p for p in body if p.ndim == 1]
        matrices = [p for p in body if p.ndim > 1]
        # No weight decay on biases and norms; a faster rate for the head, which starts from noise.
        self.optimiser = torch.optim.AdamW(
            [
                {"params": matrices, "peak": settings.rate, "weight_decay": settings.decay},
                {"params": plain, "peak": settings.rate, "weight_decay": 0.0},
                {"params": head, "peak": settings.head_rate, "weight_decay": 0.0},
            ],
            lr=settings.rate,
        )

    def step(self, batch: dict[str, Tensor]) -> float:
        """One optimiser step; the loss of the batch in nats."""
        factor = self._factor()
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * factor
        self.reader.train()
        with torch.autocast(
            batch["input_ids"].device.type, torch.bfloat16, enabled=self.settings.bfloat16
        ):
            start, end, evidence = self.reader(
                batch["input_ids"], batch["attention_mask"], batch["token_type_ids"]
            )
        if self.settings.stage == EVIDENCE:
            loss = _evidence_loss(batch, start, end, evidence)
        else:
            loss = span_loss(start.float(), end.float(), batch["start"], batch["end"])
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.reader.parameters(), self.settings.clip)
        self.optimiser.step()
        self.done += 1
        self.examples_seen += len(batch["start"])
        return float(loss.detach())

    def _factor(self) -> float:
        """Share of the peak learning rate: linear up, then linear down to zero."""
        rising = max(1.0, self.settings.warmup * self.steps)
        if self.done < rising:
            return (self.done + 1) / rising
        return max(0.0, (self.steps - self.done) / max(1.0, self.steps - rising))

    def save(self, path: Path) -> None:
        """Write a checkpoint; the file at ``path`` is at every moment a whole one."""
        content = {
            "settings": vars(self.settings),
            "config": self.reader.config.as_dict(),
            "reader": self.reader.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "done": self.done,
            "examples_seen": self.examples_seen,
            "seconds": self.seconds,
            "random": torch.get_rng_state(),
            "random_gpu": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        }
        _write(content, path)

    def restore(self, path: Path) -> None:
        """Continue from a checkpoint of a run with the same settings."""
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        if content["settings"] != vars(self.settings):
            raise SystemExit(f"{path} belongs to a run with other settings: {content['settings']}")
        self.reader.load_state_dict(content["reader"])
        self.optimiser.load_state_dict(content["optimiser"])
        self.done = content["done"]
        self.examples_seen = content["examples_seen"]
        self.seconds = content["seconds"]
        torch.set_rng_state(content["random"])
        if content["random_gpu"] and torch.cuda.is_available():
            torch.cuda.set_rng_state_all(content["random_gpu"])


def _evidence_loss(
    batch: dict[str, Tensor], start: Tensor, end: Tensor, evidence: Tensor
) -> Tensor:
    """The highlight's loss and that of the sentences, in equal parts."""
    marked = (allowed_loss(start, batch["start"]) + allowed_loss(end, batch["end"])) / 2
    logits = sentence_logits(evidence, batch["sentence"], batch["answers"].shape[1] - 1)
    return marked + sentence_loss(logits, batch["answers"])


def _write(content: dict[str, Any], path: Path) -> None:
    partial = path.with_suffix(".partial")
    torch.save(content, partial)
    partial.replace(path)


def validation_cases(folder: Path, count: int = 300) -> list[Case]:
    """A fixed sample of the questions about the held-out articles."""
    passages = read_source(folder, SQUAD2)
    held = held_out_articles(passages)
    cases = cases_of([p for p in passages if p.article in held])
    return random.Random(0).sample(cases, min(count, len(cases)))


def _append(path: Path, row: dict[str, float | int]) -> None:
    """Add a line to a CSV file, with a header when the file is new."""
    fresh = not path.exists()
    with path.open("a", encoding="utf-8") as handle:
        if fresh:
            handle.write(",".join(row) + "\n")
        handle.write(",".join(f"{v:.4f}" if isinstance(v, float) else str(v) for v in row.values()))
        handle.write("\n")


class Progress:
    """Prints and files the loss and the speed every ``every`` steps."""

    def __init__(self, out: Path, run: Run, every: int = 25) -> None:
        self.out, self.run, self.every = out, run, every
        self.losses: list[float] = []
        self._mark()

    def _mark(self) -> None:
        self._at, self._seen = time.monotonic(), self.run.examples_seen

    def add(self, loss: float) -> None:
        """Take note of one step."""
        self.losses.append(loss)
        if self.run.done % self.every:
            return
        spent = time.monotonic() - self._at
        speed = (self.run.examples_seen - self._seen) / max(spent, 1e-9)
        mean = sum(self.losses) / len(self.losses)
        left = (self.run.steps - self.run.done) * self.run.settings.batch / max(speed, 1e-9)
        print(
            f"step {self.run.done}/{self.run.steps}  loss {mean:.3f}  "
            f"{speed:.1f} examples/s  {left / 60:.0f} min left",
            flush=True,
        )
        _append(self.out / "loss.csv", {"step": self.run.done, "loss": mean, "speed": speed})
        self.losses.clear()
        self._mark()


def train(
    run: Run, rows: list[Features] | list[Row], encoder: Encoder, cases: list[Case], args: Any
) -> None:
    """All steps that are not done yet, with checkpoints and validations."""
    device = next(run.reader.parameters()).device
    batches = plan_batches(rows, run.settings.batch, run.settings.seed)[: run.steps]
    stops = {round(run.steps * i / args.validations) for i in range(1, args.validations + 1)}
    progress = Progress(args.out, run)
    saved = started = time.monotonic()
    before = run.seconds
    for numbers in batches[run.done :]:
        batch = _collated([rows[n] for n in numbers], encoder.pad)
        loss = run.step({name: tensor.to(device) for name, tensor in batch.items()})
        progress.add(loss)
        run.seconds = before + time.monotonic() - started
        if run.done in stops:
            validate(run, encoder, cases, args.out)
        if time.monotonic() - saved > 60 * args.checkpoint_minutes:
            run.save(args.out / CHECKPOINT)
            saved = time.monotonic()
    run.save(args.out / CHECKPOINT)


def _collated(rows: Any, pad: int) -> dict[str, Tensor]:
    return collate_rows(rows, pad) if isinstance(rows[0], Row) else collate(rows, pad)


def validate(run: Run, encoder: Encoder, cases: list[Case], out: Path) -> None:
    """Measure on the validation questions and add a line to ``validation.csv``."""
    state = torch.get_rng_state()
    predictions = predict(run.reader, encoder, cases, run.settings.max_tokens)
    torch.set_rng_state(state)
    result = judge(cases, predictions)
    row = {"step": run.done, "examples": run.examples_seen, **result, "seconds": run.seconds}
    print("validation", json.dumps(row), flush=True)
    _append(out / "validation.csv", row)


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of SQuAD-layout files")
    parser.add_argument("--base", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, required=True, help="checkpoints, curves, weights")
    parser.add_argument(
        "--stage", type=int, default=1, choices=[*sorted(STAGES), EVIDENCE], help="see mix.py"
    )
    parser.add_argument("--start", type=Path, help="weights to start from (of the stage before)")
    parser.add_argument("--larger", type=Path, help="folder of all-mpnet-base-v2, to start from it")
    parser.add_argument("--layers", type=int, default=MPNET.layers, help="of it, the first ones")
    parser.add_argument("--frozen-layers", type=int, default=0, help="the first, as they were")
    parser.add_argument("--thesaurus", type=Path, help="folder of WordNet's files (for stage 2)")
    parser.add_argument("--searched", type=Path, help="file of training.search (for stage 3)")
    parser.add_argument("--scale", type=float, default=1.0, help="of the shares of stage 3")
    parser.add_argument("--unsure", type=Path, help="an exported reader: see unsure.py (stage 3)")
    parser.add_argument("--chosen", type=int, default=14_400, help="how many it chooses")
    parser.add_argument(
        "--bfloat16", action="store_true", help="halves the time where it is native"
    )
    parser.add_argument("--examples", type=int, default=26_000)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--max-tokens", type=int, default=240)
    parser.add_argument("--rate", type=float, default=1.5e-4, help="peak learning rate")
    parser.add_argument("--head-rate", type=float, default=1e-3, help="the same, of the head")
    parser.add_argument("--warmup", type=float, default=0.08, help="share of the steps")
    parser.add_argument("--decay", type=float, default=0.01, help="weight decay")
    parser.add_argument("--clip", type=float, default=1.0, help="largest gradient norm")
    parser.add_argument("--steps", type=int, help="end the schedule before all examples are seen")
    parser.add_argument("--threads", type=int, default=0, help="0: as many as torch likes")
    parser.add_argument("--validations", type=int, default=6)
    parser.add_argument("--checkpoint-minutes", type=float, default=4.0)
    args = parser.parse_args()
    if args.stage == 2 and not (args.start and args.thesaurus):
        parser.error("stage 2 needs --start (the weights of stage 1) and --thesaurus")
    if args.stage == EVIDENCE and not ((args.start or args.larger) and args.searched):
        parser.error("stage 3 needs --searched, and --start (the weights of stage 2) or --larger")
    return args


def _rows(args: argparse.Namespace, encoder: Encoder) -> Any:
    if args.stage == EVIDENCE:
        rows = training_rows(
            args.data, args.searched, encoder, args.max_tokens, args.seed, args.scale
        )
        if args.unsure is None:
            return rows
        kept = args.out / "chosen.json"
        return chosen(rows, args.unsure, args.chosen, encoder.pad, args.seed, args.threads, kept)
    thesaurus = Thesaurus.read(args.thesaurus) if args.thesaurus else None
    return training_features(
        args.data, encoder, args.examples, args.max_tokens, args.seed, args.stage, thesaurus
    )


def _network(args: argparse.Namespace) -> Reader:
    if args.start:
        stored = torch.load(args.start, weights_only=True)
        reader = Reader(ReaderConfig(**stored["config"]))
        # Weights of a stage before the third know nothing of evidence.
        reader.load_state_dict({**reader.state_dict(), **stored["reader"]})
    elif args.larger:
        reader = Reader(replace(MPNET, layers=args.layers))
        load_mpnet_weights(reader, args.larger / "model.safetensors")
    else:
        reader = Reader()
        load_base_weights(reader, args.base / "model.safetensors")
    return reader


def main() -> None:
    """Train from the base weights, or from the checkpoint found in ``--out``."""
    args = parse_arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    if args.threads:
        torch.set_num_threads(args.threads)
    names = Settings.__dataclass_fields__
    settings = Settings(**{name: getattr(args, name) for name in names})
    encoder = Encoder(args.base / "tokenizer.json")
    rows = _rows(args, encoder)
    cases = validation_cases(args.data)
    torch.manual_seed(args.seed)
    reader = _network(args)
    reader.freeze_embeddings(args.frozen_layers)
    reader.to("cuda" if torch.cuda.is_available() else "cpu")
    steps = -(-len(rows) // args.batch)
    run = Run(settings, reader, min(steps, args.steps or steps))
    if (args.out / CHECKPOINT).exists():
        run.restore(args.out / CHECKPOINT)
    print(f"{len(rows)} examples, {run.steps} steps, {run.done} done", flush=True)
    (args.out / "run.json").write_text(
        json.dumps({**vars(settings), "rows": len(rows), "steps": run.steps}, indent=2) + "\n"
    )
    train(run, rows, encoder, cases, args)
    content = {"config": reader.config.as_dict(), "reader": reader.state_dict()}
    _write({**content, "settings": vars(settings)}, args.out / WEIGHTS)
    print("finished", flush=True)


if __name__ == "__main__":
    main()
