"""Why an event does not count, and which one explains a wrong value. Times are microseconds."""

from __future__ import annotations

import pytest

from tillthen import Source, count, lifetime, sum
from tillthen.define.arguments.duration import Duration
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.features.window import latest
from tillthen.define.sources.rows import Rows
from tillthen.pit.audit.nearby import culprit, judge
from tillthen.pit.oracle.plain import EVENT, ID, KNOWN, PASSES, RETRACTED, TIE, plain_set

SOURCE = Source("s", id="id", event_time="at", known_time="seen", retracted_time="gone")
NEVER = 10**15


def a_set(features, *, source=SOURCE, **options):
    rows = Rows("s").where("fine").select("k", "v", "ok")
    group = FeatureSet("g", source, ("k",), rows, **options).features(features.named("f"))
    return plain_set(group), group.declared[0]


def event(id_, at, known=None, gone=None, **more):
    known = at if known is None else known
    return {ID: id_, EVENT: at, KNOWN: known, RETRACTED: gone, PASSES: True, "k": "a", "v": 2**id_, "ok": True, **more}


def asked(as_of, **more):
    return {"k": "a", "as_of": as_of, ID: None, **more}


def reasons(group, feature, row, *events):
    return {one.row[ID]: list(one.reasons) for one in judge(feature, row, group, events)}


def test_each_event_has_all_its_reasons():
    group, feature = a_set(count(where="ok").over(Duration(10), offset=Duration(5)), exclude_self=True)
    events = [
        event(1, 90),
        event(2, 84),
        event(3, 97),
        event(4, 100),
        event(5, 101, 200),
        event(6, 90, 101),
        event(7, 90, gone=100),
        event(8, 90, ok=False),
        event(9, 90, ok=None, known=300),
        event(10, 90, **{PASSES: False}),
        event(11, None, known=1),
        event(12, 90, gone=90),
        event(13, 90),
    ]
    assert reasons(group, feature, asked(100, **{ID: 13}), *events) == {
        1: [],
        2: ["before the window"],
        3: ["after the window"],
        4: ["at as_of"],
        5: ["after as_of", "known later"],
        6: ["known later"],
        7: ["retracted"],
        8: ["not where ok"],
        9: ["not where ok", "known later"],
        10: ["does not pass the set's condition"],
        11: ["its event time is null"],
        12: ["never visible: a duplicate, deleted, or retracted or replaced by the time it was known"],
        13: ["own event"],
    }


def test_the_nearest_in_event_time_comes_first():
    group, feature = a_set(count().over(lifetime))
    rows = [event(1, 50), event(2, 120), event(3, 99), event(4, None, known=1)]
    assert [one.row[ID] for one in judge(feature, asked(100), group, rows)] == [3, 2, 1, 4]


def test_versions_replace_and_the_tie_and_the_latest_decide():
    versions = Source("s", id="id", event_time="at", known_time="seen", versions=True)
    group, feature = a_set(count().over(lifetime), source=versions)
    rows = [event(1, 10, 20), event(1, 11, 30)]
    judged = judge(feature, asked(100), group, rows)
    assert [(one.event_time, one.reasons) for one in judged] == [(11, ()), (10, ("replaced by a later version",))]

    group, feature = a_set(count().over(latest(1, 1)), closed="right", within_tie="t")
    rows = [event(1, 98, **{TIE: 9}), event(2, 99, **{TIE: 9}), event(3, 100, **{TIE: 1}), event(4, 100, **{TIE: 2})]
    assert reasons(group, feature, asked(100, **{TIE: 1}), *rows) == {
        1: ["not among the latest"], 2: [], 3: ["not among the latest"], 4: ["later within the tie"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (2 + 4, "event 2 (at 1970-01-01T00:00:00.000095Z, known 1970-01-01T00:00:00.000101Z), known later: seen"),
        (2 + 8, "event 3 (at 1970-01-01T00:00:00.000080Z, known 1970-01-01T00:00:00.000080Z), before the window: seen"),
        (2 + 16, "event 4 (at 1970-01-01T00:00:00.000100Z, known 1970-01-01T00:00:00.000100Z), at as_of: seen"),
        (2 + 32, "event 5 (at 1970-01-01T00:00:00.000099Z, known 1970-01-01T00:00:00.000099Z), retracted: seen"),
        (None, "event 1 (at 1970-01-01T00:00:00.000090Z, known 1970-01-01T00:00:00.000090Z) counts: not seen"),
        (7777, "the nearest hidden one is event 5"),
    ],
)
def test_the_event_that_explains_a_value(stored, said):
    group, feature = a_set(sum("v").over(Duration(10)))
    rows = [event(1, 90), event(2, 95, 101), event(3, 80), event(4, 100), event(5, 99, gone=100)]
    assert culprit(feature, asked(100), group, rows, stored).startswith(said)


def test_without_a_hidden_event_nothing_explains():
    group, feature = a_set(count().over(lifetime))
    assert culprit(feature, asked(100), group, [], 3) == "no hidden event of its key is there to explain it"
