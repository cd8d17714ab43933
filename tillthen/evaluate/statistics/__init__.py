"""Ranking, calibration and intervals, from sums."""
