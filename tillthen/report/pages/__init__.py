"""Whole pages and files: one report, the index, comparisons, the catalogue, the summary."""
