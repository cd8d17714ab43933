"""Folds: trained, scored and noted, each part once."""
