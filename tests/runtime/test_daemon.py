from __future__ import annotations

import importlib
import subprocess
import sys
import zipimport
from zipfile import ZipFile

import pyarrow as pa


def test_a_worker_does_not_read_spark_s_zips_again(spark):
    def read_again(batches):
        before = dict(zipimport._zip_directory_cache)
        importlib.invalidate_caches()
        after = zipimport._zip_directory_cache
        for _ in batches:
            zips, again = list(before), [name for name, found in before.items() if after.get(name) is not found]
            yield pa.RecordBatch.from_pydict({"zips": [len(zips)], "again": [len(again)]})

    (row,) = spark.range(1, numPartitions=1).mapInArrow(read_again, "zips bigint, again bigint").collect()
    assert row["zips"] > 0
    assert row["again"] == 0


def test_workers_are_forked_with_what_each_would_import(spark):
    def there(batches):
        import sys

        found = "pandas" in sys.modules
        for _ in batches:
            yield pa.RecordBatch.from_pydict({"there": [found]})

    assert spark.range(1, numPartitions=1).mapInArrow(there, "there boolean").first()["there"]


def test_zips_that_come_later_are_found(tmp_path):
    with ZipFile(tmp_path / "team.zip", "w") as file:
        file.writestr("team.py", "features = 3")
    said = subprocess.run(
        [sys.executable, "-c", "import importlib, sys; from tillthen.runtime.daemon import keep_zips; keep_zips(); "
         f"sys.path.insert(0, {str(tmp_path / 'team.zip')!r}); importlib.invalidate_caches(); "
         "import team; print(team.features)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == "3\n"
