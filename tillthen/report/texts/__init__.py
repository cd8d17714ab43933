"""Numbers, times and metrics as people read them."""
