"""Values over time, a line for each model with its name at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tillthen.report.drawing.axes import (
    MARGIN,
    MARGIN_NAME,
    Unit,
    area,
    calendar,
    end_labels,
    label,
    line,
    named_level,
    points,
    scale_x,
    scale_y,
    short,
)
from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.svg import INK
from tillthen.report.facts.selection import DRAWABLE
from tillthen.report.texts import moments
from tillthen.report.texts.numbers import few

MARKED = 40
"""Up to so many values each has its mark; more are drawn thin, with the mean of the last ``SMOOTH`` over them."""

SMOOTH = 7


@dataclass(frozen=True)
class Value:
    """One value of a series; ``weak`` where it rests on too few positives."""

    at: float
    y: float
    weak: bool = False


Series = Mapping[str, Sequence[Value]]


@dataclass(frozen=True)
class Scale:
    """What the axes measure; without ``x`` the horizontal one has dates.

    Parameters
    ----------
    levels
        Values to compare with, and what they are called.
    """

    unit: Unit
    y: str
    x: str = ""
    levels: Sequence[tuple[float, str]] = ()


def crowded(series: Series) -> str:
    """What a caption adds where a series has too many values to be read one by one."""
    many = any(len(values) > MARKED for values in series.values())
    return f" Thin: each day; bold: the mean of the last {SMOOTH}." if many else ""


def dated(day: str, value: float | None, positives: int | None = None) -> list[Value]:
    """The value of a day, where both are readable."""
    at = moments.moment(day)
    if at is None or value is None or abs(value) >= DRAWABLE:
        return []
    return [Value(moments.day(at), value, positives is not None and few(positives))]


def paint_series(
    figure: Figure, series: Series, looks: Mapping[str, Look], scale: Scale, worst: Mapping[str, float] | None = None
) -> None:
    """All series on one pair of axes.

    Parameters
    ----------
    worst
        Of each series, where a ring marks its worst value.
    """
    axes = area(figure, right=MARGIN)
    scale_y(axes, scale.unit)
    drawn = {name: sorted(values, key=lambda each: each.at) for name, values in series.items() if values}
    for name, values in drawn.items():
        firm = _firm(values)
        if len(values) > MARKED:
            axes.plot([each.at for each in firm], [each.y for each in firm], color=looks[name].colour, linewidth=0.8,
                      alpha=0.35, zorder=2)  # fmt: skip
            firm = smoothed(firm)
        line(axes, [each.at for each in firm], [each.y for each in firm], looks[name])
        marked = values if len(values) <= MARKED else firm[-1:]
        for faint in (False, True):
            chosen = [each for each in marked if each.weak is faint]
            points(axes, [each.at for each in chosen], [each.y for each in chosen], looks[name], size=5, faint=faint)
        for each in values:
            if worst is not None and worst.get(name) == each.at:
                axes.plot([each.at], [each.y], marker="o", markersize=13, markerfacecolor="none", markeredgecolor=INK,
                          markeredgewidth=1.2, linestyle="none", zorder=7, clip_on=False)  # fmt: skip
    _limits(figure, [each.y for values in drawn.values() for each in values], scale)
    if scale.x:
        scale_x(axes, "number")
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.margins(x=0.04)
    else:
        _room(figure, drawn)
        calendar(axes, 4, [each.at for values in drawn.values() for each in values])
    label(axes, scale.x, scale.y)
    ends = [(_last(values), short(name, MARGIN_NAME), looks[name]) for name, values in drawn.items()]
    end_labels(axes, ends)


def _firm(values: Sequence[Value]) -> Sequence[Value]:
    """The values that a line may join: those that rest on enough, or all where none does."""
    firm = [each for each in values if not each.weak]
    enough = len(firm) >= SMOOTH if len(values) > MARKED else bool(firm)
    return firm if enough else values


def smoothed(values: Sequence[Value], width: int = SMOOTH) -> list[Value]:
    """Each value's mean with those before it, ``width`` in all; the first ones, which have fewer, are left out.

    >>> [value.y for value in smoothed([Value(at, at * at) for at in range(4)], 3)]
    [1.6666666666666667, 4.666666666666667]
    """
    return [
        Value(last.at, sum(each.y for each in values[end - width : end]) / width)
        for end, last in enumerate(values, start=1)
        if end >= width
    ]


def _last(values: Sequence[Value]) -> float:
    firm = _firm(values)
    return (smoothed(firm) if len(values) > MARKED else firm)[-1].y


def _limits(figure: Figure, values: Sequence[float], scale: Scale) -> None:
    """From 0, or below it where values are; the first level is always in sight, the others where they are near."""
    axes = figure.axes[0]
    low, high = min(0.0, *values), max(0.0, *values)
    top = max([high, *(y for y, _ in scale.levels[:1]), *(y for y, _ in scale.levels if y <= 1.6 * high)]) or 1.0
    axes.set_ylim(low - 0.04 * (top - low) * (low < 0), top * 1.08 if top > 0 else 0.05 * -low)
    for y, text in scale.levels:
        if low <= y <= top:
            named_level(axes, y, text)


def _room(figure: Figure, drawn: Series) -> None:
    """Two days around a single date; else a little beside the ends."""
    axes = figure.axes[0]
    places = [each.at for values in drawn.values() for each in values]
    first, last = min(places), max(places)
    reach = (last - first) * 0.07 or 1.0
    axes.set_xlim(first - reach, last + reach)
