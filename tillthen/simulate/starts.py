"""Where episodes start: which card enters which pattern, and when.

A frame of starts has ``pattern``, its number, ``start``, unique within the pattern, ``card``, ``at`` in microseconds
since the epoch, ``merchant``, null where each payment has its own, ``size``, how many payments follow, and ``lasts``,
within how many microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from tillthen.simulate.cards import BUSIEST_DAY, Cards
from tillthen.simulate.draws import Draws
from tillthen.simulate.merchants import CATEGORIES, Merchants
from tillthen.simulate.patterns import ORDINARY, PATTERNS, Pattern
from tillthen.simulate.places import COUNTRIES
from tillthen.simulate.world import DAY, HOUR, World

MOST_MONTHS = 128
MOST_CARDS = 128


@dataclass(frozen=True)
class Campaign:
    """Many cards at one online merchant.

    Parameters
    ----------
    every
        Days of cards for each campaign in the reference world: twice the cards or the days, twice the campaigns.
    cards, hours
        How many cards, fewer than `MOST_CARDS`, and for how long: the least and the most.
    """

    name: str
    every: int
    cards: tuple[int, int]
    hours: tuple[int, int]


TESTS = Campaign("test", every=70_000, cards=(20, 100), hours=(1, 4))
"""A thief finds out which of the stolen cards still work."""
LEAKS = Campaign("leak", every=45_000, cards=(10, 40), hours=(48, 240))
"""A thief reads what a merchant's customers enter."""


def ordinary_days(world: World, cards: DataFrame) -> DataFrame:
    """Each card on each day, with a binomial number of payments."""
    draws, card, day, start = world.draws, F.col("card"), F.col("day"), F.col("start")
    habits = Cards(draws, world.issuers)
    weekend = (day + (world.begin // DAY + 3)) % 7 >= 5  # 1970-01-01 was a Thursday
    rate = F.col("daily") * F.when(weekend, F.col("weekend")).otherwise(1.0)
    tries = [draws.happens(F.col("share"), f"payment {n}", start).cast("int") for n in range(BUSIEST_DAY)]
    return (
        cards.withColumns({"daily": habits.daily(card), "weekend": habits.weekend(card)})
        .withColumn("day", F.explode(F.sequence(F.lit(0), F.lit(world.days - 1))))
        .withColumns({"start": card * world.days + day, "share": F.least(rate / BUSIEST_DAY, F.lit(0.95))})
        .select(*_start(draws, ORDINARY, start, card, day * DAY + world.begin, size=sum(tries, F.lit(0))))
    )


def by_chance(world: World, cards: DataFrame, pattern: Pattern, monthly: float) -> DataFrame:
    """Each card enters the pattern with probability ``monthly`` in each 30 days, at any time of them."""
    draws, card, month = world.draws, F.col("card"), F.col("month")
    months = F.sequence(F.lit(0), F.lit((world.days - 1) // 30))
    at = (month + draws.uniform(f"{pattern.name} start", card, month)) * (30 * DAY) + world.begin
    return (
        cards.select("card", F.explode(months).alias("month"))
        .where(draws.happens(monthly, pattern.name, card, month))
        .select(*_start(draws, pattern, card * MOST_MONTHS + month, card, at))
    )


def campaigns(spark: SparkSession, world: World, pattern: Pattern, kind: Campaign) -> DataFrame:
    """Random cards at the merchants of all campaigns of a kind, at any time of the campaign."""
    draws, campaign, start = world.draws, F.col("campaign"), F.col("start")
    (fewest, most), (shortest, longest) = kind.cards, kind.hours
    size = draws.below(most - fewest + 1, f"{kind.name} size", campaign) + fewest
    begins = draws.uniform(f"{kind.name} begin", campaign) * (world.days * DAY) + world.begin
    lasts = (draws.uniform(f"{kind.name} hours", campaign) * (longest - shortest) + shortest) * HOUR
    country = draws.choice(list(COUNTRIES.values()), f"{kind.name} country", campaign)
    category = draws.choice([c.ecommerce * c.resale for c in CATEGORIES], f"{kind.name} category", campaign)
    merchants = Merchants(draws, world.merchants)
    merchant = merchants.pick(country, category, f"{kind.name} merchant", campaign, prefer="high")
    card = draws.below(world.cards, f"{kind.name} card", start)
    at = begins + lasts * draws.uniform(f"{kind.name} moment", start)
    return (
        spark.range(round(world.fraud * world.cards * world.days / kind.every), numPartitions=1)
        .toDF("campaign")
        .select("campaign", F.explode(F.sequence(F.lit(0), (size - 1).cast("int"))).alias("victim"))
        .select("campaign", (campaign * MOST_CARDS + F.col("victim")).alias("start"))
        .select(*_start(draws, pattern, start, card, at, merchant=merchant))
    )


def later(world: World, starts: DataFrame, pattern: Pattern, share: float, days: tuple[int, int]) -> DataFrame:
    """That share of the starts enters another pattern, after a number of days in the given range."""
    start, (soonest, latest) = F.col("start"), days
    waits = (world.draws.uniform(f"{pattern.name} wait", start) * (latest - soonest) + soonest) * DAY
    chosen = starts.where(world.draws.happens(share, pattern.name, start))
    return chosen.select(*_start(world.draws, pattern, start, F.col("card"), F.col("at") + waits))


def _start(draws: Draws, pattern: Pattern, start: Column, card: Column, at: Column, *,
           merchant: Column | None = None, size: Column | None = None) -> list[Column]:  # fmt: skip
    (fewest, most), (shortest, longest) = pattern.payments, pattern.hours
    drawn = draws.below(most - fewest + 1, f"{pattern.name} size", start) + fewest
    lasts = (draws.uniform(f"{pattern.name} hours", start) * (longest - shortest) + shortest) * HOUR
    return [
        F.lit(PATTERNS.index(pattern)).alias("pattern"),
        start.alias("start"),
        card.alias("card"),
        F.floor(at).alias("at"),
        (F.lit(None) if merchant is None else merchant).cast("bigint").alias("merchant"),
        (drawn if size is None else size).cast("int").alias("size"),
        lasts.alias("lasts"),
    ]
