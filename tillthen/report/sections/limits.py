"""Limits and glossary."""

from __future__ import annotations

from tillthen.report.blocks import Block, Bullets, Heading, Prose, Section, Terms
from tillthen.report.context import Context
from tillthen.report.words import GLOSSARY


def section(context: Context) -> Section:
    """What the numbers do not say, and what the words mean."""
    limits = list(context.facts.limits)
    blocks: list[Block] = [Bullets(limits) if limits else Prose("The backtest states no limits.", "missing")]
    blocks += [Heading("Glossary"), Terms(GLOSSARY, "glossary")]
    return Section("limits", "Limits and glossary", "What do the numbers not say, and what do the words mean?", blocks)
