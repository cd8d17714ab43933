"""Calibration, costs and intervals on a simulated world, against the probabilities that it was drawn with."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.evaluate.scored import bases, collected, question, table_of
from tillthen.decide.policies import bayes_minimum_risk
from tillthen.evaluate.results.measures import measures

DAY = 86_400


@pytest.fixture(scope="module")
def case(written):
    """Each authorization as a scored row: the champion knows the probability of a dispute, the challenger guesses."""
    attempts, disputes = written.attempts, written["disputes"]
    standing = disputes[disputes["reason_code"].str.startswith("10.") & disputes["reversed_at"].isna()]
    asked = question(champion="truth", challenger="guess", segments=(), thresholds={}, ages={}, calibration={})
    rows = pd.DataFrame(
        {
            "row_id": attempts["authorization_id"], "card": attempts["card_id"], "fold": 1, "excluded": False,
            "day": attempts["authorized_at"].astype("datetime64[s, UTC]").astype("int64") // DAY,
            "label": attempts["authorization_id"].isin(standing["authorization_id"]).astype("int8"),
            "amount": attempts["amount_minor"].astype(float), "truth": attempts["p_dispute"],
        }
    )  # fmt: skip
    noise = np.exp(np.random.default_rng(0).standard_normal(len(rows)))
    odds = rows["truth"] / (1 - rows["truth"])
    guess = (3 * odds * noise + 1e-4) / (1 + 3 * odds * noise + 1e-4)
    frame = pd.concat([rows.assign(model="truth", probability=rows["truth"]),
                       rows.assign(model="guess", probability=guess)], ignore_index=True)  # fmt: skip
    frame["score"] = frame["probability"]
    for name, base in bases(asked.costs, frame).items():
        frame[name] = base
    table = table_of(asked.costs, frame)
    frame["action"] = np.array(table.actions)[bayes_minimum_risk(frame["probability"].to_numpy(), table)]
    found = collected(frame, asked)
    return frame, asked, {model: measures(found, asked, model) for model in ("truth", "guess")}


def test_the_truth_is_calibrated_and_a_guess_is_not(case):
    _, _, told = case
    truth, guess = (told[model]["calibration"]["before"] for model in ("truth", "guess"))
    assert truth["positives"] > 200
    assert (truth["slope"], truth["sum_ratio"]) == pytest.approx((1, 1), abs=0.15)
    assert truth["log_loss_mcb"] < 0.05 * truth["log_loss_unc"]
    assert guess["log_loss_mcb"] > 2 * truth["log_loss_mcb"]
    assert guess["sum_ratio"] > truth["sum_ratio"] + 0.1


@pytest.mark.parametrize("model", ["truth", "guess"])
def test_what_was_spent_is_what_the_truth_expects(case, model):
    frame, asked, told = case
    of = frame[frame["model"] == model].reset_index(drop=True)
    table, p = table_of(asked.costs, of), of["truth"].to_numpy()
    chosen = bayes_minimum_risk(of["probability"].to_numpy(), table)
    at = chosen, np.arange(len(of))
    expected = table.expected(p)[at].sum()
    deviation = np.sqrt((p * (1 - p) * (table.fraud[at] - table.genuine[at]) ** 2).sum())
    spent = next(row["cost"] for row in told[model]["policies"] if row["name"] == "bayes_minimum_risk")
    assert abs(spent - expected) < 4 * deviation
    assert deviation < 0.1 * expected


def test_the_truth_spends_less_and_nothing_less_than_the_oracle(case):
    told = case[2]
    spent = {model: {row["name"]: row["cost"] for row in told[model]["policies"]} for model in told}
    assert spent["truth"]["oracle"] < spent["truth"]["bayes_minimum_risk"] < spent["guess"]["bayes_minimum_risk"]


@pytest.mark.parametrize("model", ["truth", "guess"])
def test_intervals_hold_what_the_truth_expects(case, model):
    frame, asked, told = case
    of = frame[frame["model"] == model].reset_index(drop=True)
    table, p = table_of(asked.costs, of), of["truth"].to_numpy()
    chosen = bayes_minimum_risk(of["probability"].to_numpy(), table), np.arange(len(of))
    expected = table.expected(p)
    metric = told[model]["metrics"]["savings"]
    assert metric["lower"] < 1 - expected[chosen].sum() / min(expected[0].sum(), expected[-1].sum()) < metric["upper"]
    order = np.argsort(-of["probability"].to_numpy(), kind="stable")
    caught = np.cumsum(p[order])
    expected_area = (p[order] * caught / np.arange(1, len(p) + 1)).sum() / p.sum()
    metric = told[model]["metrics"]["average_precision"]
    assert metric["lower"] < expected_area < metric["upper"]
