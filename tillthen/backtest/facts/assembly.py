"""facts.json: everything that the report prints, and nothing that depends on the clock or the machine's speed."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from importlib.metadata import version
from typing import Any

import numpy as np

from tillthen import __version__
from tillthen.backtest.facts.canaries import canaries
from tillthen.backtest.facts.declined import declined
from tillthen.backtest.facts.features import feature_facts
from tillthen.backtest.facts.protocol import protocol
from tillthen.backtest.facts.results import Results
from tillthen.backtest.promotion.gates import judged
from tillthen.backtest.rows.inputs import Data
from tillthen.backtest.training.pins import declared
from tillthen.define.arguments.fingerprint import fingerprint
from tillthen.define.backtests.backtest import Backtest
from tillthen.define.backtests.cost import Costs
from tillthen.define.backtests.model import Model
from tillthen.define.project import Project
from tillthen.define.tables.meaning import definitions_hash
from tillthen.evaluate.results.measures import measures
from tillthen.evaluate.results.provenance import provenance
from tillthen.evaluate.results.verdict import verdict
from tillthen.evaluate.spark.collect import collect

TRAINED = ("placement", "parameters", "importance", "early_stopping", "sampling", "level")
"""What the facts tell of how a model was trained."""

LIBRARIES = ("pyspark", "delta-spark", "xgboost-cpu", "scikit-learn", "numpy", "pandas", "pyarrow")


def assemble(project: Project, results: Results, decided_by: str) -> dict[str, Any]:
    """The facts of a finished backtest; ``decided_by`` is the hash of all that they depend on."""
    data, backtest = results.data, results.data.backtest
    question = results.question
    with ThreadPoolExecutor(1) as beside:  # small jobs leave cores idle
        shown = beside.submit(lambda: (canaries(data), feature_facts(data)))
        collected = collect(results.scores, question)
        models = [_model(results, model) | measures(collected, question, model.name) for model in backtest.models]
        bounds = declined(results, collected.method, models)
        fired, features = shown.result()
    facts: dict[str, Any] = {
        "format": "tillthen-facts/1",
        "backtest": _head(backtest),
        "verdict": verdict(collected, question),
        "protocol": {
            **protocol(results),
            "canaries": fired,
            "declined": bounds,
            "audit": results.audit,
        },
        "models": models,
        "published": _published(backtest, models),
        "features": features,
        "provenance": {
            **_provenance(project, data),
            "models": results.models,
            "evaluation": provenance(collected),
            "evaluation_hash": decided_by,
        },
        "limits": _limits(results),
    }
    facts["verdict"]["gates"] = judged(backtest.gates, facts)
    return _plain(facts)


def _head(backtest: Backtest) -> dict[str, Any]:
    return {
        "name": backtest.name,
        "description": backtest.description,
        "table": backtest.table.name,
        "label": backtest.label.name,
        "champion": backtest.champion,
        "challenger": backtest.challenger,
        "policy": backtest.policy,
        "segments": list(backtest.segments),
        "currency": backtest.costs.money.code,
        "minor_digits": backtest.costs.money.digits,
        "unit": backtest.costs.unit,
        "card": backtest.card,
        "capacity": backtest.capacity,
    }


def _model(results: Results, model: Model) -> dict[str, Any]:
    """What a model is, as its last fold was trained; the rest is measured."""
    backtest, entries = results.data.backtest, results.of_model(model.name)
    last = entries[-1].trained
    roles = {backtest.challenger: "challenger", backtest.champion: "champion"}
    told = {key: last.get(key) for key in TRAINED}
    own = {fold.number for fold in backtest.folds if fold.trained_by == fold.number}
    told["calibrated_on"] = [{"fold": entry.fold, **entry.trained["calibrated_on"]} for entry in entries
                             if entry.fold in own and entry.trained["calibrated_on"]]  # fmt: skip
    about = {"name": model.name, "learner": model.learner, "role": roles.get(model.name, "candidate")}
    return {**about, "declared": fingerprint(declared(backtest, model)), **told}


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


def _provenance(project: Project, data: Data) -> dict[str, Any]:
    backtest = data.backtest
    return {
        "tables": [
            {
                "name": name,
                "path": pinned.path,
                "version": pinned.version if pinned.version is not None else pinned.fingerprint,
                "rows": data.version.rows if name == backtest.table.name else None,
                "definitions_hash": definitions_hash(backtest.table) if name == backtest.table.name else None,
            }
            for name, pinned in data.pins.items()
        ],
        "code_hash": project.code_hash,
        "definitions_hash": fingerprint(backtest),
        "versions": {"tillthen": __version__, "python": platform.python_version()}
        | {library: version(library) for library in LIBRARIES},
        "seeds": {model.name: model.seed for model in backtest.models},
        "costs": _costs(backtest.costs),
        "run": {"built_by": data.version.commit.run_id if data.version.commit else None},
    }


def _costs(costs: Costs) -> dict[str, Any]:
    """What is declared of costs, in the declared unit; text is an expression."""
    terms = {name: float(term) if isinstance(term, Decimal) else term for name, term in costs.terms()}
    return terms | {"unit": costs.unit, "currency": costs.currency}


def _limits(results: Results) -> list[str]:
    """What a reader must not conclude."""
    backtest, counts = results.data.backtest, results.counts
    waiting = sum(fold["test"]["immature"] + fold["test"]["unknown"] for fold in counts)
    said = ["Costs are the declared ones; how customers would have reacted to other decisions is not in the data."]
    if backtest.label.unobserved is None:
        said.append(
            "Every payment in the data was decided by the policy of its time; those declined then have no outcome "
            "and count as genuine."
        )
    if waiting:
        said.append(f"{waiting:,} test rows have no label and are in no figure.")
    if not backtest.folds.calibrate.micros:
        said.append("No calibration window is declared: expected costs take the scores as they come.")
    return [*said, *_young(backtest)]


def _young(backtest: Backtest) -> list[str]:
    """Windows whose youngest rows have a label only where they are fraud: what is made of them sees too much of it."""
    waits = {"Models and thresholds": ("embargo", backtest.folds.embargo),
             "The last test's figures": ("time until evaluation", backtest.evaluation_lag)}  # fmt: skip
    maturity = backtest.label.maturity
    return [
        f"{what} see too large a share of fraud: the {name}, {wait}, is shorter than the label's maturity, {maturity}, "
        "and of payments younger than that only the frauds already known have a label."
        for what, (name, wait) in waits.items()
        if wait.micros < maturity.micros
    ]


def _plain(value: Any) -> Any:
    """JSON has no NaN and no infinity: null instead."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    return None if isinstance(value, float) and not np.isfinite(value) else value
