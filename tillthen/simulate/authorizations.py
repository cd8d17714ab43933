"""The table of authorizations: one row for each attempt, with the times at which its parts were known."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.simulate.cards import Cards, Issuers
from tillthen.simulate.draws import stamp
from tillthen.simulate.merchants import Merchants
from tillthen.simulate.world import HOUR, World

SECOND = 1_000_000


def timed(world: World, attempts: DataFrame) -> DataFrame:
    """Add ``authorized``, ``ingested`` and ``answered``, in microseconds since the epoch.

    ``authorized`` is when the attempt happened and is decided on; a second one follows the first after two minutes or
    more. ``ingested`` is when the request reached the store that features are made from, ``answered`` when response
    code and authentication did: authorized < ingested < answered.
    """
    draws, key = world.draws, F.col("authorization")
    wait = draws.exponential(300 * SECOND, "try wait", key) + 120 * SECOND
    late = draws.exponential(6 * HOUR, "lateness", key)
    challenge = draws.exponential(30 * SECOND, "challenge", key) + 15 * SECOND
    transit = draws.exponential(0.8 * SECOND, "transit", key) + 0.2 * SECOND
    answer = draws.exponential(1.0 * SECOND, "answer", key) + 0.3 * SECOND
    is_late = draws.happens(world.late, "late", key)
    asked = F.col("authentication").isNotNull()
    authorized = F.col("at") + F.floor(F.when(F.col("attempt") == 2, wait).otherwise(0.0))
    ingested = F.col("authorized") + F.floor(transit + F.when(is_late, late).otherwise(0.0))
    answered = F.col("ingested") + F.floor(answer + F.when(asked, challenge).otherwise(0.0))
    return (
        attempts.withColumn("authorized", authorized).withColumn("ingested", ingested).withColumn("answered", answered)
    )


def authorizations(world: World, attempts: DataFrame) -> DataFrame:
    """One row for each attempt, a few of them twice; tokens only."""
    draws = world.draws
    cards, issuers, merchants = Cards(draws, world.issuers), Issuers(draws), Merchants(draws, world.merchants)
    return delivered(world, "authorization", attempts).select(
        F.col("authorization").alias("authorization_id"),
        cards.token(F.col("card")).alias("card_id"),
        issuers.token(F.col("issuer")).alias("issuer_id"),
        issuers.country(F.col("issuer")).alias("card_country"),
        merchants.token(F.col("merchant")).alias("merchant_id"),
        merchants.mcc(F.col("merchant")).alias("mcc"),
        merchants.country(F.col("merchant")).alias("merchant_country"),
        F.col("amount").alias("amount_minor"),
        F.lit(world.currency).alias("currency"),
        F.when(F.col("ecommerce"), "ecommerce").otherwise("present").alias("channel"),
        "attempt",
        stamp(F.col("authorized")).alias("authorized_at"),
        stamp(F.col("ingested")).alias("ingested_at"),
        stamp(F.col("answered")).alias("answered_at"),
        F.col("code").alias("response_code"),
        F.col("authentication").alias("three_ds"),
    )


def delivered(world: World, key: str, rows: DataFrame) -> DataFrame:
    """The rows as a queue that delivers at least once hands them over: a share of them twice, identically."""
    again = world.draws.happens(world.duplicates, f"{key} again", F.col(key))
    times = F.when(again, F.array(F.lit(1), F.lit(2))).otherwise(F.array(F.lit(1)))
    return rows.withColumn("delivery", F.explode(times)).drop("delivery")
