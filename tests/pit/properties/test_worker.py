"""The engine's worker is the oracle, on random worlds."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.pit.properties.agreement import disagreements, without_overflow
from tests.pit.properties.worker import Layout, answer, layouts
from tests.pit.properties.worlds import World, worlds

many = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@many
@given(worlds(), layouts)
def test_the_engine_is_the_oracle(world: World, layout: Layout):
    world = without_overflow(world)
    assert disagreements(world, answer(world, layout)) == []
