"""The same definitions by a night, by a backfill, and by a notebook whose session is in another zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.pit.test_apart import SETTINGS
from tillthen import cli, point_in_time
from tillthen.runtime.config import load_config

DECLARED = '''
"""A card's nights, as they are in UTC."""
from tillthen import FeatureTable, Source, Spine, count, days, feature_set, last, mean, sum

payments = Source("payments", id="payment", event_time="at", columns={"card": "string", "amount": "bigint"})


@feature_set(source=payments, entity="card")
def nights(payments):
    """What a card does by night."""
    return payments.where("date_trunc('day', at) < timestamp'2024-01-03 20:00:00'").select(
        "card", "amount", night="hour(at) < 6", said="cast(at AS string)", day="cast(at AS date)",
        coded="to_timestamp(date_format(at, 'yyyyMMddHHmm'), 'yyyyMMddHHmm')", share="amount / 3",
        exact="cast(amount AS decimal(38, 18)) / 7",
    )


nights.features(count(where="night").over(days(3)), mean("amount").over(days(3)), sum("exact").over(days(3)),
                *[last(name).over(days(3)) for name in ("said", "day", "coded", "share")])
nights.derive(hour_of_row="hour(at)", row_said="cast(at AS string)", third="nights__mean_amount_3d / 3")

cards = FeatureTable("cards", spine=Spine(payments, as_of="at", known=["card", "amount"]), feature_sets=[nights])
'''
START = datetime(2024, 1, 1, 13, tzinfo=UTC)


def run(team, warehouse, *arguments):
    assert cli.main([*arguments, "--conf", str(team.conf), "--set", f"warehouse={team.root}/{warehouse}"]) == 0


def told(frame, names):
    return sorted(frame.select(*names).toArrow().to_pylist(), key=lambda row: row["payment"])


def test_a_night_a_backfill_and_a_notebook_give_the_same_bits(spark, team):
    team.declarations.write_text(DECLARED)
    team.pay([{"payment": i, "card": "ab"[i % 2], "at": START + timedelta(hours=5 * i), "amount": 10 + i}
              for i in range(14)])  # fmt: skip
    for day in (1, 2, 3, 4):
        run(team, "nights", "run", "nightly", "--date", f"2024-01-0{day}", "--rows", "2")
    run(team, "backfill", "backfill", "cards", "--from", "2024-01-01", "--to", "2024-01-04")

    notebook = spark.newSession()
    for key, value in SETTINGS.items():
        notebook.conf.set(key, value)
    payments = notebook.read.parquet(f"{team.root}/payments.parquet")
    table = load_config(team.conf).project().table("cards")
    asked = point_in_time(payments, list(table.feature_sets), sources={"payments": payments}, as_of="at")
    names = [*table.spine.columns, *table.features]
    by_night, by_backfill = (spark.read.format("delta").load(f"{team.root}/{folder}/cards")
                             for folder in ("nights", "backfill"))  # fmt: skip
    assert len(told(asked, names)) == 14
    assert told(asked, names) == told(by_night, names) == told(by_backfill, names)
    assert {key: notebook.conf.get(key) for key in SETTINGS} == SETTINGS
