"""Generated payments: the same for the same arguments, written once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

DAY = 86_400_000_000
START = 1_700_000_000_000_000
DAYS = 180
VALUES = [f"x{i}" for i in range(5)]


@dataclass(frozen=True)
class Shape:
    """How many events, what share of them on one card, over how many days, and how many a card."""

    rows: int
    hot: float = 0.0
    days: int = DAYS
    seed: int = 1
    a_card: int = 100

    @property
    def name(self) -> str:
        """Of its file."""
        return "-".join(["events", *map(str, (self.rows, self.hot, self.days, self.seed, self.a_card))])


def events(folder: Path, shape: Shape) -> Path:
    """A Parquet file of ``row, card, at, known, gone, amount (cents), money (the same in units), merchant``.

    One event in ten is known up to ten days late, one in fifty is withdrawn up to thirty days after it was known.
    """
    path = folder / f"{shape.name}.parquet"
    if path.exists():
        return path
    random, n = np.random.default_rng(shape.seed), shape.rows
    card = random.integers(1, max(n // shape.a_card, 2), n)
    card = np.where(random.random(n) < shape.hot, 0, card)
    at = START + random.integers(0, shape.days * DAY, n)
    known = at + np.where(random.random(n) < 0.1, random.integers(0, 10 * DAY, n), 0)
    gone = pa.array(known + random.integers(1, 30 * DAY, n), mask=random.random(n) >= 0.02)
    amount = np.round(100 * random.lognormal(3, 1, n)).astype(np.int64)
    time = pa.timestamp("us", "UTC")
    table = pa.table(
        {"row": np.arange(n), "card": card, "at": pa.array(at, time), "known": pa.array(known, time),
         "gone": gone.cast(time), "amount": amount, "money": amount / 100, "merchant": random.integers(0, 500, n)}
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    pq.write_table(table, part, row_group_size=250_000)
    part.rename(path)
    return path


def keyed(folder: Path, name: str, rows: int, seed: int) -> Path:
    """A Parquet file of ``key, at, x0 ... x4``; no two instants of files with different seeds below 1000 are equal."""
    path = folder / f"{name}-{rows}.parquet"
    random = np.random.default_rng(seed)
    at = START + random.choice(90 * DAY // 1000, rows, replace=False) * 1000 + seed
    columns = {"key": random.integers(0, rows // 20, rows), "at": pa.array(at, pa.timestamp("us", "UTC"))}
    columns |= {value: random.integers(0, 10**6, rows) for value in VALUES}
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path
