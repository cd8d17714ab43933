"""What backtests are made of: models, folds, costs and gates."""
