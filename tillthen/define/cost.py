"""What a decision costs, in the currency's minor units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from tillthen.define.errors import sentence
from tillthen.define.expression import parse
from tillthen.define.faults import report

Term = float | int | str
"""A constant, or a row expression over the feature table's columns."""


@dataclass(frozen=True)
class Costs:
    """Costs of approving a fraud and of declining a genuine customer.

    approve & fraud: amount x (1 - recovery) + chargeback_fee + handling, nothing where ``liability_shifted``.
    decline & genuine: margin x amount x (1 - retry_succeeds) + churn x lifetime_value + contact.
    decline & fraud costs ``contact``; approve & genuine costs nothing.

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

    def __post_init__(self) -> None:
        faults: list[str] = []
        for name, term in self.terms():
            if isinstance(term, str):
                faults.extend(parse(term).faults)
            elif isinstance(term, bool) or not isinstance(term, int | float) or not term >= 0:
                faults.append(sentence(f"Cost '{name}'", expected="a number that is not negative, or an expression",
                                       got=repr(term)))  # fmt: skip
            elif name in ("recovery", "retry_succeeds", "churn") and term > 1:
                faults.append(sentence(f"Cost '{name}'", expected="a share of at most 1", got=term))
        report(*faults)

    def terms(self) -> Iterator[tuple[str, Term]]:
        """Every term by name, without those not given."""
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != "currency" and value is not None:
                yield field.name, value

    @property
    def approve_fraud(self) -> str:
        """Row expression: the cost of approving a payment that is a fraud."""
        cost = f"({self.amount}) * (1 - ({self.recovery})) + ({self.chargeback_fee}) + ({self.handling})"
        if self.liability_shifted is None:
            return cost
        return f"CASE WHEN {self.liability_shifted} THEN 0 ELSE {cost} END"

    @property
    def decline_genuine(self) -> str:
        """Row expression: the cost of declining a payment that is genuine."""
        margin = f"({self.margin}) * ({self.amount}) * (1 - ({self.retry_succeeds}))"
        return f"{margin} + ({self.churn}) * ({self.lifetime_value}) + ({self.contact})"

    @property
    def decline_fraud(self) -> str:
        """Row expression: the cost of declining a payment that is a fraud."""
        return f"({self.contact})"

    @property
    def reads(self) -> tuple[str, ...]:
        """The feature table's columns that the terms read."""
        texts = [term for _, term in self.terms() if isinstance(term, str)]
        return tuple(dict.fromkeys(column for text in texts for column in parse(text).columns))
