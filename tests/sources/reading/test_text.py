from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tillthen.define.faults.errors import DataContractError, DefinitionError
from tillthen.define.sources.source import Source
from tillthen.runtime.config import TableConfig
from tillthen.sources.events.prepared import Events, prepare
from tillthen.sources.reading.read import read_table

ZONED = Source("s", event_time="at")
HEADER = "at,v\n"
NOON = "2026-03-01T12:00:00Z"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "t.csv"


def events(
    spark: SparkSession, file: Path, source: Source, content: str, reads: Iterable[str] = ("v",), **options: str
) -> Events:
    """The events of a CSV file."""
    file.write_text(content, encoding="utf-8")
    table = TableConfig(format="csv", path=str(file), options=options)
    return prepare(read_table(spark, table, "s"), source, tuple(reads))


def test_text_becomes_the_declared_type(spark: SparkSession, file: Path):
    cases = {
        "bigint": ("9223372036854775807", 2**63 - 1),
        "double": ("-1e-3", -0.001),
        "float": (".5", 0.5),
        "decimal(6,2)": ("-1234.5000", Decimal("-1234.50")),
        "decimal(3,3)": (".125", Decimal("0.125")),
        "boolean": ("TRUE", True),
        "date": ("2026-03-01", date(2026, 3, 1)),
        "timestamp": ("2026-03-01 12:00:00.123456000+01:00", datetime(2026, 3, 1, 11, 0, 0, 123456)),
        "timestamp_ntz": ("2026-03-01T12:00", datetime(2026, 3, 1, 12)),
        "string": ('"a,b"', "a,b"),
    }
    source = Source("s", event_time="at", columns={f"v{n}": type for n, type in enumerate(cases)})
    texts = ",".join(text for text, _ in cases.values())
    content = f"at,{','.join(source.columns)}\n{NOON},{texts}\n{NOON}{',' * len(cases)}\n"
    frame = events(spark, file, source, content, reads=source.columns).frame.orderBy("v0")
    assert [field.dataType.simpleString() for field in frame.schema][: len(cases)] == list(cases)
    nulls, values = (tuple(row)[: len(cases)] for row in frame.collect())
    assert values == tuple(value for _, value in cases.values())
    assert nulls == (None,) * len(cases)


def test_text_of_another_form_is_refused(spark: SparkSession, file: Path):
    cases = [
        ("int", "2147483648"),
        ("int", "1.0"),
        ("double", "1_5"),
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
    ]
    source = Source("s", event_time="at", columns={f"v{n}": type for n, (type, _) in enumerate(cases)})
    content = f"at,{','.join(source.columns)}\n{NOON},{','.join(text for _, text in cases)}\n"
    with pytest.raises(DataContractError) as refused:
        events(spark, file, source, content, reads=source.columns)
    found = re.findall(r"'(v\d+)' in 1 rows: expected .*?, got '(.*?)'\.", str(refused.value))
    assert found == [(name, text) for name, (_, text) in zip(source.columns, cases, strict=True)]


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
