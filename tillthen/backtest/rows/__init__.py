"""What a backtest reads: built rows with their outcomes, windows and what is left out."""
