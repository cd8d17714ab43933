"""Amounts of a feature table that costs read: what their source says of them, and what the costs take them for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tillthen.define.backtests.cost import Costs
from tillthen.define.backtests.inputs import MONEY
from tillthen.define.expressions.expression import parse
from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import sentence
from tillthen.define.features.aggregation import KINDS
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.money import Money
from tillthen.define.sources.rates import Converted
from tillthen.define.tables.table import FeatureTable

if TYPE_CHECKING:
    from collections.abc import Mapping


def money_in(table: FeatureTable) -> dict[str, Money]:
    """The table's columns that hold minor units, each with what its source says of it."""
    found = {name: of for name, of in table.spine.source.money.items() if name in table.spine.columns}
    for group in table.feature_sets:
        amounts = _selected(group)
        found |= {one.name: amounts[str(one.column)] for one in group.declared
                  if KINDS[one.kind].amount and one.column in amounts}  # fmt: skip
    return found


def amount_faults(costs: Costs, table: FeatureTable) -> Iterator[str]:
    """Why what costs read of a table is not what they take it for."""
    known = money_in(table)
    for term, text in costs.terms():
        if isinstance(text, str) and (term == "amount" or term in MONEY):
            for column in parse(text).columns:
                if column in known:
                    yield from _faults(f"costs '{term}' reads '{column}'", text, column, known[column], costs)


def _faults(what: str, text: str, column: str, of: Money, costs: Costs) -> Iterator[str]:
    if of.by is not None:
        yield sentence(f"{what}, amounts in several currencies",
                       fix="Convert them with Rates(...).convert(...), and read last(...) of a feature set over the "
                           "converted source, by its id, closed='right'.")  # fmt: skip
    elif of.currency != costs.currency:
        yield sentence(f"{what}, amounts in {of.currency}", expected=costs.currency, got=of.currency,
                       fix=f'Write currency="{of.currency}", or convert them with Rates(...).')  # fmt: skip
    elif costs.unit == "major" and text.strip().strip("`") == column:
        yield sentence(f"{what}, which the table holds in minor units", expected='unit="minor"', got='unit="major"',
                       fix='Write unit="minor", and fees and money bounds of gates in minor units.')  # fmt: skip


def _selected(group: FeatureSet) -> Mapping[str, Money]:
    """The columns of a feature set that are its source's money as it stands."""
    made = group.source.made_of
    if isinstance(made, Converted):
        money = dict.fromkeys(made.payments.money, Money(made.rates.base, unit="minor"))
    else:
        money = dict(group.source.money)
    return {name: of for name, text in group.rows.columns for column, of in money.items() if text == quoted(column)}
