"""A backtest that has run, read again."""

from __future__ import annotations

from shutil import copytree

import pandas as pd
import pytest
from pyspark.sql import functions as F

from tillthen.backtest.finished import open_finished
from tillthen.backtest.folds.scored_rows import Scores
from tillthen.backtest.run import run_backtests
from tillthen.define.faults.errors import UsageError
from tillthen.evaluate.results.whatif import what_if


@pytest.fixture(scope="module")
def small(spark, business, tmp_path_factory):
    """The small backtest read from a copy of its folder, whose scores also hold those of a model that is gone."""
    config, project = business
    (folder,) = run_backtests(config, project, ["small"])
    warehouse = tmp_path_factory.mktemp("copied")
    copied = copytree(folder, warehouse / "backtests" / "small")
    scores = Scores(spark, str(copied / "scores"))
    old = scores.read([("good", 0)]).withColumn("model", F.lit("gone"))
    old.write.format("delta").mode("append").partitionBy("model", "fold").save(scores.path)
    return project.backtest("small"), config.model_copy(update={"warehouse": str(warehouse)})


def test_scores_are_those_that_the_facts_are_about(spark, small):
    backtest, config = small
    found = open_finished(spark, config, backtest)
    rows = {row["model"]: row["count"] for row in found.scores.groupBy("model").count().collect()}
    tested = [fold["test"] for fold in found.facts["protocol"]["folds"]]
    everything = sum(test["rows"] + test["immature"] + test["unknown"] + test["excluded"] for test in tested)
    assert rows == {"blind": everything, "good": everything}


def test_the_rows_that_count_make_the_figures(spark, small):
    backtest, config = small
    found = open_finished(spark, config, backtest)
    rows = found.counted("good")
    assert len(rows) == sum(fold["test"]["rows"] for fold in found.facts["protocol"]["folds"])
    assert rows["label"].sum() == sum(fold["test"]["positives"] for fold in found.facts["protocol"]["folds"])
    assert rows["as_of"].is_monotonic_increasing
    assert rows["as_of"].min() >= pd.Timestamp("2024-02-03", tz="UTC")
    (told,) = [row for row in found.model("good")["policies"] if row["name"] == "bayes_minimum_risk"]
    assert what_if(backtest.costs, rows)["cost"].sum() == pytest.approx(told["cost"], rel=1e-12)


def test_what_is_not_there_is_named(spark, small, business):
    backtest, config = small
    with pytest.raises(UsageError, match="ran without a model 'gone'. Known: blind, good"):
        open_finished(spark, config, backtest).counted("gone")
    with pytest.raises(UsageError, match="'immature' has no .*facts.json. Run 'tillthen backtest immature' first"):
        open_finished(spark, config, business[1].backtest("immature"))
