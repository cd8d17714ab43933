"""From a backtest's facts to one page: facts -> figures and tables -> sections -> report.html. No Spark."""
