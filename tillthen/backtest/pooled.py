"""The test rows of all folds together, as arrays to be evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tillthen.backtest.folds import FoldRun, ModelRun
from tillthen.decide import policies
from tillthen.decide.costs import CostTable
from tillthen.define.backtest import Backtest
from tillthen.evaluate.decisions import Outcomes
from tillthen.learn.labels import LABEL
from tillthen.runtime.arrays import Bools, Floats, Ints

TITLES = {
    "none": "Decline nothing",
    "all": "Decline everything",
    "fixed": "From a score of 0.5",
    "best_f1": "Best F1",
    "empirical": "Cheapest threshold",
    "bayes_minimum_risk": "Bayes minimum risk",
    "capacity": "Capacity by expected saving",
    "oracle": "Oracle (knows the outcome)",
}


@dataclass(frozen=True)
class Pooled:
    """One model's test rows whose label is known, over all folds.

    ``declined`` are each policy's decisions, ``scores`` the scores before calibration, ``fold`` the number of each
    row's fold, ``excluded`` the rows that the backtest leaves out.
    """

    outcomes: Outcomes
    scores: Floats
    fold: Ints
    excluded: Bools
    declined: dict[str, Bools]

    def take(self, rows: Bools) -> Pooled:
        """Some of the rows."""
        declined = {name: mask[rows] for name, mask in self.declined.items()}
        return Pooled(self.outcomes.take(rows), self.scores[rows], self.fold[rows], self.excluded[rows], declined)

    @property
    def counted(self) -> Pooled:
        """The rows that are not left out."""
        return self.take(~self.excluded)


def pool(backtest: Backtest, runs: Sequence[FoldRun], model: str) -> Pooled:
    """Put a model's test rows together; decisions are made within their own fold, on the rows that count."""
    cards = _card_codes(backtest, runs)
    parts = [_one(backtest, run, run.models[model], code) for run, code in zip(runs, cards, strict=True)]
    policies_ = set.intersection(*(set(part.declined) for part in parts))
    return Pooled(
        _joined([part.outcomes for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.fold for part in parts]),
        np.concatenate([part.excluded for part in parts]),
        {name: np.concatenate([part.declined[name] for part in parts]) for name in TITLES if name in policies_},
    )


def _one(backtest: Backtest, run: FoldRun, model: ModelRun, cards: Ints) -> Pooled:
    known = run.test.frame[LABEL].notna().to_numpy()
    part = run.test.known
    outcomes = Outcomes(
        model.probability[known],
        part.labels,
        part.frame["__amount"].to_numpy(dtype=np.float64),
        part.days,
        cards[known],
        part.costs,
    )
    excluded = run.excluded[known]
    fold = np.full(len(part), run.fold.number)
    return Pooled(outcomes, model.scores[known], fold, excluded, _decisions(backtest, model, outcomes, ~excluded))


def _decisions(backtest: Backtest, model: ModelRun, rows: Outcomes, counted: Bools) -> dict[str, Bools]:
    """Each policy's decisions; only the rows that count use up the day's capacity."""
    p, costs = rows.probability, rows.costs
    made = {
        "none": np.zeros(len(rows), dtype=bool),
        "all": np.ones(len(rows), dtype=bool),
        "fixed": policies.above(p, 0.5),
        "bayes_minimum_risk": policies.bayes_minimum_risk(p, costs),
        "capacity": np.zeros(len(rows), dtype=bool),
        "oracle": policies.oracle(rows.labels, costs),
    }
    made["capacity"][counted] = policies.capacity(
        p[counted], costs.take(counted), rows.days[counted], backtest.capacity
    )
    if model.thresholds["best_f1"] is not None:
        made["best_f1"] = policies.above(p, model.thresholds["best_f1"])
        cheapest = model.thresholds["empirical"]
        made["empirical"] = made["none"] if cheapest is None else policies.above(p, cheapest)
    return made


def _card_codes(backtest: Backtest, runs: Sequence[FoldRun]) -> list[Ints]:
    """Each test row's card as an integer, the same in every fold and in the order of the cards; -1 without a card."""
    if backtest.card is None:
        return [np.full(len(run.test), -1) for run in runs]
    cards = pd.concat([run.test.frame[backtest.card] for run in runs], ignore_index=True)
    codes = pd.factorize(cards, sort=True)[0].astype(np.int64)
    return list(np.split(codes, np.cumsum([len(run.test) for run in runs])[:-1]))


def _joined(parts: Sequence[Outcomes]) -> Outcomes:
    def column(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    def cost(name: str) -> Floats:
        return np.concatenate([getattr(part.costs, name) for part in parts])

    costs = CostTable(cost("approve_fraud"), cost("decline_genuine"), cost("decline_fraud"))
    return Outcomes(column("probability"), column("labels"), column("amounts"), column("days"), column("cards"), costs)
