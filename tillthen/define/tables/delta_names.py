"""Names that the columns of a Delta table can have."""

from __future__ import annotations

import re
from collections.abc import Iterable

TAKES_NOT = " ,;{}()\n\t="
EXPECTED = "names without blanks and any of ,;{}()="


def refused_names(names: Iterable[str]) -> list[str]:
    """Those of ``names`` that no column of a Delta table can have, since Parquet's schemas cannot write them."""
    return [name for name in dict.fromkeys(names) if set(name) & set(TAKES_NOT)]


def plain_name(name: str) -> str:
    """A name of letters, digits and '_' in place of another.

    >>> plain_name("Amount [JPY]"), plain_name("3-D Secure?")
    ('Amount_JPY', '_3_D_Secure')
    """
    found = re.sub(r"\W+", "_", name).strip("_") or "column"
    return f"_{found}" if found[0].isdigit() else found
