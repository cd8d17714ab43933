"""Training across executors against training on one node, on the same frame."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tillthen import Model
from tillthen.define.errors import ConfigurationError, DefinitionError
from tillthen.learn.distributed import fit_distributed, slots
from tillthen.learn.encoding import Encoding
from tillthen.learn.learner import fit

NAMES = ("amount", "count", "rate")
ROWS = 6000


def model(**parameters):
    return Model("boosted", "xgboost", {"n_estimators": 30, "max_depth": 3, "learning_rate": 0.2, **parameters})


@pytest.fixture(scope="module")
def data():
    """Rare positives that depend on all three features, some of them missing."""
    random = np.random.default_rng(11)
    frame = pd.DataFrame({name: random.normal(size=ROWS) for name in NAMES})
    risk = 1 / (1 + np.exp(4 - 1.5 * frame["amount"] - frame["count"] + frame["rate"] ** 2))
    frame.loc[random.random(ROWS) < 0.1, "rate"] = np.nan
    return frame.assign(label=(random.random(ROWS) < risk).astype(int), id=np.arange(ROWS))


def trained(spark, data, partitions):
    rows = [tuple(None if value != value else value for value in row) for row in data.itertuples(index=False)]
    schema = "amount double, count double, rate double, label int, id int"
    frame = spark.createDataFrame(rows, schema).repartition(partitions)
    return fit_distributed(model(tree_method="hist"), NAMES, frame, "label", "id")


def test_two_workers_learn_what_one_node_learns_and_the_same_twice(spark, data):
    one, again = trained(spark, data, 3), trained(spark, data, 5)
    features = Encoding(NAMES).matrix(data)
    single = fit(model(tree_method="hist"), Encoding(NAMES), features, data["label"].to_numpy())
    aucs = [roc_auc_score(data["label"], done.score(features)) for done in (one, single)]
    assert one.parameters["num_workers"] == slots(spark) == 2
    assert abs(aucs[0] - aucs[1]) < 0.005 < aucs[0] - 0.7
    assert one.scorer.booster.save_raw() == again.scorer.booster.save_raw()


def test_exact_trees_and_dynamic_allocation_are_refused_before_training(spark, data, monkeypatch):
    with pytest.raises(DefinitionError, match="exact trees cannot be trained distributed"):
        fit_distributed(model(tree_method="exact"), NAMES, spark.range(1), "label", "id")
    conf = spark.sparkContext.getConf().set("spark.dynamicAllocation.enabled", "true")
    monkeypatch.setattr(type(spark.sparkContext), "getConf", lambda _: conf)
    with pytest.raises(ConfigurationError, match="expected static executors, got spark.dynamicAllocation.enabled=true"):
        slots(spark)
