from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tillthen.define.faults.errors import ConfigurationError
from tillthen.runtime.session import BATCH_BYTES, FIXED, UNCHECKED_ARROW, spark_session
from tillthen.runtime.settings import deciding


@pytest.fixture
def no_session(monkeypatch):
    """Let the next session be made anew."""
    monkeypatch.setattr(SparkSession, "getActiveSession", staticmethod(lambda: None))


def test_the_running_session_is_given_what_results_depend_on(spark):
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    spark.conf.set("spark.sql.ansi.enabled", "false")
    spark.conf.set("spark.sql.legacy.timeParserPolicy", "LEGACY")
    assert spark_session() is spark
    assert {key: spark.conf.get(key) for key in FIXED} == FIXED
    assert deciding(spark) == []


def test_a_setting_that_results_depend_on_is_refused():
    with pytest.raises(ConfigurationError, match=r"'spark.sql.session.timeZone': expected 'UTC', got 'Asia/Tokyo'"):
        spark_session({"spark.sql.session.timeZone": "Asia/Tokyo"})


def test_missing_jars_say_what_to_run(no_session, monkeypatch, tmp_path):
    monkeypatch.setenv("TILLTHEN_JARS", str(tmp_path))
    with pytest.raises(ConfigurationError, match=f"Delta's jars are not in {tmp_path}. Run 'tillthen setup'"):
        spark_session()


def test_java_is_checked_before_spark_starts(no_session, monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(ConfigurationError, match="Java in JAVA_HOME"):
        spark_session()


def test_a_session_without_delta_is_of_no_use(spark, monkeypatch):
    monkeypatch.setitem(FIXED, "spark.sql.extensions", "another.Extension")
    with pytest.raises(ConfigurationError, match="The running Spark session's 'spark.sql.extensions'"):
        spark_session()


def test_batches_are_bounded_by_rows_unless_asked_otherwise(spark):
    spark_session({BATCH_BYTES: "1000000"})
    assert spark.conf.get(BATCH_BYTES) == "1000000"
    spark_session()
    assert spark.conf.get(BATCH_BYTES) == str(2**31 - 1)


def test_arrow_in_java_does_not_check_again(spark):
    arrow = spark._jvm.org.apache.arrow
    assert not arrow.memory.BoundsChecking.BOUNDS_CHECKING_ENABLED
    assert not arrow.vector.NullCheckingForGet.NULL_CHECKING_ENABLED
    emr = Path(__file__).parents[2] / "conf" / "emr.yaml"
    assert f"spark.executor.extraJavaOptions: {UNCHECKED_ARROW}\n" in emr.read_text()
