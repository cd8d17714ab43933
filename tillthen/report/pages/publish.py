"""All that is made of a backtest's facts: the report, its summary, the kept run, the folder's index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tillthen.define.faults.errors import ReportError
from tillthen.report.facts.loading import read_facts
from tillthen.report.pages.history import keep
from tillthen.report.pages.index import render_index
from tillthen.report.pages.render import render_report, write_page
from tillthen.report.pages.summary import SUMMARY, summary
from tillthen.report.parts.context import Context


def publish(facts: Path) -> Path:
    """Write ``report.html`` and ``summary.md`` beside the facts, keep the run in ``history``; gives the report's path.

    Raises
    ------
    ReportError
        The facts cannot be read, or something cannot be written.
    """
    kept = Context(read_facts(facts)[0])
    keep(facts)
    write_page(facts.with_name(SUMMARY), summary(kept))
    return render_report(facts)


def publish_all(found: Sequence[Path], folder: Path) -> list[Path]:
    """Publish each, then the index of the folder where it is theirs; a failure keeps no other from being written.

    Raises
    ------
    ReportError
        Every failure, after all that could be written is.
    """
    reports, faults = [], []
    for facts in found:
        try:
            reports.append(publish(facts))
        except ReportError as error:
            faults.append(str(error))
    if any(facts.resolve().is_relative_to(folder.resolve()) for facts in found):
        render_index(folder)
    if faults:
        raise ReportError("\n".join(faults))
    return reports
