"""A model's files by their hashes: whether what lies in a folder is what was trained."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from tillthen.define.faults.errors import DataContractError, sentence

Hashes = Mapping[str, str]


def hashes(folder: Path, but: Collection[str] = ()) -> dict[str, str]:
    """SHA-256 of each file in a folder, by name."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name not in but)
    return {name: sha256((folder / name).read_bytes()).hexdigest() for name in names}


def altered(folder: Path, files: Hashes) -> list[str]:
    """The files that are not in a folder any more, or not as they were; those that came since are nobody's."""
    now = hashes(folder) if folder.is_dir() else {}
    return [name for name, digest in files.items() if now.get(name) != digest]


def refuse_altered(folder: Path, facts: Mapping[str, Any]) -> None:
    """Refuse a backtest's folder whose models are not those that its facts measured.

    Raises
    ------
    DataContractError
        With the first model that is lost or altered.
    """
    again = "Run the backtest again: it trains what is missing, and measures that."
    kept = facts["provenance"].get("models")
    if not kept:
        raise DataContractError(sentence(f"The facts in '{folder}' do not say which models they measured", fix=again))
    for one in kept:
        place = folder / "models" / f"fold{one['fold']}" / one["model"]
        changed = altered(place, one["files"])
        if changed:
            raise DataContractError(
                sentence(f"Model '{one['model']}' in '{place}' is not the one that was measured: "
                         f"{', '.join(changed)} lost or altered", fix=again)
            )  # fmt: skip
