"""The formulas on numbers that can be worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askscwru.evaluate import metrics


def test_squad_normalisation_drops_case_articles_and_punctuation() -> None:
    assert (
        metrics.normalise("The  St Mary’s Stadium, (a) Southampton!")
        == "st marys stadium southampton"
    )


@pytest.mark.parametrize(
    ("answer", "expected", "exact", "f1"),
    [
        ("14,000 people", ["14,000"], 0.0, 2 / 3),
        ("the 14,000", ["14,000", "many"], 1.0, 1.0),
        ("Alex", ["Alex Fox"], 0.0, 2 / 3),
        ("", ["Alex Fox"], 0.0, 0.0),
        ("", [], 1.0, 1.0),
        ("Alex", [], 0.0, 0.0),
        ("b b c", ["b c c"], 0.0, 2 / 3),
    ],
)
def test_squad_scores(answer: str, expected: list[str], exact: float, f1: float) -> None:
    assert metrics.exact_match(answer, expected) == exact
    assert metrics.token_f1(answer, expected) == pytest.approx(f1)


def test_a_rank_as_recall_reciprocal_rank_and_ndcg() -> None:
    assert [metrics.recall_at(3, k) for k in (1, 3, 5)] == [0.0, 1.0, 1.0]
    assert metrics.recall_at(None, 10) == 0.0
    assert metrics.reciprocal_rank(4) == 0.25
    assert metrics.reciprocal_rank(None) == 0.0
    assert metrics.ndcg_at(3, 10) == pytest.approx(0.5)
    assert metrics.ndcg_at(11, 10) == metrics.ndcg_at(None, 10) == 0.0


def test_our_figures_of_a_rank_are_those_of_ir_measures() -> None:
    ir_measures = pytest.importorskip("ir_measures", reason="the extra `eval` is not installed")
    wanted = [ir_measures.nDCG @ 10, ir_measures.RR, ir_measures.R @ 5]
    run = {"q": {f"d{n:02}": -float(n) for n in range(1, 13)}}
    for rank in range(1, 13):
        found = ir_measures.calc_aggregate(wanted, {"q": {f"d{rank:02}": 1}}, run)
        ours = (
            metrics.ndcg_at(rank, 10),
            metrics.reciprocal_rank(rank),
            metrics.recall_at(rank, 5),
        )
        assert tuple(found[measure] for measure in wanted) == pytest.approx(ours)


def test_overlap_of_characters() -> None:
    found = metrics.overlap([(0, 10), (20, 30)], [(5, 25), (22, 42)])
    assert found.recall == 15 / 20
    assert found.precision == 15 / 40  # 3 characters are retrieved twice
    assert found.iou == 15 / (40 + 20 - 15)
    assert metrics.overlap([(0, 5)], []) == metrics.Overlap(0.0, 0.0, 0.0)


def test_auroc_counts_ties_half() -> None:
    sure = np.array([0.9, 0.6, 0.6, 0.1])
    assert metrics.auroc(sure, np.array([1.0, 1.0, 0.0, 0.0])) == 3.5 / 4
    assert metrics.auroc(sure, np.array([0.0, 0.0, 1.0, 1.0])) == 0.5 / 4
    assert math.isnan(metrics.auroc(sure, np.ones(4)))


@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=30).filter(
        lambda items: len({positive for _, positive in items}) == 2
    )
)
def test_auroc_is_the_share_of_pairs_in_the_right_order(items: list[tuple[int, bool]]) -> None:
    pairs = [(a > b) + (a == b) / 2 for a, is_a in items if is_a for b, is_b in items if not is_b]
    sure = np.array([float(score) for score, _ in items])
    found = metrics.auroc(sure, np.array([float(positive) for _, positive in items]))
    assert found == pytest.approx(sum(pairs) / len(pairs))


def test_risk_and_coverage() -> None:
    sure = np.array([0.2, 0.9, 0.5, 0.5])
    right = np.array([0.0, 1.0, 1.0, 0.0])
    coverage, precision = metrics.risk_coverage(sure, right)
    assert coverage.tolist() == [0.25, 0.75, 1.0]
    assert precision.tolist() == pytest.approx([1.0, 2 / 3, 0.5])
    # the two tied items count half a right answer each: risks 0, 1/4, 1/3, 1/2
    assert metrics.area_under_risk(sure, right) == pytest.approx((0 + 1 / 4 + 1 / 3 + 1 / 2) / 4)


def test_calibration_error_by_hand() -> None:
    sure = np.array([0.1, 0.3, 0.6, 0.8])
    right = np.array([0.0, 1.0, 1.0, 1.0])
    bins = metrics.reliability(sure, right, bins=2)
    assert [(b.count, b.confidence, b.right) for b in bins] == [
        (2, pytest.approx(0.2), 0.5),
        (2, pytest.approx(0.7), 1.0),
    ]
    assert metrics.calibration_error(sure, right, bins=2) == pytest.approx((0.3 + 0.3) / 2)


def test_best_threshold_of_the_official_script() -> None:
    scores = np.array([1.0, 0.5, 0.0, 0.0])
    margin = np.array([3.0, 1.0, 2.0, -1.0])
    answerable = np.array([1.0, 1.0, 0.0, 0.0])
    found = metrics.best_threshold(scores, margin, answerable)
    assert found.at == 3.0  # answering the second item would answer the third one too
    assert found.score == (1.0 + 2.0) / 4


def test_resamples_draw_whole_groups_and_are_the_same_each_time() -> None:
    groups = ["a", "a", "b", "c", "c", "c"]
    first, again = metrics.resamples(groups, 50), metrics.resamples(groups, 50)
    assert all((x == y).all() for x, y in zip(first, again, strict=True))
    for draw in first:
        counts = np.bincount(draw, minlength=6)
        assert counts[0] == counts[1]
        assert counts[3] == counts[4] == counts[5]
        assert counts[0] + counts[2] + counts[3] == 3


def test_the_interval_of_a_mean_is_that_of_the_normal_approximation() -> None:
    values = np.array([0.0, 1.0] * 200)
    low, high = metrics.interval(
        lambda items: float(values[items].mean()), metrics.resamples([str(n) for n in range(400)])
    )
    assert (low, high) == pytest.approx((0.5 - 1.96 * 0.025, 0.5 + 1.96 * 0.025), abs=0.008)


def test_the_permutation_test_counts_sign_flips() -> None:
    groups = [str(n) for n in range(8)]
    # all eight differences point one way: 2 of 256 flips reach that, p is about 0.0078
    assert metrics.paired_permutation(np.ones(8), groups) == pytest.approx(2 / 256, abs=0.004)
    assert metrics.paired_permutation(np.array([1.0, -1.0] * 4), groups) > 0.9
    assert metrics.paired_permutation(np.zeros(8), groups) == 1.0
    # turns of one conversation are one observation, however many they are
    assert metrics.paired_permutation(np.ones(8), ["a"] * 8) == 1.0
