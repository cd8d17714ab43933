"""One partition of a stage in a worker: Arrow batches in, features out. No Spark."""
