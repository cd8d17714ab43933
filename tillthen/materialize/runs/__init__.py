"""The jobs that write: builds, restatements, ingestion, maintenance."""
