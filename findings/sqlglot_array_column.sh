#!/usr/bin/env bash
# sqlglot: in Spark's dialect, a column named array, list or set vanishes where an element of it is taken.
#
# One would guess: `array[0]` is the first element of the column `array`, as it is to Spark (where array is no reserved word)
# and as sqlglot itself reads `items[0]` and `map[0]`.
# What happens: it is parsed as an array literal that holds 0, `list[0]` likewise and `set[0]` as a SET command. None has a
# column in its tree, and the first two are written back as calls, ARRAY(0) and LIST(0).
# Why it matters: who asks the tree which columns a feature reads, for lineage or for a check of what exists, is told "none";
# who writes the tree back gives Spark an expression that means something else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyspark==4.1.1 sqlglot==30.30.0
cd "$folder"
venv/bin/python - <<'PYTHON'
import logging

import sqlglot
from pyspark.sql import SparkSession
from sqlglot import exp

logging.getLogger("sqlglot").setLevel(logging.ERROR)
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", False)
    .config("spark.ui.showConsoleProgress", False)
    .config("spark.log.level", "ERROR")
    .getOrCreate()
)
print("sqlglot", sqlglot.__version__, "pyspark", spark.version)
seen = {}
for name in ("items", "map", "array", "list", "set"):
    tree = sqlglot.parse_one(f"{name}[0]", read="spark")
    columns = [column.name for column in tree.find_all(exp.Column)]
    value = spark.createDataFrame([([7, 8],)], f"{name} array<int>").selectExpr(f"{name}[0]").first()[0]
    seen[name] = (columns, tree.sql("spark"), value)
    print(f"{name}[0]: columns {columns}, written back {tree.sql('spark')!r}, value in Spark {value}")
assert {value for _, _, value in seen.values()} == {7}, "Spark does not read the column"
assert [seen[name][0] for name in ("items", "map")] == [["items"], ["map"]], "plain names are no columns"
assert seen["array"][:2] == ([], "ARRAY(0)"), "array[0] has changed"
assert seen["list"][:2] == ([], "LIST(0)"), "list[0] has changed"
assert seen["set"][0] == [], "set[0] has changed"
PYTHON
