"""Champion against challenger, from sums."""

import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from tests.evaluate.scored import DAY, collected, question, rows, table_of
from tillthen.decide.policies import bayes_minimum_risk
from tillthen.evaluate.verdict import verdict


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
