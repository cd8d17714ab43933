"""What Spark sums gives the facts that numpy gives of the same rows; and decisions in Spark are those of arrays."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from tests.evaluate.scored import FOUR, TWO, capacity_of, collected, question, rows, table_of
from tillthen.decide.policies import bayes_minimum_risk
from tillthen.define.faults.errors import DefinitionError
from tillthen.evaluate.results.measures import measures
from tillthen.evaluate.results.metrics import curve_by
from tillthen.evaluate.results.verdict import verdict
from tillthen.evaluate.spark.collect import collect
from tillthen.evaluate.spark.decided import decide
from tillthen.evaluate.statistics.ranking import bounds
from tillthen.runtime import driver

RANDOM_PARTS = {
    "lower",
    "upper",
    "champion_lower",
    "champion_upper",
    "challenger_lower",
    "challenger_upper",
    "p_better",
    "pr_band",
    "sentences",
    "misses",
    "insults",
}
"""Intervals depend on how cards are put into groups."""


def plain(value):
    """Facts without what depends on groups of cards, flat."""
    if isinstance(value, dict):
        return {f"{key}.{inner}".rstrip("."): found for key, item in value.items() if key not in RANDOM_PARTS
                for inner, found in plain(item).items()}  # fmt: skip
    if isinstance(value, list | tuple):
        return {f"{i}.{inner}": found for i, item in enumerate(value) for inner, found in plain(item).items()}
    return {"": value}


def agree(ours, theirs):
    ours, theirs = plain(ours), plain(theirs)
    assert ours.keys() == theirs.keys()
    text = {key for key, value in ours.items() if isinstance(value, str | None)}
    assert {key: ours[key] for key in text} == {key: theirs[key] for key in text}
    numbers = ours.keys() - text
    assert {key: ours[key] for key in numbers} == pytest.approx(
        {key: theirs[key] for key in numbers}, rel=1e-7, abs=1e-6
    )


@pytest.fixture(scope="module", params=[(TWO, 2), (FOUR, 0)], ids=["two actions, ties", "four actions"])
def case(request, spark):
    costs, ties = request.param
    frame, asked = rows(costs, ties=ties), question(costs)
    scores = spark.createDataFrame(pa.Table.from_pandas(frame, preserve_index=False)).repartition(3)
    return frame, asked, scores, collect(scores, asked)


def test_sums_in_many_parts_are_those_of_one_job(case, monkeypatch):
    _, asked, scores, found = case
    monkeypatch.setattr(driver, "MOST_CELLS", 1)
    again = collect(scores, asked)
    assert [measures(again, asked, model) for model in ("old", "new")] == [
        measures(found, asked, model) for model in ("old", "new")
    ]


def test_spark_and_numpy_agree_on_every_fact(case):
    frame, asked, _, found = case
    by_rows = collected(frame, asked)
    assert found.method == "exact"
    for model in ("old", "new"):
        agree(measures(found, asked, model), measures(by_rows, asked, model))
    agree(verdict(found, asked), verdict(by_rows, asked))


def test_intervals_do_not_depend_on_how_cards_are_grouped(case):
    frame, asked, _, found = case
    ours, theirs = (measures(c, asked, "new")["metrics"]["average_precision"] for c in (found, collected(frame, asked)))
    assert ours["upper"] - ours["lower"] == pytest.approx(theirs["upper"] - theirs["lower"], rel=0.25)


def test_the_dearest_mistakes_come_first(case):
    frame, asked, _, found = case
    counted = frame[(frame["model"] == "new") & ~frame["excluded"]]
    missed = counted[(counted["label"] == 1) & (counted["action"] == "approve")].nlargest(20, "approve_fraud")
    told = measures(found, asked, "new")
    assert [row["cost"] for row in told["misses"]] == pytest.approx(missed["approve_fraud"].tolist())
    assert told["insults"][0]["action"] != "approve"
    assert all(row["row_id"].startswith("…") for row in told["misses"])


def test_a_grid_keeps_counts_and_money_exact(case):
    _, asked, scores, found = case
    grid = collect(scores, question(asked.costs, exact_rows=100))
    assert grid.method == "grid"
    ours, theirs = measures(grid, asked, "new"), measures(found, asked, "new")
    agree(ours["policies"], theirs["policies"])
    agree(ours["daily"], theirs["daily"])
    agree(ours["capacity"], theirs["capacity"])
    agree(ours["sensitivity"], theirs["sensitivity"])
    cells = grid.models["new"].scores
    assert len(cells) <= len(found.models["new"].scores)
    for value, step in (("probability", "step"), ("score", "score_step")):
        assert len(np.unique(cells[value])) == len(np.unique(cells[step]))  # nothing tells a step's rows apart
    assert ours["metrics"]["brier"]["value"] == pytest.approx(theirs["metrics"]["brier"]["value"], rel=1e-3)
    least, most = bounds(curve_by(grid.models["new"].counted.scores))
    assert least <= theirs["metrics"]["average_precision"]["value"] <= most
    for of in (*grid.models["new"].clusters.values(), *grid.models["new"].segments.values()):
        for name in ("n", "positives"):
            assert of.actions.total(name) == of.scores.total(name) == theirs["metrics"]["base_rate"][name]


def test_sums_are_the_same_in_any_order_and_parts(case):
    _, asked, scores, found = case
    other = collect(scores.orderBy(F.rand(1)).repartition(7), asked)
    for model in ("old", "new"):
        assert measures(other, asked, model) == measures(found, asked, model)


@pytest.mark.parametrize("policy", ["none", "all", "fixed", "empirical", "bayes_minimum_risk", "capacity"])
def test_decisions_in_spark_are_those_of_arrays(case, policy):
    frame, asked, scores, _ = case
    done = decide(scores.drop("action"), asked.costs, policy, capacity=4, thresholds=asked.thresholds)
    found = done.select("model", "row_id", "action").toArrow().to_pandas().set_index(["model", "row_id"])["action"]
    of = frame[(frame["model"] == "new") & ~frame["excluded"]]
    table, p = table_of(asked.costs, of), of["probability"].to_numpy()
    last = len(table.actions) - 1
    expected = {
        "none": np.zeros(len(of), int), "all": np.full(len(of), last), "fixed": np.where(p >= 0.5, last, 0),
        "empirical": np.where(p >= 0.05 * of["fold"], last, 0), "bayes_minimum_risk": bayes_minimum_risk(p, table),
        "capacity": capacity_of(of, asked.costs, 4),
    }[policy]  # fmt: skip
    assert found.loc["new"].loc[of["row_id"]].tolist() == [table.actions[i] for i in expected]


def test_rows_without_a_label_take_capacity_as_others_do(case):
    frame, asked, scores, _ = case
    unknown = scores.withColumn("label", F.when(F.col("row_id") % 2 == 0, F.col("label")))
    before, after = (decide(of, asked.costs, "capacity", capacity=2).select("model", "row_id", "action")
                     for of in (scores, unknown))  # fmt: skip
    assert before.exceptAll(after).count() == 0
    told = measures(collect(unknown, asked), asked, "new")["capacity"]
    of = frame[(frame["model"] == "new") & ~frame["excluded"]]
    table, known = table_of(asked.costs, of), (of["row_id"] % 2 == 0).to_numpy()
    for row in told:
        chosen = capacity_of(of, asked.costs, row["k"])
        each = np.where(of["label"] == 1, table.fraud, table.genuine)[chosen, np.arange(len(of))]
        assert row["cost"] == pytest.approx(each[known].sum())


def test_a_capacity_of_nothing_is_refused(case):
    with pytest.raises(DefinitionError, match="at least 1 a day, got 0"):
        decide(case[2], case[1].costs, "capacity", capacity=0)
    with pytest.raises(DefinitionError, match="Did you mean 'capacity'"):
        decide(case[2], case[1].costs, "capacitie")
