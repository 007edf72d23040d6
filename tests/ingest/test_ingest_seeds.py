"""The five seeds: what is on them, and that nothing else is taken for a post."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from askscwru.ingest import Corpus, read_corpus
from askscwru.settings import Settings
from askscwru.types import BlockKind, Post

SEEDS = Path(__file__).parents[2] / "seeds"

STEVENS = ("Martin Stevens",)
# Title, authors, stated words, whole, pages: the table of the first issue.
TABLE = [
    (
        "At the 7th International Health Humanities Network Conference",
        STEVENS,
        1276,
        False,
        "000",
    ),
    ("Personalisation: towards evidence that counts", STEVENS, 811, False, "000 001"),
    (
        "Adult Social Care – where’s the evidence?",
        ("Jo Moriarty", "Martin Stevens"),
        1192,
        False,
        "000",
    ),
    ("Imagining the future – the social care workforce", STEVENS, 1593, False, "000"),
    (
        "Supporting parents with learning disabilities – passing on practice experiences",
        STEVENS,
        1037,
        False,
        "000",
    ),
    (
        "Risk, Safeguarding and Personal Budgets: exploring relationships and identifying good"
        " practice",
        STEVENS,
        900,
        False,
        "000 001",
    ),
    ("Risks and barriers to organisations conducting research", STEVENS, 2114, False, "000"),
    (
        "Where next for integration and funding?",
        ("John Woolham", "Martin Stevens"),
        1369,
        False,
        "000",
    ),
    (
        "Personalisation of adult social care – do we have to decide between choice or quality?",
        STEVENS,
        None,
        True,
        "000 001 002",
    ),
    ("Are direct payments a form of activation policy?", STEVENS, None, True, "000 001"),
    (
        "Personalisation and older people – better outcomes?",
        ("John Woolham",),
        455,
        False,
        "001",
    ),
    ("Personal budgets in Finland", ("John Woolham",), 1141, False, "001"),
    ("Is a Personal Budget right for you?", ("Sarah Hamilton",), None, True, "001"),
    ("Shared Lives: a new health and care system", ("Alex Fox",), None, True, "003"),
    ("Care and caring: challenge, crisis or opportunity?", ("Sue Yeandle",), None, False, "003"),
    ("Get social care right and the NHS will benefit", ("Catherine Needham",), None, False, "003"),
    ("Policy & Politics: Making it personal", ("Alex Marsh",), None, True, "003"),
    (
        "Should recording in social work be given a higher priority?",
        ("Liz O’Rourke",),
        None,
        True,
        "003",
    ),
    (None, (), None, True, "004"),
]
FURNITURE = [
    r"Posts Tagged",
    r"Continue reading",
    r"^Dr Martin Stevens$|^Martin Stevens$|StevensMartin|StevensDr|2014bJo|WoolhamJohn",
    r"\(\d[\d,]* words\)",
    r"Follow @|@McPinFoundation",
    r"newsletter subscribers",
    r"Find out more about impact",
    r"views and opinions expressed on this blog",
    r"only available to subscribers|sign up for a free trial",
    r"Also available: Direct payments",
    r"Enter your email|Twitter Updates|bloggers like this|Republish our|Creative Commons",
    r"St Mary.s Stadium, Southampton$",
    r"^Dr Sandra Baum|^Is a Personal Budget right for you$|youOur|^Reaching goals|onFrom",
    r"\[FC\]",
    r"^References:?$",
]
PULL_QUOTES = [
    "“…we remain locked into seeing people",
    "“…fit support around a good life",
    "“It is very hard to recruit trained staff to work in care",
]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus(Settings(seeds=SEEDS), lambda *_: None)


def _pages(post: Post) -> str:
    return " ".join(sorted({post.source[:3], *(o.source[:3] for o in post.also_in)}))


def _blocks(corpus: Corpus, *kinds: BlockKind) -> Iterator[str]:
    for post in corpus.posts:
        for block in post.blocks:
            if block.kind in kinds:
                yield corpus.texts[post.source][block.start : block.end]


def test_the_seeds_hold_the_posts_of_the_table(corpus: Corpus) -> None:
    assert [
        (post.title, post.authors, post.word_count, post.complete, _pages(post))
        for post in corpus.posts
    ] == TABLE


def test_the_posts_occur_at_24_places(corpus: Corpus) -> None:
    assert sum(1 + len(post.also_in) for post in corpus.posts) == 24
    assert corpus.skipped == ()


def test_the_blogs_are_those_of_the_manifest(corpus: Corpus) -> None:
    blogs = {source.name[:3]: source.blog for source in corpus.sources}
    assert blogs == {
        "000": "Social Care Workforce Research Unit blog",
        "001": "Social Care Workforce Research Unit blog",
        "002": "Social Care Workforce Research Unit blog",
        "003": "Policy Press blog",
        "004": None,
    }


@pytest.mark.parametrize("pattern", FURNITURE)
def test_no_line_of_furniture_stands_in_a_body(corpus: Corpus, pattern: str) -> None:
    for text in _blocks(corpus, BlockKind.BODY, BlockKind.LIST):
        assert not re.search(pattern, text), text


@pytest.mark.parametrize("quote", PULL_QUOTES)
def test_a_pull_quote_is_no_second_copy_of_its_sentence(corpus: Corpus, quote: str) -> None:
    assert not any(text.startswith(quote) for text in _blocks(corpus, *BlockKind))


def test_references_are_kept_apart(corpus: Corpus) -> None:
    references = list(_blocks(corpus, BlockKind.REFERENCE))
    assert len(references) == 7
    for start in ("Clarke, J., Newman", "Needham, C. (2013)", "Patrick, R. (2012)", "Duffy, S."):
        assert sum(text.startswith(start) for text in references) == 1
        assert not any(start in text for text in _blocks(corpus, BlockKind.BODY))


def test_every_place_is_what_it_says(corpus: Corpus) -> None:
    for post in corpus.posts:
        text = corpus.texts[post.source]
        assert post.start == post.blocks[0].start
        assert post.end == post.blocks[-1].end
        assert [*post.blocks] == sorted(post.blocks, key=lambda block: block.start)
        for block in post.blocks:
            piece = text[block.start : block.end]
            assert piece
            assert piece == piece.strip()
        for place in post.bylines:
            assert corpus.texts[place.source][place.start : place.end].strip()
        if post.title is not None:
            assert post.title_at is not None
            at = post.title_at
            shown = corpus.texts[at.source][at.start : at.end]
            assert " ".join(shown.split()) == post.title


def test_a_byline_sentence_keeps_its_stated_length(corpus: Corpus) -> None:
    post = next(post for post in corpus.posts if post.title == "Personal budgets in Finland")
    shown = [corpus.texts[p.source][p.start : p.end] for p in post.bylines]
    assert len(shown) == 2
    assert shown[1].endswith("implementing personal budgets. (1,141 words)")


def test_ids_are_stable_and_unique(corpus: Corpus) -> None:
    again = read_corpus(Settings(seeds=SEEDS), lambda *_: None)
    ids = [post.id for post in corpus.posts]
    assert ids == [post.id for post in again.posts]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[0-9a-f]{12}", one) for one in ids)
