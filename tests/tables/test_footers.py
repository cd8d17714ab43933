"""Bounds of Parquet files, as their footers say them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tillthen.tables.credentials import storage_options
from tillthen.tables.footers import footers

FIRST, LAST = datetime(2024, 1, 1, 5, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)
ZONED = pa.timestamp("us", "UTC")


def bounds(folder: Path, values: list[object], type: pa.DataType, **how: object) -> tuple[object, object]:
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.table({"at": pa.array(values, type)}), folder / "part.parquet", **how)
    found = footers(str(folder), {}, {"at": "at", "other": "other"})
    assert found is not None
    (file,) = found
    assert (file["num_records"], file["null_count.at"]) == (len(values), values.count(None))
    return file["min.at"], file["max.at"]


@pytest.mark.parametrize(
    ("type", "how"),
    [
        (ZONED, {}),
        (ZONED, {"row_group_size": 1}),
        (ZONED, {"write_statistics": False}),
        (pa.timestamp("ns", "Asia/Tokyo"), {}),
        (ZONED, {"use_deprecated_int96_timestamps": True}),
        (ZONED, {"use_deprecated_int96_timestamps": True, "row_group_size": 2}),
    ],
)
def test_times_are_told_in_utc_however_they_were_written(tmp_path: Path, type: pa.DataType, how: dict[str, object]):
    assert bounds(tmp_path / "t", [LAST, None, FIRST, None], type, **how) == (FIRST, LAST)


def test_times_without_a_zone_and_days_stay_so(tmp_path: Path):
    local = [FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)]
    assert bounds(tmp_path / "t", local, pa.timestamp("us")) == tuple(local)
    assert bounds(tmp_path / "t", [date(2024, 1, 2), date(2024, 1, 1)], pa.date32()) == (
        date(2024, 1, 1), date(2024, 1, 2)
    )  # fmt: skip


@pytest.mark.parametrize("how", [{}, {"write_statistics": False}])
def test_what_is_beyond_the_calendar_is_at_its_end(tmp_path: Path, how: dict[str, object]):
    end = datetime.max.replace(tzinfo=UTC)
    assert bounds(tmp_path / "t", [2**62, 0], ZONED, **how) == (datetime(1970, 1, 1, tzinfo=UTC), end)


def test_nulls_alone_have_no_bounds(tmp_path: Path):
    assert bounds(tmp_path / "t", [None, None], ZONED) == (None, None)


def test_every_file_but_hidden_ones_and_one_file_alone(tmp_path: Path):
    table = pa.table({"at": [FIRST]})
    for name in ("a.parquet", "month=1/b.parquet", "_SUCCESS", ".c.crc", "_old/d.parquet"):
        (tmp_path / "t" / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, tmp_path / "t" / name)
    found = footers(str(tmp_path / "t"), {}, {"at": "at"})
    assert found is not None
    assert sorted(Path(str(file["path"])).name for file in found) == ["a.parquet", "b.parquet"]
    assert len(footers(str(tmp_path / "t" / "a.parquet"), {}, {"at": "at"}) or ()) == 1


def test_what_is_not_there_or_no_parquet_is_not_known(tmp_path: Path):
    assert footers(str(tmp_path / "none"), {}, {"at": "at"}) is None
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "x.parquet").write_text("text")
    assert footers(str(tmp_path / "t"), {}, {"at": "at"}) is None


def test_a_bucket_is_asked_with_its_own_keys(monkeypatch: pytest.MonkeyPatch):
    given: list[dict[str, str]] = []

    def refused(**options: str) -> None:
        given.append(options)
        raise OSError("nobody is asked")

    monkeypatch.setattr("pyarrow.fs.S3FileSystem", refused)
    names = {"access.key": "A", "bucket.lake.access.key": "B", "bucket.lake.secret.key": "S"}
    options = storage_options({f"spark.hadoop.fs.s3a.{name}": value for name, value in names.items()})
    assert footers("s3a://lake/payments", options, {"at": "at"}) is None
    assert given == [{"access_key": "B", "secret_key": "S"}]
