"""Single payments that were decided wrongly, and what the model saw in them."""

from __future__ import annotations

from tillthen.report.facts.metric import Fact, Scalar


class Reason(Fact):
    """A feature's part in a score: ``contribution`` is in log odds, above 0 towards fraud."""

    feature: str
    value: Scalar = None
    contribution: float | None = None


class Mistake(Fact):
    """A payment of a masked id; amount and cost in minor units."""

    row_id: str = ""
    as_of: str | None = None
    amount: float | None = None
    probability: float | None = None
    action: str = ""
    cost: float | None = None
    reasons: tuple[Reason, ...] = ()
