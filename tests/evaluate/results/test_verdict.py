"""Champion against challenger, from sums."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t
from sklearn.metrics import average_precision_score

from tests.evaluate.scored import DAY, collected, question, rows, table_of
from tillthen.decide.policies import bayes_minimum_risk
from tillthen.define.backtests.gate import MEASURES
from tillthen.evaluate.results.measures import measures
from tillthen.evaluate.results.metrics import card_looks
from tillthen.evaluate.results.verdict import verdict
from tillthen.evaluate.statistics.resampling import weights


@pytest.fixture(scope="module")
def case():
    frame, asked = rows(n=3000), question()
    return frame, verdict(collected(frame, asked), asked)


def test_figures_are_those_of_the_decisions(case):
    frame, told = case
    found = {row["metric"]: row for row in told["rows"]}
    for side, model in (("champion", "old"), ("challenger", "new")):
        of = frame[(frame["model"] == model) & ~frame["excluded"]]
        table, label = table_of(question().costs, of), of["label"].to_numpy()
        chosen = bayes_minimum_risk(of["probability"].to_numpy(), table)
        assert found["net_cost"][side] == pytest.approx(table.of_decisions(chosen, label).sum())
        assert found["insult_rate"][side] == pytest.approx(chosen[label == 0].mean())
        assert found["approval_rate"][side] == pytest.approx(1 - chosen.mean())
        assert found["average_precision"][side] == pytest.approx(average_precision_score(label, of["probability"]))


def test_differences_have_intervals_and_a_probability(case):
    _, told = case
    for row in told["rows"]:
        assert row["difference"] == pytest.approx(row["challenger"] - row["champion"])
        assert row["lower"] < row["difference"] < row["upper"]
    found = {row["metric"]: row for row in told["rows"]}
    assert found["average_precision"]["p_better"] == 1
    assert found["net_cost"]["p_better"] > 0.95  # lower is better
    assert found["net_cost"]["upper"] < 0


def test_the_other_way_round_is_the_mirror_image(case):
    frame, told = case
    asked = question(champion="new", challenger="old")
    turned = {row["metric"]: row for row in verdict(collected(frame, asked), asked)["rows"]}
    for row in told["rows"]:
        other = turned[row["metric"]]
        assert (other["lower"], other["upper"]) == pytest.approx((-row["upper"], -row["lower"]), rel=1e-6, abs=1e-9)


def test_a_model_alone_has_no_difference():
    asked = question(challenger=None)
    told = verdict(collected(rows(), asked), asked)
    assert {row["challenger"] for row in told["rows"]} == {None}
    assert told["sentences"][2].endswith("'Bayes minimum risk'.")


def test_too_few_days_are_said_so():
    frame, asked = rows(), question()
    told = verdict(collected(frame[frame["day"] < DAY + 19], asked), asked)
    assert told["interval_note"] == "19 days: too few days for an interval (20 needed)."
    assert {row["lower"] for row in told["rows"]} == {None}
    assert "too short" in told["sentences"][2]


def test_the_same_model_is_no_better_than_itself():
    new, asked = rows().query("model == 'new'"), question()
    told = verdict(collected(pd.concat([new.assign(model="old"), new]), asked), asked)
    assert {row["difference"] for row in told["rows"]} == {0}
    assert {row["p_better"] for row in told["rows"]} == {0}


def test_every_figure_that_a_gate_may_be_sure_of_has_an_interval_of_each_side_and_of_the_difference(case):
    _, told = case
    rows = {row["metric"]: row for row in (*told["rows"], *told["ranked"])}
    assert set(rows) == {name for name, measure in MEASURES.items() if measure.bounded}
    for row in rows.values():
        for value, prefix in (("difference", ""), ("champion", "champion_"), ("challenger", "challenger_")):
            assert row[f"{prefix}lower"] < row[value] < row[f"{prefix}upper"], (row["metric"], value)


def test_card_precision_varies_with_its_days_alone():
    """Against a bootstrap of blocks of the daily shares, drawn here."""
    frame, asked = rows(n=3000), question()
    found = collected(frame, asked)
    row = next(row for row in verdict(found, asked)["ranked"] if row["metric"] == "card_precision")
    looks = {name: [of.share for of in card_looks(model.cards, asked)] for name, model in found.models.items()}
    paired = np.array(looks["new"]) - np.array(looks["old"])
    drawn = (weights("day", len(paired)) @ paired) / len(paired)
    assert row["difference"] == pytest.approx(paired.mean())
    wide = t.ppf(0.975, len(paired) / 3 - 1) / norm.ppf(0.975) * np.sqrt(len(paired) / (len(paired) - 3))
    assert row["upper"] - row["lower"] == pytest.approx(np.ptp(np.quantile(drawn, [0.025, 0.975])) * wide, rel=1e-6)


def test_the_net_cost_is_exact():
    frame, asked = rows(n=3000), question()
    told = verdict(collected(frame, asked), asked)
    found = measures(collected(frame, asked), asked, "new")
    cost = next(row for row in told["rows"] if row["metric"] == "net_cost")["challenger"]
    assert cost == next(row["cost"] for row in found["policies"] if row["name"] == "bayes_minimum_risk")
    of = frame[(frame["model"] == "new") & ~frame["excluded"]]
    by_hand = sum(_cost(row) for row in of.to_dict("records"))
    assert cost == float(by_hand)


def _cost(row):
    """By the declared decimals: recovery .1, fee 2000, margin .1, retries .25, churn .02 of 10000, contact 20."""
    amount, declined = Fraction(int(row["amount"])), row["action"] == "decline"
    if row["label"]:
        return Fraction(20) if declined else amount * Fraction("0.9") + 2000
    return amount * Fraction("0.1") * Fraction("0.75") + 200 + 20 if declined else Fraction(0)
