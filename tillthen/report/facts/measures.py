"""What was measured of a model, part of the format "tillthen-facts/1"."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from tillthen.report.facts.metric import Fact, Metrics, Spreads
from tillthen.report.facts.mistakes import Mistake
from tillthen.report.facts.slices import AgeBand, ScoreDrift, Segment, Week
from tillthen.report.facts.whatif import Explorer, Sensitivity


class CurvePoint(Fact):
    """A point of a precision-recall curve."""

    recall: float | None = None
    precision: float | None = None
    threshold: float | None = None


class BandPoint(Fact):
    """The 95% band of precision at a recall, point by point."""

    recall: float | None = None
    lower: float | None = None
    upper: float | None = None


class Outcome(Fact):
    """What one rule of deciding leads to on the test rows."""

    threshold: float | None = None
    alerts: int | None = None
    alert_rate: float | None = None
    alerts_per_day: float | None = None
    precision: float | None = None
    recall: float | None = None
    value_detection_rate: float | None = None
    false_positives_per_true: float | None = None
    insult_rate: float | None = None
    approval_rate: float | None = None
    approval_rate_value: float | None = None
    fraud_bps: float | None = None
    cost: float | None = None
    savings: float | None = None


class Actions(Fact):
    """How many payments a policy treats in each way; what is not offered is missing."""

    approve: int | None = None
    decline: int | None = None
    review: int | None = None
    challenge: int | None = None


class Policy(Outcome):
    """An outcome under a named rule; ``source`` is what its threshold was fitted on.

    On ``days_above`` it took more than the capacity, on one of them ``most_a_day``.
    """

    name: str
    title: str = ""
    source: str = Field(default="", alias="from")
    declined: int | None = None
    actions: Actions | None = None
    days_above: int | None = None
    most_a_day: int | None = None


class CapacityPoint(Fact):
    """The outcome when at most ``k`` payments a day can be declined."""

    k: float
    cost: float | None = None
    savings: float | None = None
    recall: float | None = None
    precision: float | None = None


class ReliabilityPoint(Fact):
    """Observed rate at a score, with its band."""

    score: float | None = None
    rate: float | None = None
    lower: float | None = None
    upper: float | None = None
    n: int | None = None
    positives: int | None = None


class HistogramBin(Fact):
    """Rows with a score in ``[start, end)``."""

    start: float | None = Field(default=None, alias="from")
    end: float | None = Field(default=None, alias="to")
    n: int | None = None
    positives: int | None = None


class AmountBand(HistogramBin):
    """The same with the fraud amount expected and found."""

    expected_amount: float | None = None
    actual_amount: float | None = None
    ratio: float | None = None


class CalibrationFacts(Fact):
    """How scores compare with outcomes: score = MCB - DSC + UNC."""

    n: int | None = None
    positives: int | None = None
    brier: float | None = None
    brier_mcb: float | None = None
    brier_dsc: float | None = None
    brier_unc: float | None = None
    log_loss: float | None = None
    log_loss_mcb: float | None = None
    log_loss_dsc: float | None = None
    log_loss_unc: float | None = None
    slope: float | None = None
    intercept: float | None = None
    sum_ratio: float | None = None
    ici: float | None = None
    equal_mass_error: float | None = None
    reliability: tuple[ReliabilityPoint, ...] = ()
    histogram: tuple[HistogramBin, ...] = ()
    amount_bands: tuple[AmountBand, ...] = ()


class BeforeAfter(Fact):
    """Of the learner's own scores, and of what ``kind`` made of them; ``after`` is missing for "none"."""

    kind: str = "none"
    before: CalibrationFacts | None = None
    after: CalibrationFacts | None = None

    @model_validator(mode="before")
    @classmethod
    def _kind_alone(cls, value: Any) -> Any:
        return {"kind": value} if isinstance(value, str) else value


class CalibratedOn(Fact):
    """A fold's calibration window: the positives in it, and what the deciding probabilities add up to there."""

    fold: int
    rows: int | None = None
    positives: int | None = None
    expected: float | None = None
    ratio: float | None = None
    off: bool = False


class Day(Fact):
    """One day of the test under the operating point's policy."""

    day: str
    rows: int | None = None
    positives: int | None = None
    declined: int | None = None
    cost: float | None = None
    cost_none: float | None = None
    card_precision: float | None = None


class Gain(Fact):
    """What a feature gave to a model's splits."""

    feature: str
    gain: float | None = None


class FoldMetrics(Fact):
    """A model's metrics in one fold."""

    number: int
    metrics: Metrics = Field(default_factory=dict)


class ModelFacts(Fact):
    """All that was measured of a model."""

    name: str
    learner: str = ""
    role: str = "candidate"
    placement: str = ""
    calibration: BeforeAfter = BeforeAfter()
    calibrated_on: tuple[CalibratedOn, ...] = ()
    level: float | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    metrics: Metrics = Field(default_factory=dict)
    metrics_with_excluded: Metrics | None = None
    folds: tuple[FoldMetrics, ...] = ()
    over_folds: Spreads = Field(default_factory=dict)
    pr_curve: tuple[CurvePoint, ...] = ()
    pr_band: tuple[BandPoint, ...] = ()
    value_pr_curve: tuple[CurvePoint, ...] = ()
    thresholds: tuple[Outcome, ...] = ()
    policies: tuple[Policy, ...] = ()
    capacity: tuple[CapacityPoint, ...] = ()
    daily: tuple[Day, ...] = ()
    importance: tuple[Gain, ...] = ()
    explorer: Explorer | None = None
    segments: tuple[Segment, ...] = ()
    weeks: tuple[Week, ...] = ()
    worst_week: str | None = None
    model_age: tuple[AgeBand, ...] = ()
    score_drift: tuple[ScoreDrift, ...] = ()
    misses: tuple[Mistake, ...] | None = None
    insults: tuple[Mistake, ...] | None = None
    sensitivity: tuple[Sensitivity, ...] = ()
    early_stopping: dict[str, Any] = Field(default_factory=dict)
    sampling: dict[str, Any] = Field(default_factory=dict)
