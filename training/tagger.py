"""Trains the follow-ups' tagger: an averaged perceptron that learns from two larger taggers.

``python -m training.tagger --data DATA --out tagger.json.gz`` tags questions and sentences of the
reading sets with spaCy's ``en_core_web_sm`` (MIT), lets HanTa (LGPL, trained on the BNC) tell where
a question's verb is if spaCy finds none, leaves out questions in which neither does, and fits the
weights. Half of the questions with an auxiliary are used a second time with another verb in it, so
that it is the place and not the word that makes a verb; every eighth noun, verb or adjective is
hidden while it learns.

Needs ``spacy``, ``HanTa``, ``wordfreq``, ``lemminflect`` and the package that carries
``en_core_web_sm``; nothing of this is needed to use the weights.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from askscwru.conversation.follow_up.tagger import (
    DO,
    MODAL,
    VERBS,
    Tagger,
    advance,
    ending,
    features,
    plain,
)
from askscwru.conversation.follow_up.words import WH, tokens
from askscwru.sentences import split_sentences

SETS = {
    "qamr": 16000,
    "squad1_train_slices": 16000,
    "tydiqa_goldp_en": 4000,
    "selqa_ass": 2300,
    "fairytaleqa": 3800,
    "timeqa_human": 1500,
    "quoref_slice": 500,
    "squadshifts_reddit": 7000,
    "squadshifts_new_wiki": 5000,
    "nq_open_oracle": 1600,
    "boolq_weak": 3000,
    "onestopqa": 1400,
    "clapnq": 500,
    "condaqa": 4000,
    "qadiscourse": 2500,
}
"""How many questions of each set are tagged. None of digital.gov, of the seeds or of other people's
conversations is among them: follow-ups are measured on those."""
NO_SENTENCES = ("boolq_weak", "qadiscourse", "timeqa_human")
SENTENCES = 2600
HIDDEN, OTHER_VERB, LOWERED, FRAGMENTS = 0.12, 0.5, 0.25, 0.25
LEAST_SEEN, LEAST_SHARE = 4, 0.07
"""A word is in the lexicon if it was seen so often, with each tag that has such a share."""
UNITS, LEAST_WEIGHT = 4, 1.5
"""Weights are kept as whole numbers of a quarter; smaller ones than the second are left out."""
LEADS = ("", "and", "what about", "What about", "how about", "And what about", "and in", "why")
BARE = ("VVI", "VVB", "VHI", "VBI", "VDI", "VHB", "VBB", "VDB")
"""HanTa's tags for a verb without an ending."""

Tagged = tuple[list[str], list[str]]
"""The words of a text and their tags."""


def texts_of(data: Path, rnd: random.Random) -> tuple[list[str], list[str]]:
    """Questions and sentences of the reading sets in a folder."""
    questions: list[str] = []
    sentences: list[str] = []
    for name, many in SETS.items():
        with gzip.open(data / f"{name}.json.gz", "rt", encoding="utf-8") as file:
            content = json.load(file)
        parts = [part for article in content["data"] for part in article["paragraphs"]]
        asked = sorted({one["question"].strip() for part in parts for one in part["qas"]})
        asked = [one for one in asked if 2 <= len(one.split()) <= 24]
        questions += rnd.sample(asked, min(many, len(asked)))
        if name in NO_SENTENCES:
            continue
        whole = sorted(
            {
                part["context"][s.start : s.end]
                for part in parts
                for s in split_sentences(part["context"])
            }
        )
        whole = [one for one in whole if 3 <= len(one.split()) <= 28]
        sentences += rnd.sample(whole, min(SENTENCES, len(whole)))
    return questions, sentences


def taught(texts: Sequence[str], model: str, *, asked: bool) -> list[Tagged]:
    """The texts with their teachers' tags; questions without a verb that makes sense left out.

    Args:
        texts: questions or sentences.
        model: the folder of spaCy's small English model.
        asked: whether they are questions.
    """
    import spacy
    from HanTa import HanoverTagger
    from spacy.tokens import Doc

    first = spacy.load(model, exclude=["ner", "lemmatizer", "senter", "parser", "attribute_ruler"])
    second = HanoverTagger.HanoverTagger("morphmodel_en.pgz")
    words = [tokens(text) for text in texts]
    found: list[Tagged] = []
    for own, doc in zip(words, first.pipe(Doc(first.vocab, w) for w in words), strict=True):
        tags = [_plain_tag(word, token.tag_) for word, token in zip(own, doc, strict=True)]
        other = [tag for _, _, tag in second.tag_sent(own)]
        if not asked or _with_its_verb(own, tags, other):
            found.append((own, tags))
    return found


def _plain_tag(word: str, tag: str) -> str:
    if not any(c.isalnum() for c in word):
        return "."
    return (
        tag
        if tag[:1].isalpha() and tag not in ("HYPH", "NFP", "SYM", "XX", "ADD", "FW", "LS")
        else "NN"
    )


def _with_its_verb(words: list[str], tags: list[str], other: list[str]) -> bool:
    """Gives a question's "do" or modal its bare verb; False where neither teacher has one."""
    lows = [plain(word) for word in words]
    begun = next((at for at, low in enumerate(lows) if low in DO or low in MODAL), None)
    if begun is None:
        return lows[0] not in WH or any(tag in VERBS or tag == "MD" for tag in tags)
    if begun >= len(words) - 2:
        return True
    verbs = [at for at in range(begun + 1, len(words)) if tags[at] in VERBS]
    verb = next((at for at in verbs if tags[at] != "VBG"), None)
    if verb is not None and tags[verb] in ("VB", "VBP"):
        tags[verb] = "VB"
        return True
    told = next((at for at in range(begun + 1, len(words)) if other[at] in BARE), None)
    if told is None or (verb is not None and told > verb):
        return False
    tags[told] = "VB"
    return True


def lexicon_of(texts: Sequence[Tagged]) -> dict[str, str]:
    """The tags that each word has, of those that were seen often enough."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for words, tags in texts:
        for word, tag in zip(words, tags, strict=True):
            seen[plain(word)]["NNP" if tag == "NNPS" else tag] += 1
    found = {}
    for word, counts in seen.items():
        many = counts.total()
        if many >= LEAST_SEEN:
            often = sorted(tag for tag, n in counts.items() if n / many >= LEAST_SHARE)
            found[word] = "|".join(often)
    common = Counter(found.values())
    return {
        word: tags if common[tags] >= 3 else max(tags.split("|"), key=lambda t: seen[word][t])
        for word, tags in found.items()
    }


def more_of(
    questions: Sequence[Tagged],
    sentences: Sequence[Tagged],
    verbs: Sequence[str],
    rnd: random.Random,
) -> list[Tagged]:
    """Questions with another verb or in lower case, and noun phrases by themselves."""
    extra: list[Tagged] = []
    for words, tags in questions:
        waits = any(plain(word) in DO or plain(word) in MODAL for word in words[:4])
        at = tags.index("VB") if waits and "VB" in tags else None
        if at is not None and rnd.random() < OTHER_VERB:
            extra.append(([*words[:at], rnd.choice(verbs), *words[at + 1 :]], tags))
        if rnd.random() < LOWERED:
            extra.append(([word.lower() for word in words], tags))
    nominal = ("DT", "JJ", "NN", "NNS", "NNP", "NNPS", "CD", "PRP$", "JJR", "JJS")
    for words, tags in sentences:
        if rnd.random() >= FRAGMENTS:
            continue
        first = last = rnd.randrange(len(words))
        while last < len(words) and tags[last] in nominal and last - first < 5:
            last += 1
        if last > first and tags[last - 1].startswith("N"):
            lead = tokens(rnd.choice(LEADS))
            own = [_LEAD_TAGS[plain(word)] for word in lead]
            extra.append(([*lead, *words[first:last]], [*own, *tags[first:last]]))
    return extra


_LEAD_TAGS = {"and": "CC", "what": "WP", "about": "IN", "how": "WRB", "in": "IN", "why": "WRB"}


def fitted(
    texts: list[Tagged], lexicon: dict[str, str], rounds: int, rnd: random.Random
) -> dict[str, dict[str, float]]:
    """The averaged weights after some rounds over the texts."""
    weights: dict[str, dict[str, float]] = {}
    summed: dict[tuple[str, str], float] = defaultdict(float)
    changed: dict[tuple[str, str], int] = defaultdict(int)
    tagger, now = Tagger(lexicon, weights), 0
    for turn in range(rounds):
        rnd.shuffle(texts)
        right = 0
        for words, tags in texts:
            lows = [plain(word) for word in words]
            classes = tagger.classes(lows)
            for at, tag in enumerate(tags):
                if tag[0] in "NVJ" and rnd.random() < HIDDEN:
                    classes[at], lows[at] = ending(lows[at]), f"~{lows[at][-3:]}"
            before, state = ("^", "^"), ("-", 0)
            for at, tag in enumerate(tags):
                now += 1
                seen = features(at, words, lows, classes, before, state)
                scores = tagger.scores(seen)
                guess = max(scores, key=lambda t: (scores[t], t)) if scores else "NN"
                right += guess == tag
                for feature in seen if guess != tag else ():
                    row = weights.setdefault(feature, {})
                    for which, by in ((tag, 1.0), (guess, -1.0)):
                        key, held = (feature, which), row.get(which, 0.0)
                        summed[key] += (now - changed[key]) * held
                        changed[key], row[which] = now, held + by
                before, state = (guess, before[0]), advance(state, lows[at], guess)
        print(f"round {turn + 1}: {right / sum(len(words) for words, _ in texts):.4f}", flush=True)
    return {
        feature: {
            tag: (summed[feature, tag] + (now - changed[feature, tag]) * weight) / now
            for tag, weight in row.items()
        }
        for feature, row in weights.items()
    }


def packed(weights: dict[str, dict[str, float]]) -> dict[str, dict[str, int]]:
    """The weights that matter, as whole numbers."""
    kept = {
        feature: {tag: round(w * UNITS) for tag, w in row.items() if abs(w) >= LEAST_WEIGHT}
        for feature, row in weights.items()
    }
    return {feature: row for feature, row in kept.items() if row}


def main() -> None:
    """Makes the weights from the reading sets."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of reading sets")
    parser.add_argument("--model", required=True, help="the folder of en_core_web_sm")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--texts", type=int, default=26000, help="how many texts are learned from")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--without", nargs="*", default=[], help="verbs that are put in nowhere")
    options = parser.parse_args()
    from lemminflect import getAllLemmas
    from wordfreq import top_n_list

    rnd = random.Random(options.seed)
    verbs = [
        word
        for word in top_n_list("en", 25000)
        if word.isalpha()
        and len(word) > 2
        and word not in options.without
        and getAllLemmas(word, upos="VERB").get("VERB") == (word,)
    ]
    asked, plain_texts = texts_of(options.data, rnd)
    questions = taught(asked, options.model, asked=True)
    sentences = taught(plain_texts, options.model, asked=False)
    lexicon = lexicon_of([*questions, *sentences])
    texts = [*questions, *sentences, *more_of(questions, sentences, verbs, rnd)]
    texts = rnd.sample(texts, min(options.texts, len(texts)))
    content: dict[str, Any] = {
        "lexicon": lexicon,
        "weights": packed(fitted(texts, lexicon, options.rounds, rnd)),
    }
    raw = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    options.out.write_bytes(gzip.compress(raw, 9, mtime=0))
    print(f"{options.out}: {len(raw):,} bytes, {options.out.stat().st_size:,} compressed")


if __name__ == "__main__":
    main()
