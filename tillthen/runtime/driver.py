"""What Spark hands to the driver at once: its JVM and its Python hold no more, however wide a table is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

MOST_CELLS = 32_000_000
"""Values of one result: 256 MB of numbers. Spark refuses results of a gigabyte unless it is told otherwise."""
TEXT = 8
"""A text takes the place of so many numbers."""


def column_groups(names: Sequence[str], rows: int, texts: Collection[str] = ()) -> Iterator[list[str]]:
    """The columns in groups of at most `MOST_CELLS` values of so many rows, or of one column; one group at least.

    ``texts`` are those among them that hold text.

    >>> [len(group) for group in column_groups([f"f{i}" for i in range(700)], 100_000)]
    [320, 320, 60]
    """
    room = group_room = max(MOST_CELLS // max(rows, 1), 1)
    group: list[str] = []
    for name in names:
        cost = TEXT if name in texts else 1
        if group and cost > room:
            yield group
            group, room = [], group_room
        group.append(name)
        room -= cost
    yield group
