"""The process that forks Spark's Python workers: Spark's own, but a zip that was read stays read, and pandas is there.

Before every task Spark invalidates the caches of imports. Python then reads the directory of each zip again, once for
every package that came from it, and Spark puts itself on the path as zips, one of them the jar of its core: that took
a quarter of a second of every task. Files that Spark has given to a worker do not change.

pyarrow imports pandas as soon as it makes an array of numpy's, which takes each worker .4 s; forked workers share it.
"""

from __future__ import annotations

from zipimport import zipimporter

MODULE = "tillthen.runtime.daemon"
"""For ``spark.python.daemon.module``, where the executors' Python has tillthen installed."""


def keep_zips() -> None:
    """Let invalidation pass zips by."""
    zipimporter.invalidate_caches = lambda self: None  # type: ignore[method-assign]


if __name__ == "__main__":
    keep_zips()

    import pandas  # noqa: F401
    import pyarrow.compute  # noqa: F401
    from pyspark.daemon import manager

    manager()  # type: ignore[no-untyped-call]
