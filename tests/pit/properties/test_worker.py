"""The engine's worker against the oracle, on random worlds and without Spark."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import seed as seeded

from tests.pit.properties.agreement import disagreements, without_overflow
from tests.pit.properties.worker import Layout, answer, layouts
from tests.pit.properties.worlds import LAST, START, TYPES, Row, World, events, seeds, worlds
from tillthen.define.features.aggregation import Aggregation
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.features.window import LIFETIME
from tillthen.define.sources.rows import Rows
from tillthen.define.sources.source import Source
from tillthen.pit.audit.agreement import bits
from tillthen.pit.partition import portions, sorting

quick = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
thorough = settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])


def check_agreement(world: World, layout: Layout) -> None:
    fitting = without_overflow(world)
    assert disagreements(fitting, answer(fitting, layout)) == []


@quick
@given(worlds(), layouts)
def test_the_engine_is_the_oracle(world: World, layout: Layout):
    check_agreement(world, layout)


@quick
@given(worlds(), layouts)
def test_the_engine_is_the_oracle_in_blocks_of_few_rows(world: World, layout: Layout):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "BLOCK_ROWS", 3)
        for bound in ("PORTION_ROWS", "PORTION_LISTED", "PORTION_BYTES"):
            patch.setattr(portions, bound, 3)
        check_agreement(world, layout)


@pytest.mark.long
@pytest.mark.parametrize("thousand", range(10))
def test_the_engine_is_the_oracle_many_times(thousand: int):
    seeded(thousand)(thorough(given(worlds(), layouts)(check_agreement)))()


@quick
@given(worlds(), layouts, layouts)
def test_partitions_and_batches_change_no_bit(world: World, one: Layout, other: Layout):
    fitting = without_overflow(world)
    assert cells(answer(fitting, one)) == cells(answer(fitting, other))


@quick
@given(worlds(), layouts, seeds)
def test_what_is_not_visible_changes_no_bit(world: World, layout: Layout, random: Random):
    fitting = without_overflow(world)
    for group in world.sets:
        group.declared[:] = [feature for feature in group.declared if not feature.window.ahead]
    assume(any(group.declared for group in world.sets))
    more = World(world.source, world.sets, [*world.rows, *invisible(world, random)], world.spine)
    assert cells(answer(fitting, layout)) == cells(answer(more, layout))


@pytest.mark.parametrize("kind", ["first", "last", "last_non_null", "last_n"])
@pytest.mark.parametrize("seed", range(3))
def test_the_order_within_an_instant_is_kept_for_a_feature_that_is_alone(kind: str, seed: int):
    source = Source("events", event_time="at")
    group = FeatureSet("one", source, ("card",), Rows("events").select("card", "whole"))
    group.features(Aggregation(kind, "whole", parameter=3 if kind == "last_n" else None).over(LIFETIME))
    rows: list[Row] = [dict.fromkeys(TYPES) | {"card": "a", "at": START, "whole": i} for i in range(9)]
    asking: list[Row] = [dict.fromkeys(TYPES) | {"row": 0, "card": "a", "as_of": START + 1}]
    check_agreement(World(source, [group], rows, asking), Layout(1, 1000, Random(seed)))


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
