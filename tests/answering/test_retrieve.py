"""Dense and lexical search, fused."""

from __future__ import annotations

from pathlib import Path

import pytest

from askscwru.answering.retrieve import _spread
from askscwru.assistant import Assistant
from askscwru.index.build import build
from askscwru.settings import Settings
from askscwru.types import BlockKind, Passage
from fakes import quiet, write_fake_model

PAGE = """---
title: {title}
---

{text}
"""
# Both say "ferrets sing at night"; in the long one it stands among much else.
SHORT = "Ferrets sing at night and sleep by day, said the keeper of the old mill near York."
LONG = (
    "The council met on Monday to discuss the budget of the library and the swimming pool. "
    "Ferrets sing at night. "
    "The swimming pool will be closed until the budget of the library has been agreed upon. "
    "The library will be open on Monday, and so will the museum and its well known tea room."
)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Two posts in an index with a fake encoder."""
    folder = tmp_path_factory.mktemp("mixed")
    seeds = folder / "seeds"
    seeds.mkdir()
    for name, text in (("short", SHORT), ("long", LONG)):
        page = PAGE.format(title=f"A {name} post of the mill", text=text)
        (seeds / f"{name}.md").write_text(page, encoding="utf-8")
    model: Path = write_fake_model(folder / "model")
    settings = Settings(seeds=seeds, embeddings=folder / "embeddings", model=str(model))
    build(settings, quiet)
    return Assistant.load(settings)


def _score(assistant: Assistant, name: str, question: str = "ferrets sing at night") -> float:
    hits = assistant.search(question)
    return next(hit.score for hit in hits if hit.passage.source == f"{name}.md")


def test_a_passage_is_as_near_as_its_nearest_sentence_makes_it(mixed: Assistant) -> None:
    whole = mixed.varied(sentence_weight=0.0, dense_weight=1.0)
    nearest = mixed.varied(sentence_weight=1.0, dense_weight=1.0)
    assert _score(whole, "long") < _score(whole, "short") == pytest.approx(1.0)
    assert _score(nearest, "long") == pytest.approx(1.0)


def _dense_share(mixed: Assistant, question: str, setting: float) -> float:
    """The share of the dense side in the score of the passage that both sides like less."""
    ways = [mixed.varied(dense_weight=weight) for weight in (0.0, 1.0, setting)]
    words, nearness, fused = (_score(way, "long", question) for way in ways)
    return (fused - words) / (nearness - words)


def test_the_two_searches_share_the_score_as_the_setting_says_where_the_words_tell(
    mixed: Assistant,
) -> None:
    assert _dense_share(mixed, "the short mill", 0.25) == pytest.approx(0.25)


def test_the_fewer_words_of_a_question_a_passage_has_the_more_counts_its_nearness(
    mixed: Assistant,
) -> None:
    asked = (
        "the short mill",
        "Do ferrets sing at night and sleep by day?",
        "Do ferrets sing after dusk and slumber by daylight?",
        "Do polecats warble nocturnally amid hedgerows and slumber at the mill?",
    )
    shares = [_dense_share(mixed, question, 0.25) for question in asked]
    assert shares == sorted(set(shares))
    assert shares[-1] > 0.9


REFERENCES = """
Ferrets are much written about.

## References

Holm, A. and Brandt, O. (2012) ‘The song of the ferret at night’, Journal of Mills 4(1), 5–15.
"""


@pytest.mark.parametrize(
    ("question", "among_references"),
    [
        ("Who wrote the paper on the song of the ferret at night?", True),
        ("Who wrote “The song of the ferret at night”?", True),
        ("Who are the authors of the article on the song of the ferret?", True),
        ("In which journal is the song of the ferret at night?", True),
        ("Who heard the song of the ferret at night?", False),
        ("What is the song of the ferret at night?", False),
    ],
)
def test_references_are_searched_where_who_wrote_a_text_is_asked(
    question: str, among_references: bool, tmp_path: Path
) -> None:
    (tmp_path / "seeds").mkdir()
    page = PAGE.format(title="On ferrets", text=REFERENCES)
    (tmp_path / "seeds" / "ferrets.md").write_text(page, encoding="utf-8")
    model = write_fake_model(tmp_path / "model")
    settings = Settings(
        seeds=tmp_path / "seeds", embeddings=tmp_path / "embeddings", model=str(model)
    )
    build(settings, quiet)
    assistant = Assistant.load(settings)
    kinds = {hit.passage.kind for hit in assistant.search(question)}
    assert (BlockKind.REFERENCE in kinds) is among_references
    assistant.close()


def _passages(described: str) -> list[Passage]:
    """Passages by post and kind: "a" is one of the body of post a, "B" a byline of post b."""
    return [
        Passage(
            id=f"{at:012x}",
            post_id=letter.lower(),
            source=f"{letter.lower()}.md",
            start=0,
            end=1,
            text="x",
            context="",
            sentences=(),
            kind=BlockKind.BYLINE if letter.isupper() else BlockKind.BODY,
        )
        for at, letter in enumerate(described)
    ]


@pytest.mark.parametrize(
    ("described", "k", "chosen"),
    [
        ("aaaaaab", 5, [0, 1, 2, 3, 6]),  # one post leaves room for another
        ("aaaaaa", 5, [0, 1, 2, 3, 4]),  # unless there is none
        ("ABCDEf", 5, [0, 1, 5, 2, 3]),  # bylines leave room for what the posts say
        ("ABCdef", 3, [0, 1, 3]),
        ("abcde", 9, [0, 1, 2, 3, 4]),
        ("aaaaabbb", 8, [0, 1, 2, 3, 5, 4, 6, 7]),
        ("", 5, []),
    ],
)
def test_neither_one_post_nor_bylines_fill_the_first_hits(
    described: str, k: int, chosen: list[int]
) -> None:
    assert _spread(_passages(described), k) == chosen
