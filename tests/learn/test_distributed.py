"""Training across executors against training on one node, on the same frame."""

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import functions as F
from sklearn.metrics import roc_auc_score

from tillthen import Model
from tillthen.define.faults.errors import ConfigurationError, DefinitionError
from tillthen.learn.distributed import fit_distributed, slots
from tillthen.learn.encoding import Encoding, learn_encoding
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


def test_categories_and_early_stopping_are_those_of_one_node(spark, data):
    random = np.random.default_rng(5)
    kinds = np.array(["card", "wallet", "transfer", None])[random.integers(0, 4, ROWS)]
    labels = np.where(kinds == "wallet", random.random(ROWS) < 0.5, data["label"]).astype(int)
    rows = data.assign(kind=kinds, label=labels)
    names, late = (*NAMES, "kind"), (rows["id"] >= 0.8 * ROWS).to_numpy()
    stopping = Model("boosted", "xgboost", {"n_estimators": 300, "max_depth": 3, "learning_rate": 0.1,
                                            "tree_method": "hist"}, early_stopping=20)  # fmt: skip
    plain = [tuple(None if value != value else value for value in row) for row in rows.itertuples(index=False)]
    frame = spark.createDataFrame(plain, "amount double, count double, rate double, label int, id int, kind string")
    spread = fit_distributed(stopping, names, frame, "label", "id", ["kind"], F.col("id") >= 0.8 * ROWS)
    encoding = learn_encoding(rows, names, ["kind"])
    features = encoding.matrix(rows)
    single = fit(stopping, encoding, features, labels, late)
    assert spread.encoding == single.encoding
    rounds = [one.scorer.booster.num_boosted_rounds() for one in (spread, single)]
    assert all(5 < count < 300 for count in rounds)
    aucs = [roc_auc_score(labels[late], one.score(features[late])) for one in (spread, single)]
    assert abs(aucs[0] - aucs[1]) < 0.005
    without = fit(stopping, Encoding(NAMES), features[:, :3], labels, late)
    assert roc_auc_score(labels[late], without.score(features[late, :3])) < min(aucs) - 0.05


def test_features_called_as_xgboost_calls_its_own_columns_are_features(spark, data):
    """xgboost.spark takes columns of these names for weights and margins where features are listed one by one."""
    renamed = {"amount": "weight", "count": "baseMargin", "rate": "base_margin"}
    rows = [tuple(None if value != value else value for value in row) for row in data.itertuples(index=False)]
    frame = spark.createDataFrame(rows, "amount double, count double, rate double, label int, id int")
    plain = fit_distributed(model(), NAMES, frame, "label", "id")
    other = fit_distributed(model(), tuple(renamed.values()), frame.withColumnsRenamed(renamed), "label", "id")
    features = Encoding(NAMES).matrix(data)
    assert (other.score(features) == plain.score(features)).all()
    assert [row["feature"] for row in other.importance()] == [renamed[row["feature"]] for row in plain.importance()]


def test_names_that_xgboost_refuses_are_trained_under_others(spark, data):
    frame = spark.createDataFrame(data[["amount", "label", "id"]]).withColumnRenamed("amount", "amount[eur]<1")
    fitted = fit_distributed(model(), ("amount[eur]<1",), frame, "label", "id", late=F.col("id") > 5000)
    assert fitted.importance()[0]["feature"] == "amount[eur]<1"


def test_categories_beyond_doubles_are_those_of_one_node(spark):
    random = np.random.default_rng(3)
    shops = 2**53 + random.integers(0, 4, 4000)
    labels = (random.random(4000) < np.where(shops % 2 == 1, 0.4, 0.02)).astype(int)
    rows = [
        (None if i % 50 == 0 else int(shop), int(y), i) for i, (shop, y) in enumerate(zip(shops, labels, strict=True))
    ]
    frame = spark.createDataFrame(rows, "shop bigint, label int, id int")
    here = frame.toArrow().to_pandas(integer_object_nulls=True)
    encoding = learn_encoding(here, ("shop",), ("shop",))
    single = fit(model(), encoding, encoding.matrix(here), here["label"].to_numpy())
    spread = fit_distributed(model(), ("shop",), frame, "label", "id", ["shop"])
    assert spread.encoding == single.encoding
    assert encoding.categories == {"shop": [2**53 + i for i in range(4)]}
    scores = [one.score(encoding.matrix(here)) for one in (single, spread)]
    assert scores[0] == pytest.approx(scores[1], rel=1e-4)
    known = ~np.isnan(encoding.matrix(here)[:, 0])
    odd = shops % 2 == 1
    assert scores[0][known & odd].min() > 5 * scores[0][known & ~odd].max()
