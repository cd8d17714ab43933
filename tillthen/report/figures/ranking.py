"""How well the score ranks: precision-recall, and detection for so many alerts."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure as Drawing

from tillthen.report import cells
from tillthen.report.axes import area, chance, label, level, line, point, scale_x, scale_y
from tillthen.report.blocks import Column, Figure, Table, texts
from tillthen.report.drawing import draw
from tillthen.report.labels import name_curves
from tillthen.report.looks import Look
from tillthen.report.measures import CurvePoint, ModelFacts
from tillthen.report.numbers import decimal, share
from tillthen.report.selection import base_rate, by_recall, evenly, marks, metric, pairs, positive, sample, staircase

RARE = 0.05
"""Below this base rate an axis of alerts is logarithmic."""


def precision_recall(models: Sequence[ModelFacts], looks: dict[str, Look], policy: str) -> Figure | None:
    """Every model's curve by count, with the base rate; the operating point is marked."""
    curves = {model.name: model.pr_curve for model in models if pairs(model.pr_curve, "recall", "precision")}
    if not curves:
        return None
    drawn = [model for model in models if model.name in curves]
    points = marks(drawn, policy, "recall", "precision")
    base = base_rate(drawn)
    drawing = draw(
        "pr", "Precision and recall", _words(drawn),
        lambda figure: _curves(figure, curves, looks, points=points, base=base, suffix=""),
    )  # fmt: skip
    dashes = "" if base is None else f" Dashes: the base rate, {share(base)}."
    reading = f"Marks: the operating point.{dashes} {_sample(drawn)}"
    return Figure("pr", "Precision and recall", reading, drawing, _table(curves, looks))


def value_precision_recall(models: Sequence[ModelFacts], looks: dict[str, Look]) -> Figure | None:
    """The same with every payment counted by its amount."""
    curves = {m.name: m.value_pr_curve for m in models if pairs(m.value_pr_curve, "recall", "precision")}
    if not curves:
        return None
    drawn = [model for model in models if model.name in curves]
    drawing = draw(
        "pr-value", "Precision and recall by value", _words(drawn),
        lambda figure: _curves(figure, curves, looks, points={}, base=None, suffix=", by value"),
    )  # fmt: skip
    reading = f"Every payment counts with its amount: large frauds weigh more. {_sample(drawn)}"
    return Figure("pr-value", "Precision and recall, by value", reading, drawing, _table(curves, looks))


def _curves(
    figure: Drawing,
    curves: dict[str, tuple[CurvePoint, ...]],
    looks: dict[str, Look],
    *,
    points: dict[str, tuple[float, float]],
    base: float | None,
    suffix: str,
) -> None:
    axes = area(figure)
    scale_x(axes, "share")
    scale_y(axes, "share")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    steps = {name: staircase(pairs(curve, "recall", "precision")) for name, curve in curves.items()}
    for name, curve in steps.items():
        x, y = zip(*curve, strict=True)
        line(axes, x, y, looks[name])
    if base is not None:
        level(axes, base)
    for name, (x_mark, y_mark) in points.items():
        point(axes, x_mark, y_mark, looks[name])
    name_curves(axes, steps, looks, list(points.values()))
    label(axes, f"recall{suffix}", f"precision{suffix}")


def detection(models: Sequence[ModelFacts], looks: dict[str, Look], policy: str) -> Figure | None:
    """Recall for the share of payments declined, on a log axis where fraud is rare."""
    base = base_rate(models)
    log = base is not None and base < RARE
    found = {model.name: positive(pairs(model.thresholds, "alert_rate", "recall"), x=log) for model in models}
    curves = {name: sorted(curve) for name, curve in found.items() if curve}
    if not curves:
        return None
    drawn = [model for model in models if model.name in curves]
    points = marks(drawn, policy, "alert_rate", "recall")
    low = min(curve[0][0] for curve in curves.values()) if log else 0.0

    def paint(figure: Drawing) -> None:
        axes = area(figure)
        scale_x(axes, "share", log=log)
        scale_y(axes, "share")
        axes.set_xlim(low, 1)
        axes.set_ylim(0, 1.02)
        random = chance(axes, low)
        for name, curve in curves.items():
            x, y = zip(*curve, strict=True)
            line(axes, x, y, looks[name])
        for name, (x_mark, y_mark) in points.items():
            point(axes, x_mark, y_mark, looks[name])
        name_curves(axes, curves, looks, [*points.values(), *random])
        label(axes, "share of payments declined" + (", log scale" if log else ""), "recall")

    title = "Fraud caught for the payments declined"
    reading = f"Marks: the operating point. Dashes: declining at random. {_sample(drawn)}"
    columns = [
        *texts("Model"), Column("Declined", "share"), Column("Declined", "per day"),
        Column("Recall", "share"), Column("Precision", "share"),
    ]  # fmt: skip
    rows = [
        [cells.model(model.name, looks[model.name]), cells.shared(row.alert_rate), cells.counted(row.alerts_per_day),
         cells.shared(row.recall), cells.shared(row.precision)]
        for model in drawn for row in evenly(model.thresholds)
    ]  # fmt: skip
    return Figure("detection", title, reading, draw("detection", title, _words(drawn), paint),
                  Table(title, columns, rows))  # fmt: skip


def _table(curves: dict[str, tuple[CurvePoint, ...]], looks: dict[str, Look]) -> Table:
    columns = [
        *texts("Model"), Column("Recall", "share"), Column("Precision", "share"), Column("Threshold")
    ]  # fmt: skip
    rows = [
        [cells.model(name, looks[name]), cells.shared(row.recall), cells.shared(row.precision),
         cells.measured(row.threshold)]
        for name, curve in curves.items() for row in by_recall(curve)
    ]  # fmt: skip
    return Table("Points of the curve, by recall", columns, rows)


def _words(models: Sequence[ModelFacts]) -> str:
    averages = ", ".join(f"{model.name} {decimal(metric(model, 'average_precision'), 3)}" for model in models)
    return f"Average precision: {averages}."


def _sample(models: Sequence[ModelFacts]) -> str:
    words = cells.sample(*sample(models[0]))
    return f"{words}." if words else ""
