"""The protocol over time: what each fold trained on, waited for and was tested on; how fast outcomes arrive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Patch

from tillthen.report.drawing.axes import area, calendar, highlight, label, scale_x, scale_y
from tillthen.report.drawing.svg import FAINT, INK, MUTED, draw
from tillthen.report.facts.schema import Fold, MaturityPoint, Protocol
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Column, Figure, Table, texts
from tillthen.report.texts.moments import day, moment, when, window
from tillthen.report.texts.numbers import count, share

UNITS = {"d": 1.0, "w": 7.0}
ROW = 34
WIDTH = 900
BAR = 0.52
LETTER = 6.6
"""Pixels of a letter of a window's name, and a little room."""

WINDOWS: dict[str, dict[str, Any]] = {
    "train": {"facecolor": MUTED, "alpha": 0.45},
    "embargo": {"facecolor": "none", "edgecolor": MUTED, "linestyle": (0, (3, 2)), "linewidth": 1},
    "calibrate": {"facecolor": FAINT, "edgecolor": MUTED, "linewidth": 1},
    "test": {"facecolor": INK},
}

Span = tuple[str, str | None, str | None]


def timeline(protocol: Protocol) -> Figure | None:
    """Every fold's windows on one axis of time, with the cut-off of its labels."""
    drawn = [fold for fold in protocol.folds if moment(fold.train_from) and moment(fold.test_to)]
    if not drawn:
        return None
    title = "Folds"
    reading = "Windows are [from, to), UTC. Wedge: the cut-off at which training labels were taken, as known then."
    if protocol.evaluation_time:
        reading += f" The tests were scored with labels as known at {when(protocol.evaluation_time)}."
    words = " ".join(
        f"Fold {fold.number}: train {window(fold.train_from, fold.train_to)}, "
        f"test {window(fold.test_from, fold.test_to)}."
        for fold in drawn
    )
    drawing = draw("folds", title, words, lambda figure: _timeline(figure, drawn), (WIDTH, 86 + ROW * len(drawn)))
    return Figure("folds", title, reading, drawing, _table(drawn), wide=True)


def _timeline(figure: Drawing, folds: Sequence[Fold]) -> None:
    axes = area(figure, left=58, right=190, top=34, bottom=44)
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
    for place, fold in enumerate(folds):
        for name, start, end in _spans(fold):
            _bar(axes, place, name, start, end)
        cutoff, test_to = moment(fold.train_cutoff), moment(fold.test_to)
        if cutoff is not None:
            axes.plot([day(cutoff)], [place - BAR / 2 - 0.1], marker="v", markersize=7, color=INK, clip_on=False)
        assert test_to is not None
        text = f"{count(fold.test.rows)} rows, {count(fold.test.positives)} positives"
        axes.annotate(text, (1, place), xycoords=("axes fraction", "data"), xytext=(10, 0), textcoords="offset points",
                      va="center", color=MUTED)  # fmt: skip
    axes.set_ylim(len(folds) - 0.5, -0.5)
    axes.set_yticks(range(len(folds)), [f"fold {fold.number}" for fold in folds])
    axes.autoscale(enable=True, axis="x", tight=True)
    calendar(axes, 7)
    axes.grid(visible=True, axis="x")
    _names(axes, folds[0])


def _names(axes: Axes, fold: Fold) -> None:
    """Each window's name above the first fold, or where a window is too narrow for it, once in a key."""
    spans = [(name, moment(start), moment(end)) for name, start, end in _spans(fold)]
    known = [(name, day(first), day(last)) for name, first, last in spans if first and last and last > first]
    pixels = (
        axes.transData.transform([(last - first, 0) for _, first, last in known])[:, 0]
        - axes.transData.transform((0, 0))[0]
    )
    if all(wide > LETTER * len(name) for (name, *_), wide in zip(known, pixels, strict=True)):
        for name, first, last in known:
            axes.annotate(name, ((first + last) / 2, 1), xycoords=("data", "axes fraction"), xytext=(0, 8),
                          textcoords="offset points", ha="center")  # fmt: skip
        return
    names = list(dict.fromkeys(name for name, *_ in known))
    handles = [Patch(label=name, **WINDOWS[name]) for name in names]
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=len(names), borderpad=0.4,
                handlelength=1.4, handleheight=0.8)  # fmt: skip


def _spans(fold: Fold) -> list[Span]:
    resumed = fold.calibrate_from if fold.calibrate_from != fold.calibrate_to else fold.test_from
    spans: list[Span] = [("train", fold.train_from, fold.train_to), ("embargo", fold.train_to, resumed)]
    if fold.calibrate_from != fold.calibrate_to:
        spans.append(("calibrate", fold.calibrate_from, fold.calibrate_to))
        if fold.calibrate_to != fold.test_from:
            spans.append(("embargo", fold.calibrate_to, fold.test_from))
    return [*spans, ("test", fold.test_from, fold.test_to)]


def _bar(axes: Axes, place: int, name: str, start: str | None, end: str | None) -> None:
    first, last = moment(start), moment(end)
    if first is None or last is None or last <= first:
        return
    left, width = day(first), day(last) - day(first)
    axes.barh(place, width, left=left, height=BAR, zorder=3, **WINDOWS[name])


def _table(folds: Sequence[Fold]) -> Table:
    columns = [
        *texts("Fold"), Column("Train", "UTC", numeric=False), Column("Labels as known at", "UTC", numeric=False),
        Column("Calibrate", "UTC", numeric=False), Column("Test", "UTC", numeric=False),
    ]  # fmt: skip
    rows = [
        [cells.counted(fold.number), cells.text(window(fold.train_from, fold.train_to)),
         cells.text(when(fold.train_cutoff)), cells.text(window(fold.calibrate_from, fold.calibrate_to)),
         cells.text(window(fold.test_from, fold.test_to))]
        for fold in folds
    ]  # fmt: skip
    return Table("Windows of the folds", columns, rows)


def days_of(duration: str) -> float | None:
    """The days of a duration that is declared in days or weeks.

    >>> days_of("45d"), days_of("2w"), days_of("soon")
    (45.0, 14.0, None)
    """
    number, unit = duration[:-1], duration[-1:]
    return float(number) * UNITS[unit] if number.isdigit() and unit in UNITS else None


def maturity(curve: Sequence[MaturityPoint], declared: str) -> Figure | None:
    """Which share of the positives was known so many days after the decision."""
    if len(curve) < 2:
        return None
    waited = days_of(declared)

    def paint(figure: Drawing) -> None:
        axes = area(figure)
        scale_x(axes, "number")
        scale_y(axes, "share")
        axes.plot([point.days for point in curve], [point.share for point in curve], color=INK, linewidth=2,
                  drawstyle="steps-post")  # fmt: skip
        axes.set_xlim(left=0)
        axes.set_ylim(0, 1.02)
        if waited is not None and waited <= axes.get_xlim()[1]:
            highlight(axes, waited, vertical=True, text=f"maturity, {declared}")
        label(axes, "days after the decision", "share of the positives known")

    title = "How fast outcomes arrive"
    reading = f"Positives known so many days after the decision. Declared maturity: {declared or 'none'}."
    known = None if waited is None else max((each.share for each in curve if each.days <= waited), default=None)
    reading += "" if known is None else f" By then {share(known)} were known."
    columns = [Column("After", "days"), Column("Known", "share of positives")]
    rows = [[cells.measured(point.days), cells.shared(point.share)] for point in curve]
    words = f"{len(curve)} steps, the last at {curve[-1].days:g} days: {curve[-1].share:.1%}."
    return Figure("maturity", title, reading, draw("maturity", title, words, paint), Table(title, columns, rows))
