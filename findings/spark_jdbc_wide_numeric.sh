#!/usr/bin/env bash
# Spark: a JDBC column of more than 38 digits loses its cents without a word.
#
# One would guess: numeric(40,2) arrives as decimal(38,2), and a value that does not fit is an error; ANSI is on.
# What happens: Spark keeps the digits before the point and gives up those after it: the column is decimal(38,0), 1.25
# becomes 1 and 0.49 becomes 0, while the field's own metadata still says scale 2. numeric(38,2) is exact. Seen with PostgreSQL
# too; here with a database that runs inside Spark's JVM.
# Why it matters: wide numerics are common for money in ledgers. Every amount that a feature sums is then rounded to whole
# units, and nothing fails.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyspark==4.1.1
cd "$folder"
venv/bin/python - <<'PYTHON'
import os

from pyspark.sql import SparkSession

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", False)
    .config("spark.ui.showConsoleProgress", False)
    .config("spark.jars.ivy", os.path.abspath("ivy"))
    .config("spark.log.level", "ERROR")
    .config("spark.jars.packages", "org.hsqldb:hsqldb:2.7.4")
    .getOrCreate()
)
jvm, url = spark._jvm, "jdbc:hsqldb:mem:ledger"
connection = jvm.org.hsqldb.jdbc.JDBCDriver().connect(url, jvm.java.util.Properties())
statement = connection.createStatement()
statement.execute("create table payments(id int, wide numeric(40,2), narrow numeric(38,2))")
statement.execute("insert into payments values (1, 1.25, 1.25), (2, 0.49, 0.49)")
stored = statement.executeQuery("select sum(wide) from payments")
stored.next()
truth = str(stored.getBigDecimal(1))
payments = spark.read.format("jdbc").options(url=url, dbtable="payments", driver="org.hsqldb.jdbc.JDBCDriver").load()
types = dict(payments.dtypes)
rows = [(str(row.WIDE), str(row.NARROW)) for row in payments.orderBy("ID").collect()]
scale = payments.schema["WIDE"].metadata["scale"]
print("pyspark", spark.version, "ANSI", spark.conf.get("spark.sql.ansi.enabled"))
print("sum in the database:", truth)
print("types in Spark:", types, "- scale in the metadata of WIDE:", scale)
print("(numeric(40,2), numeric(38,2)) in Spark:", rows)
assert truth == "1.74", "the database holds something else"
assert types["WIDE"] == "decimal(38,0)" and types["NARROW"] == "decimal(38,2)", "the types have changed"
assert rows == [("1", "1.25"), ("0", "0.49")], "the values have changed"
PYTHON
