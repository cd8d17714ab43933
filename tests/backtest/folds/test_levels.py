"""What a run says of probabilities that are not at their level, and of calibration windows that hold too little."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tillthen import Model
from tillthen.backtest.folds.fitting import Training
from tillthen.backtest.folds.fold_models import train
from tillthen.backtest.folds.levels import level_of, warning
from tillthen.backtest.rows.inputs import open_data
from tillthen.backtest.run import run_backtests
from tillthen.define.faults.errors import DataContractError
from tillthen.runtime.session import spark_session


@pytest.mark.parametrize(
    ("positives", "expected", "off"),
    [(20, 16.0, False), (20, 15.9, True), (20, 24.9, False), (20, 25.1, True), (19, 190.0, False), (0, 5.0, False)],
)
def test_a_level_is_off_beyond_its_bounds_where_positives_are_enough(positives, expected, off):
    labels = np.r_[np.ones(positives), np.zeros(1000 - positives)].astype(np.int64)
    found = level_of(np.full(1000, expected / 1000), labels)
    assert (found["rows"], found["positives"], found["off"]) == (1000, positives, off)
    assert found["expected"] == pytest.approx(expected)
    assert (warning("here", "m", found) is not None) == off


def test_the_words_give_the_sum_and_the_positives():
    found = level_of(np.full(1000, 0.1), np.r_[np.ones(40), np.zeros(960)].astype(np.int64))
    assert warning("Backtest 'b', fold 1", "m", found) == (
        "Backtest 'b', fold 1: the probabilities of 'm' are not at their level on the calibration window: expected a "
        "sum by positives of 0.8 to 1.25, got 100.0 for 40 positives, 2.50. What decides by expected cost is off by as "
        "much: declare a calibration."
    )
    assert warning("here", "m", None) is None


def with_models(business, name, models, **changes):
    config, project = business
    small = project.backtest("small")
    other = replace(small, name=name, models=models, champion=models[0].name, challenger=None, gates=(),
                    folds=replace(small.folds, count=1), **changes)  # fmt: skip
    return config, replace(project, backtests={name: other})


RULES = Model("rules", "rules", rules={"amount > 10000": 0.5})


def test_a_run_warns_before_it_decides_and_the_facts_say_it(business, capsys):
    models = [RULES, Model("ruled", "rules", calibration="sigmoid", rules=RULES.rules)]
    config, project = with_models(business, "off", models)
    (folder,) = run_backtests(config, project, ["off"])
    said = capsys.readouterr().err
    warned = said.index("Warning: Backtest 'off', fold 0: the probabilities of 'rules'")
    assert warned < said.index("\nScore 2024-02-03")  # the test window
    assert "'ruled'" not in said
    rules, ruled = json.loads((folder / "facts.json").read_text())["models"]
    (off,), (on,) = rules["calibrated_on"], ruled["calibrated_on"]
    assert off["off"]
    assert off["ratio"] > 5
    assert not on["off"]
    assert on["ratio"] == pytest.approx(1, abs=0.05)
    assert off["positives"] == on["positives"] > 20


SLOW = Model("slow", parameters={"n_estimators": 20, "learning_rate": 0.02, "max_depth": 2})


@pytest.mark.parametrize("how", [{}, {"negatives_kept": 0.1}, {"positive_weight": 50}], ids=str)
@pytest.mark.parametrize("placement", ["single", "distributed"])
def test_slow_rounds_are_at_their_level_wherever_they_train(business, how, placement):
    config, project = with_models(business, "slow", [replace(SLOW, placement=placement, **how)])
    data = open_data(spark_session(config.spark), config, project.backtest("slow"))
    (fold,) = data.backtest.folds
    trained = train(data, fold, data.backtest.models)["slow"]
    training = Training(data, fold, data.backtest.models)
    rows = data.known(training.window, trained.fitted.features)
    p = trained.fitted.score(trained.fitted.encoding.matrix(rows))
    assert p.sum() == pytest.approx(rows["__label"].sum(), rel=1e-6)
    assert 0.7 < trained.level["ratio"] < 1.4
    data.close()


def test_a_window_of_few_positives_is_refused_before_anything_is_trained(business, capsys):
    label = business[1].backtest("small").label
    few = replace(label, positive="fraud = 1 AND (payment < 3000 OR payment % 4 = 0)")
    models = [Model("m", "logistic_regression", calibration="sigmoid")]
    with pytest.raises(
        DataContractError, match="calibration 'sigmoid' of model 'm': expected at least 10 positives, got 9 positives"
    ):
        run_backtests(*with_models(business, "few", models, label=few), ["few"])
    assert "Train m" not in capsys.readouterr().err
