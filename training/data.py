"""Reading SQuAD-layout files, tokenising, and cutting passages into windows.

Characters are counted in Python code points, tokens in word pieces.  All random choices come from a
``random.Random`` that the caller passes in, so that one seed gives one training set.
"""

from __future__ import annotations

import bisect
import gzip
import json
import random
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

OWN_QUESTIONS = Path(__file__).parent / "questions"
"""The folder of the sets that were written for this program and are kept with it."""
HELD_OUT_SEED = 13
HELD_OUT_ARTICLES = 5
SQUAD2 = "squad2_dev_17_articles"
NEVER_TRAINED = ("policyqa",)
"""Sets that are for measuring alone: other kinds of text than the ones trained on."""
FULLY_TRAINED = ("squad1_train_slices", "squad1_dev_13_articles", "squadshifts_reddit")
"""Sets without a held-out part; the held-out articles of SQuAD 2.0 stand for them."""

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])|\n+")


@dataclass(frozen=True)
class Answer:
    """An answer as a half-open character range of its passage."""

    start: int
    end: int


@dataclass(frozen=True)
class Question:
    """A question with every accepted answer; no answers means that the passage gives none."""

    id: str
    text: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Passage:
    """A paragraph and the questions asked about it."""

    source: str
    article: str
    text: str
    questions: tuple[Question, ...]

    def answer_texts(self, question: Question) -> list[str]:
        """The accepted answers of ``question`` as text."""
        return [self.text[a.start : a.end] for a in question.answers]


def read_squad(path: Path) -> list[Passage]:
    """Read a SQuAD 1.1 or 2.0 file, gzipped or not.  Answers that do not match are dropped."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as handle:
        content: dict[str, Any] = json.load(handle)
    source = path.name.removesuffix(".gz").removesuffix(".json")
    passages: list[Passage] = []
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            questions = tuple(_questions(paragraph["qas"], paragraph["context"]))
            passages.append(Passage(source, article["title"], paragraph["context"], questions))
    return passages


def _questions(raw: Iterable[dict[str, Any]], context: str) -> Iterator[Question]:
    """The usable questions of a paragraph."""
    for item in raw:
        answers: list[Answer] = []
        for entry in item["answers"]:
            text, start = entry["text"], entry["answer_start"]
            if not text.strip() or context[start : start + len(text)] != text:
                continue
            lead = len(text) - len(text.lstrip())
            answers.append(Answer(start + lead, start + len(text.rstrip())))
        if answers or item.get("is_impossible", False):
            yield Question(str(item["id"]), item["question"].strip(), tuple(answers))


def path_of(folder: Path, source: str) -> Path:
    """The file of a set: in the folder that holds the sets, or among those kept here.

    Raises:
        FileNotFoundError: neither has it.
    """
    for place in (folder, OWN_QUESTIONS):
        for suffix in (".json.gz", ".json"):
            path = place / f"{source}{suffix}"
            if path.exists():
                return path
    raise FileNotFoundError(f"{source}.json.gz is not in {folder}")


def read_source(folder: Path, source: str) -> list[Passage]:
    """Read one set by its name; see ``path_of``."""
    return read_squad(path_of(folder, source))


def held_out_articles(passages: Iterable[Passage]) -> set[str]:
    """The five SQuAD 2.0 articles that no training run may see, the same for every seed."""
    titles = sorted({p.article for p in passages if p.source == SQUAD2})
    return set(random.Random(HELD_OUT_SEED).sample(titles, min(HELD_OUT_ARTICLES, len(titles))))


def is_held_out(passage: Passage, articles: set[str]) -> bool:
    """Whether a passage is for measuring alone; ``articles`` is from ``held_out_articles``."""
    if passage.source == SQUAD2:
        return passage.article in articles
    if passage.source in FULLY_TRAINED:
        return False
    # Whole articles are kept apart where there are articles; in the sets that pretend to be a
    # single one, whole passages are.
    grouped = passage.source not in ("covid_qa", "qamr")
    key = passage.article if grouped else passage.text
    return passage.source in NEVER_TRAINED or zlib.crc32(key.encode()) % 5 == 0


def sentence_starts(text: str) -> list[int]:
    """Character positions at which sentences begin; the first is always 0."""
    return [0, *(match.end() for match in _SENTENCE_END.finditer(text) if match.end() < len(text))]


@dataclass(frozen=True)
class Encoded:
    """A tokenised passage, without special tokens."""

    ids: list[int]
    offsets: list[tuple[int, int]]
    sentences: list[int]
    """Token positions at which sentences begin."""

    def token_range(self, answer: Answer) -> tuple[int, int] | None:
        """First and last token (inclusive) that overlap the answer; None where none does."""
        first = bisect.bisect_right(self.offsets, answer.start, key=lambda o: o[1])
        last = bisect.bisect_left(self.offsets, answer.end, key=lambda o: o[0]) - 1
        return (first, last) if first <= last else None


class Encoder:
    """Tokenises with a ``tokenizer.json``, remembering passages already seen."""

    def __init__(self, path: Path) -> None:
        self.tokenizer = Tokenizer.from_file(str(path))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.cls = self._special("[CLS]")
        self.sep = self._special("[SEP]")
        self.pad = self._special("[PAD]")
        self._passages: dict[str, Encoded] = {}

    def _special(self, token: str) -> int:
        number = self.tokenizer.token_to_id(token)
        if number is None:
            raise ValueError(f"the tokenizer has no {token}")
        return int(number)

    def question(self, text: str, limit: int = 64) -> list[int]:
        """Token numbers of a question, at most ``limit``."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids[:limit]

    def passage(self, text: str) -> Encoded:
        """The tokenised passage."""
        known = self._passages.get(text)
        if known is None:
            encoding = self.tokenizer.encode(text, add_special_tokens=False)
            begins = [start for start, _ in encoding.offsets]
            found = {bisect.bisect_left(begins, at) for at in sentence_starts(text)}
            sentences = sorted(at for at in found if at < len(begins)) or [0]
            known = Encoded(encoding.ids, encoding.offsets, sentences)
            self._passages[text] = known
        return known


def crop(
    passage: Encoded, budget: int, rng: random.Random, keep: tuple[int, int] | None = None
) -> tuple[int, int]:
    """A random token range of at most ``budget`` tokens, of whole sentences where that fits.

    ``keep`` (first and last token, inclusive) lies inside the result, anywhere in it.
    """
    size = len(passage.ids)
    if size <= budget:
        return 0, size
    bounds = [*passage.sentences, size]
    if keep is None:
        low = high = rng.randrange(len(passage.sentences))
    else:
        low = bisect.bisect_right(passage.sentences, keep[0]) - 1
        high = bisect.bisect_right(passage.sentences, keep[1]) - 1
    if bounds[high + 1] - bounds[low] > budget:
        return _crop_inside(size, budget, rng, keep or (bounds[low], bounds[low]))
    while True:
        sides = []
        if low > 0 and bounds[high + 1] - bounds[low - 1] <= budget:
            sides.append(-1)
        if high + 2 < len(bounds) and bounds[high + 2] - bounds[low] <= budget:
            sides.append(1)
        if not sides:
            return bounds[low], bounds[high + 1]
        if rng.choice(sides) < 0:
            low -= 1
        else:
            high += 1


def _crop_inside(
    size: int, budget: int, rng: random.Random, keep: tuple[int, int]
) -> tuple[int, int]:
    """A token range inside a sentence too long for the budget."""
    first, last = keep
    last = min(last, first + budget - 1)
    start = rng.randint(max(0, last + 1 - budget), min(first, size - budget))
    return start, start + budget


@dataclass(frozen=True)
class Features:
    """One input row: token numbers, where the passage begins, and the gold first and last token."""

    input_ids: list[int]
    passage_at: int
    start: int
    end: int
    kind: str


def assemble(
    encoder: Encoder,
    question: list[int],
    passage: list[int],
    gold: tuple[int, int] | None,
    kind: str,
) -> Features:
    """Join question and passage; ``gold`` counts tokens of the passage given, None is no answer."""
    head = [encoder.cls, *question, encoder.sep]
    start, end = (len(head) + gold[0], len(head) + gold[1]) if gold else (0, 0)
    return Features([*head, *passage, encoder.sep], len(head), start, end, kind)


def collate(rows: list[Features], pad: int) -> dict[str, Tensor]:
    """Rows padded to the longest, as int64 tensors."""
    longest = max(len(row.input_ids) for row in rows)
    ids, mask, types = [], [], []
    for row in rows:
        used, spare = len(row.input_ids), longest - len(row.input_ids)
        ids.append(row.input_ids + [pad] * spare)
        mask.append([1] * used + [0] * spare)
        types.append([0] * row.passage_at + [1] * (used - row.passage_at) + [0] * spare)
    return {
        "input_ids": torch.tensor(ids),
        "attention_mask": torch.tensor(mask),
        "token_type_ids": torch.tensor(types),
        "start": torch.tensor([row.start for row in rows]),
        "end": torch.tensor([row.end for row in rows]),
    }


def plan_batches(rows: list[Features], size: int, seed: int, pool: int = 40) -> list[list[int]]:
    """Row numbers per batch: shuffled, then grouped by length within pools of ``pool`` batches."""
    rng = random.Random(seed)
    order = list(range(len(rows)))
    rng.shuffle(order)
    batches: list[list[int]] = []
    for at in range(0, len(order), size * pool):
        part = sorted(order[at : at + size * pool], key=lambda i: len(rows[i].input_ids))
        batches.extend(part[i : i + size] for i in range(0, len(part), size))
    rng.shuffle(batches)
    return batches
