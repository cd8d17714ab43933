"""The point-in-time engine: what was known at the time of each decision."""
