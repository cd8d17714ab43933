#!/usr/bin/env bash
# Feast: the default offline store drops the payments whose key has no value yet.
#
# One would guess: get_historical_features gives a row for every row asked for, with nulls where nothing is known at that time;
# that is what a left join as of a time means, and what a key that is nowhere in the source gets.
# What happens: a row whose key has only later values, or only values older than the ttl, is left out of the answer, while a
# row whose key is not in the source at all comes back with a null.
# Why it matters: first payments of new cards and merchants, and those after a long rest, are those to judge. The training set
# loses them without a word, the share of frauds in it is another, and each view more drops more rows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet feast==0.67.0
cd "$folder"
venv/bin/python - <<'PYTHON'
from datetime import datetime, timedelta, timezone
from importlib.metadata import version

import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Int64


def day(number: int) -> datetime:
    return datetime(2024, 1, number, tzinfo=timezone.utc)


values = pd.DataFrame({"card": [1, 2, 3], "at": [day(9), day(20), day(1)], "spent": [10, 20, 30]})
values.to_parquet("cards.parquet")
card = Entity(name="card", join_keys=["card"], value_type=ValueType.INT64)
view = FeatureView(
    name="cards",
    entities=[card],
    ttl=timedelta(days=5),
    schema=[Field(name="spent", dtype=Int64)],
    source=FileSource(path="cards.parquet", timestamp_field="at"),
)
store = FeatureStore(config=RepoConfig(
    project="payments", provider="local", registry="registry.db", online_store={"type": "sqlite", "path": "online.db"},
    entity_key_serialization_version=3,
))
store.apply([card, view])
asked = pd.DataFrame({"card": [1, 2, 3, 4], "event_timestamp": [day(10)] * 4})
got = store.get_historical_features(entity_df=asked, features=["cards:spent"]).to_df()
answer = {int(row.card): None if pd.isna(row.spent) else int(row.spent) for row in got.itertuples()}
print("feast", version("feast"), "offline store", store.config.offline_store.type)
print("asked: 1 (known), 2 (only later), 3 (older than the ttl), 4 (nowhere in the source)")
print("answer, card: spent =", answer)
assert answer == {1: 10, 4: None}, "the answer has changed"
PYTHON
