"""Fields of structs in every place that takes a row expression."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from tillthen.materialize.runs.build import build
from tillthen.runtime.config import load_config

DECLARATIONS = """
from tillthen import FeatureTable, Source, Spine, count, days, feature_set

payments = Source("payments", id="payment", event_time="at")


@feature_set(source=payments, entity="card")
def abroad(payments):
    home = payments.where("merchant.country <> 'XX'")
    return home.select("card", country="merchant.country", town="merchant.at.town")


abroad.features(count(where="country = 'FR'").over(days(7)), count(by={"town": ["Lyon"]}).over(days(7)))
nested = FeatureTable(
    "nested", Spine(payments, as_of="at", known=["card", "merchant"]), [abroad],
    derived={"far": "merchant.country = 'FR'"},
)
"""


def merchant(country: str, town: str) -> dict[str, object]:
    return {"country": country, "at": {"town": town}}


def test_features_conditions_and_derived_columns_read_fields(spark, team):
    shops = [merchant("FR", "Lyon"), merchant("XX", "Lyon"), merchant("GB", "Leeds"), merchant("FR", "Nice")]
    rows = [{"payment": i, "card": "a", "at": datetime(2024, 1, i + 1, tzinfo=UTC), "merchant": shop}
            for i, shop in enumerate(shops)]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), team.root / "payments.parquet")
    team.declarations.write_text(DECLARATIONS)
    config = load_config(team.conf)
    build(config, config.project())
    found = spark.read.format("delta").load(f"{team.root}/wh/nested").orderBy("payment").collect()
    counted = [(row.abroad__count_where_country_eq_FR_7d, row.abroad__count_by_town_Lyon_7d, row.far) for row in found]
    assert counted == [(0, 0, True), (1, 1, False), (1, 1, False), (1, 1, True)]
