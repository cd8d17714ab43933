"""Payments of several currencies in one: the rate is looked up as any feature is, as of the payment's known time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.arguments.duration import Duration
from tillthen.define.expressions.literals import quoted
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.features.functions import last
from tillthen.define.sources.currency import currencies, currency
from tillthen.define.sources.money import Money
from tillthen.define.sources.rates import Converted, Rates
from tillthen.define.sources.rows import Rows
from tillthen.sources.events.clock import KNOWN_FROM, with_clock
from tillthen.sources.events.money import digits_of_rows, read_columns
from tillthen.sources.events.prepared import NO_RATE
from tillthen.sources.reading.schema import declared_types
from tillthen.sources.reading.times import LATEST

RATE_TYPE = "decimal(20,12)"
CODE, KNOWN, RATE = "rates_code", "rates_known_at", "rates_rate"
"""Columns beside the payments' own while a rate is looked up."""


def converted(payments: DataFrame, rate_rows: DataFrame, made: Converted) -> DataFrame:
    """The payments' rows with their columns, money in minor units of the rates' base.

    ``payments`` and ``rate_rows`` are the tables of the sources that it is made of. How many amounts have no rate is in
    the metadata of their column, for the run's facts.
    """
    source, rates = made.payments, made.rates
    names = payments.columns
    rows = read_columns(payments, source, names, declared_types(payments, source))
    known = with_clock(rows, source)
    known_at = F.when(F.col(KNOWN_FROM) <= LATEST, F.timestamp_micros(KNOWN_FROM))
    for columns, code in _by_code(source.money):
        rated = _rated(known.select(*map(_column, names), known_at.alias(KNOWN), code.alias(CODE)), rate_rows, rates)
        rows = _multiplied(rated, columns, rates.base, names)
        known = with_clock(rows, source)
    return rows


def _by_code(money: Mapping[str, Money]) -> Iterable[tuple[list[str], Column]]:
    """Money columns by what holds their currency."""
    groups: dict[tuple[str | None, str | None], list[str]] = {}
    for name, of in money.items():
        groups.setdefault((of.by, of.currency), []).append(name)
    for (by, code), columns in groups.items():
        yield columns, F.lit(code) if by is None else _column(by)


def _rated(rows: DataFrame, rate_rows: DataFrame, rates: Rates) -> DataFrame:
    """The rows with the rate of their currency, as known at their known time."""
    from tillthen.pit.spark.engine import compute  # which reads its sources by this module

    found = compute(rows, [rate_set(rates)], {rates.source.name: rate_rows}, as_of=KNOWN, on_null_time="keep").frame
    one = F.when(F.col(CODE) == rates.base, F.lit(1).cast(RATE_TYPE)).otherwise(F.col(RATE))
    return found.withColumn(RATE, one)


def rate_set(rates: Rates) -> FeatureSet:
    """The latest rate of a currency that is no older than ``max_age``: what a feature set asks of the rates."""
    text = quoted(rates.rate)
    usable = f"{text} > 0 AND {text} < 100000000"  # NaN is above every number
    logic = Rows(rates.source.name, usable, ((CODE, quoted(rates.currency)), ("rate", f"CAST({text} AS {RATE_TYPE})")))
    made = FeatureSet("rates", rates.source, (CODE,), logic, closed="right")
    window = Duration(rates.max_age.micros + 1)  # (known - max_age - 1us, known]: no older than max_age
    return made.features(last("rate").over(window).named(RATE))


def _multiplied(rows: DataFrame, columns: list[str], base: str, names: list[str]) -> DataFrame:
    lost = {name: F.count_if(_column(name).isNotNull() & F.col(RATE).isNull()).alias(name) for name in columns}
    counted = rows.agg(*lost.values()).collect()[0]
    return rows.select(
        *[_in_base(name, base).alias(name, metadata={NO_RATE: counted[name]}) if name in columns else _column(name)
          for name in names]
    )  # fmt: skip


def _in_base(name: str, base: str) -> Column:
    """Minor units of the base: amount x rate x 10^(base's digits - the currency's), rounded half to even."""
    digits, own = currency(base).digits, digits_of_rows(F.col(CODE))
    found = F.lit(None).cast("bigint")
    for theirs in sorted({one.digits for one in currencies().values()}):
        shift = digits - theirs
        amount = _column(name).cast("decimal(16,0)")
        if shift >= 0:
            product = F.bround((amount * 10**shift).cast("decimal(16,0)") * F.col(RATE), 0)
        else:
            product = F.bround(amount * F.col(RATE), shift) / F.lit(10**-shift)
        found = F.when(own == theirs, product.cast("bigint")).otherwise(found)
    return found


def _column(name: str) -> Column:
    return F.col(quoted(name))
