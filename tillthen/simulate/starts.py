"""Where episodes start: which card enters which pattern, and when.

A frame of starts has ``start``, a number unique within the pattern, ``card``, ``at`` in microseconds since the epoch,
and ``merchant``, null where the pattern chooses its merchants itself.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from tillthen.simulate.merchants import CATEGORIES, Merchants
from tillthen.simulate.patterns import Pattern
from tillthen.simulate.places import COUNTRIES
from tillthen.simulate.world import DAY, World

HOUR = DAY // 24
MONTH = 30 * DAY
VICTIMS = 100
"""The most cards of one testing campaign."""


def by_chance(world: World, cards: DataFrame, pattern: Pattern, monthly: float) -> DataFrame:
    """Each card enters the pattern with probability ``monthly`` in each 30 days, at any time of them."""
    months = F.sequence(F.lit(0), F.lit(-(-world.days // 30) - 1))
    keys = (F.col("card"), F.col("month"))
    start = F.col("card") * 128 + F.col("month")
    at = F.lit(world.begin) + (F.col("month") + world.draws.uniform(f"{pattern.name} start", *keys)) * MONTH
    return (
        cards.select("card", F.explode(months).alias("month"))
        .where(world.draws.happens(monthly, pattern.name, *keys))
        .select(start.alias("start"), "card", *_at(at))
    )


def card_tests(spark: SparkSession, world: World) -> DataFrame:
    """Campaigns: 20 to 100 random cards within one to four hours, at one merchant that sells online."""
    draws, campaign = world.draws, F.col("campaign")
    campaigns = round(world.fraud * world.cards * world.days / 110_000)
    size = draws.below(VICTIMS - 19, "test size", campaign) + 20
    merchant = Merchants(draws, world.merchants).pick(
        draws.choice(list(COUNTRIES.values()), "test country", campaign),
        draws.choice([category.ecommerce * category.resale for category in CATEGORIES], "test category", campaign),
        "test merchant", campaign, skew=0.6,
    )  # fmt: skip
    begins = draws.uniform("test begin", campaign) * (world.end - world.begin) + F.lit(world.begin)
    start = campaign * VICTIMS + F.col("victim")
    lasts = (draws.below(4, "test hours", campaign) + 1) * draws.uniform("test moment", start) * HOUR
    victims = F.explode(F.sequence(F.lit(0), (size - 1).cast("int"))).alias("victim")
    return (
        spark.range(campaigns).select(F.col("id").alias("campaign"), begins.alias("begins"))
        if False
        else spark.range(campaigns).select(F.col("id").alias("campaign"))
    ).select("campaign", victims).select(
        start.alias("start"), draws.below(world.cards, "test card", start).alias("card"), *_at(begins + lasts, merchant)
    )


def tested_cards(world: World, tests: DataFrame) -> DataFrame:
    """A fifth of the tested cards is used one to six days after the test."""
    start = F.col("start")
    waits = (world.draws.uniform("tested wait", start) * 5 + 1) * DAY
    chosen = tests.where(world.draws.happens(0.2, "tested use", start))
    return chosen.select("start", "card", *_at(F.col("at") + waits))
