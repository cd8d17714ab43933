"""Expectations: what a table must be like for a build to go on, declared beside what they are about.

>>> from tillthen import Source, expect
>>> payments = Source(
...     "payments", id="payment", event_time="at", columns={"card": "string", "amount": "bigint"},
...     expect=[expect.not_null("card", otherwise="quarantine"), expect.between("amount", 1, 10_000_000)],
... )
>>> [one.name for one in payments.expect]
['card is not null', 'amount between 1 and 10000000']

``otherwise`` says what happens where one is not met: ``"warn"`` says so and goes on, ``"stop"`` ends the build before
it writes, ``"quarantine"`` (of a source's rows) sets the bad rows aside and goes on without them, unless they are more
than ``at_most`` of the rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from tillthen.define.arguments.annotations import Like
from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.duration import days
from tillthen.define.arguments.kinds import Column, CountOrNone, Expression, NotNegativeNumber, Positive, Share
from tillthen.define.expectations.rules import Drift, Fresh, Otherwise, RowRule, Unique, Volume
from tillthen.define.expressions.literals import literal as text_literal
from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import sentence

Value = Annotated[
    bool | int | float | Decimal | str | date | datetime,
    Like("a finite number, text, boolean, date or time with a zone", "0"),
]

AtMost = Share | None

QUARANTINED_AT_MOST = 0.01
MONTH = days(28)


@checked
def holds(condition: Expression, *, otherwise: Otherwise = "stop", at_most: AtMost = None) -> RowRule:
    """A row expression is true of every row; null is false."""
    return _rule(condition, condition, otherwise, at_most)


@checked
def not_null(column: Column, *, otherwise: Otherwise = "stop", at_most: AtMost = None) -> RowRule:
    """A column has a value in every row."""
    return _rule(f"{column} is not null", f"{quoted(column)} IS NOT NULL", otherwise, at_most)


@checked
def between(
    column: Column,
    least: Value | None,
    most: Value | None,
    *,
    otherwise: Otherwise = "stop",
    at_most: AtMost = None,
) -> RowRule:
    """Values lie in [least, most]; None leaves an end open. Null is good, NaN is greater than every number."""
    name, ends = quoted(column), ((">=", least), ("<=", most))
    told = f"{column} between {least} and {most}"
    if least is None or most is None:
        told = " and ".join(f"{column} {sign} {end}" for sign, end in ends if end is not None)
    if not told:
        report(sentence(f"The range of '{column}'", expected="at least one end", got="None and None"))
    within = " AND ".join(f"{name} {sign} {literal(end)}" for sign, end in ends if end is not None)
    return _rule(told, f"{name} IS NULL OR ({within or 'true'})", otherwise, at_most)


@checked
def one_of(
    column: Column, values: Iterable[Value], *, otherwise: Otherwise = "stop", at_most: AtMost = None
) -> RowRule:
    """Values are among those named. Null is good."""
    allowed = list(values)
    if not allowed:
        report(sentence(f"The values of '{column}'", expected="at least one", got="none"))
    listed = ", ".join(literal(value) for value in allowed) or "null"
    return _rule(f"{column} one of {', '.join(map(str, allowed))}", f"{quoted(column)} IS NULL OR {quoted(column)} IN "
                 f"({listed})", otherwise, at_most)  # fmt: skip


@checked
def unique(*columns: Column, otherwise: Otherwise = "stop") -> Unique:
    """No two rows have the same values in these columns."""
    return Unique(f"{', '.join(columns)} unique", columns, otherwise)


@checked
def volume(
    *,
    least: CountOrNone | None = None,
    most: CountOrNone | None = None,
    within: NotNegativeNumber | None = None,
    over: Positive = MONTH,
    same_weekday: bool = False,
    otherwise: Otherwise = "stop",
) -> Volume:
    """A night's rows, or those a day of a backfill: bounds, or within this share of the median of earlier nights.

    ``within=0.3`` allows [0.7, 1.3] times the median of the nights that ended at most ``over`` before this one; with
    ``same_weekday`` of those of its day of the week only. Nights that were refused are no such nights, and their days
    do not count as time: a feed that stays at a tenth stays refused, until it is repaired or declared otherwise.
    """
    bounds = [f"{bound:,} or {word}" for bound, word in ((least, "more"), (most, "fewer")) if bound is not None]
    if within is not None:
        bounds.append(f"within {within:.0%} of {'its weekday' if same_weekday else 'nights'} in {over}")
    return Volume(f"volume {', '.join(bounds)}", least, most, within, over, same_weekday, otherwise)


@checked
def fresh(within: Positive, *, otherwise: Otherwise = "stop") -> Fresh:
    """The newest event (a feature table's newest ``as_of``) is not older than this at the night's end."""
    return Fresh(f"newest within {within}", within, otherwise)


@checked
def stable(
    column: Column, *, at_most: NotNegativeNumber = 0.25, over: Positive = MONTH, otherwise: Otherwise = "warn"
) -> Drift:
    """A column's distribution has not drifted from that of the nights that ended at most ``over`` before.

    The measure is the population stability index, sum of (p - q) ln(p / q) over bins, where p and q are the shares of
    this night and of the earlier ones (Siddiqi, Credit Risk Scorecards, 2006: below 0.1 stable, above 0.25 shifted).
    Bins are those of the first night that has at least 50 rows; nights that were refused are as in `volume`.
    """
    return Drift(f"{column} stable to {at_most:g}", column, at_most, over, otherwise)


def literal(value: Value) -> str:
    """A value as it may stand in an expression.

    >>> literal("GB"), literal(0.1), literal(True)
    ("'GB'", '0.1D', 'true')
    """
    match value:
        case bool():
            return str(value).lower()
        case float() if math.isfinite(value):
            return f"{value!r}D"
        case int():
            return str(value)
        case Decimal() if value.is_finite():
            return f"{value:f}"
        case str():
            return text_literal(value)
        case datetime() if value.tzinfo is not None:
            return f"TIMESTAMP '{value.astimezone(UTC).isoformat()}'"
        case date() if not isinstance(value, datetime):
            return f"DATE '{value.isoformat()}'"
    report(sentence("A value of an expectation", expected="a finite number, text, boolean, date or time with a zone",
                    got=repr(value)))  # fmt: skip
    return "null"


def _rule(name: str, condition: str, otherwise: Otherwise, at_most: float | None) -> RowRule:
    default = QUARANTINED_AT_MOST if otherwise == "quarantine" else 0.0
    return RowRule(name, condition, otherwise, default if at_most is None else at_most)
