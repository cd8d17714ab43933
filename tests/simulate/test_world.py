from __future__ import annotations

import re
from datetime import date

import pytest

from tillthen.define.faults.errors import ConfigurationError
from tillthen.simulate.world import DAY, World


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"cards": -5}, r"simulate: 'cards': expected greater than or equal to 1, got -5\."),
        ({"cards": 1.5}, r"simulate: 'cards': expected a valid integer, got 1.5\."),
        ({"merchants": 53}, r"simulate: 'merchants': expected greater than or equal to 54, got 53\."),
        ({"issuers": 5}, r"simulate: 'issuers': expected greater than or equal to 6, got 5\."),
        ({"late": 1.2}, r"simulate: 'late': expected less than or equal to 1, got 1.2\."),
        ({"fraud": float("nan")}, r"simulate: 'fraud': expected a finite number, got nan\."),
        ({"start": "soon"}, r"simulate: 'start': expected a valid date or datetime.*, got 'soon'\."),
        ({"currency": "euro"}, r"simulate: 'currency': expected match pattern '\^\[A-Z\]\{3\}\$', got 'euro'\."),
        ({"merchnts": 60}, r"simulate: 'merchnts' is not a setting\. Did you mean 'merchants'\?"),
    ],
)
def test_what_makes_no_world_is_refused_in_one_line(section, message):
    with pytest.raises(ConfigurationError) as error:
        World.of(section)
    assert re.fullmatch(message, str(error.value))


def test_all_faults_are_in_one_error():
    with pytest.raises(ConfigurationError, match=r"'issuers'.*'days'"):
        World.of({"days": 0, "issuers": 0})


def test_the_world_is_a_half_open_interval_of_utc_days():
    world = World.of({"start": "1970-01-02", "days": 3})
    assert (world.start, world.begin, world.end) == (date(1970, 1, 2), DAY, 4 * DAY)
