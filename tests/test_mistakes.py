"""Mistakes on the command line: a line that says what, where and how to mend it, and an exit code that says whose."""

from __future__ import annotations

import pytest

from tillthen import cli


def told(capsys, *arguments, code):
    assert cli.main([str(argument) for argument in arguments]) == code
    error = capsys.readouterr().err
    assert "Traceback" not in error
    return error


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (
            "explain spending__count_8d",
            3,
            "no feature 'spending__count_8d'. Did you mean 'spending__count_7d'?",
        ),
        ("explain spending__count_7d --key a", 2, "A value: expected both --key and --at, got --key."),
        (
            "explain spending__count_7d --row 5",
            2,
            "--row and --tie are of a value: expected --key and --at beside them",
        ),
        ("explain spending__count_7d --key a --at 2024-01-01", 2, "--at: expected a time with a zone"),
        ("explain spending__count_7d --key crad=a --key b --at 2024-01-01T00:00:00Z", 2, "expected --key card=VALUE"),
        ("build crads", 3, "The project declares no feature table 'crads'. Did you mean 'cards'?"),
        ("build --date 2024-13-01", 2, "A day: expected one such as 2024-01-31, got '2024-13-01'."),
        (
            "backfill --from 2024-02-01 --to 2024-01-01",
            2,
            "no earlier than it starts, got 2024-02-01 to 2024-01-01",
        ),
        ("plan nope", 3, "no feature table 'nope'"),
        ("restate nope", 3, "no feature table 'nope'"),
        ("maintain nope", 3, "no feature table 'nope'"),
        ("quarantine nope", 3, "no feature table 'nope'"),
        ("audit nope", 3, "no feature table 'nope'"),
        ("train nope model --cutoff 2024-01-01", 3, "no backtest 'nope'"),
        ("backtest nope", 3, "no backtest 'nope'"),
        ("promote nope", 3, "no backtest 'nope'"),
        ("ingest", 3, "names no tables of databases to land. Declare them under 'databases:'."),
        ("ingest nope", 3, "names no tables of databases"),
        ("simulate", 3, "describes no world to simulate. Add for example simulate: {days: 60, cards: 500}."),
        ("report nowhere", 2, "report nowhere: expected a facts.json, or a folder that holds one, got nothing there."),
        ("report --compare nowhere elsewhere", 2, "report nowhere: expected a facts.json"),
        ("report", 2, "There are no facts.json in"),
        ("run nightly --date 2024-99-01", 2, "A day: expected one such as 2024-01-31, got '2024-99-01'."),
    ],
)
def test_a_wrong_argument_is_one_line(team, capsys, arguments, code, line):
    error = told(capsys, *arguments.split(), "--conf", team.conf, code=code)
    assert line in error
    assert error.count("\n") == 1


def test_a_report_that_is_not_there_names_the_nearest(team, capsys):
    folder = team.root / "wh" / "backtests" / "card_fraud"
    folder.mkdir(parents=True)
    (folder / "facts.json").write_text("{}")
    wrong = folder.with_name("card_frod")
    assert f"Did you mean '{folder}'?" in told(capsys, "report", wrong, "--conf", team.conf, code=2)
    wrong.mkdir()
    assert "got a folder without. Did you mean" in told(capsys, "report", wrong, "--conf", team.conf, code=2)


GOOD = "features: [features/cards.py]\nwarehouse: wh\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [", "is not YAML: while parsing a flow node expected the node content"),
        ("- a", "expected keys and values, got list."),
        ("5", "expected keys and values, got int."),
        (GOOD + "warehose: x", "'warehose' is not a setting. Did you mean 'warehouse'?"),
        (GOOD + "warehouse: y", "is not YAML: the key 'warehouse' is given twice in line 3, column 1"),
        (GOOD + "tables: {a: {path: x, path: y}}", "the key 'path' is given twice"),
        (GOOD + "tables: {a: 5}", "'tables.a': expected a mapping, got 5."),
        (GOOD + "tables: {a: {pth: x}}", "'tables.a.pth' is not a setting. Did you mean 'path'?"),
        (GOOD + "tables: {a: {format: orc, path: x}}", "'tables.a.format': expected 'delta', 'parquet' or 'csv', got"),
        (GOOD + "spark: 5", "'spark': expected a mapping, got 5."),
        (GOOD + "lease_seconds: 0", "'lease_seconds': expected greater than 0, got 0."),
        ("features: [nope.py]", "nope.py: no such file in"),
        ("features: [conf/wrong.yaml]", "conf/wrong.yaml: expected a .py file below"),
        ("features: [../outside.py]", "../outside.py: expected a .py file below"),
        ("features: x", "'features': expected a valid list, got 'x'."),
    ],
)
def test_a_wrong_configuration_is_told_by_its_place(team, capsys, text, line):
    (team.root.parent / "outside.py").write_text("")
    conf = team.conf.with_name("wrong.yaml")
    conf.write_text(text)
    assert line in told(capsys, "plan", "--conf", conf, code=3)


def test_cases_that_cannot_be_read_are_wrong_usage(spark, capsys):
    assert "nowhere.json cannot be read" in told(capsys, "conformance", "nowhere.json", code=2)
