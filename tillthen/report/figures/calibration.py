"""Whether probabilities are right: reliability by isotonic regression (CORP), with its band and the scores' histogram.

Dimitriadis, Gneiting and Jordan (2021), Stable reliability diagrams for probabilistic classifiers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from tillthen.report.drawing.axes import area, label, scale_x, scale_y
from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.svg import FAINT, INK, MUTED, PANEL, draw
from tillthen.report.facts.measures import CalibrationFacts, ModelFacts, ReliabilityPoint
from tillthen.report.facts.selection import evenly, pairs
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Column, Figure, Table, texts

RARE = 0.05
"""From this share of positives on the axes are linear."""

LOWEST = 1e-5
"""No axis begins below this score."""

STRIP = 58
"""Pixels of the histogram under the diagram."""

HEIGHT = PANEL[1] + 60


def reliability(model: ModelFacts, look: Look, low: float) -> Figure | None:
    """Rate against score, with intervals; where calibrated, before it as well.

    Parameters
    ----------
    low
        Where the axes begin, from `floor`; above 0 both are logarithmic.
    """
    before, after = model.calibration.before, model.calibration.after
    shown = after or before
    if shown is None or not pairs(shown.reliability, "score", "rate"):
        return None
    log = low > 0

    def paint(figure: Drawing) -> None:
        axes = area(figure, left=62, bottom=44 + STRIP + 12)
        scale_x(axes, "share", log=log)
        scale_y(axes, "share", log=log)
        axes.set_xlim(low, 1)
        axes.set_ylim(low, 1)
        axes.tick_params(labelbottom=False, bottom=False)
        axes.plot([low, 1], [low, 1], color=MUTED, linewidth=1, linestyle=(0, (3, 3)), zorder=2)
        _intervals(axes, shown.reliability, look, low)
        if after is not None and before is not None:
            axes.plot(*_line(before, low), color=INK, linewidth=1.2, linestyle=(0, (1, 1.6)), zorder=3, label="before")
        axes.plot(*_line(shown, low), color=look.colour, linewidth=2, zorder=4, label="after" if after else "scores")
        axes.legend(loc="upper left", labelcolor=INK)
        _histogram(area(figure, left=62, top=HEIGHT - 44 - STRIP), shown, look, low, log=log)
        label(axes, "", "share that turned out positive")

    how = f"before and after {model.calibration.kind} calibration" if after else "as the learner scores, uncalibrated"
    reading = f"{how[0].upper()}{how[1:]}; {cells.sample(shown.n, shown.positives)}." + (
        " A score or rate of 0 lies on the edge." if log else ""
    )
    slug = f"reliability-{look.number}"
    drawing = draw(slug, f"Reliability of {model.name}", reading, paint, (PANEL[0], HEIGHT))
    return Figure(slug, model.name, reading, drawing, _table(model), look=look)


def floor(models: Sequence[ModelFacts]) -> float:
    """One beginning of the axes for all: 0, or where positives are rare a power of ten below what is not 0."""
    both = [facts for model in models for facts in (model.calibration.before, model.calibration.after) if facts]
    if any(facts.n and facts.positives and facts.positives / facts.n >= RARE for facts in both):
        return 0.0
    found = [value for facts in both for pair in pairs(facts.reliability, "score", "rate") for value in pair]
    least = max(LOWEST, min((value for value in found if value > 0), default=LOWEST))
    return min(0.1, float(10.0 ** math.floor(math.log10(least))))


def _line(facts: CalibrationFacts, low: float) -> tuple[list[float], list[float]]:
    """Score and rate; a rate of 0 lies on the floor of a logarithmic axis."""
    found = [(max(x, low), max(y, low)) for x, y in pairs(facts.reliability, "score", "rate")]
    return [x for x, _ in found], [y for _, y in found]


def _intervals(axes: Axes, points: Sequence[ReliabilityPoint], look: Look, low: float) -> None:
    """The interval of each step's rate, where the step's mean score is."""
    lower = dict(pairs(points, "score", "lower"))
    upper = dict(pairs(points, "score", "upper"))
    scores = [score for score in lower if score in upper]
    axes.vlines(
        [max(score, low) for score in scores], [max(lower[score], low) for score in scores],
        [max(upper[score], low) for score in scores], color=look.colour, alpha=0.3, linewidth=1.2, zorder=1,
    )  # fmt: skip
    # A step without positives has no place on a logarithmic axis, so the band does not lead there.
    ordered = sorted(score for score in scores if low == 0 or (score > low and lower[score] > 0))
    axes.fill_between(
        [max(score, low) for score in ordered], [max(lower[score], low) for score in ordered],
        [max(upper[score], low) for score in ordered], color=look.colour, alpha=0.14, linewidth=0, zorder=1,
    )  # fmt: skip


def _histogram(axes: Axes, facts: CalibrationFacts, look: Look, low: float, *, log: bool) -> None:
    """Payments by score, and the positives among them, both on a logarithmic height."""
    scale_x(axes, "share", log=log)
    axes.set_xlim(low, 1)
    axes.set_yscale("symlog", linthresh=1)
    axes.set_yticks([])
    bins = [(max(b.start, low), b.end, b.n, b.positives or 0) for b in facts.histogram
            if b.start is not None and b.end is not None and b.end > low and b.n]  # fmt: skip
    if bins:
        start, end, rows, positives = (np.asarray(column, dtype=np.float64) for column in zip(*bins, strict=True))
        axes.bar(start, rows, width=end - start, align="edge", color=FAINT, linewidth=0)
        axes.bar(start, positives, width=end - start, align="edge", color=look.colour, linewidth=0)
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
