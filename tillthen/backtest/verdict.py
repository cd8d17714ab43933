"""Champion against challenger at the operating point: differences, intervals and three sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tillthen.backtest.measure import POLICY
from tillthen.backtest.pooled import TITLES, Pooled
from tillthen.define.backtest import Backtest
from tillthen.evaluate.bootstrap import FEWEST_DAYS, RESAMPLES, enough_days, interval, resampled_totals
from tillthen.runtime.arrays import Floats

Totals = Mapping[str, Floats]


@dataclass(frozen=True)
class Figure:
    """A figure of the verdict, as a function of a model's totals."""

    metric: str
    title: str
    unit: str
    better: str
    of: Callable[[Totals], Floats]

    def value(self, totals: Totals) -> float | None:
        """The figure of one set of totals; None where it is undefined."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found = self.of(totals)[0]
        return float(found) if np.isfinite(found) else None

    @property
    def sign(self) -> int:
        """1 where more is better."""
        return 1 if self.better == "higher" else -1


FIGURES = (
    Figure("net_cost", "Net cost", "money", "lower", lambda t: t["cost"]),
    Figure("savings", "Savings", "share", "higher", lambda t: 1 - t["cost"] / np.minimum(t["none"], t["all"])),
    Figure("value_detection_rate", "Value detection rate", "share", "higher", lambda t: t["caught_value"] / t["value"]),
    Figure("approval_rate", "Approval rate", "share", "higher", lambda t: 1 - t["declined"] / t["rows"]),
    Figure("insult_rate", "Insult rate", "share", "lower", lambda t: t["insults"] / t["genuine"]),
    Figure(
        "false_positives_per_true", "False positives per fraud", "ratio", "lower", lambda t: t["insults"] / t["caught"]
    ),
)


def verdict(backtest: Backtest, pooled: Mapping[str, Pooled]) -> dict[str, Any]:
    """The first section of the report."""
    sides = {role: pooled[name].counted for role, name in _sides(backtest).items()}
    rows = sides["champion"].outcomes
    days = len(np.unique(rows.days))
    resampled = None
    if enough_days(rows.days):
        columns = {f"{role}:{name}": column for role, side in sides.items() for name, column in _columns(side).items()}
        resampled = resampled_totals(rows.days, rows.cards if backtest.card else np.arange(len(rows)), columns)
    table = [_row(figure, sides, resampled) for figure in FIGURES]
    note = (
        f"95% intervals from {RESAMPLES} resamples of days and cards; {days} days."
        if resampled
        else f"{days} days: too few days for an interval ({FEWEST_DAYS} needed)."
    )
    return {
        "policy": POLICY,
        "rows": table,
        "interval_note": note,
        "gates": [],
        "sentences": _sentences(backtest, {row["metric"]: row for row in table}, days),
    }


def _sides(backtest: Backtest) -> dict[str, str]:
    sides = {"champion": backtest.champion}
    return sides | ({"challenger": backtest.challenger} if backtest.challenger else {})


def _columns(side: Pooled) -> dict[str, Floats]:
    """What each row adds to the totals."""
    rows, declined = side.outcomes, side.declined[POLICY]
    fraud, ones = rows.labels == 1, np.ones(len(rows))
    columns = {
        "rows": ones,
        "genuine": ones * ~fraud,
        "value": rows.amounts * fraud,
        "cost": rows.costs.of(declined, rows.labels),
        "none": rows.costs.of(np.zeros(len(rows), dtype=bool), rows.labels),
        "all": rows.costs.of(np.ones(len(rows), dtype=bool), rows.labels),
        "declined": ones * declined,
        "caught": ones * (declined & fraud),
        "insults": ones * (declined & ~fraud),
        "caught_value": rows.amounts * (declined & fraud),
    }
    return {name: column.astype(np.float64) for name, column in columns.items()}


def _row(figure: Figure, sides: Mapping[str, Pooled], resampled: Mapping[str, Floats] | None) -> dict[str, Any]:
    values = {role: figure.value(_totals(side)) for role, side in sides.items()}
    champion, challenger = values["champion"], values.get("challenger")
    known = champion is not None and challenger is not None
    found = None
    if known and resampled is not None:
        found = interval(resampled, lambda t: figure.of(_of("challenger", t)) - figure.of(_of("champion", t)))
    outcomes = sides["champion"].outcomes
    better = None if found is None else (found.above_zero if figure.sign > 0 else found.below_zero)
    return {
        "metric": figure.metric,
        "title": figure.title,
        "unit": figure.unit,
        "better": figure.better,
        "champion": champion,
        "challenger": challenger,
        "difference": challenger - champion if champion is not None and challenger is not None else None,
        "lower": found.lower if found else None,
        "upper": found.upper if found else None,
        "p_better": better,
        "n": len(outcomes),
        "positives": int(outcomes.labels.sum()),
        "note": None,
    }


def _totals(side: Pooled) -> dict[str, Floats]:
    return {name: np.atleast_1d(column.sum()) for name, column in _columns(side).items()}


def _of(role: str, totals: Mapping[str, Floats]) -> dict[str, Floats]:
    return {name.partition(":")[2]: column for name, column in totals.items() if name.startswith(f"{role}:")}


def _sentences(backtest: Backtest, rows: Mapping[str, dict[str, Any]], days: int) -> list[str]:
    """What happened, what it cost in customers, and how sure that is; from the table's own figures."""
    better = _better(rows["net_cost"])
    name = {"champion": backtest.champion, "challenger": backtest.challenger}
    cost, value, insults = rows["net_cost"], rows["value_detection_rate"], rows["insult_rate"]
    n, positives = cost["n"], cost["positives"]
    policy = TITLES[POLICY]
    if backtest.challenger is None or better is None:
        first = f"{backtest.champion} would have cost {_money(backtest, cost['champion'])} over {days} days."
    else:
        worse = "champion" if better == "challenger" else "challenger"
        first = (
            f"{name[better]} would have cost {_money(backtest, cost[better])} over {days} days, "
            f"{_money(backtest, abs(cost['difference']))} less than {name[worse]}."
        )
    side = better or "champion"
    stopped, insulted = _share(value[side]), _share(insults[side])
    second = f"It stops {stopped} of the fraud by value and declines {insulted} of genuine payments."
    third = f"Measured on {n:,} payments with {positives:,} frauds under the policy '{policy}'"
    if cost["p_better"] is not None:
        third += f"; the challenger is cheaper in {_share(cost['p_better'])} of the resamples."
    else:
        third += "; the data is too short to say how sure the difference is."
    return [first, second, third]


def _better(cost: Mapping[str, Any]) -> str | None:
    if cost["champion"] is None or cost["challenger"] is None:
        return None
    return "challenger" if cost["challenger"] < cost["champion"] else "champion"


def _money(backtest: Backtest, minor: float) -> str:
    return f"{backtest.costs.currency} {minor / 100:,.0f}"


def _share(value: float | None) -> str:
    return "an unknown share" if value is None else f"{value:.2%}"
