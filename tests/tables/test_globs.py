"""Paths with wildcards: the files that Spark reads are those whose footers are."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tillthen.tables.footers import footers

NAMES = ("2024-01/a.parquet", "2024-02/b.parquet", "2025-01/c.parquet", "_old/d.parquet", "2024-01/_e.parquet",
         "50% é=#/f.parquet", "a%20b/g.parquet", "one.parquet", "day=2024-01-01/h.parquet")  # fmt: skip
PATHS = {
    "2024-*": "ab",
    "20*/*.parquet": "abc",
    "{2024-01,2025-01}": "ac",
    "202[45]-01/*": "ac",
    "202[^4]-01": "c",
    "2024-0?/": "ab",
    "*": "abcdfgho",
    "*.parquet": "o",
    "50% é=#": "f",
    "a%20b": "g",
    "*/g*": "g",
    "day=*": "h",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("wild") / "a b%41=c#"
    for name in NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"x": [1]}), root / name)
    return root


def named(paths: list[str]) -> str:
    return "".join(sorted(Path(path).name[0] for path in paths))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["", "file:", "file://"])
def test_files_that_a_path_names(folder: Path, path: str, scheme: str):
    found = footers(f"{scheme}{folder}/{path}", {}, {"x": "x"})
    assert named([str(file["path"]) for file in found or ()]) == PATHS[path]


@pytest.mark.parametrize("path", PATHS)
def test_spark_reads_the_same(spark, folder: Path, path: str):
    assert named(spark.read.parquet(f"{folder}/{path}").inputFiles()) == PATHS[path]


@pytest.mark.parametrize("path", ["none-*", "none/*", "2024-01/{x,y}", r"2024\*"])
def test_what_matches_nothing_is_not_known(folder: Path, path: str):
    assert footers(f"{folder}/{path}", {}, {"x": "x"}) is None


@pytest.mark.parametrize("store", ["viewfs://c", "hdfs://none:8020", "gs://bucket", "abfss://c@a.dfs.core.windows.net"])
def test_a_store_that_cannot_be_asked_without_spark_is_not_known(store: str):
    assert footers(f"{store}/payments", {}, {"x": "x"}) is None
