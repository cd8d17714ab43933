"""Stability: whether what the whole test says holds day by day, week by week, and as models age."""

from __future__ import annotations

from tillthen.report.facts.measures import ModelFacts
from tillthen.report.figures import days, weeks
from tillthen.report.parts.blocks import Block, Details, Figure, Figures, Prose, Section, answer
from tillthen.report.parts.context import Context


def section(context: Context) -> Section:
    """Weeks first, then days, age and drift; the leading models' weeks in full."""
    title, question = "Stability", "Does it hold from week to week, and as the model ages?"
    leading = context.leading(context.models)
    figures = [figure for figure in _figures(context, leading) if figure is not None]
    if not figures:
        reason = "Nothing was measured by day or week: there are no test rows, or the test is shorter than that."
        return Section("stability", title, question, [Prose(reason, "missing")])
    blocks: list[Block] = [Prose(context.caution, "warning")] if context.caution else answer(_lead(context, leading))
    blocks.append(Figures(figures))
    blocks += [Prose(f"{what} not measured.", "note") for what in _absent(context.models)]
    if any(model.model_age for model in leading) and weeks.age(leading, context.looks) is None:
        blocks.append(Prose("By the model's age: all decisions were made at about one age.", "note"))
    others = [model for model in context.models if model.weeks and model not in leading]
    if others:
        table = weeks.week_table(others, context.looks, context.money, "Net cost by week, other models")
        blocks.append(Details("Weeks, other models", [table]))
    return Section("stability", title, question, blocks)


def _figures(context: Context, leading: list[ModelFacts]) -> list[Figure | None]:
    looks, money = context.looks, context.money
    return [
        weeks.cost(leading, looks, money), weeks.average_precision(leading, looks),
        days.cost(leading, looks, money),
        days.card_precision(leading, looks, context.facts.backtest.capacity),
        weeks.age(leading, looks), weeks.drift(leading, looks),
    ]  # fmt: skip


def _lead(context: Context, leading: list[ModelFacts]) -> list[str]:
    """Of the model that is decided upon."""
    decided = context.decided(leading)
    said = [weeks.worst_said(decided, context.money), weeks.range_said(decided)]
    return [f"{words}." for words in said if words]


def _absent(models: list[ModelFacts]) -> list[str]:
    """What was not measured, so that nobody takes silence for calm."""
    wanted: dict[str, list[tuple[object, ...]]] = {
        "By week:": [model.weeks for model in models], "By the model's age:": [model.model_age for model in models],
        "Drift of the scores:": [model.score_drift for model in models],
        "By day:": [model.daily for model in models],
    }  # fmt: skip
    return [name for name, found in wanted.items() if not any(found)]
