"""The Spark session: Delta, UTC and ANSI mode set here and never inherited."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pyspark.sql import SparkSession

from tillthen.define.faults.errors import ConfigurationError, sentence
from tillthen.runtime import daemon
from tillthen.runtime.java import check_java
from tillthen.runtime.settings import GENERATED_FILTERS, deciding

# What results depend on. A setting that differs is refused rather than silently replaced.
FIXED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
OLD_VERSIONS = "spark.databricks.delta.vacuum.enforceTimeTravelWithinDeletedFileRetentionDuration"
"""Since 4.0 Delta refuses versions older than a week even where all their files are there, as those of pins are."""
BATCH_BYTES = "spark.sql.execution.arrow.maxBytesPerBatch"
"""With a bound on bytes, its default, Spark 4 sizes every Arrow vector at every row; rows bound a batch already."""

UNCHECKED_ARROW = "-Darrow.enable_unsafe_memory_access=true -Darrow.enable_null_check_for_get=false"
"""Java's Arrow checks bounds and nulls at every value that it reads, after Spark, which asks for nulls itself."""

LOCAL = {
    "spark.master": "local[*]",
    "spark.driver.memory": "4g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",
    "spark.databricks.delta.snapshotPartitions": "2",  # 50 tasks for a log of a few commits take seconds
    "spark.python.daemon.module": daemon.MODULE,
    # Otherwise every call that makes a column asks the JVM ten times for where it stands in the code.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def spark_session(settings: Mapping[str, str] | None = None, *, app: str = "tillthen") -> SparkSession:
    """The session of this process, made with ``settings`` where there is none yet.

    Started by ``spark-submit``, or with a master that is not local, it uses the cluster's Java, Delta and Python. A
    local one needs Java 17 and Delta's jars: in ``spark.jars`` or ``spark.jars.packages`` of the settings, else in
    the folder TILLTHEN_JARS, else in ``.jars`` of the working folder or of the project.

    Raises
    ------
    ConfigurationError
        Java or Delta's jars are missing, or a setting contradicts `FIXED`.
    """
    given = dict(settings or {})
    for key, value in FIXED.items():
        if given.get(key, value) != value:
            raise ConfigurationError(sentence(f"Setting '{key}'", expected=repr(value), got=repr(given[key]),
                                              fix="Remove it: results depend on it."))  # fmt: skip
    active = SparkSession.getActiveSession()
    if active is None and _starts_java(given):
        check_java()
        os.environ["PYSPARK_PYTHON"] = sys.executable
        given = {**LOCAL, **_java_options(), **_delta(given), **given}
    builder = SparkSession.Builder().appName(app)
    for key, value in {**given, **FIXED}.items():
        builder = builder.config(key, value)
    session = _checked(active or builder.getOrCreate(), given)
    session.conf.set(OLD_VERSIONS, "false")
    session.conf.set(GENERATED_FILTERS, "false")
    session.conf.set(BATCH_BYTES, given.get(BATCH_BYTES, str(2**31 - 1)))
    return session


def _starts_java(settings: Mapping[str, str]) -> bool:
    """Whether this process starts a local Spark itself, rather than ``spark-submit`` or a cluster."""
    return "PYSPARK_GATEWAY_PORT" not in os.environ and settings.get("spark.master", "local").startswith("local")


def _java_options() -> dict[str, str]:
    """Only warnings are logged; Arrow trusts the workers. ``spark.driver.extraJavaOptions`` are left to settings."""
    file = Path(__file__).with_name("log4j2.properties")
    return {"spark.driver.defaultJavaOptions": f"-Dlog4j2.configurationFile={file.as_uri()} {UNCHECKED_ARROW}"}


def _delta(settings: Mapping[str, str]) -> dict[str, str]:
    """Delta's jars from the first folder that has some."""
    if "spark.jars" in settings or "spark.jars.packages" in settings:
        return {}
    named = os.environ.get("TILLTHEN_JARS")
    folders = [Path(named)] if named else [Path.cwd() / ".jars", Path(__file__).parents[2] / ".jars"]
    for folder in folders:
        jars = sorted(str(jar) for jar in folder.glob("*.jar"))
        if any("delta-spark" in jar for jar in jars):
            return {"spark.jars": ",".join(jars)}
    raise ConfigurationError(sentence(f"Delta's jars are not in {' or '.join(map(str, folders))}",
                                      fix="Run 'tillthen setup', or set TILLTHEN_JARS to their folder."))  # fmt: skip


def _checked(session: SparkSession, given: Mapping[str, str]) -> SparkSession:
    """An older session keeps its static settings: without Delta it is of no use. Others are set, or taken back."""
    for key in deciding(session):
        if key not in given:
            session.conf.unset(key)
    for key, value in FIXED.items():
        if session.conf.get(key, None) == value:
            continue
        if not session.conf.isModifiable(key):
            raise ConfigurationError(sentence(f"The running Spark session's '{key}'", expected=value,
                                              got=session.conf.get(key, None),
                                              fix="Stop it, or start it with tillthen's spark_session()."))  # fmt: skip
        session.conf.set(key, value)
    return session
