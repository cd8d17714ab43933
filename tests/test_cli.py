from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tillthen import cli
from tillthen.cli import steps

ROOT = Path(__file__).parents[1]


def run(*arguments, code):
    assert cli.main([str(argument) for argument in arguments]) == code


def status(team):
    return json.loads((team.root / "wh" / "status.json").read_text())


def commands(group, path=""):
    for name, command in group.commands.items():
        yield f"{path} {name}".strip()
        yield from commands(command, name) if isinstance(command, click.Group) else ()


@pytest.mark.parametrize("command", ["", *commands(cli.commands)])
def test_help_needs_neither_configuration_nor_spark(command, tmp_path):
    code = (
        f"import sys; from tillthen import cli; assert cli.main({[*command.split(), '--help']}) == 0\n"
        "assert not {'pyspark', 'pydantic', 'pandas'} & sys.modules.keys()"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("Usage: tillthen")


def without_spark(team, command):
    code = (
        f"import sys; from tillthen import cli; assert cli.main([{command!r}, '--conf', {str(team.conf)!r}]) == 0\n"
        "assert 'pyspark' not in sys.modules"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def test_the_catalogue_needs_no_spark(team):
    assert Path(without_spark(team, "catalog").strip()) == team.root / "wh" / "catalog" / "catalog.html"


def test_a_plan_needs_no_spark(team):
    assert without_spark(team, "plan").splitlines()[0] == "cards: stands for nothing"


@pytest.mark.parametrize(
    "arguments",
    [
        ["bild"],
        ["build", "--nope"],
        ["conformance"],
        ["train", "b", "m", "--cutoff", "x"],
        ["audit", "--rows", "0"],
        ["explain"],
    ],
)
def test_wrong_usage_is_2(arguments, capsys):
    run(*arguments, code=2)
    assert "Usage: tillthen" in capsys.readouterr().err


def test_a_missing_configuration_is_3_in_one_line(tmp_path, capsys):
    run("build", "--conf", tmp_path / "none.yaml", code=3)
    assert capsys.readouterr().err == f"{tmp_path}/none.yaml: no such configuration. Give --conf FILE. None is known.\n"


def test_a_build_ends_with_its_tables_and_a_status(spark, team, capsys):
    run("build", "--conf", team.conf, code=0)
    assert capsys.readouterr().out == f"{team.root}/wh/cards: all days, 3 rows, version 0 (new)\n"
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
    run("check", "--conf", team.conf, "--set", f"tables.payments.path={team.root}/none", code=3)
    assert f"Table 'payments': there is nothing at {team.root}/none" in capsys.readouterr().err
    team.pay([{"payment": 1, "kard": "a", "at": None, "amount": 1}])
    run("check", "--conf", team.conf, code=4)
    told = capsys.readouterr()
    assert "lacks 'card'. Did you mean 'kard'?" in told.err
    assert "hold" not in told.out


def test_report_without_facts_is_2(team, capsys):
    run("report", "--conf", team.conf, code=2)
    assert "Run 'tillthen backtest' first." in capsys.readouterr().err


def test_reports_can_be_compared_and_listed_without_spark(team, capsys):
    folder = team.root / "wh" / "backtests" / "one"
    folder.mkdir(parents=True)
    (folder / "facts.json").write_text('{"format": "tillthen-facts/1"}')
    run("report", "--conf", team.conf, code=0)
    assert capsys.readouterr().out == f"{folder}/report.html\n"
    assert {"history", "summary.md"} <= {path.name for path in folder.iterdir()}
    (folder.parent / "index.html").unlink()
    for index in (["--index"], ["--index", folder.parent]):
        run("report", "--conf", team.conf, *index, code=0)
        assert capsys.readouterr().out == f"{folder.parent}/index.html\n"
    run("report", "--conf", team.conf, "--compare", folder, folder, "--out", team.root / "two.html", code=0)
    assert capsys.readouterr().out == f"{team.root}/two.html\n"
    run("report", "--conf", team.conf, "--compare", folder, team.root / "none.json", code=2)
    assert "none.json: expected a facts.json" in capsys.readouterr().err


@pytest.mark.parametrize("job", sorted((ROOT / "jobs").glob("*.py")), ids=lambda path: path.stem)
def test_a_job_is_its_command(job, capsys):
    assert runpy.run_path(str(job))["main"](["--help"]) == 0
    command = {"build_features": "build", "nightly": "run nightly"}.get(job.stem, job.stem)
    assert capsys.readouterr().out.startswith(f"Usage: tillthen {command} ")


def test_steps_that_are_to_be_done_run_in_order_and_are_done_then(tmp_path, capsys):
    for step, arguments in (("one", "check --help"), ("two", "plan --help"), ("bad", "plan --nothing")):
        (tmp_path / f"{step}.due").write_text(arguments)
    assert steps.main([str(tmp_path), "absent", "two", "one"]) == 0
    assert re.findall(r"Usage: tillthen (\w+)", capsys.readouterr().out) == ["plan", "check"]
    assert steps.main([str(tmp_path), "bad"]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.due", "one", "two"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["spending__count_7d", "--key", "a"], 2, "A value: expected both --key and --at, got --key."),
        (["spending__count_7d", "--key", "a", "--at", "2024-01-01"], 2, "--at: expected a time with a zone"),
        (["spending__count_7d", "--key", "kard=a", "--key", "b", "--at", "2024-01-01T00:00Z"], 2,
         "The key: expected --key card=VALUE, got --key kard=a --key b."),
        (["spending__count_8d"], 3, "declares no feature 'spending__count_8d'. Did you mean 'spending__count_7d'?"),
        (["large"], 3, "'large' is amount > 100, of the own columns of a row of 'cards'. It has no window"),
    ],
)  # fmt: skip
def test_explain_refuses_what_is_no_feature_key_or_time(team, capsys, arguments, code, said):
    run("explain", "--conf", team.conf, *arguments, code=code)
    assert said in capsys.readouterr().err
