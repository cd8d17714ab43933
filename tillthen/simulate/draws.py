"""Random columns that depend on a seed, a name and keys, and on nothing else.

Spark's own ``rand()`` depends on the partition a row is in. Here every draw is a hash of what it is about, so the same
world comes out of any number of partitions, executors and shuffles. Logarithms, exponentials and powers are those of
Java's StrictMath, the same bits on every machine; sines and cosines are not, hence no Box-Muller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate

from pyspark.sql import Column
from pyspark.sql import functions as F

_LAMBDA = 0.1349
_SCALE = 0.1975
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
        """Normal with mean 0 and deviation 1, by Tukey's lambda: (u^L - (1-u)^L) / .1975, L = .1349.

        Within .01 of the normal quantile in the middle 95%, .04 in the middle 99.9%; never beyond 5.1.
        """
        u = self.uniform(name, *keys)
        return (F.pow(u, F.lit(_LAMBDA)) - F.pow(F.lit(1.0) - u, F.lit(_LAMBDA))) / F.lit(_SCALE)

    def exponential(self, mean: float | Column, name: str, *keys: Column) -> Column:
        """Exponential waiting time of that mean."""
        return -F.log(self.uniform(name, *keys)) * mean

    def happens(self, share: float | Column, name: str, *keys: Column) -> Column:
        """True with that probability."""
        return self.uniform(name, *keys) < share

    def below(self, size: int | Column, name: str, *keys: Column, skew: float = 1.0) -> Column:
        """An integer in [0, size): uniform, or with small ones preferred where ``skew`` is above 1."""
        u = self.uniform(name, *keys)
        return F.floor((u if skew == 1.0 else F.pow(u, F.lit(skew))) * size)

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


def lookup(values: Sequence[float | str], index: Column) -> Column:
    """The value at ``index`` of a short constant list."""
    return F.get(F.array(*(F.lit(value) for value in values)), index.cast("int"))


def stamp(micros: Column) -> Column:
    """Microseconds since the epoch as a timestamp."""
    return F.timestamp_micros(micros)
