"""Parts of speech, by an averaged perceptron with a few hundred kilobytes of weights.

The words are tagged from left to right; beside the usual features (Collins 2002, Honnibal 2013)
each decision sees which auxiliary still waits for its verb, since that is what tells noun from verb
in a question ("how do workers paint …"). Where a question would be left without its verb, the
likeliest word is made it. Trained by ``python -m training.tagger`` on what two larger taggers agree
on; see ``weights/TAGGER_CARD.md``.

Tags are those of the Penn Treebank: NN NNS NNP NNPS for nouns, VB (bare) VBP VBZ VBD VBN VBG for
verbs, MD, JJ JJR JJS, RB RBR RBS RP, …; "." for every mark.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

WEIGHTS = "tagger.json.gz"
VERBS = frozenset(("VB", "VBP", "VBZ", "VBD", "VBN", "VBG"))
BE = frozenset("is are was were am be been being isn't aren't wasn't weren't".split())
DO = frozenset("do does did don't doesn't didn't".split())
HAVE = frozenset("has have had hasn't haven't hadn't".split())
MODAL = frozenset(
    "can could will would shall should may might must can't couldn't won't wouldn't "
    "shouldn't cannot".split()
)
_WH = frozenset("what who whom whose which when where why how".split())
_WAITS = {**dict.fromkeys(DO, "d"), **dict.fromkeys(MODAL, "m"), **dict.fromkeys(BE, "b")}
_WAITS.update(dict.fromkeys(HAVE, "h"))
_NOMINAL = frozenset(("NN", "NNS", "NNP", "NNPS", "PRP", "CD"))
_CLOSED = frozenset(("DT", "IN", "PRP", "PRP$", "CC", "MD", "TO", "WP", "WRB", "WDT", "."))
_MAY_BE_VERB = frozenset(("NN", "NNS", "JJ", "JJR", "RB", "IN", "UH", "VBG", "VBN", "VBD", "CD"))
_ENDS = frozenset("?.!;")
_BEFORE, _AFTER = "^", "$"
_MARGIN = 60
"""How far below the best tag of a word (in the weights' units) a verb's may be where the question
has no auxiliary that asks for one."""

State = tuple[str, int]
"""Which kind of auxiliary waits for its verb ("-" where none does), and nominals since it (≤ 3)."""


def plain(word: str) -> str:
    """A word as the features have it: in lower case, numbers by their kind."""
    low = word.lower().replace("’", "'")
    if low.isdigit():
        return "!4" if len(low) == 4 else "!d"
    return "!n" if low[:1].isdigit() else low


def ending(low: str) -> str:
    """What stands for the class of a word that is not in the lexicon."""
    return f"?{low[-3:]}"


def advance(state: State, low: str, tag: str) -> State:
    """The state after a word."""
    waits, since = state
    begun = _WAITS.get(low)
    if begun is not None:
        return begun, 0
    if tag in VERBS or low in _ENDS:
        return "-", 0
    return waits, min(3, since + 1) if tag in _NOMINAL else since


def _shape(word: str) -> str:
    first = word[:1]
    if first.isupper():
        return "XX" if len(word) > 1 and word.isupper() else "X"
    if first.isdigit():
        return "d"
    return "x" if any(c.isalnum() for c in word) else "."


def features(
    at: int,
    words: Sequence[str],
    lows: Sequence[str],
    classes: Sequence[str],
    tags: tuple[str, str],
    state: State,
) -> tuple[str, ...]:
    """What one decision sees.

    Args:
        at: which word is to be tagged.
        words: as they stand in the text.
        lows: the same, ``plain``.
        classes: for each word the tags that the lexicon gives it, else its ``ending``.
        tags: of the word before and of the one before that.
        state: see ``State``.
    """
    low, (one, two), (waits, since) = lows[at], tags, state
    many = len(lows)
    before = lows[at - 1] if at else _BEFORE
    before2 = lows[at - 2] if at > 1 else _BEFORE
    after = lows[at + 1] if at + 1 < many else _AFTER
    after2 = lows[at + 2] if at + 2 < many else _AFTER
    a = classes[at]
    b = classes[at + 1] if at + 1 < many else _AFTER
    c = classes[at + 2] if at + 2 < many else _AFTER
    shape = _shape(words[at]) if at else f"^{_shape(words[at])}"
    pending = f"{waits}{since}"
    return (
        f"w{low}",
        f"s3{low[-3:]}",
        f"s2{low[-2:]}",
        f"s1{low[-1:]}",
        f"p{low[:2]}",
        f"h{shape}",
        f"h2{shape}{one}",
        f"t1{one}",
        f"t2{one}{two}",
        f"t1w{one} {low}",
        f"b{before}",
        f"b2{before2}",
        f"a{after}",
        f"a2{after2}",
        f"A{a}",
        f"A1{a} {one}",
        f"AB{a} {b}",
        f"B{b}",
        f"BC{b} {c}",
        f"t1B{one} {b}",
        f"P{pending}",
        f"Pt{pending}{one}",
        f"PA{pending}{a}",
        f"PAB{waits}{a} {b}",
        f"PtB{pending}{one} {b}",
        f"Ps{waits}{low[-2:]}",
        f"PtBC{waits}{one} {b} {c}",
    )


@dataclass(frozen=True, slots=True)
class _Path:
    """A text tagged up to its end, from some word on."""

    tags: tuple[str, ...]
    states: tuple[State, ...]
    """Before each word."""
    scores: tuple[Mapping[str, float], ...]
    """Of each word's tags; empty where the lexicon alone decided."""
    end: State

    def total(self, first: int) -> float:
        """How well the words from one on go with their tags."""
        pairs = zip(self.tags[first:], self.scores[first:], strict=True)
        return sum(scores.get(tag, 0.0) for tag, scores in pairs if scores)


@dataclass(frozen=True, slots=True)
class Tagger:
    """Tags the words of short texts; safe to use from many threads."""

    lexicon: Mapping[str, str]
    """The tags that a word may have, joined with "|"."""
    weights: Mapping[str, Mapping[str, float]]
    """By feature and tag."""

    def tag(self, words: Sequence[str]) -> list[str]:
        """One tag a word.

        Args:
            words: the words and marks of one text, in order.
        """
        if not words:
            return []
        lows = [plain(word) for word in words]
        classes = self.classes(lows)
        path = self._path(words, lows, classes, None, {})
        return list(self._with_verb(words, lows, classes, path).tags)

    def classes(self, lows: Sequence[str]) -> list[str]:
        """What is known of each word without its neighbours."""
        return [self.lexicon.get(low) or ending(low) for low in lows]

    def is_ordinary(self, word: str) -> bool:
        """Whether a word is known, and as more than a part of names: "lives", "health", "brown"."""
        low = plain(word)
        tags = self.lexicon.get(low) or self.lexicon.get(low.removesuffix("s"), "NNP")
        return tags != "NNP"

    def scores(self, seen: Sequence[str]) -> dict[str, float]:
        """How well each tag goes with what a decision sees."""
        found: dict[str, float] = {}
        for feature in seen:
            row = self.weights.get(feature)
            if row is not None:
                for tag, weight in row.items():
                    found[tag] = found.get(tag, 0.0) + weight
        return found

    def _path(
        self,
        words: Sequence[str],
        lows: Sequence[str],
        classes: Sequence[str],
        begun: _Path | None,
        forced: Mapping[int, str],
    ) -> _Path:
        """The likeliest tags, from left to right; from the first forced word on, given a path."""
        first = min(forced) if begun is not None else 0
        tags = list(begun.tags[:first]) if begun is not None else []
        states = list(begun.states[:first]) if begun is not None else []
        scores = list(begun.scores[:first]) if begun is not None else []
        state: State = begun.states[first] if begun is not None else ("-", 0)
        for at in range(first, len(words)):
            states.append(state)
            known, chosen = classes[at], forced.get(at)
            found: Mapping[str, float] = {}
            if chosen is not None or known not in _CLOSED:
                before = tags[-1] if tags else _BEFORE, tags[-2] if at > 1 else _BEFORE
                found = self.scores(features(at, words, lows, classes, before, state))
                if chosen is None and (never := _impossible(lows, at, state)):
                    found = {tag: s for tag, s in found.items() if tag not in never}
                chosen = chosen or (max(found, key=lambda t: (found[t], t)) if found else "NN")
            tags.append(chosen or known)
            scores.append(found)
            state = advance(state, lows[at], tags[-1])
        return _Path(tuple(tags), tuple(states), tuple(scores), state)

    def _with_verb(
        self, words: Sequence[str], lows: Sequence[str], classes: Sequence[str], path: _Path
    ) -> _Path:
        """The path, or the best one with a verb in it where the question lacks one."""
        wanted = _lacking(lows, path)
        if wanted is None:
            return path
        first, tag, sure = wanted
        best, most = path, float("-inf")
        for at in _candidates(words, path.tags, first):
            given = path.scores[at]
            short = max(given.values(), default=0.0) - given.get(tag, float("-inf"))
            if not sure and short > _MARGIN:
                continue
            other = self._path(words, lows, classes, path, {at: tag})
            total = other.total(first)
            if total > most:
                best, most = other, total
        return best


_RELATIVE = frozenset(("who", "that", "which", "what", "whose", "where", "when", "if"))


_TAKES_TO = frozenset(
    "need needs needed have has had want wants wanted able unable allowed required obliged try "
    "trying tried supposed expected hope hoping hoped decide decided".split()
)
"""Words after which "to" opens an infinitive: "do you need to book?"."""


def _impossible(lows: Sequence[str], at: int, state: State) -> frozenset[str]:
    """The tags that a word cannot have where a bare verb is due."""
    if at > 1 and lows[at - 1] == "to" and lows[at - 2] in _TAKES_TO:
        return frozenset(("NN", "JJ"))
    if state[0] not in "dm":
        return frozenset()
    begun = max(i for i in range(at) if _WAITS.get(lows[i]) in ("d", "m"))
    opens = begun == 0 or (begun == 1 and lows[0] in ("how", "why", "when", "where"))
    if opens and at == begun + 1:
        return VERBS  # its subject begins: "should mountain huts …"
    if opens and not _RELATIVE & set(lows[begun + 1 : at]):
        return frozenset(("VBZ",))
    return frozenset()


def _lacking(lows: Sequence[str], path: _Path) -> tuple[int, str, bool] | None:
    """From where on a question lacks a verb, of which form, and whether it surely does."""
    last = len(lows)
    while last and lows[last - 1] in _ENDS:
        last -= 1
    if not last:
        return None
    state = path.states[last] if last < len(lows) else path.end
    if state[0] in "dm" and state[1]:
        at = max(i for i in range(last) if _WAITS.get(lows[i]) in ("d", "m"))
        inverted = at == 0 or path.tags[at - 1] not in ("PRP", "EX")
        return (at + 1, "VB", True) if inverted else None
    opens = lows[0] in ("who", "which", "what", "whose") or lows[:2] == ["how", "many"]
    none = not any(low in _WAITS or tag in VERBS for low, tag in zip(lows, path.tags, strict=True))
    if opens and none and last >= 3 and path.tags[1] != "IN":
        return 1, "VBP", False
    return None


def _candidates(words: Sequence[str], tags: Sequence[str], first: int) -> Iterator[int]:
    """The words that may yet be the verb."""
    for at in range(first, len(words)):
        if tags[at] in _MAY_BE_VERB and not words[at][:1].isupper() and words[at].isalpha():
            yield at


@cache
def tagger() -> Tagger:
    """The one that the package ships; read when it is first needed."""
    raw = files("askscwru").joinpath("weights", WEIGHTS).read_bytes()
    content = json.loads(gzip.decompress(raw))
    return Tagger(content["lexicon"], content["weights"])
