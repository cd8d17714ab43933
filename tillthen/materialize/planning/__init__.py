"""What there is to do: from ledgers and logs, without Spark."""
