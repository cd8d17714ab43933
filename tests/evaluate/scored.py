"""Scored rows as the table of scores holds them, and the sums that Spark makes of them, made in numpy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from tests.decide.reference import above, capacity, oracle, others, saving
from tillthen import Challenge, Costs, Review
from tillthen.decide.costs import CostTable
from tillthen.decide.policies import bayes_minimum_risk
from tillthen.evaluate.results.sensitivity import costs_at, spent, variants
from tillthen.evaluate.sums.by_model import Collected, ModelCells, Slice, TopCards, bins, step
from tillthen.evaluate.sums.cells import Cells
from tillthen.evaluate.sums.question import Question

TWO = Costs("amount", unit="minor", currency="EUR",
            recovery=0.1, chargeback_fee=2000, margin=0.1, retry_succeeds=0.25, churn=0.02,
            lifetime_value=10_000, contact=20)  # fmt: skip
FOUR = Costs("amount", unit="minor", currency="EUR",
             chargeback_fee=2000, margin=0.1, contact=20, review=Review(150, misses=0.1, insults=0.05),
             challenge=Challenge(10, abandons=0.2, passes=0.3))  # fmt: skip
THRESHOLDS = {
    (model, fold): {"best_f1": 0.3, "empirical": 0.05 * fold, "saving_threshold": 300.0}
    for model in ("old", "new")
    for fold in (1, 2)
}
DAY = 19_000


def question(costs: Costs = TWO, **changed: object) -> Question:
    """What the tests ask of `rows`."""
    asked = {
        "costs": costs, "policy": "bayes_minimum_risk", "capacity": 4, "cards": True, "segments": ("channel",),
        "thresholds": THRESHOLDS, "thresholds_from": "elsewhere", "calibration": {"new": "sigmoid"},
        "ages": {1: DAY - 3, 2: DAY + 9}, "champion": "old", "challenger": "new",
    }  # fmt: skip
    return Question(**(asked | changed))


def rows(costs: Costs = TWO, n: int = 1500, seed: int = 0, ties: int = 0) -> pd.DataFrame:
    """Two models' scores of the same payments over 24 days in two folds; some rows are left out.

    With ``ties`` scores are rounded to so many digits.
    """
    random = np.random.default_rng(seed)
    truth = random.beta(0.3, 3, n)
    payments = pd.DataFrame(
        {
            "row_id": np.arange(n), "card": [f"card{c:03}" for c in random.integers(0, n // 8, n)],
            "day": DAY + np.sort(random.integers(0, 24, n)), "label": (random.random(n) < truth).astype(np.int8),
            "excluded": random.random(n) < 0.05, "amount": np.round(random.lognormal(8, 1, n)),
            "segment_channel": random.choice(["web", "shop", "tiny"], n, p=[0.5, 0.47, 0.03]),
        }
    )  # fmt: skip
    payments["fold"] = np.where(payments["day"] < DAY + 12, 1, 2)
    payments["as_of"] = pd.to_datetime(payments["day"], unit="D", utc=True)
    parts = []
    for model, noise in (("old", 1.5), ("new", 0.4)):
        odds = np.log(truth / (1 - truth)) + noise * random.standard_normal(n)
        score = 1 / (1 + np.exp(-np.clip(odds, -14, 14)))
        part = payments.assign(model=model, score=np.round(score, ties) if ties else score)
        part["probability"] = part["score"] if model == "old" else 1 / (1 + np.exp(-0.9 * np.clip(odds, -14, 14) + 0.1))
        if ties:
            part["probability"] = part["probability"].round(ties)
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    for name, base in bases(costs, frame).items():
        frame[name] = base
    table = table_of(costs, frame)
    for i, action in enumerate(table.actions):
        frame[f"{action}_fraud"], frame[f"{action}_genuine"] = table.fraud[i], table.genuine[i]
    chosen = bayes_minimum_risk(frame["probability"].to_numpy(), table)
    frame["action"] = np.array(table.actions)[chosen]
    return frame


def bases(costs: Costs, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """The costs' row parts: of these costs amounts and ones."""
    amount = frame["amount"].to_numpy()
    return {name: amount if "amount" in text else np.ones(len(frame)) for text, name in costs.bases.items()}


def table_of(costs: Costs, frame: pd.DataFrame) -> CostTable:
    return costs_at(costs, bases(costs, frame), costs.inputs)


def collected(frame: pd.DataFrame, asked: Question) -> Collected:
    """What `tillthen.evaluate.spark.collect.collect` gives, with a cell for each row."""
    return Collected("exact", {str(m): _model(of.reset_index(drop=True), asked) for m, of in frame.groupby("model")})


def _model(frame: pd.DataFrame, asked: Question) -> ModelCells:
    costs, label = asked.costs, frame["label"].to_numpy(dtype=float)
    table, p = table_of(costs, frame), frame["probability"].to_numpy()
    outcome = {"fraud": label, "genuine": 1 - label}
    saved = saving(p, table)
    model = str(frame["model"].iloc[0])
    reached = {name: [p_ >= asked.thresholds.get((model, fold), {}).get(name, np.inf)
                      for p_, fold in zip(p, frame["fold"], strict=True)]
               for name in ("best_f1", "empirical")}  # fmt: skip
    amount = frame["amount"].to_numpy()
    sums = {
        "n": np.ones(len(frame)), "positives": label, "amount": amount, "fraud_amount": amount * label,
        "expected_amount": p * amount, "expected": p, "squared": (p - label) ** 2,
        **{f"{base}_{of}": bases(costs, frame)[base] * outcome[of] for base, of in asked.bases},
    }  # fmt: skip
    decided = {
        "bayes_minimum_risk": bayes_minimum_risk(p, table), "oracle": oracle(label.astype(int), table),
        "operating": [table.actions.index(action) for action in frame["action"]], "others": others(p, table),
        "fixed": above(p, 0.5), **reached, "saving_threshold": above(saved, 300.0),
    }  # fmt: skip
    begun = frame["fold"].map(asked.ages).to_numpy(dtype=float)
    time = {
        "fold": frame["fold"], "day": frame["day"], "excluded": frame["excluded"],
        "week": frame["day"] - pd.to_datetime(frame["day"], unit="D").dt.day_of_week,
        "age": np.nan_to_num((frame["day"] - begun) // 7, nan=-1).astype(int),
    }  # fmt: skip
    scored = {"step": step(p), "score": frame["score"], "probability": p}
    everything = Cells(costs, {name: np.asarray(of) for name, of in (time | scored | decided | sums).items()})
    keep = ~frame["excluded"].to_numpy()
    counted, kept = everything.take(keep), frame[keep].reset_index(drop=True)
    found = bins(everything)
    in_bins = counted.with_columns(bin=found[counted["step"]])
    keys = {"day": kept["day"], "card": kept["card"], "pair": kept["card"] + kept["day"].astype(str)}
    codes = {kind: key.to_numpy() if kind == "day" else pd.factorize(key, sort=True)[0] for kind, key in keys.items()}
    clusters = {kind: in_bins.with_columns(cluster=code) for kind, code in codes.items()}
    values = {name: counted.with_columns(value=kept[f"segment_{name}"].to_numpy()) for name in asked.segments}
    arrays = {name: base[keep] for name, base in bases(costs, frame).items()}
    made = [one.sum() for one in spent(costs, arrays, p[keep], kept["label"].to_numpy())]
    return ModelCells(
        _only(everything, *time, *scored, *sums), _only(everything, *time, *decided, *sums), found,
        {kind: Slice(_only(of, "cluster", "operating", *sums), _only(of, "cluster", "bin", "n", "positives"))
         for kind, of in clusters.items()},
        {name: Slice(_only(of, "value", "operating", *sums), _only(of, "value", "probability", *list(sums)[:4]))
         for name, of in values.items()},
        _ranked(counted, saved[keep], kept["day"].to_numpy(), asked),
        np.unique(kept["day"][saved[keep] >= 300], return_counts=True)[1].tolist(),
        dict(zip(variants(costs), made, strict=True)),
        _top(kept), _top(frame), {"misses": [], "insults": []},
    )  # fmt: skip


def _only(cells: Cells, *names: str) -> Cells:
    return Cells(cells.costs, {name: cells[name] for name in names})


def _ranked(counted: Cells, saved: np.ndarray, day: np.ndarray, asked: Question) -> Cells:
    rank = np.zeros(len(day), dtype=int)
    for one in np.unique(day):
        today = np.flatnonzero((day == one) & (saved > 0))
        rank[today[np.argsort(-saved[today], kind="stable")]] = np.arange(1, len(today) + 1)
    size = np.array([next((k for k in asked.sizes if r <= k), 0) for r in rank])
    return counted.with_columns(size=size).take((rank > 0) & (size > 0))


def _top(frame: pd.DataFrame) -> TopCards:
    best = frame.groupby(["day", "card"], as_index=False).agg(
        best=("probability", "max"), bad=("label", "max"), fold=("fold", "min")
    )
    best = best.sort_values(["day", "best", "card"], ascending=[True, False, True])
    return TopCards(best["fold"].to_numpy(), best["day"].to_numpy(), pd.factorize(best["card"])[0],
                    best["bad"].to_numpy() == 1, np.ones(len(best), dtype=bool))  # fmt: skip


def gridded(exact: Collected) -> Collected:
    """The same with scores put into steps, each at its mean."""
    models = {}
    for name, model in exact.models.items():
        at = np.unique(model.scores["step"], return_inverse=True)[1]
        mean = np.bincount(at, model.scores["probability"]) / np.bincount(at)
        models[name] = replace(model, scores=model.scores.with_columns(probability=mean[at]))
    return Collected("grid", models)


def capacity_of(frame: pd.DataFrame, costs: Costs, k: int) -> np.ndarray:
    """The capacity policy's decisions on rows in the order of their times."""
    return capacity(frame["probability"].to_numpy(), table_of(costs, frame), frame["day"].to_numpy(), k)
