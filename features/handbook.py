"""The Fraud Detection Handbook's baseline features."""

from tillthen import FeatureTable, Source, Spine, count, days, feature_set, mean, rate

transactions = Source(
    "transactions",
    id="TRANSACTION_ID",
    event_time="TX_DATETIME",
    timezone="UTC",
    columns={"CUSTOMER_ID": "int", "TERMINAL_ID": "int", "TX_AMOUNT": "double"},
)
# The Handbook counts a transaction as genuine or fraudulent seven days after it, whether a fraud was reported or not.
outcomes = Source(
    "outcomes",
    table="transactions",
    id="TRANSACTION_ID",
    event_time="TX_DATETIME",
    delay=days(7),
    timezone="UTC",
    columns={"TX_FRAUD": "tinyint"},
)


@feature_set(source=transactions, entity="CUSTOMER_ID", closed="right", owner="handbook")
def customer_spending(transactions):
    """How often and how much a customer spends, this transaction included."""
    return transactions.select("CUSTOMER_ID", "TX_AMOUNT")


@feature_set(source=outcomes, entity="TERMINAL_ID", closed="right", owner="handbook")
def terminal_risk(outcomes):
    """How often a terminal was used a week ago and before, and which share of that was fraud."""
    return outcomes.select("TERMINAL_ID", fraud="TX_FRAUD = 1")


for n in (1, 7, 30):
    customer_spending.features(
        count().over(days(n)).named(f"CUSTOMER_ID_NB_TX_{n}DAY_WINDOW"),
        mean("TX_AMOUNT").over(days(n)).named(f"CUSTOMER_ID_AVG_AMOUNT_{n}DAY_WINDOW"),
    )
    terminal_risk.features(
        count().over(days(n), offset=days(7)).named(f"TERMINAL_ID_NB_TX_{n}DAY_WINDOW"),
        rate("fraud").over(days(n), offset=days(7)).fill(0.0).named(f"TERMINAL_ID_RISK_{n}DAY_WINDOW"),
    )

handbook_features = FeatureTable(
    "handbook_features",
    spine=Spine(transactions, as_of="TX_DATETIME", known=["CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT"]),
    row_features=["TX_AMOUNT"],
    derived={
        "TX_DURING_WEEKEND": "CAST(weekday(TX_DATETIME) >= 5 AS INT)",
        "TX_DURING_NIGHT": "CAST(hour(TX_DATETIME) <= 6 AS INT)",
    },
    feature_sets=[customer_spending, terminal_risk],
)
