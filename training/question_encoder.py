"""A correction to the encoder for questions alone: ``python -m training.question_encoder``.

``python -m training.question_encoder --data DATA --out OUT`` learns, for every matrix of the
encoder, a product of two thin ones that is added to it (Hu et al., "LoRA", ICLR 2022), so that a
question comes nearer to the passages that answer it and farther from those that only resemble it.
Passages keep the vectors that they have: no index is made anew.

The nearness is the program's own (``Retriever._nearness``): that of the passage mixed with that of
its nearest sentence. What the batch has for other questions and what the plain encoder confuses
with the right passage are the wrong ones. How far a question's vector may move is held by its
cosine to the plain one, for sentences of the passages too, which are no questions.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from askscwru.index.encoder import Encoder, packaged_weights
from askscwru.sentences import split_sentences
from askscwru.settings import PACKAGED_WEIGHTS
from training.data import read_source
from training.evidence import (
    POSITIVE,
    SEARCHED_SETS,
    Item,
    Sources,
    contains_answer,
    heading_of,
    part,
    passage_key,
)

SENTENCE_SHARE = 0.6
"""Of the nearest sentence in a passage's nearness: the setting ``sentence_weight``."""
MOST_TEXT = 900
"""Characters of a passage, about: as long as the index cuts them."""
MINED, CONFUSED = 24, 6
"""How many of the nearest wrong passages are known of a question, and how many a batch has."""
LEFT_OUT = ("condaqa", "boolq_weak", "fm2_claims", "disfl_qa_17", "qadiscourse", "quoref_slice")
"""Sets whose questions stand by no passage alone, or that repeat another set's."""


@dataclass(frozen=True)
class Pool:
    """Passages with the vectors of the index."""

    texts: list[str]
    whole: NDArray[np.float32]
    """Shape (passages, dimension)."""
    sentences: NDArray[np.float32]
    """Shape (sentences, dimension): those of the first passage, of the second, and so on."""
    first: NDArray[np.int64]
    """Where each passage's sentences begin, and the end: shape (passages + 1,)."""


def window(text: str, around: int) -> str:
    """The whole sentences of a text around a place, up to ``MOST_TEXT`` characters."""
    cut = [(s.start, s.end) for s in split_sentences(text)]
    if not cut or len(text) <= MOST_TEXT:
        return text
    first = last = max((n for n, (start, _) in enumerate(cut) if start <= around), default=0)
    while True:
        before = first > 0 and cut[last][1] - cut[first - 1][0] <= MOST_TEXT
        after = last + 1 < len(cut) and cut[last + 1][1] - cut[first][0] <= MOST_TEXT
        if not before and not after:
            return text[cut[first][0] : cut[last][1]]
        first, last = first - before, last + after


@dataclass(frozen=True)
class Pair:
    """A question and the passage that answers it."""

    question: str
    passage: int
    item: Item


def pairs_of(data: Path, seed: int, limit: int) -> tuple[list[Pair], list[tuple[str, str]]]:
    """The questions to learn from, and the passages (heading, text) that they are put to."""
    rng = random.Random(seed)
    sources = Sources(data)
    number: dict[tuple[str, str], int] = {}
    pairs = []
    for name, count in POSITIVE.items():
        if name in LEFT_OUT:
            continue
        items = [Item(p, q) for p in sources.sets[name].passages for q in p.questions if q.answers]
        for item in rng.sample(items, min(len(items), round(count * limit / 25000))):
            found = sources.sets[name].evidence.get(item.question.id) or item.question.answers
            text = window(item.passage.text, found[0].start)
            key = (heading_of(name, item.passage), text)
            pairs.append(Pair(item.question.text, number.setdefault(key, len(number)), item))
    return pairs, list(number)


def kept_back(data: Path, which: str) -> tuple[list[Pair], list[tuple[str, str]]]:
    """The same of the questions that are kept for fitting or measuring."""
    number: dict[tuple[str, str], int] = {}
    pairs = []
    for name in SEARCHED_SETS:
        for passage in read_source(data, name):
            if not passage.questions or part(passage_key(passage.questions[0].id)) != which:
                continue
            for question in passage.questions:
                if question.answers:
                    text = window(passage.text, question.answers[0].start)
                    key = (heading_of(name, passage), text)
                    place = number.setdefault(key, len(number))
                    pairs.append(Pair(question.text, place, Item(passage, question)))
    return pairs, list(number)


def pool_of(passages: list[tuple[str, str]], encoder: Encoder, kept: Path) -> Pool:
    """The vectors of passages; ``kept`` remembers them."""
    texts = [text for _, text in passages]
    cut = [[t[s.start : s.end] for s in split_sentences(t)] or [t] for t in texts]
    first = np.cumsum([0, *map(len, cut)])
    if kept.exists():
        stored = np.load(kept)
        return Pool(texts, stored["whole"], stored["sentences"], first)
    began = time.monotonic()
    whole = encoder.encode([f"{head}. {text}" if head else text for head, text in passages])
    sentences = encoder.encode([sentence for some in cut for sentence in some])
    np.savez(kept, whole=whole, sentences=sentences)
    print(f"{len(whole)} passages, {time.monotonic() - began:.0f} s", flush=True)
    return Pool(texts, whole, sentences, first)


def _together(one: Pool, other: Pool) -> Pool:
    return Pool(
        [*one.texts, *other.texts],
        np.concatenate([one.whole, other.whole]),
        np.concatenate([one.sentences, other.sentences]),
        np.concatenate([one.first, one.first[-1] + other.first[1:]]),
    )


def nearness(questions: NDArray[np.float32], pool: Pool) -> NDArray[np.float32]:
    """Shape (questions, passages)."""
    nearest = np.maximum.reduceat(questions @ pool.sentences.T, pool.first[:-1], axis=1)
    near: NDArray[np.float32] = (1 - SENTENCE_SHARE) * (questions @ pool.whole.T)
    return near + np.float32(SENTENCE_SHARE) * nearest


def confused(
    pairs: list[Pair], vectors: NDArray[np.float32], pool: Pool
) -> list[NDArray[np.int64]]:
    """For each question the wrong passages that are nearest to it."""
    found = []
    for at in range(0, len(pairs), 256):
        some = pairs[at : at + 256]
        near = nearness(vectors[at : at + 256], pool)
        for pair, row in zip(some, near, strict=True):
            best = np.argpartition(-row, 2 * MINED)[: 2 * MINED]
            wrong = [
                int(n)
                for n in best[np.argsort(-row[best])]
                if n != pair.passage and not contains_answer(pool.texts[n], pair.item)
            ]
            found.append(np.array(wrong[:MINED], dtype=np.int64))
    return found


# -- the network -----------------------------------------------------------------------------------


class Corrected(nn.Module):
    """A linear layer and the thin product that is added to its matrix."""

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, layer.in_features) / layer.in_features**0.5)
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank))
        self.share = 1.0

    def forward(self, state: Tensor) -> Tensor:
        """The layer's output, corrected."""
        thin = functional.linear(state, self.down)
        plain: Tensor = self.layer(state)
        return plain + self.share * functional.linear(thin, self.up)


class QuestionEncoder(nn.Module):
    """The packaged encoder with corrections in every layer."""

    def __init__(self, rank: int) -> None:
        from sentence_transformers import SentenceTransformer

        super().__init__()
        whole = SentenceTransformer(str(packaged_weights()), device="cpu")
        self.tokenizer: Any = whole.tokenizer
        self.network: Any = whole[0].auto_model
        for weights in self.network.parameters():
            weights.requires_grad = False
        self.corrections: dict[str, Corrected] = {}
        for name, module in list(self.network.encoder.named_modules()):
            if isinstance(module, nn.Linear):
                parent, _, last = name.rpartition(".")
                corrected = Corrected(module, rank)
                setattr(self.network.encoder.get_submodule(parent), last, corrected)
                self.corrections[f"encoder.{name}"] = corrected

    def forward(self, texts: list[str]) -> Tensor:
        """Unit vectors, shape (texts, dimension)."""
        fed = self.tokenizer(
            texts, padding=True, truncation=True, max_length=96, return_tensors="pt"
        )
        state = self.network(**fed).last_hidden_state
        mask = fed["attention_mask"].unsqueeze(-1).float()
        mean = (state * mask).sum(1) / mask.sum(1).clamp(min=1.0)
        return functional.normalize(mean, dim=-1)

    @torch.no_grad()
    def encode(self, texts: list[str], share: float = 1.0) -> NDArray[np.float32]:
        """The same without gradients, with a share of the corrections."""
        for corrected in self.corrections.values():
            corrected.share = share
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        out = np.zeros((len(texts), self.network.config.hidden_size), dtype=np.float32)
        for at in range(0, len(order), 128):
            some = order[at : at + 128]
            out[some] = self([texts[n] for n in some]).numpy()
        for corrected in self.corrections.values():
            corrected.share = 1.0
        return out

    def state(self) -> dict[str, Tensor]:
        """The corrections alone."""
        return {
            f"{name}.{which}": getattr(corrected, which).detach().clone()
            for name, corrected in self.corrections.items()
            for which in ("down", "up")
        }


def recall(pairs: list[Pair], vectors: NDArray[np.float32], pool: Pool) -> dict[str, float]:
    """How often the right passage is among the first, by how many."""
    ranks = []
    for at in range(0, len(pairs), 256):
        near = nearness(vectors[at : at + 256], pool)
        right = np.array([p.passage for p in pairs[at : at + 256]])
        ranks.append((near > near[np.arange(len(right)), right][:, None]).sum(1))
    placed = np.concatenate(ranks)
    return {f"@{k}": float((placed < k).mean()) for k in (1, 5, 20)}


class _Batches:
    """What a batch is made of, and how far the network is from what it should give."""

    def __init__(
        self, model: QuestionEncoder, pairs: list[Pair], pool: Pool, args: argparse.Namespace
    ) -> None:
        self._model, self._pairs, self._pool, self._args = model, pairs, pool, args
        self._plain = model.encode([p.question for p in pairs])
        self._wrong = confused(pairs, self._plain, pool)
        self._whole = torch.from_numpy(pool.whole)
        self._sentences = torch.from_numpy(pool.sentences)
        self._counts = torch.from_numpy(np.diff(pool.first))

    def loss(self, numbers: NDArray[np.int64], rng: np.random.Generator) -> tuple[Tensor, str]:
        """The loss of some questions in nats, and how near what is held is to where it was."""
        right = np.array([self._pairs[n].passage for n in numbers])
        others = [
            rng.choice(self._wrong[n], min(CONFUSED, len(self._wrong[n])), replace=False)
            for n in numbers
        ]
        candidates = np.unique(np.concatenate([right, *others]))
        vectors = self._model([self._pairs[n].question for n in numbers])
        place = torch.from_numpy(np.searchsorted(candidates, right))
        loss = functional.cross_entropy(
            self._nearness(vectors, candidates) / self._args.temperature, place
        )
        still = (vectors * torch.from_numpy(self._plain[numbers])).sum(-1).mean()
        picked = rng.choice(len(self._sentences), 64, replace=False)
        said = self._model([_sentence(self._pool, int(n)) for n in picked])
        held = (said * self._sentences[picked]).sum(-1).mean()
        told = f"{float(still.detach()):.3f} {float(held.detach()):.3f}"
        return loss + self._args.hold * ((1 - still) + (1 - held)), told

    def _nearness(self, questions: Tensor, candidates: NDArray[np.int64]) -> Tensor:
        """As ``nearness``, of some passages, and with gradients."""
        first = self._pool.first
        rows = np.concatenate([np.arange(first[n], first[n + 1]) for n in candidates])
        owner = torch.repeat_interleave(
            torch.arange(len(candidates)), self._counts[candidates]
        ).expand(len(questions), -1)
        nearest = torch.full((len(questions), len(candidates)), -1.0).scatter_reduce(
            1, owner, questions @ self._sentences[rows].T, "amax"
        )
        whole = questions @ self._whole[candidates].T
        return (1 - SENTENCE_SHARE) * whole + SENTENCE_SHARE * nearest


def train(
    model: QuestionEncoder, pairs: list[Pair], pool: Pool, args: argparse.Namespace, check: Any
) -> None:
    """All epochs."""
    rng = np.random.default_rng(args.seed)
    batches = _Batches(model, pairs, pool, args)
    steps = args.epochs * (len(pairs) // args.batch)
    learnt = [w for w in model.parameters() if w.requires_grad]
    optimiser = torch.optim.AdamW(learnt, lr=args.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, args.rate, total_steps=steps, pct_start=0.1, cycle_momentum=False
    )
    losses: list[float] = []
    for epoch in range(args.epochs):
        order = rng.permutation(len(pairs))
        for at in range(0, len(order) - args.batch + 1, args.batch):
            loss, told = batches.loss(order[at : at + args.batch], rng)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
            if len(losses) % 10 == 0:
                mean = np.mean(losses[-10:])
                print(f"{len(losses)}/{steps} loss {mean:.3f} {told}", flush=True)
        torch.save(model.state(), args.out / "corrections.pt")
        check(f"epoch {epoch + 1}")


def _sentence(pool: Pool, number: int) -> str:
    passage = int(np.searchsorted(pool.first, number, side="right")) - 1
    text = pool.texts[passage]
    cut = [text[s.start : s.end] for s in split_sentences(text)] or [text]
    return cut[number - int(pool.first[passage])]


def main() -> None:
    """Learns, and says after each epoch what it brings on the questions kept for fitting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--limit", type=int, default=14000, help="questions, about")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--temperature", type=float, default=0.04)
    parser.add_argument("--hold", type=float, default=2.0, help="weight of staying where it was")
    parser.add_argument("--seed", type=int, default=41)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    (args.out / "run.json").write_text(json.dumps({k: str(v) for k, v in vars(args).items()}))
    pairs, passages = pairs_of(args.data, args.seed, args.limit)
    held, others = kept_back(args.data, "fit")
    print(f"{len(pairs)} questions on {len(passages)} passages; {len(held)} kept", flush=True)
    encoder = Encoder.for_building(PACKAGED_WEIGHTS, threads=2)
    pool = pool_of(passages, encoder, args.out / f"pool-{args.limit}.npz")
    # What is kept is looked for among all that is learnt from.
    apart = _together(pool_of(others, encoder, args.out / "kept.npz"), pool)
    model = QuestionEncoder(args.rank)

    def check(name: str) -> None:
        for share in (0.0, 0.5, 1.0):
            vectors = model.encode([p.question for p in held], share)
            found = recall(held, vectors, apart)
            print(name, share, {k: round(v, 3) for k, v in found.items()}, flush=True)

    train(model, pairs, pool, args, check)


if __name__ == "__main__":
    main()
