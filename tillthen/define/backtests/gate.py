"""Gates: what a backtest must show before its challenger may take the champion's place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.shown import Told
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import did_you_mean, sentence

Of = Literal["challenger", "champion", "difference"]
SIDES: tuple[Of, ...] = ("challenger", "champion", "difference")
Unit = Literal["money", "share", "ratio", "count"]


@dataclass(frozen=True)
class Measure:
    """A figure that a gate can be about; ``of_run`` where it is of the backtest and not of one of its models.

    It lies in [``least``, ``most``]. ``bounded`` says that a backtest gives an interval of each side and of the
    difference.
    """

    title: str
    unit: Unit
    least: float = 0.0
    most: float = 1.0
    of_run: bool = False
    bounded: bool = True

    def span(self, of: Of) -> tuple[float, float]:
        """Between which values it can be."""
        width = self.most - self.least
        return (-width, width) if of == "difference" and not self.of_run else (self.least, self.most)


MEASURES = {
    "net_cost": Measure("Net cost", "money", most=math.inf),
    "savings": Measure("Savings", "share", least=-math.inf),
    "value_detection_rate": Measure("Value detection rate", "share"),
    "approval_rate": Measure("Approval rate", "share"),
    "insult_rate": Measure("Insult rate", "share"),
    "false_positives_per_true": Measure("False positives per fraud", "ratio", most=math.inf),
    "average_precision": Measure("Average precision", "ratio"),
    "roc_auc": Measure("ROC AUC", "ratio"),
    "card_precision": Measure("Card precision", "share"),
    "brier": Measure("Brier score", "ratio"),
    "calibration_ratio": Measure("Calibration ratio", "ratio", 1.0, math.inf, bounded=False),
    "amount_ratio": Measure("Amount-weighted calibration ratio", "ratio", 1.0, math.inf, bounded=False),
    "positives": Measure("Frauds in the test", "count", most=math.inf, of_run=True, bounded=False),
    "canaries": Measure("Canaries that fired", "share", of_run=True, bounded=False),
}
"""By name: the one list of figures that gates know, and of which of them have an interval. A calibration ratio is taken
in the direction that is further from 1, so 1 is right and 2 wrong by half or by double."""


@checked
@dataclass(frozen=True)
class Gate(Told):
    """A condition on a backtest's figures; `tillthen promote` moves the champion only when all of them hold.

    A figure that was not measured meets no gate.

    Parameters
    ----------
    metric
        A figure of `MEASURES`: of the verdict (at the operating point), of ranking, of calibration, or of the run.
    of
        "challenger", "champion", or "difference", the challenger's less the champion's.
    at_least, at_most
        The bounds, both included; money in the unit of the backtest's costs, shares from 0 to 1. "canaries" is at least
        1 where not given.
    surely
        The near end of the 95% interval must hold the bound, not the estimate alone.

    Examples
    --------
    >>> Gate("net_cost", of="difference", at_most=0, surely=True).title
    'Net cost, challenger less champion, surely'
    >>> Gate("canaries").at_least
    1.0
    """

    metric: str
    of: Of = "challenger"
    at_least: float | Decimal | None = None
    at_most: float | Decimal | None = None
    surely: bool = False

    def __post_init__(self) -> None:
        if self.metric == "canaries" and self.at_least is None and self.at_most is None:
            object.__setattr__(self, "at_least", 1.0)
        report(*self._faults())

    def _faults(self) -> list[str]:
        where = f"Gate '{self.metric}'"
        if not self.known:
            return [sentence(f"{where} is about no known figure", fix=did_you_mean(str(self.metric), MEASURES))]
        faults = []
        if self.of not in SIDES:
            faults.append(sentence(f"{where} 'of'", expected="'challenger', 'champion' or 'difference'",
                                   got=repr(self.of), fix=did_you_mean(str(self.of), SIDES)))  # fmt: skip
        bounds = {"at_least": self.at_least, "at_most": self.at_most}
        given = {name: bound for name, bound in bounds.items() if bound is not None}
        faults += [fault for name, bound in given.items() if (fault := self._bound_fault(f"{where} '{name}'", bound))]
        if not given:
            faults.append(sentence(f"{where} has no bound", fix="Declare at_least= or at_most=."))
        elif not faults and len(given) == 2 and given["at_least"] > given["at_most"]:
            faults.append(sentence(f"{where}", expected="at_least <= at_most",
                                   got=f"{self.at_least} and {self.at_most}"))  # fmt: skip
        if self.surely and not self.measure.bounded:
            faults.append(sentence(f"{where}: backtests give no interval of it", fix="Leave out surely=True."))
        return faults

    def _bound_fault(self, where: str, bound: object) -> str | None:
        """Why a bound decides nothing: it is no number, or the figure is always on one side of it."""
        if isinstance(bound, bool) or not isinstance(bound, int | float | Decimal) or not math.isfinite(bound):
            return sentence(where, expected="a finite number", got=repr(bound))
        least, most = self.measure.span(self.of)
        if least <= bound <= most:
            return None
        fix = "Shares are from 0 to 1: write 0.99 for 99%." if self.measure.unit == "share" else None
        return sentence(where, expected=f"a number from {least:g} to {most:g}", got=bound, fix=fix)

    @property
    def known(self) -> bool:
        """Whether there is a figure of its name."""
        return self.metric in MEASURES

    @property
    def measure(self) -> Measure:
        """What the gate is about."""
        return MEASURES[self.metric]

    @property
    def needs_challenger(self) -> bool:
        """Whether it asks about a challenger."""
        return self.of != "champion" and not self.measure.of_run

    @property
    def title(self) -> str:
        """What it asks, without the bound."""
        side = {"difference": ", challenger less champion", "champion": ", champion"}.get(self.of, "")
        return self.measure.title + side * (not self.measure.of_run) + ", surely" * self.surely
