"""What each aggregation makes of the events that a window sees; a file for each family.

An aggregation is a function ``(events, pieces, column) -> pa.Array`` with one value for each spine row of the block,
in the block's order, or ``-> Lists`` with one list; one with a parameter takes it behind the column. A family's file
names its own in ``AGGREGATIONS``, by the kinds of `tillthen.define.features.aggregation`; all files here are read.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeAlias

import pyarrow as pa

from tillthen.pit.kernel.lists import Lists

Made: TypeAlias = pa.Array | Lists
"""A value for each row of a block, or a list."""

FAMILIES = [import_module(f"{__name__}.{family.name}") for family in iter_modules(__path__)]
AGGREGATIONS: dict[str, Callable[..., Made]] = {
    kind: make for family in FAMILIES for kind, make in family.AGGREGATIONS.items()
}
