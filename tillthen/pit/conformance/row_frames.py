"""ROWS and ROWS_RANGE frames as windows."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tillthen.define.arguments.duration import ZERO, Duration
from tillthen.define.features.window import LIFETIME, WindowLike, latest
from tillthen.pit.conformance.cases import Case, malformed
from tillthen.pit.conformance.clock import Clock
from tillthen.pit.conformance.question import Unsupported


@dataclass(frozen=True)
class Asked:
    """A frame as the engine is asked for it, over rows of one instant that stand up to ``room`` - 2 us apart."""

    window: WindowLike
    offset: Duration
    words: str

    @classmethod
    def nothing(cls, room: int) -> Asked:
        """A window between the places where rows can stand."""
        return cls(Duration(1), Duration(room), "window: empty")


def asked_window(case: Case, clock: Clock, room: int, rows: int) -> Asked:
    """The frame of a case; its window is closed on the right, and ``rows`` is the number of all rows."""
    if case.choice("frame", ["rows_range", "rows"]) == "rows":
        return _rows_frame(case, room, rows)
    return _range_frame(case, clock, room)


def _rows_frame(case: Case, room: int, rows: int) -> Asked:
    """So many rows back, 0 being the current row, which keeps its number where it is excluded."""
    newest = 0 if _ends_here(case) else _whole(case, "end") + _flag(case, "end_open")
    oldest = rows if case.semantics.get("start") is None else _whole(case, "start") - _flag(case, "start_open")
    if _flag(case, "exclude_current_row"):
        newest, oldest = max(newest, 1) - 1, oldest - 1
    k = _at_most(case, oldest - newest + 1)
    if k < 1:
        return Asked.nothing(room)
    return Asked(latest(k, newest), ZERO, f"window: the latest {k} after {newest}")


def _range_frame(case: Case, clock: Clock, room: int) -> Asked:
    """Ages in grids of the clock, from ``newest`` to ``oldest``, both included, then as durations.

    Between rows ``n`` grids apart lie ``n`` steps give or take the room of one instant.
    """
    end, start = case.semantics.get("end") or 0, case.semantics.get("start")
    newest = 0 if _ends_here(case) else _least(clock, end, beyond=_flag(case, "end_open"))
    offset = newest * clock.step - (room - 1) if newest else 0
    length = None
    if start is not None:
        oldest = -_least(clock, start, beyond=_flag(case, "start_open"), sign=-1)
        if oldest < newest:
            return Asked.nothing(room)
        length = Duration(oldest * clock.step + room - offset)
    k = None if case.semantics.get("maxsize") is None else _whole(case, "maxsize")
    if k == 0:
        return Asked.nothing(room)
    window: WindowLike = latest(k, within=length) if k else length or LIFETIME
    ages = f"{'<' if _flag(case, 'start_open') else '<='} {start}" if start is not None else ">= 0"
    return Asked(window, Duration(offset), f"window: age {ages}, offset {offset} us, length {length}, at most {k} rows")


def _least(clock: Clock, span: object, *, beyond: bool, sign: int = 1) -> int:
    """The least whole number of grids at least, or ``beyond`` it more than, sign times a length of time."""
    exact = sign * clock.grids(span)
    return math.floor(exact) + 1 if beyond else math.ceil(exact)


def _ends_here(case: Case) -> bool:
    return _flag(case, "end_is_current_row")


def _flag(case: Case, name: str) -> bool:
    return case.choice(name, [False, True]) is True


def _at_most(case: Case, k: int) -> int:
    return k if case.semantics.get("maxsize") is None else min(k, _whole(case, "maxsize"))


def _whole(case: Case, name: str) -> int:
    value = case.semantics.get(name) or 0
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise malformed(f"semantics.{name}", "a whole number", value)
    if value < 0:
        raise Unsupported(f"{name} {value} reaches past the current row, where nothing is visible (contract, 3)")
    return int(value)
