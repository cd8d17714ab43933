"""A project of one's own: what is made, and what is refused."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from deltalake import write_deltalake

from tillthen import cli
from tillthen.cli import commands
from tillthen.runtime.config import load_config

START = datetime(2024, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def init(*arguments):
    return CliRunner().invoke(commands, ["init", *map(str, arguments)])


@pytest.fixture
def data(tmp_path):
    """Sixty days of payments of forty cards, one in twenty a fraud."""
    rows = [
        {"id": i, "paid_at": START + timedelta(hours=i), "card": f"c{i % 40}", "3D amount": (i % 900) / 100 + 1,
         "is_fraud": i % 20 == 0}
        for i in range(24 * 60)
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "my payments.parquet")
    return tmp_path / "my payments.parquet"


@pytest.fixture
def business(tmp_path):
    assert init(tmp_path / "acme").exit_code == 0
    return tmp_path / "acme"


@pytest.fixture
def around(tmp_path, data):
    made = init(tmp_path / "acme", "--from", data)
    assert (made.exit_code, made.output.count("\n")) == (0, 2)
    return tmp_path / "acme"


def fill_in(project):
    """What only the team can know."""
    (file,) = (project / "backtests").glob("*.py")
    text = file.read_text()
    for name, value in (("currency", '"USD"'), ("margin", "0.02"), ("chargeback_fee", "20")):
        assert f"{name}=...," in text
        text = text.replace(f"{name}=...,", f"{name}={value},")
    file.write_text(text)


@pytest.mark.parametrize("project", ["business", "around"])
def test_its_python_is_formatted_and_its_make_targets_exist(project, request):
    folder = request.getfixturevalue(project)
    for file in folder.rglob("*.py"):
        ast.parse(file.read_text(), str(file))
    checked = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--line-length=120",
        "--select",
        "E4,E7,E9,F,I",
        ".",
    ]
    assert (
        subprocess.run(checked, cwd=folder, check=False, capture_output=True, text=True).stdout
        == "All checks passed!\n"
    )
    for target in ("setup", "demo", "check", "test", "night"):
        ran = subprocess.run(["make", "-n", target], cwd=folder, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")


def test_around_data_money_is_asked_for_and_then_the_definitions_hold(around, capsys):
    conf = str(around / "conf" / "local.yaml")
    assert cli.main(["check", "--conf", conf]) == 3
    told = capsys.readouterr().err
    for name in ("currency", "margin", "chargeback_fee"):
        assert name in told
    assert "Traceback" not in told
    fill_in(around)
    project = load_config(conf).project()
    (backtest,) = project.backtests.values()
    assert (backtest.card, backtest.costs.unit, backtest.label.positive) == ("card", "major", "is_fraud")
    assert backtest.table.row_features == ("_3D_amount",)
    assert load_config(conf).tables["my_payments"].rename == {"3D amount": "_3D_amount"}


def test_amounts_in_two_currencies_are_neither_a_feature_nor_a_cost_until_they_are_converted(tmp_path, data, capsys):
    """Yen and dollars side by side: declared as such, so that costs that read them are refused."""
    table = pq.read_table(data)
    codes = pa.array([("USD", "JPY")[i % 2] for i in range(len(table))])
    pq.write_table(table.append_column("ccy", codes), data)
    assert init(tmp_path / "acme", "--from", data).exit_code == 0
    (file,) = (tmp_path / "acme" / "backtests").glob("*.py")
    text = file.read_text()
    assert "...,  # the amount at stake, converted from JPY, USD" in text
    file.write_text(
        text.replace("...,  # the amount", '"_3D_amount",  # the amount').replace("unit=...", 'unit="minor"')
    )
    fill_in(tmp_path / "acme")
    conf = str(tmp_path / "acme" / "conf" / "local.yaml")
    assert cli.main(["check", "--conf", conf]) == 3
    assert "costs 'amount' reads '_3D_amount', amounts in several currencies" in capsys.readouterr().err
    file.unlink()
    (around,) = load_config(conf, ["backtests=[]"]).project().tables.values()
    assert around.row_features == ()
    assert around.spine.source.money["_3D_amount"].by == "ccy"


@pytest.mark.parametrize(
    ("name", "told"),
    [("full", "there is something already"), ("1st", "expected letters, digits"), ("file", "something already")],
)
def test_nothing_is_made_in_place_of_something(tmp_path, name, told):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    (tmp_path / "file").touch()
    before = sorted(tmp_path.rglob("*"))
    assert cli.main(["init", str(tmp_path / name)]) == 2
    assert told in str(init(tmp_path / name).exception)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_table_that_cannot_be_read_leaves_nothing(tmp_path):
    assert cli.main(["init", str(tmp_path / "acme"), "--from", str(tmp_path / "gone.parquet")]) == 3
    assert list(tmp_path.iterdir()) == []


def test_its_notebook_reads_what_was_built(spark, business, monkeypatch):
    built = pa.table({"authorization_id": [1, 2], "card__count_24h": [0, 1]})
    write_deltalake(business / "warehouse" / "local" / "card_features", built)
    monkeypatch.chdir(business / "notebooks")
    names: dict[str, object] = {}
    exec((business / "notebooks" / "explore.py").read_text(), names)
    assert names["features"].count() == 2
