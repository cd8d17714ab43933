"""A question, answered by the oracle."""

from __future__ import annotations

from typing import Any

from tillthen.pit import oracle
from tillthen.pit.conformance.question import Frame, Question


def ask_oracle(question: Question) -> list[dict[str, Any]]:
    """What the engine is asked, of the oracle."""
    return oracle.compute(
        _rows(question.spine), question.sets, {name: _rows(table) for name, table in question.sources.items()}
    )


def _rows(table: Frame) -> list[dict[str, Any]]:
    return [dict(zip(table.names, row, strict=True)) for row in table.rows]
