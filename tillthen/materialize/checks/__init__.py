"""Declarations against the tables they read, by schemas alone."""
