from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from tillthen import Label, Source, days
from tillthen.define.expectations.expect import between
from tillthen.materialize.rows import inputs
from tillthen.materialize.rows.inputs import frame_of
from tillthen.runtime.config import load_config

PAYMENTS = Source("payments", id="id", event_time="at")


def test_rows_that_gates_set_aside_make_no_label_events(spark):
    rule = between("payment", 1, 8, otherwise="quarantine")
    disputes = Source("disputes", event_time="came", known_time="came", columns={"payment": "int"}, expect=[rule])
    fraud = Label("fraud", source=disputes, decision="payment", positive="true", maturity=days(10))
    tables = {
        "payments": spark.sql("SELECT id, TIMESTAMP '2024-01-01' AS at FROM VALUES (1), (9) AS t(id)"),
        "disputes": spark.sql("SELECT payment, TIMESTAMP '2024-01-05' AS came FROM VALUES (1), (9) AS t(payment)"),
    }
    found = frame_of(fraud.as_events(PAYMENTS), tables)
    assert {row["id"] for row in found.where("fraud").collect()} == {1}
    assert {row["id"] for row in found.where("NOT fraud").collect()} == {9}


def test_what_a_source_is_made_of_is_read_once(spark, tmp_path, monkeypatch):
    at = datetime(2024, 1, 1, tzinfo=UTC)
    for name, row in (("payments", {"id": 1, "at": at}), ("disputes", {"payment": 1, "came": at})):
        pq.write_table(pa.Table.from_pylist([row]), tmp_path / f"{name}.parquet")
    tables = "payments: {format: parquet, path: payments.parquet}, disputes: {format: parquet, path: disputes.parquet}"
    conf = tmp_path / "conf" / "test.yaml"
    conf.parent.mkdir()
    conf.write_text(f"{{features: [], warehouse: wh, tables: {{{tables}}}}}")
    fraud = Label("fraud", source=Source("disputes", event_time="came"), decision="payment", maturity=days(10))
    made = []
    monkeypatch.setattr(inputs, "made_rows", lambda source, *parts: made.append(source.name) or parts[0])
    read = inputs.read_inputs(spark, load_config(conf), [PAYMENTS, fraud.as_events(PAYMENTS)])
    assert made == ["fraud_of_payments"]
    assert [*read.frames] == [*read.unscreened] == ["payments", "disputes", "fraud_of_payments"]
