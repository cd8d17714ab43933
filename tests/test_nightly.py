"""What a scheduler runs, from a world that is not there yet to an audited night."""

from __future__ import annotations

import json
from pathlib import Path

from tests.materialize.nightly import business, night, warehouse
from tillthen import cli


def test_a_night_is_landed_judged_built_and_audited(spark, tmp_path, capsys):
    world = business(3, 20, seed=6)
    config = warehouse(tmp_path / "team", tmp_path / "tables")
    declared = config.root / "features" / "cards.py"
    text = declared.read_text().replace("from tillthen import", "from tillthen import expect,")
    declared.write_text(text.replace('columns={"card"', 'expect=[expect.volume(least=5)], columns={"card"'))
    conf = ("--conf", str(config.root / "conf" / "test.yaml"))
    for number in range(2):
        world.land(tmp_path / "tables", number)
    assert cli.main(["run", "nightly", "--date", str(night(0)), *conf]) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[1].split(",")[0] for line in out[:2]] == [str(night(0))] * 2
    status = json.loads((config.records / "status.json").read_text())
    assert (status["command"], status["state"]) == ("nightly", "succeeded")
    assert [one["table"] for one in status["results"]["built"]] == ["cards", "card_days"]
    assert json.loads(Path(status["results"]["audit"]).read_text())["tables"]

    assert cli.main(["run", "nightly", "--date", str(night(0)), *conf]) == 0
    assert capsys.readouterr().out.splitlines() == ["cards: nothing to do.", "card_days: nothing to do."]
    assert cli.main(["run", "nightly", "--date", str(night(2)), *conf]) == 4
    assert "has not arrived" in capsys.readouterr().err
    world.land(tmp_path / "tables", 2)
    assert cli.main(["run", "nightly", "--date", str(night(2)), "--rows", "0", *conf]) == 0
    gap = f"cards: {night(1)} do not stand. Run 'tillthen backfill cards --from {night(1)} --to {night(1)}'."
    assert gap in capsys.readouterr().err


def test_a_world_that_is_not_there_is_simulated_first(spark, team, capsys):
    features = team.root / "features" / "made.py"
    features.write_text(
        "from tillthen import FeatureTable, Source, Spine, count, days, feature_set\n"
        'payments = Source("authorizations", id="authorization_id", event_time="authorized_at", '
        'known_time="ingested_at")\n'
        '@feature_set(source=payments, entity="card_id")\ndef pays(rows):\n    return rows.select("card_id")\n'
        'pays.features(count().over(days(7)))\ntable = FeatureTable("made", Spine(payments, "authorized_at", '
        '["card_id"]), [pays])\n'
    )
    team.conf.write_text("{features: [features/made.py], warehouse: wh, simulate: {cards: 20, days: 5, seed: 1}}")
    assert cli.main(["run", "nightly", "--date", "2025-01-04", "--conf", str(team.conf)]) == 0
    assert "made: 2025-01-04" in capsys.readouterr().out
