"""Protocol: what was trained and tested when, what was left out, and whether the canaries fired."""

from __future__ import annotations

from tillthen.report.facts.schema import Fold, Protocol, PublishedFacts, Rows
from tillthen.report.figures import folds
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Block, Cell, Column, Details, Figures, Prose, Section, Table, Terms, texts
from tillthen.report.parts.context import Context
from tillthen.report.parts.trust import audit, declined
from tillthen.report.texts.moments import when
from tillthen.report.texts.numbers import decimal
from tillthen.report.texts.words import metric_title

IN_SIGHT = 4
"""With more folds than this their rows are shown on demand."""


def section(context: Context) -> Section:
    """The rules in words, the folds on an axis of time, then their rows, and what checks the checks."""
    protocol = context.facts.protocol
    rules = [
        ("Mode", protocol.mode), ("Label", protocol.label_rule), ("Maturity", protocol.maturity),
        ("Scored with labels as known at", when(protocol.evaluation_time) if protocol.evaluation_time else ""),
        ("Thresholds fitted on", protocol.policy_thresholds_from),
    ]  # fmt: skip
    blocks: list[Block] = [Terms([(name, words) for name, words in rules if words])]
    figures = [folds.timeline(protocol), folds.maturity(protocol.maturity_curve, protocol.maturity)]
    drawn = [figure for figure in figures if figure is not None]
    blocks += [Figures(drawn), *_rows(protocol)] if protocol.folds else [Prose("The facts hold no folds.", "missing")]
    if not protocol.maturity_curve:
        blocks.append(Prose("How fast outcomes arrive was not measured.", "note"))
    blocks += [_exclusions(protocol), *declined(protocol, context.money), *_canaries(protocol)]
    blocks += [*audit(protocol), _published(context)]
    return Section("protocol", "Protocol", "What was known when, and can the numbers be trusted?", blocks)


def _rows(protocol: Protocol) -> list[Block]:
    columns = [
        *texts("Fold", "Window"), Column("n", "rows"), Column("Positives", "rows"),
        Column("Immature", "rows", term="immature"), Column("Unknown", "rows"), Column("Left out", "rows"),
        Column("Left out", "positives"),
    ]  # fmt: skip
    rows = [
        _window(fold, name, found)
        for fold in protocol.folds
        for name, found in (("train", fold.train), ("calibrate", fold.calibrate), ("test", fold.test)) if found
    ]  # fmt: skip
    note = "Immature rows are not trained on, and in a test they are counted neither as good nor as bad."
    table = Table("Rows of the folds", columns, rows, note=note)
    return (
        [table] if len(protocol.folds) <= IN_SIGHT else [Details(f"Rows of the {len(protocol.folds)} folds", [table])]
    )


def _window(fold: Fold, name: str, found: Rows) -> list[Cell]:
    left = (found.excluded, found.excluded_positives) if name == "test" else (None, None)
    return [
        cells.counted(fold.number), cells.text(name), cells.counted(found.rows), cells.positives(found.positives),
        Cell(cells.counted(found.immature).text, found.immature, tone="weak"), cells.counted(found.unknown),
        *(cells.counted(value) for value in left),
    ]  # fmt: skip


def _exclusions(protocol: Protocol) -> Block:
    if not protocol.exclusions:
        return Prose("Nothing was left out of the test: every row of the test windows was scored.", "note")
    columns = [*texts("Rule"), Column("n", "rows"), Column("Positives", "rows")]
    rows = [
        [cells.text(each.rule), cells.counted(each.rows), cells.counted(each.positives)] for each in protocol.exclusions
    ]
    return Table("Left out of the test", columns, rows)


def _canaries(protocol: Protocol) -> list[Block]:
    if not protocol.canaries:
        return [Prose("No canary ran, so nothing shows that this backtest would notice a leak.", "warning")]
    columns = [
        *texts("Canary", "Result", "Expected"),
        Column("Measured"),
    ]
    rows = [
        [Cell(each.name, note=each.words), cells.held(each.fired, "fired", "silent"), cells.scalar(each.expected),
         cells.scalar(each.measured)]
        for each in protocol.canaries
    ]  # fmt: skip
    silent = [each.name for each in protocol.canaries if not each.fired]
    words = f"Silent: {', '.join(silent)}. Do not trust this backtest before that is understood."
    return [
        *([Prose(words, "warning")] if silent else []),
        Table("Canaries: runs spoiled on purpose, which must look it", columns, rows),
    ]


def _published(context: Context) -> Block:
    if not context.facts.published:
        return Prose("No published figures are declared.", "note")
    columns = [
        *texts("Model", "Metric"), Column("Published"), Column("Measured"),
        Column("Difference"), Column("Within"), *texts("Result", "Source"),
    ]  # fmt: skip
    rows = [_published_row(context, each) for each in context.facts.published]
    return Table("Published and measured", columns, rows)


def _published_row(context: Context, each: PublishedFacts) -> list[Cell]:
    numbers = [each.published, each.measured]
    difference = Cell(decimal(each.difference, 3, signed=True), each.difference)
    return [
        cells.model(each.model, context.looks.get(each.model)),
        Cell(metric_title(each.metric, context.facts.backtest.capacity)),
        *(cells.score(value) for value in numbers), difference, cells.scalar(each.within),
        cells.held(each.holds, "holds", "differs"), cells.text(each.source),
    ]  # fmt: skip
