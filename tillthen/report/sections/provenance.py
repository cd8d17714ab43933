"""Provenance: what it takes to make the same numbers again."""

from __future__ import annotations

import json
from typing import Any

from tillthen.report.facts.measures import ModelFacts
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Block, Cell, Column, Heading, Prose, Section, Table, Terms, texts
from tillthen.report.parts.context import Context
from tillthen.report.parts.declared_costs import declared_costs


def section(context: Context) -> Section:
    """Pins of the tables, hashes, versions and seeds, every parameter, the cost inputs."""
    provenance = context.facts.provenance
    hashes: dict[str, Any] = {"code": provenance.code_hash, "definitions": provenance.definitions_hash}
    hashes |= {f"run {name}": _words(value) for name, value in provenance.run.items()}
    blocks: list[Block] = [_tables(context), *_origin(context), *_costs(context)]
    for model in context.models:
        blocks += _model(model)
    for title, found in (("Hashes", hashes), ("Versions", provenance.versions), ("Seeds", provenance.seeds)):
        blocks += _named(title, {name: value for name, value in found.items() if value != ""})
    return Section("provenance", "Provenance", "What does it take to get the same numbers again?", blocks)


def _tables(context: Context) -> Block:
    tables = context.facts.provenance.tables
    if not tables:
        return Prose("No table is pinned: the same numbers may not come again.", "missing")
    columns = [
        *texts("Table"), Column("Version"), Column("n", "rows"),
        *texts("Definitions", "Path"),
    ]  # fmt: skip
    rows = [
        [cells.text(each.name), cells.scalar(each.version), cells.counted(each.rows),
         Cell(each.definitions_hash, code=True), Cell(each.path, code=True)]
        for each in tables
    ]  # fmt: skip
    return Table("Tables, by version", columns, rows)


def _origin(context: Context) -> list[Block]:
    """Where the model is registered, and how its rows became figures."""
    provenance = context.facts.provenance
    registered, evaluation = provenance.registry, provenance.evaluation
    said: list[tuple[str, str]] = []
    if registered is not None:
        alias = f", alias {registered.alias}" if registered.alias else ""
        said.append(("Registered as", f"{registered.model}, version {_words(registered.version)}{alias}"))
    if evaluation is not None:
        said.append(("Evaluated", ": ".join(each for each in (evaluation.method, evaluation.bound) if each)))
    blocks: list[Block] = [Terms(said)] if said else []
    if registered is None:
        blocks.append(Prose("No model of this backtest is registered.", "note"))
    return blocks


def _named(title: str, found: dict[str, Any]) -> list[Block]:
    if not found:
        return [Prose(f"{title}: none recorded.", "missing")]
    return [Heading(title), Terms([(name, _words(value)) for name, value in sorted(found.items())], "literal")]


def _costs(context: Context) -> list[Block]:
    costs = declared_costs(context.facts)
    note = "Text is an expression over a row, in the declared unit."
    return [*_named("Cost inputs", costs), *([Prose(note, "note")] if costs else [])]


def _model(model: ModelFacts) -> list[Block]:
    own = {"learner": model.learner, "placement": model.placement, "calibration": model.calibration.kind}
    trained = {f"early stopping {name.replace('_', ' ')}": value for name, value in model.early_stopping.items()}
    trained |= {f"sampling {name.replace('_', ' ')}": value for name, value in model.sampling.items()}
    trained |= {} if model.level is None else {"level": f"{model.level:+.6g} on the log odds"}
    return _named(f"Parameters of {model.name}", own | trained | model.parameters)


def _words(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
