"""Another run that takes a lease over while its holder works."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tillthen.runtime.config import Config
from tillthen.tables.lease import Holder
from tillthen.tables.register import FileRegister


def take(config: Config, place: str) -> None:
    """Take the lease of a place over, as a run that was told that the holder has ended."""
    register = FileRegister(Path(config.warehouse, "_leases", f"{place}.json"))
    before, tag = register.read()
    assert before, f"nobody holds {place}"
    assert register.swap(json.dumps(asdict(Holder.here("thief", 60))), tag)


def taking(config: Config, place: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """``work``, while which the lease is taken over."""

    def stolen(*arguments: Any, **named: Any) -> Any:
        done = work(*arguments, **named)
        take(config, place)
        return done

    return stolen
