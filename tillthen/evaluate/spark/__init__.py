"""From the table of scores to sums, in Spark."""
