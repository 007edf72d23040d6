"""The third stage: sentences that answer, and passages that retrieval takes for them.

An example is a question with a stretch of whole sentences of a passage, some of which may answer.
What is right is known in one of three ways: a short span in one sentence, whole sentences (reasons,
descriptions, yes or no), or nothing. The questions of ``written`` (asked in other words, of a
neighbouring sentence, or near what the passage says) are also put to other passages that a search
brings for them, so that the way in which a question is worded does not tell whether it is
answered. What is kept for measuring and for fitting the confidence is told by the passage alone:
see ``part``.
"""

from __future__ import annotations

import bisect
import gzip
import html
import json
import random
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from askscwru.sentences import split_sentences
from training.data import (
    FULLY_TRAINED,
    SQUAD2,
    Answer,
    Encoder,
    Passage,
    held_out_articles,
    is_held_out,
    path_of,
    read_source,
)
from training.mix import Item, Mix, Shares, _contains_answer, _heading, sloppy
from training.thesaurus import Thesaurus

WRITTEN, WRITTEN_MORE, WRITTEN_BESIDE = "written", "written_more", "written_beside"
WRITTEN_ASKED = "written_asked"
OWN_SETS = (WRITTEN, WRITTEN_MORE, WRITTEN_BESIDE, WRITTEN_ASKED)
"""The sets that were written for this program, with their kinds of question."""
SEARCHED_SETS = (WRITTEN, WRITTEN_MORE, WRITTEN_ASKED)
"""Those whose questions are also put to other passages, which a search brings for them."""
ASKED_KINDS = frozenset({"asked", "ranged", "exact", "absent"})
"""The kinds of ``WRITTEN_ASKED``, whose passages stand behind their headings: the answer need not
repeat what a heading asks."""
BESIDE_KINDS = {"beside": 0.3, "other": 0.6, "added": 0.6}
"""The kinds of ``WRITTEN_BESIDE``, and how likely each of their questions is drawn: what is asked
for stands beside another thing, that other thing stands there alone, and the same question where
a sentence was added that answers it."""
POSITIVE = {
    WRITTEN: 9900,
    WRITTEN_MORE: 13000,
    "squad1_train_slices": 5200,
    SQUAD2: 1500,
    "squad1_dev_13_articles": 1700,
    "squadshifts_new_wiki": 1600,
    "squadshifts_reddit": 1300,
    "qamr": 300,
    "fairytaleqa": 600,
    "covid_qa": 200,
    "clapnq": 240,
    "tydiqa_goldp_en": 2200,
    "nq_qed_dev": 800,
    "nq_open_oracle": 800,
    "selqa_ass": 1200,
    "onestopqa": 1000,
    "qadiscourse": 1300,
    "condaqa": 1300,
    "boolq_weak": 900,
    "fm2_claims": 700,
    "timeqa_human": 900,
    "quoref_slice": 300,
    "squad2_train_sentence_pairs": 600,
    "squad2_train_pairs_lowercase": 900,
    "disfl_qa_17": 700,
}
"""How many answered examples are drawn from each set."""
NEGATIVE = {
    WRITTEN: 6000,
    WRITTEN_MORE: 5500,
    "squad2_train_unanswerable": 2600,
    SQUAD2: 2000,
    "squad2_train_pairs_lowercase": 1200,
    "squad2_train_sentence_pairs": 900,
    "squad2_train_10_articles": 170,
    "clapnq": 240,
    "timeqa_human": 330,
    "condaqa": 400,
    "disfl_qa_17": 900,
}
"""How many questions that people wrote to be unanswerable."""
SEARCHED_WRITTEN, SEARCHED_OTHER = 7000, 5500
"""How many questions are put to another passage that a search brings for them."""
SEARCHED_ASKED = 0.4
"""How likely each question of ``WRITTEN_ASKED`` is put to such a passage as well."""
MADE = {"removed": 1600, "traded": 900, "planted": 900, "swapped": 600}
"""How many unanswerable examples are made from answered ones; see ``mix``."""
LARGEST_REPEAT = 3
"""How often the same question may be drawn; its passage is cut elsewhere each time."""
HEADED = 0.7
"""Share of the passages that stand behind what they are about, as the program reads them."""
GROUPED_BY_TEXT = frozenset(
    {"condaqa", "qadiscourse", "squad2_train_sentence_pairs", "squad2_train_pairs_lowercase"}
)


def part(passage_id: str) -> str:
    """What the questions on a passage of ``written`` are for: measure, fit or train.

    Args:
        passage_id: a question's id without its last number.
    """
    return {0: "measure", 1: "fit"}.get(zlib.crc32(passage_id.encode()) % 10, "train")


@dataclass(frozen=True)
class Asked:
    """A question, the text that it is put to, and what of it answers."""

    question: str
    text: str
    spans: tuple[Answer, ...]
    """Short answers that may be marked; empty where there are none or they are not known."""
    sentences: tuple[Answer, ...]
    """Stretches whose sentences answer; empty: the text does not answer."""
    kind: str
    heading: str = ""


@dataclass(frozen=True)
class Row:
    """One input row."""

    input_ids: list[int]
    passage_at: int
    sentence: list[int]
    """For each token the number of its sentence, -1 for none."""
    answers: list[int]
    """The numbers of the sentences that answer."""
    starts: list[int]
    """The positions that may be the first of the highlight; 0 where nothing answers."""
    ends: list[int]
    kind: str


# -- reading --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """One set, with its evidence and without what is kept for measuring."""

    passages: list[Passage]
    evidence: Mapping[str, tuple[Answer, ...]]
    """By question id, the sentences that answer, where the set says so."""
    short: Mapping[str, bool]
    """By question id, whether its answers are short spans; true where the set does not say."""
    kinds: Mapping[str, str]


def read_with_evidence(folder: Path, name: str) -> Source:
    """A set with what SQuAD's layout does not have."""
    evidence: dict[str, tuple[Answer, ...]] = {}
    short: dict[str, bool] = {}
    kinds: dict[str, str] = {}
    path = path_of(folder, name)
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        content = json.load(handle)
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            for item in paragraph["qas"]:
                known = str(item["id"])
                found = item.get("evidence") or []
                evidence[known] = tuple(
                    Answer(e["answer_start"], e["answer_start"] + len(e["text"])) for e in found
                )
                texts = {e["text"] for e in found}
                whole = bool(texts) and all(a["text"] in texts for a in item["answers"])
                short[known] = bool(item.get("short", not whole))
                kinds[known] = str(item.get("kind", "plain"))
    return Source(read_source(folder, name), evidence, short, kinds)


def passage_key(question_id: str) -> str:
    """The id of the passage that a question of ``written`` is about."""
    return question_id.rsplit("-", 1)[0]


class Sources:
    """All sets, read once, without what is kept apart."""

    def __init__(self, folder: Path) -> None:
        self.sets = {
            name: read_with_evidence(folder, name)
            for name in dict.fromkeys([*POSITIVE, *NEGATIVE, WRITTEN_BESIDE, WRITTEN_ASKED])
        }
        squad2 = self.sets[SQUAD2].passages
        self._held = held_out_articles(squad2)
        self._barred = {_key(p.text) for p in squad2 if p.article in self._held}
        self._barred |= {
            _key(p.text)
            for name in OWN_SETS
            for p in self.sets[name].passages
            if part(passage_key(p.questions[0].id)) != "train"
        }
        for name, source in self.sets.items():
            kept = [p for p in source.passages if self._is_for_training(name, p)]
            self.sets[name] = replace(source, passages=kept)

    def _is_for_training(self, name: str, passage: Passage) -> bool:
        if _key(passage.text) in self._barred or not passage.questions:
            return False
        if name in (*OWN_SETS, *FULLY_TRAINED):
            return True
        if name == "disfl_qa_17":
            return passage.article not in self._held
        if name in GROUPED_BY_TEXT:
            return zlib.crc32(passage.text.encode()) % 5 != 0
        return not is_held_out(passage, self._held)

    def asked(self, name: str, item: Item) -> Asked:
        """A question with the passage that it was written for."""
        source, question = self.sets[name], item.question
        spans = question.answers if source.short.get(question.id, True) else ()
        sentences = source.evidence.get(question.id) or question.answers
        return Asked(
            question.text,
            item.passage.text,
            tuple(spans),
            tuple(sentences) if question.answers else (),
            source.kinds.get(question.id, "plain") if name in OWN_SETS else name,
            heading_of(name, item.passage),
        )


def heading_of(name: str, passage: Passage) -> str:
    """What a passage is about, where the set tells it."""
    if name in OWN_SETS:
        title = passage.article
        return "" if title.startswith("wk-") else _unescaped(title)
    if name in ("tydiqa_goldp_en", "nq_qed_dev", "nq_open_oracle", "selqa_ass", "timeqa_human"):
        return passage.article.replace("_", " ")
    return _heading(passage)


def _unescaped(text: str) -> str:
    return html.unescape(text)


def _key(text: str) -> str:
    return " ".join(text.lower().split())[:160]


# -- drawing --------------------------------------------------------------------------------------


class Drawer:
    """Draws the examples of the third stage."""

    def __init__(
        self, folder: Path, rng: random.Random, searched: Mapping[str, Sequence[tuple[str, str]]]
    ) -> None:
        """Reads the sets.

        Args:
            folder: of the sets.
            rng: all that is drawn comes from it.
            searched: by set and question id (``name/id``), the question and then the other
                passages (heading, text) that a search brings for it and that do not answer it.
        """
        self.rng = rng
        self.searched = searched
        self.sources = Sources(folder)
        shares = Shares(dict.fromkeys(("squad1_train_slices", SQUAD2), 0.0), {}, 0.0, 0.0)
        self._mix = Mix(folder, rng, shares, Thesaurus())

    def draw(self, scale: float = 1.0) -> list[Asked]:
        """All examples, ``scale`` times as many as the shares say (fewer where a set runs out)."""
        drawn: list[Asked] = []
        for name, count in POSITIVE.items():
            items = [i for i in self._items(name) if i.question.answers]
            drawn += self._some(name, items, round(count * scale))
        for name, count in NEGATIVE.items():
            items = [i for i in self._items(name) if not i.question.answers]
            drawn += self._some(name, items, round(count * scale))
        drawn += self._searched(scale)
        drawn += self._made(scale)
        drawn += self._beside()
        drawn += self._asked()
        return drawn

    def _beside(self) -> list[Asked]:
        """The questions on one of several things of a sort: however small the run, they are few."""
        asked = (self.sources.asked(WRITTEN_BESIDE, i) for i in self._items(WRITTEN_BESIDE))
        return [one for one in asked if self.rng.random() < BESIDE_KINDS[one.kind]]

    def _asked(self) -> list[Asked]:
        """The questions in other words, each once, and many once more to what a search brings."""
        drawn = [self.sources.asked(WRITTEN_ASKED, item) for item in self._items(WRITTEN_ASKED)]
        for key in sorted(key for key in self.searched if key.startswith(f"{WRITTEN_ASKED}/")):
            question, others = self.searched[key][0][0], self.searched[key][1:]
            if others and self.rng.random() < SEARCHED_ASKED:
                heading, text = self.rng.choice(others[:3])
                drawn.append(Asked(question, text, (), (), "absent", heading))
        return drawn

    def _items(self, name: str) -> list[Item]:
        return [Item(p, q) for p in self.sources.sets[name].passages for q in p.questions]

    def _some(self, name: str, items: list[Item], count: int) -> list[Asked]:
        picked: list[Item] = []
        while len(picked) < count and len(picked) < LARGEST_REPEAT * len(items):
            picked += self.rng.sample(items, min(len(items), count - len(picked)))
        return [self.sources.asked(name, item) for item in picked]

    def _searched(self, scale: float) -> list[Asked]:
        by_set: dict[bool, list[str]] = defaultdict(list)
        for key in sorted(self.searched):
            if not key.startswith(f"{WRITTEN_ASKED}/"):
                by_set[key.startswith(f"{WRITTEN}")].append(key)
        drawn = []
        for written, count in ((True, SEARCHED_WRITTEN), (False, SEARCHED_OTHER)):
            keys = by_set[written]
            for at in range(round(count * scale) if keys else 0):
                if at % len(keys) == 0:
                    self.rng.shuffle(keys)
                key = keys[at % len(keys)]
                question, others = self.searched[key][0][0], self.searched[key][1:]
                if others:
                    heading, text = others[min(int(self.rng.expovariate(0.6)), len(others) - 1)]
                    drawn.append(Asked(question, text, (), (), "searched", heading))
        return drawn

    def _made(self, scale: float) -> list[Asked]:
        makers = {
            "removed": self._mix._removed,
            "traded": self._mix._traded,
            "planted": self._mix._planted,
            "swapped": self._mix._swapped,
        }
        pool = [
            item
            for name in ("squad1_train_slices", SQUAD2)
            for item in self._items(name)
            if item.question.answers
        ]
        drawn: list[Asked] = []
        for kind, count in MADE.items():
            wanted = round(count * scale)
            for item in self.rng.sample(pool, len(pool)):
                if wanted == 0:
                    break
                made = makers[kind](item)
                if made is not None:
                    drawn.append(Asked(made.question, made.text, (), (), kind, made.article))
                    wanted -= 1
        return drawn


# -- rows -----------------------------------------------------------------------------------------


class RowMaker:
    """Turns examples into input rows, cutting their texts to whole sentences."""

    def __init__(self, encoder: Encoder, max_tokens: int, names: Sequence[str]) -> None:
        """Makes rows.

        Args:
            encoder: the tokenizer.
            max_tokens: of a row.
            names: people's names, of which some stand as an author in a heading: the program's
                headings name authors, who must not be taken for what the text says.
        """
        self._encoder = encoder
        self._max = max_tokens
        self._names = names
        self._cut: dict[str, list[tuple[int, int]]] = {}

    def row(self, asked: Asked, rng: random.Random) -> Row | None:
        """The row; None where the answer cannot be shown."""
        question = self._encoder.question(sloppy(asked.question, rng))
        head = self._heading(asked, rng)
        room = self._max - len(question) - len(head) - 3
        encoded = self._encoder.passage(asked.text)
        sentences = self._sentences(asked.text, by_line=asked.kind in ASKED_KINDS)
        right = [n for n, s in enumerate(sentences) if _answers(s, asked)]
        if not sentences or bool(asked.sentences) != bool(right):
            return None
        tokens = [_tokens(encoded.offsets, *s) for s in sentences]
        first, last = self._stretch(tokens, right, room, rng)
        low = tokens[first][0]
        high = min(tokens[last][1], low + room)
        shift = 1 + len(question) + 1 + len(head)
        around = [self._encoder.cls, *question, self._encoder.sep, *head]
        ids = [*around, *encoded.ids[low:high], self._encoder.sep]
        sentence = [-1] * len(ids)
        for number in range(first, last + 1):
            begin, end = tokens[number]
            for at in range(max(begin, low), min(end, high)):
                sentence[shift + at - low] = number - first
        answers = [n - first for n in right if first <= n <= last and tokens[n][0] < high]
        if bool(right) != bool(answers):
            return None
        starts, ends = self._marks(asked, encoded.offsets, (low, high), shift, sentence, answers)
        passage_at = 2 + len(question)
        return Row(ids, passage_at, sentence, answers, starts, ends, asked.kind)

    def _heading(self, asked: Asked, rng: random.Random) -> list[int]:
        always = asked.kind in ASKED_KINDS
        parts = [asked.heading] if asked.heading and (rng.random() < HEADED or always) else []
        if rng.random() < 0.3:
            parts += rng.sample(self._names, rng.choice((1, 1, 1, 2)))
        if not parts:
            return []
        text = " – ".join(parts) + ". "
        return self._encoder.question(text, limit=60)

    def _sentences(self, text: str, *, by_line: bool) -> list[tuple[int, int]]:
        """Where sentences stand; points of a list that stand on lines of their own are some."""
        known = self._cut.get(text)
        if known is None:
            lines = re.finditer(r"[^\n]+", text) if by_line else re.finditer(r"(?s).+", text)
            known = [
                (line.start() + s.start, line.start() + s.end)
                for line in lines
                for s in split_sentences(line.group())
            ]
            self._cut[text] = known
        return known

    @staticmethod
    def _stretch(
        tokens: list[tuple[int, int]], right: list[int], room: int, rng: random.Random
    ) -> tuple[int, int]:
        """First and last of the sentences shown: around one that answers, of a random length."""
        if rng.random() < 0.55:
            room = rng.randint(min(56, room), room)
        first = last = rng.choice(right) if right else rng.randrange(len(tokens))
        while True:
            sides = []
            if first > 0 and tokens[last][1] - tokens[first - 1][0] <= room:
                sides.append(-1)
            if last + 1 < len(tokens) and tokens[last + 1][1] - tokens[first][0] <= room:
                sides.append(1)
            if not sides:
                return first, last
            if rng.choice(sides) < 0:
                first -= 1
            else:
                last += 1

    @staticmethod
    def _marks(
        asked: Asked,
        offsets: list[tuple[int, int]],
        shown: tuple[int, int],
        shift: int,
        sentence: list[int],
        answers: list[int],
    ) -> tuple[list[int], list[int]]:
        """Where the highlight may begin and end: a known span, else anywhere in what answers."""
        low, high = shown
        if not answers:
            return [0], [0]
        starts, ends = [], []
        for span in asked.spans:
            begin, end = _tokens(offsets, span.start, span.end)
            if low <= begin < end <= high:
                starts.append(shift + begin - low)
                ends.append(shift + end - 1 - low)
        if starts:
            return sorted(set(starts)), sorted(set(ends))
        inside = [at for at, number in enumerate(sentence) if number in answers]
        return inside, inside


def _answers(sentence: tuple[int, int], asked: Asked) -> bool:
    """Whether a sentence holds most of itself or of what answers."""
    for gold in asked.sentences:
        shared = min(sentence[1], gold.end) - max(sentence[0], gold.start)
        if shared > 0 and 2 * shared >= min(sentence[1] - sentence[0], gold.end - gold.start):
            return True
    return False


def _tokens(offsets: list[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """The half-open token range that overlaps a character range."""
    first = bisect.bisect_right(offsets, start, key=lambda o: o[1])
    last = bisect.bisect_left(offsets, end, key=lambda o: o[0])
    return first, max(first, last)


def collate_rows(rows: Sequence[Row], pad: int) -> dict[str, Tensor]:
    """Rows padded to the longest."""
    longest = max(len(row.input_ids) for row in rows)
    most = max(max(row.sentence, default=-1) for row in rows) + 1
    size = (len(rows), longest)
    ids = torch.full(size, pad)
    mask, types = torch.zeros(size, dtype=torch.int64), torch.zeros(size, dtype=torch.int64)
    sentence = torch.full(size, -1)
    start, end = torch.zeros(size, dtype=torch.bool), torch.zeros(size, dtype=torch.bool)
    answers = torch.zeros((len(rows), most + 1), dtype=torch.bool)
    for at, row in enumerate(rows):
        used = len(row.input_ids)
        ids[at, :used] = torch.tensor(row.input_ids)
        mask[at, :used] = 1
        types[at, row.passage_at : used] = 1
        sentence[at, :used] = torch.tensor(row.sentence)
        start[at, row.starts] = True
        end[at, row.ends] = True
        answers[at, [1 + n for n in row.answers] or [0]] = True
    return {
        "input_ids": ids,
        "attention_mask": mask,
        "token_type_ids": types,
        "sentence": sentence,
        "start": start,
        "end": end,
        "answers": answers,
    }


def training_rows(
    folder: Path, searched: Path, encoder: Encoder, max_tokens: int, seed: int, scale: float
) -> list[Row]:
    """The rows of one run of the third stage, the same for the same arguments and files."""
    rng = random.Random(seed)
    with gzip.open(searched, "rt", encoding="utf-8") as handle:
        found = json.load(handle)
    drawer = Drawer(folder, rng, {key: [tuple(e) for e in value] for key, value in found.items()})
    drawn = drawer.draw(scale)
    maker = RowMaker(encoder, max_tokens, _names(drawn))
    rows = (maker.row(asked, rng) for asked in drawn)
    return [row for row in rows if row is not None]


def _names(drawn: Iterable[Asked]) -> list[str]:
    """Two-word names of the texts, to stand for authors."""
    pattern = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,9} [A-Z][a-z]{3,10}\b")
    counted: dict[str, None] = {}
    for asked in drawn:
        for name in pattern.findall(asked.text[:600]):
            counted[name] = None
    return sorted(counted)[:: max(1, len(counted) // 2000)] or ["Ann Other"]


def contains_answer(text: str, item: Item) -> bool:
    """Whether a text holds one of a question's answers, as the answerless ones must not."""
    return _contains_answer(text, item)
