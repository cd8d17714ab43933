"""Other thresholds and other costs in that world."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.report.making.world import World, changed
from tillthen.decide import policies
from tillthen.evaluate.statistics.ranking import Curve

Facts = dict[str, Any]

INPUTS = {
    "recovery": ("Share of a fraud that is recovered", "share"), "chargeback_fee": ("Chargeback fee", "minor"),
    "handling": ("Handling of a dispute", "minor"), "margin": ("Margin on a payment", "share"),
    "retry_succeeds": ("Declined customers who pay on a retry", "share"),
}  # fmt: skip


def explorer(drawn: World, points: Curve, most: int = 200) -> Facts:
    """From flagging nothing to flagging everything; the cost by components as `World` charges it."""
    terms, labels, amounts = drawn.terms, drawn.labels, drawn.amounts
    frauds, fraud_value = int(labels.sum()), float((amounts * labels).sum())
    places = np.unique(np.r_[np.geomspace(1, len(points.flagged), most - 1).astype(int) - 1, len(points.flagged) - 1])
    found = [{"threshold": None, "flagged": 0, "caught": 0, "flagged_value": 0.0, "caught_value": 0.0,
              "bases": [fraud_value, float(frauds), float(frauds), 0.0]}]  # fmt: skip
    for place in places:
        caught, flagged = int(points.positives[place]), int(points.flagged[place])
        value, caught_value = float(points.value[place]), float(points.caught[place])
        found.append({
            "threshold": float(points.threshold[place]), "flagged": flagged, "caught": caught, "flagged_value": value,
            "caught_value": caught_value,
            "bases": [fraud_value - caught_value, float(frauds - caught), float(frauds - caught), value - caught_value],
        })  # fmt: skip
    return {
        "rows": len(labels), "positives": frauds, "value": float(amounts.sum()), "fraud_value": fraud_value,
        "days": len(np.unique(drawn.days)),
        "inputs": [{"name": name, "title": title, "value": getattr(terms, name), "unit": unit,
                    "most": 1 if unit == "share" else None} for name, (title, unit) in INPUTS.items()],
        "components": [
            {"name": "fraud", "title": "Approved fraud", "factors": [{"input": "recovery", "complement": True}]},
            {"name": "fees", "title": "Chargeback fees", "factors": [{"input": "chargeback_fee", "complement": False}]},
            {"name": "handling", "title": "Handling", "factors": [{"input": "handling", "complement": False}]},
            {"name": "insults", "title": "Declined genuine payments",
             "factors": [{"input": "margin", "complement": False}, {"input": "retry_succeeds", "complement": True}]},
        ],
        "points": found,
    }  # fmt: skip


def sensitivity(drawn: World, probability: np.ndarray) -> list[Facts]:
    """Each input halved and half as much again, decided anew."""

    def scenario(name: str, factor: float) -> Facts:
        terms = changed(drawn.terms, name, factor)
        rows = drawn.outcomes(probability, terms)
        declined = policies.bayes_minimum_risk(probability, rows.costs) == 1
        cost = float(rows.costs.of_decisions(declined, rows.labels).sum())
        return {"value": getattr(terms, name), "cost": cost, "savings": rows.costs.savings(cost, rows.labels)}

    return [
        {"input": name, "title": title, "declared": getattr(drawn.terms, name), "low": scenario(name, 0.5),
         "high": scenario(name, 1.5), "base_cost": scenario(name, 1.0)["cost"]}
        for name, (title, _) in INPUTS.items()
    ]  # fmt: skip
