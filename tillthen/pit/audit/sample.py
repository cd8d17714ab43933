"""Rows of a built table that an audit looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StructField, StructType

from tillthen.define.expressions.literals import quoted
from tillthen.pit.oracle.plain import AS_OF

EVENTS_A_KEY, EVENTS_IN_ALL = 20_000, 400_000
"""Most events that are brought to the driver for one key, and for one feature set."""
CANDIDATES = 5
"""Candidates for each row that is asked for: some are passed over for the events of their key."""
MOST_OBJECTS = 16_000_000
"""Most values that are objects of Python on the driver: of all candidates, or of a feature set's events."""


@dataclass(frozen=True)
class Sample:
    """Candidate rows in the order in which they are taken, with the microseconds of their ``as_of`` in ``@as_of``.

    ``id`` is the column of the row id.
    """

    frame: DataFrame
    table: pa.Table
    rows: list[dict[str, object]]
    id: str

    def as_of(self, i: int) -> int:
        """The ``as_of`` of a row, in microseconds."""
        micros = self.rows[i][AS_OF]
        assert isinstance(micros, int)
        return micros

    def take(self, rows: Sequence[int], names: Sequence[str], **numbers: Sequence[int]) -> DataFrame:
        """The named columns of some rows as a frame, with further columns ``@name`` of numbers."""
        further = {f"@{name}": pa.array(values, pa.int64()) for name, values in numbers.items()}
        columns = dict.fromkeys(name for name in names if name not in further)
        table = self.table.select(list(columns)).take(pa.array(rows, pa.int64()))
        for name, values in further.items():
            table = table.append_column(name, values)
        schema = [self.frame.schema[name] for name in columns] + [StructField(name, LongType()) for name in further]
        return self.frame.sparkSession.createDataFrame(table, schema=StructType(schema))


def draw(table: DataFrame, id: str, as_of: Column, size: int, seed: int) -> Sample:
    """Candidates for ``size`` rows: those with the least hashes of their id, whatever else the table holds.

    There are fewer where so many would be more than `MOST_OBJECTS` values.
    """
    by_hash = F.xxhash64(F.lit(seed), F.col(quoted(id)))
    most = min(CANDIDATES * size, MOST_OBJECTS // len(table.columns))
    frame = table.withColumn(AS_OF, as_of).orderBy(by_hash, quoted(id)).limit(most)
    rows = frame.toArrow()
    return Sample(frame, rows, rows.to_pylist(), id)


def choose(numbers: Sequence[int], counts: Mapping[int, int], size: int, columns: int = 1) -> tuple[list[int], int]:
    """The first ``size`` positions whose keys have few enough events, and how many were passed over for theirs.

    ``columns`` are those of an event.

    >>> choose([0, 1, 0, 2], {0: 5, 1: EVENTS_A_KEY + 1}, 3)
    ([0, 2, 3], 1)
    >>> choose([0, 1, 2], {0: 5, 1: 5, 2: 3}, 3, columns=2_000_000)
    ([0, 2], 1)
    """
    chosen: list[int] = []
    taken: set[int] = set()
    room, left_out = min(EVENTS_IN_ALL, MOST_OBJECTS // columns), 0
    for i, number in enumerate(numbers):
        if len(chosen) == size:
            break
        cost = 0 if number in taken else counts.get(number, 0)
        if cost > min(EVENTS_A_KEY, room):
            left_out += 1
            continue
        taken.add(number)
        room -= cost
        chosen.append(i)
    return chosen, left_out
