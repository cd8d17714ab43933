"""The policies, a rule each, as row expressions that Spark and a stream can run.

This table is the only place where they stand: Spark's decisions, the sums over them and their titles are made of it.
The expressions read ``probability`` and the columns of `tillthen.define.backtests.cost.Costs.columns`, in doubles;
the oracle's read ``label``, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tillthen.decide.actions import cheapest, cheapest_other, least_expected, limited, saving

FIXED = 0.5
LIMITED = "limited"
"""Stands for the action of which a day has only so many."""


@dataclass(frozen=True)
class Rule:
    """Take ``action`` where ``taken`` holds; where it does not, or is null, decide ``otherwise``.

    ``otherwise`` is an action or one of `CHOICES`. ``taken`` is a row expression with {threshold}, {saving} (what the
    limited action is expected to save), {rank} (by that saving in the fold's day, null where nothing is saved) and
    {allowed} (how many the day has).
    """

    title: str
    otherwise: str
    action: str = ""
    taken: str = ""

    def act(self, actions: Sequence[str]) -> str:
        """The action that is taken, of those there are."""
        return limited(actions) if self.action == LIMITED else self.action


_REACHED = "probability >= {threshold}"

RULES: Mapping[str, Rule] = {
    "none": Rule("Approve everything", "approve"),
    "all": Rule("Decline everything", "decline"),
    "fixed": Rule("Decline from a probability of 0.5", "approve", "decline", f"probability >= {FIXED}D"),
    "best_f1": Rule("Decline from the threshold of the best F1", "approve", "decline", _REACHED),
    "empirical": Rule("Decline from the cheapest threshold", "approve", "decline", _REACHED),
    "bayes_minimum_risk": Rule("Bayes minimum risk", "bayes_minimum_risk"),
    "capacity": Rule("Queue at the day's end, by expected saving", "others", LIMITED, "{rank} <= {allowed}"),
    "saving_threshold": Rule("Decline from a threshold of expected saving", "others", LIMITED,
                             "{saving} >= {threshold} AND {saving} > 0D"),
    "oracle": Rule("Oracle (knows the outcome)", "oracle"),
}  # fmt: skip
"""Every policy by name.

All can be operated but the oracle, which knows the outcome, and the queue at the day's end, which knows the day's other
payments: it can order reviews that are made when the day is over, and decide nothing while a customer waits. The
threshold of expected saving is its like at the payment: it takes so many a day on average, on some days more.
"""

CHOICES: Mapping[str, Callable[[Sequence[str]], str]] = {
    "bayes_minimum_risk": least_expected,
    "others": cheapest_other,
    "oracle": lambda actions: (
        f"CASE WHEN label = 1 THEN {cheapest(actions, '{}_fraud')} ELSE {cheapest(actions, '{}_genuine')} END"
    ),
}
"""What chooses among the actions, as row expressions: the cheapest in expectation, the cheapest but for the limited
action, and the cheapest given what the payment was. Of equally cheap ones the mildest."""

FLAGS = tuple(name for name, rule in RULES.items() if rule.taken and "{rank}" not in rule.taken)
"""The policies that take an action where the row alone says so, without the day's others."""


def taken(policy: str, actions: Sequence[str], **given: str) -> str:
    """Row expression: whether the policy takes its action; ``given`` are ``threshold``, ``rank`` and ``allowed``.

    >>> taken("best_f1", ["approve", "decline"], threshold="0.3D")
    'coalesce(probability >= 0.3D, false)'
    """
    return f"coalesce({RULES[policy].taken.format(saving=saving(actions), **given)}, false)"


def decision(policy: str, actions: Sequence[str], **given: str) -> str:
    """Row expression: the name of the action that the policy decides; ``given`` as for `taken`.

    >>> decision("fixed", ["approve", "decline"])
    "CASE WHEN coalesce(probability >= 0.5D, false) THEN 'decline' ELSE 'approve' END"
    """
    rule = RULES[policy]
    otherwise = CHOICES[rule.otherwise](actions) if rule.otherwise in CHOICES else f"'{rule.otherwise}'"
    if not rule.taken:
        return otherwise
    return f"CASE WHEN {taken(policy, actions, **given)} THEN '{rule.act(actions)}' ELSE {otherwise} END"
