"""Features in words."""

from __future__ import annotations

from tillthen.define.features.aggregation import Feature


def clock_words(feature: Feature) -> str:
    """What is computed over which events of its source.

    >>> from tillthen import Source, count, days, feature_set
    >>> payments = Source("payments", event_time="at")
    >>> @feature_set(source=payments, entity="card")
    ... def habits(rows):
    ...     return rows.select("card", "amount")
    >>> clock_words(habits.features(count(where="amount > 9").over(days(7))).declared[0])
    'count where amount > 9, event_time in [as_of - 7d, as_of)'
    """
    kind = feature.kind if feature.parameter is None else f"{feature.kind}({feature.parameter})"
    what = kind if feature.column is None else f"{kind} of {feature.column}"
    condition = "" if feature.where is None else f" where {feature.where}"
    window = feature.window
    latest = "" if window.k is None else f" of the {window.k} latest" + (f" but {window.skip}" if window.skip else "")
    filled = "" if feature.fill is None else f", {feature.fill} where empty"
    return f"{what}{condition}{latest}, event_time in {window.interval}{filled}"
