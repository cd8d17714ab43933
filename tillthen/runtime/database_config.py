"""A database's table that is landed in the warehouse: where it is, and how it is read."""

from __future__ import annotations

import os
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tillthen.define.faults.errors import ConfigurationError, sentence
from tillthen.define.faults.secrets import holds_secret, is_secret, remember


class DatabaseConfig(BaseModel):
    """One table or query behind JDBC.

    Parameters
    ----------
    url
        JDBC's, without a password: ``jdbc:postgresql://host/database``.
    table, query
        What is read, one of both.
    user, password
        The names of the environment variables that hold them.
    watermark
        Column that never goes back, such as a serial number or a time of change: only rows at or above the greatest
        value that has landed are read. Rows in which it is null or -infinity are refused; those in which it lies beyond
        now land and hold no later row back. Without it the whole table is read, and rows that have not landed before
        land.
    overlap
        How far behind the watermark rows are read again, for transactions that commit late: "15m" for times, a number
        for numbers. What has landed already does not land again.
    partition_column
        Column of numbers or times whose range is cut into ``partitions`` that are read at once.
    bounds
        The range's ends; asked of the database where not given. They only cut, they leave no row out.
    fetch_size
        Rows in one answer of the database.
    driver
        The driver's class; PostgreSQL's where not given, else Spark's choice for the URL.
    options
        Further ones of Spark's JDBC source.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    table: str | None = None
    query: str | None = None
    user: str | None = None
    password: str | None = None
    watermark: str | None = None
    overlap: str | int = 0
    partition_column: str | None = None
    bounds: tuple[str | int, str | int] | None = None
    partitions: int = Field(default=4, ge=1)
    fetch_size: int = Field(default=10_000, ge=1)
    driver: str | None = None
    options: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.table is None) == (self.query is None):
            raise ValueError("one of table and query")
        if not self.url.startswith("jdbc:"):
            raise ValueError("a url that begins with jdbc:")
        given = {self.url, *self.options.values()}
        if any(map(holds_secret, given)) or {"password", "pwd"} & {name.lower() for name in self.options}:
            raise ValueError("no password in it; name the variable of the environment that holds it: password: NAME")
        for name, value in self.options.items():
            remember(value if is_secret(name) else None)
        return self

    @property
    def relation(self) -> str:
        """What stands behind FROM."""
        return self.table if self.table is not None else f"({self.query})"

    def login(self, where: str) -> dict[str, str]:
        """User and password out of the environment, as Spark's options.

        Raises
        ------
        ConfigurationError
            A variable is not set.
        """
        named = {"user": self.user, "password": self.password}
        for option, variable in named.items():
            if variable and variable not in os.environ:
                raise ConfigurationError(sentence(f"{where}: its {option}", expected=f"in the variable {variable}",
                                                  got="none", fix=f"Set {variable} in the environment."))  # fmt: skip
        remember(os.environ[self.password] if self.password else None)
        return {option: os.environ[variable] for option, variable in named.items() if variable}
