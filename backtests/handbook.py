"""The Fraud Detection Handbook's baseline, against its published table, and the four weeks after it."""

from tillthen import Backtest, Costs, Folds, Label, Model, Published, days

from ..features.handbook import handbook_features, outcomes

fraud = Label("fraud", source=outcomes, decision="TRANSACTION_ID", positive="TX_FRAUD = 1", maturity=days(7))

PUBLISHED = {  # AUC ROC, average precision, card precision@100
    "logistic_regression": (0.871, 0.606, 0.291),
    "decision_tree": (0.763, 0.496, 0.241),
    "random_forest": (0.867, 0.658, 0.287),
    "xgboost": (0.862, 0.639, 0.273),
}
WITHIN = {
    "logistic_regression": (0.003, 0.003, 0.003),
    "decision_tree": (0.003, 0.003, 0.003),
    "random_forest": (0.01, 0.01, 0.01),
    "xgboost": (0.01, 0.02, 0.01),
}

handbook_baseline = Backtest(
    "handbook_baseline",
    description="Train 2018-07-25 to 07-31, wait 7 days, test 08-08 to 08-14.",
    table=handbook_features,
    label=fraud,
    folds=Folds(start="2018-07-25", train=days(7), embargo=days(7), test=days(7)),
    models=[
        Model("logistic_regression", "logistic_regression"),
        Model("decision_tree", "decision_tree", {"max_depth": 2}),
        Model("random_forest", "random_forest"),
        Model(
            "xgboost",
            "xgboost",
            {"n_estimators": 100, "max_depth": 6, "learning_rate": 0.3, "tree_method": "exact", "base_score": 0.5},
        ),
    ],
    champion="logistic_regression",
    challenger="xgboost",
    costs=Costs(amount="TX_AMOUNT", unit="major", currency="EUR", chargeback_fee=20, handling=5, margin=0.1),
    card="CUSTOMER_ID",
    capacity=100,
    exclude_compromised=True,
    published=[
        Published(model, metric, value, within, "Fraud Detection Handbook, baseline")
        for model, values in PUBLISHED.items()
        for metric, value, within in zip(
            ("roc_auc", "average_precision", "card_precision"), values, WITHIN[model], strict=True
        )
    ],
)

BOOSTED = {"n_estimators": 100, "max_depth": 3, "learning_rate": 0.1}

handbook_prequential = Backtest(
    "handbook_prequential",
    description="Four weeks in turn, each after a week of training and a week of waiting for its labels.",
    table=handbook_features,
    label=fraud,
    folds=Folds(start="2018-07-25", train=days(7), embargo=days(7), test=days(7), count=4),
    models=[
        Model("logistic_regression", "logistic_regression"),
        Model("xgboost", "xgboost", BOOSTED, placement="single"),
        Model("xgboost_distributed", "xgboost", BOOSTED, placement="distributed"),
    ],
    champion="logistic_regression",
    challenger="xgboost",
    costs=handbook_baseline.costs,
    card="CUSTOMER_ID",
    capacity=100,
    exclude_compromised=True,
)
