"""Two runs side by side: what differs, and no more certainty than the facts have."""

from __future__ import annotations

import json

import pytest

from tillthen.define.faults.errors import UsageError
from tillthen.report.pages.compare import render_comparison


@pytest.fixture
def compare(tmp_path, read_page):
    """Two facts to the parsed page of their comparison."""

    def compared(a, b):
        paths = [tmp_path / "a.json", tmp_path / "b"]
        paths[1].mkdir()
        paths[0].write_text(json.dumps(a))
        (paths[1] / "facts.json").write_text(json.dumps(b))
        return read_page(render_comparison(*paths))

    return compared


def test_only_what_differs_is_listed(make_facts, compare):
    a, b = make_facts(), make_facts()
    b["models"][1]["parameters"]["max_depth"] = 4
    b["provenance"]["costs"]["margin"] = 0.2
    b["provenance"]["tables"][0]["version"] = 4
    b["features"] = b["features"][1:]
    page = compare(a, b)
    assert len(page.tables["Definitions that differ"]) == 2
    assert page.row("Definitions that differ", "xgboost, max_depth") == ["6", "4"]
    assert page.row("Costs that differ", "margin")[1] == "0.2"
    assert page.row("Tables, seeds and versions that differ", "card_features, version") == ["3", "4"]
    assert page.row("Features that differ", a["features"][0]["name"])[1] == "–"
    assert "Folds that differ" not in page.tables


def test_figures_are_side_by_side_with_their_difference(make_facts, compare):
    a, b = make_facts(), make_facts()
    a["verdict"]["rows"][0]["challenger"], b["verdict"]["rows"][0]["challenger"] = 4100000.0, 4000000.0
    for side, value in ((a, 0.5), (b, 0.6)):
        metric = side["models"][1]["metrics"]["average_precision"]
        metric |= {"value": value, "lower": value - 0.1, "upper": value + 0.1}
    page = compare(a, b)
    assert page.row("xgboost at the operating point", "Net cost") == [
        "EUR\xa041,000", "EUR\xa040,000", "EUR\xa0−1,000",
    ]  # fmt: skip
    assert page.row("Metrics of xgboost", "Average precision") == [
        "0.500 0.400 to 0.600", "0.600 0.500 to 0.700", "+0.100",
    ]  # fmt: skip


@pytest.mark.parametrize(("version", "said"), [(3, "tested on the same rows"), (4, "tested on different rows")])
def test_no_difference_between_runs_is_called_significant(make_facts, compare, version, said):
    a, b = make_facts(days=21), make_facts(days=21)
    b["provenance"]["tables"][0]["version"] = version
    page = compare(a, b)
    assert said in page.words
    assert "no interval" in page.words
    assert not any(word in page.words.lower() for word in ("significan", "p(better)", "unclear"))


def test_amounts_of_two_currencies_are_not_subtracted(make_facts, compare):
    a, b = make_facts(), make_facts()
    b["backtest"]["currency"] = "GBP"
    page = compare(a, b)
    assert page.row("xgboost at the operating point", "Net cost")[2] == "– different currencies"
    assert page.row("xgboost at the operating point", "Savings")[2].startswith("0")
    assert "A is in EUR, B in GBP: amounts stand side by side and are not subtracted." in page.words
    assert "Net cost in A and in B" not in page.words


def test_another_label_is_another_question(make_facts, compare):
    b = make_facts()
    b["backtest"]["label"] = "chargeback"
    with pytest.raises(UsageError, match="A is about the label 'fraud', B about 'chargeback'"):
        compare(make_facts(), b)


def test_models_of_one_run_only_are_named_and_colours_stay(make_facts, compare):
    page = compare(make_facts(models=4), make_facts(models=2))
    assert "In one of the runs only, and not compared: random_forest, decision_tree." in page.words
    assert page.row("Definitions that differ", "random_forest") == ["declared", "–"]
    marks = [attributes["class"] for tag, attributes in page.elements if attributes.get("class", "").startswith("mark")]
    assert {"mark m0", "mark m1", "mark m2", "mark m3"} <= set(marks)


def test_facts_of_nothing_compare_too(compare):
    page = compare({"format": "tillthen-facts/1"}, {"format": "tillthen-facts/1"})
    assert "The runs have no model in common." in page.words
