"""Tables of odd names, types and places: what is proposed is Python and YAML, and says what is wanting."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import yaml

from tillthen.cli import main
from tillthen.define.faults.errors import DefinitionErrors
from tillthen.runtime.config import load_config

N = 200
START = datetime(2024, 1, 1)
TIMES = [START + timedelta(hours=7 * i) for i in range(N)]
DECIMAL, WIDE = pa.decimal128(1, 0), pa.decimal256(50, 2)


def table(**columns):
    """Payments of forty cards, one in thirteen a fraud; a column of None is left out."""
    rows = {
        "id": [f"p{i}" for i in range(N)],
        "ts": TIMES,
        "card": [f"c{i % 40}" for i in range(N)],
        "amount": [1.25 * i for i in range(N)],
        "is_fraud": [i % 13 == 0 for i in range(N)],
        **columns,
    }
    return pa.table({name: values for name, values in rows.items() if values is not None})


def renamed(**names):
    made = table()
    return made.rename_columns([names.get(name, name) for name in made.column_names])


def again(values, kind):
    return pa.array([values] * N, kind)


ODD = {
    "nulls alone": (table(card=pa.nulls(N), is_fraud=pa.nulls(N)), "is_fraud"),
    "half floats": (table(amount=again(1.0, pa.float16())), "amount"),
    "frauds in decimals": (table(is_fraud=pa.array([Decimal(i % 13 == 0) for i in range(N)], DECIMAL)), "is_fraud"),
    "more than 38 digits": (table(amount=pa.array([Decimal(i) for i in range(N)], WIDE)), "that Spark"),
    "the last of years": (table(ts=again(datetime(9999, 12, 31, 23), pa.timestamp("us"))), "9999-12-31"),
    "before the year 1": (table(ts=pa.array([-(10**17) + i for i in range(N)], pa.timestamp("us"))), "years 1 to 9999"),
    "parts of microseconds": (
        table(
            ts=pa.array(range(N), pa.timestamp("ns")), received_at=pa.array(range(1, N + 1), pa.timestamp("ns"))
        ),
        "nanoseconds",
    ),
    "keys without a sign": (table(card=pa.array([i % 40 for i in range(N)], pa.uint64())), "that Spark"),
    "a currency with quotes": (table(currency=again('X"X', pa.string())), "currency"),
    "seconds since 1970": (table(ts=[1_704_067_200 + 25_000 * i for i in range(N)]), "write it as a timestamp"),
    "times as text": (table(ts=[str(time) for time in TIMES]), "write it as a timestamp"),
    "frauds as text": (table(is_fraud=["Y" if i % 13 == 0 else "N" for i in range(N)]), "positive=\"is_fraud = 'Y'\""),
    "frauds as other text": (
        table(is_fraud=["bad" if i % 13 == 0 else "fine" for i in range(N)]),
        "no column of true and false, 1 and 0, or Y and N",
    ),
    "no fraud": (table(is_fraud=[False] * N), "no column of true and false"),
    "neither id nor time": (table(id=None, ts=None), "no column holds times"),
    "quotes and lines": (
        renamed(id='i"d', ts="t'\ns_at", card='ca"""rd\\', amount="{{amount}}", is_fraud="`fraud"),
        "Source(",
    ),
    "words of SQL": (renamed(amount="values", is_fraud="default", id="select", ts="when"), "`values`"),
    "keys of one spelling": (
        table(**{"card-id": [f"a{i % 30}" for i in range(N)], "card_id": [i % 25 for i in range(N)]}),
        "card_id_history_set",
    ),
    "nested": (table(merchant=[{"id": f"m{i % 30}"} for i in range(N)], tags=[["a"]] * N), "merchant"),
    "letters of others": (renamed(card="card_カード", amount="amount_größe", is_fraud="fraud_²"), "`fraud_²`"),
}  # fmt: skip


WANTING = ("Fill it in: nothing is taken for it.", "expected a column's name, got \"t'\\ns_at\"", "within the calendar")
"""What is to be told: `...` that only the team knows, a name that is no column's, folds beyond all years."""


def created(tmp_path, path):
    """The project's sources as text, all of them valid, and the configuration's faults, one line each."""
    assert main(["init", str(tmp_path / "acme"), "--from", str(path)]) == 0
    conf = tmp_path / "acme" / "conf" / "local.yaml"
    (one,) = yaml.safe_load(conf.read_text(encoding="utf-8"))["tables"].values()
    assert one["path"] == str(path)
    text = ""
    for file in (tmp_path / "acme").rglob("*.py"):
        compile(file.read_text(encoding="utf-8"), str(file), "exec")
        text += file.read_text(encoding="utf-8")
    assert '"None"' not in text
    try:
        load_config(conf).project()
    except DefinitionErrors as error:
        for line in str(error).splitlines()[1:]:
            assert any(wanting in line for wanting in WANTING)
    return text


@pytest.mark.parametrize(("rows", "told"), ODD.values(), ids=ODD)
def test_an_odd_table_is_proposed_as_python_with_the_doubt_told(tmp_path, rows, told):
    pq.write_table(rows, tmp_path / "payments.parquet")
    assert told in created(tmp_path, tmp_path / "payments.parquet")


@pytest.mark.parametrize("name", ["class", "outcomes", "is_fraud", "card_history", "sum", "1st", "é", 'a "b"', "x.y z"])
def test_a_table_of_any_name_has_names_of_its_own_in_python(tmp_path, name):
    pq.write_table(table(), tmp_path / f"{name}.parquet")
    text = created(tmp_path, tmp_path / f"{name}.parquet")
    bound = [line.split(" = ")[0] for line in text.splitlines() if line[:1].isalpha() and " = " in line]
    bound += [line.split("(")[0].removeprefix("def ") for line in text.splitlines() if line.startswith("def ")]
    assert len(bound) == len(set(bound))


def test_a_folder_by_day_shows_its_days(tmp_path):
    rows = table(day=[str(date(2024, 1, 1 + i % 9)) for i in range(N)])
    by_day = ds.partitioning(pa.schema([("day", pa.string())]), flavor="hive")
    ds.write_dataset(rows, tmp_path / "by day", format="parquet", partitioning=by_day)
    assert '"day"' in created(tmp_path, tmp_path / "by day")


def test_what_delta_rs_does_not_read_is_refused_in_one_line(tmp_path, capsys):
    log = tmp_path / "deleted" / "_delta_log"
    log.mkdir(parents=True)
    lines = [
        {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors"],
                      "writerFeatures": ["deletionVectors"]}},
        {"metaData": {"id": "1", "format": {"provider": "parquet", "options": {}}, "partitionColumns": [],
                      "schemaString": json.dumps({"type": "struct", "fields": [
                          {"name": "id", "type": "string", "nullable": True, "metadata": {}}]}),
                      "configuration": {"delta.enableDeletionVectors": "true"}}},
    ]  # fmt: skip
    (log / f"{0:020}.json").write_text("\n".join(map(json.dumps, lines)))
    assert main(["init", str(tmp_path / "acme"), "--from", str(tmp_path / "deleted")]) in (3, 4)
    assert capsys.readouterr().err.count("\n") == 1


def test_a_table_elsewhere_is_told_from_one_that_is_not_there(tmp_path, capsys):
    assert main(["init", str(tmp_path / "acme"), "--from", "s3://bucket/payments"]) == 3
    assert "s3://bucket/payments: init reads this machine's disks" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "wanting"),
    [
        (table(), ["timezone", "timezone", "currency", "margin", "chargeback_fee"]),
        (table(id=None), ["id", "id", "decision", "timezone"]),
        (table(amount=list(range(N))), ["unit", "currency", "margin", "chargeback_fee"]),
        (table(ts=[1_704_067_200 + 25_000 * i for i in range(N)]), ["event_time"]),
    ],
    ids=["no zone", "no id", "whole amounts", "no times"],
)
def test_each_thing_left_open_is_told_in_a_line_of_its_own(tmp_path, capsys, rows, wanting):
    pq.write_table(rows, tmp_path / "payments.parquet")
    created(tmp_path, tmp_path / "payments.parquet")
    assert main(["check", "--conf", str(tmp_path / "acme" / "conf" / "local.yaml")]) == 3
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert "got ... (left open). Fill it in: nothing is taken for it." in told
    assert [name for name in wanting if f"'{name}': expected" not in told] == []


def test_null_amounts_are_set_aside_by_the_source(tmp_path):
    pq.write_table(table(amount=[1.5 * i if i % 50 else None for i in range(N)]), tmp_path / "payments.parquet")
    text = created(tmp_path, tmp_path / "payments.parquet")
    assert 'expect=[expect.not_null("amount", otherwise="quarantine")],' in text
