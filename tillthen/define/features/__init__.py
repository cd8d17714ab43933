"""What features are made of: windows, aggregations, feature sets."""
