"""The same measures over parts of the test rows: segments, weeks, ages of the model; and drift between windows."""

from __future__ import annotations

from tillthen.report.facts.metric import Fact


class Slice(Fact):
    """What was measured of some of the test rows under the operating point's policy."""

    n: int | None = None
    positives: int | None = None
    base_rate: float | None = None
    average_precision: float | None = None
    precision: float | None = None
    recall: float | None = None
    value_detection_rate: float | None = None
    approval_rate: float | None = None
    insult_rate: float | None = None
    fraud_bps: float | None = None
    alert_rate: float | None = None
    cost: float | None = None
    savings: float | None = None
    sum_ratio: float | None = None


class SegmentRow(Slice):
    """The rows with one value of a segment's column."""

    value: str | int | float | bool | None = None


class Segment(Fact):
    """A column by which the test rows are parted."""

    name: str
    title: str = ""
    rows: tuple[SegmentRow, ...] = ()


class Week(Fact):
    """The test rows of a week; ``week`` is the date of its Monday."""

    week: str
    rows: int | None = None
    positives: int | None = None
    declined: int | None = None
    cost: float | None = None
    savings: float | None = None
    average_precision: float | None = None
    value_detection_rate: float | None = None
    insult_rate: float | None = None
    approval_rate: float | None = None
    fraud_bps: float | None = None


class AgeBand(Fact):
    """The rows decided when the model was ``[from_days, to_days)`` old, counted from its training cut-off."""

    from_days: float | None = None
    to_days: float | None = None
    rows: int | None = None
    positives: int | None = None
    average_precision: float | None = None
    savings: float | None = None
    card_precision: float | None = None


class ScoreDrift(Fact):
    """How far a fold's scores lie from those they are compared with, as a population stability index."""

    fold: int
    psi: float | None = None
    n: int | None = None
    reference: str = ""


class FeatureDrift(Fact):
    """The same for a feature: test window against training window."""

    fold: int
    psi: float | None = None
