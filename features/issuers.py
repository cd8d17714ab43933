"""How readily an issuer approves."""

from tillthen import days, feature_set, hours, rate

from .payments import answers


@feature_set(source=answers, entity="issuer_id", owner="fraud-features")
def issuer_approval(answers):
    """Share of an issuer's answers that approve."""
    return answers.select("issuer_id", approved="response_code = '00'")


issuer_approval.features(rate("approved").over(hours(24), days(7)))
