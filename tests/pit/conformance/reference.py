"""The case format's semantics, read off its description row by row: what the translations are checked against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

Raw = dict[str, Any]
Row = list[Any]


def asof(case: Raw) -> Raw:
    """The greatest visible row of every feature for each row of the query."""
    query, semantics = case["query"], case["semantics"]
    columns = [*query["columns"], *(f"{f['name']}.{column}" for f in case["features"] for column in f["columns"])]
    rows = []
    for row in query["rows"]:
        seen = [_seen(named(query, row), feature, semantics) for feature in case["features"]]
        if semantics["join"] == "left" or all(seen):
            picks = [_picked(found, f["columns"], semantics) for found, f in zip(seen, case["features"], strict=True)]
            rows.append([*row, *(value for picked in picks for value in picked)])
    return {"columns": columns, "rows": rows}


def _seen(row: Raw, feature: Raw, semantics: Raw) -> list[Raw]:
    """The visible rows, the winner last."""
    tie = feature.get("tie_break") or ("known" if semantics["known_bound"] else None)
    found = []
    for place, event in enumerate(named(feature, other) for other in feature["rows"]):
        if None in (event["k"], event["t"], row["k"], row["t"]) or event["k"] != row["k"]:
            continue
        age = row["t"] - event["t"]
        late = semantics["known_bound"] and (event["known"] is None or event["known"] > row["t"])
        early_enough = age >= 0 if semantics["bound"] == "<=" else age > 0
        if early_enough and not late and (semantics["tolerance"] is None or age <= semantics["tolerance"]):
            rank = (event[tie] is not None, event[tie] or 0) if tie else (True, 0)
            found.append((event["t"], rank, place, event))
    return [event for *_, event in sorted(found, key=lambda entry: entry[:3])]


def _picked(seen: list[Raw], columns: Sequence[str], semantics: Raw) -> Row:
    if semantics["null_policy"] == "row":
        return [seen[-1][column] if seen else None for column in columns]
    present = {column: [row[column] for row in seen if row[column] is not None] for column in columns}
    return [present[column][-1] if present[column] else None for column in columns]


def window_agg(case: Raw) -> Raw:
    """The selected aggregates of every row of the query over its frame."""
    query, semantics = case["query"], case["semantics"]
    rows = [named(query, row) for row in query["rows"]]
    unions = [named(table, row) for table in reversed(case["union"]) for row in table["rows"]]
    answer = []
    for i, row in enumerate(rows):
        others = [*unions, *([] if semantics["instance_not_in_window"] else rows[:i])]
        if not semantics["instance_not_in_window"]:
            others += [other for other in rows[i + 1 :] if _before(other, row)]
        frame = _frame(row, others, semantics)
        answer.append([_selected(item, row, frame) for item in case["select"]])
    return {"columns": [item.get("as") or item["col"] for item in case["select"]], "rows": answer}


def _before(one: Raw, other: Raw) -> bool:
    return one["t"] is not None and other["t"] is not None and one["t"] < other["t"]


def _frame(row: Raw, others: list[Raw], semantics: Raw) -> list[Raw]:
    """The rows of the frame, the latest first; ``others`` are in the order in which rows of one instant stand."""
    if row["t"] is None:
        return []
    seen = [o for o in others if o["t"] is not None and o["k"] == row["k"] and o["t"] <= row["t"]]
    if semantics["exclude_current_time"]:
        seen = [other for other in seen if other["t"] < row["t"]]
    seen = sorted(seen, key=lambda other: other["t"])[::-1]
    numbered = list(enumerate([row, *seen]))[1 if semantics["exclude_current_row"] else 0 :]
    measure: Callable[[int, Raw], int] = (
        (lambda number, _: number) if semantics["frame"] == "rows" else (lambda _, other: row["t"] - other["t"])
    )
    kept = [other for number, other in numbered if _inside(measure(number, other), semantics)]
    return kept[: semantics["maxsize"]]


def _inside(distance: int, semantics: Raw) -> bool:
    start, end = semantics["start"], 0 if semantics["end_is_current_row"] else semantics["end"]
    from_end = distance > end if semantics["end_open"] and not semantics["end_is_current_row"] else distance >= end
    return from_end and (start is None or (distance < start if semantics["start_open"] else distance <= start))


def _selected(item: Raw, row: Raw, frame: list[Raw]) -> Any:
    if "agg" not in item:
        return row[item["col"]]
    values = [1 if item["col"] == "*" else other[item["col"]] for other in frame]
    values = [value for value in values if value is not None]
    if item["agg"] in ("count", "distinct_count"):
        return len(values if item["agg"] == "count" else set(values))
    makers = {"sum": sum, "min": min, "max": max, "avg": lambda all_: sum(all_) / len(all_)}
    return makers[item["agg"]](values) if values else None


def bitemporal_agg(case: Raw) -> Raw:
    """Sum of signed values by sum of signs, over what is known and in the window."""
    query, semantics, rows = case["query"], case["semantics"], []
    for row in query["rows"]:
        asked = named(query, row)
        q = time(asked["ts"])
        total = number = 0
        for key, event, value, known, sign in case["ledger"]["rows"]:
            if None in (event, known, key, q) or key != asked["k"] or not (time(event) < q and time(known) < q):
                continue
            if semantics["window"] is None or time(event) >= _hour(q - timedelta(hours=int(semantics["window"][:-1]))):
                total, number = total + sign * (value or 0), number + sign * (value is not None)
        rows.append([*row, total / number if number else None])
    return {"columns": [*query["columns"], "v_average"], "rows": rows}


def time(text: str | None) -> Any:
    """An ISO time, or None."""
    return None if text is None else datetime.fromisoformat(text)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def named(table: Raw, row: Row) -> Raw:
    """A row by column names."""
    return dict(zip(table["columns"], row, strict=True))
