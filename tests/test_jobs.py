"""Every command of the README's jobs, in its order, on the demo's declarations and a small world."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tillthen import cli

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.startswith("tillthen ")]
SMALL = ("simulate.cards=250", "simulate.merchants=60", "simulate.issuers=6", "simulate.fraud=8")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    return tmp_path_factory.mktemp("jobs") / "warehouse"


@pytest.mark.parametrize("command", COMMANDS)
def test_it_ends_well(spark, warehouse, command, monkeypatch, capsys):
    """Each goes on with what those before it left."""
    monkeypatch.chdir(ROOT)
    _, *arguments = command.replace("CARD", _card(warehouse)).split()
    if "--conf" not in arguments:
        arguments += ["--conf", "conf/local.yaml"]
    for setting in (f"warehouse={warehouse}", *SMALL):
        arguments += ["--set", setting]
    assert cli.main(arguments) == 0, capsys.readouterr().err
    status = json.loads((warehouse / "status.json").read_text())
    assert (status["command"], status["state"]) == (arguments[0], "succeeded")


def test_what_they_leave_is_a_report_on_every_payment_of_the_table(warehouse):
    (folder,) = (warehouse / "backtests").glob("card_fraud*")
    facts = json.loads((folder / "facts.json").read_text())
    assert facts["format"].startswith("tillthen-facts/")
    assert (folder / "report.html").stat().st_size > 100_000


def _card(warehouse: Path) -> str:
    """Some card of the simulated payments, once there are any."""
    files = sorted(warehouse.glob("authorizations/**/*.parquet"))
    return str(pc.min(pq.read_table(files[0], columns=["card_id"])["card_id"])) if files else "CARD"
