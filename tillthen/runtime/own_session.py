"""A session of the product's own beside somebody else's, in which nothing is set that changes a result.

Spark reads a session's settings when an expression is resolved, and others again when a frame is used, long after the
call that made it. So what is computed for a session in another zone, without ANSI mode or with old rules is computed
in a session apart, to which the frames belong for good; the other one is neither changed nor read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from pyspark.sql import DataFrame, SparkSession

from tillthen.define.faults.errors import ConfigurationError, sentence
from tillthen.runtime.compat import SPARK_4
from tillthen.runtime.session import spark_session
from tillthen.runtime.settings import DECIDING, decides, deciding, set_in

_APART: WeakKeyDictionary[SparkSession, SparkSession] = WeakKeyDictionary()


def right_session(given: SparkSession) -> SparkSession:
    """The session itself where nothing is set in it that changes a result, else one apart.

    Raises
    ------
    ConfigurationError
        It is a remote one (Spark Connect) whose settings do not do.
    """
    if not hasattr(given, "_jsparkSession"):
        for key, value in DECIDING.items():
            if (got := given.conf.get(key, None)) != value:
                raise ConfigurationError(sentence(f"The remote session's '{key}'", expected=value, got=got,
                                                  fix="Set it: results depend on it."))  # fmt: skip
        return given
    settings = set_in(given)
    if not deciding(given) and all(given.conf.get(key, None) == value for key, value in DECIDING.items()):
        return given
    if given not in _APART:
        _APART[given] = given.newSession()
    apart = _APART[given]
    for key in deciding(apart):
        apart.conf.unset(key)
    ours, wanted = set_in(apart), {key: value for key, value in settings.items() if not decides(key)} | DECIDING
    for key, value in wanted.items():
        if ours.get(key) != value and apart.conf.isModifiable(key):
            apart.conf.set(key, value)
    return apart


def moved(frame: DataFrame, session: SparkSession) -> DataFrame:
    """The same rows as a frame of another session; what is already resolved in it keeps its meaning."""
    if frame.sparkSession is session:
        return frame
    java: Any = session._jvm
    dataset = java.org.apache.spark.sql.classic.Dataset if SPARK_4 else java.org.apache.spark.sql.Dataset
    plan = frame._jdf.queryExecution().analyzed()
    return DataFrame(dataset.ofRows(session._jsparkSession, plan), session)


@contextmanager
def active(session: SparkSession) -> Iterator[None]:
    """Within the block it is the session that is asked where no frame says which; then again the one before."""
    if not hasattr(session, "_jsparkSession"):
        yield
        return
    java: Any = session._jvm
    sessions = java.org.apache.spark.sql.SparkSession
    # PySpark keeps a note of its own, which createDataFrame changes.
    before, noted = sessions.getActiveSession(), SparkSession._activeSession
    sessions.setActiveSession(session._jsparkSession)
    try:
        yield
    finally:
        SparkSession._activeSession = noted
        if before.isDefined():
            sessions.setActiveSession(before.get())
        else:
            sessions.clearActiveSession()


def session(settings: Mapping[str, str] | None = None) -> SparkSession:
    """A Spark session for a notebook, in UTC and ANSI mode: this process's, or one apart where its settings are others.

    Where there is none yet it is made with ``settings``; see `tillthen.runtime.session.spark_session`.
    """
    running = SparkSession.getActiveSession()
    return spark_session(settings) if running is None else right_session(running)
