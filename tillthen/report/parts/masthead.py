"""The top of the page: what this is a report of, and whether its checks hold."""

from __future__ import annotations

from dataclasses import dataclass

from tillthen.report.facts.selection import sample
from tillthen.report.parts.blocks import Tone
from tillthen.report.parts.context import Context
from tillthen.report.texts.moments import when
from tillthen.report.texts.numbers import count, few, too_few


@dataclass(frozen=True)
class Masthead:
    """Name, description, what it was made on, and the state of its checks."""

    title: str
    description: str
    items: list[tuple[str, str]]
    checks: list[tuple[str, Tone]]


def masthead(context: Context) -> Masthead:
    """From the facts alone."""
    backtest, protocol = context.facts.backtest, context.facts.protocol
    starts = [fold.test_from for fold in protocol.folds if fold.test_from]
    ends = [fold.test_to for fold in protocol.folds if fold.test_to]
    n, positives = sample(context.models[0]) if context.models else (None, None)
    items = [
        ("Tested on", f"[{when(min(starts))}, {when(max(ends))})" if starts and ends else ""),
        ("Rows", f"{count(n)}, {count(positives)} positives" if n is not None else ""),
        ("Table", backtest.table), ("Label", backtest.label), ("Policy", context.policy_title),
        ("Capacity", f"{count(backtest.capacity)} a day" if backtest.capacity is not None else ""),
    ]  # fmt: skip
    return Masthead(
        backtest.name, backtest.description, [item for item in items if item[1]], _checks(context, positives)
    )


def _checks(context: Context, positives: int | None) -> list[tuple[str, Tone]]:
    gates, canaries = context.facts.verdict.gates, context.facts.protocol.canaries
    published = [each for each in context.facts.published if each.holds is not None]
    found = [
        _tally("gates", "hold", "failed", [gate.holds for gate in gates]),
        _tally("canaries", "fired", "silent", [canary.fired for canary in canaries]),
        _tally("published figures", "met", "not met", [bool(each.holds) for each in published]),
    ]
    checks = [check for check in found if check is not None]
    if few(positives):
        checks.append((f"✗ {too_few(positives)}", "bad"))
    return checks


def _tally(names: str, good: str, bad: str, results: list[bool]) -> tuple[str, Tone] | None:
    if not results:
        return None
    if all(results):
        return f"✓ {names} {good}: {len(results)} of {len(results)}", "good"
    return f"✗ {names} {bad}: {results.count(False)} of {len(results)}", "bad"
