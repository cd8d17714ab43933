"""Ranking against scikit-learn and against tables small enough to count by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from tillthen.evaluate.statistics.ranking import (
    Looks,
    average_precision,
    bounds,
    card_precision,
    curve,
    curve_of,
    mean_share,
    recall_at,
    roc_auc,
    thinned,
    ties,
    value_curve,
)

rows = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 1)), min_size=2, max_size=60).filter(
    lambda found: 0 < sum(label for _, label in found) < len(found)
)


def columns(found):
    scores, labels = zip(*found, strict=True)
    return np.array(scores, dtype=float) / 8, np.array(labels, dtype=np.int64)


@given(rows)
def test_areas_are_those_of_scikit_learn_with_ties(found):
    scores, labels = columns(found)
    points = curve(scores, labels)
    assert average_precision(points) == pytest.approx(average_precision_score(labels, scores), abs=1e-12)
    assert roc_auc(points) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
    precision, _, thresholds = precision_recall_curve(labels, scores)
    assert points.threshold[::-1] == pytest.approx(thresholds)
    assert points.precision[::-1] == pytest.approx(precision[:-1])


@pytest.mark.parametrize("labels", [[], [0, 0], [1, 1]])
def test_without_both_classes_there_is_no_area(labels):
    points = curve(np.linspace(0, 1, len(labels)), np.array(labels, dtype=np.int64))
    assert roc_auc(points) is None
    assert recall_at(points, 0.1) is None
    assert (average_precision(points) is None) == (sum(labels) == 0)


def test_recall_at_a_share_of_false_positives():
    # scores fall: fraud, genuine, fraud, genuine, genuine, genuine
    points = curve(np.arange(6, 0, -1.0), np.array([1, 0, 1, 0, 0, 0]))
    assert [recall_at(points, rate) for rate in (0.1, 0.25, 0.5, 1)] == [0.5, 1.0, 1.0, 1.0]


def test_thinned_curves_keep_their_ends():
    random = np.random.default_rng(0)
    scores, labels = random.random(5000), random.integers(0, 2, 5000)
    points = curve(scores, labels, random.random(5000))
    for few in (thinned(points, 50), value_curve(points, 50)):
        assert len(few) <= 50
        assert few[-1]["recall"] == pytest.approx(1)
        assert few[0]["threshold"] == scores.max()


def test_frauds_without_an_amount_have_no_curve_of_value():
    assert value_curve(curve(np.array([0.9, 0.5]), np.array([1, 0]), np.array([0.0, 10.0]))) == []


def test_a_card_that_was_found_is_not_looked_at_again():
    # by score: day 0: a fraud, b, c fraud    day 1: a fraud, b, c    day 2: b fraud, a fraud, c fraud
    days, cards = np.repeat([0, 1, 2], 3), np.array([0, 1, 2, 0, 1, 2, 1, 0, 2])
    bad = np.array([1, 0, 1, 1, 0, 0, 1, 1, 1], dtype=bool)
    looks = card_precision(days, cards, bad, np.ones(9, dtype=bool), k=2)
    # a and b, then b and c, since a was found, then b and c again, since neither was
    assert looks == [Looks(0, 1, 2, 0), Looks(1, 0, 2, 0), Looks(2, 2, 2, 0)]
    assert [of.share for of in looks] == [0.5, 0.0, 1.0]


def test_a_look_of_unknown_outcome_is_no_miss_and_its_card_is_out_later():
    # A (.9) is unknown, B (.5) a fraud, k = 1; on the next day A is a known fraud
    looks = card_precision(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([False, True, True, False]),
                           np.array([False, True, True, True]), k=1)  # fmt: skip
    assert looks == [Looks(0, 0, 0, 1), Looks(1, 0, 1, 0)]
    assert [of.share for of in looks] == [None, 0.0]
    assert mean_share(looks) == 0.0
    assert mean_share(looks[:1]) is None


@given(rows)
def test_counted_together_or_row_by_row_is_the_same(found):
    scores, labels = columns(found)
    values = np.unique(scores)
    n, positives = (np.array([weight[scores == v].sum() for v in values]) for weight in (np.ones(len(scores)), labels))
    counted, single = curve_of(values, n, positives, n, positives), curve(scores, labels)
    assert (counted.flagged == single.flagged).all()
    assert average_precision(counted) == pytest.approx(average_precision(single))


@given(rows, st.integers(0, 99))
def test_any_order_of_the_tied_is_within_the_bounds(found, seed):
    scores, labels = columns(found)
    tied = curve(scores, labels)
    between, area = bounds(tied), roc_auc(tied)
    order = np.random.default_rng(seed).integers(0, 4, len(scores))  # some stay tied
    broken = curve(scores + order * 1e-3, labels)
    assert between[0] - 1e-12 <= average_precision(broken) <= between[1] + 1e-12
    assert abs(roc_auc(broken) - area) <= ties(tied) + 1e-12
    worst = curve(scores - labels * 1e-3 + np.arange(len(scores)) * 1e-6, labels)
    best = curve(scores + labels * 1e-3, labels)
    assert between == pytest.approx((average_precision(worst), average_precision(best)))
