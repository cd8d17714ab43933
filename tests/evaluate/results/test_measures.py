"""Every table of a model's facts, counted row by row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from tests.decide.reference import by_saving, oracle
from tests.evaluate.scored import DAY, FOUR, TWO, capacity_of, collected, gridded, question, rows, table_of
from tillthen.decide.policies import bayes_minimum_risk
from tillthen.define.backtests.minimums import FEW
from tillthen.evaluate.results.measures import measures, over_folds
from tillthen.evaluate.results.provenance import provenance
from tillthen.evaluate.results.sensitivity import variants
from tillthen.evaluate.results.slices import score_drift
from tillthen.evaluate.results.verdict import verdict
from tillthen.evaluate.sums.cells import Cells
from tillthen.evaluate.sums.consequences import Tally


@pytest.fixture(scope="module", params=[TWO, FOUR], ids=["two actions", "four actions"])
def case(request):
    costs = request.param
    frame = rows(costs)
    asked = question(costs)
    of = frame[(frame["model"] == "new") & ~frame["excluded"]].reset_index(drop=True)
    return costs, of, asked, measures(collected(frame, asked), asked, "new")


def by_hand(costs, frame, chosen):
    """A row of the policy table, counted."""
    table = table_of(costs, frame)
    label, amount = frame["label"].to_numpy(), frame["amount"].to_numpy()
    flagged, declined, fraud = chosen > 0, chosen == len(table.actions) - 1, label == 1
    cost = table.of_decisions(chosen, label).sum()
    none, every = (table.of_decisions(np.full(len(frame), i), label).sum() for i in (0, len(table.actions) - 1))
    return {
        "declined": declined.sum(), "alerts": flagged.sum(), "alert_rate": flagged.mean(),
        "alerts_per_day": flagged.sum() / frame["day"].nunique(),
        "precision": fraud[flagged].mean(), "recall": flagged[fraud].mean(),
        "value_detection_rate": amount[flagged & fraud].sum() / amount[fraud].sum(),
        "false_positives_per_true": (flagged & ~fraud).sum() / (flagged & fraud).sum(),
        "insult_rate": declined[~fraud].mean(), "approval_rate": 1 - declined.mean(),
        "approval_rate_value": amount[~declined].sum() / amount.sum(),
        "fraud_bps": 1e4 * amount[~flagged & fraud].sum() / amount[~flagged].sum() if not flagged.all() else None,
        "cost": cost, "savings": 1 - cost / min(none, every),
    }  # fmt: skip


def test_every_policy_is_what_its_decisions_did(case):
    costs, frame, _, told = case
    table, p = table_of(costs, frame), frame["probability"].to_numpy()
    last = len(table.actions) - 1
    decisions = {
        "fixed": np.where(p >= 0.5, last, 0), "best_f1": np.where(p >= 0.3, last, 0),
        "empirical": np.where(p >= 0.05 * frame["fold"], last, 0),
        "bayes_minimum_risk": bayes_minimum_risk(p, table), "capacity": capacity_of(frame, costs, 4),
        "saving_threshold": by_saving(p, table, 300.0),
        "oracle": oracle(frame["label"].to_numpy(), table), "all": np.full(len(frame), last),
    }  # fmt: skip
    found = {row["name"]: row for row in told["policies"]}
    assert list(found) == ["none", "all", "fixed", "best_f1", "empirical", "bayes_minimum_risk", "capacity",
                           "saving_threshold", "oracle"]  # fmt: skip
    for name, chosen in decisions.items():
        expected = by_hand(costs, frame, chosen)
        assert {key: found[name][key] for key in expected} == pytest.approx(expected), name
        counts = {action: (chosen == i).sum() for i, action in enumerate(costs.actions)}
        assert found[name]["actions"] == counts, name
    assert (found["best_f1"]["threshold"], found["empirical"]["threshold"]) == (0.3, None)  # the folds' own differ
    assert found["none"]["precision"] is None


def test_metrics_are_those_of_scikit_learn(case):
    _, frame, _, told = case
    p, label = frame["probability"], frame["label"]
    found = {name: metric.get("value") for name, metric in told["metrics"].items()}
    assert found["average_precision"] == pytest.approx(average_precision_score(label, p))
    assert found["roc_auc"] == pytest.approx(roc_auc_score(label, p))
    assert found["brier"] == pytest.approx(brier_score_loss(label, p))
    assert found["sum_ratio"] == pytest.approx(p.sum() / label.sum())
    first = frame[frame["fold"] == 1]
    of_first = told["folds"][0]["metrics"]["average_precision"]
    assert of_first["value"] == pytest.approx(average_precision_score(first["label"], first["probability"]))
    assert told["over_folds"]["average_precision"]["n"] == 2


def test_amounts_are_expected_by_the_scores_before_and_by_the_probabilities_after(case):
    _, frame, _, told = case
    for when, name in (("before", "score"), ("after", "probability")):
        bands = told["calibration"][when]["amount_bands"]
        assert sum(band["expected_amount"] for band in bands) == pytest.approx((frame[name] * frame["amount"]).sum())


def test_each_fold_looks_at_its_own_cards(case):
    told = case[3]
    assert [fold["metrics"]["card_precision"]["looked"] for fold in told["folds"]] == [4 * 12, 4 * 12]


def test_intervals_are_around_the_figures(case):
    told = case[3]
    for name in ("average_precision", "roc_auc", "savings", "brier", "base_rate", "sum_ratio"):
        metric = told["metrics"][name]
        assert metric["lower"] < metric["value"] < metric["upper"], name
    for metric in told["metrics"]["recall_at_fpr"].values():
        assert metric["lower"] <= metric["value"] <= metric["upper"]
    assert len(told["pr_band"]) == 100
    assert all(0 <= point["lower"] < point["upper"] <= 1 for point in told["pr_band"])


def test_capacity_is_used_where_it_saves_most(case):
    costs, frame, asked, told = case
    assert [row["k"] for row in told["capacity"]] == list(asked.sizes)
    for row in told["capacity"]:
        expected = by_hand(costs, frame, capacity_of(frame, costs, row["k"]))
        assert {key: row[key] for key in expected} == pytest.approx(expected)


def test_thresholds_and_the_explorer_count_the_same(case):
    costs, frame, _, told = case
    table, p = table_of(costs, frame), frame["probability"].to_numpy()
    last = len(table.actions) - 1
    alerts = [row["alerts"] for row in told["thresholds"]]
    assert alerts == sorted(alerts, reverse=True)
    for row in told["thresholds"][::7]:
        expected = by_hand(costs, frame, np.where(p >= row["threshold"], last, 0))
        assert {key: row[key] for key in expected} == pytest.approx(expected)
    explorer = told["explorer"]
    inputs = {entry["name"]: entry["value"] for entry in explorer["inputs"]}
    totals = {"rows": len(frame), "positives": frame["label"].sum(), "value": frame["amount"].sum(),
              "fraud_value": frame["amount"][frame["label"] == 1].sum()}  # fmt: skip
    assert {name: explorer[name] for name in totals} == pytest.approx(totals)
    assert explorer["points"][0]["threshold"] is None
    assert (explorer["points"][0]["flagged"], explorer["points"][-1]["flagged"]) == (0, len(frame))
    for point in explorer["points"]:
        chosen = np.zeros(len(frame), int) if point["threshold"] is None else np.where(p >= point["threshold"], last, 0)
        cost = 0.0
        for base, component in zip(point["bases"], explorer["components"], strict=True):
            for factor in component["factors"]:
                base *= 1 - inputs[factor["input"]] if factor["complement"] else inputs[factor["input"]]
            cost += base
        assert cost == pytest.approx(table.of_decisions(chosen, frame["label"].to_numpy()).sum())


def test_sensitivity_decides_anew(case):
    costs, frame, _, told = case
    p, label = frame["probability"].to_numpy(), frame["label"].to_numpy()
    fee = next(row for row in told["sensitivity"] if row["input"] == "chargeback_fee")
    assert fee["high"]["value"] == 3000
    assert fee["base_cost"] == pytest.approx(
        next(r["cost"] for r in told["policies"] if r["name"] == "bayes_minimum_risk")
    )
    other = replace(costs, chargeback_fee=3000) if costs is TWO else None
    if other is not None:
        table = table_of(other, frame)
        cost = table.of_decisions(bayes_minimum_risk(p, table), label).sum()
        none, every = (table.of_decisions(np.full(len(p), i), label).sum() for i in (0, 1))
        assert fee["high"] == pytest.approx({"value": 3000, "cost": cost, "savings": 1 - cost / min(none, every)})
    assert not [row for row in told["sensitivity"] if row["declared"] == 0]
    widths = [abs(row["high"]["cost"] - row["low"]["cost"]) for row in told["sensitivity"]]
    assert widths == sorted(widths, reverse=True)


def test_small_segments_show_no_ranking(case):
    _, frame, _, told = case
    (channel,) = told["segments"]
    found = {row["value"]: row for row in channel["rows"]}
    assert {value: row["n"] for value, row in found.items()} == frame["segment_channel"].value_counts().to_dict()
    web = frame[frame["segment_channel"] == "web"]
    assert found["web"]["average_precision"] == pytest.approx(average_precision_score(web["label"], web["probability"]))
    assert found["web"]["sum_ratio"] == pytest.approx(web["probability"].sum() / web["label"].sum())
    assert found["tiny"]["n"] >= FEW > found["tiny"]["positives"]
    assert "insult_rate" in found["tiny"]
    assert "recall" not in found["tiny"]


@pytest.mark.parametrize(
    ("n", "shown"), [(80, {"approval_rate", "recall"}), (20, {"approval_rate", "recall"}), (19, set())]
)
def test_what_is_too_few_is_so_in_code_as_in_captions(n, shown):
    frame = rows().query("model == 'new' and not excluded").copy()
    frame["segment_channel"] = "rest"
    frauds = frame.index[:n]
    frame.loc[frauds, ["segment_channel", "label"]] = ["all fraud", 1]
    (channel,) = measures(collected(frame, question(champion="new", challenger=None)), question(), "new")["segments"]
    found = next(row for row in channel["rows"] if row["value"] == "all fraud")
    assert (found["n"], found["positives"]) == (n, n)
    assert shown <= set(found)
    assert bool(shown) == ("approval_rate" in found)


def test_weeks_and_ages_hold_every_row_once(case):
    costs, frame, _, told = case
    table = table_of(costs, frame)
    cost = table.of_decisions(bayes_minimum_risk(frame["probability"].to_numpy(), table), frame["label"].to_numpy())
    monday = pd.to_datetime(frame["day"], unit="D").dt.to_period("W-SUN").dt.start_time.dt.strftime("%Y-%m-%d")
    assert {row["week"]: row["cost"] for row in told["weeks"]} == pytest.approx(cost_by(monday, cost))
    assert told["worst_week"] in set(monday)
    age = (frame["day"] - np.where(frame["fold"] == 1, DAY - 3, DAY + 9)) // 7 * 7
    assert {row["from_days"]: row["rows"] for row in told["model_age"]} == age.value_counts().to_dict()
    assert sum(row["cost"] for row in told["daily"]) == pytest.approx(cost.sum())
    assert len(told["daily"]) == 24


def cost_by(key, cost):
    return pd.Series(cost).groupby(key.to_numpy()).sum().to_dict()


def test_scores_that_moved_have_drifted():
    frame, asked = rows(), question()
    moved = frame["fold"] == 2
    frame.loc[moved, "probability"] = frame.loc[moved, "probability"] ** 0.5
    told, before = (measures(collected(f, asked), asked, "new")["score_drift"] for f in (frame, rows()))
    assert before[0]["psi"] < 0.1 < 0.25 < told[0]["psi"]
    assert told[0]["reference"] == "fold 1"


def test_over_folds_one_fold_has_a_mean_and_no_deviation():
    folds = [{"metrics": {"brier": {"value": v}, "recall_at_fpr": {"0.01": {"value": None if v > 2 else v}}}}
             for v in (1.0, 2.0, 3.0)]  # fmt: skip
    assert over_folds(folds[:1])["brier"] == {"mean": 1.0, "sd": None, "n": 1}
    recall = {"mean": 1.5, "sd": pytest.approx(0.5**0.5), "n": 2}
    assert over_folds(folds) == {"brier": {"mean": 2.0, "sd": 1.0, "n": 3}, "recall_at_fpr@0.01": recall}
    assert over_folds([{"metrics": {"brier": {"value": None}}}]) == {}


def test_a_share_is_varied_up_to_all_of_it():
    costs = replace(TWO, recovery=0.8)
    assert {value for name, value in variants(costs) if name == "recovery"} == {0.4, 1.0}
    assert {value for name, value in variants(costs) if name == "chargeback_fee"} == {1000, 3000}


def test_a_grid_of_one_class_bounds_nothing():
    frame, asked = rows().assign(label=0), question()
    said = provenance(gridded(collected(frame, asked)))
    assert said["method"] == "grid"
    assert "average precision within" not in said["bound"]


def test_what_nobody_did_adds_nothing():
    one = Tally(*range(1, 15))
    assert Tally() + one == one == one - Tally()


def test_a_tenth_that_no_score_reaches_drifts_by_a_floor():
    """Ten scores in fold 1, of fold 2 all rows in the highest tenth: the other nine count as one row in 10,000."""
    scores = Cells(TWO, {"fold": np.r_[np.ones(10), 2], "probability": np.r_[np.arange(1, 11) / 10, 1.0],
                         "n": np.r_[np.full(10, 5.0), 80]})  # fmt: skip
    (row,) = score_drift(scores)
    assert row == {"fold": 2, "n": 80, "reference": "fold 1",
                   "psi": pytest.approx(9 * (0.1 - 1e-4) * np.log(0.1 / 1e-4) + 0.9 * np.log(10))}  # fmt: skip


def test_what_is_left_out_counts_only_where_it_is_said(case):
    _, frame, _, told = case
    assert told["metrics"]["average_precision"]["n"] == len(frame)
    assert told["metrics_with_excluded"]["average_precision"]["n"] == 1500


def test_short_tests_have_no_intervals():
    frame, asked = rows(), question()
    short = frame[frame["day"] < DAY + 19]
    told = measures(collected(short, asked), asked, "new")
    assert told["metrics"]["average_precision"]["lower"] is None
    assert told["pr_band"] == []


def test_a_grid_says_how_far_off_it_may_be():
    frame, asked = rows(), question()
    exact = collected(frame, asked)
    assert provenance(exact)["method"] == "exact"
    grid = gridded(exact)
    said = provenance(grid)
    assert said["method"] == "grid"
    for name in ("old", "new"):
        before, after = (measures(c, asked, name)["metrics"] for c in (exact, grid))
        off = float(said["bound"].split(f"{name}: average precision within ")[1].split(",")[0])
        area = float(said["bound"].split(f"{name}: ")[1].split("curve within ")[1].split(". ")[0].rstrip("."))
        assert abs(before["average_precision"]["value"] - after["average_precision"]["value"]) <= off < 0.01
        assert abs(before["roc_auc"]["value"] - after["roc_auc"]["value"]) <= area < 0.001


@pytest.mark.parametrize("label", [0, 1])
def test_a_test_of_one_class_says_what_it_can(label):
    frame, asked = rows().assign(label=label), question()
    found = collected(frame, asked)
    told, judged = measures(found, asked, "new"), verdict(found, asked)
    assert told["metrics"]["roc_auc"]["value"] is None
    assert (told["metrics"]["average_precision"]["value"] is None) == (label == 0)
    assert (told["metrics"]["savings"]["value"] is None) == (label == 0)  # declining nothing costs nothing
    assert (told["value_pr_curve"] == []) == (label == 0)
    assert len(judged["rows"]) == 7
    assert told["policies"][0]["cost"] == (0 if label == 0 else pytest.approx(cost_of_all(frame)))


def cost_of_all(frame):
    counted = frame[(frame["model"] == "new") & ~frame["excluded"]]
    return table_of(TWO, counted).fraud[0].sum()


def test_a_fold_without_rows_that_count_is_told_as_such():
    frame, asked = rows(), question()
    frame["excluded"] |= frame["fold"] == 2
    told = measures(collected(frame, asked), asked, "new")
    assert [fold["number"] for fold in told["folds"]] == [1]
    nothing = measures(collected(frame.assign(excluded=True), asked), asked, "new")
    assert nothing["metrics"]["average_precision"] == {"value": None, "n": 0, "positives": 0, "unit": "ratio"}
    assert (nothing["thresholds"], nothing["pr_curve"], nothing["worst_week"]) == ([], [], None)
