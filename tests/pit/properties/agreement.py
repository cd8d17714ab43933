"""When the engine and the oracle agree on a world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.pit.properties.worlds import Row, World
from tillthen.define.faults.errors import DataContractError
from tillthen.pit import oracle
from tillthen.pit.audit import agreement
from tillthen.pit.audit.agreement import Disagreement


def disagreements(world: World, got: Sequence[Row]) -> list[Disagreement]:
    """Cells in which the engine's answer is not the oracle's."""
    assert [row["row"] for row in got] == [row["row"] for row in world.spine]
    return agreement.disagreements(world.spine, world.sets, {world.source.name: world.rows}, got)


def without_overflow(world: World) -> World:
    """The world without the sums that do not fit their types, each of which is an error."""
    for group in world.sets:
        for feature in list(group.declared):
            alone = replace(group, declared=[feature])
            try:
                oracle.compute(world.spine, [alone], {world.source.name: world.rows})
            except DataContractError:
                group.declared.remove(feature)
    return world
