"""Names on curves, where nothing else is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tillthen.report.drawing.axes import Corner, figure_pixels, key, short, whole, word
from tillthen.report.drawing.looks import Look
from tillthen.report.facts.selection import Pair

Array = NDArray[np.float64]
Box = tuple[float, float, float, float]

LETTER, LINE = 6.0, 12.0
"""Pixels that a label takes, by letter and in height, on the wide side."""

STEP = 4.0
"""Pixels between the points that stand for a curve."""

FAR = 4000.0
"""What lies farther out of sight, in pixels, is as good as here."""

ENOUGH = 40.0
"""More room than this around a label is not better."""

LEAST = 3.0
"""With less room than this for any name, all go to a key in a corner instead."""

CORNERS: tuple[Corner, ...] = ("upper right", "upper left", "lower right", "lower left")
KEY_LINE, KEY_SAMPLE = 15.5, 44.0
"""Pixels of a line of the key, and of the piece of curve before its name."""


def name_curves(
    axes: Axes,
    curves: Mapping[str, Sequence[Pair]],
    looks: Mapping[str, Look],
    marks: Sequence[Pair] = (),
    taken: Sequence[Box] = (),
    *,
    names: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Write each curve's name beside it, or in a key where they are crowded. Limits are final by then.

    Parameters
    ----------
    marks, taken
        Points, and boxes in pixels, that names must not hide.
    names
        What is written, where that is not the curve's own name.
    """
    written = {name: names.get(name, short(name)) for name in curves}
    paths = {name: _within(axes, _dense(_pixels(axes, curve))) for name, curve in curves.items()}
    points = [_pixels(axes, marks)] if marks else []
    width, height = figure_pixels(axes)
    places: dict[str, Box] = {}
    for name, path in paths.items():
        others = np.vstack([*(other for key, other in paths.items() if key != name), *points, np.empty((0, 2))])
        boxes = _beside(axes, path, LETTER * len(written[name]))
        rooms = [(_room(box, path, others, [*taken, *places.values()]), box) for box in boxes]
        room, box = max(rooms, key=lambda found: found[0], default=(0.0, (0.0, 0.0, 0.0, 0.0)))
        if room < LEAST:
            _key(axes, written, looks, np.vstack([*paths.values(), *points]))
            return
        places[name] = box
    for name, box in places.items():
        whole(axes).text(box[0] / width, (box[1] + 2) / height, written[name], color=word(looks[name]))


def _key(axes: Axes, written: Mapping[str, str], looks: Mapping[str, Look], drawn: Array) -> None:
    """Names beside a piece of their curve, in the emptiest corner."""
    frame = axes.get_window_extent()
    wide = KEY_SAMPLE + LETTER * max(map(len, written.values()))
    high = KEY_LINE * len(written)

    def free(corner: Corner) -> float:
        left = frame.x1 - wide if corner.endswith("right") else frame.x0
        bottom = frame.y1 - high if corner.startswith("upper") else frame.y0
        return float(_distances((left, bottom, left + wide, bottom + high), drawn).min())

    key(axes, [(text, looks[name]) for name, text in written.items()], max(CORNERS, key=free))


def _pixels(axes: Axes, points: Sequence[Pair]) -> Array:
    placed = np.asarray(axes.transData.transform(np.asarray(points, dtype=np.float64)), dtype=np.float64)
    return np.clip(placed, -FAR, FAR)


def _within(axes: Axes, path: Array) -> Array:
    """The part of a path that is in sight."""
    frame = axes.get_window_extent()
    return path[(path[:, 1] >= frame.y0 - 1) & (path[:, 1] <= frame.y1 + 1)]


def _dense(path: Array) -> Array:
    """Points at most ``STEP`` pixels apart along the path."""
    pieces = [path[:1]]
    for start, end in pairwise(path):
        steps = max(1, int(np.ceil(np.hypot(*(end - start)) / STEP)))
        pieces.append(start + (end - start) * np.arange(1, steps + 1)[:, None] / steps)
    return np.vstack(pieces)


def _beside(axes: Axes, path: Array, width: float) -> Iterator[Box]:
    """Boxes of a label around the path's points, within the axes."""
    frame = axes.get_window_extent()
    for x, y in path[::3]:
        for left in (x + 6, x - 6 - width, x - width / 2):
            for bottom in (y + 3, y - 3 - LINE):
                box = (left, bottom, left + width, bottom + LINE)
                if box[0] >= frame.x0 and box[1] >= frame.y0 and box[2] <= frame.x1 and box[3] <= frame.y1:
                    yield box


def _room(box: Box, own: Array, others: Array, taken: Sequence[Box]) -> float:
    """By how many pixels the box is nearer to its curve than to all else; where it hides something, minus how much."""
    near, far = _distances(box, own), _distances(box, others)
    hidden = int((near < 2).sum()) + int((far < 2).sum()) + 100 * sum(_touch(box, other) for other in taken)
    return -float(hidden) if hidden else float(far.min(initial=ENOUGH) - near.min(initial=ENOUGH))


def _distances(box: Box, points: Array) -> Array:
    x, y = points[:, 0], points[:, 1]
    across = np.maximum(np.maximum(box[0] - x, x - box[2]), 0)
    along = np.maximum(np.maximum(box[1] - y, y - box[3]), 0)
    return np.hypot(across, along)


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] + 4 and other[0] < one[2] + 4 and one[1] < other[3] + 2 and other[1] < one[3] + 2
