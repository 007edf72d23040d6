"""Posts by filters and by titles: SQL gives what looking at every post gives, on random corpora."""

from __future__ import annotations

import random
import re
import sqlite3
import tempfile
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz, process

from askscwru.answering.collection import catalogue as catalogue_module
from askscwru.answering.collection.catalogue import Catalogue, Named
from askscwru.answering.filters import posts_within
from askscwru.errors import FilterError, IndexDamaged
from askscwru.index.lexical import analyse
from askscwru.index.records import (
    PART_RECORDS,
    Condition,
    PostList,
    PostOrder,
    PostSet,
    Records,
    part_folder,
    write_part,
    write_records,
)
from askscwru.index.titles import forms_of
from askscwru.letters import fold, fold_words
from askscwru.names import bare_name
from askscwru.types import (
    BlockKind,
    Filters,
    Occurrence,
    Passage,
    Place,
    Post,
    Sentence,
    rows_of,
)

AUTHORS = ("Ada Ember", "Bo Crane", "Dr Bo Crane", "José Ember", "jose ember", "Cy", "Mary Ann Lee")
LABELS = ("Care", "care", "Café life", "cafe life", "Budgets", "Night-time", "Finland")
BLOGS = ("The Unit Blog", "the unit blog", "Notes")
WORDS = "care night budgets home part two 2 3 iii report of the sleep and live-in Finland".split()


def post_of(rng: random.Random, number: int) -> Post:
    """A post of which anything may be missing."""

    def some(of: Sequence[str], most: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rng.choices(of, k=rng.randint(0, most))))

    colon = rng.choice(["", "", ": ", " – "])
    title = " ".join(rng.choices(WORDS, k=rng.randint(1, 6)))
    if colon:
        title += colon + " ".join(rng.choices(WORDS, k=rng.randint(2, 6)))
    copies = tuple(
        Occurrence(source=name, start=0, end=9, complete=False) for name in some(("a", "b"), 2)
    )
    return Post(
        id=f"{rng.randrange(1 << 48):012x}",
        title=rng.choice([title, title.capitalize(), title, None]),
        authors=some(AUTHORS, 2),
        blog=rng.choice([*BLOGS, None]),
        word_count=rng.choice([None, 80]),
        known_words=40,
        complete=rng.random() < 0.5,
        published=rng.choice([None, f"20{rng.randint(10, 14)}-0{rng.randint(1, 9)}-11"]),
        url=None,
        source=rng.choice(["a", "b", "c"]),
        start=0,
        end=9,
        blocks=(),
        also_in=copies,
        categories=some(LABELS, 2),
        tags=some(LABELS, 2),
    )


def passages_of(rng: random.Random, posts: Iterable[Post]) -> list[Passage]:
    """One to three passages of each post."""
    kinds = (BlockKind.BODY, BlockKind.TITLE, BlockKind.BODY)
    return [
        Passage(
            id=f"{post.id}{at}",
            post_id=post.id,
            source=post.source,
            start=0,
            end=9,
            text="some text",
            context="",
            sentences=(Sentence(0, 9, BlockKind.BODY),) * rng.randint(1, 3),
            kind=kinds[at],
        )
        for post in posts
        for at in range(rng.randint(1, 3))
    ]


def records_of(folder: Path, posts: Sequence[Post], passages: Sequence[Passage]) -> Records:
    """The records, in three parts of whole posts."""
    many = len(posts) // 3 + 1
    parts, placed = [], {}
    for key in range(3):
        own = posts[key * many : (key + 1) * many]
        ids = {post.id for post in own}
        theirs = [passage for passage in passages if passage.post_id in ids]
        part, places = write_part(part_folder(folder, key), key, own, theirs)
        parts.append(part)
        placed |= places
    write_records(folder / "corpus.db", [], posts, placed, parts, [])
    return Records(folder / "corpus.db")


def corpus(seed: int) -> tuple[list[Post], list[Passage], Records]:
    """A random corpus and its records."""
    rng = random.Random(seed)
    posts = [post_of(rng, number) for number in range(rng.randint(1, 40))]
    passages = passages_of(rng, posts)
    with tempfile.TemporaryDirectory() as folder:
        return posts, passages, records_of(Path(folder), posts, passages)


# -- posts that leave with an answer ---------------------------------------------------------------


@settings(max_examples=20)
@given(st.integers(0, 10**9))
def test_posts_that_are_held_are_the_posts_and_their_rows_without_the_index(seed: int) -> None:
    rng = random.Random(seed)
    posts = [
        replace(post_of(rng, n), title_at=rng.choice([None, Place("b “é”", 3, 9)]))
        for n in range(rng.randint(1, 40))
    ]
    with tempfile.TemporaryDirectory() as folder:
        records = records_of(Path(folder), posts, [])
        wanted = rng.sample(posts, rng.randint(0, len(posts)))
        held = PostList(records, [post.id for post in wanted]).held()
        records.close()
    assert [dict(row) for row in held.rows] == [post.to_row() for post in wanted]
    assert [list(row) for row in held.rows] == [list(post.to_row()) for post in wanted]
    assert rows_of(held) == rows_of(wanted) == held.rows
    assert held == tuple(wanted)
    assert list(held[1:]) == wanted[1:]
    assert rows_of(held[1:]) == rows_of(wanted[1:])
    assert len(held) == len(wanted)


def test_a_row_that_is_damaged_is_named(tmp_path: Path) -> None:
    [post, *_], _, records = corpus(1)
    records.close()
    records = records_of(tmp_path, [post], [])
    path = part_folder(tmp_path, 0) / PART_RECORDS
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE posts SET row = '{'")
        file.commit()
    records.close()
    records = Records(tmp_path / "corpus.db")
    with pytest.raises(IndexDamaged, match="askscwru index") as caught:
        records.held([post.id])
    assert str(path) in caught.value.message
    records.close()


# -- filters ---------------------------------------------------------------------------------------


def by_hand(known: Sequence[Post], filters: Filters) -> list[str] | str:
    """The ids of the posts that pass, by looking at each; or what is wrong with the filters."""
    posts = list(known)
    if filters.author is not None:
        wanted = fold(bare_name(filters.author))
        found = [post for post in posts if wanted in map(fold, post.authors)]
        last = [p for p in posts if any(fold(name).split()[-1:] == [wanted] for name in p.authors)]
        names = {name for post in posts for name in post.authors}
        if not (found := found or last):
            return near(filters.author, names)
        posts = found
    if filters.source is not None:
        posts = [post for post in posts if filters.source in post.sources]
        if not posts:
            return "source"
    for what in ("blog", "category", "tag"):
        if (label := getattr(filters, what)) is None:
            continue
        labels = {
            "blog": lambda post: () if post.blog is None else (post.blog,),
            "category": lambda post: post.categories,
            "tag": lambda post: post.tags,
        }[what]
        found = [post for post in posts if fold(label) in map(fold, labels(post))]
        if not found:
            return near(label, {name for post in posts for name in labels(post)})
        posts = found
    if filters.after is not None:
        posts = [p for p in posts if p.published is not None and p.published >= filters.after]
    if filters.before is not None:
        posts = [p for p in posts if p.published is not None and p.published < filters.before]
    if filters.post is not None:
        if all(post.id != filters.post for post in known):
            return "id"
        posts = [post for post in posts if post.id == filters.post]
    return [post.id for post in posts]


def near(wanted: str, names: Collection[str]) -> str:
    found = process.extractOne(wanted, sorted(names), scorer=fuzz.WRatio, score_cutoff=60)
    return f"near {found[0]}" if found else "nothing near"


def by_sql(records: Records, filters: Filters) -> list[str] | str:
    try:
        return list(posts_within(records, filters))
    except FilterError as error:
        if error.param in ("filters.source", "filters.post"):
            return error.param.removeprefix("filters.").replace("post", "id")
        meant = re.search(r"“(.*)”", error.remedy or "")
        return f"near {meant[1]}" if meant else "nothing near"


def maybe(*values: str) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), st.none(), st.sampled_from(values))


@settings(max_examples=60)
@given(
    st.integers(0, 10**9),
    st.builds(
        Filters,
        author=maybe(*AUTHORS, "Crane", "ember", "Ada Embre", "Nobody"),
        source=maybe("a", "b", "z"),
        blog=maybe(*BLOGS, "Note"),
        category=maybe(*LABELS, "Budget"),
        tag=maybe(*LABELS, "Fin"),
        after=maybe("2011-01-01", "2012-06-11"),
        before=maybe("2013-01-01", "2014-03-11"),
    ),
    st.sampled_from(["none", "first", "unknown"]),
)
def test_filters_in_sql_pass_the_posts_that_pass_one_by_one(
    seed: int, filters: Filters, post: str
) -> None:
    posts, passages, records = corpus(seed)
    named = {"none": None, "first": posts[0].id, "unknown": "ffff"}[post]
    filters = Filters(**{f: getattr(filters, f) for f in filters.__slots__} | {"post": named})
    expected = by_hand(posts, filters)
    assert by_sql(records, filters) == expected
    if isinstance(expected, list):
        passing = posts_within(records, filters)
        assert len(passing) == len(expected)
        assert [p.id for p in posts if p.id in passing] == expected
        rows = [row for row, passage in enumerate(passages) if passage.post_id in expected]
        assert records.rows_for(passing).tolist() == records.rows_for(expected).tolist() == rows
        both = [Condition.among(passing), Condition.published("2012", None)]
        listed = [Condition.among(expected), Condition.published("2012", None)]
        for order in PostOrder:
            assert records.select(both, order) == records.select(listed, order)
        for kind in ("author", "blog", "label"):
            assert records.names(kind, passing) == records.names(kind, expected)
    records.close()


@settings(max_examples=20)
@given(st.integers(0, 10**9))
def test_what_is_counted_beforehand_is_what_counting_gives(seed: int) -> None:
    posts, passages, records = corpus(seed)
    everything = PostSet(records, ())
    assert list(everything) == [post.id for post in posts]
    for kind in ("author", "blog", "label"):
        assert records.names(kind) == records.names(kind, everything)
    bodies = [passage.post_id for passage in passages if passage.kind is BlockKind.BODY]
    counts = {post_id: bodies.count(post_id) for post_id in bodies}
    assert records.passage_counts(everything) == counts
    records.close()


def test_counting_passages_looks_at_those_of_the_posts_alone(tmp_path: Path) -> None:
    rng = random.Random(1)
    posts = [post_of(rng, number) for number in range(400)]
    passages = [
        replace(passage, id=f"{passage.id}{at}", kind=BlockKind.BODY if at else BlockKind.TITLE)
        for post in posts
        for passage in passages_of(rng, [post])[:1]
        for at in range(8)
    ]
    records = records_of(tmp_path, posts, passages)
    steps: list[None] = []
    records._connection.set_progress_handler(lambda: steps.append(None), 1000)
    assert set(records.passage_counts([post.id for post in posts]).values()) == {7}
    records.close()
    assert len(steps) < 10 * len(passages) * 8 / 1000, "more than some steps for each passage"


# -- titles ----------------------------------------------------------------------------------------


def named_by_hand(posts: Sequence[Post], names: Sequence[str], among: list[str] | None) -> Named:
    """What a name means among the titles, by looking at each of them."""
    numbers_of = catalogue_module._numbers
    same: dict[str, float] = {}
    open_: dict[str, float] = {}
    unlike: dict[str, None] = {}
    for name in dict.fromkeys(names):
        plain = fold_words(name)
        if len(plain) < 5:
            continue
        for post in posts:
            if post.title is None or (among is not None and post.id not in among):
                continue
            forms = forms_of(post.title)
            alike, form = catalogue_module._alike(plain, forms)
            whole = numbers_of(forms[0])
            if alike < 86:
                continue
            if numbers_of(plain) in (whole, numbers_of(form)):
                same[post.id] = max(alike, same.get(post.id, 0.0))
            elif numbers_of(plain) < whole:
                open_[post.id] = max(alike, open_.get(post.id, 0.0))
            else:
                unlike[post.title] = None
    if same:
        return Named(max(same, key=lambda post_id: same[post_id]))
    if len(open_) > 1:
        return Named(several=tuple(open_))
    return Named(next(iter(open_), None), unlike=tuple(unlike))


def misspelt(rng: random.Random, title: str) -> str:
    """A title, or a stretch of it, with a letter or two out of place."""
    words = title.split()
    if rng.random() < 0.4 and len(words) > 3:
        at = rng.randrange(len(words) - 2)
        words = words[at : at + rng.randint(3, 6)]
    letters = list(" ".join(words))
    for _ in range(rng.choice([0, 0, 1, 2, 3])):
        at = rng.randrange(len(letters))
        letters[at : at + 1] = rng.choice([[], ["x"], [letters[at], "e"], [" "]])
        if not letters:
            break
    return "".join(letters)


@settings(max_examples=60)
@given(st.integers(0, 10**9))
def test_titles_in_sql_mean_what_every_title_compared_means(seed: int) -> None:
    posts, _, records = corpus(seed)
    rng = random.Random(seed)
    catalogue = Catalogue(records)
    titles = [post.title for post in posts if post.title] or ["Nothing at all"]
    for _ in range(4):
        names = [misspelt(rng, rng.choice(titles)) for _ in range(rng.randint(1, 3))]
        among = [post.id for post in posts if rng.random() < 0.6] if rng.random() < 0.3 else None
        assert catalogue.titled(*names, among=among) == named_by_hand(posts, names, among), names
        topic = " ".join(rng.choices(WORDS, k=3))
        assert catalogue.by_title_words(topic) == by_title_words(posts, topic)
        terms = set(analyse(topic))
        held = {p.id for p in posts if terms and terms <= set(analyse(p.title or ""))}
        assert set(catalogue.with_title_words(terms)) == held
    records.close()


def by_title_words(posts: Sequence[Post], topic: str) -> str | None:
    words = set(analyse(topic))
    if len(words) < 2:
        return None
    shares = sorted(
        ((len(words & set(analyse(p.title))) / len(words), p.id) for p in posts if p.title),
        reverse=True,
    )
    if not shares or shares[0][0] < 0.6:
        return None
    return None if len(shares) > 1 and shares[1][0] == shares[0][0] else shares[0][1]


@pytest.mark.parametrize("size", [12, 13, 15, 20, 40, 90])
def test_a_name_that_is_nearly_a_stretch_of_a_title_is_never_overlooked(size: int) -> None:
    rng = random.Random(size)
    letters = "abcdefghijklmnopqrstuvwxyz "
    whole = [" ".join("".join(rng.choices(letters, k=size * 2)).split()) for _ in range(60)]
    posts = [post_of(rng, number) for number in range(len(whole))]
    made = [
        Post(**{f: getattr(post, f) for f in post.__slots__} | {"title": title})
        for post, title in zip(posts, whole, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        records = records_of(Path(folder), made, [])
    catalogue = Catalogue(records)
    for title in whole:
        at = rng.randrange(max(1, len(title) - size))
        name = misspelt(rng, title[at : at + size])
        assert catalogue.titled(name) == named_by_hand(made, [name], None), name
    records.close()
