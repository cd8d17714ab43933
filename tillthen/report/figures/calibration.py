"""Whether probabilities are right: reliability by isotonic regression (CORP), with its band and the scores' histogram.

Dimitriadis, Gneiting and Jordan (2021), Stable reliability diagrams for probabilistic classifiers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from tillthen.report import cells
from tillthen.report.axes import area, label, scale_x, scale_y
from tillthen.report.blocks import Column, Figure, Table, texts
from tillthen.report.drawing import FAINT, INK, MUTED, PANEL, draw
from tillthen.report.looks import Look
from tillthen.report.measures import CalibrationFacts, ModelFacts, ReliabilityPoint
from tillthen.report.numbers import count
from tillthen.report.selection import evenly, pairs

RARE = 0.05
"""Below this share of positives the axes are logarithmic."""

LOWEST = 1e-6
STRIP = 58
"""Pixels of the histogram under the diagram."""

HEIGHT = PANEL[1] + 60


def reliability(model: ModelFacts, look: Look) -> Figure | None:
    """Rate against score, with its band; where calibrated, before it as well. Log-log where positives are rare."""
    before, after = model.calibration.before, model.calibration.after
    shown = after or before
    if shown is None or not pairs(shown.reliability, "score", "rate"):
        return None
    log = not (shown.n and shown.positives and shown.positives / shown.n >= RARE)
    low = _floor([facts for facts in (before, after) if facts]) if log else 0.0

    def paint(figure: Drawing) -> None:
        axes = area(figure, bottom=44 + STRIP + 12)
        scale_x(axes, "share", log=log)
        scale_y(axes, "share", log=log)
        axes.set_xlim(low, 1)
        axes.set_ylim(low, 1)
        axes.tick_params(labelbottom=False, bottom=False)
        axes.plot([low, 1], [low, 1], color=MUTED, linewidth=1, linestyle=(0, (3, 3)), zorder=2)
        _band(axes, shown.reliability, look, low)
        if after is not None and before is not None:
            axes.plot(*_line(before, low), color=INK, linewidth=1.2, linestyle=(0, (1, 1.6)), zorder=3, label="before")
        axes.plot(*_line(shown, low), color=look.colour, linewidth=2, zorder=4, label="after" if after else "scores")
        axes.legend(loc="upper left", labelcolor=INK)
        _histogram(area(figure, top=HEIGHT - 44 - STRIP), shown, look, low, log=log)
        label(axes, "", "share that turned out positive")

    how = f"before and after {model.calibration.kind} calibration" if after else "as the learner scores, uncalibrated"
    reading = f"{how[0].upper()}{how[1:]}; n = {count(shown.n)}, {count(shown.positives)} positives."
    slug = f"reliability-{look.number}"
    drawing = draw(slug, f"Reliability of {model.name}", reading, paint, (PANEL[0], HEIGHT))
    return Figure(slug, model.name, reading, drawing, _table(model), look=look)


def _floor(facts: Sequence[CalibrationFacts]) -> float:
    """The power of ten below every score and rate that is not 0."""
    values = [
        value for each in facts for pair in pairs(each.reliability, "score", "rate") for value in pair if value > 0
    ]
    least = max(LOWEST, min(values, default=LOWEST))
    return float(10.0 ** math.floor(math.log10(least)))


def _line(facts: CalibrationFacts, low: float) -> tuple[list[float], list[float]]:
    """Score and rate; a rate of 0 lies on the floor of a logarithmic axis."""
    found = [(max(x, low), max(y, low)) for x, y in pairs(facts.reliability, "score", "rate")]
    return [x for x, _ in found], [y for _, y in found]


def _band(axes: Axes, points: Sequence[ReliabilityPoint], look: Look, low: float) -> None:
    lower = dict(pairs(points, "score", "lower"))
    upper = dict(pairs(points, "score", "upper"))
    scores = [score for score in lower if score in upper]
    axes.fill_between(
        [max(score, low) for score in scores], [max(lower[score], low) for score in scores],
        [max(upper[score], low) for score in scores], color=look.colour, alpha=0.18, linewidth=0, zorder=1,
    )  # fmt: skip


def _histogram(axes: Axes, facts: CalibrationFacts, look: Look, low: float, *, log: bool) -> None:
    """Payments by score, and the positives among them, both on a logarithmic height."""
    scale_x(axes, "share", log=log)
    axes.set_xlim(low, 1)
    axes.set_yscale("symlog", linthresh=1)
    axes.set_yticks([])
    for each in facts.histogram:
        if each.start is None or each.end is None or not each.n or each.end <= low:
            continue
        start = max(each.start, low)
        for height, colour in ((each.n, FAINT), (each.positives or 0, look.colour)):
            axes.bar(start, height, width=each.end - start, align="edge", color=colour, linewidth=0)
    axes.set_xlabel(
        f"score{', log scale' if log else ''}; below: payments, positives in colour", loc="right", labelpad=6
    )


def _table(model: ModelFacts) -> Table:
    columns = [
        *texts("Scores"), Column("Score", "share"), Column("Rate", "share"), Column("Lower", "share"),
        Column("Upper", "share"), Column("n", "rows"), Column("Positives", "rows"),
    ]  # fmt: skip
    both = (("before", model.calibration.before), ("after", model.calibration.after))
    rows = [
        [cells.text(when), cells.shared(row.score), cells.shared(row.rate), cells.shared(row.lower),
         cells.shared(row.upper), cells.counted(row.n), cells.counted(row.positives)]
        for when, facts in both if facts for row in evenly(facts.reliability)
    ]  # fmt: skip
    return Table(f"Reliability of {model.name}", columns, rows)
