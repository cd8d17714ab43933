from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tillthen.define.errors import DataContractError, DefinitionError
from tillthen.define.source import Source
from tillthen.runtime.config import TableConfig
from tillthen.sources.events import Events, prepare
from tillthen.sources.read import read_table

ZONED = Source("s", event_time="at")
HEADER = "at,v\n"
NOON = "2026-03-01T12:00:00Z"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "t.csv"


def events(spark: SparkSession, file: Path, source: Source, content: str, **options: str) -> Events:
    """The events of a CSV file."""
    file.write_text(content, encoding="utf-8")
    return prepare(read_table(spark, TableConfig(format="csv", path=str(file), options=options), "s"), source, ["v"])


@pytest.mark.parametrize(
    ("type", "texts", "values"),
    [
        ("bigint", ["9223372036854775807", "-1", ""], [2**63 - 1, -1, None]),
        ("double", ["1e-3", ".5", "-0.0"], [0.001, 0.5, -0.0]),
        ("decimal(6,2)", ["1234.50", "1.5000", "-.25"], [Decimal("1234.50"), Decimal("1.50"), Decimal("-0.25")]),
        ("boolean", ["true", "FALSE"], [True, False]),
        ("date", ["2026-03-01"], [date(2026, 3, 1)]),
        ("timestamp", ["2026-03-01 12:00:00.123456000+01:00"], [datetime(2026, 3, 1, 11, 0, 0, 123456)]),  # noqa: DTZ001
        ("timestamp_ntz", ["2026-03-01T12:00"], [datetime(2026, 3, 1, 12)]),  # noqa: DTZ001
        ("string", ["1", '"a,b"'], ["1", "a,b"]),
    ],
)
def test_text_becomes_the_declared_type(
    spark: SparkSession, file: Path, type: str, texts: list[str], values: list[object]
):
    content = HEADER + "".join(f"{NOON},{text}\n" for text in texts)
    frame = events(spark, file, Source("s", event_time="at", columns={"v": type}), content).frame
    assert frame.schema["v"].dataType.simpleString() == type
    assert [row["v"] for row in frame.collect()] == values


@pytest.mark.parametrize(
    ("type", "wrong"),
    [
        ("int", "2147483648"),
        ("int", "1.0"),
        ("double", "1,5"),
        ("double", "1.5d"),
        ("decimal(6,2)", "1.005"),
        ("decimal(6,2)", "12345.00"),
        ("boolean", "yes"),
        ("date", "2026-02-30"),
        ("date", "2026"),
        ("timestamp", "2026-03-01 12:00:00"),
        ("timestamp", "2026-03-01"),
        ("timestamp", "2026-03-01 12:00:00.1234567Z"),
        ("timestamp", "2026-03-01 25:00:00Z"),
        ("timestamp_ntz", "2026-03-01 12:00:00Z"),
    ],
)
def test_text_of_another_form_is_refused(spark: SparkSession, file: Path, type: str, wrong: str):
    source = Source("s", event_time="at", columns={"v": type})
    with pytest.raises(DataContractError) as refused:
        events(spark, file, source, f"{HEADER}{NOON},\n{NOON},'{wrong}'\n", quote="'")
    assert str(refused.value).startswith(f"{file}: 'v' in 1 rows: expected ")
    assert str(refused.value).endswith(f", got '{wrong}'.")


def test_every_column_is_named_with_three_examples(spark: SparkSession, file: Path):
    content = HEADER + "".join(f"{NOON},{text}\n" for text in "dcba") + "noon,1\n"
    with pytest.raises(DataContractError) as refused:
        events(spark, file, Source("s", event_time="at", columns={"v": "int"}), content)
    assert f"{file}: 'v' in 4 rows: expected int, got 'a', 'b', 'c'." in str(refused.value)
    assert f"{file}: 'at' in 1 rows: expected a time with a zone" in str(refused.value)


def test_times_without_a_declared_type_follow_the_timezone(spark: SparkSession, file: Path):
    in_london = Source("s", event_time="at", timezone="Europe/London")
    (local,) = events(spark, file, in_london, HEADER + "2026-07-01 13:00:00,1\n").frame.collect()
    (zoned,) = events(spark, file, ZONED, HEADER + "2026-07-01 12:00:00Z,1\n").frame.collect()
    assert local["__event_time"] == zoned["__event_time"]
    with pytest.raises(DataContractError, match="expected a time with a zone"):
        events(spark, file, ZONED, HEADER + "2026-07-01 13:00:00,1\n")


def test_a_date_means_its_end(spark: SparkSession, file: Path):
    source = Source("s", event_time="at", columns={"at": "date"})
    (row,) = events(spark, file, source, HEADER + "1970-01-01,1\n").frame.collect()
    assert row["__event_time"] == 86_400_000_000 - 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (HEADER + f"{NOON},1\n{NOON}\n", "holds a line that does not fit the header"),
        (HEADER + f"{NOON},1,2\n", "holds a line that does not fit the header"),
        ("", "has no columns"),
        ("at;v\n", "the table lacks 'v'"),
    ],
)
def test_lines_that_do_not_fit(spark: SparkSession, file: Path, content: str, expected: str):
    with pytest.raises(DataContractError, match=expected):
        events(spark, file, ZONED, content)


def test_files_with_different_headers(spark: SparkSession, tmp_path: Path):
    (tmp_path / "a.csv").write_text(f"{HEADER}{NOON},1\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(f"v,at\n1,{NOON}\n", encoding="utf-8")
    frame = read_table(spark, TableConfig(format="csv", path=str(tmp_path)), "s")
    with pytest.raises(DataContractError, match=r"[ab]\.csv holds a header that differs from the first file's"):
        prepare(frame, ZONED, ["v"])


def test_the_tables_options_are_used(spark: SparkSession, file: Path):
    source = Source("s", event_time="at", columns={"v": "int"})
    found = events(spark, file, source, f"at;v\n{NOON};none\n{NOON};2\n", sep=";", nullValue="none").frame.collect()
    assert {row["v"] for row in found} == {None, 2}


def test_text_that_no_type_describes(spark: SparkSession, file: Path):
    with pytest.raises(DefinitionError, match=r"A column of type array<int> in a CSV file"):
        events(spark, file, Source("s", event_time="at", columns={"v": "array<int>"}), f"{HEADER}{NOON},1\n")
