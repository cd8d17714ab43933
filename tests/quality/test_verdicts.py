from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tillthen import days, expect, hours
from tillthen.define.faults.errors import GateNotMet
from tillthen.quality.results import GateResult, Night, refuse, warnings
from tillthen.quality.verdicts import Measured, judge

END = datetime(2026, 3, 10, tzinfo=UTC)  # the night of Monday, 9 March
NIGHT = Night("run", END - timedelta(days=1), END)
HOUR = 3_600_000_000


def found(expectation, rows=0, night=NIGHT, history=(), **values):
    return judge("Source 's'", expectation, Measured(rows, values), night, history)


def nights(expectation, volumes, last=1, **values):
    """Results of earlier nights, one for each volume, the last of them ``last`` days before."""
    ends = [END - timedelta(days=last + back) for back in range(len(volumes))][::-1]
    return [
        found(expectation, rows, Night("old", end - timedelta(days=1), end), **values)
        for end, rows in zip(ends, volumes, strict=True)
    ]


@pytest.mark.parametrize(
    ("bad", "at_most", "verdict"), [(0, 0, "met"), (1, 0, "not met"), (2, 0.02, "met"), (3, 0.02, "not met")]
)
def test_a_row_rule(bad, at_most, verdict):
    assert found(expect.not_null("c", at_most=at_most), 100, bad=bad, example="7").verdict == verdict


def test_what_a_row_rule_says():
    said = str(found(expect.not_null("c"), 1000, bad=3, example="7"))
    assert said == "Source 's': c is not null: expected no row bad, got 3 of 1,000, such as 7."


@pytest.mark.parametrize(
    ("rows", "verdict"), [(69, "not met"), (70, "met"), (100, "met"), (130, "met"), (131, "not met")]
)
def test_volume_against_the_median_of_earlier_nights(rows, verdict):
    volume = expect.volume(within=0.3)
    assert found(volume, rows, history=nights(volume, [100, 90, 110, 100, 5000])).verdict == verdict


def test_volume_of_too_few_nights_is_not_judged_but_for_its_bounds():
    volume = expect.volume(least=10, within=0.3)
    history = nights(volume, [100] * 4)
    assert found(volume, 50, history=history).verdict == "not judged"
    assert found(volume, 9, history=history).verdict == "not met"


def test_volume_by_weekday():
    weekly = expect.volume(within=0.1, same_weekday=True)
    history = nights(weekly, [1000 if back % 7 == 0 else 10 for back in range(28, 0, -1)])
    assert found(weekly, 1000, history=history).verdict == "met"
    assert found(weekly, 10, history=history).verdict == "not met"


def test_days_that_are_judged_together_are_compared_by_the_day():
    volume = expect.volume(within=0.1)
    month = Night("run", END - timedelta(days=31), END - timedelta(days=1))
    history = [found(volume, 3000, month)]
    assert (history[0].nights, found(volume, 100, history=history).verdict) == (30, "met")
    assert found(volume, 3000, history=history).verdict == "not met"
    week = Night("run", END - timedelta(days=7), END)
    assert found(volume, 700, week, nights(volume, [100] * 6, last=8)).verdict == "met"
    assert found(expect.volume(most=99), 700, week).said == "volume 99 or fewer: expected 0 to 99 rows, got 100 a day."


def test_only_nights_before_and_within_the_span_are_compared_with():
    volume = expect.volume(within=0.1, over=days(7))
    old, later = nights(volume, [9] * 9, last=8), nights(volume, [9] * 9, last=-9)
    assert found(volume, 100, history=[*old, *later]).verdict == "not judged"
    assert found(volume, 100, history=[*old, *nights(volume, [100] * 5), *later]).verdict == "met"


def test_a_night_counts_as_it_was_judged_last():
    volume = expect.volume(within=0.1)
    assert found(volume, 100, history=[*nights(volume, [9] * 5), *nights(volume, [100] * 5)]).verdict == "met"


def feed(expectation, volumes, other=None):
    """The verdicts of nights one after the other, each judged on what those before have left; ``other`` stops some."""
    history, said = [], []
    for number, rows in enumerate(volumes):
        end = END + timedelta(days=number)
        night = Night(f"run{number}", end - timedelta(days=1), end)
        history.append(found(expectation, rows, night, history))
        said.append(history[-1].verdict)
        if other and number in other:
            history.append(found(expect.not_null("c"), rows, night, bad=1))
    return said


@pytest.mark.parametrize("weekly", [False, True])
def test_a_feed_at_a_tenth_stays_refused_and_the_repaired_night_passes(weekly):
    volume = expect.volume(within=0.3, same_weekday=weekly)
    said = feed(volume, [100] * 28 + [10] * 70 + [100, 10])
    assert said[28:] == ["not met"] * 70 + ["met", "not met"]


def test_a_night_that_something_else_refused_is_no_history():
    volume = expect.volume(within=0.3)
    said = feed(volume, [100] * 6 + [120] * 20 + [100, 75], other=range(6, 26))
    assert said[5:] == ["met"] * 23


def test_a_refused_night_that_was_built_in_the_end_is_history_and_time():
    volume = expect.volume(within=0.3, over=days(7))
    refused = [replace(one, run_id="bad", verdict="not met") for one in nights(volume, [10] * 6)]
    history = [*nights(volume, [500] * 6, last=8), *refused, *nights(volume, [100] * 6)]
    assert found(volume, 100, history=history).verdict == "met"


@pytest.mark.parametrize(("hours_before", "verdict"), [(0, "met"), (6, "met"), (7, "not met")])
def test_freshness(hours_before, verdict):
    newest = int(END.timestamp()) * 1_000_000 - hours_before * HOUR
    assert found(expect.fresh(hours(6)), 1, newest=newest).verdict == verdict


def test_nothing_is_not_fresh():
    said = found(expect.fresh(hours(6)), 0, newest=None).said
    assert said == ("newest within 6h: expected an event in [2026-03-09T18:00:00+00:00, 2026-03-10T00:00:00+00:00], "
                    "got none.")  # fmt: skip


def test_drift_against_all_earlier_nights_of_the_same_bins():
    stable = expect.stable("amount")
    bins = {"cuts": [1.0], "values": []}
    history = [
        *nights(stable, [100], last=2, **bins, counts=[60, 40, 0]),
        *nights(stable, [100], last=1, **bins, counts=[40, 60, 0]),
        *nights(stable, [100], last=3, cuts=[2.0], values=[], counts=[0, 100, 0]),
    ]
    assert found(stable, 100, history=history, **bins, counts=[50, 50, 0]).verdict == "met"
    shifted = found(stable, 100, history=history, **bins, counts=[95, 5, 0])
    assert (shifted.verdict, shifted.stops) == ("not met", False)
    assert "against 2 nights" in shifted.said


def test_drift_against_too_few_rows_is_not_judged():
    stable, bins = expect.stable("amount"), {"cuts": [1.0], "values": []}
    history = nights(stable, [3], **bins, counts=[3, 0, 0])
    assert found(stable, 100, history=history, **bins, counts=[0, 100, 0]).verdict == "not judged"


def test_drift_without_nights_is_not_judged():
    assert found(expect.stable("a"), 9, cuts=[], values=["x"], counts=[9, 0, 0]).verdict == "not judged"


def test_results_come_back_from_a_ledger():
    result = found(expect.not_null("c"), 10, bad=1, example=None)
    assert GateResult.of(result.facts() | {"added_later": 1}) == result


def test_refusal_lists_all_that_stops_and_nothing_else():
    stops, aside = expect.not_null("a"), expect.not_null("b", otherwise="quarantine")
    warns = expect.not_null("c", otherwise="warn")
    results = [found(one, 10, bad=5) for one in (stops, aside, warns)]
    with pytest.raises(GateNotMet) as refused:
        refuse(results)
    assert str(refused.value).splitlines() == [
        "2 expectations are not met, nothing was written:",
        "  Source 's': a is not null: expected no row bad, got 5 of 10.",
        "  Source 's': b is not null: expected at most 0.01 of the rows bad, got 5 of 10.",
    ]
    assert warnings(results) == ["Source 's': c is not null: expected no row bad, got 5 of 10."]
    refuse(results[2:])


def test_a_night_has_a_zone_and_a_length():
    with pytest.raises(ValueError, match="both with a zone"):
        Night("run", END, END)
