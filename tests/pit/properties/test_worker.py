"""The engine's worker against the oracle, on random worlds and without Spark."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

from tests.pit.properties.agreement import bits, disagreements, without_overflow
from tests.pit.properties.worker import Layout, answer, layouts
from tests.pit.properties.worlds import LAST, START, Row, World, events, seeds, worlds

quick = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
thorough = settings(max_examples=10_000, suppress_health_check=[HealthCheck.too_slow])


def check_agreement(world: World, layout: Layout) -> None:
    fitting = without_overflow(world)
    assert disagreements(fitting, answer(fitting, layout)) == []


@quick
@given(worlds(), layouts)
def test_the_engine_is_the_oracle(world: World, layout: Layout):
    check_agreement(world, layout)


@pytest.mark.long
@thorough
@given(worlds(), layouts)
def test_the_engine_is_the_oracle_many_times(world: World, layout: Layout):
    check_agreement(world, layout)


@quick
@given(worlds(), layouts, layouts)
def test_partitions_and_batches_change_no_bit(world: World, one: Layout, other: Layout):
    fitting = without_overflow(world)
    assert cells(answer(fitting, one)) == cells(answer(fitting, other))


@quick
@given(worlds(), layouts, seeds)
def test_what_is_not_visible_changes_no_bit(world: World, layout: Layout, random: Random):
    fitting = without_overflow(world)
    more = World(world.source, world.sets, [*world.rows, *invisible(world, random)], world.spine)
    assert cells(answer(fitting, layout)) == cells(answer(more, layout))


def cells(rows: list[Row]) -> list[dict[str, object]]:
    return [{name: bits(value) for name, value in row.items()} for row in rows]


def invisible(world: World, random: Random) -> list[Row]:
    """Rows of the same keys that happen, or are known, after every ``as_of``, or never."""
    instants = [row["as_of"] for row in world.spine if row["as_of"] is not None]
    after = max(instants, default=START) + 1
    hidden: list[Row] = [{"at": after}, {"at": None}]
    if world.source.known_time:
        hidden += [{"arrived": after}, {"arrived": None}]
    if world.source.retracted_time and world.source.known_time:
        hidden += [{"arrived": START, "gone": START}]
    rows = [row | random.choice(hidden) for row in events(world.source, random, 10) if after <= LAST]
    return [row | {"id": 1000 + i} for i, row in enumerate(rows)]
