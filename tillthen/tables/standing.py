"""Whether a pinned version of a Delta table can still be read: found in its log and its folder, before Spark starts."""

from __future__ import annotations

from collections.abc import Mapping

from deltalake import DeltaTable
from pyarrow.fs import FileType

from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.tables.log import at_version, files
from tillthen.tables.pins import Pin

FIX = ("Restore them from a backup, or train without --again, which makes another pin. What is pinned goes only where "
       "something else than 'tillthen maintain' cleans the table.")  # fmt: skip


def table_id(pin: Pin, options: Mapping[str, str]) -> str:
    """The id that Delta gave the table of a pin, which was just read.

    A table that was deleted and made anew counts its versions from 0 again, under another id.
    """
    log = _log(pin, options)
    assert log is not None, "what was just read is there"
    return str(log.metadata().id)


def refuse_gone(pin: Pin, id: str, options: Mapping[str, str], what: str) -> None:
    """Refuse a pin whose version is not there any more; ``id`` is what `table_id` said when it was pinned.

    Raises
    ------
    DataContractError
        With the table, the version, what is missing of it, and what to do.
    """
    log = _log(pin, options)
    missing = "its entry in the log is gone" if log is None else _missing(log, id)
    if missing:
        raise DataContractError(sentence(f"{what} cannot be read at version {pin.version} of {pin.path}: {missing}",
                                         fix=FIX))  # fmt: skip


def _log(pin: Pin, options: Mapping[str, str]) -> DeltaTable | None:
    assert pin.version is not None, "only Delta tables have versions"
    return at_version(pin.path, options, pin.version)


def _missing(log: DeltaTable, id: str) -> str | None:
    if str(log.metadata().id) != id:
        return "the table was made anew since"
    paths = [str(file["path"]) for file in files(log)]
    found = log.to_pyarrow_dataset().filesystem.get_file_info(paths)
    gone = sum(file.type == FileType.NotFound for file in found)
    return f"{gone} of its {len(paths)} files are gone" if gone else None
