"""Where a source's table is."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tillthen.define.secrets import holds_secret

Format = Literal["delta", "parquet", "csv"]


class TableConfig(BaseModel):
    """Where a source's table is, and how to read it; ``options`` are Spark's for the format."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Format = "delta"
    path: str
    options: dict[str, str] = Field(default_factory=dict)

    @field_validator("path")
    @classmethod
    def _open(cls, value: str) -> str:
        return without_secret(value)


def without_secret(path: str) -> str:
    """The path, refused where it holds a secret: it is told wherever what stands there is told."""
    if holds_secret(path):
        raise ValueError("no secret in a path; give it by the environment, or as a setting in 'spark'")
    return path
