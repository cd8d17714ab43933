"""The errors a user meets, each with the exit code of its kind.

Every message reads *what - where - expected and got - fix*, on one line::

    features/cards.py: card_spend reads 'merchnt_id', which source 'transactions' lacks.
    Did you mean 'merchant_id'?
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from tillthen.define.faults.secrets import hidden


class TillthenError(Exception):
    """A fault that the user can mend; anything else is a bug and keeps its traceback. Its message holds no secret."""

    exit_code = 1

    def __init__(self, message: str = "") -> None:
        super().__init__(hidden(message))


class UsageError(TillthenError):
    """The command line was called wrongly."""

    exit_code = 2


class DefinitionError(TillthenError):
    """A declaration or the configuration contradicts itself or what it refers to."""

    exit_code = 3


class ConfigurationError(DefinitionError):
    """The configuration file, an override or the machine does not fit."""


class DataContractError(TillthenError):
    """The data is not what the declarations promise."""

    exit_code = 4


class LeakError(DataContractError):
    """A value depends on what was not visible at its time."""


class GateNotMet(TillthenError):
    """A gate on a backtest's results was not met."""

    exit_code = 5


class ReportError(TillthenError):
    """The report could not be made, or MLflow did not answer; the backtest's own results stand."""

    exit_code = 6


class DefinitionErrors(DefinitionError):
    """All faults of a project, found in one pass; ``faults`` holds each message."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(map(hidden, faults))
        count = len(self.faults)
        head = "1 fault" if count == 1 else f"{count} faults"
        super().__init__("\n".join([f"{head} in the definitions:", *(f"  {fault}" for fault in self.faults)]))


def sentence(what: str, *, expected: object = None, got: object = None, fix: str | None = None) -> str:
    """Put the parts of a message into the one order that all messages have.

    >>> sentence("Window 'length'", expected="a positive duration", got=0, fix="Use days(1).")
    "Window 'length': expected a positive duration, got 0. Use days(1)."
    """
    parts = [what]
    if expected is not None:
        parts = [f"{what}: expected {expected}" + ("" if got is None else f", got {got}")]
    text = parts[0] if parts[0].endswith((".", "?", "!")) else parts[0] + "."
    return (f"{text} {fix}" if fix else text).replace("\n", "\\n")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Name the closest known word, or list the known ones when none is close.

    >>> did_you_mean("merchnt_id", ["card_id", "merchant_id"])
    "Did you mean 'merchant_id'?"
    """
    words = sorted(known)
    close = get_close_matches(name, words, n=1)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known: {', '.join(words)}." if words else "None is known."
