"""A card business whose tables grow night by night, with rows that land late and rows that are corrected."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from tillthen.runtime.config import Config, load_config

START = datetime(2024, 3, 1, tzinfo=UTC)
DECLARED = '''
"""Payments and disputes, each with when it landed."""
from tillthen import FeatureTable, Snapshots, Source, Spine, count, days, feature_set, hours, last, rate, stddev, sum

payments = Source("payments", id="payment", event_time="at", known_time="known", landed_time="landed",
                  landing=hours(6), columns={"card": "string", "amount": "bigint"})
disputes = Source("disputes", id="dispute", event_time="at", known_time="known", landed_time="landed",
                  landing=hours(6), versions=True, sequence=["revision"])


@feature_set(source=payments, entity="card")
def spending(payments):
    """How much a card spends."""
    return payments.select("card", "amount")


spending.features(count().over(hours(12), days(3)), sum("amount").over(days(3)), stddev("amount").over(days(7)),
                  last("amount").over(days(7)))


@feature_set(source=disputes, entity="card")
def trouble(disputes):
    """How often a card's payments are disputed, as it was told."""
    return disputes.select("card", fraud="reason = 'fraud'")


trouble.features(count().over(days(7)), rate("fraud").over(days(7)))

cards = FeatureTable("cards", spine=Spine(payments, as_of="at", known=["card", "amount"]), row_features=["amount"],
                     feature_sets=[spending, trouble])
card_days = FeatureTable("card_days", spine=Snapshots(payments, entity="card", active=days(2)),
                         feature_sets=[spending, trouble])
'''
TIME = pa.timestamp("us", "UTC")
PAYMENTS = pa.schema([("payment", pa.int64()), ("card", pa.string()), ("amount", pa.int64()),
                      *((name, TIME) for name in ("at", "known", "landed"))])  # fmt: skip
DISPUTES = pa.schema([("dispute", pa.int64()), ("revision", pa.int64()), ("card", pa.string()),
                      ("reason", pa.string()), *((name, TIME) for name in ("at", "known", "landed"))])  # fmt: skip


@dataclass(frozen=True)
class Business:
    """Its batches, one for each night in the order of landing: rows of both tables."""

    payments: list[list[dict[str, object]]]
    disputes: list[list[dict[str, object]]]

    def land(self, folder: Path, night: int) -> None:
        """Append a night's batch to the tables in a folder."""
        for name, batches, schema in (("payments", self.payments, PAYMENTS), ("disputes", self.disputes, DISPUTES)):
            write_deltalake(str(folder / name), pa.Table.from_pylist(batches[night], schema), mode="append")


def business(nights: int, a_day: int, seed: int) -> Business:
    """A tenth of the rows lands one to four nights after it claims to have been known; a third is corrected later."""
    draw = random.Random(seed)
    batches: tuple[list[list[dict[str, object]]], ...] = ([], [])
    for found in batches:
        found.extend([] for _ in range(nights))

    def put(table: int, day: int, row: dict[str, object]) -> None:
        landing = day + (draw.randint(1, 4) if draw.random() < 0.1 else 0)
        landed = START + timedelta(days=landing + 1, hours=draw.random() * 5)
        batches[table][min(landing, nights - 1)].append(row | {"landed": min(landed, _end(nights))})

    for number in range(nights * a_day):
        day = number // a_day
        at = START + timedelta(days=day, microseconds=draw.randrange(86_400_000_000))
        card = f"c{draw.randrange(6)}"
        known = at + timedelta(seconds=draw.choice([0, 2, 600]))
        put(0, day, {"payment": number, "card": card, "amount": draw.randrange(1, 10_000), "at": at, "known": known})
        if draw.random() < 0.3:
            for revision, reason in enumerate(draw.sample(["fraud", "quality", "fraud?"], draw.randint(1, 2))):
                told = known + timedelta(hours=30 * (revision + draw.random()))
                told_of = {"dispute": number, "revision": revision, "card": card, "reason": reason}
                if told < _end(nights - 1):
                    put(1, (told - START).days, told_of | {"at": told, "known": told})
    return Business(*batches)


def _end(nights: int) -> datetime:
    return START + timedelta(days=nights, hours=5)


def warehouse(root: Path, tables: Path) -> Config:
    """A project in a folder of its own on the business's tables."""
    for name, text in (("features/cards.py", DECLARED), ("conf/test.yaml", _conf(tables))):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return load_config(root / "conf" / "test.yaml")


def _conf(tables: Path) -> str:
    listed = ", ".join(f"{name}: {{path: {tables / name}}}" for name in ("payments", "disputes"))
    return f"{{features: [features/cards.py], warehouse: wh, lease_seconds: 2, tables: {{{listed}}}}}"


def night(number: int) -> date:
    """The day of a night's batch."""
    return (START + timedelta(days=number)).date()
