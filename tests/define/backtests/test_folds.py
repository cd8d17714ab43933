from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from tillthen import Folds, days, hours
from tillthen.define.faults.errors import DefinitionError


def moments(fold):
    return [f"{t:%m-%d}" for t in (fold.train_from, fold.train_to, fold.train_cutoff, fold.calibrate_from,
                                   fold.calibrate_to, fold.test_from, fold.test_to)]  # fmt: skip


def test_without_calibration_training_ends_an_embargo_before_the_test():
    (fold,) = Folds("2018-07-25", train=days(7), embargo=days(7), test=days(7))
    assert moments(fold) == ["07-25", "08-01", "08-08", "08-08", "08-08", "08-08", "08-15"]
    assert not fold.calibrates


def test_calibration_stands_between_two_embargoes():
    (fold,) = Folds("2024-01-01", train=days(10), embargo=days(5), calibrate=days(4), test=days(3))
    assert moments(fold) == ["01-01", "01-11", "01-16", "01-16", "01-20", "01-25", "01-28"]
    assert fold.calibrates


@pytest.mark.parametrize(("mode", "starts"), [("rolling", ["01-01", "01-08"]), ("expanding", ["01-01", "01-01"])])
def test_folds_step_by_the_test_window(mode, starts):
    folds = list(Folds("2024-01-01", train=days(14), test=days(7), count=2, mode=mode))
    assert [f"{fold.train_from:%m-%d}" for fold in folds] == starts
    assert folds[0].test_to == folds[1].test_from


@pytest.mark.parametrize(
    "options",
    [
        {"train": days(0)},
        {"count": 0},
        {"step": days(6)},
        {"refit": 0},
        {"mode": "sliding"},
        {"start": "soon"},
        {"start": datetime(2024, 1, 1, 5)},
    ],
)
def test_faults(options):
    with pytest.raises(DefinitionError, match="Folds"):
        Folds(**{"start": "2024-01-01", "train": days(7), "test": days(7), **options})


def test_between_two_refits_the_last_model_decides_and_grows_older():
    folds = list(Folds("2024-01-01", train=days(14), embargo=days(7), test=days(7), count=5, refit=2))
    assert [fold.trained_by for fold in folds] == [0, 0, 2, 2, 4]
    assert [f"{fold.train_from:%m-%d}" for fold in folds] == ["01-01", "01-01", "01-15", "01-15", "01-29"]
    assert [f"{fold.test_from:%m-%d}" for fold in folds] == ["01-22", "01-29", "02-05", "02-12", "02-19"]
    assert [(fold.test_from - fold.train_cutoff).days for fold in folds] == [0, 7, 0, 7, 0]


def test_days_that_a_test_window_cuts_are_counted_by_the_part_that_is_in_it():
    """Two tests of 36 hours, the first from six o'clock on: the second day ends one and begins the other."""
    folds = Folds(datetime(2024, 1, 1, 6, tzinfo=UTC), train=days(7), test=hours(36), count=2)
    eighth = (date(2024, 1, 8) - date(1970, 1, 1)).days
    assert folds.parts_of_days == {
        (0, eighth): (Fraction(1, 4), 1), (0, eighth + 1): (0, Fraction(3, 4)), (1, eighth + 1): (Fraction(3, 4), 1),
        (1, eighth + 3): (0, Fraction(1, 4)),
    }  # fmt: skip
    assert folds.tested_days == 4
    assert not Folds("2024-01-01", train=days(7), test=days(7)).parts_of_days
