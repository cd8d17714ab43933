"""The feature table of card fraud: one row for each authorization, as of the moment it is asked for."""

from tillthen import FeatureTable, Spine

from .cards import card_answers, card_at_merchant, card_velocity
from .issuers import issuer_approval
from .merchants import merchant_answers, merchant_risk, merchant_volume
from .payments import authorizations

card_fraud_features = FeatureTable(
    "card_fraud_features",
    spine=Spine(
        authorizations,
        as_of="authorized_at",
        known=["card_id", "issuer_id", "merchant_id", "mcc", "amount_minor", "channel", "card_country",
               "merchant_country", "attempt"],
    ),
    row_features=["amount_minor", "attempt"],
    derived={
        "amount_log": "ln(amount_minor)",
        "online": "CAST(channel = 'ecommerce' AS INT)",
        "foreign": "CAST(card_country <> merchant_country AS INT)",
        "easily_resold": "CAST(mcc IN ('5732', '5816', '5947', '7995') AS INT)",
        "hour": "hour(authorized_at)",
        "night": "CAST(hour(authorized_at) < 6 AS INT)",
        "weekend": "CAST(weekday(authorized_at) >= 5 AS INT)",
    },
    feature_sets=[card_velocity, card_answers, card_at_merchant, merchant_volume, merchant_answers, merchant_risk,
                  issuer_approval],
)  # fmt: skip
