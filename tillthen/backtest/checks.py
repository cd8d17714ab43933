"""What no training can mend, said before one starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tillthen.backtest.costing import cost_columns
from tillthen.backtest.data import Data
from tillthen.backtest.windows import Window, fitting, testing, training
from tillthen.define.errors import DataContractError, sentence
from tillthen.define.folds import Fold
from tillthen.define.label import Label
from tillthen.evaluate.decided import bad_costs
from tillthen.runtime.failures import expression_errors
from tillthen.runtime.progress import step


def check_folds(data: Data) -> None:
    """Refuse folds with a window outside the data."""
    start, end = data.span
    for fold in data.backtest.folds:
        if fold.train_from > end or fold.test_from > end or fold.test_to <= start or fold.train_to <= start:
            raise DataContractError(
                sentence(f"Backtest '{data.backtest.name}': fold {fold.number}",
                         expected=f"windows within the data, {start} to {end}",
                         got=f"train {fold.train_from} to {fold.train_to}, test {fold.test_from} to {fold.test_to}",
                         fix="Move 'start' or lower 'count' in Folds.")
            )  # fmt: skip


def check_windows(data: Data, folds: Sequence[Fold]) -> None:
    """Count the rows of all windows; refuse tests without rows or known labels, and costs missing or negative."""
    where = f"Backtest '{data.backtest.name}'"
    tests = {fold.number: testing(fold, data.evaluation_time) for fold in folds}
    with step(f"Check {len(folds)} folds") as checking, expression_errors(where):
        data.count([*tests.values(), *(window(fold) for window in (training, fitting) for fold in folds)])
        checking.rows = sum(sum(data.counts(window).values()) for window in tests.values())
        for number, window in tests.items():
            refuse_empty(data.counts(window), f"{where}, fold {number}", "test", window, data.backtest.label)
        asked = data.within(*tests.values()).select(*cost_columns(data.backtest.costs))
        bad_costs(asked, data.backtest.costs, where)


def refuse_empty(counts: Mapping[str, int], where: str, name: str, window: Window, label: Label) -> None:
    """Refuse a window without rows, or in which no label was known at its time."""
    if not sum(counts.values()):
        raise DataContractError(sentence(f"{where}: the {name} window holds no rows", fix="Move 'start' in Folds."))
    if not counts["positive"] + counts["negative"]:
        raise DataContractError(
            sentence(f"{where}: no label of the {name} window was known by {window.known_at:%Y-%m-%d}",
                     fix=f"Wait longer: the label's maturity is {label.maturity}.")
        )  # fmt: skip
