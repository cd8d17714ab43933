"""What is too few to be read as a figure: one number each for what is computed, what is shown and what captions say."""

FEW = 20
"""Below so many rows or positives a figure of them is not shown, or said to rest on too few."""
FEWEST_DAYS = 20
"""Below so many days no interval is given."""
