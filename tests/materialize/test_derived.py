"""A set whose derived columns read the spine, from the command line to the night."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from tillthen import cli
from tillthen.materialize.description.origins import Origin, origins
from tillthen.runtime.config import load_config

DERIVED = """
spending.features(mean("amount").over(days(30)), stddev("amount").over(days(30)))
spending.derive(unusual=zscore("amount", "spending__mean_amount_30d", "spending__stddev_amount_30d"))
"""


HISTORY = [(datetime(2024, 1, day, 10, tzinfo=UTC), amount) for day, amount in ((1, 10), (2, 20), (3, 30), (4, 50))]


@pytest.fixture
def unusual(team):
    """The team's table with a z-score of the payment's own amount."""
    text = team.declarations.read_text().replace("feature_set, sum", "feature_set, mean, stddev, sum, zscore")
    before, after = text.split("cards = FeatureTable")
    team.declarations.write_text(f"{before}{DERIVED}\ncards = FeatureTable{after}")
    team.pay([{"payment": i, "card": "a", "at": at, "amount": amount} for i, (at, amount) in enumerate(HISTORY)])
    return team


def run(team, *arguments, code=0):
    assert cli.main([*arguments, "--conf", str(team.conf)]) == code


def test_every_command_takes_it(spark, unusual, capsys):
    run(unusual, "check")
    run(unusual, "run", "nightly", "--date", "2024-01-03")
    run(unusual, "build")
    run(unusual, "audit")
    audited = json.loads((unusual.root / "wh" / "status.json").read_text())
    assert audited["state"] == "succeeded"
    run(unusual, "catalog")
    capsys.readouterr()
    run(unusual, "explain", "spending__mean_amount_30d", "--key", "a", "--at", "2024-01-04T10:00:00Z")
    assert "value         20.0" in capsys.readouterr().out
    built = spark.read.format("delta").load(f"{unusual.root}/wh/cards").orderBy("payment")
    assert [row.unusual for row in built.collect()] == [None, None, (30 - 15) / 50**0.5, (50 - 20) / 10.0]


def test_it_is_made_of_the_row_and_of_the_history(unusual):
    table = load_config(unusual.conf).project().table("cards")
    found = origins(table)["unusual"]
    assert Origin("payments", "amount", "TRANSFORMATION") in found
    assert Origin("payments", "amount", "AGGREGATION") in found


def test_to_explain_it_is_to_explain_what_it_is_made_of(unusual, capsys):
    run(unusual, "explain", "unusual", code=3)
    said = capsys.readouterr().err
    assert "Explain what it is made of: " in said
    assert {"spending__mean_amount_30d", "spending__stddev_amount_30d"} <= set(re.findall(r"\w+", said.split(": ")[1]))
