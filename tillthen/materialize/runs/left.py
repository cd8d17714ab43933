"""What a run says of rows that it did not build, and of amounts that it could not convert."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tillthen.define.sources.rates import Converted
from tillthen.define.tables.spine import Snapshots
from tillthen.define.tables.table import FeatureTable
from tillthen.materialize.rows.spine import NOT_OVER
from tillthen.sources.events.prepared import NO_RATE
from tillthen.sources.events.tally import BACK_DATED

Facts = Mapping[str, Mapping[str, int]]


def left_out(table: FeatureTable, facts: Facts) -> Iterator[str]:
    """A line for each reason that left something out of the table, from a run's counts.

    Late rows of a source that features are made of are no loss: they count from when they landed. Snapshots are of
    keys, which such rows make active later.
    """
    source, spine = table.spine.source.name, facts["spine"]
    if later := spine.get(NOT_OVER, 0):
        yield f"Source '{source}': {later:,} rows are of days that are not over, and are left to these."
    if (late := spine.get(BACK_DATED, 0)) and not isinstance(table.spine, Snapshots):
        yield (f"Source '{source}': {late:,} rows landed after their day could have been built, and are left out of "
               f"'{table.name}'. 'tillthen restate {table.name}' lets them in.")  # fmt: skip
    for one in dict.fromkeys(group.source for group in table.feature_sets):
        if isinstance(one.made_of, Converted) and (null := facts.get(one.name, {}).get(NO_RATE, 0)):
            rates = one.made_of.rates
            yield (f"Source '{one.name}': {null:,} amounts are null, for want of a rate of '{rates.source.name}' into "
                   f"{rates.base} that was known and no older than {rates.max_age}.")  # fmt: skip
