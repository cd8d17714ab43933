"""Where a feature table, its ledger and its lease are in a warehouse."""

from __future__ import annotations

from dataclasses import dataclass

from tillthen.define.tables.table import FeatureTable
from tillthen.quality.history import History
from tillthen.runtime.config import Config
from tillthen.tables.ledger import Ledger
from tillthen.tables.log import storage_options
from tillthen.tables.register import Register, open_register


@dataclass(frozen=True)
class Store:
    """A feature table's places."""

    config: Config
    table: FeatureTable

    @property
    def path(self) -> str:
        """The Delta table's folder."""
        return f"{self.config.warehouse}/{self.table.folder}"

    @property
    def ledger(self) -> Ledger:
        """Which day was built by which run."""
        options = storage_options(self.config.spark)
        return Ledger(f"{self.config.warehouse}/_ledger/{self.table.folder}", self.path, options)

    @property
    def history(self) -> History:
        """What gates found on earlier nights."""
        return History(f"{self.config.warehouse}/_gates/{self.table.folder}", storage_options(self.config.spark))

    @property
    def quarantine(self) -> str:
        """The folder of the rows that gates have set aside: of this table's builds, which its lease keeps apart."""
        return f"{self.config.warehouse}/_quarantine/{self.table.folder}"

    @property
    def register(self) -> Register:
        """Who may write."""
        return open_register(self.config.warehouse, f"_leases/{self.table.folder}.json", self.config.spark)
