"""What can be done with a payment, and which is cheapest, as row expressions that Spark and a stream can run.

The expressions read ``probability`` and the columns of `tillthen.define.backtests.cost.Costs.columns`, and do in
doubles what `tillthen.decide.policies` does with arrays, operation by operation, so that both give the same decision.
"""

from __future__ import annotations

from collections.abc import Sequence

ACTIONS = ("approve", "challenge", "review", "decline")
"""The mildest first; of equally cheap ones the mildest is chosen."""


def limited(actions: Sequence[str]) -> str:
    """The action of which a day has only so many: a review where there are reviews, else declining."""
    return "review" if "review" in actions else "decline"


def expected(action: str, probability: str = "probability") -> str:
    """Row expression: the expected cost of an action."""
    return f"({probability} * {action}_fraud + (1D - {probability}) * {action}_genuine)"


def cheapest(actions: Sequence[str], cost: str = "{}") -> str:
    """Row expression: the name of the action with the least ``cost``, a pattern with {} for the action.

    >>> cheapest(["approve", "decline"], "{}_fraud")
    "CASE WHEN approve_fraud <= decline_fraud THEN 'approve' ELSE 'decline' END"
    """
    (*milder, last) = actions
    text = ""
    for i, action in enumerate(milder):
        own, *others = (cost.replace("{}", name) for name in actions[i:])
        text += f" WHEN {' AND '.join(f'{own} <= {other}' for other in others)} THEN '{action}'"
    return f"CASE{text} ELSE '{last}' END" if text else f"'{last}'"


def least_expected(actions: Sequence[str], probability: str = "probability") -> str:
    """Row expression: the action with the least expected cost (Bayes minimum risk)."""
    return cheapest(actions, expected("{}", probability))


def cheapest_other(actions: Sequence[str]) -> str:
    """Row expression: the action with the least expected cost but for the limited one."""
    return cheapest([action for action in actions if action != limited(actions)], expected("{}"))


def saving(actions: Sequence[str], probability: str = "probability") -> str:
    """Row expression: what the limited action is expected to save against the cheapest of the others."""
    act = limited(actions)
    others = [expected(action, probability) for action in actions if action != act]
    least = others[0] if len(others) == 1 else f"least({', '.join(others)})"
    return f"({least} - {expected(act, probability)})"
