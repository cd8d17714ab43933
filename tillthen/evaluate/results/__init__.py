"""What the facts say of models, from sums and statistics."""
