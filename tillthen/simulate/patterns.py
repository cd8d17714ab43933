"""Patterns: the states of a card in which payments are made, some by its holder and some by a thief."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Pattern:
    """How payments of a pattern look, and how likely they are to be fraud.

    Parameters
    ----------
    log_odds
        Of fraud, before what the merchant and the amount add.
    payments, hours
        How many payments an episode has, fewer than `MOST_PAYMENTS`, and how long it lasts: the least and the most.
    amount
        Added to the logarithm of the usual amount.
    abroad
        Share of payments in a random country, the card's own included.
    online
        Share of payments made online; ``None``: as usual for the merchant's category.
    thief
        Who chooses the merchant: a thief wants what can be resold and avoids the popular merchants.
    suspicion
        Taken from the log-odds of the issuer's approval, for what an issuer sees and a merchant does not.
    authenticates
        Share of 3-D Secure requests that succeed.
    """

    name: str
    log_odds: float
    payments: tuple[int, int] = (1, 1)
    hours: tuple[int, int] = (0, 0)
    amount: float = 0.0
    abroad: float = 0.06
    online: float | None = None
    thief: bool = False
    suspicion: float = 0.0
    authenticates: float = 0.93


MOST_PAYMENTS = 16

ORDINARY = Pattern("ordinary", log_odds=-8.6)
"""The holder's daily payments. A fraud among them is a friendly one: the holder made it and disputes it."""

SPREE = Pattern("spree", log_odds=-7.0, payments=(2, 8), hours=(6, 72), amount=0.8, abroad=0.5)
"""A holiday or a sale: the holder's own payments, many, large and far from home."""

STOLEN_CARD = Pattern("stolen_card", log_odds=1.6, payments=(2, 9), hours=(1, 24), amount=0.9, abroad=0.4, online=0.6,
                      thief=True, suspicion=0.6, authenticates=0.15)  # fmt: skip
"""A burst until the card is blocked."""

ACCOUNT_TAKEOVER = Pattern("account_takeover", log_odds=0.8, payments=(2, 6), hours=(24, 144), amount=0.5, abroad=0.2,
                           online=1.0, thief=True, suspicion=0.2, authenticates=0.6)  # fmt: skip
"""A thief with the holder's password: patient, at home, often authenticated."""

CARD_TESTING = Pattern("card_testing", log_odds=3.0, amount=-3.0, online=1.0, thief=True, suspicion=2.0,
                       authenticates=0.05)  # fmt: skip
"""Many cards tried with small amounts at one merchant within hours."""

TESTED_CARD = Pattern("tested_card", log_odds=1.6, payments=(1, 4), hours=(1, 12), amount=1.0, abroad=0.35, online=1.0,
                      thief=True, suspicion=0.5, authenticates=0.1)  # fmt: skip
"""A card that passed a test, used days later."""

LEAKED_CARD = replace(ORDINARY, online=1.0)
"""The holder's ordinary payment at a merchant whose data leaks."""

COMPROMISED_MERCHANT = Pattern("compromised_merchant", log_odds=1.4, payments=(1, 4), hours=(2, 48), amount=0.6,
                               abroad=0.35, online=1.0, thief=True, suspicion=0.3, authenticates=0.15)  # fmt: skip
"""A card that leaked, used weeks later elsewhere."""

PATTERNS = (ORDINARY, SPREE, STOLEN_CARD, ACCOUNT_TAKEOVER, CARD_TESTING, TESTED_CARD, LEAKED_CARD,
            COMPROMISED_MERCHANT)  # fmt: skip
"""A pattern's number, which payments carry, is its place here."""
