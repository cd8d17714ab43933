"""Money by score band: the fraud that the scores expect against the fraud there was."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from tillthen.report.drawing.axes import beside, point
from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.rows import height, mark_key, places, row_axes
from tillthen.report.drawing.svg import INK, PANEL, draw
from tillthen.report.facts.measures import AmountBand, ModelFacts
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Cell, Column, Figure, Table, texts
from tillthen.report.texts.numbers import Money, decimal, few, percent, too_few

TICKS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
EDGE = 10.0
"""A ratio beyond this, or below one through it, is written at the edge."""

SPREAD = 0.2
"""Of a row: how far apart its models lie."""


def amounts(models: Sequence[ModelFacts], looks: dict[str, Look], money: Money) -> Figure | None:
    """Expected over actual fraud amount in each band, on a log axis around 1; grey where too few positives."""
    bands = {model.name: bands_of(model) for model in models if bands_of(model)}
    if not bands:
        return None
    names = list(dict.fromkeys(range_of(each) for found in bands.values() for each in found))
    ratios = [each.ratio for found in bands.values() for each in found if each.ratio]
    reach = min(max([2.2, *(max(ratio, 1 / ratio) * 1.25 for ratio in ratios)]), EDGE)

    def paint(figure: Drawing) -> None:
        axes = row_axes(figure, names, left=104, top=46 if len(bands) > 2 else 34)
        axes.set_xscale("log")
        axes.set_xlim(1 / reach, reach)
        axes.xaxis.set_major_locator(FixedLocator([tick for tick in TICKS if 1 / reach <= tick <= reach]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.axvline(1, color=INK, linewidth=1.2, zorder=2)
        for offset, (model, found) in zip(places(len(bands), SPREAD), bands.items(), strict=True):
            for each in found:
                if each.ratio is not None and 1 / reach <= each.ratio <= reach:
                    place = names.index(range_of(each)) + offset
                    point(axes, each.ratio, place, looks[model], size=7.5, faint=few(each.positives))
        _beyond(axes, bands, names, reach)
        axes.set_xlabel("expected / actual fraud amount, log scale", loc="right", labelpad=6)
        mark_key(axes, [(name, looks[name]) for name in bands])

    title = "Money by score band"
    reading = "Left of 1 the model sees less money at risk than there was. Faint: too few positives to tell."
    words = "; ".join(f"{name}: {', '.join(_said(each) for each in found)}" for name, found in bands.items())
    drawing = draw("amounts", title, f"{words}.", paint, (PANEL[0], height(len(names))))
    return Figure("amounts", title, reading, drawing, _table(models, looks, money))


def bands_of(model: ModelFacts) -> tuple[AmountBand, ...]:
    """Of the scores that decisions are made of."""
    shown = model.calibration.after or model.calibration.before
    return shown.amount_bands if shown else ()


def range_of(band: AmountBand) -> str:
    """The scores of a band in words."""
    return " to ".join("–" if end is None else percent(end) for end in (band.start, band.end))


def ratio_of(band: AmountBand) -> Cell:
    """Expected over actual, or why there is none."""
    if band.ratio is None:
        return Cell("–", note="no fraud amount" if not band.positives else "not measured", tone="weak")
    ratio = cells.measured(band.ratio)
    return Cell(ratio.text, band.ratio, too_few(band.positives), "weak") if few(band.positives) else ratio


def _beyond(axes: Axes, bands: Mapping[str, Sequence[AmountBand]], names: Sequence[str], reach: float) -> None:
    """At each edge of a row, the ratio that lies farthest beyond it."""
    for place, name in enumerate(names):
        ratios = [each.ratio for found in bands.values() for each in found if range_of(each) == name and each.ratio]
        if max(ratios, default=1.0) > reach:
            beside(axes, reach, place, f"{max(ratios):.3g} →", left=True)
        if 0 < min(ratios, default=1.0) < 1 / reach:
            beside(axes, 1 / reach, place, f"← {min(ratios):.2g}")


def _said(band: AmountBand) -> str:
    if band.ratio is None or not math.isfinite(band.ratio):
        return f"{range_of(band)} not measured"
    return f"{range_of(band)} {decimal(band.ratio, 2)}"


def _table(models: Sequence[ModelFacts], looks: dict[str, Look], money: Money) -> Table:
    columns = [
        *texts("Score", "Model"), Column("n", "rows"), Column("Positives", "rows"),
        Column("Expected fraud", money.currency), Column("Actual fraud", money.currency),
        Column("Expected / actual", "ratio", term="amount-weighted ratio"),
    ]  # fmt: skip
    rows = [
        [Cell(range_of(band)), cells.model(model.name, looks[model.name]), cells.counted(band.n),
         cells.counted(band.positives), cells.paid(band.expected_amount, money), cells.paid(band.actual_amount, money),
         ratio_of(band)]
        for model in models for band in bands_of(model)
    ]  # fmt: skip
    return Table("Money by score band", columns, rows, note="Expected: the sum of score x amount.")
