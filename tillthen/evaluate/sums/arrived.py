"""What Spark brought back, as cells in an order that no partition decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from tillthen.define.backtests.cost import Costs
from tillthen.evaluate.sums.cells import Cells, unpacked

ByKind = Mapping[str, Mapping[str, Cells]]
"""Cells by model and kind."""


def by_kind(table: pa.Table, costs: Costs, kinds: Mapping[str, Sequence[str]], values: Sequence[str]) -> ByKind:
    """The cells of a table with columns ``model`` and ``kind``; ``kinds`` names each kind's keys."""
    models = sorted(table["model"].unique().to_pylist())
    return {
        model: {kind: cells_of(table, costs, keys, values, model=model, kind=kind) for kind, keys in kinds.items()}
        for model in models
    }


def cells_of(table: pa.Table, costs: Costs, keys: Sequence[str], values: Sequence[str], **where: str) -> Cells:
    """The cells of the rows where columns have these values, the policies' decisions taken apart.

    Cells are in the order of their ``keys``, which must tell them apart.
    """
    wanted = reduce(pc.and_, [pc.equal(table[name], value) for name, value in where.items()])
    rows = table.select([*keys, *values]).filter(wanted)
    order = pc.sort_indices(rows, sort_keys=[(key, "ascending") for key in keys]).to_numpy()
    columns = {name: rows[name].to_numpy()[order] for name in (*keys, *values)}
    decided = columns.pop("decided", None)
    return Cells(costs, columns if decided is None else columns | unpacked(decided))
