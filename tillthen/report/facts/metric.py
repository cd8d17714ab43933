"""What every object of the facts has in common: a metric, and how what is not known is read."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

Scalar = bool | int | float | str | None


class Fact(BaseModel):
    """One object of the file; what is not known here is passed over, so that later formats still render."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, protected_namespaces=())

    @model_validator(mode="before")
    @classmethod
    def _null_is_missing(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: inner for key, inner in value.items() if inner is not None}
        return value


class Metric(Fact):
    """A number with the rows and positives it rests on, and where it was resampled its 95% interval."""

    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    n: int | None = None
    positives: int | None = None
    unit: str = ""
    looked: int | None = None
    unknown: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _value_alone(cls, value: Any) -> Any:
        return {"value": value} if isinstance(value, int | float) else value


class Spread(Fact):
    """A metric over folds: the sample standard deviation says how folds differ; it is not an interval."""

    mean: float | None = None
    sd: float | None = None
    n: int | None = None


def _flat(metrics: Any) -> Any:
    """``{"recall_at_fpr": {"0.001": m}}`` as ``{"recall_at_fpr@0.001": m}``; without metrics that are null."""
    if not isinstance(metrics, dict):
        return metrics
    flat: dict[str, Any] = {}
    for name, metric in metrics.items():
        nested = isinstance(metric, dict) and metric and all(isinstance(inner, dict) for inner in metric.values())
        flat |= {f"{name}@{key}": inner for key, inner in metric.items()} if nested else {name: metric}
    return {name: metric for name, metric in flat.items() if metric is not None}


Metrics = Annotated[dict[str, Metric], BeforeValidator(_flat)]
Spreads = Annotated[dict[str, Spread], BeforeValidator(_flat)]
