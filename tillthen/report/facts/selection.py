"""Picking from the facts what a figure or table shows; nothing is computed anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from tillthen.report.facts.measures import CurvePoint, ModelFacts, Policy

Row = TypeVar("Row")
Pair = tuple[float, float]

DRAWABLE = 1e15
"""No axis goes farther."""


def pairs(rows: Iterable[object], x: str, y: str) -> list[Pair]:
    """(x, y) of the rows in which both were measured, as far as a drawing can show them."""
    found = [(getattr(row, x), getattr(row, y)) for row in rows]
    return [(a, b) for a, b in found if a is not None and b is not None and max(abs(a), abs(b)) < DRAWABLE]


def positive(found: Iterable[Pair], *, x: bool = True, y: bool = False) -> list[Pair]:
    """The pairs that a logarithmic axis can show."""
    return [(a, b) for a, b in found if (a > 0 or not x) and (b > 0 or not y)]


def staircase(curve: Sequence[Pair]) -> list[Pair]:
    """A precision-recall curve as average precision counts it: up to each recall the precision reached there.

    >>> staircase([(0.2, 1.0), (0.5, 0.8)])
    [(0.0, 1.0), (0.2, 1.0), (0.2, 0.8), (0.5, 0.8)]
    """
    starts = [0.0, *(x for x, _ in curve[:-1])]
    return [corner for start, (x, y) in zip(starts, curve, strict=True) for corner in ((start, y), (x, y))]


def operating(model: ModelFacts, policy: str) -> Policy | None:
    """What the policy led to with this model."""
    return next((row for row in model.policies if row.name == policy), None)


def marks(models: Sequence[ModelFacts], policy: str, x: str, y: str) -> dict[str, Pair]:
    """Where each model operates under the policy."""
    rows = {model.name: operating(model, policy) for model in models}
    return {name: found[0] for name, row in rows.items() if row and (found := pairs([row], x, y))}


def value_marks(models: Sequence[ModelFacts], policy: str, base: float) -> dict[str, Pair]:
    """The same by value: the share of fraud value declined, and the share of the value declined that is fraud.

    Parameters
    ----------
    base
        Fraud's share of all value, with which the second follows from the policy's own columns.
    """
    found = marks(models, policy, "value_detection_rate", "approval_rate_value")
    return {
        name: (caught, caught * base / (1 - approved)) for name, (caught, approved) in found.items() if approved < 1
    }


def metric(model: ModelFacts, name: str) -> float | None:
    """The value of a metric, where it was measured."""
    return model.metrics[name].value if name in model.metrics else None


def base_rate(models: Iterable[ModelFacts]) -> float | None:
    """The share of positives in the test rows."""
    rates = (metric(model, "base_rate") for model in models)
    return next((rate for rate in rates if rate is not None and 0 <= rate <= 1), None)


def sample(model: ModelFacts) -> tuple[int | None, int | None]:
    """Rows and positives that a model's metrics rest on."""
    found = [(row.n, row.positives) for row in model.metrics.values() if row.n is not None]
    return found[0] if found else (None, None)


def by_recall(points: Sequence[CurvePoint], steps: int = 10) -> list[CurvePoint]:
    """Of a long curve, the point nearest to each step of recall; a short one whole."""
    if len(points) <= steps + 1:
        return list(points)
    grid = [step / steps for step in range(steps + 1)]
    places = {min(range(len(points)), key=lambda i: abs((points[i].recall or 0.0) - step)) for step in grid}
    return [points[place] for place in sorted(places)]


def evenly(rows: Sequence[Row], most: int = 15) -> list[Row]:
    """Evenly many of a long table, its ends included."""
    if len(rows) <= most:
        return list(rows)
    return [rows[round(place * (len(rows) - 1) / (most - 1))] for place in range(most)]
