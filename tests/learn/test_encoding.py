"""Categories keep their own codes, whatever else their batch holds."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tillthen import Model
from tillthen.define.faults.errors import DataContractError
from tillthen.learn.encoding import Encoding, learn_encoding
from tillthen.learn.learner import fit

BIG = 2**53
ENCODING = Encoding(("shop",), {"shop": [BIG, BIG + 1, BIG + 2]})


@pytest.mark.parametrize("type_", [pa.int64(), pa.uint64()])
@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([BIG + 1], [1]),
        ([BIG + 1, None], [1, np.nan]),
        ([None, BIG + 2, BIG, BIG + 3, 7], [np.nan, 2, 0, np.nan, np.nan]),
        ([None], [np.nan]),
        ([], []),
    ],
)
def test_a_code_is_the_values_own_beside_nulls_and_strangers(values, codes, type_):
    column = pa.chunked_array([pa.array(values, type_)])
    assert ENCODING.matrix({"shop": column})[:, 0].tolist() == pytest.approx(codes, nan_ok=True)
    halves = pa.chunked_array([pa.array(values[:1], type_), pa.array(values[1:], type_)])
    assert ENCODING.matrix({"shop": halves})[:, 0].tolist() == pytest.approx(codes, nan_ok=True)


@pytest.mark.parametrize("dtype", ["object", "Int64"])
def test_training_rows_with_a_null_keep_neighbours_apart(dtype):
    frame = pd.DataFrame({"shop": pd.Series([BIG + 1, None, BIG, BIG + 1], dtype=dtype)})
    encoding = learn_encoding(frame, ("shop",), ("shop",))
    assert encoding.categories == {"shop": [BIG, BIG + 1]}
    assert encoding.matrix(frame)[:, 0].tolist() == pytest.approx([1, np.nan, 0, 1], nan_ok=True)


def test_integers_may_be_narrow_or_whole_doubles_and_fractions_are_refused():
    encoding = Encoding(("shop",), {"shop": [3, 5]})
    for values in (pa.array([5, None], pa.int8()), pd.Series([5.0, np.nan])):
        column = pa.chunked_array([values]) if isinstance(values, pa.Array) else values
        found = encoding.matrix(pd.DataFrame({"shop": column}) if isinstance(column, pd.Series) else {"shop": column})
        assert found[:, 0].tolist() == pytest.approx([1, np.nan], nan_ok=True)
    with pytest.raises(DataContractError, match="Categorical feature 'shop': expected values that are exact as int64"):
        encoding.matrix(pd.DataFrame({"shop": [3.5, np.nan]}))


@pytest.mark.parametrize("names", [("amount[eur]", "share<1"), ("a]", "b"), ("f1", "[")])
@pytest.mark.parametrize("stops", [None, 5])
def test_names_that_xgboost_refuses_are_trained_under_others(names, stops, tmp_path):
    random = np.random.default_rng(1)
    features = random.normal(size=(2000, 2))
    labels = (features[:, 1] + random.normal(size=2000) > 1).astype(np.int64)
    model = Model("m", parameters={"n_estimators": 20}, early_stopping=stops, monotone={names[1]: 1})
    fitted = fit(model, Encoding(names), features, labels, np.arange(2000) > 1500)
    plain = Model("m", parameters={"n_estimators": 20}, early_stopping=stops, monotone={"y": 1})
    other = fit(plain, Encoding(("x", "y")), features, labels, np.arange(2000) > 1500)
    assert (fitted.score(features) == other.score(features)).all()
    assert [row["feature"] for row in fitted.importance()] == [names[1], names[0]]
