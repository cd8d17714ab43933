"""How often 95% intervals hold the truth: 200 worlds in numpy, whose truth is known from many more rows.

The sums are made in numpy as `tillthen.evaluate.spark.collect` makes them in Spark; everything behind them is the
product's. A world's intervals are kept in a file as soon as they are known, so that a run that was stopped goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import numpy as np

from benchmarks import worlds
from benchmarks.measure import Result
from benchmarks.worlds import Payments, draw
from tillthen.decide.policies import bayes_minimum_risk
from tillthen.define.backtests.cost import Costs
from tillthen.evaluate.results import sensitivity
from tillthen.evaluate.results.metrics import curve_by, net_savings
from tillthen.evaluate.results.verdict import of_side, paired
from tillthen.evaluate.statistics import clusters, resampling
from tillthen.evaluate.statistics.clusters import average_precision, resampled
from tillthen.evaluate.statistics.ranking import average_precision as area
from tillthen.evaluate.statistics.resampling import GROUPS, Totals, interval
from tillthen.evaluate.sums.by_model import ModelCells, Slice, bins, step
from tillthen.evaluate.sums.cells import Cells
from tillthen.runtime.arrays import Floats, Ints, sums

WORLDS, TRUTHS = 200, 60
"""Worlds with intervals, and others, of 375,000 rows each, that the truth is made of."""
LEAST, MOST = 0.91, 0.99
COSTS = Costs("amount", unit="minor", currency="EUR",
              recovery=0.1, chargeback_fee=2000, handling=1000, margin=0.08, retry_succeeds=0.3, churn=0.01,
              lifetime_value=15_000, contact=20)  # fmt: skip
SIDES = ("champion", "challenger")
FIGURES = {"average precision": average_precision, "savings": net_savings}


def benchmark(folder: Path, count: int = WORLDS, truths: int = TRUTHS) -> list[Result]:
    """The share of worlds whose interval holds the truth, for each figure of each model and for the differences."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"intervals-{_version()}.jsonl"
    rows, truth = _truth(kept.with_suffix(".truth.json"), truths)
    known = {entry["world"]: entry for entry in _read(kept)}
    with kept.open("a", encoding="utf-8") as file:
        for world in range(count):
            if world not in known:
                known[world] = {"world": world, **_intervals(draw(world))}
                file.write(json.dumps(known[world]) + "\n")
                file.flush()
            if world % 20 == 19:
                print(f"  {world + 1} of {count} worlds", flush=True)
    found = [known[world] for world in range(count)]
    return [_result(name, value, found, rows) for name, value in truth.items()]


def _result(name: str, truth: float, found: list[dict], rows: int) -> Result:
    low, high = (np.array([entry[name][i] for entry in found]) for i in range(2))
    share = float(((low <= truth) & (truth <= high)).mean())
    below, above = int((truth < low).sum()), int((truth > high).sum())
    detail = (
        f"truth {truth:.4f} from {rows:,} rows, below the interval in {below} and above in {above} of {len(found)} "
        f"worlds; mean width {(high - low).mean():.4f}"
    )
    return Result(f"coverage of 95% intervals: {name}", round(share, 3), f"{LEAST} to {MOST}",
                  LEAST <= share <= MOST, detail)  # fmt: skip


def _truth(path: Path, truths: int) -> tuple[int, dict[str, float]]:
    """Rows, and each figure over the rows of many worlds together, put together by steps of the scores."""
    if not path.exists():
        parts: dict[str, list[Cells]] = {side: [] for side in SIDES}
        for world in range(truths):
            payments = draw(1_000_000 + world)
            for side in SIDES:
                p = getattr(payments, side)
                parts[side].append(_cells(payments, p, operating=_chosen(payments, p), step=step(p)))
            print(f"  truth: {world + 1} of {truths} worlds", end="\r", flush=True)
        told: dict[str, float] = {}
        for side in SIDES:
            columns = {name: np.concatenate([part[name] for part in parts[side]]) for name in parts[side][0].columns}
            cells = Cells(COSTS, columns | {"probability": columns["step"].astype(np.float64)})
            told[f"average precision, {side}"] = float(area(curve_by(cells)) or 0)
            told[f"savings, {side}"] = 1 - cells.spent("operating") / min(cells.spent("none"), cells.spent("all"))
        for name in FIGURES:
            told[f"{name}, difference"] = told[f"{name}, challenger"] - told[f"{name}, champion"]
        rows = int(sum(part.total("n") for part in parts["champion"]))
        path.write_text(json.dumps({"rows": rows, "truth": told}))
    found = json.loads(path.read_text())
    return found["rows"], found["truth"]


def _intervals(payments: Payments) -> dict[str, tuple[float, float]]:
    models = {side: _sums(payments, getattr(payments, side)) for side in SIDES}
    drawn = {side: resampled(model) for side, model in models.items()}
    areas = {side: area(curve_by(model.scores)) for side, model in models.items()}
    both = paired(drawn)
    found = {}
    for name, statistic in FIGURES.items():
        exact = areas if name == "average precision" else dict.fromkeys(SIDES)
        for side in SIDES:
            found[f"{name}, {side}"] = interval(drawn[side], statistic, exact[side])

        def difference(totals: Totals, statistic=statistic) -> Floats:  # noqa: ANN001
            return statistic(of_side("challenger", totals)) - statistic(of_side("champion", totals))

        value = exact["challenger"] - exact["champion"] if name == "average precision" else None
        found[f"{name}, difference"] = interval(both, difference, value)
    return {name: (around.lower, around.upper) for name, around in found.items()}


def _sums(payments: Payments, probability: Floats) -> ModelCells:
    """A model's sums as Spark would collect them; what intervals do not need is left empty."""
    chosen, steps = _chosen(payments, probability), step(probability)
    scores = _cells(payments, probability, step=steps)
    scores = scores.with_columns(probability=scores["step"] / 1e4)
    found = bins(scores)
    groups = {
        "day": payments.day,
        "card": _group(payments.card),
        "pair": _group(payments.card * 1000 + payments.day + 1),
    }
    clusters_ = {
        kind: Slice(_cells(payments, probability, cluster=group, operating=chosen),
                    _cells(payments, probability, cluster=group, bin=found[steps]))
        for kind, group in groups.items()
    }  # fmt: skip
    nothing = np.zeros(0, dtype=np.int64)
    return ModelCells(scores, scores.take(nothing), found, clusters_, {}, scores.take(nothing))


def bases(payments: Payments) -> dict[str, Floats]:
    """The row parts of `COSTS`."""
    one = np.ones(len(payments))
    return {name: payments.amount if "amount" in text else one for text, name in COSTS.bases.items()}


def _chosen(payments: Payments, probability: Floats) -> Ints:
    """What Bayes minimum risk decides."""
    return bayes_minimum_risk(probability, sensitivity.costs_at(COSTS, bases(payments), COSTS.inputs))


def _cells(payments: Payments, probability: Floats, **keys: Ints) -> Cells:
    """Sums by some keys."""
    label, rows = payments.label, bases(payments)
    sizes = tuple(int(key.max()) + 1 for key in keys.values())
    code = np.ravel_multi_index(tuple(keys.values()), sizes)
    there = np.flatnonzero(np.bincount(code))
    outcome = {"fraud": label, "genuine": 1 - label}
    used = {(COSTS.bases[part.base], of) for (_, of), parts in COSTS.products.items() for part in parts}
    columns = {
        "n": np.ones(len(label)), "positives": label, "amount": payments.amount,
        "fraud_amount": payments.amount * label, "expected": probability, "squared": (probability - label) ** 2,
        **{f"{b}_{of}": rows[b] * outcome[of] for b, of in sorted(used)},
    }  # fmt: skip
    places = dict(zip(keys, np.unravel_index(there, sizes), strict=True))
    return Cells(COSTS, places | {name: sums(code, column, 0)[there] for name, column in columns.items()})


def _group(of: Ints) -> Ints:
    """A hash's group."""
    mixed = of.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    return ((mixed >> np.uint64(32)) % np.uint64(GROUPS)).astype(np.int64)


def _read(path: Path) -> Iterator[dict]:
    if path.exists():
        lines = path.read_text(encoding="utf-8").splitlines()
        yield from (json.loads(line) for line in lines if line.endswith("}"))


def _version() -> str:
    """A hash of what the intervals are made by: another version starts afresh."""
    modules: tuple[ModuleType, ...] = (worlds, resampling, clusters)
    text = "".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules)
    return sha256((text + Path(__file__).read_text(encoding="utf-8")).encode()).hexdigest()[:12]
