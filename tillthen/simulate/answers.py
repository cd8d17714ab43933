"""What the issuer answers: 3-D Secure, response codes, second attempts."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.simulate.cards import Cards, Issuers
from tillthen.simulate.draws import lookup
from tillthen.simulate.payments import of_pattern
from tillthen.simulate.world import DAY, HOUR, World

APPROVED = "00"
SOFT = ("05", "1A", "51", "61", "65", "91")
"""Codes after which the same payment may be tried again."""
STRONG = "1A"
"""The issuer wants strong authentication."""

_DECLINES = {"51": 0.42, "05": 0.24, "61": 0.10, "65": 0.08, "91": 0.08, "54": 0.04, "14": 0.04}
_DECLINES_OF_SUSPECTS = {"05": 0.35, "14": 0.20, "51": 0.15, "43": 0.10, "41": 0.08, "61": 0.07, "54": 0.05}


def attempts(world: World, payments: DataFrame) -> DataFrame:
    """Each payment's first attempt, and for some that met a soft decline a second one.

    Adds ``issuer``, ``attempt`` (1 or 2), ``authorization`` (unique), ``authentication`` (transStatus of EMV 3-D
    Secure: Y, N, U; null where none was asked for) and ``code`` (response code, ISO 8583 field 39). None of them
    depends on whether the payment is a fraud, given what ``p_true`` is given.
    """
    payment, attempt = F.col("payment"), F.col("attempt")
    issuer = Cards(world.draws, world.issuers).issuer(F.col("card"))
    first = _answered(world, payments.withColumns({"issuer": issuer, "attempt": F.lit(1), "strong": F.lit(False)}))
    again = F.col("code").isin(*SOFT) & world.draws.happens(0.35, "again", payment)
    tries = F.when(again, F.array(F.lit(1), F.lit(2))).otherwise(F.array(F.lit(1)))
    # Outer: else Spark infers that the array is not empty, and repeats all that it is made of in a filter far below.
    both = first.withColumn("tries", tries).withColumn("attempt", F.explode_outer("tries")).drop("tries")
    strong = (F.col("code") == STRONG) & (attempt == 2)
    number = payment * 2 + attempt - 1
    answered = _answered(world, both.withColumn("strong", strong)).drop("strong")
    return answered.withColumn("authorization", world.draws.token("authorization", number))


def _answered(world: World, frame: DataFrame) -> DataFrame:
    """Replace ``authentication`` and ``code`` by those of this attempt."""
    draws, keys = world.draws, (F.col("payment"), F.col("attempt"))
    large = F.col("amount") >= 3_000
    asked = F.col("ecommerce") & (F.col("strong") | draws.happens(F.when(large, 0.4).otherwise(0.1), "ask", *keys))
    status = (
        F.when(draws.happens(of_pattern(lambda x: x.authenticates), "authenticate", *keys), "Y")
        .when(draws.happens(0.8, "refuse", *keys), "N")
        .otherwise("U")
    )
    suspects = lookup(list(_DECLINES_OF_SUSPECTS), draws.choice(list(_DECLINES_OF_SUSPECTS.values()), "code", *keys))
    usual = lookup(list(_DECLINES), draws.choice(list(_DECLINES.values()), "code", *keys))
    unproven = F.col("ecommerce") & large & F.col("authentication").isNull()
    approves = 1 / (1 + F.exp(-_approval(world)))
    code = (
        F.when(F.col("authentication") == "N", "05")
        .when(unproven & draws.happens(0.15, "demand", *keys), STRONG)
        .when(draws.happens(approves, "approve", *keys), APPROVED)
        .when(of_pattern(lambda x: x.suspicion) > 0, suspects)
        .otherwise(usual)
    )
    return frame.withColumn("authentication", F.when(asked, status)).withColumn("code", code)


def _approval(world: World) -> Column:
    """Log-odds of the issuer's approval: by amount, hour, country, authentication and what it suspects."""
    issuers, issuer = Issuers(world.draws), F.col("issuer")
    hour = F.floor(F.col("at") % DAY / HOUR)
    above = F.greatest(F.lit(0.0), F.log(F.col("amount") / 20_000))
    return (
        issuers.lenience(issuer)
        - issuers.dislike("abroad", issuer) * F.col("abroad").cast("int")
        - issuers.dislike("night", issuer) * (hour < 6).cast("int")
        - issuers.dislike("amount", issuer) * above
        + F.coalesce(F.col("authentication") == "Y", F.lit(False)).cast("int") * 0.8
        - of_pattern(lambda x: x.suspicion)
        + 3.2
    )
