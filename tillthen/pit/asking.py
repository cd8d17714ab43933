"""What an analyst asks: point-in-time features for a frame of any kind, in whatever session it lives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from tillthen.define.features.feature_set import FeatureSet
from tillthen.pit import arguments
from tillthen.pit.spark.engine import compute
from tillthen.pit.spark.spine import OnNullTime
from tillthen.runtime.failures import expression_errors, worker_errors
from tillthen.runtime.frames import arrow, kind, like, placed, spark_frame
from tillthen.runtime.own_session import active, moved, right_session, session

if TYPE_CHECKING:
    from tillthen.runtime.frames import Frame

    Spine = TypeVar("Spine", bound=Frame)

NUMBER = "@number"
"""Where a row stands in a frame whose rows have an order."""


def point_in_time(
    spine: Spine,
    feature_sets: Sequence[FeatureSet],
    *,
    sources: Mapping[str, Frame] | None = None,
    as_of: str = "as_of",
    timezone: str | None = None,
    date_is: Literal["end", "start"] = "end",
    on_null_time: OnNullTime = "refuse",
    partitions: int | None = None,
) -> Spine:
    """The spine's rows, each once, with its features as they were known at ``as_of``.

    An event is visible to a row where event_time < as_of (or <= with ``closed="right"``), known_time <= as_of and
    retracted_time is null or > as_of; see `tillthen.define.features.window.Window` for the windows.

    Parameters
    ----------
    spine
        The rows to predict for, with the entities' keys: a Spark, pandas or Polars frame or an Arrow table. What comes
        back is of the same kind; but for Spark's with the rows in the given order, of pandas with Arrow's types.
    feature_sets
        What to compute.
    sources
        Frames of any of these kinds by the name of a source or its table; others are read from the session's
        catalogue.
    as_of
        The spine's column that holds the instant of the decision.
    timezone
        Zone of ``as_of`` where it carries none; an ambiguous local time is the earlier instant.
    date_is
        Which instant of its day a DATE in ``as_of`` is: its last microsecond, ``"end"``, or its first, ``"start"``.
    on_null_time
        ``"refuse"`` a spine with null ``as_of``, or ``"keep"`` such rows without features.
    partitions
        Of the shuffles; by the number of rows where not given. It changes no result.

    Where the session of a Spark frame is in another zone than UTC, without ANSI mode or set to old rules, the result
    belongs to a session apart, which is not (``frame.sparkSession``; the other one is left as it is): it has the same
    bits whenever it is used, and a temporary view of it is that session's.

    Raises
    ------
    DefinitionError
        The declarations do not fit together, or something is given that is no frame.
    DataContractError
        The data is not what was declared: times without a zone, values that do not fit, names that are missing.
    """
    feature_sets = arguments.point_in_time(feature_sets, sources, as_of, timezone, date_is, on_null_time, partitions)
    home = _home([spine, *(sources or {}).values()])
    ours = right_session(home)

    def taken(frame: Any, what: str) -> DataFrame:
        return moved(frame, ours) if kind(frame) == "spark" else spark_frame(arrow(frame, what), ours)

    def computed(rows: DataFrame) -> DataFrame:
        given = {name: taken(frame, f"Source '{name}'") for name, frame in (sources or {}).items()}
        tables = {name: moved(frame, ours) for name, frame in _of_catalogue(home, feature_sets, given).items()}
        return compute(rows, feature_sets, tables | given, as_of=as_of, timezone=timezone, date_is=date_is,
                       on_null_time=on_null_time, partitions=partitions).frame  # fmt: skip

    with active(ours), expression_errors("Features"):
        if kind(spine) == "spark":
            return computed(moved(spine, ours))  # type: ignore[return-value]
        return like(spine, _in_order(arrow(spine, "The spine"), ours, feature_sets, computed))


def _in_order(
    rows: pa.Table, ours: SparkSession, sets: Sequence[FeatureSet], computed: Callable[[DataFrame], DataFrame]
) -> pa.Table:
    """The rows as they were given, with the features beside them."""
    numbered = rows.append_column(NUMBER, pa.array(range(len(rows)), pa.int64()))
    with worker_errors():
        found = placed(computed(spark_frame(numbered, ours)).toArrow(), NUMBER)
    for name in (name for group in sets for name in group.feature_names):
        rows = rows.append_column(found.schema.field(name), found[name])
    return rows


def _home(frames: Sequence[object]) -> SparkSession:
    """The session of the first Spark frame, else this process's."""
    return next((frame.sparkSession for frame in frames if isinstance(frame, DataFrame)), None) or session()


def _of_catalogue(
    home: SparkSession, sets: Sequence[FeatureSet], given: Mapping[str, DataFrame]
) -> dict[str, DataFrame]:
    """The session's own tables and views that the sets read beside the given frames."""
    parts = [part for group in sets if group.source.name not in given for part in group.source.read]
    names = dict.fromkeys(part.table for part in parts if not {part.name, part.table} & given.keys())
    return {name: home.table(name) for name in names if home.catalog.tableExists(name)}
