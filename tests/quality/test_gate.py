from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from tillthen import FeatureTable, Source, Spine, days, expect, hours
from tillthen.define.faults.errors import DataContractError, GateNotMet
from tillthen.quality.gate import gate_source, gate_table, screen
from tillthen.quality.quarantine import standing
from tillthen.quality.results import GateResult, Night, refuse
from tillthen.runtime.config import TableConfig
from tillthen.sources.reading.read import read_table

NIGHT = Night("run-1", datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC))
AGAIN = Night("run-2", NIGHT.start, NIGHT.end)
ASIDE = {"otherwise": "quarantine", "at_most": 0.5}


def source(*expectations: object) -> Source:
    columns = {"card": "string", "amount": "bigint", "rate": "double"}
    return Source("payments", id="payment", event_time="at", columns=columns, expect=expectations)  # type: ignore[arg-type]


def rows(spark: SparkSession, *texts: str) -> DataFrame:
    """Payments as ``id card amount rate hour``; a dash is null."""
    names = ("payment", "card", "amount", "rate", "hour")
    cells = [{name: None if c == "-" else c for name, c in zip(names, t.split(), strict=True)} for t in texts]
    frame = spark.createDataFrame(cells, ", ".join(f"{name} string" for name in names))
    return frame.selectExpr(
        "CAST(payment AS bigint) payment", "card", "CAST(amount AS bigint) amount", "CAST(rate AS double) rate",
        "timestamp_micros(1773014400000000 + CAST(hour AS bigint) * 3600000000) at",
    )  # fmt: skip


GOOD = "1 a 10 0.5 1", "2 b 20 0.5 2", "3 a 30 NaN 3"


def jobs(spark: SparkSession, group: str) -> int:
    return len(spark.sparkContext.statusTracker().getJobIdsForGroup(group))


def quarantine(spark: SparkSession, tmp_path: Path) -> list[tuple[str, ...]]:
    kept = spark.read.format("delta").load(f"{tmp_path}/aside").orderBy("id").collect()
    return [(row["id"], *row["reasons"], row["first_run"], row["last_run"]) for row in kept]


def test_everything_is_measured(spark: SparkSession, tmp_path: Path):
    expected = source(
        expect.not_null("card"),
        expect.between("amount", 15, None),
        expect.between("rate", 0, 1),
        expect.one_of("card", ["a", "b"]),
        expect.holds("amount > 0"),
        expect.unique("card"),
        expect.volume(least=3, most=5),
        expect.fresh(hours(20)),
    )
    texts = (*GOOD, "4 - - - 30")  # the last one happens after the night's end
    result = gate_source(rows(spark, *texts), expected, NIGHT, f"{tmp_path}/aside")
    assert [(one.verdict, dict(one.measured)) for one in result.results] == [
        ("not met", {"bad": 1, "example": "4"}),
        ("not met", {"bad": 1, "example": "1"}),
        ("not met", {"bad": 1, "example": "3"}),  # NaN
        ("met", {"bad": 0, "example": None}),
        ("not met", {"bad": 1, "example": "4"}),  # null is false
        ("not met", {"repeated": 1}),
        ("met", {}),
        ("not met", {"newest": 1773014400000000 + 3 * 3_600_000_000}),
    ]
    assert (result.rows, result.set_aside) == (4, 0)
    with pytest.raises(GateNotMet, match="6 expectations"):
        refuse(result.results)


def test_bad_rows_are_set_aside_once(spark: SparkSession, tmp_path: Path):
    expected = source(
        expect.not_null("card", **ASIDE), expect.between("amount", 1, None, **ASIDE), expect.unique("card")
    )
    frame = rows(spark, *GOOD[:2], "3 a -1 1 1", "4 - -2 1 1", "4 - -2 1 1")
    first = gate_source(frame, expected, NIGHT, f"{tmp_path}/aside")
    assert sorted(row["payment"] for row in screen(frame, expected).collect()) == [1, 2]
    assert (first.rows, first.set_aside) == (2, 3)
    assert [one.verdict for one in first.results] == ["met", "not met", "met"]  # 3 of 5 amounts; cards of kept rows
    again = gate_source(frame, expected, AGAIN, f"{tmp_path}/aside")
    assert (again.rows, again.set_aside) == (2, 3)
    assert quarantine(spark, tmp_path) == [
        ("3", "amount >= 1", "run-1", "run-1"),
        ("4", "card is not null", "amount >= 1", "run-1", "run-1"),
    ]
    kept = spark.read.format("delta").load(f"{tmp_path}/aside").where("id = 3").first()
    assert kept is not None
    assert json.loads(kept["row"]) == {
        "amount": -1, "at": "2026-03-09T01:00:00.000000Z", "card": "a", "payment": 3, "rate": 1.0,
    }  # fmt: skip


def test_a_corrected_row_and_a_changed_rule_bring_rows_back(spark: SparkSession, tmp_path: Path):
    strict = source(expect.between("amount", 1, 50, **ASIDE))
    bad = rows(spark, *GOOD, "4 c 60 1 1", "5 c -5 1 1", "6 c -6 1 1")
    gate_source(bad, strict, NIGHT, f"{tmp_path}/aside")
    mended, wider = (
        rows(spark, *GOOD, "4 c 60 1 1", "5 c 5 1 1", "6 c -6 1 1"),
        source(expect.between("amount", 1, 99, **ASIDE)),
    )
    gate_source(mended, wider, AGAIN, f"{tmp_path}/aside")
    assert sorted(row["payment"] for row in screen(mended, wider).collect()) == [1, 2, 3, 4, 5]
    states = standing(mended, "Source 'payments'", wider.expect, f"{tmp_path}/aside").collect()
    assert {row["id"]: row["state"] for row in states} == {"4": "back", "5": "gone", "6": "out"}
    assert quarantine(spark, tmp_path)[2] == ("6", "amount between 1 and 99", "run-1", "run-2")


def test_a_filter_by_content_alone(spark: SparkSession):
    """Whatever other rows there are, and in whatever part of the source it is met, a row stays or it does not."""
    expected = source(expect.between("amount", 15, None, **ASIDE))
    alone = [screen(rows(spark, text), expected).count() for text in GOOD]
    assert alone == [0, 1, 1]
    assert screen(rows(spark, *GOOD), expected).count() == sum(alone)


def test_one_job_a_table(spark: SparkSession, tmp_path: Path):
    expected = source(
        expect.not_null("card"), expect.between("amount", 0, 99), expect.fresh(days(1)), expect.volume(least=1)
    )
    frame = rows(spark, *GOOD).coalesce(1)
    spark.sparkContext.setJobGroup("gate", "")
    gate_source(frame, expected, NIGHT, f"{tmp_path}/aside")
    spark.sparkContext.setJobGroup("", "")
    assert jobs(spark, "gate") <= 2  # adaptive execution submits the one shuffle on its own
    assert not (tmp_path / "aside").exists()


def test_drift_over_nights(spark: SparkSession, tmp_path: Path):
    expected = source(expect.stable("amount"), expect.stable("card"))
    history: list[GateResult] = []
    for night in range(1, 4):
        frame = rows(spark, *[f"{n} {'abc'[n % 3]} {n + night} 1 1" for n in range(60)], "99 - - 1 1")
        when = Night(f"r{night}", datetime(2026, 3, night, tzinfo=UTC), datetime(2026, 3, night + 1, tzinfo=UTC))
        history += gate_source(frame, expected, when, f"{tmp_path}/aside", history).results
    assert [one.verdict for one in history] == ["not judged"] * 2 + ["met"] * 4
    assert sum(history[0].measured["counts"]) == 61
    assert history[0].measured["counts"][-1] == 1  # the null
    assert len(history[0].measured["cuts"]) == 9
    assert history[5].measured["values"] == ["a", "b", "c"]
    other = rows(spark, *[f"{n} d {n * 10} 1 1" for n in range(60)])
    assert [one.verdict for one in gate_source(other, expected, NIGHT, f"{tmp_path}/aside", history).results] == [
        "not met"
    ] * 2


def test_a_first_night_of_three_rows_lays_no_bins(spark: SparkSession, tmp_path: Path):
    expected, history = source(expect.stable("amount")), []
    for night, count in ((1, 3), (2, 60), (3, 60)):
        frame = rows(spark, *[f"{n} a {n + 1} 1 1" for n in range(count)])
        when = Night(f"r{night}", datetime(2026, 3, night, tzinfo=UTC), datetime(2026, 3, night + 1, tzinfo=UTC))
        history += gate_source(frame, expected, when, f"{tmp_path}/aside", history).results
    assert [(len(one.measured["cuts"]), one.verdict) for one in history] == [
        (3, "not judged"), (9, "not judged"), (9, "met")
    ]  # fmt: skip


def test_an_empty_table(spark: SparkSession, tmp_path: Path):
    empty = (expect.fresh(days(1)), expect.volume(least=1), expect.unique("card"), expect.stable("amount"))
    expected = source(expect.not_null("card", **ASIDE), *empty)
    results = gate_source(rows(spark, *GOOD).where("false"), expected, NIGHT, f"{tmp_path}/aside").results
    assert [one.verdict for one in results] == ["met", "not met", "not met", "met", "not judged"]


def test_text_of_a_csv_file_has_its_declared_types(spark: SparkSession, tmp_path: Path):
    (tmp_path / "t.csv").write_text(
        "payment,card,amount,rate,at\n1,a,9,1,2026-03-09T01:00:00Z\n2,b,10,1,2026-03-09T01:00:00Z\n"
    )
    frame = read_table(spark, TableConfig(format="csv", path=f"{tmp_path}/t.csv"), "payments")
    kept = screen(frame, source(expect.between("amount", 10, None, **ASIDE)))
    assert [row["card"] for row in kept.collect()] == ["b"]


def test_a_feature_table_before_it_is_written(spark: SparkSession):
    table = FeatureTable("cards", Spine(source(), "at", ["card", "amount"]),
                         expect=[expect.not_null("card"), expect.fresh(days(1))])  # fmt: skip
    found = gate_table(rows(spark, *GOOD, "4 - 1 1 1"), table, NIGHT)
    assert [str(one) for one in found.results if one.stops] == [
        "Feature table 'cards': card is not null: expected no row bad, got 1 of 4, such as 4."
    ]
    assert found.rows == 4


@pytest.mark.parametrize(
    ("expectation", "said"),
    [
        (expect.not_null("crad"), r"Source 'payments': the table lacks 'crad'. Did you mean 'card'\?"),
        (
            expect.holds("card > amount"),
            "Source 'payments': .*'[ab]' of the type \"STRING\" cannot be cast to \"BIGINT\"",
        ),
        (expect.holds("isnull(card, amount)"), "Source 'payments': .*isnull"),
    ],
)
def test_expectations_that_do_not_suit_the_table(spark: SparkSession, tmp_path: Path, expectation, said):
    with pytest.raises(Exception, match=said) as refused:
        gate_source(rows(spark, *GOOD), source(expectation), NIGHT, f"{tmp_path}/aside")
    assert "\n" not in str(refused.value)
    assert isinstance(refused.value, DataContractError) or "isnull" in said
