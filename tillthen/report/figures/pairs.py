"""The same model in two runs: A thin and dashed, B in full, both in the model's colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure as Drawing

from tillthen.report.drawing.axes import area, label, level, point, scale_x, scale_y, short, word
from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.svg import INK, MUTED, draw
from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.selection import base_rate, by_recall, operating, pairs, staircase
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Column, Figure, Table, texts
from tillthen.report.parts.context import Context
from tillthen.report.texts.numbers import Money, share

Curve = list[tuple[float, float]]


def precision_recall(a: Context, b: Context, name: str, look: Look) -> Figure | None:
    """The two precision-recall curves of a model, with each run's base rate."""
    models = [side.facts.model(name) for side in (a, b)]
    curves = [pairs(model.pr_curve, "recall", "precision") if model else [] for model in models]
    if not all(curves):
        return None
    rates = [base_rate([model]) for model in models if model]
    title = f"Precision and recall of {name}"
    words = "; ".join(f"{letter}: base rate {share(rate)}" for letter, rate in zip("AB", rates, strict=True))
    drawing = draw(f"pair-pr-{look.number}", title, words, lambda figure: _curves(figure, curves, rates, look))
    reading = f"A dashed, B in full. Grey levels: {words}."
    return Figure(f"pair-pr-{look.number}", title, reading, drawing, _points(title, models), look)


def _curves(figure: Drawing, curves: Sequence[Curve], rates: Sequence[float | None], look: Look) -> None:
    axes = area(figure)
    scale_x(axes, "share")
    scale_y(axes, "share")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    for letter, curve, rate in zip("AB", curves, rates, strict=True):
        x, y = zip(*staircase(curve), strict=True)
        dashed = letter == "A"
        how: dict[str, Any] = {"linewidth": 1.4, "linestyle": (0, (5, 2))} if dashed else {"linewidth": 2.2}
        axes.plot(x, y, color=look.colour, zorder=3 if dashed else 4, **how)
        place = _middle(curve, 0.35 if dashed else 0.65)
        axes.annotate(letter, place, xytext=(5, 5), textcoords="offset points", color=word(look), fontweight="bold")
        if rate is not None:
            level(axes, rate)
    label(axes, "recall", "precision")


def _middle(curve: Curve, recall: float) -> tuple[float, float]:
    return min(curve, key=lambda place: abs(place[0] - recall))


def _points(title: str, models: Sequence[ModelFacts | None]) -> Table:
    rows = [
        [cells.text(letter), cells.shared(point.recall), cells.shared(point.precision)]
        for letter, model in zip("AB", models, strict=True) if model for point in by_recall(model.pr_curve)
    ]  # fmt: skip
    return Table(title, [*texts("Run"), Column("Recall", "share"), Column("Precision", "share")], rows)


def net_cost(a: Context, b: Context, names: Sequence[str], looks: Mapping[str, Look]) -> Figure | None:
    """What each model's operating policy cost in A and in B, as two ends of a line: per 1,000 rows, as runs differ."""
    found = {name: ends for name in names if (ends := _ends(a, b, name))}
    if not found:
        return None
    title, money = "Net cost in A and in B", b.money
    said = [f"{name}: {money.plain(one)} in A, {money.plain(two)} in B" for name, (one, two) in found.items()]
    size = (700, 96 + 44 * len(found))
    drawing = draw("pair-cost", title, "; ".join(said), lambda figure: _dumbbells(figure, found, looks, money), size)
    reading = "Per 1,000 test rows, under each run's operating policy; an open mark is A, a full one B."
    rows = [
        [cells.model(name, looks[name]), cells.paid(one, money), cells.paid(two, money)]
        for name, (one, two) in found.items()
    ]
    columns = [
        *texts("Model"),
        Column("A", f"{money.currency} per 1,000 rows"),
        Column("B", f"{money.currency} per 1,000 rows"),
    ]
    return Figure("pair-cost", title, reading, drawing, Table(title, columns, rows), wide=True)


def _ends(a: Context, b: Context, name: str) -> tuple[float, float] | None:
    ends = []
    for side in (a, b):
        model = side.facts.model(name)
        row = operating(model, side.policy) if model else None
        rows = [day.rows for day in model.daily if day.rows] if model else []
        if row is None or row.cost is None or not rows:
            return None
        ends.append(1000 * row.cost / sum(rows))
    return ends[0], ends[1]


def _dumbbells(
    figure: Drawing, found: Mapping[str, tuple[float, float]], looks: Mapping[str, Look], money: Money
) -> None:
    axes = area(figure, left=170, top=34)
    scale_x(axes, "number")
    axes.set_yticks([])
    for place, (name, ends) in enumerate(found.items()):
        one, two = (money.major(end) for end in ends)
        look, y = looks[name], len(found) - place
        axes.annotate("", (two, y), (one, y), arrowprops={"arrowstyle": "-|>", "color": MUTED, "lw": 1.2})
        axes.plot([one], [y], marker=look.marker, markersize=9, color=look.colour, markerfacecolor="none", zorder=5)
        point(axes, two, y, look)
        axes.annotate(short(name), (0, y), xycoords=("axes fraction", "data"), xytext=(-10, 0),
                      textcoords="offset points", ha="right", va="center", color=INK)  # fmt: skip
    axes.set_ylim(0.4, len(found) + 0.6)
    axes.margins(x=0.12)
    label(axes, f"net cost, {money.currency} per 1,000 rows", "")
