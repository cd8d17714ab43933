"""The simulator's card business in nightly batches: rows that land late, rows that are corrected, disputes won."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
from deltalake import write_deltalake
from pyspark.sql import SparkSession

from tests.materialize.nightly import START
from tillthen.runtime.config import Config, load_config
from tillthen.simulate.run import simulate

HISTORY = 60
"""Days before the first night, which are there at the start."""
WORLD = {"cards": 150, "days": HISTORY + 30, "fraud": 20, "late": 0.05, "duplicates": 0.01, "seed": 5,
         "start": (START - timedelta(days=HISTORY)).date()}  # fmt: skip
DECLARED = '''
"""Authorizations and disputes, each version with when it was told and when it landed."""
from tillthen import (
    FeatureTable, Snapshots, Source, Spine, count, count_distinct, days, expect, feature_set, hours, last, rate, stddev,
    sum,
)

landing = dict(known_time="told_at", landed_time="landed_at", landing=hours(6), versions=True, sequence=["revision"],
               immutable_event_time=True)
authorizations = Source("authorizations", id="authorization_id", event_time="authorized_at",
                        expect=[expect.volume(least=1), expect.stable("amount_minor")], **landing)
disputes = Source("disputes", id="dispute_id", event_time="disputed_at", deleted="won", **landing)


@feature_set(source=authorizations, entity="card_id", owner="fraud-features")
def velocity(authorizations):
    """How often, how much and where a card pays."""
    return authorizations.select("card_id", "amount_minor", "merchant_id", foreign="card_country <> merchant_country")


velocity.features(count().over(hours(1), days(1), days(7)), sum("amount_minor").over(days(7)),
                  stddev("amount_minor").over(days(30)), count_distinct("merchant_id").over(days(7)),
                  rate("foreign").over(days(30)), last("amount_minor").over(days(30)))


@feature_set(source=disputes, entity="merchant_id", owner="fraud-features")
def risk(disputes):
    """Frauds at a merchant that are reported and not won."""
    return disputes.where("reason_code LIKE '10.%'").select("merchant_id", "amount_minor")


risk.features(count().over(days(30), days(60)), sum("amount_minor").over(days(60)))

cards = FeatureTable("cards", Spine(authorizations, "authorized_at", ["card_id", "merchant_id", "amount_minor"]),
                     [velocity, risk], row_features=["amount_minor"])
card_days = FeatureTable("card_days", Snapshots(authorizations, entity="card_id", active=days(7)), [velocity])
'''


@dataclass(frozen=True)
class Simulated:
    """Its batches, a table of each for each night in the order of landing; kept as files."""

    folder: Path

    def land(self, tables: Path, night: int) -> None:
        """Append a night's batch to the tables in a folder; the first holds the history too."""
        for name in ("authorizations", "disputes"):
            batch = pd.read_parquet(self.folder / f"{name}.parquet")
            rows = batch[batch["night"] == night].drop(columns="night")
            write_deltalake(str(tables / name), pa.Table.from_pandas(rows, preserve_index=False), mode="append")

    def facts(self) -> dict[str, int]:
        """How many rows landed late and how many are corrections."""
        return json.loads((self.folder / "facts.json").read_text())


def simulated(spark: SparkSession, folder: Path) -> Simulated:
    """Make the world once and cut it into nights."""
    done = Simulated(folder)
    if (folder / "facts.json").exists():
        return done
    config = Config(root=folder, warehouse=str(folder / "wh"), simulate=WORLD)
    simulate(config)
    found = {}
    for name, id, known in (("authorizations", "authorization_id", "ingested_at"),
                            ("disputes", "dispute_id", "arrived_at")):  # fmt: skip
        frame = spark.read.format("delta").load(config.table(name).path).toArrow().to_pandas()
        frame = _versions(frame, id, known)
        batches = _landed(frame, id)
        batches.to_parquet(folder / f"{name}.parquet")
        late = (batches["landed_at"] - batches["told_at"].dt.floor("D")).dt.days > 1
        found |= {f"{name}_late": int((late & (batches["night"] > 0)).sum()),
                  f"{name}_corrections": int((batches["revision"] > 0).sum()), name: len(batches)}  # fmt: skip
    (folder / "facts.json").write_text(json.dumps(found))
    return done


def _versions(frame: pd.DataFrame, id: str, known: str) -> pd.DataFrame:
    """What was told first; then a third of the amounts put right a day later, or a dispute that was won."""
    first = frame.assign(told_at=frame[known], revision=0)
    if "reversed_at" in frame:
        first["won"] = False
        over = first[first["reversed_at"].notna()].assign(won=True, revision=1)
        over["told_at"] = over["reversed_at"]
        return pd.concat([first, over]).drop(columns="reversed_at")
    wrong = first[_draw(first[id], 1) < 0.03].assign(revision=1)
    wrong["amount_minor"] += 100
    wrong["told_at"] += pd.to_timedelta(1 + 48 * _draw(wrong[id], 2), unit="h").dt.floor("us")
    return pd.concat([first, wrong])


def _landed(frame: pd.DataFrame, id: str) -> pd.DataFrame:
    """Each row with when it landed: hours after its day is over, and one in twelve one to four nights later."""
    late = (_draw(frame[id], 3 + frame["revision"]) < 1 / 12) * (1 + 3.99 * _draw(frame[id], 9)).astype(int)
    night = (frame["told_at"] - pd.Timestamp(START)).dt.days + late
    hours = pd.to_timedelta(5 * _draw(frame[id], 7), unit="h").dt.floor("us")
    landed = frame["told_at"].dt.floor("D") + pd.to_timedelta(late + 1, unit="D") + hours
    batches = frame.assign(landed_at=landed.astype("datetime64[us, UTC]"), night=night.clip(lower=0).astype(int))
    return batches.astype({"told_at": "datetime64[us, UTC]"}).sort_values([id, "revision"])


def _draw(ids: pd.Series, salt: int | pd.Series) -> pd.Series:
    """A number in [0, 1) for each id, the same for equal ids."""
    mixed = pd.util.hash_array((ids.astype(str) + ":" + pd.Series(salt, ids.index).astype(str)).to_numpy(dtype=object))
    return pd.Series((mixed % 1_000_003) / 1_000_003, ids.index)


def team(root: Path, tables: Path) -> Config:
    """A project in a folder of its own on the batches' tables."""
    listed = ", ".join(f"{name}: {{path: {tables / name}}}" for name in ("authorizations", "disputes"))
    conf = f"{{features: [features/cards.py], warehouse: wh, lease_seconds: 2, tables: {{{listed}}}}}"
    for name, text in (("features/cards.py", DECLARED), ("conf/test.yaml", conf)):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return load_config(root / "conf" / "test.yaml")
