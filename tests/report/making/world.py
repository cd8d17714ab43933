"""A small seeded card business: outcomes, amounts and scores are drawn, so that figures about them agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from tests.report.making.decisions import Outcomes
from tillthen.decide.costs import CostTable

TEST_START = date(2018, 8, 8)
COUNTRIES = ("FR", "DE", "IT", "ES", "LU")
CHANNELS = ("chip", "contactless", "web", "moto")


@dataclass(frozen=True)
class Terms:
    """The declared cost inputs, in minor units and shares."""

    recovery: float = 0.1
    chargeback_fee: float = 2000
    handling: float = 500
    margin: float = 0.1
    retry_succeeds: float = 0.3

    def costs(self, amounts: np.ndarray) -> CostTable:
        """Each row's costs by these terms."""
        approve = amounts * (1 - self.recovery) + self.chargeback_fee + self.handling
        insult = self.margin * (1 - self.retry_succeeds) * amounts
        return CostTable.of({"approve_fraud": approve, "decline_genuine": insult})


@dataclass(frozen=True)
class World:
    """Test rows in the order of their time, and what a model could know of them."""

    random: np.random.Generator
    labels: np.ndarray
    amounts: np.ndarray
    days: np.ndarray
    cards: np.ndarray
    country: np.ndarray
    channel: np.ndarray
    terms: Terms

    def outcomes(self, probability: np.ndarray, terms: Terms | None = None) -> Outcomes:
        """The rows under these probabilities."""
        costs = (terms or self.terms).costs(self.amounts)
        return Outcomes(probability, self.labels, self.amounts, self.days, self.cards, costs)

    def odds(self, skill: float) -> np.ndarray:
        """Probabilities that are nearly calibrated: the log odds of a normal score, a little too sure."""
        base = np.log(self.labels.mean() / (1 - self.labels.mean()))
        score = self.random.normal(skill * self.labels, 1.0)
        return 1 / (1 + np.exp(-(base + 1.3 * skill * (score - skill / 2))))


def world(rows: int, rate: float, days: int, seed: int = 7) -> World:
    """Of ``rows`` payments over ``days`` days, the share ``rate`` is fraud."""
    random = np.random.default_rng(seed)
    labels = (np.arange(rows) < round(rows * rate)).astype(np.int64)[random.permutation(rows)]
    amounts = np.round(np.exp(random.normal(8.2 + 0.6 * labels, 0.9)))
    return World(
        random, labels, amounts, np.sort(random.integers(0, days, rows)), random.integers(0, rows // 8, rows),
        random.choice(COUNTRIES, rows, p=(0.42, 0.3, 0.2, 0.077, 0.003)),
        np.where(labels & random.integers(0, 2, rows), "web", random.choice(CHANNELS, rows, p=(0.4, 0.33, 0.24, 0.03))),
        Terms(),
    )  # fmt: skip


def changed(terms: Terms, name: str, factor: float) -> Terms:
    """The same terms with one of them multiplied; a share stays one."""
    value = getattr(terms, name) * factor
    return replace(terms, **{name: value})


def at(day: int) -> str:
    """Midnight of a day counted from the first test day."""
    return f"{TEST_START + timedelta(days=day)}T00:00:00+00:00"
