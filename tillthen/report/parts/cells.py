"""Cells from facts: text for people, the number itself for machines, a reason where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tillthen.report.drawing.looks import Look
from tillthen.report.facts.metric import Metric, Scalar, Spread
from tillthen.report.parts.blocks import Cell, Tone
from tillthen.report.texts.numbers import Money, count, decimal, few, general, points, share, significant, too_few
from tillthen.report.texts.words import SCORES, SHARES


def sample(n: int | None, positives: int | None) -> str:
    """What numbers rest on, in words; too few positives say so."""
    if n is None:
        return ""
    words = f"n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{count(n)} rows, "
    words += "1 positive" if positives == 1 else f"{count(positives)} positives"
    return f"{words}: {too_few(positives)}" if few(positives) else words


def text(words: object, tone: Tone = "") -> Cell:
    """Words as they are."""
    return Cell(str(words), tone=tone)


def model(name: str, look: Look | None) -> Cell:
    """A model's name with its mark."""
    return Cell(name, look=look)


def counted(value: float | None) -> Cell:
    """Rows, days, alerts."""
    return Cell(count(value), value)


def shared(value: float | None) -> Cell:
    """A share, in percent."""
    return Cell(share(value), value)


def measured(value: float | None, digits: int = 3) -> Cell:
    """A number without a unit, to so many significant digits."""
    return Cell(significant(value, digits), value)


def score(value: float | None) -> Cell:
    """A metric as the field gives it, to three decimals."""
    return Cell(decimal(value, 3), value)


def paid(value: float | None, money: Money) -> Cell:
    """An amount, in the major units that the column's head names."""
    return Cell(money.plain(value), value, digits=money.digits)


def scalar(value: Scalar) -> Cell:
    """Whatever a check expected or measured."""
    if value is None or isinstance(value, str):
        return Cell(value or "–")
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    return Cell(general(value), value)


def amount(value: float | None, unit: str, money: Money, note: str = "", *, change: bool = False) -> Cell:
    """A number with its unit, as `in_unit` writes it."""
    return Cell(in_unit(value, unit, money, change=change), value, note, digits=money.digits if unit == "money" else 0)


def judged(value: Scalar, unit: str, money: Money) -> Cell:
    """What a gate measured, in its unit where the facts name one."""
    if unit and isinstance(value, int | float) and not isinstance(value, bool):
        return amount(value, unit, money)
    return scalar(value)


def held(holds: bool | None, yes: str, no: str) -> Cell:
    """Whether something is as it should be, in words and colour."""
    if holds is None:
        return Cell("not measured", tone="weak")
    return Cell(f"✓ {yes}" if holds else f"✗ {no}", tone="good" if holds else "bad")


def in_unit(value: float | None, unit: str, money: Money, *, change: bool = False) -> str:
    """A verdict's number by its unit: "money", "share", "ratio" or "count"; a change has a sign."""
    if unit == "money":
        return money.text(value, signed=change)
    if unit == "share":
        return points(value) if change else share(value)
    if unit == "bps":
        return "–" if value is None else decimal(value, 1, signed=change) + "\N{NO-BREAK SPACE}bps"
    if unit == "count" and value is not None and not change:
        return count(value)
    return significant(value, signed=change)


def between(lower: float, upper: float, unit: str, money: Money) -> str:
    """The two ends of an interval, with their unit once."""
    ends = [in_unit(end, unit, money, change=True) for end in (lower, upper)]
    if unit == "money":
        return f"{ends[0]} to {money.plain(upper, signed=True)}"
    return f"{ends[0].split()[0]} to {ends[1]}"


def positives(value: int | None) -> Cell:
    """How many positives a row's numbers rest on; too few say so."""
    return Cell(count(value), value, too_few(value), "weak") if few(value) else counted(value)


def resting(cell: Cell, positives: int | None) -> Cell:
    """A number that rests on so many positives: weak where they are too few, as the count beside it says."""
    return replace(cell, tone="weak") if few(positives) else cell


def metric(name: str, found: Metric | None, *, usual: tuple[int | None, int | None], bounded: bool = True) -> Cell:
    """A metric with its interval, weak where it rests on too few positives or was not measured.

    Parameters
    ----------
    usual
        Rows and positives that its table names already.
    bounded
        Whether to show the interval.
    """
    if found is None or found.value is None:
        return Cell("–", note="not measured", tone="weak")
    said = writer(name, found.unit)
    notes = [
        ends(found, said) if bounded else "",
        "" if (found.n, found.positives) == usual else sample(found.n, found.positives),
        f"{count(found.unknown)} looks of unknown outcome" if found.unknown else "",
    ]
    note = "; ".join(each for each in notes if each)
    return Cell(said(found.value), found.value, note, "weak" if few(found.positives) else "")


def writer(name: str, unit: str = "") -> Callable[[float], str]:
    """How a metric's values are written: as decimals, in percent, or by significant digits."""
    base = name.partition("@")[0]
    if base in SCORES:
        return lambda value: decimal(value, 3)
    if unit == "share" or base in SHARES:
        return share
    if unit == "bps" or base == "fraud_bps":
        return lambda value: decimal(value, 1)
    return lambda value: significant(value, 4)


def ends(found: Metric, said: Callable[[float], str]) -> str:
    """A metric's interval in words; none where it was not measured."""
    if found.lower is None or found.upper is None:
        return ""
    return f"{said(found.lower)} to {said(found.upper)}"


def spread(name: str, found: Spread | None) -> Cell:
    """Mean over folds, and below it how far they differ and how many they are."""
    if found is None or found.mean is None:
        return Cell("–", note="not measured", tone="weak")
    said = writer(name)
    folds = f"{count(found.n)} folds" if found.n != 1 else "1 fold"
    note = folds if found.sd is None else f"± {said(found.sd)}, {folds}"
    return Cell(said(found.mean), found.mean, note)
