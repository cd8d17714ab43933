"""Calibration: whether 1% means one in a hundred, and whether the money at risk is right."""

from __future__ import annotations

from tillthen.report.facts.measures import CalibrationFacts, ModelFacts
from tillthen.report.figures.amounts import amounts
from tillthen.report.figures.calibration import floor, reliability
from tillthen.report.parts import cells
from tillthen.report.parts.blocks import Block, Cell, Column, Figures, Prose, Section, Table, answer, texts
from tillthen.report.parts.context import Context
from tillthen.report.parts.levels import levels
from tillthen.report.texts.numbers import decimal, few, significant

MEASURES = (
    ("sum_ratio", "Sum ratio", "1 is right", "sum ratio"), ("slope", "Slope", "1 is right", "slope and intercept"),
    ("intercept", "Intercept", "0 is right", "slope and intercept"), ("ici", "ICI", "0 is right", "ICI"),
    ("equal_mass_error", "Equal-mass error", "0 is right", "equal-mass error"),
)  # fmt: skip
LOSSES = (
    ("brier", "Brier", "score", ""), ("brier_mcb", "Brier", "MCB", "MCB, DSC, UNC"),
    ("brier_dsc", "Brier", "DSC", "MCB, DSC, UNC"), ("brier_unc", "Brier", "UNC", "MCB, DSC, UNC"),
    ("log_loss", "Log loss", "score", "log loss"), ("log_loss_mcb", "Log loss", "MCB", "MCB, DSC, UNC"),
    ("log_loss_dsc", "Log loss", "DSC", "MCB, DSC, UNC"), ("log_loss_unc", "Log loss", "UNC", "MCB, DSC, UNC"),
)  # fmt: skip


def section(context: Context) -> Section:
    """Reliability, the measures before and after, and money by score band."""
    title, question = "Calibration", "Do the probabilities, and the money they put at risk, come true?"
    models = [model for model in context.models if model.calibration.before or model.calibration.after]
    if not models:
        reason = "Calibration was not measured: no model's scores were compared with their outcomes."
        return Section("calibration", title, question, [Prose(reason, "missing")])
    blocks: list[Block] = answer(_lead(context, models)) if not context.caution else [Prose(context.caution, "warning")]
    uncalibrated = [model.name for model in models if model.calibration.after is None]
    if uncalibrated:
        names = ", ".join(uncalibrated)
        blocks.append(Prose(f"Not calibrated: {names}. Their scores are taken as probabilities as they are.", "note"))
    blocks += levels(models)
    curves = [figure for model in models
              if (figure := reliability(model, context.looks[model.name], floor(models))) is not None]  # fmt: skip
    blocks += [] if curves else [Prose("No reliability diagram: the facts hold no points.", "missing")]
    money = amounts(context.leading(models), context.looks, context.money)
    blocks += [] if money else [Prose("Money by score band: no amounts were measured.", "missing")]
    drawn = [*curves, *([money] if money else [])]
    blocks += [Figures(drawn)] if drawn else []
    blocks.append(_measures(context, models, "Are the probabilities right?", MEASURES))
    blocks.append(_measures(context, models, "Losses: score = MCB - DSC + UNC", LOSSES))
    return Section("calibration", title, question, blocks)


def _shown(model: ModelFacts) -> CalibrationFacts:
    return model.calibration.after or model.calibration.before or CalibrationFacts()


def _lead(context: Context, models: list[ModelFacts]) -> list[str]:
    """The sum ratio of champion and challenger, in words."""
    leading = context.leading(models)
    found = [(model.name, _shown(model).sum_ratio) for model in leading]
    words = [f"{name} expected {decimal(ratio, 2)}" for name, ratio in found if ratio is not None]
    return [f"For every positive there was, {' and '.join(words)}."] if words else []


def _measures(
    context: Context, models: list[ModelFacts], caption: str, measures: tuple[tuple[str, str, str, str], ...]
) -> Table:
    """A row for the scores of each model, before and after calibration."""
    found = []
    for model in models:
        after = "" if model.calibration.after is None else "before"
        both = ((after or "uncalibrated", model.calibration.before), (model.calibration.kind, model.calibration.after))
        found += [(model, when, facts) for when, facts in both if facts is not None]
    columns = [*texts("Model"), *(Column(title, unit, term=term) for _, title, unit, term in measures)]
    rows = [
        [Cell(model.name, note=when, look=context.looks[model.name]), *(_measure(facts, name) for name, *_ in measures)]
        for model, when, facts in found
    ]  # fmt: skip
    if len({(facts.n, facts.positives) for *_, facts in found}) == 1:
        return Table(caption, columns, rows, cells.sample(found[0][2].n, found[0][2].positives))
    columns += [Column("n", "rows"), Column("Positives", "rows")]
    for row, (*_, facts) in zip(rows, found, strict=True):
        row += [cells.counted(facts.n), cells.positives(facts.positives)]
    return Table(caption, columns, rows)


def _measure(facts: CalibrationFacts, name: str) -> Cell:
    value = getattr(facts, name)
    return Cell(significant(value), value, tone="weak" if few(facts.positives) else "")
