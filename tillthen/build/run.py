"""The build job: every feature table of a project, each in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from secrets import token_hex

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from tillthen import __version__
from tillthen.build.describe import comments
from tillthen.build.inputs import Inputs, read_inputs
from tillthen.build.spine import as_of_date, spine_rows
from tillthen.define.errors import DefinitionError, sentence
from tillthen.define.fingerprint import fingerprint
from tillthen.define.project import Project
from tillthen.define.rows import quoted
from tillthen.define.table import FeatureTable
from tillthen.pit.engine import compute
from tillthen.runtime.config import Config
from tillthen.runtime.failures import expression_errors
from tillthen.runtime.progress import step
from tillthen.runtime.session import spark_session
from tillthen.runtime.status import write_status
from tillthen.tables.commit import Commit
from tillthen.tables.space import check_writable
from tillthen.tables.write import overwrite

PARTITION = "as_of_date"
BYTES_A_VALUE = 8


@dataclass(frozen=True)
class Built:
    """A feature table as a run wrote it.

    ``facts`` are the counts of the spine and of each source: rows, dropped and collapsed ones, by reason.
    """

    table: str
    path: str
    version: int
    rows: int
    seconds: float
    run_id: str
    definitions_hash: str
    code_hash: str
    inputs: dict[str, dict[str, object]]
    facts: dict[str, dict[str, int]]


def build(config: Config, project: Project, tables: Sequence[str] | None = None) -> list[Built]:
    """Build the named feature tables, or all, into ``<warehouse>/<name>``.

    A table that stands is replaced as a whole; the same declarations on the same versions of the sources give the same
    rows. What was counted is kept in ``_runs/<run id>/<name>.json``.

    Raises
    ------
    ConfigurationError
        The warehouse cannot be written, a source's table is missing, or Spark cannot start.
    DataContractError
        A source is not what it was declared to be.
    """
    chosen = [project.table(name) for name in tables] if tables else list(project.tables.values())
    for table in chosen:
        _refuse_partition_name(table)
    check_writable(config.warehouse)
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{token_hex(3)}"
    with step("Start Spark"):
        spark = spark_session(config.spark)
    built = []
    for table in chosen:
        built.append(_build(spark, config, project, table, run_id))
        write_status(config.records / "_runs" / run_id / f"{table.name}.json", asdict(built[-1]))
    return built


def _build(spark: SparkSession, config: Config, project: Project, table: FeatureTable, run_id: str) -> Built:
    with step(f"Check the sources of {table.name}") as checking:
        inputs = read_inputs(spark, config, table.sources)
        frame, facts = _features(table, inputs)
        checking.rows = sum(counted["rows"] for counted in facts.values())
    rows = facts["spine"]["events"]
    check_writable(config.warehouse, rows * len(frame.columns) * BYTES_A_VALUE)
    pins = {name: pin.facts() for name, pin in inputs.pins.items()}
    commit = Commit(run_id, project.code_hash, fingerprint(table), pins, __version__)
    path = f"{config.warehouse}/{table.name}"
    with step(f"Write {table.name}") as writing, expression_errors(f"Feature table '{table.name}'"):
        version = overwrite(frame, path, commit, partition=PARTITION, description=f"Feature table {table.name}",
                            comments=comments(table))  # fmt: skip
        writing.rows = version.rows
    seconds = round(checking.seconds + writing.seconds, 3)
    return Built(table.name, path, version.number, rows, seconds, run_id, commit.definitions_hash, commit.code_hash,
                 pins, facts)  # fmt: skip


def _features(table: FeatureTable, inputs: Inputs) -> tuple[DataFrame, dict[str, dict[str, int]]]:
    """The table's rows and columns, and what was counted; sources are checked, features not yet computed."""
    spine = table.spine
    rows = spine_rows(inputs.frames[spine.source.name], spine)
    with expression_errors(f"Feature table '{table.name}'"):
        done = compute(rows.frame, table.feature_sets, inputs.frames, as_of=spine.as_of, timezone=spine.source.timezone)
        derived = [F.expr(text).alias(name) for name, text in table.derived.items()]
        frame = done.frame.select("*", *derived, as_of_date(done.frame, spine).alias(PARTITION))
        columns = dict.fromkeys([*spine.columns, *table.features, PARTITION])
        ordered = frame.select(*[F.col(quoted(name)) for name in columns])
    return ordered, {**done.facts, "spine": {**done.facts["spine"], **rows.facts}}


def _refuse_partition_name(table: FeatureTable) -> None:
    if PARTITION in (*table.spine.columns, *table.features):
        raise DefinitionError(
            sentence(f"Feature table '{table.name}': '{PARTITION}' is the name of its partitions",
                     fix="Rename the column.")
        )  # fmt: skip
