"""The threshold explorer: what another threshold, or other costs, would have led to."""

from __future__ import annotations

from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.selection import base_rate, operating
from tillthen.report.facts.whatif import Input
from tillthen.report.figures import live
from tillthen.report.parts import outcomes, readings
from tillthen.report.parts.blocks import Block, Choice, Details, Explorer, Knob, Live, Measure, Prose, Section, answer
from tillthen.report.parts.context import Context
from tillthen.report.texts.numbers import Money, count, few, share

GROUPS = [
    ("Money", [
        Measure("cost", "Net cost", "money", "lower", "net cost"),
        Measure("savings", "Savings", "share", "higher", "savings"),
        Measure("value_detection_rate", "Value detection", "share", "higher", "value detection rate"),
        Measure("fraud_bps", "Fraud left", "bps", "lower", "basis points"),
    ]),
    ("Frauds", [
        Measure("alerts_per_day", "Alerts a day", "count"),
        Measure("precision", "Precision", "share", "higher", "precision"),
        Measure("recall", "Recall", "share", "higher", "recall"),
        Measure("false_positives_per_true", "False positives per fraud", "ratio", "lower"),
    ]),
    ("Customers", [
        Measure("insult_rate", "Insult rate", "share", "lower", "insult rate"),
        Measure("approval_rate", "Approval rate", "share", "higher", "approval rate"),
        Measure("approval_rate_value", "Approval rate by value", "share", "higher", "approval rate"),
    ]),
]  # fmt: skip


def section(context: Context) -> Section:
    """The operating point in words, the explorer, and its steps as tables."""
    blocks: list[Block] = [Prose(context.caution, "warning")] if context.caution else answer(_lead(context))
    flaws = {model.name: readings.flaw(model.explorer) for model in context.models}
    explored = [model for model in context.models if not flaws[model.name]]
    if explored:
        blocks.append(_explorer(context, explored))
        rest = [f"{name}: {flaw}" for name, flaw in flaws.items() if flaw]
        blocks += [Prose(f"Not to be explored: {'; '.join(rest)}.", "note")] * bool(rest)
    else:
        why = "; ".join(dict.fromkeys(flaws.values())) or "no model was scored"
        blocks.append(Prose(f"No threshold can be explored: {why}.", "missing"))
    tables: list[Block] = [outcomes.thresholds(context, model) for model in context.models if model.thresholds]
    if tables:
        blocks.append(Details("Thresholds as a table, by model", tables))
    return Section("explorer", "Threshold explorer", "What would another threshold do?", blocks)


def _lead(context: Context) -> list[str]:
    """How much the leading models decline at the operating point, and what that does."""
    rows = {m.name: row for m in context.models
            if context.looks[m.name].leading and (row := operating(m, context.policy))}  # fmt: skip
    said = [
        f"{count(row.alerts_per_day)} payments a day with {name}, for {share(row.value_detection_rate)} of fraud value"
        for name, row in rows.items() if row.alerts_per_day is not None
    ]  # fmt: skip
    return [f"{context.policy_title} declines {', and '.join(said)}."] if said else []


def _explorer(context: Context, models: list[ModelFacts]) -> Explorer:
    places = {model.name: place for place, model in enumerate(context.facts.models)}
    choices = [
        Choice(places[model.name], readings.start(model, context.policy), len(model.explorer.points),
               few(model.explorer.positives), model.name, model.role, context.looks[model.name])
        for model in models if model.explorer
    ]  # fmt: skip
    inputs = models[0].explorer.inputs if models[0].explorer else ()
    knobs = [_knob(each, context.money) for each in inputs]
    return Explorer(choices, GROUPS, _drawings(context, models), knobs, context.policy_title,
                    context.money.digits)  # fmt: skip


def _drawings(context: Context, models: list[ModelFacts]) -> list[Live]:
    steps = {model.name: readings.readings(model.explorer) for model in models if model.explorer}
    rows = {model.name: row for model in models if (row := operating(model, context.policy))}
    ranked = {name: (row.recall, row.precision) for name, row in rows.items()
              if row.recall is not None and row.precision is not None}  # fmt: skip
    priced = {name: (row.alert_rate, 1 - row.savings) for name, row in rows.items()
              if row.alert_rate and row.savings is not None}  # fmt: skip
    drawn = [live.precision_recall(steps, context.looks, ranked, base_rate(models)),
             live.cost(steps, context.looks, priced)]  # fmt: skip
    return [each for each in drawn if each is not None]


def _knob(found: Input, money: Money) -> Knob:
    unit, scale = {"minor": (money.currency, 10.0**-money.digits), "share": ("%", 100.0)}.get(found.unit, ("×", 1.0))
    most = "" if found.most is None else f"{found.most * scale:.12g}"
    return Knob(found.name, found.title or found.name.replace("_", " ").capitalize(), unit,
                f"{found.value * scale:.12g}", scale, most)  # fmt: skip
