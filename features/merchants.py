"""How busy a merchant is, and how risky it has turned out to be."""

from tillthen import count, count_distinct, days, feature_set, hours, mean, rate, sum

from .payments import answers, authorizations, disputes


@feature_set(source=authorizations, entity="merchant_id", owner="fraud-features")
def merchant_volume(authorizations):
    """How many cards pay at a merchant, and how much."""
    return authorizations.select("merchant_id", "card_id", "amount_minor")


merchant_volume.features(
    count().over(hours(1), hours(24), days(30)),
    count_distinct("card_id").over(hours(1)),
    mean("amount_minor").over(hours(1), days(30)),
)


@feature_set(source=answers, entity="merchant_id", owner="fraud-features")
def merchant_answers(answers):
    """How issuers answer a merchant: a thief who tries cards is mostly declined."""
    return answers.select("merchant_id", declined="response_code <> '00'")


merchant_answers.features(rate("declined").over(hours(1), hours(24), days(30)))


@feature_set(source=disputes, entity="merchant_id", owner="fraud-features")
def merchant_risk(disputes):
    """Frauds at a merchant that have been reported by now and are not won."""
    return disputes.where("reason_code LIKE '10.%'").select("merchant_id", "amount_minor")


merchant_risk.features(
    count().over(days(30), days(90)),
    sum("amount_minor").over(days(90)),
)
