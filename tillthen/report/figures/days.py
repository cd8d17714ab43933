"""Day by day over the test: what a model cost, and how many of its highest-scored cards were compromised."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.figure import Figure as Drawing

from tillthen.report import cells, moments
from tillthen.report.axes import Unit, area, calendar, end_labels, label, line, point, scale_y, short
from tillthen.report.blocks import Cell, Column, Figure, Table, texts
from tillthen.report.drawing import draw
from tillthen.report.looks import Look
from tillthen.report.measures import Day, ModelFacts
from tillthen.report.numbers import Money

FEW_DAYS = 40
"""Up to so many days each has its mark."""

Curves = dict[str, list[tuple[float, float]]]


def card_precision(models: Sequence[ModelFacts], looks: dict[str, Look], capacity: int | None) -> Figure | None:
    """Of each day's highest-scored cards, the share that is compromised."""
    curves = _curves(models, "card_precision", 1.0)
    if not curves:
        return None
    title, name = f"Card precision@{'k' if capacity is None else capacity} by day", "card precision"
    reading = "Of the highest-scored cards, the share that is compromised; cards found are out later."
    drawing = draw("card-days", title, _words(curves), lambda figure: _paint(figure, curves, looks, "share", name))
    columns = [Column("Card precision", "share")]
    table = _table(title, models, looks, columns, lambda day: [cells.shared(day.card_precision)])
    return Figure("card-days", title, reading, drawing, table)


def cost(models: Sequence[ModelFacts], looks: dict[str, Look], money: Money) -> Figure | None:
    """Net cost of each day under the policy; in the table beside that of declining none."""
    curves = _curves(models, "cost", 10.0**-money.digits)
    if not curves:
        return None
    title, name = "Net cost by day", f"net cost, {money.currency}"
    reading = "Under the operating point's policy: a good week can hide a bad day."
    drawing = draw("cost-days", title, _words(curves), lambda figure: _paint(figure, curves, looks, "number", name))
    columns = [Column("Net cost", money.currency), Column("Declining none", money.currency)]
    table = _table(
        title, models, looks, columns, lambda day: [cells.paid(day.cost, money), cells.paid(day.cost_none, money)]
    )
    return Figure("cost-days", title, reading, drawing, table)


def _curves(models: Sequence[ModelFacts], name: str, factor: float) -> Curves:
    found: Curves = {}
    for model in models:
        values = [(moments.moment(day.day), getattr(day, name)) for day in model.daily]
        curve = [(moments.day(at), value * factor) for at, value in values if at is not None and value is not None]
        if curve:
            found[model.name] = curve
    return found


def _paint(figure: Drawing, curves: Curves, looks: dict[str, Look], unit: Unit, name: str) -> None:
    axes = area(figure, right=128)
    scale_y(axes, unit)
    for model, curve in curves.items():
        x, y = zip(*curve, strict=True)
        line(axes, x, y, looks[model])
        for at, value in curve if len(curve) <= FEW_DAYS else curve[-1:]:
            point(axes, at, value, looks[model], size=5)
    axes.set_ylim(bottom=min(0.0, *(y for curve in curves.values() for _, y in curve)))
    axes.margins(x=0.03)
    calendar(axes, 4)
    label(axes, "", name)
    end_labels(axes, [(curve[-1][1], short(model), looks[model]) for model, curve in curves.items()])


def _table(
    title: str,
    models: Sequence[ModelFacts],
    looks: dict[str, Look],
    columns: Sequence[Column],
    found: Callable[[Day], list[Cell]],
) -> Table:
    counts = [Column("n", "rows"), Column("Positives", "rows"), Column("Declined", "rows")]
    rows = [
        [cells.model(model.name, looks[model.name]), cells.text(day.day), cells.counted(day.rows),
         cells.counted(day.positives), cells.counted(day.declined), *found(day)]
        for model in models for day in model.daily
    ]  # fmt: skip
    return Table(title, [*texts("Model", "Day"), *counts, *columns], rows)


def _words(curves: Curves) -> str:
    """First and last day of each model."""
    return " ".join(f"{name}: from {curve[0][1]:,.4g} to {curve[-1][1]:,.4g}." for name, curve in curves.items())
