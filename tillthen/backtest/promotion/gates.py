"""Gates judged on a backtest's facts: facts in, the facts' ``verdict.gates`` out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tillthen.define.backtests.gate import Gate, Unit
from tillthen.define.sources.currency import MINUS, Currency, digits_of

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Measured:
    """A figure with its 95% interval, where the facts have one."""

    value: float | None = None
    lower: float | None = None
    upper: float | None = None


NOT_MEASURED = Measured()


def judged(gates: Sequence[Gate], facts: Facts) -> list[dict[str, Any]]:
    """Each gate with whether it holds, what it expected and what was measured, in numbers and in words."""
    return [_judged(gate, facts) for gate in gates]


def _judged(gate: Gate, facts: Facts) -> dict[str, Any]:
    found = _measured(gate, facts)
    scale = _scale(gate, facts)
    bounds = [(scale(bound), low) for bound, low in ((gate.at_least, True), (gate.at_most, False)) if bound is not None]
    ends = [_end(gate, found, low) for _, low in bounds]
    met = [
        end is not None and (end >= bound if low else end <= bound)
        for (bound, low), end in zip(bounds, ends, strict=True)
    ]
    failing = [end for end, good in zip(ends, met, strict=True) if not good]
    show = _shower(gate.measure.unit, facts)
    expected = " and ".join(f"at {'least' if low else 'most'} {show(bound)}" for bound, low in bounds)
    return {
        "name": gate.title,
        "holds": all(met),
        "expected": expected,
        "measured": (failing or ends)[0],
        "unit": gate.measure.unit,
        "words": f"{gate.title}: expected {expected}, {_got(gate, found, show)}.",
    }


def _scale(gate: Gate, facts: Facts) -> Callable[[float | Decimal], float]:
    """A declared bound as the facts count: money in minor units, whatever unit the costs are declared in."""
    unit: Any = facts["backtest"].get("unit") or "minor"
    money = _money(facts)
    return lambda bound: float(money.minor(bound, unit) if gate.measure.unit == "money" else bound)


def _money(facts: Facts) -> Currency:
    code = str(facts["backtest"].get("currency") or "")
    digits = facts["backtest"].get("minor_digits")
    return Currency(code, digits_of(code) if digits is None else int(digits))


def _end(gate: Gate, found: Measured, low: bool) -> float | None:
    """What a bound is held against: the estimate, or the interval's end that is nearer to the bound."""
    if gate.surely:
        return found.lower if low else found.upper
    return found.value


def _got(gate: Gate, found: Measured, show: Callable[[float], str]) -> str:
    if found.value is None:
        return "not measured"
    if found.lower is None or found.upper is None:
        return f"got {show(found.value)}" + " without an interval" * gate.surely
    return f"got {show(found.value)}, 95% interval {show(found.lower)} to {show(found.upper)}"


def _measured(gate: Gate, facts: Facts) -> Measured:
    if gate.metric == "canaries":
        return _share_fired(facts["protocol"].get("canaries") or [])
    if gate.metric == "positives":
        return Measured(_positives(facts))
    if gate.of == "difference":
        return _difference(gate.metric, facts)
    return _side(gate.metric, gate.of, facts)


def _share_fired(canaries: Sequence[Facts]) -> Measured:
    """Without a canary nothing was shown."""
    return Measured(sum(bool(one["fired"]) for one in canaries) / len(canaries)) if canaries else NOT_MEASURED


def _positives(facts: Facts) -> float | None:
    counts = [row.get("positives") for row in facts["verdict"].get("rows") or []]
    return min((float(count) for count in counts if count is not None), default=None)


def _difference(metric: str, facts: Facts) -> Measured:
    """The verdict's paired difference with its interval; of a calibration ratio the two models' own, without one."""
    row = _verdict_row(metric, facts)
    if row is not None:
        return Measured(row.get("difference"), row.get("lower"), row.get("upper"))
    first, second = (_side(metric, role, facts).value for role in ("champion", "challenger"))
    return NOT_MEASURED if first is None or second is None else Measured(second - first)


def _side(metric: str, role: str, facts: Facts) -> Measured:
    """The figure of the champion or the challenger alone."""
    model = next((one for one in facts["models"] if one["name"] == facts["backtest"].get(role)), None)
    if model is None:
        return NOT_MEASURED
    if metric in ("calibration_ratio", "amount_ratio"):
        return Measured(_ratio(metric, model))
    row = _verdict_row(metric, facts)
    found = (model.get("metrics") or {}).get(metric) or {}
    if row is not None:
        return Measured(row.get(role), *(row.get(f"{role}_{end}", found.get(end)) for end in ("lower", "upper")))
    return Measured(found.get("value"), found.get("lower"), found.get("upper"))


def _verdict_row(metric: str, facts: Facts) -> Facts | None:
    verdict = facts["verdict"]
    rows = [*(verdict.get("rows") or []), *(verdict.get("ranked") or [])]
    return next((row for row in rows if row["metric"] == metric), None)


def _ratio(metric: str, model: Facts) -> float | None:
    """Expected over found, or found over expected: the one that is above 1; of what decides, so after calibration."""
    both = model.get("calibration") or {}
    found = both.get("after") or both.get("before") or {}
    ratio = found.get("sum_ratio")
    if metric == "amount_ratio":
        bands = found.get("amount_bands") or []
        actual = _total(band.get("actual_amount") for band in bands)
        ratio = _total(band.get("expected_amount") for band in bands) / actual if actual else None
    return max(ratio, 1 / ratio) if ratio else None


def _total(values: Iterable[float | None]) -> float:
    return sum(value for value in values if value is not None)


def _shower(unit: Unit, facts: Facts) -> Callable[[float], str]:
    """Numbers as people read them."""
    money = _money(facts)

    def show(value: float) -> str:
        if unit == "money":
            return money.text(value)
        if unit == "share":
            text = f"{abs(value):.2%}"
        else:
            text = f"{abs(value):,.0f}" if unit == "count" else f"{abs(value):.4g}"
        return MINUS + text if value < 0 else text

    return show
