"""Expected and given rows: as bags or in order, numbers to 1e-6."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tillthen.define.faults.errors import DataContractError
from tillthen.pit.conformance.cases import Case, malformed
from tillthen.pit.conformance.clock import instant

Row = tuple[object, ...]


def differences(case: Case, names: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """What is missing and what is too many; empty where the answer, over columns ``names``, is the expected one."""
    places = positions(case, names)
    given = [tuple(row[i] for i in places) for row in rows]
    expected = case.expected.rows
    if case.ordered:
        if len(given) == len(expected) and all(map(_same_row, expected, given)):
            return []
        return [f"expected in order {list(expected)}", f"got {given}"]
    left = list(given)
    missing = []
    for row in expected:
        found = next((i for i, other in enumerate(left) if _same_row(row, other)), None)
        if found is None:
            missing.append(row)
        else:
            left.pop(found)
    return [f"expected {row}" for row in missing] + [f"got {row}" for row in left]


def positions(case: Case, names: Sequence[str]) -> list[int]:
    """Where the expected columns are in the answer; the n-th of one name is the n-th of that name."""
    positions = []
    for i, name in enumerate(case.expected.columns):
        places = [place for place, other in enumerate(names) if other == name]
        nth = case.expected.columns[:i].count(name)
        if nth >= len(places):
            raise malformed("expected.columns", "columns of the answer: " + ", ".join(names), name)
        positions.append(places[nth])
    return positions


def _same_row(one: Row, other: Row) -> bool:
    return len(one) == len(other) and all(map(same, one, other))


def same(expected: object, got: object) -> bool:
    """Whether two values are one: numbers to 1e-6, times as instants.

    >>> same(1, 1.0000001), same(1, 1.1), same(True, 1), same(None, 0), same("2026-01-01", "2026-01-01T00:00:00Z")
    (True, False, False, False, True)
    """
    if expected is None or got is None or isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, int) and isinstance(got, int):
        return expected == got
    if isinstance(expected, int | float) and isinstance(got, int | float):
        alike = math.isnan(expected) and math.isnan(got)
        return alike or math.isclose(expected, got, rel_tol=1e-12, abs_tol=1e-6)
    return expected == got or (isinstance(expected, str) and isinstance(got, str) and _one_instant(expected, got))


def _one_instant(one: str, other: str) -> bool:
    try:
        return instant(one) == instant(other)
    except DataContractError:
        return False
