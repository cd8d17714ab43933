"""What no training can mend, said before one starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from tillthen.backtest.rows.costs import refuse_costs
from tillthen.backtest.rows.inputs import Data
from tillthen.backtest.rows.windows import Window, fitting, testing, training
from tillthen.define.backtests.backtest import Backtest
from tillthen.define.backtests.folds import Fold
from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.define.sources.label import Label
from tillthen.runtime.failures import expression_errors
from tillthen.runtime.progress import step
from tillthen.runtime.texts_as_times import refuse_times_of_text


def check_folds(data: Data) -> None:
    """Refuse folds with a window outside the data, and labels of a time that is still to come."""
    start, end = data.span
    where = f"Backtest '{data.backtest.name}'"
    refuse_future(data.evaluation_time, f"{where}: the evaluation time", "Move 'start' in Folds back, lower 'count', "
                  "or set evaluate_after= to less: what is not mature by then is shown apart.")  # fmt: skip
    for fold in data.backtest.folds:
        if fold.train_from > end or fold.test_from > end or fold.test_to <= start or fold.train_to <= start:
            raise DataContractError(
                sentence(f"Backtest '{data.backtest.name}': fold {fold.number}",
                         expected=f"windows within the data, {start} to {end}",
                         got=f"train {fold.train_from} to {fold.train_to}, test {fold.test_from} to {fold.test_to}",
                         fix="Move 'start' or lower 'count' in Folds.")
            )  # fmt: skip


def refuse_future(at: datetime, what: str, fix: str) -> None:
    """Refuse labels as known at a time that is still to come: a fraud that is not disputed yet would count as good."""
    now = datetime.now(UTC)
    if at > now:
        raise DataContractError(sentence(what, expected=f"no later than now, {now:%Y-%m-%d %H:%M}",
                                         got=f"{at:%Y-%m-%d %H:%M}", fix=fix))  # fmt: skip


def check_windows(data: Data, folds: Sequence[Fold]) -> None:
    """Count the rows of all windows; refuse tests without rows or known labels, and costs that are none.

    Costs are those of tests and of the windows in which thresholds are fitted.
    """
    where = f"Backtest '{data.backtest.name}'"
    tests = {fold.number: testing(fold, data.evaluation_time) for fold in folds}
    with step(f"Check {len(folds)} folds") as checking, expression_errors(where):
        data.count([*tests.values(), *(window(fold) for window in (training, fitting) for fold in folds)])
        checking.rows = sum(sum(data.counts(window).values()) for window in tests.values())
        for number, window in tests.items():
            refuse_empty(data.counts(window), f"{where}, fold {number}", "test", window, data.backtest.label)
        refuse_times_of_text(data.within(*tests.values()), _expressions(data.backtest), where)
        refuse_costs(data.within(*tests.values(), *map(fitting, folds)), data.backtest.costs, where)


def _expressions(backtest: Backtest) -> list[str]:
    terms = [term for _, term in backtest.costs.terms() if isinstance(term, str)]
    return [*terms, *backtest.segments.values(), *(text for model in backtest.models for text in model.rules)]


def refuse_empty(counts: Mapping[str, int], where: str, name: str, window: Window, label: Label) -> None:
    """Refuse a window without rows, or in which no label was known at its time."""
    if not sum(counts.values()):
        raise DataContractError(sentence(f"{where}: the {name} window holds no rows", fix="Move 'start' in Folds."))
    if not counts["positive"] + counts["negative"]:
        raise DataContractError(
            sentence(f"{where}: no label of the {name} window was known by {window.known_at:%Y-%m-%d}",
                     fix=f"Wait longer: the label's maturity is {label.maturity}.")
        )  # fmt: skip
