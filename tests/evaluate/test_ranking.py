"""Ranking against scikit-learn and against tables small enough to count by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from tillthen.evaluate.ranking import (
    average_precision,
    card_precision_by_day,
    curve,
    recall_at,
    roc_auc,
    thinned,
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


def test_a_card_that_was_found_is_not_looked_at_again():
    #        day 0: a fraud .9, b .8, c fraud .1    day 1: a fraud .9, b .5, c fraud .4
    days = np.array([0, 0, 0, 0, 1, 1, 1])
    cards = np.array([0, 0, 1, 2, 0, 1, 2])
    scores = np.array([0.2, 0.9, 0.8, 0.1, 0.9, 0.5, 0.4])
    labels = np.array([1, 0, 0, 1, 1, 0, 1])
    assert card_precision_by_day(days, cards, scores, labels, k=2) == [(0, 0.5, 1), (1, 0.5, 1)]
