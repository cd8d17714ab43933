"""The leak audit: built values against the oracle, and the events behind a value."""
