"""Columns of a feature table in words, for the table's comments."""

from __future__ import annotations

from tillthen.define.aggregation import Feature
from tillthen.define.feature_set import FeatureSet
from tillthen.define.table import FeatureTable


def comments(table: FeatureTable) -> dict[str, str]:
    """A comment for each column that has something to say."""
    spine = table.spine
    said = dict.fromkeys(spine.columns, f"Known at the decision, {spine.as_of}.")
    said[str(spine.source.id)] = f"Row id: of each event of '{spine.source.name}' once."
    said[spine.as_of] = "as_of: the instant of the decision."
    said |= {name: f"{text}, of the decision's own columns." for name, text in table.derived.items()}
    for group in table.feature_sets:
        said |= {feature.name: _sentence(group, feature) for feature in group.declared}
    return said


def clock_words(feature: Feature) -> str:
    """What is computed over which events of its source.

    >>> from tillthen import Source, count, days, feature_set
    >>> payments = Source("payments", event_time="at")
    >>> habits = feature_set(source=payments, entity="card")(lambda rows: rows.select("card", "amount"))
    >>> clock_words(habits.features(count(where="amount > 9").over(days(7))).declared[0])
    'count where amount > 9, event_time in [as_of - 7d, as_of)'
    """
    what = feature.kind if feature.column is None else f"{feature.kind} of {feature.column}"
    condition = "" if feature.where is None else f" where {feature.where}"
    window = feature.window
    latest = "" if window.k is None else f" of the {window.k} latest" + (f" but {window.skip}" if window.skip else "")
    filled = "" if feature.fill is None else f", {feature.fill} where empty"
    return f"{what}{condition}{latest}, event_time in {window.interval}{filled}"


def _sentence(group: FeatureSet, feature: Feature) -> str:
    keys = ", ".join(group.entity)
    about = group.description.partition("\n")[0]
    return f"{clock_words(feature)}, of {group.source.name} by {keys}. {about}".strip()
