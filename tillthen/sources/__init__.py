"""Readers, schema checks, and the interval in which each row of a source is known."""
