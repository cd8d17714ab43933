"""facts.json: everything that the report prints, and nothing that depends on the clock or the machine's speed."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Any

import numpy as np

from tillthen import __version__
from tillthen.backtest.data import Data, Part
from tillthen.backtest.exclusions import RULE
from tillthen.backtest.folds import FoldRun, evaluation_time
from tillthen.backtest.measure import model_facts, thresholds_from
from tillthen.backtest.pooled import Pooled, pool
from tillthen.backtest.verdict import verdict
from tillthen.build.describe import clock_words
from tillthen.define.backtest import Backtest
from tillthen.define.fingerprint import fingerprint
from tillthen.define.project import Project
from tillthen.runtime.arrays import Bools

LIBRARIES = ("pyspark", "delta-spark", "xgboost-cpu", "scikit-learn", "numpy", "pandas", "pyarrow")


def assemble(project: Project, data: Data, runs: Sequence[FoldRun]) -> dict[str, Any]:
    """The facts of a finished backtest."""
    backtest = data.backtest
    pooled = {model.name: pool(backtest, runs, model.name) for model in backtest.models}
    models = [model_facts(backtest, model, runs, pooled[model.name]) for model in backtest.models]
    return _plain(
        {
            "format": "tillthen-facts/1",
            "backtest": _head(backtest),
            "verdict": verdict(backtest, pooled),
            "protocol": _protocol(data, runs, pooled[backtest.champion]),
            "models": models,
            "published": _published(backtest, models),
            "features": _features(backtest, runs),
            "provenance": _provenance(project, data),
            "limits": _limits(backtest, runs),
        }
    )


def _head(backtest: Backtest) -> dict[str, Any]:
    return {
        "name": backtest.name,
        "description": backtest.description,
        "table": backtest.table.name,
        "label": backtest.label.name,
        "champion": backtest.champion,
        "challenger": backtest.challenger,
        "currency": backtest.costs.currency,
        "minor_digits": 2,
        "card": backtest.card,
        "capacity": backtest.capacity,
    }


def _protocol(data: Data, runs: Sequence[FoldRun], champion: Pooled) -> dict[str, Any]:
    backtest = data.backtest
    maturity = backtest.label.maturity
    excluded = champion.excluded
    left_out = {"rule": RULE, "rows": int(excluded.sum()), "positives": int(champion.outcomes.labels[excluded].sum())}
    return {
        "mode": backtest.folds.mode,
        "label_rule": f"{backtest.label.name}: a row of '{backtest.label.source.name}' with "
                      f"{backtest.label.positive} that had arrived and stands; genuine after {maturity} without one",
        "maturity": str(maturity),
        "evaluation_time": evaluation_time(backtest).isoformat(),
        "policy_thresholds_from": thresholds_from(runs),
        "folds": [_fold(run) for run in runs],
        "exclusions": [left_out] if backtest.exclude_compromised else [],
        "maturity_curve": _maturity_curve(data.arrivals()),
        "canaries": [],
    }  # fmt: skip


def _fold(run: FoldRun) -> dict[str, Any]:
    times = {name: value.isoformat() for name, value in vars(run.fold).items() if isinstance(value, datetime)}
    return {
        "number": run.fold.number,
        **times,
        "train": _counts(run.train),
        "calibrate": None if run.calibrate is None else _counts(run.calibrate),
        "test": {**_counts(run.test, ~run.excluded), **_excluded(run)},
    }


def _counts(part: Part, rows: Bools | None = None) -> dict[str, int]:
    """Rows whose label is known with their positives, and apart from them those whose label is not."""
    counted = part if rows is None else part.where(rows)
    known = counted.known
    return {
        "rows": len(known),
        "positives": int(known.labels.sum()),
        "immature": counted.count("immature"),
        "unknown": counted.count("unknown"),
    }


def _excluded(run: FoldRun) -> dict[str, int]:
    left_out = run.test.where(run.excluded)
    return {"excluded": len(left_out), "excluded_positives": left_out.count("positive")}


def _maturity_curve(arrivals: Sequence[tuple[int, int]]) -> list[dict[str, float]]:
    """Share of all positives that ever arrived which had arrived after so many days."""
    total = sum(count for _, count in arrivals)
    reached = np.cumsum([count for _, count in arrivals])
    return [
        {"days": float(day), "share": float(sum_ / total)}
        for (day, _), sum_ in zip(arrivals, reached, strict=True)
    ]  # fmt: skip


def _published(backtest: Backtest, models: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    measured = {model["name"]: model["metrics"] for model in models}
    rows = []
    for figure in backtest.published:
        value = measured[figure.model][figure.metric]["value"]
        rows.append(
            {
                "model": figure.model,
                "metric": figure.metric,
                "published": figure.value,
                "measured": value,
                "difference": None if value is None else value - figure.value,
                "within": figure.within,
                "holds": value is not None and abs(value - figure.value) <= figure.within,
                "source": figure.source,
            }
        )
    return rows


def _features(backtest: Backtest, runs: Sequence[FoldRun]) -> list[dict[str, Any]]:
    """Each feature with its clock in words and its share of nulls in the test rows."""
    table = backtest.table
    own = dict.fromkeys(table.row_features, "known at the decision")
    own |= {name: f"{text}, of what is known at the decision" for name, text in table.derived.items()}
    found = [
        {"name": name, "description": "", "clock": words, "source": table.spine.source.name}
        for name, words in own.items()
    ]
    for group in table.feature_sets:
        found += [
            {"name": feature.name, "description": group.description, "clock": clock_words(feature),
             "source": group.source.name}
            for feature in group.declared
        ]  # fmt: skip
    nulls = np.concatenate([run.test.frame[[f["name"] for f in found]].isna().to_numpy() for run in runs]).mean(axis=0)
    return [{**feature, "nulls_share": float(share)} for feature, share in zip(found, nulls, strict=True)]


def _provenance(project: Project, data: Data) -> dict[str, Any]:
    backtest = data.backtest
    return {
        "tables": [
            {
                "name": name,
                "path": pinned.path,
                "version": pinned.version if pinned.version is not None else pinned.fingerprint,
                "rows": data.version.rows if name == backtest.table.name else None,
                "definitions_hash": fingerprint(backtest.table) if name == backtest.table.name else None,
            }
            for name, pinned in data.pins.items()
        ],
        "code_hash": project.code_hash,
        "definitions_hash": fingerprint(backtest),
        "versions": {"tillthen": __version__, "python": platform.python_version()}
        | {library: version(library) for library in LIBRARIES},
        "seeds": {model.name: model.seed for model in backtest.models},
        "costs": dict(backtest.costs.terms()) | {"currency": backtest.costs.currency},
        "run": {"built_by": data.version.commit.run_id if data.version.commit else None},
    }


def _limits(backtest: Backtest, runs: Sequence[FoldRun]) -> list[str]:
    """What a reader must not conclude."""
    immature = sum(run.test.count("immature") + run.test.count("unknown") for run in runs)
    said = [
        "Costs are the declared ones; how customers would have reacted to other decisions is not in the data.",
        "Every payment in the data was decided by the policy of its time; those declined then have no outcome "
        "and count as genuine.",
    ]
    if immature:
        said.append(f"{immature:,} test rows have no label yet and are in no figure.")
    if not any(run.calibrate for run in runs):
        said.append("No calibration window is declared: expected costs take the scores as they come.")
    return said


def _plain(value: Any) -> Any:
    """JSON has no NaN and no infinity: null instead."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    return None if isinstance(value, float) and not np.isfinite(value) else value
