"""Small tables, written as text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyspark.sql import DataFrame, SparkSession

Table = Callable[..., DataFrame]


@pytest.fixture
def table(spark: SparkSession) -> Table:
    """Make a frame of ``"name type, ..."`` and rows whose cells are read as SQL reads text; None is null."""

    def make(columns: str, *rows: tuple[object, ...]) -> DataFrame:
        pairs = [column.strip().split(" ", 1) for column in columns.split(", ")]
        names = ", ".join(f"`{name}`" for name, _ in pairs)
        casts = ", ".join(f"CAST(`{name}` AS {type}) AS `{name}`" for name, type in pairs)
        cells = [", ".join("NULL" if cell is None else f"'{cell}'" for cell in row) for row in rows]
        return spark.sql(f"SELECT {casts} FROM VALUES {', '.join(f'({row})' for row in cells)} AS t({names})")

    return make
