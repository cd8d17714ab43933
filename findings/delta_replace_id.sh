#!/usr/bin/env bash
# Delta: a replaced table goes on with its history, but it is another table by its id.
#
# One would guess: createOrReplace in the same place keeps the table's id as mode("overwrite") does; the versions go on
# counting, the older ones can still be read, so the id, made to tell one table from another, would stay.
# What happens: every replacement gives the table a new id, though schema and properties are the same. A stream that follows
# it ends with an error about an unexpected table; after an overwrite it does not meet that.
# Why it matters: a dimension rebuilt by createOrReplace each night breaks what goes by the id: streams, pins and ledgers that
# store "table id and version" to train again on the same rows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyspark==4.1.1 delta-spark==4.2.0
cd "$folder"
venv/bin/python - <<'PYTHON'
import os
from importlib.metadata import version

from delta import configure_spark_with_delta_pip
from pyspark.sql import SparkSession

spark = configure_spark_with_delta_pip(
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", False)
    .config("spark.ui.showConsoleProgress", False)
    .config("spark.jars.ivy", os.path.abspath("ivy"))
    .config("spark.log.level", "OFF")
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
).getOrCreate()
rows = spark.range(3)


def table_id() -> str:
    return spark.sql("describe detail merchants").first()["id"]


def follow() -> str:
    """What a stream meets that reads on from where it was."""
    stream = spark.readStream.option("skipChangeCommits", "true").table("merchants").writeStream.format("noop")
    try:
        stream.option("checkpointLocation", "checkpoint").trigger(availableNow=True).start().awaitTermination()
    except Exception as error:
        return next(line for line in str(error).splitlines() if "id" in line)[:300]
    return "goes on"


rows.writeTo("merchants").using("delta").create()
ids, streams = [table_id()], [follow()]
rows.write.format("delta").mode("overwrite").saveAsTable("merchants")
ids.append(table_id()), streams.append(follow())
rows.writeTo("merchants").using("delta").createOrReplace()
ids.append(table_id()), streams.append(follow())
versions = [at["version"] for at in spark.sql("describe history merchants").collect()]
old = spark.sql("select count(*) from merchants version as of 0").first()[0]
print("pyspark", spark.version, "delta-spark", version("delta-spark"))
for what, id_, stream in zip(("created", "overwritten", "replaced"), ids, streams):
    print(f"{what}: id {id_}; the stream: {stream}")
print("versions in its history:", versions, "- rows of version 0:", old)
assert versions == [2, 1, 0] and old == 3, "the history does not go on"
assert ids[0] == ids[1], "an overwrite gives a new id"
assert ids[1] != ids[2], "a replacement keeps the id"
assert streams[:2] == ["goes on", "goes on"] and ids[2] in streams[2], "what the stream meets has changed"
PYTHON
