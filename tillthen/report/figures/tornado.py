"""Which cost inputs the result hangs on: each lower and higher than declared, decisions made anew."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FuncFormatter, MaxNLocator

from tillthen.report.drawing.axes import area, figure_pixels
from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.rows import name_rows
from tillthen.report.drawing.svg import INK, MUTED, PANEL, SURFACE, draw
from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.selection import sample
from tillthen.report.facts.whatif import Scenario, Sensitivity
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Cell, Column, Figure, Table, texts
from tillthen.report.texts.numbers import Money, compact, general

ROW = 38
LEFT = 156
EDGE = 54
"""Pixels beside a bar that its end's value needs."""


def tornado(model: ModelFacts, look: Look, money: Money) -> Figure | None:
    """The net cost by input, the widest bar on top."""
    found = [row for row in model.sensitivity if _ends(row)]
    if not found:
        return None
    ordered = sorted(found, key=lambda row: (-_width(row), row.input))
    base = next((row.base_cost for row in ordered if row.base_cost is not None), None)
    title = f"If a cost input is wrong, {model.name}"
    slug = f"tornado-{look.number}"
    height = max(PANEL[1] - 60, 78 + ROW * len(ordered))
    drawing = draw(slug, title, _words(ordered, money), lambda figure: _paint(figure, ordered, base, look, money),
                   (PANEL[0], height))  # fmt: skip
    reading = "Open end: the input is lower than declared. Full end: higher. Every decision is made anew."
    table = _table(title, ordered, money, cells.sample(*sample(model)))
    return Figure(slug, title, reading, drawing, table, look=look)


def _ends(row: Sensitivity) -> list[tuple[Scenario, float]]:
    return [(end, end.cost) for end in (row.low, row.high) if end.cost is not None]


def _width(row: Sensitivity) -> float:
    costs = [cost for _, cost in _ends(row)] + ([] if row.base_cost is None else [row.base_cost])
    return max(costs) - min(costs)


def _paint(figure: Drawing, rows: Sequence[Sensitivity], base: float | None, look: Look, money: Money) -> None:
    axes = area(figure, left=LEFT, top=14, right=24)
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
    name_rows(axes, [row.title or row.input for row in rows], LEFT - 12)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    costs = [money.major(cost) for row in rows for _, cost in _ends(row)]
    costs += [] if base is None else [money.major(base)]
    _limits(axes, min(costs), max(costs))
    for place, row in enumerate(rows):
        _bar(axes, place, row, look, money)
    if base is not None:
        axes.axvline(money.major(base), color=INK, linewidth=1.2, zorder=5)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(compact))
    axes.set_xlabel(f"net cost, {money.currency}; line: as declared", loc="right", labelpad=6)


def _limits(axes: Axes, low: float, high: float) -> None:
    """Room beside the bars for the values at their ends."""
    width = axes.get_position().width * figure_pixels(axes)[0]
    reach = (high - low) or abs(high) or 1.0
    margin = reach * EDGE / (width - 2 * EDGE)
    axes.set_xlim(low - margin, high + margin)


def _bar(axes: Axes, place: int, row: Sensitivity, look: Look, money: Money) -> None:
    ends = {name: end for name, end in (("low", row.low), ("high", row.high)) if end.cost is not None}
    costs = {name: money.major(end.cost) for name, end in ends.items() if end.cost is not None}
    base = costs.get("low", 0.0) if row.base_cost is None else money.major(row.base_cost)
    left, right = min(base, *costs.values()), max(base, *costs.values())
    axes.barh(place, right - left, left=left, height=0.36, color=look.colour, alpha=0.35, linewidth=0, zorder=3)
    for name, cost in costs.items():
        axes.plot([cost], [place], marker="o", markersize=7, color=look.colour, zorder=6, markeredgewidth=1.6,
                  markerfacecolor=SURFACE if name == "low" else look.colour, markeredgecolor=look.colour)  # fmt: skip
    for cost, leftmost in ((left, True), (right, False)):
        if right > left and cost != base:
            axes.annotate(compact(float(f"{cost:.3g}")), (cost, place), xytext=(-8 if leftmost else 8, 0),
                          textcoords="offset points", va="center", ha="right" if leftmost else "left",
                          color=MUTED)  # fmt: skip


def _words(rows: Sequence[Sensitivity], money: Money) -> str:
    said = [f"{row.title or row.input}: {' to '.join(money.text(cost) for _, cost in _ends(row))}" for row in rows]
    return "; ".join(said) + "."


def _table(title: str, rows: Sequence[Sensitivity], money: Money, rests_on: str) -> Table:
    columns = [
        *texts("Input"), Column("Declared"), Column("Lower"), Column("Net cost", f"{money.currency}, lower"),
        Column("Savings", "lower"), Column("Higher"), Column("Net cost", f"{money.currency}, higher"),
        Column("Savings", "higher"),
    ]  # fmt: skip
    made = [
        [Cell(row.title or row.input), _input(row.declared, row.unit, money),
         *_scenario(row.low, row.unit, money), *_scenario(row.high, row.unit, money)]
        for row in rows
    ]  # fmt: skip
    note = "Inputs are amounts, shares, or what multiplies an expression."
    return Table(title, columns, made, rests_on, note)


def _scenario(end: Scenario, unit: str, money: Money) -> list[Cell]:
    return [_input(end.value, unit, money), cells.paid(end.cost, money), cells.shared(end.savings)]


def _input(value: float | None, unit: str, money: Money) -> Cell:
    if unit == "minor":
        return cells.amount(value, "money", money)
    return cells.shared(value) if unit == "share" else Cell(general(value), value)
