from __future__ import annotations

import os
import time
from pathlib import Path
from shutil import rmtree

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from tillthen.define.faults.errors import DataContractError
from tillthen.tables.pins import Pin
from tillthen.tables.retention import maintain
from tillthen.tables.standing import refuse_gone, table_id


def write(path: str, times: int) -> None:
    for n in range(times):
        write_deltalake(path, pa.table({"n": [n]}), mode="overwrite")


def cut(path: str) -> None:
    """What Delta does to a log that is older than its table's retention: entries before a new checkpoint go."""
    log = DeltaTable(path)
    log.create_checkpoint()
    for file in Path(path, "_delta_log").iterdir():
        os.utime(file, (time.time() - 400 * 86_400,) * 2)
    log.cleanup_metadata()


@pytest.fixture
def pinned(tmp_path):
    """Version 1 of three, and its table's id."""
    path = str(tmp_path / "cards")
    write(path, 3)
    pin = Pin(path, "delta", 1)
    return pin, table_id(pin, {})


def test_a_version_that_can_be_read_is_let_through(pinned):
    pin, id = pinned
    maintain(pin.path, {}, {1}, hours=0, enforce=False, dry_run=False)
    cut(pin.path)
    refuse_gone(pin, id, {}, "Table 'cards'")
    assert DeltaTable(pin.path, version=1).to_pyarrow_table()["n"].to_pylist() == [1]


@pytest.mark.parametrize(
    ("lose", "missing"),
    [
        (lambda path: maintain(path, {}, (), hours=0, enforce=False, dry_run=False), "1 of its 1 files are gone"),
        (cut, "its entry in the log is gone"),
        (lambda path: (rmtree(path), write(path, 3)), "the table was made anew since"),
        (lambda path: (rmtree(path), write(path, 1)), "its entry in the log is gone"),
        (rmtree, "its entry in the log is gone"),
    ],
)
def test_what_is_gone_is_named_with_what_to_do(pinned, lose, missing):
    pin, id = pinned
    lose(pin.path)
    said = f"^Table 'cards' cannot be read at version 1 of {pin.path}: {missing}. Restore them from a backup, or train "
    with pytest.raises(DataContractError, match=said):
        refuse_gone(pin, id, {}, "Table 'cards'")


def test_a_version_whose_log_is_cut_keeps_maintenance_from_nothing(pinned):
    pin, _ = pinned
    cut(pin.path)
    done = maintain(pin.path, {}, {1}, hours=0, enforce=False, dry_run=False)
    assert done is not None
    assert DeltaTable(pin.path).to_pyarrow_table()["n"].to_pylist() == [2]
