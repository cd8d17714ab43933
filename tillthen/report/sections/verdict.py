"""The verdict: champion against challenger at the operating point."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from tillthen.report.facts.schema import Gate, VerdictRow
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Block, Cell, Column, Prose, Section, Table, Tone, answer, texts
from tillthen.report.parts.context import Context
from tillthen.report.texts.numbers import Money, chance, few, too_few
from tillthen.report.texts.words import metric_title

BAR = (120, 18)
"""Width and height in pixels of the drawing of an interval."""


def section(context: Context) -> Section:
    """Sentences first, then every metric with its difference, then the gates."""
    verdict, backtest = context.facts.verdict, context.facts.backtest
    # An amount stays on one line with its currency.
    sentences = [words.replace(f"{backtest.currency} ", f"{backtest.currency}\N{NO-BREAK SPACE}")
                 if backtest.currency else words for words in verdict.sentences]  # fmt: skip
    blocks: list[Block] = answer(sentences)
    if context.caution:
        blocks = [Prose(context.caution, "warning"), *(Prose(words, "note") for words in sentences)]
    if verdict.rows:
        blocks.append(_table(context))
    else:
        blocks.append(Prose("No verdict: no metric was measured at the operating point.", "missing"))
    if backtest.challenger is None:
        blocks.append(Prose("No challenger is declared, so nothing is compared.", "note"))
    if verdict.interval_note:
        blocks.append(Prose(f"Intervals: {verdict.interval_note}.".replace("..", "."), "note"))
    blocks += _gates(verdict.gates, context.money) if verdict.gates else [Prose("No gates are declared.", "note")]
    return Section("verdict", "Verdict", "Should the challenger replace the champion?", blocks)


def _table(context: Context) -> Table:
    backtest, rows = context.facts.backtest, context.facts.verdict.rows
    columns = [*texts("Metric"), _head(context, backtest.champion, "champion")]
    if backtest.challenger is not None:
        columns += [
            _head(context, backtest.challenger, "challenger"), Column("Difference"),
            Column("Interval", term="interval"), Column("P(better)", term="P(better)"),
        ]  # fmt: skip
    alike = len({(row.n, row.positives) for row in rows}) == 1
    if not alike:
        columns += [Column("n", "rows"), Column("Positives", "rows")]
    caption = f"At the operating point: {context.policy_title}"
    found = [_row(context, row, alike=alike) for row in rows]
    return Table(caption, columns, found, cells.sample(rows[0].n, rows[0].positives) if alike else "", large=True)


def _head(context: Context, name: str, role: str) -> Column:
    return Column(name, unit=role, look=context.looks.get(name))


def _row(context: Context, row: VerdictRow, *, alike: bool) -> list[Cell]:
    title = row.title or metric_title(row.metric, context.facts.backtest.capacity)
    found = [Cell(title, note=f"{row.better} is better"), _value(context, row, row.champion)]
    if context.facts.backtest.challenger is not None:
        found += [_value(context, row, row.challenger), _difference(context, row), _interval(context, row)]
        found.append(Cell(chance(row.p_better), row.p_better))
    return found if alike else [*found, cells.counted(row.n), cells.positives(row.positives)]


def _value(context: Context, row: VerdictRow, value: float | None) -> Cell:
    words = cells.in_unit(value, row.unit, context.money)
    note = "not measured" if value is None else ""
    tone: Tone = "weak" if few(row.positives) or value is None else ""
    return Cell(words, value, note, tone, digits=_digits(context, row))


def _difference(context: Context, row: VerdictRow) -> Cell:
    if row.difference is None:
        return Cell("–", note=row.note or "", tone="weak")
    words = cells.in_unit(row.difference, row.unit, context.money, change=True)
    cell = Cell(words, row.difference, digits=_digits(context, row))
    if row.difference == 0:
        return replace(cell, note="the same")
    if few(row.positives):
        return replace(cell, tone="weak")
    if row.lower is None or row.upper is None:
        return replace(cell, note="unclear: it has no interval", tone="weak")
    if row.lower <= 0 <= row.upper:
        return replace(cell, note="unclear: the interval holds 0", tone="weak")
    better = (row.difference < 0) == (row.better == "lower")
    return replace(cell, note="better" if better else "worse", tone="good" if better else "bad")


def _digits(context: Context, row: VerdictRow) -> int:
    return context.money.digits if row.unit == "money" else 0


def _interval(context: Context, row: VerdictRow) -> Cell:
    if row.lower is None or row.upper is None or row.difference is None:
        others = any(other.lower is not None for other in context.facts.verdict.rows)
        reason = "undefined in some resamples" if others else "see below"
        reason = too_few(row.positives) if few(row.positives) else reason
        return Cell("none", note=row.note or reason, tone="weak")
    words = cells.between(row.lower, row.upper, row.unit, context.money)
    return Cell(words, note=row.note or "", bar=_bar(row.lower, row.difference, row.upper, row.better))


def _bar(lower: float, middle: float, upper: float, better: str) -> Markup:
    """The interval around zero, with the better side to the right."""
    reach = max(abs(lower), abs(middle), abs(upper)) or 1.0
    sign = -1 if better == "lower" else 1
    width, height = BAR

    def place(value: float) -> float:
        return round(width / 2 * (1 + 0.92 * sign * value / reach), 1)

    ends = sorted((place(lower), place(upper)))
    y = height / 2
    return Markup(
        f'<svg class="interval" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true">'
        f'<path class="zero" d="M{width / 2} 1V{height - 1}"/><path class="span" d="M{ends[0]} {y}H{ends[1]}"/>'
        f'<circle cx="{place(middle)}" cy="{y}" r="4"/></svg>'
    )


def _gates(gates: tuple[Gate, ...], money: Money) -> list[Block]:
    """The failed ones first, and said aloud."""
    columns = [*texts("Gate", "Result", "Expected"), Column("Measured")]
    rows = [
        [Cell(gate.name, note=gate.words), cells.held(gate.holds, "holds", "failed"), cells.scalar(gate.expected),
         cells.judged(gate.measured, gate.unit, money)]
        for gate in sorted(gates, key=lambda gate: gate.holds)
    ]  # fmt: skip
    failed = [gate.name for gate in gates if not gate.holds]
    words = f"Failed: {', '.join(failed)}. The challenger must not replace the champion until every gate holds."
    return [*([Prose(words, "warning")] if failed else []), Table("Gates", columns, rows)]
