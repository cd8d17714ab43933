from __future__ import annotations

from pathlib import Path

import pytest

from tillthen.define.faults.errors import ConfigurationError, DefinitionErrors
from tillthen.runtime.config import TableConfig, load_config

TEXT = """
features: [features/cards.py]
warehouse: out
tables:
  payments: {format: csv, path: data/payments.csv, options: {sep: ;}}
  rates: {path: s3a://bucket/rates}
spark: {spark.driver.memory: 2g, spark.sql.shuffle.partitions: 4, spark.speculation: false}
"""


@pytest.fixture
def conf(tmp_path):
    file = tmp_path / "project" / "conf" / "test.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(TEXT)
    return file


def test_paths_in_the_file_are_relative_to_the_folder_above_conf(conf):
    config = load_config(conf)
    root = conf.parents[1]
    assert (config.root, config.warehouse) == (root, str(root / "out"))
    assert config.tables["payments"].path == str(root / "data" / "payments.csv")
    assert config.tables["rates"] == TableConfig(format="delta", path="s3a://bucket/rates")


def test_paths_in_overrides_are_relative_to_the_working_folder(conf, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = load_config(conf, ["warehouse=here", "tables.payments.path=p.csv", "tables.new.path=n"])
    assert config.warehouse == str(tmp_path / "here")
    assert config.tables["payments"] == TableConfig(format="csv", path=str(tmp_path / "p.csv"), options={"sep": ";"})
    assert config.tables["new"].path == str(tmp_path / "n")


def test_a_root_from_an_override_moves_the_files_paths(conf, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = load_config(conf, ["root=team"])
    assert (config.root, config.warehouse) == (tmp_path / "team", str(tmp_path / "team" / "out"))


def test_spark_settings_are_texts_and_override_by_their_own_names(conf):
    config = load_config(conf, ["spark.driver.memory=8g", "spark.ui.enabled=true"])
    assert config.spark == {
        "spark.driver.memory": "8g",
        "spark.sql.shuffle.partitions": "4",
        "spark.speculation": "false",
        "spark.ui.enabled": "true",
    }


def test_a_table_that_is_not_declared_is_in_the_warehouse(conf):
    assert load_config(conf).table("cards") == TableConfig(path=str(conf.parents[1] / "out" / "cards"))


def test_every_unknown_key_and_wrong_value_is_named_at_once(conf):
    conf.write_text("{warehose: x, features: 3, tables: {t: {format: orc, pth: x}}}")
    with pytest.raises(DefinitionErrors) as refused:
        load_config(conf)
    assert [fault.removeprefix(f"{conf}: ") for fault in refused.value.faults] == [
        "'features': expected a valid list, got 3.",
        "'tables.t.format': expected 'delta', 'parquet' or 'csv', got 'orc'.",
        "'tables.t.path' is missing.",
        "'tables.t.pth' is not a setting. Did you mean 'path'?",
        "'warehose' is not a setting. Did you mean 'warehouse'?",
    ]


def test_an_unknown_key_of_an_override_is_named(conf):
    with pytest.raises(DefinitionErrors, match="'trakcing' is not a setting. Did you mean 'tracking'?"):
        load_config(conf, ["trakcing=x"])


@pytest.mark.parametrize(
    ("override", "fault"), [("warehouse", "expected key=value"), ("=x", "expected key=value"), ("a=[1", "is not YAML")]
)
def test_an_override_without_key_or_value_is_refused(conf, override, fault):
    with pytest.raises(ConfigurationError, match=fault):
        load_config(conf, [override])


def test_a_missing_file_names_the_nearest(conf):
    with pytest.raises(ConfigurationError, match=r"tets.yaml: no such configuration. .*Did you mean '.*test.yaml'?"):
        load_config(conf.with_name("tets.yaml"))


@pytest.mark.parametrize(
    ("content", "fault"),
    [(b"a: [1", "is not YAML"), (b"- 1", "expected keys and values, got list"), (b"\xff\xfe\x00", "cannot be read")],
)
def test_an_unreadable_file_is_one_line(conf, content, fault):
    conf.write_bytes(content)
    with pytest.raises(ConfigurationError, match=fault) as refused:
        load_config(conf)
    assert "\n" not in str(refused.value)


def test_records_of_a_remote_warehouse_stay_in_the_working_folder(conf, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_config(conf, ["warehouse=s3a://bucket/wh"]).records == tmp_path
    assert load_config(conf, [f"warehouse=file://{tmp_path}/wh"]).records == Path(tmp_path / "wh")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ("{format: parquet, path: p, rename: {a b: x, a-b: X}}", "two columns become 'x'"),
        ("{format: delta, path: p, rename: {a b: x}}", "rename is of Parquet and CSV files"),
    ],
)
def test_new_names_are_each_of_one_column_of_files(conf, changes, told):
    with pytest.raises(DefinitionErrors, match=told):
        load_config(conf, [f"tables.payments={changes}"])


@pytest.mark.parametrize("change", ["warehouse=/lake/a%20b", "tables.rates={path: /lake/a%2Fb}"])
def test_delta_paths_that_readers_would_decode_differently_are_refused(conf, change):
    with pytest.raises(DefinitionErrors, match="expected a path of Delta tables without '%2"):
        load_config(conf, [change])
    load_config(conf, ["warehouse=/lake/50% of=é", "tables.payments={path: /lake/a%20b, format: parquet}"])
