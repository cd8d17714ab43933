"""Champion against challenger at the operating point: differences, intervals and three sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from tillthen.decide.rules import RULES
from tillthen.define.backtests.minimums import FEWEST_DAYS
from tillthen.evaluate.results.metrics import card_looks, curve_by, net_savings
from tillthen.evaluate.statistics import clusters, ranking
from tillthen.evaluate.statistics.clusters import resampled
from tillthen.evaluate.statistics.resampling import RESAMPLES, Interval, Resampled, Statistic, Totals, interval
from tillthen.evaluate.sums.by_model import Collected, ModelCells
from tillthen.evaluate.sums.consequences import consequences, tally
from tillthen.evaluate.sums.question import Question
from tillthen.runtime.arrays import Floats

SIDES = ("champion", "challenger")


@dataclass(frozen=True)
class Figure:
    """A figure of the verdict, as a function of a model's totals."""

    metric: str
    title: str
    unit: str
    better: str
    of: Statistic


RANKED = (
    Figure("roc_auc", "ROC AUC", "ratio", "higher", clusters.roc_auc),
    Figure("card_precision", "Card precision", "share", "higher", clusters.card_precision),
    Figure("brier", "Brier score", "ratio", "lower", clusters.brier),
)
"""Figures of the scores alone, which gates may be about, too."""


def figures(rows: float) -> tuple[Figure, ...]:
    """The verdict's figures; money is for as many ``rows`` as there are, so that how many come is no uncertainty."""
    return (
        Figure("net_cost", "Net cost", "money", "lower", lambda t: t["cost"] / t["rows"] * rows),
        Figure("savings", "Savings", "share", "higher", net_savings),
        Figure("value_detection_rate", "Value detection rate", "share", "higher",
               lambda t: t["caught_value"] / t["value"]),
        Figure("approval_rate", "Approval rate", "share", "higher", lambda t: 1 - t["declined"] / t["rows"]),
        Figure("insult_rate", "Insult rate", "share", "lower", lambda t: t["insults"] / t["genuine"]),
        Figure("false_positives_per_true", "False positives per fraud", "ratio", "lower",
               lambda t: (t["flagged"] - t["caught"]) / t["caught"]),
        Figure("average_precision", "Average precision", "ratio", "higher", clusters.average_precision),
    )  # fmt: skip


def verdict(collected: Collected, question: Question) -> dict[str, Any]:
    """The first section of the report, without gates."""
    names = {"champion": question.champion, "challenger": question.challenger}
    sides = {side: collected.models[name] for side, name in names.items() if name is not None}
    counted = sides["champion"].counted.decisions
    days = len(np.unique(counted["day"]))
    looks = {side: card_looks(model.cards, question) for side, model in sides.items()}
    drawn = paired({side: resampled(model, looks[side]) for side, model in sides.items()}) if len(counted) else None
    exact = {side: _exact(model, looks[side]) for side, model in sides.items()}
    shown = figures(counted.total("n"))
    table = [_row(figure, drawn, exact) for figure in (*shown, *RANKED)]
    for row in table:
        row |= {"n": int(counted.total("n")), "positives": int(counted.total("positives")), "note": None}
    enough = drawn is not None and drawn.enough
    note = (
        f"95% intervals from {RESAMPLES:,} resamples of blocks of days and of cards; {days} days."
        if enough else f"{days} days: too few days for an interval ({FEWEST_DAYS} needed)."
    )  # fmt: skip
    told = {row["metric"]: row for row in table}
    return {
        "policy": question.policy,
        "rows": table[: len(shown)],
        "ranked": table[len(shown) :],
        "interval_note": note,
        "sentences": sentences(question, told, days),
    }


def _exact(model: ModelCells, looks: Sequence[ranking.Looks]) -> dict[str, float | None]:
    """A model's figures from exact sums: the draws know rounded ones, and only bins of scores."""
    counted = model.counted
    decisions, points = counted.decisions, curve_by(counted.scores)
    told = consequences(tally(decisions, decisions.chosen("operating")), 1)
    return {**told, "net_cost": told["cost"], "average_precision": ranking.average_precision(points),
            "roc_auc": ranking.roc_auc(points), "card_precision": ranking.mean_share(looks)}  # fmt: skip


def paired(sides: Mapping[str, Resampled]) -> Resampled:
    """The draws of both models side by side: they were drawn from the same rows with the same weights."""

    def merged(totals: Mapping[str, Totals]) -> dict[str, Floats]:
        return {f"{side}:{name}": column for side, of in totals.items() for name, column in of.items()}

    one = next(iter(sides.values()))
    draws = {kind: merged({side: of.draws[kind] for side, of in sides.items()}) for kind in one.draws}
    return Resampled(merged({side: of.whole for side, of in sides.items()}), draws, one.days)


def of_side(side: str, totals: Totals) -> dict[str, Floats]:
    """One model's totals out of both."""
    return {name.partition(":")[2]: column for name, column in totals.items() if name.startswith(f"{side}:")}


def _row(figure: Figure, drawn: Resampled | None, exact: Mapping[str, Mapping[str, float | None]]) -> dict[str, Any]:
    values = {side: _value(figure, side, drawn, exact) for side in SIDES}
    champion, challenger = values["champion"], values["challenger"]
    difference = None if champion is None or challenger is None else _less(challenger, champion)
    found = _interval(drawn, lambda t: figure.of(of_side("challenger", t)) - figure.of(of_side("champion", t)),
                      difference)  # fmt: skip
    better = None if found is None else found.above_zero if figure.better == "higher" else found.below_zero
    row = {"metric": figure.metric, "title": figure.title, "unit": figure.unit, "better": figure.better, **values,
           "difference": difference, **_ends("", found), "p_better": better}  # fmt: skip
    for side, value in values.items():
        row |= _ends(f"{side}_", _interval(drawn, _of(figure, side), value))
    return row


def _value(
    figure: Figure, side: str, drawn: Resampled | None, exact: Mapping[str, Mapping[str, float | None]]
) -> float | None:
    """A side's figure, from exact sums where there are."""
    if drawn is None or side not in exact:
        return None
    if figure.metric in exact[side]:
        return exact[side][figure.metric]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(figure.of(of_side(side, drawn.whole))[0])
    return value if np.isfinite(value) else None


def _of(figure: Figure, side: str) -> Statistic:
    return lambda totals: figure.of(of_side(side, totals))


def _interval(drawn: Resampled | None, statistic: Statistic, value: float | None) -> Interval | None:
    return None if drawn is None or value is None else interval(drawn, statistic, value)


def _ends(prefix: str, found: Interval | None) -> dict[str, float | None]:
    lower, upper = (None, None) if found is None else (found.lower, found.upper)
    return {f"{prefix}lower": lower, f"{prefix}upper": upper}


def _less(value: float, other: float) -> float:
    """The difference of two numbers as they are written, so that cents stay cents."""
    return float(Decimal(str(value)) - Decimal(str(other)))


def sentences(question: Question, rows: Mapping[str, dict[str, Any]], days: int) -> list[str]:
    """What happened, what it cost in customers, and how sure that is; from the table's own figures."""
    cost, value, insults = rows["net_cost"], rows["value_detection_rate"], rows["insult_rate"]
    better = _better(cost)
    name = {"champion": question.champion, "challenger": question.challenger}
    if better is None:
        first = f"{question.champion} would have cost {_money(question, cost['champion'])} over {days} days."
    else:
        worse = "champion" if better == "challenger" else "challenger"
        first = (
            f"{name[better]} would have cost {_money(question, cost[better])} over {days} days, "
            f"{_money(question, abs(cost['difference']))} less than {name[worse]}."
        )
    side = better or "champion"
    stopped, insulted = _share(value[side]), _share(insults[side])
    second = f"It stops {stopped} of the fraud by value and declines {insulted} of genuine payments."
    third = (
        f"Measured on {cost['n']:,} payments with {cost['positives']:,} frauds under the policy "
        f"'{RULES[question.policy].title}'"
    )
    if cost["p_better"] is not None:
        third += f"; the challenger is cheaper in {_share(cost['p_better'])} of the resamples."
    elif question.challenger is not None:
        third += "; the data is too short to say how sure the difference is."
    else:
        third += "."
    return [first, second, third]


def _better(cost: Mapping[str, Any]) -> str | None:
    if cost["champion"] is None or cost["challenger"] is None:
        return None
    return "challenger" if cost["challenger"] < cost["champion"] else "champion"


def _money(question: Question, minor: float | None) -> str:
    return "an unknown amount" if minor is None else question.costs.money.text(minor)


def _share(value: float | None) -> str:
    return "an unknown share" if value is None else f"{value:.2%}"
