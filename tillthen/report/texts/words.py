"""Titles of metrics and policies, and the words that the page explains."""

from __future__ import annotations

import re
from collections.abc import Iterable

METRICS = {
    "average_precision": "Average precision",
    "roc_auc": "ROC AUC",
    "card_precision": "Card precision@{capacity}",
    "recall_at_fpr": "Recall at {key} false positives",
    "base_rate": "Base rate",
    "brier": "Brier score",
    "log_loss": "Log loss",
    "net_cost": "Net cost",
    "savings": "Savings",
    "value_detection_rate": "Value detection rate",
    "approval_rate": "Approval rate",
    "insult_rate": "Insult rate",
    "alert_rate": "Alert rate",
    "fraud_bps": "Fraud left, basis points",
}

POLICIES = {
    "none": "Decline none",
    "all": "Decline all",
    "fixed": "Score at least 0.5",
    "best_f1": "Best F1",
    "empirical": "Empirical threshold",
    "bayes_minimum_risk": "Bayes minimum risk",
    "capacity": "Queue at the day's end",
    "saving_threshold": "Saving from a threshold",
    "oracle": "Oracle",
}

SCORES = ("roc_auc", "average_precision", "card_precision")
"""Metrics that the field gives as decimals, not in percent."""

SHARES = ("base_rate", "savings", "recall_at_fpr", "value_detection_rate", "insult_rate", "approval_rate",
          "alert_rate", "precision", "recall")  # fmt: skip
"""Metrics that are shares, in percent."""

GLOSSARY = [
    ("alert rate", "Share of payments that the policy declines."),
    ("amount-weighted ratio", "Expected fraud amount (sum of probability x amount) over the actual one. Below 1 the "
     "model sees less money at risk than there is."),
    ("approval rate", "Share of payments, or of their value, that the policy approves."),
    ("approve", "Let the payment through as it is."),
    ("average precision", "Mean precision over the frauds, in the order of the score: the area under the "
     "precision-recall curve by steps. A score without skill has the base rate."),
    ("base rate", "Share of positives among the rows."),
    ("basis points", "Hundredths of a percent. Fraud basis points: value of approved fraud over the value approved."),
    ("Bayes minimum risk", "Decline where the expected cost of approving exceeds that of declining, payment by "
     "payment; it needs calibrated probabilities."),
    ("calibration", "Whether, of payments scored 1%, one in a hundred is a fraud."),
    ("canary", "A run that is spoiled on purpose and must look it: shuffled labels, or labels known too early."),
    ("card precision@k", "Of the k highest-scored distinct cards of a day, those with a known outcome, the share that "
     "is compromised; cards that were found, or whose outcome is unknown, are out on later days. The mean over days."),
    ("challenge", "Ask the customer to prove who is paying, as 3-D Secure does, before the payment goes through."),
    ("champion, challenger", "The model in use, and the one that wants to be."),
    ("decline", "Refuse the payment."),
    ("embargo", "The time between training and test in which labels arrive."),
    ("equal-mass error", "Mean distance of score and rate over bins with equally many rows."),
    ("ICI", "Integrated calibration index: mean distance of the score from the smoothed rate."),
    ("immature", "Too young for the absence of a bad outcome to count as a good one; never counted as good."),
    ("insult rate", "Share of genuine payments declined; each is an insult."),
    ("interval", "From one bootstrap over blocks of days and clusters of cards: where the difference lies if the test "
     "were drawn again. Champion and challenger share the resamples. The better side is drawn to the right."),
    ("log loss", "Mean of -log(probability given to what happened); lower is better."),
    ("maturity", "How long to wait before the absence of a bad outcome counts as a good one."),
    ("MCB, DSC, UNC", "Miscalibration, discrimination and uncertainty: a score's loss is MCB - DSC + UNC."),
    ("net cost", "What approved fraud and declined genuine customers cost, by the terms under provenance."),
    ("oracle", "Decides with the outcome in hand: what no policy can beat."),
    ("P(better)", "Share of the bootstrap's resamples in which the challenger is better."),
    ("policy", "The rule that makes a decision of a score."),
    ("precision", "Share of declined payments that are frauds."),
    ("recall", "Share of frauds that are declined; also detection rate."),
    ("review", "Let a person decide."),
    ("savings", "1 - cost / cost of the better of declining none and declining all. 100% is free, below 0 is worse "
     "than no model."),
    ("slope and intercept", "Of a logistic regression of the outcome on the score's log odds: 1 and 0 when calibrated. "
     "A slope below 1 is too sure of itself."),
    ("stability index", "Population stability index: over tenths of the reference's values, the sum of (share - "
     "reference's share) x log(share / reference's share). By custom small below 0.1, large from 0.25."),
    ("sum ratio", "Sum of probabilities over the number of positives: 1 when right on the whole."),
    ("value detection rate", "Fraud value declined over fraud value."),
]  # fmt: skip


def metric_title(name: str, capacity: int | None = None) -> str:
    """A metric's name as people write it.

    >>> metric_title("recall_at_fpr@0.001"), metric_title("card_precision", 100), metric_title("top_decile")
    ('Recall at 0.1% false positives', 'Card precision@100', 'Top decile')
    """
    base, _, argument = name.partition("@")
    title = METRICS.get(base, base.replace("_", " ").capitalize() + (f" {argument}" if argument else ""))
    return title.format(capacity="k" if capacity is None else capacity, key=_percent(argument))


def in_order(names: Iterable[str]) -> list[str]:
    """Metrics in the order of their titles' table, the unknown ones last.

    >>> in_order(["brier", "zeal", "recall_at_fpr@0.01", "roc_auc", "recall_at_fpr@0.001"])
    ['roc_auc', 'recall_at_fpr@0.001', 'recall_at_fpr@0.01', 'brier', 'zeal']
    """
    known = list(METRICS)

    def place(name: str) -> tuple[int, str]:
        base = name.partition("@")[0]
        return known.index(base) if base in known else len(known), name

    return sorted(names, key=place)


def policy_title(name: str, title: str = "") -> str:
    """A policy's title, its own or the field's."""
    return title or POLICIES.get(name, name.replace("_", " ").capitalize())


def term_slug(term: str) -> str:
    """The anchor of a term.

    >>> term_slug("P(better)"), term_slug("MCB, DSC, UNC")
    ('term-p-better', 'term-mcb-dsc-unc')
    """
    return "term-" + "-".join(re.findall("[a-z0-9]+", term.lower()))


def _percent(argument: str) -> str:
    try:
        return f"{float(argument) * 100:g}%"
    except ValueError:
        return argument
