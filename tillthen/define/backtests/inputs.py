"""The inputs of costs by name: what each is called, which are shares and which amounts, and what values they take."""

from __future__ import annotations

from collections.abc import Iterator

from tillthen.define.backtests.products import Term
from tillthen.define.faults.errors import sentence

SHARES = frozenset({"recovery", "margin", "retry_succeeds", "churn", "review_misses", "review_insults",
                    "challenge_abandons", "challenge_passes"})  # fmt: skip
"""Inputs that are at most 1."""
MONEY = frozenset({"chargeback_fee", "handling", "lifetime_value", "contact", "review_cost", "challenge_fee"})
"""Inputs that are amounts."""

TITLES = {
    "recovery": "Recovered share of a fraud",
    "chargeback_fee": "Chargeback fee",
    "handling": "Handling of a fraud",
    "margin": "Margin of a genuine payment",
    "retry_succeeds": "Declined customers who pay on another try",
    "churn": "Declined customers who leave",
    "lifetime_value": "Worth of a customer",
    "contact": "Contact with a declined customer",
    "review_cost": "Cost of a review",
    "review_misses": "Frauds that a reviewer approves",
    "review_insults": "Genuine payments that a reviewer declines",
    "challenge_fee": "Fee of a challenge",
    "challenge_abandons": "Genuine customers who give up at a challenge",
    "challenge_passes": "Thieves who pass a challenge",
}


def term_faults(name: str, term: Term) -> Iterator[str]:
    """What is wrong with a term's own value."""
    if isinstance(term, str):
        return
    if term < 0:
        yield sentence(f"Cost '{name}'", expected="a finite number that is not negative, or an expression",
                       got=repr(term))  # fmt: skip
    elif name in SHARES and term > 1:
        yield sentence(f"Cost '{name}'", expected="a share of at most 1", got=term)
