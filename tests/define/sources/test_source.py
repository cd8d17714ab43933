from datetime import UTC, datetime

import pytest

from tillthen import Source, days
from tillthen.define.arguments.duration import Duration
from tillthen.define.faults.errors import DefinitionError


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"versions": True, "known_time": "k"}, "has versions but no id"),
        ({"versions": True, "id": "i"}, "has versions but no known_time"),
        ({"deleted": "gone"}, "marks rows deleted but has no versions"),
        ({"landing": days(1)}, "has landing= but no landed_time"),
        ({"delay": Duration(-1)}, "'delay': expected a duration that is not negative"),
        ({"timezone": "Mars/Olympus"}, "'timezone': expected an IANA zone"),
        ({"date_is": "noon"}, "'date_is': expected 'end' or 'start'"),
        ({"incomplete_windows": "drop"}, "'incomplete_windows': expected 'keep' or 'null'"),
        ({"complete_from": datetime(2024, 1, 1)}, "expected a time with a zone"),
    ],
)
def test_contradictions_are_refused(options, fault):
    with pytest.raises(DefinitionError, match=f"Source 'tx'.*{fault}"):
        Source("tx", event_time="at", **options)


def test_all_faults_of_a_source_come_together():
    with pytest.raises(DefinitionError, match=r"date_is.*no id.*no known_time"):
        Source("tx", event_time="at", versions=True, date_is="noon")


def test_clock_columns_are_named_once_and_in_order():
    source = Source("tx", id="id", event_time="at", known_time="at", sequence="seq", delay=days(1),
                    complete_from=datetime(2024, 1, 1, tzinfo=UTC))  # fmt: skip
    assert source.clock_columns == ("id", "at", "seq")
    assert source.table == "tx"
