"""Arguments of `point_in_time` that are none: one line, before anything is computed."""

from __future__ import annotations

import pytest

import tillthen
from tillthen import Source, count, days, feature_set
from tillthen.define.faults.errors import DefinitionError
from tillthen.pit import arguments


@feature_set(source=Source("payments", event_time="at"), entity="card")
def cards(rows):
    """Payments of a card."""
    return rows.select("card")


cards.features(count().over(days(1)))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"date_is": "noon"}, "point_in_time 'date_is': expected 'end' or 'start', got 'noon'"),
        ({"on_null_time": "drop"}, "point_in_time 'on_null_time': expected 'refuse' or 'keep', got 'drop'"),
        ({"timezone": "US"}, "point_in_time 'timezone': expected an IANA zone.*, got 'US'"),
        ({"partitions": 0}, "point_in_time 'partitions': expected an integer of at least 1.*, got 0"),
        ({"as_of": 5}, "point_in_time 'as_of': expected a column's name, got 5"),
        ({"sources": ["payments"]}, "point_in_time 'sources': expected"),
        ({"feature_sets": ["cards"]}, "point_in_time 'feature_sets'.*: expected .*FeatureSet"),
    ],
)
def test_what_is_no_argument_is_refused_before_a_frame_is_looked_at(given, told):
    sets = given.pop("feature_sets", [cards])
    with pytest.raises(DefinitionError, match=told) as refused:
        tillthen.point_in_time(object(), sets, **given)
    assert "\n" not in str(refused.value)


def test_one_set_alone_is_a_list_of_one():
    assert arguments.point_in_time(cards) == arguments.point_in_time([cards]) == (cards,)
