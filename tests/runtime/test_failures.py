from __future__ import annotations

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from tillthen.define.faults.errors import ConfigurationError, DataContractError, DefinitionError
from tillthen.runtime.failures import expression_errors, storage_errors, worker_errors


def test_an_error_of_the_product_in_a_worker_is_raised_as_itself(spark):
    def fail(batches):
        raise DataContractError("'total' overflows. Cast it.")
        yield from batches

    with pytest.raises(DataContractError, match=r"^'total' overflows. Cast it.$"), worker_errors():
        spark.range(1).mapInArrow(fail, "id bigint").collect()


def test_a_bug_in_a_worker_keeps_its_traceback(spark):
    def fail(batches):
        raise KeyError("bug")
        yield from batches

    with pytest.raises(PySparkException, match="KeyError"), worker_errors():
        spark.range(1).mapInArrow(fail, "id bigint").collect()


@pytest.mark.parametrize(
    ("expression", "kind", "fault"),
    [
        ("CAST('x' AS INT)", DataContractError, "table: The value 'x' of the type \"STRING\" cannot be cast"),
        ("1 / (id - id)", DataContractError, "table: Division by zero"),
        ("nosuch(id)", DefinitionError, "table: Cannot resolve routine `nosuch`"),
        ("id + missing", DefinitionError, "table: A column, variable, or function parameter with name `missing`"),
    ],
)
def test_a_wrong_expression_is_one_line(spark, expression, kind, fault):
    with pytest.raises(kind) as refused, expression_errors("table"):
        spark.range(1).select(F.expr(expression)).write.format("noop").mode("overwrite").save()
    assert str(refused.value).startswith(fault)
    assert "\n" not in str(refused.value)


def test_a_full_disk_is_one_line():
    fault = "wh/t could not be written: No space left on device. It is as it was before."
    with pytest.raises(ConfigurationError, match=fault), storage_errors("wh/t"):
        raise PySparkException("Job aborted: java.io.IOException: No space left on device")
    with pytest.raises(PySparkException, match="something else"), storage_errors("wh/t"):
        raise PySparkException("something else")
