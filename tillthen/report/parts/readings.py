"""What each step of the threshold explorer reads, under any cost inputs.

``static/explorer.js`` says the same arithmetic in the same order, so that both give the same bits; the browser tests
compare them at every step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tillthen.report.facts.measures import ModelFacts, Outcome
from tillthen.report.facts.selection import operating
from tillthen.report.facts.whatif import Explorer, ExplorerPoint

Inputs = Mapping[str, float]


def flaw(explorer: Explorer | None) -> str:
    """Why it cannot be explored, as the end of a sentence; empty where it can.

    >>> flaw(None), flaw(Explorer())
    ('no steps were measured', 'fewer than two steps were measured')
    """
    if explorer is None:
        return "no steps were measured"
    if len(explorer.points) < 2:
        return "fewer than two steps were measured"
    known = {each.name for each in explorer.inputs}
    if any(factor.input not in known for component in explorer.components for factor in component.factors):
        return "its costs name an input that is not declared"
    if any(len(point.bases) != len(explorer.components) for point in explorer.points):
        return "its steps and its costs do not match"
    if explorer.points[0].flagged or any(point.threshold is None for point in explorer.points[1:]):
        return "its steps do not begin with declining nothing"
    return ""


def declared(explorer: Explorer) -> dict[str, float]:
    """The cost inputs as the backtest has them."""
    return {each.name: each.value for each in explorer.inputs}


def cost(explorer: Explorer, point: ExplorerPoint, inputs: Inputs) -> float | None:
    """Net cost in minor units: components of the cost, each a base times the product of its factors."""
    total = 0.0
    for component, base in zip(explorer.components, point.bases, strict=True):
        if base is None:
            return None
        part = base
        for factor in component.factors:
            part *= 1 - inputs[factor.input] if factor.complement else inputs[factor.input]
        total += part
    return total


def reading(explorer: Explorer, point: ExplorerPoint, inputs: Inputs) -> Outcome:
    """Everything that the page shows of a step; a share of nothing is None, as in the threshold table."""
    genuine, wrong = explorer.rows - explorer.positives, point.flagged - point.caught
    left, approved = explorer.fraud_value - point.caught_value, explorer.value - point.flagged_value
    paid = cost(explorer, point, inputs)
    ends = [cost(explorer, end, inputs) for end in (explorer.points[0], explorer.points[-1])]
    least = None if ends[0] is None or ends[1] is None else min(ends[0], ends[1])
    return Outcome(
        threshold=point.threshold,
        alerts=point.flagged,
        alert_rate=_share(point.flagged, explorer.rows),
        alerts_per_day=_share(point.flagged, explorer.days),
        precision=_share(point.caught, point.flagged),
        recall=_share(point.caught, explorer.positives),
        value_detection_rate=_share(point.caught_value, explorer.fraud_value),
        false_positives_per_true=_share(wrong, point.caught),
        insult_rate=_share(wrong, genuine),
        approval_rate=_share(explorer.rows - point.flagged, explorer.rows),
        approval_rate_value=_share(approved, explorer.value),
        fraud_bps=_share(1e4 * left, approved),
        cost=paid,
        savings=None if paid is None or least is None or not least > 0 else 1 - paid / least,
    )


def readings(explorer: Explorer, inputs: Inputs | None = None) -> list[Outcome]:
    """Every step's, under the declared costs or under these."""
    costs = declared(explorer) if inputs is None else inputs
    return [reading(explorer, point, costs) for point in explorer.points]


def cheapest(steps: Sequence[Outcome]) -> int:
    """The first step of the least net cost; the first where no cost is known."""
    known = [(row.cost, place) for place, row in enumerate(steps) if row.cost is not None]
    return min(known, default=(0.0, 0))[1]


def start(model: ModelFacts, policy: str) -> int:
    """The step that declines as many payments as the operating policy does, or nearly; else the cheapest."""
    explorer, row = model.explorer, operating(model, policy)
    if explorer is None:
        raise ValueError(f"model '{model.name}' has nothing to explore")
    declined = None if row is None else row.alerts if row.declined is None else row.declined
    if declined is None:
        return cheapest(readings(explorer))
    gaps = [(abs(point.flagged - declined), place) for place, point in enumerate(explorer.points)]
    return min(gaps)[1]


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
