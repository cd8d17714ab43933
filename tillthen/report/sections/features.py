"""Features: what the models saw, and the clock of each in words."""

from __future__ import annotations

from tillthen.report import cells
from tillthen.report.blocks import Block, Cell, Column, Prose, Section, Table, texts
from tillthen.report.context import Context
from tillthen.report.measures import ModelFacts


def section(context: Context) -> Section:
    """One row a feature, with its gain in every model that has one."""
    title, question = "Features", "What did the models see, and as of when?"
    features = context.facts.features
    if not features:
        reason = "The facts name no features."
        return Section("features", title, question, [Prose(reason, "missing")])
    explained = [model for model in context.models if model.importance]
    columns = [
        *texts("Feature", "Clock", "Source"),
        Column("Empty", "share"), *(Column(model.name, "gain", look=context.looks[model.name]) for model in explained),
    ]  # fmt: skip
    rows = []
    for feature in features:
        words = [Cell(feature.name, note=feature.description), Cell(feature.clock), Cell(feature.source)]
        gains = [_gain(model, feature.name) for model in explained]
        rows.append([*words, cells.shared(feature.nulls_share), *gains])
    blocks: list[Block] = [Table(f"{len(features)} features", columns, rows)]
    if not explained:
        blocks.append(Prose("Importance: none of the learners was asked for it.", "note"))
    return Section("features", title, question, blocks)


def _gain(model: ModelFacts, feature: str) -> Cell:
    found = next((row.gain for row in model.importance if row.feature == feature), None)
    return Cell("–", note="not used", tone="weak") if found is None else cells.measured(found)
