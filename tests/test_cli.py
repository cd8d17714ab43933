from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tillthen import cli

ROOT = Path(__file__).parents[1]


def run(*arguments, code):
    assert cli.main([str(argument) for argument in arguments]) == code


def status(team):
    return json.loads((team.root / "wh" / "status.json").read_text())


@pytest.mark.parametrize("command", ["", "simulate", "check", "build", "train", "backtest", "report", "conformance"])
def test_help_needs_neither_configuration_nor_spark(command, tmp_path):
    code = (
        f"import sys; from tillthen import cli; assert cli.main({[*command.split(), '--help']}) == 0\n"
        "assert not {'pyspark', 'pydantic', 'pandas'} & sys.modules.keys()"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("Usage: tillthen")


@pytest.mark.parametrize(
    "arguments", [["bild"], ["build", "--nope"], ["conformance"], ["train", "b", "m", "--cutoff", "x"]]
)
def test_wrong_usage_is_2(arguments, capsys):
    run(*arguments, code=2)
    assert "Usage: tillthen" in capsys.readouterr().err


def test_a_missing_configuration_is_3_in_one_line(tmp_path, capsys):
    run("build", "--conf", tmp_path / "none.yaml", code=3)
    assert capsys.readouterr().err == f"{tmp_path}/none.yaml: no such configuration. Give --conf FILE. None is known.\n"


def test_a_build_ends_with_its_tables_and_a_status(spark, team, capsys):
    run("build", "--conf", team.conf, code=0)
    assert capsys.readouterr().out == f"{team.root}/wh/cards: 3 rows, version 0\n"
    kept = status(team)
    assert (kept["command"], kept["state"], kept["exit_code"]) == ("build", "succeeded", 0)
    assert [(built["table"], built["rows"]) for built in kept["results"]] == [("cards", 3)]


def test_all_faults_of_the_definitions_are_3_and_in_the_status(team, capsys):
    text = team.declarations.read_text()
    team.declarations.write_text(text.replace("days(7)", "days(-7)", 1).replace('"amount > 100"', '"amont > 100"'))
    run("build", "--conf", team.conf, code=3)
    error = capsys.readouterr().err
    assert "A window's length: expected a positive duration" in error
    assert "Did you mean 'amount'?" in error
    assert (status(team)["state"], status(team)["exit_code"]) == ("failed", 3)


def test_data_that_breaks_its_contract_is_4(spark, team, capsys):
    team.pay([{"payment": 1, "card": "a", "at": "yesterday", "amount": 50}])
    run("build", "--conf", team.conf, code=4)
    assert "time 'at'" in capsys.readouterr().err
    assert status(team)["exit_code"] == 4


def test_an_unwritable_warehouse_is_3_before_the_project_is_loaded(team, capsys):
    team.declarations.write_text("1 +")
    (team.root / "file").touch()
    run("build", "--conf", team.conf, "--set", f"warehouse={team.root}/file/wh", code=3)
    assert "cannot be written: Not a directory" in capsys.readouterr().err


def test_a_bug_is_1_with_its_traceback(team, monkeypatch, capsys):
    monkeypatch.setattr("tillthen.runtime.config.Config.project", lambda self: 1 / 0)
    run("build", "--conf", team.conf, code=1)
    assert "Traceback" in capsys.readouterr().err
    assert (status(team)["exit_code"], status(team)["error"]) == (1, "division by zero")


def test_check_compares_declarations_with_tables(spark, team, capsys):
    run("check", "--conf", team.conf, code=0)
    assert capsys.readouterr().out == "1 feature table, 0 backtests: the definitions hold.\n"
    run("check", "--conf", team.conf, "--set", f"tables.payments.path={team.root}/none", code=0)
    assert "Not compared: Table 'payments'" in capsys.readouterr().out
    team.pay([{"payment": 1, "kard": "a", "at": None, "amount": 1}])
    run("check", "--conf", team.conf, code=4)
    assert "lacks 'card'. Did you mean 'kard'?" in capsys.readouterr().err


def test_report_without_facts_is_2(team, capsys):
    run("report", "--conf", team.conf, code=2)
    assert "Run 'tillthen backtest' first." in capsys.readouterr().err


@pytest.mark.parametrize("job", sorted((ROOT / "jobs").glob("*.py")), ids=lambda path: path.stem)
def test_a_job_is_its_command(job, capsys):
    assert runpy.run_path(str(job))["main"](["--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: tillthen {job.stem.removesuffix('_features')} ")
