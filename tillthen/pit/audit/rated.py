"""The audit of converted amounts: rates looked up again by brute force, from the raw tables of payments and rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StringType, StructField, StructType

from tillthen.define.expressions.literals import quoted
from tillthen.define.sources.currency import currencies, currency
from tillthen.define.sources.rates import Converted
from tillthen.pit import oracle
from tillthen.pit.audit.evidence import NUMBER, collect, rows_of_keys
from tillthen.pit.audit.leaks import Difference
from tillthen.pit.oracle.lives import Row
from tillthen.pit.oracle.plain import instant, plain_set
from tillthen.pit.oracle.worth import worth
from tillthen.pit.spark.converted import CODE, RATE, rate_set
from tillthen.sources.events.clock import KNOWN_FROM, with_clock
from tillthen.sources.reading.schema import declared_types
from tillthen.sources.reading.text import typed

PAYMENTS = 200
"""So many payments are audited, those with the least hashes of their id."""
ID = "@id"


def audit_rates(found: DataFrame, payments: DataFrame, rate_rows: DataFrame, made: Converted) -> list[Difference]:
    """Payments whose amount in ``found`` is not what their own row and the rates' rows make of it.

    Sources without an id are passed over, since nothing tells their rows apart.
    """
    source = made.payments
    if source.id is None:
        return []
    names = list(dict.fromkeys([source.id, *source.money, *source.mixed.values()]))
    rows = typed(payments, source, payments.columns, declared_types(payments, source))
    clocked = with_clock(rows, source).withColumn(ID, F.col(quoted(source.id)).cast("string"))
    texts = [F.col(quoted(name)).cast("string").alias(name) for name in names]
    chosen = clocked.orderBy(F.xxhash64(ID), ID).limit(PAYMENTS).select(ID, KNOWN_FROM, *texts).collect()
    raw = [row.asDict() for row in chosen]
    rates = _rates(raw, rate_rows, made)
    got = _got(found, raw, made)
    return list(_differences(raw, rates, got, made))


def _rates(raw: Sequence[Row], rate_rows: DataFrame, made: Converted) -> dict[tuple[str, object], Decimal | None]:
    """The rate of each currency at each known time, by the oracle."""
    codes = sorted({str(code) for row in raw for code in _codes(row, made) if code is not None})
    group = rate_set(made.rates)
    spark = rate_rows.sparkSession
    schema = StructType([StructField(CODE, StringType()), StructField(NUMBER, LongType())])
    keys = spark.createDataFrame([(code, i) for i, code in enumerate(codes)], schema)
    rows = collect(rows_of_keys(rate_rows, group, keys), group).rows
    plain = plain_set(group)
    found: dict[tuple[str, object], Decimal | None] = {}
    for i, code in enumerate(codes):
        spine = [{CODE: code, "as_of": known} for known in dict.fromkeys(row[KNOWN_FROM] for row in raw)]
        for answer in oracle.compute(spine, [plain], {group.source.name: rows.get(i, [])}):
            rate = answer[RATE]
            found[code, answer["as_of"]] = Decimal(1) if code == made.rates.base else rate  # type: ignore[assignment]
    return found


def _codes(row: Row, made: Converted) -> Iterator[object]:
    for of in made.payments.money.values():
        yield row[of.by] if of.by is not None else of.currency


def _got(found: DataFrame, raw: Sequence[Row], made: Converted) -> dict[tuple[object, object], Row]:
    """The converted rows of the same payments, by id and known time."""
    source = made.payments
    ids = [str(row[ID]) for row in raw]
    known = with_clock(found, source).withColumn(ID, F.col(quoted(str(source.id))).cast("string"))
    rows = known.where(F.col(ID).isin(ids)).select(ID, KNOWN_FROM, *[F.col(quoted(name)) for name in source.money])
    return {(row[ID], row[KNOWN_FROM]): row.asDict() for row in rows.collect()}


def _differences(
    raw: Sequence[Row],
    rates: Mapping[tuple[str, object], Decimal | None],
    got: Mapping[tuple[object, object], Row],
    made: Converted,
) -> Iterator[Difference]:
    base = made.rates.base
    for row in raw:
        for (name, of), code in zip(made.payments.money.items(), _codes(row, made), strict=True):
            own = currencies().get(str(code))
            if row[name] is None or own is None:
                continue
            rate, amount = rates[str(code), row[KNOWN_FROM]], Decimal(str(row[name]))
            major = amount.scaleb(-own.digits) if of.unit == "minor" else amount
            expected = worth(major, own.digits, rate, currency(base).digits)
            value = got.get((row[ID], row[KNOWN_FROM]), {}).get(name)
            if value != expected:
                known = row[KNOWN_FROM]
                yield Difference("converted", name, str(row[ID]), {"currency": str(code)},
                                 instant(known if isinstance(known, int) else None), repr(value), repr(expected),
                                 f"Its rate into {base} was {rate}")  # fmt: skip
