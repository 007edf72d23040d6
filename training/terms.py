"""A token classifier over the history, on the encoder: which earlier terms a question needs.

QuReTeC (Voskarides et al., SIGIR 2020) reads the history and the question with BERT and decides for
each earlier word whether the question lacks it. Here all-MiniLM-L6-v2 reads ``[CLS] question [SEP]
turns, the newest first [SEP]``, and a head says of the first piece of every earlier word how likely
it is to be added. Either the whole encoder is trained with the head (its embeddings stay), or it is
left as it is and only a head on its vectors is trained.

    python -m training.terms --data rewrites.jsonl.gz --base BASE --out OUT [--frozen]

trains on the conversations that ``training.follow_up`` fits its own classifier on, goes on from
``OUT/checkpoint.pt`` where it was stopped, chooses the threshold on a tenth of those conversations,
and prints the table of ``training.follow_up`` for the sets that were held out.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from askscwru.conversation.follow_up import Change, resolve
from askscwru.index.lexical import analyse
from training.follow_up import MEASURED_ON, Item, exchanges, measure, read_items, wanted_terms
from training.model import Reader, load_base_weights

CHECKPOINT, WEIGHTS = "checkpoint.pt", "terms.pt"
LONGEST, LONGEST_QUESTION = 192, 48
"""Word pieces, with the special ones; of the question."""
_WORD = re.compile(r"\w+(?:[’'-]\w+)*")
_LEVELS = np.arange(0.05, 0.95, 0.025)


@dataclass(frozen=True, slots=True)
class Row:
    """One question as the network reads it."""

    ids: list[int]
    second: int
    """Where the history begins."""
    places: list[int]
    """The positions of the first pieces of the history's words."""
    terms: list[str]
    """The stem of each of these words."""
    wanted: list[bool]
    """Whether the person's rewriting adds it."""


class Tagger(nn.Module):
    """The encoder, and a head on its vectors."""

    def __init__(self, *, frozen: bool) -> None:
        super().__init__()
        self.frozen = frozen
        self.reader = Reader()
        self.reader.freeze_embeddings()
        size = self.reader.config.hidden
        # A frozen vector does not know the question well: its mean, and the product, tell the head.
        width = 3 * size if frozen else size
        self.head = nn.Sequential(
            nn.Dropout(0.1), nn.Linear(width, 96), nn.GELU(), nn.Dropout(0.1), nn.Linear(96, 1)
        )

    def forward(self, ids: Tensor, mask: Tensor, kinds: Tensor) -> Tensor:
        """Log-odds of every position, shape ``(batch, length)``."""
        if self.frozen:
            with torch.no_grad():
                self.reader.eval()
                hidden = self.reader.encode(ids, mask, torch.zeros_like(kinds))
            asked = ((1 - kinds) * mask).unsqueeze(-1).to(hidden.dtype)
            mean = ((hidden * asked).sum(1) / asked.sum(1)).unsqueeze(1).expand_as(hidden)
            hidden = torch.cat([hidden, mean, hidden * mean], dim=-1)
        else:
            hidden = self.reader.encode(ids, mask, kinds)
        odds: Tensor = self.head(hidden).squeeze(-1)
        return odds


def tokenizer_of(base: Path) -> Tokenizer:
    """The base model's tokenizer, which cuts nothing and fills nothing up."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def row_of(item: Item, tokenizer: Tokenizer) -> Row:
    """A question with as much of its history as there is room for, the newest turn first."""
    begin, end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    asked = tokenizer.encode(item.question, add_special_tokens=False).ids[:LONGEST_QUESTION]
    ids = [begin, *asked, end]
    second = len(ids)
    gold = wanted_terms(item)
    places: list[int] = []
    terms: list[str] = []
    for text in reversed(item.history):
        for match in _WORD.finditer(text):
            pieces = tokenizer.encode(match.group(), add_special_tokens=False).ids
            if len(ids) + len(pieces) >= LONGEST:
                break
            for stem in analyse(match.group())[:1]:
                places.append(len(ids))
                terms.append(stem)
            ids += pieces
        if len(ids) >= LONGEST - 1:
            break
        ids.append(end)
    return Row(ids, second, places, terms, [term in gold for term in terms])


def batch_of(rows: Sequence[Row]) -> tuple[Tensor, Tensor, Tensor]:
    """Pieces, mask and segments, each of shape ``(rows, longest)``."""
    longest = max(len(row.ids) for row in rows)
    ids = torch.zeros((len(rows), longest), dtype=torch.long)
    mask, kinds = torch.zeros_like(ids), torch.zeros_like(ids)
    for at, row in enumerate(rows):
        ids[at, : len(row.ids)] = torch.tensor(row.ids)
        mask[at, : len(row.ids)] = 1
        kinds[at, row.second : len(row.ids)] = 1
    return ids, mask, kinds


def loss_of(tagger: Tagger, rows: Sequence[Row], weight: float) -> Tensor:
    """Mean cross-entropy over the history's words; ``weight`` counts an added one so often."""
    odds = tagger(*batch_of(rows))
    chosen = torch.cat([odds[at, row.places] for at, row in enumerate(rows)])
    wanted = torch.tensor([w for row in rows for w in row.wanted], dtype=torch.float32)
    return functional.binary_cross_entropy_with_logits(
        chosen, wanted, pos_weight=torch.tensor(weight)
    )


@torch.no_grad()
def sureness(tagger: Tagger, rows: Sequence[Row], size: int = 32) -> list[dict[str, float]]:
    """For every question the probability of each term, the highest of its occurrences."""
    tagger.eval()
    order = sorted(range(len(rows)), key=lambda at: len(rows[at].ids))
    found: list[dict[str, float]] = [{} for _ in rows]
    for first in range(0, len(order), size):
        some = order[first : first + size]
        odds = torch.sigmoid(tagger(*batch_of([rows[at] for at in some]))).tolist()
        for at, own in zip(some, odds, strict=True):
            for place, term in zip(rows[at].places, rows[at].terms, strict=True):
                found[at][term] = max(found[at].get(term, 0.0), own[place])
    return found


def best_level(items: Sequence[Item], sure: Sequence[dict[str, float]]) -> float:
    """The threshold with the best F1."""
    scores = []
    for level in _LEVELS:
        right = said = wanted = 0
        for item, own in zip(items, sure, strict=True):
            gold = wanted_terms(item)
            chosen = {t for t, p in own.items() if p >= level} - set(analyse(item.question))
            right, said, wanted = right + len(gold & chosen), said + len(chosen), wanted + len(gold)
        scores.append(2 * right / max(1, said + wanted))
    return float(_LEVELS[int(np.argmax(scores))])


def for_threshold(item: Item) -> bool:
    """Whether a conversation is kept from training to choose the threshold: a tenth of them."""
    return hashlib.sha256(f"{item.src} {item.talk}".encode()).digest()[1] < 26


def plan(rows: Sequence[Row], epochs: int, size: int, seed: int) -> list[list[int]]:
    """The batches of all epochs, rows of like length together, in an order fixed by the seed."""
    chance = random.Random(seed)
    found: list[list[int]] = []
    for _ in range(epochs):
        order = list(range(len(rows)))
        chance.shuffle(order)
        epoch = []
        for first in range(0, len(order), size * 20):
            pool = sorted(order[first : first + size * 20], key=lambda at: len(rows[at].ids))
            epoch += [pool[at : at + size] for at in range(0, len(pool), size)]
        chance.shuffle(epoch)
        found += epoch
    return found


def train(tagger: Tagger, rows: Sequence[Row], options: argparse.Namespace) -> None:
    """All batches, from the last checkpoint on; the file is whole at every moment."""
    body = [p for p in tagger.reader.layers.parameters() if not options.frozen]
    optimiser = torch.optim.AdamW(
        [{"params": body, "peak": options.rate}, {"params": tagger.head.parameters(), "peak": 1e-3}]
        if body
        else [{"params": tagger.head.parameters(), "peak": 1e-3}],
        lr=options.rate,
        weight_decay=0.01,
    )
    batches = plan(rows, options.epochs, options.batch, options.seed)
    path, done = options.out / CHECKPOINT, 0
    if path.exists():
        kept = torch.load(path, map_location="cpu", weights_only=True)
        tagger.load_state_dict(kept["tagger"])
        optimiser.load_state_dict(kept["optimiser"])
        done = kept["done"]
        torch.set_rng_state(kept["random"])
    began, losses = time.perf_counter(), []
    while done < len(batches):
        tagger.train()
        factor = min(1.0, (done + 1) / (0.08 * len(batches)), 1.02 - done / len(batches))
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * factor
        loss = loss_of(tagger, [rows[at] for at in batches[done]], options.weight)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(tagger.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
        done += 1
        if done % 40 == 0 or done == len(batches):
            mean, took = np.mean(losses[-40:]), time.perf_counter() - began
            print(f"{done}/{len(batches)} loss {mean:.4f} {took:.0f} s", flush=True)
            partial = path.with_suffix(".partial")
            torch.save(
                {
                    "tagger": tagger.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "done": done,
                    "random": torch.get_rng_state(),
                },
                partial,
            )
            partial.replace(path)


def is_dependent(item: Item) -> bool:
    """Whether the rules find that the question cannot stand by itself."""
    first = resolve(item.question, exchanges(item.src, item.history))[0]
    return first.change is not Change.NONE


def report(tagger: Tagger, items: Sequence[Item], tokenizer: Tokenizer, level: float) -> None:
    """The table: the classifier by itself, and only where the rules see a follow-up."""
    print(f"{'set':15} {'n':>5}  {'method':22} {'P':>6} {'R':>6} {'F1':>6} {'left alone':>11}")
    for src in MEASURED_ON:
        some = [item for item in items if item.src == src and item.held_out]
        sure = sureness(tagger, [row_of(item, tokenizer) for item in some])
        said = {
            id(item): {t for t, p in own.items() if p >= level} - set(analyse(item.question))
            for item, own in zip(some, sure, strict=True)
        }
        dependent = {id(item) for item in some if is_dependent(item)}
        gated = {key: terms if key in dependent else set() for key, terms in said.items()}
        for name, chosen in (("encoder", said), ("encoder behind rules", gated)):
            got = measure(some, lambda item, chosen=chosen: chosen[id(item)])
            print(
                f"{src:15} {len(some):5}  {name:22} {got['P']:6.3f} {got['R']:6.3f}"
                f" {got['F1']:6.3f} {got['left alone']:11.3f}",
                flush=True,
            )


def main() -> None:
    """Trains, chooses the threshold, measures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True, help="rewrites.jsonl.gz")
    parser.add_argument("--base", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint and weights")
    parser.add_argument("--frozen", action="store_true", help="train a head only")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=5e-5)
    parser.add_argument("--weight", type=float, default=2.0, help="of an added word in the loss")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_of(options.base)
    items = [item for item in read_items(options.data) if item.history]
    known = [item for item in items if not item.held_out and item.src != "followup_test"]
    rows = [row_of(item, tokenizer) for item in known]
    fitted = [row for row, item in zip(rows, known, strict=True) if not for_threshold(item)]
    tagger = Tagger(frozen=options.frozen)
    load_base_weights(tagger.reader, options.base / "model.safetensors")
    print(f"{len(fitted)} questions to train on, {sum(len(r.places) for r in fitted)} words")
    train(tagger, [row for row in fitted if row.places], options)
    kept = [at for at, item in enumerate(known) if for_threshold(item)]
    level = best_level([known[at] for at in kept], sureness(tagger, [rows[at] for at in kept]))
    print(f"threshold {level:.3f}, chosen on {len(kept)} questions")
    torch.save({"tagger": tagger.state_dict(), "level": level}, options.out / WEIGHTS)
    report(tagger, items, tokenizer, level)


if __name__ == "__main__":
    main()
