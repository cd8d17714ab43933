from tillthen import Label, Source, days
from tillthen.build.inputs import frame_of
from tillthen.define.expect import between

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
