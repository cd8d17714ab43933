"""Make a world and write its tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from tillthen.define.arguments.fingerprint import fingerprint
from tillthen.define.faults.errors import ConfigurationError, sentence
from tillthen.runtime.config import Config
from tillthen.runtime.failures import storage_errors
from tillthen.runtime.progress import step
from tillthen.runtime.session import spark_session
from tillthen.simulate.answers import attempts
from tillthen.simulate.authorizations import authorizations, timed
from tillthen.simulate.disputes import disputes
from tillthen.simulate.merchants import merchant_table
from tillthen.simulate.payments import payments
from tillthen.simulate.truth import truth
from tillthen.simulate.world import World

TABLES = ("authorizations", "disputes", "merchants")


def simulate(config: Config) -> None:
    """Write the world of the configuration's ``simulate`` section as Delta tables.

    ``authorizations``, ``disputes`` and ``merchants`` go where the configuration has the tables of these names; what
    was there is replaced, each table atomically. The truth goes to `truth_path`. Equal sections give equal rows, on any
    number of cores and machines.

    Raises
    ------
    ConfigurationError
        The section is wrong, a table is not Delta or lies where the truth does, or the warehouse cannot be written.
    """
    if not config.simulate:
        raise ConfigurationError(sentence("The configuration describes no world to simulate",
                                          fix="Add for example simulate: {days: 60, cards: 500}."))  # fmt: skip
    world, paths = World.of(config.simulate), _paths(config)
    spark = spark_session(config.spark)
    with _small_methods(spark):
        made = timed(world, attempts(world, payments(spark, world))).persist()
        try:
            _write(authorizations(world, made), "authorizations", paths, world)
            _write(disputes(world, made), "disputes", paths, world)
            _write(truth(made), "truth", paths, world)
        finally:
            made.unpersist()
        _write(merchant_table(spark, world.draws, world.merchants), "merchants", paths, world)


def truth_path(config: Config) -> str:
    """The table of true probabilities: beside the warehouse, so that the name of no source can lead to it."""
    return f"{config.warehouse}.truth"


def _paths(config: Config) -> dict[str, str]:
    for name, table in config.tables.items():
        if f"{table.path}/".startswith(f"{truth_path(config)}/"):
            raise ConfigurationError(
                sentence(f"Table '{name}' lies in {truth_path(config)}, which holds the truth",
                         fix="No feature may read it: remove the table.")
            )  # fmt: skip
    for name in TABLES:
        if config.table(name).format != "delta":
            raise ConfigurationError(
                sentence(f"Table '{name}' is simulated", expected="format delta", got=config.table(name).format)
            )
    return {**{name: config.table(name).path for name in TABLES}, "truth": truth_path(config)}


def _write(frame: DataFrame, name: str, paths: Mapping[str, str], world: World) -> None:
    """Replace one table; a reader sees the old rows or the new ones, whenever the writer dies."""
    counted = Observation(name)
    origin = json.dumps({"world": fingerprint(world.model_dump())})
    with step(f"simulate {name}") as running, storage_errors(paths[name]):
        writer = frame.observe(counted, F.count(F.lit(1)).alias("rows")).write.format("delta").mode("overwrite")
        writer.option("overwriteSchema", "true").option("userMetadata", origin).save(paths[name])
        running.rows = counted.get["rows"]


@contextmanager
def _small_methods(spark: SparkSession) -> Iterator[None]:
    """Compile each step of a row for itself: all in one method are too long for Java's compiler, and 3x slower."""
    key = "spark.sql.codegen.wholeStage"
    before = str(spark.conf.get(key))
    spark.conf.set(key, "false")
    try:
        yield
    finally:
        spark.conf.set(key, before)
