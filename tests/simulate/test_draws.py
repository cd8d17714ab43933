from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import functions as F

from tillthen.simulate.draws import Draws

N = 20_000
# A mean of n draws of deviation s lies within 5 s / sqrt(n) of its expectation, but for one seed in two million.
Z = 5 / N**0.5


def drawn(spark, columns):
    return spark.range(N).select(*columns(F.col("id"))).toArrow().to_pandas().to_numpy().T


def test_uniform(spark):
    (u,) = drawn(spark, lambda key: [Draws(1).uniform("u", key)])
    assert 0 < u.min() < u.max() < 1
    assert u.mean() == pytest.approx(0.5, abs=Z * 12**-0.5)
    assert np.histogram(u, bins=10, range=(0, 1))[0] / N == pytest.approx(np.full(10, 0.1), abs=Z * 0.3)


def test_normal(spark):
    (z,) = drawn(spark, lambda key: [Draws(1).normal("z", key)])
    assert z.mean() == pytest.approx(0, abs=Z)
    assert (z**2).mean() == pytest.approx(1, abs=Z * 2**0.5)
    assert (z < -1.645).mean() == pytest.approx(0.05, abs=Z * 0.05**0.5)
    assert len(set(z)) == N


def test_exponential(spark):
    (x,) = drawn(spark, lambda key: [Draws(1).exponential(3.0, "x", key)])
    assert (x > 0).all()
    assert x.mean() == pytest.approx(3, abs=3 * Z)


def test_below_and_choice(spark):
    draws = Draws(1)
    uniform, low, high, chosen = drawn(
        spark,
        lambda key: [
            draws.below(4, "a", key),
            draws.below(4, "b", key, prefer="low"),
            draws.below(4, "c", key, prefer="high"),
            draws.choice([1, 0, 3], "d", key),
        ],
    )
    assert np.bincount(uniform, minlength=4) / N == pytest.approx([0.25] * 4, abs=Z / 2)
    # The square of u is below 1/4 for half of all u, and its root for a sixteenth.
    assert np.bincount(low) / N == pytest.approx(np.diff([0, 0.5, 0.5**0.5, 0.75**0.5, 1]), abs=Z / 2)
    assert np.bincount(high) / N == pytest.approx(np.diff([0, 1 / 16, 1 / 4, 9 / 16, 1]), abs=Z / 2)
    assert np.bincount(chosen) / N == pytest.approx([0.25, 0, 0.75], abs=Z / 2)


def test_tokens_never_collide(spark):
    (tokens,) = drawn(spark, lambda key: [Draws(1).token("card", key)])
    assert len(set(tokens)) == N
    assert tokens.min() > 0
    assert np.corrcoef(tokens.astype(float), np.arange(N))[0, 1] == pytest.approx(0, abs=0.1)


def test_other_names_keys_and_seeds_draw_other_numbers(spark):
    a, same, name, key, seed = drawn(
        spark,
        lambda key: [
            Draws(1).uniform("a", key),
            Draws(1).uniform("a", key),
            Draws(1).uniform("b", key),
            Draws(1).uniform("a", key + N),
            Draws(2).uniform("a", key),
        ],
    )
    assert (a == same).all()
    assert np.corrcoef([a, name, key, seed])[np.triu_indices(4, 1)] == pytest.approx(np.zeros(6), abs=Z)
