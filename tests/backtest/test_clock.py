"""A backtest's clock: refits, declined payments, and canaries that fall silent where the clock is broken on purpose."""

import json

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import functions as F
from sklearn.metrics import average_precision_score, roc_auc_score

from tests.backtest.conftest import built
from tillthen.backtest.facts.canaries import canaries
from tillthen.backtest.rows.inputs import evaluation_time, open_data
from tillthen.backtest.rows.windows import Window
from tillthen.backtest.run import run_backtests
from tillthen.sources.events import outcomes
from tillthen.sources.events import prepared as events
from tillthen.sources.events.clock import EVENT_TIME, KNOWN_FROM, with_clock

DECLARATIONS = """
from tillthen import Backtest, Costs, FeatureTable, Folds, Label, Model, Source, Spine, Unobserved, days

payments = Source("payments", id="payment", event_time="at")
answers = Source("answers", table="payments", id="payment", event_time="at", known_time="answered")
outcomes = Source("outcomes", table="payments", id="payment", event_time="at", known_time="reported")
table = FeatureTable("table", Spine(payments, as_of="at", known=["card", "amount", "shop"]),
                     row_features=["amount", "shop"], categorical=["shop"])
fraud = Label("fraud", outcomes, decision="payment", positive="fraud = 1", maturity=days(10),
              unobserved=Unobserved(answers, "answer <> 'yes'"))
clock = Backtest(
    "clock", table=table, label=fraud, costs=Costs("amount", unit="minor", currency="EUR",
                                                   chargeback_fee=1500, margin=0.1), card="card",
    folds=Folds("2024-01-01", train=days(30), embargo=days(10), test=days(7), count=3, refit=2),
    segments={"shop": "shop"}, capacity=5,
    models=[Model("rules", "rules", rules={"amount > 9000": 0.3}),
            Model("boosted", parameters={"n_estimators": 20, "max_depth": 3}, early_stopping=5, negatives_kept=0.5)],
    challenger="boosted",
)
"""


def payments():
    """61 days; a hit card's payments are fraud for ten days, known after nine; a tenth of payments is declined."""
    random = np.random.default_rng(4)
    n, cards = 9000, 600
    card = random.integers(0, cards, n)
    at = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(np.sort(random.integers(0, 61 * 86_400, n)), unit="s")
    day = ((at - at[0]).days).to_numpy()
    begins, hit = random.integers(-5, 60, cards), random.random(cards) < 0.4
    fraud = hit[card] & (day >= begins[card]) & (day < begins[card] + 10) & (random.random(n) < 0.8)
    answer = np.where(random.random(n) < 0.1, "no", "yes")
    when = at.astype("datetime64[us, UTC]")
    return pd.DataFrame(
        {
            "payment": np.arange(n),
            "at": when,
            "card": [f"card{i}" for i in card],
            "shop": np.array(["books", "games"])[random.integers(0, 2, n)],
            "amount": random.integers(100, 10_000, n) + 2000 * fraud,
            "answer": answer,
            "answered": when + pd.Timedelta(seconds=2),
            "fraud": (fraud & (answer == "yes")).astype(int),
            "reported": when + pd.Timedelta(days=9),
        }
    )


@pytest.fixture(scope="module")
def project(spark, tmp_path_factory):
    return built(tmp_path_factory.mktemp("clock"), "clock", payments(), DECLARATIONS)


@pytest.fixture(scope="module")
def facts(project):
    (folder,) = run_backtests(*project, ["clock"])
    return json.loads((folder / "facts.json").read_text())


def test_a_fold_between_two_refits_is_decided_by_the_older_model(project, facts):
    folds = facts["protocol"]["folds"]
    assert [fold["trained_by"] for fold in folds] == [0, 0, 2]
    assert [fold["test_from"][:10] for fold in folds] == ["2024-02-10", "2024-02-17", "2024-02-24"]
    assert [fold["train_from"][:10] for fold in folds] == ["2024-01-01", "2024-01-01", "2024-01-15"]
    assert sorted(path.name for path in (project[0].records / "backtests/clock/models").iterdir()) == ["fold0", "fold2"]


def test_declined_payments_are_in_no_label(project, facts):
    rows = payments()
    for fold in facts["protocol"]["folds"]:
        for part in ("train", "test"):
            window = rows[(rows["at"] >= fold[f"{part}_from"]) & (rows["at"] < fold[f"{part}_to"])]
            assert fold[part]["unknown"] == (window["answer"] == "no").sum()
            assert fold[part]["rows"] == (window["answer"] == "yes").sum()
    assert "unknown where 'answers' has answer <> 'yes'" in facts["protocol"]["label_rule"]


def test_bounds_are_what_payments_without_an_outcome_could_have_been(spark, project, facts):
    scores = spark.read.format("delta").load(f"{project[0].warehouse}/backtests/clock/scores")
    rows = scores.where("model = 'boosted' AND NOT excluded").toArrow().to_pandas()
    unknown, told = rows["state"] == "unknown", facts["protocol"]["declined"]
    assert 0 < unknown.sum() < len(rows)
    for name, filled in (("approved_only", None), ("all_genuine", 0), ("all_fraud", 1)):
        label = rows["label"].astype("float").mask(unknown, filled)
        known = label.notna()
        label, score = label[known], rows.loc[known, "probability"]
        for metric, value in (("base_rate", label.mean()), ("average_precision", average_precision_score(label, score)),
                              ("roc_auc", roc_auc_score(label, score))):  # fmt: skip
            assert told[name][metric]["value"] == pytest.approx(value), (name, metric)
            assert told[name][metric]["n"] == known.sum()
            assert told[name][metric]["lower"] < value < told[name][metric]["upper"]
    assert told["approved_only"]["savings"] == facts["models"][1]["metrics"]["savings"]


def test_what_was_done_in_training_is_told(facts):
    rules, boosted = facts["models"]
    assert boosted["early_stopping"]["best_rounds"] <= 20
    assert boosted["sampling"] == {"negatives_kept": 0.5, "positive_weight": 1.0, "odds_factor": 0.5}
    assert (rules["early_stopping"], rules["sampling"]) == (None, None)
    assert boosted["metrics"]["average_precision"]["value"] > rules["metrics"]["base_rate"]["value"]


def test_scores_have_reasons_segments_and_actions(spark, project, facts):
    rows = spark.read.format("delta").load(f"{project[0].warehouse}/backtests/clock/scores")
    boosted = rows.where("model = 'boosted'")
    assert boosted.count() == rows.where("model = 'rules'").count() == sum(
        sum(fold["test"][state] for state in ("rows", "immature", "unknown")) for fold in facts["protocol"]["folds"]
    )  # fmt: skip
    assert boosted.where("(action <> 'approve' OR label = 1) AND reasons IS NULL").count() == 0
    assert boosted.where("action = 'approve' AND coalesce(label, 0) = 0 AND reasons IS NOT NULL").count() == 0
    assert {row["segment_shop"] for row in rows.select("segment_shop").distinct().collect()} == {"books", "games"}
    assert rows.where("state = 'unknown' AND label IS NOT NULL").count() == 0


def test_canaries_fire_and_fall_silent_when_labels_are_known_early(spark, project, monkeypatch):
    config, loaded = project
    backtest = loaded.backtest("clock")

    def fired():
        data = open_data(spark, config, backtest)
        found = {one["name"]: one["fired"] for one in canaries(data)}
        data.close()
        return found

    assert fired() == {"labels shuffled": True, "label delay 0": True}

    def at_once(frame, source):
        return with_clock(frame, source).withColumn(KNOWN_FROM, F.col(EVENT_TIME))

    monkeypatch.setattr(events, "with_clock", at_once)
    monkeypatch.setattr(outcomes, "with_clock", at_once)
    assert fired() == {"labels shuffled": True, "label delay 0": False}


def test_labels_of_a_training_window_are_those_of_its_cutoff(spark, project):
    """Fails where labels are known early: nine days after the decision is not known at a cut-off of eight."""
    backtest = project[1].backtest("clock")
    data = open_data(spark, project[0], backtest)
    first = next(iter(backtest.folds))
    early = Window(first.train_from, first.train_to, first.train_to)
    rows = payments()
    rows = rows[(rows["at"] < pd.Timestamp(first.train_to)) & (rows["answer"] == "yes")]
    known = rows[(rows["fraud"] == 1) & (rows["reported"] <= pd.Timestamp(first.train_to))]
    assert data.counts(early)["positive"] == len(known) < (rows["fraud"] == 1).sum()
    assert evaluation_time(backtest) == list(backtest.folds)[-1].test_to + pd.Timedelta(days=10)
    data.close()
