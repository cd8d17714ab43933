"""Two runs side by side on one page: what they concluded, and only what differs in what they were made of.

A and B are two samples of their own. Their intervals are shown as each run's facts have them; no interval of a
difference between runs is in the facts, so none is given and nothing is called significant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tillthen.define.faults.errors import UsageError, sentence
from tillthen.report.drawing.looks import Look
from tillthen.report.facts.loading import read_facts
from tillthen.report.facts.schema import Facts
from tillthen.report.facts.selection import sample
from tillthen.report.figures.pairs import net_cost, precision_recall
from tillthen.report.pages import differences
from tillthen.report.pages.index import FACTS
from tillthen.report.pages.render import draw, write_page
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Block, Cell, Column, Figures, Heading, Prose, Section, Table, texts
from tillthen.report.parts.context import Context
from tillthen.report.parts.masthead import Masthead, masthead
from tillthen.report.texts.words import SCORES, in_order, metric_title

COMPARED = "compare.html"


@dataclass(frozen=True)
class Pair:
    """Two runs, and how a model is drawn: by its look in B, so that one name has one colour."""

    a: Context
    b: Context

    @cached_property
    def looks(self) -> dict[str, Look]:
        """By model of either run."""
        found = dict(self.b.looks)
        for name in self.a.looks:
            found.setdefault(name, Look(len(found), False))
        return found

    @property
    def both(self) -> list[str]:
        """Models that both runs measured, in the order of their looks."""
        return [name for name in self.looks if name in self.a.looks and name in self.b.looks]

    @property
    def same_money(self) -> bool:
        """Whether amounts can be held against each other."""
        return self.a.money == self.b.money


def render_comparison(a: Path, b: Path, out: Path | None = None) -> Path:
    """Write the comparison of two runs, each a facts file or its folder; beside B's facts where ``out`` is not given.

    Raises
    ------
    ReportError
        Facts cannot be read, or the page cannot be written.
    UsageError
        The runs answer different questions: their labels differ.
    """
    files = [path / FACTS if path.is_dir() else path for path in (a, b)]
    (first, plain), (second, other) = map(read_facts, files)
    pair = Pair(Context(first), Context(second))
    _refuse(pair)
    return write_page(out or files[1].with_name(COMPARED), page(pair, {"a": plain, "b": other}))


def page(pair: Pair, plain: object) -> str:
    """The whole page; it carries both runs' facts along."""
    sections = [_verdicts(pair), _rankings(pair), _changes(pair)]
    models = [pair.b.facts.model(name) or pair.a.facts.model(name) for name in pair.looks]
    return draw("Comparison", _masthead(pair), sections, plain, [one for one in models if one], pair.looks)


def _refuse(pair: Pair) -> None:
    labels = pair.a.facts.backtest.label, pair.b.facts.backtest.label
    if labels[0] != labels[1]:
        raise UsageError(
            sentence(f"A is about the label '{labels[0]}', B about '{labels[1]}': what is good for one says nothing "
                     "of the other", fix="Compare runs of one label.")
        )  # fmt: skip


def _masthead(pair: Pair) -> Masthead:
    about = [dict(masthead(side).items) for side in (pair.a, pair.b)]
    titles = [side.facts.backtest.name for side in (pair.a, pair.b)]
    items = [
        (f"{letter}: {name.lower()}", found[name])
        for name in ("Tested on", "Rows") for letter, found in zip("AB", about, strict=True) if name in found
    ]  # fmt: skip
    title = titles[0] if titles[0] == titles[1] else f"{titles[0]} and {titles[1]}"
    return Masthead(f"{title}: A and B", "Only what differs is listed. A was given first, B second.", items, [])


def _verdicts(pair: Pair) -> Section:
    blocks: list[Block] = [Prose(text, "note") for text in _cautions(pair)]
    for letter, side in zip("AB", (pair.a, pair.b), strict=True):
        said = " ".join(side.facts.verdict.sentences) or "No verdict."
        blocks.append(Prose(f"{letter}: {side.caution} {said}".replace("  ", " ")))
    for name in pair.both:
        rows = list(_at_operating_point(pair, name))
        if rows:
            blocks.append(Table(f"{name} at the operating point", _columns(pair, name), rows))
    only = [name for name in pair.looks if name not in pair.both]
    if only:
        blocks.append(Prose(f"In one of the runs only, and not compared: {', '.join(only)}.", "note"))
    drawn = net_cost(pair.a, pair.b, pair.both, pair.looks) if pair.same_money else None
    return Section("verdict", "Verdict", "What did the two runs conclude?",
                   [*blocks, *([Figures([drawn])] if drawn else [])])  # fmt: skip


def _cautions(pair: Pair) -> Iterator[str]:
    a, b = pair.a.facts, pair.b.facts
    if differences.same_rows(a, b):
        yield "Both runs were tested on the same rows. The facts pair only the models of one run, so a difference " \
              "between the runs has no interval here."  # fmt: skip
    else:
        yield "The runs were tested on different rows: a difference between them is one of rows as much as of " \
              "models, and has no interval."  # fmt: skip
    if not pair.same_money:
        currencies = [side.money.currency or "an unknown currency" for side in (pair.a, pair.b)]
        yield f"A is in {currencies[0]}, B in {currencies[1]}: amounts stand side by side and are not subtracted."
    if a.verdict.policy != b.verdict.policy:
        yield f"A operates under '{pair.a.policy_title}', B under '{pair.b.policy_title}'."


def _columns(pair: Pair, name: str) -> list[Column]:
    look = pair.looks[name]
    return [*texts("Figure"), Column("A", unit=_rests_on(pair.a, name), look=look),
            Column("B", unit=_rests_on(pair.b, name), look=look), Column("B less A")]  # fmt: skip


def _rests_on(side: Context, name: str) -> str:
    model = side.facts.model(name)
    return cells.sample(*sample(model)) if model else ""


def _at_operating_point(pair: Pair, name: str) -> Iterator[list[Cell]]:
    rows = {row.metric: row for row in pair.a.facts.verdict.rows}
    for row in pair.b.facts.verdict.rows:
        values = [_side(side.facts, row.metric, name) for side in (pair.a, pair.b)]
        if row.metric in rows and None not in values:
            title = row.title or metric_title(row.metric)
            yield _compared(pair, title, row.unit, values, note=f"{row.better} is better")


def _side(facts: Facts, metric: str, name: str) -> float | None:
    row = next((row for row in facts.verdict.rows if row.metric == metric), None)
    roles = {facts.backtest.challenger: "challenger", facts.backtest.champion: "champion"}
    return getattr(row, roles[name]) if row and name in roles else None


def _compared(pair: Pair, title: str, unit: str, values: Sequence[float | None], note: str = "") -> list[Cell]:
    a, b = values
    shown = [cells.amount(value, unit, side.money) for value, side in zip(values, (pair.a, pair.b), strict=True)]
    if a is None or b is None:
        gap = Cell("–", note="not measured in both", tone="weak")
    elif unit == "money" and not pair.same_money:
        gap = Cell("–", note="different currencies", tone="weak")
    else:
        gap = cells.amount(b - a, unit, pair.b.money, "the same" if a == b else "", change=True)
    return [Cell(title, note=note), *shown, gap]


def _rankings(pair: Pair) -> Section:
    blocks: list[Block] = []
    for name in pair.both:
        rows = list(_metrics(pair, name))
        if rows:
            blocks.append(Table(f"Metrics of {name}", _columns(pair, name), rows))
    figures = [precision_recall(pair.a, pair.b, name, pair.looks[name]) for name in pair.both]
    blocks.append(Figures([figure for figure in figures if figure]))
    if not pair.both:
        blocks = [Prose("The runs have no model in common.", "missing")]
    return Section("ranking", "Ranking and calibration", "How well did the same model rank and calibrate in each?",
                   blocks)  # fmt: skip


def _metrics(pair: Pair, name: str) -> Iterator[list[Cell]]:
    models = [model for side in (pair.a, pair.b) if (model := side.facts.model(name))]
    for metric in in_order(dict.fromkeys(key for model in models for key in model.metrics)):
        found = [model.metrics.get(metric) for model in models]
        shown = [cells.metric(metric, one, usual=sample(model)) for one, model in zip(found, models, strict=True)]
        values = [one.value if one else None for one in found]
        share = metric.partition("@")[0] not in SCORES and any(one and one.unit == "share" for one in found)
        title = metric_title(metric, pair.b.facts.backtest.capacity)
        yield [Cell(title), *shown, _compared(pair, title, "share" if share else "ratio", values)[-1]]


def _changes(pair: Pair) -> Section:
    asked: list[tuple[str, Callable[[Facts, Facts], list[differences.Row]]]] = [
        ("Definitions", differences.definitions), ("Features", differences.features), ("Costs", differences.costs),
        ("Tables, seeds and versions", differences.inputs), ("Folds", differences.folds),
    ]  # fmt: skip
    blocks: list[Block] = []
    for title, of in asked:
        rows = of(pair.a.facts, pair.b.facts)
        blocks.append(Heading(title))
        if rows:
            found = [[Cell(what), Cell(left, code=True), Cell(right, code=True)] for what, left, right in rows]
            blocks.append(Table(f"{title} that differ", texts("What", "A", "B"), found))
        else:
            blocks.append(Prose("The same in both.", "note"))
    return Section("changes", "What changed", "What else differs, that may explain the figures?", blocks)
