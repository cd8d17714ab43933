"""The ingest job: what databases hold that has not landed in the warehouse yet."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_hex

from tillthen.define.faults.errors import ConfigurationError, UsageError, did_you_mean, sentence
from tillthen.materialize.runs.run import Turn
from tillthen.runtime.config import Config
from tillthen.runtime.progress import step
from tillthen.runtime.session import spark_session
from tillthen.tables.landing import Landed, land
from tillthen.tables.lease import leased
from tillthen.tables.register import open_register


def ingest(config: Config, names: Sequence[str] = (), turn: Turn | None = None) -> list[Landed]:
    """Land the named tables of 'databases', or all, each in one commit and under its lease.

    See `tillthen.tables.landing.land`.
    """
    turn = turn or Turn()
    if not config.databases:
        raise ConfigurationError(sentence("The configuration names no tables of databases to land",
                                          fix="Declare them under 'databases:'."))  # fmt: skip
    for name in names:
        if name not in config.databases:
            raise UsageError(sentence(f"'databases' has no '{name}'", fix=did_you_mean(name, config.databases)))
    with step("Start Spark"):
        spark = spark_session(config.spark)
    done = []
    for name in names or config.databases:
        register = open_register(config.warehouse, f"_leases/_landed/{name}.json", config.spark)
        held = leased(register, f"ingest-{token_hex(3)}", seconds=config.lease_seconds, wait=turn.wait,
                      seen_ended=turn.seen_ended)  # fmt: skip
        with step(f"Land {name}") as landing, held as lease:
            done.append(land(spark, config, name, lease.check))
            landing.rows = done[-1].rows
    return done
