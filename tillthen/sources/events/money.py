"""Columns of money as whole minor units: what a source's `tillthen.Money` says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, DecimalType, DoubleType, FloatType, IntegralType, NumericType

from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.define.sources.currency import currencies, currency
from tillthen.define.sources.money import Money
from tillthen.define.sources.source import Source
from tillthen.sources.reading.text import typed

NEAR = 1e-6
"""How far from a whole number of minor units an amount may be, in minor units."""
MOST = 2**53
"""Beyond so many minor units doubles no longer hold every whole number."""


def read_columns(frame: DataFrame, source: Source, names: Sequence[str], declared: Mapping[str, DataType]) -> DataFrame:
    """The named columns of a source's table: text of files as it is declared, money as bigint of minor units.

    Raises
    ------
    DataContractError
        An amount that is no number, or no whole number of minor units, or whose currency is none, with how many and
        three of them.
    """
    money = {name: of for name, of in source.money.items() if name in names}
    codes = [of.by for of in money.values() if of.by is not None]
    rows = typed(frame, source, tuple(dict.fromkeys((*names, *codes))), declared)
    if not money:
        return rows
    _refuse_types(rows, source, money)
    _refuse_amounts(rows, source, money)
    found = {name: _whole(rows, name, of).cast("bigint") for name, of in money.items()}
    return rows.select(*[found[name].alias(name) if name in found else F.col(quoted(name)) for name in names])


def digits_of_rows(code: Column) -> Column:
    """How many digits each row's currency has; null where it is none."""
    by_digits: dict[int, list[str]] = {}
    for one in currencies().values():
        by_digits.setdefault(one.digits, []).append(one.code)
    cases = [(code.isin(codes), digits) for digits, codes in by_digits.items()]
    first, *rest = cases
    return reduce(lambda case, of: case.when(*of), rest, F.when(*first))


def _unrounded(rows: DataFrame, name: str, money: Money) -> Column:
    """The amount in minor units: of doubles a double, of decimals and integers a decimal."""
    value = F.col(quoted(name))
    if not isinstance(rows.schema[name].dataType, DoubleType | FloatType):
        return value.cast("decimal(30,10)") * _scale(money).cast("decimal(5,0)")
    return value.cast("double") * _scale(money)


def _scale(money: Money) -> Column:
    if money.unit == "minor":
        return F.lit(1)
    if money.by is None:
        return F.lit(10 ** currency(str(money.currency)).digits)
    return F.pow(F.lit(10), digits_of_rows(F.col(quoted(money.by)))).cast("int")


def _whole(rows: DataFrame, name: str, money: Money) -> Column:
    unrounded = _unrounded(rows, name, money)
    exact = isinstance(rows.schema[name].dataType, DecimalType | IntegralType)
    return F.bround(unrounded, 0) if exact else F.rint(unrounded)


def _off(rows: DataFrame, name: str, money: Money) -> Column:
    """Whether an amount is no whole number of minor units, or in no currency."""
    value, unrounded, whole = F.col(quoted(name)), _unrounded(rows, name, money), _whole(rows, name, money)
    far = (F.abs(unrounded - whole) > NEAR) | unrounded.isNull() | (F.abs(whole) > float(MOST))
    if isinstance(rows.schema[name].dataType, DoubleType | FloatType):
        far = (far & (whole / _scale(money) != value.cast("double"))) | F.isnan(value) | (F.abs(whole) > float(MOST))
        far = far | unrounded.isNull()
    return value.isNotNull() & far


def _refuse_types(rows: DataFrame, source: Source, money: Mapping[str, Money]) -> None:
    for name in money:
        type = rows.schema[name].dataType
        if not isinstance(type, NumericType):
            raise DataContractError(
                sentence(f"Source '{source.name}': money '{name}'", expected="a decimal, a double or an integer",
                         got=type.simpleString(), fix="Declare its type in columns=, or correct the table.")
            )  # fmt: skip


def _refuse_amounts(rows: DataFrame, source: Source, money: Mapping[str, Money]) -> None:
    off = {name: _off(rows, name, of) for name, of in money.items()}
    counts = rows.agg(*[F.count_if(wrong).alias(name) for name, wrong in off.items()]).collect()[0]
    for name, of in money.items():
        if counts[name]:
            shown = [F.col(quoted(column)).cast("string") for column in (name, of.by) if column]
            found = rows.where(off[name]).select(F.concat_ws(" ", *shown).alias("value")).limit(3).collect()
            unit = "minor units" if of.unit == "minor" else "major units with at most the currency's decimals"
            raise DataContractError(
                sentence(f"Source '{source.name}': money '{name}' in {counts[name]:,} rows",
                         expected=f"whole minor units of {of.currency or 'a currency of ISO 4217'}, given as {unit}",
                         got=f"for example {', '.join(str(row['value']) for row in found)}",
                         fix="Correct unit= or the currency in Money, or filter such rows.")
            )  # fmt: skip
