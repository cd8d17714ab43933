"""Merchants: where they are, what they sell, how risky that is. All of it follows from a merchant's number."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from tillthen.simulate.draws import Draws, lookup
from tillthen.simulate.places import COUNTRIES, member, members


@dataclass(frozen=True)
class Category:
    """What merchants of a category have in common.

    Parameters
    ----------
    mcc
        Merchant category code, ISO 18245.
    visits
        Share of ordinary payments.
    amount
        Logarithm of the usual amount against a card's usual one.
    ecommerce
        Share of ordinary payments made online.
    resale
        Share of a thief's payments: what is bought is easily turned into money.
    risk
        Added to the log-odds of fraud.
    """

    mcc: str
    visits: float
    amount: float
    ecommerce: float
    resale: float
    risk: float


CATEGORIES = (
    Category("5411", visits=0.34, amount=0.0, ecommerce=0.08, resale=0.06, risk=-0.6),  # grocery
    Category("5541", visits=0.11, amount=0.4, ecommerce=0.0, resale=0.04, risk=-0.4),  # fuel
    Category("5812", visits=0.20, amount=-0.2, ecommerce=0.1, resale=0.04, risk=-0.5),  # restaurants
    Category("5651", visits=0.12, amount=0.5, ecommerce=0.5, resale=0.14, risk=0.0),  # clothing
    Category("5732", visits=0.05, amount=1.4, ecommerce=0.7, resale=0.30, risk=0.5),  # electronics
    Category("4722", visits=0.03, amount=1.8, ecommerce=0.9, resale=0.10, risk=0.3),  # travel
    Category("5816", visits=0.10, amount=-0.7, ecommerce=1.0, resale=0.12, risk=0.7),  # games
    Category("5947", visits=0.03, amount=0.3, ecommerce=0.6, resale=0.15, risk=0.8),  # gift cards
    Category("7995", visits=0.02, amount=0.3, ecommerce=1.0, resale=0.05, risk=0.9),  # betting
)
CELLS = len(COUNTRIES) * len(CATEGORIES)
"""The fewest merchants that leave no category of a country empty."""


@dataclass(frozen=True)
class Merchants:
    """``total`` merchants, as columns over a merchant's number in [0, total)."""

    draws: Draws
    total: int

    def pick(self, country: Column, category: Column, name: str, *keys: Column, prefer: str) -> Column:
        """A merchant of that country and category; ``prefer`` "low" for the popular ones."""
        cell = country + category * len(COUNTRIES)
        return member(CELLS, cell, self.draws.below(members(self.total, CELLS, cell), name, *keys, prefer=prefer))

    def country(self, merchant: Column) -> Column:
        """ISO 3166 code."""
        return lookup(list(COUNTRIES), merchant % len(COUNTRIES))

    def mcc(self, merchant: Column) -> Column:
        """Merchant category code."""
        return lookup([category.mcc for category in CATEGORIES], self.category(merchant))

    def category(self, merchant: Column) -> Column:
        """Index into `CATEGORIES`."""
        return F.floor(merchant / len(COUNTRIES)) % len(CATEGORIES)

    def popular(self, merchant: Column) -> Column:
        """Whether it is the most visited one of its category in its country."""
        return merchant < CELLS

    def risk(self, merchant: Column) -> Column:
        """Its own and its category's part in the log-odds of fraud."""
        own = self.draws.normal("merchant risk", merchant) * 0.7
        return own + lookup([category.risk for category in CATEGORIES], self.category(merchant))

    def token(self, merchant: Column) -> Column:
        """The merchant's id."""
        return F.concat(F.lit("merchant_"), F.lpad(merchant.cast("string"), 8, "0"))


def merchant_table(spark: SparkSession, draws: Draws, total: int) -> DataFrame:
    """One row for each merchant: where it is and what it sells."""
    merchants, number = Merchants(draws, total), F.col("id")
    return spark.range(total).select(
        merchants.token(number).alias("merchant_id"),
        merchants.mcc(number).alias("mcc"),
        merchants.country(number).alias("country"),
    )
