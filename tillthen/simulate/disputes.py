"""Disputes: weeks late, some for other reasons than fraud, some won."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.simulate.answers import APPROVED
from tillthen.simulate.authorizations import delivered
from tillthen.simulate.cards import Cards
from tillthen.simulate.draws import stamp
from tillthen.simulate.merchants import Merchants
from tillthen.simulate.payments import of_pattern
from tillthen.simulate.world import DAY, World

FRAUD_ONLINE, FRAUD_PRESENT, NOT_RECEIVED = "10.4", "10.3", "13.1"
"""Visa's reason codes."""
COMPLAINTS = 0.0008
"""Share of genuine payments that are disputed for another reason than fraud."""


def disputes(world: World, attempts: DataFrame) -> DataFrame:
    """Approved payments that were disputed, a few rows twice; a declined attempt is never disputed.

    ``disputed_at`` follows the payment by a log-normal wait with a median of 9 days, at most 120. The dispute reaches
    us at ``arrived_at``, 1 day and on average 2 more later. If we win it, we know at ``reversed_at``, 10 to 60 days
    after its arrival. The table goes on after the last payment, until the last reversal.
    """
    draws, key, fraud = world.draws, F.col("authorization"), F.col("is_fraud")
    share = F.when(fraud, reported()).otherwise(COMPLAINTS)
    reason = F.when(fraud & F.col("ecommerce"), FRAUD_ONLINE).when(fraud, FRAUD_PRESENT).otherwise(NOT_RECEIVED)
    waits = F.least(F.exp(draws.normal("dispute wait", key) * 0.7) * 9, F.lit(120.0))
    transit = draws.exponential(2.0, "dispute transit", key) + 1
    reversal = draws.uniform("dispute reversal", key) * 50 + 10
    opened = F.col("authorized") + F.floor(waits * DAY)
    arrived = F.col("opened") + F.floor(transit * DAY)
    over = F.when(draws.happens(won(), "win", key), F.col("arrived") + F.floor(reversal * DAY))
    made = attempts.where((F.col("code") == APPROVED) & draws.happens(share, "dispute", key))
    return delivered(world, "dispute", made.withColumn("dispute", draws.token("dispute", key))).withColumn(
        "opened", opened).withColumn("arrived", arrived).select(
        F.col("dispute").alias("dispute_id"),
        key.alias("authorization_id"),
        Cards(draws, world.issuers).token(F.col("card")).alias("card_id"),
        Merchants(draws, world.merchants).token(F.col("merchant")).alias("merchant_id"),
        reason.alias("reason_code"),
        F.col("amount").alias("amount_minor"),
        F.lit(world.currency).alias("currency"),
        stamp(F.col("opened")).alias("disputed_at"),
        stamp(F.col("arrived")).alias("arrived_at"),
        stamp(over).alias("reversed_at"),
    )  # fmt: skip


def reported() -> Column:
    """Share of approved frauds that come back as a fraud dispute.

    Small ones are overlooked, and where the holder was authenticated the loss is mostly the issuer's.
    """
    noticed = F.when(F.col("amount") < 1_000, 0.55).otherwise(0.92)
    return F.when(F.col("authentication") == "Y", noticed * 0.2).otherwise(noticed)


def won() -> Column:
    """Share of disputes that we win: more often against the holder than where a thief paid."""
    return F.when(of_pattern(lambda x: x.thief), 0.04).otherwise(0.3)
