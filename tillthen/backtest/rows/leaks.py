"""No model learns from what had not happened."""

from __future__ import annotations

from tillthen.define.backtests.backtest import Backtest
from tillthen.define.faults.errors import DefinitionError, sentence


def refuse_leaks(backtest: Backtest) -> None:
    """Refuse a backtest whose table holds a feature that looks ahead."""
    leaks = backtest.table.leaks
    if leaks:
        named = ", ".join(f"'{name}'" for name in leaks)
        raise DefinitionError(
            sentence(f"Backtest '{backtest.name}': table '{backtest.table.name}' looks ahead in {named}",
                     fix="Remove leak(...) from the features: it is for tests and debugging.")
        )  # fmt: skip
