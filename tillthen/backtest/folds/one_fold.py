"""One fold: its models are trained, or found again, its test window is scored, and both are noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.backtest.folds.fold_models import Trained, saved, train
from tillthen.backtest.folds.hashes import Part
from tillthen.backtest.folds.ledger import SCORED, Entry, FoldLedger
from tillthen.backtest.folds.levels import warning
from tillthen.backtest.folds.scored_rows import Scores, scored_rows
from tillthen.backtest.folds.scoring import Judge
from tillthen.backtest.rows.inputs import STATES, Data
from tillthen.decide.rules import FIXED
from tillthen.define.backtests.backtest import Backtest
from tillthen.define.backtests.folds import Fold
from tillthen.evaluate.spark.decided import decide
from tillthen.learn.files import altered, hashes
from tillthen.runtime.failures import expression_errors
from tillthen.runtime.progress import step, warn
from tillthen.tables.lease import Check


@dataclass(frozen=True)
class Run:
    """A run of a backtest: what it reads, where it writes, and the check of its lease before each commit."""

    data: Data
    ledger: FoldLedger
    scores: Scores
    folder: Path
    run_id: str
    check: Check

    def models_of(self, part: Part) -> Path:
        """The folder of the model that decides in a fold; between two refits it is an earlier fold's."""
        return self.folder / "models" / f"fold{part.fold.trained_by}" / part.model.name

    def standing(self, part: Part, noted: Mapping[tuple[int, str], Entry]) -> Entry | None:
        """The entry whose scores are those that the part would give, by the model that is still there."""
        entry = noted.get((part.fold.number, part.model.name))
        if entry is None or entry.hash != part.scoring or "files" not in entry.trained:
            return None
        return None if altered(self.models_of(part), entry.trained["files"]) else entry


def run_fold(run: Run, parts: Sequence[Part]) -> list[Entry]:
    """Score the test window of a fold with some of its models; the scores and then the entries are each one commit.

    Before the first, the entries of what is replaced are made void: scores never stand under another's hash.
    """
    fold = parts[0].fold
    trained = _trained(run, fold, parts)
    judges = [_judge(run, part, trained[part.model.name]) for part in parts]
    where = f"Backtest '{run.data.backtest.name}'"
    for name, one in trained.items():
        if (said := warning(f"{where}, fold {fold.number}", name, one.level)) is not None:
            warn(said)
    with step(f"Score {fold.test_from:%Y-%m-%d} to {fold.test_to:%Y-%m-%d}") as scoring, expression_errors(where):
        rows = scored_rows(run.data, fold, judges)
        rows = _decided(run.data.backtest, rows, trained, fold)
        fresh = not run.scores.fits(rows)
        written = {(fold.number, part.model.name) for part in parts} | (set(run.ledger.entries()) if fresh else set())
        run.ledger.void(sorted(written), run.run_id)
        run.check()
        run.scores.replace(rows, fold.number, [part.model.name for part in parts], all_of_it=fresh)
        test = _tested(run, parts[0])
        scoring.rows = sum(test[state] for state in STATES)
    entries = [_entry(run, part, trained[part.model.name], test) for part in parts]
    run.ledger.note(entries, run.run_id)
    return entries


def _trained(run: Run, fold: Fold, parts: Sequence[Part]) -> dict[str, Trained]:
    """Models of the parts' own hashes that are in their folders; the others are trained and put there."""
    found = {part.model.name: saved(run.models_of(part), part.training) for part in parts}
    missing = [part for part in parts if found[part.model.name] is None]
    made = train(run.data, fold, [part.model for part in missing]) if missing else {}
    for part in missing:
        run.check()
        made[part.model.name].save(run.models_of(part), part.training)
    return made | {name: one for name, one in found.items() if one is not None}


def _decided(backtest: Backtest, rows: DataFrame, trained: Mapping[str, Trained], fold: Fold) -> DataFrame:
    """The rows with the operating policy's action; reasons stay on those that it does not approve, and on frauds."""
    thresholds = {(name, fold.number): one.thresholds for name, one in trained.items()}
    decided = decide(rows, backtest.costs, backtest.policy, capacity=backtest.capacity, thresholds=thresholds,
                     parts=backtest.folds.parts_of_days)  # fmt: skip
    explained = (F.col("action") != "approve") | (F.col("label") == 1)
    return decided.withColumn("reasons", F.when(explained, F.col("reasons")))


def _judge(run: Run, part: Part, trained: Trained) -> Judge:
    policy = run.data.backtest.policy
    flags = FIXED if policy == "fixed" else trained.thresholds[policy] if policy in ("best_f1", "empirical") else None
    return Judge(part.model.name, trained.fitted, trained.calibrator, flags)


def _tested(run: Run, part: Part) -> dict[str, int]:
    """The test rows by state, those that are left out apart."""
    rows = run.scores.read([(part.model.name, part.fold.number)])
    found = {
        (row["state"], row["excluded"]): row["count"] for row in rows.groupBy("state", "excluded").count().collect()
    }
    counts = {state: int(found.get((state, False), 0)) for state in STATES}
    left_out = {state: int(found.get((state, True), 0)) for state in STATES}
    known = left_out["positive"] + left_out["negative"]
    return {**counts, "excluded": sum(left_out.values()), "excluded_known": known,
            "excluded_positives": left_out["positive"]}  # fmt: skip


def _entry(run: Run, part: Part, trained: Trained, test: dict[str, int]) -> Entry:
    fitted = trained.fitted
    told: dict[str, Any] = {
        "placement": fitted.placement,
        "parameters": dict(fitted.parameters),
        "importance": fitted.importance(),
        "thresholds": dict(trained.thresholds),
        "files": hashes(run.models_of(part)),
        "level": fitted.level,
        "calibrated_on": trained.level,
        **fitted.training,
    }
    return Entry(part.fold.number, part.model.name, part.scoring, SCORED, {**trained.counts, "test": test}, told)
