from __future__ import annotations

from collections.abc import Callable

import pytest
from pyspark.sql import DataFrame, SparkSession

from tillthen.define.faults.errors import DataContractError, DefinitionError
from tillthen.define.sources.source import Source
from tillthen.sources.events.prepared import prepare
from tillthen.sources.reading.schema import check_columns

Table = Callable[..., DataFrame]
ROW = (1, "2026-03-01 12:00:00Z", "500", "GBP")


@pytest.fixture
def payments(table: Table) -> DataFrame:
    return table("payment_id bigint, paid_at timestamp, amount_minor int, currency string", ROW)


def test_every_fault_is_in_the_one_error(payments: DataFrame):
    source = Source("payments", id="payment_id", event_time="paid_at", columns={"currency": "int", "fee": "bigint"})
    with pytest.raises(DataContractError) as refused:
        prepare(payments, source, ["amount_mnor", "currency"])
    assert str(refused.value) == (
        "Source 'payments': the table lacks 'amount_mnor'. Did you mean 'amount_minor'? "
        "Source 'payments': 'currency': expected int as declared, got string. Correct columns= or the table. "
        "Source 'payments': the table lacks 'fee'. Known: amount_minor, currency, paid_at, payment_id."
    )


@pytest.mark.parametrize("declared", ["int", "bigint", "INTEGER", "Long"])
def test_a_declared_integer_may_be_wider(payments: DataFrame, declared: str):
    source = Source("payments", event_time="paid_at", columns={"amount_minor": declared})
    check_columns(payments, source, ["amount_minor"], "Source 'payments'")


@pytest.mark.parametrize("declared", ["smallint", "double", "decimal(10,0)", "string"])
def test_a_declared_type_is_the_tables_type(payments: DataFrame, declared: str):
    source = Source("payments", event_time="paid_at", columns={"amount_minor": declared})
    with pytest.raises(DataContractError, match=r"'amount_minor': expected .* as declared, got int"):
        check_columns(payments, source, ["amount_minor"], "Source 'payments'")


def test_a_declared_type_that_spark_does_not_have(payments: DataFrame):
    source = Source("payments", event_time="paid_at", columns={"amount_minor": "money"})
    with pytest.raises(DefinitionError, match="'amount_minor': expected a type of Spark, got 'money'"):
        check_columns(payments, source, ["amount_minor"], "Source 'payments'")


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ({"event_time": "text"}, "time 'text': expected timestamp, timestamp_ntz or date, got string"),
        ({"event_time": "local"}, "time 'local': expected a time with a zone, or a declared timezone"),
        ({"known_time": "number"}, "time 'number': expected timestamp, timestamp_ntz or date, got int"),
        ({"retracted_time": "local"}, "time 'local': expected a time with a zone, or a declared timezone"),
        ({"id": "real"}, "id 'real': expected an integer, a string or another exact type, got double"),
        ({"sequence": "many"}, "sequence 'many': expected a type with an order, got array<int>"),
        ({"deleted": "number", "versions": True, "id": "number", "known_time": "at"},
         "deleted 'number': expected boolean, got int"),
        ({"sequence": "Text"}, "the table lacks 'Text'. Did you mean 'text'?"),
    ],
)  # fmt: skip
def test_columns_of_the_clock(spark: SparkSession, roles: dict[str, str], expected: str):
    frame = spark.createDataFrame(
        [], "at timestamp, local timestamp_ntz, text string, number int, real double, many array<int>"
    )
    with pytest.raises(DataContractError) as refused:
        prepare(frame, Source("s", **({"event_time": "at"} | roles)), [])
    assert expected in str(refused.value)


def test_reserved_and_ambiguous_names(spark: SparkSession):
    frame = spark.createDataFrame([], "at timestamp, __start int, Amount int, amount int")
    with pytest.raises(DataContractError) as refused:
        prepare(frame, Source("s", event_time="at"), ["__start", "amount"])
    assert "the name '__start' begins with '__', which is reserved" in str(refused.value)
    assert "has 'amount' more than once, letter case aside" in str(refused.value)
