"""A world of card payments in which the truth is known."""
