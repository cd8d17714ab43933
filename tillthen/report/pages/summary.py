"""A backtest's facts as a few lines of Markdown, for a chat or a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tillthen.report.facts.schema import Gate, VerdictRow
from tillthen.report.parts import cells
from tillthen.report.parts.context import Context
from tillthen.report.parts.masthead import masthead
from tillthen.report.texts.numbers import MISSING, Money, chance, few, too_few
from tillthen.report.texts.words import metric_title

SUMMARY = "summary.md"
MARKED = re.compile(r"[\\`*\[\]|~]")
INVISIBLE = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Letters that turn the direction of the text after them."""


def summary(context: Context, link: str = "report.html") -> str:
    """Verdict, gates and where to read on; the same text for the same facts."""
    about = masthead(context)
    blocks = [
        f"## {plain(about.title)}",
        " ".join(plain(sentence) for sentence in context.facts.verdict.sentences) or "No verdict.",
        f"**{plain(context.caution)}**" if context.caution else "",
        "\n".join(_verdict(context)),
        plain(_note(context)),
        "\n".join(_gates(context.facts.verdict.gates, context.money)),
        " · ".join(plain(text) for text, _ in about.checks),
        " · ".join(f"{name}: {plain(text)}" for name, text in about.items),
        f"[The whole report]({link})",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def plain(text: str) -> str:
    r"""Text that Markdown shows as it is, on one line.

    >>> print(plain("a|b <c> *d*"))
    a\|b &lt;c&gt; \*d\*
    """
    line = " ".join(INVISIBLE.sub("", text).split())
    return MARKED.sub(r"\\\g<0>", line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _note(context: Context) -> str:
    rows, note = context.facts.verdict.rows, context.facts.verdict.interval_note
    said = sorted({cells.sample(row.n, row.positives) for row in rows} - {""})
    return ". ".join(text.rstrip(".") for text in [*said, note] if text) + "." * bool(said or note)


def _verdict(context: Context) -> Iterator[str]:
    backtest, rows = context.facts.backtest, context.facts.verdict.rows
    if not rows:
        return
    heads = [context.policy_title, f"{backtest.champion} (champion)"]
    if backtest.challenger is not None:
        heads += [f"{backtest.challenger} (challenger)", "Difference", "95% interval", "P(better)"]
    yield from _table(heads, [_row(context, row)[: len(heads)] for row in rows])


def _row(context: Context, row: VerdictRow) -> list[str]:
    money, unit = context.money, row.unit
    interval = MISSING
    if row.lower is not None and row.upper is not None:
        interval = cells.between(row.lower, row.upper, unit, money)
    elif few(row.positives):
        interval = too_few(row.positives)
    sides = [cells.in_unit(value, unit, money) for value in (row.champion, row.challenger)]
    title = row.title or metric_title(row.metric, context.facts.backtest.capacity)
    return [title, *sides, cells.in_unit(row.difference, unit, money, change=True), interval, chance(row.p_better)]


def _gates(gates: Sequence[Gate], money: Money) -> Iterator[str]:
    if gates:
        rows = [
            [gate.name, "✓ holds" if gate.holds else "✗ failed", cells.scalar(gate.expected).text,
             cells.judged(gate.measured, gate.unit, money).text]
            for gate in gates
        ]  # fmt: skip
        yield from _table(["Gate", "Result", "Expected", "Measured"], rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(plain(head) for head in heads) + " |"
    yield "| --- " + "| ---: " * (len(heads) - 1) + "|"
    for row in rows:
        yield "| " + " | ".join(plain(cell) for cell in row) + " |"
