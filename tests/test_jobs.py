"""Every command of the README's jobs, in its order, on the demo's declarations and a small world."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from tillthen import cli

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.startswith("tillthen ")]
SMALL = ("simulate.cards=250", "simulate.merchants=60", "simulate.issuers=6", "simulate.fraud=8")


def test_each_goes_on_with_what_those_before_it_left(spark, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    warehouse = tmp_path / "warehouse"
    settings = [part for setting in (f"warehouse={warehouse}", *SMALL) for part in ("--set", setting)]
    assert len(COMMANDS) > 10
    for command in COMMANDS:
        _, *arguments = command.replace("CARD", _card(warehouse)).split()
        where = [] if "--conf" in arguments else ["--conf", "conf/local.yaml"]
        assert cli.main([*arguments, *where, *settings]) == 0, (command, capsys.readouterr().err)
    facts = json.loads((warehouse / "backtests" / "card_fraud" / "facts.json").read_text())
    assert sum(1 for _ in facts) > 5
    assert (warehouse / "backtests" / "card_fraud" / "report.html").stat().st_size > 100_000


def _card(warehouse: Path) -> str:
    """Some card of the simulated payments, once there are any."""
    files = sorted(warehouse.glob("authorizations/**/*.parquet"))
    return str(pc.min(pq.read_table(files[0], columns=["card_id"])["card_id"])) if files else "CARD"
