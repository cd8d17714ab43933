"""Random columns that depend on a seed, a name and keys, and on nothing else.

Spark's own ``rand()`` depends on the partition a row is in. Here every draw is a hash of what it is about, so the same
world comes out of any number of partitions, executors and shuffles. Only arithmetic and Java's StrictMath (exp, log)
are used, which give the same bits on every machine; sines and cosines do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate

from pyspark.sql import Column
from pyspark.sql import functions as F

_63_BITS = 2**63 - 1


@dataclass(frozen=True)
class Draws:
    """Independent draws for each name and each value of the keys.

    Keys that hold equal values draw equal numbers, in whatever table they stand.
    """

    seed: int

    def uniform(self, name: str, *keys: Column) -> Column:
        """Uniform in the open interval (0, 1), in steps of 2^-52."""
        bits = F.shiftrightunsigned(F.xxhash64(F.lit(self._stream(name)), *keys), 12)
        return (bits + F.lit(0.5)) * F.lit(2.0**-52)

    def normal(self, name: str, *keys: Column) -> Column:
        """Normal with mean 0 and deviation 1: the number of ones among 64 random bits, made continuous.

        Binomial(64, 1/2) + uniform(-1/2, 1/2): within .01 of the normal distribution function, never beyond 8.2.
        """
        ones = F.bit_count(F.xxhash64(F.lit(self._stream(f"{name}, bits")), *keys))
        return (ones + self.uniform(name, *keys) - F.lit(32.5)) * F.lit((16 + 1 / 12) ** -0.5)

    def exponential(self, mean: float | Column, name: str, *keys: Column) -> Column:
        """Exponential waiting time of that mean."""
        return -F.log(self.uniform(name, *keys)) * mean

    def happens(self, share: float | Column, name: str, *keys: Column) -> Column:
        """True with that probability."""
        return self.uniform(name, *keys) < share

    def below(self, size: int | Column, name: str, *keys: Column, prefer: str = "") -> Column:
        """An integer in [0, size): uniform, or ``prefer`` "low" ones (u^2) or "high" ones (the root of u)."""
        u = self.uniform(name, *keys)
        return F.floor({"": u, "low": u * u, "high": F.sqrt(u)}[prefer] * size)

    def choice(self, weights: Sequence[float], name: str, *keys: Column) -> Column:
        """An index into ``weights``, each with its share of their sum."""
        u = self.uniform(name, *keys) * sum(weights)
        bounds = list(accumulate(weights))[:-1]
        return sum(((u >= bound).cast("bigint") for bound in bounds), F.lit(0).cast("bigint"))

    def token(self, name: str, number: Column) -> Column:
        """A number below 2^63 as another one: a bijection (two rounds of xorshift), so that tokens never collide."""
        mixed = number.bitwiseXOR(F.lit(self._stream(name) & _63_BITS))
        for shift, by in ((F.shiftleft, 13), (F.shiftrightunsigned, 7), (F.shiftleft, 17)) * 2:
            mixed = mixed.bitwiseXOR(shift(mixed, by).bitwiseAND(F.lit(_63_BITS)))
        return mixed

    def _stream(self, name: str) -> int:
        digest = blake2b(f"{self.seed}:{name}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)


def lookup(values: Sequence[float | str | None], index: Column) -> Column:
    """The value at ``index`` of a short constant list."""
    return F.get(F.array(*(F.lit(value) for value in values)), index.cast("int"))


def stamp(micros: Column) -> Column:
    """Microseconds since the epoch as a timestamp."""
    return F.timestamp_micros(micros)
