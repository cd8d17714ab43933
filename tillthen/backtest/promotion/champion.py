"""Promotion: the challenger takes the champion's place in the registry when every gate holds, and never otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillthen.backtest.promotion.gates import judged
from tillthen.backtest.turns import backtest_place, held
from tillthen.define.arguments.fingerprint import fingerprint
from tillthen.define.backtests.backtest import Backtest
from tillthen.define.faults.errors import DataContractError, DefinitionError, GateNotMet, UsageError, sentence
from tillthen.learn.registry import (
    CHALLENGER,
    CHAMPION,
    Version,
    current,
    declared_as,
    move,
    record,
    refuse_altered_version,
)
from tillthen.learn.tracking import FACTS, store
from tillthen.materialize.runs.run import Turn
from tillthen.runtime.config import Config
from tillthen.tables.lease import Check


@dataclass(frozen=True)
class Promotion:
    """What was decided: the new champion, who was it before, and what each gate said."""

    champion: Version
    before: Version | None
    gates: Sequence[Mapping[str, Any]]

    @property
    def moved(self) -> bool:
        """Whether the alias moved; False where the version had it already."""
        return self.champion != self.before


def promote(config: Config, backtest: Backtest, turn: Turn | None = None) -> Promotion:
    """Judge the declared gates on a backtest's facts and move the registry's alias "champion" if all of them hold.

    Where no challenger is declared, the champion's newly trained version is what is promoted. No run of the backtest
    writes meanwhile.

    Raises
    ------
    UsageError
        The backtest was not run.
    DefinitionError
        It declares no gates.
    DataContractError
        The facts are of other definitions, or a model that they are about is lost or altered, here or in MLflow.
    GateNotMet
        A gate does not hold, or the registered champion is not the model that was compared with; nothing moved.
    ReportError
        MLflow does not answer or refuses.
    """
    with held(config, backtest_place(backtest.name), turn) as mine:
        return _promote(config, backtest, mine.check)


def _promote(config: Config, backtest: Backtest, check: Check) -> Promotion:
    folder = config.records / "backtests" / backtest.name
    facts = _facts(folder, backtest)
    if not backtest.gates:
        raise DefinitionError(
            sentence(f"Backtest '{backtest.name}' declares no gates, so nothing says when to promote",
                     fix="Declare gates=[Gate(...)].")
        )  # fmt: skip
    gates = judged(backtest.gates, facts)
    check()
    versions = record(config, folder)
    with store(config) as client:
        candidate = versions.get(CHALLENGER if backtest.challenger else CHAMPION)
        if candidate is None:
            raise DataContractError(
                sentence(f"The model to promote is not in '{folder / 'models'}'", fix="Run the backtest again.")
            )
        before = current(client, backtest.name)
        if before != candidate:
            _refuse(backtest, gates, before, candidate, declared_as(facts, str(backtest.champion)))
            refuse_altered_version(client, facts, candidate)
            check()
            move(client, candidate)
        return Promotion(candidate, before, gates)


def _facts(folder: Path, backtest: Backtest) -> dict[str, Any]:
    run_it = f"Run 'tillthen backtest {backtest.name}' first."
    try:
        facts: dict[str, Any] = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(sentence(f"Backtest '{backtest.name}' has no facts in '{folder}'", fix=run_it)) from None
    if facts["provenance"]["definitions_hash"] != fingerprint(backtest):
        raise DataContractError(
            sentence(f"The facts of backtest '{backtest.name}' are of other definitions than today's", fix=run_it)
        )
    return facts


def _refuse(
    backtest: Backtest, gates: Sequence[Mapping[str, Any]], before: Version | None, candidate: Version, declared: str
) -> None:
    failed = [gate["words"] for gate in gates if not gate["holds"]]
    if before is not None and before.model != backtest.champion:
        failed.append(
            sentence(f"The registered champion is {before.words}, and the backtest compared with '{backtest.champion}'",
                     fix=f"Declare champion='{before.model}' and run it again.")
        )  # fmt: skip
    elif before is not None and before.declared != declared:
        failed.append(
            sentence(f"The registered champion is {before.words}, which was declared otherwise than the "
                     f"'{backtest.champion}' that the backtest compared with",
                     fix="Declare it as it was and run the backtest again, or give the alias 'champion' in MLflow to a "
                         "version of what is declared now.")
        )  # fmt: skip
    if failed:
        raise GateNotMet("\n".join([f"Not promoted: {candidate.words}.", *(f"  ✗ {words}" for words in failed)]))
