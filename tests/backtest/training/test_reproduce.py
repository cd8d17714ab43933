"""A model is trained again from its pins after late data, corrections, a year and a vacuum: the same bytes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from tests.backtest.conftest import payments
from tillthen import cli
from tillthen.backtest.training.for_use import train
from tillthen.backtest.training.pins import hashes
from tillthen.backtest.training.reproduce import train_again
from tillthen.define.faults.errors import DefinitionError
from tillthen.learn.fitted import load
from tillthen.materialize.runs import maintain as maintenance
from tillthen.materialize.runs.build import Wanted, build
from tillthen.materialize.runs.restate import restate
from tillthen.runtime.config import load_config
from tillthen.tables.retention import maintain as maintain_table

CUTOFF = datetime(2024, 2, 1, tzinfo=UTC)
MODELS = ("line", "trees")
DECLARED = """
from tillthen import (
    Backtest, Costs, FeatureTable, Folds, Label, Model, Source, Spine, Unobserved, count, days, feature_set,
)

payments = Source("payments", id="payment", event_time="at")
outcomes = Source("outcomes", id="payment", event_time="at", known_time="reported")
declines = Source("declines", table="outcomes", id="payment", event_time="at")


@feature_set(source=payments, entity="card", closed="right")
def cards(payments):
    return payments.select("card")


cards.features(count().over(days(1)))
table = FeatureTable("cards", Spine(payments, as_of="at", known=["card", "amount", "signal"]), [cards],
                     row_features=["amount", "signal"])
small = Backtest(
    "small", table=table, costs=Costs("amount", unit="minor", currency="EUR", margin=1),
    folds=Folds("2024-01-01", days(12), days(12), days(3), days(5), mode="expanding"),
    label=Label("fraud", outcomes, "payment", days(3), "fraud = 1", Unobserved(declines, "amount > 19000")),
    models=[Model("line", "logistic_regression", calibration="sigmoid"),
            Model("trees", parameters={"n_estimators": 30}, early_stopping=5, negatives_kept=0.5)],
)
"""


class World:
    """A project on payments in Delta and outcomes in Parquet, which has no versions."""

    def __init__(self, root: Path) -> None:
        self.root, self.conf = root, root / "conf" / "small.yaml"
        self.sold = payments()[lambda rows: rows["at"] < "2024-02-20"]
        for folder in ("conf", "features"):
            (root / folder).mkdir()
        (root / "features" / "small.py").write_text(DECLARED)
        self.conf.write_text("features: [features/small.py]\nwarehouse: warehouse\n"
                             "tables: {outcomes: {format: parquet, path: outcomes.parquet}}")  # fmt: skip
        self.config = load_config(self.conf)
        self.project = self.config.project()

    def land(self, rows: pd.DataFrame, mode: str = "overwrite") -> None:
        write_deltalake(str(self.root / "warehouse" / "payments"), pa.Table.from_pandas(rows, preserve_index=False),
                        mode=mode)  # fmt: skip

    def tell(self, rows: pd.DataFrame) -> None:
        rows.to_parquet(self.root / "outcomes.parquet")

    def model(self, name: str) -> Path:
        return self.config.records / "models" / "small" / name / "20240201T000000Z"

    def again(self, name: str, *more: str) -> int:
        return cli.main(["train", "small", name, "--cutoff", "2024-02-01", "--again", "--conf", str(self.conf), *more])

    @contextmanager
    def other_pins(self, **changes: dict[str, str]) -> Iterator[None]:
        """Within the block some of the pins of "line" are other ones."""
        path = self.model("line") / "pins.json"
        before = path.read_text()
        pins = json.loads(before)
        path.write_text(json.dumps(pins | {name: pins[name] | change for name, change in changes.items()}))
        try:
            yield
        finally:
            path.write_text(before)

    def grow_old(self) -> None:
        """As after 400 days: Delta cuts the log, where it may, behind a new checkpoint."""
        then = time.time() - 400 * 86_400
        path = self.root / "warehouse" / "cards"
        for file in (path / "_delta_log").iterdir():
            os.utime(file, (then, then))
        log = DeltaTable(path)
        log.create_checkpoint()
        log.cleanup_metadata()


@pytest.fixture(scope="module")
def world(spark, tmp_path_factory):
    """Models that were trained; then late data, corrections, other outcomes, a year, and a vacuum."""
    world = World(tmp_path_factory.mktemp("again"))
    config, project = world.config, world.project
    world.land(world.sold.drop(columns=["fraud", "reported"]))
    told = world.sold[["payment", "at", "amount", "fraud", "reported"]]
    world.tell(told.assign(reported=told["reported"].where(told["payment"] % 97 != 0)))
    build(config, project)
    for name in MODELS:
        train(config, project, "small", name, CUTOFF)

    late = world.sold[world.sold["at"] >= "2024-01-15"].head(1).drop(columns=["fraud", "reported"])
    world.land(late.assign(payment=10**6), "append")
    assert [one.reason for one in restate(config, project)] == ["late data"]
    world.land(world.sold.assign(signal=-world.sold["signal"]).drop(columns=["fraud", "reported"]))
    build(config, project, wanted=Wanted(replace=True))
    world.tell(told.assign(fraud=1 - told["fraud"]).head(4000))
    world.grow_old()
    vacuum = partial(maintain_table, hours=0, enforce=False, dry_run=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(maintenance, "maintain_table", lambda path, options, keep, **_: vacuum(path, options, keep))
        world.maintained = maintenance.maintain(config, project)
    return world


@pytest.mark.parametrize("name", MODELS)
def test_the_same_bytes_come_out_whatever_happened_to_the_tables(world, capsys, name):
    path = world.root / "warehouse" / "cards"
    would_go = maintain_table(str(path), {}, (), hours=0, enforce=False)
    assert would_go.removed > 0  # but for the pins
    assert world.again(name) == 0
    said = capsys.readouterr()
    assert said.out == f"{world.model(name)}/again: the same model, byte for byte\n"
    assert "Not as it was" not in said.err
    first, second = world.model(name), world.model(name) / "again"
    assert hashes(first) == hashes(second)
    assert len(hashes(first)) == 4  # the model, its signature, calibrator and thresholds
    assert load(second).features == ("amount", "signal", "cards__count_1d")


def test_what_maintenance_kept_was_for_the_pins(world):
    (features,) = [one for one in world.maintained if one.path.endswith("/warehouse/cards")]
    assert 0 in features.kept_versions
    assert features.removed > 0  # the version between the restatement and the replacement, which nothing needs


def test_kept_labels_are_the_few_that_do_not_follow_from_their_time(spark, world):
    windows = (("2024-01-01", "2024-01-21"), ("2024-01-24", "2024-01-29"))
    rows = pd.concat([world.sold[world.sold["at"].between(*window, inclusive="left")] for window in windows])
    silent, fraud = rows["payment"] % 97 == 0, rows["fraud"] == 1
    positive = fraud & ~silent
    unknown = ~positive & ((fraud & silent) | (rows["amount"] > 19_000))
    path = f"{world.root}/warehouse/_training/small/line/20240201T000000Z"
    kept = spark.read.format("delta").option("versionAsOf", 0).load(path)
    found = {state: {row["decision"] for row in kept.collect() if row["state"] == state}
             for state in ("positive", "unknown")}  # fmt: skip
    assert found == {"positive": set(rows["payment"][positive]), "unknown": set(rows["payment"][unknown])}
    assert 0 < kept.count() < len(rows) / 5


def test_the_tables_of_today_give_another_model_and_leave_the_pins_of_before_as_they_were(world):
    folder = world.model("line")
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    train(world.config, world.project, "small", "line", CUTOFF)
    assert (folder / "model.joblib").read_bytes() != before["model.joblib"]
    assert world.again("line") == 0  # from its own pins
    for name, content in before.items():
        (folder / name).write_bytes(content)
    assert world.again("line") == 0


def test_another_model_is_5_and_what_else_is_other_is_said(world, capsys):
    with world.other_pins(files={"model.joblib": "another"}, circumstances={"numpy": "1.0"}):
        assert world.again("line") == 5
    error = capsys.readouterr().err
    assert "Model 'line' of 2024-02-01 00:00:00, trained again, is not the same: model.joblib in " in error
    assert f"  ✗ numpy: 1.0 then, {np.__version__} now" in error
    with world.other_pins(circumstances={"code": "older"}):
        assert world.again("line") == 0
    assert "Not as it was: code: older then, " in capsys.readouterr().err


def test_other_definitions_are_refused_by_name(world):
    (small,) = world.project.backtests.values()
    seeded = replace(small, models=[replace(model, seed=1) for model in small.models],
                     label=replace(small.label, maturity=small.folds.train))  # fmt: skip
    with pytest.raises(DefinitionError, match="by other definitions of label 'fraud', model 'line'. Check out"):
        train_again(world.config, replace(world.project, backtests={"small": seeded}), "small", "line", CUTOFF)
    with (
        world.other_pins(declared={"feature 'cards__count_1d'": "another"}),
        pytest.raises(DefinitionError, match="of feature 'cards__count_1d'. Check out the team's files of then"),
    ):
        train_again(world.config, world.project, "small", "line", CUTOFF)


def test_a_cutoff_without_pins_is_2_and_names_those_that_are_there(world, capsys):
    assert cli.main(["train", "small", "line", "--cutoff", "2024-02-02", "--again", "--conf", str(world.conf)]) == 2
    error = capsys.readouterr().err
    assert "was not trained: there are no pins in" in error
    assert "Did you mean '20240201T000000Z'?" in error


def test_damaged_pins_are_4(world, capsys):
    path = world.model("line") / "pins.json"
    before = path.read_text()
    path.write_text(before[:40])
    assert world.again("line") == 4
    path.write_text(before)
    assert "pins.json is damaged, or older than pins that a model can be trained from" in capsys.readouterr().err


def test_a_pinned_version_that_something_else_has_vacuumed_is_4_by_table_and_version(world, capsys):
    path = world.root / "warehouse" / "cards"
    files = {Path(file) for file in DeltaTable(path, version=0).file_uris()}
    gone = min(files - {Path(file) for file in DeltaTable(path).file_uris()})
    content = gone.read_bytes()
    gone.unlink()
    assert world.again("line") == 4
    gone.write_bytes(content)
    assert (f"Table 'cards' cannot be read at version 0 of {path}: 1 of its {len(files)} files are gone. Restore them "
            "from a backup, or train without --again") in capsys.readouterr().err  # fmt: skip
