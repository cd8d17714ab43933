"""The facts' tables as CSV, for a spreadsheet: money in major units, as people read it, with its currency beside."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

TABLES = ("thresholds", "policies", "capacity", "daily", "weeks", "model_age", "pr_curve", "importance")
MONEY = frozenset({"cost", "cost_none"})
"""The columns that are amounts."""


def write_tables(folder: Path, facts: Mapping[str, Any]) -> None:
    """One file a table, with the model in the first column and, where there are amounts, the currency in the second."""
    folder.mkdir(parents=True, exist_ok=True)
    code, digits = facts["backtest"]["currency"], facts["backtest"]["minor_digits"]
    for name in TABLES:
        rows = [_row(model["name"], row, code, digits) for model in facts["models"] for row in model[name]]
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(dict.fromkeys(key for row in rows for key in row)))
            writer.writeheader()
            writer.writerows(rows)


def _row(model: str, row: Mapping[str, Any], code: str, digits: int) -> dict[str, Any]:
    flat = _flat(row)
    money = {name: major(value, digits) for name, value in flat.items() if name in MONEY}
    return {"model": model, **({"currency": code} if money else {}), **flat, **money}


def major(minor: float | None, digits: int) -> str | None:
    """Minor units as major ones, with every digit that they have.

    >>> major(55951907.0, 2), major(747282.0, 0), major(1234.5, 3), major(None, 2)
    ('559519.07', '747282', '1.2345', None)
    """
    if minor is None:
        return None
    value = Decimal(str(minor)).scaleb(-digits)
    return f"{value:.{max(digits, -int(value.normalize().as_tuple().exponent))}f}"


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """``{"actions": {"approve": 3}}`` as ``{"actions_approve": 3}``."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        flat |= {f"{name}_{key}": inner for key, inner in value.items()} if isinstance(value, dict) else {name: value}
    return flat
