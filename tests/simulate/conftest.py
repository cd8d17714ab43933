"""One small world, written once: 300 cards for 60 days, attacked ten times as often as the demo's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from tillthen.runtime.config import Config
from tillthen.simulate.run import simulate, truth_path

SECTION = {"cards": 300, "days": 60, "fraud": 10, "duplicates": 0.01, "seed": 1}


@dataclass(frozen=True)
class Written:
    """The tables of a world as they were delivered, and once each row of them."""

    config: Config
    delivered: dict[str, pd.DataFrame]

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.delivered[name].drop_duplicates()

    @property
    def attempts(self) -> pd.DataFrame:
        """Authorizations with the truth about them."""
        return self["authorizations"].merge(self["truth"], on="authorization_id", validate="1:1")

    @property
    def disputed(self) -> pd.DataFrame:
        """Disputes with the authorization and the truth they are about."""
        return self["disputes"].merge(self.attempts, on="authorization_id", suffixes=("_disputed", ""), validate="1:1")


def configured(folder: Path, **section: object) -> Config:
    return Config(root=folder, warehouse=str(folder / "warehouse"), simulate={**SECTION, **section})


def read(spark: SparkSession, config: Config, name: str) -> pd.DataFrame:
    path = truth_path(config) if name == "truth" else config.table(name).path
    return spark.read.format("delta").load(path).toArrow().to_pandas()


@pytest.fixture(scope="session")
def written(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Written:
    config = configured(tmp_path_factory.mktemp("world"))
    simulate(config)
    return Written(
        config, {name: read(spark, config, name) for name in ("authorizations", "disputes", "merchants", "truth")}
    )
