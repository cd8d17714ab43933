"""Segments: whether some customers are served worse than others."""

from __future__ import annotations

from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.slices import SegmentRow
from tillthen.report.figures.segments import few_insults, segment, segment_table, suppressed, title_of
from tillthen.report.parts.blocks import Block, Details, Figures, Prose, Section, answer
from tillthen.report.parts.context import Context
from tillthen.report.texts.numbers import count, share


def section(context: Context) -> Section:
    """A figure a segment for the leading models; the others' tables on demand."""
    title, question = "Segments", "Where does it catch less, and whom does it insult more?"
    models = [model for model in context.models if model.segments]
    if not models:
        return Section("segments", title, question, [Prose(_reason(context), "missing")])
    leading = context.leading(models)
    others = [model for model in models if model not in leading]
    names = list(dict.fromkeys(part.name for model in models for part in model.segments))
    blocks: list[Block] = [Prose(context.caution, "warning")] if context.caution else answer(_lead(context, leading))
    looks, policy, money = context.looks, context.policy, context.money
    drawn = [figure for number, name in enumerate(names)
             if (figure := segment(leading, looks, name, number, policy, money)) is not None]  # fmt: skip
    blocks.append(Figures(drawn) if drawn else Prose("The segments hold no rows.", "missing"))
    further = [table for name in names if (table := segment_table(others, looks, name, policy, money)) is not None]
    if further:
        blocks.append(Details("Segments, other models", list(further)))
    return Section("segments", title, question, blocks)


def _reason(context: Context) -> str:
    if context.facts.backtest.segments:
        return f"Segments are declared ({', '.join(context.facts.backtest.segments)}), but were not measured."
    return "No segments are declared, so nobody has looked whether some customers are served worse than others."


def _lead(context: Context, leading: list[ModelFacts]) -> list[str]:
    """Of the model that is decided upon, the weakest and the most insulted cells that are large enough."""
    decided = context.decided(leading)
    cells = [(part.name, row) for part in decided.segments for row in part.rows]
    caught = [(row.value_detection_rate, name, row) for name, row in cells
              if row.value_detection_rate is not None and not suppressed(row, on_positives=True)]  # fmt: skip
    insulted = [(row.insult_rate, name, row) for name, row in cells
                if row.insult_rate is not None and not few_insults(row)]  # fmt: skip
    said = []
    if caught:
        value, name, row = min(caught, key=lambda each: each[0])
        said.append(f"{decided.name} catches least where {_where(name, row)}: {share(value)} of the fraud value, "
                    f"on {count(row.positives)} positives.")  # fmt: skip
    if insulted:
        value, name, row = max(insulted, key=lambda each: each[0])
        said.append(f"It insults most where {_where(name, row)}: {share(value)} of genuine payments, "
                    f"on {count(row.n)} rows.")  # fmt: skip
    return said


def _where(name: str, row: SegmentRow) -> str:
    return f"{name} is {title_of(row)}"
