"""Limits and glossary."""

from __future__ import annotations

from tillthen.report.facts.selection import sample
from tillthen.report.parts.blocks import Block, Bullets, Heading, Prose, Section, Terms
from tillthen.report.parts.context import Context
from tillthen.report.texts.numbers import few, too_few
from tillthen.report.texts.words import GLOSSARY


def section(context: Context) -> Section:
    """What the numbers do not say, and what the words mean."""
    limits = [*context.facts.limits, *_found(context)]
    blocks: list[Block] = [Bullets(limits) if limits else Prose("The backtest states no limits.", "missing")]
    blocks += [Heading("Glossary"), Terms(GLOSSARY, "glossary")]
    return Section("limits", "Limits and glossary", "What do the numbers not say, and what do the words mean?", blocks)


def _found(context: Context) -> list[str]:
    """What the facts themselves show to be missing."""
    facts = context.facts
    if not context.models:
        return []
    rows = facts.verdict.rows
    positives = sample(context.models[0])[1]
    compared = facts.backtest.challenger is not None and rows
    return [
        *([f"The test is small: {too_few(positives)}."] if few(positives) else []),
        *(["No difference has an interval: how sure they are is not known."]
          if compared and all(row.lower is None for row in rows) else []),
        *(["No canary ran: nothing shows that a leak would have been noticed."] if not facts.protocol.canaries else []),
        *(["The feature table was not audited."] if facts.protocol.audit is None else []),
    ]  # fmt: skip
