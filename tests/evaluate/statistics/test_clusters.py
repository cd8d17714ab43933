"""Statistics of bins against those of rows."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from tests.evaluate.scored import FOUR, TWO, collected, question, rows
from tillthen.evaluate.results.metrics import curve_by
from tillthen.evaluate.statistics import clusters
from tillthen.evaluate.statistics.clusters import RECALLS, resampled
from tillthen.evaluate.statistics.ranking import recall_at
from tillthen.evaluate.sums.by_model import bins
from tillthen.evaluate.sums.cells import Cells


@pytest.fixture(scope="module")
def case():
    frame, asked = rows(n=4000), question()
    found = collected(frame, asked).models["new"]
    return frame[(frame["model"] == "new") & ~frame["excluded"]], found, resampled(found).whole


def test_bins_give_nearly_the_figures_of_rows(case):
    frame, found, whole = case
    label, p = frame["label"], frame["probability"]
    assert clusters.average_precision(whole)[0] == pytest.approx(average_precision_score(label, p), abs=0.005)
    assert clusters.roc_auc(whole)[0] == pytest.approx(roc_auc_score(label, p), abs=0.002)
    for rate in (0.01, 0.05):
        exact = recall_at(curve_by(found.counted.scores), rate)
        assert clusters.recall_at(whole, rate)[0] == pytest.approx(exact, abs=0.02)


def test_precision_by_recall_follows_the_curve(case):
    _, found, whole = case
    points = curve_by(found.counted.scores)
    exact = points.precision[np.searchsorted(points.recall, RECALLS[20:] - 1e-12)]
    assert clusters.precision_at(whole)[0][20:] == pytest.approx(exact, abs=0.03)


def test_bins_hold_every_row_and_fraud_once(case):
    frame, _, whole = case
    assert whole["found"].sum() == frame["label"].sum()
    assert whole["missed"].sum() == (1 - frame["label"]).sum()
    assert whole["found"].shape[1] <= 64


@pytest.mark.parametrize(("steps", "each"), [(64, 1), (128, 2)])
def test_bins_are_64_with_as_many_frauds_each_from_the_highest_score_down(steps, each):
    found = bins(Cells(TWO, {"step": np.arange(100, 100 + steps), "positives": np.ones(steps)}))
    assert found[100 : 100 + steps].tolist() == np.repeat(np.arange(64)[::-1], each).tolist()


@pytest.mark.parametrize("costs", [TWO, FOUR], ids=["two actions", "four actions"])
def test_every_sum_is_that_of_its_rows(costs):
    """By day; with four actions what is reviewed or challenged is flagged, and only what is declined insults."""
    frame = rows(costs)
    totals = resampled(collected(frame, question(costs)).models["new"])
    counted = frame[(frame["model"] == "new") & ~frame["excluded"]]
    fraud, genuine = counted["label"] == 1, counted["label"] == 0
    flagged, declined = counted["action"] != "approve", counted["action"] == "decline"
    assert len(set(counted["action"])) == len(costs.actions)
    amount, p, label = (counted[name] for name in ("amount", "probability", "label"))
    expected = {
        "rows": fraud | genuine, "genuine": genuine, "positives": fraud, "value": amount * fraud,
        "declined": declined, "insults": genuine & declined, "flagged": flagged, "caught": fraud & flagged,
        "caught_value": amount * (fraud & flagged), "expected": p, "squared": (p - label) ** 2,
    }  # fmt: skip
    for name, action in (("none", "approve"), ("all", "decline"), ("cost", None)):
        of = {a: np.where(fraud, counted[f"{a}_fraud"], counted[f"{a}_genuine"]) for a in costs.actions}
        expected[name] = of[action] if action else np.select([counted["action"] == a for a in of], list(of.values()))
    sums = {name: float(np.sum(column)) for name, column in expected.items()}
    assert {name: totals.whole[name][0] for name in sums} == pytest.approx(sums)
