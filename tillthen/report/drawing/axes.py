"""The parts that the page's figures share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.dates import AutoDateLocator, DateFormatter
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.svg import FAINT, INK, MUTED, SURFACE, WORDS
from tillthen.report.texts.numbers import compact, percent

Unit = Literal["share", "number"]
Corner = Literal["upper right", "upper left", "lower right", "lower left"]
GAP = 15
"""Pixels between the baselines of two labels."""

NAME = 22
"""Letters of a name that a drawing has room for."""

MARGIN, MARGIN_NAME = 140, 20
"""Pixels right of the axes for names at the end of lines, and the letters that fit."""


def area(figure: Figure, *, left: int = 50, right: int = 22, top: int = 30, bottom: int = 44) -> Axes:
    """Axes within these margins, in pixels."""
    width, height = (float(inches) * figure.dpi for inches in figure.get_size_inches())
    box = (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    return figure.add_axes(box)


def whole(axes: Axes) -> Figure:
    """The figure that the axes are drawn on."""
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("axes without a figure")
    return figure


def figure_pixels(axes: Axes) -> tuple[float, float]:
    """Width and height of the whole drawing."""
    width, height = (float(inches) * whole(axes).dpi for inches in whole(axes).get_size_inches())
    return width, height


def label(axes: Axes, x: str, y: str) -> None:
    """Name the axes: below at the right, and above at the left, so that nothing is read sideways."""
    if x:
        axes.set_xlabel(x, loc="right", labelpad=6)
    _, height = figure_pixels(axes)
    whole(axes).text(0.004, 1 - 13 / height, y, color=MUTED)


def scale_x(axes: Axes, unit: Unit, *, log: bool = False) -> None:
    """Ticks of the horizontal axis."""
    axes.grid(visible=False, axis="x")
    if log:
        axes.set_xscale("log")
    _ticks(axes.xaxis, unit, log=log)


def scale_y(axes: Axes, unit: Unit, *, log: bool = False) -> None:
    """Ticks of the vertical axis."""
    if log:
        axes.set_yscale("log")
    _ticks(axes.yaxis, unit, log=log)


def _ticks(axis: Axis, unit: Unit, *, log: bool) -> None:
    axis.set_major_locator(LogLocator(base=10, numticks=7) if log else MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(percent if unit == "share" else compact))


def calendar(axes: Axes, most: int, days: Sequence[float] = ()) -> None:
    """Dates on the horizontal axis, in UTC, at most so many; a year that all share is said once.

    Parameters
    ----------
    days
        Where there are values: then only such days are named.
    """
    axes.grid(visible=False, axis="x")
    found = sorted(set(days))
    if found:
        step = -(-len(found) // most)
        axes.xaxis.set_major_locator(FixedLocator(found[::step]))
    else:
        axes.xaxis.set_major_locator(
            AutoDateLocator(tz=UTC, minticks=2, maxticks=most, interval_multiples=False)  # type: ignore[no-untyped-call]
        )
    first, last = (datetime.fromtimestamp(86_400 * end, UTC) for end in axes.get_xlim())
    alike = first.year == last.year
    form = "%m-%d" if alike else "%Y-%m-%d"
    axes.xaxis.set_major_formatter(DateFormatter(form, tz=UTC))  # type: ignore[no-untyped-call]
    axes.set_xlabel(f"day of {first.year}" if alike else "day", loc="right", labelpad=6)


def short(name: str, most: int = NAME) -> str:
    """A name that fits a drawing; the whole one is in the table under it."""
    return name if len(name) <= most else name[: most - 1] + "…"


def word(look: Look | None) -> str:
    """The colour of a label: the model's, as readable text."""
    return INK if look is None else WORDS[look.number % len(WORDS)]


def line(axes: Axes, x: Sequence[float], y: Sequence[float], look: Look, *, step: bool = False) -> None:
    """A model's curve; the leading ones lie above the others."""
    axes.plot(
        x, y, color=look.colour, linestyle=look.line, linewidth=look.width, zorder=4 if look.leading else 3,
        drawstyle="steps-post" if step else "default",
    )  # fmt: skip


def point(axes: Axes, x: float, y: float, look: Look, *, size: float = 8, faint: bool = False) -> None:
    """A model's mark, on a ring of the page's colour so that it stands off the lines; faint where it is weak."""
    points(axes, [x], [y], look, size=size, faint=faint)


def points(
    axes: Axes, x: Sequence[float], y: Sequence[float], look: Look, *, size: float = 8, faint: bool = False
) -> None:
    """A model's marks."""
    axes.plot(
        x, y, alpha=0.35 if faint else 1, marker=look.marker, markersize=size, color=look.colour, linestyle="none",
        clip_on=False, zorder=6, markerfacecolor=look.colour if look.filled else SURFACE,
        markeredgecolor=SURFACE if look.filled else look.colour, markeredgewidth=1.2 if size > 6 else 0.6,
    )  # fmt: skip


def band(axes: Axes, x: Sequence[float], lower: Sequence[float], upper: Sequence[float], look: Look) -> None:
    """The interval around a model's curve."""
    axes.fill_between(x, lower, upper, color=look.colour, alpha=0.16, linewidth=0, zorder=1)


def whisker(axes: Axes, x: float, lower: float | None, upper: float | None, look: Look) -> None:
    """The interval of a single value; nothing where there is none."""
    if lower is not None and upper is not None:
        axes.plot([x, x], [lower, upper], color=look.colour, alpha=0.4, linewidth=3, solid_capstyle="butt", zorder=2)


def key(axes: Axes, entries: Sequence[tuple[str, Look]], corner: Corner) -> None:
    """Names beside a piece of their line, in a corner."""
    handles = [
        Line2D([], [], color=look.colour, linestyle=look.line, linewidth=look.width, label=text, marker=look.marker,
               markersize=6, markeredgecolor=SURFACE if look.filled else look.colour, markeredgewidth=0.6,
               markerfacecolor=look.colour if look.filled else SURFACE)
        for text, look in entries
    ]  # fmt: skip
    legend = axes.legend(handles=handles, loc=corner)
    for text, (_, look) in zip(legend.get_texts(), entries, strict=True):
        text.set_color(word(look))


def end_labels(axes: Axes, ends: Sequence[tuple[float, str, Look | None]]) -> None:
    """Names at the right end of their lines, moved apart where they would touch. Limits are final by then."""
    width, height = figure_pixels(axes)
    box = axes.get_position()
    ordered = sorted(ends, key=lambda end: end[0])
    places = [float(axes.transData.transform((1, y))[1]) for y, _, _ in ordered]
    for index in range(1, len(places)):
        places[index] = max(places[index], places[index - 1] + GAP)
    ceiling = box.y1 * height
    for index in reversed(range(len(places))):
        places[index] = min(places[index], ceiling)
        ceiling = places[index] - GAP
    for (_, text, look), place in zip(ordered, places, strict=True):
        whole(axes).text(box.x1 + 8 / width, place / height, text, color=word(look), va="center")


def level(axes: Axes, y: float) -> None:
    """A dashed level to compare with."""
    axes.axhline(y, color=MUTED, linewidth=1, linestyle=(0, (3, 3)), zorder=2)


def named_level(axes: Axes, y: float, text: str) -> tuple[float, float, float, float]:
    """The same with its name on it, at the left; gives the name's box in pixels."""
    level(axes, y)
    axes.annotate(text, (0, y), xycoords=("axes fraction", "data"), xytext=(4, 5), textcoords="offset points",
                  color=MUTED, zorder=7)  # fmt: skip
    left, bottom = axes.get_window_extent().x0 + 4, float(axes.transData.transform((1, y))[1]) + 4
    return left, bottom, left + 6.0 * len(text), bottom + 12


def chance(axes: Axes, low: float) -> list[tuple[float, float]]:
    """What declining at random from ``low`` to everything catches; gives the points drawn."""
    steps = [step / 40 for step in range(41)]
    shares = [low ** (1 - step) for step in steps] if low > 0 else steps
    axes.plot(shares, shares, color=MUTED, linewidth=1, linestyle=(0, (3, 3)), zorder=2)
    return list(zip(shares, shares, strict=True))


def neutral(axes: Axes, x: float, y: float, text: str) -> None:
    """A mark that belongs to no model, with its value."""
    axes.plot([x], [y], marker="|", markersize=13, markeredgewidth=2.2, color=INK, linestyle="none", zorder=5)
    beside(axes, x, y, text)


def beside(axes: Axes, x: float, y: float, text: str, *, left: bool = False) -> None:
    """A value next to its mark."""
    axes.annotate(text, (x, y), xytext=(-8 if left else 8, 0), textcoords="offset points", va="center",
                  ha="right" if left else "left", color=MUTED)  # fmt: skip


def highlight(axes: Axes, place: float, *, vertical: bool = False, text: str = "") -> None:
    """The row of a chart of rows, or the level of a horizontal axis, at which the policy operates."""
    if not vertical:
        axes.axhspan(place - 0.5, place + 0.5, color=FAINT, alpha=0.45, linewidth=0, zorder=0)
        return
    axes.axvline(place, color=MUTED, linewidth=1, linestyle=(0, (3, 3)), zorder=2)
    axes.annotate(text, (place, 0), xycoords=("data", "axes fraction"), xytext=(-5, 6), textcoords="offset points",
                  ha="right", color=MUTED)  # fmt: skip
