"""Week by week, by the model's age, and how far scores drift."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.series import Scale, Series, Value, dated, paint_series
from tillthen.report.drawing.svg import draw
from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.slices import AgeBand, Week
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Cell, Column, Figure, Table, texts
from tillthen.report.texts.numbers import Money, count, decimal, few, share, significant

PER = 1000
"""Weeks differ in their number of payments, so costs are for so many."""

NOTABLE, LARGE = 0.1, 0.25
"""A population stability index is by custom small below the first and large from the second on."""


def cost(models: Sequence[ModelFacts], looks: dict[str, Look], money: Money) -> Figure | None:
    """Net cost by week for a thousand payments; each model's worst week is ringed."""
    series = _weekly(models, lambda week: _per_thousand(week, money))
    if not series:
        return None
    title, scale = "Net cost by week", Scale("number", f"net cost for {PER:,} payments, {money.currency}")
    worst = {model.name: found[0].at for model in models if (found := dated(model.worst_week or "", 0.0))}
    reading = "By the Monday of each week. Ring: the worst week. Faint: too few positives."
    drawing = draw("cost-weeks", title, _said(series),
                   lambda figure: paint_series(figure, series, looks, scale, worst))  # fmt: skip
    return Figure("cost-weeks", title, reading, drawing, week_table(models, looks, money, title))


def average_precision(models: Sequence[ModelFacts], looks: dict[str, Look]) -> Figure | None:
    """Average precision by week."""
    series = _weekly(models, lambda week: week.average_precision)
    if not series:
        return None
    title, scale = "Average precision by week", Scale("number", "average precision")
    reading = "Whether the ranking holds, whatever mistakes cost. Faint: too few positives."
    drawing = draw("ap-weeks", title, _said(series), lambda figure: paint_series(figure, series, looks, scale))
    columns = [*texts("Week of", "Model"), Column("n", "rows"), Column("Positives", "rows"),
               Column("Average precision", term="average precision")]  # fmt: skip
    rows = [
        [Cell(week.week), cells.model(model.name, looks[model.name]), cells.counted(week.rows),
         cells.positives(week.positives), cells.resting(cells.score(week.average_precision), week.positives)]
        for model in models for week in model.weeks
    ]  # fmt: skip
    return Figure("ap-weeks", title, reading, drawing, Table(title, columns, rows))


def _per_thousand(week: Week, money: Money) -> float | None:
    return money.major(week.cost) / week.rows * PER if week.cost is not None and week.rows else None


def _weekly(models: Sequence[ModelFacts], measure: Callable[[Week], float | None]) -> Series:
    found = {m.name: [value for week in m.weeks for value in dated(week.week, measure(week), week.positives)]
             for m in models}  # fmt: skip
    return {name: values for name, values in found.items() if values}


def week_table(models: Sequence[ModelFacts], looks: dict[str, Look], money: Money, title: str) -> Table:
    """Every week of every model, the worst one marked."""
    columns = [
        *texts("Week of", "Model"), Column("n", "rows"), Column("Positives", "rows"), Column("Declined", "rows"),
        Column("Net cost", money.currency, term="net cost"), Column("Savings", "share", term="savings"),
        Column("Average precision", term="average precision"),
        Column("Value detection", "share", term="value detection rate"),
        Column("Insult rate", "share", term="insult rate"), Column("Approval rate", "share", term="approval rate"),
        Column("Fraud left", "bps", term="basis points"),
    ]  # fmt: skip
    rows = [
        [Cell(week.week, note="worst week" if week.week == model.worst_week else ""),
         cells.model(model.name, looks[model.name]), cells.counted(week.rows), cells.positives(week.positives),
         cells.counted(week.declined), cells.paid(week.cost, money),
         *(cells.resting(cell, week.positives) for cell in (
             cells.shared(week.savings), cells.score(week.average_precision), cells.shared(week.value_detection_rate))),
         cells.shared(week.insult_rate), cells.shared(week.approval_rate),
         cells.resting(cells.measured(week.fraud_bps), week.positives)]
        for model in models for week in model.weeks
    ]  # fmt: skip
    return Table(title, columns, rows)


def age(models: Sequence[ModelFacts], looks: dict[str, Look]) -> Figure | None:
    """Average precision by how old the model was when it decided."""
    found = {m.name: [value for band in m.model_age for value in _aged(band)] for m in models}
    series = {name: values for name, values in found.items() if values}
    if len({value.at for values in series.values() for value in values}) < 2:
        return None
    title, scale = "Average precision by the model's age", Scale("number", "average precision", "days since training")
    reading = "Whether an older model ranks worse: how often must it be trained? Faint: too few positives."
    columns = [*texts("Age", "Model"), Column("n", "rows"), Column("Positives", "rows"),
               Column("Average precision"), Column("Savings", "share"), Column("Card precision", "share")]  # fmt: skip
    rows = [
        [Cell(_days(band)), cells.model(model.name, looks[model.name]), cells.counted(band.rows),
         cells.positives(band.positives), cells.resting(cells.score(band.average_precision), band.positives),
         cells.resting(cells.shared(band.savings), band.positives), cells.shared(band.card_precision)]
        for model in models for band in model.model_age
    ]  # fmt: skip
    drawing = draw("age", title, _said(series), lambda figure: paint_series(figure, series, looks, scale))
    return Figure("age", title, reading, drawing, Table(title, columns, rows))


def _aged(band: AgeBand) -> list[Value]:
    if band.from_days is None or band.average_precision is None:
        return []
    middle = band.from_days if band.to_days is None else (band.from_days + band.to_days) / 2
    return [Value(middle, band.average_precision, few(band.positives))]


def _days(band: AgeBand) -> str:
    return f"[{count(band.from_days)}, {count(band.to_days)}) days"


def drift(models: Sequence[ModelFacts], looks: dict[str, Look]) -> Figure | None:
    """How far each fold's scores lie from their reference."""
    found = {m.name: [Value(each.fold, each.psi) for each in m.score_drift if each.psi is not None] for m in models}
    series = {name: values for name, values in found.items() if len(values) > 1}
    if not series:
        return None
    levels = ((NOTABLE, f"{NOTABLE:g}: notable"), (LARGE, f"{LARGE:g}: large"))
    title, scale = "Drift of the scores", Scale("number", "population stability index", "fold", levels)
    reference = next((each.reference for model in models for each in model.score_drift if each.reference), "")
    reading = f"Each fold's scores{f' against {reference}' if reference else ''}."
    drawing = draw("drift", title, _said(series), lambda figure: paint_series(figure, series, looks, scale))
    return Figure("drift", title, reading, drawing, drift_table(models, looks))


def drift_table(models: Sequence[ModelFacts], looks: dict[str, Look]) -> Table:
    """The index of every fold and model."""
    columns = [*texts("Fold", "Model"), Column("n", "rows"), Column("Stability index", term="stability index"),
               *texts("Against")]  # fmt: skip
    rows = [
        [cells.counted(each.fold), cells.model(model.name, looks[model.name]), cells.counted(each.n), index(each.psi),
         Cell(each.reference or "–")]
        for model in models for each in model.score_drift
    ]  # fmt: skip
    return Table("Drift of the scores", columns, rows)


def index(psi: float | None) -> Cell:
    """A population stability index, and what it is by custom called."""
    if psi is None:
        return Cell("–", note="not measured", tone="weak")
    note = "large" if psi >= LARGE else "notable" if psi >= NOTABLE else ""
    return Cell(significant(psi, 2), psi, note, "bad" if psi >= LARGE else "")


def _said(series: Series) -> str:
    """First and last value of each model."""
    return " ".join(
        f"{name}: from {significant(values[0].y)} to {significant(values[-1].y)}." for name, values in series.items()
    )


def worst_said(model: ModelFacts, money: Money) -> str:
    """The worst week in words, or nothing."""
    week = next((week for week in model.weeks if week.week == model.worst_week), None)
    if week is None or week.cost is None:
        return ""
    words = f"{model.name}'s worst week began on {week.week}: net cost {money.text(week.cost)}"
    words += f" on {count(week.rows)} payments" if week.rows is not None else ""
    return f"{words}, savings of {share(week.savings)}" if week.savings is not None else words


def range_said(model: ModelFacts) -> str:
    """The range of average precision over the weeks with enough positives."""
    values = [week.average_precision for week in model.weeks if week.average_precision is not None
              and not few(week.positives)]  # fmt: skip
    if len(values) < 2:
        return ""
    return f"{model.name}'s average precision lay between {decimal(min(values), 3)} and {decimal(max(values), 3)}"
