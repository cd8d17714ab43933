"""Precision-recall: how well the scores rank."""

from __future__ import annotations

from collections import Counter

from tillthen.report import cells
from tillthen.report.blocks import Block, Cell, Column, Details, Figures, Prose, Section, Table, answer, texts
from tillthen.report.context import Context
from tillthen.report.figures import days, ranking
from tillthen.report.measures import Metric, ModelFacts
from tillthen.report.numbers import decimal, share
from tillthen.report.selection import base_rate, metric
from tillthen.report.words import in_order, metric_title


def section(context: Context) -> Section:
    """Curves, then the metrics, then the same with what was left out, then by fold."""
    title, question = "Precision and recall", "How well do the scores put fraud before genuine payments?"
    if not any(model.metrics or model.pr_curve for model in context.models):
        return Section("ranking", title, question, [Prose("No model was scored on a test window.", "missing")])
    blocks: list[Block] = answer(_lead(context)) if not context.caution else [Prose(context.caution, "warning")]
    blocks += _figures(context)
    blocks.append(_metrics(context, "Metrics on the test rows", {m.name: dict(m.metrics) for m in context.models}))
    excluded = {m.name: dict(m.metrics_with_excluded) for m in context.models if m.metrics_with_excluded}
    if excluded:
        blocks.append(_metrics(context, "The same, with the rows that were left out of the test", excluded))
    folds = _folds(context)
    return Section("ranking", title, question, [*blocks, *folds])


def _lead(context: Context) -> list[str]:
    ranked = [(found, m.name) for m in context.models if (found := metric(m, "average_precision")) is not None]
    if not ranked:
        return []
    best = max(ranked)
    words = f"{best[1]} ranks best: average precision {decimal(best[0], 3)}"
    champion = next((found for found, name in ranked if name == context.facts.backtest.champion), None)
    if champion is not None and best[1] != context.facts.backtest.champion:
        words += f", against {decimal(champion, 3)} of the champion {context.facts.backtest.champion}"
    base = base_rate(context.models)
    return [f"{words}."] + ([] if base is None else [f"A score without skill would have the base rate, {share(base)}."])


def _figures(context: Context) -> list[Block]:
    models, looks, policy = context.models, context.looks, context.policy
    figures = [
        ranking.precision_recall(models, looks, policy), ranking.detection(models, looks, policy),
        ranking.value_precision_recall(models, looks),
        days.card_precision(models, looks, context.facts.backtest.capacity),
    ]  # fmt: skip
    drawn = [figure for figure in figures if figure is not None]
    return [Figures(drawn) if drawn else Prose("No curves: the facts hold none.", "missing")]


def _metrics(context: Context, caption: str, found: dict[str, dict[str, Metric]]) -> Table:
    """A row a metric, a column a model; what most of them rest on is said once, and by those that differ."""
    names = in_order({name for metrics in found.values() for name in metrics})
    columns = [*texts("Metric"), *(head for head in context.heads() if head.title in found)]
    samples = Counter((metric.n, metric.positives) for metrics in found.values() for metric in metrics.values())
    usual = samples.most_common(1)[0][0] if samples else (None, None)
    rows = [
        [Cell(metric_title(name, context.facts.backtest.capacity)),
         *(cells.metric(name, found[head.title].get(name), usual=usual) for head in columns[1:])]
        for name in names
    ]  # fmt: skip
    return Table(caption, columns, rows, cells.sample(*usual))


def _folds(context: Context) -> list[Block]:
    models = [model for model in context.models if len(model.folds) > 1]
    if not models:
        return []
    tables: list[Block] = [_fold_table(context, model) for model in models]
    return [Details(f"Metrics by fold: {len(models[0].folds)} folds", tables)]


def _fold_table(context: Context, model: ModelFacts) -> Table:
    names = in_order({name for fold in model.folds for name in fold.metrics})
    capacity = context.facts.backtest.capacity
    columns = [*texts("Fold"), *(Column(metric_title(name, capacity)) for name in names), Column("n", "rows"),
               Column("Positives", "rows")]  # fmt: skip
    rows = []
    for fold in model.folds:
        first = next(iter(fold.metrics.values()), Metric())
        values = [cells.metric(name, fold.metrics.get(name), usual=(first.n, first.positives)) for name in names]
        rows.append([cells.counted(fold.number), *values, cells.counted(first.n), cells.positives(first.positives)])
    return Table(model.name, columns, rows)
