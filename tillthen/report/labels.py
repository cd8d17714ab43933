"""Names on curves, placed where nothing else is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tillthen.report.axes import figure_pixels, whole, word
from tillthen.report.looks import Look
from tillthen.report.selection import Pair

Array = NDArray[np.float64]
Box = tuple[float, float, float, float]

LETTER, LINE = 6.0, 12.0
"""Pixels that a label takes, by letter and in height, on the wide side."""

STEP = 4.0
"""Pixels between the points that stand for a curve."""

ENOUGH = 40.0
"""More room than this around a label is not better."""


def along(
    axes: Axes, curves: Mapping[str, Sequence[Pair]], texts: Mapping[str, str], looks: Mapping[str, Look],
    marks: Sequence[Pair] = (),
) -> None:  # fmt: skip
    """Write each curve's text beside it, where other curves, marks and texts are farthest. Limits are final by then."""
    paths = {
        name: _dense(axes.transData.transform(np.asarray(curve, dtype=np.float64))) for name, curve in curves.items()
    }
    points = axes.transData.transform(np.asarray(marks, dtype=np.float64)) if marks else np.empty((0, 2))
    taken: list[Box] = []
    width, height = figure_pixels(axes)
    for name, path in paths.items():
        others = np.vstack([*(other for key, other in paths.items() if key != name), points])
        choices = list(_choices(axes, path, LETTER * len(texts[name])))
        if not choices:
            continue
        best = max(choices, key=lambda box: _room(box, path, others, taken))
        taken.append(best)
        whole(axes).text(best[0] / width, (best[1] + 2) / height, texts[name], color=word(looks[name]))


def _dense(path: Array) -> Array:
    """Points at most ``STEP`` pixels apart along the path."""
    pieces = [path[:1]]
    for start, end in pairwise(path):
        steps = max(1, int(np.ceil(np.hypot(*(end - start)) / STEP)))
        pieces.append(start + (end - start) * np.arange(1, steps + 1)[:, None] / steps)
    return np.vstack(pieces)


def _choices(axes: Axes, path: Array, width: float) -> Iterator[Box]:
    """Boxes of a label around the path's points, within the axes."""
    frame = axes.get_window_extent()
    for x, y in path[::3]:
        for left in (x + 6, x - 6 - width, x - width / 2):
            for bottom in (y + 3, y - 3 - LINE):
                box = (left, bottom, left + width, bottom + LINE)
                if box[0] >= frame.x0 and box[1] >= frame.y0 and box[2] <= frame.x1 and box[3] <= frame.y1:
                    yield box


def _room(box: Box, own: Array, others: Array, taken: Sequence[Box]) -> float:
    """Pixels to the nearest thing that is not the curve itself; where the box hides something, minus how much."""
    hidden = int((_distances(box, own) < 2).sum()) + 100 * sum(_touch(box, other) for other in taken)
    far = _distances(box, others)
    hidden += int((far < 2).sum())
    return -float(hidden) if hidden else min(ENOUGH, float(far.min(initial=ENOUGH)))


def _distances(box: Box, points: Array) -> Array:
    x, y = points[:, 0], points[:, 1]
    across = np.maximum(np.maximum(box[0] - x, x - box[2]), 0)
    along = np.maximum(np.maximum(box[1] - y, y - box[3]), 0)
    return np.hypot(across, along)


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] + 4 and other[0] < one[2] + 4 and one[1] < other[3] + 2 and other[1] < one[3] + 2
