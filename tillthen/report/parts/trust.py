"""Parts of the protocol that say how far the numbers can be trusted: rows without an outcome, and the audit."""

from __future__ import annotations

from tillthen.report.facts.metric import Metric
from tillthen.report.facts.schema import AuditFacts, Protocol
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Block, Cell, Column, Heading, Prose, Table, Terms, texts
from tillthen.report.texts.numbers import Money, count
from tillthen.report.texts.words import in_order, metric_title

BOUNDS = (
    ("approved_only", "Approved only"), ("all_genuine", "All declined were genuine"),
    ("all_fraud", "All declined were fraud"),
)  # fmt: skip


def declined(protocol: Protocol, money: Money) -> list[Block]:
    """Payments that were declined when they happened have no outcome: bounds for what it could have been."""
    found = protocol.declined
    if found is None:
        return [Prose("Payments that were declined at the time: no rule names them, so none are told apart.", "note")]
    bounds = [(title, getattr(found, name)) for name, title in BOUNDS]
    names = in_order({name for _, metrics in bounds for name in metrics})
    columns = [*texts("Metric"), *(Column(title) for title, _ in bounds)]
    rows = [[Cell(metric_title(name)), *(_metric(name, metrics.get(name), money) for _, metrics in bounds)]
            for name in names]  # fmt: skip
    note = f"Declined at the time: {found.rule}. They have no outcome; the truth lies between the last two columns."
    if not rows:
        return [Prose(note, "note"), Prose("Bounds were not measured.", "note")]
    return [Table("If declined payments had outcomes", columns, rows, note=note)]


def _metric(name: str, found: Metric | None, money: Money) -> Cell:
    if found is not None and found.value is not None and (found.unit == "money" or name in ("net_cost", "cost")):
        note = cells.sample(found.n, found.positives)
        return Cell(money.text(found.value), found.value, note, digits=money.digits)
    return cells.metric(name, found, usual=(None, None))


def audit(protocol: Protocol) -> list[Block]:
    """Whether the feature table's values were computed again by an independent engine, and agreed."""
    found = protocol.audit
    if found is None:
        return [Prose("The feature table was not audited: no other engine has computed its values again.", "note")]
    blocks: list[Block] = [Heading("Audit of the feature table"), Terms(_terms(found))]
    if found.differences:
        blocks.append(Prose(f"{count(found.differences)} values differ from what the clock allows.", "warning"))
    if found.leaks:
        blocks.append(Prose(f"Declared to look ahead: {', '.join(found.leaks)}.", "warning"))
    return blocks + [Prose(f"Doubt: {doubt}", "note") for doubt in found.doubts]


def _terms(found: AuditFacts) -> list[tuple[str, str]]:
    differing = "not said" if found.differences is None else count(found.differences)
    said = [
        ("Run", found.run_id), ("Version", "" if found.version is None else str(found.version)),
        ("Rows drawn", "" if found.rows is None else count(found.rows)),
        ("Values computed again", "" if found.values is None else count(found.values)), ("Differing", differing),
        ("Leaks", ", ".join(found.leaks) or "none"),
    ]  # fmt: skip
    return [(name, words) for name, words in said if words]
