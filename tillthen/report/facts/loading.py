"""Reading ``facts.json``: checked, and safe to draw whatever strings and numbers it holds."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

from pydantic import ValidationError

from tillthen.define.faults.errors import ReportError, sentence
from tillthen.report.facts.schema import FORMAT, Facts

# Neither XML nor UTF-8 can carry these: control characters, halves of surrogate pairs, non-characters.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def read_facts(path: Path) -> tuple[Facts, object]:
    """The facts, and the same as plain JSON with what cannot be printed replaced.

    Raises
    ------
    ReportError
        The file is missing, is no JSON, or is not of this format.
    """
    try:
        plain = _printable(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        what = f"Facts file '{path}' cannot be read: {error.strerror}"
        raise ReportError(sentence(what, fix="Run the backtest first.")) from error
    except ValueError as error:
        raise ReportError(sentence(f"Facts file '{path}'", expected="JSON", got=error)) from error
    found = plain.get("format") if isinstance(plain, dict) else None
    if found != FORMAT:
        raise ReportError(
            sentence(
                f"Facts file '{path}'", expected=f"format '{FORMAT}'", got=repr(found), fix="Run the backtest again."
            )
        )
    try:
        return Facts.model_validate(plain), plain
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        what = f"Facts file '{path}' at {where}: {first['msg']}"
        raise ReportError(sentence(what, fix="Run the backtest again.")) from error


def _printable(value: object) -> object:
    if isinstance(value, str):
        return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {_printable(key): _printable(item) for key, item in value.items()}
    return value
