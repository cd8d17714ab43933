"""The backtest job: folds, facts, tables; the report is drawn from the facts by the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from tillthen.backtest.facts.assembly import assemble
from tillthen.backtest.facts.csv_tables import write_tables
from tillthen.backtest.facts.results import Results
from tillthen.backtest.folds.beforehand import check_folds, check_windows
from tillthen.backtest.folds.fitting import Training
from tillthen.backtest.folds.hashes import evaluation_hash, plan
from tillthen.backtest.folds.ledger import EVALUATED, Entry, FoldLedger
from tillthen.backtest.folds.one_fold import Run, run_fold
from tillthen.backtest.folds.scored_rows import open_scores
from tillthen.backtest.rows.audit_records import last_audit
from tillthen.backtest.rows.inputs import Data, open_data
from tillthen.backtest.rows.leaks import refuse_leaks
from tillthen.backtest.turns import Held, backtest_place, held
from tillthen.define.backtests.backtest import Backtest
from tillthen.define.project import Project
from tillthen.materialize.runs.run import Turn
from tillthen.runtime.config import Config
from tillthen.runtime.progress import each, step
from tillthen.runtime.session import spark_session
from tillthen.runtime.status import write_status
from tillthen.tables.log import storage_options
from tillthen.tables.space import check_writable

Key = tuple[int, str]


def run_backtests(config: Config, project: Project, names: Sequence[str], turn: Turn | None = None) -> list[Path]:
    """Run the named backtests on built tables; each folder then holds facts.json, CSVs and models.

    Only folds and models run that have not, or whose data, declarations or code have changed since.

    Raises
    ------
    DefinitionError
        A table holds a leak.
    DataContractError
        A table is not built from the current definitions, or a window holds no rows, labels or classes.
    """
    chosen = [project.backtest(name) for name in names]
    for backtest in chosen:
        refuse_leaks(backtest)
    check_writable(config.warehouse)
    with step("Start Spark"):
        spark_session(config.spark)
    return [_leased(config, project, backtest, turn or Turn()) for backtest in chosen]


def _leased(config: Config, project: Project, backtest: Backtest, turn: Turn) -> Path:
    """Run a backtest while no other run of it writes."""
    with held(config, backtest_place(backtest.name), turn) as mine:
        with step(f"Open {backtest.table.name}"):
            data = open_data(spark_session(config.spark), config, backtest)
        try:
            return _run(config, project, data, mine)
        finally:
            data.close()


def _run(config: Config, project: Project, data: Data, mine: Held) -> Path:
    name = data.backtest.name
    store, folder = f"{config.warehouse}/backtests/{name}", config.records / "backtests" / name
    scores = open_scores(spark_session(config.spark), config, name)
    ledger = FoldLedger(f"{store}/folds", storage_options(config.spark), mine.check)
    check_folds(data)
    parts = plan(data)
    noted = ledger.entries() if scores.exists else {}
    run = Run(data, ledger, scores, folder, mine.run_id, mine.check)
    standing = {(part.fold.number, part.model.name): run.standing(part, noted) for part in parts}
    entries = {key: entry for key, entry in standing.items() if entry is not None}
    waiting = [part for part in parts if (part.fold.number, part.model.name) not in entries]
    table = data.backtest.table.name
    audit = last_audit(config.records, table, data.pins[table])
    decided_by = evaluation_hash(parts, data, project.code_hash, audit)
    if not waiting and _evaluated(folder) == decided_by:
        with step(f"{name}: nothing to do, {len(parts)} folds and models stand"):
            return folder
    folds = [list(fold) for _, fold in groupby(waiting, lambda part: part.fold.number)]
    check_windows(data, list(data.backtest.folds))  # the evaluation needs the counts of all
    for fold in folds:
        Training(data, fold[0].fold, [part.model for part in fold]).check()
    for fold in each(f"Folds of {name}", folds):
        entries |= {(entry.fold, entry.model): entry for entry in run_fold(run, fold)}
    with step(f"Evaluate {name}"):
        rows = scores.read([(model, fold) for fold, model in entries]).cache()
        facts = assemble(project, Results(data, parts, entries, rows, audit), decided_by)
        rows.unpersist()
        mine.check()
        write_tables(folder / "tables", facts)
        write_status(folder / "facts.json", facts)
    ledger.note(_with_metrics(entries, facts), mine.run_id)
    return folder


def _with_metrics(entries: Mapping[Key, Entry], facts: Mapping[str, Any]) -> list[Entry]:
    found = {(fold["number"], model["name"]): fold["metrics"] for model in facts["models"] for fold in model["folds"]}
    return [replace(entry, status=EVALUATED, metrics=found[key]) for key, entry in entries.items()
            if entry.metrics != found[key]]  # fmt: skip


def _evaluated(folder: Path) -> str | None:
    """The hash of what the facts in a folder depend on; None where there are none."""
    try:
        facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
        return str(facts["provenance"]["evaluation_hash"])
    except (FileNotFoundError, KeyError, ValueError):
        return None
