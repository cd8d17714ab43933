"""The card business's tables, each with both of its clocks."""

from tillthen import Source

authorizations = Source(
    "authorizations",
    id="authorization_id",
    event_time="authorized_at",
    known_time="ingested_at",
    columns={
        "card_id": "string",
        "issuer_id": "string",
        "merchant_id": "string",
        "mcc": "string",
        "amount_minor": "bigint",
        "channel": "string",
        "card_country": "string",
        "merchant_country": "string",
        "attempt": "int",
    },
)
# The same rows again: what the issuer answered is known later than what it was asked.
answers = Source(
    "answers",
    table="authorizations",
    id="authorization_id",
    event_time="authorized_at",
    known_time="answered_at",
    columns={"response_code": "string", "three_ds": "string"},
)
# A dispute counts from its arrival on, and no longer once it is won.
disputes = Source(
    "disputes",
    id="dispute_id",
    event_time="disputed_at",
    known_time="arrived_at",
    retracted_time="reversed_at",
    columns={"authorization_id": "bigint", "reason_code": "string", "amount_minor": "bigint"},
)
