"""How scores were put together before anything was measured, and what that may have changed."""

from __future__ import annotations

from tillthen.evaluate.results.metrics import curve_by
from tillthen.evaluate.statistics.ranking import average_precision, bounds, ties
from tillthen.evaluate.sums.by_model import STEPS, Collected


def provenance(collected: Collected) -> dict[str, str]:
    """The facts' ``provenance.evaluation``: the method, and how far figures can be from those of single scores."""
    if collected.method == "exact":
        return {"method": "exact", "bound": "Every distinct score was kept: figures are those of the rows themselves."}
    said = []
    for name, model in collected.models.items():
        points = curve_by(model.counted.scores)
        between, area = bounds(points), average_precision(points)
        if between is None or area is None:
            continue
        off = max(between[1] - area, area - between[0])
        said.append(f"{name}: average precision within {off:.1e}, area under the ROC curve within {ties(points):.1e}.")
    grid = f"Scores were put into steps of 1/{STEPS} of log odds (odds within {100 / STEPS:.1f}% of each other)."
    return {"method": "grid", "bound": " ".join([grid, *said])}
