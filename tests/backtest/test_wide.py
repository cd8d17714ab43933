"""What reaches the driver of a table is bounded by its cells, and is the same however narrow the bound is."""

from __future__ import annotations

import pandas as pd
import pytest

from tillthen.backtest import finished
from tillthen.backtest.audits.alone import alone
from tillthen.backtest.facts import canaries
from tillthen.backtest.facts.features import feature_facts
from tillthen.backtest.folds import fold_models as trained
from tillthen.backtest.folds.fitting import Training
from tillthen.backtest.rows.inputs import open_data
from tillthen.backtest.rows.windows import training
from tillthen.define.faults.errors import DataContractError, UsageError
from tillthen.learn import learner
from tillthen.runtime import driver


@pytest.fixture(scope="module")
def data(spark, business):
    config, project = business
    opened = open_data(spark, config, project.backtest("small"))
    yield opened
    opened.close()


@pytest.fixture
def largest(spark, monkeypatch):
    """The sizes in cells of all results that come to the driver."""
    kind, sizes = type(spark.range(1)), []
    given = kind.toArrow

    def counted(frame):
        table = given(frame)
        sizes.append(table.num_rows * table.num_columns)
        return table

    monkeypatch.setattr(kind, "toArrow", counted)
    return sizes


def fold_of(data):
    return next(iter(data.backtest.folds))


def table_of(spark, business):
    return spark.read.format("delta").load(f"{business[0].warehouse}/payment_features")


ASKED = {
    "facts of features": lambda spark, business, data: feature_facts(data),
    "single features": lambda spark, business, data: alone(table_of(spark, business), data.outcomes, data.backtest),
    "a training window": lambda spark, business, data: data.known(
        training(fold_of(data)), data.backtest.table.features
    ).to_dict("list"),
}


@pytest.mark.parametrize("what", ASKED)
def test_narrow_results_say_what_a_wide_one_says(spark, business, data, largest, monkeypatch, what):
    whole = ASKED[what](spark, business, data)
    widest = max(largest)
    largest.clear()
    monkeypatch.setattr(driver, "MOST_CELLS", 1)  # one column at a time, beside those that order and judge rows
    monkeypatch.setattr("tillthen.backtest.audits.alone.MOST_ROWS", 100_000)
    assert ASKED[what](spark, business, data) == whole
    assert len(largest) >= len(data.backtest.table.features)
    assert max(largest) < widest


def test_models_are_calibrated_one_by_one_as_they_are_together(data, largest, monkeypatch):
    fold, models = fold_of(data), data.backtest.models
    together = trained.train(data, fold, models)
    widest = max(largest)
    largest.clear()
    monkeypatch.setattr(trained, "MOST_CELLS", 1)
    alone_ = trained.train(data, fold, models)
    assert [*together] == [*alone_]
    for name, one in together.items():
        assert (one.calibrator, one.thresholds, one.counts) == (
            alone_[name].calibrator, alone_[name].thresholds, alone_[name].counts,
        )  # fmt: skip
    assert max(largest) <= widest


def test_canaries_of_a_wide_table_look_at_fewer_rows(data, largest, monkeypatch):
    fold = fold_of(data)
    all_rows = canaries._sample(data, fold)
    largest.clear()
    cells = len(all_rows.train) * 3
    monkeypatch.setattr(canaries, "MOST_CELLS", cells)
    some = canaries._sample(data, fold)
    assert 0 < len(some.train) < len(all_rows.train)
    assert max(largest) < 1.3 * cells  # whole cards, of which each has some rows
    pd.testing.assert_frame_equal(
        some.train, all_rows.train[all_rows.train["__id"].isin(some.train["__id"])].reset_index(drop=True)
    )


@pytest.mark.parametrize(("models", "features"), [(["blind"], 1), (["blind", "good"], 3)])
def test_a_window_beyond_the_driver_is_refused_before_it_is_read(data, largest, monkeypatch, models, features):
    monkeypatch.setattr(learner, "MOST_SINGLE_CELLS", 1000)
    named = [model for model in data.backtest.models if model.name in models]
    with pytest.raises(DataContractError, match=rf"fold 0: [\d,]+ rows of {features} features to train on the driver: "
                                                "expected at most 1,000 values, got "):  # fmt: skip
        Training(data, fold_of(data), named).check()
    assert largest == []


def test_rows_that_are_too_many_for_the_driver_are_left_in_spark(spark, monkeypatch):
    facts = {"backtest": {"name": "small"}, "models": [{"name": "good"}]}
    columns = ["id AS row_id", "'good' AS model", "1 AS label", "false AS excluded", "id AS as_of"]
    found = finished.Finished(facts, spark.range(20).selectExpr(*columns))
    assert len(found.counted("good")) == 20
    monkeypatch.setattr(finished, "MOST_CELLS", 5 * 19)
    with pytest.raises(UsageError, match="'good' on the driver: expected at most 19, got 20. Ask Spark for them"):
        found.counted("good")
