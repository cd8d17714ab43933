"""Feature tables and their columns in words, for the comments and properties of Delta tables."""

from __future__ import annotations

from tillthen.define.features.aggregation import KINDS, Feature
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.features.in_words import clock_words
from tillthen.define.sources.label import LabelEvents
from tillthen.define.sources.source import Source
from tillthen.define.tables.spine import Snapshots, Spine
from tillthen.define.tables.table import FeatureTable


def rows_words(spine: Spine | Snapshots) -> str:
    """Which rows a table has."""
    if isinstance(spine, Spine):
        return f"each event of {spine.source.name}, as of {spine.as_of}"
    at = f"{spine.at} after midnight UTC" if spine.at.micros else "midnight UTC"
    return f"each {', '.join(spine.entity)} active in {spine.source.name} within {spine.active}, daily at {at}"


def properties(table: FeatureTable) -> dict[str, str]:
    """The table's description, and who answers for its features."""
    owners = dict.fromkeys(group.owner for group in table.feature_sets if group.owner)
    said = {"comment": f"Feature table {table.name}, version {table.version}: one row for {rows_words(table.spine)}."}
    return said | ({"tillthen.owners": ", ".join(owners)} if owners else {})


def comments(table: FeatureTable) -> dict[str, str]:
    """A comment for each column that has something to say."""
    spine = table.spine
    said = dict.fromkeys(spine.columns, f"Known at the decision, {spine.as_of}.")
    if spine.row_id:
        said[spine.row_id] = f"Row id: of each event of '{spine.source.name}' once."
    said[spine.as_of] = "as_of: the instant of the decision."
    said |= {name: f"{derived_words(text)}." for name, text in table.derived.items()}
    for group in table.feature_sets:
        said |= {feature.name: _sentence(group, feature) for feature in group.declared}
        said |= {name: f"{derived_words(text)}. {_about(group)}".strip() for name, text in group.derived.items()}
    return said


def derived_words(text: str) -> str:
    """What an expression over finished features and the decision's own columns is."""
    return f"{text}, of what is known at the decision"


def definition(group: FeatureSet, feature: Feature) -> list[tuple[str, str]]:
    """A feature in words: what it is about, and what is said of it, a line each."""
    source = group.source
    said = [
        ("feature", feature.name),
        ("set", f"{group.name}, by {', '.join(group.entity)}" + (f", owned by {group.owner}" if group.owner else "")),
        ("about", " ".join(group.description.split())),
        ("source", f"{source.name}, table {source.table}" + (f", id {source.id}" if source.id else ", no id")),
        ("rows", f"those where {group.rows.condition}" if group.rows.condition else "all of the source"),
        ("value", clock_words(feature)),
        ("ties", _ties(group, feature)),
        ("known", _known(source, feature)),
        ("hidden by", _hidden(source, feature)),
        ("empty window", _empty(feature)),
    ]
    return [(about, text) for about, text in said if text]


def _ties(group: FeatureSet, feature: Feature) -> str:
    window = feature.window
    counts = "counts" if (window.closed == "right") != window.ahead else "does not count"
    end = f"exactly {window.offset} before as_of" if window.offset.micros else "at as_of itself"
    said = f"an event {end} {counts}"
    if group.within_tie and window.closed == "right" and not window.offset.micros:
        said += f" where its {group.within_tie} is at most the row's"
    return said + (f"; the row's own event, by {group.source.id}, does not" if group.exclude_self else "")


def _known(source: Source, feature: Feature) -> str:
    if feature.window.ahead:
        return "LEAK: whatever was known, and whatever was retracted"
    rule = _arrived(source) + (f", and not {source.retracted_time} <= as_of" if source.retracted_time else "")
    if isinstance(source.made_of, LabelEvents):
        decisions, outcomes = source.made_of.sources
        rule += f"; {source.known_time} is when something was learned of a decision of {decisions.name} from "
        rule += f"{outcomes.name} ({_arrived(outcomes)}), and never before the decision itself ({_arrived(decisions)})"
    return rule + (f"; of the versions of one {source.id} the last known by as_of" if source.versions else "")


def _arrived(source: Source) -> str:
    known = source.known_time or f"{source.event_time} (no known time is declared)"
    told = f"{known} + {source.delay}" if source.delay.micros else known
    if source.landed_time is None:
        return f"{told} <= as_of"
    rule = f"{told} <= as_of, and {source.landed_time} <= as_of"
    if source.landing is None:
        return rule
    day = f"the UTC day of {source.known_time or source.event_time}"
    within = f" or within {source.landing} after it" if source.landing.micros else ""
    return f"{rule} unless it landed on {day}{within}"


def _hidden(source: Source, feature: Feature) -> str:
    if feature.window.ahead:
        return ""
    hiding = [f"the offset: what happened in the last {feature.window.offset}"] if feature.window.offset.micros else []
    hiding += [f"the known time {source.known_time}: what had not arrived"] if source.known_time else []
    hiding += [f"the delay: what arrived in the last {source.delay}"] if source.delay.micros else []
    return "; ".join(hiding) or "nothing but as_of itself: no offset, known time or delay"


def _empty(feature: Feature) -> str:
    if feature.fill is not None:
        return f"{feature.fill}, as declared with fill" if not KINDS[feature.kind].zero_when_empty else "0"
    return "0" if KINDS[feature.kind].zero_when_empty else "null"


def _sentence(group: FeatureSet, feature: Feature) -> str:
    keys = ", ".join(group.entity)
    clocks = f"{clock_words(feature)}, of {group.source.name} by {keys}, known where {_known(group.source, feature)}"
    return f"{clocks}. {_about(group)}".strip()


def _about(group: FeatureSet) -> str:
    owner = f"Owned by {group.owner}." if group.owner else ""
    return f"{group.description.partition(chr(10))[0]} {owner}".strip()
