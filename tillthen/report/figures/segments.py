"""A segment's values side by side: what fraud is caught there, and who is insulted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FuncFormatter, MaxNLocator

from tillthen.define.backtests.minimums import FEW
from tillthen.report.drawing.axes import beside, point
from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.rows import height, mark_key, places, row_axes
from tillthen.report.drawing.svg import draw
from tillthen.report.facts.measures import ModelFacts, Policy
from tillthen.report.facts.selection import operating
from tillthen.report.facts.slices import SegmentRow
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Cell, Column, Figure, Table, texts
from tillthen.report.texts.numbers import Money, count, few, percent, share, significant

WIDTH = 900
LEFT, MIDDLE = 168, 500
"""Pixels at which the two panels begin."""

MOST = 14
"""So many values are drawn, those with most payments; all are in the table."""

SPREAD = 0.22
TOO_FEW = "too few"
PANELS = (("value_detection_rate", "value detection rate", True), ("insult_rate", "insult rate", False))
"""Measure, its name, and whether it rests on positives."""


@dataclass(frozen=True)
class _Rows:
    """Of one segment, each value's rows by model; the values with most payments first."""

    name: str
    values: list[str]
    found: dict[tuple[str, str], SegmentRow]
    models: dict[str, Policy | None]

    def overall(self, measure: str) -> dict[str, float]:
        """Each model's measure over all rows."""
        found = {name: getattr(row, measure) for name, row in self.models.items() if row is not None}
        return {name: value for name, value in found.items() if value is not None}

    def row(self, model: str, value: str) -> SegmentRow | None:
        return self.found.get((model, value))


def segment(
    models: Sequence[ModelFacts], looks: dict[str, Look], name: str, number: int, policy: str, money: Money
) -> Figure | None:
    """Value detection and insult rate by value; measures that rest on too few positives are suppressed."""
    rows = _rows(models, name, policy)
    if not rows.values:
        return None
    shown = rows.values[:MOST]
    more = len(rows.values) - len(shown)
    slug, title = f"segment-{number}", f"By {name}"
    reading = (
        f"Dashes: over all rows. Measures on fewer than {FEW} positives, or payments, are suppressed; "
        f"faint: fewer than {FEW} insults."
    )
    reading += f" The {len(shown)} values with most payments of {len(rows.values)}." if more else ""
    drawing = draw(slug, title, _words(rows, shown), lambda figure: _paint(figure, rows, shown, looks),
                   (WIDTH, height(len(shown))))  # fmt: skip
    return Figure(slug, title, reading, drawing, _table(rows, looks, money), wide=True)


def segment_table(
    models: Sequence[ModelFacts], looks: dict[str, Look], name: str, policy: str, money: Money
) -> Table | None:
    """The table alone, where nothing is drawn."""
    rows = _rows(models, name, policy)
    return _table(rows, looks, money) if rows.values else None


def title_of(row: SegmentRow) -> str:
    """A value in words; null is a value too."""
    if row.value is None:
        return "(null)"
    return str(row.value) or "(empty)"


def _rows(models: Sequence[ModelFacts], name: str, policy: str) -> _Rows:
    found = {(model.name, title_of(row)): row
             for model in models for part in model.segments if part.name == name for row in part.rows}  # fmt: skip
    sizes: dict[str, int] = {}
    for (_, value), row in found.items():
        sizes[value] = max(sizes.get(value, 0), row.n or 0)
    values = sorted(sizes, key=lambda value: (-sizes[value], value))
    measured = [model for model in models if any(key[0] == model.name for key in found)]
    return _Rows(name, values, found, {model.name: operating(model, policy) for model in measured})


def _paint(figure: Drawing, rows: _Rows, shown: Sequence[str], looks: dict[str, Look]) -> None:
    names = [f"{value} ({count(_size(rows, value))})" for value in shown]
    left = row_axes(figure, names, left=LEFT, right=WIDTH - MIDDLE + 30)
    right = row_axes(figure, [""] * len(shown), left=MIDDLE + 30, right=30)
    for axes, (measure, title, on_positives) in zip((left, right), PANELS, strict=True):
        _panel(axes, rows, shown, looks, measure, on_positives=on_positives)
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(percent))
        axes.set_xlabel(title, loc="right", labelpad=6)
    mark_key(left, [(name, looks[name]) for name in rows.models])


def _panel(
    axes: Axes, rows: _Rows, shown: Sequence[str], looks: dict[str, Look], measure: str, *, on_positives: bool
) -> None:
    measured = []
    for place, value in enumerate(shown):
        for offset, model in zip(places(len(rows.models), SPREAD), rows.models, strict=True):
            row = rows.row(model, value)
            if row is None or suppressed(row, on_positives=on_positives):
                continue
            found = getattr(row, measure)
            if found is not None:
                measured.append(found)
                faint = not on_positives and few_insults(row)
                point(axes, found, place + offset, looks[model], size=7.5, faint=faint)
    for model, overall in rows.overall(measure).items():
        measured.append(overall)
        axes.axvline(overall, color=looks[model].colour, linewidth=1.2, linestyle=(0, (3, 3)), zorder=2)
    axes.set_xlim(0, (max(measured, default=0.0) or 0.1) * 1.12)
    for place, value in enumerate(shown):
        both = [rows.row(model, value) for model in rows.models]
        if all(row is None or suppressed(row, on_positives=on_positives) for row in both):
            beside(axes, 0, place, TOO_FEW)


def suppressed(row: SegmentRow, *, on_positives: bool) -> bool:
    """Whether a cell is too small for a measure to be shown."""
    return few(row.n) or (on_positives and few(row.positives))


def few_insults(row: SegmentRow) -> bool:
    """Whether an insult rate rests on too few insults to be compared."""
    genuine = (row.n or 0) - (row.positives or 0)
    return few(row.n) or few(round(genuine * (row.insult_rate or 0.0)))


def _size(rows: _Rows, value: str) -> int | None:
    return max(((row.n or 0) for (_, key), row in rows.found.items() if key == value), default=None)


def _words(rows: _Rows, shown: Sequence[str]) -> str:
    said = []
    for value in shown:
        for model in rows.models:
            row = rows.row(model, value)
            if row is not None and not suppressed(row, on_positives=True):
                said.append(f"{value}, {model}: catches {share(row.value_detection_rate)} of fraud value, "
                            f"insults {share(row.insult_rate)}")  # fmt: skip
    return "; ".join(said) + "." if said else "All cells are too small."


def _table(rows: _Rows, looks: dict[str, Look], money: Money) -> Table:
    columns = [
        Column(rows.name, numeric=False), *texts("Model"), Column("n", "rows"), Column("Positives", "rows"),
        Column("Base rate", "share", term="base rate"), Column("Average precision", term="average precision"),
        Column("Precision", "share", term="precision"), Column("Recall", "share", term="recall"),
        Column("Value detection", "share", term="value detection rate"),
        Column("Approval rate", "share", term="approval rate"), Column("Insult rate", "share", term="insult rate"),
        Column("Alert rate", "share", term="alert rate"), Column("Fraud left", "bps", term="basis points"),
        Column("Net cost", money.currency, term="net cost"), Column("Savings", "share", term="savings"),
        Column("Sum ratio", "1 is right", term="sum ratio"),
    ]  # fmt: skip
    made = [
        _cells(value, model, row, looks, money)
        for value in rows.values for model in rows.models if (row := rows.row(model, value)) is not None
    ]  # fmt: skip
    return Table(f"By {rows.name}, under the operating point's policy", columns, made)


def _cells(value: str, model: str, row: SegmentRow, looks: dict[str, Look], money: Money) -> list[Cell]:
    def kept(cell: Cell, *, on_positives: bool = True) -> Cell:
        hidden = suppressed(row, on_positives=on_positives)
        return Cell("–", note=TOO_FEW, tone="weak") if hidden else cell

    counts = [cells.counted(row.n), cells.positives(row.positives)]
    if few(row.n):
        counts = [Cell(f"< {FEW}", tone="weak"), Cell("–", note=TOO_FEW, tone="weak")]
    return [
        Cell(value), cells.model(model, looks[model]), *counts,
        kept(cells.shared(row.base_rate)), kept(cells.score(row.average_precision)),
        *(kept(cells.shared(each)) for each in (row.precision, row.recall, row.value_detection_rate)),
        *(kept(cells.shared(each), on_positives=False) for each in (row.approval_rate, row.insult_rate,
                                                                    row.alert_rate)),
        kept(cells.measured(row.fraud_bps)), kept(cells.paid(row.cost, money)), kept(cells.shared(row.savings)),
        kept(Cell(significant(row.sum_ratio), row.sum_ratio)),
    ]  # fmt: skip
