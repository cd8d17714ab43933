"""Folds by time: train, wait for labels, calibrate, wait again, test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from tillthen.define.arguments.annotations import Like
from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.duration import ZERO, Duration
from tillthen.define.arguments.kinds import Count, NotNegative, Positive
from tillthen.define.arguments.shown import Told
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import DefinitionError, sentence

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000


@dataclass(frozen=True)
class Fold(Told):
    """One fold; every interval is [from, to) over ``as_of``.

    Training uses labels as known at ``train_cutoff``, the calibrator labels as known at ``calibrate_cutoff``.
    Without a calibration window ``calibrate_from`` equals ``calibrate_to``. ``trained_by`` is the number of the fold
    whose model decides in this one: its own, or an earlier one's between two refits.
    """

    number: int
    train_from: datetime
    train_to: datetime
    train_cutoff: datetime
    calibrate_from: datetime
    calibrate_to: datetime
    calibrate_cutoff: datetime
    test_from: datetime
    test_to: datetime
    trained_by: int

    @property
    def calibrates(self) -> bool:
        """Whether the fold has a calibration window."""
        return self.calibrate_to > self.calibrate_from


Start = Annotated[str | date | datetime, Like("a date, or a time with a zone", "'2018-07-25'")]


@checked
@dataclass(frozen=True)
class Folds(Told):
    """Walk-forward folds.

    train | embargo | test, or with ``calibrate``: train | embargo | calibrate | embargo | test. The training cut-off
    is the start of what follows the first embargo: a model that calibrates or decides from then on was trained with
    the labels that had arrived by then.

    Parameters
    ----------
    start
        When the first training window starts: a date, or a time with a zone.
    train, embargo, calibrate, test
        Lengths of the parts.
    step
        From one fold to the next; ``test`` where not given.
    count
        How many folds.
    mode
        ``"rolling"`` training windows, or ``"expanding"`` ones that all start at ``start``.
    refit
        Train and calibrate in every so many folds; those between are decided by the last model, which is older then.
    """

    start: Start
    train: Positive
    test: Positive
    embargo: NotNegative = ZERO
    calibrate: NotNegative = ZERO
    step: Positive | None = None
    count: Count = 1
    mode: Literal["rolling", "expanding"] = "rolling"
    refit: Count = 1

    def __post_init__(self) -> None:
        faults = []
        if not isinstance(self.start, str | datetime):
            object.__setattr__(self, "start", self.start.isoformat())
        if self.step is not None and self.step.micros < self.test.micros:
            faults.append(sentence("Folds 'step'", expected=f"at least 'test', {self.test}", got=self.step,
                                   fix="Payments of overlapping tests would count twice."))  # fmt: skip
        try:
            self._fold(self.count, 0)
        except DefinitionError as error:
            faults.append(str(error))
        except OverflowError:
            faults.append(sentence("Folds", expected="an end within the calendar", got=f"a start of {self.start}",
                                   fix="Use fewer or shorter folds."))  # fmt: skip
        report(*faults)

    @property
    def first(self) -> datetime:
        """The start as a time in UTC."""
        try:
            start = self.start if isinstance(self.start, datetime) else datetime.fromisoformat(str(self.start))
        except ValueError:
            raise DefinitionError(sentence("Folds 'start'", expected="a date", got=repr(self.start),
                                           fix="Write for example start='2018-07-25'.")) from None  # fmt: skip
        if start.tzinfo is None:
            if start.time() != start.time().min:
                raise DefinitionError(sentence("Folds 'start'", expected="a date or a time with a zone", got=start,
                                               fix="Add tzinfo=UTC."))  # fmt: skip
            return start.replace(tzinfo=UTC)
        return start.astimezone(UTC)

    def __iter__(self) -> Iterator[Fold]:
        """The folds in order of time."""
        for number in range(self.count):
            yield self._fold(number, number - number % self.refit)

    @property
    def tested_days(self) -> int:
        """How many UTC days the test windows touch; one that two folds share counts once."""
        spans = ((fold.test_from, fold.test_to - timedelta(microseconds=1)) for fold in self)
        return len({day for start, end in spans for day in range(start.toordinal(), end.toordinal() + 1)})

    @cached_property
    def parts_of_days(self) -> Mapping[tuple[int, int], tuple[Fraction, Fraction]]:
        """By fold and day since the epoch, from where to where in the day a test window reaches, if not through it."""
        found = {}
        for fold in self:
            ends = [Fraction((at - EPOCH) // MICROSECOND, DAY) for at in (fold.test_from, fold.test_to)]
            for day in {int(ends[0] // 1), int(-(-ends[1] // 1)) - 1}:
                part = max(ends[0] - day, Fraction(0)), min(ends[1] - day, Fraction(1))
                if part != (Fraction(0), Fraction(1)):
                    found[fold.number, day] = part
        return found

    def _fold(self, number: int, trained_by: int) -> Fold:
        step = _delta(self.step or self.test)
        moved = self.first + trained_by * step
        train_to = moved + _delta(self.train)
        after = train_to + _delta(self.embargo)
        calibrate_to = after + _delta(self.calibrate)
        cutoff = calibrate_to + _delta(self.embargo) if self.calibrate.micros else after
        train_from = moved if self.mode == "rolling" else self.first
        test_from = cutoff + (number - trained_by) * step
        return Fold(number, train_from, train_to, after, after, calibrate_to, cutoff, test_from,
                    test_from + _delta(self.test), trained_by)  # fmt: skip


def _delta(duration: Duration) -> timedelta:
    return timedelta(microseconds=duration.micros)
