"""The reader network: a transformer encoder with a head for spans and one for sentences.

The encoder is BERT's, or MPNet's (Song et al., "MPNet: Masked and Permuted Pre-training for
Language Understanding", NeurIPS 2020), which adds to the attention what the distance of two
positions says.
Input is ``[CLS] question [SEP] passage [SEP]``.  For every position the head gives two numbers, the
logit of being the first and the logit of being the last token of the answer.  Position 0 stands for
"this passage does not answer the question".
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

MASKED_LOGIT = -10_000.0
"""Logit of positions that can never be part of an answer (question tokens and padding)."""


@dataclass(frozen=True)
class ReaderConfig:
    """Sizes of the network; the defaults are those of all-MiniLM-L6-v2."""

    vocabulary: int = 30_522
    hidden: int = 384
    layers: int = 6
    heads: int = 12
    intermediate: int = 1_536
    positions: int = 512
    types: int = 2
    norm_epsilon: float = 1e-12
    dropout: float = 0.1
    distance_buckets: int = 0
    """How many kinds of distance between two positions attention tells apart; 0: none (BERT)."""

    def as_dict(self) -> dict[str, int | float]:
        """The sizes as plain numbers, for JSON and checkpoints."""
        return asdict(self)


class Embeddings(nn.Module):
    """Sum of word, position and type embeddings, normalised.  Kept frozen in training."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.word = nn.Embedding(config.vocabulary, config.hidden)
        self.position = nn.Embedding(config.positions, config.hidden)
        self.segment = nn.Embedding(config.types, config.hidden)
        self.norm = nn.LayerNorm(config.hidden, eps=config.norm_epsilon)

    def forward(self, input_ids: Tensor, token_type_ids: Tensor) -> Tensor:
        """Vectors of shape (batch, length, hidden)."""
        positions = torch.arange(input_ids.shape[1], device=input_ids.device).unsqueeze(0)
        summed = self.word(input_ids) + self.position(positions) + self.segment(token_type_ids)
        normalised: Tensor = self.norm(summed)
        return normalised


FARTHEST = 128
"""Positions farther apart than this are all alike to ``Distances``."""


class Distances(nn.Module):
    """What the distance between two positions adds to the attention scores, the same in all layers.

    Near distances have a bucket each, farther ones share buckets that grow by a constant factor,
    before and behind apart (Raffel et al., "Exploring the Limits of Transfer Learning", JMLR 2020).
    """

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.bias = nn.Embedding(config.distance_buckets, config.heads)
        reach = torch.arange(-config.positions + 1, config.positions)
        self.register_buffer("bucket", _buckets(reach, config.distance_buckets), persistent=False)
        self.positions = config.positions

    def forward(self, at: Tensor) -> Tensor:
        """Shape (1, heads, length, length), of the positions ``at``."""
        distance = at.unsqueeze(0) - at.unsqueeze(1) + self.positions - 1
        bucket: Tensor = self.bucket[distance]  # type: ignore[index]
        added: Tensor = self.bias(bucket).permute(2, 0, 1).unsqueeze(0)
        return added


def _buckets(distance: Tensor, count: int) -> Tensor:
    """The bucket of each distance (key's position less the query's)."""
    half = count // 2
    near = half // 2
    far = distance.abs()
    grown = near + (
        torch.log(far.float().clamp(min=1) / near) / math.log(FARTHEST / near) * (half - near)
    ).to(torch.int64)
    return torch.where(far < near, far, grown.clamp(max=half - 1)) + half * (distance > 0)


class Layer(nn.Module):
    """One post-norm transformer layer."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.width = config.hidden // config.heads
        # One matrix for queries, keys and values: one large product is faster than three.
        self.query_key_value = nn.Linear(config.hidden, 3 * config.hidden)
        self.attention_out = nn.Linear(config.hidden, config.hidden)
        self.attention_norm = nn.LayerNorm(config.hidden, eps=config.norm_epsilon)
        self.expand = nn.Linear(config.hidden, config.intermediate)
        self.contract = nn.Linear(config.intermediate, config.hidden)
        self.output_norm = nn.LayerNorm(config.hidden, eps=config.norm_epsilon)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, hidden: Tensor, bias: Tensor) -> Tensor:
        """Transform ``hidden``; ``bias`` is added to the attention scores (0 or very negative)."""
        batch, length, size = hidden.shape
        mixed = self.query_key_value(hidden).view(batch, length, 3, self.heads, self.width)
        query, key, value = mixed.permute(2, 0, 3, 1, 4).unbind(0)
        context = self._attend(query, key, value, bias)
        context = context.transpose(1, 2).reshape(batch, length, size)
        attended = self.attention_norm(hidden + self.dropout(self.attention_out(context)))
        inner = functional.gelu(self.expand(attended))
        result: Tensor = self.output_norm(attended + self.dropout(self.contract(inner)))
        return result

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor) -> Tensor:
        # The fused kernel is for training; written out, the exported graph stays plain MatMul and
        # Softmax, which every runtime can quantise and fuse by itself.
        if torch.onnx.is_in_onnx_export():
            scores = query @ key.transpose(-1, -2) / math.sqrt(self.width) + bias
            return torch.softmax(scores, dim=-1) @ value
        return functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)


class Reader(nn.Module):
    """Encoder and span head."""

    def __init__(self, config: ReaderConfig | None = None) -> None:
        super().__init__()
        self.config = config or ReaderConfig()
        self.embeddings = Embeddings(self.config)
        self.dropout = nn.Dropout(self.config.dropout)
        self.distances = Distances(self.config) if self.config.distance_buckets else None
        self.layers = nn.ModuleList(Layer(self.config) for _ in range(self.config.layers))
        self.span = nn.Linear(self.config.hidden, 2)
        self.evidence = nn.Linear(self.config.hidden, 1)
        for head in (self.span, self.evidence):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Start, end and evidence logits, each of shape (batch, length).

        All inputs are int64 of shape (batch, length).  Question tokens and padding get
        ``MASKED_LOGIT`` as start and end, so that a softmax over a row is over [CLS] and the
        passage alone.  The evidence logit of a sentence is the mean of those of its tokens; that
        of position 0 stands for "no sentence of this passage answers".
        """
        hidden = self.encode(input_ids, attention_mask, token_type_ids)
        logits = self.span(hidden)
        first = (torch.arange(input_ids.shape[1], device=input_ids.device) == 0).unsqueeze(0)
        allowed = ((token_type_ids == 1) | first) & (attention_mask == 1)
        logits = logits.masked_fill(~allowed.unsqueeze(-1), MASKED_LOGIT)
        return logits[..., 0], logits[..., 1], self.evidence(hidden)[..., 0]

    def encode(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """The vector of every position, of shape (batch, length, hidden)."""
        hidden: Tensor = self.dropout(self.embeddings(input_ids, token_type_ids))
        visible = attention_mask.to(hidden.dtype)
        bias = ((1.0 - visible) * MASKED_LOGIT)[:, None, None, :]
        if self.distances is not None:
            at = torch.arange(input_ids.shape[1], device=input_ids.device)
            bias = bias + self.distances(at).to(bias.dtype)
        for layer in self.layers:
            hidden = layer(hidden, bias)
        return hidden

    def freeze_embeddings(self, layers: int = 0) -> None:
        """Exclude the embeddings from training: half of the weights, little of the skill.

        The segments of a network that did not know any (MPNet) are learnt.

        Args:
            layers: the first ones, which are excluded too, with all that is before them: a run of
                the upper ones alone is shorter and forgets less.
        """
        for parameter in self.embeddings.parameters():
            parameter.requires_grad_(False)
        self.embeddings.segment.weight.requires_grad_(self.distances is not None and not layers)
        if layers and self.distances is not None:
            self.distances.requires_grad_(False)
        for layer in self.layers[:layers]:
            layer.requires_grad_(False)


def span_loss(start_logits: Tensor, end_logits: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """Mean cross-entropy (nats) of the gold first and last position; 0 is "no answer"."""
    first = functional.cross_entropy(start_logits, start)
    last = functional.cross_entropy(end_logits, end)
    return (first + last) / 2


def allowed_loss(logits: Tensor, allowed: Tensor) -> Tensor:
    """Mean negative log-likelihood (nats) that the position chosen is an allowed one.

    Args:
        logits: shape (batch, length).
        allowed: the same shape, true where a position is right; at least one in every row.  Where
            several are, any of them will do (the marginal likelihood of Clark and Gardner, "Simple
            and Effective Multi-Paragraph Reading Comprehension", ACL 2018).
    """
    likelihood = torch.log_softmax(logits.float(), dim=-1)
    chosen = likelihood.masked_fill(~allowed, MASKED_LOGIT)
    return -torch.logsumexp(chosen, dim=-1).mean()


def sentence_logits(evidence: Tensor, sentence: Tensor, count: int) -> Tensor:
    """The evidence logits of sentences, "none of them" first: shape (batch, 1 + count).

    Args:
        evidence: what the network gives, shape (batch, length).
        sentence: the number of the sentence that a token belongs to, from 0; -1 for none.
        count: the most sentences of a row; those that a row does not have get ``MASKED_LOGIT``.
    """
    at = (sentence + 1).clamp(min=0)
    shape = (evidence.shape[0], count + 1)
    sums = torch.zeros(shape, device=evidence.device).scatter_add(1, at, evidence.float())
    ones = torch.ones_like(evidence, dtype=torch.float32)
    tokens = torch.zeros(shape, device=evidence.device).scatter_add(1, at, ones)
    means = sums / tokens.clamp(min=1.0)
    means = means.masked_fill(tokens == 0, MASKED_LOGIT)
    # Column 0 gathered the tokens outside all sentences; what it stands for is position 0 alone.
    return torch.cat([evidence[:, :1].float(), means[:, 1:]], dim=1)


def sentence_loss(logits: Tensor, answers: Tensor) -> Tensor:
    """Mean cross-entropy (nats) against the sentences that answer, in equal shares.

    Args:
        logits: of ``sentence_logits``.
        answers: the same shape, true for the sentences that answer, or for the first column.
    """
    wanted = answers.float() / answers.float().sum(dim=-1, keepdim=True)
    return -(wanted * torch.log_softmax(logits, dim=-1)).sum(dim=-1).mean()


_EMBEDDING_NAMES = (
    ("word.weight", "word_embeddings.weight"),
    ("position.weight", "position_embeddings.weight"),
    ("segment.weight", "token_type_embeddings.weight"),
    ("norm.weight", "LayerNorm.weight"),
    ("norm.bias", "LayerNorm.bias"),
)
"""This module's names of the embeddings' weights, and BERT's."""
_LAYER_NAMES = (
    ("attention_out", "attention.output.dense"),
    ("attention_norm", "attention.output.LayerNorm"),
    ("expand", "intermediate.dense"),
    ("contract", "output.dense"),
    ("output_norm", "output.LayerNorm"),
)
"""The same of a layer's parts."""


def load_base_weights(reader: Reader, path: Path) -> None:
    """Fill encoder and embeddings from a BERT ``model.safetensors``; the head stays random."""
    stored = load_file(str(path))
    stored = {name.removeprefix("bert."): tensor for name, tensor in stored.items()}
    renamed: dict[str, Tensor] = {}
    for ours, theirs in _EMBEDDING_NAMES:
        renamed[f"embeddings.{ours}"] = stored[f"embeddings.{theirs}"]
    for index in range(reader.config.layers):
        renamed.update(_layer_weights(stored, index))
    _load(reader, renamed)


MPNET = ReaderConfig(
    hidden=768, layers=12, intermediate=3_072, norm_epsilon=1e-5, distance_buckets=32
)
"""Sizes of all-mpnet-base-v2, with BERT's vocabulary."""
_MPNET_SHIFT = 4
"""MPNet's vocabulary is BERT's behind four more (``<s>``, ``<pad>``, ``</s>``, ``<unk>``)."""
_MPNET_PIECES = {101: 0, 0: 1, 102: 2}
"""What stands for BERT's ``[CLS]``, ``[PAD]`` and ``[SEP]``."""
_MPNET_FIRST_POSITION = 2
_MPNET_LAYER_NAMES = (
    ("attention_out", "attention.attn.o"),
    ("attention_norm", "attention.LayerNorm"),
    ("expand", "intermediate.dense"),
    ("contract", "output.dense"),
    ("output_norm", "output.LayerNorm"),
)


def load_mpnet_weights(reader: Reader, path: Path) -> None:
    """Fill encoder and embeddings from an MPNet ``model.safetensors``; the heads stay random.

    The word pieces come to stand under BERT's numbers, so that both networks read the same rows.
    MPNet knows no segments: theirs start at zero. Where the reader has fewer layers than the file,
    it gets the first ones.
    """
    stored = load_file(str(path))
    words = stored["embeddings.word_embeddings.weight"]
    pieces = torch.arange(reader.config.vocabulary) + _MPNET_SHIFT
    for ours, theirs in _MPNET_PIECES.items():
        pieces[ours] = theirs
    positions = stored["embeddings.position_embeddings.weight"][_MPNET_FIRST_POSITION:]
    renamed = {
        "embeddings.word.weight": words[pieces],
        "embeddings.position.weight": positions[: reader.config.positions],
        "embeddings.segment.weight": torch.zeros(reader.config.types, reader.config.hidden),
        "embeddings.norm.weight": stored["embeddings.LayerNorm.weight"],
        "embeddings.norm.bias": stored["embeddings.LayerNorm.bias"],
        "distances.bias.weight": stored["encoder.relative_attention_bias.weight"],
    }
    for index in range(reader.config.layers):
        source, target = f"encoder.layer.{index}", f"layers.{index}"
        for kind in ("weight", "bias"):
            parts = [stored[f"{source}.attention.attn.{n}.{kind}"] for n in ("q", "k", "v")]
            renamed[f"{target}.query_key_value.{kind}"] = torch.cat(parts)
            for ours, theirs in _MPNET_LAYER_NAMES:
                renamed[f"{target}.{ours}.{kind}"] = stored[f"{source}.{theirs}.{kind}"]
    _load(reader, renamed)


def _load(reader: Reader, renamed: dict[str, Tensor]) -> None:
    """Put weights into the network, all but its heads'."""
    missing, unexpected = reader.load_state_dict(renamed, strict=False)
    if unexpected or any(not name.startswith(("span.", "evidence.")) for name in missing):
        raise ValueError(f"weights do not fit the reader: {missing} {unexpected}")


def _layer_weights(stored: dict[str, Tensor], index: int) -> dict[str, Tensor]:
    """The weights of one layer under this module's names."""
    source, target = f"encoder.layer.{index}", f"layers.{index}"
    found: dict[str, Tensor] = {}
    for kind in ("weight", "bias"):
        parts = [stored[f"{source}.attention.self.{n}.{kind}"] for n in ("query", "key", "value")]
        found[f"{target}.query_key_value.{kind}"] = torch.cat(parts)
        for ours, theirs in _LAYER_NAMES:
            found[f"{target}.{ours}.{kind}"] = stored[f"{source}.{theirs}.{kind}"]
    return found


def layout_weights(reader: Reader) -> dict[str, Tensor]:
    """The weights under the names of transformers' ``BertForQuestionAnswering``."""
    stored = reader.state_dict()
    found = {
        f"bert.embeddings.{theirs}": stored[f"embeddings.{ours}"]
        for ours, theirs in _EMBEDDING_NAMES
    }
    for index in range(reader.config.layers):
        source, target = f"layers.{index}", f"bert.encoder.layer.{index}"
        for kind in ("weight", "bias"):
            parts = stored[f"{source}.query_key_value.{kind}"].chunk(3)
            for name, part in zip(("query", "key", "value"), parts, strict=True):
                found[f"{target}.attention.self.{name}.{kind}"] = part
            for ours, theirs in _LAYER_NAMES:
                found[f"{target}.{theirs}.{kind}"] = stored[f"{source}.{ours}.{kind}"]
    found["qa_outputs.weight"] = stored["span.weight"]
    found["qa_outputs.bias"] = stored["span.bias"]
    return found
