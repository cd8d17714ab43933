"""What the page says is what the facts say, and it says why where they say nothing."""

import re
from pkgutil import iter_modules

import pytest

from tillthen.report import sections
from tillthen.report.pages.render import SECTIONS


def numbers_in(plain):
    if isinstance(plain, dict | list):
        for inner in plain.values() if isinstance(plain, dict) else plain:
            yield from numbers_in(inner)
    elif isinstance(plain, int | float):
        yield float(plain)


def read(text):
    """A number as the page writes it, and the size of its last digit."""
    clean = text.replace(",", "").replace("−", "-")
    digits = re.search(r"-?[0-9.]+(e-?\d+)?", clean)[0]
    mantissa, _, power = digits.partition("e")
    step = 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))
    scale = 0.01 if "%" in text or "pp" in text else 1.0
    return float(digits) * scale, step * scale


@pytest.mark.parametrize("shape", [{}, {"models": 4, "folds": 3, "days": 21}, {"models": 1, "rows": 300, "rate": 0.01}])
def test_every_number_is_one_of_the_facts_and_reads_as_it(make_facts, render, shape):
    plain = make_facts(**shape)
    page, known = render(plain), set(numbers_in(plain))
    assert len(page.numbers) > 500
    for value, digits, text in page.numbers:
        shown, step = read(text)
        assert float(value) in known
        assert abs(shown - float(value) / 10**digits) <= 0.51 * step, text


def test_money_is_shown_in_major_units(make_facts, render):
    plain = make_facts()
    plain["verdict"]["rows"][0] |= {"champion": 4123750.0, "challenger": 99950.0, "difference": -4023800.0}
    row = render(plain, "verdict").row("At the operating point: Bayes minimum risk", "Net cost")
    assert row[:3] == ["EUR\xa041,238", "EUR\xa0999.50", "EUR\xa0−40,238 unclear: it has no interval"]


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [(-90000.0, -10000.0, "better"), (10000.0, 90000.0, "worse"), (-90000.0, 10.0, "unclear: the interval holds 0"),
     (None, None, "unclear: it has no interval")],
)  # fmt: skip
def test_a_difference_is_called_better_only_as_far_as_its_interval_goes(make_facts, render, lower, upper, said):
    plain = make_facts()
    middle = -40000.0 if lower is None else (lower + upper) / 2
    plain["verdict"]["rows"][0] |= {"difference": middle, "lower": lower, "upper": upper, "p_better": 0.9731}
    row = render(plain, "verdict").row("At the operating point: Bayes minimum risk", "Net cost")
    assert row[2].endswith(said)
    assert row[3].startswith("none" if lower is None else "EUR\xa0")
    assert row[4] == "97.3%"


def test_sections_are_in_order_and_links_lead_somewhere(calm):
    shown = [attributes["id"] for tag, attributes in calm.elements if tag == "section"]
    ids = [attributes["id"] for _, attributes in calm.elements if "id" in attributes]
    links = {attributes["href"][1:] for tag, attributes in calm.elements if tag in ("a", "use")}
    assert shown == [
        "verdict",
        "explorer",
        "ranking",
        "cost",
        "calibration",
        "stability",
        "segments",
        "mistakes",
        "features",
        "protocol",
        "provenance",
        "limits",
    ]
    assert len(ids) == len(set(ids))
    assert links <= set(ids)


def test_every_section_is_on_the_page():
    modules = {f"{sections.__name__}.{module.name}" for module in iter_modules(sections.__path__)}
    assert sorted(module.__name__ for module in SECTIONS) == sorted(modules)


def test_facts_of_nothing_say_why_in_every_section(render):
    page = render({"format": "tillthen-facts/1"})
    for words in (
        "No metric was measured", "No gates are declared", "No model was scored", "No costs were measured",
        "Calibration was not measured", "no features", "no folds", "No canary ran", "No table is pinned",
        "states no limits", "Nothing was measured by day or week", "No segments are declared",
        "Single payments were not looked at",
    ):  # fmt: skip
        assert words.lower() in page.words.lower()


def test_models_without_their_parts_still_render(make_facts, render, calm):
    plain = make_facts(models=4)
    parts = ("pr_curve", "value_pr_curve", "thresholds", "policies", "capacity", "calibration", "daily", "metrics")
    for place, model in enumerate(plain["models"]):
        model.update(dict.fromkeys(parts[2 * place : 2 * place + 2]))
    figures = [a["id"] for tag, a in render(plain).elements if tag == "svg" and "id" in a]
    usual = [a["id"] for tag, a in calm.elements if tag == "svg" and "id" in a]
    assert {"reliability-0", "reliability-1", "reliability-3", "pr", "cost-weeks"} <= set(figures)
    assert "reliability-2" not in figures
    assert set(usual) <= set(figures)


def test_too_few_positives_say_so(make_facts, render, calm):
    page = render(make_facts(rows=600, rate=0.005))
    assert "✗ too few: 3 positives, 20 needed" in page.words
    assert "n\xa0=\xa0600 rows, 3 positives: too few" in " ".join(page.text)
    assert page.words.count("Read none of this as a result.") == 7
    assert "ranks best" not in page.words
    assert "Failed: approval rate." in calm.words
    assert "✗ too few" not in calm.words
    assert "Read none of this" not in calm.words


def test_a_failed_gate_and_a_silent_canary_are_on_top(make_facts, render):
    plain = make_facts()
    plain["protocol"]["canaries"][0]["fired"] = False
    page = render(plain, "verdict", "protocol")
    head = page.words[: page.words.index("Should the challenger")]
    assert "✗ gates failed: 1 of 2" in head
    assert "✗ canaries silent: 1 of 2" in head
    assert "Silent: labels shuffled." in page.words


def test_without_challenger_nothing_is_compared(make_facts, render):
    page = render(make_facts(models=1), "verdict")
    heads = page.tables["At the operating point: Bayes minimum risk"][0]
    assert [head.strip() for head in heads] == ["Metric", "● logistic_regression champion"]
    assert "No challenger is declared" in page.words


def test_published_figures_stand_beside_the_measured_ones(calm):
    rows = [[cell.strip() for cell in row[1:7]] for row in calm.tables["Published and measured"][1:]]
    assert rows == [
        ["ROC AUC", "0.871", "0.872", "+0.001", "0.003", "✓ holds"],
        ["Average precision", "0.606", "0.590", "−0.016", "0.003", "✗ differs"],
    ]
