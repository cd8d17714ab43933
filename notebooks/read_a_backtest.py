# %% [markdown]
# # Read a backtest, and ask it more
#
# The report answers the usual questions. This notebook reads what is behind it, `facts.json` and the table of scores,
# for the others: other slices, other costs. Money is in minor units (cents).
#
# It reads what `make demo` made. Jupyter and VS Code run a notebook in its own folder; for other data set
# `TILLTHEN_CONF` to another configuration.

# %%
import math
import os

import pandas as pd

from tillthen.backtest.finished import open_finished
from tillthen.evaluate.results.whatif import what_if
from tillthen.runtime.config import load_config
from tillthen.runtime.session import spark_session

CONF = os.environ.get("TILLTHEN_CONF", "../conf/local.yaml")

config = load_config(CONF)
project = config.project()
backtest = project.backtest("card_fraud")
finished = open_finished(spark_session(config.spark), config, backtest)

# %% [markdown]
# ## The verdict
# Champion against challenger at the operating point. `lower` and `upper` bound the difference with 95%.

# %%
print("\n".join(finished.facts["verdict"]["sentences"]))
verdict = pd.DataFrame(finished.facts["verdict"]["rows"]).set_index("title")
verdict[["champion", "challenger", "difference", "lower", "upper", "better"]]

# %% [markdown]
# What the challenger's probabilities would have cost under each policy. The oracle knows the outcome: nothing can be
# cheaper.

# %%
model = finished.model(backtest.challenger)
policies = pd.DataFrame(model["policies"]).set_index("name")
policies[["title", "cost", "savings", "approval_rate", "insult_rate", "value_detection_rate"]]

# %% [markdown]
# ## The payments themselves
# One row for each payment of the test windows: its probability, what was decided, what it was, what each action costs.
# These are the rows that the figures count: their outcome is known, and none is left out. `finished.scores` is the
# whole table, as a Spark frame.

# %%
rows = finished.counted(backtest.challenger)
rows[["row_id", "card", "as_of", "fold", "amount", "probability", "action", "label"]].head()

# %% [markdown]
# `what_if` decides every row anew and says what that costs; without changes it gives what the backtest decided.

# %%
decided = what_if(backtest.costs, rows)
assert (decided["action"] == rows["action"]).all()
assert math.isclose(decided["cost"].sum(), policies.loc["bayes_minimum_risk", "cost"], rel_tol=1e-9)
decided.groupby("action")["cost"].agg(["size", "sum"])

# %% [markdown]
# ## Other slices
# Any column can be a slice, also one that the backtest does not declare as a segment: the amount, say, or the hour.
# Look at the number of frauds before you believe a slice.


# %%
def by(slices):
    """Payments, frauds and costs of each slice, the dearest first."""
    told = rows.assign(
        cost=decided["cost"],
        declined=rows["action"] == "decline",
        insulted=(rows["action"] == "decline") & (rows["label"] == 0),
    ).groupby(slices, observed=True)
    table = told.agg(
        payments=("label", "size"),
        frauds=("label", "sum"),
        declined=("declined", "mean"),
        insults=("insulted", "sum"),
        cost=("cost", "sum"),
    )
    return table.assign(cost_per_payment=table["cost"] / table["payments"]).sort_values("cost", ascending=False)


amounts = by(
    pd.cut(rows["amount"], [0, 1_000, 5_000, 20_000, math.inf], labels=["up to 10", "up to 50", "up to 200", "more"])
)
amounts

# %% [markdown]
# Slices of one column are all of the payments, so their costs add up to the facts' total.

# %%
hours = by(rows["as_of"].dt.hour // 6 * 6)
assert hours["payments"].sum() == len(rows)
assert math.isclose(hours["cost"].sum(), policies.loc["bayes_minimum_risk", "cost"], rel_tol=1e-9)
hours

# %%
by([rows["segment_channel"], rows["segment_abroad"]])

# %% [markdown]
# ## Other costs
# What if customers left more often after a wrong decline, or a chargeback cost more? These inputs can be changed:

# %%
pd.Series(backtest.costs.inputs, name="declared")

# %%
tried = {
    "as declared": {},
    "chargebacks cost EUR 50": {"chargeback_fee": 5_000},
    "3% leave after a decline": {"churn": 0.03},
    "reviewers are often wrong": {"review_misses": 0.3, "review_insults": 0.2},
}
outcomes = {name: what_if(backtest.costs, rows, **changed) for name, changed in tried.items()}
pd.DataFrame(
    {
        name: {
            "cost": found["cost"].sum(),
            **found["action"].value_counts().to_dict(),
            "decided otherwise": (found["action"] != rows["action"]).sum(),
        }
        for name, found in outcomes.items()
    }
).T.fillna(0)

# %% [markdown]
# Where costs are uncertain, look at a range: the verdict stands for as long as the same curve is the lower one.

# %%
money = backtest.costs.money
CHURN = [0.0, 0.005, 0.01, 0.02, 0.04, 0.08]
curves = pd.DataFrame(
    {
        name: [
            money.major(what_if(backtest.costs, finished.counted(name), churn=churn)["cost"].sum()) for churn in CHURN
        ]
        for name in (backtest.champion, backtest.challenger)
    },
    index=pd.Index(CHURN, name="share of declined customers who leave"),
)
curves.plot(marker="o", figsize=(8, 3), ylabel=f"cost, {money.code}", title="Cost if more customers leave")
curves

# %% [markdown]
# Were the probabilities right, dearer mistakes could not make the total fall. Where a curve falls all the same, they
# are off, or there are too few frauds to say.
