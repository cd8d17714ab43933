"""What a user declares; checked when it is made, without Spark."""
