"""What decisions cost: policies side by side, every threshold, every capacity."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FuncFormatter

from tillthen.report.drawing.axes import (
    MARGIN,
    MARGIN_NAME,
    area,
    beside,
    end_labels,
    highlight,
    label,
    line,
    named_level,
    neutral,
    point,
    scale_x,
    scale_y,
    short,
)
from tillthen.report.drawing.labels import name_curves
from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.rows import name_rows
from tillthen.report.drawing.svg import PANEL, draw
from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.selection import Pair, evenly, marks, operating, pairs, positive
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Column, Figure, Table, texts
from tillthen.report.texts.numbers import Money, compact
from tillthen.report.texts.words import policy_title

OFF_SCALE = 2.5
"""A cost of so many times that of declining none would flatten all others: it is written at the edge."""

LEFT = 168
"""Pixels for the policies' titles."""

SPREAD = 0.15
"""Of a row: how far apart its models lie, so that equal costs do not hide each other."""


def policies(models: Sequence[ModelFacts], looks: dict[str, Look], policy: str, money: Money) -> Figure | None:
    """Net cost of every policy with every model; one mark where the model does not matter."""
    titles = {row.name: policy_title(row.name, row.title) for model in models for row in model.policies}
    costs = {
        name: {m.name: money.major(row.cost) for m in models if (row := operating(m, name)) and row.cost is not None}
        for name in titles
    }
    rows = {name: found for name, found in costs.items() if found}
    if not rows:
        return None
    everything = [cost for found in rows.values() for cost in found.values()]
    naive = max(costs.get("none", {}).values(), default=max(everything))
    edge = max((cost for cost in everything if cost <= OFF_SCALE * naive), default=naive) * 1.22 or 1.0

    def paint(figure: Drawing) -> None:
        axes = area(figure, left=LEFT, top=12)
        axes.grid(visible=True, axis="x")
        axes.grid(visible=False, axis="y")
        axes.set_xlim(min(0.0, *everything), edge)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        name_rows(axes, [titles[name] for name in rows], LEFT - 12)
        axes.xaxis.set_major_formatter(FuncFormatter(compact))
        for place, (name, found) in enumerate(rows.items()):
            if name == policy:
                highlight(axes, place)
            _row(axes, place, found, looks, edge)
        axes.set_xlabel(f"net cost, {money.currency}", loc="right", labelpad=6)

    title = "Policies side by side"
    reading = "The band is the operating point; the oracle decides with the outcome in hand."
    words = "; ".join(f"{titles[name]}: {_listed(found, money)}" for name, found in rows.items())
    drawing = draw("policies", title, words, paint, (PANEL[0], max(PANEL[1], 56 + 32 * len(rows))))
    return Figure("policies", title, reading, drawing, _policy_table(models, looks, titles, money))


def _row(axes: Axes, place: int, found: dict[str, float], looks: dict[str, Look], edge: float) -> None:
    alike = len(found) > 1 and len(set(found.values())) == 1
    near = {name: cost for name, cost in found.items() if cost <= edge}
    if len(near) < len(found):
        beside(axes, edge, place, f"{compact(round(max(found.values())))} →", left=True)
    if alike and near:
        cost = next(iter(near.values()))
        neutral(axes, cost, place, compact(round(cost)))
        return
    for rank, (model, cost) in enumerate(near.items()):
        point(axes, cost, place + SPREAD * (rank - (len(near) - 1) / 2), looks[model], size=7.5)


def by_threshold(models: Sequence[ModelFacts], looks: dict[str, Look], policy: str, money: Money) -> Figure | None:
    """Net cost of every threshold, by the share of payments that it declines."""
    found = {model.name: positive(pairs(model.thresholds, "alert_rate", "cost")) for model in models}
    curves = {name: _major(curve, money) for name, curve in found.items() if curve}
    if not curves:
        return None
    drawn = [model for model in models if model.name in curves]
    points = {name: (x, money.major(y)) for name, (x, y) in marks(drawn, policy, "alert_rate", "cost").items()}
    naive = _cost(drawn[0], "none", money)
    # Declining nearly all costs so much that it would flatten the part that matters.
    ceiling = [naive or 0.0, *(curve[0][1] for curve in curves.values()), *(y for _, y in points.values())]
    top = 1.6 * max(ceiling) or 1.0

    def paint(figure: Drawing) -> None:
        axes = area(figure)
        scale_x(axes, "share", log=True)
        scale_y(axes, "number")
        low = min(x for curve in curves.values() for x, _ in curve)
        axes.set_xlim(low if low < 1 else 0.1, 1)
        axes.set_ylim(min(0.0, *(y for curve in curves.values() for _, y in curve)), top)
        taken = [] if naive is None else [named_level(axes, naive, "decline none")]
        for name, curve in curves.items():
            x, y = zip(*curve, strict=True)
            line(axes, x, y, looks[name])
        for name, (x_mark, y_mark) in points.items():
            point(axes, x_mark, y_mark, looks[name])
        name_curves(axes, curves, looks, list(points.values()), taken)
        label(axes, "share of payments declined, log scale", f"net cost, {money.currency}")

    title = "Net cost by threshold"
    reading = (
        "Each point is a threshold, placed by the share it declines. Marks: the operating point, decided row by row."
    )
    columns = [
        *texts("Model"), Column("Threshold"), Column("Declined", "share"),
        Column("Net cost", money.currency), Column("Savings", "share"),
    ]  # fmt: skip
    rows = [
        [cells.model(m.name, looks[m.name]), cells.measured(row.threshold), cells.shared(row.alert_rate),
         cells.paid(row.cost, money), cells.shared(row.savings)]
        for m in drawn for row in evenly(m.thresholds)
    ]  # fmt: skip
    words = "Net cost at the operating point: " + _listed({name: y for name, (_, y) in points.items()}, money)
    return Figure("cost-threshold", title, reading, draw("cost-threshold", title, words, paint),
                  Table(title, columns, rows))  # fmt: skip


def by_capacity(
    models: Sequence[ModelFacts], looks: dict[str, Look], capacity: int | None, money: Money
) -> Figure | None:
    """Net cost when at most so many payments a day can be declined, ranked by expected saving."""
    found = {model.name: positive(pairs(model.capacity, "k", "cost")) for model in models}
    curves = {name: _major(curve, money) for name, curve in found.items() if len(curve) > 1}
    if not curves:
        return None
    drawn = [model for model in models if model.name in curves]
    naive = _cost(drawn[0], "none", money)

    def paint(figure: Drawing) -> None:
        axes = area(figure, right=MARGIN)
        scale_x(axes, "number", log=True)
        scale_y(axes, "number")
        for name, curve in curves.items():
            x, y = zip(*curve, strict=True)
            line(axes, x, y, looks[name])
            point(axes, x[-1], y[-1], looks[name], size=6)
        axes.set_xlim(min(curve[0][0] for curve in curves.values()), max(curve[-1][0] for curve in curves.values()))
        everything = [y for curve in curves.values() for _, y in curve] + ([] if naive is None else [naive])
        axes.set_ylim(min(0.0, *everything), max(everything) * 1.12 or 1.0)
        if naive is not None:
            named_level(axes, naive, "decline none")
        if capacity is not None:
            highlight(axes, capacity, vertical=True, text=f"{capacity} a day")
        end_labels(axes, [(curve[-1][1], short(name, MARGIN_NAME), looks[name]) for name, curve in curves.items()])
        label(axes, "payments declined a day, log scale", f"net cost, {money.currency}")

    title = "Net cost by daily capacity"
    reading = "When only so many payments a day may be declined, those with the highest expected saving go first."
    columns = [
        *texts("Model"), Column("Capacity", "a day"), Column("Net cost", money.currency),
        Column("Savings", "share"), Column("Recall", "share"), Column("Precision", "share"),
    ]  # fmt: skip
    rows = [
        [cells.model(m.name, looks[m.name]), cells.counted(row.k), cells.paid(row.cost, money),
         cells.shared(row.savings), cells.shared(row.recall), cells.shared(row.precision)]
        for m in drawn for row in evenly(m.capacity)
    ]  # fmt: skip
    words = "At the largest capacity: " + _listed({name: curve[-1][1] for name, curve in curves.items()}, money)
    return Figure("capacity", title, reading, draw("capacity", title, words, paint), Table(title, columns, rows))


def _policy_table(models: Sequence[ModelFacts], looks: dict[str, Look], titles: dict[str, str], money: Money) -> Table:
    columns = [*texts("Policy", "Model"), Column("Net cost", money.currency)]
    rows = [
        [cells.text(title), cells.model(model.name, looks[model.name]), cells.paid(row.cost, money)]
        for name, title in titles.items() for model in models if (row := operating(model, name))
    ]  # fmt: skip
    return Table("Net cost by policy", columns, rows)


def _major(curve: Sequence[Pair], money: Money) -> list[Pair]:
    return sorted((x, money.major(y)) for x, y in curve)


def _cost(model: ModelFacts, policy: str, money: Money) -> float | None:
    row = operating(model, policy)
    return None if row is None or row.cost is None else money.major(row.cost)


def _listed(costs: dict[str, float], money: Money) -> str:
    return ", ".join(f"{name} {cost:,.0f} {money.currency}" for name, cost in costs.items()) + "."
