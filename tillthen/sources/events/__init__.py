"""From a table's rows to events, each with the interval in which it is known."""
