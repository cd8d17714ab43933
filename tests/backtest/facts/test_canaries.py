"""What the canaries count, and that they fire; that they fall silent where the clock is broken is in test_clock.py."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tillthen.backtest.facts import canaries
from tillthen.backtest.rows.inputs import DAY, TIME
from tillthen.learn.labels import LABEL


def rows(*pairs):
    return pd.DataFrame({"__card": [card for card, _ in pairs], TIME: [int(day * DAY) for _, day in pairs]})


def known(frauds, asked, *, early):
    """Frauds as (card, day, day known, day retracted)."""
    days = pd.DataFrame(frauds, columns=["__card", TIME, "__known_from", "__known_to"])
    days = days.assign(**{name: (days[name].astype(float) * DAY) for name in days.columns[1:]})
    return canaries.known_frauds(rows(*asked), days, early=early).tolist()


def test_frauds_of_the_last_week_count_from_their_arrival_until_they_are_retracted():
    frauds = [("a", 1, 3, None), ("a", 2, 4, 5), ("b", 1, 9, None)]
    asked = [("a", 2.9), ("a", 3), ("a", 4), ("a", 5), ("a", 8), ("b", 9), ("c", 4), (None, 4)]
    assert known(frauds, asked, early=False) == [0, 1, 2, 1, 0, 0, 0, 0]
    asked = [("a", 1), ("a", 1.5), ("a", 3), ("a", 8), ("a", 9), ("b", 7.9), ("c", 4)]
    assert known(frauds, asked, early=True) == [0, 1, 2, 1, 0, 1, 0]


def sample(persistent):
    """Frauds of a card follow each other within days, and are known after 30 days; or they are of no card."""
    random = np.random.default_rng(0)
    n, cards = 12_000, 1500
    card, time = random.integers(0, cards, n), np.sort(random.integers(0, 60, n)).astype("int64")
    signal = random.normal(size=n)
    noise = {f"noise{i}": random.normal(size=n) for i in range(5)}
    begins, hit = random.integers(0, 60, cards), random.random(cards) < 0.5
    caught = hit[card] & (time >= begins[card]) & (time < begins[card] + 15) if persistent else random.random(n) < 0.03
    label = (caught & (random.random(n) < 1 / (1 + np.exp(2 - 3 * signal)))).astype("int64")
    frame = pd.DataFrame({"__card": card, TIME: time * DAY, LABEL: label, "signal": signal, **noise})
    frauds = frame[frame[LABEL] == 1][["__card", TIME]].assign(
        __known_from=lambda f: f[TIME] + 30 * DAY, __known_to=np.nan
    )
    return canaries.Sample(frame[time < 30], frame[time >= 30], frauds, ("signal", *noise))


class Declared:
    class backtest:
        card = "card"
        folds = (SimpleNamespace(number=0),)


def judged(monkeypatch, taken):
    monkeypatch.setattr(canaries, "_sample", lambda data, fold: taken)
    return {one["name"]: one for one in canaries.canaries(Declared)}


def test_both_fire_where_frauds_follow_each_other(monkeypatch):
    found = judged(monkeypatch, sample(persistent=True))
    assert all(one["fired"] for one in found.values()), found


def test_labels_known_early_silence_the_second(monkeypatch):
    taken = sample(persistent=True)
    taken.frauds["__known_from"] = taken.frauds[TIME]  # the clock is broken
    found = judged(monkeypatch, taken)
    assert not found["label delay 0"]["fired"]
    assert "taken for known too early" in found["label delay 0"]["words"]


def test_labels_that_reach_the_test_whatever_is_shuffled_silence_the_first(monkeypatch):
    taken = sample(persistent=True)

    def leaking(part, rows, early):
        return np.column_stack([rows[LABEL].to_numpy(dtype=float)] * (len(taken.features) + 1))

    monkeypatch.setattr(canaries, "_matrix", leaking)
    monkeypatch.setattr(
        np.random, "default_rng", lambda seed: type("Same", (), {"permutation": staticmethod(lambda x: x)})
    )
    assert not judged(monkeypatch, taken)["labels shuffled"]["fired"]


def test_a_sample_without_frauds_says_so(monkeypatch):
    taken = sample(persistent=True)
    taken.test[LABEL] = 0
    assert "no frauds to learn from or to find" in judged(monkeypatch, taken)["labels shuffled"]["words"]
    assert not any(one["fired"] for one in judged(monkeypatch, taken).values())


@pytest.mark.parametrize("persistent", [True, False])
def test_the_first_fires_whatever_the_frauds_do(monkeypatch, persistent):
    if persistent:
        assert judged(monkeypatch, sample(persistent))["labels shuffled"]["fired"]
    else:
        assert not judged(monkeypatch, sample(persistent))["label delay 0"]["fired"]
