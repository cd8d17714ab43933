"""Training a model again from its pins, and whether the same bytes come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import rmtree

from tillthen.backtest.rows.inputs import open_pinned
from tillthen.backtest.training.for_use import Task, task
from tillthen.backtest.training.kept_labels import kept_labels
from tillthen.backtest.training.pins import (
    Pinned,
    circumstances,
    differences,
    hashes,
    read_pins,
    refuse_other_definitions,
)
from tillthen.backtest.turns import held
from tillthen.define.faults.errors import GateNotMet, UsageError, did_you_mean, sentence
from tillthen.define.project import Project
from tillthen.materialize.runs.run import Turn
from tillthen.runtime.config import Config
from tillthen.runtime.progress import step
from tillthen.runtime.session import spark_session
from tillthen.tables.lease import Check
from tillthen.tables.log import storage_options
from tillthen.tables.standing import refuse_gone


@dataclass(frozen=True)
class Again:
    """A model that came out as it was: its ``folder``, and what is not as it was although that changed no byte."""

    folder: Path
    changed: Sequence[str]


def train_again(
    config: Config, project: Project, backtest_name: str, model_name: str, cutoff: datetime, turn: Turn | None = None
) -> Again:
    """Train the model that `train` made for ``cutoff`` again, from the versions and labels that it pinned.

    What the tables hold today does not matter. The model that comes out is in the folder ``again`` beside the first,
    and is compared with the hashes in ``pins.json``; the first model's own files are not needed.

    Raises
    ------
    UsageError
        No model of that name was trained for ``cutoff``.
    DefinitionError
        The declarations mean something else than then; which ones is said.
    DataContractError
        A pinned version is gone, or the pins are damaged.
    GateNotMet
        Another model came out: which files differ, and which library, code or machine is not that of then.
    """
    one = task(project, backtest_name, model_name, cutoff)
    what, folder = f"Model '{model_name}' of {cutoff:%Y-%m-%d %H:%M:%S}", one.folder(config)
    pins = read_pins(folder)
    if pins is None:
        known = [path.parent.name for path in folder.parent.glob("*/pins.json")]
        raise UsageError(sentence(f"{what} was not trained: there are no pins in {folder}",
                                  fix=f"Give a --cutoff that was. {did_you_mean(folder.name, known)}"))  # fmt: skip
    refuse_other_definitions(pins, one.declared, what)
    _refuse_gone(config, one, pins)
    with held(config, one.lease, turn) as mine:
        changed, made = _train(config, one, pins, mine.check), hashes(folder / "again")
    if made != pins.files:
        raise GateNotMet(_told(what, folder, pins, made, changed))
    return Again(folder / "again", changed)


def _refuse_gone(config: Config, one: Task, pins: Pinned) -> None:
    name = one.backtest.table.name
    for pin, what in ((pins.tables[name], f"Table '{name}'"), (pins.labels, "The kept labels")):
        refuse_gone(pin, pins.ids[pin.path], storage_options(config.spark), what)


def _train(config: Config, one: Task, pins: Pinned, check: Check) -> list[str]:
    """Train it into its folder; what is not as it was."""
    with step(f"Open {one.backtest.table.name} as it was"):
        spark = spark_session(config.spark)
        found = kept_labels(spark, pins.labels, one.windows)
        data = open_pinned(spark, one.backtest, pins.tables[one.backtest.table.name], found)
    try:
        made = one.made(data)
    finally:
        data.close()
    folder = one.folder(config) / "again"
    check()
    rmtree(folder, ignore_errors=True)
    made.write(folder)
    return list(differences(pins.circumstances, circumstances(spark)))


def _told(what: str, folder: Path, pins: Pinned, made: dict[str, str], changed: Sequence[str]) -> str:
    files = [name for name in sorted(pins.files.keys() | made.keys()) if pins.files.get(name) != made.get(name)]
    head = f"{what}, trained again, is not the same: {', '.join(files)} in {folder / 'again'} differ from {folder}."
    return "\n".join([head, *(f"  ✗ {line}" for line in changed or ["code, libraries and machine are those of then"])])
