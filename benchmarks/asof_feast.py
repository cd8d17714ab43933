"""``python -m benchmarks.asof_feast FOLDER ROWS OUT``: Feast's Spark store in its environment; the median is last."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from feast import Entity, FeatureStore, FeatureView, Field, RepoConfig, ValueType
from feast.infra.offline_stores.contrib.spark_offline_store.spark import SparkOfflineStoreConfig
from feast.infra.offline_stores.contrib.spark_offline_store.spark_source import SparkSource
from feast.types import Int64
from pyspark.sql import SparkSession

from benchmarks.data import VALUES, keyed
from benchmarks.measure import in_turns

# What a session of tillthen's has.
CONF = {
    "spark.master": "local[*]",
    "spark.driver.memory": "3g",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
}


def session() -> SparkSession:
    """The session that Feast then takes as its own."""
    builder = SparkSession.Builder().appName("feast")
    for key, value in CONF.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def store(folder: Path, features: Path) -> FeatureStore:
    """A store with one feature view: rows are of use for a hundred days."""
    offline = SparkOfflineStoreConfig(spark_conf=CONF)
    config = RepoConfig(project="bench", provider="local", registry=str(folder / "registry.db"), offline_store=offline,
                        online_store=None, entity_key_serialization_version=3)  # fmt: skip
    key = Entity(name="key", join_keys=["key"], value_type=ValueType.INT64)
    source = SparkSource(name="features", path=str(features), file_format="parquet", timestamp_field="at")
    schema = [Field(name=name, dtype=Int64) for name in VALUES]
    view = FeatureView(name="f", entities=[key], ttl=timedelta(days=100), schema=schema, source=source, online=False)
    made = FeatureStore(config=config)
    made.apply([key, view])
    return made


def main(folder: Path, rows: int, out: str) -> None:
    """Each label's latest row at or before it; no instant is shared, so that "at" and "before" are the same."""
    spark = session()
    labels = spark.read.parquet(str(keyed(folder, "labels", rows, 1))).selectExpr("key", "at AS event_timestamp")
    with TemporaryDirectory() as registry:
        feast = store(Path(registry), keyed(folder, "features", rows, 2))

        def joined() -> None:
            asked = feast.get_historical_features(entity_df=labels, features=[f"f:{name}" for name in VALUES])
            asked.to_spark_df().write.mode("overwrite").parquet(out)

        print(json.dumps({"Feast": asdict(in_turns({"Feast": joined})["Feast"])}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
