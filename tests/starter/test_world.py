"""A new project's own test goes through, in a process of its own as its Makefile starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tillthen.starter.project import create

ROOT = Path(__file__).parents[2]


def own_test(project: Path) -> subprocess.CompletedProcess[str]:
    """What `make test` runs in a project, with this tillthen and these jars."""
    given = os.environ | {"PYTHONPATH": str(ROOT), "TILLTHEN_JARS": str(ROOT / ".jars")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "tests"]
    return subprocess.run(command, cwd=project, env=given, capture_output=True, text=True, check=False)


def test_a_simulated_business_goes_from_payments_to_a_report(tmp_path):
    create(tmp_path / "acme")
    ran = own_test(tmp_path / "acme")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "5 passed" in ran.stdout


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_piece_of_the_data_is_built_and_audited(tmp_path, ending):
    first = datetime(2024, 3, 30, 23, tzinfo=UTC)
    rows = pa.Table.from_pylist(
        [{"no": f"p{i:04}", "at": first + timedelta(minutes=13 * i), "till {id}": i % 30, "total [GBP]": i % 97 + 0.25}
         for i in range(900)]
    )  # fmt: skip
    data = tmp_path / f"sales.{ending}"
    if ending == "csv":
        lines = [f"{no},{at.isoformat()},{till:02},{total}"
                 for no, at, till, total in zip(*rows.to_pydict().values(), strict=True)]  # fmt: skip
        data.write_text("\n".join(["no,at,till {id},total [GBP]", *lines, ""]))
    else:
        pq.write_table(rows, data)
    create(tmp_path / "shop", data)
    assert "total_GBP" in (tmp_path / "shop" / "features" / "sales.py").read_text()
    ran = own_test(tmp_path / "shop")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "3 passed" in ran.stdout
