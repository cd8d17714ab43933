"""What a build would do, and why: from the ledger and the sources' Delta logs alone, without Spark."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tillthen.define.features.window import Window
from tillthen.define.project import Project
from tillthen.define.sources.source import Source
from tillthen.define.tables.spine import Snapshots, Spine
from tillthen.define.tables.table import FeatureTable
from tillthen.materialize.planning.bounds import File, bounds
from tillthen.materialize.planning.missing import changed_meanings, stale_days
from tillthen.materialize.planning.proposed import Late, Scan, TablePlan
from tillthen.materialize.planning.store import Store
from tillthen.runtime.config import Config
from tillthen.tables.days import ONE, Days, last_over, spans
from tillthen.tables.entries import Entry
from tillthen.tables.footers import footers
from tillthen.tables.log import files, open_log, remade, storage_options

CALENDAR_DAYS = 3_000_000


def plan(config: Config, project: Project, names: Iterable[str] = ()) -> list[TablePlan]:
    """The plans of the named feature tables, or of all.

    Days and late rows are told from the bounds that Delta's log keeps of each file, days also from those in the footers
    of Parquet files: a file that may hold such rows counts. CSV files keep none; their sources are in ``unknown``.
    """
    chosen = [project.table(name) for name in names] or list(project.tables.values())
    return [_of_table(config, table) for table in chosen]


def gaps(config: Config, project: Project) -> list[str]:
    """What is said of days that do not stand between those that do, a line a table."""
    said = []
    for table in project.tables.values():
        built = Store(config, table).ledger.days()
        missing = spans(set(Days(min(built), max(built))) - set(built)) if built else []
        said += [f"{table.name}: {days} do not stand. Run 'tillthen backfill {table.name} --from {days.first} "
                 f"--to {days.last}'." for days in missing]  # fmt: skip
    return said


def _of_table(config: Config, table: FeatureTable) -> TablePlan:
    store = Store(config, table)
    store.ledger.catch_up()
    built = store.ledger.days()
    found = TablePlan(table.name, ", ".join(map(str, spans(built))) or "nothing")
    found.changed = sorted(changed_meanings(table, built.values()))
    found.stale = [str(days) for days in stale_days(table, built)] if not found.changed else []
    missing = _missing(config, table, built)
    if missing is None:
        found.unknown.append(table.spine.source.name)
    else:
        found.missing = [str(days) for days in missing]
        found.scans = list(_scans(config, table, missing))
    found.late = list(_late(config, table, built))
    return found


def _missing(config: Config, table: FeatureTable, built: Mapping[date, Entry]) -> list[Days] | None:
    """The days of the spine's source that do not stand; None where its table does not say which it has."""
    spine, source = table.spine, table.spine.source
    column = source.event_time if isinstance(spine, Snapshots) else spine.as_of
    listed = _files(config, source, column=column)
    timed = [file for file in listed or () if not _empty(file, column)]
    found = [bounds(file, column, source, "later" if isinstance(spine, Snapshots) else "earlier") for file in timed]
    if not found or None in found:
        return None if listed is None or found else []
    known = [bound for bound in found if bound]
    over = last_over(datetime.now(UTC))
    first, last = min(low for low, _ in known).date(), min(max(high for _, high in known).date(), over)
    return spans(day for day in Days(first, last) if day not in built) if first <= last else []


def _empty(file: File, column: str) -> bool:
    """Whether a column is null in all rows of a file; of a file without statistics it is not known."""
    rows = file["num_records"]
    return rows is not None and file.get(f"null_count.{column}") == rows


def _scans(config: Config, table: FeatureTable, missing: list[Days]) -> Iterator[Scan]:
    if not missing:
        return
    for source in dict.fromkeys(group.source for group in table.feature_sets):
        listed = _files(config, source)
        if listed is None:
            continue
        reach = _reach(group.declared[i].window for group in table.feature_sets if group.source == source
                       for i in range(len(group.declared)))  # fmt: skip
        seen = [(_moved(days.first, -reach) if reach is not None else date.min, days.last) for days in missing]
        read = [file for file in listed if any(_overlaps(file, source, *span) for span in seen)]
        yield Scan(source.name, len(read), len(listed), _size(read), _size(listed))


def _late(config: Config, table: FeatureTable, built: Mapping[date, Entry]) -> Iterator[Late]:
    """Files that some day was built without, though their rows may concern it."""
    for source in dict.fromkeys(part for whole in table.sources for part in whole.read):
        versions = _versions(config, source, built)
        listed = _files(config, source)
        if not listed or None in versions.values():
            continue
        logs = {one: _files(config, source, one) for one in set(versions.values())}
        # What the log no longer holds cannot be told.
        held = {one: {file["path"] for file in found} for one, found in logs.items() if found is not None}
        always = set.intersection(*held.values()) if held else set()
        late: list[File] = []
        days: set[date] = set()
        for file in (file for file in listed if file["path"] not in always):
            concerned = _touched(file, source, table, [day for day in versions if versions[day] in held])
            without = [day for day in concerned if file["path"] not in held[versions[day]]]
            late += [file] * bool(without)
            days |= set(without)
        if late:
            now = open_log(config.table(source.table).path, storage_options(config.spark))
            assert now is not None
            yield Late(source.name, len(late), sum(int(str(file["num_records"] or 0)) for file in late),
                       min(versions[day] for day in days), now.version(),
                       ", ".join(map(str, spans(days))))  # fmt: skip


def _versions(config: Config, source: Source, built: Mapping[date, Entry]) -> dict[date, Any]:
    """The version of a source's table that each day was built from, None where it has none.

    Days that were built from a table that was removed since are left out: what it held cannot be told.
    """
    where, options = config.table(source.table), storage_options(config.spark)
    pins = {day: json.loads(entry.inputs).get(source.table, {}) for day, entry in built.items()}
    named = {(pin["version"], pin.get("table")) for pin in pins.values() if "version" in pin}
    anew = {pin for pin in named if where.format == "delta" and remade(where.path, options, *pin)}
    known = {day: (pin.get("version"), pin.get("table")) for day, pin in pins.items()}
    return {day: pin[0] for day, pin in known.items() if pin not in anew}


def _touched(file: File, source: Source, table: FeatureTable, built: Iterable[date]) -> Iterator[date]:
    """The built days that a file's rows could concern: from when one may be known until no window sees it.

    Where they are the table's own rows, those of their decisions too.
    """
    windows = [feature.window for group in table.feature_sets if source in group.source.read
               for feature in group.declared]  # fmt: skip
    reach, bound = _reach(windows), _happened(file, source)
    first = bound[0].date() if bound else date.min
    last = _moved(bound[1].date(), reach) if bound and reach is not None else date.max
    decided = None
    if isinstance(table.spine, Spine) and source == table.spine.source:
        decided = bounds(file, table.spine.as_of, source, "earlier")
    return (day for day in built if first <= day <= last or (decided and _holds(decided, day)))


def _reach(windows: Iterable[Window]) -> timedelta | None:
    """How far back the widest window sees, in whole days; None without a bound."""
    reaches = [window.reach for window in windows]
    bounded = [reach for reach in reaches if reach is not None]
    if len(bounded) < len(reaches):
        return None
    return min(-(-max(bounded, default=0) // 86_400_000_000), CALENDAR_DAYS) * ONE


def _files(config: Config, source: Source, version: int | None = None, column: str | None = None) -> list[File] | None:
    """The files of a source's table with their bounds; None where these are not known without Spark.

    Of a Delta table all that its log says, at a version or now; of Parquet files those of the event time and of a
    ``column``.
    """
    where, options = config.table(source.read[0].table), storage_options(config.spark)
    if where.format == "parquet" and version is None:
        names = [source.event_time, *([column] if column else [])]
        found = footers(where.path, options, {where.in_file(name): name for name in names})
        return None if found is None else list(found)
    if where.format != "delta":
        return None
    log = open_log(where.path, options, version)
    return None if log is None else list(files(log))


def _happened(file: File, source: Source) -> tuple[datetime, datetime] | None:
    return bounds(file, source.event_time, source, "later")


def _holds(bound: tuple[datetime, datetime], day: date) -> bool:
    return bound[0].date() <= day <= bound[1].date()


def _moved(day: date, by: timedelta) -> date:
    """A day moved, within the calendar."""
    return date.fromordinal(min(max(day.toordinal() + by.days, 1), date.max.toordinal()))


def _overlaps(file: File, source: Source, first: date, last: date) -> bool:
    bound = _happened(file, source)
    return bound is None or (bound[0].date() <= last and first <= bound[1].date())


def _size(listed: list[File]) -> int:
    return sum(int(str(file["size_bytes"])) for file in listed)
