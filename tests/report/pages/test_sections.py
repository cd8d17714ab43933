"""What the later sections say of their facts, and that they say why where there are none."""

import pytest


def segment(value, n, positives, **measures):
    return {"value": value, "n": n, "positives": positives, "value_detection_rate": 0.5, "insult_rate": 0.02,
            "average_precision": 0.4, "approval_rate": 0.97, "cost": 123456.0, **measures}  # fmt: skip


def test_small_cells_of_segments_are_suppressed(make_facts, render):
    plain = make_facts(models=1)
    plain["models"][0]["segments"] = [{"name": "country", "rows": [
        segment("FR", 9000, 60), segment("DE", 5000, 19, value_detection_rate=0.01), segment(None, 12, 12),
    ]}]  # fmt: skip
    page = render(plain, "segments")
    rows = {row[0].strip(): [cell.strip() for cell in row[1:]] for row in
            page.tables["By country, under the operating point's policy"]}  # fmt: skip
    assert list(rows) == ["country", "FR", "DE", "(null)"]  # the largest first
    assert rows["FR"][1:3] == ["9,000", "60"]
    assert rows["FR"][7:10] == ["50.0%", "97.00%", "2.00%"]
    assert rows["DE"][7:10] == ["– too few", "97.00%", "2.00%"]  # value detection rests on frauds, insults do not
    assert rows["(null)"][1:4] == ["< 20", "– too few", "– too few"]
    assert "catches least where country is FR: 50.0% of the fraud value, on 60 positives." in page.words


def test_insults_are_compared_only_where_there_are_enough(make_facts, render):
    plain = make_facts(models=1)
    rows = [segment("web", 9000, 60, insult_rate=0.01), segment("moto", 100, 0, insult_rate=0.15)]
    plain["models"][0]["segments"] = [{"name": "channel", "rows": rows}]
    words = render(plain, "segments").words
    assert "It insults most where channel is web: 1.00% of genuine payments" in words  # 15 insults are too few


def test_the_worst_week_is_named_and_marked(make_facts, render):
    plain = make_facts(days=28, folds=2)
    week = {"week": "2018-08-13", "rows": 500, "positives": 40, "declined": 9, "cost": 250000.0, "savings": 0.25,
            "average_precision": 0.31}  # fmt: skip
    plain["models"][1] |= {"weeks": [week, week | {"week": "2018-08-20", "cost": 90000.0, "average_precision": 0.52}],
                           "worst_week": "2018-08-13"}  # fmt: skip
    page = render(plain, "stability")
    assert "xgboost's worst week began on 2018-08-13: net cost EUR 2,500 on 500 payments, savings of 25.0%." in (
        page.words.replace("\xa0", " ")
    )
    assert "average precision lay between 0.310 and 0.520" in page.words
    marked = [row[0].strip() for row in page.tables["Net cost by week"] if "worst week" in row[0]]
    assert "2018-08-13 worst week" in marked


@pytest.mark.parametrize(("psi", "said"), [(0.05, "0.050"), (0.12, "0.12 notable"), (0.3, "0.30 large")])
def test_drift_is_called_what_it_is_by_custom(make_facts, render, psi, said):
    plain = make_facts(folds=2)
    for model in plain["models"]:
        model["score_drift"] = [{"fold": 1, "psi": 0.0, "n": 10}, {"fold": 2, "psi": psi, "n": 10}]
    assert render(plain, "stability").tables["Drift of the scores"][-1][3].strip() == said


def test_mistakes_give_their_strongest_reasons_first(make_facts, render):
    plain = make_facts(models=1)
    reasons = [{"feature": "quiet", "value": 0.5, "contribution": 0.1},
               {"feature": "loud", "value": None, "contribution": -1.25},
               {"feature": "middle", "value": "moto", "contribution": 0.7}]  # fmt: skip
    miss = {"row_id": "…4711", "as_of": "2018-08-09T13:05:00Z", "amount": 90000.0, "probability": 0.02,
            "action": "approve", "cost": 83500.0, "reasons": reasons}  # fmt: skip
    plain["models"][0] |= {"misses": [miss, miss | {"cost": 1000.0, "reasons": []}], "insults": []}
    page = render(plain, "mistakes")
    first, second = [[cell.strip() for cell in row] for row in
                     page.tables["Largest misses of logistic_regression: frauds approved"][1:]]  # fmt: skip
    assert first == ["…4711 2018-08-09 13:05", "900.00", "835.00", "2.00% approve",
                     "loud is null: −1.25 middle is moto: +0.70; quiet is 0.5: +0.10"]  # fmt: skip
    assert second[4:] == ["–"]
    assert "the dearest cost EUR\xa0835.00, the 2 shown EUR\xa0845.00" in " ".join(page.text).replace("\n", " ")
    assert "Largest insults: there are no genuine payments stopped." in page.words


def test_actions_and_cost_inputs_stand_beside_the_policies(make_facts, render):
    plain = make_facts(models=1)
    plain["models"][0]["policies"][5]["actions"] = {"approve": 1800, "decline": 150, "review": 30, "challenge": 20}
    plain["models"][0]["sensitivity"] = [
        {"input": "margin", "title": "Margin", "declared": 0.1, "base_cost": 500000.0,
         "low": {"value": 0.05, "cost": 300000.0, "savings": 0.5},
         "high": {"value": 0.15, "cost": 900000.0, "savings": 0.1}},
    ]  # fmt: skip
    page = render(plain, "cost")
    assert page.row("What the policies do", "Bayes minimum risk") == [
        "● logistic_regression", "1,800", "150", "30", "20",
    ]  # fmt: skip
    assert page.row("If a cost input is wrong, logistic_regression", "Margin") == [
        "0.1", "0.05", "3,000", "50.0%", "0.15", "9,000", "10.0%",
    ]  # fmt: skip


def test_intervals_stand_under_their_metric_and_folds_have_a_spread_instead(make_facts, render):
    plain = make_facts(models=1, folds=2)
    plain["models"][0]["metrics"]["average_precision"] |= {"value": 0.5, "lower": 0.41, "upper": 0.59}
    plain["models"][0]["over_folds"] = {"average_precision": {"mean": 0.48, "sd": 0.03, "n": 2}}
    page = render(plain, "ranking")
    assert page.row("Metrics on the test rows", "Average precision") == ["0.500 0.410 to 0.590"]
    assert page.row("Over folds", "Average precision") == ["0.480 ± 0.030, 2 folds"]
    assert "It is not an interval" in page.words


def test_bounds_for_declined_rows_and_the_audit(make_facts, render):
    plain = make_facts(models=1)
    plain["protocol"]["audit"] |= {"differences": 2, "leaks": ["peek"], "doubts": ["merchant_id may be a clock."]}
    page = render(plain, "protocol")
    assert [cell.split()[0] for cell in page.row("If declined payments had outcomes", "Fraud left")] == [
        "5.1", "4.9", "12.3",
    ]  # fmt: skip
    for words in ("2 values differ", "Declared to look ahead: peek.", "Doubt: merchant_id may be a clock.",
                  "With labels known at once the model looks better than it can be."):  # fmt: skip
        assert words in page.words
    plain["protocol"] |= {"audit": None, "declined": None, "canaries": []}
    words = render(plain, "protocol", "limits").words
    assert "The feature table was not audited" in words
    assert "no rule names them" in words
    assert "nothing shows that a leak would have been noticed" in words


def test_where_the_model_came_from_is_told(make_facts, render):
    words = render(make_facts(), "provenance").words
    assert "card_fraud, version 4, alias challenger" in words
    assert "exact: every distinct score is a cell" in words
    assert "early stopping best round 88" in words
    assert "sampling negatives kept 0.1" in words


def test_features_are_in_the_order_of_their_weight_with_their_worst_drift(make_facts, render):
    plain = make_facts(folds=2)
    plain["models"][1]["importance"] = [{"feature": "b", "gain": 30.0}, {"feature": "a", "gain": 10.0}]
    plain["features"] = [{"name": name, "drift": [{"fold": 1, "psi": 0.3}, {"fold": 2, "psi": 0.01}]} for name in "cab"]
    page = render(plain, "features")
    rows = [[cell.strip() for cell in row] for row in page.tables["3 features"][1:]]
    assert [row[0] for row in rows] == ["b", "a", "c"]
    assert rows[0][3:] == ["0.30 fold 1, large", "30.0"]
    assert rows[2][3:] == ["0.30 fold 1, large", "– not used"]
    assert "xgboost leans most on b: 75.0% of its gain." in page.words


def test_expected_and_found_frauds_of_both_sides_are_said_first(make_facts, render):
    plain = make_facts(models=3)
    for model, ratio in zip(plain["models"], (1.42, 1.0, 0.7), strict=True):
        model["calibration"]["before"]["sum_ratio"] = ratio
        if model["calibration"]["after"]:
            model["calibration"]["after"]["sum_ratio"] = ratio
    words = render(plain, "calibration").words
    assert "For every positive there was, logistic_regression expected 1.42 and xgboost expected 1.00." in words


def test_an_interval_that_only_one_metric_lacks_says_why(make_facts, render):
    plain = make_facts(days=28, folds=2)
    plain["verdict"]["rows"][4] |= {"lower": None, "upper": None, "p_better": None}
    page = render(plain, "verdict")
    row = page.row("At the operating point: Bayes minimum risk", "False positives per fraud")
    assert row[3:] == ["none undefined in some resamples", "–"]
