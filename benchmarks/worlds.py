"""Worlds of card payments in numpy, after the simulator's model, for measuring how often intervals hold the truth.

What makes days and cards depend on each other is the simulator's (`tillthen.simulate.starts`, `patterns`): cards of
different habits; bursts on stolen cards and account takeovers over days; campaigns in which many cards are tested at
one merchant within hours, some of them used days later; merchants whose leaked cards are used weeks later. Two fixed
scorers see each payment through noise, part of which all payments of an episode or a card share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from tillthen.runtime.arrays import Floats, Ints
from tillthen.simulate.patterns import (
    ACCOUNT_TAKEOVER,
    CARD_TESTING,
    COMPROMISED_MERCHANT,
    SPREE,
    STOLEN_CARD,
    TESTED_CARD,
    Pattern,
)
from tillthen.simulate.starts import LEAKS, TESTS, Campaign

BEFORE = 40
"""Days simulated before the first that counts: what starts then goes on later."""

EVIDENCE = {STOLEN_CARD.name: 4.0, ACCOUNT_TAKEOVER.name: 2.2, CARD_TESTING.name: 4.5, TESTED_CARD.name: 3.6,
            COMPROMISED_MERCHANT.name: 3.2, SPREE.name: 1.8}  # fmt: skip
"""How far a pattern moves what the scorers see, in standard deviations of ordinary payments."""


@dataclass(frozen=True)
class Payments:
    """Payments in no order: days from 0, cards, minor units, 1 for fraud, and both scorers' probabilities."""

    day: Ints
    card: Ints
    amount: Floats
    label: Ints
    truth: Floats
    champion: Floats
    challenger: Floats

    def __len__(self) -> int:
        return len(self.day)


@dataclass(frozen=True)
class _Starts:
    """Episodes: pattern, card, time in days, payments, and how long they last in days."""

    pattern: Pattern
    card: Ints
    at: Floats
    size: Ints
    lasts: Floats


def draw(seed: int, *, cards: int = 12_000, days: int = 42) -> Payments:
    """A world, the same for the same arguments."""
    random = np.random.default_rng((seed, 6))
    span = days + BEFORE
    tests, leaks = _campaign(random, TESTS, cards, span), _campaign(random, LEAKS, cards, span)
    episodes = [
        _by_chance(random, SPREE, 0.08, cards, span),
        _by_chance(random, STOLEN_CARD, 0.010, cards, span),
        _by_chance(random, ACCOUNT_TAKEOVER, 0.008, cards, span),
        _Starts(CARD_TESTING, *tests, np.ones(len(tests[0]), dtype=np.int64), np.zeros(len(tests[0]))),
        _later(random, TESTED_CARD, tests, 0.2, (1, 6)),
        _later(random, COMPROMISED_MERCHANT, leaks, 0.6, (5, 30)),
    ]
    parts = [_ordinary(random, cards, days), *(_of_episodes(random, starts) for starts in episodes)]
    day, card, signal, log_odds, more = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    counted = (day >= 0) & (day < days)
    day, card, signal, log_odds, more = (column[counted] for column in (day, card, signal, log_odds, more))
    level, habit = 7.6 + 0.45 * random.standard_normal(cards), random.standard_normal(cards)
    amount = np.floor(np.clip(np.exp(level[card] + more), 50, 2e6))
    truth = 1 / (1 + np.exp(-(log_odds + 0.4 * more + 0.8 * random.standard_normal(len(day)))))
    label = (random.random(len(day)) < truth).astype(np.int64)
    seen = signal + 0.5 * habit[card]
    shared = random.standard_normal(len(day))
    first, second = (seen + weight * shared + own * random.standard_normal(len(day))
                     for weight, own in ((0.7, 1.2), (0.7, 0.6)))  # fmt: skip
    return Payments(day, card, amount, label, truth, _probability(first, 1.23, 6.98),
                    _probability(second, 1.72, 7.46))  # fmt: skip


def _probability(seen: Floats, slope: float, less: float) -> Floats:
    """About calibrated: a logistic regression of the label on what is seen, in other worlds."""
    return 1 / (1 + np.exp(less - slope * seen))


def _ordinary(random: Generator, cards: int, days: int) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """Each card on each day: a binomial number of payments, more or fewer at weekends."""
    rate = np.minimum(np.exp(0.7 * random.standard_normal(cards) - 0.6), 5.0)
    weekend = np.exp(0.4 * random.standard_normal(cards))
    factor = np.where(np.arange(days) % 7 >= 5, weekend[:, None], 1.0)
    count = random.binomial(8, np.minimum(rate[:, None] * factor / 8, 0.95)).ravel()
    cell = np.repeat(np.arange(cards * days), count)
    card, day = np.divmod(cell, days)
    n = len(cell)
    return day, card, np.zeros(n), np.full(n, -8.6), 0.3 + 0.9 * random.standard_normal(n)


def _by_chance(random: Generator, pattern: Pattern, monthly: float, cards: int, span: int) -> _Starts:
    card = np.repeat(np.arange(cards), random.binomial(-(-span // 30), monthly, cards))
    return _sized(random, pattern, card, random.uniform(-BEFORE, span - BEFORE, len(card)))


def _campaign(random: Generator, kind: Campaign, cards: int, span: int) -> tuple[Ints, Floats]:
    """Cards and times of all campaigns of a kind."""
    campaigns = random.poisson(cards * span / kind.every)
    size = random.integers(kind.cards[0], kind.cards[1] + 1, campaigns)
    of = np.repeat(np.arange(campaigns), size)
    begins = random.uniform(-BEFORE, span - BEFORE, campaigns)
    lasts = random.uniform(*kind.hours, campaigns) / 24
    return random.integers(0, cards, len(of)), begins[of] + lasts[of] * random.random(len(of))


def _later(
    random: Generator, pattern: Pattern, starts: tuple[Ints, Floats], share: float, days: tuple[int, int]
) -> _Starts:
    card, at = starts
    chosen = random.random(len(card)) < share
    return _sized(random, pattern, card[chosen], at[chosen] + random.uniform(*days, int(chosen.sum())))


def _sized(random: Generator, pattern: Pattern, card: Ints, at: Floats) -> _Starts:
    size = random.integers(pattern.payments[0], pattern.payments[1] + 1, len(card))
    return _Starts(pattern, card, at, size, random.uniform(*pattern.hours, len(card)) / 24)


def _of_episodes(random: Generator, starts: _Starts) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """Their payments; half of what the scorers see of an episode is the same for all of them."""
    of = np.repeat(np.arange(len(starts.card)), starts.size)
    n = len(of)
    day = np.floor(starts.at[of] + starts.lasts[of] * random.random(n)).astype(np.int64)
    common = random.standard_normal(len(starts.card))
    signal = EVIDENCE[starts.pattern.name] + 0.8 * common[of]
    more = starts.pattern.amount + 0.3 + 0.9 * random.standard_normal(n)
    return day, starts.card[of], signal, np.full(n, starts.pattern.log_odds), more
