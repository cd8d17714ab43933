"""Precision-recall: how well the scores rank."""

from __future__ import annotations

from collections import Counter

from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.metric import Metric
from tillthen.report.facts.selection import base_rate, metric, sample
from tillthen.report.figures import detection, ranking
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Block, Cell, Column, Details, Figures, Prose, Section, Table, answer, texts
from tillthen.report.parts.context import Context
from tillthen.report.texts.numbers import decimal, share
from tillthen.report.texts.words import in_order, metric_title


def section(context: Context) -> Section:
    """Curves, then the metrics, then the same with what was left out, then over the folds."""
    title, question = "Precision and recall", "How well do the scores put fraud before genuine payments?"
    if not any(model.metrics or model.pr_curve for model in context.models):
        return Section("ranking", title, question, [Prose("No model was scored on a test window.", "missing")])
    blocks: list[Block] = answer(_lead(context)) if not context.caution else [Prose(context.caution, "warning")]
    blocks += _figures(context)
    blocks.append(_metrics(context, "Metrics on the test rows", {m.name: dict(m.metrics) for m in context.models}))
    excluded = {m.name: dict(m.metrics_with_excluded) for m in context.models if m.metrics_with_excluded}
    if excluded:
        blocks.append(_metrics(context, "The same, with the rows that were left out of the test", excluded))
    return Section("ranking", title, question, [*blocks, *_over_folds(context), *_folds(context)])


def _lead(context: Context) -> list[str]:
    ranked = [(found, m.name) for m in context.models if (found := metric(m, "average_precision")) is not None]
    if not ranked:
        return []
    best = max(ranked)
    words = f"{best[1]} ranks best: average precision {decimal(best[0], 3)}{_between(context, best[1])}"
    champion = next((found for found, name in ranked if name == context.facts.backtest.champion), None)
    if champion is not None and best[1] != context.facts.backtest.champion:
        words += f", against {decimal(champion, 3)} of the champion {context.facts.backtest.champion}"
    base = base_rate(context.models)
    return [f"{words}."] + ([] if base is None else [f"A score without skill would have the base rate, {share(base)}."])


def _between(context: Context, name: str) -> str:
    model = context.facts.model(name)
    found = model.metrics.get("average_precision") if model else None
    ends = cells.ends(found, lambda value: decimal(value, 3)) if found else ""
    return f" ({ends})" if ends else ""


def _figures(context: Context) -> list[Block]:
    models, looks, policy = context.models, context.looks, context.policy
    figures = [
        ranking.precision_recall(models, looks, policy), ranking.value_precision_recall(models, looks, policy),
        detection.detection(models, looks, policy), detection.false_positives(models, looks),
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
    bounded = any(metric.lower is not None for metrics in found.values() for metric in metrics.values())
    note = "Under a value: its 95% interval, from resampled days and cards." if bounded else ""
    return Table(caption, columns, rows, cells.sample(*usual), note)


def _over_folds(context: Context) -> list[Block]:
    """Mean and standard deviation over folds, which is no interval."""
    models = [m for m in context.models if any((each.n or 0) > 1 for each in m.over_folds.values())]
    names = in_order({name for model in models for name in model.over_folds})
    if not names:
        return []
    columns = [*texts("Metric"), *(head for head in context.heads() if head.title in {m.name for m in models})]
    rows = [
        [Cell(metric_title(name, context.facts.backtest.capacity)),
         *(cells.spread(name, model.over_folds.get(name)) for model in models)]
        for name in names
    ]  # fmt: skip
    note = (
        "Mean over folds, and how far folds differ: the sample standard deviation. It is not an interval, "
        "since folds share training rows."
    )
    return [Table("Over folds", columns, rows, cells.sample(*sample(models[0])), note)]


def _folds(context: Context) -> list[Block]:
    models = context.leading([model for model in context.models if len(model.folds) > 1])
    if not models:
        return []
    tables: list[Block] = [_fold_table(context, model) for model in models]
    return [Details(f"Metrics by fold: {len(models[0].folds)} folds, {_names(models)}", tables)]


def _names(models: list[ModelFacts]) -> str:
    return " and ".join(model.name for model in models)


def _fold_table(context: Context, model: ModelFacts) -> Table:
    names = in_order({name for fold in model.folds for name in fold.metrics})
    capacity = context.facts.backtest.capacity
    columns = [*texts("Fold"), *(Column(metric_title(name, capacity)) for name in names), Column("n", "rows"),
               Column("Positives", "rows")]  # fmt: skip
    rows = []
    for fold in model.folds:
        first = next(iter(fold.metrics.values()), Metric())
        usual = (first.n, first.positives)
        values = [cells.metric(name, fold.metrics.get(name), usual=usual, bounded=False) for name in names]
        rows.append([cells.counted(fold.number), *values, cells.counted(first.n), cells.positives(first.positives)])
    return Table(model.name, columns, rows)
