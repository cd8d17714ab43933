"""Backtests: which models, on which folds, at what cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.duration import Duration
from tillthen.define.arguments.fingerprint import UNHASHED
from tillthen.define.arguments.kinds import Column, Count, Expression, Name, NotNegative, NotNegativeNumber, Title
from tillthen.define.arguments.shown import Row, Told
from tillthen.define.backtests.amounts import amount_faults
from tillthen.define.backtests.cost import Costs
from tillthen.define.backtests.folds import Folds
from tillthen.define.backtests.gate import Gate
from tillthen.define.backtests.minimums import FEWEST_DAYS
from tillthen.define.backtests.model import Model
from tillthen.define.expressions.expression import parse
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import did_you_mean, sentence
from tillthen.define.sources.label import Label
from tillthen.define.tables.table import FeatureTable

FIGURES = ("roc_auc", "average_precision", "card_precision", "base_rate", "brier", "sum_ratio", "savings")
"""What is measured of a model and can be put beside a published figure."""
POLICIES = ("bayes_minimum_risk", "saving_threshold", "capacity", "empirical", "best_f1", "fixed")
"""How an operating point may decide; "capacity" is a queue at the day's end, which no payment can wait for."""


@checked
@dataclass(frozen=True)
class Published(Told):
    """A figure that somebody published, shown beside the measured one; ``within`` is how near it should be.

    ``metric`` is one of `FIGURES`, ``model`` a model of the backtest.
    """

    model: Title
    metric: Title
    value: float
    within: NotNegativeNumber
    source: str = ""

    def __post_init__(self) -> None:
        if self.metric not in FIGURES:
            report(sentence(f"Published 'metric': unknown figure '{self.metric}'",
                            fix=did_you_mean(self.metric, FIGURES)))  # fmt: skip


@checked
@dataclass(frozen=True, repr=False)
class Backtest(Told):
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
        How many cards can be looked at, or payments declined, in a UTC day. Where a test window holds a part of a day,
        that part of it.
    exclude_compromised
        Leave out of the test a card with a positive after the training started that was known before the day began.
        Figures with them are shown too.
    evaluate_after
        The test is scored with labels as known this long after the last test window's end; the label's maturity where
        not given.
    published
        Figures to put beside the measured ones.
    gates
        What the facts must show before `tillthen promote` lets the challenger take the champion's place.
    policy
        The operating point: how the models' probabilities become decisions when champion and challenger are compared.
    segments
        Row expressions over the feature table, by name: the test is shown for each of their values too.
    """

    name: Name
    table: FeatureTable
    label: Label
    folds: Folds
    models: Sequence[Model]
    costs: Costs
    champion: str = ""
    challenger: Title | None = None
    card: Column | None = None
    capacity: Count = 100
    exclude_compromised: bool = False
    evaluate_after: NotNegative | None = None
    published: Sequence[Published] = ()
    gates: Sequence[Gate] = field(default=(), metadata=UNHASHED)
    policy: str = "bayes_minimum_risk"
    segments: Mapping[Title, Expression] = field(default_factory=dict)
    description: str = ""

    def __post_init__(self) -> None:
        if self.models and not self.champion:
            object.__setattr__(self, "champion", self.models[0].name)
        report(*self._faults())

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        models = ", ".join(model.name for model in self.models)
        return f"Backtest({self.name!r}, table={self.table.name!r}, models=[{models}])"

    def _more(self) -> Iterable[Row]:
        for fold in self.folds:
            trained = f"trained on [{fold.train_from:%Y-%m-%d}, {fold.train_to:%Y-%m-%d})"
            yield f"fold {fold.number}", f"{trained}, tested on [{fold.test_from:%Y-%m-%d}, {fold.test_to:%Y-%m-%d})"

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
        if self.challenger and self.challenger == self.champion:
            faults.append(sentence(f"{where}: the challenger '{self.challenger}' is the champion too",
                                   fix="Name another model."))  # fmt: skip
        known = {*self.table.features, *self.table.spine.columns}
        wanted = [(m.name, (*m.reads(()), *m.monotone), set(self.table.features)) for m in self.models]
        wanted += [(f"segment '{name}'", parse(text).columns, known) for name, text in self.segments.items()]
        wanted.append(("costs", self.costs.reads, known))
        wanted.append(("card", (self.card,) if self.card else (), known))
        for what, columns, available in wanted:
            faults.extend(
                sentence(f"{where}: {what} reads '{column}', which table '{self.table.name}' lacks",
                         fix=did_you_mean(column, available))
                for column in columns if column not in available
            )  # fmt: skip
        faults.extend(
            sentence(f"{where}: model '{model.name}' is monotone in '{name}', which table '{self.table.name}' declares "
                     "categorical: its values neither rise nor fall",
                     fix="Remove it from monotone= or from categorical=.")
            for model in self.models for name in model.monotone if name in self.table.categorical
        )  # fmt: skip
        faults.extend(f"{where}: {fault}" for fault in amount_faults(self.costs, self.table))
        faults.extend(fault for gate in self.gates if gate.known for fault in self._gate_faults(gate, where))
        if self.policy not in POLICIES:
            faults.append(sentence(f"{where}: unknown policy '{self.policy}'", fix=did_you_mean(self.policy, POLICIES)))
        if self.exclude_compromised and not self.card:
            faults.append(sentence(f"{where} leaves out compromised cards but names no card", fix="Declare card=."))
        if not self.folds.calibrate.micros and any(m.calibration != "none" for m in self.models):
            faults.append(
                sentence(f"{where} calibrates, but its folds have no calibration window",
                         fix="Declare calibrate= in Folds.")
            )  # fmt: skip
        return faults

    def _gate_faults(self, gate: Gate, where: str) -> Iterator[str]:
        """Why a gate could never hold on this backtest."""
        where = f"{where}: the gate '{gate.title}'"
        if gate.needs_challenger and self.challenger is None:
            yield sentence(f"{where} is of a challenger, and none is declared",
                           fix="Declare challenger=, or of='champion'.")  # fmt: skip
        if gate.metric == "card_precision" and not self.card:
            yield sentence(f"{where} is of cards, and none is declared", fix="Declare card=.")
        days = self.folds.tested_days if gate.surely else FEWEST_DAYS
        if days < FEWEST_DAYS:
            yield sentence(f"{where} needs an interval", expected=f"tests of at least {FEWEST_DAYS} days", got=days,
                           fix="Raise test= or count= in Folds, or leave out surely=True.")  # fmt: skip

    @property
    def evaluation_lag(self) -> Duration:
        """From the end of the last test window to the time at which labels are taken for scoring."""
        return self.label.maturity if self.evaluate_after is None else self.evaluate_after
