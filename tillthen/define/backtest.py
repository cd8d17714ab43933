"""Backtests: which models, on which folds, at what cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tillthen.define.cost import Costs
from tillthen.define.duration import Duration
from tillthen.define.errors import did_you_mean, sentence
from tillthen.define.faults import report
from tillthen.define.folds import Folds
from tillthen.define.label import Label
from tillthen.define.table import FeatureTable

LEARNERS = ("xgboost", "logistic_regression", "decision_tree", "random_forest")
CALIBRATIONS = ("none", "sigmoid", "isotonic", "beta")


@dataclass(frozen=True)
class Model:
    """A learner with its parameters.

    Parameters
    ----------
    name
        How the report calls it.
    learner
        One of "xgboost", "logistic_regression", "decision_tree", "random_forest".
    parameters
        In the learner's own words; what is not given is set by the product, and all are printed.
    calibration
        Fitted on the fold's calibration window: "none", "sigmoid", "isotonic" or "beta".
    features
        Which columns of the feature table it uses; all where not given.
    placement
        "auto" chooses by the training frame's size between one node and Spark; "single" and "distributed" decide it.
    seed
        Of everything random in training.
    """

    name: str
    learner: str = "xgboost"
    parameters: Mapping[str, object] = field(default_factory=dict)
    calibration: Literal["none", "sigmoid", "isotonic", "beta"] = "none"
    features: Sequence[str] = ()
    placement: Literal["auto", "single", "distributed"] = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", dict(self.parameters))
        object.__setattr__(self, "features", tuple(self.features))
        where = f"Model '{self.name}'"
        faults = []
        if self.learner not in LEARNERS:
            faults.append(sentence(f"{where}: unknown learner '{self.learner}'",
                                   fix=did_you_mean(self.learner, LEARNERS)))  # fmt: skip
        if self.calibration not in CALIBRATIONS:
            faults.append(sentence(f"{where}: unknown calibration '{self.calibration}'",
                                   fix=did_you_mean(self.calibration, CALIBRATIONS)))  # fmt: skip
        if self.placement not in ("auto", "single", "distributed"):
            faults.append(sentence(f"{where} 'placement'", expected="'auto', 'single' or 'distributed'",
                                   got=repr(self.placement)))  # fmt: skip
        if self.placement == "distributed" and self.learner != "xgboost":
            faults.append(sentence(f"{where}: only xgboost trains distributed", fix="Use placement='auto'."))
        report(*faults)

    def __hash__(self) -> int:
        return hash((self.name, self.learner, self.seed))


@dataclass(frozen=True)
class Published:
    """A figure that somebody published, shown beside the measured one; ``within`` is how near it should be."""

    model: str
    metric: str
    value: float
    within: float
    source: str = ""


@dataclass(frozen=True)
class Backtest:
    """What would we have lost and declined, had we run these models with this policy since then.

    Parameters
    ----------
    name
        Its folder in the warehouse's ``backtests``.
    table, label
        The feature table and the outcome of its rows.
    folds
        Train and test windows.
    models
        At least one.
    champion, challenger
        Names of models: the one in use, and the one that wants to be. The champion is the first where not given.
    costs
        What wrong decisions cost.
    card
        The column that identifies a card or customer, for card precision and known-compromised cards.
    capacity
        How many cards can be looked at, or payments declined, in a day.
    exclude_compromised
        Leave out of the test a card with a positive after the training started that was known before the day began.
        Figures with them are shown too.
    evaluate_after
        The test is scored with labels as known this long after the last test window's end; the label's maturity where
        not given.
    published
        Figures to put beside the measured ones.
    """

    name: str
    table: FeatureTable
    label: Label
    folds: Folds
    models: Sequence[Model]
    costs: Costs
    champion: str = ""
    challenger: str | None = None
    card: str | None = None
    capacity: int = 100
    exclude_compromised: bool = False
    evaluate_after: Duration | None = None
    published: Sequence[Published] = ()
    description: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "models", tuple(self.models))
        object.__setattr__(self, "published", tuple(self.published))
        if self.models and not self.champion:
            object.__setattr__(self, "champion", self.models[0].name)
        report(*self._faults())

    def __hash__(self) -> int:
        return hash(self.name)

    def _faults(self) -> list[str]:
        where = f"Backtest '{self.name}'"
        names = [model.name for model in self.models]
        faults = [] if names else [sentence(f"{where} has no models", fix="Declare models=[Model(...)].")]
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                faults.append(sentence(f"{where} names two models '{name}'"))
        named: dict[str, str | None] = {"champion": self.champion, "challenger": self.challenger}
        named |= {f"published {p.metric}": p.model for p in self.published}
        for role, model in named.items():
            if model and names and model not in names:
                faults.append(
                    sentence(f"{where}: the {role} '{model}' is no model of it", fix=did_you_mean(model, names))
                )
        known = {*self.table.features, *self.table.spine.columns}
        wanted = [(m.name, m.features, set(self.table.features)) for m in self.models]
        wanted.append(("costs", self.costs.reads, known))
        wanted.append(("card", (self.card,) if self.card else (), known))
        for what, columns, available in wanted:
            faults.extend(
                sentence(f"{where}: {what} reads '{column}', which table '{self.table.name}' lacks",
                         fix=did_you_mean(column, available))
                for column in columns if column not in available
            )  # fmt: skip
        if self.exclude_compromised and not self.card:
            faults.append(sentence(f"{where} leaves out compromised cards but names no card", fix="Declare card=."))
        if self.capacity < 1:
            faults.append(sentence(f"{where} 'capacity'", expected="at least 1", got=self.capacity))
        if not self.folds.calibrate.micros and any(m.calibration != "none" for m in self.models):
            faults.append(
                sentence(f"{where} calibrates, but its folds have no calibration window",
                         fix="Declare calibrate= in Folds.")
            )  # fmt: skip
        return faults

    @property
    def evaluation_lag(self) -> Duration:
        """From the end of the last test window to the time at which labels are taken for scoring."""
        return self.label.maturity if self.evaluate_after is None else self.evaluate_after
