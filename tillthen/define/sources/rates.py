"""Rates of exchange: several currencies into one, each amount once, by what was known when the payment was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.kinds import Column, NotNegative
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import sentence
from tillthen.define.sources.currency import fault
from tillthen.define.sources.money import Money
from tillthen.define.sources.source import MadeOf, Source, made_fault


@checked
@dataclass(frozen=True)
class Rates:
    """Rates of exchange into one currency.

    Parameters
    ----------
    source
        A rate is an event: with the time it holds from, and when it was known.
    base
        ISO 4217 code of the currency that amounts become.
    max_age
        How long before the payment's known time a rate may have happened, this included.
    currency, rate
        Columns of ``source``: the code, and how many major units of ``base`` one major unit of it is, a decimal or a
        double, taken to twelve decimals. Rows without a positive rate are passed over.
    """

    source: Source
    base: str
    max_age: NotNegative
    currency: Column = "currency"
    rate: Column = "rate"

    def __post_init__(self) -> None:
        found = fault("Rates 'base'", self.base)
        report(*made_fault(f"Rates into {self.base}", self.source), *([found] if found else []))

    def convert(self, payments: Source) -> Source:
        """The payments with every declared money column in ``base``: a source of its own, for feature sets.

        An amount is multiplied once, by the latest rate whose event and known time are at most the payment's known
        time, that was not retracted by then and is no older than ``max_age``; the product is rounded half to even to
        minor units of ``base``. Without such a rate the amount is null, and counted as ``no_rate`` in the run's facts.
        An amount in ``base`` stays as it is.
        """
        report(*self._convert_faults(payments))
        return replace(
            payments,
            name=f"{payments.name}_in_{self.base}",
            table=f"{payments.name}_in_{self.base}",
            columns={},
            money={},
            expect=(),
            made_of=Converted(self, payments),
        )

    def _convert_faults(self, payments: Source) -> Iterator[str]:
        if not payments.money:
            yield sentence(f"Rates into {self.base}: source '{payments.name}' declares no money",
                           fix='Declare money={"amount": Money(by="currency", unit="minor")}.')  # fmt: skip
        if payments.made_of is not None:
            yield sentence(f"Rates into {self.base}: source '{payments.name}' is made of others",
                           fix="Convert the source that it is made of.")  # fmt: skip


@checked
@dataclass(frozen=True)
class Converted(MadeOf):
    """What a source of converted payments is made of."""

    rates: Rates
    payments: Source

    @property
    def sources(self) -> tuple[Source, Source]:
        """The tables behind it: of the payments and of the rates."""
        return self.payments, self.rates.source

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of the rates' table that are used."""
        return tuple(dict.fromkeys((*self.rates.source.clock_columns, self.rates.currency, self.rates.rate)))

    def money_reads(self, column: str) -> tuple[str, ...]:
        """The columns of the payments behind one: its currency, too, where it is money."""
        money: Money | None = self.payments.money.get(column)
        return (column,) if money is None or money.by is None else (column, money.by)

    def as_claimed(self) -> Converted:
        rates = replace(self.rates, source=self.rates.source.as_claimed())
        return replace(self, rates=rates, payments=self.payments.as_claimed())
