"""The facts of a backtest, format "tillthen-facts/1", as the page reads them.

Everything that the page prints is in ``facts.json``. Money is in minor units, times are ISO 8601 in UTC, windows are
``[from, to)``, shares are 0 to 1. A missing key, a null and a number that is not finite all mean "not measured".
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.metric import Fact, Metrics, Scalar
from tillthen.report.facts.slices import FeatureDrift
from tillthen.report.texts.numbers import Money

FORMAT = "tillthen-facts/1"


class BacktestFacts(Fact):
    """What was declared."""

    name: str = "unnamed"
    description: str = ""
    table: str = ""
    label: str = ""
    champion: str = ""
    challenger: str | None = None
    currency: str = ""
    minor_digits: int | None = Field(default=None, ge=0, le=6)
    unit: str = "minor"
    card: str | None = None
    capacity: int | None = None
    policy: str = ""
    segments: tuple[str, ...] = ()

    @property
    def money(self) -> Money:
        """How amounts are written; digits that the facts lack are those of ISO 4217."""
        return Money.of(self.currency, self.minor_digits)


class VerdictRow(Fact):
    """One metric at the operating point; the interval is of challenger - champion."""

    metric: str
    title: str = ""
    unit: str = "ratio"
    better: Literal["lower", "higher"] = "higher"
    champion: float | None = None
    challenger: float | None = None
    difference: float | None = None
    lower: float | None = None
    upper: float | None = None
    p_better: float | None = None
    n: int | None = None
    positives: int | None = None
    note: str | None = None


class Gate(Fact):
    """A condition that the backtest had to meet."""

    name: str
    holds: bool = False
    expected: Scalar = None
    measured: Scalar = None
    unit: str = ""
    words: str = ""


class Verdict(Fact):
    """Champion against challenger."""

    policy: str = ""
    sentences: tuple[str, ...] = ()
    rows: tuple[VerdictRow, ...] = ()
    interval_note: str = ""
    gates: tuple[Gate, ...] = ()


class Rows(Fact):
    """How many rows a window has, by the state of their labels."""

    rows: int | None = None
    positives: int | None = None
    immature: int | None = None
    unknown: int | None = None
    excluded: int | None = None
    excluded_positives: int | None = None


class Fold(Fact):
    """One training and its test."""

    number: int
    train_from: str | None = None
    train_to: str | None = None
    train_cutoff: str | None = None
    calibrate_from: str | None = None
    calibrate_to: str | None = None
    test_from: str | None = None
    test_to: str | None = None
    train: Rows = Rows()
    calibrate: Rows | None = None
    test: Rows = Rows()


class Exclusion(Fact):
    """Rows left out of the test."""

    rule: str
    rows: int | None = None
    positives: int | None = None


class MaturityPoint(Fact):
    """Share of the positives known so many days after the decision."""

    days: float
    share: float


class Canary(Fact):
    """A run spoiled on purpose; it fired when it looks spoiled."""

    name: str
    expected: Scalar = None
    measured: Scalar = None
    fired: bool = False
    words: str = ""


class Declined(Fact):
    """Bounds for payments that were declined when they happened, and so have no outcome."""

    rule: str = ""
    approved_only: Metrics = Field(default_factory=dict)
    all_genuine: Metrics = Field(default_factory=dict)
    all_fraud: Metrics = Field(default_factory=dict)


class AuditFacts(Fact):
    """What the last audit of the feature table found: values computed again by an independent engine."""

    run_id: str = ""
    version: Scalar = None
    rows: int | None = None
    values: int | None = None
    differences: int | None = None
    leaks: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


class Protocol(Fact):
    """What was known when."""

    mode: str = ""
    label_rule: str = ""
    maturity: str = ""
    evaluation_time: str | None = None
    policy_thresholds_from: str = ""
    folds: tuple[Fold, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    maturity_curve: tuple[MaturityPoint, ...] = ()
    canaries: tuple[Canary, ...] = ()
    declined: Declined | None = None
    audit: AuditFacts | None = None


class PublishedFacts(Fact):
    """A figure that somebody published, beside the measured one."""

    model: str
    metric: str
    published: float | None = None
    measured: float | None = None
    difference: float | None = None
    within: float | None = None
    holds: bool | None = None
    source: str = ""


class FeatureFacts(Fact):
    """A feature with its clock in words."""

    name: str
    description: str = ""
    clock: str = ""
    source: str = ""
    nulls_share: float | None = None
    drift: tuple[FeatureDrift, ...] = ()


class TableFacts(Fact):
    """A table as it was read."""

    name: str
    path: str = ""
    version: Scalar = None
    rows: int | None = None
    definitions_hash: str = ""


class Registered(Fact):
    """The model in the registry."""

    model: str = ""
    version: Scalar = None
    alias: str = ""


class Evaluation(Fact):
    """How rows became figures: from every distinct score, or on a fine grid of them with a stated error."""

    method: str = ""
    bound: str = ""


class Provenance(Fact):
    """What it takes to make the same numbers again."""

    tables: tuple[TableFacts, ...] = ()
    code_hash: str = ""
    definitions_hash: str = ""
    versions: dict[str, Any] = Field(default_factory=dict)
    seeds: dict[str, Any] = Field(default_factory=dict)
    costs: dict[str, Any] = Field(default_factory=dict)
    run: dict[str, Any] = Field(default_factory=dict)
    registry: Registered | None = None
    evaluation: Evaluation | None = None


class Facts(Fact):
    """The whole file."""

    backtest: BacktestFacts = Field(default_factory=BacktestFacts)
    verdict: Verdict = Verdict()
    protocol: Protocol = Protocol()
    models: tuple[ModelFacts, ...] = ()
    published: tuple[PublishedFacts, ...] = ()
    features: tuple[FeatureFacts, ...] = ()
    provenance: Provenance = Provenance()
    limits: tuple[str, ...] = ()

    def model(self, name: str | None) -> ModelFacts | None:
        """The model of that name, or None."""
        return next((model for model in self.models if model.name == name), None)
