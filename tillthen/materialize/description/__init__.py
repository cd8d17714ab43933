"""Tables and features in words: catalogue, origins, lineage."""
