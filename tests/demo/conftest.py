"""The demo on a small world, made by the commands that the documentation lists, once for all that read it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc
import pytest
import yaml
from deltalake import DeltaTable

from tillthen import cli

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```bash\n(.*?)```", (ROOT / "docs" / "reference" / "commands.md").read_text(), flags=re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.startswith("tillthen ")]
SMALL = {"cards": 250, "merchants": 60, "issuers": 6, "fraud": 8, "late": 0.02}


@dataclass(frozen=True)
class Demo:
    """A small world's configuration, its warehouse, and the exit code of each of the listed commands."""

    conf: Path
    warehouse: Path
    ended: dict[str, int]


@pytest.fixture(scope="session")
def demo(spark, tmp_path_factory) -> Demo:
    """Every command in its order: each goes on with what those before it left."""
    root = tmp_path_factory.mktemp("demo")
    given = yaml.safe_load((ROOT / "conf" / "local.yaml").read_text())
    conf, warehouse = root / "local.yaml", root / "warehouse"
    simulated = {**given["simulate"], **SMALL}
    conf.write_text(yaml.safe_dump({**given, "root": str(ROOT), "warehouse": str(warehouse), "simulate": simulated}))
    ended = {}
    for command in COMMANDS:
        card = _card(warehouse) if "CARD" in command else ""
        _, *arguments = command.replace("conf/local.yaml", str(conf)).replace("CARD", card).split()
        where = [] if "--conf" in arguments else ["--conf", str(conf)]
        ended[command] = cli.main([*arguments, *where])
    return Demo(conf, warehouse, ended)


def _card(warehouse: Path) -> str:
    """Some card of the simulated payments."""
    cards = DeltaTable(warehouse / "authorizations").to_pyarrow_dataset().head(1, columns=["card_id"])["card_id"]
    return str(pc.min(cards).as_py())
