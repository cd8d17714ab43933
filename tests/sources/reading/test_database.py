"""The pure part; tests/tables/test_landing.py reads from a real server."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from tillthen.define.faults.errors import ConfigurationError
from tillthen.sources.reading import marks
from tillthen.sources.reading.database import _behind, _bound

TOKYO = timezone(timedelta(hours=9))
AT = datetime(2026, 3, 1, 9, 0, 0, 123456)


@pytest.mark.parametrize(
    ("mark", "literal"),
    [
        (7, "7"),
        (Decimal("7.50"), "7.50"),
        (date(2026, 3, 1), "DATE '2026-03-01'"),
        (AT, "TIMESTAMP '2026-03-01 09:00:00.123456'"),
        (AT.replace(tzinfo=UTC), "TIMESTAMP WITH TIME ZONE '2026-03-01 09:00:00.123456+00:00'"),
    ],
)
def test_a_watermark_in_sql(mark, literal):
    assert marks.literal(mark) == literal


@pytest.mark.parametrize(
    ("mark", "bound"),
    [
        (Decimal("7.50"), "7"),
        (AT.replace(tzinfo=TOKYO), "2026-03-01 00:00:00.123456"),
        (date(2026, 3, 1), "2026-03-01"),
    ],
)
def test_an_end_of_a_range_in_the_sessions_zone(mark, bound):
    assert _bound(mark) == bound


@pytest.mark.parametrize(
    ("mark", "overlap", "since"),
    [(100, 10, 90), (100, "10", 90), (Decimal(100), 0, 100), (AT, "15m", AT - timedelta(minutes=15)), (AT, 0, AT)],
)
def test_an_overlap(mark, overlap, since):
    assert _behind(mark, overlap, "here") == since


@pytest.mark.parametrize(("mark", "overlap", "kind"), [(100, "15m", "a whole number"), (AT, 5, "a duration such as")])
def test_an_overlap_of_another_kind(mark, overlap, kind):
    with pytest.raises(ConfigurationError, match=f"here 'overlap': expected {kind}"):
        _behind(mark, overlap, "here")
