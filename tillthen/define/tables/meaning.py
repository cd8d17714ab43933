"""What the columns of a feature table mean, as hashes: equal exactly where equal rows give equal values.

Descriptions, owners and expectations mean nothing here.
"""

from __future__ import annotations

from dataclasses import replace

from tillthen.define.arguments.fingerprint import fingerprint
from tillthen.define.expressions.expression import parse
from tillthen.define.tables.table import FeatureTable

SPINE = ""
"""The name under which the meaning of a table's rows stands."""
CLOCK_RULES = 2
"""Raised when rows are known at other times than before by the same declarations: 2, to the microsecond of landing."""


def meanings(table: FeatureTable) -> dict[str, str]:
    """A hash for each feature, and under `SPINE` one for which rows there are.

    A derived column's hash is of its expression and of the hashes of what it reads.
    """
    found = {SPINE: fingerprint([CLOCK_RULES, table.spine])}
    found |= {name: fingerprint(["row", name]) for name in table.row_features}
    for group in table.feature_sets:
        bare = replace(group, name="", description="", owner="", declared=[], derived={})
        found |= {feature.name: fingerprint([CLOCK_RULES, bare, feature]) for feature in group.declared}
        for name, text in group.derived.items():
            found[name] = _derived(text, found)
    for name, text in table.derived.items():
        found[name] = _derived(text, found)
    return found


def definitions_hash(table: FeatureTable) -> str:
    """One hash of all meanings."""
    return fingerprint(meanings(table))


def _derived(text: str, known: dict[str, str]) -> str:
    return fingerprint([text, *(known.get(column, column) for column in parse(text).columns)])
