"""`point_in_time` of frames of other kinds, which come back as what they were."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest

import tillthen
from tillthen import Source, count, days, feature_set, last, point_in_time, sum
from tillthen.define.faults.errors import DataContractError, DefinitionError
from tillthen.runtime.compat import SPARK_4
from tillthen.runtime.frames import arrow

pl = pytest.importorskip("polars", reason="needs Polars, which the 3.5 line's environment does not have")
pytestmark = pytest.mark.skipif(not SPARK_4, reason="Spark 3.5 takes no Arrow tables: other frames need Spark 4")

LARGE = 2**53 + 1
PAYMENTS = Source("payments", id="id", event_time="at")


@feature_set(source=PAYMENTS, entity="card")
def cards(rows):
    return rows.select("card", "amount", "price", "score")


cards.features(
    count().over(days(9)), sum("amount").over(days(9)), last("price").over(days(9)), last("score").over(days(9))
)
DAY = [datetime(2024, 1, day, tzinfo=UTC) for day in range(1, 10)]
EVENTS = pa.table(
    {
        "id": [1, 2, 3],
        "card": ["a", "a", "b"],
        "at": pa.array(DAY[:3], pa.timestamp("us", "UTC")),
        "amount": [LARGE, 1, None],
        "price": pa.array([Decimal("1.25"), Decimal("12345678901234567890.12"), None], pa.decimal128(30, 2)),
        "score": [0.5, float("nan"), None],
    }
)
# Out of order, a row twice, a card without events, a key that is null.
SPINE = pa.table(
    {
        "row": [LARGE, 7, 7, 5, 4],
        "card": ["b", "a", "a", "none", None],
        "as_of": pa.array([DAY[4], DAY[1], DAY[1], DAY[4], DAY[4]], pa.timestamp("us", "UTC")),
    }
)
COUNTS, SUMS = [1, 1, 1, 0, 0], [None, LARGE, LARGE, None, None]


def told(table):
    return [table[f"cards__{name}_9d"].to_pylist() for name in ("count", "sum_amount", "last_price", "last_score")]


def as_pandas(table):
    return table.to_pandas(types_mapper=pd.ArrowDtype)


@pytest.fixture(scope="module")
def expected(spark):
    found = point_in_time(SPINE, [cards], sources={"payments": EVENTS})
    assert isinstance(found, pa.Table)
    return found


def test_an_arrow_table_keeps_its_rows_in_order(expected):
    assert expected.column_names[:3] == SPINE.column_names
    assert expected.select(SPINE.column_names).equals(SPINE)
    assert told(expected)[:2] == [COUNTS, SUMS]
    assert told(expected)[2] == [None, Decimal("1.25"), Decimal("1.25"), None, None]


def test_pandas_gives_arrows_types_and_the_same_index(expected):
    spine = as_pandas(SPINE).set_axis([50, 40, 30, 20, 10])
    found = point_in_time(spine, [cards], sources={"payments": as_pandas(EVENTS)})
    assert list(found.index) == [50, 40, 30, 20, 10]
    assert list(found["row"]) == [LARGE, 7, 7, 5, 4]
    assert all(isinstance(type, pd.ArrowDtype) for type in found.dtypes)
    assert pa.Table.from_pandas(found, preserve_index=False).cast(expected.schema).equals(expected)


def test_polars_gives_polars(expected):
    found = point_in_time(pl.from_arrow(SPINE), [cards], sources={"payments": pl.from_arrow(EVENTS)})
    assert isinstance(found, pl.DataFrame)
    assert found.to_arrow().cast(expected.schema).equals(expected)


def test_null_stays_apart_from_nan(spark):
    spine = pa.table({"row": [1, 2], "card": ["a", "b"], "as_of": pa.array([DAY[4]] * 2, pa.timestamp("us", "UTC"))})
    for given in (spine, as_pandas(spine), pl.from_arrow(spine)):
        found = point_in_time(given, [cards], sources={"payments": EVENTS})
        score = found["cards__last_score_9d"]
        values = score.array._pa_array.to_pylist() if isinstance(found, pd.DataFrame) else list(score)
        first, second = [value.as_py() if isinstance(value, pa.Scalar) else value for value in values]
        assert math.isnan(first)
        assert second is None


def test_kinds_may_be_mixed_with_sparks(spark, expected):
    events = spark.createDataFrame(EVENTS)
    assert point_in_time(SPINE, [cards], sources={"payments": events}).equals(expected)
    given = spark.createDataFrame(SPINE)
    found = point_in_time(given, [cards], sources={"payments": EVENTS})
    assert found.sparkSession is spark
    assert sorted(map(repr, found.toArrow().to_pylist())) == sorted(map(repr, expected.to_pylist()))


@pytest.mark.parametrize("make", [as_pandas, pl.from_arrow, lambda table: table])
def test_times_without_a_zone_are_refused_as_elsewhere(spark, make):
    naive = pa.array([time.replace(tzinfo=None) for time in DAY[:5]], pa.timestamp("us"))
    spine = make(SPINE.set_column(2, "as_of", naive))
    with pytest.raises(DataContractError, match=r"'as_of'.*zone"):
        point_in_time(spine, [cards], sources={"payments": make(EVENTS)})
    found = point_in_time(spine, [cards], sources={"payments": EVENTS}, timezone="UTC")
    assert [int(value) for value in found["cards__count_9d"].to_numpy()] == [0, 1, 2, 0, 0]


def test_categories_unsigned_numbers_and_nanoseconds(spark):
    events = as_pandas(EVENTS).assign(at=pd.to_datetime(DAY[:3]).as_unit("ns"), card=pd.Categorical(["a", "a", "b"]))
    spine = as_pandas(SPINE).astype({"row": "uint64"})
    assert list(point_in_time(spine, [cards], sources={"payments": events})["cards__count_9d"]) == COUNTS
    finer = events.assign(at=events["at"] + pd.Timedelta(1, "ns"))
    with pytest.raises(DataContractError, match="Source 'payments' 'at' has values that do not fit"):
        point_in_time(spine, [cards], sources={"payments": finer})


@pytest.mark.parametrize("given", [[{"card": "a"}], pl.LazyFrame({"card": ["a"]})])
def test_what_is_no_frame_is_refused(spark, given):
    with pytest.raises(DefinitionError, match="The spine: expected a Spark, pandas or Polars frame"):
        point_in_time(given, [cards])


@pytest.mark.parametrize(
    ("spine", "fault"),
    [
        (pd.DataFrame([["a", "b"]], columns=["card", "card"]), "The spine has two columns 'card'. Rename one"),
        (pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["card", "card"]), "The spine has two columns 'card'"),
        (pd.DataFrame({"month": pd.PeriodIndex(["2024-01"], freq="M")}), "'month': expected a type that Spark has"),
        (pl.DataFrame({"clock": [DAY[0].time()]}), "The spine 'clock': expected a type that Spark has, got time64"),
        (pa.table({"n": pa.array([Decimal(1)], pa.decimal256(60, 2))}), "'n': expected a type that Spark has, got dec"),
    ],
)
def test_columns_that_spark_cannot_have_are_refused(spine, fault):
    with pytest.raises(DataContractError, match=fault):
        arrow(spine, "The spine")


def test_an_expression_that_does_not_fit_is_told_on_one_line(spark):
    @feature_set(source=Source("payments", event_time="at"), entity="card")
    def odd(rows):
        return rows.select("card", later="greatest(at, amount)")

    odd.features(last("later").over(days(7)))
    rows = spark.sql("SELECT 'a' AS card, timestamp'2024-01-31 10:00:00' AS at, 1.5D AS amount")
    spine = spark.sql("SELECT 'a' AS card, timestamp'2024-02-01 10:00:00' AS as_of")
    with pytest.raises(DefinitionError, match=r'Features: Cannot resolve "greatest\(at, amount\)"') as refused:
        point_in_time(spine, [odd], sources={"payments": rows})
    assert "\n" not in str(refused.value)


def test_a_session_for_a_notebook(spark):
    assert tillthen.session() is spark or tillthen.session().conf.get("spark.sql.session.timeZone") == "UTC"


def test_everything_public_is_listed():
    assert {"point_in_time", "session", "Source"} <= set(dir(tillthen))
    assert "TYPE_CHECKING" not in dir(tillthen)
    assert all(hasattr(tillthen, name) for name in dir(tillthen))
