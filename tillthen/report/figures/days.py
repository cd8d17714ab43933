"""Day by day over the test: what a model cost, and how many of its highest-scored cards were compromised."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.series import Scale, Series, crowded, dated, paint_series
from tillthen.report.drawing.svg import draw
from tillthen.report.facts.measures import Day, ModelFacts
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Cell, Column, Figure, Table, texts
from tillthen.report.texts.numbers import Money


def card_precision(models: Sequence[ModelFacts], looks: dict[str, Look], capacity: int | None) -> Figure | None:
    """Of each day's highest-scored cards, the share that is compromised."""
    series = _series(models, "card_precision", 1.0)
    if not series:
        return None
    title = f"Card precision@{'k' if capacity is None else capacity} by day"
    reading = "Of the highest-scored cards, the share that is compromised; cards found are out later." + crowded(series)
    scale = Scale("share", "card precision")
    drawing = draw("card-days", title, _words(series), lambda figure: paint_series(figure, series, looks, scale))
    columns = [Column("Card precision", "share")]
    table = _table(title, models, looks, columns, lambda day: [cells.shared(day.card_precision)])
    return Figure("card-days", title, reading, drawing, table)


def cost(models: Sequence[ModelFacts], looks: dict[str, Look], money: Money) -> Figure | None:
    """Net cost of each day under the policy; in the table beside that of declining none."""
    series = _series(models, "cost", 10.0**-money.digits)
    if not series:
        return None
    title, scale = "Net cost by day", Scale("number", f"net cost, {money.currency}")
    reading = "Under the operating point's policy: a good week can hide a bad day." + crowded(series)
    drawing = draw("cost-days", title, _words(series), lambda figure: paint_series(figure, series, looks, scale))
    columns = [Column("Net cost", money.currency), Column("Declining none", money.currency)]
    table = _table(
        title, models, looks, columns, lambda day: [cells.paid(day.cost, money), cells.paid(day.cost_none, money)]
    )
    return Figure("cost-days", title, reading, drawing, table)


def _series(models: Sequence[ModelFacts], name: str, factor: float) -> Series:
    found = {
        model.name: [
            value
            for day in model.daily
            if (measured := getattr(day, name)) is not None
            for value in dated(day.day, measured * factor)
        ]
        for model in models
    }
    return {name: values for name, values in found.items() if values}


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


def _words(series: Series) -> str:
    """First and last day of each model."""
    return " ".join(f"{name}: from {found[0].y:,.4g} to {found[-1].y:,.4g}." for name, found in series.items())
