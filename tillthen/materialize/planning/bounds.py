"""Between which instants the rows of a Delta table's file lie, by the bounds that its log keeps: without Spark."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from tillthen.define.sources.source import Source

File = Mapping[str, object]
Prefer = Literal["earlier", "later"]
BEGINNING, END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def bounds(file: File, column: str, source: Source, prefer: Prefer) -> tuple[datetime, datetime] | None:
    """The first and the last instant of a time column, in UTC; None where the log does not say.

    Times without a zone and DATEs are read as `tillthen.sources.reading.times.micros` reads them.
    """
    day = file.get(f"partition.{column}")
    low, high = (_instant(file.get(f"{end}.{column}", day), source, prefer) for end in ("min", "max"))
    return (low, high) if low and high else None


def _instant(value: object, source: Source, prefer: Prefer) -> datetime | None:
    match value:
        case datetime():
            local = value
        case date():
            local = datetime.combine(value, time.max if source.date_is == "end" else time.min)
            local = local if source.timezone else local.replace(tzinfo=UTC)
        case _:
            return None
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    return None if source.timezone is None else _in_zone(local, ZoneInfo(source.timezone), prefer)


def _in_zone(local: datetime, zone: ZoneInfo, prefer: Prefer) -> datetime:
    """When clocks in the zone showed this; of two readings, or none, the one that is preferred."""
    try:
        readings = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    except OverflowError:
        return BEGINNING if local.year == 1 else END
    return max(readings) if prefer == "later" else min(readings)
