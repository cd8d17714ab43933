"""How the figures of a backtest moved from run to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tillthen.report.drawing.sparkline import sparkline
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Block, Cell, Column, Details, Heading, Prose, Section, Table, texts
from tillthen.report.parts.context import Context
from tillthen.report.parts.masthead import masthead
from tillthen.report.texts.numbers import Money
from tillthen.report.texts.words import metric_title

Series = list[float | None]
RANKED = ("average_precision", "roc_auc", "card_precision")


def trends(backtests: Sequence[Sequence[Context]]) -> Iterator[Section]:
    """A section of all backtests that ran more than once with different facts."""
    blocks = [block for kept in backtests if len(kept) > 1 for block in _trend(kept)]
    if blocks:
        yield Section("trends", "Trends", "How did the figures move from run to run?", blocks)


def _trend(kept: Sequence[Context]) -> list[Block]:
    last = kept[-1]
    names = [name for name in (last.facts.backtest.champion, last.facts.backtest.challenger) if name]
    title = masthead(last).title
    rows = [row for name in names for row in _model(kept, name)]
    columns = [*texts("Model"), Column("Figure", numeric=False), Column("First run"), Column("Run before"),
               Column("Last run"), Column("Change", "since the run before"), Column("Over the runs")]  # fmt: skip
    return [
        Heading(title),
        *(Prose(text, "note") for text in _cautions(kept)),
        Table(f"{title}: {len(kept)} runs", columns, rows),
        Details(f"The runs of {title}", [_runs(title, kept)]),
    ]


def _cautions(kept: Sequence[Context]) -> Iterator[str]:
    """What changed besides the figures, so that a trend is not read as a comparison."""
    asked: list[tuple[str, Callable[[Context], object]]] = [
        ("test window", lambda run: dict(masthead(run).items).get("Tested on")),
        ("label", lambda run: run.facts.backtest.label),
        ("currency", lambda run: run.facts.backtest.currency),
        ("definitions", lambda run: run.facts.provenance.definitions_hash),
        ("costs", lambda run: str(sorted(run.facts.provenance.costs.items(), key=lambda item: item[0]))),
    ]
    changed = [name for name, of in asked if len({of(run) for run in kept}) > 1]
    if changed:
        yield f"Not the same in all runs: {', '.join(changed)}. The figures move with them; no interval is of a trend."


def _model(kept: Sequence[Context], name: str) -> Iterator[list[Cell]]:
    last = kept[-1]
    look = last.looks.get(name)
    money = last.money
    for title, unit, values in _figures(kept, name):
        same = unit != "money" or len({run.money for run in kept}) == 1
        yield [
            cells.model(name, look), Cell(title),
            *(cells.amount(values[place], unit, kept[place].money) for place in (0, -2, -1)),
            _change(values, unit, money) if same else Cell("–", note="another currency", tone="weak"),
            Cell("", bar=sparkline(values, f"m{look.number % 4}-word" if look else "ink") if same else None),
        ]  # fmt: skip


def _change(values: Series, unit: str, money: Money) -> Cell:
    before, after = values[-2:]
    if before is None or after is None:
        return Cell("–", note="not measured in both", tone="weak")
    return cells.amount(after - before, unit, money, change=True)


def _figures(kept: Sequence[Context], name: str) -> Iterator[tuple[str, str, Series]]:
    """Title, unit and its value in each run: the verdict's figures, then how well the score ranks."""
    for row in kept[-1].facts.verdict.rows:
        yield (
            row.title or metric_title(row.metric),
            row.unit,
            [_side(run, row.metric, name) for run in kept],
        )
    for metric in RANKED:
        values = [_metric(run, metric, name) for run in kept]
        if values[-1] is not None:
            yield metric_title(metric, kept[-1].facts.backtest.capacity), "ratio", values


def _side(run: Context, metric: str, name: str) -> float | None:
    backtest = run.facts.backtest
    row = next((row for row in run.facts.verdict.rows if row.metric == metric), None)
    if row is None:
        return None
    return {backtest.challenger: row.challenger, backtest.champion: row.champion}.get(name)


def _metric(run: Context, metric: str, name: str) -> float | None:
    model = run.facts.model(name)
    found = model.metrics.get(metric) if model else None
    return found.value if found else None


def _runs(title: str, kept: Sequence[Context]) -> Table:
    rows = []
    for number, run in enumerate(kept, 1):
        about = masthead(run)
        items = dict(about.items)
        checks = "; ".join(text for text, _ in about.checks) or "–"
        rows.append([Cell(f"run {number}"), Cell(items.get("Tested on", "–")), Cell(items.get("Rows", "–")),
                     Cell(checks), Cell(run.facts.provenance.definitions_hash or "–", code=True)])  # fmt: skip
    return Table(f"Runs of {title}", texts("Run", "Tested on", "Rows", "Checks", "Definitions"), rows)
