"""Section 7 of the contract, labels as events: what is known of a decision, one instant after the other."""

from __future__ import annotations

from collections.abc import Sequence

from tillthen.define.sources.label import LabelEvents
from tillthen.pit.oracle.lives import Event

State = bool | None


def learned(decision: Event, outcomes: Sequence[Event], lost: bool, made: LabelEvents) -> list[tuple[int, State]]:
    """The instants from which something new is known of a decision, and what: bad, good, or nothing.

    ``outcomes`` are the bad ones of this decision, ``lost`` says that one of them has no known time. Nothing is learned
    of a decision that is not known yet, and of one that is retracted nothing is known any more.
    """
    mature = decision.time + made.label.maturity.micros
    changes = [decision.known, mature]
    for outcome in outcomes:
        changes += [outcome.known] if outcome.until is None else [outcome.known, outcome.until]
    instants = sorted({max(change, decision.known) for change in changes})
    return [(at, _state(at, mature, outcomes, lost, made)) for at in instants if decision.known_at(at)]


def _state(at: int, mature: int, outcomes: Sequence[Event], lost: bool, made: LabelEvents) -> State:
    if any(outcome.known_at(at) for outcome in outcomes):
        return True
    if lost:
        return None
    won = any(outcome.until is not None and outcome.until <= at for outcome in outcomes)
    if won or at >= mature:
        return False
    return False if made.immature_is_good else None
