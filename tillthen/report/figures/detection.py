"""How much fraud is caught for how many alerts, and for how few false positives."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure as Drawing

from tillthen.report.drawing.axes import area, chance, label, line, point, scale_x, scale_y, whisker
from tillthen.report.drawing.labels import name_curves
from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.svg import draw
from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.metric import Metric
from tillthen.report.facts.selection import base_rate, evenly, marks, pairs, positive, sample
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Cell, Column, Figure, Table, texts
from tillthen.report.texts.numbers import percent

RARE = 0.05
"""Below this base rate an axis of alerts is logarithmic."""


def detection(models: Sequence[ModelFacts], looks: dict[str, Look], policy: str) -> Figure | None:
    """Recall for the share of payments declined, on a log axis where fraud is rare."""
    base = base_rate(models)
    log = base is not None and base < RARE
    found = {model.name: positive(pairs(model.thresholds, "alert_rate", "recall"), x=log) for model in models}
    curves = {name: sorted(curve) for name, curve in found.items() if curve}
    if not curves:
        return None
    drawn = [model for model in models if model.name in curves]
    points = {name: mark for name, mark in marks(drawn, policy, "alert_rate", "recall").items() if mark[0] > 0}
    low = min(curve[0][0] for curve in curves.values()) if log else 0.0

    def paint(figure: Drawing) -> None:
        axes = area(figure)
        scale_x(axes, "share", log=log)
        scale_y(axes, "share")
        axes.set_xlim(low if low < 1 else 0.1, 1)
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
    words = cells.sample(*sample(drawn[0]))
    reading = f"Marks: the operating point. Dashes: declining at random. {words}{'.' if words else ''}"
    columns = [
        *texts("Model"), Column("Declined", "share"), Column("Declined", "per day"),
        Column("Recall", "share"), Column("Precision", "share"),
    ]  # fmt: skip
    rows = [
        [cells.model(model.name, looks[model.name]), cells.shared(row.alert_rate), cells.counted(row.alerts_per_day),
         cells.shared(row.recall), cells.shared(row.precision)]
        for model in drawn for row in evenly(model.thresholds)
    ]  # fmt: skip
    said = "; ".join(f"{name} declines {x:.2%} and catches {y:.1%}" for name, (x, y) in points.items())
    drawing = draw("detection", title, f"At the operating point: {said or 'nothing is declined'}.", paint)
    return Figure("detection", title, reading, drawing, Table(title, columns, rows, words))


def false_positives(models: Sequence[ModelFacts], looks: dict[str, Look]) -> Figure | None:
    """Recall at a few false positive rates: the part of the ROC curve that a card business can afford."""
    found = {model.name: _recalls(model) for model in models}
    measured = {name: [(rate, value) for rate, one in rows if (value := one.value) is not None and rate > 0]
                for name, rows in found.items()}  # fmt: skip
    curves = {name: curve for name, curve in measured.items() if len(curve) > 1}
    if not curves:
        return None
    drawn = [model for model in models if model.name in curves]
    rates = sorted({rate for curve in curves.values() for rate, _ in curve})

    def paint(figure: Drawing) -> None:
        axes = area(figure)
        scale_x(axes, "share", log=True)
        scale_y(axes, "share")
        axes.set_xlim(rates[0] / 1.5, rates[-1] * 1.5)
        axes.set_xticks(rates, [percent(rate) for rate in rates])
        axes.set_ylim(0, 1.02)
        for name, curve in curves.items():
            x, y = zip(*curve, strict=True)
            line(axes, x, y, looks[name])
            for rate, one in found[name]:
                if one.value is not None and rate > 0:
                    whisker(axes, rate, one.lower, one.upper, looks[name])
                    point(axes, rate, one.value, looks[name], size=6)
        name_curves(axes, curves, looks, [mark for curve in curves.values() for mark in curve])
        label(axes, "genuine payments declined, log scale", "recall")

    title = "Fraud caught at few false positives"
    words = cells.sample(*sample(drawn[0]))
    bars = any(one.lower is not None for rows in found.values() for _, one in rows)
    reading = f"Recall at so many declined genuine payments{', with 95% intervals' if bars else ''}. {words}."
    columns = [*texts("Model"), Column("False positives", "share"), Column("Recall", "share"),
               *(Column(f"{end} end", "of 95%") for end in ("Lower", "Upper"))]  # fmt: skip
    rows = [
        [cells.model(name, looks[name]), Cell(percent(rate)), *map(cells.shared, (one.value, one.lower, one.upper))]
        for name in curves for rate, one in found[name]
    ]  # fmt: skip
    said = "; ".join(f"{name}: {', '.join(f'{y:.1%} at {x:.2%}' for x, y in curve)}" for name, curve in curves.items())
    drawing = draw("false-positives", title, f"{said}.", paint)
    return Figure("false-positives", title, reading, drawing, Table(title, columns, rows, words))


def _recalls(model: ModelFacts) -> list[tuple[float, Metric]]:
    found = []
    for name, one in model.metrics.items():
        base, _, rate = name.partition("@")
        if base == "recall_at_fpr":
            try:
                found.append((float(rate), one))
            except ValueError:
                continue
    return sorted(found, key=lambda pair: pair[0])
