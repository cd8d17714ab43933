"""Payments as they are meant, before anyone answers: who pays whom, when, how much, and whether it is a fraud."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from tillthen.simulate.cards import Cards
from tillthen.simulate.draws import lookup
from tillthen.simulate.merchants import CATEGORIES, Category, Merchants
from tillthen.simulate.patterns import (
    ACCOUNT_TAKEOVER,
    CARD_TESTING,
    COMPROMISED_MERCHANT,
    LEAKED_CARD,
    MOST_PAYMENTS,
    ORDINARY,
    PATTERNS,
    SPREE,
    STOLEN_CARD,
    TESTED_CARD,
    Pattern,
)
from tillthen.simulate.places import COUNTRIES
from tillthen.simulate.starts import LEAKS, TESTS, by_chance, campaigns, later, ordinary_days
from tillthen.simulate.world import HOUR, World

DAYS_PER_PARTITION = 1_000_000
"""Days of cards: about 700,000 payments."""


def payments(spark: SparkSession, world: World, partitions: int | None = None) -> DataFrame:
    """All payments of a world, of every pattern, in ``partitions`` of cards, on which no row depends.

    Nothing is moved between them. Where not given, they suit the session's cores and the world's size.

    Columns: ``payment`` (unique), ``pattern`` (its number), ``card``, ``at`` (microseconds since the epoch),
    ``merchant``, ``ecommerce``, ``abroad``, ``amount`` (minor units), ``p_true``, ``is_fraud``.

    ``p_true`` is the probability of ``is_fraud`` given all other columns of all payments, the pattern included: the
    outcome is drawn last, for itself.
    """
    suitable = max(spark.sparkContext.defaultParallelism, world.cards * world.days // DAYS_PER_PARTITION)
    cards = spark.range(world.cards, numPartitions=partitions or suitable).toDF("card")
    tests = campaigns(spark, world, CARD_TESTING, TESTS)
    leaks = campaigns(spark, world, LEAKED_CARD, LEAKS)
    starts = [
        ordinary_days(world, cards),
        by_chance(world, cards, SPREE, 0.08),
        by_chance(world, cards, STOLEN_CARD, 0.010 * world.fraud),
        by_chance(world, cards, ACCOUNT_TAKEOVER, 0.008 * world.fraud),
        tests,
        later(world, tests, TESTED_CARD, 0.2, days=(1, 6)),
        leaks,
        later(world, leaks, COMPROMISED_MERCHANT, 0.6, days=(5, 30)),
    ]
    return _described(world, _dated(world, reduce(DataFrame.unionByName, starts)))


def of_pattern(value: Callable[[Pattern], float | None]) -> Column:
    """That parameter of each payment's pattern."""
    return lookup([value(pattern) for pattern in PATTERNS], F.col("pattern"))


def _of_category(value: Callable[[Category], float]) -> Column:
    return lookup([value(category) for category in CATEGORIES], F.col("category"))


def _dated(world: World, starts: DataFrame) -> DataFrame:
    """The payments of each start, as long as the world lasts: at any time of an episode, or around the card's hour."""
    draws, payment = world.draws, F.col("payment")
    number = (F.col("start") * MOST_PAYMENTS + F.col("position")) * len(PATTERNS) + F.col("pattern")
    hour = Cards(draws, world.issuers).hour(F.col("card")) + draws.normal("hour", payment) * 3.5
    ordinary = F.col("pattern") == PATTERNS.index(ORDINARY)
    wait = F.when(ordinary, F.pmod(hour, F.lit(24.0)) * HOUR).otherwise(F.col("lasts") * draws.uniform("wait", payment))
    return (
        starts.where(F.col("size") > 0)
        .withColumn("position", F.explode(F.sequence(F.lit(0), F.col("size") - 1)))
        .withColumn("payment", number)
        .select("pattern", "payment", "card", F.floor(F.col("at") + wait).alias("at"), "merchant")
        .where(F.col("at") < world.end)
    )


def _described(world: World, frame: DataFrame) -> DataFrame:
    """Add where it is made, how, and for how much; then whether it is a fraud."""
    draws, card, payment, merchant = world.draws, F.col("card"), F.col("payment"), F.col("merchant")
    who, where = Cards(draws, world.issuers), Merchants(draws, world.merchants)
    online = F.coalesce(of_pattern(lambda x: x.online), _of_category(lambda x: x.ecommerce))
    usual = who.level(card) + _of_category(lambda x: x.amount)
    more = draws.normal("amount", payment) * 0.55 + of_pattern(lambda x: x.amount)
    amount = F.floor(F.least(F.greatest(F.exp(F.col("usual") + F.col("more")), F.lit(50.0)), F.lit(2e6)))
    taste = F.col("more") * 0.4 + F.col("ecommerce").cast("int") * 0.5
    log_odds = of_pattern(lambda x: x.log_odds) + where.risk(merchant) + taste
    return (
        _at_merchant(world, frame)
        .withColumns({"category": where.category(merchant), "abroad": merchant % len(COUNTRIES) != F.col("home")})
        .withColumns({"ecommerce": draws.happens(online, "online", payment), "usual": usual, "more": more})
        .withColumns({"amount": amount, "p_true": 1 / (1 + F.exp(-log_odds))})
        .withColumn("is_fraud", draws.happens(F.col("p_true"), "fraud", payment))
        .drop("home", "category", "usual", "more")
    )


def _at_merchant(world: World, frame: DataFrame) -> DataFrame:
    """Add the merchant: a thief's choice, or the holder's, most often the card's favourite of the category."""
    draws, card, payment = world.draws, F.col("card"), F.col("payment")
    where, country, category = Merchants(draws, world.merchants), F.col("country"), F.col("category")
    abroad = draws.happens(of_pattern(lambda x: x.abroad), "abroad", payment)
    away = draws.below(len(COUNTRIES), "country", payment)
    resale = draws.choice([c.resale for c in CATEGORIES], "category", payment)
    visits = draws.choice([c.visits for c in CATEGORIES], "category", payment)
    thief = of_pattern(lambda x: x.thief)
    loyal = draws.happens(0.7, "loyal", payment)
    choice = (
        F.when(thief, where.pick(country, category, "merchant", payment, prefer="high"))
        .when(loyal, where.pick(country, category, "favourite", card, category, prefer="low"))
        .otherwise(where.pick(country, category, "merchant", payment, prefer="low"))
    )
    return (
        frame.withColumn("home", Cards(draws, world.issuers).home(card))
        .withColumn("country", F.when(abroad, away).otherwise(F.col("home")))
        .withColumn("category", F.when(thief, resale).otherwise(visits))
        .withColumn("merchant", F.coalesce(F.col("merchant"), choice))
        .drop("country", "category")
    )
