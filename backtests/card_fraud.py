"""Card fraud: boosted trees against the logistic regression in use, in money."""

from tillthen import Backtest, Costs, Folds, Label, Model, days

from ..features.card_fraud import card_fraud_features
from ..features.payments import disputes

# 98% of the fraud disputes that ever come have come within 45 days of the payment.
fraud = Label(
    "fraud",
    source=disputes,
    decision="authorization_id",
    positive="reason_code LIKE '10.%'",
    maturity=days(45),
)

card_fraud = Backtest(
    "card_fraud",
    description="Six weeks of training and two of calibration, each left to mature for 45 days, then two of testing.",
    table=card_fraud_features,
    label=fraud,
    folds=Folds(start="2025-01-31", train=days(42), embargo=days(45), calibrate=days(14), test=days(14), count=3,
                mode="expanding"),
    models=[
        Model("logistic_regression", "logistic_regression", calibration="sigmoid"),
        Model(
            "xgboost",
            "xgboost",
            {"n_estimators": 150, "max_depth": 4, "learning_rate": 0.08, "min_child_weight": 2, "subsample": 0.8},
            calibration="sigmoid",
        ),
    ],
    champion="logistic_regression",
    challenger="xgboost",
    costs=Costs(
        amount="amount_minor",
        currency="EUR",
        recovery=0.1,
        chargeback_fee=2000,
        handling=1000,
        margin=0.08,
        retry_succeeds=0.3,
        churn=0.01,
        lifetime_value=15000,
        contact=20,
    ),
    card="card_id",
    capacity=20,
)  # fmt: skip
