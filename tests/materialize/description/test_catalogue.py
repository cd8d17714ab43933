from __future__ import annotations

from pathlib import Path

from tests.tables.test_newest import commit
from tillthen.define.tables.meaning import definitions_hash
from tillthen.materialize.description.catalogue import Catalogue, catalogue
from tillthen.runtime.config import load_config

ROOT = Path(__file__).parents[3]


def of(team) -> Catalogue:
    config = load_config(team.conf)
    return catalogue(config, config.project())


def test_the_projects_own_catalogue_has_every_feature_and_who_uses_it():
    config = load_config(ROOT / "conf" / "local.yaml")
    project = config.project()
    found = catalogue(config, project)
    for table, entry in zip(project.tables.values(), found.tables, strict=True):
        listed = [one for group in entry.sets for one in group.features]
        assert {one.name for one in listed} == set(table.features)
        assert all(one.used_by == ["card_fraud"] for one in listed)
        assert all(group.owner == "fraud-features" for group in entry.sets[1:])
    sources = {one.name: one for one in found.sources}
    assert (sources["answers"].table, sources["answers"].known) == ("authorizations", "answered_at")
    assert sources["disputes"].retracted == "reversed_at"
    assert sources["disputes"].read_by == ["card_fraud_features", "card_fraud"]
    assert sources["answers"].read_by == ["card_fraud_features", "card_fraud"]  # what nobody can have observed, too


def test_a_table_is_absent_then_fresh_then_stale(team):
    table = team.root / "wh" / "cards"
    assert (of(team).tables[0].built, of(team).tables[0].stale) == (None, False)
    declared = load_config(team.conf).project().table("cards")
    commit(table, "2024-01-02", run_id="r", definitions_hash=definitions_hash(declared))
    entry = of(team).tables[0]
    assert entry.built is not None
    assert (entry.built.run_id, entry.built.last_day, entry.stale) == ("r", "2024-01-02", False)
    team.declarations.write_text(team.declarations.read_text().replace("amount > 100", "amount > 101"))
    assert of(team).tables[0].stale


def test_expectations_are_listed(team):
    text = team.declarations.read_text().replace("from tillthen import", "from tillthen import expect,")
    text = text.replace('event_time="at",', 'event_time="at", expect=[expect.volume(least=1)],')
    team.declarations.write_text(text + "\nspending.expect(expect.not_null('spending__count_7d'))\n")
    found = of(team)
    assert found.sources[0].expectations == ["volume 1 or more"]
    assert found.tables[0].sets[1].expectations == ["spending__count_7d is not null"]


def test_a_label_of_decisions_names_both_tables(team):
    team.declarations.write_text(
        team.declarations.read_text()
        + """
from tillthen import Label, rate
fraud = Label("fraud", Source("claims", event_time="t", known_time="k"), "payment", days(45))


@feature_set(source=fraud.as_events(payments), entity="card")
def risk(rows):
    return rows.select("card", "fraud")


risk.features(rate("fraud").over(days(7)))
"""
    )
    assert [(one.name, one.table) for one in of(team).sources] == [
        ("payments", "payments"), ("fraud_of_payments", "payments and claims"), ("claims", "claims"),
    ]  # fmt: skip


def test_a_count_is_made_of_what_says_which_events_it_counts(team):
    text = team.declarations.read_text().replace('select("card", "amount")', 'select("card", "amount", "channel")')
    counted = 'count(by={"channel": ["pos"]}).over(days(7)), count(where="amount > 5").over(days(7)), '
    team.declarations.write_text(text.replace("spending.features(", f"spending.features({counted}"))
    made_of = {one.name: one.made_of for one in of(team).tables[0].sets[1].features}
    assert made_of["spending__count_by_channel_pos_7d"] == ["payments.channel"]
    assert made_of["spending__count_where_amount_gt_5_7d"] == ["payments.amount"]
    assert (made_of["spending__sum_amount_7d"], made_of["spending__count_7d"]) == (["payments.amount"], [])


def test_a_source_of_label_events_is_read_by_the_tables_of_its_features(team):
    team.declarations.write_text(
        team.declarations.read_text()
        + """
from tillthen import Label, rate
events = Label("fraud", Source("claims", event_time="t", known_time="k"), "payment", days(45)).as_events(payments)


@feature_set(source=events, entity="card")
def risk(events):
    return events.select("card", "fraud")


risk.features(rate("fraud").over(days(7)))
risky = FeatureTable("risky", Spine(payments, as_of="at", known=["card"]), [risk])
"""
    )
    readers = {one.name: one.read_by for one in of(team).sources}
    assert readers["fraud_of_payments"] == ["risky"]
    assert readers["claims"] == ["risky"]
