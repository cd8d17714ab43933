"""What a worker does with a batch of rows, without Spark."""

import numpy as np
import pyarrow as pa
import pytest
import xgboost

from tillthen import Model
from tillthen.backtest.folds.scoring import Judge, score_batches
from tillthen.learn.calibration import Calibrator
from tillthen.learn.encoding import Encoding
from tillthen.learn.learner import fit, rules

RANDOM = np.random.default_rng(2)
AMOUNT = RANDOM.exponential(50, 500)
SHOP = np.array(["books", "games"])[RANDOM.integers(0, 2, 500)]
LABELS = (RANDOM.random(500) < np.where(SHOP == "games", 0.4, 0.02)).astype(np.int64)
ENCODING = Encoding(("amount", "shop"), {"shop": ["books", "games"]})
INPUTS = {"amount": "__input0", "shop": "__input1", "amount > 80": "__input2"}


def batch():
    return pa.RecordBatch.from_pydict(
        {
            "row_id": list(range(500)),
            "label": pa.array(LABELS, pa.int8(), mask=np.arange(500) == 7),
            "amount": AMOUNT,
            "approve_fraud": AMOUNT,
            "approve_genuine": np.zeros(500),
            "decline_fraud": np.zeros(500),
            "decline_genuine": AMOUNT * 0.1,
            "__input0": AMOUNT,
            "__input1": SHOP,
            "__input2": (AMOUNT > 80).astype(float),
        }
    )


@pytest.fixture(scope="module")
def judges():
    features = ENCODING.matrix({"amount": pa.chunked_array([AMOUNT]), "shop": pa.chunked_array([pa.array(SHOP)])})
    boosted = fit(Model("boosted", parameters={"n_estimators": 10, "max_depth": 2}), ENCODING, features, LABELS)
    ruled = rules(Model("ruled", "rules", rules={"amount > 80": 0.3}))
    return [Judge("boosted", boosted, Calibrator("sigmoid", (0.5, 1.0))), Judge("ruled", ruled, Calibrator.none(), 0.3)]


@pytest.fixture(scope="module")
def scored(judges):
    made = score_batches(iter([batch()]), judges=judges, inputs=INPUTS, explain=True)
    return {table["model"][0].as_py(): table for table in map(pa.Table.from_batches, ([one] for one in made))}


def test_every_row_comes_back_once_for_each_model_without_its_inputs(scored):
    for name in ("boosted", "ruled"):
        assert scored[name].column_names == [*batch().schema.names[:7], "model", "score", "probability", "reasons"]
        assert scored[name]["row_id"].to_pylist() == list(range(500))
    assert scored["ruled"]["score"].to_pylist() == np.where(AMOUNT > 80, 0.3, 0.0).tolist()


def test_probabilities_are_the_calibrated_scores(scored):
    score, probability = (scored["boosted"][name].to_numpy() for name in ("score", "probability"))
    assert np.log(probability / (1 - probability)) == pytest.approx(0.5 + np.log(score / (1 - score)), abs=1e-5)


def test_reasons_are_of_rows_that_may_not_be_approved_and_of_frauds(scored):
    p = scored["boosted"]["probability"].to_numpy()
    declined = p * AMOUNT > (1 - p) * AMOUNT * 0.1
    fraud = (LABELS == 1) & (np.arange(500) != 7)
    has = np.array([value is not None for value in scored["boosted"]["reasons"].to_pylist()])
    assert (has == (declined | fraud)).all()
    assert 0 < has.sum() < 500
    has = np.array([value is not None for value in scored["ruled"]["reasons"].to_pylist()])
    assert (has == ((AMOUNT > 80) | fraud)).all()


def test_reasons_are_the_boosters_own_shap_values_largest_first(scored, judges):
    found = scored["boosted"]["reasons"].to_pylist()
    row = next(i for i, value in enumerate(found) if value)
    code = float(SHOP[row] == "games")
    data = xgboost.DMatrix(np.array([[AMOUNT[row], code]]), feature_names=["amount", "shop"],
                           feature_types=["q", "c"], enable_categorical=True)  # fmt: skip
    expected = judges[0].fitted.scorer.booster.predict(data, pred_contribs=True)[0]
    by_name = {"amount": (AMOUNT[row], expected[0]), f"shop = {SHOP[row]}": (None, expected[1])}
    assert {one["feature"]: one["value"] for one in found[row]} == {name: value for name, (value, _) in by_name.items()}
    sizes = [abs(one["contribution"]) for one in found[row]]
    assert sizes == sorted(sizes, reverse=True)
    for one in found[row]:
        assert one["contribution"] == pytest.approx(by_name[one["feature"]][1], abs=1e-6)
