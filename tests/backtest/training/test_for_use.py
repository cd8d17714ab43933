"""A model trained for a cut-off is that of the fold whose test begins there, with all that decides."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tillthen import Model
from tillthen.backtest.folds.fold_models import saved
from tillthen.backtest.folds.fold_models import train as train_fold
from tillthen.backtest.rows.inputs import open_data
from tillthen.backtest.training.for_use import task, train
from tillthen.backtest.training.pins import hashes
from tillthen.define.faults.errors import DefinitionError
from tillthen.runtime.session import spark_session


def project_of(business, mode):
    config, project = business
    small = project.backtest("small")
    models = [Model("line", "logistic_regression", calibration="sigmoid"),
              Model("trees", parameters={"n_estimators": 10}, calibration="isotonic", negatives_kept=0.5)]  # fmt: skip
    one = replace(small, name=mode, models=models, champion="line", challenger=None, gates=(),
                  folds=replace(small.folds, mode=mode))  # fmt: skip
    return config, replace(project, backtests={mode: one})


@pytest.mark.parametrize("mode", ["rolling", "expanding"])
def test_it_is_the_folds_own_model_whole(business, mode, tmp_path):
    config, project = project_of(business, mode)
    fold = list(project.backtest(mode).folds)[1]
    data = open_data(spark_session(config.spark), config, project.backtest(mode))
    own = train_fold(data, fold, data.backtest.models)
    data.close()
    for name in ("line", "trees"):
        made = train(config, project, mode, name, fold.test_from)
        own[name].write(tmp_path / name)
        assert hashes(made) == hashes(tmp_path / name)
        assert set(hashes(made)) > {"calibrator.json", "thresholds.json", "signature.json"}
        own[name].save(tmp_path / name, "key")
        assert saved(tmp_path / name, "key").calibrator == own[name].calibrator


@pytest.mark.parametrize("mode", ["rolling", "expanding"])
def test_every_folds_windows_are_those_of_its_test_start(business, mode):
    _, project = project_of(business, mode)
    for fold in project.backtest(mode).folds:
        assert (
            replace(task(project, mode, "line", fold.test_from).fold, number=fold.number, trained_by=fold.number)
            == fold
        )


def test_an_expanding_window_that_is_not_full_yet_is_refused(business):
    _, project = project_of(business, "expanding")
    with pytest.raises(
        DefinitionError, match="from 2024-01-01: expected a cut-off of 2024-02-03 or later, got 2024-02-02"
    ):
        task(project, "expanding", "line", datetime(2024, 2, 2, tzinfo=UTC))
