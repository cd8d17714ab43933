"""Had this model decided since then: folds by the label clock, decisions in money, facts for the report."""
