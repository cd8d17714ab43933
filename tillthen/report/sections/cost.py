"""Cost and capacity: what deciding by the scores costs."""

from __future__ import annotations

from tillthen.report import cells
from tillthen.report.blocks import Block, Cell, Column, Details, Figures, Prose, Section, Table, answer, texts
from tillthen.report.context import Context
from tillthen.report.figures import cost, days
from tillthen.report.measures import ModelFacts, Outcome, Policy
from tillthen.report.numbers import share
from tillthen.report.selection import evenly, operating, sample
from tillthen.report.words import policy_title

SHARES = (
    ("alert_rate", "Alert rate", "alert rate"), ("precision", "Precision", "precision"), ("recall", "Recall", "recall"),
    ("value_detection_rate", "Value detection", "value detection rate"), ("insult_rate", "Insult rate", "insult rate"),
    ("approval_rate", "Approval rate", "approval rate"), ("approval_rate_value", "Approval by value", "approval rate"),
)  # fmt: skip


def section(context: Context) -> Section:
    """Policies side by side, cost by threshold and by capacity; then the whole tables."""
    title, question = "Cost and capacity", "What would the decisions have cost?"
    if not any(model.policies or model.thresholds for model in context.models):
        return Section("cost", title, question, [Prose("No costs were measured.", "missing")])
    models, looks, money = context.models, context.looks, context.money
    figures = [
        cost.policies(models, looks, context.policy, money),
        cost.by_threshold(models, looks, context.policy, money),
        cost.by_capacity(models, looks, context.facts.backtest.capacity, money),
        days.cost(models, looks, money),
    ]  # fmt: skip
    drawn = [figure for figure in figures if figure is not None]
    blocks: list[Block] = answer(_lead(context)) if not context.caution else [Prose(context.caution, "warning")]
    if drawn:
        blocks.append(Figures(drawn))
    blocks.append(_matrix(context))
    whole: list[Block] = [_policies(context, model) for model in models if model.policies]
    blocks.append(Details("Policies in full, by model", whole))
    thresholds: list[Block] = [_thresholds(context, model) for model in models if model.thresholds]
    if thresholds:
        blocks.append(Details("Thresholds in full, by model", thresholds))
    return Section("cost", title, question, blocks)


def _lead(context: Context) -> list[str]:
    """The cheapest model under the operating point's policy, beside doing nothing and the oracle."""
    rows = [(row.cost, model, row) for model in context.models
            if (row := operating(model, context.policy)) and row.cost is not None]  # fmt: skip
    if not rows:
        return []
    price, model, row = min(rows, key=lambda found: found[0])
    words = f"{context.policy_title} costs least with {model.name}: {context.money.text(price)}"
    words += f", savings of {share(row.savings)}." if row.savings is not None else "."
    others = [("declining none", operating(model, "none")), ("the oracle", operating(model, "oracle"))]
    beside = [f"{name} {context.money.text(other.cost)}" for name, other in others if other and other.cost is not None]
    return [words, f"For comparison: {', '.join(beside)}."] if beside else [words]


def _matrix(context: Context) -> Table:
    """Net cost of every policy with every model."""
    models = [model for model in context.models if model.policies]
    titles = {row.name: policy_title(row.name, row.title) for model in models for row in model.policies}
    columns = [*texts("Policy"),
               *(Column(m.name, context.money.currency, look=context.looks[m.name]) for m in models)]  # fmt: skip
    rows = [
        [Cell(title, note="the operating point" if name == context.policy else ""),
         *(_cost(context, operating(model, name)) for model in models)]
        for name, title in titles.items()
    ]  # fmt: skip
    n, positives = sample(models[0]) if models else (None, None)
    return Table("Net cost by policy, with its savings", columns, rows, cells.sample(n, positives))


def _cost(context: Context, row: Policy | None) -> Cell:
    if row is None or row.cost is None:
        return Cell("–", note="not measured", tone="weak")
    return Cell(context.money.plain(row.cost), row.cost, note=share(row.savings))


def _policies(context: Context, model: ModelFacts) -> Table:
    columns = [*texts("Policy"), Column("Threshold"), *_outcome_columns(context)]
    rows = [
        [Cell(policy_title(row.name, row.title), note=row.source), cells.measured(row.threshold),
         *_outcome_cells(context, row, row.alerts if row.declined is None else row.declined)]
        for row in model.policies
    ]  # fmt: skip
    note = "Under the name: what its threshold was fitted on. Without a threshold, each row is decided by itself."
    return Table(model.name, columns, rows, cells.sample(*sample(model)), note)


def _thresholds(context: Context, model: ModelFacts) -> Table:
    columns = [Column("Threshold"), *_outcome_columns(context)]
    shown = evenly(model.thresholds, 40)
    rows = [[cells.measured(row.threshold), *_outcome_cells(context, row, row.alerts)] for row in shown]
    note = (
        "" if len(shown) == len(model.thresholds) else f"{len(shown)} of {len(model.thresholds)}; all are in the facts."
    )
    return Table(model.name, columns, rows, cells.sample(*sample(model)), note)


def _outcome_columns(context: Context) -> list[Column]:
    shares = [Column(title, "share", term=term) for _, title, term in SHARES]
    return [Column("Net cost", context.money.currency, term="net cost"), Column("Savings", "share", term="savings"),
            Column("Declined", "rows"), *shares, Column("False positives", "n : 1"),
            Column("Fraud left", "bps", term="basis points")]  # fmt: skip


def _outcome_cells(context: Context, row: Outcome, declined: int | None) -> list[Cell]:
    shares = [cells.shared(getattr(row, name)) for name, *_ in SHARES]
    return [cells.paid(row.cost, context.money), cells.shared(row.savings), cells.counted(declined), *shares,
            cells.measured(row.false_positives_per_true), cells.measured(row.fraud_bps)]  # fmt: skip
