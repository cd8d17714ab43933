"""Lists of what may be called, what costs are made of, and what can be measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from markup import code, table
from tillthen.define.backtests.cost import Challenge, Costs, Review
from tillthen.define.backtests.gate import MEASURES
from tillthen.define.backtests.inputs import MONEY, TITLES
from tillthen.define.expressions import allowed
from tillthen.define.sources.currency import currencies


def functions() -> Iterator[str]:
    """What a row expression may call, and why what is often asked for may not be."""
    groups = {
        "Logic": allowed.LOGIC,
        "Numbers": allowed.NUMBERS,
        "Times": allowed.TIMES,
        "Text": allowed.TEXT,
        "Of text and bytes": allowed.MEASURES,
        "Arrays, maps and structs": allowed.COLLECTIONS,
    }
    assert frozenset().union(*groups.values()) == allowed.FUNCTIONS
    yield from table(
        ["kind", "functions"],
        [(kind, " ".join(map(code, sorted(of)))) for kind, of in groups.items()],
    )
    yield "Often asked for, and refused:\n"
    reasons: dict[str, list[str]] = {}
    for name, reason in allowed.REASONS.items():
        reasons.setdefault(reason, []).append(name)
    yield from table(
        ["functions", "why not"],
        [(" ".join(map(code, sorted(of))), why) for why, of in reasons.items()],
    )


def cost_inputs() -> Iterator[str]:
    """What costs are made of: each input, what it counts and its default."""
    fields = {one.name: one.default for one in dataclasses.fields(Costs)}
    for action, made in (("review", Review), ("challenge", Challenge)):
        fields |= {
            f"{action}_{one.name}": one.default for one in dataclasses.fields(made)
        }
    rows = []
    for name, title in TITLES.items():
        action, _, inner = name.partition("_")
        written = (
            f"{action.title()}({inner}=)" if action in ("review", "challenge") else name
        )
        asked = fields[name] in (None, dataclasses.MISSING)
        default = "asked for" if asked else code(fields[name])
        counts = "money" if name in MONEY else "share"
        rows.append((code(written), title, counts, default))
    yield from table(["input", "meaning", "counts", "default"], rows)


def digits() -> Iterator[str]:
    """How many digits currencies have, by ISO 4217."""
    known = sorted(currencies().values(), key=lambda one: one.code)
    others = sorted({one.digits for one in known} - {2})
    yield from table(
        ["digits", "currencies"],
        [
            (number, " ".join(one.code for one in known if one.digits == number))
            for number in others
        ]
        + [(2, f"the other {sum(one.digits == 2 for one in known)}")],
    )


def figures() -> Iterator[str]:
    """The figures that a gate may be about, and which of them have an interval."""
    rows = []
    for name, one in MEASURES.items():
        of = "the run" if one.of_run else "each side, difference"
        rows.append((code(name), one.title, of, "yes" if one.bounded else "no"))
    yield from table(["figure", "meaning", "of", "interval"], rows)
