"""From features and labels as known at a cut-off to a probability."""
