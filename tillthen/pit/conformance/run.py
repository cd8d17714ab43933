"""Run case files through the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from pyspark.sql import SparkSession

from tillthen.define.faults.errors import DataContractError, TillthenError
from tillthen.pit.conformance import asof, bitemporal, window_agg
from tillthen.pit.conformance.cases import Case, read_cases
from tillthen.pit.conformance.compare import differences, positions
from tillthen.pit.conformance.engine import ask
from tillthen.pit.conformance.question import Question, Unsupported

TRANSLATORS = {"asof": asof.translate, "window_agg": window_agg.translate, "bitemporal_agg": bitemporal.translate}
AT_ONCE = 4
SHOWN = 6
"""Lines about a failed case that are printed without ``verbose``."""

Answerer = Callable[[Question], list[dict[str, Any]]]


@dataclass(frozen=True)
class Translated:
    """A case with its question, or the reason why the contract has none."""

    case: Case
    question: Question | None
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a case: "passed", "failed" or "unsupported", and what there is to say about it."""

    verdict: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Summary:
    """How many cases passed, failed, and ask what the contract has no words for."""

    passed: int
    failed: int
    unsupported: int


def run_files(spark: SparkSession, files: Sequence[Path], verbose: bool = False) -> Summary:
    """Translate, ask the engine, compare; print what failed or is unsupported, with ``verbose`` every translation.

    Raises
    ------
    DataContractError
        A file or a case does not have the format's form; no case is run then.
    """
    cases = [(path, translated(path, case)) for path in files for case in read_cases(path)]
    verdicts = Counter[str]()
    # Small jobs wait more than they work: a few go side by side.
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = pool.map(lambda one: judge(one[1], lambda question: ask(spark, question)), cases)
        for (path, case), outcome in zip(cases, outcomes, strict=True):
            verdicts[outcome.verdict] += 1
            _show(path, case, outcome, verbose)
    return Summary(verdicts["passed"], verdicts["failed"], verdicts["unsupported"])


def translated(path: Path, case: Case) -> Translated:
    """The case in the contract's words."""
    try:
        question = TRANSLATORS[case.kind](case)
        positions(case, question.names)
    except Unsupported as reason:
        return Translated(case, None, str(reason))
    except DataContractError as fault:
        raise DataContractError(f"{path}: case '{case.id}': {fault}") from None
    return Translated(case, question)


def judge(case: Translated, answerer: Answerer) -> Outcome:
    """Have a translated case answered, and compare."""
    if case.question is None:
        return Outcome("unsupported", (case.reason,))
    try:
        rows = case.question.read(answerer(case.question))
    except TillthenError as refusal:
        return Outcome("failed", (str(refusal),))
    found = differences(case.case, case.question.names, rows)
    return Outcome("failed", tuple(found)) if found else Outcome("passed")


def _show(path: Path, case: Translated, outcome: Outcome, verbose: bool) -> None:
    if verbose or outcome.verdict != "passed":
        click.echo(f"{outcome.verdict} {path.name}: {case.case.id}")
    for line in case.question.words if verbose and case.question else ():
        click.echo(f"    {line}")
    for line in outcome.details if verbose else outcome.details[:SHOWN]:
        click.echo(f"  ! {line}")
