"""Charts of rows: names at the left, the models' marks along a horizontal axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tillthen.report.drawing.axes import area, figure_pixels, short, whole, word
from tillthen.report.drawing.fitting import in_lines
from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.svg import MUTED, SURFACE

LETTER = 7.4
"""Pixels of a letter, on the wide side."""

LINE = 14
"""Pixels between the two lines of a name."""

SAMPLE = 14
"""Pixels of a mark and the space behind it, in the key."""


def row_axes(figure: Figure, names: Sequence[str], *, left: int, top: int = 34, right: int = 22) -> Axes:
    """Axes with a row for each name, the first on top; ``left`` is the room for names in pixels."""
    axes = area(figure, left=left, top=top, right=right)
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
    axes.set_ylim(len(names) - 0.4, -0.6)
    name_rows(axes, names, left - 12)
    return axes


def name_rows(axes: Axes, names: Sequence[str], room: float) -> None:
    """Write each row's name beside it, on two lines where it is long; every line ends at the axis."""
    axes.set_yticks(range(len(names)), [""] * len(names))
    for place, name in enumerate(names):
        lines = in_lines(name, room)
        for number, text in enumerate(lines):
            lower = LINE * (number - (len(lines) - 1) / 2)
            axes.annotate(text, (0, place), xycoords=("axes fraction", "data"), xytext=(-7, -lower),
                          textcoords="offset points", ha="right", va="center_baseline", color=MUTED)  # fmt: skip


def height(rows: int, *, pitch: int = 30, least: int = 0) -> int:
    """Pixels that a drawing of so many rows takes, with its key and its axis."""
    return max(least, 92 + pitch * rows)


def places(count: int, spread: float) -> Iterator[float]:
    """How far off the middle of its row each of so many models lies, so that equal values do not hide each other."""
    return (spread * (rank - (count - 1) / 2) for rank in range(count))


def mark_key(axes: Axes, entries: Sequence[tuple[str, Look]]) -> None:
    """Names beside their marks, above the rows; what does not fit goes into a second line, then is cut short."""
    width, high = figure_pixels(axes)
    most = max(6, int((width - 12) / len(entries) * (2 if len(entries) > 2 else 1) / LETTER) - 4)
    x, y = 8.0, high - 12
    for name, look in entries:
        text = short(name, most)
        if x > 8 and x + SAMPLE + LETTER * len(text) > width:
            x, y = 8.0, y - 15
        figure = whole(axes)
        figure.add_artist(
            Line2D([x / width], [y / high], marker=look.marker, markersize=7, color=look.colour, linestyle="none",
                   markerfacecolor=look.colour if look.filled else SURFACE, markeredgewidth=0.8,
                   markeredgecolor=SURFACE if look.filled else look.colour)
        )  # fmt: skip
        figure.text((x + SAMPLE - 4) / width, y / high, text, color=word(look), va="center")
        x += SAMPLE + LETTER * len(text) + 16
