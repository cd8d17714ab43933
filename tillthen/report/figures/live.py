"""The explorer's drawings: curves by step, with a mark that a script moves along them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from tillthen.report.drawing.axes import area, figure_pixels, label, level, line, named_level, point, scale_x, scale_y
from tillthen.report.drawing.labels import name_curves
from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.svg import draw
from tillthen.report.facts.measures import Outcome
from tillthen.report.facts.selection import Pair, pairs
from tillthen.report.parts.blocks import Live
from tillthen.report.texts.numbers import share

SIZE = (450, 260)
TOP = 1.5
"""Costs above so many times that of deciding without a model would flatten the part that matters."""

Steps = Mapping[str, Sequence[Outcome]]
Points = Mapping[str, Pair]


def precision_recall(steps: Steps, looks: Mapping[str, Look], points: Points, base: float | None) -> Live | None:
    """Precision and recall of every step."""
    curves = {name: pairs(rows, "recall", "precision") for name, rows in steps.items()}
    curves = {name: curve for name, curve in curves.items() if curve}
    if not curves:
        return None

    def paint(axes: Axes) -> None:
        scale_x(axes, "share")
        scale_y(axes, "share")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
        if base is not None:
            level(axes, base)
        _curves(axes, curves, looks, points)
        label(axes, "recall", "precision")

    title, reading = "Precision and recall by step", "Ring: the threshold chosen. Filled marks: the operating points."
    return _live("live-pr", title, reading, _said(points, "recall", "precision"), ("recall", "precision"), paint)


def cost(steps: Steps, looks: Mapping[str, Look], points: Points) -> Live | None:
    """Net cost of every step as a share of the cost without a model, a scale that other costs do not leave."""
    curves = {name: relative(rows) for name, rows in steps.items()}
    curves = {name: curve for name, curve in curves.items() if curve}
    if not curves:
        return None
    low = min(0.5, *(x for curve in curves.values() for x, _ in curve))  # a scale has two ends
    bottom = min(0.0, *(y for curve in curves.values() for _, y in curve))

    def paint(axes: Axes) -> None:
        scale_x(axes, "share", log=True)
        scale_y(axes, "share")
        axes.set_xlim(low, 1)
        axes.set_ylim(bottom, TOP)
        taken = [named_level(axes, 1.0, "without a model")]
        _curves(axes, curves, looks, points, taken)
        label(axes, "share of payments declined, log scale", "net cost, share of that without a model")

    title, reading = "Net cost by step", "100% is the better of declining none and declining all."
    return _live("live-cost", title, reading, _said(points, "declined", "cost"), ("alert_rate", "cost"), paint)


def relative(steps: Sequence[Outcome]) -> list[Pair]:
    """(alert rate, cost as a share of the cost without a model), where payments are declined."""
    return [(x, 1 - saved) for x, saved in pairs(steps, "alert_rate", "savings") if x > 0]


def _curves(
    axes: Axes,
    curves: Mapping[str, Sequence[Pair]],
    looks: Mapping[str, Look],
    points: Points,
    taken: Sequence[tuple[float, float, float, float]] = (),
) -> None:
    for name, curve in curves.items():
        x, y = zip(*curve, strict=True)
        line(axes, x, y, looks[name])
    for name, (x_mark, y_mark) in points.items():
        point(axes, x_mark, y_mark, looks[name])
    name_curves(axes, curves, looks, list(points.values()), taken)


def _said(points: Points, x: str, y: str) -> str:
    said = [f"{name} operates at {x} {share(a)}, {y} {share(b)}" for name, (a, b) in points.items()]
    return f"{'; '.join(said)}." if said else "No operating point is known."


def _live(
    slug: str, title: str, reading: str, words: str, keys: tuple[str, str], paint: Callable[[Axes], None]
) -> Live:
    frames: list[str] = []

    def painted(figure: Drawing) -> None:
        axes = area(figure)
        paint(axes)
        frames.append(_overlay(axes, slug, keys))

    drawing = str(draw(slug, title, words, painted, SIZE))
    return Live(title, reading, Markup(f"{drawing.removesuffix('</svg>')}{frames[0]}</svg>"))


def _overlay(axes: Axes, slug: str, keys: tuple[str, str]) -> str:
    """What a script moves, with the axes' frame in pixels and their limits in data."""
    box, height = axes.get_window_extent(), figure_pixels(axes)[1]
    left, right, top, bottom = box.x0, box.x1, height - box.y1, height - box.y0
    data = {
        "x": keys[0], "y": keys[1], "log": axes.get_xscale() == "log",
        "frame": f"{left:.2f} {right:.2f} {top:.2f} {bottom:.2f}",
        "limits": " ".join(repr(float(end)) for end in (*axes.get_xlim(), *axes.get_ylim())),
    }  # fmt: skip
    attributes = " ".join(f'data-{name}="{escape(str(value))}"' for name, value in data.items())
    return (
        f'<g class="live" display="none" {attributes}><clipPath id="{slug}-frame"><rect x="{left:.2f}" y="{top:.2f}" '
        f'width="{right - left:.2f}" height="{bottom - top:.2f}"/></clipPath>'
        f'<path class="trace" clip-path="url(#{slug}-frame)"/><path class="rule" d="M0 {top:.2f}V{bottom:.2f}"/>'
        '<circle r="6.5"/></g>'
    )
