"""A plan: what there is to do for a table, for programs and in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Scan:
    """What of a source's table the missing days would read."""

    source: str
    files: int
    of_files: int
    bytes: int
    of_bytes: int


@dataclass(frozen=True)
class Late:
    """Files that a source has got since days were built, and the days that some of their rows may concern."""

    source: str
    files: int
    rows: int
    since_version: int
    now_version: int
    days: str


@dataclass
class TablePlan:
    """What there is to do for a table. ``changed`` features need a new version of the table before anything else."""

    table: str
    stands: str
    missing: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    late: list[Late] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether it is known that a build would do nothing."""
        return not (self.missing or self.stale or self.changed or self.unknown)


def lines(found: TablePlan) -> Iterator[str]:
    """A plan in words."""
    yield f"{found.table}: stands for {found.stands}"
    if found.changed:
        yield f"  changed: {', '.join(found.changed)}; declare a new version of the table, or build with --replace"
    for title, spans_ in (("missing", found.missing), ("lacks new features", found.stale)):
        yield from (f"  {title}: {days}" for days in spans_)
    for name in found.unknown:
        yield f"  days of source '{name}': not known without reading it"
    for scan in found.scans:
        yield (f"  reads of {scan.source}: {scan.files} of {scan.of_files} files, "
               f"{scan.bytes / 2**20:,.1f} of {scan.of_bytes / 2**20:,.1f} MiB")  # fmt: skip
    for late in found.late:
        yield (f"  late: {late.files} files of {late.source} with {late.rows:,} rows came since version "
               f"{late.since_version}; some may concern {late.days}, and are kept out unless you "
               f"'tillthen restate {found.table}'")  # fmt: skip
    if found.nothing:
        yield "  nothing to do"


def as_json(found: Iterable[TablePlan]) -> str:
    """Plans as JSON."""
    return json.dumps([asdict(one) for one in found], indent=2, sort_keys=True)
