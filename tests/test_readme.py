"""What the README says is run here."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.demo.conftest import COMMANDS
from tillthen import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def commands(prefix):
    return [line for block in blocks("bash") for line in block.splitlines() if line.startswith(prefix)]


def at(hour):
    return datetime(2024, 1, 1, hour, tzinfo=UTC)


def test_its_python_runs_and_says_what_it_promises(spark):
    authorizations = spark.createDataFrame(
        [("p1", "a", 500, "m1", "GB", at(1), at(1)), ("p2", "a", 700, "m2", "FR", at(2), at(5))],
        "authorization_id string, card_id string, amount_minor bigint, merchant_id string, merchant_country string, "
        "authorized_at timestamp, ingested_at timestamp",
    )
    spine = spark.createDataFrame([("a", at(3)), ("a", at(6))], "card_id string, as_of timestamp")
    names = {"spine": spine, "authorizations_frame": authorizations}
    for block in blocks("python"):
        exec(block, names)  # the README is ours
    rows = names["features"].orderBy("as_of").collect()
    assert [row["card_spend__count_24h"] for row in rows] == [1, 2]  # the second payment became known at 5
    assert [row["card_spend__mean_amount_minor_30d"] for row in rows] == [500.0, 600.0]
    assert [row["card_spend__abroad_7d"] for row in rows] == [0, 1]
    assert "card_spend__count_1h" in names["features"].columns
    assert names["backtest"].champion == "champion"


def test_its_commands_are_the_steps_of_the_demo():
    steps = [command.split()[1] for command in commands("tillthen ")]
    demo = subprocess.run(["make", "-Bn", "demo"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"simulate", "build", "backtest"} <= set(steps)
    for step in ("simulate", "build", "backtest"):
        assert f"echo {step}" in demo


def test_its_commands_are_run(tmp_path, monkeypatch):
    """Those that make a project here, the others by the tests of the demo."""
    monkeypatch.chdir(tmp_path)
    pq.write_table(pa.table({"payment": [1, 2], "paid_at": [at(1), at(2)], "card": ["a", "b"]}), "payments.parquet")
    made = [command for command in commands("tillthen ") if command.startswith("tillthen init ")]
    assert set(commands("tillthen ")) - set(made) <= set(COMMANDS)
    assert [cli.main(command.split()[1:]) for command in made] == [0, 0]


@pytest.mark.parametrize("target", [line.split()[1] for line in commands("make ")])
def test_its_make_targets_exist(target):
    assert subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True).returncode == 0


def test_its_jobs_are_entries_for_spark_submit():
    (job,) = re.findall(r"jobs/\w+\.py", README)
    submit = Path(sys.executable).with_name("spark-submit")
    found_by = os.environ | {"PYSPARK_PYTHON": sys.executable}  # spark-submit asks it where Spark is
    done = subprocess.run([submit, job, "--help"], cwd=ROOT, capture_output=True, text=True, check=True, env=found_by)
    assert "Bring feature tables" in done.stdout


def test_its_files_exist():
    for file in re.findall(r"(?:conf|jobs|docs)/[\w./-]+\.\w+|[A-Z]+\.md", README):
        assert (ROOT / file).exists(), file
    (section,) = re.findall(r"^## Notebooks\n(.*?)^## ", README, flags=re.DOTALL | re.MULTILINE)
    named = set(re.findall(r"`(\w+\.py)`", section))
    assert named == {path.name for path in (ROOT / "notebooks").glob("*.py")}
