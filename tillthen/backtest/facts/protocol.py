"""What was known when: the folds with their rows, the label's rule and how long labels take."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tillthen.backtest.facts.results import Results, thresholds_from
from tillthen.backtest.rows.exclusions import RULE
from tillthen.backtest.rows.maturity import arrivals, maturity_curve
from tillthen.define.backtests.backtest import Backtest
from tillthen.define.backtests.folds import Fold


def protocol(results: Results) -> dict[str, Any]:
    """The report's section on the protocol, but for what other modules add."""
    backtest = results.data.backtest
    counts = results.counts
    left_out = {
        "rule": RULE,
        "rows": sum(fold["test"]["excluded_known"] for fold in counts),
        "positives": sum(fold["test"]["excluded_positives"] for fold in counts),
    }
    return {
        "mode": backtest.folds.mode,
        "refit": backtest.folds.refit,
        "label_rule": _label_rule(backtest),
        "maturity": str(backtest.label.maturity),
        "evaluation_time": results.data.evaluation_time.isoformat(),
        "policy_thresholds_from": thresholds_from(backtest),
        "folds": [_fold(fold, found) for fold, found in zip(backtest.folds, counts, strict=True)],
        "exclusions": [left_out] if backtest.exclude_compromised else [],
        "maturity_curve": maturity_curve(arrivals(results.data)),
    }


def _label_rule(backtest: Backtest) -> str:
    label = backtest.label
    rule = (
        f"{label.name}: a row of '{label.source.name}' with {label.positive} that had arrived and stands; "
        f"genuine after {label.maturity} without one"
    )
    if label.unobserved is None:
        return rule
    return f"{rule}; unknown where '{label.unobserved.source.name}' has {label.unobserved.where}"


def _fold(fold: Fold, counts: Mapping[str, Any]) -> dict[str, Any]:
    times = {name: value.isoformat() for name, value in vars(fold).items() if isinstance(value, datetime)}
    test = counts["test"]
    return {
        "number": fold.number,
        "trained_by": fold.trained_by,
        **times,
        "train": _states(counts["train"]),
        "calibrate": None if counts["calibrate"] is None else _states(counts["calibrate"]),
        "test": {**_states(test), "excluded": test["excluded"], "excluded_positives": test["excluded_positives"]},
    }


def _states(counts: Mapping[str, int]) -> dict[str, int]:
    """Rows whose label is known with their positives, and apart from them those whose label is not."""
    return {
        "rows": counts["positive"] + counts["negative"],
        "positives": counts["positive"],
        "immature": counts["immature"],
        "unknown": counts["unknown"],
    }
