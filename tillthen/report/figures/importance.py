"""Which features the models lean on, and which of them drift."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FuncFormatter, MaxNLocator

from tillthen.report.drawing.axes import point
from tillthen.report.drawing.looks import Look
from tillthen.report.drawing.rows import height, mark_key, places, row_axes
from tillthen.report.drawing.svg import INK, MUTED, PANEL, draw
from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.schema import FeatureFacts
from tillthen.report.figures.weeks import LARGE, NOTABLE, index
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Cell, Column, Figure, Table, texts
from tillthen.report.texts.numbers import compact, percent, share, significant

MOST = 12
"""So many features are drawn; all are in the section's table."""

LEFT = 172
SPREAD = 0.24


def importance(models: Sequence[ModelFacts], looks: dict[str, Look]) -> Figure | None:
    """Each model's features by their share of its gain; the most important of any model first."""
    shares = {model.name: shares_of(model) for model in models if shares_of(model)}
    if not shares:
        return None
    best: dict[str, float] = {}
    for found in shares.values():
        for name, value in found.items():
            best[name] = max(best.get(name, 0.0), value)
    names = sorted(best, key=lambda name: (-best[name], name))[:MOST]

    def paint(figure: Drawing) -> None:
        axes = row_axes(figure, names, left=LEFT, top=46 if len(shares) > 2 else 34)
        for offset, (model, found) in zip(places(len(shares), SPREAD), shares.items(), strict=True):
            for place, name in enumerate(names):
                if name in found:
                    axes.hlines(place + offset, 0, found[name], color=looks[model].colour, linewidth=2.2, alpha=0.4)
                    point(axes, found[name], place + offset, looks[model], size=6)
        axes.set_xlim(0, max(best[names[0]] * 1.08, 1e-9))
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(percent))
        axes.set_xlabel("share of the model's gain", loc="right", labelpad=6)
        mark_key(axes, [(name, looks[name]) for name in shares])

    title = "What the models lean on"
    reading = f"Share of the gain of all splits, the {len(names)} greatest. A large share is no proof of a cause."
    words = "; ".join(f"{model}: {', '.join(f'{name} {found[name]:.1%}' for name in names if name in found)}"
                      for model, found in shares.items())  # fmt: skip
    columns = [*texts("Feature", "Model"), Column("Gain"), Column("Share", "of the model's gain")]
    rows = [
        [Cell(name), cells.model(model.name, looks[model.name]), cells.measured(gain.gain), Cell(share(part))]
        for name in names for model in models if model.name in shares
        for gain in model.importance if gain.feature == name and (part := shares[model.name].get(name)) is not None
    ]  # fmt: skip
    drawing = draw("importance", title, f"{words}.", paint, (PANEL[0], height(len(names), pitch=33, least=220)))
    return Figure("importance", title, reading, drawing, Table(title, columns, rows))


def shares_of(model: ModelFacts) -> dict[str, float]:
    """Each feature's share of a model's gain."""
    gains = {row.feature: row.gain for row in model.importance if row.gain is not None and row.gain > 0}
    total = sum(gains.values())
    return {name: gain / total for name, gain in gains.items()} if total > 0 else {}


def worst(feature: FeatureFacts) -> tuple[float, int] | None:
    """A feature's greatest drift, and the fold it was in."""
    found = [(each.psi, each.fold) for each in feature.drift if each.psi is not None]
    return max(found, key=lambda pair: pair[0], default=None)


def drift(features: Sequence[FeatureFacts]) -> Figure | None:
    """The features that drift most: every fold, the worst one filled."""
    found = [(top[0], feature) for feature in features if (top := worst(feature)) is not None]
    if not found:
        return None
    shown = [feature for _, feature in sorted(found, key=lambda pair: (-pair[0], pair[1].name))[:MOST]]
    high = max(top for top, _ in found)

    def paint(figure: Drawing) -> None:
        axes = row_axes(figure, [feature.name for feature in shown], left=LEFT)
        for place, feature in enumerate(shown):
            values = [each.psi for each in feature.drift if each.psi is not None]
            axes.plot(values, [place] * len(values), marker="o", markersize=5, linestyle="none", color=MUTED, alpha=0.5)
            axes.plot([max(values)], [place], marker="o", markersize=7, linestyle="none", color=INK, zorder=5)
        right = max(high * 1.12, NOTABLE * 1.2)
        axes.set_xlim(0, right)
        for level, text in ((NOTABLE, "notable"), (LARGE, "large")):
            if level < right * 0.86:
                axes.axvline(level, color=MUTED, linewidth=1, linestyle=(0, (3, 3)), zorder=2)
                axes.annotate(text, (level, 1), xycoords=("data", "axes fraction"), xytext=(4, 5),
                              textcoords="offset points", color=MUTED)  # fmt: skip
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(compact))
        axes.set_xlabel("population stability index", loc="right", labelpad=6)

    title = "Which features drift"
    reading = "Test window against training window, fold by fold; the worst fold filled."
    words = "; ".join(f"{feature.name} {significant(top[0], 2)} in fold {top[1]}"
                      for feature in shown if (top := worst(feature)))  # fmt: skip
    columns = [*texts("Feature"), Column("Fold"), Column("Stability index", term="stability index")]
    rows = [[Cell(feature.name), cells.counted(each.fold), index(each.psi)]
            for feature in shown for each in feature.drift]  # fmt: skip
    drawing = draw("feature-drift", title, f"{words}.", paint, (PANEL[0], height(len(shown), pitch=33, least=220)))
    return Figure("feature-drift", title, reading, drawing, Table(title, columns, rows))
