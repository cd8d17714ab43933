"""An entity's key in a frame: as columns that compare equal, and as numbers by which rows are placed and counted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.pit.partition.stage import key_column
from tillthen.sources.reading.keys import widened

BUCKETS = 1 << 13
"""So few that counting them is cheap; where most hold more than a task, beyond 4e9 rows, they tell nothing."""

Entity = tuple[str, ...]


def key_columns(frame: DataFrame, entity: Sequence[str]) -> list[Column]:
    """An entity's columns under internal names; integers widened, so that equal keys have equal hashes."""
    return [widened(frame, key).alias(key_column(i)) for i, key in enumerate(entity)]


def key_hash(keys: Sequence[Column]) -> Column:
    """A number that rows of one key share, null where a part of the key is."""
    return F.when(reduce(and_, [key.isNotNull() for key in keys]), F.xxhash64(*keys))


def row_hash(keys: Sequence[Column], as_of: Column) -> Column:
    """A number by which rows are placed: their key's, or their ``as_of``'s where they have none."""
    return F.coalesce(key_hash(keys), F.xxhash64(as_of))


def bucket(keys: Sequence[Column]) -> Column:
    """The same below `BUCKETS`."""
    return F.pmod(key_hash(keys), F.lit(BUCKETS)).cast("int")
