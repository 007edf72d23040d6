"""Segments of parts, merged: fewer to search, and the same found."""

from __future__ import annotations

from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from askscwru.index import merging
from askscwru.index.lexical import LexicalIndex, numbered, segments_of
from askscwru.index.merging import RUN, Part, Run, merge_parts, runs_of

WORDS = "care home night budget carer sleep work team life plan".split()
SIZE = 30


def keyed(*keys: int) -> list[Part]:
    return [(key, (f"of {key}",)) for key in keys]


def written(folder: Path, keys: range, seed: int = 0) -> dict[int, Part]:
    """An index of each part, in a folder of its own."""
    parts: dict[int, Part] = {}
    for key in keys:
        random = Random(1000 * seed + key)
        documents = (
            (
                numbered(key, at),
                random.choice(WORDS),
                " ".join(random.choices(WORDS, k=random.randint(1, 9))),
            )
            for at in range(SIZE)
        )
        own = folder / f"{seed}-{key}"
        LexicalIndex.build(own, documents)
        parts[key] = key, segments_of(own)
    return parts


def joined(folder: Path, engines: dict[int, Path], parts: dict[int, Part]) -> Path:
    LexicalIndex.join(folder, [(engines[key], ids) for key, (_, ids) in parts.items()])
    return folder


def found(folder: Path, parts: dict[int, Part]) -> list[object]:
    index = LexicalIndex.open(folder, [(key, SIZE) for key in parts])
    asked = [*WORDS, "care home", "night team plan", "budget sleep life work"]
    told: list[object] = [index.document_frequency(word) for word in WORDS]
    told += [index.search(question, k) for question in asked for k in (3, 50, 500)]
    return [*told, *(index.holding([word, "care"]) for word in WORDS)]


def test_what_is_merged_finds_what_the_parts_find(tmp_path: Path) -> None:
    parts = written(tmp_path, range(30))
    engines = {key: tmp_path / f"0-{key}" for key in parts}
    own = joined(tmp_path / "own", engines, parts)
    merge_parts(tmp_path / "merged", own, list(parts.values()), None)
    assert len(segments_of(own)) == 30
    assert len(segments_of(tmp_path / "merged")) == 3
    assert found(tmp_path / "merged", parts) == found(own, parts)
    assert not (own / "runs").exists()


def test_a_run_is_merged_again_where_one_of_its_parts_has_changed(tmp_path: Path) -> None:
    parts = written(tmp_path, range(30))
    engines = {key: tmp_path / f"0-{key}" for key in parts}
    own = joined(tmp_path / "own", engines, parts)
    merge_parts(tmp_path / "merged", own, list(parts.values()), None)
    changed = {**parts, **written(tmp_path, range(14, 15), seed=1)}
    engines[14] = tmp_path / "1-14"
    again = joined(tmp_path / "own again", engines, changed)
    merge_parts(tmp_path / "again", again, list(changed.values()), tmp_path / "merged")
    before, after = (set(segments_of(tmp_path / name)) for name in ("merged", "again"))
    assert len(after) == 3
    assert len(before & after) == 2
    for path in (tmp_path / "again").glob("*.idx"):
        if (tmp_path / "merged" / path.name).exists():
            assert path.samefile(tmp_path / "merged" / path.name)
    assert found(tmp_path / "again", changed) == found(again, changed)
    assert found(tmp_path / "merged", parts) == found(own, parts)


def test_an_index_that_tells_of_no_runs_is_merged_as_a_whole(tmp_path: Path) -> None:
    parts = written(tmp_path, range(9))
    engines = {key: tmp_path / f"0-{key}" for key in parts}
    own = joined(tmp_path / "own", engines, parts)
    merge_parts(tmp_path / "merged", own, list(parts.values()), own)
    assert len(segments_of(tmp_path / "merged")) == 1


def test_fewer_parts_than_the_engine_merges_stay_as_they_are(tmp_path: Path) -> None:
    parts = written(tmp_path, range(3))
    engines = {key: tmp_path / f"0-{key}" for key in parts}
    own = joined(tmp_path / "own", engines, parts)
    merge_parts(tmp_path / "merged", own, list(parts.values()), None)
    assert segments_of(tmp_path / "merged") == segments_of(own)


def test_runs_are_about_equal_and_long_enough_to_be_merged() -> None:
    for many in range(1, 200):
        runs = list(runs_of(keyed(*range(many)), []))
        assert [part for run in runs for part in run] == keyed(*range(many))
        sizes = [len(run) for run in runs]
        assert max(sizes) <= RUN
        assert max(sizes) - min(sizes) <= 1


def test_a_part_stays_in_its_run_and_a_new_one_joins_that_of_the_part_before() -> None:
    before: list[Run] = list(runs_of(keyed(*range(24)), []))
    assert [len(run) for run in before] == [12, 12]
    split = keyed(0, *range(1, 12), 30, *range(12, 24))
    assert [len(run) for run in runs_of(split, before)] == [13, 12]
    gone = keyed(*range(12), *range(13, 24))
    assert [len(run) for run in runs_of(gone, before)] == [12, 11]
    first = keyed(31, *range(24))
    assert [part for run in runs_of(first, before) for part in run] == first


@given(st.integers(0, 10**6))
def test_however_parts_come_and_go_runs_keep_their_order_and_stay_short(seed: int) -> None:
    random = Random(seed)
    keys = list(range(random.randint(1, 40)))
    runs = list(runs_of(keyed(*keys), []))
    unused = 100
    for _ in range(30):
        if random.random() < 0.3 and len(keys) > 1:
            keys.remove(random.choice(keys))
        else:
            keys.insert(random.randint(0, len(keys)), unused)
            unused += 1
        runs = list(runs_of(keyed(*keys), runs))
        assert [key for run in runs for key, _ in run] == keys
        assert all(0 < len(run) <= 2 * merging.RUN for run in runs)
