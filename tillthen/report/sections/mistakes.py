"""The dearest mistakes: frauds that were let through and customers who were turned away, with the model's reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.metric import Scalar
from tillthen.report.facts.mistakes import Mistake, Reason
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Block, Cell, Column, Details, Heading, Prose, Section, Table, answer
from tillthen.report.parts.context import Context
from tillthen.report.texts.moments import when
from tillthen.report.texts.numbers import decimal, general

REASONS = 3
"""So many of a payment's reasons are shown, the strongest."""

SHOWN = 6
"""So many mistakes of a kind are in sight, the others on demand."""

KINDS = (("misses", "Largest misses", "frauds approved"), ("insults", "Largest insults", "genuine payments stopped"))
NOTE = (
    "Reasons: the features that moved this score most, with their value and their part of the log odds (SHAP); "
    "above 0 towards fraud. Under the score: what was decided. Ids show their last characters only."
)


def section(context: Context) -> Section:
    """Of the model that is decided upon in sight, of the other leading one on demand."""
    title, question = "Largest mistakes", "Which payments cost most, and what did the model see in them?"
    models = [model for model in context.models if model.misses is not None or model.insults is not None]
    if not models:
        reason = "Single payments were not looked at: the facts name neither misses nor insults."
        return Section("mistakes", title, question, [Prose(reason, "missing")])
    leading = context.leading(models)
    decided = context.decided(leading)
    blocks: list[Block] = [*answer(_lead(context, decided)), *_tables(context, decided)]
    for model in [model for model in leading if model is not decided]:
        blocks.append(Details(f"Largest mistakes of {model.name}", _tables(context, model)))
    blocks.append(Prose(NOTE, "note"))
    return Section("mistakes", title, question, blocks)


def _lead(context: Context, model: ModelFacts) -> list[str]:
    said = []
    for name, _, what in KINDS:
        found: Sequence[Mistake] = getattr(model, name) or ()
        costs = [each.cost for each in found if each.cost is not None]
        if costs:
            total = f"the {len(costs)} shown {context.money.text(sum(costs))}" if len(costs) > 1 else "there is one"
            said.append(f"Of {model.name}'s {what}, the dearest cost {context.money.text(max(costs))}, {total}.")
    return said


def _tables(context: Context, model: ModelFacts) -> list[Block]:
    blocks: list[Block] = [Heading(model.name)]
    for name, title, what in KINDS:
        found: Sequence[Mistake] | None = getattr(model, name)
        if found is None:
            blocks.append(Prose(f"{title}: not looked at.", "note"))
        elif not found:
            blocks.append(Prose(f"{title}: there are no {what}.", "note"))
        else:
            blocks.append(_table(context, f"{title} of {model.name}: {what}", found[:SHOWN]))
            more = found[SHOWN:]
            if more:
                table = _table(context, f"{title} of {model.name}, from the {SHOWN + 1}th on", more)
                blocks.append(Details(f"{len(more)} more", [table]))
    return blocks


def _table(context: Context, caption: str, found: Sequence[Mistake]) -> Table:
    currency = context.money.currency
    columns = [
        Column("Payment", "UTC", numeric=False), Column("Amount", currency), Column("Cost", currency),
        Column("Score", "share"), Column("Reasons", "with their part of the log odds", numeric=False),
    ]  # fmt: skip
    rows = [
        [Cell(each.row_id or "–", code=True, note=when(each.as_of)), cells.paid(each.amount, context.money),
         cells.paid(each.cost, context.money), replace(cells.shared(each.probability), note=each.action),
         _reasons(each)]
        for each in found
    ]  # fmt: skip
    explained = any(each.reasons for each in found)
    note = "" if explained else "No reasons: the learner gives none for single payments."
    return Table(caption, columns, rows, note=note)


def _reasons(mistake: Mistake) -> Cell:
    """The strongest reason, and below it the next ones."""
    ordered = sorted(mistake.reasons, key=lambda reason: -abs(reason.contribution or 0.0))[:REASONS]
    if not ordered:
        return Cell("–", tone="weak")
    said = [_reason(reason) for reason in ordered]
    return Cell(said[0], note="; ".join(said[1:]))


def _reason(reason: Reason) -> str:
    part = "not measured" if reason.contribution is None else decimal(reason.contribution, 2, signed=True)
    return f"{reason.feature} is {_value(reason.value)}: {part}"


def _value(value: Scalar) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool | str):
        return str(value).lower() if isinstance(value, bool) else value
    return general(value)
