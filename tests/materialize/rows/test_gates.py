"""Gates in a build: what stops stops before the write, what is bad is set aside, and what was found is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.conftest import PAYMENTS
from tests.tables.thief import taking
from tillthen import cli
from tillthen.define.faults.errors import ConfigurationError, GateNotMet
from tillthen.materialize.planning.store import Store
from tillthen.materialize.rows import gates
from tillthen.materialize.runs.build import Wanted, build
from tillthen.quality import gate
from tillthen.runtime.config import load_config
from tillthen.tables.days import Days

SNAPSHOTS = """
from tillthen import Snapshots

card_days = FeatureTable("card_days", Snapshots(payments, entity="card", active=days(7)), [spending],
                         expect=[expect.holds("spending__count_7d > 0")])
"""


def expecting(team, *expectations):
    text = team.declarations.read_text().replace("from tillthen import", "from tillthen import expect, hours,")
    text = text.replace('event_time="at",', f'event_time="at", expect=[{", ".join(expectations)}],')
    team.declarations.write_text(text)


def run(team, day, last=None, tables=("cards",)):
    config = load_config(team.conf)
    return build(config, config.project(), tables, Wanted(Days(date(2024, 1, day), date(2024, 1, last or day))))


def rows(spark, team, table="cards"):
    return sorted(map(str, spark.read.format("delta").load(f"{team.root}/wh/{table}").collect()))


def verdicts(team):
    config = load_config(team.conf)
    found = Store(config, config.project().table("cards")).history.read()
    return [(one.day, one.expectation, one.verdict) for one in found]


def test_what_stops_stops_before_the_write(spark, team):
    expecting(team, "expect.volume(least=2)", "expect.between('amount', 1, 100, otherwise='warn')")
    with pytest.raises(GateNotMet, match="Source 'payments': volume 2 or more: expected at least 2 rows, got 1"):
        run(team, 1)
    assert not (team.root / "wh" / "cards").exists()
    (done,) = run(team, 2)
    assert done.warnings == ["Source 'payments': amount between 1 and 100: expected no row bad, got 1 of 2, such as 2."]
    assert verdicts(team)[:2] == [
        ("2024-01-01", "volume 2 or more", "not met"), ("2024-01-01", "amount between 1 and 100", "met"),
    ]  # fmt: skip


def test_bad_rows_are_set_aside_and_are_back_when_they_are_corrected(spark, team, capsys):
    expecting(team, "expect.between('amount', 1, 100, otherwise='quarantine', at_most=0.5)")
    run(team, 1, 2)
    assert len(rows(spark, team)) == 2
    assert cli.main(["quarantine", "--conf", str(team.conf)]) == 0
    said = "cards: 1 rows of payments do not meet today's expectations (amount between 1 and 100)."
    assert capsys.readouterr().out.splitlines() == [said]
    team.pay([*PAYMENTS[:1], PAYMENTS[1] | {"amount": 99}, *PAYMENTS[2:]])
    assert cli.main(["quarantine", "--conf", str(team.conf)]) == 0
    assert "are not in the source any more, corrected or removed" in capsys.readouterr().out
    config = load_config(team.conf)
    build(config, config.project(), wanted=Wanted(replace=True))
    assert len(rows(spark, team)) == 3


def test_freshness_looks_back_behind_the_night(spark, team):
    """A day without payments is fine where the newest may be two days old."""
    later = {"payment": 9, "card": "a", "at": datetime(2024, 1, 9, 1, tzinfo=UTC), "amount": 1}
    team.pay([*PAYMENTS, later])
    expecting(team, "expect.fresh(hours(47))")
    assert run(team, 3)[0].rows == 0
    with pytest.raises(GateNotMet, match="newest within .*: expected an event in"):
        run(team, 4)


def test_drift_is_told_from_the_nights_before(spark, team):
    expecting(team, "expect.stable('amount', otherwise='stop')")
    world = [
        {"payment": 100 * day + n, "card": "a", "at": datetime(2024, 1, day, 1, tzinfo=UTC),
         "amount": (1000 if day == 4 else 1) * (n + 1)}
        for day in range(1, 5) for n in range(60)
    ]  # fmt: skip
    team.pay(world)
    for day in (1, 2, 3):
        run(team, day)
    with pytest.raises(GateNotMet, match="amount stable to 0.25: expected a stability index of at most 0.25"):
        run(team, 4)
    assert [verdict for *_, verdict in verdicts(team)] == ["not judged", "met", "met", "not met"]


def test_snapshots_are_judged_and_audited(spark, team, capsys):
    expecting(team)
    team.declarations.write_text(team.declarations.read_text() + SNAPSHOTS)
    (done,) = run(team, 2, 3, ["card_days"])
    assert (done.rows, done.warnings) == (3, [])
    assert cli.main(["audit", "card_days", "--conf", str(team.conf)]) == 0
    team.declarations.write_text(team.declarations.read_text().replace("count_7d > 0", "count_7d > 1"))
    config, day = load_config(team.conf), date(2024, 1, 3)
    with pytest.raises(GateNotMet, match="spending__count_7d > 1: expected no row bad, got 1 of 2"):
        build(config, config.project(), ["card_days"], Wanted(Days(day, day), again=True))


def test_a_table_that_fails_does_not_keep_the_others(spark, team):
    expecting(team)
    team.declarations.write_text(team.declarations.read_text() + SNAPSHOTS.replace("count_7d > 0", "count_7d > 99"))
    with pytest.raises(GateNotMet, match="Feature table 'card_days'"):
        run(team, 2, tables=["card_days", "cards"])
    assert len(rows(spark, team)) == 2


@pytest.mark.parametrize(("work", "results"), [("gate_source", 0), ("gate_table", 1)])
def test_a_build_whose_lease_was_taken_over_notes_no_results(team, monkeypatch, work, results):
    expecting(team, "expect.volume(least=1)")
    text = team.declarations.read_text()
    team.declarations.write_text(text.replace("derived=", "expect=[expect.volume(least=1)], derived="))
    monkeypatch.setattr(gates, work, taking(load_config(team.conf), "cards", getattr(gates, work)))
    with pytest.raises(ConfigurationError, match="lost its lease"):
        run(team, 2)
    assert len(verdicts(team)) == results
    assert not (team.root / "wh" / "cards").exists()
    assert not (team.root / "wh" / "_ledger").exists()  # not even that it failed


def test_rows_are_not_set_aside_without_the_lease(team, monkeypatch):
    expecting(team, "expect.between('amount', 1, 100, otherwise='quarantine', at_most=0.5)")
    monkeypatch.setattr(gate, "_gate", taking(load_config(team.conf), "cards", gate._gate))
    with pytest.raises(ConfigurationError, match="lost its lease"):
        run(team, 1, 2)
    assert not (team.root / "wh" / "_quarantine").exists()
