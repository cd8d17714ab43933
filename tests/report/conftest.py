"""Facts of a small seeded world, as `tests.report.making` makes them, and where they are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.report.making.facts import facts

Facts = dict[str, Any]


@pytest.fixture(scope="session")
def make_facts() -> Callable[..., Facts]:
    """Facts of that world, a copy each time."""
    made = cache(facts)
    return lambda **shape: deepcopy(made(**shape))


@pytest.fixture
def write_facts(tmp_path: Path) -> Callable[[Facts], Path]:
    def write(plain: Facts) -> Path:
        path = tmp_path / "facts.json"
        path.write_text(json.dumps(plain, sort_keys=True))
        return path

    return write
