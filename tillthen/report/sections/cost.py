"""Cost and capacity: what deciding by the scores costs."""

from __future__ import annotations

from dataclasses import replace

from tillthen.report.facts.measures import ModelFacts, Policy
from tillthen.report.facts.selection import operating, sample
from tillthen.report.figures import cost
from tillthen.report.figures.tornado import tornado
from tillthen.report.parts import cells, outcomes
from tillthen.report.parts.blocks import (
    Block,
    Cell,
    Column,
    Details,
    Figure,
    Figures,
    Prose,
    Section,
    Table,
    answer,
    texts,
)
from tillthen.report.parts.context import Context
from tillthen.report.texts.numbers import count, share
from tillthen.report.texts.words import policy_title

ACTIONS = ("approve", "decline", "review", "challenge")


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
        *_tornados(context, decided=True),
    ]  # fmt: skip
    drawn = [figure for figure in figures if figure is not None]
    blocks: list[Block] = answer(_lead(context)) if not context.caution else [Prose(context.caution, "warning")]
    if drawn:
        blocks.append(Figures(drawn))
    blocks.append(_matrix(context))
    if not any(model.sensitivity for model in models):
        blocks.append(Prose("How the result depends on the cost inputs was not measured.", "note"))
    actions = _actions(context)
    blocks += [] if actions is None else [actions]
    others = [figure for figure in _tornados(context, decided=False) if figure is not None]
    if others:
        blocks.append(Details("Cost inputs, the other model", [Figures(others)]))
    whole: list[Block] = [_policies(context, model) for model in models if model.policies]
    blocks.append(Details("Policies in full, by model", whole))
    return Section("cost", title, question, blocks)


def _tornados(context: Context, *, decided: bool) -> list[Figure | None]:
    """Of the model that is decided upon, or of the other leading one."""
    chosen = context.decided(context.models)
    return [tornado(model, context.looks[model.name], context.money)
            for model in context.leading(context.models) if (model is chosen) == decided]  # fmt: skip


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
    return replace(cells.paid(row.cost, context.money), note=share(row.savings))


def _actions(context: Context) -> Table | None:
    """What each policy does with the payments, where more than declining is offered."""
    rows = [
        (model, row, row.actions)
        for model in context.models for row in model.policies
        if row.actions is not None and context.looks[model.name].leading
    ]  # fmt: skip
    offered = [name for name in ACTIONS if any(getattr(actions, name) is not None for *_, actions in rows)]
    if not {"review", "challenge"} & set(offered):
        return None  # declined and approved payments are in the policies' own table
    columns = [*texts("Policy", "Model"), *(Column(name.capitalize(), "rows", term=name) for name in offered)]
    found = [
        [Cell(policy_title(row.name, row.title)), cells.model(model.name, context.looks[model.name]),
         *(cells.counted(getattr(actions, name)) for name in offered)]
        for model, row, actions in rows
    ]  # fmt: skip
    return Table("What the policies do", columns, found, cells.sample(*sample(rows[0][0])))


def _policies(context: Context, model: ModelFacts) -> Table:
    columns = [*texts("Policy"), Column("Threshold"), *outcomes.columns(context)]
    rows = [
        [Cell(policy_title(row.name, row.title), note=_note(context, row)), _threshold(context, row),
         *outcomes.row(context, row, row.alerts if row.declined is None else row.declined)]
        for row in model.policies
    ]  # fmt: skip
    note = (
        "Under the name: what its threshold was fitted on. Without a threshold, each row is decided by itself. The "
        "queue at the day's end knows the whole day, so no payment can wait for it; a threshold of saving needs not."
    )
    return Table(model.name, columns, rows, cells.sample(*sample(model)), note)


def _note(context: Context, row: Policy) -> str:
    """What a policy's threshold was fitted on, and on how many days it took more than there is capacity for."""
    if row.days_above is None:
        return row.source
    k = count(context.facts.backtest.capacity)
    above = f"on {count(row.days_above)} days more than {k}, at most {count(row.most_a_day)}"
    return "; ".join(each for each in (row.source, above) if each)


def _threshold(context: Context, row: Policy) -> Cell:
    return (
        cells.amount(row.threshold, "money", context.money)
        if row.name == "saving_threshold"
        else cells.measured(row.threshold)
    )
