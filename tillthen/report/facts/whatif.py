"""What other thresholds and other costs would lead to."""

from __future__ import annotations

from tillthen.report.facts.metric import Fact


class Input(Fact):
    """A declared cost input: an amount of minor units, a share, or a factor that multiplies an expression."""

    name: str
    title: str = ""
    value: float = 0.0
    unit: str = "factor"
    most: float | None = None


class Factor(Fact):
    """An input that multiplies a component, or 1 - it where ``complement``."""

    input: str
    complement: bool = False


class Component(Fact):
    """A part of the cost, proportional to its factors."""

    name: str
    title: str = ""
    factors: tuple[Factor, ...] = ()


class ExplorerPoint(Fact):
    """What flagging from a threshold on does; null flags nothing.

    The cost is the sum over components of ``bases`` times the product of their factors.
    """

    threshold: float | None = None
    flagged: int = 0
    caught: int = 0
    flagged_value: float = 0.0
    caught_value: float = 0.0
    bases: tuple[float | None, ...] = ()


class Explorer(Fact):
    """From flagging nothing to flagging everything, with what the cost is made of."""

    rows: int = 0
    positives: int = 0
    value: float = 0.0
    fraud_value: float = 0.0
    days: int = 0
    inputs: tuple[Input, ...] = ()
    components: tuple[Component, ...] = ()
    points: tuple[ExplorerPoint, ...] = ()


class Scenario(Fact):
    """An input at another value, decisions made anew."""

    value: float | None = None
    cost: float | None = None
    savings: float | None = None


class Sensitivity(Fact):
    """What the net cost becomes when one cost input is lower or higher than declared."""

    input: str
    title: str = ""
    unit: str = ""
    declared: float | None = None
    low: Scenario = Scenario()
    high: Scenario = Scenario()
    base_cost: float | None = None
