"""What no training can mend, said before one starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tillthen.backtest.costing import cost_columns
from tillthen.backtest.data import Data, Window
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


def check_tests(data: Data, folds: Iterable[Fold]) -> None:
    """Refuse test windows without rows or known labels, and costs that are missing or negative."""
    where = f"Backtest '{data.backtest.name}'"
    for fold in folds:
        window = Window(fold.test_from, fold.test_to, data.evaluation_time)
        with step(f"Check fold {fold.number}") as checking, expression_errors(where):
            counts = data.counts(window)
            checking.rows = sum(counts.values())
            refuse_empty(counts, f"{where}, fold {fold.number}", "test", window, data.backtest.label)
            bad_costs(data.within(window).select(*cost_columns(data.backtest.costs)), data.backtest.costs, where)


def refuse_empty(counts: Mapping[str, int], where: str, name: str, window: Window, label: Label) -> None:
    """Refuse a window without rows, or in which no label was known at its time."""
    if not sum(counts.values()):
        raise DataContractError(sentence(f"{where}: the {name} window holds no rows", fix="Move 'start' in Folds."))
    if not counts["positive"] + counts["negative"]:
        raise DataContractError(
            sentence(f"{where}: no label of the {name} window was known by {window.known_at:%Y-%m-%d}",
                     fix=f"Wait longer: the label's maturity is {label.maturity}.")
        )  # fmt: skip
