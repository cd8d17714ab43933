# %% [markdown]
# # Explore features as of a time
#
# A feature answers a question about the past of a card or a merchant, as somebody could have answered it at a given
# instant, `as_of`. This notebook shows on the demo's data what that changes: a payment that reached us hours late, and
# frauds that are reported weeks after they happened.
#
# It reads what `make demo` made. Jupyter and VS Code run a notebook in its own folder; for other data set
# `TILLTHEN_CONF` to another configuration.

# %%
import os
from datetime import timedelta

import pandas as pd
from pyspark.sql import functions as F

from tillthen import Source, count, days, feature_set, mean, point_in_time
from tillthen.materialize.rows.inputs import read_inputs
from tillthen.runtime.config import load_config
from tillthen.runtime.session import spark_session

CONF = os.environ.get("TILLTHEN_CONF", "../conf/local.yaml")

config = load_config(CONF)
project = config.project()
spark = spark_session(config.spark)

# %% [markdown]
# ## What there is
# The features that the team has declared, by the table that a model is trained on.

# %%
table = project.table("card_fraud_features")
pd.DataFrame(
    [
        {
            "feature": feature.name,
            "of": ", ".join(group.entity),
            "source": group.source.name,
            "about": group.description,
        }
        for group in table.feature_sets
        for feature in group.declared
    ]
)

# %% [markdown]
# The tables behind them, as Spark frames. Nothing but their schemas is read yet.

# %%
inputs = read_inputs(spark, config, table.sources)
authorizations = next(source for source in table.sources if source.name == "authorizations")
payments = inputs.frames["authorizations"]
payments.limit(5).toArrow().to_pandas()

# %% [markdown]
# ## A payment that came late
# `authorized_at` is when a payment happened, `ingested_at` when a decision could have used it. Most arrive within
# seconds; a few take hours, and this is the one that took the longest.

# %%
slowest = payments.orderBy(F.desc(F.col("ingested_at") - F.col("authorized_at")), "authorization_id").limit(1)
late = slowest.toArrow().to_pylist()[0]
{name: str(late[name]) for name in ("authorization_id", "card_id", "authorized_at", "ingested_at")}

# %% [markdown]
# A feature can be tried before it is registered anywhere: row logic is a function, aggregation is data.


# %%
@feature_set(source=authorizations, entity="card_id")
def habits(authorizations):
    """What a card usually does."""
    return authorizations.select("card_id", "amount_minor")


habits.features(count().over(days(30)), mean("amount_minor").over(days(30)))

# %% [markdown]
# We ask for it at three instants, one row each. The rows to ask for are called the *spine*.

# %%
moment = timedelta(microseconds=1)
asked = [
    ("just after it happened", late["card_id"], late["authorized_at"] + moment),
    ("just before it was known", late["card_id"], late["ingested_at"] - moment),
    ("when it was known", late["card_id"], late["ingested_at"]),
]
spine = spark.createDataFrame(asked, "asked string, card_id string, as_of timestamp")
seen = point_in_time(spine, [habits], sources=inputs.frames).toArrow().to_pandas().sort_values("as_of")
seen

# %% [markdown]
# The count goes up by one when the payment becomes known, not when it happened. A query that only looks at
# `authorized_at` counts it at once, and a model that was trained on such counts knows more than it will in production.

# %%
before = asked[1][2]
same_card = payments.where(F.col("card_id") == late["card_id"])
in_window = (F.col("authorized_at") >= before - timedelta(days=30)) & (F.col("authorized_at") < before)
by_event_time_alone = same_card.where(in_window).select("authorization_id").distinct().count()

counts = seen.set_index("asked")["habits__count_30d"]
assert counts["when it was known"] == counts["just before it was known"] + 1
assert by_event_time_alone > counts["just before it was known"]
pd.Series(
    {"by event time alone": by_event_time_alone, "as known": counts["just before it was known"]}, name="count_30d"
)

# %% [markdown]
# ## Frauds that are reported later
# A dispute is filed on one day, reaches us on another, and may be won in the end. Here is the merchant with the most
# reported frauds, on every day: `merchant_risk` as declared, and the same count with hindsight, from a source that has
# neither a `known_time` nor a `retracted_time`.

# %%
FRAUD = "reason_code LIKE '10.%'"
hindsight = Source("hindsight", table="disputes", id="dispute_id", event_time="disputed_at")


@feature_set(source=hindsight, entity="merchant_id")
def with_hindsight(disputes):
    """Frauds at a merchant, counted from the day on which they were filed."""
    return disputes.where(FRAUD).select("merchant_id")


with_hindsight.features(count().over(days(30)))

# %%
by_merchant = inputs.frames["disputes"].where(FRAUD).groupBy("merchant_id").count()
merchant = by_merchant.orderBy(F.desc("count"), "merchant_id").select("merchant_id").limit(1)
span = payments.selectExpr("date_trunc('DAY', min(authorized_at)) AS first", "max(authorized_at) AS last")
every_day = span.selectExpr("explode(sequence(first, last, INTERVAL 1 DAY)) AS as_of").crossJoin(merchant)

sets = [project.feature_sets["merchant_risk"], with_hindsight]
risk = point_in_time(every_day, sets, sources=inputs.frames).toArrow().to_pandas().sort_values("as_of")
curves = risk[["merchant_risk__count_30d", "with_hindsight__count_30d"]].set_axis(
    ["as known", "with hindsight"], axis=1
)
curves.index = risk["as_of"].dt.strftime("%d %b")
curves.plot(drawstyle="steps-post", figsize=(10, 3), title="Frauds of the last 30 days at one merchant")

# %% [markdown]
# Where the curves part, hindsight counts reports that had not arrived, and those that the merchant won later.

# %%
assert (curves["as known"] <= curves["with hindsight"]).all()
assert (curves["as known"] < curves["with hindsight"]).any()
curves[curves["as known"] < curves["with hindsight"]].head(10)
