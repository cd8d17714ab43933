"""Card fraud: boosted trees against the logistic regression in use, in money."""

from tillthen import Backtest, Costs, Folds, Gate, Label, Model, Review, Unobserved, days

from ..features.card_fraud import card_fraud_features
from ..features.payments import answers, disputes

# 98% of the fraud disputes that ever come have come within 45 days of the payment. Of one that its issuer declined
# none comes, whatever it was.
fraud = Label(
    "fraud",
    source=disputes,
    decision="authorization_id",
    positive="reason_code LIKE '10.%'",
    maturity=days(45),
    unobserved=Unobserved(answers, "response_code <> '00'"),
)

card_fraud = Backtest(
    "card_fraud",
    description="Six weeks of training and two of calibration, each left to mature for 45 days, then two of testing.",
    table=card_fraud_features,
    label=fraud,
    folds=Folds(start="2025-01-31", train=days(42), embargo=days(45), calibrate=days(14), test=days(14), count=3,
                mode="expanding"),
    models=[
        Model(
            "rules",
            "rules",
            calibration="sigmoid",
            rules={"card_velocity__count_1h >= 4": 0.3, "merchant_risk__count_30d >= 3": 0.2, "foreign = 1": 0.05},
        ),
        Model("logistic_regression", "logistic_regression", calibration="sigmoid"),
        Model(
            "xgboost",
            "xgboost",
            {"n_estimators": 150, "max_depth": 4, "learning_rate": 0.08, "min_child_weight": 2, "subsample": 0.8,
             "max_bin": 512},
            calibration="sigmoid",
        ),
    ],
    champion="logistic_regression",
    challenger="xgboost",
    costs=Costs(
        amount="amount_minor",
        unit="minor",
        currency="EUR",
        recovery=0.1,
        chargeback_fee=2000,
        handling=1000,
        margin=0.08,
        retry_succeeds=0.3,
        churn=0.01,
        lifetime_value=15000,
        contact=20,
        review=Review(cost=400, misses=0.15, insults=0.05),
    ),
    card="card_id",
    segments={"channel": "channel", "abroad": "card_country <> merchant_country"},
    capacity=20,
    gates=[
        Gate("net_cost", of="difference", at_most=0, surely=True),
        Gate("approval_rate", of="difference", at_least=-0.005),
        Gate("amount_ratio", at_most=1.5),
        Gate("positives", at_least=100),
        Gate("canaries"),
    ],
)  # fmt: skip
