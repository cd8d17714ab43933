"""The truth about every attempt: no feature may read it, and it is in no table of the configuration."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.simulate.answers import APPROVED
from tillthen.simulate.disputes import reported, won
from tillthen.simulate.draws import lookup
from tillthen.simulate.patterns import PATTERNS


def truth(attempts: DataFrame) -> DataFrame:
    """One row for each attempt: what it was, and how probable that was.

    ``p_true`` is the probability of ``is_fraud`` given everything that was drawn before the outcome: the ``pattern``
    that the card was in, and every column of every row of ``authorizations``, this one's answer included. Outcomes of
    different payments are independent given that; the attempts of one payment share ``payment_id`` and outcome. So
    for any score made from authorizations and from earlier payments' disputes, E[is_fraud | score] = E[p_true | score]
    exactly: calibration can be measured against ``p_true`` without the outcomes' noise. It is not what the best model
    could know, since no model sees the pattern.

    ``p_dispute`` is, given the same, the probability of a fraud dispute that is never won: of the label, once every
    dispute has arrived and ended. It is 0 where the issuer declined.
    """
    stands = F.col("p_true") * reported() * (1 - won())
    return attempts.select(
        F.col("authorization").alias("authorization_id"),
        F.col("payment").alias("payment_id"),
        lookup([pattern.name for pattern in PATTERNS], F.col("pattern")).alias("pattern"),
        "p_true",
        "is_fraud",
        F.when(F.col("code") == APPROVED, stands).otherwise(0.0).alias("p_dispute"),
    )
