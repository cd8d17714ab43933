"""What ``pins.json`` says of a model: from what, by which declarations and under what circumstances it was trained."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from pyspark.sql import SparkSession

from tillthen.backtest.folds.hashes import LIBRARIES, TRAINS, code
from tillthen.define.arguments.fingerprint import fingerprint
from tillthen.define.backtests.backtest import Backtest
from tillthen.define.backtests.model import Model
from tillthen.define.faults.errors import DataContractError, DefinitionError, sentence
from tillthen.define.tables.meaning import SPINE, meanings
from tillthen.learn import files
from tillthen.runtime.status import write_status
from tillthen.tables.pins import Pin

PINS = "pins.json"


@dataclass(frozen=True)
class Pinned:
    """A trained model's pins.

    Parameters
    ----------
    tables
        The versions of the feature table and of the outcomes' tables that were read, by name.
    labels
        The labels as they were known: see `tillthen.backtest.training.kept_labels`.
    ids
        Delta's ids of the feature table and of the labels' table, by path.
    declared
        A hash for each declaration that decides the model, by what a reader calls it.
    definitions
        The hash of the team's files then; says which of their commits to check out.
    circumstances
        What also decides bits and is not declared: code, libraries, cores.
    files
        SHA-256 of the model's files, by name.
    """

    tables: Mapping[str, Pin]
    labels: Pin
    ids: Mapping[str, str]
    declared: Mapping[str, str]
    definitions: str
    circumstances: Mapping[str, str]
    files: Mapping[str, str]

    def write(self, folder: Path) -> None:
        """Put it beside the model, whole or not at all."""
        tables = {name: pin.facts() for name, pin in self.tables.items()}
        write_status(folder / PINS, asdict(self) | {"tables": tables, "labels": self.labels.facts()})


def read_pins(folder: Path) -> Pinned | None:
    """What was written into a folder; None where nothing was.

    Raises
    ------
    DataContractError
        The file is damaged, or of a version of this product that kept less.
    """
    try:
        given = json.loads((folder / PINS).read_text(encoding="utf-8"))
        tables = {name: Pin(**pin) for name, pin in given["tables"].items()}
        return Pinned(**{**given, "tables": tables, "labels": Pin(**given["labels"])})
    except FileNotFoundError:
        return None
    except (AttributeError, KeyError, TypeError, ValueError):
        raise DataContractError(
            sentence(f"{folder / PINS} is damaged, or older than pins that a model can be trained from",
                     fix="Restore it from a backup, or train without --again, which makes another pin.")
        ) from None  # fmt: skip


def declared(backtest: Backtest, model: Model) -> dict[str, str]:
    """A hash for each declaration that decides what a model learns."""
    table, known = backtest.table, meanings(backtest.table)
    taken = model.inputs(table.features)
    named = [name for name in table.categorical if name in taken]
    found = {f"model '{model.name}'": fingerprint(model), f"label '{backtest.label.name}'": fingerprint(backtest.label)}
    folds = backtest.folds
    found["the windows"] = fingerprint([folds.train, folds.embargo, folds.calibrate])
    found["the list of features"] = fingerprint([taken, named])
    found[f"the spine of table '{table.name}'"] = known[SPINE]
    return found | {f"feature '{name}'": known[name] for name in model.reads(table.features) if name in known}


def circumstances(spark: SparkSession) -> dict[str, str]:
    """What else decides bits: sums are taken in the order of as many threads and workers as there are."""
    libraries = {name: version(name) for name in LIBRARIES}
    counted = {"cores": str(os.cpu_count()), "workers": str(spark.sparkContext.defaultParallelism)}
    return {"code": code(*TRAINS), **libraries, **counted}


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a model, by name."""
    return files.hashes(folder, but=[PINS])


def refuse_other_definitions(pinned: Pinned, now: Mapping[str, str], what: str) -> None:
    """Refuse to train from a pin by declarations that mean something else than those of then."""
    changed = sorted(name for name in pinned.declared.keys() | now.keys() if pinned.declared.get(name) != now.get(name))
    if changed:
        raise DefinitionError(
            sentence(f"{what} was trained by other definitions of {', '.join(changed)}",
                     fix=f"Check out the team's files of then, whose hash is {pinned.definitions}, and run again.")
        )  # fmt: skip


def differences(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """What is not as it was, in words."""
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name):
            yield f"{name}: {then.get(name, 'none')} then, {now.get(name, 'none')} now"
