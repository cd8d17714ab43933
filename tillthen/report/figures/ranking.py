"""How well the score ranks: precision-recall by count and by value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from tillthen.report.drawing.axes import NAME, area, band, label, level, line, point, scale_x, scale_y, short
from tillthen.report.drawing.labels import name_curves
from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.svg import draw
from tillthen.report.facts.measures import CurvePoint, ModelFacts
from tillthen.report.facts.selection import (
    Pair,
    base_rate,
    by_recall,
    marks,
    metric,
    pairs,
    positive,
    sample,
    staircase,
    value_marks,
)
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Column, Figure, Table, texts
from tillthen.report.texts.numbers import decimal, share

LOW = 0.1
"""An operating point with less precision would lie on the floor of a linear axis: it is logarithmic then."""


@dataclass(frozen=True)
class _Curves:
    """What one drawing of precision against recall shows."""

    curves: dict[str, tuple[CurvePoint, ...]]
    points: dict[str, Pair]
    base: float | None
    names: dict[str, str]
    bands: dict[str, list[tuple[float, float, float]]] = field(default_factory=dict)
    suffix: str = ""

    @property
    def log(self) -> bool:
        """Whether the axis of precision is logarithmic."""
        return bool(self.base) and any(precision < LOW for _, precision in self.points.values())


def precision_recall(models: Sequence[ModelFacts], looks: dict[str, Look], policy: str) -> Figure | None:
    """Every model's curve by count, with the base rate; the operating point is marked, the leading ones have a band."""
    curves = {model.name: model.pr_curve for model in models if pairs(model.pr_curve, "recall", "precision")}
    if not curves:
        return None
    drawn = [model for model in models if model.name in curves]
    bands = {m.name: band_of(m) for m in drawn if looks[m.name].leading and band_of(m)}
    base = base_rate(drawn)
    shown = _Curves(curves, marks(drawn, policy, "recall", "precision"), base, _names(drawn), bands)
    drawing = draw("pr", "Precision and recall", _words(drawn), lambda figure: _paint(figure, shown, looks))
    dashes = "" if base is None else f" Dashes: the base rate, {share(base)}."
    shade = " Band: 95%, point by point." if bands else ""
    scale = " Precision on a log scale." if shown.log else ""
    reading = (
        f"With each name its average precision. Marks: the operating point.{dashes}{shade}{scale} {_sample(drawn)}"
    )
    return Figure("pr", "Precision and recall", reading, drawing, _table(curves, looks, drawn))


def band_of(model: ModelFacts) -> list[tuple[float, float, float]]:
    """Recall, lower and upper of the band's points that were measured."""
    return [
        (point.recall, point.lower, point.upper)
        for point in model.pr_band
        if point.recall is not None and point.lower is not None and point.upper is not None
    ]


def value_precision_recall(models: Sequence[ModelFacts], looks: dict[str, Look], policy: str) -> Figure | None:
    """The same with every payment counted by its amount."""
    curves = {m.name: m.value_pr_curve for m in models if pairs(m.value_pr_curve, "recall", "precision")}
    if not curves:
        return None
    drawn = [model for model in models if model.name in curves]
    # Each curve ends where everything is flagged: there precision is the share of fraud in all value.
    last = pairs(curves[drawn[0].name], "recall", "precision")[-1][1]
    base = last if 0 <= last <= 1 else None
    points = {} if base is None else value_marks(drawn, policy, base)
    shown = _Curves(curves, points, base, {}, suffix=", by value")
    drawing = draw("pr-value", "Precision and recall by value", _value_words(points, base),
                   lambda figure: _paint(figure, shown, looks))  # fmt: skip
    dashes = "" if base is None else f" Dashes: fraud's share of all value, {share(base)}."
    reading = f"Every payment counts with its amount: large frauds weigh more.{dashes} {_sample(drawn)}"
    return Figure("pr-value", "Precision and recall, by value", reading, drawing, _table(curves, looks, drawn))


def _paint(figure: Drawing, shown: _Curves, looks: dict[str, Look]) -> None:
    axes = area(figure)
    scale_x(axes, "share")
    scale_y(axes, "share", log=shown.log)
    axes.set_xlim(0, 1)
    floor = (shown.base or 0.0) * 0.6 if shown.log else 0.0
    axes.set_ylim(floor, 1.15 if shown.log else 1.02)
    steps = {name: staircase(positive(pairs(curve, "recall", "precision"), x=False, y=shown.log))
             for name, curve in shown.curves.items()}  # fmt: skip
    for name, found in shown.bands.items():
        recalls, lower, upper = zip(*found, strict=True)
        band(axes, recalls, [max(end, floor) for end in lower], upper, looks[name])
    for name, curve in steps.items():
        x, y = zip(*curve, strict=True)
        line(axes, x, y, looks[name])
    if shown.base is not None:
        level(axes, shown.base)
    _points(axes, shown.points, looks)
    name_curves(axes, steps, looks, list(shown.points.values()), names=shown.names)
    label(axes, f"recall{shown.suffix}", f"precision{shown.suffix}{', log scale' if shown.log else ''}")


def _points(axes: Axes, points: dict[str, Pair], looks: dict[str, Look]) -> None:
    for name, (x, y) in points.items():
        point(axes, x, y, looks[name])


def _names(models: Sequence[ModelFacts]) -> dict[str, str]:
    """Each model's name with its average precision."""
    found = {model.name: metric(model, "average_precision") for model in models}
    return {
        name: short(name) if value is None else f"{short(name, NAME - 6)} {decimal(value, 3)}"
        for name, value in found.items()
    }


def _table(curves: dict[str, tuple[CurvePoint, ...]], looks: dict[str, Look], models: Sequence[ModelFacts]) -> Table:
    columns = [
        *texts("Model"), Column("Recall", "share"), Column("Precision", "share"), Column("Threshold")
    ]  # fmt: skip
    rows = [
        [cells.model(name, looks[name]), cells.shared(row.recall), cells.shared(row.precision),
         cells.measured(row.threshold)]
        for name, curve in curves.items() for row in by_recall(curve)
    ]  # fmt: skip
    return Table("Points of the curve, by recall", columns, rows, _sample(models))


def _words(models: Sequence[ModelFacts]) -> str:
    averages = ", ".join(f"{model.name} {decimal(metric(model, 'average_precision'), 3)}" for model in models)
    return f"Average precision: {averages}."


def _value_words(points: dict[str, Pair], base: float | None) -> str:
    found = "; ".join(f"{name} catches {x:.1%} of fraud value, {y:.1%} of what it declines is fraud"
                      for name, (x, y) in points.items())  # fmt: skip
    return f"By value, fraud is {share(base)} of all. {found}{'.' if found else ''}".strip()


def _sample(models: Sequence[ModelFacts]) -> str:
    words = cells.sample(*sample(models[0]))
    return f"{words}." if words else ""
