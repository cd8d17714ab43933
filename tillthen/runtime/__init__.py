"""What a run stands on: configuration, the Spark session, progress and status."""
