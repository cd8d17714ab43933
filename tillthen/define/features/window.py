"""Windows: which visible events an aggregation sees, relative to ``as_of``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from tillthen.define.arguments.annotations import Like
from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.duration import ZERO, Duration
from tillthen.define.arguments.kinds import Count, CountOrNone, Positive
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import sentence

Closed = Literal["left", "right"]


@dataclass(frozen=True)
class Latest:
    """The ``k`` latest visible events after the ``skip`` latest, within a length of time or in all history."""

    k: int
    skip: int = 0
    within: Duration | None = None


@dataclass(frozen=True)
class Lifetime:
    """All visible events, without a lower bound."""


@dataclass(frozen=True)
class Leak:
    """Everything that the future holds within a length of time."""

    length: Duration


LIFETIME = Lifetime()
WindowLike = Annotated[
    Duration | Latest | Lifetime | Leak, Like("a duration, latest(k), lifetime or leak(length)", "days(7)")
]


@checked
def latest(k: Count, skip: CountOrNone = 0, *, within: Positive | None = None) -> Latest:
    """The ``k`` latest visible events that pass ``where``, after dropping the ``skip`` latest."""
    return Latest(k, skip, within)


@checked
def leak(length: Positive) -> Leak:
    """Look ahead: as_of <= event_time < as_of + length; with ``closed="right"`` as_of < event_time <= as_of + length.

    Only for tests and debugging: known and retracted times are ignored, every version that was ever visible counts, no
    model trains on a table that holds one, and its audit fails.
    """
    return Leak(length)


@dataclass(frozen=True)
class Window:
    """A span of event time before ``as_of``.

    ``closed="left"``: [as_of - offset - length, as_of - offset).
    ``closed="right"``: (as_of - offset - length, as_of - offset].
    Without ``length`` there is no lower bound. ``k`` and ``skip`` keep only the latest visible events.
    ``ahead``: [as_of, as_of + length) or (as_of, as_of + length], whatever is known; see `leak`.
    """

    length: Duration | None
    offset: Duration = ZERO
    closed: Closed = "left"
    k: int | None = None
    skip: int = 0
    ahead: bool = False

    @classmethod
    def of(cls, window: WindowLike, offset: Duration, closed: Closed) -> Window:
        """Make a window of what a user writes in ``.over(...)``; faults are reported."""
        match window:
            case Duration():
                made = cls(window, offset, closed)
            case Latest():
                made = cls(window.within, offset, closed, window.k, window.skip)
            case Lifetime():
                made = cls(None, offset, closed)
            case Leak():
                made = cls(window.length, offset, closed, ahead=True)
        report(*made._faults())
        return made

    def _faults(self) -> list[str]:
        faults = []
        if self.length is not None and self.length.micros <= 0:
            faults.append(sentence("A window's length", expected="a positive duration", got=self.length))
        if self.offset.micros < 0:
            faults.append(sentence("A window's offset", expected="a duration that is not negative", got=self.offset))
        if self.ahead and self.offset.micros:
            faults.append(sentence("A leak begins at as_of", expected="no offset", got=self.offset))
        return faults

    @property
    def name(self) -> str:
        """How a generated feature name ends.

        >>> Window(Duration.parse("7d"), Duration.parse("1d")).name, Window(None, k=5).name
        ('7d_offset_1d', 'latest5')
        """
        parts = ["LEAK"] if self.ahead else []
        if self.k is not None:
            parts.append(f"latest{self.k}" + (f"_skip{self.skip}" if self.skip else ""))
        if self.length is not None:
            parts.append(str(self.length))
        if self.length is None and self.k is None:
            parts.append("lifetime")
        if self.offset.micros:
            parts.append(f"offset_{self.offset}")
        return "_".join(parts)

    @property
    def interval(self) -> str:
        """The window in interval notation over event time.

        >>> Window(Duration.parse("7d"), Duration.parse("1d"), "right").interval
        '(as_of - 1d - 7d, as_of - 1d]'
        >>> Window(Duration.parse("7d"), ahead=True).interval
        '[as_of, as_of + 7d) LEAK'
        """
        if self.ahead:
            left = self.closed == "left"
            return f"[as_of, as_of + {self.length}) LEAK" if left else f"(as_of, as_of + {self.length}] LEAK"
        end = f"as_of - {self.offset}" if self.offset.micros else "as_of"
        if self.length is None:
            return f"(-inf, {end})" if self.closed == "left" else f"(-inf, {end}]"
        start = f"{end} - {self.length}"
        return f"[{start}, {end})" if self.closed == "left" else f"({start}, {end}]"

    @property
    def reach(self) -> int | None:
        """How many microseconds before ``as_of`` its first instant lies; None without a lower bound."""
        if self.length is None:
            return None
        span = 0 if self.ahead else self.length.micros + self.offset.micros
        return span - (self.closed == "right")
