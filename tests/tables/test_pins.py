from __future__ import annotations

from shutil import rmtree

import pytest
from deltalake import DeltaTable

from tillthen.define.faults.errors import ConfigurationError, DataContractError
from tillthen.runtime.config import TableConfig
from tillthen.sources.reading.read import read_table
from tillthen.tables.pins import pin, pinned


def test_a_pinned_delta_table_stays_as_it_was(spark, tmp_path):
    path = str(tmp_path / "t")
    spark.range(2).write.format("delta").save(path)
    read, table = pin(spark, TableConfig(path=path), "t")
    spark.range(5).write.format("delta").mode("append").save(path)
    assert read.facts() == {"path": path, "format": "delta", "version": 0, "table": DeltaTable(path).metadata().id}
    assert read_table(spark, table, "t").count() == 2


def test_a_version_that_the_configuration_names_is_kept(spark, tmp_path):
    path = str(tmp_path / "t")
    spark.range(2).write.format("delta").save(path)
    spark.range(5).write.format("delta").mode("append").save(path)
    read, _ = pin(spark, TableConfig(path=path, options={"versionAsOf": "0"}), "t")
    assert read.version == 0


def test_files_without_versions_have_a_fingerprint_that_tells_a_change(spark, tmp_path):
    folder = tmp_path / "t"
    table = TableConfig(format="parquet", path=str(folder))
    spark.range(2).write.parquet(str(folder))
    before, again = (pin(spark, table, "t")[0] for _ in range(2))
    spark.range(2).write.mode("append").parquet(str(folder))
    after, _ = pin(spark, table, "t")
    assert before == again
    assert before.fingerprint != after.fingerprint


@pytest.mark.parametrize("format", ["delta", "parquet"])
def test_a_missing_table_is_named_with_its_path(spark, tmp_path, format):
    table = TableConfig(format=format, path=str(tmp_path / "none"))
    with pytest.raises(ConfigurationError, match=f"^Table 'payments': there is .* at {tmp_path}/none. Correct"):
        pin(spark, table, "payments")


@pytest.mark.parametrize("times", [1, 3])
def test_a_version_of_a_table_that_was_made_anew_is_refused(spark, tmp_path, times):
    path, table = str(tmp_path / "t"), TableConfig(path=str(tmp_path / "t"))
    for n in (2, 3):
        spark.range(n).write.format("delta").mode("append").save(path)
    before, _ = pin(spark, table, "t")
    rmtree(path)
    for _ in range(times):
        spark.range(7).write.format("delta").mode("append").save(path)
    with pytest.raises(DataContractError, match=r"^Table 't' at .* was removed and made anew since its version 1 was"):
        pinned(spark, table, before, "t")
