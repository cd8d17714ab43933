"""The Markdown summary says what the facts say, as it is, on a few lines."""

from __future__ import annotations

from tillthen.report.facts.schema import Facts
from tillthen.report.pages.summary import summary
from tillthen.report.parts.context import Context


def said(plain):
    return summary(Context(Facts.model_validate(plain)))


def row(text, first):
    line = next(line for line in text.splitlines() if line.startswith(f"| {first}"))
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def test_verdict_and_gates_are_tables_with_their_intervals(make_facts):
    plain = make_facts(days=21)
    plain["verdict"]["rows"][0] |= {
        "champion": 4123750.0, "challenger": 4023800.0, "difference": -99950.0, "lower": -200000.0, "upper": -1000.0,
        "p_better": 0.9731,
    }  # fmt: skip
    plain["verdict"]["gates"].append(
        {"name": "cost", "holds": True, "expected": "at most EUR 0", "measured": -1000.0, "unit": "money"}
    )
    text = said(plain)
    assert row(text, "Net cost")[1:] == [
        "EUR 41,238", "EUR 40,238", "EUR −999.50", "EUR −2,000 to −10.00", "97.3%",
    ]  # fmt: skip
    assert row(text, "cost") == ["cost", "✓ holds", "at most EUR 0", "EUR −10.00"]
    assert row(text, "approval rate")[1] == "✗ failed"
    assert "✗ gates failed: 1 of" in text
    assert text.endswith("[The whole report](report.html)\n")
    assert len(text) < 2500


def test_a_backtest_without_a_challenger_has_no_empty_columns(make_facts):
    text = said(make_facts(models=1))
    assert row(text, "Bayes minimum risk") == ["Bayes minimum risk", "logistic_regression (champion)"]
    assert len(row(text, "Net cost")) == 2


def test_too_few_positives_are_said_first(make_facts):
    text = said(make_facts(rows=300, rate=0.01))
    assert "**Too few: 3 positives, 20 needed. Read none of this as a result.**" in text


def test_facts_of_nothing_are_a_summary_too():
    assert said({"format": "tillthen-facts/1"}).startswith("## unnamed\n\nNo verdict.")


def test_what_the_facts_hold_cannot_mark_up_the_text(make_facts):
    plain = make_facts()
    plain["backtest"] |= {"name": "a|b\n# <script> [x](y) \u202e"}
    plain["verdict"]["sentences"] = ["**bold** `code`"]
    text = said(plain)
    assert text.startswith("## a\\|b # &lt;script&gt; \\[x\\](y)\n")
    assert "\\*\\*bold\\*\\* \\`code\\`" in text
    assert "\u202e" not in text
