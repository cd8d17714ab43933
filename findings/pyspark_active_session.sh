#!/usr/bin/env bash
# PySpark: making a frame makes its session the active one, for all code that comes after.
#
# One would guess: createDataFrame on one session concerns that session alone, as sql and range do; newSession is there to
# keep settings apart.
# What happens: it sets the process's active session, and nothing sets it back. Later code that asks getActiveSession(), as
# libraries do, works with the other session's time zone, ANSI mode and temporary views.
# Why it matters: a helper that builds a lookup frame in a session of its own moves its caller's days: the same instant
# then falls on another date, a window on another day, and no call of the caller's has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyspark==4.1.1
cd "$folder"
venv/bin/python - <<'PYTHON'
from pyspark.sql import SparkSession

mine = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", False)
    .config("spark.ui.showConsoleProgress", False)
    .config("spark.log.level", "ERROR")
    .config("spark.sql.session.timeZone", "UTC")
    .getOrCreate()
)
other = mine.newSession()
other.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")


def day() -> str:
    """The day of one instant, as code sees it that uses the active session."""
    return SparkSession.getActiveSession().sql("select string(date(timestamp'2024-01-01 20:00:00Z'))").first()[0]


start = day()
other.range(3).collect(), other.sql("select 1").collect()
queried = day()
other.createDataFrame([(1,)], "id int")
made = day()
mine.range(3).collect(), mine.sql("select 1").collect()
after = day()
print("pyspark", mine.version)
print("day of 2024-01-01 20:00 UTC at the start:", start, "- after the other session's queries:", queried)
print("after the other session's createDataFrame:", made, "- after queries of one's own session:", after)
assert (start, queried) == ("2024-01-01", "2024-01-01"), "queries move the active session"
assert (made, after) == ("2024-01-02", "2024-01-02"), "createDataFrame no longer moves the active session for good"
PYTHON
