"""Sums over scored rows: all that evaluation knows of them. No Spark."""
