"""The catalogue as one page and as JSON: what features there are, whose they are, and what they know when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tillthen.define.faults.errors import ConfigurationError, ReportError
from tillthen.materialize.description.catalogue import (
    BacktestEntry,
    Catalogue,
    FeatureEntry,
    SetEntry,
    SourceEntry,
    TableEntry,
)
from tillthen.report.pages.render import draw, write_page
from tillthen.report.parts.blocks import Block, Cell, Column, Details, Heading, Prose, Section, Table, Terms, texts
from tillthen.report.parts.masthead import Masthead
from tillthen.report.texts.moments import when
from tillthen.report.texts.numbers import MISSING, count
from tillthen.runtime.status import write_status
from tillthen.tables.newest import Newest

PAGE, FACTS = "catalog.html", "catalog.json"


def render_catalogue(catalogue: Catalogue, folder: Path) -> Path:
    """Write ``catalog.html`` and ``catalog.json``, each whole or not at all, and give the page's path.

    Equal definitions and tables give equal bytes.

    Raises
    ------
    ReportError
        The folder cannot be written.
    """
    try:
        write_status(folder / FACTS, asdict(catalogue))
    except ConfigurationError as error:
        raise ReportError(str(error)) from error
    return write_page(folder / PAGE, page(catalogue))


def page(catalogue: Catalogue) -> str:
    """The whole page; it carries the catalogue as JSON along."""
    sections = [_overview(catalogue), *(_table(table) for table in catalogue.tables), _sources(catalogue.sources)]
    return draw("Catalogue", _masthead(catalogue), [*sections, _users(catalogue.backtests)], asdict(catalogue))


def _masthead(catalogue: Catalogue) -> Masthead:
    stale = [table.name for table in catalogue.tables if table.stale]
    absent = [table.name for table in catalogue.tables if table.built is None]
    features = sum(len(group.features) for table in catalogue.tables for group in table.sets)
    items = [("Feature tables", count(len(catalogue.tables))), ("Features", count(features)),
             ("Sources", count(len(catalogue.sources))), ("Backtests", count(len(catalogue.backtests))),
             ("Declarations", catalogue.code_hash)]  # fmt: skip
    built = "✓ every table is built from these definitions"
    bad = [f"✗ built from other definitions: {', '.join(stale)}"] * bool(stale)
    bad += [f"✗ not built: {', '.join(absent)}"] * bool(absent)
    return Masthead("Features", "What each feature is, which events it sees, who owns it and who uses it.", items,
                    [(text, "bad") for text in bad] or [(built, "good")])  # fmt: skip


def _overview(catalogue: Catalogue) -> Section:
    columns = [*texts("Table", "Rows"), Column("Features"), *texts("Sources", "Built", "To", "Definitions", "Used by")]
    rows = [
        [Cell(table.name), Cell(table.rows), _number(sum(len(group.features) for group in table.sets)),
         _names(table.sources), _built(table), Cell((table.built and table.built.last_day) or MISSING),
         Cell(table.definitions_hash, code=True), _names(table.used_by)]
        for table in catalogue.tables
    ]  # fmt: skip
    return Section("tables", "Feature tables", "Which tables are there, how fresh are they, and who needs them?",
                   [Table("Feature tables", columns, rows)])  # fmt: skip


def _built(table: TableEntry) -> Cell:
    if table.built is None:
        return Cell("not built", tone="bad")
    text = f"{when(table.built.at)}, version {table.built.version}"
    return Cell(text, note="from other definitions" if table.stale else "", tone="bad" if table.stale else "")


def _table(table: TableEntry) -> Section:
    blocks: list[Block] = [Prose(f"One row for {table.rows}.", "lead"), *_expected(table.expectations)]
    for group in table.sets:
        blocks += _set(group)
    return Section(f"table-{table.name}", table.name, "Which features does it have, and which events does each see?",
                   blocks)  # fmt: skip


def _set(group: SetEntry) -> list[Block]:
    about = [("Owner", group.owner or MISSING), ("Source", group.source), ("Entity", ", ".join(group.entity))]
    columns = texts("Feature", "Value", "Made of", "Used by")
    rows = [
        [Cell(one.name, code=True), Cell(one.value), Cell(", ".join(one.made_of) or MISSING), _names(one.used_by)]
        for one in group.features
    ]
    return [Heading(group.name), *([Prose(group.description)] if group.description else []), Terms(about, "literal"),
            Table(f"Features of {group.name}", columns, rows), *_expected(group.expectations),
            *(_clock(one) for one in group.features if len(one.definition) > 1)]  # fmt: skip


def _clock(feature: FeatureEntry) -> Details:
    return Details(f"{feature.name}: its clock", [Terms([(name, words) for name, words in feature.definition])])


def _expected(names: Sequence[str]) -> list[Block]:
    return [Prose(f"Expected before it is written: {'; '.join(names)}.", "note")] if names else []


def _sources(sources: Sequence[SourceEntry]) -> Section:
    columns = texts("Source", "Table", "Happened", "Known", "Retracted", "Newest", "Expected", "Read by")
    rows = [
        [Cell(one.name, note=f"id {one.id}" + (", with versions" if one.versions else "") if one.id else "no id"),
         Cell(one.table), Cell(one.happened), Cell(one.known), Cell(one.retracted or MISSING), _newest(one.newest),
         _names(one.expectations), _names(one.read_by)]
        for one in sources
    ]  # fmt: skip
    return Section("sources", "Sources", "When does a row happen, and when could it be used?",
                   [Table("Sources and their clocks", columns, rows)])  # fmt: skip


def _newest(found: Newest | None) -> Cell:
    return Cell(MISSING if found is None else f"{when(found.at)}, version {found.version}")


def _users(backtests: Sequence[BacktestEntry]) -> Section:
    columns = [*texts("Backtest", "Table", "Label", "Models, with how many features each")]
    rows = [
        [Cell(one.name, note=one.description), Cell(one.table), Cell(one.label),
         _names([f"{model}: {features}" for model, features in one.models.items()])]
        for one in backtests
    ]  # fmt: skip
    blocks: list[Block] = (
        [Table("Backtests", columns, rows)] if rows else [Prose("No backtest is declared.", "missing")]
    )
    return Section("users", "Users", "Which backtests use which features?", blocks)


def _names(names: Sequence[str]) -> Cell:
    return Cell(", ".join(names) or MISSING)


def _number(value: int) -> Cell:
    return Cell(count(value), value=value)
