"""From a probability to a decision: pure functions of arrays, the same for a backtest and for serving."""
