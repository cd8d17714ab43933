"""Features: what the models saw, and the clock of each in words."""

from __future__ import annotations

from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.schema import FeatureFacts
from tillthen.report.figures.importance import drift, importance, shares_of, worst
from tillthen.report.figures.weeks import LARGE, index
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Block, Cell, Column, Figures, Prose, Section, Table, answer, texts
from tillthen.report.parts.context import Context
from tillthen.report.texts.numbers import share, significant


def section(context: Context) -> Section:
    """What models lean on and what drifts; then one row a feature, the most important first."""
    title, question = "Features", "What did the models see, and as of when?"
    features = context.facts.features
    if not features:
        return Section("features", title, question, [Prose("The facts name no features.", "missing")])
    explained = [model for model in context.models if model.importance]
    blocks: list[Block] = answer(_lead(context, explained))
    figures = [importance(explained, context.looks), drift(features)]
    drawn = [figure for figure in figures if figure is not None]
    blocks += [Figures(drawn)] if drawn else []
    if not explained:
        blocks.append(Prose("Importance: none of the learners was asked for it.", "note"))
    if not any(feature.drift for feature in features):
        blocks.append(Prose("Drift of the features was not measured.", "note"))
    return Section("features", title, question, [*blocks, _table(context, explained)])


def _lead(context: Context, explained: list[ModelFacts]) -> list[str]:
    said = []
    decided = context.decided(explained) if explained else None
    if decided is not None and shares_of(decided):
        name, part = max(shares_of(decided).items(), key=lambda pair: pair[1])
        said.append(f"{decided.name} leans most on {name}: {share(part)} of its gain.")
    large = [(top[0], feature.name, top[1]) for feature in context.facts.features
             if (top := worst(feature)) is not None and top[0] >= LARGE]  # fmt: skip
    if large:
        psi, name, fold = max(large)
        more = f", and {len(large) - 1} others drift as far" if len(large) > 1 else ""
        said.append(f"{name} drifts most: index {significant(psi, 2)} in fold {fold}{more}.")
    return said


def _table(context: Context, explained: list[ModelFacts]) -> Table:
    """One row a feature, with its gain in every model that has one."""
    features = context.facts.features
    drifted = any(feature.drift for feature in features)
    columns = [
        *texts("Feature", "Clock and source"), Column("Empty", "share"),
        *([Column("Worst drift", "index", term="stability index")] if drifted else []),
        *(Column(model.name, "gain", look=context.looks[model.name]) for model in explained),
    ]  # fmt: skip
    best: dict[str, float] = {}
    for model in explained:
        for name, part in shares_of(model).items():
            best[name] = max(best.get(name, 0.0), part)
    rows = []
    for feature in sorted(features, key=lambda each: -best.get(each.name, 0.0)):
        words = [Cell(feature.name, note=feature.description), Cell(feature.clock, note=feature.source)]
        gains = [_gain(model, feature.name) for model in explained]
        drifts = [_drift(feature)] if drifted else []
        rows.append([*words, cells.shared(feature.nulls_share), *drifts, *gains])
    note = "Clock: which events a feature sees, [from, to) before the decision. Empty: share of nulls in the test rows."
    return Table("1 feature" if len(features) == 1 else f"{len(features)} features", columns, rows, note=note)


def _drift(feature: FeatureFacts) -> Cell:
    found = worst(feature)
    if found is None:
        return Cell("–", note="not measured", tone="weak")
    cell = index(found[0])
    return Cell(cell.text, found[0], f"fold {found[1]}{f', {cell.note}' if cell.note else ''}", cell.tone)


def _gain(model: ModelFacts, feature: str) -> Cell:
    found = next((row.gain for row in model.importance if row.feature == feature), None)
    return Cell("–", note="not used", tone="weak") if found is None else cells.measured(found)
