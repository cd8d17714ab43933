"""Countries, and how entities of a country are numbered so that one can be drawn without a join.

Entity n belongs to cell n mod the number of cells; its rank in the cell is n div that number. A cell is a country, or
for merchants a country and a category.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

COUNTRIES: dict[str, float] = {"DE": 0.30, "FR": 0.25, "NL": 0.15, "ES": 0.12, "IT": 0.10, "BE": 0.08}
"""ISO 3166 code and share of the cards."""


def members(total: int, cells: int, cell: Column) -> Column:
    """How many of ``total`` entities the cell has."""
    return F.floor((F.lit(total - 1).cast("bigint") - cell) / cells) + 1


def member(cells: int, cell: Column, rank: Column) -> Column:
    """The entity of that rank in its cell."""
    return cell + rank * cells
