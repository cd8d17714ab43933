"""What a decision costs: declared in major or minor units, computed in minor ones.

An amount is a whole number of minor units: `Costs.columns` rounds it half to even, and rows whose amount is further
than a millionth from a whole one are refused before anything is decided by them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cached_property

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.kinds import Expression
from tillthen.define.arguments.shown import Told
from tillthen.define.backtests.inputs import MONEY, TITLES, term_faults
from tillthen.define.backtests.products import Product, Term, scaled, total
from tillthen.define.expressions.expression import parse
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import sentence
from tillthen.define.sources.currency import Currency, Unit, currency, fault


@checked
@dataclass(frozen=True)
class Review(Told):
    """A person looks and then approves or declines; what each look costs, and shares of wrong answers.

    review & fraud: cost + misses x (approve & fraud) + (1 - misses) x (decline & fraud).
    review & genuine: cost + insults x (decline & genuine).
    """

    cost: Term
    misses: Term = 0
    insults: Term = 0


@checked
@dataclass(frozen=True)
class Challenge(Told):
    """The customer is asked to prove who they are, as in 3-D Secure.

    challenge & fraud: fee + passes x (approve & fraud). challenge & genuine: fee + abandons x margin x amount.
    """

    fee: Term = 0
    abandons: Term = 0
    passes: Term = 0


@checked
@dataclass(frozen=True)
class Costs(Told):
    """Costs of each action on a fraud and on a genuine payment.

    approve & fraud: amount x (1 - recovery) + chargeback_fee + handling, nothing where ``liability_shifted``.
    decline & genuine: margin x amount x (1 - retry_succeeds) + churn x lifetime_value + contact.
    decline & fraud costs ``contact``; approve & genuine costs nothing.
    Review and challenge are actions only where they are declared.

    ``unit``, ``currency`` and ``margin`` have no default, because each decides what declining costs.

    Parameters
    ----------
    amount
        The payment's amount: a column or row expression of decimals, doubles or integers in ``unit``. One further than
        a millionth of a minor unit from a whole number of these is refused when the backtest runs; others are rounded
        half to even.
    unit
        What ``amount``, every fee and the money bounds of the backtest's gates count: "major" (dollars, 44.16) or
        "minor" (cents, 4416).
    currency
        ISO 4217 code; it decides how many minor units are a major one.
    margin
        Share of the amount that a genuine payment earns.
    recovery
        Share of a fraud's amount that comes back.
    chargeback_fee, handling, contact
        In ``unit``, for each case.
    liability_shifted
        Row expression: true where the issuer bears the fraud (3-D Secure). Null is false.
    retry_succeeds
        Probability that a declined genuine customer pays on another try.
    churn, lifetime_value
        Probability that a declined genuine customer leaves, and what that customer was worth, in ``unit``.
    review, challenge
        What these actions cost, and how often they go wrong.

    Raises
    ------
    DefinitionError
        What decides money is not declared, or a term is out of its range.

    Examples
    --------
    >>> Costs("amount_usd", unit="major", currency="USD", margin=0.02, chargeback_fee=20).inputs["chargeback_fee"]
    2000.0
    """

    amount: Term
    unit: Unit | None = None
    currency: str | None = None
    margin: Term | None = None
    recovery: Term = 0
    chargeback_fee: Term = 0
    handling: Term = 0
    liability_shifted: Expression | None = None
    retry_succeeds: Term = 0
    churn: Term = 0
    lifetime_value: Term = 0
    contact: Term = 0
    review: Review | None = None
    challenge: Challenge | None = None

    def __post_init__(self) -> None:
        report(*self._undeclared(), *(wrong for name, term in self.terms() for wrong in term_faults(name, term)))

    def _undeclared(self) -> Iterator[str]:
        """What must be said and is not, with the line to add."""
        if self.unit is None:
            yield sentence("Costs 'unit'", expected="'minor' or 'major'", got="nothing",
                           fix='Add unit="major" where amounts and fees are like 44.16, unit="minor" where they are '
                               "like 4416.")  # fmt: skip
        if self.currency is None:
            yield sentence(
                "Costs 'currency'",
                expected="a code of ISO 4217",
                got="nothing",
                fix='Add for example currency="EUR": it says how many minor units are a major one.',
            )
        elif unknown := fault("Costs 'currency'", self.currency):
            yield unknown
        if self.margin is None:
            yield sentence("Costs 'margin'", expected="a share of at most 1, or an expression", got="nothing",
                           fix="Add for example margin=0.02: the share of its amount that a genuine payment earns, "
                               "which is what declining it loses.")  # fmt: skip

    def terms(self) -> Iterator[tuple[str, Term]]:
        """Every term by name, without those not given; those of a review are ``review_cost`` and so on."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Review | Challenge):
                yield from ((f"{field.name}_{inner.name}", getattr(value, inner.name)) for inner in fields(value))
            elif field.name not in ("unit", "currency") and value is not None:
                yield field.name, value

    @cached_property
    def money(self) -> Currency:
        """The currency, with its digits."""
        return currency(str(self.currency))

    def unit_of(self, name: str) -> str:
        """What an input's number counts: "minor" units, a "share", or a "factor" of an expression."""
        if isinstance(dict(self.terms())[name], str):
            return "factor"
        return "minor" if name in MONEY else "share"

    def minor(self, name: str, value: float | Decimal) -> float:
        """An input's value as it is declared, as it is computed with: money in minor units."""
        return float(self.money.minor(value, self.unit or "minor")) if name in MONEY else float(value)

    @cached_property
    def inputs(self) -> Mapping[str, float]:
        """Each input's number, money in minor units; 1 stands for an expression, which is in the products' rows."""
        named = ((name, term) for name, term in self.terms() if name in TITLES)
        return {name: 1.0 if isinstance(term, str) else self.minor(name, term) for name, term in named}

    @property
    def unrounded(self) -> str:
        """Row expression: the amount in minor units as it comes, before it is rounded to a whole number."""
        return self._in_minor(str(self.amount))

    def _in_minor(self, text: str) -> str:
        """A row expression of money in minor units."""
        scale = f" * {10**self.money.digits}D" if self.unit == "major" and self.money.digits else ""
        return f"CAST(({text}) AS DOUBLE){scale}"

    @cached_property
    def products(self) -> Mapping[tuple[str, str], tuple[Product, ...]]:
        """What each action costs on a "fraud" and on a "genuine" payment, as sums of products in minor units."""
        terms = dict(self.terms())
        amount = (f"rint({self.unrounded})",)
        kept = () if self.liability_shifted is None else (f"CASE WHEN {self.liability_shifted} THEN 0 ELSE 1 END",)

        def times(parts: list[Product], name: str, *, complement: bool = False) -> list[Product]:
            term = terms[name]
            if not isinstance(term, str):
                return scaled(parts, name, self.inputs[name], complement=complement)
            return scaled(parts, name, self._in_minor(term) if name in MONEY else term, complement=complement)

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
        """Row expressions by column, in minor units: the amount, each action's cost by outcome, the products' parts."""
        found = {"amount": f"rint({self.unrounded})"}
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
