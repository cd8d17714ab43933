"""The engine in Spark: spine and events through one shuffle an entity to the workers."""
