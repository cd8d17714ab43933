"""What a card usually does, and what it does now."""

from tillthen import count, count_distinct, days, feature_set, hours, last, max, mean, rate, stddev, sum

from .payments import answers, authorizations


@feature_set(source=authorizations, entity="card_id", owner="fraud-features")
def card_velocity(authorizations):
    """How often, how much, where and how a card pays."""
    return authorizations.select(
        "card_id",
        "amount_minor",
        "merchant_id",
        foreign="card_country <> merchant_country",
        online="channel = 'ecommerce'",
    )


card_velocity.features(
    count().over(hours(1), hours(24), days(7), days(30)),
    sum("amount_minor").over(hours(1), hours(24), days(7)),
    mean("amount_minor").over(days(7), days(30)),
    max("amount_minor").over(hours(24), days(30)),
    stddev("amount_minor").over(days(30)),
    count_distinct("merchant_id").over(hours(24), days(7)),
    rate("foreign").over(days(7), days(30)),
    rate("online").over(hours(24), days(30)),
    last("amount_minor").over(days(30)),
)


@feature_set(source=answers, entity="card_id", owner="fraud-features")
def card_answers(answers):
    """How a card's issuer answers, and whether its holder could be authenticated."""
    return answers.select("card_id", declined="response_code <> '00'", refused="three_ds = 'N'")


card_answers.features(
    count(where="declined").over(hours(1), hours(24)),
    rate("declined").over(days(7), days(30)),
    count(where="refused").over(days(7)),
)


@feature_set(source=authorizations, entity=["card_id", "merchant_id"], owner="fraud-features")
def card_at_merchant(authorizations):
    """Whether the card knows the merchant."""
    return authorizations.select("card_id", "merchant_id", "amount_minor")


card_at_merchant.features(
    count().over(hours(1), days(30)),
    mean("amount_minor").over(days(30)),
)
