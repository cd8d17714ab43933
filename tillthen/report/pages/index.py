"""A folder's backtests on one page: what each concluded, and how its figures moved from run to run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tillthen.define.faults.errors import ReportError, UsageError, sentence
from tillthen.report.facts.loading import read_facts
from tillthen.report.pages.history import runs
from tillthen.report.pages.render import REPORT, draw, write_page
from tillthen.report.pages.trends import trends
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Block, Cell, Column, Prose, Section, Table, Tone, texts
from tillthen.report.parts.context import Context
from tillthen.report.parts.masthead import Masthead, masthead
from tillthen.report.texts.numbers import count

INDEX = "index.html"
FACTS = "facts.json"


@dataclass(frozen=True)
class Entry:
    """A backtest's folder: its last facts, and those of its runs from the oldest on, or why they cannot be read."""

    link: str
    last: Context | None
    runs: Sequence[Context] = ()
    fault: str = ""


def render_index(folder: Path) -> Path:
    """Write ``index.html`` for the reports in a folder and below it, and give its path.

    Raises
    ------
    UsageError
        There are no facts in it.
    ReportError
        The page cannot be written.
    """
    found = sorted(folder.glob(f"**/{FACTS}"))
    if not found:
        raise UsageError(sentence(f"There are no backtests in '{folder}'", fix="Run 'tillthen backtest' first."))
    return write_page(folder / INDEX, page([_entry(folder, facts) for facts in found]))


def page(entries: Sequence[Entry]) -> str:
    """The whole page, out of the facts alone."""
    overview = Section("backtests", "Backtests", "What did each backtest conclude, the last time it was run?",
                       _overview(entries))  # fmt: skip
    return draw("Backtests", _masthead(entries), [overview, *trends([e.runs for e in entries if e.last])], {})


def _entry(folder: Path, facts: Path) -> Entry:
    link = quote(Path(os.path.relpath(facts.with_name(REPORT), folder)).as_posix())
    try:
        last = Context(read_facts(facts)[0])
        return Entry(link, last, [Context(read_facts(run)[0]) for run in runs(facts)])
    except ReportError as error:
        return Entry(link, None, fault=str(error))


def _masthead(entries: Sequence[Entry]) -> Masthead:
    gates = [gate for entry in entries if entry.last for gate in entry.last.facts.verdict.gates]
    items = [("Backtests", count(len(entries))), ("Runs kept", count(sum(len(entry.runs) for entry in entries)))]
    broken, failed = [entry for entry in entries if entry.fault], sum(not gate.holds for gate in gates)
    checks: list[tuple[str, Tone]] = []
    if broken:
        checks.append((f"✗ {count(len(broken))} cannot be read", "bad"))
    if gates:
        checks.append((f"✗ gates failed: {failed} of {len(gates)}", "bad") if failed else
                      (f"✓ gates hold: {len(gates)} of {len(gates)}", "good"))  # fmt: skip
    return Masthead("Backtests", "Each links to its report; trends are over the runs of the same backtest.", items,
                    checks)  # fmt: skip


def _overview(entries: Sequence[Entry]) -> list[Block]:
    columns = [*texts("Backtest", "Verdict"), Column("Net cost"), Column("Average precision"),
               *texts("Gates", "Tested on")]  # fmt: skip
    rows = [_row(entry, entry.last) for entry in entries if entry.last]
    faults: list[Block] = [Prose(entry.fault, "warning") for entry in entries if entry.fault]
    return [*faults, Table("The last run of each", columns, rows)]


def _row(entry: Entry, last: Context) -> list[Cell]:
    about = masthead(last)
    items = dict(about.items)
    verdict = last.caution or next(iter(last.facts.verdict.sentences), "No verdict.")
    return [
        Cell(about.title, note=f"label {items.get('Label', 'unknown')}", link=entry.link),
        Cell(verdict, tone="weak" if last.caution else ""), _cost(last), _precision(last), _gates(last),
        Cell(items.get("Tested on", "–"), note=items.get("Rows", "")),
    ]  # fmt: skip


def _gates(last: Context) -> Cell:
    """How many gates failed; under it the other checks of the page's head."""
    gates = last.facts.verdict.gates
    others = [text for text, _ in masthead(last).checks if " gates " not in text]
    note, failed = "; ".join(others), sum(not gate.holds for gate in gates)
    if not gates:
        return Cell("none declared", note=note, tone="weak")
    said = f"✗ {failed} of {len(gates)} failed" if failed else f"✓ {len(gates)} of {len(gates)} hold"
    return Cell(said, note=note, tone="bad" if failed else "good")


def _cost(last: Context) -> Cell:
    """The challenger's, or where there is none the champion's."""
    backtest = last.facts.backtest
    row = next((row for row in last.facts.verdict.rows if row.metric == "net_cost"), None)
    if row is None:
        return Cell("–", note="not measured", tone="weak")
    if backtest.challenger is None or row.challenger is None:
        return cells.amount(row.champion, "money", last.money, backtest.champion)
    other = f"{backtest.challenger}; {backtest.champion} {last.money.text(row.champion)}"
    return cells.amount(row.challenger, "money", last.money, other)


def _precision(last: Context) -> Cell:
    backtest = last.facts.backtest
    name = backtest.challenger or backtest.champion
    model = last.facts.model(name)
    found = cells.metric("average_precision", model.metrics.get("average_precision") if model else None,
                         usual=(None, None))  # fmt: skip
    return Cell(found.text, found.value, name if found.value is not None else found.note, found.tone)
