"""Plans, from Delta's logs alone."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from deltalake import CommitProperties, write_deltalake

from tests.conftest import PAYMENTS
from tests.tables.mapping import map_columns, rewrite
from tillthen.define.tables.meaning import definitions_hash, meanings
from tillthen.materialize.planning.plan import gaps, plan
from tillthen.materialize.planning.proposed import as_json, lines
from tillthen.runtime.config import load_config
from tillthen.tables.commit import Commit


@pytest.fixture
def warehouse(team):
    """A project on a Delta table of payments, and nothing built."""
    team.conf.write_text("{features: [features/cards.py], warehouse: wh}")
    return team


def land(team, *payments):
    write_deltalake(str(team.root / "wh" / "payments"), pa.Table.from_pylist(list(payments)), mode="append")


def stand(team, version, *days):
    """Days as a build from a version of the payments leaves them."""
    table = load_config(team.conf).project().table("cards")
    pins = {"payments": {"path": "payments", "format": "delta", "version": version}}
    span = (min(days), max(days))
    commit = Commit("run", "c0de", definitions_hash(table), pins, "1", span, meanings(table))
    rows = pa.table(
        {"as_of_date": pa.array([date.fromisoformat(day) for day in days], pa.date32()), "n": [1] * len(days)}
    )
    told = CommitProperties(custom_metadata={"userMetadata": json.dumps(asdict(commit))})
    write_deltalake(str(team.root / "wh" / "cards"), rows, mode="append", partition_by=["as_of_date"],
                    commit_properties=told)  # fmt: skip


def planned(team):
    config = load_config(team.conf)
    (found,) = plan(config, config.project())
    return found


def paid(payment, day, hour=1):
    return {"payment": payment, "card": "a", "at": datetime(2024, 1, day, hour, tzinfo=UTC), "amount": 1}


def test_where_nothing_stands_all_days_are_missing_and_what_they_read_is_said(warehouse):
    land(warehouse, *PAYMENTS[:1])
    land(warehouse, *PAYMENTS[1:])
    found = planned(warehouse)
    assert (found.stands, found.missing) == ("nothing", ["2024-01-01 to 2024-01-02"])
    assert [(scan.source, scan.files, scan.of_files) for scan in found.scans] == [("payments", 2, 2)]
    said = list(lines(found))
    assert said[:2] == ["cards: stands for nothing", "  missing: 2024-01-01 to 2024-01-02"]


def test_all_days_of_parquet_files_are_missing_where_nothing_stands(team):
    found = planned(team)
    assert (found.stands, found.missing, found.unknown) == ("nothing", ["2024-01-01 to 2024-01-02"], [])
    assert [(scan.source, scan.files, scan.of_files) for scan in found.scans] == [("payments", 1, 1)]
    assert "  nothing to do" not in list(lines(found))
    team.pay([*PAYMENTS, paid(9, 5)])
    assert planned(team).missing == ["2024-01-01 to 2024-01-05"]


def test_days_that_cannot_be_known_are_not_nothing_to_do(team):
    team.conf.write_text(team.conf.read_text().replace("payments.parquet", "none.parquet"))
    found = planned(team)
    assert (found.missing, found.unknown, found.nothing) == ([], ["payments"], False)
    assert list(lines(found)) == [
        "cards: stands for nothing", "  days of source 'payments': not known without reading it"
    ]  # fmt: skip


def test_a_night_reads_only_what_its_windows_see(warehouse):
    for day in (1, 20):
        land(warehouse, paid(day, day))
    stand(warehouse, 0, "2024-01-01", *[f"2024-01-{day:02}" for day in range(2, 20)])
    found = planned(warehouse)
    assert found.missing == ["2024-01-20"]
    assert [(scan.files, scan.of_files) for scan in found.scans] == [(1, 2)]


def test_what_landed_before_a_day_was_built_is_not_late_for_it(warehouse):
    for day in (1, 2, 3):
        land(warehouse, paid(day, day))
        stand(warehouse, day - 1, f"2024-01-0{day}")
    found = planned(warehouse)
    assert (found.late, found.nothing) == ([], True)
    assert list(lines(found))[-1] == "  nothing to do"


def test_late_rows_concern_the_days_without_them_that_a_window_or_the_spine_sees(warehouse):
    for day in (1, 2, 12):
        land(warehouse, paid(day, day))
        stand(warehouse, min(day, 3) - 1, f"2024-01-{day:02}")
    land(warehouse, paid(4, 2))  # windows see it for 7 days
    (late,) = planned(warehouse).late
    assert (late.source, late.files, late.rows, late.since_version, late.now_version) == ("payments", 1, 1, 1, 3)
    assert late.days == "2024-01-02"


def test_a_version_that_the_log_has_lost_is_passed_over(warehouse):
    land(warehouse, paid(1, 1))
    stand(warehouse, 0, "2024-01-01")
    land(warehouse, paid(2, 1))
    assert planned(warehouse).late
    stand(warehouse, 77, "2024-01-01")
    assert planned(warehouse).late == []


def test_rows_of_the_future_are_no_missing_days(warehouse):
    land(warehouse, paid(1, 1), paid(2, 1) | {"at": datetime(9999, 1, 1, tzinfo=UTC)})
    stand(warehouse, 0, "2024-01-01")
    last = planned(warehouse).missing[-1].split(" ")[-1]
    assert date.fromisoformat(last) < datetime.now(UTC).date()


def test_changed_and_added_features_are_told_apart(warehouse):
    land(warehouse, paid(1, 1))
    stand(warehouse, 0, "2024-01-01")
    text = warehouse.declarations.read_text()
    warehouse.declarations.write_text(text.replace("amount > 100", "amount > 99"))
    found = planned(warehouse)
    assert (found.changed, found.stale, found.nothing) == (["large"], [], False)
    warehouse.declarations.write_text(text.replace('"large": ', '"larger": "amount > 99", "large": '))
    found = planned(warehouse)
    assert (found.changed, found.stale) == ([], ["2024-01-01"])
    assert json.loads(as_json([found]))[0]["stale"] == ["2024-01-01"]


def test_sources_that_keep_no_bounds_are_named(team):
    team.conf.write_text(team.conf.read_text().replace("format: parquet", "format: csv"))
    assert planned(team).unknown == ["payments"]


def test_gaps_between_days_that_stand(warehouse):
    land(warehouse, paid(1, 1))
    config = load_config(warehouse.conf)
    assert gaps(config, config.project()) == []
    stand(warehouse, 0, "2024-01-01")
    stand(warehouse, 0, "2024-01-05")
    planned(warehouse)  # the ledger learns of them
    assert gaps(config, config.project()) == [
        "cards: 2024-01-02 to 2024-01-04 do not stand. Run 'tillthen backfill cards --from 2024-01-02 --to 2024-01-04'."
    ]


LOCAL = [datetime(2024, 3, 2, 1), datetime(2024, 3, 3, 5), datetime(2024, 3, 4, 8, 30)]
ZONED = {
    "Asia/Tokyo": (LOCAL, "timezone='Asia/Tokyo'", "2024-03-01 to 2024-03-03"),
    "America/Los_Angeles": (
        [datetime(2024, 3, 1, 20), datetime(2024, 3, 3, 5), datetime(2024, 3, 3, 17)],
        "timezone='America/Los_Angeles'", "2024-03-02 to 2024-03-04",
    ),
    "shown twice": ([datetime(2024, 10, 27, 1, 30)], "timezone='Antarctica/Troll'", "2024-10-26"),
    "dates": ([date(2024, 3, 2), date(2024, 3, 3)], "date_is='end'", "2024-03-02 to 2024-03-03"),
    "dates, east": ([date(2024, 3, 2)], "timezone='Asia/Tokyo', date_is='start'", "2024-03-01"),
    "dates, west": ([date(2024, 3, 2)], "timezone='America/Los_Angeles'", "2024-03-03"),
}  # fmt: skip


@pytest.mark.parametrize("case", ZONED)
def test_days_are_those_in_utc_of_times_without_a_zone(warehouse, case):
    times, zone, days = ZONED[case]
    declared = warehouse.declarations.read_text()
    warehouse.declarations.write_text(declared.replace('event_time="at"', f'event_time="at", {zone}'))
    land(warehouse, *({"payment": n, "card": "a", "at": at, "amount": 1} for n, at in enumerate(times)))
    found = planned(warehouse)
    assert (found.missing, found.unknown) == ([days], [])


def test_a_file_is_late_for_the_days_in_utc_of_its_rows(warehouse):
    declared = warehouse.declarations.read_text()
    warehouse.declarations.write_text(declared.replace('event_time="at"', 'event_time="at", timezone="Asia/Tokyo"'))
    land(warehouse, {"payment": 1, "card": "a", "at": datetime(2024, 3, 3, 12), "amount": 1})
    stand(warehouse, 0, "2024-03-01", "2024-03-02", "2024-03-03")
    land(warehouse, {"payment": 2, "card": "a", "at": datetime(2024, 3, 3, 8), "amount": 1})
    assert [late.days for late in planned(warehouse).late] == ["2024-03-02 to 2024-03-03"]


def test_windows_that_reach_beyond_the_calendar_read_all(warehouse):
    declared = warehouse.declarations.read_text()
    warehouse.declarations.write_text(declared.replace("days(7)", "days(2_000_000)"))
    land(warehouse, *PAYMENTS)
    assert [scan.files for scan in planned(warehouse).scans] == [1]


def test_a_file_without_statistics_may_hold_any_day(warehouse):
    land(warehouse, *PAYMENTS)
    rewrite(
        warehouse.root / "wh" / "payments",
        add=lambda entry: {name: value for name, value in entry.items() if name != "stats"},
    )
    found = planned(warehouse)
    assert (found.missing, found.unknown, found.nothing) == ([], ["payments"], False)


def test_bounds_of_columns_that_have_other_names_in_the_files_are_not_taken(warehouse):
    """Spark renamed 'at' to 'told' and 'known' to 'at': the log's bounds of 'at' are those of 'told'."""
    other = datetime(2024, 9, 9, tzinfo=UTC)
    land(warehouse, *({**payment, "known": other} for payment in PAYMENTS))
    map_columns(warehouse.root / "wh" / "payments", {"at": "told", "known": "at"})
    found = planned(warehouse)
    assert (found.missing, found.unknown, found.nothing) == ([], ["payments"], False)


@pytest.mark.parametrize("name", ["days 50% of=é#1", "pay'ments", 'say "x"', "a+b&c"])
@pytest.mark.parametrize("format", ["delta", "parquet"])
def test_paths_with_any_signs_are_read_as_they_stand(team, name, format):
    folder = team.root / name
    if format == "delta":
        write_deltalake(str(folder), pa.Table.from_pylist(PAYMENTS))
    else:
        folder.mkdir()
        (team.root / "payments.parquet").rename(folder / "part.parquet")
    tables = {"payments": {"format": format, "path": str(folder)}}
    team.conf.write_text(json.dumps({"features": ["features/cards.py"], "warehouse": f"{name} wh", "tables": tables}))
    assert planned(team).missing == ["2024-01-01 to 2024-01-02"]


def test_days_of_all_files_that_a_path_with_wildcards_names(team):
    for day, folder in ((1, "2024-01"), (3, "2024-02"), (9, "2025-01")):
        (team.root / folder).mkdir()
        team.pay([paid(day, day)])
        (team.root / "payments.parquet").rename(team.root / folder / "part.parquet")
    team.conf.write_text(team.conf.read_text().replace("payments.parquet", "'2024-*/*.parquet'"))
    found = planned(team)
    assert (found.missing, [scan.files for scan in found.scans]) == (["2024-01-01 to 2024-01-03"], [2])
