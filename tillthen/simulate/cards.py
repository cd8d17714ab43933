"""Cards and their habits, issuers and their strictness. All of it follows from a card's or an issuer's number."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

from tillthen.simulate.draws import Draws, lookup
from tillthen.simulate.places import COUNTRIES, member, members

BUSIEST_DAY = 8
"""The most ordinary payments that a card makes in a day."""


@dataclass(frozen=True)
class Cards:
    """Cards as columns over a card's number."""

    draws: Draws
    issuers: int

    def home(self, card: Column) -> Column:
        """Index into `COUNTRIES` of the country that the card was issued in."""
        return self.draws.choice(list(COUNTRIES.values()), "card home", card)

    def daily(self, card: Column) -> Column:
        """Payments a day: log-normal with mean 0.7, at most 5 on average."""
        return F.least(F.exp(self.draws.normal("card frequency", card) * 0.7 - 0.6), F.lit(5.0))

    def level(self, card: Column) -> Column:
        """Logarithm of the card's usual amount in minor units: 20 on average, within 8 to 50 for most."""
        return self.draws.normal("card level", card) * 0.45 + 7.6

    def hour(self, card: Column) -> Column:
        """The hour of the day, UTC, around which it pays."""
        return self.draws.normal("card hour", card) * 2.5 + 14.5

    def weekend(self, card: Column) -> Column:
        """How much more often than on other days it pays on Saturdays and Sundays."""
        return F.exp(self.draws.normal("card weekend", card) * 0.4)

    def issuer(self, card: Column) -> Column:
        """The number of its issuer, one of its home country."""
        home, cells = self.home(card), len(COUNTRIES)
        rank = self.draws.below(members(self.issuers, cells, home), "card issuer", card, prefer="low")
        return member(cells, home, rank)

    def token(self, card: Column) -> Column:
        """The card's id: a token, from which its number cannot be read."""
        return F.concat(F.lit("card_"), F.lower(F.hex(self.draws.token("card", card))))


@dataclass(frozen=True)
class Issuers:
    """Issuers as columns over an issuer's number."""

    draws: Draws

    def country(self, issuer: Column) -> Column:
        """ISO 3166 code."""
        return lookup(list(COUNTRIES), issuer % len(COUNTRIES))

    def lenience(self, issuer: Column) -> Column:
        """Added to the log-odds of an approval."""
        return self.draws.normal("issuer lenience", issuer) * 0.5

    def dislike(self, what: str, issuer: Column) -> Column:
        """Taken from the log-odds of an approval of a payment abroad, at night, or above 200."""
        return F.exp(self.draws.normal(f"issuer {what}", issuer) * 0.5) * 0.7

    def token(self, issuer: Column) -> Column:
        """The issuer's id."""
        return F.concat(F.lit("issuer_"), F.lpad(issuer.cast("string"), 6, "0"))
