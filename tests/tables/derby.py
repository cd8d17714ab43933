"""A database in the memory of Spark's own JVM, by the Derby that comes with Spark."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Derby:
    """An empty database; ``url`` is JDBC's. Names that are not quoted are in capitals."""

    spark: SparkSession
    name: str

    @property
    def url(self) -> str:
        return f"jdbc:derby:memory:{self.name}"

    def run(self, *statements: str) -> None:
        """Run SQL, each statement committed on its own."""
        jvm = self.spark._jvm
        assert jvm is not None
        connection = jvm.java.sql.DriverManager.getConnection(f"{self.url};create=true")
        try:
            for statement in statements:
                connection.createStatement().execute(statement)
        finally:
            connection.close()
