"""What a built table is asked: whether it holds, and why a value is what it is."""
