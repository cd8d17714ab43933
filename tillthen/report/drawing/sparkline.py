"""A trend as small as a word: each run a step to the right, the last one marked."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT, EDGE = 132, 28, 5


def sparkline(values: Sequence[float | None], variable: str = "ink") -> Markup | None:
    """An inline drawing of a series; a run without a value is a gap. None where there is nothing to connect.

    Parameters
    ----------
    variable
        The style sheet's variable of its colour.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    points = [
        None if value is None else (_across(place, len(values)), _up(value, low, high))
        for place, value in enumerate(values)
    ]
    path = "".join(
        f"{'L' if place and points[place - 1] else 'M'}{point[0]} {point[1]}"
        for place, point in enumerate(points) if point
    )  # fmt: skip
    x, y = next(point for point in reversed(points) if point)
    colour = f"var(--{variable})"
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" aria-hidden="true">'
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.6" stroke-linejoin="round"/>'
        f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/></svg>'
    )


def _across(place: int, runs: int) -> float:
    return round(EDGE + (WIDTH - 2 * EDGE) * place / (runs - 1), 1)


def _up(value: float, low: float, high: float) -> float:
    """Upwards is more; what never changes lies in the middle."""
    share = 0.5 if high == low else (value - low) / (high - low)
    return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share, 1)
