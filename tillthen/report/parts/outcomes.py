"""What deciding led to, as a row of a table: the same columns for policies and for thresholds."""

from __future__ import annotations

from tillthen.report.facts.measures import ModelFacts, Outcome
from tillthen.report.facts.selection import evenly, sample
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Cell, Column, Table
from tillthen.report.parts.context import Context

SHARES = (
    ("alert_rate", "Alert rate", "alert rate"), ("precision", "Precision", "precision"), ("recall", "Recall", "recall"),
    ("value_detection_rate", "Value detection", "value detection rate"), ("insult_rate", "Insult rate", "insult rate"),
    ("approval_rate", "Approval rate", "approval rate"), ("approval_rate_value", "Approval by value", "approval rate"),
)  # fmt: skip


def columns(context: Context) -> list[Column]:
    """Money first, then shares."""
    shares = [Column(title, "share", term=term) for _, title, term in SHARES]
    return [Column("Net cost", context.money.currency, term="net cost"), Column("Savings", "share", term="savings"),
            Column("Declined", "rows"), Column("Declined", "a day"), *shares, Column("False positives", "n : 1"),
            Column("Fraud left", "bps", term="basis points")]  # fmt: skip


def row(context: Context, found: Outcome, declined: int | None) -> list[Cell]:
    """The cells of those columns."""
    shares = [cells.shared(getattr(found, name)) for name, *_ in SHARES]
    return [cells.paid(found.cost, context.money), cells.shared(found.savings), cells.counted(declined),
            cells.counted(found.alerts_per_day), *shares, cells.measured(found.false_positives_per_true),
            cells.measured(found.fraud_bps)]  # fmt: skip


def thresholds(context: Context, model: ModelFacts) -> Table:
    """What declining from each threshold on leads to."""
    shown = evenly(model.thresholds, 25)
    rows = [[cells.measured(each.threshold), *row(context, each, each.alerts)] for each in shown]
    note = (
        "" if len(shown) == len(model.thresholds) else f"{len(shown)} of {len(model.thresholds)}; all are in the facts."
    )
    head = [Column("Threshold"), *columns(context)]
    return Table(f"Thresholds of {model.name}", head, rows, cells.sample(*sample(model)), note)
