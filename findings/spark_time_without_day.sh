#!/usr/bin/env bash
# Spark: text that holds a time but no day becomes a timestamp of the current day.
#
# One would guess: under ANSI, which is on, '12:30' is no timestamp and the cast fails, as casts to date and to timestamp_ntz
# do; surely so for a column's values, which no one has seen.
# What happens: the value is taken for 12:30 of the day on which the query runs, in the session's zone, also where a
# comparison casts without being asked.
# Why it matters: one bad value in a feed gives a feature that differs between a night and its backfill, and a filter such
# as `paid_at < received` lets every past payment through.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyspark==4.1.1
cd "$folder"
venv/bin/python - <<'PYTHON'
from pyspark.sql import SparkSession, functions as F

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", False)
    .config("spark.ui.showConsoleProgress", False)
    .config("spark.log.level", "ERROR")
    .config("spark.sql.session.timeZone", "UTC")
    .getOrCreate()
)
rows = spark.createDataFrame([("12:30",)], "received string")
day = F.current_date().cast("string").alias("day")
cast = "string(cast(received as timestamp))"
before, at, later, date, ntz, after = (
    rows.select(day).first()[0],
    rows.selectExpr(cast).first()[0],
    rows.selectExpr("timestamp'2024-01-01 23:00:00' < received").first()[0],
    rows.selectExpr("try_cast(received as date)").first()[0],
    rows.selectExpr("try_cast(received as timestamp_ntz)").first()[0],
    rows.select(day).first()[0],
)
ansi = spark.conf.get("spark.sql.ansi.enabled")
print("pyspark", spark.version, "ANSI", ansi)
print("'12:30' cast to a timestamp:", at, "- today is", after)
print("a payment of 2024-01-01 23:00 is before '12:30':", later)
print("'12:30' tried as a date:", date, "- as a timestamp without a zone:", ntz)
assert ansi == "true", "ANSI is not on"
assert at in (f"{before} 12:30:00", f"{after} 12:30:00"), "the cast has changed"
assert later is True, "the comparison has changed"
assert date is None and ntz is None, "the neighbouring casts have changed"
PYTHON
