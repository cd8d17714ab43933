"""The costs of a backtest's rows as columns, and what amounts and costs must be before anything is decided by them."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import NumericType

from tillthen.define.backtests.cost import Costs
from tillthen.define.backtests.inputs import SHARES
from tillthen.define.faults.errors import DataContractError, DefinitionError, sentence

NEAR = 1e-6
"""How far from a whole number of minor units an amount may be, in minor units."""
MOST = 2**53
"""Beyond so many minor units doubles, which costs are computed in, no longer hold every whole number."""
EXAMPLES = 3
AMOUNT, UNROUNDED, SHARE = "__amount", "__unrounded", "__share_"


def cost_columns(costs: Costs) -> list[Column]:
    """``amount``, what each action costs on a fraud and on a genuine payment, and the row parts of those costs."""
    return [F.expr(text).cast("double").alias(name) for name, text in costs.columns.items()]


def refuse_costs(rows: DataFrame, costs: Costs, where: str) -> None:
    """Refuse rows whose amount is no whole number of minor units, or whose costs are missing, infinite or negative.

    So are shares that a row expression puts beyond 0 and 1: percents would cost a hundred times what they should.

    An amount counts as whole within `NEAR` of a whole number, or where it is the double that is nearest to one.
    ``where`` names the backtest.

    Raises
    ------
    DefinitionError
        The amount is no number.
    DataContractError
        With the column, how many rows, examples, and what to do.
    """
    _refuse_types(rows, costs, where)
    shares = {f"{SHARE}{name}": term for name, term in costs.terms() if name in SHARES and isinstance(term, str)}
    asked = rows.select(*cost_columns(costs), F.expr(str(costs.amount)).alias(AMOUNT),
                        F.expr(costs.unrounded).alias(UNROUNDED),
                        *[F.expr(term).cast("double").alias(name) for name, term in shares.items()])  # fmt: skip
    names = [name for name in costs.columns if not name.startswith("base_")]
    wrong = {name: ~F.col(name).between(0, 1) for name in shares}
    wrong |= {name: _no_cost(F.col(name)) for name in names} | {UNROUNDED: _no_amount(costs)}
    counted = asked.agg(*[F.count_if(condition).alias(name) for name, condition in wrong.items()]).first()
    found = {} if counted is None else {name: counted[name] for name in wrong if counted[name]}
    if not found:
        return
    name = next(iter(found))
    shown = asked.where(wrong[name]).select(name if name in shares else AMOUNT).limit(EXAMPLES).collect()
    examples = ", ".join(str(row[0]) for row in shown)
    if name in shares:
        raise DataContractError(_beyond(name.removeprefix(SHARE), shares[name], found[name], where, examples))
    raise DataContractError(
        _fraction(costs, found[name], where, examples) if name == UNROUNDED else _missing(name, found[name], where)
    )


def _refuse_types(rows: DataFrame, costs: Costs, where: str) -> None:
    type = rows.select(F.expr(str(costs.amount))).schema[0].dataType
    if not isinstance(type, NumericType):
        raise DefinitionError(
            sentence(f"{where}: the costs' amount '{costs.amount}'", expected="a decimal, a double or an integer",
                     got=type.simpleString(), fix="Cast it, for example to decimal(18, 3).")
        )  # fmt: skip


def _no_cost(value: Column) -> Column:
    return value.isNull() | F.isnan(value) | (F.abs(value) == float("inf")) | (value < 0)


def _no_amount(costs: Costs) -> Column:
    """Whether a finite amount is no whole number of minor units."""
    unrounded, whole = F.col(UNROUNDED), F.rint(UNROUNDED)
    scale = 10**costs.money.digits if costs.unit == "major" else 1
    nearest = whole / float(scale) == F.col(AMOUNT).cast("double")
    return (F.abs(unrounded - whole) > NEAR) & ~nearest | (F.abs(whole) > float(MOST))


def _missing(name: str, rows: int, where: str) -> str:
    return sentence(
        f"{where}: '{name}' of the costs on {rows:,} rows", expected="a finite amount that is not negative",
        got="null, NaN, infinite or negative values",
        fix="Filter such payments, or declare an expression with coalesce(...), greatest(...).",
    )  # fmt: skip


def _beyond(name: str, term: str, rows: int, where: str, examples: str) -> str:
    return sentence(f"{where}: the costs' '{name}' '{term}' on {rows:,} rows", expected="shares from 0 to 1",
                    got=f"for example {examples}", fix="Write 0.02 for 2%.")  # fmt: skip


def _fraction(costs: Costs, rows: int, where: str, examples: str) -> str:
    money = costs.money
    if costs.unit == "minor":
        expected = f"whole minor units of {money.code} up to 2**53"
        fix = 'Where amounts and fees are in major units, declare unit="major" in Costs.'
    else:
        expected = (
            f"{money.code} with at most {money.digits} decimals, to a millionth of a minor unit, up to 2**53 of them"
        )
        fix = "Correct currency= or unit= in Costs, or round such amounts in the expression."
    return sentence(f"{where}: the costs' amount '{costs.amount}' on {rows:,} rows", expected=expected,
                    got=f"for example {examples}", fix=fix)  # fmt: skip
