"""The size and the seed of a simulated world: the ``simulate:`` section of a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError

from tillthen.define.faults.errors import ConfigurationError, did_you_mean, sentence
from tillthen.simulate.draws import Draws
from tillthen.simulate.merchants import CELLS
from tillthen.simulate.places import COUNTRIES

DAY = 86_400_000_000
HOUR = DAY // 24
"""Microseconds in a day and an hour."""


class World(BaseModel):
    """What a simulated world holds; every other number of it follows from these.

    Parameters
    ----------
    cards, merchants, issuers
        How many of each. A card pays 0.7 times a day on average.
    start, days
        Payments happen in [start, start + days), UTC.
    seed
        Worlds of equal parameters, seed included, have equal rows.
    currency
        Of all amounts, which are in its minor units.
    fraud
        How often cards and merchants are attacked, 1 being the reference; 0 leaves friendly fraud alone.
    late
        Share of authorizations that reach the deciding system hours after they happened instead of seconds.
    duplicates
        Share of authorizations and disputes that are delivered twice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cards: StrictInt = Field(3_000, ge=1, le=10**9)
    merchants: StrictInt = Field(540, ge=CELLS, le=10**8)
    issuers: StrictInt = Field(24, ge=len(COUNTRIES), le=10**6)
    start: date = date(2025, 1, 1)
    days: StrictInt = Field(220, ge=1, le=3_660)
    seed: StrictInt = 0
    currency: str = Field("EUR", pattern="^[A-Z]{3}$")
    fraud: float = Field(1.0, ge=0, le=20, allow_inf_nan=False)
    late: float = Field(0.01, ge=0, le=1)
    duplicates: float = Field(0.002, ge=0, le=1)

    @classmethod
    def of(cls, section: Mapping[str, object]) -> World:
        """Check a configuration's section.

        Raises
        ------
        ConfigurationError
            For unknown or missing keys, wrong types, and sizes that make no world; one error names them all.
        """
        try:
            return cls.model_validate(dict(section))
        except ValidationError as error:
            faults = [_fault(str(f["loc"][0]), f["type"], f["msg"], f["input"]) for f in error.errors()]
        raise ConfigurationError(" ".join(faults))

    @property
    def draws(self) -> Draws:
        """The world's random columns."""
        return Draws(self.seed)

    @property
    def begin(self) -> int:
        """The first instant, in microseconds since the epoch."""
        return int(datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC).timestamp()) * 1_000_000

    @property
    def end(self) -> int:
        """The instant after the last, in microseconds since the epoch."""
        return self.begin + self.days * DAY


def _fault(key: str, kind: str, message: str, got: object) -> str:
    if kind == "extra_forbidden":
        return sentence(f"simulate: '{key}' is not a setting", fix=did_you_mean(key, World.model_fields))
    expected = message.removeprefix("Input should be ").removeprefix("String should ").removeprefix("Value error, ")
    return sentence(f"simulate: '{key}'", expected=expected, got=repr(got))
