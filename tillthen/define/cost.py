"""What a decision costs, in the currency's minor units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from math import isfinite

from tillthen.define.errors import sentence
from tillthen.define.expression import parse
from tillthen.define.faults import report
from tillthen.define.products import Product, Term, scaled, total

SHARES = frozenset({"recovery", "retry_succeeds", "churn", "review_misses", "review_insults", "challenge_abandons",
                    "challenge_passes"})  # fmt: skip
"""Inputs that are at most 1."""

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


@dataclass(frozen=True)
class Review:
    """A person looks and then approves or declines; minor units for each look, and shares of wrong answers.

    review & fraud: cost + misses x (approve & fraud) + (1 - misses) x (decline & fraud).
    review & genuine: cost + insults x (decline & genuine).
    """

    cost: Term
    misses: Term = 0
    insults: Term = 0


@dataclass(frozen=True)
class Challenge:
    """The customer is asked to prove who they are, as in 3-D Secure.

    challenge & fraud: fee + passes x (approve & fraud). challenge & genuine: fee + abandons x margin x amount.
    """

    fee: Term = 0
    abandons: Term = 0
    passes: Term = 0


@dataclass(frozen=True)
class Costs:
    """Costs of each action on a fraud and on a genuine payment.

    approve & fraud: amount x (1 - recovery) + chargeback_fee + handling, nothing where ``liability_shifted``.
    decline & genuine: margin x amount x (1 - retry_succeeds) + churn x lifetime_value + contact.
    decline & fraud costs ``contact``; approve & genuine costs nothing.
    Review and challenge are actions only where they are declared.

    Parameters
    ----------
    amount
        The payment's amount in minor units of ``currency``.
    recovery
        Share of a fraud's amount that comes back.
    chargeback_fee, handling, contact
        Minor units for each case.
    liability_shifted
        Row expression: true where the issuer bears the fraud (3-D Secure). Null is false.
    margin
        Share of the amount that a genuine payment earns.
    retry_succeeds
        Probability that a declined genuine customer pays on another try.
    churn, lifetime_value
        Probability that a declined genuine customer leaves, and what that customer was worth.
    review, challenge
        What these actions cost, and how often they go wrong.
    """

    amount: Term
    currency: str = "EUR"
    recovery: Term = 0
    chargeback_fee: Term = 0
    handling: Term = 0
    liability_shifted: str | None = None
    margin: Term = 1.0
    retry_succeeds: Term = 0
    churn: Term = 0
    lifetime_value: Term = 0
    contact: Term = 0
    review: Review | None = None
    challenge: Challenge | None = None

    def __post_init__(self) -> None:
        faults: list[str] = []
        for name, term in self.terms():
            if isinstance(term, str):
                faults.extend(parse(term).faults)
            elif isinstance(term, bool) or not isinstance(term, int | float) or not (term >= 0 and isfinite(term)):
                faults.append(sentence(f"Cost '{name}'", expected="a finite number that is not negative, or an "
                                       "expression", got=repr(term)))  # fmt: skip
            elif name in SHARES and term > 1:
                faults.append(sentence(f"Cost '{name}'", expected="a share of at most 1", got=term))
        report(*faults)

    def terms(self) -> Iterator[tuple[str, Term]]:
        """Every term by name, without those not given; those of a review are ``review_cost`` and so on."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Review | Challenge):
                yield from ((f"{field.name}_{inner.name}", getattr(value, inner.name)) for inner in fields(value))
            elif field.name != "currency" and value is not None:
                yield field.name, value

    @cached_property
    def inputs(self) -> Mapping[str, float]:
        """Each input's number; 1 stands for an expression, which is in the products' rows."""
        named = ((name, term) for name, term in self.terms() if name in TITLES)
        return {name: 1.0 if isinstance(term, str) else float(term) for name, term in named}

    @cached_property
    def products(self) -> Mapping[tuple[str, str], tuple[Product, ...]]:
        """What each action costs on a "fraud" and on a "genuine" payment, as sums of products."""
        term = dict(self.terms())
        amount = (f"({self.amount})",)
        kept = () if self.liability_shifted is None else (f"CASE WHEN {self.liability_shifted} THEN 0 ELSE 1 END",)

        def times(parts: list[Product], name: str, *, complement: bool = False) -> list[Product]:
            return scaled(parts, name, term[name], complement=complement)

        lost = times([Product("fraud", (*amount, *kept))], "recovery", complement=True)
        lost += times([Product("chargeback", kept)], "chargeback_fee") + times([Product("handling", kept)], "handling")
        contact = times([Product("contact")], "contact")
        margin = times([Product("margin", amount)], "margin")
        insult = times(margin, "retry_succeeds", complement=True)
        insult += times(times([Product("churn")], "churn"), "lifetime_value") + contact
        found = {("approve", "fraud"): lost, ("approve", "genuine"): [],
                 ("decline", "fraud"): contact, ("decline", "genuine"): insult}  # fmt: skip
        if self.review:
            cost = times([Product("review")], "review_cost")
            missed = times(lost, "review_misses") + times(contact, "review_misses", complement=True)
            found["review", "fraud"] = cost + missed
            found["review", "genuine"] = cost + times(insult, "review_insults")
        if self.challenge:
            fee = times([Product("challenge")], "challenge_fee")
            found["challenge", "fraud"] = fee + times(lost, "challenge_passes")
            found["challenge", "genuine"] = fee + times(margin, "challenge_abandons")
        return {key: tuple(parts) for key, parts in found.items()}

    @property
    def actions(self) -> tuple[str, ...]:
        """What can be done with a payment, the mildest first."""
        return ("approve", *(["challenge"] if self.challenge else []), *(["review"] if self.review else []), "decline")

    @cached_property
    def bases(self) -> Mapping[str, str]:
        """The columns' names of the products' row parts, by row expression."""
        rows = dict.fromkeys(part.base for parts in self.products.values() for part in parts)
        return {row: f"base_{i}" for i, row in enumerate(rows)}

    @property
    def columns(self) -> dict[str, str]:
        """Row expressions by column: the amount, each action's cost by outcome, and the products' row parts."""
        found = {"amount": f"CAST(({self.amount}) AS DOUBLE)"}
        found |= {f"{action}_{outcome}": self.cost(action, outcome)
                  for action in self.actions for outcome in ("fraud", "genuine")}  # fmt: skip
        return found | {name: row for row, name in self.bases.items()}

    def cost(self, action: str, outcome: str) -> str:
        """Row expression: what the action costs on a "fraud" or on a "genuine" payment."""
        return total(self.products[action, outcome], self.inputs)

    @property
    def reads(self) -> tuple[str, ...]:
        """The feature table's columns that the terms read."""
        texts = [term for _, term in self.terms() if isinstance(term, str)]
        return tuple(dict.fromkeys(column for text in texts for column in parse(text).columns))
