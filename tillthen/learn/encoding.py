"""From a table's columns to the matrix that a learner takes, the same in training and in scoring.

Numbers and booleans are doubles, null is NaN. A categorical column's values are numbered in the order of the training
rows' distinct values; a value that those did not have, and null, are NaN. Integers are looked up as integers, never by
way of doubles, which would put neighbours above 2**53 together wherever a batch holds a null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.runtime.arrays import Floats

MOST_CATEGORIES = 5_000
"""More values than this are identifiers, not categories."""

REFUSED = "[]<"
"""Letters that xgboost takes in no feature's name."""

Category = str | int


@dataclass(frozen=True)
class Encoding:
    """The columns of a matrix in order, and the values of those that are categorical, in the order of their codes."""

    features: tuple[str, ...]
    categories: Mapping[str, Sequence[Category]] = field(default_factory=dict)

    def matrix(self, columns: Mapping[str, pa.ChunkedArray] | pd.DataFrame) -> Floats:
        """One row for each row of the columns; infinite values and what is no number are refused by name."""
        frame = columns if isinstance(columns, pd.DataFrame) else None
        values: NDArray[np.float64] | None = None
        for i, name in enumerate(self.features):
            column = columns[name] if frame is None else frame[name]
            found = self._codes(name, column) if name in self.categories else numbers(name, column)
            if values is None:
                values = np.empty((len(found), len(self.features)), order="F")
            values[:, i] = found
        assert values is not None, "a model has features"
        refuse_infinite(self.features, values)
        return values

    @property
    def types(self) -> list[str]:
        """Xgboost's words for the columns: "c" for categories, "q" for quantities."""
        return ["c" if name in self.categories else "q" for name in self.features]

    @property
    def tree_names(self) -> list[str]:
        """The columns' names in xgboost: their own, or "f0", "f1", ... where it would refuse one of them."""
        if any(letter in name for name in self.features for letter in REFUSED):
            return [f"f{i}" for i in range(len(self.features))]
        return list(self.features)

    def _codes(self, name: str, column: pa.ChunkedArray | pd.Series) -> Floats:
        known = pa.array(self.categories[name])
        if not len(known):
            return np.full(len(column), np.nan)
        values = pa.chunked_array([_exact(column)]) if isinstance(column, pd.Series) else column
        try:
            codes = pc.index_in(values.cast(known.type), value_set=known)
        except pa.ArrowInvalid:
            raise DataContractError(
                sentence(f"Categorical feature '{name}'", expected=f"values that are exact as {known.type}",
                         got=f"a column of {values.type}", fix="Keep its integers as integers.")
            ) from None  # fmt: skip
        return codes.cast(pa.float64()).to_numpy().astype(np.float64)


def learn_encoding(frame: pd.DataFrame, features: Sequence[str], categorical: Sequence[str]) -> Encoding:
    """Number the values of the categorical columns that the training rows have."""
    return Encoding(
        tuple(features),
        {name: ordered(name, frame[name].dropna().unique().tolist()) for name in features if name in categorical},
    )


def ordered(name: str, values: Sequence[Category]) -> list[Category]:
    """Distinct values in the order of their codes."""
    if len(values) > MOST_CATEGORIES:
        raise DataContractError(
            sentence(f"Categorical feature '{name}'", expected=f"at most {MOST_CATEGORIES:,} values",
                     got=f"{len(values):,}", fix="It is an identifier: leave it out, or make a rate or a count of it.")
        )  # fmt: skip
    return sorted(int(value) if isinstance(value, float | np.integer) else value for value in values)


def _exact(column: pd.Series) -> pa.Array:
    """A column with its nulls; text and integers as they are."""
    return pa.array(column, from_pandas=True)


def numbers(name: str, column: pa.ChunkedArray | pd.Series) -> Floats:
    """A column as doubles, null as NaN."""
    values = column if isinstance(column, pd.Series) else column.to_pandas()
    try:
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise DataContractError(
            sentence(f"Feature '{name}'", expected="numbers or booleans", got=str(values.dtype),
                     fix="Leave it out with Model(features=[...]), derive a number, or declare it categorical.")
        ) from None  # fmt: skip


def refuse_infinite(names: Sequence[str], values: Floats) -> None:
    """Refuse a matrix that holds infinite values, by the names of its columns."""
    # A sum is finite unless something in it is not; only then it is worth looking at each value.
    with np.errstate(over="ignore", invalid="ignore"):
        suspect = ~np.isfinite(values.sum(axis=0))
    infinite = [name for name, column, look in zip(names, values.T, suspect, strict=True) if look
                and np.isinf(column).any()]  # fmt: skip
    if infinite:
        raise DataContractError(
            sentence(f"Features {', '.join(infinite)} hold infinite values", fix="Bound them where they are declared.")
        )
