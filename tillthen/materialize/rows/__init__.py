"""The rows of a feature table: inputs, spine, features, and the gates they pass."""
