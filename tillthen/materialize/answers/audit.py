"""A built table against its sources as the build read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from tillthen.define.sources.rates import Converted
from tillthen.define.sources.source import Source
from tillthen.define.tables.table import FeatureTable
from tillthen.materialize.rows.built_table import open_built
from tillthen.materialize.rows.features import as_claimed
from tillthen.materialize.rows.inputs import read_again
from tillthen.materialize.rows.spine import as_of_micros
from tillthen.pit.audit.leaks import Difference, SetAudit, audit_set
from tillthen.pit.audit.rated import audit_rates
from tillthen.pit.audit.sample import draw
from tillthen.runtime.config import Config
from tillthen.runtime.failures import expression_errors
from tillthen.runtime.progress import each, step
from tillthen.sources.events.identity import content
from tillthen.sources.events.lags import doubts, lags
from tillthen.tables.commit import PARTITION

ROW = "@row"
"""A row's keys and ``as_of`` as one text, where it has no id."""


@dataclass
class TableAudit:
    """What an audit found in a table's version.

    ``table_id`` is the id that Delta gave the table of that version, and ``leaks`` are the features that are declared
    to look ahead. ``lags`` are by source; see `tillthen.sources.events.lags`. ``alone`` is how well single features
    rank, by backtest; see `tillthen.backtest.audits.alone`. ``doubts`` are sentences.
    """

    table: str
    version: int | None
    table_id: str | None = None
    sets: list[SetAudit] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    lags: dict[str, dict[str, object]] = field(default_factory=dict)
    alone: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    @property
    def differences(self) -> list[Difference]:
        """The values that are not the contract's, of all feature sets."""
        return [one for done in self.sets for one in done.differences]


def audit_table(spark: SparkSession, config: Config, table: FeatureTable, rows: int, seed: int) -> TableAudit:
    """Audit about ``rows`` rows of each feature set of a table; the seed and the row ids choose them.

    The rows are of the days that the newest build wrote.

    Raises
    ------
    DataContractError
        The table was built from other definitions, or a source can no longer be read as the build read it.
    """
    where = f"Feature table '{table.name}'"
    built = open_built(spark, config, table, where)
    table = as_claimed(table) if built.commit.restated else table
    frames = read_again(spark, config, table.sources, built.commit.inputs)
    found = TableAudit(table.name, built.pin.version, table_id=built.pin.table, leaks=list(table.leaks))
    # Days of other commits were built from other versions of the sources.
    days, frame = built.commit.days, built.frame
    if days is not None:
        frame = frame.where(F.col(PARTITION).between(days.first, days.last))
    id = table.spine.row_id or ROW
    if table.spine.row_id is None:
        frame = frame.withColumn(ROW, content(table.spine.columns))
    sample = draw(frame, id, as_of_micros(frame, table.spine), rows, seed)
    for group in each(f"Audit {table.name}", table.feature_sets):
        with step(f"Audit {group.name}") as auditing, expression_errors(where):
            found.sets.append(audit_set(sample, group, frames, rows))
            found.sets[-1].differences += _of_rates(group.source, frames)
            auditing.rows = found.sets[-1].rows
        if found.sets[-1].left_out and not found.sets[-1].rows:
            found.doubts.append(f"Feature set '{group.name}' was not audited: every key has too many events.")
    with step("Doubt the clocks"):
        for source in dict.fromkeys(group.source for group in table.feature_sets):
            found.lags[source.name] = lags(frames[source.name], source)
            if _of_payments(source) != table.spine.source or source.known_time:
                found.doubts += doubts(source, found.lags[source.name])
    return found


def _of_payments(source: Source) -> Source:
    """The source that says when events were known: of converted amounts the one with these in their own currencies."""
    return source.made_of.payments if isinstance(source.made_of, Converted) else source


def _of_rates(source: Source, frames: Mapping[str, DataFrame]) -> list[Difference]:
    """Amounts that were not converted by the rates that were known, where a source is made of such."""
    made = source.made_of
    if not isinstance(made, Converted):
        return []
    payments, rates = (frames[part.name] for part in made.sources)
    return audit_rates(frames[source.name], payments, rates, made)
