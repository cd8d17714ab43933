"""Where a source's table is."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tillthen.define.faults.secrets import holds_secret

Format = Literal["delta", "parquet", "csv"]
_DECODED = re.compile(r"%[0-9A-Fa-f]{2}")


class TableConfig(BaseModel):
    """Where a source's table is, and how to read it.

    ``options`` are Spark's for the format. ``rename`` says what declarations call columns of a Parquet or CSV file,
    such as ``{"amount (JPY)": amount_jpy}``: the Delta tables that are written take no blanks nor any of ,;{}()=.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Format = "delta"
    path: str
    options: dict[str, str] = Field(default_factory=dict)
    rename: dict[str, str] = Field(default_factory=dict)

    @field_validator("path")
    @classmethod
    def _open(cls, value: str) -> str:
        return without_secret(value)

    @field_validator("rename")
    @classmethod
    def _once(cls, value: dict[str, str]) -> dict[str, str]:
        names = [name.lower() for name in value.values()]
        twice = [name for name in value.values() if names.count(name.lower()) > 1]
        if twice:
            raise ValueError(f"two columns become '{twice[0]}'; name each once")
        return value

    @model_validator(mode="after")
    def _of_files(self) -> Self:
        if self.format == "delta":
            of_delta(self.path)
        if self.rename and self.format == "delta":
            raise ValueError("rename is of Parquet and CSV files; a Delta table's columns have names to keep")
        return self

    def in_file(self, name: str) -> str:
        """What the file calls a column that declarations call ``name``."""
        return next((old for old, new in self.rename.items() if new == name), name)


def without_secret(path: str) -> str:
    """The path, refused where it holds a secret: it is told wherever what stands there is told."""
    if holds_secret(path):
        raise ValueError("no secret in a path; give it by the environment, or as a setting in 'spark'")
    return path


def of_delta(path: str) -> str:
    """The path of Delta tables, refused where readers beside Spark would decode it: "a%20b" is "a b" to them."""
    found = _DECODED.search(path)
    if found:
        raise ValueError(f"a path of Delta tables without '{found[0]}', which not all readers take for the same")
    return path
