"""What feature tables are made of: spines and feature sets."""
