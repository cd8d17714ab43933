from __future__ import annotations

from tillthen.materialize.runs import maintain as module
from tillthen.materialize.runs.build import Wanted, build
from tillthen.runtime.config import load_config
from tillthen.tables.kept_versions import keep
from tillthen.tables.lease import Lease

LOOKING_UP = """
from tillthen import last

built = Source("built", table="cards", event_time="at", delay=days(1))


@feature_set(source=built, entity="card")
def before(built):
    return built.select("card", known="spending__count_7d")


before.features(last("known").over(days(30)))
second = FeatureTable("second", Spine(payments, as_of="at", known=["card"]), [before])
"""


def test_versions_that_a_pin_or_another_tables_build_needs_stay(spark, team, monkeypatch):
    team.declarations.write_text(team.declarations.read_text() + LOOKING_UP)
    config = load_config(team.conf)
    project, path = config.project(), f"{config.warehouse}/cards"
    build(config, project)
    for _ in range(3):
        build(config, project, ["cards"], Wanted(replace=True))
    keep(config.warehouse, {}, {path: 2}, "a model")
    asked = {}
    monkeypatch.setattr(module, "maintain_table", lambda path, _, kept, **how: asked.update({path: (kept, how)}))
    module.maintain(config, project, ["cards"])
    versions, how = asked[path]
    assert how.pop("check").__func__ is Lease.check
    assert (versions, how) == ({0, 2}, {"hours": 168, "dry_run": True})
    assert asked[f"{config.warehouse}/_ledger/cards"][0] == ()
