"""Keys of different types, wherever two tables meet: integers are one type, all else is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pyspark.sql import DataFrame
from pyspark.sql.types import (
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    ShortType,
    StringType,
    TimestampNTZType,
    TimestampType,
)

import tillthen
from tillthen import Label, Source, Unobserved, count, days, feature_set, lifetime
from tillthen.define.faults.errors import DataContractError, DefinitionError
from tillthen.learn.labels import STATE, as_known
from tillthen.sources.events.labelled import label_events
from tillthen.sources.events.outcomes import outcomes, unobserved
from tillthen.sources.reading.keys import Key, key_faults

Table = Callable[..., DataFrame]
NOW = datetime(2024, 6, 1, tzinfo=UTC)
PAYMENTS = Source("payments", id="id", event_time="at")
DISPUTES = Source("disputes", event_time="came")
FRAUD = Label("fraud", DISPUTES, decision="payment", maturity=days(10))


def faults(*types):
    return [*key_faults("Key 'k'", *(Key(type, place) for type, place in zip(types, ("here", "there"), strict=False)))]


@pytest.mark.parametrize("types", [(IntegerType(), LongType()), (ShortType(), IntegerType()), (StringType(),) * 2])
def test_keys_that_can_be_compared(types):
    assert faults(*types) == []


@pytest.mark.parametrize(
    ("types", "said"),
    [
        ((LongType(), StringType()),
         "Key 'k': expected one type, got bigint in here and string in there. Cast it to bigint in there."),
        ((IntegerType(), StringType()), "Cast it to bigint in there."),
        ((StringType(), LongType()), "Cast it to string in there."),
        ((DecimalType(10, 2), DecimalType(12, 2)), "Cast it to decimal(10,2) in there."),
        ((TimestampType(), TimestampNTZType()), "expected one type"),
        ((DoubleType(), DoubleType()), "expected an integer, a string or another exact type, got double in here and"),
        ((StringType(), DoubleType()), "Cast it to string in there."),
        ((IntegerType(), FloatType()), "Cast it to bigint in there."),
        ((FloatType(), LongType()), "Cast it to bigint in here."),
        ((MapType(LongType(), LongType()),) * 2, "expected an integer, a string or another exact type"),
        ((DoubleType(),), "got double in here"),
    ],
)  # fmt: skip
def test_keys_that_cannot(types, said):
    (fault,) = faults(*types)
    assert said in fault


def test_text_that_is_compared_by_a_collation_is_no_key():
    try:
        blind = StringType("UTF8_LCASE")
    except TypeError:
        pytest.skip("Spark 3.5 has no collations")
    assert "got string collate UTF8_LCASE in here" in faults(blind, blind)[0]


def decisions(table: Table, type: str, *ids: object) -> DataFrame:
    return table(f"id {type}, at timestamp", *((id, "2024-01-01 00:00:00Z") for id in ids))


def disputed(table: Table, type: str, *ids: object) -> DataFrame:
    return table(f"payment {type}, came timestamp", *((id, "2024-01-02 00:00:00Z") for id in ids))


def states(rows: DataFrame, found, label=FRAUD) -> list[str]:
    clocked = rows.selectExpr("id", "unix_micros(at) AS __as_of")
    return [row[STATE] for row in as_known(clocked, "id", "__as_of", found, label, NOW).orderBy("id").collect()]


@pytest.mark.parametrize(
    ("of_decision", "of_outcome", "id", "outcome", "said"),
    [
        ("bigint", "double", 9007199254740993, "9007199254740992", "an integer, a string or another exact type"),
        ("bigint", "string", 7, "007", "one type, got bigint in the decisions and string in source 'disputes'"),
        ("string", "bigint", "007", 7, "one type, got string in the decisions and bigint in source 'disputes'"),
        ("decimal(20,0)", "bigint", 7, 7, "one type"),
        ("double", "double", 7, 7, "an integer, a string or another exact type"),
    ],
)
def test_an_outcome_is_of_no_decision_of_another_type(table: Table, of_decision, of_outcome, id, outcome, said):
    rows, found = decisions(table, of_decision, id), disputed(table, of_outcome, outcome)
    with pytest.raises(DataContractError, match=f"expected {said}"):
        states(rows, outcomes(found, FRAUD))
    with pytest.raises(DataContractError, match="expected "):
        label_events(rows, found, FRAUD.as_events(PAYMENTS))


def test_the_refusal_says_what_to_declare_and_that_is_taken(table: Table):
    rows, found = decisions(table, "bigint", 7, 8), disputed(table, "string", "007")
    with pytest.raises(DataContractError, match=r"Declare decision='CAST\(payment AS bigint\)'\."):
        states(rows, outcomes(found, FRAUD))
    cast = replace(FRAUD, decision="CAST(payment AS bigint)")
    assert states(rows, outcomes(found, cast), cast) == ["positive", "negative"]


@pytest.mark.parametrize(("ours", "theirs"), [("int", "bigint"), ("bigint", "smallint"), ("string", "string")])
def test_integers_of_any_width_are_one_type(table: Table, ours, theirs):
    rows, found = decisions(table, ours, 7, 8), disputed(table, theirs, 7)
    assert states(rows, outcomes(found, FRAUD)) == ["positive", "negative"]
    made = label_events(rows, found, FRAUD.as_events(PAYMENTS)).where("fraud").select("id").distinct()
    assert [str(row.id) for row in made.collect()] == ["7"]
    assert made.schema["id"].dataType == rows.schema["id"].dataType


def test_decisions_without_an_outcome_are_told_by_the_same_type(table: Table):
    rows, found = decisions(table, "bigint", 7, 8), outcomes(disputed(table, "bigint", 7), FRAUD)
    label = replace(FRAUD, unobserved=Unobserved(Source("answers", id="of", event_time="at"), "true"))

    def answered(type: str, id: object) -> list[str]:
        declined = table(f"of {type}, at timestamp", (id, "2024-01-01 00:00:00Z"))
        return states(rows, replace(found, unobserved=unobserved(declined, label.unobserved)), label)

    assert answered("int", 8) == ["positive", "unknown"]
    with pytest.raises(DataContractError, match="expected one type, .* and string in source 'answers'"):
        answered("string", "08")
    with pytest.raises(DataContractError, match="id 'of': expected an integer"):
        answered("double", 8)


def features(spine: DataFrame, events: DataFrame, source: Source, **options) -> list[int]:
    @feature_set(source=source, entity="card", **options)
    def cards(rows):
        return rows.select("card")

    made = tillthen.point_in_time(spine, [cards.features(count().over(lifetime))], sources={"payments": events})
    return [row["cards__count_lifetime"] for row in made.orderBy("id").collect()]


AT = "2024-01-01 00:00:00Z"


@pytest.mark.parametrize("options", [{"exclude_self": True}, {"within_tie": "id"}])
@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ("int", "bigint", None),
        ("bigint", "int", None),
        ("string", "bigint", "expected one type, got string in the spine and bigint in the source"),
        ("bigint", "string", "expected one type, got bigint in the spine and string in the source"),
        ("double", "bigint", "expected an integer, a string or another exact type, got double in the spine"),
        ("bigint", "double", "expected an integer, a string or another exact type"),
        ("double", "double", "expected an integer, a string or another exact type"),
    ],
)
def test_a_rows_own_id_and_its_tie_are_compared_as_keys_are(table: Table, options, ours, theirs, said):
    spine = table(f"id {ours}, card string, as_of timestamp", (1, "a", AT), (2, "a", AT))
    events = table(f"id {theirs}, card string, at timestamp", (1, "a", AT), (2, "a", AT))
    source = Source("payments", event_time="at", id="id" if "exclude_self" in options else None)
    if said is None:
        expected = [1, 1] if "exclude_self" in options else [1, 2]
        assert features(spine, events, source, closed="right", **options) == expected
        return
    with pytest.raises(DataContractError, match=said):
        features(spine, events, source, closed="right", **options)


@pytest.mark.parametrize(("ours", "theirs"), [("double", "double"), ("string", "bigint"), ("bigint", "float")])
def test_entities_are_compared_as_keys_are(table: Table, ours, theirs):
    spine = table(f"id int, card {ours}, as_of timestamp", (1, 7, AT))
    with pytest.raises(DataContractError, match="Key 'card': expected"):
        features(spine, table(f"card {theirs}, at timestamp", (7, AT)), Source("payments", event_time="at"))


@pytest.mark.parametrize("type", ["double", "float", "REAL"])
def test_a_key_that_is_declared_inexact_is_refused_where_it_is_declared(type):
    def cards(rows):
        return rows.select("card")

    source = Source("payments", event_time="at", columns={"card": type, "payment": type})
    fix = r"Select card='CAST\(card AS bigint\)'"
    with pytest.raises(DefinitionError, match=f"'entity' card: expected a key that is an integer.*{fix}"):
        feature_set(source=source, entity="card")(cards)
    with pytest.raises(DefinitionError, match="Decision 'payment' .*expected a key"):
        Label("fraud", source, decision="payment", maturity=days(1))
    with pytest.raises(DefinitionError, match="Decision 'payment' .*expected a key"):
        Unobserved(source, "true", decision="payment")
    with pytest.raises(DefinitionError, match="'id': expected a key"):
        Source("payments", event_time="at", id="payment", columns={"payment": type})
