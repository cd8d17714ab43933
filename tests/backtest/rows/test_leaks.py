from __future__ import annotations

import pytest

from tillthen import cli

BACKTEST = """
from tillthen import Backtest, Costs, Folds, Label, Model

tests = Backtest("tests", table=cards, label=Label("bad", payments, "payment", days(1)),
                 folds=Folds("2024-01-01", train=days(1), test=days(1)), models=[Model("m")],
                 costs=Costs("amount", unit="minor", currency="EUR", margin=1))
"""


@pytest.mark.parametrize("command", [["train", "tests", "m", "--cutoff", "2024-01-03"], ["backtest"]])
def test_nothing_trains_on_a_table_that_looks_ahead(team, capsys, command):
    text = team.declarations.read_text().replace("FeatureTable,", "FeatureTable, leak,", 1) + BACKTEST
    team.declarations.write_text(text.replace("count().over(days(7))", "count().over(leak(days(7)))"))
    assert cli.main([command[0], "--conf", str(team.conf), *command[1:]]) == 3
    assert capsys.readouterr().err == (
        "Backtest 'tests': table 'cards' looks ahead in 'spending__count_LEAK_7d'. "
        "Remove leak(...) from the features: it is for tests and debugging.\n"
    )
