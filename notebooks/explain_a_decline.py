# %% [markdown]
# # Explain a declined payment
#
# A cardholder calls: why was my payment declined? The answer has three layers: what each action was expected to cost,
# which features moved the score, and which events made such a feature's value.
#
# It reads what `make demo` made. Jupyter and VS Code run a notebook in its own folder; for other data set
# `TILLTHEN_CONF` to another configuration.

# %%
import os

import pandas as pd
from pyspark.sql import functions as F

from tillthen.backtest.finished import open_finished
from tillthen.materialize.answers.explain import answer, find, shown, words
from tillthen.pit.audit.explain import Question
from tillthen.runtime.config import load_config
from tillthen.runtime.session import spark_session

CONF = os.environ.get("TILLTHEN_CONF", "../conf/local.yaml")

config = load_config(CONF)
project = config.project()
spark = spark_session(config.spark)
backtest = project.backtest("card_fraud")
scores = open_finished(spark, config, backtest).scores

# %% [markdown]
# ## The payment
# Of what the challenger would have declined we take the payment with the highest probability of fraud. To look up
# another one, put `F.col("row_id") == ...` in place of the action.

# %%
declined = scores.where((F.col("model") == backtest.challenger) & (F.col("action") == "decline"))
payment = declined.orderBy(F.desc("probability"), "row_id").limit(1).toArrow().to_pylist()[0]
pd.Series({name: payment[name] for name in ("row_id", "card", "as_of", "amount", "score", "probability", "label")})

# %% [markdown]
# `label` is what it turned out to be: 1 a fraud, 0 genuine, nothing where nobody knows.
#
# ## What each action was expected to cost
# p x cost on a fraud + (1 - p) x cost on a genuine payment, in minor units; the cheapest is what is done.

# %%
p = payment["probability"]
costs = pd.DataFrame(
    {action: {what: payment[f"{action}_{what}"] for what in ("fraud", "genuine")} for action in backtest.costs.actions}
).T
costs["expected"] = p * costs["fraud"] + (1 - p) * costs["genuine"]
assert costs["expected"].idxmin() == payment["action"]
costs

# %% [markdown]
# ## Which features moved the score
# At most five, the strongest first. `contribution` is what the feature adds to the log odds of fraud: above 0 it speaks
# for fraud, below 0 against it. No value means that there was nothing to compute it from.

# %%
reasons = pd.DataFrame(payment["reasons"])
reasons

# %% [markdown]
# The model has read these values from the feature table, where the payment is a row.

# %%
table = backtest.table
features = spark.read.format("delta").load(f"{config.warehouse}/{table.folder}")
row = features.where(F.col(table.spine.source.id) == payment["row_id"]).toArrow().to_pylist()[0]
in_table = reasons["feature"].map(lambda name: row[name]).astype("float64")
assert in_table.equals(reasons["value"].astype("float64"))

# %% [markdown]
# ## Which events made the value
# Of the reasons that look at the past we take the strongest. First what the feature is and which clocks hide what:

# %%
windowed = {feature.name for group in table.feature_sets for feature in group.declared}
name = next(name for name in reasons["feature"] if name in windowed)
group, feature = find(project, name)
print("\n".join(words(group, feature)))

# %% [markdown]
# Then the events of this card, merchant or issuer that made the value, and those just outside with the reason: too old,
# not yet known when the payment was decided on, or no longer true by then. On the command line this is
# `tillthen explain FEATURE --key KEY --at TIME`.

# %%
found = answer(config, group, feature, Question([str(row[key]) for key in group.entity], payment["as_of"]))
print("\n".join(shown(feature, found, limit=10)))

# %% [markdown]
# The value that these events make is the one in the feature table, and so the one that the model has read.

# %%
assert found.value == row[name]
pd.Series({"explained": found.value, "in the feature table": row[name]}, name=name)
